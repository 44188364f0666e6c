//! Options that several verbs share.

use super::terminal::Terminal;
use crate::diagnostic::did_you_mean;
use crate::graph::{Body, Graph};
use crate::plan::CacheMode;
use crate::project::{LoadOptions, given_value};
use crate::run::{Caching, Failure, Only, Selection, Wanted};
use crate::syntax::python::VarsRead;
use clap::{Args, ValueEnum};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Which project.
#[derive(Args, Clone, Debug, Default)]
pub struct FolderOptions {
    /// The project's folder; the nearest folder upward with a project.yml by default
    pub project: Option<PathBuf>,
}

/// Which project, and in which profile.
#[derive(Args, Clone, Debug, Default)]
pub struct ProfileOptions {
    /// The project's folder; the nearest folder upward with a project.yml by default
    pub project: Option<PathBuf>,
    /// Profile of profiles.yml (default: FFT_ACTIVE_ENV)
    #[arg(long, value_name = "PROFILE")]
    pub env: Option<String>,
}

/// Which of the recorded runs.
#[derive(Args, Clone, Debug, Default)]
pub struct RecordOptions {
    /// The project's folder; the nearest folder upward with a project.yml by default
    pub project: Option<PathBuf>,
    /// Only runs of this profile; `latest` is the last of them
    #[arg(long, value_name = "PROFILE")]
    pub env: Option<String>,
}

/// Which project, in which profile, with which vars.
#[derive(Args, Clone, Debug, Default)]
pub struct ProjectOptions {
    /// The project's folder; the nearest folder upward with a project.yml by default
    pub project: Option<PathBuf>,
    /// Profile of profiles.yml (default: FFT_ACTIVE_ENV)
    #[arg(long, value_name = "PROFILE")]
    pub env: Option<String>,
    /// The engine, where the profile says another one (also FF_ENGINE)
    #[arg(long, value_name = "ENGINE")]
    pub engine: Option<String>,
    /// Vars, as `name=value`; a value is read as JSON where it is JSON, else as text
    #[arg(long, value_name = "NAME=VALUE", num_args = 1..)]
    pub vars: Vec<String>,
}

/// Whether to wait for others.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct WaitOptions {
    /// Fail at once, with 5, when another run holds the project or its database
    #[arg(long)]
    pub no_wait: bool,
}

impl From<FolderOptions> for ProjectOptions {
    fn from(FolderOptions { project }: FolderOptions) -> ProjectOptions {
        ProjectOptions { project, ..ProjectOptions::default() }
    }
}

impl From<ProfileOptions> for ProjectOptions {
    fn from(ProfileOptions { project, env }: ProfileOptions) -> ProjectOptions {
        ProjectOptions { project, env, ..ProjectOptions::default() }
    }
}

impl ProjectOptions {
    /// The project that is meant, with values as they are written.
    pub fn wanted(&self) -> Result<Wanted, Failure> {
        let mut vars = BTreeMap::new();
        for pair in &self.vars {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(Failure::Usage(
                    format!("`--vars {pair}` has no `=`"),
                    vec!["write `--vars name=value`; PROJECT goes in front of the options".into()],
                ));
            };
            let value = given_value(value).map_err(|number| {
                let message = format!("`{number}` in `--vars {name}=…` isn't kept as it is written");
                Failure::Usage(message, vec![format!("write it in quotes: \"{number}\"")])
            })?;
            vars.insert(name.to_string(), value);
        }
        let load = LoadOptions { profile: self.env.clone(), engine: self.engine.clone(), vars, state: None };
        Ok(Wanted { folder: self.project.clone(), load })
    }

    /// Warns of vars that were given and that nothing of the project reads: they may be a slip.
    pub fn warn_unread(&self, terminal: &Terminal, graph: &Graph) {
        let names = self.vars.iter().filter_map(|pair| Some(pair.split_once('=')?.0));
        let read = |name: &str| {
            graph.nodes.iter().any(|node| match &node.body {
                Body::Sql(body) => body.vars.contains_key(name),
                Body::Python(body) => match &body.model.reads.vars {
                    VarsRead::All => true,
                    VarsRead::Names(names) => names.contains(name),
                },
                Body::Seed(_) => false,
            })
        };
        for name in names.filter(|name| !read(name)) {
            let known = graph.nodes.iter().flat_map(|node| match &node.body {
                Body::Sql(body) => body.vars.keys().map(String::as_str).collect::<Vec<_>>(),
                Body::Python(_) | Body::Seed(_) => Vec::new(),
            });
            let hint = did_you_mean(name, known).map_or(String::new(), |hint| format!(" ({hint})"));
            terminal.warning(&format!("`--vars {name}=…` has no effect: no model reads the var `{name}`{hint}"));
        }
    }
}

/// Which nodes.
#[derive(Args, Clone, Debug, Default)]
pub struct SelectOptions {
    /// Nodes to bring up to date, with their upstream nodes: names, globs, `tag:x`, `+x`, `x+`, `@x` …; given again, both
    /// must hold
    #[arg(short, long, value_name = "SELECTOR", num_args = 1..)]
    pub select: Vec<String>,
    /// Nodes to leave out, with everything downstream of them
    #[arg(long, value_name = "SELECTOR", num_args = 1..)]
    pub exclude: Vec<String>,
    /// Only nodes that differ from this git commit, branch or tag, with everything downstream of them
    #[arg(long, value_name = "REF")]
    pub changed_since: Option<String>,
    /// Build the selected nodes alone, over whatever their upstream relations hold
    #[arg(long)]
    pub no_upstream: bool,
}

impl From<SelectOptions> for Selection {
    fn from(options: SelectOptions) -> Selection {
        let SelectOptions { select, exclude, changed_since, no_upstream } = options;
        Selection { select, exclude, changed_since, no_upstream, ..Selection::default() }
    }
}

/// Why nothing is selected, where it isn't a mistake.
pub fn nothing(asked: &Selection) -> String {
    let parts: Vec<&str> = asked.select.iter().flat_map(|text| text.split_whitespace()).collect();
    match (&asked.changed_since, parts.as_slice()) {
        (Some(reference), _) => format!("nothing to do: no selected node differs from {reference}"),
        (None, []) if asked.only == Only::Seeds => "nothing to do: the project has no seeds".into(),
        (None, []) if asked.only == Only::Snapshots => "nothing to do: the project has no snapshots".into(),
        (None, []) => "nothing to do: all nodes are excluded".into(),
        (None, _) if !asked.exclude.is_empty() => "nothing to do: all selected nodes are excluded".into(),
        (None, parts) => format!("nothing to do: nothing is {}", parts.join(" or ")),
    }
}

/// How the cache is used.
#[derive(Args, Clone, Debug, Default)]
pub struct CacheOptions {
    /// off: build all, record nothing; rw: skip and record; ro: skip only; wo: build all and record
    #[arg(long, value_enum, value_name = "MODE", default_value_t = CacheChoice::Rw)]
    pub cache: CacheChoice,
    /// The same as --cache off
    #[arg(long, conflicts_with = "cache")]
    pub no_cache: bool,
    /// Build these nodes whatever the cache says: names, globs or any selector; without one, all that are selected
    #[arg(short = 'R', long, visible_alias = "rebuild-only", value_name = "SELECTOR", num_args = 0..)]
    pub rebuild: Option<Vec<String>>,
    /// Build every selected node
    #[arg(long)]
    pub full_refresh: bool,
    /// Replace tables and views that no record says fft built
    #[arg(long)]
    pub adopt: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CacheChoice {
    Off,
    #[default]
    Rw,
    Ro,
    Wo,
}

impl From<CacheOptions> for Caching {
    fn from(options: CacheOptions) -> Caching {
        let CacheOptions { cache, no_cache, rebuild, full_refresh, adopt } = options;
        let full_refresh = full_refresh || rebuild.as_ref().is_some_and(Vec::is_empty);
        let rebuild = rebuild.unwrap_or_default();
        let mode = match cache {
            _ if no_cache => CacheMode::Off,
            CacheChoice::Off => CacheMode::Off,
            CacheChoice::Rw => CacheMode::Rw,
            CacheChoice::Ro => CacheMode::Ro,
            CacheChoice::Wo => CacheMode::Wo,
        };
        Caching { mode, rebuild, full_refresh, adopt, ..Caching::default() }
    }
}
