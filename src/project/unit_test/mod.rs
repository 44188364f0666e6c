//! Unit tests of models: `tests/unit/**/*.yml`.
//!
//! Takes the project's folder, gives every [`UnitCase`] with its `defaults` merged in, or every problem with its place.
//! Which model a case is about and what that reads only the graph knows.

mod cell;
mod merged;
mod read;

pub use cell::{Cell, CellTable, is_other, quoted};

use super::files::Files;
use super::yaml::YamlFile;
use crate::diagnostic::{Diagnostic, Location};
use crate::world::World;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The folder of unit tests.
pub const DIR: &str = "tests/unit";

/// A model, rows for what it reads, and the rows that it must give of them.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitCase {
    /// Its file, project-relative.
    pub path: String,
    pub name: String,
    pub at: Location,
    /// As it is written.
    pub model: String,
    pub model_at: Location,
    /// The engine that it is for alone, in the file's words.
    pub engine: Option<String>,
    /// By what they are called in the file.
    pub inputs: BTreeMap<String, Given>,
    pub expect: Expected,
}

/// The rows of something that the model reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    pub at: Location,
    pub rows: Rows,
    /// Types of columns that are declared, as seeds have them.
    pub types: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Rows {
    Inline(CellTable),
    /// A file, read as seeds are; what it holds, for what is hashed.
    Csv {
        path: String,
        file: PathBuf,
        text: String,
    },
}

/// What the model must give.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    pub at: Location,
    /// What it is said to build.
    pub relation: Option<(String, Location)>,
    pub table: CellTable,
    /// Columns that rows are in the order of.
    pub order_by: Vec<(String, Location)>,
    /// `false`: rows come in the order in which they are written.
    pub any_order: bool,
    /// By how much numbers of a column may differ.
    pub approx: BTreeMap<String, f64>,
    /// Columns that are left out on both sides.
    pub ignore_columns: Vec<String>,
    /// There may be more rows and more columns.
    pub subset: bool,
}

impl Given {
    /// All that is said of the rows, as a text that is hashed.
    pub fn content(&self) -> String {
        match &self.rows {
            Rows::Inline(table) => json(&(table.names(), &table.rows, &self.types)),
            Rows::Csv { text, .. } => json(&(text, &self.types)),
        }
    }
}

impl Expected {
    /// All that is said of the rows, as a text that is hashed.
    pub fn content(&self) -> String {
        let Expected { at: _, relation: _, table, order_by: _, any_order, approx, ignore_columns, subset } = self;
        json(&(table.names(), &table.rows, any_order, approx, ignore_columns, subset))
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("invariant: what is declared is JSON")
}

/// Every case of the project in `root`, in the order of files and within them; `only` reads one file or folder alone.
///
/// # Errors
/// Every problem of the files.
pub fn unit_tests(world: &dyn World, root: &Path, only: Option<&str>) -> Result<Vec<UnitCase>, Vec<Diagnostic>> {
    let mut files = Files::new(world, root);
    let meant = |path: &str| only.is_none_or(|only| path == only || path.starts_with(&format!("{only}/")));
    let paths: Vec<String> = files.walk(DIR).iter().map(|file| file.shown.clone()).collect();
    let yaml = |path: &&String| path.ends_with(".yml") || path.ends_with(".yaml");
    let mut cases = Vec::new();
    for path in paths.iter().filter(yaml).filter(|path| meant(path)) {
        let Some(text) = files.text(path) else { continue };
        let file = YamlFile::new(path.clone(), text);
        cases.extend(read::cases(&file, &mut files));
        files.problems.extend(file.into_problems());
    }
    let problems: Vec<Diagnostic> = files.problems.into_iter().filter(|problem| !problem.is_warning()).collect();
    if problems.is_empty() { Ok(cases) } else { Err(problems) }
}

#[cfg(test)]
mod tests;
