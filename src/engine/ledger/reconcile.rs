//! What counts where several things are said of a relation.

use crate::engine::beside::is_beside;
use crate::engine::row::{Row, State};
use crate::engine::{Mark, Relations};
use crate::name::RelationName;
use std::collections::BTreeMap;

/// Of several rows of a relation the newest: of one time, the one that tells more.
pub fn newest(rows: Vec<Row>) -> Vec<Row> {
    let mut newest: BTreeMap<RelationName, Row> = BTreeMap::new();
    for row in rows {
        let other = newest.get(&row.relation);
        if other.is_none_or(|other| (&other.built_at, other.state) <= (&row.built_at, row.state)) {
            newest.insert(row.relation.clone(), row);
        }
    }
    newest.into_values().collect()
}

/// Rows in the order of nodes.
pub fn in_order(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by(|left, right| {
        (&left.node, &left.relation, &left.built_at).cmp(&(&right.node, &right.relation, &right.built_at))
    });
    rows
}

/// Rows beside the marks of the relations that they tell of. What a mark says counts: a row that says something else was
/// overtaken, one without a relation's mark tells of another relation, and a mark without a row makes one. The mark of a
/// table that is being extended holds until a row tells of the extension.
pub fn reconcile(rows: Vec<Row>, relations: &Relations, engine: &str) -> Vec<Row> {
    let mut said: BTreeMap<RelationName, Row> = rows.into_iter().map(|row| (row.relation.clone(), row)).collect();
    let of_mark = |(relation, mark): (&RelationName, &Mark)| {
        let row = said.remove(relation).filter(|row| row.node == mark.node);
        if let (Some(row), Some(_)) = (&row, &mark.before)
            && (&row.run_id, &row.built_at) == (&mark.run_id, &mark.built_at)
        {
            return row.clone();
        }
        let (build, state) = match &mark.before {
            Some(before) => (before.clone(), State::Extending),
            None => (mark.build(), State::Built),
        };
        let same = |row: &Row| {
            (row.fingerprint, &row.run_id, &row.built_at) == (build.fingerprint, &build.run_id, &build.built_at)
        };
        row.filter(same).map(|row| Row { state, ..row }).unwrap_or_else(|| Row {
            relation: relation.clone(),
            node: mark.node.clone(),
            project: Some(mark.project.clone()),
            fingerprint: build.fingerprint,
            state,
            engine: engine.into(),
            built_at: build.built_at.clone(),
            run_id: build.run_id.clone(),
            git_commit: None,
            upstream_builds: None,
            identity: None,
            record: None,
        })
    };
    // What a build has left that came to no end is no node's relation.
    in_order(relations.marks.iter().filter(|(relation, _)| !is_beside(relation)).map(of_mark).collect())
}
