//! Queries below `tests/`: tests of their own, and kinds that declarations name.

use crate::diagnostic::{Diagnostic, Location, did_you_mean};
use crate::project::{FailureBound, TestFile, TestSeverity, TestTerms};
use litemap::LiteMap;
use serde_json::Value;
use std::collections::BTreeMap;

/// A kind that a file defines.
pub struct OwnKind<'a> {
    pub file: &'a TestFile,
    /// The parameters that it takes.
    pub params: Vec<String>,
}

/// A query that is a test.
pub struct Single<'a> {
    pub file: &'a TestFile,
    pub terms: TestTerms,
    pub tags: Vec<String>,
}

/// What the files are.
#[derive(Default)]
pub struct Files<'a> {
    pub kinds: BTreeMap<String, OwnKind<'a>>,
    pub singles: Vec<Single<'a>>,
}

impl<'a> Files<'a> {
    /// Sorts a file by what it says of itself at `at`.
    pub fn add(
        &mut self,
        file: &'a TestFile,
        settings: &LiteMap<String, Value>,
        at: Location,
        builtin: &[&str],
    ) -> Vec<Diagnostic> {
        let mut problems = Problems { at, text: &file.text, found: Vec::new() };
        match settings.get("type") {
            None => {
                let (terms, tags) = problems.terms(settings);
                self.singles.push(Single { file, terms, tags });
            }
            Some(Value::String(kind)) if !kind.is_empty() => {
                problems.known(settings, &["type", "params"]);
                let params = problems.texts(settings, "params");
                let first = self.kinds.get(kind).map(|other| other.file.path.clone());
                let first = first.or_else(|| builtin.contains(&kind.as_str()).then(|| "fft itself".into()));
                if let Some(first) = first {
                    problems.tell(
                        format!("the kind of test `{kind}` is defined by {first} already"),
                        "give it another name",
                    );
                } else {
                    self.kinds.insert(kind.clone(), OwnKind { file, params });
                }
            }
            Some(_) => problems.tell("`type` of a kind of test is its name".into(), "write `config(type='name')`"),
        }
        problems.found
    }
}

struct Problems<'a> {
    at: Location,
    text: &'a str,
    found: Vec<Diagnostic>,
}

impl Problems<'_> {
    fn tell(&mut self, message: String, hint: &str) {
        let problem = Diagnostic::new("bad-test", message).at(self.at.clone()).excerpt(self.text);
        self.found.push(problem.hint(hint));
    }

    fn known(&mut self, settings: &LiteMap<String, Value>, keys: &[&str]) {
        for key in settings.keys().filter(|key| !keys.contains(&key.as_str())) {
            let hint =
                did_you_mean(key, keys.iter().copied()).unwrap_or_else(|| format!("known keys: {}", keys.join(", ")));
            self.tell(format!("unknown key `{key}` in `config()` of a test"), &hint);
        }
    }

    fn texts(&mut self, settings: &LiteMap<String, Value>, key: &str) -> Vec<String> {
        let one = |value: &Value| value.as_str().map(String::from);
        let found = match settings.get(key) {
            None => Some(Vec::new()),
            Some(Value::Array(values)) => values.iter().map(one).collect(),
            Some(value) => one(value).map(|text| vec![text]),
        };
        found.unwrap_or_else(|| {
            self.tell(format!("`{key}` of a test is a list of text"), &format!("write `{key}=['a', 'b']`"));
            Vec::new()
        })
    }

    /// The same as YAML says of other tests.
    fn terms(&mut self, settings: &LiteMap<String, Value>) -> (TestTerms, Vec<String>) {
        self.known(settings, &["severity", "warn_if", "error_if", "limit", "tags"]);
        let mut terms = TestTerms::default();
        match settings.get("severity").map(|value| value.as_str().unwrap_or_default().to_lowercase()).as_deref() {
            None | Some("error") => {}
            Some("warn") => terms.severity = TestSeverity::Warn,
            Some(_) => self.tell("`severity` of a test is `error` or `warn`".into(), "write `severity='warn'`"),
        }
        for (key, bound) in [("warn_if", &mut terms.warn_if), ("error_if", &mut terms.error_if)] {
            let Some(value) = settings.get(key) else { continue };
            match value.as_str().and_then(FailureBound::parse) {
                Some(found) => *bound = found,
                None => self.tell(
                    format!("`{key}` of a test is a sign and a number of failures"),
                    &format!("write `{key}='>10'`"),
                ),
            }
        }
        if let Some(value) = settings.get("limit") {
            terms.limit = value.as_u64().filter(|limit| *limit > 0);
            if terms.limit.is_none() {
                self.tell("`limit` of a test is a number of failures".into(), "write `limit=100`");
            }
        }
        (terms, self.texts(settings, "tags"))
    }
}
