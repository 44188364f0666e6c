//! A seed, a SQL model over it and a Python model, of which each test changes one input.

use crate::diagnostic::Location;
use crate::dialect::FileRead;
use crate::digest::Digest;
use crate::fingerprint::{Components, Data, Fingerprint, Key, Material, SeedDigest, leaf};
use crate::graph::{Body, Graph, Materialization, Node, NodeHook, NodeKind, PythonBody, SqlBody};
use crate::name::{NodeName, RelationName};
use crate::project::*;
use crate::render::{MacroUse, Read};
use crate::syntax::python::{PythonModel, Reads, VarsRead};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub struct Sample {
    pub nodes: Vec<Node>,
    pub project: Project,
    pub material: Material,
    /// What the SQL model's upstream node holds.
    pub upstream: Option<Digest>,
}

const SEED: &str = "seeds/seed_users.csv";

impl Sample {
    pub fn new() -> Sample {
        let mut material = Material { python_env: "python 3.11\npandas==2\n".into(), ..Material::default() };
        material.key = Key::default();
        material.source_data.insert(("crm".into(), "users".into()), Data::Version("2026-11-22".into()));
        let mut sample = Sample { nodes: nodes(), project: project(), material, upstream: Some(Digest([1; 32])) };
        sample.seed_bytes(b"id\n1\n");
        sample.env("FF_A", "1");
        sample.var("limit", 5.into());
        sample
    }

    pub fn fingerprint(&self, name: &str) -> Fingerprint {
        let graph = Graph::from_nodes(self.nodes.clone());
        let upstream: &[_] = if name == "stg.ff" { &[("seed_users", self.upstream)] } else { &[] };
        Components::of(&graph, &self.project, &self.material).fingerprint(graph.id(name).unwrap(), upstream)
    }

    pub fn node(&mut self, name: &str) -> &mut Node {
        self.nodes.iter_mut().find(|node| node.name.as_str() == name).unwrap()
    }

    pub fn sql(&mut self) -> &mut SqlBody {
        match &mut self.node("stg.ff").body {
            Body::Sql(body) => body,
            other => panic!("{other:?}"),
        }
    }

    pub fn python(&mut self) -> &mut PythonModel {
        match &mut self.node("py").body {
            Body::Python(body) => &mut body.model,
            other => panic!("{other:?}"),
        }
    }

    pub fn module(&mut self, path: &str, text: &str) {
        self.python().modules.insert(path.into(), text.into());
    }

    pub fn config(&mut self, node: &str, key: &str, value: &str) {
        self.node(node).config.insert(key.into(), value.into());
    }

    pub fn columns(&mut self, columns: &[(&str, &str)]) {
        match &mut self.node("seed_users").body {
            Body::Seed(seed) => {
                seed.columns = columns.iter().map(|(name, kind)| (name.to_string(), kind.to_string())).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    pub fn var(&mut self, name: &str, value: Value) {
        self.project.vars.insert(name.into(), value);
    }

    pub fn readers(&mut self, node: &str, roles: &[&str]) {
        let roles = roles.iter().map(ToString::to_string).collect();
        self.node(node).settings.grants.insert("select".into(), roles);
    }

    pub fn env(&mut self, name: &str, value: &str) {
        self.put_env(name, value, |_| {});
    }

    pub fn put_env(&mut self, name: &str, value: &str, with: impl Fn(&mut EnvVar)) {
        self.project.env.vars.insert(name.into(), testing::env_var(value, with));
    }

    pub fn unset(&mut self, name: &str) {
        self.project.env.vars.remove(name);
    }

    pub fn source(&mut self, group: &str, table: &str) -> &mut SourceTable {
        self.project.sources.get_mut(&(group.into(), table.into())).unwrap()
    }

    pub fn data_version(&mut self, version: &str) {
        self.material.source_data.insert(("crm".into(), "users".into()), Data::Version(version.into()));
    }

    /// Lets the SQL model name a file itself.
    pub fn file(&mut self, name: &str, version: &str) {
        self.node("stg.ff").files.push(FileRead::Named(name.into()));
        self.material.files.insert(name.into(), Data::Version(version.into()));
    }

    /// Gives a node one statement behind its own.
    pub fn hook(&mut self, node: &str, text: &str) {
        self.node(node).hooks.post = vec![hook(text)];
    }

    pub fn seed_bytes(&mut self, bytes: &[u8]) {
        let found = SeedDigest { leaf: leaf("seed", SEED, bytes), size: bytes.len() as u64, file: SEED.into() };
        self.material.seeds.insert(SEED.into(), found);
    }
}

pub fn read(value: Value, line: usize) -> Read {
    Read { value, at: Location::new("models/stg.ff.sql", line, 1) }
}

fn hook(text: &str) -> NodeHook {
    NodeHook { logical: text.into(), statements: Vec::new(), at: Location::new("models/stg.ff.sql", 1, 1) }
}

pub(crate) fn node(name: &str, kind: NodeKind, path: &str, body: Body) -> Node {
    Node {
        name: NodeName::new(name),
        kind,
        path: path.into(),
        relation: RelationName::new(None, None, name),
        materialization: Materialization::Table,
        config: [("materialized".into(), "table".into())].into_iter().collect(),
        tags: Vec::new(),
        description: None,
        meta: None,
        volatile: false,
        upstream: Vec::new(),
        downstream: Vec::new(),
        level: 1,
        sources: BTreeSet::new(),
        external_sources: BTreeSet::new(),
        files: Vec::new(),
        named: Vec::new(),
        package: None,
        storage_at: None,
        incremental: None,
        hooks: Default::default(),
        settings: Default::default(),
        body,
    }
}

fn nodes() -> Vec<Node> {
    let seed = SeedFile {
        path: SEED.into(),
        file: SEED.into(),
        name: "seed_users".into(),
        format: SeedFormat::Csv,
        size: 0,
        columns: vec![("id".into(), "integer".into())],
        key: Vec::new(),
        delimiter: None,
        meta_columns: true,
        schema: None,
        alias: None,
        description: None,
    };
    let clean = MacroUse {
        at: Location::new("models/macros/strings.sql", 7, 1),
        text: "{% macro clean() %}".into(),
        constant: false,
    };
    let sql = SqlBody {
        template: "{{ config() }}select 1".into(),
        logical: "select 1".into(),
        vars: BTreeMap::from([("limit".into(), read(5.into(), 2))]),
        env: BTreeMap::from([("FF_A".into(), read("1".into(), 3)), ("FF_ASKED".into(), read(Value::Null, 4))]),
        macros: BTreeMap::from([("clean".into(), clean)]),
        ..SqlBody::default()
    };
    let source = "def build():\n    return 1\n";
    let model = PythonModel {
        name: "py".into(),
        function: "build".into(),
        line: 1,
        dependencies: Vec::new(),
        audience: Default::default(),
        ordinal: 0,
        requires: None,
        materialized: None,
        tags: Vec::new(),
        meta: None,
        schema: None,
        alias: None,
        volatile: false,
        description: None,
        frame: None,
        slice: source.into(),
        modules: BTreeMap::from([("lib/a.py".into(), "x = 1".into())]),
        settings: Default::default(),
        reads: Reads {
            watermarks: VarsRead::Names(Default::default()),
            asks_incremental: false,
            vars: VarsRead::Names(["limit".to_string(), "unset".to_string()].into()),
            env: Default::default(),
            outside: Vec::new(),
        },
        whole_file: None,
    };
    let mut sql = node("stg.ff", NodeKind::Sql, "models/stg.ff.sql", Body::Sql(sql));
    sql.upstream = vec![1];
    sql.sources.insert(("crm".into(), "users".into()));
    sql.external_sources.insert(("crm".into(), "users".into()));
    let python = Body::Python(Box::new(PythonBody { source: source.into(), model }));
    vec![
        node("py", NodeKind::Python, "models/py.ff.py", python),
        node("seed_users", NodeKind::Seed, SEED, Body::Seed(Box::new(seed))),
        sql,
    ]
}

fn source(table: &str) -> SourceTable {
    SourceTable {
        group: "crm".into(),
        table: table.into(),
        identifier: table.into(),
        schema: Some("raw".into()),
        catalog: None,
        location: Vec::new(),
        format: None,
        description: None,
        loaded_at_field: None,
        loaded_at_query: None,
        freshness: None,
        options: Default::default(),
        meta: None,
        columns: Vec::new(),
        at: Location::file("sources.yml"),
    }
}

pub fn project() -> Project {
    let settings = Settings {
        name: "sample".into(),
        version: "1".into(),
        fingerprint: FingerprintSettings::default(),
        python: PythonSettings::default(),
        ..Settings::default()
    };
    let profile = Profile {
        name: "dev".into(),
        engine: "duckdb".into(),
        called: "duckdb".into(),
        settings: Value::Null,
        at: Location::file("profiles.yml"),
    };
    let sources = ["users", "orders"].map(|table| (("crm".to_string(), table.to_string()), source(table)));
    Project {
        root: "/project".into(),
        state: None,
        docs_dir: None,
        settings,
        profile,
        env: Environment::default(),
        vars: BTreeMap::new(),
        models: Vec::new(),
        python_macros: Vec::new(),
        deltas: Default::default(),
        macros: Vec::new(),
        seeds: Vec::new(),
        sources: sources.into(),
        exposures: BTreeMap::new(),
        properties: BTreeMap::new(),
        documents: Default::default(),
        budgets: Budgets::default(),
        packages: Vec::new(),
        modules: Vec::new(),
        hooks: Vec::new(),
        tests: Vec::new(),
        test_files: Vec::new(),
        warnings: Vec::new(),
    }
}
