//! What makes a model an incremental one: how its table is extended, and its text for what is new.

use super::build::Builder;
use super::draft::Draft;
use super::incremental::{self, MAPPING, Place};
use super::{Body, Materialization, NodeKind, Variant};
use crate::diagnostic::{Diagnostic, Location};
use crate::name::look_up;
use crate::render::Increment;
use crate::render::mark::replace;
use crate::syntax::python::{PythonModel, VarsRead};
use litemap::LiteMap;
use serde_json::Value;

impl Builder<'_> {
    /// Gives a completed draft what an incremental model has, by its own `config()` and by project.yml; or says what is
    /// wrong with that. `named`: it says itself what it is materialized as.
    pub(super) fn extend(
        &self,
        draft: &mut Draft,
        own: Result<Vec<Place>, Vec<Diagnostic>>,
        says_itself: bool,
        (named, at): (bool, &Location),
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
        let places = match self.with_files(own.into_iter().chain(declared)) {
            Ok(places) => places,
            Err(problems) => return problems,
        };
        if !named && places.iter().find_map(Place::enabled) == Some(true) {
            draft.node.materialization = Materialization::extended();
            draft.node.config.insert("materialized".into(), draft.node.materialization.word().into());
        }
        if !draft.node.materialization.is_extended() {
            let history = draft.node.materialization.keeps_history();
            let said = places.iter().filter(|place| !(place.is_silent() || history && place.is_of_snapshots_too()));
            return said.map(|place| not_extended(draft, place)).collect();
        }
        let query = places.iter().find(|place| place.has_query() && draft.node.kind == NodeKind::Python);
        let disabled = places.iter().find(|place| place.enabled() == Some(false));
        if let Some(problem) =
            query.map(|place| gives_itself(draft, place)).or(disabled.map(|place| not_extended_at_all(draft, place)))
        {
            return vec![problem];
        }
        match incremental::read(draft.node.name.as_str(), &places, says_itself, at) {
            Ok(how) => {
                draft.node.config.insert(MAPPING.into(), how.setting());
                draft.node.incremental = Some(how);
            }
            Err(problems) => return problems,
        }
        Vec::new()
    }

    /// Places with the files that they name, each behind the one that names it.
    fn with_files(&self, places: impl Iterator<Item = Place>) -> Result<Vec<Place>, Vec<Diagnostic>> {
        let mut found = Vec::new();
        for place in places {
            let path = place.delta_config().map(|path| path.as_str().unwrap_or_default().to_string());
            let at = place.at().clone();
            found.push(place);
            if let Some(path) = path {
                let (settings, of) = self.project.deltas.settings(&path, &at).map_err(|problem| vec![problem])?;
                found.push(Place::declared(settings, &of)?);
            }
        }
        Ok(found)
    }

    /// What a Python model's decorator says of how it is extended: by its arguments, then by its `meta`.
    pub(super) fn python_places(model: &PythonModel, at: &Location) -> Result<Vec<Place>, Vec<Diagnostic>> {
        let meta = model.meta.as_ref().and_then(Value::as_object);
        let meta = meta.into_iter().flatten().filter(|(key, _)| incremental::keys().any(|known| known == key.as_str()));
        let mut meta: LiteMap<String, Value> = meta.map(|(key, value)| (key.clone(), value.clone())).collect();
        // By itself it may be anything.
        if meta.len() == 1 {
            meta.remove("updated_at");
        }
        let mut places = vec![Place::config(&model.settings, at)?, Place::config(&meta, at)?];
        if let VarsRead::All = model.reads.watermarks {
            let message = format!("`{}` asks `watermark()` for a column whose name isn't written out", model.name);
            let hint = "write `watermark(\"updated_at\")` with the name itself";
            return Err(vec![Diagnostic::new("bad-config", message).at(at.clone()).hint(hint)]);
        }
        places.retain(|place| !place.is_silent());
        Ok(places)
    }

    /// Gives an incremental draft its text for what is new.
    pub(super) fn vary(draft: &mut Draft, increment: Option<Increment>) {
        let extended = draft.node.incremental.is_some();
        let increment = increment.filter(|_| extended);
        if let (Body::Sql(body), Some(increment)) = (&mut draft.node.body, increment) {
            let logical = replace(&increment.text, |mark| mark.logical()).into();
            let Increment { origin, written, .. } = &increment;
            let (origin, written) = (origin.clone(), written.clone());
            body.increment = Some(Box::new(Variant { logical, origin, written, ..Variant::default() }));
            draft.increment = Some(increment.text);
        }
    }
}

fn not_extended(draft: &Draft, place: &Place) -> Diagnostic {
    let (name, is) = (&draft.node.name, draft.node.materialization.word());
    let message = format!("`{name}` says how it is extended, and is materialized as `{is}`");
    let hint = "write `materialized='incremental'`, or take those settings away";
    Diagnostic::new("bad-config", message).at(place.at().clone()).hint(hint)
}

fn gives_itself(draft: &Draft, place: &Place) -> Diagnostic {
    let message = format!("`{}` is a Python model and has a query for new rows", draft.node.name);
    let hint = "take it away: the model gives what is new itself, with `is_incremental()` and `watermark()`";
    Diagnostic::new("bad-config", message).at(place.at().clone()).hint(hint)
}

fn not_extended_at_all(draft: &Draft, place: &Place) -> Diagnostic {
    let message =
        format!("`{}` is materialized as `incremental`, and `enabled` says that it isn't extended", draft.node.name);
    let hint = "write `materialized='table'`, or take `enabled` away";
    Diagnostic::new("bad-config", message).at(place.at().clone()).hint(hint)
}
