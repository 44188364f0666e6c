//! What differs inside a changed line: each removed line of a block is set beside the added one in its place.

use super::parse::{Hunk, HunkLine, Side};
use similar::{ChangeTag, TextDiff};
use std::ops::Range;

/// Pieces of a line beyond which nothing is marked: a minified text has no words to read.
const PIECES: usize = 400;

/// Below this likeness, from 0 to 1, two lines have nothing to do with each other.
const LIKENESS: f32 = 0.4;

/// What is marked in a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    /// Bytes of the line's text, in order and apart.
    pub ranges: Vec<Range<usize>>,
    pub note: Option<&'static str>,
}

/// One for each line of the hunk.
pub fn marks(hunk: &Hunk<'_>) -> Vec<Mark> {
    let mut marks = vec![Mark::default(); hunk.lines.len()];
    let mut start = 0;
    for block in hunk.lines.chunk_by(|left, right| belongs(left.side, right.side)) {
        let removed = block.iter().take_while(|line| line.side == Side::Old).count();
        if removed * 2 == block.len() && block[removed..].iter().all(|line| line.side == Side::New) {
            for index in 0..removed {
                let (old, new) = pair(&block[index], &block[removed + index]);
                marks[start + index] = old;
                marks[start + removed + index] = new;
            }
        }
        start += block.len();
    }
    marks
}

/// Whether two lines that follow each other are of one block: removed lines, then added ones.
fn belongs(left: Side, right: Side) -> bool {
    match (left, right) {
        (Side::Both, Side::Both) => true,
        (Side::Both, _) | (_, Side::Both) | (Side::New, Side::Old) => false,
        _ => true,
    }
}

fn pair(old: &HunkLine<'_>, new: &HunkLine<'_>) -> (Mark, Mark) {
    if old.text == new.text {
        let mark = Mark { ranges: Vec::new(), note: Some("only the end of the line differs") };
        return (mark.clone(), mark);
    }
    let (before, after) = (pieces(old.text), pieces(new.text));
    if before.len() > PIECES || after.len() > PIECES {
        return Default::default();
    }
    let diff = TextDiff::from_slices(&before, &after);
    if diff.ratio() < LIKENESS {
        return Default::default();
    }
    let (mut old, mut new) = (Mark::default(), Mark::default());
    let (mut old_at, mut new_at) = (0, 0);
    for change in diff.iter_all_changes() {
        let length = change.value().len();
        let is = change.tag();
        if is == ChangeTag::Delete {
            extend(&mut old.ranges, old_at..old_at + length);
        }
        if is == ChangeTag::Insert {
            extend(&mut new.ranges, new_at..new_at + length);
        }
        old_at += if is == ChangeTag::Insert { 0 } else { length };
        new_at += if is == ChangeTag::Delete { 0 } else { length };
    }
    (old, new)
}

fn extend(ranges: &mut Vec<Range<usize>>, range: Range<usize>) {
    match ranges.last_mut() {
        Some(last) if last.end == range.start => last.end = range.end,
        _ => ranges.push(range),
    }
}

/// Words, runs of blanks, and other characters one by one.
fn pieces(text: &str) -> Vec<&str> {
    let kind = |character: char| match character {
        _ if character.is_alphanumeric() || character == '_' => 1,
        _ if character.is_whitespace() => 2,
        _ => 0,
    };
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let same = |character: char| kind(first) > 0 && kind(character) == kind(first);
        let length = rest.find(|character| !same(character)).unwrap_or(rest.len()).max(first.len_utf8());
        found.push(&rest[..length]);
        rest = &rest[length..];
    }
    found
}
