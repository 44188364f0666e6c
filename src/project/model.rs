//! Model and macro files: which there are, and their text.
//!
//! Takes the models folder, gives [`ModelFile`]s and [`MacroFile`]s sorted by path. What else is there is told by
//! [`left_out`](super::left_out).

use super::files::Files;
use super::{Language, MacroFile, ModelFile};
use crate::diagnostic::{Diagnostic, Location};

const SQL: &str = ".ff.sql";
const PYTHON: &str = ".ff.py";
pub(super) const MACROS: &str = "macros";
const PYTHON_MACROS: &str = "macros_py";

/// What the models folder holds. Property files are left to be read: (path, text).
#[derive(Default)]
pub(super) struct Found {
    pub models: Vec<ModelFile>,
    pub macros: Vec<MacroFile>,
    pub python_macros: Vec<MacroFile>,
    pub properties: Vec<(String, String)>,
    /// Python files that are no models.
    pub modules: Vec<String>,
}

/// Reads every model, macro and property file below the folder of models, and the macros below `macros_dir`.
pub(super) fn read(files: &mut Files<'_>, models_dir: &str, macros_dir: &str) -> Found {
    let mut found = Found::default();
    let macros = format!("{models_dir}/{MACROS}/");
    let in_python = format!("{models_dir}/{PYTHON_MACROS}/");
    let listed = files.walk(models_dir);
    let is_python_macro =
        |path: &str| path.starts_with(&in_python) && path.ends_with(".py") && language(path).is_none();
    let is_macro = |path: &str| path.starts_with(&macros) && is_macros(path);
    let is_properties = |path: &str| path.ends_with(".yml") || path.ends_with(".yaml");
    let wanted =
        |path: &&str| language(path).is_some() || is_macro(path) || is_properties(path) || is_python_macro(path);
    let (read, others): (Vec<&str>, Vec<&str>) = listed.iter().map(|file| file.shown.as_str()).partition(wanted);
    let is_python = |path: &&&str| path.to_ascii_lowercase().ends_with(".py");
    found.modules = others.iter().filter(is_python).map(|path| path.to_string()).collect();
    for (path, text) in read.iter().zip(files.texts(&read)) {
        let (Some(text), path) = (text, path.to_string()) else { continue };
        match language(&path) {
            Some(language) => found.models.push(ModelFile { path, language, text: text.into() }),
            None if is_macro(&path) => found.macros.push(MacroFile { path, text: text.into() }),
            None if is_python_macro(&path) => found.python_macros.push(MacroFile { path, text: text.into() }),
            None => found.properties.push((path, text)),
        }
    }
    for path in files.walk(macros_dir).iter().map(|file| &file.shown) {
        if !is_macros(path) || path.starts_with(&macros) {
            continue;
        }
        if let Some(text) = files.text(path) {
            found.macros.push(MacroFile { path: path.clone(), text: text.into() });
        }
    }
    found
}

/// Whether a file of the folder of macros is one of macros by its name.
fn is_macros(path: &str) -> bool {
    path.ends_with(".sql") || path.ends_with(".sql.j2")
}

fn language(path: &str) -> Option<Language> {
    match path {
        _ if path.ends_with(SQL) => Some(Language::Sql),
        _ if path.ends_with(PYTHON) => Some(Language::Python),
        _ => None,
    }
}

/// Two files that make one name.
pub(super) fn clash(name: &str, kind: &str, first: &str, second: &str) -> Diagnostic {
    Diagnostic::new("duplicate-name", format!("two {kind} are named `{name}`: {first} and {second}"))
        .at(Location::file(second))
        .hint("rename one of them")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;
    use std::path::Path;

    #[test]
    fn models_macros_and_properties_are_told_apart() {
        let mut world = MemoryWorld::new();
        for path in [
            "models/a.ff.sql",
            "models/deep/b.ff.py",
            "models/notes.sql",
            "models/tool.py",
            "models/macros/m.sql",
            "models/macros_py/deep/p.py",
            "models/deep/schema.yml",
            "macros/n.sql",
            "macros/o.sql.j2",
            "macros/readme.md",
        ] {
            world = world.file(Path::new("/p").join(path), path);
        }
        let mut files = Files::new(&world, Path::new("/p"));
        let found = read(&mut files, "models", "macros");
        assert!(files.problems.is_empty());
        let models: Vec<_> = found.models.iter().map(|model| (&*model.path, model.language)).collect();
        assert_eq!(models, [("models/a.ff.sql", Language::Sql), ("models/deep/b.ff.py", Language::Python)]);
        let macros: Vec<_> = found.macros.iter().map(|file| &*file.path).collect();
        assert_eq!(macros, ["models/macros/m.sql", "macros/n.sql", "macros/o.sql.j2"]);
        assert_eq!(found.properties[0].0, "models/deep/schema.yml");
        assert_eq!(found.python_macros[0].path, "models/macros_py/deep/p.py");
        assert_eq!(found.modules, ["models/tool.py"]);
    }
}
