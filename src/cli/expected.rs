//! What the next run is expected to scan, as people are told.

use super::budget::print_budgets;
use super::terminal::{Style, Terminal};
use super::visible::clean;
use crate::project::shown_size;
use crate::run::Expected;

impl Expected {
    pub fn print(&self, terminal: &Terminal) {
        if self.nodes.is_empty() {
            return print_budgets(terminal, &self.budgets, false);
        }
        let unknown = match self.unknown {
            0 => String::new(),
            1 => ", without 1 node whose query can't be planned before what it reads is built".into(),
            count => format!(", without {count} nodes whose queries can't be planned before what they read is built"),
        };
        terminal.say(&format!("  expected to scan {}{unknown}", shown_size(self.bytes_scanned)));
        for (node, message) in &self.refused {
            terminal.say(&terminal.paint(Style::Bad, &clean(&format!("  ✗ {node}: {message}"))));
        }
        print_budgets(terminal, &self.budgets, true);
    }
}
