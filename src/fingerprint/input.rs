//! What a rendered text was made from: never hashed into a fingerprint, kept so that a change can be told from its
//! origin.

use super::leaf;
use crate::diagnostic::Location;
use crate::digest::Digest;
use crate::render::{MacroUse, Read};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    Template,
    Macro,
    Var,
    Env,
    /// A value that a macro file, or a Python text, gives a name to.
    Constant,
    /// A part of a Python text: never an input that is recorded, only what a change is told by.
    Function,
    Class,
    Import,
    Statement,
}

impl InputKind {
    pub fn as_str(self) -> &'static str {
        match self {
            InputKind::Template => "template",
            InputKind::Macro => "macro",
            InputKind::Var => "var",
            InputKind::Env => "env",
            InputKind::Function => "function",
            InputKind::Class => "class",
            InputKind::Constant => "constant",
            InputKind::Import => "import",
            InputKind::Statement => "statement",
        }
    }
}

/// A template file, macro, var or environment variable that a text was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Of the content; under this name it is kept as evidence.
    pub digest: Digest,
    pub kind: InputKind,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub line: usize,
    /// The template's path, or the name of the macro, var or variable.
    pub name: String,
    /// Where it is defined (template, macro) or first read (var, env).
    pub path: String,
    /// A var's value as JSON, and the value of an exposed variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(skip)]
    pub content: Option<Arc<str>>,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Input {
    /// Whether just the same is recorded of both.
    pub fn is_recorded_as(&self, other: &Input) -> bool {
        let recorded = |one: &Input| (one.digest, one.kind, one.line);
        let texts = (&self.name, &self.path, &self.value) == (&other.name, &other.path, &other.value);
        recorded(self) == recorded(other) && texts
    }

    pub fn template(path: &str, text: &Arc<str>) -> Input {
        Input::text(InputKind::Template, path, Location::file(path), text)
    }

    pub fn macros(uses: &BTreeMap<String, MacroUse>) -> impl Iterator<Item = Input> {
        let kind = |used: &MacroUse| if used.constant { InputKind::Constant } else { InputKind::Macro };
        uses.iter().map(move |(name, used)| Input::text(kind(used), name, used.at.clone(), &used.text))
    }

    pub fn vars(reads: &BTreeMap<String, Read>) -> impl Iterator<Item = Input> {
        reads.iter().map(|(name, read)| {
            let value = crate::digest::canonical_json(&read.value);
            Input { value: Some(value.clone()), ..Input::bare(InputKind::Var, name, &read.at, &value) }
        })
    }

    /// Values of variables stay out unless `exposed` says so; the digest is that of a component
    /// of the same name.
    pub fn env(
        reads: &BTreeMap<String, Read>,
        exposed: impl Fn(&str) -> bool,
        leaf: impl Fn(&str) -> Option<Digest>,
    ) -> Vec<Input> {
        let one = |(name, read): (&String, &Read)| {
            let value = read.value.as_str().unwrap_or_default();
            let bare = Input::bare(InputKind::Env, name, &read.at, "");
            Input { digest: leaf(name).unwrap_or(bare.digest), value: exposed(name).then(|| value.to_string()), ..bare }
        };
        reads.iter().map(one).collect()
    }

    fn text(kind: InputKind, name: &str, at: Location, text: &Arc<str>) -> Input {
        Input { content: Some(text.clone()), ..Input::bare(kind, name, &at, text) }
    }

    fn bare(kind: InputKind, name: &str, at: &Location, content: &str) -> Input {
        Input {
            kind,
            name: name.into(),
            path: at.path.clone(),
            line: at.line,
            digest: leaf(kind.as_str(), name, content.as_bytes()),
            value: None,
            content: None,
        }
    }
}
