//! Labelled queries (`tests/lineage/*.sql`), and texts that no one would write.
//!
//! A case is a query with a line for each output column: `-- name <- direct node.column; filter node.column`. `*` adds
//! filters to every column that doesn't depend on them already, `unknown` says that the column can't be told, `doubt`
//! that a filter of it can't.

pub(crate) mod case;
#[cfg(feature = "duckdb")]
mod engine;
mod hostile;

use super::*;
use crate::dialect::{BigQuery, Dialect, DuckDb, Snowflake};
use case::{Case, Label, cases, relations};

/// What became of a query.
#[derive(Debug, PartialEq)]
enum Verdict {
    Exact,
    /// Something is unknown that the label knows, and nothing is wrong.
    Unknown,
    Wrong,
}

fn compare(case: &Case, answer: &Answer) -> (Verdict, Vec<String>) {
    let mut verdict = Verdict::Exact;
    let mut told = Vec::new();
    for (name, expected) in &case.columns {
        let Some(found) = answer.column(name) else {
            verdict = Verdict::Wrong;
            told.push(format!("  {name}: there is no such column"));
            continue;
        };
        let edges: BTreeMap<String, Kind> = found
            .from
            .iter()
            .map(|edge| (format!("{}.{}", edge.node, edge.column).to_lowercase(), edge.kind))
            .collect();
        let expected = &Label {
            edges: expected.edges.iter().map(|(column, kind)| (column.to_lowercase(), *kind)).collect(),
            ..expected.clone()
        };
        let known = found.status == Status::Known;
        if edges == expected.edges && known == expected.known && found.reason.is_some() == expected.has_reason() {
            continue;
        }
        let wrong = edges.iter().any(|(column, kind)| expected.edges.get(column) != Some(kind));
        let missing =
            known && found.reason.is_none() && expected.edges.keys().any(|column| !edges.contains_key(column));
        let overconfident = known && !expected.known;
        let bad = wrong || missing || overconfident;
        if bad {
            verdict = Verdict::Wrong;
        } else if verdict == Verdict::Exact {
            verdict = Verdict::Unknown;
        }
        let reason = found.reason.as_deref().unwrap_or_default();
        let word = if bad { "WRONG" } else { "less" };
        told.push(format!("  {word} {name}: {:?} {edges:?} {reason}\n    expected {expected:?}", found.status));
    }
    (verdict, told)
}

fn ask(case: &Case, relations: &Relations, grammar: &Grammar) -> Answer {
    let names: Vec<String> = case.columns.iter().map(|(name, _)| name.clone()).collect();
    trace(&Question { text: &case.sql, grammar, relations, columns: Some(&names) })
}

/// How an engine's queries come out: none may be wrong, and most must be exact.
fn hold_labels(dialect: &dyn Dialect) {
    let relations = relations(dialect);
    let cases = cases(dialect.name());
    assert!(cases.len() >= 60, "{} cases", cases.len());
    let (mut exact, mut unknown, mut wrong) = (0, 0, 0);
    let mut told = String::new();
    for case in &cases {
        let answer = ask(case, &relations, dialect.grammar());
        let (verdict, lines) = compare(case, &answer);
        match verdict {
            Verdict::Exact => exact += 1,
            Verdict::Unknown => unknown += 1,
            Verdict::Wrong => wrong += 1,
        }
        if verdict != Verdict::Exact {
            told += &format!("{}: {} ({verdict:?})\n{}\n", case.file, case.title, lines.join("\n"));
        }
    }
    println!("{} queries: {exact} exact, {unknown} with less than the label, {wrong} wrong\n{told}", cases.len());
    assert_eq!(wrong, 0, "wrong edges:\n{told}");
    assert!(exact * 100 >= cases.len() * 90, "only {exact} of {} are exact:\n{told}", cases.len());
}

#[test]
fn labelled_queries() {
    hold_labels(&DuckDb);
}

#[test]
fn labelled_queries_of_bigquery() {
    hold_labels(&BigQuery);
}

#[test]
fn labelled_queries_of_snowflake() {
    hold_labels(&Snowflake);
}

/// Every edge's span is where the SQL names the column, or the star that stands for it.
#[test]
fn spans_name_their_columns() {
    let relations = relations(&DuckDb);
    let mut seen = 0;
    for case in cases(DuckDb.name()) {
        for (name, lineage) in ask(&case, &relations, DuckDb.grammar()).columns {
            for edge in lineage.from {
                let Some(span) = edge.span else { continue };
                let text = case.sql[span.offset..span.offset + span.length].to_lowercase().replace('"', "");
                let names_it = text.contains(&edge.column.to_lowercase());
                // A renamed column is named as the alias has it, a natural join names none.
                let renamed = case.sql.contains("(a, b)") || case.sql.contains("(x, y)");
                // A condition is cited where it stands, whatever the column is called there.
                let renamed = renamed || edge.kind == Kind::Filter;
                assert!(
                    names_it || text == "*" || text.starts_with("columns") || renamed || text == "u",
                    "{}: {name}: {text} for {edge:?}",
                    case.title
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 300, "{seen}");
}

/// A filter is cited where its condition stands, not where the column came into the query.
#[test]
fn filters_are_cited_in_their_conditions() {
    let relations = relations(&DuckDb);
    let names = ["id".to_string()];
    for (sql, column, line) in [
        ("with u as (\n  select id, name from users)\nselect id\nfrom u\nwhere name > 'a'", "name", 5),
        ("with u as (\n  select id, name as n from users)\nselect id\nfrom u\nwhere n > 'a'", "name", 5),
        ("select u.id\nfrom users as u\njoin orders as o\n  on u.id = o.user_id", "user_id", 4),
        ("select id\nfrom users\njoin (\n  select user_id as id from orders) using (id)", "user_id", 4),
        ("select id\nfrom (select id, name\n  from users)\norder by\n  name\nlimit 3", "name", 5),
    ] {
        let question = Question { text: sql, grammar: DuckDb.grammar(), relations: &relations, columns: Some(&names) };
        let answer = trace(&question);
        let edges = &answer.columns[0].1.from;
        let edge = edges.iter().find(|edge| edge.column == column).unwrap_or_else(|| panic!("{sql}: {edges:?}"));
        assert_eq!(edge.kind, Kind::Filter, "{sql}");
        let place = edge.span.unwrap_or_else(|| panic!("{sql}: {edge:?}"));
        assert_eq!(sql[..place.offset].matches('\n').count() + 1, line, "{sql}");
    }
}

/// Nothing goes through all columns for each of them: this would take minutes.
#[test]
fn many_columns_are_followed_one_by_one() {
    let dialect = DuckDb;
    let names: Vec<String> = (0..20_000).map(|at| format!("c{at}")).collect();
    let wide = Relation { node: "wide".into(), columns: Columns::All(names.clone()) };
    let relations = Relations::from([(vec!["wide".to_string()], wide)]);
    let list = names.join(", ");
    let added: Vec<String> = names.iter().map(|name| format!("{name} + 1 as {name}")).collect();
    for (sql, kind) in [
        ("select * from wide".to_string(), Kind::Direct),
        (format!("select {list} from wide group by {list}"), Kind::Direct),
        (format!("select {} from (select {list} from wide)", added.join(", ")), Kind::Derived),
        (format!("select {list} from wide union all by name select {list} from wide"), Kind::Direct),
    ] {
        let question =
            Question { text: &sql, grammar: dialect.grammar(), relations: &relations, columns: Some(&names) };
        let answer = trace(&question);
        assert_eq!(answer.columns.len(), names.len());
        for (name, found) in &answer.columns {
            let edges: Vec<_> = found.from.iter().map(|edge| (edge.column.as_str(), edge.kind)).collect();
            assert_eq!(
                (edges.as_slice(), &found.reason),
                ([(name.as_str(), kind)].as_slice(), &None),
                "{}",
                &sql[..20]
            );
        }
    }
}
