//! What differs inside a changed line: a removed line of a block is set beside the added one that it became.

use super::parse::{Hunk, HunkLine, Side};
use similar::{ChangeTag, TextDiff};
use std::ops::Range;

/// Pieces of a line beyond which nothing is marked: a minified text has no words to read.
const PIECES: usize = 400;

/// Below this likeness, from 0 to 1, two lines have nothing to do with each other.
const LIKENESS: f32 = 0.4;

/// Pairs of lines of one block beyond which each is set beside the one in its place.
const PAIRS: usize = 400;

/// What is marked in a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    /// Bytes of the line's text, in order and apart.
    pub ranges: Vec<Range<usize>>,
    pub note: Option<&'static str>,
}

/// One for each line of the hunk.
pub fn marks(hunk: &Hunk<'_>) -> Vec<Mark> {
    let mut marks = Vec::with_capacity(hunk.lines.len());
    for block in hunk.lines.chunk_by(|left, right| belongs(left.side, right.side)) {
        let removed = block.iter().take_while(|line| line.side == Side::Old).count();
        let (old, new) = block.split_at(removed);
        let mut found = vec![Mark::default(); block.len()];
        for (before, after) in pairs(old, new) {
            (found[before], found[removed + after]) = pair(&old[before], &new[after]);
        }
        marks.extend(found);
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

/// Which removed line became which added one: in order, so that together they are as alike as can be.
fn pairs(old: &[HunkLine<'_>], new: &[HunkLine<'_>]) -> Vec<(usize, usize)> {
    if old.len() * new.len() > PAIRS {
        return if old.len() == new.len() { (0..old.len()).map(|at| (at, at)).collect() } else { Vec::new() };
    }
    let likeness: Vec<Vec<f32>> =
        old.iter().map(|before| new.iter().map(|after| likeness(before.text, after.text)).collect()).collect();
    // best[i][j]: the most that the lines from i and from j on can have.
    let mut best = vec![vec![0.0_f32; new.len() + 1]; old.len() + 1];
    for (i, row) in likeness.iter().enumerate().rev() {
        for (j, one) in row.iter().enumerate().rev() {
            best[i][j] = best[i + 1][j].max(best[i][j + 1]).max(one + best[i + 1][j + 1]);
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut found = Vec::new();
    while i < old.len() && j < new.len() {
        if best[i][j] == best[i + 1][j] {
            i += 1;
        } else if best[i][j] == best[i][j + 1] {
            j += 1;
        } else {
            found.push((i, j));
            (i, j) = (i + 1, j + 1);
        }
    }
    found
}

/// From 0, for lines that have nothing to do with each other, to 1.
fn likeness(old: &str, new: &str) -> f32 {
    let (before, after) = (pieces(old), pieces(new));
    if before.len() > PIECES || after.len() > PIECES {
        return if old == new { 1.0 } else { 0.0 };
    }
    let ratio = TextDiff::from_slices(&before, &after).ratio();
    if ratio < LIKENESS { 0.0 } else { ratio }
}

fn pair(old: &HunkLine<'_>, new: &HunkLine<'_>) -> (Mark, Mark) {
    if old.text == new.text {
        let mark = Mark { ranges: Vec::new(), note: Some("only the end of the line differs") };
        return (mark.clone(), mark);
    }
    if likeness(old.text, new.text) == 0.0 {
        return Default::default();
    }
    let (mut old_mark, mut new_mark) = (Mark::default(), Mark::default());
    let (mut old_at, mut new_at) = (0, 0);
    let (before, after) = (pieces(old.text), pieces(new.text));
    for change in TextDiff::from_slices(&before, &after).iter_all_changes() {
        let length = change.value().len();
        let is = change.tag();
        if is == ChangeTag::Delete {
            extend(&mut old_mark.ranges, old_at..old_at + length);
        }
        if is == ChangeTag::Insert {
            extend(&mut new_mark.ranges, new_at..new_at + length);
        }
        old_at += if is == ChangeTag::Insert { 0 } else { length };
        new_at += if is == ChangeTag::Delete { 0 } else { length };
    }
    (old_mark, new_mark)
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
