//! Differences as people know them from code review: rows with line numbers, a sign, highlighted text.
//!
//! Takes what a cause recorded ([`TextDiff`], [`DataChange`](crate::plan::DataChange)) and gives views that print themselves as HTML. What was
//! cut is stated; what sight tells by colour is also told by a sign and by words.

mod data;
mod inline;
mod parse;
#[cfg(test)]
mod tests;

pub use data::{DataView, Fact, data};

use super::highlight::{self, Language, Span, span_lines};
use super::word::Thousands;
use crate::artifact::wire::TextDiff;
use askama::Template;
use askama::filters::HtmlSafe;
use parse::{Hunk, Side};
use std::ops::Range;

/// A diff to be shown; prints itself as HTML.
#[derive(Clone, Debug, PartialEq, Template)]
#[template(path = "diff.html")]
pub struct DiffView {
    pub added: usize,
    pub removed: usize,
    /// Lines of the diff that aren't kept.
    pub cut: usize,
    pub rows: Vec<Row>,
}

impl HtmlSafe for DiffView {}

#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// Where the lines that follow stand: `@@ -1,3 +1,4 @@`, and in words.
    Hunk {
        header: String,
        words: String,
    },
    Line(Line),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub side: Side,
    /// Line numbers from 1, on the sides that have the line.
    pub old: Option<usize>,
    pub new: Option<usize>,
    /// HTML.
    pub text: String,
    /// What can't be seen in the text.
    pub note: Option<&'static str>,
}

impl DiffView {
    /// `1 line added, 2 lines removed`.
    pub fn summary(&self) -> String {
        let counted = |count: usize| super::word::count(count, "line");
        match (self.added, self.removed) {
            (added, 0) => format!("{} added", counted(added)),
            (0, removed) => format!("{} removed", counted(removed)),
            (added, removed) => format!("{} added, {} removed", counted(added), removed.thousands()),
        }
    }
}

impl DiffView {
    /// The first changed lines alone, without what is around them.
    pub fn changed_lines(mut self, most: usize) -> DiffView {
        self.rows.retain(|row| matches!(row, Row::Line(line) if line.side != Side::Both));
        self.rows.truncate(most);
        DiffView { cut: 0, ..self }
    }
}

impl Line {
    fn class(&self) -> &'static str {
        match self.side {
            Side::Both => "same",
            Side::New => "add",
            Side::Old => "del",
        }
    }

    fn sign(&self) -> &'static str {
        match self.side {
            Side::Both => "",
            Side::New => "+",
            Side::Old => "−",
        }
    }

    fn word(&self) -> &'static str {
        match self.side {
            Side::Both => "unchanged",
            Side::New => "added",
            Side::Old => "removed",
        }
    }
}

/// The rows of a recorded diff.
pub fn view(diff: &TextDiff, language: Option<Language>) -> DiffView {
    let rows = parse::hunks(&diff.unified).iter().flat_map(|hunk| rows(hunk, language)).collect();
    DiffView { added: diff.added, removed: diff.removed, cut: diff.cut, rows }
}

fn rows(hunk: &Hunk<'_>, language: Option<Language>) -> Vec<Row> {
    let marks = inline::marks(hunk);
    let (old, new) = (side_spans(hunk, Side::Old, language), side_spans(hunk, Side::New, language));
    let (mut old, mut new) = (old.into_iter(), new.into_iter());
    let (mut old_number, mut new_number) = (hunk.old_start, hunk.new_start);
    let mut rows = vec![Row::Hunk { header: hunk.header(), words: hunk.words() }];
    for (line, mark) in hunk.lines.iter().zip(&marks) {
        let (in_old, in_new) = (line.side.has(Side::Old), line.side.has(Side::New));
        // A line of both sides is taken from both, and shown as the new one reads it.
        let before = in_old.then(|| old.next()).flatten();
        let spans = in_new.then(|| new.next()).flatten().or(before).unwrap_or_default();
        rows.push(Row::Line(Line {
            side: line.side,
            old: in_old.then_some(old_number),
            new: in_new.then_some(new_number),
            text: text(&spans, &mark.ranges),
            note: mark.note,
        }));
        old_number += usize::from(in_old);
        new_number += usize::from(in_new);
    }
    rows
}

/// The lines of one side of a hunk, highlighted together: a string or comment may run over several.
fn side_spans<'a>(hunk: &'a Hunk<'_>, side: Side, language: Option<Language>) -> Vec<Vec<Span<'a>>> {
    span_lines(hunk.text(side), language)
}

fn text(spans: &[Span<'_>], marks: &[Range<usize>]) -> String {
    let mut out = String::new();
    highlight::write(&mut out, spans, marks);
    out
}
