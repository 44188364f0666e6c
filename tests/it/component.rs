//! What each kind of node is made of: the components that manifest.json has of a project with everything in it.

use crate::project::Sandbox;
use serde_json::Value;
use std::collections::BTreeSet;

fn project() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("FF_MODE", "on");
    sandbox.set("REGION", "eu");
    sandbox.set("FF_API_TOKEN", "q7Zp2vXw9KdRb4Ty");
    sandbox.write("project.yml", "name: story\nvars: {limit: 5}\n");
    sandbox.write("seeds/people.csv", "id\n1\n");
    sandbox.write("seeds/schema.yml", "seeds:\n  - {name: people, columns: {id: bigint}}\n");
    sandbox.write("data/rows.csv", "id\n1\n");
    sandbox.write("data/more.csv", "id\n1\n");
    sandbox.write(
        "sources.yml",
        "version: 2\nsources:\n  - {name: raw, tables: [{name: rows, location: data/rows.csv}]}\n",
    );
    sandbox.write("shared/__init__.py", "");
    sandbox.write("shared/rates.py", "from shared import deep\nRATE = deep.RATE\n");
    sandbox.write("shared/deep.py", "RATE = 1\n");
    sandbox.write(
        "models/stg.ff.sql",
        "select p.id, '{{ env('REGION') }}' as region, {{ var('limit') }} as n from {{ ref('people') }} p, {{ source('raw', 'rows') }}, 'data/more.csv'\n",
    );
    sandbox.write(
        "models/py.ff.py",
        "from fastflowtransform import env, model, var\nfrom shared.rates import RATE\n\n\n@model(name=\"py\", deps=[\"stg.ff\"])\n\
         def build(stg: list) -> list:\n    return [{\"n\": RATE * var(\"limit\"), \"region\": env(\"REGION\")}]\n",
    );
    sandbox
}

/// `kind name` of each component.
fn components(sandbox: &Sandbox, node: &str) -> BTreeSet<String> {
    let manifest: Value = serde_json::from_str(&sandbox.read(".fastflowtransform/target/manifest.json")).unwrap();
    let list = manifest["nodes"][node]["fingerprint"]["components"].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().to_string();
    assert!(list.iter().all(|one| text(&one["digest"]).len() == 64), "{list:#?}");
    list.iter().map(|one| format!("{} {}", text(&one["kind"]), text(&one["name"]))).collect()
}

#[test]
fn each_kind_of_node_is_made_of_what_the_page_says() {
    let sandbox = project();
    sandbox.fft("run").expect(0);
    let every = ["engine engine", "profile profile", "env FF_MODE"];
    let holds = |node: &str, own: &[&str]| {
        let expected: BTreeSet<String> = every.iter().chain(own).map(|one| one.to_string()).collect();
        assert_eq!(components(&sandbox, node), expected, "{node}");
    };
    //: `manifest.json` has each node's components and their digests.
    //: | `sql` | the model's path | the file moves, or the rendered SQL changes, nodes and sources standing in it by their own names (`‹ref:stg_users›`): where a relation lives is told by `config`, `source` and `upstream`; line ends and blanks at line ends don't count | SQL |
    //: | `python` | the function | the function changes, or anything in its file that it reaches: functions, classes, constants, imports | Python |
    //: | `python_env` | `requirements` | the requirements file, one that it includes, or the interpreter's minor version changes | Python |
    //: | `config` | the key | a setting that changes what is built: `materialized`, `schema`, `alias` …; of a seed the declared types of its `columns`, its `delimiter`, `meta_columns` | all |
    //: | `var` | the var | its value changes (in SQL it is part of the rendered text) | Python |
    //: | `env` | the variable | an `FF_*` variable, or one that a Python model names, is set, unset or changed | all |
    //: | `source` | `group.table` | the entry in sources.yml of a table that the node reads changes | models |
    //: | `source_data` | `group.table` | a source holds other data: a version that sources.yml declares, the names, sizes and digests of files, or a digest of rows; see [sources](sources.md) | models |
    //: | `file` | the path, as it is written | a file that a query names itself holds other data | SQL |
    //: | `seed` | the seed's path | the file moves, or its bytes change | seeds |
    //: | `upstream` | the node | the fingerprint of a node that it reads changes | models |
    //: What doesn't come with fft isn't seen: another version of a database server, of the system's libraries, or of a
    //: package that isn't pinned.
    //: | `rules` | `seeds`, `python`, `sql` | this fft reads seeds, or runs models, by other rules: see [below](#what-fft-itself-does) | all |
    holds("people", &["config columns", "rules seeds", "seed seeds/people.csv"]);
    holds(
        "stg.ff",
        &[
            "config materialized",
            "sql models/stg.ff.sql",
            "source raw.rows",
            "source_data raw.rows",
            "file data/more.csv",
            "upstream people",
        ],
    );
    holds(
        "py",
        &[
            "config materialized",
            "python build",
            "rules python",
            "python_env requirements",
            "python_module shared/__init__.py",
            "python_module shared/deep.py",
            "python_module shared/rates.py",
            "var limit",
            "env REGION",
            "upstream stg.ff",
        ],
    );
}

#[test]
fn a_module_that_is_imported_indirectly_is_an_input() {
    let sandbox = project();
    sandbox.fft("run").expect(0);
    sandbox.write("shared/deep.py", "RATE = 2\n");
    //: | `python_module` | the module's path | a module of the project that it imports changes, directly or not | Python |
    sandbox.fft("plan").expect(0).says("Python module changed: shared/deep.py").says("1 to build");
}
