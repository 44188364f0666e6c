//! Causes as lines for people: each with its code, its words, its origin and its diffs.

use super::terminal::{Style, Terminal};
use super::visible::clean;
use crate::artifact::wire::{Attribution, Cause, Side, TextDiff};
use crate::fingerprint::Kind;

/// Prints every cause, each line behind `indent`.
pub fn print_causes(terminal: &Terminal, causes: &[Cause], indent: &str) {
    let printer = CausePrinter { terminal, indent };
    for cause in causes {
        printer.say(&format!("{:<24} {}", cause.code.as_str(), cause.sentence));
        printer.sides(cause);
        for attribution in &cause.attributed_to {
            printer.attribution(attribution);
        }
        printer.diff(cause.own_diff());
    }
}

struct CausePrinter<'a> {
    terminal: &'a Terminal,
    indent: &'a str,
}

impl CausePrinter<'_> {
    fn say(&self, text: &str) {
        self.terminal.result(&format!("{}{}", self.indent, clean(text)));
    }

    fn sides(&self, cause: &Cause) {
        let side = |side: &Option<Side>| match side {
            None => "absent".to_string(),
            Some(side) => format!("{}  {} bytes", side.digest.short(), side.size),
        };
        // Of an upstream node there is nothing to read: what changed in it is told with its roots.
        if !cause.is_of(Kind::Upstream) && (cause.before.is_some() || cause.after.is_some()) {
            self.say(&format!("  {} → {}", side(&cause.before), side(&cause.after)));
        }
    }

    fn attribution(&self, found: &Attribution) {
        self.say(&format!("  because {}", found.sentence()));
        self.diff(found.diff.as_ref());
    }

    fn diff(&self, diff: Option<&TextDiff>) {
        let Some(diff) = diff else { return };
        for line in diff.lines() {
            let style = match line.chars().next() {
                Some('+') => Style::Good,
                Some('-') => Style::Bad,
                Some('@') => Style::Quiet,
                _ => Style::Plain,
            };
            self.terminal.result(&self.terminal.paint(style, &format!("{}    {line}", self.indent)));
        }
        if diff.cut > 0 {
            self.say(&format!("    … {} more lines of this diff were cut", diff.cut));
        }
    }
}
