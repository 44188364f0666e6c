//! Options that several verbs share.

use super::Failure;
use crate::plan::CacheMode;
use crate::project::LoadOptions;
use clap::{Args, ValueEnum};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Which project, and in which profile.
#[derive(Args, Clone, Debug, Default)]
pub struct ProjectOptions {
    /// The project's folder; the nearest folder upward with a project.yml by default
    pub project: Option<PathBuf>,
    /// Profile of profiles.yml (default: FFT_ACTIVE_ENV)
    #[arg(long, value_name = "PROFILE")]
    pub env: Option<String>,
    /// Vars, as `name=value`; a value is read as JSON where it is JSON, else as text
    #[arg(long, value_name = "NAME=VALUE", num_args = 1..)]
    pub vars: Vec<String>,
}

impl ProjectOptions {
    pub fn load_options(&self) -> Result<LoadOptions, Failure> {
        let mut vars = BTreeMap::new();
        for pair in &self.vars {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(Failure::Usage(
                    format!("`--vars {pair}` has no `=`"),
                    vec!["write `--vars name=value`".into()],
                ));
            };
            let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
            vars.insert(name.to_string(), value);
        }
        Ok(LoadOptions { profile: self.env.clone(), vars })
    }
}

/// Which nodes.
#[derive(Args, Clone, Debug, Default)]
pub struct SelectOptions {
    /// Nodes to bring up to date, with their upstream nodes: names, globs, `tag:x`, `+x`, `x+`, `@x` …
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

/// How the cache is used.
#[derive(Args, Clone, Debug, Default)]
pub struct CacheOptions {
    /// off: build all, record nothing; rw: skip and record; ro: skip only; wo: build all and record
    #[arg(long, value_enum, value_name = "MODE", default_value_t = CacheChoice::Rw)]
    pub cache: CacheChoice,
    /// The same as --cache off
    #[arg(long, conflicts_with = "cache")]
    pub no_cache: bool,
    /// Build these nodes whatever the cache says (names or globs)
    #[arg(long, value_name = "GLOB", num_args = 1..)]
    pub rebuild: Vec<String>,
    /// Build every selected node
    #[arg(long)]
    pub full_refresh: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CacheChoice {
    Off,
    #[default]
    Rw,
    Ro,
    Wo,
}

impl CacheOptions {
    pub fn mode(&self) -> CacheMode {
        match self.cache {
            _ if self.no_cache => CacheMode::Off,
            CacheChoice::Off => CacheMode::Off,
            CacheChoice::Rw => CacheMode::Rw,
            CacheChoice::Ro => CacheMode::Ro,
            CacheChoice::Wo => CacheMode::Wo,
        }
    }
}
