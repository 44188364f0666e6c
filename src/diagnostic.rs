//! A problem of a project as people read it: what is wrong, where, how to mend it.
//!
//! Loading collects [`Diagnostic`]s instead of stopping at the first, so that all problems are told at once.

pub mod visible;

use serde::Serialize;
use std::borrow::Cow;
use std::fmt;

/// Characters of a message that are shown: names and values come from files, which may hold megabytes in a word.
const LONGEST: usize = 2_000;
/// Characters of a line that are shown.
const LONGEST_LINE: usize = 200;

/// A place in a project file. Lines and columns count from 1, columns in characters; 0 means unknown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Location {
    /// Project-relative path with `/` separators.
    pub path: String,
    pub line: usize,
    pub column: usize,
}

impl Location {
    pub fn new(path: impl Into<String>, line: usize, column: usize) -> Location {
        Location { path: path.into(), line, column }
    }

    /// The file as a whole.
    pub fn file(path: impl Into<String>) -> Location {
        Location::new(path, 0, 0)
    }

    /// The place of a byte offset in `text`.
    pub fn at_offset(path: impl Into<String>, text: &str, offset: usize) -> Location {
        let before = &text[..text.floor_char_boundary(offset.min(text.len()))];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Location::new(path, line, column)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (0, _) => f.write_str(&self.path),
            (line, 0) => write!(f, "{}:{line}", self.path),
            (line, column) => write!(f, "{}:{line}:{column}", self.path),
        }
    }
}

/// Whether a command goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

/// One problem. `code` is stable (`unknown-ref`, `cycle`, `yaml-syntax` …) and may be relied on by scripts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    pub severity: Severity,
    pub code: &'static str,
    pub message: String,
    pub at: Option<Location>,
    /// The offending line of the file, where it helps.
    pub excerpt: Option<String>,
    pub hints: Vec<String>,
}

impl Diagnostic {
    pub fn new(code: &'static str, message: impl Into<String>) -> Diagnostic {
        let severity = Severity::Error;
        Diagnostic { severity, code, message: message.into(), at: None, excerpt: None, hints: Vec::new() }
    }

    /// What a command tells and goes on.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::new(code, message) }
    }

    pub fn is_warning(&self) -> bool {
        self.severity == Severity::Warning
    }

    pub fn at(mut self, location: Location) -> Diagnostic {
        self.at = Some(location);
        self
    }

    /// Shows the line of `text` that the location names.
    pub fn excerpt(mut self, text: &str) -> Diagnostic {
        let line = self.at.as_ref().and_then(|at| text.lines().nth(at.line.checked_sub(1)?));
        self.excerpt = line.map(|line| line.chars().take(LONGEST_LINE).collect());
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hints.push(hint.into());
        self
    }
}

impl Diagnostic {
    /// The problem as people read it, `level` in front: `error[unknown-ref]: …`, its place and how to mend it below.
    pub fn words(&self, level: &str) -> String {
        let message = brief(&self.message, LONGEST);
        let mut text = match self.code {
            code if code.is_empty() || level == "warning" => format!("{level}: {message}"),
            code => format!("{level}[{code}]: {message}"),
        };
        if let Some(at) = &self.at {
            text += &format!("\n  --> {at}");
        }
        if let (Some(excerpt), Some(at)) = (&self.excerpt, &self.at) {
            text += &format!("\n  {:>4} | {excerpt}", at.line);
            if (1..=excerpt.chars().count() + 1).contains(&at.column) {
                text += &format!("\n       | {}^", " ".repeat(at.column - 1));
            }
        }
        for hint in &self.hints {
            // What a hint has below its first line stands below that line's words.
            text += &format!("\n  hint: {}", brief(hint, LONGEST).replace('\n', "\n        "));
        }
        text
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(if self.is_warning() { "warning" } else { "error" }))
    }
}

/// `text` cut behind so many characters, with how many are left out.
pub fn brief(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some((end, _)) => {
            let left = text[end..].chars().count();
            Cow::Owned(format!("{} … and {} more characters", &text[..end], grouped(left)))
        }
    }
}

/// `2,988`.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 row`, `3,000 rows`.
pub fn counted(count: usize, word: &str) -> String {
    format!("{} {}", grouped(count), plural(count, word))
}

/// `row` for one, else `rows`.
pub fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_string() } else { format!("{word}s") }
}

/// The candidate nearest to `name`, where one is near enough to be a likely slip.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // No slip makes a name of many letters from another, and comparing them would take long.
    if name.len() > LONGEST_LINE {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().max(name.len()) / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

/// `did you mean …?` for the nearest candidate.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(name, candidates).map(|found| format!("did you mean `{found}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_says_what_where_and_how() {
        let text = "name: x\nvarz: {}\n";
        let problem = Diagnostic::new("unknown-key", "unknown key `varz`")
            .at(Location::at_offset("project.yml", text, 8))
            .excerpt(text)
            .hint("did you mean `vars`?");
        assert_eq!(
            problem.to_string(),
            "error[unknown-key]: unknown key `varz`\n  --> project.yml:2:1\n     2 | varz: {}\n       | ^\n  hint: did you mean `vars`?"
        );
    }

    #[test]
    fn what_is_long_is_cut() {
        let name = "x".repeat(1_000_000);
        let shown = Diagnostic::new("unknown-ref", format!("no `{name}`"))
            .at(Location::new("a.sql", 1, 900_000))
            .excerpt(&name)
            .to_string();
        assert!(shown.len() < 2_500, "{}", shown.len());
        assert!(shown.contains(" … and 998,005 more characters\n"), "{shown}");
        assert_eq!(nearest(&name, [name.as_str()]), None);
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn only_a_likely_slip_is_suggested() {
        assert_eq!(nearest("stg_user", ["stg_users", "mart"]), Some("stg_users"));
        assert_eq!(nearest("zzz", ["stg_users", "mart"]), None);
    }
}
