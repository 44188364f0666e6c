//! A problem of a project as people read it: what is wrong, where, how to mend it.
//!
//! Loading collects [`Diagnostic`]s instead of stopping at the first, so that all problems are told at once.

use serde::Serialize;
use std::fmt;

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

/// One problem. `code` is stable (`unknown-ref`, `cycle`, `yaml-syntax` …) and may be relied on by scripts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    pub code: &'static str,
    pub message: String,
    pub at: Option<Location>,
    /// The offending line of the file, where it helps.
    pub excerpt: Option<String>,
    pub hints: Vec<String>,
}

impl Diagnostic {
    pub fn new(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code, message: message.into(), at: None, excerpt: None, hints: Vec::new() }
    }

    pub fn at(mut self, location: Location) -> Diagnostic {
        self.at = Some(location);
        self
    }

    /// Shows the line of `text` that the location names.
    pub fn excerpt(mut self, text: &str) -> Diagnostic {
        let line = self.at.as_ref().and_then(|at| text.lines().nth(at.line.checked_sub(1)?));
        self.excerpt = line.map(|line| line.chars().take(200).collect());
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
        let mut text = match self.code {
            "" => format!("{level}: {}", self.message),
            code => format!("{level}[{code}]: {}", self.message),
        };
        if let Some(at) = &self.at {
            text += &format!("\n  --> {at}");
        }
        if let (Some(excerpt), Some(at)) = (&self.excerpt, &self.at) {
            text += &format!("\n  {:>4} | {excerpt}", at.line);
            if at.column > 0 {
                text += &format!("\n       | {}^", " ".repeat(at.column - 1));
            }
        }
        for hint in &self.hints {
            // What a hint has below its first line stands below that line's words.
            text += &format!("\n  hint: {}", hint.replace('\n', "\n        "));
        }
        text
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words("error"))
    }
}

/// The candidate nearest to `name`, where one is near enough to be a likely slip.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
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
    fn only_a_likely_slip_is_suggested() {
        assert_eq!(nearest("stg_user", ["stg_users", "mart"]), Some("stg_users"));
        assert_eq!(nearest("zzz", ["stg_users", "mart"]), None);
    }
}
