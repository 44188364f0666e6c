//! What the project says of relations and their columns, brought to the comments of the database.

use super::{Failure, Selection, Standing, redacted};
use crate::dialect::Comments;
use crate::graph::{self, NodeId};
use crate::name::NodeName;

/// What is said of a node in the project and not in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsaid {
    pub node: NodeName,
    /// Whether the relation's own comment is another.
    pub relation: bool,
    /// Columns whose comments are, as the database calls them.
    pub columns: Vec<String>,
}

impl Standing {
    /// Writes the descriptions of the nodes that are asked for, with what they say of columns, where the database says
    /// something else; `dry_run`: writes nothing. Gives what differed. Relations that this project didn't build are left as
    /// they are; so are comments of which the project says nothing.
    pub fn sync_comments(mut self, asked: &Selection, dry_run: bool) -> Result<Vec<Unsaid>, Failure> {
        let selected = self.selection(asked)?;
        let mut unsaid = Vec::new();
        for id in selected {
            unsaid.extend(self.sync(id, dry_run)?);
        }
        Ok(unsaid)
    }

    fn sync(&mut self, id: NodeId, dry_run: bool) -> Result<Option<Unsaid>, Failure> {
        let Standing { checkout, graph, database, found, state, .. } = self;
        let node = &graph.nodes[id];
        let replaced = state.entries.get(&node.name).is_some_and(|entry| found[id].is_replaced(entry));
        let meta = found[id].meta.as_ref().filter(|meta| meta.node == node.name && meta.other_project.is_none());
        let meta = meta.filter(|_| !replaced);
        let wanted = graph::said(&checkout.project, node);
        let (Some(kind), Some(_), false) = (found[id].kind, meta, wanted.is_empty()) else { return Ok(None) };
        let failed = |error| redacted(&checkout.project, error);
        let Some(said) = database.session().said(&node.relation).map_err(failed)? else {
            let engine = database.engine().name();
            let message = format!("fft doesn't read the comments of {engine} yet");
            let hint = "`persist_docs` writes those of a model with its builds";
            return Err(Failure::Usage(message, vec![hint.into()]));
        };
        let lacks = said.lacks(&wanted);
        if lacks.is_empty() {
            return Ok(None);
        }
        if !dry_run {
            database.session().say(&node.relation, kind, &said, &lacks).map_err(failed)?;
        }
        let Comments { relation, columns } = lacks;
        let columns = columns.into_keys().collect();
        Ok(Some(Unsaid { node: node.name.clone(), relation: relation.is_some(), columns }))
    }
}
