//! A fingerprint as it is written: one whose every word is known, or one of a newer fft, kept as it was read.

use super::{Word, is_false, is_zero};
use crate::digest::Digest;
use crate::fingerprint::{self, InputKind, Kind};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq)]
pub enum Fingerprint {
    Known(fingerprint::Fingerprint),
    /// With a component or an input of a kind that this fft doesn't know.
    Newer(Box<Newer>),
}

/// The form that is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Newer {
    components: Vec<Component>,
    format: String,
    #[serde(default)]
    inputs: Vec<Input>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    semantic: Option<Digest>,
    pub value: Digest,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Component {
    digest: Digest,
    kind: Word<Kind>,
    name: String,
    present: bool,
    size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    withheld: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Input {
    digest: Digest,
    kind: Word<InputKind>,
    #[serde(default, skip_serializing_if = "is_zero")]
    line: usize,
    name: String,
    path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

impl Fingerprint {
    pub fn value(&self) -> Digest {
        match self {
            Fingerprint::Known(known) => known.value,
            Fingerprint::Newer(newer) => newer.value,
        }
    }

    /// The format that the value is computed in.
    pub fn format(&self) -> &str {
        match self {
            Fingerprint::Known(known) => &known.format,
            Fingerprint::Newer(newer) => &newer.format,
        }
    }

    pub fn known(&self) -> Option<&fingerprint::Fingerprint> {
        match self {
            Fingerprint::Known(known) => Some(known),
            Fingerprint::Newer(_) => None,
        }
    }

    /// Every digest that contents may be kept under.
    pub fn digests(&self) -> Vec<Digest> {
        match self {
            Fingerprint::Known(known) => {
                let components = known.components.iter().map(|component| component.digest);
                components.chain(known.inputs.iter().map(|input| input.digest)).collect()
            }
            Fingerprint::Newer(newer) => newer.digests(),
        }
    }
}

impl Newer {
    /// Why nothing can be made of it here.
    pub fn why(&self) -> String {
        let kinds = self.components.iter().filter_map(|one| one.kind.unknown());
        let kinds = kinds.chain(self.inputs.iter().filter_map(|one| one.kind.unknown()));
        format!("a newer fft recorded it from a `{}`, which this one doesn't know", kinds.take(1).collect::<String>())
    }

    fn digests(&self) -> Vec<Digest> {
        let components = self.components.iter().map(|component| component.digest);
        components.chain(self.inputs.iter().map(|input| input.digest)).collect()
    }

    /// Takes names of files, values or texts out: whatever may be withheld of a kind that isn't known.
    pub fn withhold(&mut self, path: &str) {
        for component in &mut self.components {
            component.withheld |= component.value.take().is_some();
            component.name = path.into();
        }
        for input in &mut self.inputs {
            (input.name, input.path) = (path.into(), path.into());
            (input.line, input.value) = (0, None);
        }
    }

    fn known(self) -> Result<fingerprint::Fingerprint, Newer> {
        let kinds = self.components.iter().map(|one| one.kind.known()).collect::<Option<Vec<Kind>>>();
        let inputs = self.inputs.iter().map(|one| one.kind.known()).collect::<Option<Vec<InputKind>>>();
        let (Some(kinds), Some(input_kinds)) = (kinds, inputs) else { return Err(self) };
        let component = |(one, kind): (Component, Kind)| {
            Arc::new(fingerprint::Component {
                digest: one.digest,
                kind,
                name: one.name,
                present: one.present,
                size: one.size,
                value: one.value,
                withheld: one.withheld,
                content: fingerprint::Content::None,
            })
        };
        let input = |(one, kind): (Input, InputKind)| fingerprint::Input {
            digest: one.digest,
            kind,
            line: one.line,
            name: one.name,
            path: one.path,
            value: one.value,
            content: None,
        };
        Ok(fingerprint::Fingerprint {
            components: self.components.into_iter().zip(kinds).map(component).collect(),
            format: self.format,
            inputs: self.inputs.into_iter().zip(input_kinds).map(input).collect(),
            key_id: self.key_id,
            semantic: self.semantic,
            value: self.value,
        })
    }
}

impl From<&fingerprint::Fingerprint> for Fingerprint {
    /// Components are shared, not copied.
    fn from(known: &fingerprint::Fingerprint) -> Fingerprint {
        Fingerprint::Known(known.clone())
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Fingerprint::Known(known) => known.serialize(serializer),
            Fingerprint::Newer(newer) => newer.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fingerprint, D::Error> {
        let read = Newer::deserialize(deserializer)?;
        Ok(read.known().map_or_else(|newer| Fingerprint::Newer(Box::new(newer)), Fingerprint::Known))
    }
}
