//! What makes a model an incremental one: how its table is extended, and its text for what is new.

use super::build::Builder;
use super::draft::Draft;
use super::incremental::{self, MAPPING, Place};
use super::{Body, Materialization, Variant};
use crate::diagnostic::{Diagnostic, Location};
use crate::name::look_up;
use crate::render::Increment;
use crate::render::mark::replace;
use serde_json::Value;

impl Builder<'_> {
    /// Gives a completed draft what an incremental model has, by its own `config()` and by project.yml; or says what is
    /// wrong with that.
    pub(super) fn extend(
        &self,
        draft: &mut Draft,
        own: Result<Place, Vec<Diagnostic>>,
        increment: Option<Increment>,
        at: &Location,
    ) -> Vec<Diagnostic> {
        let known = |word: &Value| word.as_str().is_some_and(|word| Materialization::called(word).is_some());
        // What is no materialization at all is told by itself.
        if !draft.node.config.get("materialized").is_some_and(known) {
            return Vec::new();
        }
        let own = match own {
            Ok(own) => own,
            Err(problems) => return problems,
        };
        let declared = look_up(draft.node.name.as_str(), |name| self.project.settings.model_incremental.get(name));
        let declared = match declared.map(|declared| Place::declared(&declared.value, &declared.at)).transpose() {
            Ok(declared) => declared,
            Err(problems) => return problems,
        };
        if !draft.node.materialization.is_extended() {
            let said = declared.iter().chain([&own]).filter(|place| !place.is_silent());
            return said.map(|place| not_extended(draft, place)).collect();
        }
        let places: Vec<Place> = [own].into_iter().chain(declared).collect();
        match incremental::read(draft.node.name.as_str(), &places, increment.is_some(), at) {
            Ok(how) => {
                draft.node.config.insert(MAPPING.into(), how.setting());
                draft.node.incremental = Some(how);
            }
            Err(problems) => return problems,
        }
        if let (Body::Sql(body), Some(increment)) = (&mut draft.node.body, increment) {
            let logical = replace(&increment.text, |mark| mark.logical()).into();
            body.increment = Some(Box::new(Variant { logical, origin: increment.origin, ..Variant::default() }));
            draft.increment = Some(increment.text);
        }
        Vec::new()
    }
}

fn not_extended(draft: &Draft, place: &Place) -> Diagnostic {
    let (name, is) = (&draft.node.name, draft.node.materialization.word());
    let message = format!("`{name}` says how it is extended, and is materialized as `{is}`");
    let hint = "write `materialized='incremental'`, or take those settings away";
    Diagnostic::new("bad-config", message).at(place.at().clone()).hint(hint)
}
