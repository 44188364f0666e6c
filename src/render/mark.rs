//! Marks in rendered text that stand for relations, filled in once every relation's place is known, and for secrets,
//! whose values enter only the text that is sent to an engine.
//!
//! A mark is `STX kind name ETX`: control characters that no SQL text holds.

use crate::syntax::moves::Moves;
use std::borrow::Cow;

const START: char = '\u{2}';
const END: char = '\u{3}';

/// What a mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark<'a> {
    /// A `ref()`, by the name it was given.
    Reference(&'a str),
    /// An `env()` of a secret variable.
    Secret(&'a str),
    /// A `source()`: group and table.
    Source(&'a str, &'a str),
    /// The model's own relation.
    This,
    /// One of the texts that aren't shown, by its number. Templates have no way to it.
    Hidden(usize),
    /// The project's folder with a `/` behind it, in front of a source's path. Templates have no way to it.
    Project,
}

impl Mark<'_> {
    /// What a person, and a fingerprint, reads in the mark's place.
    pub fn logical(self) -> String {
        match self {
            Mark::Reference(name) => format!("‹ref:{}›", inert(name)),
            Mark::Secret(name) => secret_placeholder(name),
            Mark::Source(group, table) => format!("‹source:{}.{}›", inert(group), inert(table)),
            Mark::This => "‹this›".into(),
            Mark::Project | Mark::Hidden(_) => String::new(),
        }
    }
}

/// What stands for a secret's value in everything but the text sent to an engine.
pub fn secret_placeholder(name: &str) -> String {
    format!("‹env:{name}›")
}

impl std::fmt::Display for Mark<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Mark::Reference(name) => write!(f, "{START}r{name}{END}"),
            Mark::Secret(name) => write!(f, "{START}e{name}{END}"),
            Mark::Source(group, table) => write!(f, "{START}s{group}\t{table}{END}"),
            Mark::This => write!(f, "{START}t{END}"),
            Mark::Project => write!(f, "{START}p{END}"),
            Mark::Hidden(number) => write!(f, "{START}h{number}{END}"),
        }
    }
}

/// Replaces each mark of `text` by what `fill` gives for it.
pub fn replace(text: &str, mut fill: impl FnMut(Mark<'_>) -> String) -> String {
    replace_moved(text, |mark, _| fill(mark)).0
}

/// The same, with how the text's offsets moved; `fill` is told where what it gives will stand.
pub fn replace_moved(text: &str, mut fill: impl FnMut(Mark<'_>, usize) -> String) -> (String, Moves) {
    let mut out = String::with_capacity(text.len() + 64);
    let mut moves = Moves::default();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(START) {
        out.push_str(before);
        moves.push(out.len(), text.len() - after.len() - START.len_utf8());
        match after.split_once(END).and_then(|(inner, tail)| Some((parse(inner)?, tail))) {
            Some((mark, tail)) => {
                let filling = fill(mark, out.len());
                out.push_str(&filling);
                rest = tail;
            }
            None => rest = after,
        }
        moves.push(out.len(), text.len() - rest.len());
    }
    out.push_str(rest);
    (out, moves)
}

/// `text` with its marks overwritten, so that each of its offsets is the same: what reads SQL finds no quote, comment or
/// semicolon in a name.
pub fn overwritten(text: &str) -> String {
    replace(text, |mark| "x".repeat(mark.to_string().len()))
}

/// A name in which SQL finds no quote, comment or semicolon: each character that could begin one stands as its number.
fn inert(name: &str) -> Cow<'_, str> {
    let begins = |character: char| character.is_control() || "'\"`$#;/\\[]".contains(character);
    if !name.contains(begins) && !name.contains("--") {
        return Cow::Borrowed(name);
    }
    let character =
        |one: char| if begins(one) || one == '-' { format!("‹{:x}›", u32::from(one)) } else { one.to_string() };
    Cow::Owned(name.chars().map(character).collect())
}

/// Whether a text holds the beginning of a mark.
pub fn is_marked(text: &str) -> bool {
    text.contains(START)
}

/// Whether every mark of `text` is whole and one that `known` accepts. A filter may have altered one, and text from
/// outside may hold the same control characters.
pub fn intact(text: &str, mut known: impl FnMut(Mark<'_>) -> bool) -> bool {
    let mut pieces = text.split(START);
    let outside = |text: &str| !text.contains(END);
    pieces.next().is_none_or(outside)
        && pieces.all(|piece| match piece.split_once(END) {
            Some((inner, after)) => outside(after) && parse(inner).is_some_and(&mut known),
            None => false,
        })
}

fn parse(inner: &str) -> Option<Mark<'_>> {
    match inner.split_at_checked(1)? {
        ("r", name) => Some(Mark::Reference(name)),
        ("e", name) => Some(Mark::Secret(name)),
        ("s", both) => both.split_once('\t').map(|(group, table)| Mark::Source(group, table)),
        ("t", "") => Some(Mark::This),
        ("p", "") => Some(Mark::Project),
        ("h", number) => number.parse().ok().map(Mark::Hidden),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn altered_marks_are_seen() {
        let mark = Mark::Reference("a").to_string();
        let intact = |text: &str| intact(text, |mark| mark == Mark::Reference("a"));
        assert!(intact("") && intact("x") && intact(&format!("{mark} {mark}")));
        for text in
            [&mark.to_uppercase(), &mark[1..], &mark[..2], &format!("{mark}{END}"), "\u{2}rb\u{3}", "\u{2}\u{3}"]
        {
            assert!(!intact(text), "{text:?}");
        }
    }

    #[test]
    fn names_begin_no_quote_and_no_comment() {
        assert_eq!(Mark::Reference("stg-users.ff").logical(), "‹ref:stg-users.ff›");
        assert_eq!(Mark::Reference("it's a--b").logical(), "‹ref:it‹27›s a‹2d›‹2d›b›");
        assert_eq!(Mark::Source("a;b", "/*").logical(), "‹source:a‹3b›b.‹2f›*›");
        let text = format!("select {} ;", Mark::Reference("it's;"));
        let overwritten = overwritten(&text);
        assert_eq!((overwritten.len(), overwritten.find(['\'', ';'])), (text.len(), Some(text.len() - 1)));
    }

    #[test]
    fn marks_are_filled_in() {
        let text =
            format!("select * from {} join {} -- {}", Mark::Reference("a.ff"), Mark::Source("g", "t"), Mark::This);
        let filled = replace(&text, |mark| match mark {
            Mark::Reference(name) => format!("R({name})"),
            Mark::Source(group, table) => format!("S({group},{table})"),
            Mark::Secret(name) => format!("E({name})"),
            Mark::This => "T".into(),
            Mark::Project => "P/".into(),
            Mark::Hidden(number) => format!("H{number}"),
        });
        assert_eq!(filled, "select * from R(a.ff) join S(g,t) -- T");
    }
}
