//! For each of what the ledger says, what stands in the database and what the checkout's own records say: the reasons to
//! build, against a table that is written without the planner.

use crate::ledger::clone_of;
use crate::project::{Sandbox, query};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Whose build the relation's row tells of.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ledger {
    /// This checkout's own.
    Own,
    /// Another checkout's, from the text that this one has now.
    Same,
    /// Another checkout's, from another text.
    Other,
    /// Another checkout's, from the same text, without a record.
    Bare,
    /// The same with a record that nobody wrote.
    Torn,
    /// Nobody's: there is no row.
    Nobody,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stands {
    AsBuilt,
    Nothing,
    /// A table of the same name and rows that another hand made.
    Replaced,
    View,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Checkout {
    Nothing,
    /// A build from the text that it has now.
    Current,
    /// A build from another text.
    Older,
}

/// The reasons to build.
fn expected(ledger: Ledger, stands: Stands, checkout: Checkout) -> BTreeSet<&'static str> {
    let own = match checkout {
        Checkout::Nothing => None,
        Checkout::Current => Some("now"),
        Checkout::Older => Some("before"),
    };
    // The text of the build that is known of the relation, if any.
    let known = match ledger {
        Ledger::Same => Some("now"),
        Ledger::Other => Some("before"),
        Ledger::Own | Ledger::Bare | Ledger::Torn | Ledger::Nobody => own,
    };
    let Some(known) = known else { return BTreeSet::from(["first_build"]) };
    // What the row says is there, without a record: that it came from the text of now.
    let vouched = matches!(ledger, Ledger::Bare | Ledger::Torn);
    let mut reasons = BTreeSet::new();
    let stands_as_asked = matches!(stands, Stands::AsBuilt | Stands::Replaced);
    if known == "before" && !(vouched && stands_as_asked) {
        reasons.insert("sql_changed");
    }
    match stands {
        Stands::Nothing => drop(reasons.insert("relation_missing")),
        Stands::View => drop(reasons.insert("relation_foreign")),
        // Which table it was that such a build left isn't known.
        Stands::Replaced if vouched => {}
        Stands::Replaced => drop(reasons.insert("relation_foreign")),
        Stands::AsBuilt if ledger == Ledger::Nobody => drop(reasons.insert("relation_foreign")),
        Stands::AsBuilt => {}
    }
    reasons
}

const NOW: &str = "select 1 as n, 'now' as said\n";
const BEFORE: &str = "select 1 as n, 'before' as said\n";

fn arranged(ledger: Ledger, stands: Stands, checkout: Checkout) -> (Sandbox, tempfile::TempDir) {
    let warehouse = tempfile::tempdir().unwrap();
    let database = warehouse.path().join("shared.duckdb");
    let here = Sandbox::new();
    here.write(
        "profiles.yml",
        &format!("dev:\n  engine: duckdb\n  duckdb:\n    path: '{}'\n    db_schema: analytics\n", database.display()),
    );
    here.write("models/m.ff.sql", NOW);
    let there = clone_of(&here);
    match checkout {
        Checkout::Nothing => {}
        Checkout::Current => drop(here.fft("run").expect(0)),
        Checkout::Older => {
            here.write("models/m.ff.sql", BEFORE);
            here.fft("run").expect(0);
            here.write("models/m.ff.sql", NOW);
        }
    }
    if ledger == Ledger::Other {
        there.write("models/m.ff.sql", BEFORE);
    }
    if ledger != Ledger::Own {
        there.fft("run --rebuild m").expect(0);
    }
    let alter = |sql: &str| drop(query(&database, sql));
    match ledger {
        Ledger::Own | Ledger::Same | Ledger::Other => {}
        Ledger::Bare => alter("update analytics._ff_meta set record = null"),
        Ledger::Torn => alter("update analytics._ff_meta set record = '1:' || substr(record, 30)"),
        Ledger::Nobody => alter("delete from analytics._ff_meta"),
    }
    put(&database, stands);
    (here, warehouse)
}

fn put(database: &Path, stands: Stands) {
    if stands != Stands::AsBuilt {
        query(database, "drop table analytics.m");
    }
    match stands {
        Stands::AsBuilt | Stands::Nothing => {}
        Stands::Replaced => drop(query(database, "create table analytics.m as select 1 as n, 'now' as said")),
        Stands::View => drop(query(database, "create view analytics.m as select 1 as n, 'now' as said")),
    }
}

/// The reasons to build that the plan gives for the one model.
fn planned(sandbox: &Sandbox) -> BTreeSet<String> {
    let plan: Value = serde_json::from_str(&sandbox.fft("plan --json").expect(0).stdout).unwrap();
    let decision = &plan["nodes"][0]["decision"];
    let causes = decision["causes"].as_array().unwrap_or_else(|| panic!("{plan:#}"));
    let codes = causes.iter().map(|cause| cause["code"].as_str().unwrap().to_string());
    match decision["action"].as_str() {
        Some("build") => codes.collect(),
        Some("skip") => BTreeSet::new(),
        _ => panic!("{plan:#}"),
    }
}

fn hold(checkout: Checkout) {
    use Ledger::*;
    for ledger in [Own, Same, Other, Bare, Torn, Nobody] {
        for stands in [Stands::AsBuilt, Stands::Nothing, Stands::Replaced, Stands::View] {
            // There is nothing of its own.
            if (ledger, checkout) == (Own, Checkout::Nothing) {
                continue;
            }
            let (sandbox, _warehouse) = arranged(ledger, stands, checkout);
            let told = planned(&sandbox);
            let told: BTreeSet<&str> = told.iter().map(String::as_str).collect();
            assert_eq!(told, expected(ledger, stands, checkout), "{ledger:?} {stands:?} {checkout:?}");
        }
    }
}

#[test]
fn a_checkout_without_records() {
    hold(Checkout::Nothing);
}

#[test]
fn a_checkout_whose_records_are_current() {
    hold(Checkout::Current);
}

#[test]
fn a_checkout_whose_records_are_older() {
    hold(Checkout::Older);
}
