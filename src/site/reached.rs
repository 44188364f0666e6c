//! Which columns an edit changed, and who reads them, beside the difference that says how.

use super::word::Thousands;
use crate::artifact::wire::{ColumnReach, Root};
use askama::Template;
use askama::filters::HtmlSafe;

/// Nodes of one edit whose columns are told.
const TOLD: usize = 3;

/// What one edit did to columns; prints itself as HTML, and nothing where it isn't an edit of columns.
#[derive(Default, Template)]
#[template(path = "reached.html")]
pub struct Reached<'a> {
    told: Vec<Told<'a>>,
    /// Nodes that are left out.
    more: usize,
}

impl HtmlSafe for Reached<'_> {}

/// What became of a node's columns, in words.
struct Told<'a> {
    /// The node, where one edit made several causes.
    node: Option<&'a str>,
    sentence: String,
}

impl<'a> Reached<'a> {
    /// Of the roots of one edit. A page of a `reader` says too what it is to that node.
    pub fn of(edit: &[&'a Root], reader: Option<&str>) -> Reached<'a> {
        let known: Vec<_> = edit.iter().filter_map(|root| Some((*root, root.columns.as_ref()?))).collect();
        let one = |(root, columns): &(&'a Root, &ColumnReach)| Told {
            node: (edit.len() > 1).then_some(root.name.as_str()),
            sentence: told(columns, &root.name, reader),
        };
        Reached { told: known.iter().take(TOLD).map(one).collect(), more: known.len().saturating_sub(TOLD) }
    }

    /// Of a node's own edit in a run with these roots.
    pub fn of_node(roots: &'a [Root], node: &str) -> Reached<'a> {
        let own: Vec<&Root> = roots.iter().filter(|root| root.name == node).collect();
        Reached::of(&own, None)
    }
}

fn told(columns: &ColumnReach, root: &str, reader: Option<&str>) -> String {
    reader.map_or_else(|| columns.sentence.clone(), |reader| columns.told_to(root, reader))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn root(name: &str, columns: bool) -> Root {
        let columns = columns.then(|| {
            json!({
                "columns": 1, "edit": {"changed": ["full_name"]}, "readers": ["mart.ff"], "rebuilt": 2,
                "sentence": "changed: full_name",
            })
        });
        let root = json!({
            "code": "sql_changed", "columns": columns, "impact": 3, "kind": "node", "name": name,
            "sentence": "SQL changed", "sole_impact": 0,
        });
        serde_json::from_value(root).unwrap()
    }

    #[test]
    fn an_edit_of_one_node_needs_no_name_and_one_of_several_does() {
        let (one, none) = (root("stg.ff", true), root("<b>", false));
        let words = |edit: &[&Root], reader| {
            let found = Reached::of(edit, reader);
            let words = |one: &Told<'_>| format!("{}|{}", one.node.unwrap_or_default(), one.sentence);
            (found.told.iter().map(words).collect::<Vec<_>>(), found.more)
        };
        assert_eq!(words(&[&none], None), (vec![], 0));
        assert_eq!(words(&[&one], None), (vec!["|changed: full_name".into()], 0));
        assert_eq!(words(&[&one], Some("mart.ff")), (vec!["|changed: full_name; this node reads that".into()], 0));
        assert_eq!(words(&[&none, &one], None), (vec!["stg.ff|changed: full_name".into()], 0));
        let many: Vec<Root> = (0..5).map(|number| root(&format!("n{number}"), true)).collect();
        let (told, more) = words(&many.iter().collect::<Vec<_>>(), None);
        assert_eq!((told.len(), more), (3, 2));
        assert_eq!(Reached::of(&[&none], None).render().unwrap().trim(), "");
        assert!(Reached::of_node(&[root("<b>", true)], "<b>").render().unwrap().contains("changed: full_name</p>"));
    }
}
