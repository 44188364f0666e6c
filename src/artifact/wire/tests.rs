//! Each code and each detail in words, and a cause as JSON.

mod headline;
mod newer;

use super::{Attribution, Cause};
use crate::digest::Digest;
use crate::fingerprint::{Change, Component, Difference, InputKind, Key, Kind};
use crate::name::{NodeName, RelationName};
use crate::plan::{self, Code, Detail};
use std::sync::Arc;

fn cause(before: Option<Component>, after: Option<Component>) -> Cause {
    let change = match (&before, &after) {
        (None, _) => Change::Added,
        (_, None) => Change::Removed,
        _ => Change::Modified,
    };
    let kind = after.as_ref().or(before.as_ref()).unwrap().kind;
    let difference = Difference { kind, change, before: before.map(Arc::new), after: after.map(Arc::new) };
    Cause::from(&plan::Cause::of(&difference))
}

fn modified(kind: Kind, name: &str) -> Cause {
    let side = |content: &str| Some(Component::shown(kind, name, content));
    cause(side("one"), side("two"))
}

fn env(value: Option<&str>, exposed: bool) -> Option<Component> {
    Some(Component::env("FF_X", value, exposed, &Key::default()))
}

fn new(code: Code) -> Cause {
    Cause::from(&plan::Cause::new(code))
}

fn named(code: Code, name: &str) -> Cause {
    Cause::from(&plan::Cause::named(code, name))
}

fn detailed(cause: plan::Cause, detail: Detail) -> Cause {
    Cause::from(&cause.detail(detail))
}

fn all() -> Vec<(Cause, &'static str)> {
    let upstream = |content: &str| Some(Component::shown(Kind::Upstream, "stg.ff", content));
    vec![
        (modified(Kind::Sql, "models/a.ff.sql"), "SQL changed: models/a.ff.sql"),
        (modified(Kind::Python, "build"), "Python changed: build"),
        (modified(Kind::PythonModule, "lib/a.py"), "Python module changed: lib/a.py"),
        (modified(Kind::PythonEnv, "requirements"), "Python environment changed: requirements"),
        (modified(Kind::Config, "materialized"), "config changed: materialized (one → two)"),
        (modified(Kind::Hook, "post_hook"), "hook changed: post_hook"),
        (modified(Kind::Var, "limit"), "var changed: limit (one → two)"),
        (cause(env(Some("1"), true), env(Some("2"), true)), "env changed: FF_X (1 → 2)"),
        (modified(Kind::Source, "crm.users"), "source changed: crm.users"),
        (modified(Kind::SourceData, "crm.users"), "source data changed: crm.users (one → two)"),
        (modified(Kind::File, "raw/a.csv"), "file changed: raw/a.csv"),
        (modified(Kind::Seed, "seeds/a.csv"), "seed changed: seeds/a.csv"),
        (modified(Kind::Engine, "engine"), "engine changed: engine (one → two)"),
        (modified(Kind::Profile, "profile"), "profile changed: profile (one → two)"),
        (modified(Kind::Rules, "seeds"), "how seeds are read changed (rules one → two)"),
        (cause(None, upstream("x")), "dependency added: stg.ff"),
        (cause(upstream("x"), None), "dependency removed: stg.ff"),
        (new(Code::FirstBuild), "first build"),
        (new(Code::FirstTest), "first test"),
        (named(Code::ReadsClock, "now"), "asks for the time: now"),
        (
            detailed(plan::Cause::new(Code::PreviousTestFailed), Detail::Run("r1".into())),
            "it did not pass before (run r1)",
        ),
        (named(Code::TestFailed, "unique_orders_id"), "test failed: unique_orders_id"),
        (
            detailed(plan::Cause::new(Code::PreviousBuildFailed), Detail::Run("r1".into())),
            "previous build failed (run r1)",
        ),
        (named(Code::RelationMissing, "demo.a"), "relation missing: demo.a"),
        (
            detailed(plan::Cause::named(Code::RelationForeign, "demo.a"), Detail::OtherKind),
            "relation holds another build: demo.a (it is of another kind)",
        ),
        (
            detailed(plan::Cause::named(Code::BuildInterrupted, "demo.a"), Detail::ByRun("r1".into())),
            "build interrupted: demo.a (by run r1)",
        ),
        (named(Code::RelationRenamed, "a → b"), "relation renamed: a → b"),
        (new(Code::Forced), "forced by --rebuild"),
        (
            detailed(plan::Cause::new(Code::PruneAsked), Detail::KeepsLast(3)),
            "versions to be pruned (the last 3 of each row are kept)",
        ),
        (new(Code::CacheOff), "cache is off"),
        (new(Code::CacheWriteOnly), "cache is write-only"),
        (
            detailed(plan::Cause::new(Code::CacheUnreadable), Detail::Unreadable("truncated".into())),
            "cache unreadable (truncated)",
        ),
        (new(Code::FormatUpgraded), "fingerprint format upgraded"),
        (new(Code::KeyRotated), "fingerprint key rotated"),
        (
            detailed(
                plan::Cause::named(Code::SourceUnwatched, "raw.users"),
                Detail::Unwatched { through: Some("v".into()), why: "d".into() },
            ),
            "source not watched: raw.users (through v: d)",
        ),
        (cause(upstream("x"), upstream("y")), "upstream changed: stg.ff"),
        (named(Code::UpstreamRebuilt, "stg.ff"), "upstream rebuilt: stg.ff"),
        (
            detailed(plan::Cause::named(Code::UpstreamRecreated, "stg.ff"), Detail::BoundToBefore),
            "upstream recreated: stg.ff (the view reads what had its name before)",
        ),
        (named(Code::ColumnsAdded, "note text"), "columns added: note text"),
        (named(Code::ColumnsRemoved, "note text"), "columns removed: note text"),
        (named(Code::ColumnsRetyped, "n bigint"), "columns retyped: n bigint"),
        (new(Code::AllInputsEqual), "all inputs equal"),
        (named(Code::SettingsApplied, "grants"), "settings applied: grants"),
        (named(Code::CosmeticOnly, "models/a.ff.sql"), "comments and white space only: models/a.ff.sql"),
        (named(Code::UpstreamOutputIdentical, "stg.ff"), "upstream output identical: stg.ff"),
        (named(Code::ColumnsUnread, "stg.ff"), "changed columns not read: stg.ff"),
        (named(Code::UpstreamFailed, "stg.ff"), "upstream failed: stg.ff"),
        (named(Code::HookFailed, "audit"), "hook failed: audit"),
        (new(Code::NotSelected), "not selected"),
        (new(Code::SnapshotLeft), "left to `fft snapshot run`"),
        (new(Code::Unexplained), "unexplained: this is a bug in fft"),
    ]
}

#[test]
fn each_code_has_its_words_and_is_read_back() {
    let mut codes = std::collections::BTreeSet::new();
    for (cause, words) in all() {
        assert_eq!(cause.sentence, words);
        let json = serde_json::to_value(&cause).unwrap();
        assert_eq!(json["code"], cause.code.as_str());
        assert_eq!(serde_json::from_value::<Cause>(json).unwrap(), cause);
        codes.insert(cause.code.known().unwrap());
    }
    assert_eq!(codes.len(), Code::Unexplained as usize + 1, "every code is here");
}

#[test]
fn environment_changes_are_told_without_values_that_are_withheld() {
    let words = |before, after| cause(before, after).sentence;
    assert_eq!(words(None, env(Some("hidden"), false)), "env changed: FF_X (now set)");
    assert_eq!(words(env(Some("hidden"), false), None), "env changed: FF_X (no longer set)");
    assert_eq!(words(env(Some("hidden"), false), env(Some("other"), false)), "env changed: FF_X (value withheld)");
    assert_eq!(words(env(None, false), env(Some("1"), true)), "env changed: FF_X (unset → 1)");
    assert_eq!(words(None, env(None, false)), "env changed: FF_X (now read, unset)");
    assert_eq!(words(env(None, false), None), "env changed: FF_X (no longer read, unset)");
}

#[test]
fn rules_that_a_record_does_not_have_are_the_first() {
    let rules = |number: &str| Some(Component::shown(Kind::Rules, "seeds", number));
    assert_eq!(cause(None, rules("2")).sentence, "how seeds are read changed (rules 1 → 2)");
    assert_eq!(cause(rules("3"), None).sentence, "how seeds are read changed (rules 3 → 1)");
    let python = |number: &str| Some(Component::shown(Kind::Rules, "python", number));
    assert_eq!(cause(python("2"), python("3")).sentence, "how Python models are run changed (rules 2 → 3)");
    let withheld = |number: &str| rules(number).map(|one| Component { value: None, withheld: true, ..one });
    assert_eq!(cause(withheld("2"), withheld("3")).sentence, "how seeds are read changed");
}

#[test]
fn texts_say_what_made_them_change() {
    let by = |kind: InputKind, name: &str, path: &str| Attribution {
        kind: kind.into(),
        name: name.into(),
        path: path.into(),
        line: 1,
        change: Change::Modified.into(),
        before: None,
        after: None,
        before_value: None,
        after_value: None,
        cosmetic: false,
        diff: None,
    };
    let mut cause = modified(Kind::Sql, "a.ff.sql");
    cause.attributed_to = vec![by(InputKind::Macro, "clean", "m.sql")];
    assert_eq!(cause.clone().worded().sentence, "SQL changed: a.ff.sql (by macro clean in m.sql)");
    cause.attributed_to.insert(0, by(InputKind::Template, "a.ff.sql", "a.ff.sql"));
    assert_eq!(cause.clone().worded().sentence, "SQL changed: a.ff.sql (by the template and macro clean in m.sql)");
    let var = by(InputKind::Var, "limit", "a.ff.sql");
    let value = |value: &str| Some(value.to_string());
    cause.attributed_to[0] = Attribution { before_value: value("15"), after_value: value("20"), ..var.clone() };
    assert_eq!(
        cause.clone().worded().sentence,
        "SQL changed: a.ff.sql (by var limit: 15 → 20 and macro clean in m.sql)"
    );
    let path = "macros/m.sql".to_string();
    cause.attributed_to = vec![Attribution { path, ..cause.attributed_to[0].clone() }];
    assert_eq!(cause.clone().worded().sentence, "SQL changed: a.ff.sql (by var limit: 15 → 20, in macros/m.sql)");
    assert_eq!(cause.attributed_to[0].sentence(), "var limit was modified: 15 → 20  macros/m.sql:1");
    cause.attributed_to = vec![Attribution { after_value: value(&"x".repeat(41)), ..var }];
    assert_eq!(cause.clone().worded().sentence, "SQL changed: a.ff.sql (by var limit)");
    cause.attributed_to = vec![by(InputKind::Env, "FF_A", "a.ff.sql")];
    assert_eq!(cause.clone().worded().sentence, "SQL changed: a.ff.sql (by env FF_A: value withheld)");
    cause.attributed_to = vec![by(InputKind::Template, "a.ff.sql", "a.ff.sql")];
    assert_eq!(cause.clone().worded().sentence, "SQL changed: a.ff.sql");
    cause.cosmetic = Some(true);
    assert_eq!(cause.clone().worded().sentence, "SQL changed: a.ff.sql (comments and white space only)");
    cause.change = Some(Change::Renamed.into());
    assert_eq!(cause.clone().worded().sentence, "SQL changed: a.ff.sql (file renamed)");
}

#[test]
fn the_json_is_small_and_stable() {
    let first = serde_json::to_value(new(Code::FirstBuild)).unwrap();
    assert_eq!(first, serde_json::json!({"code": "first_build", "sentence": "first build"}));
    let mut changed = modified(Kind::Config, "materialized");
    changed.before.as_mut().unwrap().digest = Digest([0x11; 32]);
    changed.after.as_mut().unwrap().digest = Digest([0x22; 32]);
    let expected = serde_json::json!({
        "code": "config_changed",
        "kind": "config",
        "name": "materialized",
        "change": "modified",
        "before": {"digest": "11".repeat(32), "size": 3, "value": "one"},
        "after": {"digest": "22".repeat(32), "size": 3, "value": "two"},
        "sentence": "config changed: materialized (one → two)",
    });
    assert_eq!(serde_json::to_value(changed).unwrap(), expected);
}

/// Every detail in words.
#[test]
fn each_detail_has_its_words() {
    use crate::plan::{Unsettled, Unsteady};
    let run = || "r1".to_string();
    let unsteady = |over: Option<&str>, why| Detail::Unsteady(Unsteady { over: over.map(NodeName::new), why });
    let relation = RelationName::new(None, Some("demo"), "a");
    for (detail, words) in [
        (Detail::SameCodeAs(NodeName::new("b.ff")), "was b.ff, same code"),
        (Detail::Adopts(relation.clone()), "adopts demo.a"),
        (Detail::Unowned(relation.clone()), "demo.a exists, and no record says that fft built it"),
        (
            Detail::OfProject { relation, project: "p".into(), run: run() },
            "demo.a was built by another project, p, in run r1",
        ),
        (Detail::Formats("v1".into(), "v2".into()), "v1 → v2"),
        (Detail::Unrecorded(Vec::new()), "_ff_meta has no row for it"),
        (Detail::Unrecorded(["a", "b"].map(NodeName::new).into()), "_ff_meta has a row for it of a and b each"),
        (Detail::BuiltAs { node: NodeName::new("b"), run: run() }, "built as b by run r1"),
        (
            Detail::BuiltFrom { run: run(), fingerprint: Digest([0x11; 32]) },
            "built by run r1 from fingerprint 111111111111",
        ),
        (Detail::Replaced, "something else made it, or changed its rows, since"),
        (Detail::OtherFolder, "it reads the files of another folder"),
        (Detail::PerhapsOtherFolder(run()), "built by run r1, perhaps over the files of another folder"),
        (Detail::Unwatched { through: None, why: "d".into() }, "d"),
        (Detail::ButUnwatched(vec!["x".into(), "y".into()]), "but x, y, which nothing watches"),
        (Detail::InThisRun, "in this run"),
        (Detail::ByRun(run()), "by run r1"),
        (unsteady(None, Unsettled::Volatile), "volatile"),
        (unsteady(None, Unsettled::Unwatched("x".into())), "reads x, which nothing watches"),
        (unsteady(Some("s"), Unsettled::Unwatched("x".into())), "over s, which reads x, which nothing watches"),
        (unsteady(Some("s"), Unsettled::Requested), "over s, which is made of what HTTP requests gave"),
        (unsteady(None, Unsettled::MayRequest), "not known to make no HTTP requests"),
        (Detail::More(2), "and 2 more"),
        (Detail::RowsNotCompared(64 << 20), "rows not compared, over 64 MiB"),
        (Detail::SameMeaning, "comments and white space only"),
        (Detail::Interrupted, "the run was interrupted"),
        (Detail::NotAtHand, "built by another checkout: the text before is not at hand"),
    ] {
        assert_eq!(super::detail::words(&[detail]).as_deref(), Some(words));
    }
    let both = [Detail::InThisRun, unsteady(None, Unsettled::Volatile)];
    assert_eq!(super::detail::words(&both).as_deref(), Some("in this run, volatile"));
    assert_eq!(super::detail::words(&[]), None);
}
