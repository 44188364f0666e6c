//! Marks in rendered text that stand for relations, filled in once every relation's place is known.
//!
//! A mark is `STX kind name ETX`: control characters that no SQL text holds.

const START: char = '\u{2}';
const END: char = '\u{3}';

/// What a mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark<'a> {
    /// A `ref()`, by the name it was given.
    Reference(&'a str),
    /// A `source()`: group and table.
    Source(&'a str, &'a str),
    /// The model's own relation.
    This,
    /// The project's folder with a `/` behind it, in front of a source's path. Templates have no way to it.
    Project,
}

impl Mark<'_> {
    /// What a person, and a fingerprint, reads in the mark's place.
    pub fn logical(self) -> String {
        match self {
            Mark::Reference(name) => format!("‹ref:{name}›"),
            Mark::Source(group, table) => format!("‹source:{group}.{table}›"),
            Mark::This => "‹this›".into(),
            Mark::Project => String::new(),
        }
    }
}

impl std::fmt::Display for Mark<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Mark::Reference(name) => write!(f, "{START}r{name}{END}"),
            Mark::Source(group, table) => write!(f, "{START}s{group}\t{table}{END}"),
            Mark::This => write!(f, "{START}t{END}"),
            Mark::Project => write!(f, "{START}p{END}"),
        }
    }
}

/// Replaces each mark of `text` by what `fill` gives for it.
pub fn replace(text: &str, mut fill: impl FnMut(Mark<'_>) -> String) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(START) {
        out.push_str(before);
        match after.split_once(END).and_then(|(inner, tail)| Some((parse(inner)?, tail))) {
            Some((mark, tail)) => {
                out.push_str(&fill(mark));
                rest = tail;
            }
            None => rest = after,
        }
    }
    out.push_str(rest);
    out
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
        ("s", both) => both.split_once('\t').map(|(group, table)| Mark::Source(group, table)),
        ("t", "") => Some(Mark::This),
        ("p", "") => Some(Mark::Project),
        _ => None,
    }
}

/// Where a place of the text with each [`Mark::Project`] replaced by `length` characters is in the text without them.
pub fn unplaced(text: &str, length: usize, position: usize) -> usize {
    let mark = Mark::Project.to_string();
    let (mut seen, mut added) = (0, 0);
    let mut pieces = text.split(mark.as_str());
    seen += pieces.next().map_or(0, |piece| piece.chars().count());
    for piece in pieces {
        if position < seen + length {
            // In the folder itself: where the path begins.
            return position.min(seen) - added;
        }
        seen += length + piece.chars().count();
        added += length;
    }
    position - added.min(position)
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
    fn places_are_found_without_the_folder() {
        let text = format!("ab'{0}cd' '{0}e'", Mark::Project);
        // ab'FOLDER/cd' 'FOLDER/e'
        for (position, expected) in
            [(0, 0), (2, 2), (3, 3), (7, 3), (10, 3), (11, 4), (13, 6), (14, 7), (15, 8), (23, 9)]
        {
            assert_eq!(unplaced(&text, 7, position), expected, "{position}");
        }
    }

    #[test]
    fn marks_are_filled_in() {
        let text =
            format!("select * from {} join {} -- {}", Mark::Reference("a.ff"), Mark::Source("g", "t"), Mark::This);
        let filled = replace(&text, |mark| match mark {
            Mark::Reference(name) => format!("R({name})"),
            Mark::Source(group, table) => format!("S({group},{table})"),
            Mark::This => "T".into(),
            Mark::Project => "P/".into(),
        });
        assert_eq!(filled, "select * from R(a.ff) join S(g,t) -- T");
    }
}
