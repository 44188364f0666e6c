//! What one engine can be told and another can't: how files are kept, frames of its own.

use super::{PYTHON, problem};
use crate::diagnostic::{Diagnostic, Location};
use crate::dialect::Spark;
use crate::graph::Graph;
use crate::project::testing::empty;
use crate::project::{Declared, Language, Project};
use serde_json::json;
use std::sync::Arc;

fn on_spark(project: &Project) -> Result<Graph, Vec<Diagnostic>> {
    let rendered = crate::render::render(project, Arc::new(Spark::default()))?;
    let mut python = Vec::new();
    for file in project.models.iter().filter(|file| file.language == Language::Python) {
        let models =
            crate::syntax::python::analyse_for(&file.path, &file.text, &crate::syntax::python::NoModules, &|whom| {
                project.sees(whom)
            })?;
        python.extend(models.into_iter().map(|model| (file, model)));
    }
    crate::graph::build(project, rendered, python, &Spark::default())
}

fn declared(mut project: Project, name: &str, value: serde_json::Value) -> Project {
    let at = Location::new("project.yml", 7, 5);
    project.settings.model_storage.insert(name.into(), Declared { value: value.clone(), at: at.clone() });
    project.settings.seed_storage.insert(name.into(), Declared { value, at });
    project
}

fn storage(graph: &Graph, node: &str) -> Option<serde_json::Value> {
    graph.nodes[graph.find(node).unwrap()].config.get("storage").cloned()
}

#[test]
fn the_nearer_place_says_how_a_table_is_stored() {
    let csv = json!({"format": "csv", "options": {"header": "true"}});
    let project = empty()
        .seed("s", None)
        .sql("own", "{{ config(storage={'format': 'orc'}) }}select 1")
        .sql("far", "select 1")
        .sql("none", "select 1")
        .python("py", &format!("{PYTHON}@model(name='py', deps=['s'])\ndef f(a):\n    return a\n"));
    let names = ["s", "own", "far.ff", "py"];
    let project = names.into_iter().fold(project, |project, name| declared(project, name, csv.clone()));
    let graph = on_spark(&project).unwrap();
    assert_eq!(storage(&graph, "own"), Some(json!({"format": "orc"})));
    for node in ["s", "far", "py"] {
        assert_eq!(storage(&graph, node), Some(csv.clone()), "{node}");
    }
    assert_eq!(storage(&graph, "none"), None);
    // Engines that aren't told of files leave what stands in project.yml alone.
    let elsewhere = super::graph(declared(empty().sql("m", "select 1"), "m", csv));
    assert_eq!(storage(&elsewhere, "m"), None);
}

#[test]
fn an_engine_that_keeps_its_files_itself_says_who_is_told() {
    let (code, message, at, hint) = problem(empty().sql("m", "\n{{ config(storage={'format': 'orc'}) }}select 1"));
    assert_eq!((code, at.as_str()), ("bad-config", "models/m.ff.sql:2:4"));
    assert_eq!(message, "`m.ff` declares `storage`, and duckdb keeps the files of tables itself");
    assert!(hint.starts_with("spark and databricks are told of it: declare it under `models.storage`"), "{hint}");
}

#[test]
fn what_a_storage_can_not_be_is_told_with_its_place() {
    for (value, message) in [
        ("'delta'", "`storage` is \"delta\"; it must be a mapping with `path`, `format` or `options`"),
        ("{'formt': 'orc'}", "unknown key `formt` in `storage`"),
        ("{}", "`storage` says nothing"),
        ("{'path': 1}", "`path` of `storage` is 1; it must be a text"),
        ("{'options': {'a': [1]}}", "`options` of `storage` is {\"a\":[1]}; it must be a mapping of texts"),
    ] {
        let project = empty().sql("m", &format!("\n{{{{ config(storage={value}) }}}}select 1"));
        let problems = on_spark(&project).unwrap_err();
        assert_eq!(problems[0].message, message);
        assert_eq!(problems[0].at.as_ref().unwrap().to_string(), "models/m.ff.sql:2:4");
    }
    let view = empty().sql("v", "{{ config(materialized='view') }}select 1");
    let problems = on_spark(&declared(view, "v", json!({"format": "orc"}))).unwrap_err();
    assert_eq!(problems[0].to_string().lines().nth(1), Some("  --> project.yml:7:5"));
    assert!(problems[0].hints[0].starts_with("take `storage` away"), "{problems:?}");
}

#[test]
fn a_path_is_refused_by_what_the_profile_says_of_tables() {
    let project = empty().sql("m", "\n{{ config(storage={'path': '/data/m'}) }}select 1");
    let node = &on_spark(&project).unwrap().nodes[0];
    let told = |format: &str| {
        let dialect = Spark { table_format: format.into(), ..Spark::default() };
        crate::graph::storage_problem(node, &dialect).map(|problem| problem.to_string())
    };
    assert_eq!(told("delta"), None);
    let told = told("parquet").unwrap();
    assert!(told.starts_with("error[bad-config]: `m.ff` declares a storage at a path"), "{told}");
    assert!(told.contains("--> models/m.ff.sql:2:4") && told.contains("hint: take `path` away"), "{told}");
}

#[test]
fn frames_of_sparks_own_are_told_of_before_anything_runs() {
    let declared = format!("{PYTHON}@model(name='py', deps=[], frame='spark')\ndef f():\n    return 1\n");
    let annotated = "from fastflowtransform import model\nfrom pyspark.sql import DataFrame\n\n\
                     @model(name='py', deps=['s'])\ndef f(a: DataFrame) -> DataFrame:\n    return a\n";
    for (text, line) in [(declared.as_str(), 4), (annotated, 5)] {
        let project = || empty().seed("s", None).python("py", text);
        let (code, message, at, hint) = problem(project());
        assert_eq!((code, at), ("bad-frame", format!("models/py.ff.py:{line}")));
        assert_eq!(message, "`py` takes or gives DataFrames of Spark's own, which duckdb doesn't have");
        assert!(hint.contains("`@engine_model(only=…)`"), "{hint}");
        assert!(on_spark(&project()).is_ok());
    }
    let text =
        declared.replace("@model(", "@engine_model(only=['spark'], ").replace("import model", "import engine_model");
    assert!(super::build(&empty().python("py", &text)).is_ok());
}

const OTHER: &str = "{{ config(engines='postgres') }}";

#[test]
fn models_of_others_are_not_there_whatever_is_in_them() {
    let python = |only: &str, body: &str| {
        format!("from fastflowtransform import engine_model\n@engine_model({only}, name='py')\ndef f():\n    {body}\n")
    };
    let project = empty()
        .sql("here/m", "{{ config(engines=['duckdb', 'bigquery']) }}select 1")
        .sql("there/m", &format!("{OTHER}{{{{ ref(var('no')) }}}}{{{{ source('no', 'no') }}}}"))
        .sql("there/n", "{{ config(only=['snowflake_snowpark'], no_such_key=1) }}select 1; select 2")
        .sql("variant/m", "{{ config(env_match={'FF_ENGINE_VARIANT': 'other'}) }}{{ var('no') }}")
        .python("here/py", &python("only='duckdb'", "return []"))
        .python("there/py", &python("only='postgres', deps=D, nonsense=1", "return no.such()"));
    let graph = super::graph(project);
    assert_eq!(graph.names().collect::<Vec<_>>(), ["m.ff", "py"]);
    assert_eq!(graph.nodes[0].path, "models/here/m.ff.sql");
    let told: Vec<_> =
        graph.elsewhere.iter().map(|model| format!("{} {} {}", model.name, model.path, model.audience)).collect();
    assert_eq!(
        told,
        [
            "m.ff models/there/m.ff.sql postgres",
            "m.ff models/variant/m.ff.sql FF_ENGINE_VARIANT=other",
            "n.ff models/there/n.ff.sql snowflake_snowpark",
            "py models/there/py.ff.py postgres",
        ]
    );
}

#[test]
fn of_models_that_a_run_sees_a_name_is_one_ones() {
    let (code, message, at, hint) = problem(empty().sql("b/M", "select 1").sql("a/m", "select 1"));
    assert_eq!((code, at.as_str()), ("duplicate-node", "models/a/m.ff.sql"));
    assert_eq!(message, "two nodes are called `m`; the other is in models/b/M.ff.sql");
    assert!(hint.ends_with("`config(engines=[…])`, `@engine_model(only=…)`"), "{hint}");
    let seed = empty().seed("m", None);
    assert_eq!(problem(seed.clone().sql("m", "select 1")).0, "duplicate-node");
    assert!(super::graph(seed.sql("m", &format!("{OTHER}select 1"))).find("m").is_some());
    let slip = empty().sql("m", "{{ config(only='duckbd') }}select 1");
    let told = crate::graph::unused(&slip, &super::graph(slip.clone()));
    let told = told.iter().find(|one| one.code == "unknown-engine").expect("a warning");
    assert_eq!(
        (told.message.as_str(), &*told.hints[0]),
        ("`m.ff` is for the engine `duckbd`, and there is none of that name", "did you mean `duckdb`?")
    );
    let (code, _, at, _) = problem(empty().sql("m", "{{ config(engines=1) }}select 1"));
    assert_eq!((code, at.as_str()), ("bad-config", "models/m.ff.sql:1:4"));
}

#[test]
fn a_view_of_python_is_a_table_with_a_warning() {
    let text = format!("{PYTHON}@model(name='py', materialized='view')\ndef f():\n    return []\n");
    let graph = super::graph(empty().python("py", &text));
    assert_eq!(graph.nodes[0].config.get("materialized"), Some(&json!("table")));
    let told: Vec<_> = graph.warnings.iter().map(|warning| warning.message.as_str()).collect();
    assert_eq!(told, ["Python model `py` is a table and no view: its rows have to be kept"]);
}
