//! A cause as a view: its sentence, what was before and after, what explains it, and its diffs as rows.
//!
//! Everything that a project wrote is text here; the templates escape it.

use super::diff::{self, DataView, DiffView};
use super::highlight::Language;
use super::word;
use crate::artifact::wire::{Attribution, Cause, Side, Word};
use crate::fingerprint::{Component, InputKind, Kind};

/// Bytes of a value that a page shows at most.
const VALUE: usize = 4096;

/// A cause, ready for `templates/cause.html`.
pub struct CauseView<'a> {
    pub cause: &'a Cause,
    pub sentence: String,
    pub before: SideView,
    pub after: SideView,
    pub origins: Vec<Origin<'a>>,
    pub data: Option<DataView>,
    pub diff: Option<DiffView>,
    /// Diffs that there are and that this page has no room for.
    pub left_out: usize,
}

/// One side of a change; `digest` is empty where there was nothing.
#[derive(Default)]
pub struct SideView {
    pub digest: String,
    pub size: String,
    pub value: Option<Value>,
    pub withheld: bool,
}

/// A value that may be shown, and whether it goes on.
pub struct Value {
    pub text: String,
    pub cut: bool,
}

/// An input or a part of a text that explains a change.
pub struct Origin<'a> {
    pub found: &'a Attribution,
    pub diff: Option<DiffView>,
}

impl<'a> CauseView<'a> {
    /// `shown` says whether diffs have room here.
    pub fn new(cause: &'a Cause, shown: bool) -> CauseView<'a> {
        let origin = |found: &'a Attribution| Origin {
            diff: found.diff.as_ref().filter(|_| shown).map(|one| diff::view(one, language(found))),
            found,
        };
        let all = cause.attributed_to.iter().filter(|found| found.diff.is_some()).count()
            + usize::from(cause.own_diff().is_some());
        CauseView {
            sentence: cause.sentence.clone(),
            before: SideView::of(cause, cause.before.as_ref()),
            after: SideView::of(cause, cause.after.as_ref()),
            origins: cause.attributed_to.iter().map(origin).collect(),
            data: cause.data.as_ref().map(diff::data),
            diff: cause
                .own_diff()
                .filter(|_| shown)
                .map(|one| diff::view(one, cause.kind.as_ref().and_then(Word::known).and_then(kind_language))),
            left_out: if shown { 0 } else { all },
            cause,
        }
    }

    pub fn has_sides(&self) -> bool {
        self.cause.before.is_some() || self.cause.after.is_some()
    }

    pub fn has_values(&self) -> bool {
        self.before.value.is_some() || self.after.value.is_some()
    }
}

/// Bytes of the differences that it holds.
pub fn diff_bytes(cause: &Cause) -> usize {
    let own = cause.attributed_to.iter().filter_map(|found| found.diff.as_ref()).chain(&cause.diff);
    own.map(|diff| diff.unified.len()).sum()
}

/// Bytes that the page takes to draw them.
pub fn diff_weight(cause: &Cause) -> usize {
    let own = cause.attributed_to.iter().filter_map(|found| found.diff.as_ref()).chain(&cause.diff);
    own.map(|diff| 240 * diff.unified.lines().count() + 2 * diff.unified.len()).sum()
}

impl SideView {
    fn of(cause: &Cause, side: Option<&Side>) -> SideView {
        let Some(side) = side else { return SideView::default() };
        // What is recorded of an upstream node is its fingerprint: that is what a reader knows it by.
        if let Some(fingerprint) = side.value.as_deref().filter(|_| cause.is_of(Kind::Upstream)) {
            let digest = fingerprint.get(..12).unwrap_or(fingerprint).to_string();
            return SideView { digest, size: String::new(), ..SideView::default() };
        }
        SideView {
            digest: side.digest.short(),
            // Of what is withheld, the size of nothing says nothing.
            size: if side.withheld && side.size == 0 { String::new() } else { word::bytes(side.size) },
            value: side.value.as_deref().map(Value::of),
            withheld: side.withheld,
        }
    }
}

impl Value {
    pub fn of(text: &str) -> Value {
        let end = text.floor_char_boundary(VALUE);
        Value { text: text[..end].to_string(), cut: end < text.len() }
    }

    /// The value of a component where it may be shown.
    pub fn of_component(component: &Component) -> Option<Value> {
        component.value.as_deref().map(Value::of)
    }
}

fn language(found: &Attribution) -> Option<Language> {
    match found.kind.known()? {
        InputKind::Var | InputKind::Env => None,
        InputKind::Macro => Some(Language::Sql),
        InputKind::Template | InputKind::Constant if found.path.ends_with(".py") => Some(Language::Python),
        InputKind::Template | InputKind::Constant => Some(Language::Sql),
        InputKind::Function | InputKind::Class | InputKind::Import | InputKind::Statement => Some(Language::Python),
    }
}

fn kind_language(kind: Kind) -> Option<Language> {
    match kind {
        Kind::Sql => Some(Language::Sql),
        Kind::Python | Kind::PythonModule => Some(Language::Python),
        _ => None,
    }
}
