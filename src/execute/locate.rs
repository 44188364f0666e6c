//! From a place in the text an engine was sent back to the model's file.

use crate::diagnostic::Location;
use crate::graph::{Node, SqlBody};

/// Where `position` (characters into the compiled text) stands in the model's file: exact to the line where rendering
/// kept the lines, else the file alone. With the line of text that the engine saw.
pub fn locate(node: &Node, body: &SqlBody, position: Option<usize>) -> (Location, Option<String>) {
    let file = Location::file(&node.path);
    let Some(position) = position else { return (file, None) };
    let offset = body.compiled.char_indices().nth(position).map_or(body.compiled.len(), |(offset, _)| offset);
    let Some(inside) = offset.checked_sub(body.offset) else { return (file, None) };
    let place = Location::at_offset(&node.path, &body.rendered, inside);
    let seen = body.rendered.lines().nth(place.line - 1).map(String::from);
    let same_lines = lines(&body.rendered) == lines(&body.template);
    let same_line = body.template.lines().nth(place.line - 1).map(str::trim_end) == seen.as_deref();
    match (same_lines, same_line) {
        (true, true) => (place, seen),
        (true, false) => (Location { column: 0, ..place }, seen),
        (false, _) => (file, seen),
    }
}

fn lines(text: &str) -> usize {
    text.trim_end().lines().count()
}
