//! A project with a database in memory: nodes whose texts a test edits, and runs that carry plans out.

use crate::fingerprint::tests::sample;
use crate::fingerprint::{Components, Key, Material, SeedDigest, leaf};
use crate::graph::{Body, Graph, Incremental, Materialization, Node, NodeKind, SqlBody};
use crate::name::RelationName;
use crate::plan::*;
use crate::project::{Project, SeedFile, SeedFormat, testing};
use litemap::LiteMap;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone)]
pub struct Spec {
    pub name: String,
    pub text: String,
    pub upstream: Vec<String>,
    pub kind: NodeKind,
    pub materialization: Materialization,
    pub alias: Option<String>,
    /// How it is extended, of an incremental model.
    pub incremental: Option<Incremental>,
    /// Who may read it.
    pub readers: Vec<String>,
    pub external: bool,
    pub volatile: bool,
    /// The build makes HTTP requests.
    pub http: bool,
}

#[derive(Clone)]
pub struct Town {
    /// In topological order.
    pub specs: Vec<Spec>,
    pub project: Project,
    pub key: Option<String>,
    pub state: State,
    pub held: BTreeMap<String, Found>,
    pub runs: usize,
}

impl Town {
    /// `("mart.ff", "stg_users.ff stg_orders.ff")`; without upstream names it is a seed.
    pub fn new(nodes: &[(&str, &str)]) -> Town {
        let spec = |(name, upstream): &(&str, &str)| Spec {
            name: name.to_string(),
            text: format!("select '{name}'\n"),
            upstream: upstream.split_whitespace().map(String::from).collect(),
            kind: if upstream.is_empty() { NodeKind::Seed } else { NodeKind::Sql },
            materialization: Materialization::Table,
            alias: None,
            incremental: None,
            readers: Vec::new(),
            external: false,
            volatile: false,
            http: false,
        };
        Town {
            specs: nodes.iter().map(spec).collect(),
            project: sample::project(),
            key: None,
            state: State::default(),
            held: BTreeMap::new(),
            runs: 0,
        }
    }

    pub fn node(&mut self, name: &str) -> &mut Spec {
        self.specs.iter_mut().find(|spec| spec.name == name).unwrap()
    }

    pub fn edit(&mut self, name: &str) {
        self.node(name).text.push_str("+ 1\n");
    }

    pub fn env(&mut self, name: &str, value: &str, exposed: bool) {
        let var = testing::env_var(value, |var| var.exposed = exposed);
        self.project.env.vars.insert(name.into(), var);
    }

    pub fn entry(&mut self, name: &str) -> &mut Entry {
        self.state.entries.get_mut(name).unwrap()
    }

    pub fn graph(&self) -> Graph {
        Graph::from_nodes(self.specs.iter().map(|spec| self.graph_node(spec)).collect())
    }

    fn graph_node(&self, spec: &Spec) -> Node {
        let path = format!("models/{}.sql", spec.name);
        let body = match spec.kind {
            NodeKind::Seed => Body::Seed(Box::new(seed(spec))),
            _ => Body::Sql(SqlBody {
                template: spec.text.as_str().into(),
                logical: spec.text.as_str().into(),
                ..SqlBody::default()
            }),
        };
        let mut node = sample::node(&spec.name, spec.kind, &path, body);
        node.materialization = spec.materialization;
        node.volatile = spec.volatile;
        node.incremental = spec.incremental.clone();
        node.config.insert("materialized".into(), serde_json::to_value(spec.materialization).unwrap());
        let stem = node.name.stem().to_string();
        node.relation = RelationName::new(None, Some("demo"), spec.alias.as_deref().unwrap_or(&stem));
        node.config.extend(spec.alias.iter().map(|alias| ("alias".to_string(), alias.as_str().into())));
        if !spec.readers.is_empty() {
            node.settings.grants = [("select".to_string(), spec.readers.iter().cloned().collect())].into();
        }
        if spec.external {
            node.external_sources.insert(("crm".into(), "users".into()));
            node.sources.insert(("crm".into(), "users".into()));
        }
        let id = |name: &String| self.specs.iter().position(|other| other.name == *name).unwrap();
        node.upstream = spec.upstream.iter().map(id).collect();
        node.upstream.sort_unstable();
        node
    }

    pub fn all(&self) -> Request {
        Request { selected: (0..self.specs.len()).collect(), ..Request::default() }
    }

    pub fn ids(&self, names: &[&str]) -> BTreeSet<usize> {
        names.iter().map(|name| self.specs.iter().position(|spec| spec.name == *name).unwrap()).collect()
    }

    pub fn only(&self, names: &[&str]) -> Request {
        Request { selected: self.ids(names), ..Request::default() }
    }

    pub fn found(&self) -> Vec<Found> {
        self.specs.iter().map(|spec| self.held.get(&spec.name).cloned().unwrap_or_default()).collect()
    }

    pub fn plan(&self, request: &Request) -> Plan {
        let graph = self.graph();
        let mut material = Material { key: Key::new(self.key.as_deref()), ..Material::default() };
        for spec in self.specs.iter().filter(|spec| spec.kind == NodeKind::Seed) {
            let path = seed(spec).path;
            let (leaf, size) = (leaf("seed", &path, spec.text.as_bytes()), spec.text.len() as u64);
            material.seeds.insert(path.clone(), SeedDigest { leaf, size, file: path.into() });
        }
        let components = Components::of(&graph, &self.project, &material);
        plan(&graph, &components, &self.state, &self.found(), request)
    }

    /// Plans and carries out.
    pub fn run(&mut self, request: &Request) -> Plan {
        let (plan, graph) = (self.plan(request), self.graph());
        self.runs += 1;
        let run_id = format!("run{}", self.runs);
        for decision in &plan.decisions {
            let node = &graph.nodes[decision.node];
            let built_by = |up: usize| self.held.get(graph.nodes[up].name.as_str())?.meta.clone();
            let upstream_builds = upstream_builds(&graph, decision.node, |up| Some(built_by(up)?.run_id));
            let meta = MetaFact {
                node: node.name.clone(),
                upstream_builds: request.mode.writes().then(|| upstream_builds.clone()),
                fingerprint: decision.fingerprint.value,
                run_id: run_id.clone(),
                built_at: "2026-11-22T10:15:00Z".into(),
                other_project: None,
                progress: Progress::Built,
            };
            if decision.action == Action::Build {
                if graph.has_relation(decision.node) {
                    let kind = node.materialization.kind();
                    let found = Found { kind, meta: Some(meta.clone()), ..Found::default() };
                    self.held.insert(node.name.to_string(), found);
                }
                let entry = Entry {
                    node: node.name.clone(),
                    relation: node.relation.clone(),
                    fingerprint: decision.fingerprint.clone(),
                    run_id: run_id.clone(),
                    built_at: meta.built_at,
                    git_commit: None,
                    git_dirty: None,
                    hermetic: !self.specs[decision.node].http,
                    upstream_builds,
                    outline: None,
                    output: None,
                    upstream_outputs: LiteMap::new(),
                    by_column: decision.by_column.as_deref().cloned(),
                    logic: decision.logic,
                    identity: None,
                    folder: None,
                    note: None,
                    rows: None,
                    rows_under: Vec::new(),
                    roots: recorded(&plan, decision, &run_id),
                };
                if request.mode.writes() {
                    self.state.entries.insert(node.name.clone(), entry);
                }
                self.state.failures.remove(&node.name);
            } else if let Some(entry) = &decision.taken {
                self.state.entries.insert(entry.node.clone(), (**entry).clone());
            } else if decision.takes_fingerprint {
                let entry = self.entry(node.name.as_str());
                entry.rows_under = entry.rows_under_before();
                entry.fingerprint = decision.fingerprint.clone();
                entry.by_column = decision.by_column.as_deref().cloned();
                entry.logic = decision.logic;
                if let Some(held) = self.held.get_mut(node.name.as_str()) {
                    held.meta.as_mut().unwrap().fingerprint = decision.fingerprint.value;
                }
            }
        }
        plan
    }

    pub fn run_all(&mut self) -> Plan {
        self.run(&self.all())
    }
}

fn seed(spec: &Spec) -> SeedFile {
    SeedFile {
        path: format!("seeds/{}.csv", spec.name),
        file: spec.name.clone().into(),
        name: spec.name.clone(),
        format: SeedFormat::Csv,
        size: spec.text.len() as u64,
        columns: Vec::new(),
        key: Vec::new(),
        delimiter: None,
        meta_columns: true,
        schema: None,
        alias: None,
        description: None,
    }
}

/// `seed_users:build:root:seed_changed …`, a word a node that isn't skipped.
pub fn told(town: &Town, plan: &Plan) -> Vec<String> {
    let one = |decision: &Decision| {
        let codes: Vec<&str> = decision.causes().iter().map(|cause| cause.code.as_str()).collect();
        let role = decision.role.map(|role| format!(" {role:?}")).unwrap_or_default();
        format!("{}{role} {}", town.specs[decision.node].name, codes.join(" "))
    };
    plan.decisions.iter().filter(|one| one.primary().code != Code::AllInputsEqual).map(one).collect()
}

/// A cause in words.
pub fn said(cause: &Cause) -> String {
    crate::artifact::wire::Cause::from(cause).sentence
}

/// What a record keeps of the roots of a build.
pub fn recorded(plan: &Plan, decision: &Decision, run: &str) -> Vec<RecordedRoot> {
    let all = crate::artifact::wire::recorded_roots(plan, run);
    decision.roots.iter().take(RECORDED_ROOTS).map(|root| all[*root].clone()).collect()
}

/// Two seeds, a model over each, and one over both, all built.
pub fn demo() -> Town {
    let mut town = Town::new(&[
        ("seed_orders", ""),
        ("seed_users", ""),
        ("stg_orders.ff", "seed_orders"),
        ("stg_users.ff", "seed_users"),
        ("mart.ff", "stg_orders.ff stg_users.ff"),
    ]);
    town.env("FF_A", "1", true);
    town.run_all();
    town
}

/// Kind, name, code, impact and sole impact of each root.
pub fn roots(plan: &Plan) -> Vec<(RootKind, &str, Code, usize, usize)> {
    plan.roots
        .iter()
        .map(|root| (root.kind, root.name.as_str(), root.why.code(), root.impact, root.sole_impact))
        .collect()
}
