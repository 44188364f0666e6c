//! From the parser's lines and columns to bytes of the text.

use super::Span;
use sqlparser::ast::Ident;
use sqlparser::tokenizer::{Location, Span as Lines};

/// A text's lines.
pub(super) struct Places {
    lines: Vec<Line>,
    end: usize,
}

struct Line {
    start: usize,
    /// Where each character begins; none where each is one byte.
    characters: Option<Vec<usize>>,
}

impl Places {
    pub fn new(text: &str) -> Places {
        let mut start = 0;
        let line = |piece: &str| {
            let characters = (!piece.is_ascii()).then(|| piece.char_indices().map(|(at, _)| start + at).collect());
            let line = Line { start, characters };
            start += piece.len();
            line
        };
        Places { lines: text.split_inclusive('\n').map(line).collect(), end: text.len() }
    }

    /// The bytes of a span whose lines and columns count from 1, columns in characters.
    pub fn span(&self, span: Lines) -> Span {
        let (from, to) = (self.offset(span.start), self.offset(span.end));
        Span { offset: from, length: to.saturating_sub(from) }
    }

    /// From the first to the last of the parts of a name.
    pub fn name<'i>(&self, parts: impl IntoIterator<Item = &'i Ident>) -> Span {
        let mut parts = parts.into_iter().map(|part| part.span);
        let Some(first) = parts.next() else { return Span { offset: 0, length: 0 } };
        let last = parts.last().unwrap_or(first);
        self.span(Lines { start: first.start, end: last.end })
    }

    fn offset(&self, at: Location) -> usize {
        let line = usize::try_from(at.line).unwrap_or(usize::MAX).saturating_sub(1);
        let column = usize::try_from(at.column).unwrap_or(usize::MAX).saturating_sub(1);
        let Some(found) = self.lines.get(line) else { return 0 };
        let end = self.lines.get(line + 1).map_or(self.end, |next| next.start);
        match &found.characters {
            None => found.start.saturating_add(column).min(end),
            Some(characters) => characters.get(column).copied().unwrap_or(end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "ä b\nc 𝄞 d";
        let places = Places::new(text);
        let at = |line, column| Location { line, column };
        let span = places.span(Lines { start: at(1, 3), end: at(1, 4) });
        assert_eq!((span.offset, span.length), (3, 1));
        let span = places.span(Lines { start: at(2, 3), end: at(2, 6) });
        assert_eq!(&text[span.offset..span.offset + span.length], "𝄞 d");
        assert_eq!(places.span(Lines { start: at(9, 9), end: at(0, 0) }), Span { offset: 0, length: 0 });
    }
}
