//! fft runs SQL and Python data models, builds only what changed, and explains every node of every run.
//!
//! # The way data takes
//!
//! ```text
//!  files ──World──▶ Project ──render──▶ [Rendered] ──graph──▶ Graph ──fingerprint──▶ Fingerprints
//!                                                                                        │
//!  .fastflowtransform/ ──artifact──▶ State ────────────┐                                 │
//!  engine.relations(), _ff_meta ───▶ Relations ────────┴─────────plan────────────────────┴──▶ Plan
//!                                                                                              │
//!                                               engine, python, http ◀── execute ◀─────────────┘
//!                                                                           │
//!                                                                        Event* ──▶ Run
//!  Graph + Fingerprints + Plan + Run ──artifact──▶ manifest.json, run_results.json, catalog.json, history
//!  artifacts ──site──▶ [Page] ──write──▶ site/dag/index.html …
//! ```
//!
//! # Modules, low to high
//!
//! A module imports only from its own layer or a lower one; `tests/it/tidy.rs` enforces this table. No two files import each
//! other in a loop, as `tests/it/circle.rs` holds.
//!
//! | layer | modules | what they hold |
//! |---|---|---|
//! | 0 | [`name`] [`digest`] [`diagnostic`] [`secret`] | checked names; tagged, length-prefixed SHA-256; problems with a place and a hint; secret values in every form |
//! | 1 | [`world`] | the only door to files, environment and clocks |
//! | 1 | [`syntax`] | SQL tokens, Python syntax, the table in a CSV file: what a text says without running it |
//! | 2 | [`project`] | project.yml, profiles.yml, sources.yml, budgets.yml, .env layers, models, seeds, macros → [`project::Project`] |
//! | 3 | [`dialect`] [`render`] [`graph`] | SQL text per engine; templates → text and what it was made from; nodes in topological order, selectors |
//! | 3 | [`lineage`] | the columns that each column comes from |
//! | 4 | [`fingerprint`] [`plan`] | components and their difference; decisions, causes, roots, steps |
//! | 4 | [`test`](mod@test) | data tests: their queries, fingerprints and decisions, and which waits for which |
//! | 5 | [`engine`] [`python`] [`http`] | sessions on a database; the Python worker; the cached HTTP client |
//! | 6 | [`execute`] [`check`] [`watch`] | the scheduler, one node's build, events; what a query and a run may cost, how old data may be, rows against expected ones; the state of data that fft doesn't build |
//! | 7 | [`artifact`] | wire types and files: manifest, run_results, catalog, history, cache entries, evidence |
//! | 8 | [`site`] | pages from artifacts alone |
//! | 9 | [`run`] | what a command does, stage by stage, with locks, git and the end of panics |
//! | 10 | [`serve`] | the local docs server |
//! | 10 | [`cli`] | one file a verb, options, the printer |
//!
//! # Files
//!
//! | files | read or written by |
//! |---|---|
//! | project.yml profiles.yml sources.yml exposures.yml budgets.yml packages.yml, `.env*`, `models/`, `macros/`, `seeds/`, `hooks/`, `tests/`; models, macros, seeds and sources of packages | read by [`project`] |
//! | packages.lock.yml, `.fastflowtransform/packages/` | written by [`run`] for `fft deps` alone, read by [`project`] |
//! | local Python modules of the project | read by [`run`] for [`syntax`] |
//! | data files that models read, wherever they are | read by [`watch`] and by [`engine`] |
//! | `.fastflowtransform/` (or `FFT_STATE_DIR`) | written and read by [`artifact`]; its `python.json` by [`python`], its `python_macros.json` by [`run`] |
//! | the database of the profile, with `_ff_meta` | [`engine`] |
//! | the HTTP cache (`.local/http-cache/`: an entry a file, `.key`), recordings (read only) | [`http`] |
//! | managed Python environments in the user's cache folder, `fft/python/<key>/` | [`python`] |
//! | `site/dag/` (`docs.dag_dir`, `FFT_DOCS_DIR`) | written by [`site`] |
//! | temporary folders for a Python model's rows | [`execute`] |
//! | `.git` | read by [`run`] for the commit; it alone starts git, and for `fft deps` alone git speaks to servers |
//!
//! # Invariants
//!
//! *`fingerprint` and `plan` cannot fail and do no I/O.* What can go wrong there is data: a cause.
//!
//! *A decision always has reasons.* The type can't be built without one; a skip is explained like a build.
//!
//! *Equal fingerprint if and only if empty component difference.* The difference is a function of the same list
//! as the digest.
//!
//! *One wording.* The domain has facts; `artifact::wire` makes sentences of them, once, as they are written: terminal,
//! JSON, events and site take them from there. What a newer fft wrote is read, and shown as it was written.
//!
//! *The site knows only artifacts.* Whatever a page shows is in a JSON file that somebody else can read.
//!
//! *An engine is a file in `engine/` and one in `dialect/`.* No other file names one.
//!
//! *A failing model is an outcome, never an `Err`.* It can't unwind the run, lose another node's record, or drop a
//! row from run_results.
//!
//! *Output is a function of input:* never of hash order, thread order, clock or checkout path.

pub mod artifact;
pub mod check;
pub mod cli;
pub mod diagnostic;
pub mod dialect;
pub mod digest;
pub mod engine;
pub mod execute;
pub mod fingerprint;
pub mod graph;
pub mod http;
pub mod lineage;
pub mod name;
pub mod plan;
pub mod project;
pub mod python;
pub mod render;
pub mod run;
pub mod secret;
pub mod serve;
pub mod site;
pub mod syntax;
pub mod test;
pub mod watch;
pub mod world;
