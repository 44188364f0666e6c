//! profiles.yml: which profile is used, and what it says.
//!
//! Takes the file, the environment and the name asked for; gives a [`Profile`] and its `vars`. Only the chosen
//! profile's variables must be set. No problem of this file shows a value or a line's right-hand side: they may be
//! secret.

use super::environment::Layers;
use super::fields::Fields;
use super::files::Files;
use super::format::{self, ENGINES, EXAMPLE};
use super::template::{self, Missing};
use super::yaml::{Entry, Node, Yaml, YamlFile};
use super::{Environment, FingerprintSettings, Profile, secret};
use crate::diagnostic::{Diagnostic, Location, did_you_mean};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

const PATH: &str = "profiles.yml";
const ACTIVE: &str = "FFT_ACTIVE_ENV";
/// The engine, in place of the profile's.
const ENGINE: &str = "FF_ENGINE";
const DEFAULT: &str = "dev";
/// What existing projects call the profile for whoever names none, or one that isn't there.
const FALL_BACK: &str = "default";
/// What they may put around the profiles.
const WRAPPER: &str = "profiles";

/// What is known of the profile after loading, also where something is wrong with it.
pub(super) struct Loaded {
    pub environment: Environment,
    pub profile: Option<Profile>,
    pub vars: BTreeMap<String, Value>,
}

/// Chooses and reads the profile, with the `.env` layers that it brings.
pub(super) fn load(
    files: &mut Files<'_>,
    asked: Option<&str>,
    engine: Option<&str>,
    settings: &FingerprintSettings,
) -> Loaded {
    let mut layers = Layers::base(files);
    let base = layers.environment(settings);
    let text = files.text(PATH);
    let problems_of_text = files.problems.iter().any(|problem| problem.at.as_ref().is_some_and(|at| at.path == PATH));
    let active = base.get(ACTIVE).map(str::trim).filter(|name| !name.is_empty()).map(String::from);
    let name = asked.map(String::from).or(active).or_else(|| default_name(text.as_deref()?, &base, files.root));
    if let Some(name) = &name {
        layers.add_profile(files, name);
    }
    let environment = layers.environment(settings);
    let Some(text) = text else {
        if !problems_of_text {
            files.problems.push(no_profiles());
        }
        return Loaded { environment, profile: None, vars: BTreeMap::new() };
    };
    let given = engine.map(|engine| ("--engine", engine));
    let variable =
        environment.get(ENGINE).map(|engine| (ENGINE, engine.trim())).filter(|(_, engine)| !engine.is_empty());
    let (found, mut problems) = read(&text, name.as_deref(), given.or(variable), &environment, files.root);
    if asked.is_none() {
        let unknown = problems.iter_mut().filter(|problem| problem.code == "unknown-profile");
        unknown.for_each(|problem| problem.hints.push(format!("{ACTIVE} names it")));
    }
    files.problems.extend(problems);
    let (profile, vars) = found.map_or((None, BTreeMap::new()), |(profile, vars)| (Some(profile), vars));
    let of_profile = profile.as_ref().map(secret::of).unwrap_or_default();
    Loaded { environment: Environment { of_profile, ..environment }, profile, vars }
}

fn no_profiles() -> Diagnostic {
    Diagnostic::new("no-profiles", "the project has no profiles.yml")
        .at(Location::file(PATH))
        .hint(format!("the least one is\n        {EXAMPLE}"))
}

/// The only profile, or the one that is named `dev`.
fn default_name(text: &str, env: &Environment, root: &Path) -> Option<String> {
    let rendered = template::render(PATH, text, env, root).ok()?;
    let root = YamlFile::new(PATH, rendered.text).parse()?;
    let Yaml::Map(entries) = root.value else { return None };
    match unwrapped(&entries) {
        [only] => Some(only.key.clone()),
        several => {
            let find = |name: &str| several.iter().find(|entry| entry.key == name);
            find(DEFAULT).or_else(|| find(FALL_BACK)).map(|entry| entry.key.clone())
        }
    }
}

/// The profiles, whether something is around them or not.
fn unwrapped(entries: &[Entry]) -> &[Entry] {
    match entries {
        [Entry { key, value: Node { value: Yaml::Map(inner), .. }, .. }]
            if key == WRAPPER && inner.iter().all(|entry| entry.key != "engine") =>
        {
            inner
        }
        entries => entries,
    }
}

type Found = Option<(Profile, BTreeMap<String, Value>)>;

/// Reads the profile `name` from the file's text, with every problem that concerns it.
fn read(
    text: &str,
    name: Option<&str>,
    engine: Option<(&str, &str)>,
    env: &Environment,
    root: &Path,
) -> (Found, Vec<Diagnostic>) {
    let rendered = match template::render(PATH, text, env, root) {
        Ok(rendered) => rendered,
        Err(problem) => return (None, vec![veil(*problem, text, text, env)]),
    };
    let file = YamlFile::new(PATH, rendered.text.clone());
    let tree = file.parse();
    let entries = tree.as_ref().map_or(&[][..], |node| profiles(&file, node));
    let find = |name: &str| entries.iter().position(|entry| entry.key == name);
    let own = name.and_then(find);
    let place = own.or_else(|| find(FALL_BACK).filter(|_| name.is_some()));
    if let (None, Some(name), Some(_)) = (own, name, place) {
        let message = format!("there is no profile `{name}`: `{FALL_BACK}` is taken");
        file.report(entries[0].at, Diagnostic::warning("unknown-profile", message));
    }
    let found = place.and_then(|index| profile(&file, &entries[index], engine, env));
    let mut problems: Vec<Diagnostic> =
        file.into_problems().into_iter().map(|problem| veil(problem, text, &rendered.text, env)).collect();
    let unparsed = tree.is_none() && !problems.is_empty();
    if place.is_none() && !unparsed {
        problems.push(unknown_profile(name, entries));
    }
    if place.is_some() || unparsed {
        let lines = place.filter(|_| same_lines(text, &rendered.text)).map(|index| lines_of(entries, index));
        let counts = |missing: &Missing| lines.is_none_or(|(first, end)| (first..end).contains(&missing.at.line));
        let missing = rendered.missing.into_iter().filter(counts);
        problems.extend(missing.filter_map(|missing| missing_variable(missing, text, name)));
    }
    (found, problems)
}

fn profiles<'a>(file: &YamlFile, root: &'a Node) -> &'a [Entry] {
    match &root.value {
        Yaml::Map(entries) => unwrapped(entries),
        _ => {
            file.problem(root.at, "wrong-type", "profiles.yml must map names to profiles");
            &[]
        }
    }
}

/// The first line of the profile and the first line behind it.
fn lines_of(entries: &[Entry], index: usize) -> (usize, usize) {
    (entries[index].at.line, entries.get(index + 1).map_or(usize::MAX, |next| next.at.line))
}

fn unknown_profile(name: Option<&str>, entries: &[Entry]) -> Diagnostic {
    let names: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    let listed = format!("profiles: {}", names.join(", "));
    let problem = match name {
        _ if names.is_empty() => {
            return Diagnostic::new("no-profiles", "profiles.yml has no profile").at(Location::file(PATH));
        }
        None => Diagnostic::new("no-profile", "several profiles, and none is chosen")
            .hint(format!("choose one with --env NAME or {ACTIVE}=NAME")),
        Some(name) => {
            let mut problem = Diagnostic::new("unknown-profile", format!("unknown profile `{name}`"));
            problem.hints.extend(did_you_mean(name, names.iter().copied()));
            problem
        }
    };
    problem.at(Location::file(PATH)).hint(listed)
}

/// `None` for a variable that only a comment mentions.
fn missing_variable(missing: Missing, text: &str, profile: Option<&str>) -> Option<Diagnostic> {
    let line = text.lines().nth(missing.at.line.checked_sub(1)?)?;
    if line.trim_start().starts_with('#') {
        return None;
    }
    let Missing { name, at } = missing;
    let file = profile.map_or(".env".into(), |profile| format!(".env.{profile}"));
    let mut problem =
        Diagnostic::new("missing-env", format!("environment variable `{name}` is not set and has no default"));
    problem.excerpt = left_side(line);
    Some(problem.at(at).hint(format!("set it in the environment or in {file}, or write env('{name}', 'default')")))
}

fn profile(file: &YamlFile, entry: &Entry, other: Option<(&str, &str)>, env: &Environment) -> Found {
    let mut fields = Fields::new(file, format!("profile `{}`", entry.key), &entry.value)?;
    let at = fields.node("engine").map(|node| node.at);
    let engine = fields.required("engine");
    let vars = fields.vars();
    let Some(engine) = engine else {
        fields.finish_with(&ENGINES);
        return None;
    };
    let wanted = other.map_or(engine.clone(), |(_, other)| other.to_ascii_lowercase());
    // The profile's own word for the same engine is more exact.
    let own = ENGINES.into_iter().find(|known| *known == engine);
    let own = own.filter(|own| format::family(own) == format::family(&wanted));
    let Some(known) = own.or_else(|| ENGINES.into_iter().find(|known| *known == wanted)) else {
        let by = other.map_or(String::new(), |(who, _)| format!(" in {who}"));
        let engine = wanted;
        let mut problem = Diagnostic::new("unknown-engine", format!("unknown engine `{engine}`{by}"));
        problem.hints.extend(did_you_mean(&engine, ENGINES));
        file.report(at.unwrap_or(entry.at), problem.hint(format!("engines: {}", ENGINES.join(", "))));
        fields.finish_with(&ENGINES);
        return None;
    };
    let section = fields.node(known);
    let section_fields = section.and_then(|node| Fields::new(file, format!("`{known}`"), node));
    // Sections of other engines are for who asks for those.
    fields.finish_with(&ENGINES);
    if section.is_some() && section_fields.is_none() {
        return None;
    }
    let mut settings = match section.map(Node::texts) {
        Some(Value::Object(settings)) => settings,
        _ => serde_json::Map::new(),
    };
    let at = file.location(section.map_or(at.unwrap_or(entry.at), |node| node.at));
    let keys = settings.iter().filter(|(_, value)| !value.is_null() && **value != "");
    let engine = format::engine(known, keys.map(|(key, _)| key.as_str()));
    override_by(env, &engine, &mut settings);
    let settings = Value::Object(settings);
    Some((Profile { name: entry.key.clone(), engine, called: known.into(), settings, at }, vars))
}

/// Puts in what variables say of the section's keys.
fn override_by(env: &Environment, engine: &str, settings: &mut serde_json::Map<String, Value>) {
    let schema = format::schema_keys(engine);
    for (variable, key) in format::variables(engine) {
        let Some(value) = env.get(variable).map(str::trim).filter(|value| !value.is_empty()) else { continue };
        if schema.contains(&key) {
            schema.iter().for_each(|other| drop(settings.remove(*other)));
        }
        settings.insert(key.into(), value.into());
    }
}

fn same_lines(left: &str, right: &str) -> bool {
    left.lines().count() == right.lines().count()
}

/// A problem of the rendered text as it may be shown: in terms of the file as written, and without secrets.
fn veil(mut problem: Diagnostic, text: &str, rendered: &str, env: &Environment) -> Diagnostic {
    problem.message = match problem.code {
        // A value that begins with `!` is taken for a tag.
        "yaml-tag" => "unknown YAML tag".into(),
        _ => env.redact(&problem.message),
    };
    problem.hints = problem.hints.iter().map(|hint| env.redact(hint)).collect();
    problem.excerpt = None;
    let Some(at) = &mut problem.at else { return problem };
    if !same_lines(text, rendered) {
        (at.line, at.column) = (0, 0);
        return problem;
    }
    let line = |text: &str| text.lines().nth(at.line.checked_sub(1)?).map(String::from);
    let (Some(written), Some(shown)) = (line(text), line(rendered)) else { return problem };
    let common = written.chars().zip(shown.chars()).take_while(|(left, right)| left == right).count();
    if at.column > common + 1 && written != shown {
        at.column = 0;
    }
    problem.excerpt = left_side(&written);
    problem
}

/// A line up to its first colon: the key without the value.
fn left_side(line: &str) -> Option<String> {
    let (key, value) = line.split_once(':')?;
    Some(if value.trim().is_empty() { format!("{key}:") } else { format!("{key}: …") })
}

#[cfg(test)]
mod tests;
