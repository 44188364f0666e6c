//! From a place in the text an engine was sent back to the file that says it.

use crate::diagnostic::Location;
use crate::graph::{Body, Graph, NodeId, SqlBody};
use crate::render::{MacroUse, Sent};

/// Shortest line of SQL that is looked for in macros, in bytes: others stand in every text.
const TELLING: usize = 4;

/// Where `position` (characters into the text that the engine was sent for `id`) is said: in the file of the model, or of
/// the ephemeral model whose text stands there; in a macro, where one line of one says it. With the line of text that
/// the engine saw. `None` without a position, or for one in text of our own.
///
/// `extends`: the text was the one that gives what is new.
pub fn locate(
    graph: &Graph,
    (id, extends): (NodeId, bool),
    position: Option<usize>,
    sent: &Sent<'_>,
) -> Option<(Location, String)> {
    let compiled = if extends { graph.compiled_increment(id) } else { graph.compiled(id) };
    let (owner, offset) = compiled.piece(compiled.text.offset(position?, sent))?;
    let node = &graph.nodes[owner];
    let Body::Sql(body) = &node.body else { return None };
    let increment = body.increment.as_ref().filter(|_| extends && owner == id);
    let rendered = increment.map_or(&body.rendered, |increment| &increment.rendered);
    let shown = Location::at_offset(&node.path, rendered.shown(), offset);
    let line = rendered.shown().lines().nth(shown.line - 1).unwrap_or_default().to_string();
    let source = match increment {
        Some(increment) => increment.source(offset, &node.path, &body.template),
        None => body.origin.source(offset, &node.path, &body.template),
    }?;
    let said = if source.copied { None } else { in_macro(body, &line, shown.column) };
    Some((said.unwrap_or(source.at), line))
}

/// The place of a line in the one macro that has it once, whatever stands before and behind it there.
fn in_macro(body: &SqlBody, line: &str, column: usize) -> Option<Location> {
    let text = line.trim();
    if text.len() < TELLING {
        return None;
    }
    let blanks = |line: &str| line.chars().take_while(|character| character.is_whitespace()).count();
    let inside = column.checked_sub(blanks(line) + 1)?;
    let lines = |used: &MacroUse| -> Vec<Location> {
        let says = |(_, own): &(usize, &str)| own.trim() == text;
        let found = used.text.lines().enumerate().filter(says);
        found
            .map(|(number, own)| {
                let before = if number == 0 { used.at.column.saturating_sub(1) } else { 0 };
                Location::new(&used.at.path, used.at.line + number, before + blanks(own) + inside + 1)
            })
            .collect()
    };
    let mut all = body.macros.values().flat_map(lines);
    all.next().filter(|_| all.next().is_none())
}
