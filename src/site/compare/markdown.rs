//! `markdown`: what a comparison as Markdown has besides, for who copies it: differences as they are printed, by the keys
//! of `causes`; what codes are called; how the graph is drawn. `static/markdown.js` puts it together as
//! [`crate::artifact::markdown`] does.

use crate::artifact::markdown::CLASSES;
use crate::artifact::wire::{Cause, TextDiff, title};
use crate::site::{Page, data};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

/// Bytes of differences that a site has for it.
const MOST: usize = 2 << 20;

/// Lines, and how many more were cut.
type Lines = (String, usize);

/// The differences of a reason: of the whole, and of each thing that explains it.
#[derive(Serialize)]
struct Shown {
    own: Option<Lines>,
    origins: Vec<Option<Lines>>,
}

pub struct Printed {
    left: usize,
    titles: BTreeMap<String, String>,
    diffs: BTreeMap<String, Shown>,
}

impl Printed {
    pub fn empty() -> Printed {
        let (titles, diffs) = Default::default();
        Printed { left: MOST, titles, diffs }
    }

    /// A reason as far as it may be shown.
    pub fn add(&mut self, key: &str, cause: &Cause) {
        self.titles.insert(cause.code.as_str().to_string(), title(&cause.code));
        let own = cause.own_diff().and_then(|diff| self.lines(diff));
        let origins: Vec<Option<Lines>> =
            cause.attributed_to.iter().map(|found| self.lines(found.diff.as_ref()?)).collect();
        if own.is_some() || origins.iter().any(Option::is_some) {
            self.diffs.insert(key.to_string(), Shown { own, origins });
        }
    }

    /// `None` where there is no room for them.
    fn lines(&mut self, diff: &TextDiff) -> Option<Lines> {
        let lines = diff.lines().collect::<Vec<_>>().join("\n");
        self.left = self.left.checked_sub(lines.len())?;
        Some((lines, diff.cut))
    }

    pub fn page(&self) -> Page {
        data::shard("markdown", &json!({"classes": CLASSES, "diffs": self.diffs, "titles": self.titles}))
    }
}
