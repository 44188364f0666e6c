//! The client's settings, resolved from environment variables and project.yml before anything is sent.

use super::allow;
use crate::diagnostic::{Diagnostic, Location};
use crate::project::{EnvVar, Project};
use crate::world::without_dots;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// What the disk cache may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Neither read nor written.
    Off,
    /// Read, never written.
    ReadOnly,
    ReadWrite,
}

/// Choices of the command line; they win over the environment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Overrides {
    /// `--offline`
    pub offline: bool,
    /// `--http-cache`
    pub mode: Option<Mode>,
}

/// Everything the client goes by.
#[derive(Clone)]
pub struct Settings {
    /// The project's folder; paths are shown relative to it.
    pub root: PathBuf,
    /// `FF_HTTP_CACHE_DIR`, absolute.
    pub cache_dir: PathBuf,
    /// Nothing is sent.
    pub offline: bool,
    pub mode: Mode,
    /// Each allows the host and its subdomains; empty allows all.
    pub allowed_domains: Vec<String>,
    /// How long a stored answer may be used without asking again; `None` is for ever.
    pub ttl: Option<Duration>,
    /// For one exchange with one server.
    pub timeout: Duration,
    /// Beside the first attempt.
    pub max_retries: u32,
    /// Requests a second of the whole run, retries and redirects included.
    pub max_rps: Option<f64>,
    /// Folder of recordings, absolute.
    pub recordings: Option<PathBuf>,
    /// Values of secret environment variables and passwords within others, never to be shown or stored.
    pub secrets: Vec<String>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("cache_dir", &self.cache_dir)
            .field("offline", &self.offline)
            .field("mode", &self.mode)
            .field("allowed_domains", &self.allowed_domains)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// The defaults for a project in `root`.
    pub fn new(root: PathBuf) -> Settings {
        Settings {
            cache_dir: root.join(".local/http-cache"),
            root,
            offline: false,
            mode: Mode::ReadWrite,
            allowed_domains: Vec::new(),
            ttl: None,
            timeout: Duration::from_secs(30),
            max_retries: 3,
            max_rps: None,
            recordings: None,
            secrets: Vec::new(),
        }
    }

    /// Reads `FF_HTTP_*` and `http:` of project.yml; allowed domains of both are put together. Gives every bad value
    /// at once.
    pub fn from_project(project: &Project, overrides: &Overrides) -> Result<Settings, Vec<Diagnostic>> {
        let mut reader = Reader { project, problems: Vec::new() };
        let mut defaults = Settings::new(project.root.clone());
        if let Some(state) = &project.state {
            defaults.cache_dir = state.join("http-cache");
        }
        let cache_dir = reader.cache_dir();
        let offline = reader.value("FF_HTTP_OFFLINE", "one of 1, true, yes, on, 0, false, no, off", switch);
        let mode = reader.value("FF_HTTP_CACHE_MODE", "one of off, ro, rw", mode);
        let ttl = reader.value("FF_HTTP_TTL", "a number of seconds", seconds);
        let timeout = reader.value("FF_HTTP_TIMEOUT", "a number of seconds above 0", |text| {
            seconds(text).filter(|timeout| !timeout.is_zero())
        });
        let max_retries = reader.value("FF_HTTP_MAX_RETRIES", "a whole number up to 100", |text| {
            text.parse().ok().filter(|retries| *retries <= 100)
        });
        let max_rps = reader.value("FF_HTTP_MAX_RPS", "a number of requests a second above 0", rate);
        let allowed_domains = reader.allowed_domains();
        let recordings = project.settings.http.recordings.as_ref().map(|folder| project.root.join(folder));
        let secrets = project.env.secrets().into_iter().map(|(value, _)| value.to_string()).collect();
        if !reader.problems.is_empty() {
            return Err(reader.problems);
        }
        Ok(Settings {
            cache_dir: cache_dir.unwrap_or(defaults.cache_dir),
            root: defaults.root,
            offline: overrides.offline || offline.unwrap_or(false),
            mode: overrides.mode.or(mode).unwrap_or(defaults.mode),
            allowed_domains,
            ttl,
            timeout: timeout.unwrap_or(defaults.timeout),
            max_retries: max_retries.unwrap_or(defaults.max_retries),
            max_rps,
            recordings,
            secrets,
        })
    }
}

fn switch(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn mode(text: &str) -> Option<Mode> {
    match text.to_ascii_lowercase().as_str() {
        "off" => Some(Mode::Off),
        "ro" => Some(Mode::ReadOnly),
        "rw" => Some(Mode::ReadWrite),
        _ => None,
    }
}

fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}

/// Down to one request in a bit over eleven days.
fn rate(text: &str) -> Option<f64> {
    text.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate >= 1e-6)
}

/// Reads variables and collects what is wrong with them.
struct Reader<'a> {
    project: &'a Project,
    problems: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    /// The variable's value without the blanks around it; an empty one counts as unset.
    fn var(&self, name: &str) -> Option<(&'a EnvVar, &'a str)> {
        let var = self.project.env.vars.get(name)?;
        Some((var, var.value.trim())).filter(|(_, text)| !text.is_empty())
    }

    fn value<T>(&mut self, name: &str, expected: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let (var, text) = self.var(name)?;
        let value = read(text);
        if value.is_none() {
            self.problem(name, var, text, expected);
        }
        value
    }

    fn problem(&mut self, name: &str, var: &EnvVar, text: &str, expected: &str) {
        let shown = if var.secret { super::redact::MASK } else { text };
        let problem = Diagnostic::new("http-setting", format!("{name} is `{shown}`; it must be {expected}"));
        self.problems.push(match var.origin.as_str() {
            "process" => problem.hint("it is set in the process environment"),
            file => problem.at(Location::file(file)),
        });
    }

    /// Anywhere, where the environment of the process says so; in the project, where its own files do.
    fn cache_dir(&mut self) -> Option<PathBuf> {
        const NAME: &str = "FF_HTTP_CACHE_DIR";
        let (var, text) = self.var(NAME)?;
        let folder = self.project.root.join(text);
        if var.origin != "process" && !without_dots(&folder).starts_with(&self.project.root) {
            self.problem(NAME, var, text, "a folder of the project, or set in the environment that fft is started in");
            return None;
        }
        Some(folder)
    }

    fn allowed_domains(&mut self) -> Vec<String> {
        const EXPECTED: &str = "a host name such as `example.com`, which allows its subdomains too";
        let mut domains = Vec::new();
        if let Some((var, text)) = self.var("FF_HTTP_ALLOWED_DOMAINS") {
            for domain in text.split(',').map(str::trim).filter(|domain| !domain.is_empty()) {
                match allow::normalised(domain) {
                    Some(domain) => domains.push(domain),
                    None => self.problem("FF_HTTP_ALLOWED_DOMAINS", var, domain, EXPECTED),
                }
            }
        }
        for domain in &self.project.settings.http.allowed_domains {
            match allow::normalised(domain) {
                Some(domain) => domains.push(domain),
                None => self.problems.push(
                    Diagnostic::new(
                        "http-setting",
                        format!("`{domain}` in http.allowed_domains; it must be {EXPECTED}"),
                    )
                    .at(Location::file("project.yml")),
                ),
            }
        }
        domains
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project;

    fn project(vars: &[(&str, &str)]) -> Project {
        let env = project::testing::environment(vars, |var| {
            var.origin = ".env".into();
            var.secret = var.value.starts_with("hush");
        });
        let http =
            project::HttpSettings { recordings: Some("http".into()), allowed_domains: vec!["Example.com".into()] };
        Project {
            root: "/p".into(),
            settings: project::Settings { http, ..project::Settings::default() },
            env,
            ..project::testing::empty()
        }
    }

    #[test]
    fn settings_come_from_the_environment_and_the_command_line() {
        let project = project(&[
            ("FF_HTTP_CACHE_DIR", "cache"),
            ("FF_HTTP_OFFLINE", " On "),
            ("FF_HTTP_CACHE_MODE", "ro"),
            ("FF_HTTP_ALLOWED_DOMAINS", "a.test, b.test,"),
            ("FF_HTTP_TTL", "1.5"),
            ("FF_HTTP_TIMEOUT", ""),
            ("FF_HTTP_MAX_RETRIES", "0"),
            ("FF_HTTP_MAX_RPS", "2"),
            ("FF_TOKEN", "hush-hush"),
        ]);
        let settings = Settings::from_project(&project, &Overrides::default()).unwrap();
        assert_eq!(settings.cache_dir, PathBuf::from("/p/cache"));
        assert_eq!((settings.offline, settings.mode), (true, Mode::ReadOnly));
        assert_eq!(settings.allowed_domains, ["a.test", "b.test", "example.com"]);
        assert_eq!((settings.ttl, settings.timeout), (Some(Duration::from_millis(1500)), Duration::from_secs(30)));
        assert_eq!((settings.max_retries, settings.max_rps), (0, Some(2.0)));
        assert_eq!(settings.recordings, Some(PathBuf::from("/p/http")));
        assert_eq!(settings.secrets, ["hush-hush"]);
        assert!(!format!("{settings:?}").contains("hush"));
        let overrides = Overrides { offline: false, mode: Some(Mode::Off) };
        assert_eq!(Settings::from_project(&project, &overrides).unwrap().mode, Mode::Off);
    }

    #[test]
    fn the_command_line_can_only_switch_the_network_off() {
        let project = project(&[]);
        let settings = Settings::from_project(&project, &Overrides { offline: true, mode: None }).unwrap();
        assert_eq!((settings.offline, settings.mode), (true, Mode::ReadWrite));
        assert_eq!(settings.cache_dir, PathBuf::from("/p/.local/http-cache"));
    }

    #[test]
    fn every_bad_value_is_told_with_its_place() {
        let mut project = project(&[
            ("FF_HTTP_OFFLINE", "maybe"),
            ("FF_HTTP_CACHE_MODE", "wo"),
            ("FF_HTTP_ALLOWED_DOMAINS", "https://a.test"),
            ("FF_HTTP_TTL", "-1"),
            ("FF_HTTP_TIMEOUT", "0"),
            ("FF_HTTP_MAX_RETRIES", "hush"),
            ("FF_HTTP_MAX_RPS", "nan"),
        ]);
        project.settings.http.allowed_domains.push("a b".into());
        project.env.vars.get_mut("FF_HTTP_TTL").unwrap().origin = "process".into();
        let problems = Settings::from_project(&project, &Overrides::default()).unwrap_err();
        let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems.len(), 8, "{shown:?}");
        assert!(shown.contains(
            &"error[http-setting]: FF_HTTP_CACHE_MODE is `wo`; it must be one of off, ro, rw\n  --> .env".to_string()
        ));
        assert!(shown.iter().any(|text| text.contains("FF_HTTP_TTL is `-1`") && text.contains("process environment")));
        assert!(shown.iter().any(|text| text.contains("FF_HTTP_MAX_RETRIES is `***`")));
        assert!(
            shown.iter().any(|text| text.contains("`a b` in http.allowed_domains") && text.contains("project.yml"))
        );
    }
}
