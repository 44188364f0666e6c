//! A selector's text as terms and atoms, each with its place.
//!
//! ```text
//! selector = part (" & " part)*           intersection
//! part     = term (" " term)*            union
//! term     = atom ("," atom)*            intersection; a comma in `{…}` belongs to the glob
//! atom     = "@" core | [[depth] "+"] core ["+" [depth]]
//! core     = name-glob | method ":" pattern
//! ```

use crate::diagnostic::{Diagnostic, Location, did_you_mean};
use crate::graph::Materialization;

/// What stands between parts all of which must hold.
const AND: &str = "&";

/// What a pattern is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Name,
    Tag,
    /// A node's language or materialization.
    Kind,
    Path,
    Package,
    State,
    Outcome,
    Source,
    /// How fresh a source that it reads was.
    SourceStatus,
    /// What an exposure reads.
    Exposure,
}

const METHODS: [(&str, Method); 10] = [
    ("tag", Method::Tag),
    ("kind", Method::Kind),
    ("type", Method::Kind),
    ("path", Method::Path),
    ("package", Method::Package),
    ("state", Method::State),
    ("result", Method::Outcome),
    ("source", Method::Source),
    ("source_status", Method::SourceStatus),
    ("exposure", Method::Exposure),
];

/// The words that a method takes in place of a glob.
pub fn words(method: Method) -> Vec<&'static str> {
    match method {
        Method::Kind => ["seed", "sql", "python"].into_iter().chain(Materialization::words()).collect(),
        Method::State => vec!["new", "modified"],
        Method::Outcome => {
            vec!["success", "ok", "error", "fail", "warn", "skipped", "blocked", "not_selected"]
        }
        Method::SourceStatus => vec!["pass", "warn", "error"],
        Method::Name | Method::Tag | Method::Path | Method::Package | Method::Source | Method::Exposure => Vec::new(),
    }
}

/// One pattern with how far the selection spreads from what it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Atom<'t> {
    /// Byte offset of the pattern in the selector.
    pub offset: usize,
    pub method: Method,
    pub pattern: &'t str,
    /// Edges to follow upstream.
    pub up: usize,
    /// Edges to follow downstream.
    pub down: usize,
    /// `@`: descendants, and all ancestors of those.
    pub closure: bool,
}

/// The parts of a selector with their terms; never empty, and neither is a part or a term.
pub fn parse(text: &str) -> Result<Vec<Vec<Vec<Atom<'_>>>>, Diagnostic> {
    let mut parts = vec![Vec::new()];
    for (start, term) in words_of(text) {
        if term == AND {
            parts.push(Vec::new());
            continue;
        }
        let terms = parts.last_mut().expect("invariant: there is a first one");
        terms.push(atoms_of(term).map(|(at, atom)| self::atom(text, start + at, atom)).collect::<Result<_, _>>()?);
    }
    parts.retain(|terms| !terms.is_empty());
    if parts.is_empty() {
        Err(bad(text, 0, "the selector is empty").hint("name a node, or use a method such as `tag:daily`"))
    } else {
        Ok(parts)
    }
}

/// A `bad-selector` problem that shows its place.
pub fn bad(text: &str, offset: usize, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new("bad-selector", message).at(Location::at_offset("selector", text, offset)).excerpt(text)
}

fn words_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let base = text.as_ptr() as usize;
    text.split_whitespace().map(move |word| (word.as_ptr() as usize - base, word))
}

fn atoms_of(term: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut depth = 0usize;
    let mut start = 0;
    term.split(move |character| {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    })
    .map(move |atom| {
        let at = start;
        start += atom.len() + 1;
        (at, atom)
    })
}

fn atom<'t>(text: &'t str, offset: usize, atom: &'t str) -> Result<Atom<'t>, Diagnostic> {
    let (closure, rest) = match atom.strip_prefix('@') {
        Some(rest) => (true, rest),
        None => (false, atom),
    };
    let (up, rest) = leading(rest);
    let (down, core) = trailing(rest);
    let offset = offset + (core.as_ptr() as usize - atom.as_ptr() as usize);
    if closure && (up.is_some() || down.is_some()) {
        let message = "`@` and `+` can't stand together";
        return Err(
            bad(text, offset, message).hint("`@x` already holds everything downstream of x and what that needs")
        );
    }
    let (method, pattern, offset) = core_of(text, offset, core)?;
    if pattern.is_empty() {
        return Err(bad(text, offset, "a name or pattern is missing here"));
    }
    if method == Method::Name
        && let Some(at) = pattern.find(['+', '@'])
    {
        let message = format!("`{}` can't stand inside a name", &pattern[at..=at]);
        return Err(
            bad(text, offset + at, message).hint("it goes in front (`+x`, `2+x`, `@x`) or behind (`x+`, `x+1`)")
        );
    }
    let known = words(method);
    if !known.is_empty() && !known.contains(&pattern) {
        let hint = did_you_mean(pattern, known.iter().copied());
        let message = format!("`{pattern}` is none of {}", known.join(", "));
        return Err(hint.into_iter().fold(bad(text, offset, message), Diagnostic::hint));
    }
    Ok(Atom { offset, method, pattern, up: up.unwrap_or(0), down: down.unwrap_or(0), closure })
}

/// `2+x` → (2, `x`); without a number the depth is unbounded.
fn leading(text: &str) -> (Option<usize>, &str) {
    match text.split_once('+') {
        Some((number, rest)) if is_depth(number) && !rest.is_empty() => (Some(depth(number)), rest),
        _ => (None, text),
    }
}

/// `x+2` → (2, `x`).
fn trailing(text: &str) -> (Option<usize>, &str) {
    match text.rsplit_once('+') {
        Some((rest, number)) if is_depth(number) => (Some(depth(number)), rest),
        _ => (None, text),
    }
}

fn is_depth(number: &str) -> bool {
    number.bytes().all(|byte| byte.is_ascii_digit())
}

/// No number, or one beyond all graphs, is no bound.
fn depth(number: &str) -> usize {
    number.parse().unwrap_or(usize::MAX)
}

fn core_of<'t>(text: &str, offset: usize, core: &'t str) -> Result<(Method, &'t str, usize), Diagnostic> {
    let Some((name, pattern)) = core.split_once(':') else { return Ok((Method::Name, core, offset)) };
    match METHODS.iter().find(|(known, _)| *known == name) {
        Some((_, method)) => Ok((*method, pattern, offset + name.len() + 1)),
        None => {
            let known = || METHODS.iter().map(|(known, _)| *known);
            let all = || format!("methods are {}", known().collect::<Vec<_>>().join(", "));
            let hint = did_you_mean(name, known()).unwrap_or_else(all);
            Err(bad(text, offset, format!("unknown selector method `{name}`")).hint(hint))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depths_and_places() {
        let all = parse(" 2+stg_{a,b}*,tag:x+1  @m").unwrap().remove(0);
        let atom = |offset, method, pattern, up, down, closure| Atom { offset, method, pattern, up, down, closure };
        assert_eq!(
            all,
            [
                vec![atom(3, Method::Name, "stg_{a,b}*", 2, 0, false), atom(18, Method::Tag, "x", 0, 1, false)],
                vec![atom(24, Method::Name, "m", 0, 0, true)],
            ]
        );
        assert_eq!(parse("+2024_a+").unwrap()[0][0][0], atom(1, Method::Name, "2024_a", usize::MAX, usize::MAX, false));
        assert_eq!(parse("99999999999999999999+a").unwrap()[0][0][0].up, usize::MAX);
    }

    #[test]
    fn bad_grammar_says_what_and_where() {
        for (text, column, message) in [
            ("", 1, "the selector is empty"),
            ("a,,b", 3, "a name or pattern is missing here"),
            ("a tag:", 7, "a name or pattern is missing here"),
            ("+", 1, "a name or pattern is missing here"),
            ("@+a", 3, "`@` and `+` can't stand together"),
            ("é a+b", 4, "`+` can't stand inside a name"),
            ("b tga:x", 3, "unknown selector method `tga`"),
            ("state:old", 7, "`old` is none of new, modified"),
        ] {
            let problem = parse(text).unwrap_err();
            assert_eq!((problem.code, problem.message.as_str()), ("bad-selector", message), "{text}");
            assert_eq!(problem.at.unwrap(), Location::new("selector", 1, column), "{text}");
        }
        assert_eq!(parse("tga:x").unwrap_err().hints, ["did you mean `tag`?"]);
        assert_eq!(parse("result:eror").unwrap_err().hints, ["did you mean `error`?"]);
    }
}
