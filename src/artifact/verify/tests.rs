//! Records that agree, and then one byte of them changed in each place.

use super::*;
use crate::artifact::cache::Cache;
use crate::artifact::history::{History, Pruned, RecordedFingerprint};
use crate::artifact::manifest::{ManifestNode, Metadata};
use crate::artifact::results::{ResultDecision, ResultRow, ResultsMetadata, Totals};
use crate::engine::{MetaRow, RelationKind, Relations};
use crate::execute::Status;
use crate::fingerprint::{Component, Fingerprint, Input, difference};
use crate::graph::{Materialized, NodeKind};
use crate::name::{NodeName, RelationName};
use crate::plan::{Action, Baseline, Cause, Code, Entry};
use crate::world::{MemoryWorld, World};
use std::path::Path;
use std::sync::Arc;

const RUNS: [&str; 4] = ["20260101T000000Z-0000", "20260102T000000Z-0000", "20260103T000000Z-0000", "20260104T000000Z"];

fn fingerprint(sql: &str, key: &Key) -> Fingerprint {
    let components = vec![
        Component::shown(Kind::Config, "materialized", "\"table\""),
        Component::env("FF_HIDDEN", Some("hidden"), false, key),
        Component::env("FF_SHOWN", Some("shown"), true, key),
        Component::absent(Kind::Env, "FF_UNSET"),
        Component::text(Kind::Sql, "models/m.ff.sql", sql.into()),
    ];
    let inputs = vec![Input::template("models/m.ff.sql", &format!("{{# {sql} #}}").into())];
    Fingerprint::new(components.into_iter().map(Arc::new).collect(), inputs, None, key)
}

/// `.fastflowtransform/` of a project of one node `m.ff`: built, skipped twice, built again.
struct Folder {
    world: Arc<MemoryWorld>,
    fingerprints: [Fingerprint; 2],
}

impl Folder {
    fn new(key: &Key) -> Folder {
        let fingerprints = [fingerprint("select 1 as id", key), fingerprint("select 2 as id", key)];
        let folder = Folder { world: Arc::new(MemoryWorld::new()), fingerprints };
        let [first, second] = &folder.fingerprints;
        let mut evidence = folder.evidence();
        evidence.keep(first).unwrap();
        evidence.keep(second).unwrap();
        let (mut cache, _) = Cache::read(folder.world.clone(), "cache/x.jsonl".into());
        cache.built(&entry(second, RUNS[3])).unwrap();
        let rows = [
            (first, row(Action::Build, vec![Cause::new(Code::FirstBuild)], None)),
            (first, row(Action::Skip, vec![Cause::new(Code::AllInputsEqual)], Some(first))),
            (first, row(Action::Skip, vec![Cause::new(Code::AllInputsEqual)], Some(first))),
            (second, row(Action::Build, difference(first, second).iter().map(Cause::of).collect(), Some(first))),
        ];
        for (run, (fingerprint, row)) in RUNS.iter().zip(rows) {
            folder.add(run, fingerprint, row);
        }
        folder.world.put("target/manifest.json", crate::artifact::json(&manifest(second)));
        folder
    }

    fn add(&self, run: &str, fingerprint: &Fingerprint, row: ResultRow) {
        let full = (row.decision.action == Action::Build).then(|| fingerprint.clone());
        let recorded = RecordedFingerprint { full, value: fingerprint.value };
        let results = results(run, row);
        self.world.put("target/run_results.json", crate::artifact::json(&results));
        let history = History::new(&*self.world, "runs".into());
        history.add(results, BTreeMap::from([("m.ff".to_string(), recorded)])).unwrap();
    }

    fn evidence(&self) -> Evidence {
        Evidence::new(self.world.clone(), "evidence.pack".into())
    }

    fn read(&self, path: &str) -> Vec<u8> {
        self.world.read(Path::new(path)).unwrap()
    }

    fn report(&self, key: &Key) -> Report {
        let evidence = self.evidence();
        let mut verification = Verification::new(&evidence, key);
        verification.cache("cache/x.jsonl", &self.read("cache/x.jsonl"));
        verification.manifest("target/manifest.json", &self.read("target/manifest.json"));
        if let Ok(bytes) = self.world.read(Path::new("pruned.json")) {
            verification.pruned("pruned.json", &bytes);
        }
        for run in History::new(&*self.world, "runs".into()).list().unwrap() {
            verification.run(&run, &self.read(&format!("runs/{run}.json")));
        }
        verification.last_results("target/run_results.json", &self.read("target/run_results.json"));
        verification.finish()
    }

    fn findings(&self) -> Vec<String> {
        self.report(&Key::default()).findings.iter().map(Finding::to_string).collect()
    }

    /// Changes the byte that stands `offset` behind the start of the first `text`.
    fn flip(&self, path: &str, text: &[u8], offset: usize) {
        let mut bytes = self.read(path);
        let at = bytes.windows(text.len()).position(|window| window == text).expect("the text is there") + offset;
        bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
        self.world.put(path, bytes);
    }
}

fn entry(fingerprint: &Fingerprint, run: &str) -> Entry {
    Entry {
        node: NodeName::new("m.ff"),
        relation: RelationName::new(None, Some("main"), "m"),
        fingerprint: fingerprint.clone(),
        run_id: run.into(),
        built_at: "2026-01-04T00:00:00Z".into(),
        git_commit: None,
        hermetic: true,
        upstream_builds: BTreeMap::new(),
        note: None,
    }
}

fn row(action: Action, causes: Vec<Cause>, baseline: Option<&Fingerprint>) -> ResultRow {
    let baseline = baseline.map(|fingerprint| Baseline {
        built_at: "2026-01-01T00:00:00Z".into(),
        fingerprint: fingerprint.value,
        git_commit: None,
        run_id: RUNS[0].into(),
    });
    ResultRow {
        bytes_scanned: None,
        decision: ResultDecision {
            action,
            baseline,
            primary_code: causes[0].code,
            summary: causes[0].sentence(),
            causes,
            checks: Vec::new(),
            impact: None,
            path: Vec::new(),
            path_elided: 0,
            role: None,
            roots: Vec::new(),
            sole_impact: None,
        },
        details: Vec::new(),
        duration_ms: None,
        finished_at: None,
        http: None,
        message: None,
        name: "m.ff".into(),
        query_duration_ms: None,
        rows: None,
        started_at: None,
        status: if action == Action::Build { Status::Success } else { Status::Skipped },
    }
}

fn results(run: &str, row: ResultRow) -> RunResults {
    RunResults {
        cache_mode: "rw".into(),
        duration_ms: 1,
        engine: "duckdb".into(),
        interrupted: false,
        metadata: ResultsMetadata {
            git: Default::default(),
            project: "p".into(),
            run_id: run.into(),
            schema_version: "1.0".into(),
            tool_version: "0".into(),
        },
        profile: "dev".into(),
        results: vec![row],
        roots: Vec::new(),
        run_finished_at: "2026-01-01T00:00:00Z".into(),
        run_started_at: "2026-01-01T00:00:00Z".into(),
        totals: Totals::default(),
    }
}

fn manifest(fingerprint: &Fingerprint) -> Manifest {
    let node = ManifestNode {
        columns: Vec::new(),
        compiled: None,
        deps: Vec::new(),
        description: None,
        fingerprint: fingerprint.clone(),
        kind: NodeKind::Sql,
        level: 1,
        materialized: Materialized::Table,
        meta: None,
        name: "m.ff".into(),
        path: "models/m.ff.sql".into(),
        relation: RelationName::new(None, Some("main"), "m"),
        relation_name: None,
        sources: Vec::new(),
        tags: Vec::new(),
    };
    Manifest {
        children: BTreeMap::new(),
        levels: vec![vec!["m.ff".into()]],
        macros: BTreeMap::new(),
        metadata: Metadata::default(),
        nodes: BTreeMap::from([("m.ff".into(), node)]),
        parents: BTreeMap::new(),
        sources: BTreeMap::new(),
    }
}

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
        (37, "evidence.pack: can't be read from byte".to_string()),
        (0, "evidence.pack: can't be read from byte".to_string()),
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
        Fingerprint { components: vec![Arc::new(forged)], inputs: Vec::new(), ..folder.fingerprints[1].clone() };
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
        default_catalog: Some("db".into()),
        default_schema: Some("main".into()),
    };
    let row = |fingerprint: &Fingerprint| MetaRow {
        node: NodeName::new("m.ff"),
        relation: relation.clone(),
        fingerprint: fingerprint.value,
        engine: "duckdb".into(),
        built_at: "2026-01-04T00:00:00Z".into(),
        run_id: "another".into(),
    };
    let nothing = Relations { found: BTreeMap::new(), ..there.clone() };
    let another = format!(
        "_ff_meta: m.ff: relation main.m holds fingerprint {} of run another, its entry says {} of run {}",
        first.value.short(),
        second.value.short(),
        RUNS[3]
    );
    let cases = [
        (&there, vec![row(second)], Vec::new()),
        (&there, vec![row(first)], vec![another]),
        (&there, Vec::new(), vec!["_ff_meta: m.ff: nothing tells what relation main.m holds".to_string()]),
        (&nothing, vec![row(second)], vec!["_ff_meta: m.ff: relation main.m isn't in the database".to_string()]),
    ];
    for (relations, rows, expected) in cases {
        let (evidence, key) = (folder.evidence(), Key::default());
        let mut verification = Verification::new(&evidence, &key);
        let state = verification.cache("cache/x.jsonl", &folder.read("cache/x.jsonl"));
        verification.relations(&state, relations, &rows);
        let report = verification.finish();
        assert_eq!(report.findings.iter().map(Finding::to_string).collect::<Vec<_>>(), expected);
        assert_eq!(report.counts.relations, 1);
    }
}
