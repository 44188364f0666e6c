//! A graph over relations elsewhere: all of them in one schema, under names of their own.

use super::build::{Builder, Spelling};
use crate::name::{NodeName, RelationName};
use crate::project::SourceTable;
use std::collections::{BTreeMap, BTreeSet};

/// By group and table.
type SourceKey = (String, String);

/// What was moved to another schema.
#[derive(Clone, Debug, Default)]
pub struct Moved {
    /// The relation that stands for each source there.
    pub sources: BTreeMap<SourceKey, RelationName>,
    /// The relation that each node has otherwise.
    pub own: BTreeMap<NodeName, RelationName>,
}

impl Builder<'_> {
    /// Gives every node and every source a relation in the schema that the spelling names, if it names one; with the
    /// sources as texts are to name them. Names that two would have, in whatever case, get a number.
    pub(super) fn moved(&mut self) -> Option<(Moved, BTreeMap<SourceKey, SourceTable>)> {
        let Spelling::Moved(schema) = self.spelling else { return None };
        let mut taken = BTreeSet::new();
        let mut unique = |wanted: &str| {
            let numbered =
                (1..).map(|number| if number == 1 { wanted.to_string() } else { format!("{wanted}_{number}") });
            let mut free = numbered.filter(|name| taken.insert(name.to_lowercase()));
            free.next().expect("invariant: some number is free")
        };
        let mut moved = Moved::default();
        for draft in &mut self.drafts {
            let relation = RelationName::new(None, Some(schema), &unique(draft.node.name.stem()));
            let own = std::mem::replace(&mut draft.node.relation, relation);
            moved.own.insert(draft.node.name.clone(), own);
        }
        let source = |(key, source): (&SourceKey, &SourceTable)| {
            let identifier = unique(&format!("{}__{}", source.group, source.table));
            let schema = Some(schema.to_string());
            let location = Vec::new();
            (key.clone(), SourceTable { identifier, schema, catalog: None, location, ..source.clone() })
        };
        let sources: BTreeMap<SourceKey, SourceTable> = self.project.sources.iter().map(source).collect();
        moved.sources = sources.iter().map(|(key, source)| (key.clone(), source.relation())).collect();
        Some((moved, sources))
    }
}
