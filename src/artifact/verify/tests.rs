//! Records that agree, and then one byte of them changed in each place.

mod folder;

use super::*;
use crate::artifact::history::Pruned;
use crate::engine::{Home, RelationKind, Relations, Row, State as RowState};
use crate::fingerprint::{Component, Fingerprint, difference};
use crate::name::{NodeName, RelationName};
use crate::plan::{Action, Cause, Code};
use crate::world::{MemoryWorld, World};
use folder::{Folder, RUNS, fingerprint, row};
use std::path::Path;
use std::sync::Arc;

#[test]
fn records_that_agree_have_no_finding() {
    let report = Folder::new(&Key::default()).report(&Key::default());
    assert_eq!(report.findings, []);
    // One entry, one node of the manifest, two runs that built; the two texts and two templates are looked at once.
    let counts = Counts { fingerprints: 4, leaves: 4 * 3 + 4, withheld: 4, runs: 4, ..Counts::default() };
    assert_eq!(report.counts, counts);
}

#[test]
fn keyed_leaves_need_their_key() {
    let key = Key::new(Some("k1"));
    let folder = Folder::new(&key);
    let with = folder.report(&key);
    assert_eq!((with.findings.len(), with.counts.keyed, with.counts.withheld), (0, 0, 4));
    let without = folder.report(&Key::default());
    assert_eq!((without.findings.len(), without.counts.keyed, without.counts.withheld), (0, 4, 4));
}

#[test]
fn a_byte_changed_in_a_record_is_named() {
    let second = fingerprint("select 2 as id", &Key::default());
    let value = format!("\"{}\"", second.value);
    let component = |name: &str| second.components.iter().find(|one| one.name == name).unwrap().digest.to_string();
    let cases: [(&str, &str, usize, &str); 9] = [
        ("target/manifest.json", &value, 5, "target/manifest.json: m.ff: its fingerprint is recorded as"),
        (
            "target/manifest.json",
            &component("models/m.ff.sql"),
            5,
            "target/manifest.json: m.ff: sql models/m.ff.sql: its content isn't in evidence.pack",
        ),
        (
            "target/manifest.json",
            &component("FF_HIDDEN"),
            5,
            "target/manifest.json: m.ff: its fingerprint is recorded as",
        ),
        (
            "target/manifest.json",
            &component("FF_UNSET"),
            5,
            "target/manifest.json: m.ff: env FF_UNSET: its digest is recorded as",
        ),
        ("target/manifest.json", "\"shown\"", 2, "target/manifest.json: m.ff: env FF_SHOWN: its digest is recorded as"),
        ("target/manifest.json", "\"size\": 5", 8, "target/manifest.json: m.ff: env FF_SHOWN: its size is recorded as"),
        (
            "target/manifest.json",
            "fft-fingerprint-v1",
            0,
            "target/manifest.json: m.ff: its fingerprint has the format `1ft-fingerprint-v1`",
        ),
        ("target/run_results.json", "\"dev\"", 1, "target/run_results.json: it tells something else than runs/"),
        ("cache/x.jsonl", "2026-01-04", 0, "cache/x.jsonl: 1 of 1 lines of the cache are damaged"),
    ];
    let hidden = |findings: &[String]| findings.iter().any(|one| one.ends_with("among these: env FF_HIDDEN"));
    for (path, text, offset, expected) in cases {
        let folder = Folder::new(&Key::default());
        folder.flip(path, text.as_bytes(), offset);
        let findings = folder.findings();
        assert!(findings.iter().any(|one| one.starts_with(expected)), "{path} {text}: {findings:#?}");
        assert!(text != component("FF_HIDDEN") || hidden(&findings), "{findings:#?}");
    }
}

#[test]
fn a_byte_changed_in_the_evidence_is_named() {
    let digest = fingerprint("select 2 as id", &Key::default()).components[4].digest;
    let head = [b"FFE2".as_slice(), &digest.0].concat();
    let of_component = "cache/x.jsonl: m.ff: sql models/m.ff.sql: its content";
    // In the content's stream, in its checksum, in the digest, in the length, in the magic.
    let cases = [
        (46, of_component.to_string()),
        (40 + 18, of_component.to_string()),
        (10, format!("{of_component} isn't in evidence.pack")),
        (37, "evidence.pack: ".to_string()),
        (0, "evidence.pack: ".to_string()),
    ];
    for (offset, expected) in cases {
        let folder = Folder::new(&Key::default());
        folder.flip("evidence.pack", &head, offset);
        let findings = folder.findings();
        assert!(findings.iter().any(|one| one.starts_with(&expected)), "byte {offset}: {findings:#?}");
    }
}

/// Content that can be read, but isn't what was hashed.
#[test]
fn another_content_under_a_digest_is_named() {
    let folder = Folder::new(&Key::default());
    let (pack, sql) = (folder.read("evidence.pack"), folder.fingerprints[1].components[4].digest);
    let other = MemoryWorld::new();
    let world: Arc<dyn World> = Arc::new(other);
    let forged = Component { digest: sql, ..Component::text(Kind::Sql, "models/m.ff.sql", "select 3 as id".into()) };
    let forged =
        Fingerprint { components: vec![Arc::new(forged)], inputs: Arc::default(), ..folder.fingerprints[1].clone() };
    Evidence::new(world.clone(), "pack".into()).keep(&forged).unwrap();
    // The later record of a digest is the one that counts.
    folder.world.put("evidence.pack", [pack, world.read(Path::new("pack")).unwrap()].concat());
    let findings = folder.findings();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    let expected = format!("cache/x.jsonl: m.ff: sql models/m.ff.sql: its digest is recorded as {}", sql.short());
    assert!(findings[0].starts_with(&expected), "{findings:#?}");
}

#[test]
fn an_edited_run_is_named_by_the_one_behind_it() {
    let folder = Folder::new(&Key::default());
    folder.flip(&format!("runs/{}.json", RUNS[1]), b"\"dev\"", 1);
    let expected = format!(
        "runs/{}.json: runs/{}.json, the run before it, was changed after this run was recorded",
        RUNS[2], RUNS[1]
    );
    assert_eq!(folder.findings(), [expected]);
}

#[test]
fn the_newest_run_is_compared_with_what_the_run_left_beside_it() {
    let folder = Folder::new(&Key::default());
    folder.flip(&format!("runs/{}.json", RUNS[3]), b"\"dev\"", 1);
    assert_eq!(
        folder.findings(),
        [format!("target/run_results.json: it tells something else than runs/{}.json", RUNS[3])]
    );
    let folder = Folder::new(&Key::default());
    folder.world.remove(Path::new(&format!("runs/{}.json", RUNS[3]))).unwrap();
    let findings = folder.findings();
    assert_eq!(
        findings,
        [format!("target/run_results.json: it tells of run {}, where {} is the newest that is kept", RUNS[3], RUNS[2])]
    );
}

#[test]
fn a_removed_run_is_missed_and_a_pruned_one_is_not() {
    let folder = Folder::new(&Key::default());
    let removed = format!("runs/{}.json", RUNS[1]);
    let bytes = folder.read(&removed);
    folder.world.remove(Path::new(&removed)).unwrap();
    let missing = format!("runs/{}.json: {}, the run before it, is missing and was not pruned", RUNS[2], RUNS[1]);
    assert_eq!(folder.findings(), [missing]);
    let ledger = |digest: Digest| crate::artifact::json(&Pruned::from([(RUNS[1].to_string(), digest)]));
    folder.world.put("pruned.json", ledger(Digest::of(&bytes)));
    assert_eq!(folder.findings(), Vec::<String>::new());
    folder.world.put("pruned.json", ledger(Digest::of(b"another")));
    let changed = format!("runs/{}.json: {}, the run before it, was changed before it was pruned", RUNS[2], RUNS[1]);
    assert_eq!(folder.findings(), [changed]);
}

#[test]
fn what_came_before_the_oldest_run_may_be_gone() {
    let folder = Folder::new(&Key::default());
    folder.world.remove(Path::new(&format!("runs/{}.json", RUNS[0]))).unwrap();
    assert_eq!(folder.findings(), Vec::<String>::new());
}

#[test]
fn two_runs_in_each_others_place_are_named() {
    let folder = Folder::new(&Key::default());
    let paths = [1, 2].map(|run| format!("runs/{}.json", RUNS[run]));
    let bytes = paths.each_ref().map(|path| folder.read(path));
    folder.world.put(&paths[0], &bytes[1]);
    folder.world.put(&paths[1], &bytes[0]);
    let findings = folder.findings();
    let expected = [
        format!("{}: it is the record of run {}", paths[0], RUNS[2]),
        format!("{}: it is the record of run {}", paths[1], RUNS[1]),
        format!("{}: it names {} as the run before it, where {} is", paths[1], RUNS[0], RUNS[1]),
    ];
    for one in expected {
        assert!(findings.contains(&one), "{one}\n{findings:#?}");
    }
}

/// A run whose record is whole, but says of a node what its fingerprints don't.
#[test]
fn a_decision_must_agree_with_the_fingerprints() {
    let key = Key::default();
    let folder = Folder::new(&key);
    let third = fingerprint("select 3 as id", &key);
    folder.add("20260105T000000Z", &third, row(Action::Skip, vec![Cause::new(Code::AllInputsEqual)], Some(&third)));
    let told = "runs/20260105T000000Z.json: m.ff: ";
    assert_eq!(
        folder.findings(),
        [
            format!("{told}its baseline isn't what run {} recorded", RUNS[0]),
            format!("{told}the manifest has another fingerprint"),
        ]
    );
    let folder = Folder::new(&key);
    let [first, second] = folder.fingerprints.clone();
    let causes = difference(&first, &third).iter().map(Cause::of).collect();
    folder.add("20260105T000000Z", &second, row(Action::Build, causes, Some(&first)));
    let digest = third.components[4].digest.short();
    assert_eq!(
        folder.findings(),
        [format!(
            "{told}sql models/m.ff.sql: cause sql_changed gives it the digest {digest}, which run 20260105T000000Z \
             didn't record"
        )]
    );
}

#[test]
fn a_relation_that_holds_something_else_is_named() {
    let folder = Folder::new(&Key::default());
    let [first, second] = &folder.fingerprints;
    let relation = RelationName::new(Some("db"), Some("main"), "m");
    let there = Relations {
        found: BTreeMap::from([(relation.clone(), RelationKind::Table)]),
        home: Home { catalog: "db".into(), schema: "main".into(), ..Home::default() },
        ..Relations::default()
    };
    let row = |fingerprint: &Fingerprint| Row {
        node: NodeName::new("m.ff"),
        relation: relation.clone(),
        fingerprint: fingerprint.value,
        engine: "duckdb".into(),
        built_at: "2026-01-04T00:00:00Z".into(),
        run_id: "another".into(),
        state: RowState::Built,
        git_commit: None,
        upstream_builds: None,
        project: None,
        record: None,
        identity: None,
    };
    let nothing = Relations { found: BTreeMap::new(), ..there.clone() };
    let another = format!(
        "_ff_meta: m.ff: relation db.main.m holds fingerprint {} of run another, its entry says {} of run {}",
        first.value.short(),
        second.value.short(),
        RUNS[3]
    );
    let cases = [
        (&there, vec![row(second)], Vec::new()),
        (&there, vec![row(first)], vec![another]),
        (&there, Vec::new(), vec!["_ff_meta: m.ff: nothing tells what relation db.main.m holds".to_string()]),
        (
            &there,
            vec![row(second), Row { node: NodeName::new("other.ff"), ..row(first) }],
            vec!["_ff_meta: m.ff: which of m.ff and other.ff built relation db.main.m can't be told".to_string()],
        ),
        (
            &there,
            vec![Row { node: NodeName::new("other.ff"), ..row(second) }],
            vec!["_ff_meta: m.ff: relation db.main.m was built as other.ff by run another".to_string()],
        ),
        (&nothing, vec![row(second)], vec!["_ff_meta: m.ff: relation db.main.m isn't in the database".to_string()]),
    ];
    for (relations, rows, expected) in cases {
        let (evidence, key) = (folder.evidence(), Key::default());
        let mut verification = Verification::new(&evidence, &key);
        let state = verification.cache("cache/x.jsonl", &folder.read("cache/x.jsonl"));
        verification.relations(&state, relations, &rows, |_| None);
        let report = verification.finish();
        assert_eq!(report.findings.iter().map(Finding::to_string).collect::<Vec<_>>(), expected);
        assert_eq!(report.counts.relations, 1);
    }
}
