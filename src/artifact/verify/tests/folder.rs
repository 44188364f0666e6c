//! A folder of records that agree.

use crate::artifact::cache::Cache;
use crate::artifact::evidence::Evidence;
use crate::artifact::history::{History, RecordedFingerprint};
use crate::artifact::manifest::{Manifest, ManifestNode, Metadata};
use crate::artifact::results::{ResultDecision, ResultRow, ResultsMetadata, RunResults, Totals};
use crate::artifact::verify::{Finding, Report, Verification};
use crate::artifact::wire;
use crate::execute::Status;
use crate::fingerprint::{Component, Fingerprint, Input, Key, Kind, difference};
use crate::graph::{Materialization, NodeKind};
use crate::name::{NodeName, RelationName};
use crate::plan::{Action, Baseline, Cause, Code, Entry};
use crate::world::{MemoryWorld, World};
use litemap::LiteMap;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

pub const RUNS: [&str; 4] =
    ["20260101T000000Z-0000", "20260102T000000Z-0000", "20260103T000000Z-0000", "20260104T000000Z"];

pub fn fingerprint(sql: &str, key: &Key) -> Fingerprint {
    let components = vec![
        Component::shown(Kind::Config, "materialized", "\"table\""),
        Component::env("FF_HIDDEN", Some("hidden"), false, key),
        Component::env("FF_SHOWN", Some("shown"), true, key),
        Component::absent(Kind::Env, "FF_UNSET"),
        Component::text(Kind::Sql, "models/m.ff.sql", sql.into()),
    ];
    let inputs = vec![Input::template("models/m.ff.sql", &format!("{{# {sql} #}}").into())];
    Fingerprint::new(components.into_iter().map(Arc::new).collect(), inputs.into(), None, key)
}

/// `.fastflowtransform/` of a project of one node `m.ff`: built, skipped twice, built again.
pub struct Folder {
    pub world: Arc<MemoryWorld>,
    pub fingerprints: [Fingerprint; 2],
}

impl Folder {
    pub fn new(key: &Key) -> Folder {
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

    pub fn add(&self, run: &str, fingerprint: &Fingerprint, row: ResultRow) {
        let full = (row.decision.action == Action::Build).then(|| fingerprint.into());
        let recorded: RecordedFingerprint = RecordedFingerprint { full, value: fingerprint.value };
        let results = results(run, row);
        self.world.put("target/run_results.json", crate::artifact::json(&results));
        let history = History::new(&*self.world, "runs".into());
        history.add(&results, BTreeMap::from([("m.ff".to_string(), recorded)])).unwrap();
    }

    pub fn evidence(&self) -> Evidence {
        Evidence::new(self.world.clone(), "evidence.pack".into())
    }

    pub fn read(&self, path: &str) -> Vec<u8> {
        self.world.read(Path::new(path)).unwrap()
    }

    pub fn report(&self, key: &Key) -> Report {
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

    pub fn findings(&self) -> Vec<String> {
        self.report(&Key::default()).findings.iter().map(Finding::to_string).collect()
    }

    /// Changes the byte that stands `offset` behind the start of the first `text`.
    pub fn flip(&self, path: &str, text: &[u8], offset: usize) {
        let mut bytes = self.read(path);
        let at = bytes.windows(text.len()).position(|window| window == text).expect("the text is there") + offset;
        bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
        self.world.put(path, bytes);
    }
}

pub fn entry(fingerprint: &Fingerprint, run: &str) -> Entry {
    Entry {
        node: NodeName::new("m.ff"),
        relation: RelationName::new(None, Some("main"), "m"),
        fingerprint: fingerprint.clone(),
        run_id: run.into(),
        built_at: "2026-01-04T00:00:00Z".into(),
        git_commit: None,
        git_dirty: None,
        hermetic: true,
        upstream_builds: LiteMap::new(),
        outline: None,
        output: None,
        upstream_outputs: LiteMap::new(),
        by_column: None,
        logic: None,
        identity: None,
        folder: None,
        rows: None,
        rows_under: Vec::new(),
        roots: Vec::new(),
        note: None,
    }
}

pub fn row(action: Action, causes: Vec<Cause>, baseline: Option<&Fingerprint>) -> ResultRow {
    let baseline = baseline.map(|fingerprint| Baseline {
        built_at: "2026-01-01T00:00:00Z".into(),
        fingerprint: fingerprint.value,
        git_commit: None,
        git_dirty: None,
        run_id: RUNS[0].into(),
    });
    ResultRow {
        at: None,
        by_column: None,
        bytes_estimated: false,
        bytes_scanned: None,
        decision: ResultDecision {
            action: action.into(),
            baseline,
            primary_code: causes[0].code.into(),
            summary: wire::Cause::from(&causes[0]).sentence,
            unwatched: Vec::new(),
            causes: causes.iter().map(wire::Cause::from).collect(),
            checks: Vec::new(),
            impact: None,
            mode: None,
            path: Vec::new(),
            path_elided: 0,
            role: None,
            root_sentences: Vec::new(),
            roots: Vec::new(),
            sole_impact: None,
        },
        details: Vec::new(),
        duration_ms: None,
        finished_at: None,
        http: None,
        increment: None,
        measures: Default::default(),
        message: None,
        name: "m.ff".into(),
        notes: Vec::new(),
        output: None,
        peak_memory: None,
        query_duration_ms: None,
        rows: None,
        started_at: None,
        status: if action == Action::Build { Status::Success } else { Status::Skipped }.into(),
        versions: None,
        worker: None,
    }
}

pub fn results(run: &str, row: ResultRow) -> RunResults {
    RunResults {
        sentence: String::new(),
        tests: Vec::new(),
        budgets: Default::default(),
        cache_mode: "rw".into(),
        duration_ms: 1,
        engine: "duckdb".into(),
        groups: Vec::new(),
        hooks: Vec::new(),
        interrupted: false,
        metadata: ResultsMetadata {
            command: None,
            provenance: Default::default(),
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
        workers: None,
    }
}

pub fn manifest(fingerprint: &Fingerprint) -> Manifest {
    let node = ManifestNode {
        columns: Vec::new(),
        compiled: None,
        deps: Vec::new(),
        description: None,
        fingerprint: fingerprint.into(),
        kind: NodeKind::Sql.into(),
        level: 1,
        materialized: Materialization::Table.into(),
        meta: None,
        name: "m.ff".into(),
        package: None,
        path: "models/m.ff.sql".into(),
        relation: RelationName::new(None, Some("main"), "m"),
        relation_name: None,
        sources: Vec::new(),
        tags: Vec::new(),
    };
    Manifest {
        children: BTreeMap::new(),
        exposures: BTreeMap::new(),
        levels: vec![vec!["m.ff".into()]],
        macros: BTreeMap::new(),
        metadata: Metadata::default(),
        nodes: BTreeMap::from([("m.ff".into(), node)]),
        packages: BTreeMap::new(),
        parents: BTreeMap::new(),
        sources: BTreeMap::new(),
        tests: BTreeMap::new(),
    }
}
