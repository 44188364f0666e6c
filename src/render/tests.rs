//! Templates rendered from whole projects.

mod existing;

use super::*;
use crate::dialect::DuckDb;
use crate::project::testing::empty;
use mark::Mark;
use serde_json::json;

fn all(project: &Project) -> Result<Vec<Rendered>, Vec<Diagnostic>> {
    render(project, Arc::new(DuckDb))
}

/// The only model of a project.
fn one(project: Project) -> Rendered {
    all(&project).unwrap().remove(0)
}

/// The only problem of a project: code, message, place.
fn problem(project: Project) -> (&'static str, String, String) {
    let problems = all(&project).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    let at = problems[0].at.as_ref().map(ToString::to_string).unwrap_or_default();
    (problems[0].code, problems[0].message.clone(), at)
}

fn hints(project: Project) -> Vec<String> {
    all(&project).unwrap_err().remove(0).hints
}

#[test]
fn marks_stand_for_relations() {
    let project = empty().source("raw", "users", None).sql(
        "m",
        "select * from {{ ref('a') }}\njoin {{ ref('b.ff') }} join {{ source('raw', 'users') }} -- {{ this }}\n",
    );
    let found = one(project);
    let (a, b) = (Mark::Reference("a"), Mark::Reference("b.ff"));
    let (source, this) = (Mark::Source("raw", "users"), Mark::This);
    assert_eq!(found.text, format!("select * from {a}\njoin {b} join {source} -- {this}"));
    assert_eq!(found.refs.iter().map(|found| found.name.as_str()).collect::<Vec<_>>(), ["a", "b.ff"]);
    assert_eq!(found.refs[1].at, Location::new("models/m.ff.sql", 2, 9));
    assert_eq!(found.sources[0].at.to_string(), "models/m.ff.sql:2:32");
}

#[test]
fn only_what_is_reached_is_read() {
    let text = "{% if engine == 'duckdb' %}{{ ref('a') }}{% else %}{{ ref('b') }}{{ var('none') }}{% endif %}";
    let found = one(empty().sql("m", text));
    assert_eq!(found.refs.len(), 1);
    assert_eq!(
        one(empty().sql("m", "{{ engine }} {{ ff_engine() }} {{ ff_is_engine('x', 'duckdb') }}")).text,
        "duckdb duckdb True"
    );
}

#[test]
fn config_is_recorded_with_its_place() {
    let found = one(empty().sql("m", "\n {{ config(materialized='view', tags=['a', 'b'], meta={'k': 1}) }}select 1"));
    assert_eq!(*found.config.get("materialized").expect("it was given"), json!("view"));
    assert_eq!(*found.config.get("tags").expect("it was given"), json!(["a", "b"]));
    assert_eq!(*found.config.get("meta").expect("it was given"), json!({"k": 1}));
    assert_eq!(found.config_at, Some(Location::new("models/m.ff.sql", 2, 5)));
    assert_eq!(found.text, "\n select 1");
}

#[test]
fn vars_are_values_with_their_types() {
    let project = empty()
        .var("days", 3)
        .var("name", "o'x")
        .var("on", true)
        .var("list", json!([1, 2]))
        .var("nested", json!({"a": {"b": 1.5}}))
        .sql(
            "m",
            "{{ var('days') * 2 }} {{ var('name') | upper }} {% if var('on') %}y{% endif %} {{ var('list') | join('-') }} \
             {{ var('nested').a.b }} {{ var('no', 'dflt') | replace('d', 'D') }} {{ var('none', none) is none }} {{ var('z', default=4) }}\
             {{ var('y', default=none) is none }}",
        );
    let found = one(project);
    assert_eq!(found.text, "6 O'X y 1-2 1.5 Dflt True 4True");
    assert_eq!(found.vars["days"].value, json!(3));
    assert_eq!(found.vars["nested"].value, json!({"a": {"b": 1.5}}));
    assert_eq!(found.vars["no"].value, json!("dflt"));
    assert_eq!(found.vars["none"].value, json!(null));
    assert_eq!(found.vars["name"].at.to_string(), "models/m.ff.sql:1:26");
}

#[test]
fn one_default_is_enough() {
    for text in [
        "{{ var('x', 1, 2) }}",
        "{{ var('x', 1, default=2) }}",
        "{{ env('X', 'a', 'b') }}",
        "{{ var('x', fallback=1) }}",
    ] {
        assert_eq!(problem(empty().sql("m", text)).0, "template", "{text}");
    }
    assert_eq!(one(empty().sql("m", "{{ env('X', 5) }}{{ env('Y', none) is none }}")).text, "5True");
}

#[test]
fn a_secret_is_a_placeholder() {
    let project = empty()
        .variable("FF_REGION", "eu")
        .secret("FF_TOKEN", "s3cret")
        .sql("m", "select '{{ env('FF_REGION') }}', '{{ env('FF_TOKEN') }}', '{{ env('FF_NONE', 'x') }}'");
    let found = one(project);
    assert_eq!(found.text, format!("select 'eu', '{}', 'x'", Mark::Secret("FF_TOKEN")));
    assert_eq!(found.env["FF_TOKEN"].value, json!("‹env:FF_TOKEN›"));
    assert!(!format!("{found:?}").contains("s3cret"));
    let failing = empty().secret("FF_TOKEN", "s3cret").sql("m", "{{ env('FF_TOKEN') + 1 }}");
    assert!(!format!("{:?}", all(&failing).unwrap_err()).contains("s3cret"));
}

#[test]
fn macros_reach_across_files_and_read_for_their_model() {
    let project = empty()
        .macros("b", "-- helpers\n\n{% macro clean(x) %}lower({{ trimmed(x) }}){% endmacro %}")
        .macros("a", "é {% macro trimmed(x) %}trim({{ x }}, '{{ var('chars', ' ') }}'){{ env('FF_A') }}{% endmacro %}\n{% macro unused() %}{% endmacro %}")
        .macros("c", "{% macro users() %}\n  {{ ref('stg_users') }}, {{ source('raw', 't') }}\n{%- endmacro %}")
        .source("raw", "t", None)
        .variable("FF_A", "!")
        .sql("m", "select {{ clean('name') }} from {{ users() }}");
    let found = one(project);
    let (user, raw) = (Mark::Reference("stg_users"), Mark::Source("raw", "t"));
    assert_eq!(found.text, format!("select lower(trim(name, ' ')!) from \n  {user}, {raw}"));
    assert_eq!(found.macros.keys().collect::<Vec<_>>(), ["clean", "trimmed", "users"]);
    assert_eq!(found.macros["clean"].at.to_string(), "models/macros/b.sql:3:1");
    assert_eq!(found.vars["chars"].at.to_string(), "models/macros/a.sql:1:43");
    assert_eq!(found.env["FF_A"].at.path, "models/macros/a.sql");
    assert_eq!(found.refs[0].at.to_string(), "models/macros/c.sql:2:6");
    assert_eq!(found.sources[0].at.to_string(), "models/macros/c.sql:2:30");
}

#[test]
fn a_macro_that_is_only_a_word_of_a_model_isnt_its() {
    let project = empty()
        .macros("a", "{% macro one() %}1{% endmacro %}{% macro tags() %}{% endmacro %}")
        .sql("m", "{{ config(tags=['x']) }}select 1 as {{ 'one' }} from one");
    assert!(one(project).macros.is_empty());
}

#[test]
fn unknown_names_say_what_is_near() {
    let project = || empty().source("raw", "users", None).var("days", 1).variable("FF_REGION", "eu");
    let (code, message, at) = problem(project().sql("m", "select 1\nfrom {{ source('raw', 'user') }}"));
    assert_eq!((code, message.as_str()), ("unknown-source", "unknown source `raw.user`"));
    assert_eq!(at, "models/m.ff.sql:2:9");
    assert_eq!(hints(project().sql("m", "{{ source('raw', 'user') }}")), ["did you mean `raw.users`?"]);
    let found = one(project().sql("m", "[{{ var('dayz') }}]\n [{{ env('FF_NO') }}]"));
    assert_eq!(found.text, "[]\n []");
    assert_eq!((&found.vars["dayz"].value, &found.env["FF_NO"].value), (&json!(null), &json!(null)));
    let told: Vec<_> = found.warnings.iter().map(ToString::to_string).collect();
    assert!(told[0].starts_with("warning: environment variable `FF_NO` is not set, and gives nothing"), "{told:?}");
    assert!(told[0].contains("models/m.ff.sql:2:6"), "{told:?}");
    assert!(told[1].contains("models/m.ff.sql:1:5") && told[1].ends_with("did you mean `days`?"), "{told:?}");
}

#[test]
fn an_error_has_its_place_whether_macros_are_used_or_not() {
    let macros = "{% macro one() %}1{% endmacro %}\n\n{% macro bad(x) %}\n  {{ x.y.z }}\n{% endmacro %}";
    for (text, at) in [
        ("{{ undefined_name }}", "models/m.ff.sql:1:4"),
        ("{{ one() }}{{ undefined_name }}", "models/m.ff.sql:1:15"),
        ("é{{ one() }}\r\n é {{ undefined_name }}", "models/m.ff.sql:2:7"),
        ("select\n{{ bad(1) }}", "models/macros/b.sql:4:7"),
    ] {
        let found = problem(empty().macros("a", "\n\n").macros("b", macros).sql("m", text));
        assert_eq!((found.0, found.2.as_str()), ("template", at), "{text}: {}", found.1);
    }
    for (text, at) in [
        ("select {% if %}", "models/m.ff.sql:1:14"),
        ("select {{ one() }} {% if %}", "models/m.ff.sql:1:26"),
        ("select 1\n{% endif %}", "models/m.ff.sql:2:4"),
        ("{{ one() }}\n{% endif %}", "models/m.ff.sql:2:4"),
    ] {
        let found = problem(empty().macros("b", macros).sql("m", text));
        assert_eq!((found.0, found.2.as_str()), ("template-syntax", at), "{text}: {}", found.1);
    }
}

#[test]
fn an_undefined_variable_is_named() {
    let (_, message, _) = problem(empty().sql("m", "select {{ colum }}"));
    assert!(message.contains("colum"), "{message}");
}

#[test]
fn names_are_static() {
    for text in ["{% set x = 'a' %}\n{{ ref(x) }}", "\n{{ ref('a' ~ 'b') }}", "{# ref(x) #}\n{{ ref( }}"] {
        let (code, message, at) = problem(empty().sql("m", text));
        assert_eq!((code, at.as_str()), ("dynamic-name", "models/m.ff.sql:2:4"));
        assert_eq!(message, "`ref()` takes its name as a literal string");
    }
    let found =
        problem(empty().macros("a", "-- c\né {% macro x(n) %}{{ ref(n) }}{% endmacro %}").sql("m", "{{ x('a') }}"));
    assert_eq!(found.2, "models/macros/a.sql:2:22");
    // What nothing uses may say what it likes.
    let unused = "{% macro x(n) %}{{ ref(n) }}{{ adapter.no() | nofilter }}{% endmacro %}";
    assert_eq!(one(empty().macros("a", unused).sql("m", "select 1")).text, "select 1");
}

#[test]
fn every_problem_of_every_template_is_told() {
    let project = empty().sql("a", "{{ ref(x) }}{{ ref(y) }}").sql("b", "{{ source('n', 'n') }}").sql("c", "select 1");
    assert_eq!(all(&project).unwrap_err().len(), 3);
    let project = empty().macros("a", "{% macro a( %}").macros("b", "{% macro b() %}{% endif %}").sql("c", "{{ x }}");
    let places: Vec<_> = all(&project).unwrap_err().into_iter().map(|found| found.at.unwrap().to_string()).collect();
    assert_eq!(places, ["models/macros/a.sql:1:13", "models/macros/b.sql:1:19"]);
}

#[test]
fn macros_with_odd_names_and_contents() {
    let variables = empty()
        .macros("a", "{% macro x() %}X{% endmacro %}{% macro tags() %}T{% endmacro %}")
        .sql("m", "{{ config(tags=['a']) }}{% for x in [1, 2] %}{{ x }}{% endfor %}{% set tags = 3 %}{{ tags }}");
    assert_eq!(one(variables).text, "123");
    assert_eq!(problem(empty().macros("a", "{% macro ref(x) %}{% endmacro %}")).0, "reserved-name");
    assert_eq!(problem(empty().macros("a", "{% macro ff_x() %}{% endmacro %}")).0, "reserved-name");
    let block = "{% block a %}{% endblock %}";
    let (code, _, at) = problem(empty().macros("a", block).macros("b", &format!("\n{block}")).sql("m", "select 1"));
    assert_eq!((code, at.split(':').next().unwrap()), ("template-syntax", "models/macros/b.sql"));
    let endless = empty().macros("a", "{% macro a() %}{{ a() }}{% endmacro %}").sql("m", "{{ a() }}");
    assert_eq!(problem(endless).0, "template");
    for name in ["if", "set", "for", "from", "import", "macro", "true", "not"] {
        let project = empty().macros("a", &format!("{{% macro {name}() %}}1{{% endmacro %}}"));
        let _ = all(&project
            .sql("m", "{% if 1 %}{% set a = 2 %}{% endif %}{% for b in [1] %}{{ b }}{% endfor %}select {{ a }}"));
    }
}

#[test]
fn carriage_returns_move_no_place() {
    let found = one(empty().sql("m", "select 1\r\nfrom {{ ref('a') }}\r\n"));
    assert_eq!(found.refs[0].at, Location::new("models/m.ff.sql", 2, 9));
    assert_eq!(problem(empty().sql("m", "select 1\r\n\r\n{{ ref(x) }}")).2, "models/m.ff.sql:3:4");
}

#[test]
fn functions_write_the_dialects_sql() {
    let text = "{{ ff_date_trunc('at') }} {{ ff_date_add('at', 'day', -1) }} {{ ff_safe_cast('x', 'int', 0) }} \
                {{ ff_partition_filter('d', '2024-01-01', none) }} {{ ff_partition_in('d', ['a', 1]) }}";
    assert_eq!(
        one(empty().sql("m", text)).text,
        "date_trunc('day', cast(at as timestamp)) (cast(at as timestamp) + interval '-1 day') \
         coalesce(try_cast(x as int), 0) d >= '2024-01-01' d in ('a', 1)"
    );
}

#[test]
fn methods_are_those_of_jinja2() {
    let text = "{% set d = {'a': 1, 'b': 2} %}{% for k, v in d.items() %}{{ k }}{{ v }}{% endfor %} \
                {{ d.keys() | join }} {{ d.values() | join }} {{ d.get('c', 3) }} {{ 'x,y'.split(',')[1].upper() }} \
                {{ ' a '.strip() }}{{ ' a '.lstrip() }}{{ 'ab'.replace('b', 'c') }} {{ ', '.join(['a', 'b']) }} \
                {{ 'ab'.startswith('a') }} {{ '{}-{x}'.format(1, x=2) }} {{ 'ab'.removeprefix('a') }} \
                {{ '7'.zfill(3) }} {{ '-7'.zfill(4) }} {{ 'a-b-c'.rsplit('-', 1) | join('|') }} {{ [1, 2].index(2) }} \
                {{ 'a.b'.partition('.') | join('|') }} {{ 'é'.ljust(3, '.') }} {{ d.copy().a }} {{ 'aXb'.lower().title() }}";
    assert_eq!(
        one(empty().sql("m", text)).text,
        "a1b2 ab 12 3 Y aa ac a, b True 1-2 b 007 -007 a-b|c 1 a|.|b é.. 1 Axb"
    );
}

#[test]
fn an_unknown_method_says_what_to_write() {
    for (text, message, hint) in [
        ("{{ 'a'.uper() }}", "a text has no method `uper`", "did you mean `upper`?"),
        ("{% set x = [] %}{% do x.append(1) %}", "a list has no method `append`", "`{% set ns.xs = ns.xs + [x] %}`"),
        ("{% set x = {} %}{% do x.update({}) %}", "a map has no method `update`", "dict(ns.d, key=value)"),
        ("{% set x = {} %}{{ x.itms() }}", "a map has no method `itms`", "did you mean `items`?"),
        (
            "{{ '%s' % 'a' }}",
            "invalid operation: tried to use % operator on unsupported types string and string",
            "`'%s' | format(x)`",
        ),
    ] {
        let found = all(&empty().sql("m", text)).unwrap_err().remove(0);
        assert_eq!((found.code, found.message.as_str()), ("template", message));
        assert!(found.hints[0].contains(hint), "{:?}", found.hints);
    }
    let found = one(empty().sql(
        "m",
        "{% set ns = namespace(xs=[], d={}) %}{% for x in [1, 2] %}{% set ns.xs = ns.xs + [x] %}\
         {% set ns.d = dict(ns.d, k=x) %}{% endfor %}{{ ns.xs | join('-') }} {{ ns.d.k }}",
    ));
    assert_eq!(found.text, "1-2 2");
}

#[test]
fn a_template_does_no_more_than_it_may() {
    for text in [
        "{% for i in range(99999) %}{% for j in range(99999) %}{{ i }}{% endfor %}{% endfor %}",
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(x='aaaaaaaa') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{{ 'a\nb' | indent(9999999999) }}",
        "{% set big = 'x' * 100000 %}{{ big | replace('x', big) }}",
        "{% set big = 'x' * 100000 %}{{ big.replace('', big) }}",
        "{% set big = 'x' * 100000 %}{{ big.replace('x', big) }}",
        "{{ 'x' * 9999999999 }}",
        "{{ [1] * 9999999999 }}",
        "{{ [1] | batch(9999999999, 'x') | list }}",
        "{{ 'x'.ljust(9999999999) * 99999 }}",
        "{{ '%9999999999d' | format(1) }}",
        "{{ '{:9999999999}'.format(1) }}",
        "{% set x = ['a'] * 1000 %}{% set s = 'y' * 1000000 %}{{ s.join(x) }}",
        "{{ range(9999999999) | list }}",
        "{{ big() }}",
    ] {
        let project = empty().macros("a", "{% macro big() %}{% for i in range(99999) %}{{ big2() }}{% endfor %}{% endmacro %}{% macro big2() %}{% for i in range(99999) %}x{% endfor %}{% endmacro %}");
        let (code, message, at) = problem(project.sql("m", text));
        assert!(["template-limit", "template"].contains(&code), "{text}: {code} {message}");
        assert!(at.starts_with("models/m"), "{text}: {at}");
    }
    let wide = "{% for i in range(20000) %}{{ 'column_' ~ i }}{% if not loop.last %}, {% endif %}{% endfor %}";
    assert!(one(empty().sql("m", wide)).text.len() > 200_000);
}

#[test]
fn what_nests_too_deep_is_told_with_its_place() {
    let chain = format!("select 1\n{{{{ 'a'{} }}}}", " ~ 'a'".repeat(50_000));
    let (code, _, at) = problem(empty().sql("m", &chain));
    assert_eq!((code, at.starts_with("models/m.ff.sql:2:")), ("too-deep", true), "{at}");
    let elif = format!("{{% macro x() %}}{{% if 1 %}}{}{{% endif %}}{{% endmacro %}}", "{% elif 2 %}".repeat(7_500));
    assert_eq!(problem(empty().macros("a", &elif).sql("m", "select 1")).0, "too-deep");
    let most = |piece: &str, count: usize| format!("{{{{ 1{} }}}}", piece.repeat(count));
    let count = crate::syntax::depth::MOST - 10;
    for text in [most(" ~ 1", count), most(" | string", count), most(" + 1", count), most(" if 1 else 1", count / 2)] {
        assert!(one(empty().sql("m", &text)).text.starts_with('1'), "{}", &text[..20]);
    }
    let elif = format!("{{% if none %}}{}{{% endif %}}1", "{% elif none %}".repeat(count));
    assert_eq!(one(empty().sql("m", &elif)).text, "1");
    // What is made deep by running is held too.
    let nest = "{% set ns = namespace(x=[]) %}{% for i in range(90000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x | length }}";
    assert_eq!(one(empty().sql("m", nest)).text, "1");
}

#[test]
fn an_altered_secret_is_no_secret() {
    for text in ["{{ env('FF_TOKEN') | upper }}", "{{ env('FF_TOKEN')[:3] }}", "{{ env('FF_TOKEN') | reverse }}"] {
        let found = one(empty().secret("FF_TOKEN", "s3cret").sql("m", text));
        let known = |mark: Mark<'_>| mark == Mark::Secret("FF_TOKEN");
        assert!(!mark::intact(&found.text, known), "{text}");
    }
    let config = "{{ config(alias=env('FF_TOKEN')) }}select 1";
    assert_eq!(problem(empty().secret("FF_TOKEN", "s3cret").sql("m", config)).0, "bad-config");
}

#[test]
fn each_piece_of_a_text_knows_where_it_comes_from() {
    let text = "select {{ one() }},\n  é, {{ var('x', 1) }} as x\nfrom t {# c #} where {% if true %}a{% endif %}";
    let project = empty().macros("a", "{% macro one() %}1{% endmacro %}").sql("m", text);
    let file = project.models[0].text.clone();
    let found = one(project);
    for (piece, source, copied) in [
        ("select", "select", true),
        ("1,", "one()", false),
        ("é", "é", true),
        ("1 as x", "var(", false),
        ("as x", "as x", true),
        ("a", "a{%", true),
    ] {
        let offset = if piece == "a" { found.text.len() - 1 } else { found.text.find(piece).unwrap() };
        let told = found.origin.source(offset, "models/m.ff.sql", &file).unwrap();
        let there = file.find(source).unwrap();
        assert_eq!((told.at, told.copied), (Location::at_offset("models/m.ff.sql", &file, there), copied), "{piece}");
    }
}

#[test]
fn packages_have_their_own_vars_and_macros_by_their_names() {
    let mut project = empty()
        .var("n", "own")
        .sql("m", "{{ shared.money('x') }} {{ test.own() }} {{ var('n') }} {{ ref('shared', 'a') }}");
    project = project.macros("own", "{% macro own() %}own {{ shared.money('y') }}{% endmacro %}");
    project.models.push(ModelFile {
        path: "../shared/models/a.ff.sql".into(),
        language: Language::Sql,
        text: "{{ money('z') }} {{ var('n') }}".into(),
    });
    project.macros.push(crate::project::MacroFile {
        path: "../shared/macros/money.sql".into(),
        text: "{% macro money(x) %}{{ var('n') }}({{ x }}){% endmacro %}".into(),
    });
    project.packages.push(crate::project::Package {
        name: "shared".into(),
        version: String::new(),
        dir: "../shared".into(),
        folder: "/shared".into(),
        source: crate::project::package::Source::Path { path: "../shared".into(), within: None },
        vars: BTreeMap::from([("n".to_string(), "of shared".into())]),
    });
    let found = all(&project).unwrap();
    assert_eq!(found[0].text, format!("own(x) own own(y) own {}", Mark::Reference("a")));
    assert_eq!(found[0].refs[0].package.as_deref(), Some("shared"));
    assert_eq!(found[0].macros.keys().collect::<Vec<_>>(), ["money", "own"]);
    assert_eq!(&*found[0].macros["own"].text, "{% macro own() %}own {{ shared.money('y') }}{% endmacro %}");
    assert_eq!(found[1].text, "of shared(z) of shared");
}
