//! What every engine must do: one set of tests, run against each real one.
//!
//! An engine's own tests hold a [`Subject`] and `conformance::suite!(subject; transactions, estimates, digests, increments);`, which
//! makes a test of each function that every engine passes, and of those for each trait that this one has. A test holds the
//! names to [`super::Traits`]. What only one engine does is tested beside it.

#![expect(clippy::disallowed_methods, reason = "real databases read real files")]

pub mod arrow;
pub mod build;
pub mod catalog;
pub mod death;
pub mod history;
pub mod increment;
pub mod label;
pub mod name;
pub mod page;
pub mod seed;
pub mod server;
pub mod session;
pub mod setting;
pub mod statistics;
pub mod tested;

use super::{Build, Built, Content, Engine, EngineError, Keeping, RelationKind, Row, SchemaName, Session, State};
use crate::dialect::Dialect;
use crate::digest::Digest;
use crate::name::{NodeName, RelationName};
#[cfg(feature = "duckdb")]
use ::arrow::array::RecordBatch;
use ::arrow::util::display::array_value_to_string;
use std::collections::BTreeSet;
use std::path::Path;

/// An empty database of one engine, and what the suite must know of it.
pub trait Subject {
    /// The database, opened once.
    fn engine(&self) -> &Engine;

    /// Another database, or the same, with this default schema.
    fn with_schema(&self, schema: &str) -> Engine;

    /// A folder for files.
    fn folder(&self) -> &Path;

    /// Runs a statement past fft, names without a schema being those of the database's default one.
    fn execute(&self, sql: &str);

    /// One of the engine's types in common words: `bigint`, `varchar`, `double`, `timestamp`, `decimal(12,2)` …
    fn common(&self, own: &str) -> String;

    /// A query for every keyword that the engine knows, in a column.
    fn keywords(&self) -> &'static str;

    /// Where the engine differs from most.
    fn expects(&self) -> Expects {
        Expects::default()
    }
}

/// What a test finds, where engines differ.
pub struct Expects {
    /// Names of relations may have blanks, quotes and letters of every alphabet.
    pub odd_names: bool,
    /// Those of schemas may have quotes.
    pub odd_schemas: bool,
    /// Names that are refused, where not all are taken.
    pub refused_names: &'static [&'static str],
    /// Statements are so quick that a test may send hundreds.
    pub quick: bool,
    /// There are times of day; without them a text tells each.
    pub times: bool,
    /// Types in common words that are kept as wider ones, which come back.
    pub wider: &'static [(&'static str, &'static str)],
    /// A decimal number keeps the digits that its type has behind the point; without that it comes back with more.
    pub exact_decimals: bool,
    /// Digits of a decimal number at most, in front of the point and behind it.
    pub digits: (usize, usize),
    /// A list may be null, and hold nulls.
    pub nulls_in_lists: bool,
    /// Lists come back as lists; without that as their JSON.
    pub lists: bool,
    /// What a catalog tells of a table has its rows.
    pub counts: bool,
    /// It is told what tells a relation from another one in its place.
    pub identities: bool,
    /// A plan tells rows, and bytes of just the columns that are read.
    pub exact_estimates: bool,
    /// A plan tells of a relation as often as a query reads it, and of each by itself.
    pub scans: bool,
    /// A batch has so many rows at least, but for the last.
    pub rows_of_a_batch: usize,
    /// What an instant has in front of its text, and behind it where it is shown.
    pub instant: (&'static str, &'static str),
    /// A query that nobody sees the end of.
    pub endless: &'static str,
    /// What is said of a text that isn't closed.
    pub open_text: &'static str,
    /// Numbers from 1 to another one, as what may stand behind `from`: relation `n` of a column `i`.
    pub numbers: fn(usize) -> String,
}

impl Default for Expects {
    fn default() -> Expects {
        Expects {
            odd_names: true,
            odd_schemas: true,
            refused_names: &["a b", "qu\"ote", "it's", "größe", "a.b", "🦆"],
            quick: true,
            times: true,
            wider: &[],
            exact_decimals: true,
            digits: (38, 38),
            nulls_in_lists: true,
            lists: true,
            counts: true,
            identities: true,
            exact_estimates: true,
            scans: true,
            rows_of_a_batch: 100_000,
            instant: ("timestamptz", "+00"),
            endless: "with recursive n(i) as (select 1 union all select (i * 7 + 1) % 1000003 from n)
                      select count(*) as a from n",
            open_text: "unterminated",
            numbers: |count| {
                let rows: Vec<String> = (1..=count).map(|number| format!("({number})")).collect();
                format!("(values {}) as n(i)", rows.join(", "))
            },
        }
    }
}

/// Makes a test of each function of the suite. The argument names a function that gives `Option<impl Subject>`: `None`
/// where the engine can't be run here.
macro_rules! suite {
    ($subject:ident; $($group:ident),*) => {
        crate::engine::conformance::suite! { @each $subject; every_engine:
            arrow: what_was_stored_is_read_back, every_common_type_comes_back, what_cannot_be_stored_leaves_the_table;
            build: a_table_and_its_row_are_built_together, a_failed_build_changes_nothing, a_relation_changes_its_kind,
                columns_may_change, errors_say_where_in_the_query, a_query_may_read_what_it_replaces,
                a_relation_has_one_row_whoever_built_it, a_row_keeps_what_a_checkout_records_of_its_build;
            catalog: relations_of_every_schema_are_seen, the_catalog_has_columns_and_counts,
                dropping_what_is_not_there_is_no_error, a_record_replaces_only_the_row,
                a_view_in_another_schema_reads_what_the_default_one_has;
            name: odd_names_are_quoted, every_keyword_may_be_a_name, template_helpers_run;
            seed: seeds_are_typed, values_stay_what_they_are, what_is_wrong_in_a_seed_is_told, a_seed_is_one_file,
                other_bytes_are_not_loaded;
            setting: comments_come_with_a_build_and_without_one,
                indexes_are_made_and_dropped_and_hold_rows_to_what_is_unique;
            session: sessions_build_side_by_side, a_running_statement_is_interrupted_from_another_thread,
                time_is_counted_in_utc;
            tested: each_kind_of_test_gives_what_is_wrong, reconciliations_compare_two_tables;
        }
        $(crate::engine::conformance::suite! { @group $subject; $group })*

        #[test]
        fn groups_are_those_of_the_traits() {
            if let Some(subject) = $subject() {
                crate::engine::conformance::groups_are_those_of_the_traits(&subject, &[$(stringify!($group)),*]);
            }
        }
    };
    (@group $subject:ident; transactions) => {
        crate::engine::conformance::suite! { @each $subject; transactions:
            build: a_failing_ledger_takes_the_relation_back, tables_of_earlier_versions_are_read_and_renewed;
            history: versions_are_those_of_a_simple_model, versions_survive_a_death_at_any_call,
                a_history_takes_new_columns_and_loses_none;
        }
    };
    (@group $subject:ident; marks) => {
        crate::engine::conformance::suite! { @each $subject; marks:
            build: a_ledger_that_fails_is_told_and_harms_nothing;
            death: a_process_may_die_at_any_call;
        }
    };
    (@group $subject:ident; estimates) => {
        crate::engine::conformance::suite! { @each $subject; estimates:
            statistics: what_a_query_would_read_is_told_before_it_runs;
        }
    };
    (@group $subject:ident; digests) => {
        crate::engine::conformance::suite! { @each $subject; digests:
            statistics: equal_rows_have_one_digest_in_any_order;
        }
    };
    (@group $subject:ident; increments) => {
        crate::engine::conformance::suite! { @each $subject; increments:
            increment: after_any_history_a_table_holds_what_a_full_build_gives,
                what_an_extension_did_is_told, keys_that_are_none_are_named_before_anything_changes,
                other_columns_are_brought_over_as_is_asked_for, rows_that_no_query_gives_are_brought_in;
            death: an_extension_may_die_at_any_change;
        }
    };
    (@each $subject:ident; $of:ident: $($group:ident: $($test:ident),+;)+) => {
        mod $of {
            $(mod $group {
                $(#[test]
                fn $test() {
                    if let Some(subject) = super::super::$subject() {
                        crate::engine::conformance::$group::$test(&subject);
                    }
                })+
            })+
        }
    };
}
pub(crate) use suite;

/// What an engine can is tried, and nothing is tried that it can't.
pub fn groups_are_those_of_the_traits(subject: &dyn Subject, groups: &[&str]) {
    let traits = subject.engine().traits();
    let wanted = [
        ("transactions", traits.keeping == Keeping::InTransaction),
        ("marks", traits.keeping == Keeping::OnRelation),
        ("estimates", traits.estimates.lacking().is_none()),
        ("digests", traits.row_digest.lacking().is_none()),
        ("increments", traits.increments.lacking().is_none()),
    ];
    let wanted: Vec<&str> = wanted.into_iter().filter(|(_, has)| *has).map(|(group, _)| group).collect();
    assert_eq!(groups, wanted);
}

impl Session {
    /// What the ledger says, without records.
    pub fn held(&mut self) -> Result<Vec<Row>, EngineError> {
        let relations = self.relations()?;
        self.ledger(&relations, false)
    }

    /// All rows of a query, each value as it is.
    #[cfg(feature = "duckdb")]
    pub fn exact(&mut self, query: &str) -> Result<Vec<RecordBatch>, EngineError> {
        self.read_as(query, true)
    }

    /// What the ledger says, with records.
    pub fn recorded(&mut self) -> Result<Vec<Row>, EngineError> {
        let relations = self.relations()?;
        self.ledger(&relations, true)
    }
}

pub fn named(name: &str) -> RelationName {
    RelationName::new(None, None, name)
}

/// The row of a relation made from `content`.
pub fn row(relation: &RelationName, content: &str) -> Row {
    Row {
        node: NodeName::new(format!("{}.ff", relation.name)),
        relation: relation.clone(),
        fingerprint: Digest::of(content.as_bytes()),
        engine: "one".into(),
        built_at: "2026-01-02T03:04:05Z".into(),
        run_id: "run-1".into(),
        state: State::Built,
        git_commit: Some("c0ffee".into()),
        upstream_builds: Some([("up.ff".to_string(), "run-0".to_string())].into_iter().collect()),
        project: Some("shop".into()),
        record: None,
        identity: None,
    }
}

/// A session on a prepared database.
pub fn session(engine: &Engine) -> Session {
    let mut session = engine.session().unwrap();
    session.prepare(&BTreeSet::new()).unwrap();
    session
}

/// Builds `relation` from `content` over what the database says is there; nothing else is built after it.
pub fn put(
    session: &mut Session,
    relation: &RelationName,
    kind: RelationKind,
    content: Content<'_>,
    row: Row,
) -> Result<Built, EngineError> {
    let existing = session.relations().unwrap().kind(relation);
    put_over(session, relation, kind, content, row, existing)
}

/// The same over what is known to be there.
pub fn put_over(
    session: &mut Session,
    relation: &RelationName,
    kind: RelationKind,
    content: Content<'_>,
    row: Row,
    existing: Option<RelationKind>,
) -> Result<Built, EngineError> {
    let (pending, confirm) = (&|_: &RelationName| false, &|_: super::ListFiles<'_>| Ok(()));
    session.build(&Build {
        relation,
        kind,
        content,
        growth: None,
        lasting: false,
        layout: None,
        settings: None,
        history: None,
        discards: false,
        existing,
        hooks: Default::default(),
        row,
        pending,
        confirm,
    })
}

/// The same from a query.
pub fn replace(
    session: &mut Session,
    relation: &RelationName,
    kind: RelationKind,
    query: &str,
) -> Result<Built, EngineError> {
    put(session, relation, kind, Content::Query(query), row(relation, query))
}

pub fn table(session: &mut Session, name: &str, query: &str) -> Result<Built, EngineError> {
    replace(session, &named(name), RelationKind::Table, query)
}

pub fn view(session: &mut Session, name: &str, query: &str) -> Result<Built, EngineError> {
    replace(session, &named(name), RelationKind::View, query)
}

/// A query's result as text, a list a row.
pub fn texts(session: &mut Session, sql: &str) -> Vec<Vec<String>> {
    let batches = session.read(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let rows = batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row)));
    rows.map(|(batch, row)| batch.columns().iter().map(|column| array_value_to_string(column, row).unwrap()).collect())
        .collect()
}

pub fn text(session: &mut Session, sql: &str) -> String {
    texts(session, sql)[0][0].clone()
}

/// Names and types of a relation's columns, as the catalog has them.
pub fn columns(session: &mut Session, name: &str) -> Vec<(String, String)> {
    let found = session.catalog(&BTreeSet::from([SchemaName { catalog: None, schema: None }])).unwrap();
    found.into_iter().find(|one| one.relation.name == name).unwrap_or_else(|| panic!("no {name}")).columns
}

/// The same with types in common words.
pub fn common(subject: &dyn Subject, columns: &[(String, String)]) -> Vec<(String, String)> {
    columns.iter().map(|(name, own)| (name.clone(), subject.common(own))).collect()
}

/// A type in common words as the engine keeps it.
pub fn kept(subject: &dyn Subject, word: &str) -> String {
    let expects = subject.expects();
    match expects.wider.iter().find(|(narrow, _)| *narrow == word) {
        Some((_, wide)) => wide.to_string(),
        None if !expects.exact_decimals && word.starts_with("decimal(") => "decimal".into(),
        None => word.into(),
    }
}

/// Numbers from 1, as what may stand behind `from`: relation `n` of a column `i`.
pub fn numbers(subject: &dyn Subject, count: usize) -> String {
    (subject.expects().numbers)(count)
}

/// The engine's dialect.
fn dialect(subject: &dyn Subject) -> &dyn Dialect {
    subject.engine().dialect()
}
