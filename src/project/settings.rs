//! project.yml.
//!
//! Takes the file's text, gives [`Settings`] and the project's `vars`. What is missing has its default; a wrong value
//! is a problem, and its default is used so that reading goes on.

use super::environment::is_secret;
use super::fields::Fields;
use super::package::dependencies;
use super::yaml::{Entry, Place, YamlFile};
use super::{
    Declared, FingerprintSettings, HttpSettings, PythonSettings, Settings, described, hook, model_hook, setting,
    snapshot, storage, test,
};
use crate::diagnostic::{Diagnostic, did_you_mean};
use globset::Glob;
use serde_json::Value;
use std::collections::BTreeMap;

const HISTORY_KEEP: usize = 50;

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            name: String::new(),
            version: String::new(),
            models_dir: "models".into(),
            seeds_dir: "seeds".into(),
            dag_dir: "site/dag".into(),
            dag_dir_at: None,
            docs_provenance: Vec::new(),
            described: BTreeMap::new(),
            rendered_sql: true,
            docs_repository: None,
            keep_pages: false,
            docs_url: None,
            fingerprint: FingerprintSettings::default(),
            python: PythonSettings::default(),
            http: HttpSettings::default(),
            history_keep: HISTORY_KEEP,
            run_cutoff: false,
            run_columns: false,
            skip_unwatched: false,
            seed_meta_columns: true,
            model_storage: BTreeMap::new(),
            model_incremental: BTreeMap::new(),
            model_snapshots: BTreeMap::new(),
            seed_storage: BTreeMap::new(),
            model_hooks: BTreeMap::new(),
            hooks: Vec::new(),
            model_settings: BTreeMap::new(),
            seed_settings: BTreeMap::new(),
            tests: Vec::new(),
            dependencies: Vec::new(),
        }
    }
}

/// Reads project.yml.
pub(super) fn read(file: &YamlFile) -> (Settings, BTreeMap<String, Value>) {
    let mut settings = Settings::default();
    let Some(root) = file.parse() else {
        if file.text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
            let at = Place { line: 1, column: 1 };
            file.problem(at, "missing-key", format!("{} has no `name`", file.path));
        }
        return (settings, BTreeMap::new());
    };
    let Some(mut fields) = Fields::new(file, &file.path, &root) else { return (settings, BTreeMap::new()) };
    settings.name = fields.required("name").unwrap_or_default();
    settings.version = fields.text("version").unwrap_or_default();
    settings.models_dir = folder(&mut fields, "models_dir").unwrap_or(settings.models_dir);
    settings.seeds_dir = folder(&mut fields, "seeds_dir").unwrap_or(settings.seeds_dir);
    settings.tests = test::read(&mut fields, &test::On::default());
    settings.dependencies = dependencies(&mut fields);
    if let Some(node) = fields.node("fft_version") {
        let message = "`fft_version` counts versions of FastFlowTransform, and isn't held against this one";
        file.report(node.at, Diagnostic::warning("not-checked", message).hint("leave it out"));
    }
    settings.hooks = hook::read(&mut fields);
    sections(&mut fields, &mut settings);
    let vars = fields.vars();
    fields.finish();
    (settings, vars)
}

fn sections(fields: &mut Fields<'_>, settings: &mut Settings) {
    settings.fingerprint = fields.fields("fingerprint").map(fingerprint).unwrap_or_default();
    if let Some(docs) = fields.fields("docs") {
        site(docs, settings);
    }
    settings.http = fields.fields("http").map(http).unwrap_or_default();
    settings.python = fields.fields("python").map(python).unwrap_or_default();
    if let Some(mut history) = fields.fields("history") {
        let keep = history.count("keep", 1).and_then(|keep| usize::try_from(keep).ok());
        settings.history_keep = keep.unwrap_or(HISTORY_KEEP);
        history.finish();
    }
    if let Some(mut models) = fields.fields("models") {
        settings.model_storage = storage::read(&mut models);
        settings.model_incremental = incremental(&mut models);
        settings.model_hooks = model_hook::read(&mut models);
        settings.model_settings = setting::by_name(&mut models);
        settings.model_snapshots = snapshot::read(&mut models);
        models.finish();
    }
    if let Some(mut seeds) = fields.fields("seeds") {
        settings.seed_meta_columns = seeds.flag("meta_columns").unwrap_or(true);
        settings.seed_storage = storage::read(&mut seeds);
        settings.seed_settings = setting::by_name(&mut seeds);
        seeds.finish();
    }
    if let Some(mut run) = fields.fields("run") {
        settings.run_cutoff = run.flag("cutoff").unwrap_or_default();
        settings.run_columns = run.flag("columns").unwrap_or_default();
        settings.skip_unwatched = choice(&mut run, "unseen_sources", ["build", "skip"]) == Some("skip");
        run.finish();
    }
}

/// `models.incremental`: what the mapping of a model holds is the graph's to read.
fn incremental(models: &mut Fields<'_>) -> BTreeMap<String, Declared> {
    let file = models.file;
    let of = |entry: &Entry| {
        let at = file.location(entry.at);
        (entry.key.clone(), Declared { value: entry.value.json(), at })
    };
    models.entries("incremental").iter().map(of).collect()
}

fn site(mut docs: Fields<'_>, settings: &mut Settings) {
    settings.dag_dir_at = docs.node("dag_dir").map(|node| docs.file.location(node.at));
    settings.dag_dir = docs.text("dag_dir").unwrap_or(std::mem::take(&mut settings.dag_dir));
    settings.keep_pages = docs.flag("keep_pages").unwrap_or_default();
    settings.described = described::read(&mut docs);
    settings.rendered_sql = docs.flag("include_rendered_sql").unwrap_or(true);
    for (name, at) in docs.texts("provenance") {
        if is_secret(&name, &settings.fingerprint) {
            let message = format!("`{name}` is secret by its name or by `fingerprint.env.secret`: no record tells it");
            docs.file.problem(at, "bad-value", message);
        } else {
            settings.docs_provenance.push(name);
        }
    }
    let at = docs.node("repository").map_or(docs.at, |node| node.at);
    settings.docs_repository = docs.text("repository").map(|address| address.trim_end_matches('/').to_string());
    let wrong = |address: &String| !address.starts_with("https://") && !address.starts_with("http://");
    if let Some(address) = settings.docs_repository.take_if(|address| wrong(address)) {
        let message = format!("`repository` is an address that begins with `https://`, not `{address}`");
        docs.file.problem(at, "bad-value", message);
    }
    settings.docs_url = address(&mut docs, "url");
    docs.finish();
}

/// The address of a published site, ending in `/`.
fn address(fields: &mut Fields<'_>, key: &'static str) -> Option<String> {
    let at = fields.node(key)?.at;
    let text = fields.text(key)?;
    let address = site_address(&text);
    if address.is_none() {
        let problem = Diagnostic::new("bad-value", format!("`{key}` of `docs` is no address of a site: {text}"));
        fields.file.report(at, problem.hint("write `url: https://example.com/docs/`"));
    }
    address
}

/// An address that pages can be named behind, ending in `/`; `None` for any other text.
pub fn site_address(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let plain =
        url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    let fit = matches!(url.scheme(), "http" | "https") && plain;
    let address = url.to_string();
    fit.then(|| if address.ends_with('/') { address } else { address + "/" })
}

/// A folder of the project: relative, without `./` and a trailing `/`.
fn folder(fields: &mut Fields<'_>, key: &'static str) -> Option<String> {
    let at = fields.node(key)?.at;
    let text = fields.text(key)?;
    let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if text.starts_with('/') || parts.is_empty() {
        let message = format!("`{key}` must be a folder relative to the project");
        fields.file.problem(at, "bad-value", message);
        return None;
    }
    Some(parts.join("/"))
}

fn fingerprint(mut fields: Fields<'_>) -> FingerprintSettings {
    let cosmetic_skip = choice(&mut fields, "cosmetic", ["build", "skip"]) == Some("skip");
    let mut settings = FingerprintSettings { cosmetic_skip, ..FingerprintSettings::default() };
    if let Some(mut env) = fields.fields("env") {
        settings.env_ignore = patterns(&mut env, "ignore");
        settings.env_expose = patterns(&mut env, "expose");
        settings.env_secret = patterns(&mut env, "secret");
        env.finish();
    }
    fields.finish();
    settings
}

/// One of two words.
fn choice(fields: &mut Fields<'_>, key: &'static str, words: [&'static str; 2]) -> Option<&'static str> {
    let at = fields.node(key).map(|node| node.at);
    let text = fields.text(key)?;
    let found = words.into_iter().find(|word| *word == text);
    if found.is_none() {
        let [first, second] = words;
        let mut problem = Diagnostic::new("bad-value", format!("`{key}` is `{first}` or `{second}`, not `{text}`"));
        problem.hints.extend(did_you_mean(&text, words));
        fields.file.report(at.unwrap_or(fields.at), problem);
    }
    found
}

fn patterns(fields: &mut Fields<'_>, key: &'static str) -> Vec<String> {
    let texts = fields.texts(key);
    for (text, at) in &texts {
        if let Err(error) = Glob::new(text) {
            fields.file.problem(*at, "bad-value", format!("`{text}` is no glob pattern: {}", error.kind()));
        }
    }
    texts.into_iter().map(|(text, _)| text).collect()
}

fn http(mut fields: Fields<'_>) -> HttpSettings {
    let recordings = fields.text("recordings");
    let allowed_domains = fields.texts("allowed_domains").into_iter().map(|(domain, _)| domain).collect();
    fields.finish();
    HttpSettings { recordings, allowed_domains }
}

fn python(mut fields: Fields<'_>) -> PythonSettings {
    let settings = PythonSettings {
        interpreter: fields.text("interpreter"),
        requirements: fields.text("requirements"),
        timeout_seconds: fields.count("timeout_seconds", 1),
    };
    fields.finish();
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> (Settings, BTreeMap<String, Value>, Vec<String>) {
        let file = YamlFile::new("project.yml", text);
        let (settings, vars) = read(&file);
        (settings, vars, file.into_problems().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn everything_is_read() {
        let text = "name: demo\nversion: 1.10\nmodels_dir: ./m/\nseeds_dir: s\nseeds: {meta_columns: false}\ndocs: {dag_dir: out, provenance: [GITHUB_RUN_ID], repository: https://example.com/r/, keep_pages: true, url: https://x.org/d}\n\
            vars: {start: 2026-01-01, n: 3}\ntests: [{type: not_null, table: t, column: c}]\n\
            fingerprint: {cosmetic: skip, env: {ignore: [FF_HTTP_*], expose: FF_REGION, secret: [FF_SALT]}}\n\
            http: {recordings: rec, allowed_domains: [example.com]}\n\
            python: {interpreter: python3, requirements: r.txt, timeout_seconds: 30}\n\
            history: {keep: 7}\nrun: {columns: true, cutoff: true, unseen_sources: skip}\n";
        let (settings, vars, problems) = load(text);
        assert!(problems.is_empty(), "{problems:?}");
        let expected = Settings {
            name: "demo".into(),
            version: "1.10".into(),
            models_dir: "m".into(),
            seeds_dir: "s".into(),
            dag_dir: "out".into(),
            dag_dir_at: Some(crate::diagnostic::Location::new("project.yml", 6, 17)),
            docs_provenance: vec!["GITHUB_RUN_ID".into()],
            described: BTreeMap::new(),
            rendered_sql: true,
            docs_repository: Some("https://example.com/r".into()),
            keep_pages: true,
            docs_url: Some("https://x.org/d/".into()),
            fingerprint: FingerprintSettings {
                cosmetic_skip: true,
                env_ignore: vec!["FF_HTTP_*".into()],
                env_expose: vec!["FF_REGION".into()],
                env_secret: vec!["FF_SALT".into()],
            },
            python: PythonSettings {
                interpreter: Some("python3".into()),
                requirements: Some("r.txt".into()),
                timeout_seconds: Some(30),
            },
            http: HttpSettings { recordings: Some("rec".into()), allowed_domains: vec!["example.com".into()] },
            history_keep: 7,
            run_cutoff: true,
            run_columns: true,
            skip_unwatched: true,
            seed_meta_columns: false,
            model_storage: BTreeMap::new(),
            model_incremental: BTreeMap::new(),
            model_snapshots: BTreeMap::new(),
            seed_storage: BTreeMap::new(),
            model_hooks: BTreeMap::new(),
            hooks: Vec::new(),
            model_settings: BTreeMap::new(),
            seed_settings: BTreeMap::new(),
            tests: vec![serde_json::json!({"type": "not_null", "table": "t", "column": "c"})],
            dependencies: Vec::new(),
        };
        assert_eq!(settings, expected);
        assert_eq!(serde_json::to_value(vars).unwrap(), serde_json::json!({"start": "2026-01-01", "n": 3}));
    }

    #[test]
    fn records_tell_no_secret_variable_and_pages_lead_to_addresses() {
        let docs = "docs: {provenance: [CI, CI_TOKEN, SALT], repository: 'javascript:x'}";
        let (settings, _, problems) = load(&format!("name: d\nfingerprint: {{env: {{secret: [SALT]}}}}\n{docs}\n"));
        assert_eq!(settings.docs_provenance, ["CI"]);
        assert_eq!(settings.docs_repository, None);
        let first = |problem: &String| problem.lines().next().unwrap().to_string();
        let told: Vec<String> = problems.iter().map(first).collect();
        assert_eq!(
            told,
            [
                "error[bad-value]: `CI_TOKEN` is secret by its name or by `fingerprint.env.secret`: no record tells it",
                "error[bad-value]: `SALT` is secret by its name or by `fingerprint.env.secret`: no record tells it",
                "error[bad-value]: `repository` is an address that begins with `https://`, not `javascript:x`",
            ]
        );
    }

    #[test]
    fn problems_come_together() {
        let (_, _, problems) =
            load("nam: demo\nmodels_dir: /abs\nfingerprint: {cosmetic: skp, envv: {}}\nhistory: {keep: 0}\n");
        let expected = [
            "error[missing-key]: project.yml has no `name`\n  --> project.yml:1:1\n     1 | nam: demo\n       | ^",
            "error[unknown-key]: unknown key `nam` in project.yml\n  --> project.yml:1:1\n     1 | nam: demo\n       | ^\n  hint: did you mean `name`?",
            "error[bad-value]: `models_dir` must be a folder relative to the project\n  --> project.yml:2:13\n     2 | models_dir: /abs\n       |             ^",
            "error[bad-value]: `cosmetic` is `build` or `skip`, not `skp`\n  --> project.yml:3:25\n     3 | fingerprint: {cosmetic: skp, envv: {}}\n       |                         ^\n  hint: did you mean `skip`?",
            "error[unknown-key]: unknown key `envv` in `fingerprint`\n  --> project.yml:3:30\n     3 | fingerprint: {cosmetic: skp, envv: {}}\n       |                              ^\n  hint: did you mean `env`?",
            "error[wrong-type]: `keep` of `history` must be a whole number of at least 1, found 0\n  --> project.yml:4:17\n     4 | history: {keep: 0}\n       |                 ^",
        ];
        assert_eq!(problems, expected);
    }

    #[test]
    fn an_empty_file_lacks_a_name() {
        let (settings, _, problems) = load("# nothing yet\n");
        assert_eq!(settings, Settings::default());
        assert!(problems[0].contains("project.yml has no `name`"), "{problems:?}");
    }
}
