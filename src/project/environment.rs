//! Environment variables: `.env` layers under the process environment, each with its flags.
//!
//! Takes a [`World`], gives an [`Environment`]. Later layers win, the process wins over all. Also keeps secrets out of
//! messages ([`Environment::redact`]).

use super::files::Files;
use super::{EnvVar, Environment, FingerprintSettings, dotenv};
use globset::Glob;
use std::collections::BTreeMap;
use std::fmt;

/// A variable whose name contains one of these is secret.
const SECRET_NAMES: [&str; 8] =
    ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "PRIVATE_KEY", "CREDENTIAL", "API_KEY", "ACCESS_KEY"];

/// What a secret's value must at least have to be looked for in messages, in bytes.
const LEAST_REDACTED: usize = 3;

/// The `.env` files in their order, and the process environment.
pub(super) struct Layers {
    files: Vec<(String, Vec<(String, String)>)>,
    process: BTreeMap<String, String>,
}

impl Layers {
    /// `.env` and `.env.local`.
    pub fn base(files: &mut Files<'_>) -> Layers {
        let mut layers = Layers { files: Vec::new(), process: files.world.env() };
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
        Environment { vars }
    }
}

fn classify(name: &str, value: &str, origin: &str, settings: &FingerprintSettings) -> EnvVar {
    let upper = name.to_ascii_uppercase();
    let secret = SECRET_NAMES.iter().any(|part| upper.contains(part)) || matches(&settings.env_secret, name);
    EnvVar {
        value: value.to_string(),
        origin: origin.to_string(),
        secret,
        exposed: !secret && matches(&settings.env_expose, name),
        ignored: matches(&settings.env_ignore, name),
    }
}

fn matches(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| Glob::new(pattern).is_ok_and(|glob| glob.compile_matcher().is_match(name)))
}

impl Environment {
    /// `text` with every secret value, and the password of every URL among the values, taken out.
    pub fn redact(&self, text: &str) -> String {
        let mut secrets: Vec<(&str, String)> = Vec::new();
        for (name, var) in &self.vars {
            let secret = if var.secret { Some(var.value.as_str()) } else { url_password(&var.value) };
            secrets.extend(secret.filter(|secret| secret.len() >= LEAST_REDACTED).map(|secret| (secret, name.clone())));
        }
        // The longest first: one secret may be a part of another.
        secrets.sort_by(|left, right| right.0.len().cmp(&left.0.len()).then_with(|| left.1.cmp(&right.1)));
        secrets.iter().fold(text.to_string(), |text, (secret, name)| text.replace(secret, &format!("‹env:{name}›")))
    }
}

/// The password of `scheme://user:password@host`.
fn url_password(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let (user, _) = rest.rsplit_once('@')?;
    user.split_once(':').map(|(_, password)| password)
}

impl fmt::Debug for EnvVar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value: &dyn fmt::Debug = if self.exposed { &self.value } else { &"withheld" };
        f.debug_struct("EnvVar")
            .field("value", value)
            .field("origin", &self.origin)
            .field("secret", &self.secret)
            .field("exposed", &self.exposed)
            .field("ignored", &self.ignored)
            .finish()
    }
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
        assert_eq!(flags("FF_SALT"), (true, false, false));
        assert_eq!(flags("FF_HTTP_OFFLINE"), (false, false, true));
        for name in [
            "ff_pg_password",
            "X_PASSWD_1",
            "MY_SECRETS",
            "A_PRIVATE_KEY",
            "CREDENTIALS",
            "API_KEY",
            "AWS_ACCESS_KEY_ID",
        ] {
            assert_eq!(flags(name), (true, false, false), "{name}");
        }
        assert_eq!(flags("FF_KEY"), (false, false, false));
    }

    #[test]
    fn messages_lose_secrets() {
        let world = MemoryWorld::new()
            .var("FF_PG_DSN", "postgresql+psycopg://fft:hun:ter2@host/db")
            .var("FF_TOKEN", "abc123")
            .var("FF_TOKEN_LONG", "abc123456");
        let found = environment(&world, &FingerprintSettings::default());
        let text = "at hun:ter2 with abc123456 and abc123";
        assert_eq!(found.redact(text), "at ‹env:FF_PG_DSN› with ‹env:FF_TOKEN_LONG› and ‹env:FF_TOKEN›");
        assert!(!format!("{found:?}").contains("abc123"));
    }
}
