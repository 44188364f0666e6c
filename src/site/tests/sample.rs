//! Artifacts of a project that never was, as a run would have left them: seeds, layers of models, Python with HTTP,
//! changes with diffs, a failure and what it blocks, names that nobody should give.

mod artifact;

use crate::artifact::evidence::Evidence;
use crate::artifact::history::{History, RecordedFingerprint};
use crate::artifact::results::ResultRow;
use crate::artifact::wire::{self, Attribution, Cause, DataChange, Side, TextDiff, Versions, Word};
use crate::execute::Status;
use crate::fingerprint::{Change, Component, Fingerprint, Input, InputKind, Key, Kind, leaf};
use crate::graph::NodeKind;
use crate::plan::{self, Action, Baseline, Code, Role};
use crate::site::build::Artifacts;
use crate::world::MemoryWorld;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A node of the sample: its name and what it reads.
pub struct Node {
    pub name: String,
    pub kind: NodeKind,
    pub parents: Vec<String>,
    pub compiled: String,
    pub description: Option<String>,
    /// How many lines each new version of it adds.
    pub lines: usize,
    /// It keeps every version of each row.
    pub snapshot: bool,
}

impl Node {
    pub fn new(name: &str, kind: NodeKind, parents: &[&str]) -> Node {
        Node {
            name: name.into(),
            kind,
            parents: parents.iter().map(|name| name.to_string()).collect(),
            compiled: format!("select * -- {name}\nfrom {}\n", parents.join(", ")),
            description: None,
            lines: 1,
            snapshot: false,
        }
    }
}

/// The nodes of a small shop.
pub fn shop() -> Vec<Node> {
    use NodeKind::{Python, Seed, Sql};
    let mut nodes = vec![
        Node::new("seed_users", Seed, &[]),
        Node::new("seed_orders", Seed, &[]),
        Node::new("http_users", Python, &[]),
        Node::new("stg_users.ff", Sql, &["seed_users"]),
        Node::new("stg_orders.ff", Sql, &["seed_orders"]),
        Node::new("mart_user_orders.ff", Sql, &["stg_users.ff", "stg_orders.ff"]),
        Node::new("mart_api.ff", Sql, &["http_users", "stg_users.ff"]),
        Node::new("report.ff", Sql, &["mart_user_orders.ff"]),
    ];
    nodes[3].compiled = SQL.into();
    nodes[2].compiled = PYTHON.into();
    nodes[5].description = Some("One row a **user**, with the orders that the user made.\n\n- amounts in euros".into());
    nodes
}

const SQL: &str = "with users as (\n  select * from \"shop\".\"seed_users\"\n)\nselect\n    cast(id as bigint) as user_id,\n    \
upper(trim(name)) as full_name, -- as it is printed\n    lower(email) as email\nfrom users\nwhere id is not null\n";
const PYTHON: &str = "from fastflowtransform.http import get_json\n\nBASE = 'https://example.org'\n\n\
def build() -> list:\n    \"\"\"All users.\"\"\"\n    return [dict(row, n=1) for row in get_json(BASE + '/users')]\n";

/// What a run did to a node.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Did {
    Root,
    Cascade,
    Skip,
    Fail,
    Block,
}

/// What a run of a snapshot did.
fn versions() -> Versions {
    Versions::from(&crate::engine::Versions { new: 2, closed: 1, unchanged: 14, pruned: 0 })
}

/// Runs of a project, one after the other.
pub struct Project {
    pub nodes: Vec<Node>,
    /// How often each node's text was changed.
    versions: BTreeMap<String, u32>,
    baselines: BTreeMap<String, Baseline>,
    runs: u32,
    /// That runs record.
    pub commit: &'static str,
    pub world: Arc<MemoryWorld>,
}

impl Project {
    pub fn new(nodes: Vec<Node>) -> Project {
        let versions = nodes.iter().map(|node| (node.name.clone(), 0)).collect();
        let (commit, world) = ("0123456789abcdef0123456789abcdef01234567", Arc::new(MemoryWorld::new()));
        Project { nodes, versions, baselines: BTreeMap::new(), runs: 0, commit, world }
    }

    /// A node more.
    pub fn add(&mut self, node: Node) {
        self.versions.insert(node.name.clone(), 0);
        self.nodes.push(node);
    }

    pub fn layout(&self) -> crate::artifact::Layout {
        crate::artifact::Layout::new(Path::new("/p"))
    }

    /// A run in which `changed` nodes are roots and `failing` ones fail; keeps its record and gives its artifacts.
    pub fn run(&mut self, changed: &[&str], failing: &[&str]) -> Artifacts {
        self.runs += 1;
        let run_id = format!("202611{:02}T101500Z-{:04x}", self.runs, self.runs);
        let before: BTreeMap<String, Fingerprint> =
            self.nodes.iter().map(|node| (node.name.clone(), self.fingerprint(node))).collect();
        for name in changed {
            *self.versions.get_mut(*name).unwrap() += 1;
        }
        let mut did: BTreeMap<String, Did> = BTreeMap::new();
        let mut rows = Vec::new();
        for node in &self.nodes {
            let what = self.what(node, changed, failing, &did);
            rows.push(self.row(node, what, &run_id, &did, &before));
            did.insert(node.name.clone(), what);
        }
        let roots = artifact::roots(&rows);
        rows.sort_by(|left, right| left.name.cmp(&right.name));
        let fingerprints: BTreeMap<String, RecordedFingerprint> = rows
            .iter()
            .map(|row| {
                let node = self.nodes.iter().find(|node| node.name == row.name).unwrap();
                let full = self.fingerprint(node);
                let built = row.decision.action == Action::Build;
                (row.name.clone(), RecordedFingerprint { value: full.value, full: built.then(|| (&full).into()) })
            })
            .collect();
        let results = self.results(&run_id, rows, roots);
        let mut evidence = Evidence::new(self.world.clone(), self.layout().evidence());
        self.nodes.iter().for_each(|node| evidence.keep(&self.fingerprint(node)).unwrap());
        let history = History::new(&*self.world, self.layout().runs());
        history.add(&results, fingerprints).unwrap();
        for row in results.results.iter().filter(|row| row.status == Status::Success) {
            let node = self.nodes.iter().find(|node| node.name == row.name).unwrap();
            let baseline = Baseline {
                built_at: row.finished_at.clone().unwrap(),
                fingerprint: self.fingerprint(node).value,
                git_commit: results.metadata.git.commit.clone(),
                git_dirty: None,
                run_id: run_id.clone(),
            };
            self.baselines.insert(row.name.clone(), baseline);
        }
        Artifacts { manifest: self.manifest(&run_id), catalog: self.catalog(), results }
    }

    fn what(&self, node: &Node, changed: &[&str], failing: &[&str], did: &BTreeMap<String, Did>) -> Did {
        let up = |wanted: &[Did]| node.parents.iter().any(|parent| wanted.contains(&did[parent]));
        match () {
            () if up(&[Did::Fail, Did::Block]) => Did::Block,
            () if failing.contains(&node.name.as_str()) => Did::Fail,
            () if changed.contains(&node.name.as_str()) || !self.baselines.contains_key(&node.name) => Did::Root,
            () if up(&[Did::Root, Did::Cascade]) => Did::Cascade,
            () => Did::Skip,
        }
    }

    /// Of the text as it is now, over those of its parents.
    fn fingerprint(&self, node: &Node) -> Fingerprint {
        let kind = match node.kind {
            NodeKind::Seed => Kind::Seed,
            NodeKind::Sql => Kind::Sql,
            NodeKind::Python => Kind::Python,
        };
        let key = Key::default();
        let text = self.text(node, self.versions[&node.name]);
        let mut components = vec![
            Component::text(kind, &path(node), text.as_str().into()),
            Component::shown(Kind::Config, "materialized", "table"),
            Component::shown(Kind::Engine, "engine", "an engine"),
            Component::env("FF_REGION", Some("eu"), true, &key),
            Component::env("FF_SALT", Some("held back"), false, &key),
            Component::absent(Kind::Env, "FF_LIMIT"),
        ];
        let parents = self.nodes.iter().filter(|other| node.parents.contains(&other.name));
        components.extend(
            parents.map(|parent| {
                Component::shown(Kind::Upstream, &parent.name, &self.fingerprint(parent).value.to_string())
            }),
        );
        let input = Input {
            digest: leaf("macro", "shout", b"x"),
            kind: InputKind::Macro,
            line: 3,
            name: "shout".into(),
            path: "macros/words.sql".into(),
            value: None,
            content: None,
        };
        let source: Arc<str> = format!("{{# not rendered #}}\n{text}").into();
        let inputs = match node.kind {
            NodeKind::Sql => vec![Input::template(&path(node), &source), input],
            _ => Vec::new(),
        };
        Fingerprint::new(components.into_iter().map(Arc::new).collect(), inputs.into(), None, &key)
    }

    fn text(&self, node: &Node, version: u32) -> String {
        let added = |version| format!("-- version {version}\n").repeat(node.lines);
        (0..version).fold(node.compiled.clone(), |text, version| text + &added(version))
    }

    fn row(
        &self,
        node: &Node,
        did: Did,
        run_id: &str,
        others: &BTreeMap<String, Did>,
        before: &BTreeMap<String, Fingerprint>,
    ) -> ResultRow {
        let baseline = self.baselines.get(&node.name);
        let causes = self.causes(node, did, others, before);
        let at = |seconds: u32| format!("{}-{}-{}T10:15:{seconds:02}.000Z", &run_id[..4], &run_id[4..6], &run_id[6..8]);
        let tried = matches!(did, Did::Root | Did::Cascade | Did::Fail);
        let (path, roots) = self.origin(node, did, others);
        let summary = match did {
            Did::Cascade => format!("← {}", path[..path.len() - 1].join(" → ")),
            Did::Skip => {
                format!("7/7 inputs equal to run {} · relation exists", baseline.map_or("?", |one| &one.run_id))
            }
            _ => causes[0].sentence.clone(),
        };
        let check = |name: &str, ok: bool, evidence: &str| json!({"name": name, "ok": ok, "evidence": evidence});
        // As JSON, which takes what artifacts get in addition.
        let row = json!({
            "decision": {
                "action": if did == Did::Skip { Action::Skip } else { Action::Build },
                "baseline": baseline,
                "primary_code": causes[0].code,
                "checks": [
                    check("cache_mode", true, "cache mode rw allows a skip"),
                    check("fingerprint", did == Did::Skip, &summary),
                    check("relation", true, "relation exists"),
                ],
                "causes": causes,
                "path": path,
                "path_elided": 0,
                "role": match did {
                    Did::Root | Did::Fail => Some(Role::Root),
                    Did::Cascade => Some(Role::Cascade),
                    Did::Skip | Did::Block => None,
                },
                "roots": roots,
                "summary": summary,
            },
            "details": if did == Did::Fail { vec!["LINE 1: selec 1", "        ^"] } else { Vec::new() },
            "duration_ms": tried.then_some(7 + node.name.len()),
            "finished_at": tried.then(|| at(2)),
            "http": (node.kind == NodeKind::Python && did == Did::Root).then(telemetry),
            "message": (did == Did::Fail).then_some("Parser Error: syntax error at or near \"selec\""),
            "name": node.name,
            "rows": matches!(did, Did::Root | Did::Cascade).then_some(1234),
            "started_at": tried.then(|| at(1)),
            "status": match did {
                Did::Root | Did::Cascade => Status::Success,
                Did::Skip => Status::Skipped,
                Did::Fail => Status::Error,
                Did::Block => Status::Blocked,
            },
            "versions": (node.snapshot && matches!(did, Did::Root | Did::Cascade)).then(versions),
        });
        serde_json::from_value(row).unwrap()
    }

    fn causes(
        &self,
        node: &Node,
        did: Did,
        others: &BTreeMap<String, Did>,
        before: &BTreeMap<String, Fingerprint>,
    ) -> Vec<Cause> {
        let rebuilt = |name: &&String| matches!(others[*name], Did::Root | Did::Cascade);
        let upstream = node.parents.iter().filter(rebuilt).map(|name| reason_of(Code::UpstreamChanged, name.as_str()));
        match did {
            Did::Skip => vec![reason(Code::AllInputsEqual)],
            Did::Block => vec![reason_of(Code::UpstreamFailed, self.failed_above(node, others))],
            Did::Cascade => upstream.collect(),
            Did::Root | Did::Fail if !self.baselines.contains_key(&node.name) => vec![reason(Code::FirstBuild)],
            Did::Root | Did::Fail => {
                let own = self.changed(node, &before[&node.name]);
                std::iter::once(own).chain(upstream).collect()
            }
        }
    }

    /// The failed node that one which wasn't reached waits for.
    fn failed_above<'a>(&'a self, node: &'a Node, others: &BTreeMap<String, Did>) -> &'a str {
        let of = |what| node.parents.iter().find(|parent| others[*parent] == what);
        if let Some(failed) = of(Did::Fail) {
            return failed;
        }
        let up = of(Did::Block).expect("invariant: something above failed");
        self.failed_above(self.nodes.iter().find(|other| other.name == *up).unwrap(), others)
    }

    /// The cause of another text.
    fn changed(&self, node: &Node, before: &Fingerprint) -> Cause {
        let version = self.versions[&node.name];
        let (old, new) = (self.text(node, version.saturating_sub(1)), self.text(node, version));
        let diff = TextDiff::between(old.as_bytes(), new.as_bytes());
        let side = |text: &str, digest| Side { digest, size: text.len() as u64, value: None, withheld: false };
        let (code, kind) = match node.kind {
            NodeKind::Seed => (Code::SeedChanged, Kind::Seed),
            NodeKind::Sql => (Code::SqlChanged, Kind::Sql),
            NodeKind::Python => (Code::PythonChanged, Kind::Python),
        };
        let path = path(node);
        let mut cause = reason_of(code, path.as_str());
        cause.kind = Some(kind.into());
        cause.change = Some(Change::Modified.into());
        cause.before = Some(side(&old, before.components[0].digest));
        cause.after = Some(side(&new, self.fingerprint(node).components[0].digest));
        if node.kind == NodeKind::Seed {
            cause.data = Some(DataChange {
                rows_added: 1,
                rows_before: 3,
                rows_after: 4,
                key: vec!["id".into()],
                ..DataChange::default()
            });
        } else {
            cause.attributed_to = vec![Attribution {
                after: None,
                after_value: None,
                before: None,
                before_value: None,
                change: Change::Modified.into(),
                cosmetic: false,
                diff: diff.clone(),
                kind: InputKind::Template.into(),
                line: 0,
                name: path.clone(),
                path,
            }];
            cause.diff = diff;
        }
        cause.worded()
    }

    /// The path from the first root above, and all roots.
    fn origin(&self, node: &Node, did: Did, others: &BTreeMap<String, Did>) -> (Vec<String>, Vec<String>) {
        match did {
            Did::Skip | Did::Block => (Vec::new(), Vec::new()),
            Did::Root | Did::Fail => (vec![node.name.clone()], vec![node.name.clone()]),
            Did::Cascade => {
                let mut found: Option<(Vec<String>, Vec<String>)> = None;
                for parent in &node.parents {
                    let what = others[parent];
                    if !matches!(what, Did::Root | Did::Cascade) {
                        continue;
                    }
                    let parent = self.nodes.iter().find(|other| other.name == *parent).unwrap();
                    let (path, roots) = self.origin(parent, what, others);
                    match &mut found {
                        None => found = Some((path, roots)),
                        Some((_, known)) => known.extend(roots),
                    }
                }
                let (mut path, mut roots) = found.unwrap();
                path.push(node.name.clone());
                roots.sort();
                roots.dedup();
                (path, roots)
            }
        }
    }
}

fn path(node: &Node) -> String {
    match node.kind {
        NodeKind::Seed => format!("seeds/{}.csv", node.name),
        NodeKind::Sql => format!("models/{}.sql", node.name),
        NodeKind::Python => format!("models/{}.ff.py", node.name),
    }
}

fn telemetry() -> wire::Telemetry {
    wire::Telemetry {
        bytes: 512,
        cache_hits: 1,
        entries: vec![wire::Request {
            attempts: 1,
            bytes: 512,
            key: "k".into(),
            method: "GET".into(),
            source: Some(Word::Known(crate::http::Source::Cache)),
            status: Some(200),
            url: "https://example.org/users?page=1".into(),
        }],
        keys: vec!["k".into()],
        notes: Vec::new(),
        requests: 1,
        used_offline: false,
    }
}

fn reason(code: Code) -> Cause {
    Cause::from(&plan::Cause::new(code))
}

fn reason_of(code: Code, name: &str) -> Cause {
    Cause::from(&plan::Cause::named(code, name))
}
