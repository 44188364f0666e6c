//! Budgets as a table for people: a line each, its first word the finding.

use super::terminal::{Style, Terminal};
use super::visible::clean;
use crate::artifact::wire::{BudgetCheck, BudgetReport};
use crate::check::budget::BudgetStatus;

/// The table of budgets that something ran under, or is expected to; nothing where there is none. Those that hold are
/// left out where `all` isn't asked for.
pub fn print_budgets(terminal: &Terminal, report: &BudgetReport, all: bool) {
    let told = |check: &&BudgetCheck| {
        check.is_told() && (all || check.status.known().is_none_or(|status| status > BudgetStatus::Ok))
    };
    let checks: Vec<&BudgetCheck> = report.checks.iter().filter(told).collect();
    if checks.is_empty() {
        return;
    }
    let subjects: Vec<String> = checks.iter().map(|check| clean(&check.subject())).collect();
    let width = subjects.iter().map(|subject| subject.chars().count()).max().unwrap_or_default();
    terminal.say(&format!(
        "  {:<width$}  {:>10}  {:>10}  {:>10}",
        "budget",
        "used",
        "warn",
        "error",
        width = width + 8
    ));
    for (check, subject) in checks.into_iter().zip(subjects) {
        let notes = check.notes();
        let notes = if notes.is_empty() { notes } else { format!("  {notes}") };
        let line = format!(
            "  {} {subject:<width$}  {:>10}  {:>10}  {:>10}{}",
            terminal.paint(style(check.status.known()), &format!("{:<7}", check.word())),
            check.used(),
            check.warns_above(),
            check.fails_above(),
            notes
        );
        terminal.say(&line);
    }
}

/// What a budget that is exceeded says, for those who asked for errors alone.
pub fn exceeded(report: &BudgetReport) -> Vec<String> {
    let over = report.checks.iter().filter(|check| check.status == BudgetStatus::Error);
    let line = |check: &BudgetCheck| {
        let limit = check.fails_above();
        format!("✗ budget: {} is {}, over the limit of {limit}", clean(&check.subject()), check.used())
    };
    over.map(line).collect()
}

fn style(status: Option<BudgetStatus>) -> Style {
    match status {
        Some(BudgetStatus::Idle) => Style::Quiet,
        Some(BudgetStatus::Ok) => Style::Good,
        Some(BudgetStatus::Unknown | BudgetStatus::Warn) | None => Style::Changed,
        Some(BudgetStatus::Error) => Style::Bad,
    }
}
