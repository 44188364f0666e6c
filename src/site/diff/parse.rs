//! A unified diff, read again: hunks and lines. What is cut in the middle of a hunk ends it.

use similar::DiffableStr;

/// Which sides have a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Both,
    New,
    Old,
}

impl Side {
    pub fn has(self, side: Side) -> bool {
        self == Side::Both || self == side
    }
}

/// A line of a hunk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HunkLine<'a> {
    pub side: Side,
    /// Without its end.
    pub text: &'a str,
    /// What ends it.
    pub end: &'a str,
}

/// Lines that stand together.
#[derive(Clone, Debug, PartialEq)]
pub struct Hunk<'a> {
    /// Numbers of the first lines, from 1.
    pub old_start: usize,
    pub new_start: usize,
    pub lines: Vec<HunkLine<'a>>,
    old_text: String,
    new_text: String,
}

/// The hunks of a unified diff without file names, as [`crate::plan::TextDiff`] has it.
///
/// Lines are counted as the headers say, since a removed `-- x` looks like the name of a file.
pub fn hunks(unified: &str) -> Vec<Hunk<'_>> {
    let mut lines = unified.tokenize_lines().into_iter();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let Some([old, new]) = header(line) else { continue };
        let (mut old_left, mut new_left) = (old.1, new.1);
        let mut hunk = Hunk {
            old_start: old.0,
            new_start: new.0,
            lines: Vec::new(),
            old_text: String::new(),
            new_text: String::new(),
        };
        while old_left + new_left > 0 {
            let Some(line) = lines.next().and_then(body) else { break };
            old_left = old_left.saturating_sub(usize::from(line.side.has(Side::Old)));
            new_left = new_left.saturating_sub(usize::from(line.side.has(Side::New)));
            hunk.push(line);
        }
        found.push(hunk);
    }
    found
}

/// First line and number of lines, of each side: `@@ -1,3 +1,4 @@`. An empty side names the line before it.
fn header(line: &str) -> Option<[(usize, usize); 2]> {
    let (ranges, _) = line.strip_prefix("@@ -")?.split_once(" @@")?;
    let (old, new) = ranges.split_once(" +")?;
    let range = |text: &str| -> Option<(usize, usize)> {
        let (start, count) = text.split_once(',').unwrap_or((text, "1"));
        let (start, count) = (start.parse::<usize>().ok()?, count.parse().ok()?);
        Some((start + usize::from(count == 0), count))
    };
    Some([range(old)?, range(new)?])
}

fn body(line: &str) -> Option<HunkLine<'_>> {
    let side = match line.as_bytes().first()? {
        b' ' => Side::Both,
        b'+' => Side::New,
        b'-' => Side::Old,
        _ => return None,
    };
    let text = line[1..].trim_end_matches(['\n', '\r']);
    Some(HunkLine { side, text, end: &line[1 + text.len()..] })
}

impl<'a> Hunk<'a> {
    fn push(&mut self, line: HunkLine<'a>) {
        for (side, text) in [(Side::Old, &mut self.old_text), (Side::New, &mut self.new_text)] {
            if line.side.has(side) {
                text.push_str(line.text);
                text.push('\n');
            }
        }
        self.lines.push(line);
    }

    /// The lines of one side, each ended by a newline.
    pub fn text(&self, side: Side) -> &str {
        match side {
            Side::Old => &self.old_text,
            Side::New | Side::Both => &self.new_text,
        }
    }

    fn count(&self, side: Side) -> usize {
        self.lines.iter().filter(|line| line.side.has(side)).count()
    }

    pub fn header(&self) -> String {
        let range = |start: usize, count: usize| format!("{},{count}", start - usize::from(count == 0));
        let old = range(self.old_start, self.count(Side::Old));
        format!("@@ -{old} +{} @@", range(self.new_start, self.count(Side::New)))
    }

    /// `lines 1 to 3 before, 1 to 4 after`.
    pub fn words(&self) -> String {
        let range = |start: usize, count: usize| match count {
            0 => "none".to_string(),
            1 => format!("line {start}"),
            _ => format!("lines {start} to {}", start + count - 1),
        };
        let old = range(self.old_start, self.count(Side::Old));
        format!("{old} before, {} after", range(self.new_start, self.count(Side::New)))
    }
}
