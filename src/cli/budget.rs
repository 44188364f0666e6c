//! Budgets as a table for people: a line each, its first word the finding.

use super::printer::duration;
use super::terminal::{Style, Terminal, clean};
use crate::check::budget::{BudgetCheck, BudgetReport, BudgetStatus, Scope};
use crate::project::{Metric, shown_size};

/// The table of budgets that something ran under, or is expected to; nothing where there is none.
pub fn print_budgets(terminal: &Terminal, report: &BudgetReport) {
    let told = |check: &&BudgetCheck| check.actual.is_some() || check.unknown > 0;
    let checks: Vec<&BudgetCheck> = report.checks.iter().filter(told).collect();
    if checks.is_empty() {
        return;
    }
    let subjects: Vec<String> = checks.iter().map(|check| clean(&subject(check))).collect();
    let width = subjects.iter().map(|subject| subject.chars().count()).max().unwrap_or_default();
    terminal.result(&format!(
        "  {:<width$}  {:>10}  {:>10}  {:>10}",
        "budget",
        "used",
        "warn",
        "error",
        width = width + 6
    ));
    for (check, subject) in checks.into_iter().zip(subjects) {
        let (word, style) = word(check.status);
        let limit = |limit: Option<u64>| limit.map_or("–".to_string(), |limit| amount(check.metric, limit));
        let line = format!(
            "  {} {subject:<width$}  {:>10}  {:>10}  {:>10}{}",
            terminal.paint(style, &format!("{word:<5}")),
            used(check),
            limit(check.warn),
            limit(check.error),
            notes(check)
        );
        terminal.result(&line);
    }
}

/// What a budget that is exceeded says, for those who asked for errors alone.
pub fn exceeded(report: &BudgetReport) -> Vec<String> {
    let over = report.checks.iter().filter(|check| check.status == BudgetStatus::Error);
    let line = |check: &BudgetCheck| {
        let limit = amount(check.metric, check.error.unwrap_or_default());
        format!("✗ budget: {} is {}, over the limit of {limit}", clean(&subject(check)), used(check))
    };
    over.map(line).collect()
}

fn word(status: BudgetStatus) -> (&'static str, Style) {
    match status {
        BudgetStatus::Idle => ("–", Style::Quiet),
        BudgetStatus::Ok => ("OK", Style::Good),
        BudgetStatus::Warn => ("WARN", Style::Changed),
        BudgetStatus::Error => ("OVER", Style::Bad),
    }
}

/// `total bytes_scanned`, `model mart.ff rows`.
fn subject(check: &BudgetCheck) -> String {
    let metric = metric(check.metric);
    let name = check.name.as_deref().unwrap_or_default();
    match check.scope {
        Scope::Total => format!("total {metric}"),
        Scope::Model => format!("model {name} {metric}"),
        Scope::Tag => format!("tag {name} {metric}"),
    }
}

fn metric(metric: Metric) -> &'static str {
    match metric {
        Metric::BytesScanned => "bytes_scanned",
        Metric::Rows => "rows",
        Metric::QueryDurationMs => "query_duration_ms",
    }
}

fn used(check: &BudgetCheck) -> String {
    check.actual.map_or("unknown".to_string(), |actual| amount(check.metric, actual))
}

fn amount(metric: Metric, amount: u64) -> String {
    match metric {
        Metric::BytesScanned => shown_size(amount),
        Metric::Rows => amount.to_string(),
        Metric::QueryDurationMs => duration(amount),
    }
}

fn notes(check: &BudgetCheck) -> String {
    let mut notes = Vec::new();
    if check.estimated {
        notes.push("estimated".to_string());
    }
    if check.unknown > 0 && check.actual.is_some() {
        notes.push(format!("without {} of which it isn't known", check.unknown));
    }
    if notes.is_empty() { String::new() } else { format!("  {}", notes.join(", ")) }
}
