//! What is set at a relation beside its rows, as components, and back from them: what a build left is what its entry has.

use super::{Component, Fingerprint, Kind};
use crate::dialect::Settings;
use crate::digest::canonical_json;
use serde::Serialize;
use serde::de::DeserializeOwned;

const INDEXES: &str = "indexes";
const GRANTS: &str = "grants";
const COMMENTS: &str = "comments";

/// One for each part that there is anything of.
pub(super) fn components(settings: &Settings) -> impl Iterator<Item = Component> {
    fn part(name: &str, is_there: bool, value: &impl Serialize) -> Option<Component> {
        let value = serde_json::to_value(value).expect("invariant: settings are JSON");
        is_there.then(|| Component::shown(Kind::Setting, name, &canonical_json(&value)))
    }
    let Settings { indexes, grants, comments } = settings;
    let parts = [
        part(INDEXES, !indexes.is_empty(), indexes),
        part(GRANTS, !grants.is_empty(), grants),
        part(COMMENTS, !comments.is_empty(), comments),
    ];
    parts.into_iter().flatten()
}

/// What the components of a recorded build say; what can't be read counts for nothing.
pub fn settings(fingerprint: &Fingerprint) -> Settings {
    fn part<T: DeserializeOwned + Default>(fingerprint: &Fingerprint, name: &str) -> T {
        let found = fingerprint.components.iter().find(|one| one.id() == (Kind::Setting, name));
        let text = found.and_then(|one| one.value.as_deref());
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }
    Settings {
        indexes: part(fingerprint, INDEXES),
        grants: part(fingerprint, GRANTS),
        comments: part(fingerprint, COMMENTS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{Comments, Index};
    use crate::fingerprint::Key;
    use std::sync::Arc;

    #[test]
    fn settings_are_read_back_from_their_components() {
        let all = Settings {
            indexes: vec![Index { columns: vec!["a".into(), "b".into()], unique: true, method: Some("hash".into()) }],
            grants: [("select".to_string(), ["r".to_string(), "s".into()].into())].into(),
            comments: Comments { relation: Some("it".into()), columns: [("a".to_string(), "one".to_string())].into() },
        };
        for settings in [all, Settings::default()] {
            let found: Vec<_> = components(&settings).map(Arc::new).collect();
            let read = super::settings(&Fingerprint::new(found, Arc::default(), None, &Key::default()));
            assert_eq!(read, settings);
        }
    }
}
