//! What existing projects' seeds/schema.yml says beside `seeds`: `targets`, `columns` and `dtypes`, each by a seed.
//!
//! A seed is named by its path below the folder of seeds without its ending, by the same with dots for slashes, or by its
//! file's stem; columns and types by its table too. What `seeds` says of it wins.

use super::SeedFile;
use super::fields::Fields;
use super::format::is_spelling;
use super::yaml::{Entry, Node, Yaml, YamlFile};
use crate::diagnostic::{Diagnostic, did_you_mean};

/// The place of a seed's table, from one entry of `targets`.
struct Target<'a> {
    entry: &'a Entry,
    schema: Option<String>,
    table: Option<String>,
}

/// Adds to the seeds what the three mappings say of them on `engine`. `strict` tells of names that no seed has.
pub(super) fn declare(fields: &mut Fields<'_>, seeds: &mut [SeedFile], dir: &str, engine: Option<&str>, strict: bool) {
    let file = fields.file;
    let targets: Vec<Target> =
        fields.entries("targets").iter().filter_map(|entry| target(file, entry, engine)).collect();
    let mut used = vec![false; targets.len()];
    for seed in seeds.iter_mut() {
        let names = names(seed, dir);
        let found = names.iter().find_map(|name| targets.iter().position(|target| target.entry.key == *name));
        if let Some(at) = found {
            used[at] = true;
            seed.schema = seed.schema.take().or_else(|| targets[at].schema.clone());
            seed.alias = seed.alias.take().or_else(|| targets[at].table.clone());
        }
    }
    let unused = targets.iter().zip(used).filter(|(_, used)| !used && strict).map(|(target, _)| target.entry);
    unused.for_each(|entry| file.report(entry.at, unknown(entry, "targets", seeds, dir)));
    for (key, types) in [("columns", column_type as Read), ("dtypes", frame_type as Read)] {
        for entry in fields.entries(key) {
            let Yaml::Map(columns) = &entry.value.value else {
                let message = format!("`{}` in `{key}` must be a mapping of columns to types", entry.key);
                file.problem(entry.value.at, "wrong-type", message);
                continue;
            };
            let columns: Vec<(String, String)> = columns
                .iter()
                .filter_map(|column| Some((column.key.clone(), types(file, &column.value, engine)?)))
                .collect();
            let mut found = false;
            for seed in seeds.iter_mut().filter(|seed| is_meant(seed, dir, &entry.key)) {
                found = true;
                for (name, column_type) in &columns {
                    if !seed.columns.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
                        seed.columns.push((name.clone(), column_type.clone()));
                    }
                }
            }
            if !found && strict {
                file.report(entry.at, unknown(entry, key, seeds, dir));
            }
        }
    }
}

type Read = fn(&YamlFile, &Node, Option<&str>) -> Option<String>;

/// What a seed is called, the most exact name first.
fn names(seed: &SeedFile, dir: &str) -> [String; 3] {
    let path = seed.path.strip_prefix(dir).unwrap_or(&seed.path).trim_start_matches('/');
    let id = path.rsplit_once('.').map_or(path, |(id, _)| id).to_string();
    [id.clone(), id.replace('/', "."), seed.name.clone()]
}

fn is_meant(seed: &SeedFile, dir: &str, name: &str) -> bool {
    let table = seed.alias.as_deref().unwrap_or(&seed.name);
    let qualified = seed.schema.as_ref().map(|schema| format!("{schema}.{table}"));
    names(seed, dir).iter().any(|one| one == name) || table == name || qualified.as_deref() == Some(name)
}

fn target<'a>(file: &YamlFile, entry: &'a Entry, engine: Option<&str>) -> Option<Target<'a>> {
    let mut fields = Fields::new(file, format!("target `{}`", entry.key), &entry.value)?;
    let own = fields
        .entries("schema_by_engine")
        .iter()
        .find(|one| engine.is_some_and(|engine| is_spelling(&one.key, engine)));
    let own = own.and_then(|one| match &one.value.value {
        Yaml::Scalar { text, .. } if !one.value.is_null() => Some(text.clone()),
        _ => {
            let message = format!("`{}` of `schema_by_engine` must be text, found {}", one.key, one.value.kind());
            file.problem(one.value.at, "wrong-type", message);
            None
        }
    });
    let text = |text: Option<String>| text.map(|text| text.trim().to_string()).filter(|text| !text.is_empty());
    let (schema, table) = (text(fields.text("schema")), text(fields.text("table")));
    fields.finish();
    Some(Target { entry, schema: text(own).or(schema), table })
}

/// `bigint`, or `{type: bigint, engines: {one: int64}}`.
fn column_type(file: &YamlFile, node: &Node, engine: Option<&str>) -> Option<String> {
    match &node.value {
        Yaml::Scalar { text, .. } if !node.is_null() => Some(text.clone()),
        Yaml::Map(_) => {
            let mut fields = Fields::new(file, "a column's type", node)?;
            let own =
                fields.entries("engines").iter().find(|one| engine.is_some_and(|engine| is_spelling(&one.key, engine)));
            let own = own.and_then(|one| column_type(file, &one.value, None));
            let general = fields.text("type");
            if own.is_none() && general.is_none() {
                file.problem(node.at, "missing-key", "a column's type has no `type`");
            }
            fields.finish();
            own.or(general)
        }
        _ => {
            file.problem(node.at, "wrong-type", format!("a column's type must be text, found {}", node.kind()));
            None
        }
    }
}

/// Types of frames, as SQL has them.
const FRAME_TYPES: [(&str, &[&str]); 6] = [
    ("bigint", &["int64", "uint32"]),
    ("integer", &["int32", "int16", "int8", "uint16", "uint8"]),
    ("double", &["float64", "float32", "float"]),
    ("boolean", &["bool"]),
    ("varchar", &["object", "str", "string[python]", "string[pyarrow]", "category"]),
    ("timestamp", &["datetime64[ns]", "datetime64[us]", "datetime64"]),
];

fn frame_type(file: &YamlFile, node: &Node, engine: Option<&str>) -> Option<String> {
    let given = column_type(file, node, engine)?;
    let lower = given.trim().to_ascii_lowercase();
    let known = FRAME_TYPES.iter().find(|(_, names)| names.contains(&lower.as_str()));
    Some(known.map_or(given, |(own, _)| own.to_string()))
}

fn unknown(entry: &Entry, key: &str, seeds: &[SeedFile], dir: &str) -> Diagnostic {
    let problem =
        Diagnostic::warning("unknown-seed", format!("`{key}` names `{}`, and there is no such seed", entry.key));
    let names: Vec<String> = seeds.iter().flat_map(|seed| names(seed, dir)).collect();
    let near = did_you_mean(&entry.key, names.iter().map(String::as_str));
    near.into_iter().fold(problem, Diagnostic::hint)
}
