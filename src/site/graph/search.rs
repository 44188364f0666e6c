//! What search looks through, in two tiers: `search` (names, columns, descriptions), loaded when search opens, and
//! `code-0`, `code-1` … (compiled SQL and Python), loaded when somebody types.

use super::{Dag, Item, Of};
use crate::site::{Page, data};
use serde::Serialize;
use serde_json::{Value, json};

/// Letters of code in a shard, about.
const CODE: usize = 400_000;

pub(super) fn shards(dag: &Dag<'_>) -> Vec<Page> {
    let mut shards = vec![data::shard("search", &Index::new(dag))];
    let mut piece: Vec<Value> = Vec::new();
    let mut size = 0;
    let code = dag.items.iter().zip(0..).filter_map(|(item, at): (_, u32)| Some((at, item.node()?.compiled.as_ref()?)));
    let mut close = |piece: &mut Vec<Value>| {
        shards.push(data::shard(&format!("code-{}", shards.len() - 1), &std::mem::take(piece)));
    };
    for (at, text) in code {
        piece.push(json!([at, text]));
        size += text.len();
        if size > CODE {
            close(&mut piece);
            size = 0;
        }
    }
    if !piece.is_empty() {
        close(&mut piece);
    }
    shards
}

/// One entry an item; macros follow.
#[derive(Serialize)]
struct Index {
    names: Vec<String>,
    /// What each is: `seed`, `source`, `SQL`, `Python`, `macro`.
    kinds: Vec<&'static str>,
    pages: Vec<String>,
    descriptions: Vec<String>,
    /// Tags, separated by spaces.
    tags: Vec<String>,
    /// The columns of each, with what is said of them: name, description or empty.
    columns: Vec<Vec<[String; 2]>>,
}

impl Index {
    fn new(dag: &Dag<'_>) -> Index {
        let items = &dag.items;
        let macros = &dag.manifest.macros;
        let mut index = Index {
            names: items.iter().map(|item| item.name.to_string()).collect(),
            kinds: items.iter().map(|item| item.kind.word().1).collect(),
            pages: items.iter().map(|item| item.page.clone()).collect(),
            descriptions: items.iter().map(description).collect(),
            tags: items.iter().map(|item| item.node().map(|node| node.tags.join(" ")).unwrap_or_default()).collect(),
            columns: items.iter().map(columns).collect(),
        };
        for path in macros.keys() {
            index.names.push(path.clone());
            index.kinds.push("macro");
            index.pages.push(format!("macros.html#{}", crate::site::name::page_name(path)));
            index.descriptions.push(String::new());
            index.tags.push(String::new());
            index.columns.push(Vec::new());
        }
        index
    }
}

fn description(item: &Item<'_>) -> String {
    let said = match item.of {
        Of::Node(node, _) => &node.description,
        Of::Source(source) => &source.description,
    };
    said.clone().unwrap_or_default()
}

fn columns(item: &Item<'_>) -> Vec<[String; 2]> {
    let Some(node) = item.node() else { return Vec::new() };
    node.columns.iter().map(|column| [column.name.clone(), column.description.clone().unwrap_or_default()]).collect()
}
