//! A project as its files say it: what is declared, before anything is rendered.
//!
//! [`load()`] reads a folder through a [`World`](crate::world::World) and gives a [`Project`] or every problem it found. Nothing here knows an
//! engine, a database or what was built before.

mod audience;
mod budget;
mod delta;
mod described;
mod document;
mod dotenv;
mod environment;
mod exposure;
mod fields;
mod files;
pub mod foreign;
mod format;
mod freshness;
mod hook;
mod left_out;
mod load;
mod model;
mod model_hook;
pub mod package;
mod profile;
mod properties;
mod redact;
mod said;
mod scalar;
mod secret;
mod seed;
mod setting;
mod settings;
mod size;
mod snapshot;
mod source;
mod storage;
mod target;
mod template;
mod test;
#[cfg(test)]
pub mod testing;
mod unit_test;
mod yaml;

pub use budget::{Budget, Budgets, Metric, QueryLimit, Threshold};
pub use delta::{Delta, Deltas};
pub use environment::process as process_environment;
pub use exposure::{Exposure, Use, Used};
pub use format::{family as engine_family, names as engine_names};
pub use freshness::{Age, Freshness, Period};
pub use hook::{DeclaredRunHook, Hook, HookBody, HookSql, HookTime};
pub use load::{LoadOptions, find_root, load, named, published};
pub use package::{Dependency, Package};
pub use redact::{redact, without_passwords, without_tokens};
pub use scalar::given as given_value;
pub use setting::{DeclaredSettings, EVERY, SETTING_KEYS};
pub use settings::site_address;
pub use size::{shown as shown_size, shown_milliseconds as shown_duration};
pub use test::{
    Amount, DeclaredTest, FailureBound, KeySide, TEST_KINDS, TableName, TestCheck, TestFile, TestSeverity, TestTable,
    TestTerms, ValueSide,
};
pub use unit_test::{Cell, CellTable, Expected, Given, Rows, UnitCase, is_other, quoted, unit_tests};

use crate::diagnostic::{Diagnostic, Location};
use crate::name::{NodeName, RelationName, look_up};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder of records in a project.
pub const STATE: &str = ".fastflowtransform";

/// Everything that a command needs to know of the project's files. Paths are project-relative with `/` separators
/// unless they are a [`PathBuf`].
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder that holds project.yml, absolute.
    pub root: PathBuf,
    /// Where `FFT_STATE_DIR` puts what fft writes by itself, absolute; `None` leaves it in the project.
    pub state: Option<PathBuf>,
    /// `FFT_DOCS_DIR`: the site's folder on this machine.
    pub docs_dir: Option<PathBuf>,
    pub settings: Settings,
    pub profile: Profile,
    /// Every environment variable that the project may see: `.env` layers under the process environment.
    pub env: Environment,
    /// `vars:` of the command line, the profile and project.yml, merged in that order of precedence.
    pub vars: BTreeMap<String, Value>,
    pub models: Vec<ModelFile>,
    pub macros: Vec<MacroFile>,
    /// Files of `macros_py/` below the models folder, whose functions templates may call.
    pub python_macros: Vec<MacroFile>,
    pub seeds: Vec<SeedFile>,
    /// By group and table.
    pub sources: BTreeMap<(String, String), SourceTable>,
    /// Who uses what the project builds, by name.
    pub exposures: BTreeMap<String, Exposure>,
    /// Descriptions, columns and tests from `models/**/*.yml`, by the name they were declared for.
    pub properties: BTreeMap<String, Properties>,
    pub documents: Documents,
    pub budgets: Budgets,
    /// The packages whose files are among these.
    pub packages: Vec<Package>,
    /// Python files below the models folder that are no models; a model may import them.
    pub modules: Vec<String>,
    /// Queries for new rows that stand in files of their own.
    pub deltas: Deltas,
    /// What a run does beside building, in the order of a run: what this profile has of it.
    pub hooks: Vec<Hook>,
    /// Data tests that YAML declares, in the order of its files.
    pub tests: Vec<DeclaredTest>,
    /// Queries that are tests, or define kinds of them.
    pub test_files: Vec<TestFile>,
    /// What is told of the files and stops nothing.
    pub warnings: Vec<Diagnostic>,
}

impl Project {
    /// The folder of records.
    pub fn state_folder(&self) -> PathBuf {
        self.state.clone().unwrap_or_else(|| self.root.join(STATE))
    }

    /// The folder of the site: the one that `FFT_DOCS_DIR` names, else `docs.dag_dir` in the project, or among the
    /// records where those are elsewhere.
    pub fn site_folder(&self) -> PathBuf {
        match (&self.docs_dir, &self.state) {
            (Some(dir), _) => self.root.join(dir),
            (None, Some(state)) => state.join("docs").join(&self.settings.dag_dir),
            (None, None) => self.root.join(&self.settings.dag_dir),
        }
    }

    /// Whether a file means the profile's engine by this name.
    pub fn is_engine(&self, name: &str) -> bool {
        format::is_spelling(name, &self.profile.engine)
    }

    /// The package that a file is of, by its path; none of the project's own.
    pub fn package_of(&self, path: &str) -> Option<&Package> {
        let of = |package: &&Package| path.strip_prefix(&*package.dir).is_some_and(|rest| rest.starts_with('/'));
        self.packages.iter().filter(of).max_by_key(|package| package.dir.len())
    }

    /// What `var()` gives in a file.
    pub fn vars_of(&self, path: &str) -> &BTreeMap<String, Value> {
        self.package_of(path).map_or(&self.vars, |package| &package.vars)
    }

    /// The folder that imports of a Python file count from.
    pub fn folder_of(&self, path: &str) -> &Path {
        self.package_of(path).map_or(&self.root, |package| &package.folder)
    }

    /// What YAML says of a node, under its name or under that without `.ff`.
    pub fn properties_of(&self, node: &NodeName) -> Option<&Properties> {
        look_up(node.as_str(), |name| self.properties.get(name))
    }

    /// How a node's table is stored, as project.yml says it.
    pub fn storage_of(&self, node: &NodeName, seed: bool) -> Option<&Declared> {
        let declared = if seed { &self.settings.seed_storage } else { &self.settings.model_storage };
        look_up(node.as_str(), |name| declared.get(name))
    }

    /// The catalog of the profile, where it names one.
    pub fn default_catalog(&self) -> Option<&str> {
        let keys = format::catalog_keys(&self.profile.engine).iter();
        let declared = keys.filter_map(|key| self.profile.settings.get(key)?.as_str());
        declared.map(str::trim).find(|catalog| !catalog.is_empty())
    }

    /// What project.yml says of a key of [`SETTING_KEYS`], by a node's name or [`EVERY`].
    pub fn settings_by_name(&self, key: &str, seed: bool) -> Option<&BTreeMap<String, Declared>> {
        let declared = if seed { &self.settings.seed_settings } else { &self.settings.model_settings };
        declared.get(key)
    }

    /// The same of one node, by its name.
    pub fn setting_of(&self, node: &NodeName, key: &str, seed: bool) -> Option<&Declared> {
        let declared = self.settings_by_name(key, seed)?;
        look_up(node.as_str(), |name| declared.get(name))
    }

    /// How a snapshot keeps its versions, as project.yml says it.
    pub fn snapshot_of(&self, node: &NodeName) -> Option<&Declared> {
        look_up(node.as_str(), |name| self.settings.model_snapshots.get(name))
    }

    /// The schema of the profile, where it names one.
    pub fn default_schema(&self) -> Option<&str> {
        let keys = format::schema_keys(&self.profile.engine).iter();
        let declared = keys.filter_map(|key| self.profile.settings.get(key)?.as_str());
        let variable = format::schema_variable(&self.profile.engine).and_then(|name| self.env.get(name));
        let schema = declared.chain(variable).map(str::trim).find(|schema| !schema.is_empty())?;
        // In quotes stands the name itself, for engines that read one without them otherwise.
        Some(schema.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(schema))
    }
}

/// Descriptions in Markdown; they win over those of YAML.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Documents {
    /// By a node's name, with or without `.ff`.
    pub nodes: BTreeMap<String, String>,
    /// Of each relation, its name in lower case, by relation and column as the files name them.
    pub columns: BTreeMap<String, BTreeMap<(String, String), String>>,
    /// The files that were read.
    pub paths: Vec<String>,
}

impl Documents {
    /// What is written of a node.
    pub fn node(&self, name: &str) -> Option<&str> {
        look_up(name, |name| self.nodes.get(name)).map(String::as_str)
    }

    /// What is written of a relation's columns, by their names in lower case.
    pub fn columns_of(&self, relation: &str) -> BTreeMap<String, &str> {
        let mut found = BTreeMap::new();
        for ((_, name), text) in self.files_of(relation) {
            found.entry(name.to_ascii_lowercase()).or_insert(text.as_str());
        }
        found
    }

    /// The same by relation and column as the files name them.
    pub fn files_of(&self, relation: &str) -> impl Iterator<Item = (&(String, String), &String)> {
        self.columns.get(&relation.to_ascii_lowercase()).into_iter().flatten()
    }
}

/// project.yml.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub name: String,
    pub version: String,
    /// Default `models`.
    pub models_dir: String,
    /// Default `seeds`, relative to the project. `FFT_SEEDS_DIR` (absolute, or relative to the project) replaces the
    /// folder that is read, not this name, which all seeds' paths begin with.
    pub seeds_dir: String,
    /// `docs.dag_dir`, default `site/dag`.
    pub dag_dir: String,
    pub dag_dir_at: Option<Location>,
    /// `docs.provenance`: variables that a run's record tells, where they are set.
    pub docs_provenance: Vec<String>,
    /// `docs.models`: what is said of models there, by a node's name, with or without `.ff`.
    pub described: BTreeMap<String, Properties>,
    /// `docs.include_rendered_sql: false`, default true: pages hold no text of SQL and Python.
    pub rendered_sql: bool,
    /// `docs.repository`: where commits and files can be looked at, ending without a `/`.
    pub docs_repository: Option<String>,
    /// `docs.keep_pages`: pages of runs that aren't kept any more stay.
    pub keep_pages: bool,
    /// `docs.url`: the address of the published site, ending in `/`.
    pub docs_url: Option<String>,
    pub fingerprint: FingerprintSettings,
    pub python: PythonSettings,
    pub http: HttpSettings,
    /// `history.keep`: runs kept, default 50.
    pub history_keep: usize,
    /// `run.cutoff`, default false.
    pub run_cutoff: bool,
    /// `run.columns`, default false.
    pub run_columns: bool,
    /// `run.unseen_sources: skip`, default false: what reads a source that nothing watches is skipped like the rest.
    pub skip_unwatched: bool,
    /// `seeds.meta_columns`, default true: whether the tables of seeds get fft's own columns.
    pub seed_meta_columns: bool,
    /// `models.storage`: how the tables of models are stored, by a node's name, with or without `.ff`.
    pub model_storage: BTreeMap<String, Declared>,
    /// `models.incremental`: how the tables of incremental models are extended, by a node's name likewise.
    pub model_incremental: BTreeMap<String, Declared>,
    /// `models.snapshot`: how snapshots keep their versions, likewise.
    pub model_snapshots: BTreeMap<String, Declared>,
    /// `seeds.storage`, by a seed's name.
    pub seed_storage: BTreeMap<String, Declared>,
    /// `models.pre_hook` and `models.post_hook`, by a model's name, with or without `.ff`.
    pub model_hooks: BTreeMap<String, ModelHooks>,
    /// `hooks`, as declared.
    pub hooks: Vec<DeclaredRunHook>,
    /// `models.indexes`, `models.grants`, `models.persist_docs`: what is set at the relations of models.
    pub model_settings: DeclaredSettings,
    /// The same of `seeds`.
    pub seed_settings: DeclaredSettings,
    /// `tests`, as declared.
    pub tests: Vec<Value>,
    /// `dependencies`: packages that must be there, whoever asks for them.
    pub dependencies: Vec<Dependency>,
}

/// Statements that run in front of a model's own and behind them, as they are declared: templates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelHooks {
    pub pre: Vec<DeclaredHook>,
    pub post: Vec<DeclaredHook>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredHook {
    pub text: String,
    pub at: Location,
}

/// What project.yml says of one node, as it is declared.
#[derive(Clone, Debug, PartialEq)]
pub struct Declared {
    /// As `config()` takes it.
    pub value: Value,
    pub at: Location,
}

/// `fingerprint:` of project.yml.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FingerprintSettings {
    /// `cosmetic: build` (default) or `skip`.
    pub cosmetic_skip: bool,
    /// Glob patterns of `FF_*` names that are no components.
    pub env_ignore: Vec<String>,
    /// Names whose values may be shown.
    pub env_expose: Vec<String>,
    /// Names that are secret beside those that look it.
    pub env_secret: Vec<String>,
}

/// `python:` of project.yml.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PythonSettings {
    /// The interpreter to use, as given.
    pub interpreter: Option<String>,
    /// Pinned requirements file, project-relative; the managed environment is made from it.
    pub requirements: Option<String>,
    /// Seconds one model may take; none by default.
    pub timeout_seconds: Option<u64>,
}

/// `http:` of project.yml.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HttpSettings {
    /// Read-only folder of recorded responses, project-relative.
    pub recordings: Option<String>,
    pub allowed_domains: Vec<String>,
}

/// One profile of profiles.yml, rendered. Its `Debug` form withholds the settings, which may hold passwords.
#[derive(Clone, PartialEq)]
pub struct Profile {
    pub name: String,
    /// `duckdb`, `postgres` …
    pub engine: String,
    /// The engine as the profile itself calls it.
    pub called: String,
    /// The section named like the engine, as JSON; the engine reads it.
    pub settings: Value,
    /// Where that section stands in profiles.yml, for errors.
    pub at: Location,
}

impl Profile {
    /// Whether something is for its engine that is for `engines` alone; for all where none is named.
    pub fn is_for(&self, engines: &[String]) -> bool {
        engines.is_empty() || engines.iter().any(|name| format::is_spelling(name, &self.engine))
    }
}

/// Environment variables with where each came from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Environment {
    pub vars: BTreeMap<String, EnvVar>,
    /// Variables of the process whose values aren't Unicode: set, and not to be taken for unset.
    pub unreadable: BTreeSet<String>,
    /// Secrets among the profile's settings, by what messages call them. No template reads them.
    pub of_profile: BTreeMap<String, EnvVar>,
}

/// One variable. Its `Debug` form withholds the value unless it is exposed.
#[derive(Clone, PartialEq)]
pub struct EnvVar {
    pub value: String,
    /// `process`, or the `.env` file's name.
    pub origin: String,
    /// Never shown, hashed or recorded.
    pub secret: bool,
    /// May be shown in artifacts (`fingerprint.env.expose`).
    pub exposed: bool,
    /// No component (`fingerprint.env.ignore`).
    pub ignored: bool,
}

impl Environment {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(|var| var.value.as_str())
    }

    /// What is wrong with a variable that is set to what can't be read.
    pub fn problem(&self, name: &str) -> Option<String> {
        self.unreadable.contains(name).then(|| environment::not_text(name))
    }
}

/// The language of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    Sql,
    Python,
}

/// A `*.ff.sql` or `*.ff.py` file.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelFile {
    pub path: String,
    pub language: Language,
    pub text: Arc<str>,
}

/// A file of macros, of Jinja or in Python.
#[derive(Clone, Debug, PartialEq)]
pub struct MacroFile {
    pub path: String,
    pub text: Arc<str>,
}

/// A CSV or Parquet file below the seeds folder.
#[derive(Clone, Debug, PartialEq)]
pub struct SeedFile {
    /// `<settings.seeds_dir>/<path below the seeds folder>`, also where `FFT_SEEDS_DIR` names another folder: the path
    /// of a copied seed compares with the original's.
    pub path: String,
    /// Where the bytes are, absolute.
    pub file: PathBuf,
    /// File stem: the node's and the table's name.
    pub name: String,
    pub format: SeedFormat,
    /// Bytes.
    pub size: u64,
    /// Declared in schema.yml: column → type, in the file's order of declaration.
    pub columns: Vec<(String, String)>,
    /// `key` in schema.yml: the columns that tell each row from every other. It changes nothing that is built; an
    /// explanation matches rows by it.
    pub key: Vec<String>,
    /// What stands between the values of a CSV file, where schema.yml or the file's ending says so.
    pub delimiter: Option<u8>,
    /// Whether the table gets fft's own columns behind the file's.
    pub meta_columns: bool,
    pub schema: Option<String>,
    pub alias: Option<String>,
    pub description: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeedFormat {
    Csv,
    Parquet,
}

/// One table of sources.yml, its overrides for the profile's engine applied.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceTable {
    pub group: String,
    pub table: String,
    pub identifier: String,
    pub schema: Option<String>,
    pub catalog: Option<String>,
    /// Files, patterns, folders (they end with `/`) or URLs that the engine reads in place of a relation. Paths count
    /// from the project's folder.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "one_or_all")]
    pub location: Vec<String>,
    /// What the files are: `csv`, `parquet`, `json`; by their endings where it isn't said.
    pub format: Option<String>,
    pub description: Option<String>,
    pub loaded_at_field: Option<String>,
    pub loaded_at_query: Option<String>,
    /// How old its data may get; it is checked by itself, and no part of what is built.
    #[serde(skip)]
    pub freshness: Option<Freshness>,
    /// How files are read, as the engine's reader has it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, Value>,
    #[serde(skip)]
    pub meta: Option<Value>,
    /// Descriptions of columns.
    #[serde(skip)]
    pub columns: Vec<(String, Option<String>)>,
    #[serde(skip)]
    pub at: Location,
}

impl SourceTable {
    /// The relation that it is where it has no files.
    pub fn relation(&self) -> RelationName {
        RelationName { catalog: self.catalog.clone(), schema: self.schema.clone(), name: self.identifier.clone() }
    }

    /// `group.table`.
    pub fn name(&self) -> String {
        format!("{}.{}", self.group, self.table)
    }
}

/// One text as it is, several as a list: as they are declared.
fn one_or_all<S: serde::Serializer>(texts: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    match texts {
        [one] => serializer.serialize_str(one),
        all => serializer.collect_seq(all),
    }
}

/// What YAML says of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Properties {
    pub description: Option<String>,
    pub columns: Vec<ColumnProperties>,
    pub tags: Vec<String>,
    pub meta: Option<Value>,
    /// What is set at its relation beside its rows, by key.
    pub settings: BTreeMap<String, Declared>,
    /// As declared.
    pub tests: Vec<Value>,
    pub at: Option<Location>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnProperties {
    pub name: String,
    pub at: Option<Location>,
    pub description: Option<String>,
    pub tests: Vec<Value>,
    pub lineage: Option<DeclaredLineage>,
}

/// The columns that a column is said to come from, by what it does with them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeclaredLineage {
    pub direct: Vec<DeclaredColumn>,
    pub derived: Vec<DeclaredColumn>,
    pub aggregate: Vec<DeclaredColumn>,
    pub filter: Vec<DeclaredColumn>,
}

/// A column of a model, a seed or a source: `stg_users.user_id`, `source:crm.users.email`.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredColumn {
    /// What stands before the last dot.
    pub node: String,
    /// What stands behind it.
    pub column: String,
    pub at: Location,
}

impl DeclaredLineage {
    pub fn all(&self) -> impl Iterator<Item = &DeclaredColumn> {
        self.direct.iter().chain(&self.derived).chain(&self.aggregate).chain(&self.filter)
    }
}
