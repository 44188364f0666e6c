//! What people bring from dbt and FastFlowTransform, and what stands in its place here: one table for files, keys,
//! template words and settings.

/// Files beside the project file.
pub(super) const FILES: [(&str, &str); 6] = [
    ("dbt_project.yml", "put the project's name and its vars into project.yml"),
    ("dependencies.yml", "packages are asked for in packages.yml"),
    ("package-lock.yml", "`fft deps` writes packages.lock.yml"),
    ("metrics.yml", "a metric is a model that computes it"),
    ("selectors.yml", "give the selector to `--select`"),
    ("schema.yml", "descriptions of models are read from models/, those of seeds from seeds/schema.yml"),
];

/// Folders that hold SQL or YAML in other tools.
pub(super) const FOLDERS: [(&str, &str); 4] = [
    ("snapshots", "a snapshot is a model: put its query into models/ with `config(materialized='snapshot')`"),
    ("analyses", "a query that is to be compiled is a model; `fft render` shows it"),
    ("analysis", "a query that is to be compiled is a model; `fft render` shows it"),
    ("dbt_packages", "packages are asked for in packages.yml, and `fft deps` keeps them among its own files"),
];

/// Words of templates: functions, variables, statements and the beginnings of packages' macros.
const WORDS: [(&str, &str); 32] = [
    ("adapter", "there is no `adapter`: write the engine's SQL, and `{% if engine == '…' %}` where engines differ"),
    (
        "adapter_columns",
        "templates are rendered before anything is built, when a relation's columns aren't known yet: write them out",
    ),
    ("api", "there is no `api`: a template has Jinja's own filters, and `var()` and `env()` for values"),
    ("builtins", "there are no `builtins`: `ref` and `source` can't be replaced"),
    ("cross_db_macros", "write the engine's SQL, or one of `ff_date_trunc`, `ff_date_add`, `ff_safe_cast`"),
    ("dbt", "write the engine's SQL, or one of `ff_date_trunc`, `ff_date_add`, `ff_safe_cast`"),
    ("dbt_date", "ask for a package of that name in packages.yml, or copy the macro that you use into macros/"),
    ("dbt_expectations", "write what must be so as a query in tests/<name>.ff.sql"),
    ("dbt_utils", "ask for a package of that name in packages.yml, or copy the macro that you use into macros/"),
    ("codegen", "it writes files for dbt, which fft doesn't read"),
    ("dispatch", "macros aren't dispatched: choose with `{% if engine == '…' %}`"),
    ("docs", "descriptions are files: docs/models/<model>.md"),
    ("doc", "descriptions are files: docs/models/<model>.md"),
    ("env_var", "here it is `env('NAME', 'default')`"),
    ("exceptions", "there is no `exceptions`: give a var no default, and a missing one is an error"),
    ("execute", "templates are rendered once, without a database: leave out `{% if execute %}`"),
    ("fromjson", "put the value into `vars:`, where lists and mappings are read as such"),
    ("fromyaml", "put the value into `vars:`, where lists and mappings are read as such"),
    ("graph", "a template can't look at the graph: `fft dag --json` tells it to scripts"),
    ("invocation_id", "a text that is new in every run would build every model in every run; leave it out"),
    ("local_md5", "hash in SQL: `md5(…)`"),
    ("log", "a template can't print"),
    (
        "materialization",
        "materializations can't be added: there are `table`, `view`, `ephemeral`, `incremental` and `snapshot`",
    ),
    ("model", "a model doesn't know itself but for `this`, its relation"),
    ("modules", "there are no `modules`: compute dates in SQL, or give them as vars"),
    ("print", "a template can't print"),
    ("return", "a macro gives the text that it renders to: leave `return` out"),
    ("run_query", "templates are rendered without a database: join to the query, or write a Python model"),
    (
        "run_started_at",
        "a time that is new in every run would build every model in every run; use SQL's `now()` with `volatile=true`",
    ),
    ("snapshot", "a snapshot is a model of its own file: its query with `config(materialized='snapshot')`"),
    ("statement", "templates are rendered without a database: join to the query, or write a Python model"),
    (
        "target",
        "`engine` is the engine; what differs between profiles goes under the profile's `vars` and is read with `var('…')`",
    ),
];

/// What stands in the place of a template's word.
pub fn word(name: &str) -> Option<String> {
    let found = WORDS.iter().find(|(word, _)| *word == name).map(|(_, hint)| hint.to_string());
    found.or_else(|| match name {
        "test" | "data_test" => Some("a kind of test is a query: tests/<name>.ff.sql with `config(type='…')`".into()),
        "load_result" => word("statement"),
        "load_relation" | "get_columns_in_relation" => word("adapter"),
        _ => None,
    })
}

/// What stands in the place of a key of `config()`.
pub fn config_key(name: &str) -> Option<&'static str> {
    Some(match name {
        "invalidate_hard_deletes" => "write `hard_deletes='close'`",
        "target_schema" | "target_database" => "write `schema` or `catalog`",
        "full_refresh" => "write `incremental={'strategy': 'full_refresh'}`; for one run there is `--full-refresh`",
        "merge_update_columns" | "merge_exclude_columns" => "a row is merged whole: give only columns that may change",
        "incremental_predicates" => "say what is new within `{% if is_incremental() %} … {% endif %}`",
        "sql_header" => "write such statements as `pre_hook`",
        "enabled" => "a model that isn't to be built is left out with `--exclude`, or renamed",
        "grants" | "indexes" | "index" => "fft sets no grants and indexes: they are set outside of it",
        "persist_docs" => "descriptions are on the site, not in the database",
        "contract" | "constraints" | "group" | "access" | "latest_version" => {
            "fft has no contracts, groups and versions"
        }
        "database" => "here it is `catalog`",
        "file_format" => "write `storage={'format': '…'}`",
        "location_root" | "location" => "write `storage={'path': '…'}`",
        "sort" | "dist" => "fft lays relations out as the engine does",
        _ => return None,
    })
}

/// What stands in the place of a materialization.
pub fn materialization(name: &str) -> Option<&'static str> {
    Some(match name {
        "microbatch" => "write `incremental`, with `delete_insert` for rows that are replaced by day or the like",
        "materialized_view" | "dynamic_table" => "write `view`, or `table`",
        "external" | "seed" => "write `table`",
        _ => return None,
    })
}

/// What stands in the place of a key in the YAML of models.
pub(super) fn yaml_key(name: &str) -> Option<&'static str> {
    Some(match name {
        "package" | "tarball" => "there is no hub: write `git: https://…` and `tag:`",
        "local" => "here it is `path`",
        "revision" => "here it is `ref`",
        "sources" => "sources are declared in sources.yml",
        "seeds" => "seeds are described in seeds/schema.yml",
        "unit_tests" => "unit tests are files of tests/unit, and `fft utest` runs them",
        "snapshots" => {
            "a snapshot is a model with `config(materialized='snapshot')`; `models.snapshot` of project.yml says how"
        }
        "exposures" => "exposures are in exposures.yml",
        "metrics" | "semantic_models" | "saved_queries" | "groups" => "who uses a model can be said in its `meta`",
        "macros" | "analyses" | "docs" => "only models are described here",
        "config" => "write `{{ config(…) }}` into the model",
        "data_type" | "constraints" | "contract" | "quote" => "a relation's types are those of its query",
        "versions" | "latest_version" | "access" | "group" => "fft has no contracts, groups and versions",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_and_each_has_a_hint() {
        let names: Vec<_> = WORDS.iter().map(|(name, _)| *name).collect();
        let unique: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(unique.len(), names.len());
        for name in names.into_iter().chain(["test", "load_result", "get_columns_in_relation"]) {
            assert!(word(name).is_some_and(|hint| !hint.is_empty()), "{name}");
        }
        assert_eq!(word("ref"), None);
    }
}
