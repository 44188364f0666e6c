//! The decision of one node against a table written from the design alone, over every combination.

use super::town::Town;
use crate::digest::Digest;
use crate::plan::{Action, CacheMode, Request};
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Text {
    Equal,
    Changed,
    Commented,
}

#[derive(Clone, Copy, Debug)]
struct Case {
    mode: CacheMode,
    text: Text,
    /// 0 equal, 1 other, 2 missing.
    meta: usize,
    entry: bool,
    relation: bool,
    upstream_rebuilt: bool,
    forced: bool,
    cosmetic_skip: bool,
    rotated: bool,
    old_format: bool,
    unreadable: bool,
    selected: bool,
}

fn cases() -> impl Iterator<Item = Case> {
    let texts = [Text::Equal, Text::Changed, Text::Commented];
    let modes = [CacheMode::Off, CacheMode::Ro, CacheMode::Rw, CacheMode::Wo];
    (0..4 * 3 * 3 * 512).map(move |number| {
        let bit = |at: usize| number >> at & 1 == 1;
        let rest = number / 512;
        Case {
            mode: modes[rest % 4],
            text: texts[rest / 4 % 3],
            meta: rest / 12,
            entry: bit(0),
            relation: bit(1),
            upstream_rebuilt: bit(2),
            forced: bit(3),
            cosmetic_skip: bit(4),
            rotated: bit(5),
            old_format: bit(6),
            unreadable: bit(7),
            selected: bit(8),
        }
    })
}

/// What the design says: codes in the order of precedence.
fn table(case: &Case) -> (Action, Vec<&'static str>) {
    if !case.selected {
        return (Action::NotSelected, vec!["not_selected"]);
    }
    let text_told = case.entry && !case.old_format && case.text != Text::Equal;
    let harmless = case.text == Text::Commented && case.cosmetic_skip;
    let rows = [
        (text_told && !harmless, "sql_changed"),
        (!case.entry && !case.unreadable, "first_build"),
        (case.entry && !case.relation, "relation_missing"),
        (case.entry && case.relation && case.meta != 0, "relation_foreign"),
        (case.forced, "forced"),
        (case.mode == CacheMode::Off, "cache_off"),
        (case.mode == CacheMode::Wo, "cache_write_only"),
        (!case.entry && case.unreadable, "cache_unreadable"),
        (case.entry && case.old_format, "format_upgraded"),
        (case.entry && case.rotated, "key_rotated"),
        // Under another key the upstream's fingerprint is another too, and the rotation says it all.
        (case.entry && case.upstream_rebuilt && !case.rotated, "upstream_rebuilt"),
    ];
    let mut codes: Vec<&str> = rows.into_iter().filter(|(holds, _)| *holds).map(|(_, code)| code).collect();
    match (codes.is_empty(), text_told && harmless) {
        (true, true) => (Action::Skip, vec!["cosmetic_only", "sql_changed"]),
        (true, false) => (Action::Skip, vec!["all_inputs_equal"]),
        (false, true) => {
            codes.push("sql_changed");
            (Action::Build, codes)
        }
        (false, false) => (Action::Build, codes),
    }
}

fn built() -> Town {
    let mut town = Town::new(&[("seed", ""), ("up.ff", "seed"), ("n.ff", "up.ff")]);
    town.env("FF_A", "1", false);
    town.key = Some("first".into());
    town.run_all();
    town
}

fn arrange(base: &Town, case: &Case) -> (Town, Request) {
    let mut town = base.clone();
    match case.text {
        Text::Equal => {}
        Text::Changed => town.node("n.ff").text.push_str(", 2"),
        Text::Commented => town.node("n.ff").text.push_str("-- a comment\n"),
    }
    town.state.unreadable = case.unreadable.then(|| "truncated".to_string());
    if case.old_format {
        town.entry("n.ff").fingerprint.format = "fft-fingerprint-v0".into();
    }
    if !case.entry {
        town.state.entries.remove("n.ff");
    }
    if case.rotated {
        town.key = Some("second".into());
    }
    let held = town.held.get_mut("n.ff").unwrap();
    match case.meta {
        0 => {}
        1 => held.meta.as_mut().unwrap().fingerprint = Digest([7; 32]),
        _ => held.meta = None,
    }
    if !case.relation {
        held.kind = None;
    }
    let mut request = Request { mode: case.mode, cosmetic_skip: case.cosmetic_skip, ..town.all() };
    if case.upstream_rebuilt {
        town.node("up.ff").volatile = true;
        request.forced.extend(town.ids(&["up.ff"]));
    }
    if case.forced {
        request.forced.extend(town.ids(&["n.ff"]));
    }
    if !case.selected {
        request.selected.remove(&2);
    }
    (town, request)
}

#[test]
fn decisions_are_those_of_the_table() {
    let base = built();
    for case in cases() {
        let (town, request) = arrange(&base, &case);
        let plan = town.plan(&request);
        let decision = &plan.decisions[2];
        let (action, codes) = table(&case);
        let found: Vec<&str> = decision.causes().iter().map(|cause| cause.code.as_str()).collect();
        assert_eq!((decision.action, found[0]), (action, codes[0]), "{case:?}: {found:?} for {codes:?}");
        assert_eq!(found.iter().collect::<BTreeSet<_>>(), codes.iter().collect(), "{case:?}");
        assert_eq!(found.len(), codes.len(), "{case:?}");
        let ok = decision.checks.iter().all(|check| check.ok);
        assert_eq!(ok, action != Action::Build, "{case:?}: {:?}", decision.checks);
        assert_eq!(decision.takes_fingerprint, found[0] == "cosmetic_only" && case.mode == CacheMode::Rw, "{case:?}");
    }
}
