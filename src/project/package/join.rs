//! Packages joined to a project: their files are read as the project's own are, and what the project says itself wins.

use super::super::files::{Files, relative};
use super::super::yaml::YamlFile;
use super::super::{
    DeclaredTest, Documents, EVERY, Properties, SeedFile, Settings, SourceTable, described, document, model,
    properties, seed, source,
};
use super::{Found, Package, Source, joined};
use crate::diagnostic::Diagnostic;
use serde_json::Value;
use std::collections::BTreeMap;

type Vars = BTreeMap<String, Value>;

/// A project on its way: what packages add to.
pub(in crate::project) struct Whole {
    pub settings: Settings,
    pub found: model::Found,
    pub properties: BTreeMap<String, Properties>,
    pub seeds: Vec<SeedFile>,
    pub sources: BTreeMap<(String, String), SourceTable>,
    pub documents: Documents,
}

/// Adds the files of all packages. `vars` are those of project.yml, of the profile and of the command line, in the order in
/// which a later one wins.
pub(in crate::project) fn join(
    files: &mut Files<'_>,
    packages: Vec<Found>,
    whole: &mut Whole,
    engine: Option<&str>,
    vars: [&Vars; 3],
    tests: &mut Vec<DeclaredTest>,
) -> Vec<Package> {
    let mut sources = BTreeMap::new();
    let joined = packages.into_iter().map(|package| {
        let own = add(files, &package, whole, engine, tests);
        // A project says for itself where its data are.
        let own = own.into_iter().filter(|one| !whole.sources.contains_key(&(one.group.clone(), one.table.clone())));
        add_sources(files, own, &mut sources);
        let vars = scoped(&package.vars, &package.name, vars);
        let Found { name, dir, folder, source, settings, .. } = package;
        Package { name, version: settings.version, dir, folder, source, vars }
    });
    let joined = joined.collect();
    whole.sources.extend(sources);
    joined
}

/// Adds one package; gives its sources.
fn add(
    files: &mut Files<'_>,
    package: &Found,
    whole: &mut Whole,
    engine: Option<&str>,
    tests: &mut Vec<DeclaredTest>,
) -> Vec<SourceTable> {
    let within = |dir: &str| joined(&package.dir, dir);
    let mut settings = package.settings.clone();
    (settings.models_dir, settings.seeds_dir) = (within(&settings.models_dir), within(&settings.seeds_dir));
    let found = model::read(files, &settings.models_dir, &within("macros"));
    let mut said = BTreeMap::new();
    for (path, text) in &found.properties {
        let file = YamlFile::new(path, text.as_str());
        properties::read(&file, &mut said);
        tests.append(&mut file.tests.borrow_mut());
        files.problems.extend(file.into_problems());
    }
    described::add(std::mem::take(&mut settings.described), &mut said);
    described::add(said, &mut whole.properties);
    whole.found.models.extend(found.models);
    whole.found.macros.extend(found.macros);
    whole.found.python_macros.extend(found.python_macros);
    whole.seeds.extend(seed::read(files, &settings, None, engine, tests));
    let documents = document::read(files, &within("docs"));
    let Documents { nodes, columns, paths: _ } = documents;
    missing(&mut whole.documents.nodes, nodes);
    for (relation, texts) in columns {
        missing(whole.documents.columns.entry(relation).or_default(), texts);
    }
    let path = within("sources.yml");
    let sources = files.text(&path).map(|text| {
        let file = YamlFile::new(&path, text);
        let sources = source::read(&file, engine);
        tests.append(&mut file.tests.borrow_mut());
        files.problems.extend(file.into_problems());
        sources
    });
    files.problems.extend(unheeded(package));
    add_settings(&mut whole.settings, settings);
    let inside = || relative(files.root, &package.folder);
    let base = match &package.source {
        Source::Path { path, within: None } => path.clone(),
        // Readers of the engine know files by where they are.
        Source::Path { .. } | Source::Git { .. } => {
            inside().unwrap_or_else(|| package.folder.to_string_lossy().into_owned())
        }
    };
    let sources = sources.unwrap_or_default().into_values();
    sources.map(|source| rebased(source, &base)).collect()
}

/// What it says of its nodes, unless the project says it.
fn add_settings(own: &mut Settings, package: Settings) {
    missing(&mut own.model_storage, package.model_storage);
    missing(&mut own.model_incremental, package.model_incremental);
    missing(&mut own.seed_storage, package.seed_storage);
    missing(&mut own.model_hooks, package.model_hooks);
    let settings = [(&mut own.model_settings, package.model_settings), (&mut own.seed_settings, package.seed_settings)];
    for (all, more) in settings {
        for (key, mut named) in more {
            // What a package says to every node it can't say to the project's.
            named.remove(EVERY);
            missing(all.entry(key).or_default(), named);
        }
    }
}

/// Adds what isn't there.
fn missing<Key: Ord, Value>(all: &mut BTreeMap<Key, Value>, more: BTreeMap<Key, Value>) {
    for (key, value) in more {
        all.entry(key).or_insert(value);
    }
}

/// What is the project's own to say.
fn unheeded(package: &Found) -> Option<Diagnostic> {
    let hook = package.settings.hooks.first()?;
    let message = format!("the hooks of package `{}` don't run", package.name);
    let problem = Diagnostic::warning("left-out", message).at(hook.at.clone());
    Some(problem.hint("name them under `hooks` of the project that is run"))
}

/// Files of a package's source count from the package's folder.
fn rebased(mut source: SourceTable, base: &str) -> SourceTable {
    for location in &mut source.location {
        let elsewhere = location.contains("://") || location.starts_with(['/', '~']);
        let folder = if location.ends_with('/') { "/" } else { "" };
        if !elsewhere {
            let root = if base.starts_with('/') { "/" } else { "" };
            *location = format!("{root}{}{folder}", joined(base, location));
        }
    }
    source
}

/// Sources of packages; two that differ are a problem unless the project has one of its own.
fn add_sources(
    files: &mut Files<'_>,
    own: impl Iterator<Item = SourceTable>,
    all: &mut BTreeMap<(String, String), SourceTable>,
) {
    for source in own {
        let key = (source.group.clone(), source.table.clone());
        let Some(first) = all.get(&key) else {
            all.insert(key, source);
            continue;
        };
        let place = |source: &SourceTable| (source.relation(), source.location.clone());
        if place(first) != place(&source) {
            let message = format!(
                "two packages declare the source `{}` in two ways; the other is at {}",
                source.name(),
                first.at
            );
            let problem = Diagnostic::new("duplicate-source", message).at(source.at.clone());
            files.problems.push(problem.hint("declare it in the project's own sources.yml, which wins"));
        }
    }
}

/// What `var()` gives in a package: its own word, then what the project says to all, then what it says to the package in a
/// mapping of its name; the profile's word over that, and the command line's over both.
fn scoped(own: &Vars, package: &str, layers: [&Vars; 3]) -> Vars {
    let mut all = own.clone();
    for layer in layers {
        all.extend(layer.clone());
        if let Some(Value::Object(named)) = layer.get(package) {
            all.extend(named.clone());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn vars(value: Value) -> Vars {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn vars_are_a_packages_own_until_somebody_says_more() {
        let own = vars(json!({"a": 1, "b": 1, "c": 1, "d": 1}));
        let project = vars(json!({"b": 2, "p": {"c": 3, "d": 3}, "c": 2}));
        let command = vars(json!({"d": 4}));
        let found = scoped(&own, "p", [&project, &Vars::new(), &command]);
        assert_eq!([&found["a"], &found["b"], &found["c"], &found["d"]], [&json!(1), &json!(2), &json!(3), &json!(4)]);
    }
}
