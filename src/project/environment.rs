//! Environment variables: `.env` layers under the process environment, each with its flags.
//!
//! Takes a [`World`](crate::world::World), gives an [`Environment`]. Later layers win, the process wins over all.

use super::files::Files;
use super::{EnvVar, Environment, FingerprintSettings, dotenv};
use crate::diagnostic::Diagnostic;
use crate::world::World;
use globset::Glob;
use std::collections::{BTreeMap, BTreeSet};

/// A variable whose name contains one of these is secret.
const SECRET_NAMES: [&str; 8] =
    ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "PRIVATE_KEY", "CREDENTIAL", "API_KEY", "ACCESS_KEY"];

/// The `.env` files in their order, and the process environment.
pub(super) struct Layers {
    files: Vec<(String, Vec<(String, String)>)>,
    process: BTreeMap<String, String>,
    unreadable: BTreeSet<String>,
}

impl Layers {
    /// `.env` and `.env.local`.
    pub fn base(files: &mut Files<'_>) -> Layers {
        let (process, unreadable) = (files.world.env(), files.world.unreadable_env());
        // Every node depends on the first kind, and the other steers the tool.
        for name in unreadable.iter().filter(|name| name.starts_with("FF_") || name.starts_with("FFT_")) {
            let problem = Diagnostic::new("bad-env", not_text(name));
            files.problems.push(problem.hint("set it to UTF-8 text, or unset it"));
        }
        let mut layers = Layers { files: Vec::new(), process, unreadable };
        layers.add(files, ".env");
        layers.add(files, ".env.local");
        layers
    }

    /// Adds `.env.<profile>` and `.env.<profile>.local`.
    pub fn add_profile(&mut self, files: &mut Files<'_>, profile: &str) {
        if !profile.contains(['/', '\\']) {
            self.add(files, &format!(".env.{profile}"));
            self.add(files, &format!(".env.{profile}.local"));
        }
    }

    fn add(&mut self, files: &mut Files<'_>, name: &str) {
        if let Some(text) = files.text(name) {
            let found = dotenv::parse(name, &text, &mut files.problems);
            self.files.push((name.to_string(), found));
        }
    }

    /// All variables, classified by `settings`.
    pub fn environment(&self, settings: &FingerprintSettings) -> Environment {
        let mut vars = BTreeMap::new();
        let process = self.process.iter().map(|(name, value)| (name, value, "process"));
        let files =
            self.files.iter().flat_map(|(file, found)| found.iter().map(move |(name, value)| (name, value, &**file)));
        for (name, value, origin) in files.chain(process) {
            vars.insert(name.clone(), classify(name, value, origin, settings));
        }
        // The process wins over the files, also with what can't be read.
        vars.retain(|name, _| !self.unreadable.contains(name));
        Environment { vars, unreadable: self.unreadable.clone(), ..Environment::default() }
    }
}

/// The variables of the process alone, for where there is no project.
pub fn process(world: &dyn World) -> Environment {
    let layers = Layers { files: Vec::new(), process: world.env(), unreadable: world.unreadable_env() };
    layers.environment(&FingerprintSettings::default())
}

/// What is wrong with a variable of [`Environment::unreadable`].
pub(super) fn not_text(name: &str) -> String {
    format!("the value of environment variable `{name}` is not UTF-8 text")
}

/// Whether a name says by itself that its value is secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    SECRET_NAMES.iter().any(|part| upper.contains(part))
}

fn classify(name: &str, value: &str, origin: &str, settings: &FingerprintSettings) -> EnvVar {
    let secret = is_secret(name, settings);
    EnvVar {
        value: value.to_string(),
        origin: origin.to_string(),
        secret,
        exposed: !secret && matches(&settings.env_expose, name),
        ignored: matches(&settings.env_ignore, name),
    }
}

/// Whether a variable's value may be told nowhere.
pub(super) fn is_secret(name: &str, settings: &FingerprintSettings) -> bool {
    is_secret_name(name) || matches(&settings.env_secret, name)
}

fn matches(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| Glob::new(pattern).is_ok_and(|glob| glob.compile_matcher().is_match(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;
    use std::path::Path;

    fn environment(world: &MemoryWorld, settings: &FingerprintSettings) -> Environment {
        let mut files = Files::new(world, Path::new("/p"));
        let mut layers = Layers::base(&mut files);
        layers.add_profile(&mut files, "dev");
        assert!(files.problems.is_empty());
        layers.environment(settings)
    }

    #[test]
    fn later_layers_win_and_the_process_wins_over_all() {
        let world = MemoryWorld::new()
            .file("/p/.env", "A=1\nB=1\nC=1\nD=1\nE=1\n")
            .file("/p/.env.local", "B=2\nC=2\nD=2\nE=2\n")
            .file("/p/.env.dev", "C=3\nD=3\nE=3\n")
            .file("/p/.env.dev.local", "D=4\nE=4\n")
            .file("/p/.env.prod", "A=never\n")
            .var("E", "5");
        let found = environment(&world, &FingerprintSettings::default());
        let seen: Vec<_> = found.vars.values().map(|var| (var.value.as_str(), var.origin.as_str())).collect();
        let expected =
            [("1", ".env"), ("2", ".env.local"), ("3", ".env.dev"), ("4", ".env.dev.local"), ("5", "process")];
        assert_eq!(seen, expected);
    }

    #[test]
    fn what_is_no_text_is_told_and_never_taken_for_unset() {
        let world = MemoryWorld::new()
            .file("/p/.env", "FF_CITY=Rome\nOTHER=1\n")
            .unreadable_var("FF_CITY")
            .unreadable_var("OTHER");
        let mut files = Files::new(&world, Path::new("/p"));
        let found = Layers::base(&mut files).environment(&FingerprintSettings::default());
        assert!(found.vars.is_empty(), "{:?}", found.vars);
        assert_eq!(found.unreadable.len(), 2);
        let told: Vec<_> = files.problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(told, ["the value of environment variable `FF_CITY` is not UTF-8 text"]);
    }

    #[test]
    fn names_are_classified() {
        let settings = FingerprintSettings {
            env_ignore: vec!["FF_HTTP_*".into()],
            env_expose: vec!["FF_REGION".into(), "FF_TOKEN".into()],
            env_secret: vec!["FF_SALT".into()],
            ..FingerprintSettings::default()
        };
        let flags = |name: &str| {
            let var = classify(name, "v", "process", &settings);
            (var.secret, var.exposed, var.ignored)
        };
        assert_eq!(flags("FF_REGION"), (false, true, false));
        assert_eq!(flags("FF_TOKEN"), (true, false, false));
        //: A variable is secret when its name contains `PASSWORD`, `PASSWD`, `SECRET`, `TOKEN`, `PRIVATE_KEY`,
        //: `CREDENTIAL`, `API_KEY` or `ACCESS_KEY`, or when `fingerprint.env.secret` lists it.
        assert_eq!(flags("FF_SALT"), (true, false, false));
        assert_eq!(flags("FF_HTTP_OFFLINE"), (false, false, true));
        for name in [
            "ff_pg_password",
            "X_PASSWD_1",
            "MY_SECRETS",
            "THE_TOKENS",
            "A_PRIVATE_KEY",
            "CREDENTIALS",
            "API_KEY",
            "AWS_ACCESS_KEY_ID",
        ] {
            assert_eq!(flags(name), (true, false, false), "{name}");
        }
        assert_eq!(flags("FF_KEY"), (false, false, false));
    }
}
