//! The events demo: a month of increments ends with what building all of it anew gives.

use crate::project::{FFT, Ran, Sandbox};

const DATABASE: &str = ".local/work/.local/events_demo.duckdb";

fn make(sandbox: &Sandbox, target: &str) -> Ran {
    let mut command = sandbox.command("make");
    command.arg(format!("FFT={FFT}")).arg(target).arg("--no-print-directory");
    Ran::of(command).expect(0)
}

/// The rows of every table.
fn tables(sandbox: &Sandbox) -> Vec<Vec<String>> {
    let of = |name: &str| {
        sandbox.query(DATABASE, &format!("select t::varchar from events_demo.events_demo.{name} t order by 1"))
    };
    ["raw_events", "events", "daily", "points", "customers"].map(of).into()
}

/// What a day printed.
fn day<'a>(output: &'a str, day: &str) -> &'a str {
    let begun = output.split_once(&format!("\n== {day}\n")).unwrap_or_else(|| panic!("no {day}")).1;
    begun.split("\n== ").next().unwrap()
}

#[test]
fn a_month_of_increments_ends_with_what_a_full_build_gives() {
    let sandbox = Sandbox::example("events_demo");
    let month = make(&sandbox, "month").stdout;
    for (date, words) in [
        ("2026-11-01", "5 built: 5 new"),
        ("2026-11-02", "(3 extended)"),
        ("2026-11-02", "rows with received_at >= 2026-11-01 "),
        ("2026-11-12", "rows with received_at >= 2026-11-11 "),
        ("2026-11-16", "columns added: device VARCHAR"),
        ("2026-11-18", "(6 new, 1 updated)"),
        ("2026-11-21", "rebuilt in full: SQL changed: models/daily.ff.sql"),
        ("2026-11-30", "(3 extended)"),
    ] {
        assert!(day(&month, date).contains(words), "{date} doesn't say `{words}`:\n{}", day(&month, date));
    }
    assert!(day(&month, "2026-11-21").contains("(2 extended)"));
    let late = "select events from events_demo.events_demo.daily where day = date '2026-11-09'";
    let came = "select count(*) from events_demo.events_demo.events where occurred_at::date = date '2026-11-09'";
    assert_eq!(sandbox.query(DATABASE, late), sandbox.query(DATABASE, came));
    let incremental = tables(&sandbox);
    make(&sandbox, "full").says("rebuilt in full");
    assert_eq!(tables(&sandbox), incremental);
    assert_eq!(incremental[1].len(), 142);
}
