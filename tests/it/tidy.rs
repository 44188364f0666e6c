//! Rules of this repository that no compiler knows: layers, sizes, who may name an engine, and what has one place.

use crate::project::CHECKOUT;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A Rust file of the library or the binary.
pub struct Source {
    /// Below `src/`.
    pub path: String,
    /// The top module, `main` and `lib` for the two roots.
    pub module: String,
    text: String,
    /// The text without comments, and without what is compiled for tests only.
    pub code: String,
    pub test: bool,
}

pub fn read(relative: &str) -> String {
    fs::read_to_string(Path::new(CHECKOUT).join(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
}

fn rust_files(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(CHECKOUT).join(folder);
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(&root).sort_by_file_name() {
        let entry = entry.unwrap();
        if entry.path().extension().is_some_and(|extension| extension == "rs") {
            let path = entry.path().strip_prefix(&root).unwrap().to_string_lossy().into_owned();
            found.push((path, fs::read_to_string(entry.path()).unwrap()));
        }
    }
    found
}

pub fn sources() -> Vec<Source> {
    let one = |(path, text): (String, String)| {
        let module = path.split(['/', '.']).next().unwrap().to_string();
        let test = path.contains("/tests/") || path.ends_with("tests.rs") || path.ends_with("testing.rs");
        let code = code(&text);
        Source { path, module, text, code, test }
    };
    let found: Vec<Source> = rust_files("src").into_iter().map(one).collect();
    assert!(found.len() > 50, "the sources are elsewhere");
    found
}

/// The text without comments and without inline test modules, line by line.
fn code(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]"
            && lines.peek().is_some_and(|next| next.trim_start().starts_with("mod ") && next.ends_with('{'))
        {
            let indent = line.len() - line.trim_start().len();
            let end = format!("{}}}", " ".repeat(indent));
            lines.by_ref().find(|line| *line == end);
            continue;
        }
        let comment = line.trim_start().starts_with("//");
        out += if comment { "" } else { line };
        out.push('\n');
    }
    out
}

/// The table of `src/lib.rs`: each module's layer.
fn layers() -> BTreeMap<String, u32> {
    let text = read("src/lib.rs");
    let rows = text.lines().filter_map(|line| line.strip_prefix("//! | "));
    let mut found = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let Ok(layer) = cells[0].parse() else { continue };
        for name in cells[1].split(['`', '[', ']', ' ']).filter(|name| !name.is_empty()) {
            found.insert(name.to_string(), layer);
        }
    }
    found
}

#[test]
fn the_table_of_layers_is_the_designs() {
    let expected = [
        ("name", 0),
        ("digest", 0),
        ("diagnostic", 0),
        ("world", 1),
        ("syntax", 1),
        ("project", 2),
        ("dialect", 3),
        ("render", 3),
        ("graph", 3),
        ("lineage", 3),
        ("fingerprint", 4),
        ("plan", 4),
        ("engine", 5),
        ("python", 5),
        ("http", 5),
        ("execute", 6),
        ("check", 6),
        ("artifact", 7),
        ("site", 8),
        ("run", 9),
        ("serve", 10),
        ("cli", 10),
    ];
    let layers = layers();
    for (module, layer) in expected {
        assert_eq!(layers.get(module), Some(&layer), "{module}");
    }
    let modules: BTreeSet<String> = sources().into_iter().map(|source| source.module).collect();
    let roots = ["lib", "main"].map(String::from);
    let unlisted: Vec<_> =
        modules.iter().filter(|module| !roots.contains(module) && !layers.contains_key(*module)).collect();
    assert!(unlisted.is_empty(), "src/lib.rs gives no layer to {unlisted:?}");
}

/// A module imports from its own layer or a lower one.
#[test]
fn no_module_imports_from_above() {
    let layers = layers();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !source.test) {
        let Some(own) = layers.get(&source.module) else { continue };
        for used in crate_paths(&source.code) {
            match layers.get(&used) {
                Some(layer) if layer <= own => {}
                Some(layer) => {
                    wrong.push(format!("src/{} (layer {own}) uses crate::{used} (layer {layer})", source.path))
                }
                None => wrong.push(format!("src/{} uses crate::{used}, which has no layer", source.path)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// First segments of `crate::x` and `use crate::{x::…, y}`.
fn crate_paths(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|before: char| before.is_alphanumeric() || matches!(before, '_' | '$')) {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => found.extend(identifier(rest)),
            Some(group) => {
                let mut depth = 0;
                let mut starts = true;
                for (index, character) in group.char_indices() {
                    match character {
                        '}' if depth == 0 => break,
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 0 => starts = true,
                        _ if depth == 0 && starts && !character.is_whitespace() => {
                            found.extend(identifier(&group[index..]));
                            starts = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

pub fn identifier(text: &str) -> Option<String> {
    let end = text.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_string())
}

#[test]
fn crate_paths_are_found() {
    let code =
        "use crate::{a::{b, c}, d, e as f};\nuse crate::g::{h, i};\nfn j() { crate::k::l() }\n$crate::m; mycrate::n";
    let expected = ["a", "d", "e", "g", "k"].map(String::from);
    assert_eq!(crate_paths(code), BTreeSet::from(expected));
}

/// An engine is a file in `engine/` and one in `dialect/`; the readers of profiles know the names that there are.
#[test]
fn no_other_file_names_an_engine() {
    let engines = [
        "duckdb",
        "postgres",
        "postgresql",
        "bigquery",
        "snowflake",
        "snowflake_snowpark",
        "databricks",
        "databricks_spark",
        "redshift",
        "trino",
        "sqlite",
    ];
    let may = |path: &str| {
        path.starts_with("engine/")
            || path.starts_with("dialect/")
            || ["project/format.rs", "cli/init.rs"].contains(&path)
    };
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !source.test && !may(&source.path)) {
        for (number, line) in source.code.lines().enumerate() {
            for engine in engines {
                let named = strings(line).iter().any(|text| {
                    text.to_lowercase().split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == engine)
                });
                if named {
                    wrong.push(format!("src/{}:{}: {}", source.path, number + 1, line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "engines are named in\n{}", wrong.join("\n"));
}

/// What follows from a materialization is answered in its own file, where the compiler asks for every answer.
#[test]
fn no_other_file_looks_at_which_materialization_a_node_has() {
    const OWN: &str = "graph/materialization.rs";
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !source.test && source.path != OWN) {
        for (number, line) in source.code.lines().enumerate() {
            // Questions are in small letters, and `ALL` has no variant's letters.
            let mut named = line.split("Materialization::").skip(1).filter_map(identifier);
            let brought = ["*", "{"].iter().any(|what| line.contains(&format!("Materialization::{what}")));
            if brought || named.any(|name| is_variant(&name)) {
                wrong.push(format!("src/{}:{}: {}", source.path, number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "to be asked as a question of {OWN}:\n{}", wrong.join("\n"));
    let own = code(&read(&format!("src/{OWN}")));
    assert!(!own.contains("_ =>") && !own.contains("matches!("), "each question has an answer for each one: {OWN}");
}

/// `CamelCase`, as variants are written.
fn is_variant(name: &str) -> bool {
    name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase)
}

/// Whether something is so is asked by `if`.
#[test]
fn no_match_is_on_a_bool() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (number, line) in source.code.lines().enumerate() {
            let pattern = line.trim_start().split([' ', ',']).next().unwrap_or_default();
            if ["true", "false"].contains(&pattern) && line.contains("=>") {
                wrong.push(format!("src/{}:{}: {}", source.path, number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "to be written as `if … else`:\n{}", wrong.join("\n"));
}

/// String literals of a line; enough for lines without escaped quotes inside raw strings.
fn strings(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut text: Option<String> = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (&mut text, character) {
            (Some(text), '\\') => text.extend(characters.next()),
            (Some(_), '"') => found.extend(text.take()),
            (Some(text), _) => text.push(character),
            (None, '"') => text = Some(String::new()),
            (None, _) => {}
        }
    }
    // An open one goes on in the next line.
    found.extend(text);
    found
}

/// What must be watched over is done where that is possible.
#[test]
fn git_the_database_and_panics_have_their_places() {
    let sources = sources();
    for (words, places) in [
        ("Command::new(\"git\")", &["run/git.rs"][..]),
        ("kind.open(", &["run/database.rs"]),
        ("catch_unwind(", &["execute/worker.rs", "run/panic.rs"]),
    ] {
        let has = |source: &&Source| !source.test && source.code.contains(words);
        let found: Vec<&str> = sources.iter().filter(has).map(|source| source.path.as_str()).collect();
        assert_eq!(found, places, "{words}");
    }
    // What a command does tells whoever listens; the command line prints.
    let words = ["print!", "println!", "io::stdout", "io::stderr"];
    let prints = |source: &&Source| source.module == "run" && words.iter().any(|words| source.code.contains(words));
    let printing: Vec<&str> = sources.iter().filter(prints).map(|source| source.path.as_str()).collect();
    assert!(printing.is_empty(), "{printing:?}");
}

#[test]
fn every_file_opens_with_its_purpose() {
    let mut all = rust_files("src");
    all.extend(rust_files("tests"));
    let silent: Vec<_> = all.iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(path, _)| path).collect();
    assert!(silent.is_empty(), "no purpose is told in {silent:?}");
}

/// 400 code lines a file, 60 a function.
#[test]
fn files_and_functions_are_of_a_size_to_read() {
    let mut wrong = Vec::new();
    let tests = rust_files("tests").into_iter().map(|(path, text)| (format!("tests/{path}"), code(&text)));
    let all = sources()
        .into_iter()
        .map(|source| (format!("src/{}", source.path), if source.test { source.text } else { source.code }));
    for (path, code) in all.chain(tests) {
        let counted = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
        let lines = code.lines().filter(counted).count();
        if lines > 400 {
            wrong.push(format!("{path}: {lines} code lines"));
        }
        // A test's function may be one long table.
        let is_test = path.contains("tests") || path.ends_with("testing.rs");
        let long = functions(&code).into_iter().filter(|(_, lines)| *lines > 60 && !is_test);
        wrong.extend(long.map(|(name, lines)| format!("{path}: fn {name} has {lines} lines")));
    }
    assert!(wrong.is_empty(), "to be split by meaning:\n{}", wrong.join("\n"));
}

/// Functions with the number of their lines, by the indentation that rustfmt gives.
fn functions(code: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let words = line.trim_start();
        let is_function = ["fn ", "pub fn ", "pub(super) fn ", "pub(crate) fn ", "const fn ", "pub const fn "];
        let Some(rest) = is_function.iter().find_map(|prefix| words.strip_prefix(prefix)) else { continue };
        // A signature alone, or a function in one line.
        let head = lines[start..].iter().find(|line| line.ends_with(['{', ';', '}']));
        if !head.is_some_and(|line| line.ends_with('{')) {
            continue;
        }
        let end = format!("{}}}", &line[..line.len() - words.len()]);
        let body = lines[start..].iter().position(|line| *line == end);
        if let (Some(length), Some(name)) = (body, identifier(rest)) {
            found.push((name, length + 1));
        }
    }
    found
}
