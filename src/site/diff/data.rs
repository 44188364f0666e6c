//! What changed in a seed's rows and columns, as a list.

use crate::artifact::wire::{DataChange, look};
use askama::Template;
use askama::filters::HtmlSafe;

/// A change of data to be shown; prints itself as HTML.
#[derive(Clone, Debug, PartialEq, Template)]
#[template(path = "data.html")]
pub struct DataView {
    /// `3 rows before, 4 after`.
    pub summary: String,
    pub facts: Vec<Fact>,
}

impl HtmlSafe for DataView {}

/// One thing that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    pub kind: FactKind,
    /// What it is, in words.
    pub text: String,
    /// The column that it is about.
    pub column: Option<String>,
    /// What follows the column's name.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    Added,
    Changed,
    Removed,
}

impl Fact {
    fn class(&self) -> &'static str {
        match self.kind {
            FactKind::Added => "add",
            FactKind::Changed => "mod",
            FactKind::Removed => "del",
        }
    }

    pub fn sign(&self) -> &'static str {
        match self.kind {
            FactKind::Added => "+",
            FactKind::Changed => "~",
            FactKind::Removed => "−",
        }
    }
}

/// The facts of a change: rows first, then columns.
pub fn data(change: &DataChange) -> DataView {
    let rows = |count: usize| crate::site::word::count(count, "row");
    let fact = |kind, text: String| Fact { kind, text, column: None, detail: String::new() };
    let about = |kind, column: &String, text: &str| Fact { column: Some(column.clone()), ..fact(kind, text.into()) };
    let mut facts = Vec::new();
    let counts = [
        (FactKind::Added, change.rows_added, "added"),
        (FactKind::Removed, change.rows_removed, "removed"),
        (FactKind::Changed, change.rows_changed, "changed"),
    ];
    for (kind, count, word) in counts.into_iter().filter(|(_, count, _)| *count > 0) {
        facts.push(fact(kind, format!("{} {word}", rows(count))));
    }
    facts.extend(change.columns_added.iter().map(|column| about(FactKind::Added, column, "column added:")));
    facts.extend(change.columns_removed.iter().map(|column| about(FactKind::Removed, column, "column removed:")));
    facts.extend(change.columns_retyped.iter().map(|one| Fact {
        detail: format!("looks like {}, was {}", look(&one.after), look(&one.before)),
        ..about(FactKind::Changed, &one.name, "column")
    }));
    if change.columns_reordered {
        facts.push(fact(FactKind::Changed, "the same columns in another order".into()));
    }
    let matched =
        if change.key.is_empty() { String::new() } else { format!(", matched by {}", change.key.join(" and ")) };
    let same = if facts.is_empty() { "; the same rows" } else { "" };
    let summary = format!("{} before, {} after{matched}{same}", rows(change.rows_before), change.rows_after);
    DataView { summary, facts }
}
