//! What came of a test as lines for people, and its failing rows as a small table.

use super::printer::duration;
use super::terminal::{Style, Terminal};
use super::visible::clean;
use crate::artifact::wire::{TestResult, TestSample, Word};
use crate::diagnostic::{brief, counted};
use crate::test::{Suite, TestStatus};

/// Characters of a value that a table of failing rows shows.
const CELL: usize = 40;
/// Columns that it shows.
const COLUMNS: usize = 8;

/// Prints a test's line, and below it what failed. A skip is told where more is asked for.
pub fn print(terminal: &Terminal, suite: &Suite, result: &TestResult) {
    let (glyph, word, style) = word(&result.status);
    let status = result.status.known();
    let told = match status {
        Some(TestStatus::Skipped) => terminal.verbose > 0,
        Some(TestStatus::Pass) => !terminal.quiet,
        _ => true,
    };
    if !told {
        return;
    }
    let widths = suite.tests.iter().map(|test| test.name.chars().count());
    let width = widths.max().unwrap_or(0).clamp(8, 48);
    let failures = match result.failures {
        Some(failures) => counted(failures as usize, "failure"),
        None => "–".into(),
    };
    let time = result.duration_ms.map_or("–".to_string(), duration);
    let why = match status {
        Some(TestStatus::Error | TestStatus::Blocked) => &result.sentence,
        _ => &result.decision.summary,
    };
    let head = terminal.paint(style, &format!("{glyph} {word:<7}"));
    let why = brief(&clean(why), 1_500).into_owned();
    let line = format!("    {head}  {:<width$}  {failures:>11}  {time:>8}  {why}", result.name);
    let mut lines = vec![line.trim_end().to_string()];
    if matches!(status, Some(TestStatus::Fail | TestStatus::Warn | TestStatus::Error | TestStatus::Blocked)) {
        lines.push(format!("  --> {}", result.at));
        lines.extend(result.details.iter().map(|line| format!("  {}", clean(line))));
        lines.extend(result.sample.iter().flat_map(table).map(|row| format!("      {row}")));
        lines.extend(result.stored.iter().map(|table| format!("  the failing rows are in {table}")));
        let statement = result.statement.iter().filter(|_| terminal.verbose > 0);
        lines.extend(statement.flat_map(|text| text.lines()).map(|line| format!("  | {}", clean(line))));
    }
    let text = lines.join("\n");
    if result.is_failure() { terminal.error(&text) } else { terminal.say(&text) }
}

fn word(status: &Word<TestStatus>) -> (&'static str, String, Style) {
    match status {
        Word::Known(TestStatus::Pass) => ("✓", "PASS".into(), Style::Good),
        Word::Known(TestStatus::Warn) => ("!", "WARN".into(), Style::Changed),
        Word::Known(TestStatus::Fail) => ("✗", "FAIL".into(), Style::Bad),
        Word::Known(TestStatus::Error) => ("✗", "ERROR".into(), Style::Bad),
        Word::Known(TestStatus::Skipped) => ("○", "SKIP".into(), Style::Quiet),
        Word::Known(TestStatus::Blocked) => ("–", "BLOCKED".into(), Style::Bad),
        Word::Unknown(word) => ("?", word.to_uppercase(), Style::Quiet),
    }
}

/// Rows below their columns' names, each column as wide as it must be.
fn table(sample: &TestSample) -> Vec<String> {
    let cell = |text: &str| brief(&clean(text).replace('\n', " "), CELL).into_owned();
    let head: Vec<String> = sample.columns.iter().take(COLUMNS).map(|name| cell(name)).collect();
    let rows = sample.rows.iter().map(|row| {
        row.iter().take(COLUMNS).map(|value| value.as_deref().map_or("null".to_string(), cell)).collect::<Vec<_>>()
    });
    let all: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
    let width = |column: usize| all.iter().filter_map(|row| row.get(column)).map(|text| text.chars().count()).max();
    let widths: Vec<usize> = (0..COLUMNS).map_while(width).collect();
    let more = if sample.columns.len() > COLUMNS { " …" } else { "" };
    let line = |row: &Vec<String>| {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(text, width)| format!("{text:<width$}", width = *width)).collect();
        format!("{}{more}", cells.join("  ")).trim_end().to_string()
    };
    all.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failing_rows_are_a_table() {
        let row = |id: &str, name: Option<&str>| vec![Some(id.to_string()), name.map(String::from)];
        let sample = TestSample {
            columns: vec!["id".into(), "name".into()],
            rows: vec![row("1", None), row("100", Some("a\nb\u{1b}[31m"))],
        };
        assert_eq!(table(&sample), ["id   name", "1    null", "100  a b[31m"]);
    }
}
