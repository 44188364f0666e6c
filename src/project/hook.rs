//! `hooks:` of project.yml with the files of `hooks/`: what runs at the beginning and the end of a run, and around models.
//!
//! Takes the section and the folder, gives the [`Hook`]s that the profile has. What is wrong with one that another
//! engine or environment has is told all the same.

use super::fields::Fields;
use super::files::Files;
use super::yaml::{Node, Place, YamlFile};
use super::{Profile, format};
use crate::diagnostic::{Diagnostic, Location, did_you_mean};
use crate::syntax::python::{PythonHook, hooks as python_hooks};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The folder of hooks' files.
const FOLDER: &str = "hooks";

/// When a hook runs; in the order of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookTime {
    OnRunStart,
    BeforeModel,
    AfterModel,
    OnRunEnd,
}

impl HookTime {
    pub const ALL: [HookTime; 4] =
        [HookTime::OnRunStart, HookTime::BeforeModel, HookTime::AfterModel, HookTime::OnRunEnd];

    /// As project.yml calls it.
    pub fn as_str(self) -> &'static str {
        match self {
            HookTime::OnRunStart => "on_run_start",
            HookTime::BeforeModel => "before_model",
            HookTime::AfterModel => "after_model",
            HookTime::OnRunEnd => "on_run_end",
        }
    }

    /// Whether it runs once for each model that is built.
    pub fn is_of_models(self) -> bool {
        matches!(self, HookTime::BeforeModel | HookTime::AfterModel)
    }
}

/// What a run does beside building.
#[derive(Clone, Debug, PartialEq)]
pub struct Hook {
    pub name: String,
    pub when: HookTime,
    /// The models that it is for; all where none is named.
    pub select: Vec<String>,
    pub select_at: Location,
    /// What its text, or its function, is given beside what is known of the run.
    pub params: Map<String, Value>,
    pub body: HookBody,
    /// Where project.yml names it.
    pub at: Location,
}

#[derive(Clone, Debug, PartialEq)]
pub enum HookBody {
    Sql(HookSql),
    Python { path: String, text: Arc<str>, function: String, at: Location },
}

/// A template of SQL.
#[derive(Clone, Debug, PartialEq)]
pub struct HookSql {
    pub path: String,
    pub text: Arc<str>,
    /// Where its first character stands.
    at: Location,
    /// It is written in a form in which lines aren't those of the file: every place is that of the whole.
    folded: bool,
}

impl HookSql {
    /// The place in the file of a place in the text, whose lines and columns count from 1.
    pub fn place(&self, inside: &Location) -> Location {
        if self.folded || inside.line == 0 {
            return self.at.clone();
        }
        let column = if inside.column == 0 { 0 } else { self.at.column + inside.column - 1 };
        Location::new(&self.path, self.at.line + inside.line - 1, column)
    }

    /// Whether the text is all of its file.
    pub fn is_file(&self) -> bool {
        !self.folded && (self.at.line, self.at.column) == (1, 1)
    }

    /// All of a file.
    pub fn of_file(path: &str, text: String) -> HookSql {
        HookSql { path: path.into(), text: text.into(), at: Location::new(path, 1, 1), folded: false }
    }

    /// A scalar of a YAML file. In a literal block (`|`) its lines are those of the file, and its place is that of its text.
    fn of_scalar(file: &YamlFile, node: &Node, text: String) -> HookSql {
        let before: Vec<&str> = file.text.lines().take(node.at.line - 1).collect();
        let head = before.iter().rev().find(|line| !line.trim().is_empty());
        let sign = head.and_then(|line| line.split_whitespace().last()).unwrap_or_default();
        let line = file.text.lines().nth(node.at.line - 1).unwrap_or_default();
        let alone = line.chars().take(node.at.column - 1).all(char::is_whitespace);
        let folded = !(alone && sign.starts_with('|'));
        let blank = if folded { 0 } else { text.chars().take_while(|character| *character == '\n').count() };
        let at = Place { line: node.at.line - blank, ..node.at };
        HookSql { path: file.path.clone(), text: text.into(), at: file.location(at), folded }
    }
}

/// A hook as project.yml declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredRunHook {
    name: String,
    when: HookTime,
    python: bool,
    sql: Option<HookSql>,
    select: Vec<String>,
    select_at: Location,
    params: Map<String, Value>,
    engines: Vec<String>,
    envs: Vec<String>,
    pub(super) at: Location,
}

/// Reads the section.
pub(super) fn read(root: &mut Fields<'_>) -> Vec<DeclaredRunHook> {
    let Some(mut section) = root.fields("hooks") else { return Vec::new() };
    let mut found = Vec::new();
    for when in HookTime::ALL {
        found.extend(section.list(when.as_str()).iter().filter_map(|node| one(section.file, when, node)));
    }
    section.finish();
    found
}

fn one(file: &YamlFile, when: HookTime, node: &Node) -> Option<DeclaredRunHook> {
    let mut fields = Fields::new(file, format!("a hook of `{}`", when.as_str()), node)?;
    let name = fields.required("name");
    if let Some(name) = &name {
        fields.owner = format!("hook `{name}`");
    }
    let problem =
        |at: Place, message: String, hint: &str| file.report(at, Diagnostic::new("bad-hook", message).hint(hint));
    let kind_at = fields.node("kind").map_or(node.at, |node| node.at);
    let kind = fields.text("kind");
    if let Some(kind) = kind.as_deref().filter(|kind| !["sql", "python"].contains(kind)) {
        let near =
            did_you_mean(kind, ["sql", "python"]).unwrap_or_else(|| "write `kind: sql` or `kind: python`".into());
        problem(kind_at, format!("`kind` is `sql` or `python`, not `{kind}`"), &near);
    }
    let sql_node = fields.node("sql");
    let sql = fields.text("sql").zip(sql_node).map(|(text, node)| HookSql::of_scalar(file, node, text));
    let python = kind.as_deref() == Some("python");
    if let (true, Some(node)) = (python, sql_node) {
        let hint = "a hook of Python is a function in hooks/ with `@fft_hook`; take `sql` away, or write `kind: sql`";
        problem(node.at, "a hook of `kind: python` has no `sql`".into(), hint);
    }
    let select = fields.texts("select");
    let select_at = fields.node("select").map_or(node.at, |node| node.at);
    if !when.is_of_models() && !select.is_empty() {
        let hint = "hooks of `before_model` and `after_model` are for models; take `select` away";
        problem(select_at, format!("a hook of `{}` runs once, `select` says nothing", when.as_str()), hint);
    }
    let engines = fields.texts("engines");
    for (name, at) in engines.iter().filter(|(name, _)| !format::ENGINES.contains(&name.as_str())) {
        let near =
            did_you_mean(name, format::ENGINES).unwrap_or_else(|| format!("engines: {}", format::ENGINES.join(", ")));
        problem(*at, format!("there is no engine `{name}`"), &near);
    }
    let params = fields.entries("params").iter().map(|entry| (entry.key.clone(), entry.value.json())).collect();
    let envs = fields.texts("envs").into_iter().map(|(name, _)| name).collect();
    fields.finish();
    Some(DeclaredRunHook {
        name: name?,
        when,
        python,
        sql,
        select: select.into_iter().map(|(text, _)| text).collect(),
        select_at: file.location(select_at),
        params,
        engines: engines.into_iter().map(|(name, _)| name).collect(),
        envs,
        at: file.location(node.at),
    })
}

/// What the files of `hooks/` hold.
struct Folder {
    /// By name: path and text.
    sql: BTreeMap<String, Vec<(String, String)>>,
    python: Vec<(PythonHook, Arc<str>)>,
}

/// The hooks that `profile` has, each with its text.
pub(super) fn resolve(files: &mut Files<'_>, declared: &[DeclaredRunHook], profile: Option<&Profile>) -> Vec<Hook> {
    let folder = folder(files);
    unnamed(files, declared, &folder);
    let mut found = Vec::new();
    for one in declared {
        match body(one, &folder) {
            Ok(body) if profile.is_some_and(|profile| is_for(one, profile)) => found.push(Hook {
                name: one.name.clone(),
                when: one.when,
                select: one.select.clone(),
                select_at: one.select_at.clone(),
                params: one.params.clone(),
                body,
                at: one.at.clone(),
            }),
            Ok(_) => {}
            Err(problem) => files.problems.push(problem.at(one.at.clone())),
        }
    }
    found.sort_by_key(|hook| hook.when);
    found
}

fn is_for(hook: &DeclaredRunHook, profile: &Profile) -> bool {
    profile.is_for(&hook.engines) && (hook.envs.is_empty() || hook.envs.contains(&profile.name))
}

fn folder(files: &mut Files<'_>) -> Folder {
    let mut folder = Folder { sql: BTreeMap::new(), python: Vec::new() };
    let listed = files.walk(FOLDER);
    let paths = listed.iter().map(|file| file.shown.as_str());
    let wanted: Vec<&str> = paths.filter(|path| path.ends_with(".sql") || path.ends_with(".py")).collect();
    let texts = files.texts(&wanted);
    for (path, text) in wanted.into_iter().zip(texts) {
        let Some(text) = text else { continue };
        let name = path.rsplit('/').next().unwrap_or(path);
        match name.strip_suffix(".sql") {
            Some(stem) => folder.sql.entry(stem.to_string()).or_default().push((path.to_string(), text)),
            None => match python_hooks(path, &text) {
                Ok(hooks) => {
                    let text: Arc<str> = text.into();
                    folder.python.extend(hooks.into_iter().map(|hook| (hook, text.clone())));
                }
                Err(problems) => files.problems.extend(problems),
            },
        }
    }
    let known = HookTime::ALL.map(HookTime::as_str);
    for (hook, text) in &folder.python {
        let wrong = hook.when.as_deref().filter(|when| !known.contains(when));
        files.problems.extend(wrong.map(|when| {
            let problem = Diagnostic::new("bad-hook", format!("`when` of the hook `{}` is `{when}`", hook.name));
            let hint = did_you_mean(when, known).unwrap_or_else(|| format!("it is one of {}", known.join(", ")));
            problem.at(hook.at.clone()).excerpt(text).hint(hint)
        }));
    }
    folder
}

/// Files and functions that no key names.
fn unnamed(files: &mut Files<'_>, declared: &[DeclaredRunHook], folder: &Folder) {
    let hint = "name it under `hooks:` in project.yml, or take it away";
    let told = |message: String, at: Location| Diagnostic::warning("left-out", message).at(at).hint(hint);
    for (name, found) in &folder.sql {
        let used = declared.iter().any(|one| !one.python && one.sql.is_none() && one.name == *name);
        let found = found.iter().filter(|_| !used);
        files.problems.extend(found.map(|(path, _)| {
            told(format!("{path} is left out: no hook of project.yml is called `{name}`"), Location::file(path))
        }));
    }
    for (hook, _) in &folder.python {
        let used = declared.iter().any(|one| one.python && one.name == hook.name);
        let message = format!("the hook `{}` is left out: project.yml doesn't name it", hook.name);
        files.problems.extend((!used).then(|| told(message, hook.at.clone())));
    }
}

/// What a hook runs, or what is wrong with it.
fn body(hook: &DeclaredRunHook, folder: &Folder) -> Result<HookBody, Diagnostic> {
    let problem = |message: String| Diagnostic::new("unknown-hook", message);
    let DeclaredRunHook { name, when, .. } = hook;
    if hook.python {
        let named: Vec<_> = folder.python.iter().filter(|(one, _)| one.name == *name).collect();
        let fits = |one: &PythonHook| one.when.as_deref().is_none_or(|other| other == when.as_str());
        if let Some((one, text)) = named.iter().find(|(one, _)| fits(one)) {
            let (path, function) = (one.at.path.clone(), one.function.clone());
            return Ok(HookBody::Python { path, text: text.clone(), function, at: one.at.clone() });
        }
        if let Some((one, _)) = named.first() {
            let other = one.when.as_deref().unwrap_or_default();
            let message = format!("the hook `{name}` in {} is for `{other}`, not for `{}`", one.at, when.as_str());
            return Err(problem(message).hint("change `when` of its decorator, or name it under that key"));
        }
        let names = folder.python.iter().map(|(one, _)| one.name.as_str());
        let near = did_you_mean(name, names)
            .unwrap_or_else(|| format!("put `@fft_hook(name=\"{name}\")` above a function in {FOLDER}/"));
        return Err(problem(format!("no function of {FOLDER}/ is the hook `{name}`")).hint(near));
    }
    if let Some(sql) = &hook.sql {
        return Ok(HookBody::Sql(sql.clone()));
    }
    match folder.sql.get(name).map(Vec::as_slice) {
        Some([(path, text)]) => Ok(HookBody::Sql(HookSql::of_file(path, text.clone()))),
        Some([(first, _), (second, _), ..]) => {
            let message = format!("the hook `{name}` has two files: {first} and {second}");
            Err(problem(message).hint("rename one of them"))
        }
        _ => {
            let names = folder.sql.keys().map(String::as_str);
            let near =
                did_you_mean(name, names).unwrap_or_else(|| format!("write {FOLDER}/{name}.sql, or give it `sql`"));
            Err(problem(format!("the hook `{name}` has no `sql`, and there is no file {FOLDER}/**/{name}.sql"))
                .hint(near))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{LoadOptions, load};
    use crate::world::MemoryWorld;
    use std::path::Path;

    fn project(hooks: &str, files: &[(&str, &str)]) -> Result<(Vec<Hook>, Vec<String>), Vec<String>> {
        let mut world = MemoryWorld::new()
            .file("/p/project.yml", format!("name: p\nhooks:\n{hooks}"))
            .file("/p/profiles.yml", "dev: {engine: duckdb, duckdb: {path: ':memory:'}}\n")
            .file("/p/models/a.ff.sql", "select 1 as a");
        for (path, text) in files {
            world = world.file(Path::new("/p").join(path), *text);
        }
        let options = LoadOptions { profile: Some("dev".into()), ..LoadOptions::default() };
        let told = |problems: Vec<Diagnostic>| problems.iter().map(ToString::to_string).collect::<Vec<_>>();
        match load(&world, Path::new("/p"), &options) {
            Ok(project) => Ok((project.hooks, told(project.warnings))),
            Err(problems) => Err(told(problems)),
        }
    }

    #[test]
    fn hooks_are_read_in_the_order_of_a_run() {
        let hooks = "  on_run_end:\n    - {name: tell, kind: python, params: {n: 3}}\n  on_run_start:\n    \
                     - name: make\n      kind: sql\n      sql: |\n        create table x;\n        create table y\n    \
                     - {name: other, kind: sql, engines: [postgres], sql: select 1}\n    \
                     - {name: prod, kind: sql, envs: [prod], sql: select 1}\n  after_model:\n    \
                     - {name: audit, select: 'tag:x'}\n";
        let python = "from fastflowtransform import fft_hook\n@fft_hook('tell')\ndef f(context): ...\n";
        let (found, warnings) =
            project(hooks, &[("hooks/deep/audit.sql", "select 2"), ("hooks/n.py", python), ("hooks/left.sql", "x")])
                .unwrap();
        let told: Vec<_> = found.iter().map(|hook| format!("{} {}", hook.when.as_str(), hook.name)).collect();
        assert_eq!(told, ["on_run_start make", "after_model audit", "on_run_end tell"]);
        let HookBody::Sql(make) = &found[0].body else { panic!("it is SQL") };
        assert_eq!(make.place(&Location::new("", 2, 8)).to_string(), "project.yml:10:16");
        let HookBody::Sql(audit) = &found[1].body else { panic!("it is SQL") };
        assert_eq!(audit.place(&Location::new("", 1, 8)).to_string(), "hooks/deep/audit.sql:1:8");
        assert_eq!(found[1].select, ["tag:x"]);
        assert_eq!(Value::from(found[2].params.clone()), serde_json::json!({"n": 3}));
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(
            warnings[0].contains("hooks/left.sql is left out: no hook of project.yml is called `left`"),
            "{warnings:?}"
        );
    }

    #[test]
    fn what_is_wrong_with_hooks_is_told_with_its_place() {
        let python = "from fastflowtransform import fft_hook\n@fft_hook('late', 'on_run_end')\ndef f(c): ...\n\
                      @fft_hook('odd', 'on_end')\ndef g(c): ...\n";
        let hooks = "  on_run_start:\n    - {name: a, kind: sqll}\n    - {name: audits}\n    \
                     - {name: late, kind: python}\n    - {name: x, sql: s, select: y, engines: duckdbb}\n    - {kind: sql}\n    \
                     - {name: z, kind: python, sql: s}\n  on_runend: []\n  before_model: x\n";
        let told = project(hooks, &[("hooks/audit.sql", "select 2"), ("hooks/n.py", python)]).unwrap_err();
        let all = told.join("\n");
        for expected in [
            "`kind` is `sql` or `python`, not `sqll`\n  --> project.yml:4:23",
            "the hook `audits` has no `sql`, and there is no file hooks/**/audits.sql\n  --> project.yml:5:7\n  hint: did you mean `audit`?",
            "the hook `late` in hooks/n.py:3:5 is for `on_run_end`, not for `on_run_start`\n  --> project.yml:6:7",
            "a hook of `on_run_start` runs once, `select` says nothing\n  --> project.yml:7:33",
            "there is no engine `duckdbb`",
            "a hook of `on_run_start` has no `name`\n  --> project.yml:8:7",
            "a hook of `kind: python` has no `sql`\n  --> project.yml:9:36",
            "unknown key `on_runend` in `hooks`",
            "`before_model` of `hooks` must be a list, found text",
            "`when` of the hook `odd` is `on_end`\n  --> hooks/n.py:5:5",
            "the hook `odd` is left out: project.yml doesn't name it",
            "hooks/audit.sql is left out",
        ] {
            assert!(all.contains(expected), "{expected}\n\n{all}");
        }
    }
}
