//! The labels of lineage held against the engine: every labelled query runs, and gives the columns that its label names.

use super::*;
use crate::dialect::Create;
use crate::lineage::tests::case::{cases, ddl};

/// All but the cases whose titles are in `except`, which the server for tests doesn't take as the engine does.
pub fn labelled_queries_give_their_columns(subject: &dyn Subject, except: &[&str]) {
    let dialect = dialect(subject);
    let mut session = session(subject.engine());
    for statement in ddl(dialect.name()).lines().filter_map(|line| line.strip_prefix("create ")?.split(" -- ").next()) {
        let statement = statement.trim_end_matches(';');
        match statement.strip_prefix("schema ") {
            Some(name) => subject.execute(&format!("create schema if not exists {name}")),
            None => subject.execute(&format!("create or replace {statement}")),
        }
    }
    let all = cases(dialect.name());
    for title in except {
        assert!(all.iter().any(|case| case.title == *title), "there is no case `{title}`");
    }
    let held: Vec<_> = all.iter().filter(|case| !except.contains(&case.title.as_str())).enumerate().collect();
    assert!(held.len() >= 60, "only {} queries", held.len());
    let name = |at: usize| format!("labelled_{at}");
    let home = session.relations().unwrap().home;
    for (at, case) in &held {
        let relation = home.full(&named(&name(*at)));
        subject.execute(&dialect.create(&Create::new(RelationKind::Table, &relation, &case.sql).replacing()).text);
    }
    let found = session.catalog(&BTreeSet::from([SchemaName { catalog: None, schema: None }])).unwrap();
    let lower = |name: &String| name.to_lowercase();
    let mut wrong = Vec::new();
    for (at, case) in &held {
        let relation = found.iter().find(|one| one.relation.name.eq_ignore_ascii_case(&name(*at)));
        let columns: Option<Vec<String>> =
            relation.map(|relation| relation.columns.iter().map(|(name, _)| lower(name)).collect());
        let labelled: Vec<String> = case.columns.iter().map(|(name, _)| lower(name)).collect();
        if columns.as_ref() != Some(&labelled) {
            wrong.push(format!("{}: {}: the engine gives {columns:?}", case.file, case.title));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
