//! What explaining costs of a run that builds nothing: the difference between deciding with all reasons, checks, roots
//! and words, as fft does, and only comparing each fingerprint with the recorded one.
//!
//! `cargo bench --profile dev --config profile.dev.opt-level=3 --bench explain -- [MODELS …]` (1,000 by default)
//!
//! Prints medians in milliseconds. Explaining may cost at most a tenth of the whole process: the bench fails otherwise.

#![expect(clippy::disallowed_methods, reason = "a bench works on real files")]

use fft::artifact::Layout;
use fft::artifact::cache::Cache;
use fft::artifact::results::RunResults;
use fft::digest::Digest;
use fft::execute::{Outcome, Run, Status, found};
use fft::fingerprint::{Components, Key, Material};
use fft::graph::{Graph, build};
use fft::plan::{Action, Plan, Request, State, plan};
use fft::project::{LoadOptions, Project, load};
use fft::world::{OsWorld, World};
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

const ROUNDS: usize = 15;
/// Of a run that builds nothing.
const MOST: f64 = 0.1;

fn main() {
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![1000] } else { sizes };
    println!("{:>7}  {:>9}  {:>11}  {:>13}  {:>6}", "models", "no-op ms", "compared ms", "explaining ms", "share");
    for size in sizes {
        let folder = tempfile::tempdir().expect("a temporary folder");
        write(folder.path(), size);
        run(folder.path());
        let whole = median((0..ROUNDS).map(|_| run(folder.path())).collect());
        let prepared = Prepared::of(folder.path());
        let compared = median((0..ROUNDS).map(|_| timed(|| prepared.compare())).collect());
        let explained = median((0..ROUNDS).map(|_| timed(|| prepared.explain())).collect());
        let share = (explained - compared) / whole;
        println!("{size:>7}  {whole:>9.1}  {compared:>11.1}  {:>13.1}  {share:>6.3}", explained - compared);
        assert!(share <= MOST, "explaining takes {share:.3} of a run that builds nothing");
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn timed<T>(work: impl FnOnce() -> T) -> f64 {
    let started = Instant::now();
    black_box(work());
    started.elapsed().as_secs_f64() * 1000.0
}

fn run(folder: &Path) -> f64 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fft"));
    command.args(["run", ".", "--quiet", "--no-docs"]).current_dir(folder).stdout(Stdio::null());
    timed(|| assert!(command.status().expect("fft runs").success(), "fft run failed"))
}

/// All that a decision is made from.
struct Prepared {
    project: Project,
    graph: Graph,
    components: Components,
    state: State,
    found: Vec<fft::plan::Found>,
}

impl Prepared {
    fn of(folder: &Path) -> Prepared {
        let world: Arc<dyn World> = Arc::new(OsWorld::new());
        let folder = folder.canonicalize().expect("a folder");
        let project = load(&*world, &folder, &LoadOptions::default()).expect("a project");
        let kind = fft::engine::find(&project.profile).expect("an engine");
        let dialect = kind.dialect();
        let rendered = fft::render::render(&project, dialect.clone()).expect("rendered models");
        let graph = build(&project, rendered, Vec::new(), &*dialect).expect("a graph");
        let components = Components::of(&graph, &project, &Material { key: Key::default(), ..Material::default() });
        let engine = kind.open(&*world, &project, fft::engine::Access::Look).expect("a database");
        let mut session = engine.session().expect("a session");
        let relations = session.relations().expect("relations");
        let rows = session.ledger(&relations, false).expect("the rows of the ledger");
        let found = found(&graph, &relations, &rows, &project.settings.name);
        let (_, state) = Cache::read(world.clone(), Layout::new(&folder).cache(&engine.target()));
        let prepared = Prepared { project, graph, components, state, found };
        let plan = prepared.plan();
        assert!(plan.decisions.iter().all(|decision| decision.action == Action::Skip), "nothing must be left to build");
        prepared
    }

    fn plan(&self) -> Plan {
        let request = Request { selected: (0..self.graph.nodes.len()).collect(), ..Request::default() };
        plan(&self.graph, &self.components, &self.state, &self.found, &request)
    }

    /// The least that tells what is current: each fingerprint against the recorded one.
    fn compare(&self) -> usize {
        let mut values: Vec<Digest> = Vec::with_capacity(self.graph.nodes.len());
        let mut current = 0;
        for (id, node) in self.graph.nodes.iter().enumerate() {
            let upstream: Vec<_> =
                node.upstream.iter().map(|up| (self.graph.nodes[*up].name.as_str(), Some(values[*up]))).collect();
            let fingerprint = self.components.fingerprint(id, &upstream);
            values.push(fingerprint.value);
            let recorded = self.state.entries.get(&node.name).map(|entry| entry.fingerprint.value);
            current += usize::from(recorded == Some(fingerprint.value));
        }
        current
    }

    /// Decisions with all that is told of them, and the part of run_results.json that tells it.
    fn explain(&self) -> usize {
        let plan = self.plan();
        let now = jiff::Timestamp::UNIX_EPOCH;
        let outcomes = (0..self.graph.nodes.len()).map(|id| Outcome::instant(id, Status::Skipped)).collect();
        let run = Run {
            origin: Default::default(),
            run_id: "bench".into(),
            started_at: now,
            finished_at: now,
            duration_ms: 0,
            cache_mode: Default::default(),
            git_commit: None,
            git_dirty: None,
            standing: Default::default(),
            outcomes,
            hooks: Vec::new(),
            tests: Vec::new(),
            suite: Default::default(),
            interrupted: false,
            workers: None,
        };
        let results = RunResults::new(&self.project, &self.graph, &plan, &run);
        let decisions: Vec<_> = results.results.iter().map(|row| &row.decision).collect();
        serde_json::to_vec(&decisions).expect("JSON").len()
    }
}

/// A chain of joined tables, without seeds or Python, so that the library alone can prepare it.
fn write(folder: &Path, models: usize) {
    let put = |path: String, text: String| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    put("project.yml".into(), "name: explain\nversion: '1'\n".into());
    put("profiles.yml".into(), "dev:\n  engine: duckdb\n  duckdb:\n    path: .local/explain.duckdb\n".into());
    for number in 0..models {
        let read = match number {
            0..10 => "select 1 as id".to_string(),
            _ => {
                let near = number - 1 - number * 7919 % 10;
                let far = number * 7919 % 97 % number;
                format!(
                    "select a.id from {{{{ ref('m{near:05}') }}}} a join {{{{ ref('m{far:05}') }}}} b on a.id = b.id"
                )
            }
        };
        put(format!("models/m{number:05}.ff.sql"), format!("{read}\n"));
    }
}
