//! Which piece of a template each piece of a rendered text was made by.

use crate::diagnostic::Location;
use crate::syntax::moves::Moves;
use minijinja::{OutputSpan, OutputSpanKind};
use std::sync::Arc;

/// From places in a rendered text back to its template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// By their offset in what the template gave, ascending.
    pieces: Arc<[Piece]>,
    /// What was done with that text since, in order.
    edits: Vec<Moves>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    at: usize,
    /// Byte offset in the template.
    source: usize,
    /// The template's own text, rather than what an expression of it gave.
    copied: bool,
}

/// Where a piece of a rendered text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub at: Location,
    /// The template says it itself; otherwise an expression that begins there gave it.
    pub copied: bool,
}

impl Origin {
    /// Of what the template engine tells, whose templates have `prefix` more bytes in front than their files.
    pub fn new(spans: &[OutputSpan], prefix: usize) -> Origin {
        let piece = |span: &OutputSpan| Piece {
            at: span.output_range().start,
            source: span.source_range().start.saturating_sub(prefix),
            copied: span.kind() == OutputSpanKind::Raw,
        };
        Origin { pieces: spans.iter().map(piece).collect(), edits: Vec::new() }
    }

    /// The same of a text that was edited.
    pub fn edited(mut self, moves: Moves) -> Origin {
        if moves != Moves::default() {
            self.edits.push(moves);
        }
        self
    }

    /// Where the byte at `offset` comes from: a place of `template`, the file at `path`.
    pub fn source(&self, offset: usize, path: &str, template: &str) -> Option<Source> {
        let offset = self.edits.iter().rev().fold(offset, |offset, moves| moves.before(offset));
        let found = self.pieces.partition_point(|piece| piece.at <= offset).checked_sub(1)?;
        let piece = self.pieces[found];
        let source = if piece.copied { piece.source + (offset - piece.at) } else { piece.source };
        let source = template.floor_char_boundary(source.min(template.len()));
        Some(Source { at: Location::at_offset(path, template, source), copied: piece.copied })
    }
}
