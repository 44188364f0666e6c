//! The command line of a run as its record tells it: the verb, what was selected and the switches that matter, and of
//! each var its name alone. No path of this machine, no value that may be secret.

use super::option::{CacheChoice, CacheOptions, ProjectOptions};
use crate::run::{Only, Selection};
use clap::ValueEnum;

/// What a run was asked for.
pub struct Asked<'a> {
    pub verb: &'a str,
    pub selection: &'a Selection,
    pub project: &'a ProjectOptions,
    pub cache: &'a CacheOptions,
    /// The mode that was given.
    pub http_cache: Option<String>,
    /// The number that was given.
    pub jobs: Option<usize>,
    pub keep_going: bool,
    pub offline: bool,
    pub keep_last: Option<usize>,
}

/// `fft run --select 'tag:a tag:b' --env prod --vars day=…`.
pub fn words(asked: &Asked<'_>) -> String {
    let Asked { verb, selection, project, cache, http_cache, jobs, keep_going, offline, keep_last } = asked;
    let mut words = vec!["fft".to_string(), verb.to_string()];
    let mut list = |flag: &str, values: &[String]| {
        if !values.is_empty() {
            words.push(flag.to_string());
            words.extend(values.iter().map(|value| quoted(value)));
        }
    };
    let one = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
    list("--select", &selection.select);
    list("--exclude", &selection.exclude);
    list("--changed-since", &one(&selection.changed_since));
    list("--rebuild", cache.rebuild.as_deref().unwrap_or_default());
    list("--env", &one(&project.env));
    list("--engine", &one(&project.engine));
    let names = project.vars.iter().map(|pair| pair.split_once('=').map_or(pair.as_str(), |(name, _)| name));
    list("--vars", &names.map(|name| format!("{name}=…")).collect::<Vec<_>>());
    if cache.cache != CacheChoice::Rw {
        list("--cache", &one(&name(&cache.cache)));
    }
    list("--http-cache", &one(http_cache));
    list("--jobs", &one(&jobs.map(|jobs| jobs.to_string())));
    list("--prune --keep-last", &one(&keep_last.map(|keep| keep.to_string())));
    // Seeds are always loaded alone.
    let switches = [
        (selection.no_upstream && !matches!(selection.only, Only::Seeds | Only::Snapshots), "--no-upstream"),
        (cache.no_cache, "--no-cache"),
        (cache.full_refresh, "--full-refresh"),
        (cache.rebuild.as_ref().is_some_and(Vec::is_empty), "--rebuild"),
        (cache.adopt, "--adopt"),
        (*keep_going, "--keep-going"),
        (*offline, "--offline"),
    ];
    words.extend(switches.iter().filter(|(given, _)| *given).map(|(_, flag)| flag.to_string()));
    words.join(" ")
}

/// The word of a choice.
pub fn name<T: ValueEnum>(choice: &T) -> Option<String> {
    choice.to_possible_value().map(|value| value.get_name().to_string())
}

/// As a shell takes it.
fn quoted(value: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "_-+.:,/@=…".contains(letter);
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_string();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_was_asked_for_is_told_and_no_value_of_a_var() {
        let selection = Selection { select: given(&["tag:a", "m00*"]), no_upstream: true, ..Selection::default() };
        let vars = given(&["key=hush", "day=1"]);
        let project =
            ProjectOptions { project: Some("/home/me/p".into()), env: Some("prod".into()), engine: None, vars };
        let cache = CacheOptions { cache: CacheChoice::Ro, ..CacheOptions::default() };
        let (http_cache, jobs) = (Some("off".to_string()), Some(3));
        let asked = Asked {
            verb: "run",
            selection: &selection,
            project: &project,
            cache: &cache,
            http_cache,
            jobs,
            keep_going: true,
            offline: false,
            keep_last: None,
        };
        assert_eq!(
            words(&asked),
            "fft run --select tag:a 'm00*' --env prod --vars key=… day=… --cache ro --http-cache off --jobs 3 \
             --no-upstream --keep-going"
        );
        let seeds = Selection { no_upstream: true, only: Only::Seeds, ..Selection::default() };
        let (project, cache) = (ProjectOptions::default(), CacheOptions::default());
        let plain = Asked {
            verb: "seed",
            selection: &seeds,
            project: &project,
            cache: &cache,
            http_cache: None,
            jobs: None,
            keep_going: false,
            offline: false,
            keep_last: None,
        };
        assert_eq!(words(&plain), "fft seed");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
