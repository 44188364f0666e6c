//! The line of SQL in which a column is named, with the name marked.

use crate::artifact::manifest::ManifestNode;
use crate::artifact::wire::Edge;
use crate::site::highlight::{Language, span_lines, write};

/// Bytes of a line that are shown on either side of the name.
const SIDE: usize = 36;

/// A piece of a node's text.
pub struct Snippet {
    /// As HTML.
    pub html: String,
}

/// Where a node's text names the column of an edge; nothing for declared lineage and withheld text.
pub fn of(node: &ManifestNode, edge: &Edge) -> Option<Snippet> {
    let (text, span) = (node.compiled.as_deref()?, edge.span?);
    let end = span.offset.checked_add(span.length)?;
    text.get(span.offset..end)?;
    let start = text[..span.offset].rfind('\n').map_or(0, |at| at + 1);
    let stop = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let indent = text[start..span.offset].len() - text[start..span.offset].trim_start().len();
    let from = text.ceil_char_boundary((start + indent).max(span.offset.saturating_sub(SIDE)));
    let to = text.floor_char_boundary(stop.min(end + SIDE));
    let mut html = String::new();
    if from > start + indent {
        html.push('…');
    }
    let mark = span.offset - from..end - from;
    let lines = span_lines(&text[from..to], Some(Language::Sql));
    let spans: Vec<_> = lines.into_iter().next().unwrap_or_default();
    write(&mut html, &spans, &[mark]);
    if to < stop {
        html.push('…');
    }
    Some(Snippet { html })
}
