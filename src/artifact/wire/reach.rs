//! Which columns an edit changes, and who reads them, as it is written.

use super::is_zero;
use super::listed::count;
use crate::diagnostic::grouped;
use crate::lineage::shape::Edit;
use serde::{Deserialize, Serialize};

/// Columns that are named of several.
const NAMED: usize = 8;

/// What an edit of columns is to a node: it reads what is different, it may, it doesn't.
pub const TO_A_NODE: [&str; 3] = ["this node reads that", "this node may read that", "this node reads none of that"];

/// What became of a model's columns where its SQL was edited.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ColumnEdit {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// Why its rows may be others too, and with them every column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<String>,
}

/// An edit of columns, and who reads them of the nodes that were rebuilt for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnReach {
    /// Columns of other nodes that are different with it.
    pub columns: usize,
    /// What became of its own columns.
    pub edit: ColumnEdit,
    /// Nodes that may read it: it isn't known what some of their columns come from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub perhaps: Vec<String>,
    /// Nodes that read it, themselves or through others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readers: Vec<String>,
    /// Nodes that were rebuilt for it, itself left out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rebuilt: usize,
    /// All of that in words.
    pub sentence: String,
}

impl From<&Edit> for ColumnEdit {
    fn from(edit: &Edit) -> ColumnEdit {
        match edit.clone() {
            Edit::Columns { added, changed, removed } => ColumnEdit { added, changed, removed, rows: None },
            Edit::Rows(reason) => ColumnEdit { rows: Some(reason), ..ColumnEdit::default() },
        }
    }
}

impl ColumnEdit {
    /// `changed: full_name; new: email`; of rows why they may be others.
    pub fn words(&self) -> String {
        if let Some(reason) = &self.rows {
            return format!("any column may be another: {reason}");
        }
        let parts = [("changed", &self.changed), ("new", &self.added), ("gone", &self.removed)];
        let told = parts.into_iter().filter(|(_, names)| !names.is_empty());
        let told: Vec<String> = told.map(|(word, names)| format!("{word}: {}", few(names))).collect();
        if told.is_empty() { "no column changed".into() } else { told.join("; ") }
    }
}

impl ColumnReach {
    /// Makes its sentence from the rest: `changed: full_name; reaches 1 column in 1 model; of the 588 nodes rebuilt for
    /// it 1 reads that and 3 may`.
    pub fn worded(mut self) -> ColumnReach {
        let (reads, may) = (self.readers.len(), self.perhaps.len());
        let reaches = match (self.columns, reads, may) {
            (0, 0, 0) => "reaches no other column".into(),
            (0, 0, _) => "reaches no other column for certain".into(),
            _ => format!("reaches {} in {}", count(self.columns, "column"), count(reads, "model")),
        };
        let may = if may > 0 { format!(" and {} may", grouped(may)) } else { String::new() };
        let read = match reads {
            0 => "none reads".into(),
            1 => "1 reads".into(),
            many => format!("{} read", grouped(many)),
        };
        let rebuilt = match self.rebuilt {
            0 => String::new(),
            rebuilt => {
                format!("; of the {} rebuilt for it {read} that{may}", count(rebuilt, "node"))
            }
        };
        self.sentence = format!("{}; {reaches}{rebuilt}", self.edit.words());
        self
    }

    /// What it is to one of the nodes that were rebuilt for it, as one of [`TO_A_NODE`].
    pub fn of(&self, node: &str) -> &'static str {
        let is_among = |names: &[String]| names.iter().any(|name| name == node);
        let [reads, may, none] = TO_A_NODE;
        match () {
            () if is_among(&self.readers) => reads,
            () if is_among(&self.perhaps) => may,
            () => none,
        }
    }

    /// The edit of `root` as one node is told of it: `changed: full_name; …; this node reads that`.
    pub fn told_to(&self, root: &str, node: &str) -> String {
        let own = if root == node { String::new() } else { format!("; {}", self.of(node)) };
        format!("{}{own}", self.sentence)
    }
}

/// Some names, those that are too many counted.
pub(super) fn few(names: &[String]) -> String {
    let shown = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(NAMED);
    if more == 0 { shown } else { format!("{shown} and {} more", grouped(more)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_and_its_reach_are_told_in_a_sentence() {
        let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
        let edit = ColumnEdit { changed: names(&["full_name"]), ..ColumnEdit::default() };
        let reach = |readers: &[&str], perhaps: &[&str], columns, rebuilt| {
            let (edit, readers, perhaps) = (edit.clone(), names(readers), names(perhaps));
            ColumnReach { columns, edit, perhaps, readers, rebuilt, sentence: String::new() }.worded()
        };
        let one = reach(&["mart.ff"], &["py", "opaque.ff"], 1, 588);
        assert_eq!(
            one.sentence,
            "changed: full_name; reaches 1 column in 1 model; of the 588 nodes rebuilt for it 1 reads that and 2 may"
        );
        assert_eq!([one.of("mart.ff"), one.of("py"), one.of("x")], TO_A_NODE);
        assert!(
            one.told_to("stg.ff", "py")
                .ends_with("; of the 588 nodes rebuilt for it 1 reads that and 2 may; this node may read that")
        );
        assert_eq!(one.told_to("stg.ff", "stg.ff"), one.sentence);
        let many: Vec<String> = (0..1200).map(|number| format!("m{number}")).collect();
        let many = reach(&many.iter().map(String::as_str).collect::<Vec<_>>(), &[], 4000, 3000);
        assert_eq!(
            many.sentence,
            "changed: full_name; reaches 4,000 columns in 1,200 models; of the 3,000 nodes rebuilt for it 1,200 read that"
        );
        let none = reach(&[], &[], 0, 1);
        assert_eq!(
            none.sentence,
            "changed: full_name; reaches no other column; of the 1 node rebuilt for it none reads that"
        );
        assert_eq!(
            reach(&[], &["py"], 0, 2).sentence,
            "changed: full_name; reaches no other column for certain; of the 2 nodes rebuilt for it none reads that and 1 may"
        );
        assert_eq!(ColumnEdit::default().words(), "no column changed");
        let more = ColumnEdit { added: names(&["a"]), removed: names(&["b"]), ..edit.clone() };
        assert_eq!(more.words(), "changed: full_name; new: a; gone: b");
    }
}
