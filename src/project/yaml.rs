//! A YAML file as a tree in which every node knows its place.
//!
//! Takes the parser's events, gives [`Node`]s. Unknown tags and a second document are problems, a key that is set twice
//! is a warning, and counts as it is set last. Aliases and merge keys (`<<`) are expanded under a node budget.

use super::scalar;
use super::test::DeclaredTest;
use crate::diagnostic::{Diagnostic, Location};
use serde_json::Value;
use serde_yaml::granit_parser::{Event, Options, Parser, ScalarStyle, Span, StrInput, Tag};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The most nodes a file may expand to.
const NODE_BUDGET: usize = 1_000_000;

/// Line and column, both from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub line: usize,
    pub column: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub at: Place,
    pub value: Yaml,
}

#[derive(Clone, Debug)]
pub(super) enum Yaml {
    /// `plain` scalars resolve to numbers, booleans and null; quoted ones are text.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: String,
    pub at: Place,
    pub value: Node,
}

impl Node {
    /// The value as JSON.
    pub fn json(&self) -> Value {
        match &self.value {
            Yaml::Scalar { text, plain: true } => scalar::resolve(text),
            Yaml::Scalar { text, plain: false } => Value::String(text.clone()),
            Yaml::List(items) => items.iter().map(Node::json).collect(),
            Yaml::Map(entries) => {
                Value::Object(entries.iter().map(|entry| (entry.key.clone(), entry.value.json())).collect())
            }
        }
    }

    /// The value as JSON with every number and boolean as the text that it is written as.
    pub fn texts(&self) -> Value {
        match &self.value {
            Yaml::Scalar { .. } if self.is_null() => Value::Null,
            Yaml::Scalar { text, .. } => Value::String(text.clone()),
            Yaml::List(items) => items.iter().map(Node::texts).collect(),
            Yaml::Map(entries) => {
                Value::Object(entries.iter().map(|entry| (entry.key.clone(), entry.value.texts())).collect())
            }
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(&self.value, Yaml::Scalar { text, plain: true } if scalar::resolve(text).is_null())
    }

    /// What the node is, for messages.
    pub fn kind(&self) -> &'static str {
        match self.json() {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "text",
            Value::Array(_) => "a list",
            Value::Object(_) => "a mapping",
        }
    }
}

/// One file being read, and the problems found in it.
pub(super) struct YamlFile {
    pub path: String,
    pub text: String,
    problems: RefCell<Vec<Diagnostic>>,
    /// Data tests that it declares.
    pub tests: RefCell<Vec<DeclaredTest>>,
}

impl YamlFile {
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> YamlFile {
        let (problems, tests) = Default::default();
        YamlFile { path: path.into(), text: text.into(), problems, tests }
    }

    pub fn location(&self, at: Place) -> Location {
        Location::new(&self.path, at.line, at.column)
    }

    /// How many problems were found so far.
    pub fn count(&self) -> usize {
        self.problems.borrow().len()
    }

    /// Keeps a problem of this file, shown with its line.
    pub fn problem(&self, at: Place, code: &'static str, message: impl Into<String>) {
        self.report(at, Diagnostic::new(code, message));
    }

    /// Keeps a problem, given its place and line here.
    pub fn report(&self, at: Place, diagnostic: Diagnostic) {
        self.problems.borrow_mut().push(diagnostic.at(self.location(at)).excerpt(&self.text));
    }

    /// The problems in the order of their places.
    pub fn into_problems(self) -> Vec<Diagnostic> {
        let mut problems = self.problems.into_inner();
        problems.sort_by(|left, right| left.at.cmp(&right.at));
        problems
    }

    /// The file's one document; `None` where it is empty or can't be parsed, which is then among the problems.
    pub fn parse(&self) -> Option<Node> {
        let mut options = Options::default();
        options.set_emit_comments(false);
        let parser = Parser::new_from_str_with_options(&self.text, options);
        Builder { file: self, parser, anchors: BTreeMap::new(), nodes: 0 }.document()
    }
}

struct Builder<'a> {
    file: &'a YamlFile,
    parser: Parser<'a, StrInput<'a>>,
    /// Finished anchored nodes with their number of nodes.
    anchors: BTreeMap<usize, (Node, usize)>,
    nodes: usize,
}

impl<'a> Builder<'a> {
    fn document(mut self) -> Option<Node> {
        let mut root = None;
        while let Some((event, span)) = self.event() {
            match event {
                Event::StreamEnd => return root,
                Event::DocumentStart(..) if root.is_some() => {
                    let message = "the file holds more than one YAML document";
                    self.file.problem(place(span), "yaml-syntax", message);
                    return None;
                }
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                event => root = Some(self.node(event, span)?),
            }
        }
        None
    }

    /// The next event; `None` after a syntax error, which is reported.
    fn event(&mut self) -> Option<(Event<'a>, Span)> {
        match self.parser.next_event()? {
            Ok(event) => Some(event),
            Err(error) => {
                let at = Place { line: error.marker().line(), column: error.marker().col() + 1 };
                self.file.report(at, self.with_template_hint(at, Diagnostic::new("yaml-syntax", error.info())));
                None
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span) -> Option<Node> {
        let at = place(span);
        let before = self.nodes;
        self.count(1, at)?;
        let (value, anchor) = match event {
            Event::Alias(id) => return self.alias(id, at),
            Event::Scalar(text, style, anchor, tag) => {
                let text_tag = self.is_text_tag(tag.as_deref(), at);
                let plain = style == ScalarStyle::Plain && !text_tag;
                (Yaml::Scalar { text: text.into_owned(), plain }, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.is_text_tag(tag.as_deref(), at);
                (self.list()?, anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.is_text_tag(tag.as_deref(), at);
                (self.map()?, anchor)
            }
            _ => return None,
        };
        let node = Node { at, value };
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), self.nodes - before));
        }
        Some(node)
    }

    fn list(&mut self) -> Option<Yaml> {
        let mut items = Vec::new();
        loop {
            match self.event()? {
                (Event::SequenceEnd, _) => return Some(Yaml::List(items)),
                (event, span) => items.push(self.node(event, span)?),
            }
        }
    }

    fn map(&mut self) -> Option<Yaml> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut lines: BTreeMap<String, Place> = BTreeMap::new();
        let mut merges = Vec::new();
        loop {
            let (event, span) = self.event()?;
            if event == Event::MappingEnd {
                break;
            }
            let key = self.node(event, span)?;
            let (event, span) = self.event()?;
            let value = self.node(event, span)?;
            let Yaml::Scalar { text, plain } = key.value else {
                let problem = Diagnostic::new("yaml-key", "a key must be text");
                self.file.report(key.at, self.with_template_hint(key.at, problem));
                continue;
            };
            if plain && text == "<<" {
                merges.push(value);
                continue;
            }
            let entry = Entry { key: text.clone(), at: key.at, value };
            match lines.insert(text.clone(), key.at) {
                None => entries.push(entry),
                Some(first) => {
                    let first = self.file.location(first);
                    let message = format!("`{text}` is set twice, first at {first}; the last one counts");
                    self.file.report(key.at, Diagnostic::warning("duplicate-key", message));
                    entries.iter_mut().filter(|one| one.key == text).for_each(|one| *one = entry.clone());
                }
            }
        }
        merges.into_iter().for_each(|merge| self.merge(&mut entries, merge));
        Some(Yaml::Map(entries))
    }

    /// Adds the entries of a `<<` value that aren't set yet.
    fn merge(&self, entries: &mut Vec<Entry>, value: Node) {
        match value.value {
            Yaml::Map(others) => {
                for other in others {
                    if entries.iter().all(|entry| entry.key != other.key) {
                        entries.push(other);
                    }
                }
            }
            Yaml::List(items) => items.into_iter().for_each(|item| self.merge(entries, item)),
            Yaml::Scalar { .. } => self.file.problem(value.at, "yaml-merge", "`<<` takes a mapping or a list of them"),
        }
    }

    fn alias(&mut self, id: usize, at: Place) -> Option<Node> {
        let Some((node, size)) = self.anchors.get(&id).cloned() else {
            self.file.problem(at, "yaml-alias", "an alias inside the node that it stands for");
            return None;
        };
        self.count(size, at)?;
        Some(Node { at, value: node.value })
    }

    fn count(&mut self, nodes: usize, at: Place) -> Option<()> {
        self.nodes += nodes;
        if self.nodes > NODE_BUDGET {
            let message = format!("the file expands to more than {NODE_BUDGET} nodes");
            self.file.problem(at, "yaml-budget", message);
            return None;
        }
        Some(())
    }

    /// A template's braces are YAML's braces to a file that isn't rendered.
    fn with_template_hint(&self, at: Place, problem: Diagnostic) -> Diagnostic {
        match self.file.text.lines().nth(at.line.saturating_sub(1)) {
            Some(line) if line.contains("{{") => problem.hint("only profiles.yml may hold `{{ … }}`"),
            _ => problem,
        }
    }

    /// Whether a tag makes a scalar text; a tag that isn't YAML's own is a problem.
    fn is_text_tag(&self, tag: Option<&Tag>, at: Place) -> bool {
        match tag.map(|tag| (tag, tag.core_suffix())) {
            None => false,
            Some((_, Some(core))) => core == "str",
            Some((tag, None)) if tag.original() == "!" => true,
            Some((tag, None)) => {
                self.file.problem(at, "yaml-tag", format!("unknown YAML tag `{}`", tag.original()));
                false
            }
        }
    }
}

fn place(span: Span) -> Place {
    Place { line: span.start.line(), column: span.start.col() + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> (Option<Value>, Vec<String>) {
        let file = YamlFile::new("a.yml", text);
        let value = file.parse().map(|node| node.json());
        (value, file.into_problems().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn scalars_lists_maps_aliases_and_merges() {
        let text = "base: &b {x: 1, y: '2'}\nmine:\n  <<: *b\n  x: 3.5\nlist: [true, ~, !!str 7, *b]\n";
        let (value, problems) = read(text);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(
            value.unwrap(),
            json!({"base": {"x": 1, "y": "2"}, "mine": {"x": 3.5, "y": "2"},
                   "list": [true, null, "7", {"x": 1, "y": "2"}]})
        );
    }

    #[test]
    fn a_duplicate_key_has_its_place() {
        let (value, problems) = read("a: 1\nb:\n  c: 1\n  d: 0\n  c: 2\n");
        assert_eq!(value, Some(json!({"a": 1, "b": {"c": 2, "d": 0}})));
        assert_eq!(
            problems,
            [
                "warning: `c` is set twice, first at a.yml:3:3; the last one counts\n  --> a.yml:5:3\n     5 |   c: 2\n       |   ^"
            ]
        );
    }

    #[test]
    fn what_yaml_forbids_is_told() {
        for (text, expected) in [
            ("a: [1\nb: 2", "yaml-syntax"),
            ("a: 1\n---\nb: 2\n", "more than one YAML document"),
            ("a: !env X\n", "unknown YAML tag `!env`"),
            ("a: &x [*x]\n", "yaml-alias"),
            ("? [a]\n: 1\n", "a key must be text"),
            ("a: *missing\n", "yaml-syntax"),
            ("a: {{ env('X') }}\n", "only profiles.yml may hold"),
        ] {
            let (_, problems) = read(text);
            assert!(problems.iter().any(|problem| problem.contains(expected)), "{text}: {problems:?}");
        }
    }

    #[test]
    fn aliases_cannot_explode() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..9 {
            let alias = format!("*a{}, ", level - 1);
            text += &format!("a{level}: &a{level} [{}]\n", alias.repeat(10).trim_end_matches(", "));
        }
        let (value, problems) = read(&text);
        assert!(value.is_none());
        assert!(problems[0].contains("yaml-budget"), "{problems:?}");
    }

    #[test]
    fn an_empty_file_is_no_document() {
        assert_eq!(read("# nothing\n"), (None, Vec::new()));
    }

    proptest::proptest! {
        #[test]
        fn any_text_gives_a_tree_or_a_problem(text in r#"([a-c:\-\[\]{}&*!'"|>#, \n\té]|: |<<: |\n  ){0,24}"#) {
            let file = YamlFile::new("a.yml", text.as_str());
            let parsed = file.parse().is_some();
            let (problems, blank) = (file.into_problems(), text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')));
            assert!(parsed || blank || !problems.is_empty(), "{text:?}");
        }
    }
}
