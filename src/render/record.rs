//! The record of what a template called while it ran.

use super::macros::MacroIndex;
use super::scan::Scan;
use super::{MacroUse, Origin, Read, Reference, Rendered, SourceReference};
use crate::diagnostic::{Diagnostic, Location};
use litemap::LiteMap;
use minijinja::State;
use minijinja::value::Object;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

/// What one template read while it ran.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    /// What `is_incremental()` gives.
    incremental: bool,
    /// Whether it was asked.
    asked: bool,
    pub config: LiteMap<String, serde_json::Value>,
    /// The package whose template it is; none of the project's own.
    pub package: Option<String>,
    /// Names, with the package that each must be of where one is named.
    pub refs: BTreeSet<(Option<String>, String)>,
    pub sources: BTreeSet<(String, String)>,
    pub vars: BTreeMap<String, serde_json::Value>,
    pub env: BTreeMap<String, serde_json::Value>,
    /// What has no value: the function that was asked, the name, how to give it one.
    pub unset: BTreeSet<(&'static str, String, String)>,
    /// Macros in Python that were called.
    python: BTreeMap<String, MacroUse>,
}

impl Recorder {
    /// What `config()` was given.
    pub fn config(&self) -> &LiteMap<String, serde_json::Value> {
        &self.config
    }

    /// Whether the template asked `is_incremental()`.
    pub fn asks_incremental(&self) -> bool {
        self.asked
    }

    /// Adds what the same template read another time. What it says of itself is told by the first.
    pub fn add(&mut self, other: Recorder) {
        self.refs.extend(other.refs);
        self.sources.extend(other.sources);
        self.vars.extend(other.vars);
        self.env.extend(other.env);
        self.unset.extend(other.unset);
        self.python.extend(other.python);
    }

    /// Joins what was read with where the template says it.
    pub fn finish(
        self,
        path: &str,
        text: String,
        scan: &Scan,
        macros: &MacroIndex,
        mut uses: BTreeMap<String, MacroUse>,
    ) -> Rendered {
        uses.extend(self.python);
        let place = |function: &str, arguments: &[&str]| -> Location {
            scan.place(function, arguments)
                .or_else(|| macros.call_place(uses.keys(), function, arguments))
                .unwrap_or_else(|| Location::file(path))
        };
        let reads = |function: &str, values: BTreeMap<String, serde_json::Value>| -> BTreeMap<String, Read> {
            values
                .into_iter()
                .map(|(name, value)| {
                    let at = place(function, &[&name]);
                    (name, Read { value, at })
                })
                .collect()
        };
        let warning = |(function, name, hint): (&str, String, String)| {
            let (code, what) =
                UNSET.iter().find(|(of, ..)| *of == function).map_or(("", ""), |(_, code, what)| (code, what));
            let message = format!("{what} `{name}` is not set, and gives nothing");
            Diagnostic::warning(code, message).at(place(function, &[&name])).hint(hint)
        };
        Rendered {
            path: path.into(),
            text,
            warnings: self.unset.into_iter().map(warning).collect(),
            origin: Origin::default(),
            increment: None,
            config_at: Some(place("config", &[])),
            config: self.config,
            refs: self
                .refs
                .into_iter()
                .map(|(package, name)| {
                    let named: Vec<&str> = package.iter().map(String::as_str).chain([name.as_str()]).collect();
                    Reference { at: place("ref", &named), name, package }
                })
                .collect(),
            sources: self
                .sources
                .into_iter()
                .map(|(group, table)| SourceReference { at: place("source", &[&group, &table]), group, table })
                .collect(),
            vars: reads("var", self.vars),
            env: reads("env", self.env),
            macros: uses,
            hooks: Default::default(),
            declared_for: None,
        }
    }
}

/// What is warned of where it has no value: the function, the code, what it is.
const UNSET: [(&str, &str, &str); 2] = [("var", "unknown-var", "var"), ("env", "unknown-env", "environment variable")];

/// A [`Recorder`] that a template's functions share while it runs.
#[derive(Clone, Debug, Default)]
pub struct Recording(Arc<Mutex<Recorder>>);

impl Object for Recording {}

impl Recording {
    /// A record of a template, of this package, to which `is_incremental()` gives `incremental`.
    pub fn new(incremental: bool, package: Option<String>) -> Recording {
        Recording(Arc::new(Mutex::new(Recorder { incremental, package, ..Recorder::default() })))
    }

    /// What `is_incremental()` gives, which was asked.
    pub fn asked_incremental(&self) -> bool {
        let mut recorder = self.lock();
        recorder.asked = true;
        recorder.incremental
    }

    /// A text that `config()` was given so far.
    pub fn setting(&self, key: &str) -> Option<String> {
        self.lock().config.get(key)?.as_str().map(String::from)
    }

    /// Keeps that a macro in Python was called.
    pub fn used(&self, name: &str, used: &MacroUse) {
        self.lock().python.insert(name.into(), used.clone());
    }

    /// What was recorded.
    pub fn take(self) -> Recorder {
        std::mem::take(&mut *self.lock())
    }

    /// The record, to be read and added to.
    pub fn lock(&self) -> MutexGuard<'_, Recorder> {
        self.0.lock().expect("invariant: no panic under this lock")
    }
}

/// The record of the template that runs.
pub fn recording<'a>(state: &'a mut State) -> &'a Recording {
    state.get_or_insert_extension_with(Recording::default)
}
