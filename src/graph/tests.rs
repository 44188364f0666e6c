//! Graphs built from whole projects.

mod engine;
mod snapshot;

use super::*;
use crate::diagnostic::Diagnostic;
use crate::dialect::DuckDb;
use crate::project::testing::empty;
use crate::project::{Language, Project, Properties};

/// Renders and analyses every model of a project and builds its graph.
pub fn build(project: &Project) -> Result<Graph, Vec<Diagnostic>> {
    let rendered = crate::render::render(project, Arc::new(DuckDb))?;
    let mut python = Vec::new();
    for file in project.models.iter().filter(|file| file.language == Language::Python) {
        let models =
            crate::syntax::python::analyse_for(&file.path, &file.text, &crate::syntax::python::NoModules, &|whom| {
                project.sees(whom)
            })?;
        python.extend(models.into_iter().map(|model| (file, model)));
    }
    super::build(project, rendered, python, &DuckDb)
}

/// A shop with a seed, a source, a tagged view, an ephemeral model and a mart over them.
pub fn shop() -> Project {
    empty()
        .seed("users", None)
        .source("raw", "users", None)
        .source("crm", "events", Some("crm"))
        .sql(
            "staging/stg_users",
            "{{ config(materialized='view', tags=['daily']) }} select * from {{ source('raw', 'users') }}",
        )
        .sql("staging/stg_events", "{{ config(tags=['daily', 'big']) }} select * from {{ source('crm', 'events') }}")
        .sql("staging/ids", "{{ config(materialized='ephemeral') }} select id from {{ ref('stg_users') }}")
        .sql("marts/mart", "select * from {{ ref('ids') }} join {{ ref('stg_events') }}")
}

pub(crate) fn graph(project: Project) -> Graph {
    build(&project).unwrap()
}

/// The only problem of a project: code, message, place, first hint.
fn problem(project: Project) -> (&'static str, String, String, String) {
    let problems = build(&project).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    let found = problems.into_iter().next().unwrap();
    let at = found.at.as_ref().map(ToString::to_string).unwrap_or_default();
    (found.code, found.message, at, found.hints.into_iter().next().unwrap_or_default())
}

fn body<'a>(graph: &'a Graph, name: &str) -> &'a SqlBody {
    match &graph.nodes[graph.find(name).unwrap()].body {
        Body::Sql(body) => body,
        other => panic!("{other:?}"),
    }
}

fn rendered<'a>(graph: &'a Graph, name: &str) -> &'a str {
    body(graph, name).rendered.shown()
}

fn compiled(graph: &Graph, name: &str) -> String {
    graph.compiled(graph.find(name).unwrap()).text.shown().to_string()
}

fn upstream(graph: &Graph, name: &str) -> Vec<String> {
    let node = &graph.nodes[graph.find(name).unwrap()];
    node.upstream.iter().map(|up| graph.nodes[*up].name.to_string()).collect()
}

const PYTHON: &str = "from fastflowtransform import model\n\n";

#[test]
fn the_demo_is_one_graph() {
    let project = empty()
        .seed("seed_users", None)
        .source("crm", "seed_users", None)
        .sql("stg_users", "select * from {{ source('crm', 'seed_users') }}")
        .sql("mart", "select * from {{ ref('stg_users') }} join {{ ref('stg_users.ff') }} using (id) -- {{ this }}")
        .python(
            "py",
            &format!("{PYTHON}@model(name='py', deps=['stg_users', 'mart.ff'])\ndef f(a, b):\n    return a\n"),
        );
    let graph = graph(project);
    assert_eq!(graph.names().collect::<Vec<_>>(), ["seed_users", "stg_users.ff", "mart.ff", "py"]);
    assert_eq!(graph.nodes.iter().map(|node| node.level).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(upstream(&graph, "py"), ["stg_users.ff", "mart.ff"]);
    assert_eq!(graph.nodes[1].downstream, [2, 3]);
    assert_eq!(rendered(&graph, "stg_users"), "select * from seed_users");
    assert_eq!(compiled(&graph, "mart"), "select * from stg_users join stg_users using (id) -- mart");
    assert!(graph.nodes[1].external_sources.is_empty() && graph.nodes[1].sources.len() == 1);
}

#[test]
fn the_order_is_by_level_and_name_whatever_the_files_order() {
    let mut project = empty().sql("z/a", "select 1").sql("b", "select * from {{ ref('c') }}").sql("c", "select 1");
    let first: Vec<String> = graph(project.clone()).names().map(String::from).collect();
    project.models.reverse();
    assert_eq!(graph(project).names().collect::<Vec<_>>(), first);
    assert_eq!(first, ["a.ff", "c.ff", "b.ff"]);
}

#[test]
fn unknown_refs_name_the_nearest() {
    let base = || empty().sql("stg_users", "select 1");
    let found = problem(base().sql("m", "select *\nfrom {{ ref('stg_user') }}"));
    assert_eq!((found.0, found.1.as_str()), ("unknown-ref", "`m.ff` refers to unknown node `stg_user`"));
    assert_eq!((found.2.as_str(), found.3.as_str()), ("models/m.ff.sql:2:9", "did you mean `stg_users`?"));
    let elsewhere = "{{ config(engines=['postgres', 'bigquery']) }}select 1";
    let found = problem(base().sql("pg", elsewhere).sql("m", "{{ ref('pg') }}"));
    assert_eq!(found.3, "it is only for postgres, bigquery, and this profile's engine is duckdb");
    assert!(graph(base().sql("pg", elsewhere)).find("pg").is_none());
    let python = format!("{PYTHON}@model(deps=['stg_user'])\ndef py(a):\n    return a\n");
    let found = problem(base().python("py", &python));
    assert_eq!((found.0, found.3.as_str()), ("unknown-ref", "did you mean `stg_users`?"));
    assert_eq!(found.2, "models/py.ff.py:3");
}

#[test]
fn a_cycle_is_a_path() {
    let project = empty()
        .sql("a", "{{ ref('c') }}")
        .sql("b", "\n{{ ref('a') }}")
        .sql("c", "{{ ref('b.ff') }}")
        .sql("below", "{{ ref('a') }}");
    let (code, message, at, _) = problem(project);
    assert_eq!((code, message.as_str()), ("cycle", "the models form a cycle: a.ff → b.ff → c.ff → a.ff"));
    assert_eq!(at, "models/b.ff.sql:2:4");
    assert_eq!(problem(empty().sql("a", "{{ ref('a') }}")).1, "the models form a cycle: a.ff → a.ff");
}

#[test]
fn every_node_and_every_relation_is_there_once() {
    let found = problem(empty().sql("x/a", "select 1").sql("y/a", "select 2"));
    assert_eq!((found.0, found.2.as_str()), ("duplicate-node", "models/y/a.ff.sql"));
    assert_eq!(problem(empty().sql("a", "select 1").seed("a", None)).0, "duplicate-node");
    let alias = "{{ config(alias='B') }}select 1";
    let found = problem(empty().sql("a", alias).sql("b", "select 1"));
    assert_eq!((found.0, found.1.as_str()), ("duplicate-relation", "`a.ff` and `b.ff` build the same relation `b`"));
    graph(empty().sql("a", "{{ config(alias='b', schema='s') }}select 1").sql("b", "select 1"));
    let settings = serde_json::json!({"db_schema": "s"});
    let same = empty().settings(settings).sql("a", "{{ config(alias='b', schema='S') }}select 1").sql("b", "select 1");
    assert_eq!(problem(same).0, "duplicate-relation");
    graph(empty().sql("a", "{{ config(alias='b', materialized='ephemeral') }}select 1").sql("b", "select 1"));
}

#[test]
fn seeds_provide_sources_of_their_schema() {
    let reads = "select * from {{ source('raw', 'users') }}";
    for (seed, source, settings, provided) in [
        (None, None, None, true),
        (Some("s"), None, None, true),
        (Some("s"), Some("S"), None, true),
        (None, Some("s"), Some("s"), true),
        (Some("s"), Some("s"), Some("t"), true),
        (None, Some("s"), None, false),
        (Some("s"), Some("t"), Some("t"), false),
        (None, Some("s"), Some("t"), false),
    ] {
        let settings = serde_json::json!({"db_schema": settings});
        let project = empty().settings(settings).seed("users", seed).source("raw", "users", source).sql("m", reads);
        let graph = graph(project);
        assert_eq!(upstream(&graph, "m").len() == 1, provided, "{seed:?} {source:?}");
        assert_eq!(graph.nodes[graph.find("m").unwrap()].external_sources.is_empty(), provided);
        let table = if provided { seed } else { source }.map_or("users".into(), |schema| format!("{schema}.users"));
        assert_eq!(compiled(&graph, "m"), format!("select * from {table}"));
    }
}

#[test]
fn a_source_may_be_a_file() {
    let mut project = empty().seed("users", None).source("raw", "users", None);
    project.sources.values_mut().for_each(|source| source.location = vec!["data/o'x.parquet".into()]);
    let graph = graph(project.sql("m", "select * from {{ source('raw', 'users') }}"));
    assert_eq!(compiled(&graph, "m"), "select * from 'data/o''x.parquet'");
    assert!(upstream(&graph, "m").is_empty());
}

#[test]
fn ephemeral_models_stand_inside_each_once() {
    let ephemeral = |text: &str| format!("{{{{ config(materialized='ephemeral') }}}}{text}");
    let project = empty()
        .sql("base", &ephemeral("select 1 as id; -- one"))
        .sql("left", &ephemeral("with x as (select * from {{ ref('base') }}) select * from x"))
        .sql("right", &ephemeral("select * from {{ ref('base') }}"))
        .sql("plain", "select * from {{ ref('left') }} join {{ ref('right') }} using (id)")
        .sql("own", "-- c\nwith recursive t as (select * from {{ ref('right.ff') }})\nselect * from t");
    let graph = graph(project);
    assert_eq!(
        compiled(&graph, "plain"),
        "with __ff_base as (\nselect 1 as id  -- one\n),\n\
         __ff_left as (\nwith x as (select * from __ff_base) select * from x\n),\n\
         __ff_right as (\nselect * from __ff_base\n)\n\
         select * from __ff_left join __ff_right using (id)"
    );
    let own = compiled(&graph, "own");
    assert!(own.starts_with("-- c\nwith recursive __ff_base as (\nselect 1"), "{own}");
    assert!(own.ends_with("), t as (select * from __ff_right)\nselect * from t"), "{own}");
}

#[test]
fn a_ladder_of_ephemeral_models_grows_by_its_rungs() {
    let mut project = empty().sql("l0", "{{ config(materialized='ephemeral') }}select 1");
    for rung in 1..40 {
        let text = format!("{{{{ config(materialized='ephemeral') }}}}select * from {{{{ ref('l{}') }}}}", rung - 1);
        let both = format!("{text} join {{{{ ref('r{}') }}}} on true", rung.max(2) - 1);
        project = project.sql(&format!("l{rung}"), if rung > 1 { &both } else { &text });
        project = project.sql(&format!("r{rung}"), if rung > 1 { &both } else { &text });
    }
    let graph = graph(project.sql("top", "select * from {{ ref('l39') }}"));
    assert!(compiled(&graph, "top").len() < 10_000);
}

#[test]
fn config_says_where_a_relation_is() {
    let text = "{{ config(alias='other', schema='my schema', catalog='db', tags='t', volatile=true, description='d') }}\
                select * from {{ this }}";
    let graph = graph(empty().sql("m", text).sql("n", "{{ ref('m') }}"));
    let node = &graph.nodes[0];
    assert_eq!(node.relation, RelationName::new(Some("db"), Some("my schema"), "other"));
    assert_eq!(rendered(&graph, "m"), "select * from db.\"my schema\".other");
    assert_eq!(rendered(&graph, "n"), "db.\"my schema\".other");
    assert_eq!(node.config.keys().collect::<Vec<_>>(), ["alias", "catalog", "materialized", "schema"]);
    assert!(node.volatile && node.tags == ["t"] && node.description.as_deref() == Some("d"));
}

#[test]
fn a_view_in_another_schema_names_the_default_one() {
    let own = "{{ config(materialized='view', schema='own') }}";
    let reads =
        "select * from {{ ref('a') }}, {{ ref('s') }}, {{ ref('e') }}, {{ source('raw', 't') }}, {{ ref('o') }}";
    for (settings, schema) in [
        (serde_json::json!({}), "main"),
        (serde_json::json!({"db_schema": "", "schema": "demo"}), "demo"),
        (serde_json::json!({"db_schema": "Demo"}), "\"Demo\""),
    ] {
        let project = empty()
            .settings(settings)
            .seed("s", None)
            .source("raw", "t", None)
            .sql("a", "select 1")
            .sql("o", "{{ config(schema='other') }}select 1")
            .sql("inner", "{{ config(materialized='ephemeral') }}select * from {{ ref('a') }}")
            .sql("e", "{{ config(materialized='ephemeral') }}select * from {{ ref('inner') }}, {{ ref('s') }}")
            .sql("unread", "{{ config(materialized='ephemeral') }}select * from {{ ref('a') }}")
            .sql("v", &format!("{own}{reads}"))
            .sql("plain", &format!("{{{{ config(materialized='view') }}}}{reads}"))
            .sql("table", &format!("{{{{ config(schema='own') }}}}{reads}"));
        let graph = graph(project);
        let relations = format!("select * from {schema}.a, {schema}.s, __ff_e, {schema}.t, other.o");
        assert_eq!(rendered(&graph, "v"), relations);
        assert_eq!(rendered(&graph, "inner"), format!("select * from {schema}.a"));
        assert_eq!(rendered(&graph, "e"), format!("select * from __ff_inner, {schema}.s"));
        assert_eq!(rendered(&graph, "unread"), "select * from a");
        for name in ["plain", "table"] {
            assert_eq!(rendered(&graph, name), "select * from a, s, __ff_e, t, other.o");
        }
    }
}

#[test]
fn bad_config_is_told_with_its_place() {
    for (config, code, message) in [
        ("materialised='view'", "unknown-config", "unknown config key `materialised`"),
        (
            "materialized='vew'",
            "bad-config",
            "`materialized` is \"vew\"; it can be table, view, ephemeral, incremental or snapshot",
        ),
        ("volatile='yes'", "bad-config", "`volatile` is \"yes\"; it must be true or false"),
        ("schema=5", "bad-config", "`schema` is 5; it must be a text"),
        ("tags=[1]", "bad-config", "`tags` is [1]; it must be a text or a list of texts"),
    ] {
        let found = problem(empty().sql("m", &format!("\n{{{{ config({config}) }}}}select 1")));
        assert_eq!((found.0, found.1.as_str(), found.2.as_str()), (code, message, "models/m.ff.sql:2:4"));
    }
}

#[test]
fn an_altered_mark_is_a_problem() {
    let base = || empty().sql("stg", "select 1").source("Raw", "t", None);
    for text in [
        "{{ ref('stg') | upper }}",
        "{{ ref('stg')[1:] }}",
        "{{ source('Raw', 't') | lower }}",
        "{{ this | upper }}",
        "{{ ref('stg') | replace('s', 'x') }}",
        "\u{2}rnone\u{3}",
    ] {
        assert_eq!(problem(base().sql("m", text)).0, "bad-reference", "{text}");
    }
}

#[test]
fn line_ends_dont_count() {
    let unix = graph(empty().sql("m", "select 1 \nfrom t\n"));
    let windows = graph(empty().sql("m", "select 1\r\nfrom t\r\n"));
    assert_eq!(compiled(&unix, "m"), compiled(&windows, "m"));
}

#[test]
fn yaml_properties_complete_a_node() {
    let properties = Properties { description: Some("d".into()), tags: vec!["b".into()], ..Properties::default() };
    let graph = graph(empty().sql("m", "{{ config(tags=['c', 'a', 'b']) }}select 1").properties("m", properties));
    assert_eq!(graph.nodes[0].tags, ["a", "b", "c"]);
    assert_eq!(graph.nodes[0].description.as_deref(), Some("d"));
}

#[test]
fn many_nodes_are_no_burden() {
    let mut project = empty();
    for node in 0..3000 {
        let text = format!("select * from {{{{ ref('n{:04}') }}}}", node - 1);
        let text = if node == 0 { "select 1" } else { text.as_str() };
        let path = format!("models/n{node:04}.ff.sql");
        project.models.push(crate::project::ModelFile { path, language: Language::Sql, text: text.into() });
    }
    let graph = graph(project.clone());
    assert_eq!((graph.nodes.len(), graph.nodes[2999].level), (3000, 3000));
    project.models[0].text = "select * from {{ ref('n2999') }}".into();
    assert_eq!(build(&project).unwrap_err()[0].message.matches('→').count(), 3000);
}

#[test]
fn a_model_is_one_query() {
    for (text, code, at) in [
        ("select 1; select 2", "several-statements", "models/m.ff.sql:1:11"),
        ("select ';' -- ;\n; -- end\n;\ndrop table x", "several-statements", "models/m.ff.sql:4:1"),
        ("{% set x = 1 %}\n\n-- nothing {{ x }}\n", "empty-model", "models/m.ff.sql"),
        ("", "empty-model", "models/m.ff.sql"),
        (";;", "empty-model", "models/m.ff.sql"),
        ("select 'open", "unclosed-text", "models/m.ff.sql:1:8"),
        ("select 1\n  /* open", "unclosed-text", "models/m.ff.sql:2:3"),
        ("select 1; {{ 'select 2' }}", "several-statements", "models/m.ff.sql:1:14"),
    ] {
        let found = problem(empty().sql("m", text));
        assert_eq!((found.0, found.2.as_str()), (code, at), "{text}: {}", found.1);
    }
    for text in ["select E'it\\'s' as x;", "select ';' as x, $$;$$ as y /* ; */ ; -- done;\n;", "select \"a;b\" from t"]
    {
        graph(empty().sql("m", text));
    }
}

#[test]
fn secrets_of_inlined_texts_are_put_in() {
    let ephemeral = "{{ config(materialized='ephemeral') }}";
    let project = empty()
        .secret("FF_TOKEN", "s3cret")
        .secret("FF_PASSWORD", "pa'ss")
        .sql("inner", &format!("{ephemeral}select '{{{{ env('FF_TOKEN') }}}}' as t;"))
        .sql(
            "outer",
            &format!("{ephemeral}\nselect t, '{{{{ env('FF_PASSWORD') }}}}' as p from {{{{ ref('inner') }}}}"),
        )
        .sql("m", "with x as (select 1)\nselect *, '{{ env('FF_TOKEN') }}', '‹env:FF_TOKEN›' from {{ ref('outer') }}")
        .sql("plain", "select 1 -- ‹env:FF_TOKEN›");
    let graph = graph(project.clone());
    let filled = crate::render::Sent { env: &project.env, folder: "" };
    let sent = |name: &str| graph.compiled(graph.find(name).unwrap()).text.reveal(&filled);
    assert_eq!(
        sent("m"),
        "with __ff_inner as (\nselect 's3cret' as t\n),\n__ff_outer as (\nselect t, 'pa'ss' as p from __ff_inner\n), \
         x as (select 1)\nselect *, 's3cret', '‹env:FF_TOKEN›' from __ff_outer"
    );
    assert!(sent("outer").contains("'s3cret'") && sent("outer").contains("'pa'ss'"));
    assert_eq!(sent("plain"), "select 1 -- ‹env:FF_TOKEN›");
    assert!(!format!("{graph:?}").contains("s3cret"));
    assert!(compiled(&graph, "m").matches("‹env:FF_TOKEN›").count() == 3);
}

#[test]
fn an_altered_secret_is_a_problem() {
    let project = empty().secret("FF_TOKEN", "s3cret").sql("m", "select '{{ env('FF_TOKEN') | upper }}'");
    assert_eq!(problem(project).0, "bad-reference");
}

#[test]
fn a_chain_of_ephemeral_models_holds_each_text_once() {
    let mut project = empty().sql("e0", "{{ config(materialized='ephemeral') }}select 0 as x");
    for rung in 1..400 {
        let text = format!("{{{{ config(materialized='ephemeral') }}}}select x from {{{{ ref('e{}') }}}}", rung - 1);
        project = project.sql(&format!("e{rung}"), &text);
    }
    let graph = graph(project);
    let held: usize = (0..400).map(|rung| rendered(&graph, &format!("e{rung}")).len()).sum();
    assert!(held < 400 * 30, "{held}");
}
