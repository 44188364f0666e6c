//! Two checkouts of one project on one database, which take turns: what changed is built by whoever comes first, and
//! nothing is built twice.

use crate::project::{Sandbox, copy};
use std::fs;

/// Two checkouts of a project with a model in the middle whose rows nobody promises.
fn checkouts() -> [Sandbox; 2] {
    let here = Sandbox::new();
    let database = here.path(".local/shared.duckdb");
    let profile =
        format!("dev:\n  engine: duckdb\n  duckdb:\n    path: '{}'\n    db_schema: analytics\n", database.display());
    here.write("profiles.yml", &profile);
    here.write("seeds/people.csv", "id,name\n1,Ada\n");
    here.write("models/seen.ff.sql", "{{ config(materialized='view') }}select id, name from {{ ref('people') }}\n");
    here.write("models/drawn.ff.sql", "{{ config(volatile=true) }}select id, random() as r from {{ ref('seen') }}\n");
    here.write("models/part.ff.sql", "{{ config(materialized='ephemeral') }}select id, r from {{ ref('drawn') }}\n");
    here.write("models/mart.ff.sql", "select count(*) as n, max(r) as r from {{ ref('part') }}\n");
    here.write("models/over.ff.sql", "{{ config(materialized='view') }}select n, r from {{ ref('mart') }}\n");
    here.write("models/plain.ff.sql", "select 1 as one\n");
    let there = Sandbox::empty();
    copy(here.root(), there.root());
    [here, there]
}

/// Runs and gives what was built.
#[track_caller]
fn built(sandbox: &Sandbox, arguments: &str) -> Vec<String> {
    sandbox.fft(arguments).expect(0);
    let rows = sandbox.rows();
    rows.iter().filter(|(_, row)| row.status == "success").map(|(name, _)| name.clone()).collect()
}

/// Nothing is built any more.
#[track_caller]
fn rest(checkouts: [&Sandbox; 2]) {
    for sandbox in [checkouts[0], checkouts[1], checkouts[0], checkouts[1]] {
        assert_eq!(built(sandbox, "run"), Vec::<String>::new());
        sandbox.fft("plan --fail-on build").expect(0);
    }
    checkouts.iter().for_each(|sandbox| drop(sandbox.fft("verify").expect(0)));
}

#[test]
fn nothing_is_built_twice_in_turn() {
    let [here, there] = checkouts();
    let all = ["drawn.ff", "mart.ff", "over.ff", "part.ff", "people", "plain.ff", "seen.ff"];
    assert_eq!(built(&here, "run"), all);
    // It has no record of them, but the database has.
    rest([&here, &there]);
    // An edit that both have is built by one of them.
    for (round, [one, other]) in [[&here, &there], [&there, &here]].into_iter().enumerate() {
        one.write("models/plain.ff.sql", &format!("select 2 + {round} as one\n"));
        one.write("seeds/people.csv", &format!("id,name\n1,Ada {round}\n"));
        let changed = ["drawn.ff", "mart.ff", "over.ff", "part.ff", "people", "plain.ff", "seen.ff"];
        assert_eq!(built(one, "run"), changed);
        for file in ["models/plain.ff.sql", "seeds/people.csv"] {
            fs::copy(one.path(file), other.path(file)).unwrap();
        }
        rest([other, one]);
    }
    // Rows that nobody promises: what is below is built over them once.
    for [one, other] in [[&here, &there], [&there, &here]] {
        assert_eq!(built(one, "run --rebuild drawn"), ["drawn.ff", "mart.ff", "over.ff"]);
        rest([other, one]);
        assert_eq!(built(one, "run --select drawn --no-upstream --rebuild drawn"), ["drawn.ff"]);
        //: So it is with what another checkout built, as far as the database records it.
        let ran = other.fft("run").expect(0).says("← drawn.ff").says("built by run");
        assert!(ran.stdout.contains("2 built"), "{}", ran.stdout);
        let root = ran.stdout.lines().find(|line| line.contains("built by run")).unwrap();
        assert!(root.starts_with("  drawn.ff  forced by --rebuild, built by run "), "{root}");
        rest([one, other]);
    }
}
