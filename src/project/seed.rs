//! Seeds: CSV and Parquet files, and what schema.yml declares of them.
//!
//! Takes the seeds folder (or the one that `FFT_SEEDS_DIR` names), gives [`SeedFile`]s sorted by path. A seed's path
//! begins with the project's own seeds folder wherever its bytes are. A file's ending tells its format, in whatever case.

use super::fields::Fields;
use super::files::{Files, relative};
use super::test::{On, TableName, read as read_tests};
use super::yaml::{Node, Yaml, YamlFile};
use super::{DeclaredTest, SeedFile, SeedFormat, Settings, model, target};
use crate::diagnostic::{Diagnostic, did_you_mean};
use std::collections::BTreeMap;
use std::path::Path;

pub(super) const DIR_VARIABLE: &str = "FFT_SEEDS_DIR";
const SCHEMA: &str = "schema.yml";

/// Finds the seeds, and adds their tests to `tests`. `replaced` is the value of `FFT_SEEDS_DIR`.
pub(super) fn read(
    files: &mut Files<'_>,
    settings: &Settings,
    replaced: Option<&str>,
    engine: Option<&str>,
    tests: &mut Vec<DeclaredTest>,
) -> Vec<SeedFile> {
    let seeds_dir = settings.seeds_dir.as_str();
    let replaced = replaced.map(str::trim).filter(|dir| !dir.is_empty());
    let dir = replaced.unwrap_or(seeds_dir);
    let folder = files.place(dir);
    if replaced.is_some() && !files.world.exists(&folder) {
        let message = format!("{DIR_VARIABLE} names a folder that is not there: {dir}");
        files
            .problems
            .push(Diagnostic::new("no-seeds", message).hint("a relative path counts from the project's folder"));
        return Vec::new();
    }
    let entries = files.walk(dir);
    let mut seeds: Vec<SeedFile> =
        entries.iter().filter_map(|entry| seed(&folder, settings, &entry.path, entry.size)).collect();
    files.problems.extend(clashes(&seeds));
    let own_schema = replaced.is_none() || files.world.exists(&folder.join(SCHEMA));
    let path = if own_schema { files.shown(&folder.join(SCHEMA)) } else { format!("{seeds_dir}/{SCHEMA}") };
    if let Some(text) = files.text(&path) {
        let file = YamlFile::new(path, text);
        // A replaced folder may hold fewer seeds than the schema of the original describes.
        declare(&file, &mut seeds, seeds_dir, engine, own_schema);
        tests.append(&mut file.tests.borrow_mut());
        files.problems.extend(file.into_problems());
    }
    seeds
}

fn seed(folder: &Path, settings: &Settings, file: &Path, size: u64) -> Option<SeedFile> {
    let (format, delimiter) = match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" => (SeedFormat::Csv, None),
        "tsv" => (SeedFormat::Csv, Some(b'\t')),
        "parquet" => (SeedFormat::Parquet, None),
        _ => return None,
    };
    Some(SeedFile {
        path: format!("{}/{}", settings.seeds_dir, relative(folder, file)?),
        file: file.to_path_buf(),
        name: file.file_stem()?.to_string_lossy().into_owned(),
        format,
        size,
        columns: Vec::new(),
        key: Vec::new(),
        delimiter,
        meta_columns: settings.seed_meta_columns,
        schema: None,
        alias: None,
        description: None,
    })
}

fn clashes(seeds: &[SeedFile]) -> Vec<Diagnostic> {
    let mut first: BTreeMap<String, &SeedFile> = BTreeMap::new();
    let mut problems = Vec::new();
    for seed in seeds {
        match first.get(&seed.name.to_lowercase()) {
            None => drop(first.insert(seed.name.to_lowercase(), seed)),
            Some(other) => problems.push(model::clash(&seed.name, "seeds", &other.path, &seed.path)),
        }
    }
    problems
}

/// Reads schema.yml into the seeds it names.
fn declare(file: &YamlFile, seeds: &mut [SeedFile], dir: &str, engine: Option<&str>, strict: bool) {
    let Some(root) = file.parse() else { return };
    let Some(mut fields) = Fields::new(file, &file.path, &root) else { return };
    fields.node("version");
    let mut declared: BTreeMap<String, usize> = BTreeMap::new();
    for node in fields.list("seeds") {
        let Some(mut own) = Fields::new(file, "a seed", node) else { continue };
        let name = own.required("name");
        if let Some(name) = &name {
            own.owner = format!("seed `{name}`");
        }
        let (schema, alias, description) = (own.text("schema"), own.text("alias"), own.text("description"));
        let table = TableName::Plain(name.clone().unwrap_or_default());
        read_tests(&mut own, &On { table: Some(table.clone()), column: None });
        let columns = columns(&mut own, &table);
        let key = key(&mut own);
        let (delimiter, meta_columns) = (delimiter(&mut own), own.flag("meta_columns"));
        own.finish();
        let Some(name) = name else { continue };
        if let Some(line) = declared.insert(name.clone(), node.at.line) {
            file.problem(node.at, "duplicate-name", format!("seed `{name}` is declared twice, first in line {line}"));
        }
        match seeds.iter_mut().find(|seed| seed.name == name) {
            Some(seed) => {
                (seed.schema, seed.alias, seed.description) = (schema, alias, description);
                (seed.columns, seed.key) = (columns, key);
                if delimiter.is_some() && seed.format == SeedFormat::Parquet {
                    let message = format!("seed `{name}` is a Parquet file, which has no `delimiter`");
                    file.problem(node.at, "bad-value", message);
                }
                seed.delimiter = delimiter.or(seed.delimiter);
                seed.meta_columns = meta_columns.unwrap_or(seed.meta_columns);
            }
            None if strict => file.report(node.at, unknown_seed(&name, seeds)),
            None => {}
        }
    }
    target::declare(&mut fields, seeds, dir, engine, strict);
    fields.finish();
}

fn unknown_seed(name: &str, seeds: &[SeedFile]) -> Diagnostic {
    let mut problem = Diagnostic::new("unknown-seed", format!("there is no seed `{name}`"));
    problem.hints.extend(did_you_mean(name, seeds.iter().map(|seed| seed.name.as_str())));
    problem
}

/// `columns: [{name: id, type: integer}]` or `columns: {id: integer}`, in the order of declaration.
fn columns(parent: &mut Fields<'_>, table: &TableName) -> Vec<(String, String)> {
    let Some(node) = parent.node("columns") else { return Vec::new() };
    let file = parent.file;
    if let Yaml::Map(entries) = &node.value {
        let typed = |value: &Node| match &value.value {
            Yaml::Scalar { text, .. } if !value.is_null() => Some(text.clone()),
            _ => {
                file.problem(value.at, "wrong-type", format!("a column's type must be text, found {}", value.kind()));
                None
            }
        };
        return entries.iter().filter_map(|entry| Some((entry.key.clone(), typed(&entry.value)?))).collect();
    }
    let mut columns: Vec<(String, String)> = Vec::new();
    for item in parent.list("columns") {
        let Some(mut fields) = Fields::new(file, format!("a column of {}", parent.owner), item) else { continue };
        let name = fields.required("name");
        let on = On { table: Some(table.clone()), column: Some(name.as_deref().unwrap_or_default()) };
        // A column may be there for its tests alone.
        let tested = !read_tests(&mut fields, &on).is_empty();
        let column_type = if tested && fields.node("type").is_none() { None } else { fields.required("type") };
        fields.text("description");
        fields.finish();
        let (Some(name), Some(column_type)) = (name, column_type) else { continue };
        if columns.iter().any(|(other, _)| *other == name) {
            file.problem(item.at, "duplicate-name", format!("column `{name}` of {} is declared twice", parent.owner));
            continue;
        }
        columns.push((name, column_type));
    }
    columns
}

/// One character of ASCII that has no other meaning in CSV.
fn delimiter(parent: &mut Fields<'_>) -> Option<u8> {
    let at = parent.node("delimiter")?.at;
    let text = parent.text("delimiter")?;
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0) => Some(*byte),
        _ => {
            let message = format!("`delimiter` of {} must be one character, as in `\";\"`", parent.owner);
            parent.file.problem(at, "bad-value", message);
            None
        }
    }
}

/// `key: id` or `key: [order_id, item_id]`.
fn key(parent: &mut Fields<'_>) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    for (name, at) in parent.texts("key") {
        let problem = match () {
            () if name.is_empty() => format!("a column in `key` of {} has no name", parent.owner),
            () if columns.contains(&name) => format!("`key` of {} names column `{name}` twice", parent.owner),
            () => {
                columns.push(name);
                continue;
            }
        };
        parent.file.problem(at, "wrong-key", problem);
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;

    fn load(world: &MemoryWorld, replaced: Option<&str>) -> (Vec<SeedFile>, Vec<String>) {
        let mut files = Files::new(world, Path::new("/p"));
        let seeds = read(&mut files, &Settings::default(), replaced, Some("postgres"), &mut Vec::new());
        (seeds, files.problems.iter().map(ToString::to_string).collect())
    }

    const SCHEMA_TEXT: &str = "seeds:\n  - name: users\n    schema: raw\n    alias: u\n    description: People\n    \
        columns: [{name: id, type: integer}, {name: at, type: timestamp}]\n  - name: orders\n    columns: {id: integer, amount: double}\n";

    fn world() -> MemoryWorld {
        MemoryWorld::new()
            .file("/p/seeds/users.csv", "id\n1\n")
            .file("/p/seeds/deep/orders.parquet", "PAR1")
            .file("/p/seeds/readme.md", "")
            .file("/p/seeds/schema.yml", SCHEMA_TEXT)
    }

    #[test]
    fn seeds_have_their_declared_columns() {
        let (seeds, problems) = load(&world(), None);
        assert!(problems.is_empty(), "{problems:?}");
        let paths: Vec<_> = seeds.iter().map(|seed| (&*seed.path, &*seed.name, seed.format, seed.size)).collect();
        assert_eq!(
            paths,
            [
                ("seeds/deep/orders.parquet", "orders", SeedFormat::Parquet, 4),
                ("seeds/users.csv", "users", SeedFormat::Csv, 5)
            ]
        );
        let pair = |name: &str, of: &str| (name.to_string(), of.to_string());
        assert_eq!(seeds[0].columns, [pair("id", "integer"), pair("amount", "double")]);
        assert_eq!(seeds[1].columns, [pair("id", "integer"), pair("at", "timestamp")]);
        assert_eq!((seeds[1].schema.as_deref(), seeds[1].alias.as_deref()), (Some("raw"), Some("u")));
    }

    #[test]
    fn a_replaced_folder_keeps_the_names_and_the_schema() {
        for (dir, file) in [(".local/seeds ", "/p/.local/seeds/users.csv"), ("/tmp/s", "/tmp/s/users.csv")] {
            let world = world().file(file, "id\n1\n2\n");
            let (seeds, problems) = load(&world, Some(dir));
            assert!(problems.is_empty(), "{problems:?}");
            assert_eq!((seeds.len(), &*seeds[0].path, seeds[0].file.to_str()), (1, "seeds/users.csv", Some(file)));
            assert_eq!(seeds[0].columns.len(), 2);
        }
        let (_, problems) = load(&world(), Some("nowhere"));
        assert!(problems[0].contains("FFT_SEEDS_DIR names a folder that is not there: nowhere"), "{problems:?}");
    }

    #[test]
    fn endings_delimiters_and_added_columns() {
        let text = "seeds:\n  - {name: a, delimiter: ';'}\n  - {name: C, meta_columns: false}\n";
        let world = MemoryWorld::new()
            .file("/p/seeds/a.csv", "")
            .file("/p/seeds/b.TSV", "")
            .file("/p/seeds/C.PARQUET", "")
            .file("/p/seeds/d.csv.gz", "")
            .file("/p/seeds/schema.yml", text);
        let (seeds, problems) = load(&world, None);
        assert!(problems.is_empty(), "{problems:?}");
        let mut found: Vec<_> =
            seeds.iter().map(|seed| (&*seed.name, seed.format, seed.delimiter, seed.meta_columns)).collect();
        found.sort_by_key(|(name, ..)| name.to_lowercase());
        assert_eq!(
            found,
            [
                ("a", SeedFormat::Csv, Some(b';'), true),
                ("b", SeedFormat::Csv, Some(b'\t'), true),
                ("C", SeedFormat::Parquet, None, false)
            ]
        );
        let text =
            "seeds:\n  - {name: a, delimiter: ';;'}\n  - {name: b, delimiter: '\"'}\n  - {name: C, delimiter: x}\n";
        let (_, problems) = load(&world.file("/p/seeds/schema.yml", text), None);
        assert!(problems[0].contains("`delimiter` of seed `a` must be one character"), "{problems:?}");
        assert!(problems[1].contains("`delimiter` of seed `b` must be one character"), "{problems:?}");
        assert!(problems[2].contains("seed `C` is a Parquet file, which has no `delimiter`"), "{problems:?}");
    }

    #[test]
    fn targets_and_types_of_existing_projects_are_read() {
        let text = "targets:\n  raw/users: {schema: crm, table: people, schema_by_engine: {duckdb: main, postgres: staging}}\n  \
            orders: {schema: sales}\n  usres: {schema: x}\n\
            columns:\n  raw/users:\n    id: {type: integer, engines: {postgres: bigint, duckdb: hugeint}}\n    at: timestamp\n  \
            sales.orders: {total: numeric}\n\
            dtypes:\n  orders: {id: int64, total: float64, name: string}\n";
        let world = MemoryWorld::new()
            .file("/p/seeds/raw/users.csv", "")
            .file("/p/seeds/orders.csv", "")
            .file("/p/seeds/schema.yml", text);
        let (seeds, problems) = load(&world, None);
        let told: Vec<_> = problems.iter().map(|problem| problem.lines().next().unwrap()).collect();
        assert_eq!(told, ["warning: `targets` names `usres`, and there is no such seed"]);
        let pairs = |seed: &SeedFile| {
            let pairs = seed.columns.iter().map(|(name, column)| format!("{name} {column}"));
            pairs.collect::<Vec<_>>().join(", ")
        };
        let place = |seed: &SeedFile| (seed.schema.clone().unwrap(), seed.alias.clone());
        assert_eq!(place(&seeds[0]), ("sales".into(), None));
        assert_eq!(pairs(&seeds[0]), "total numeric, id bigint, name string");
        assert_eq!(place(&seeds[1]), ("staging".into(), Some("people".into())));
        assert_eq!(pairs(&seeds[1]), "id bigint, at timestamp");
    }

    #[test]
    fn a_key_is_a_column_or_several() {
        let text = "seeds:\n  - {name: users, key: id}\n  - {name: orders, key: [a, b]}\n";
        let (seeds, problems) = load(&world().file("/p/seeds/schema.yml", text), None);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!((&*seeds[0].key, &*seeds[1].key), (&["a".to_string(), "b".into()][..], &["id".to_string()][..]));
        let text = "seeds:\n  - {name: users, key: [id, id]}\n  - {name: orders, key: {a: b}}\n";
        let (_, problems) = load(&world().file("/p/seeds/schema.yml", text), None);
        assert!(problems[0].contains("`key` of seed `users` names column `id` twice"), "{problems:?}");
        assert!(problems[1].contains("`key`") && problems[1].contains("a list of text"), "{problems:?}");
    }

    #[test]
    fn clashes_and_slips_are_told() {
        let world = world()
            .file("/p/seeds/deep/Users.csv", "")
            .file("/p/seeds/schema.yml", "seeds:\n  - name: user\n  - name: users\n    colums: {}\n  - name: users\n");
        let (_, problems) = load(&world, None);
        let first: Vec<_> = problems.iter().map(|problem| problem.lines().next().unwrap()).collect();
        assert_eq!(
            first,
            [
                "error[duplicate-name]: two seeds are named `users`: seeds/deep/Users.csv and seeds/users.csv",
                "error[unknown-seed]: there is no seed `user`",
                "error[unknown-key]: unknown key `colums` in seed `users`",
                "error[duplicate-name]: seed `users` is declared twice, first in line 3",
            ]
        );
    }
}
