//! Rows that are given against rows that are expected, by value: which agree, and which cells don't.

mod pair;
mod seen;
mod value;

pub use seen::{Seen, SeenTable};

use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::project::{Cell, Expected};
use pair::Pairing;
use serde::Serialize;
use value::is_same;

/// The two tables, cell by cell.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// Columns that are compared, as they are expected.
    pub columns: Vec<String>,
    /// Expected rows in their order, then those that nobody expects.
    pub lines: Vec<Line>,
    /// Columns that are given and that nobody expects.
    pub unexpected: Vec<String>,
}

/// A row of the two tables.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Line {
    Same(Vec<String>),
    /// Each cell as it is expected, with what is given where that is another value.
    Changed(Vec<(String, Option<String>)>),
    /// It is expected, and nothing like it is given.
    Missing(Vec<String>),
    /// It is given, and nobody expects it.
    Extra(Vec<String>),
}

impl Comparison {
    /// Whether what is given is what is expected.
    pub fn holds(&self) -> bool {
        self.unexpected.is_empty() && self.lines.iter().all(|line| matches!(line, Line::Same(_)))
    }

    /// `2 of 3 rows differ`.
    pub fn words(&self) -> String {
        let count = |test: fn(&Line) -> bool| self.lines.iter().filter(|line| test(line)).count();
        let rows = |count: usize| crate::diagnostic::counted(count, "row");
        let parts = [
            (count(|line| matches!(line, Line::Changed(_))), "with other values"),
            (count(|line| matches!(line, Line::Missing(_))), "missing"),
            (count(|line| matches!(line, Line::Extra(_))), "too many"),
        ];
        let mut words: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {what}", rows(*count)))
            .collect();
        if !self.unexpected.is_empty() {
            let names: Vec<String> = self.unexpected.iter().map(|name| format!("`{name}`")).collect();
            let columns = crate::diagnostic::plural(names.len(), "column");
            words.push(format!("{columns} that nobody expects: {}", names.join(", ")));
        }
        words.join(", ")
    }
}

/// Compares what a model gave with what a case expects.
///
/// # Errors
/// A column that is expected and that the model doesn't give, with its place.
pub fn compare(expected: &Expected, given: &SeenTable) -> Result<Comparison, Vec<Diagnostic>> {
    let ignored = |name: &str| expected.ignore_columns.iter().any(|ignored| ignored.eq_ignore_ascii_case(name));
    let table = &expected.table;
    let compared: Vec<usize> = (0..table.columns.len()).filter(|at| !ignored(&table.columns[*at].0)).collect();
    let mut problems = Vec::new();
    let mut columns = Vec::new();
    for at in &compared {
        let (name, place) = &table.columns[*at];
        match given.find(name) {
            Some(found) => columns.push(found),
            None => {
                let problem = Diagnostic::new("unknown-column", format!("the model gives no column `{name}`"));
                let near = did_you_mean(name, given.columns.iter().map(String::as_str));
                let hint = near.unwrap_or_else(|| format!("it gives {}", given.columns.join(", ")));
                problems.push(problem.at(place.clone()).hint(hint));
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let wanted: Vec<Vec<&Cell>> = table.rows.iter().map(|row| compared.iter().map(|at| &row[*at]).collect()).collect();
    let seen: Vec<Vec<&Seen>> = given.rows.iter().map(|row| columns.iter().map(|at| &row[*at]).collect()).collect();
    let names: Vec<String> = compared.iter().map(|at| table.columns[*at].0.clone()).collect();
    let tolerance = |name: &str| {
        let near = expected.approx.iter().find(|(column, _)| column.eq_ignore_ascii_case(name));
        near.map_or(0.0, |(_, by)| *by)
    };
    let tolerances: Vec<f64> = names.iter().map(|name| tolerance(name)).collect();
    let same =
        |row: usize, other: usize, column: usize| is_same(wanted[row][column], seen[other][column], tolerances[column]);
    let is_key = |name: &String| expected.order_by.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
    let pairing = Pairing { expected: wanted.len(), given: seen.len(), columns: names.len(), same: &same };
    let keys: Vec<usize> = (0..names.len()).filter(|at| is_key(&names[*at])).collect();
    let pairs = if expected.any_order { pairing.in_any_order(&keys) } else { pairing.in_order() };
    let mut lines: Vec<Line> = pairs
        .iter()
        .enumerate()
        .map(|(row, pair)| match pair {
            Some(other) => line(&wanted[row], &seen[*other], &|column| same(row, *other, column)),
            None => Line::Missing(wanted[row].iter().map(|cell| cell.shown()).collect()),
        })
        .collect();
    if !expected.subset {
        let mut extra: Vec<&Vec<&Seen>> =
            seen.iter().enumerate().filter(|(at, _)| !pairs.contains(&Some(*at))).map(|(_, row)| row).collect();
        extra.sort_by_key(|row| row.iter().map(|cell| cell.to_string()).collect::<Vec<_>>());
        lines.extend(extra.into_iter().map(|row| Line::Extra(row.iter().map(|cell| cell.to_string()).collect())));
    }
    // Where no row is expected, nobody named a column.
    let named = !table.columns.is_empty() && !expected.subset;
    let unexpected = given.columns.iter().filter(|name| named && table.find(name).is_none() && !ignored(name));
    Ok(Comparison { columns: names, lines, unexpected: unexpected.cloned().collect() })
}

fn line(wanted: &[&Cell], seen: &[&Seen], same: &dyn Fn(usize) -> bool) -> Line {
    let cell = |at: usize| {
        let other = (!same(at)).then(|| seen[at].to_string());
        (wanted[at].shown(), other)
    };
    let cells: Vec<(String, Option<String>)> = (0..wanted.len()).map(cell).collect();
    if cells.iter().all(|(_, other)| other.is_none()) {
        Line::Same(cells.into_iter().map(|(text, _)| text).collect())
    } else {
        Line::Changed(cells)
    }
}

#[cfg(test)]
mod tests;
