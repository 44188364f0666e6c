//! Ephemeral upstream nodes written into a query as common table expressions.

use super::{NodeId, SqlBody};
use crate::render::Concealed;
use crate::syntax::sql::{Lexicon, Token, TokenKind, tokens_in, without_terminator};

/// What a `ref()` of an ephemeral node renders as.
pub fn table_name(stem: &str) -> String {
    format!("__ff_{stem}")
}

/// A query with its ephemeral upstream nodes inside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compiled {
    pub text: Concealed,
    /// Where the texts of nodes stand in it, in order.
    pieces: Vec<Piece>,
}

/// A part of a node's own text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    start: usize,
    end: usize,
    node: NodeId,
    /// Byte offset in the node's text.
    from: usize,
}

impl Compiled {
    /// Whose text stands at a byte offset, and where in that.
    pub fn piece(&self, offset: usize) -> Option<(NodeId, usize)> {
        // What an engine complains of at the end of a text may stand behind it.
        let found = self.pieces.iter().find(|piece| piece.start <= offset && offset <= piece.end)?;
        Some((found.node, found.from + (offset - found.start)))
    }

    /// Where a byte of a node's text stands.
    pub fn place(&self, node: NodeId, offset: usize) -> Option<usize> {
        let mut pieces = self.pieces.iter().filter(|piece| piece.node == node);
        let found = pieces.find(|piece| (piece.from..=piece.from + (piece.end - piece.start)).contains(&offset))?;
        Some(found.start + (offset - found.from))
    }
}

/// The query of `node` with `ephemeral` nodes in front as common table expressions, joined to those that it has.
pub fn inline(node: NodeId, query: &Concealed, ephemeral: &[(NodeId, &SqlBody)], lexicon: Lexicon) -> Compiled {
    let mut writer = Writer::default();
    if ephemeral.is_empty() {
        writer.text(node, query, 0);
        return writer.finish();
    }
    let own = own_expressions(query.shown(), lexicon);
    let (head, tail) = (own.unwrap_or(0), query.shown().len());
    writer.text(node, &query.slice(0..head), 0);
    writer.glue(if own.is_some() { " " } else { "with " });
    for (number, (up, body)) in ephemeral.iter().enumerate() {
        let text = body.rendered.with_shown(without_terminator(body.rendered.shown(), lexicon));
        let shown = text.shown();
        let start = shown.len() - shown.trim_start().len();
        let end = shown.trim_end().len().max(start);
        writer.glue(&format!("{}{} as (\n", if number > 0 { ",\n" } else { "" }, body.inlined_as));
        writer.text(*up, &text.slice(start..end), start);
        writer.glue("\n)");
    }
    writer.glue(if own.is_some() { "," } else { "\n" });
    writer.text(node, &query.slice(head..tail), head);
    writer.finish()
}

/// A text in the making.
#[derive(Default)]
struct Writer {
    texts: Vec<Concealed>,
    pieces: Vec<Piece>,
    length: usize,
}

impl Writer {
    fn glue(&mut self, text: &str) {
        self.length += text.len();
        self.texts.push(Concealed::plain(text));
    }

    fn text(&mut self, node: NodeId, text: &Concealed, from: usize) {
        let (start, end) = (self.length, self.length + text.shown().len());
        if start < end {
            self.pieces.push(Piece { start, end, node, from });
        }
        self.length = end;
        self.texts.push(text.clone());
    }

    fn finish(self) -> Compiled {
        Compiled { text: Concealed::joined(&self.texts), pieces: self.pieces }
    }
}

/// Where the common table expressions of a query that has some begin: behind `with` or `with recursive`.
fn own_expressions(query: &str, lexicon: Lexicon) -> Option<usize> {
    let mut words = tokens_in(query, lexicon).filter(|token| token.kind != TokenKind::Trivia);
    let end =
        |token: Token<'_>, word: &str| token.text.eq_ignore_ascii_case(word).then_some(token.start + token.text.len());
    let with = end(words.next()?, "with")?;
    Some(words.next().and_then(|token| end(token, "recursive")).unwrap_or(with))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Node 9 over nodes 0, 1 …
    fn inlined(query: &str, ephemeral: &[(&str, &str)]) -> Compiled {
        let body = |(name, text): &(&str, &str)| SqlBody {
            rendered: Concealed::plain(text),
            inlined_as: (*name).into(),
            ..SqlBody::default()
        };
        let bodies: Vec<SqlBody> = ephemeral.iter().map(body).collect();
        let expressions: Vec<_> = bodies.iter().enumerate().collect();
        inline(9, &Concealed::plain(query), &expressions, Lexicon::STANDARD)
    }

    /// Each node's text is found where it stands, both ways.
    fn holds(compiled: &Compiled, node: NodeId, own: &str, word: &str) {
        let at = compiled.text.shown().find(word).unwrap();
        let there = own.find(word).unwrap();
        assert_eq!(compiled.piece(at), Some((node, there)), "{word}");
        assert_eq!(compiled.place(node, there), Some(at), "{word}");
    }

    #[test]
    fn a_plain_query_gets_a_with() {
        let compiled = inlined("select 1 from a", &[("a", "select 2; -- two\n")]);
        assert_eq!(compiled.text.shown(), "with a as (\nselect 2  -- two\n)\nselect 1 from a");
        holds(&compiled, 9, "select 1 from a", "from a");
        holds(&compiled, 0, "select 2; -- two\n", "two");
        assert_eq!(compiled.piece(0), None);
    }

    #[test]
    fn a_query_with_its_own_expressions_keeps_them() {
        let query = "-- c\nWITH RECURSIVE b as (select 1) select * from a";
        let compiled = inlined(query, &[("a", "\n select 2")]);
        assert_eq!(compiled.text.shown(), "-- c\nWITH RECURSIVE a as (\nselect 2\n), b as (select 1) select * from a");
        holds(&compiled, 9, query, "RECURSIVE");
        holds(&compiled, 9, query, "from a");
        holds(&compiled, 0, "\n select 2", "2");
        let compiled = inlined("with b as (select 1) select 1", &[("a", "select 2"), ("c", "select 3")]);
        assert_eq!(compiled.text.shown(), "with a as (\nselect 2\n),\nc as (\nselect 3\n), b as (select 1) select 1");
        holds(&compiled, 1, "select 3", "3");
    }
}
