//! Every component of a node's fingerprint: its digest then and now.

use crate::artifact::manifest::ManifestNode;
use crate::artifact::results::ResultRow;
use crate::artifact::wire;
use crate::digest::Digest;
use crate::fingerprint::{Component, Fingerprint, Kind, paired};
use crate::site::Site;
use crate::site::cause::Value;
use crate::site::redact::PATH;
use std::sync::Arc;

/// Characters of a value that its cell shows.
const CELL: usize = 60;

pub struct Components<'a> {
    pub now: &'a wire::Fingerprint,
    /// The baseline's value, where there is one.
    pub then: Option<Digest>,
    pub rows: Vec<ComponentRow>,
    /// Why there is nothing to compare with.
    pub note: Option<String>,
}

pub struct ComponentRow {
    pub kind: Kind,
    pub name: String,
    pub now: Cell,
    pub then: Cell,
    pub equality: Equality,
    /// The whole digest of what is now, whether it is there or not; none for what is gone.
    pub leaf: Option<String>,
    pub present: bool,
    /// The name is withheld.
    pub nameless: bool,
    pub value: Option<Value>,
    pub withheld: bool,
}

/// A digest in short and as a whole; empty where there is none.
#[derive(Default)]
pub struct Cell {
    pub short: String,
    pub whole: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Equality {
    Equal,
    Changed,
    Added,
    Removed,
    /// There was no build before.
    New,
    Unknown,
}

impl Equality {
    pub fn sign(self) -> &'static str {
        match self {
            Equality::Equal => "=",
            Equality::Changed => "≠",
            Equality::Added | Equality::New => "+",
            Equality::Removed => "−",
            Equality::Unknown => "?",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Equality::Equal => "equal",
            Equality::Changed => "changed",
            Equality::Added => "added",
            Equality::Removed => "removed",
            Equality::New => "new",
            Equality::Unknown => "not known",
        }
    }
}

impl Components<'_> {
    pub fn equal(&self) -> usize {
        self.rows.iter().filter(|row| row.equality == Equality::Equal).count()
    }

    pub fn value(&self) -> String {
        self.now.value().to_string()
    }

    pub fn has_values(&self) -> bool {
        self.rows.iter().any(|row| row.value.is_some() || row.withheld)
    }

    /// Whether a key made the digests of variables.
    pub fn is_keyed(&self) -> bool {
        self.now.known().is_some_and(|known| known.key_id.is_some())
    }
}

pub fn of<'a>(site: &Site<'_>, node: &'a ManifestNode, row: Option<&ResultRow>) -> Components<'a> {
    let now = &node.fingerprint;
    let baseline = row.and_then(|row| row.decision.baseline.as_ref());
    let then = baseline.map(|baseline| baseline.fingerprint);
    let known = match now {
        wire::Fingerprint::Known(known) => known,
        wire::Fingerprint::Newer(newer) => {
            return Components {
                now,
                then,
                rows: Vec::new(),
                note: Some(format!("They can’t be listed: {}.", newer.why())),
            };
        }
    };
    let alone = |equality| known.components.iter().map(move |one| ComponentRow::of(None, Some(one), Some(equality)));
    let Some(baseline) = baseline else {
        let note = Some("No earlier build of it is recorded, so there is nothing to compare with.".into());
        return Components { now, then, rows: alone(Equality::New).collect(), note };
    };
    if baseline.fingerprint == known.value {
        let rows = known.components.iter().map(|one| ComponentRow::of(Some(one), Some(one), None)).collect();
        return Components { now, then, rows, note: None };
    }
    let record = site.input.archive.record(&baseline.run_id);
    let kept = record.as_ref().and_then(|record| record.fingerprints.get(&node.name)?.full.as_ref()?.known());
    match kept.filter(|full| full.value == baseline.fingerprint) {
        Some(full) => Components { now, then, rows: rows(full, known), note: None },
        None => Components {
            now,
            then,
            rows: alone(Equality::Unknown).collect(),
            note: Some("The components of the build that it is compared with aren’t kept.".into()),
        },
    }
}

/// Every component beside what it was.
pub fn rows(then: &Fingerprint, now: &Fingerprint) -> Vec<ComponentRow> {
    paired(then, now).into_iter().map(|(then, now)| ComponentRow::of(then, now, None)).collect()
}

impl ComponentRow {
    fn of(then: Option<&Arc<Component>>, now: Option<&Arc<Component>>, equality: Option<Equality>) -> ComponentRow {
        let side = now.or(then).expect("invariant: a row has a side");
        let equality = equality.unwrap_or(match (then, now) {
            (None, _) => Equality::Added,
            (_, None) => Equality::Removed,
            (Some(then), Some(now)) if then.is_like(now) => Equality::Equal,
            _ => Equality::Changed,
        });
        ComponentRow {
            kind: side.kind,
            name: side.name.clone(),
            now: Cell::of(now),
            then: Cell::of(then),
            equality,
            leaf: now.map(|now| now.digest.to_string()),
            present: side.present,
            nameless: side.name == PATH,
            value: Value::of_component(side),
            withheld: side.withheld,
        }
    }

    pub fn is_cut(&self) -> bool {
        self.value.as_ref().is_some_and(|value| value.cut)
    }

    /// As it is hashed: 1 for what is there, 0 for what isn't.
    pub fn state(&self) -> u8 {
        u8::from(self.present)
    }

    /// The fingerprint that stands for an upstream node.
    pub fn upstream(&self) -> Option<&str> {
        self.value.as_ref().filter(|_| self.kind == Kind::Upstream).map(|value| value.text.as_str())
    }

    pub fn short_upstream(&self) -> &str {
        let whole = self.upstream().unwrap_or_default();
        whole.get(..12).unwrap_or(whole)
    }

    /// The name as JSON where a browser would show another text.
    pub fn exact_name(&self) -> Option<String> {
        is_awkward(&self.name).then(|| json(&self.name))
    }

    /// The value as JSON where the page shows it in short, or a browser would show another text.
    pub fn exact_value(&self) -> Option<String> {
        let value = self.value.as_ref().filter(|value| !value.cut)?;
        (self.upstream().is_some() || is_awkward(&value.text)).then(|| json(&value.text))
    }

    /// The value in its cell; a longer one is folded.
    pub fn is_short(&self) -> bool {
        self.value.as_ref().is_some_and(|value| value.text.len() <= CELL && !value.text.contains('\n'))
    }
}

/// Whether HTML can't hold a text as it is: it reads line ends as one and leaves out a first one.
fn is_awkward(text: &str) -> bool {
    text.starts_with('\n') || text.contains(['\r', '\0'])
}

fn json(text: &str) -> String {
    serde_json::to_string(text).expect("invariant: text is JSON")
}

impl Cell {
    fn of(component: Option<&Arc<Component>>) -> Cell {
        match component {
            None => Cell::default(),
            Some(one) if !one.present => Cell { short: "absent".into(), whole: String::new() },
            Some(one) => Cell { short: one.digest.short(), whole: one.digest.to_string() },
        }
    }
}
