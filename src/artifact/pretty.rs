//! Pretty JSON, byte for byte as `serde_json` writes it, in fewer pieces: a line's end and its indentation are one.
//!
//! Artifacts are mostly short lines; written blank by blank, their indentation costs more than what stands behind it.

use serde_json::ser::Formatter;
use std::io::{self, Write};

/// Two blanks a level, each element on a line of its own.
#[derive(Default)]
pub struct Pretty {
    depth: usize,
    has_value: bool,
}

/// What stands between two elements, down to the sixteenth level.
const BETWEEN: &[u8; 34] = b",\n                                ";

impl Pretty {
    /// Begins a line, behind a comma unless it is the first one.
    fn line<W: ?Sized + Write>(&self, to: &mut W, first: bool) -> io::Result<()> {
        let start = usize::from(first);
        match BETWEEN.get(start..2 + 2 * self.depth) {
            Some(piece) => to.write_all(piece),
            None => {
                to.write_all(&BETWEEN[start..])?;
                (16..self.depth).try_for_each(|_| to.write_all(b"  "))
            }
        }
    }

    fn open<W: ?Sized + Write>(&mut self, to: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.has_value = false;
        to.write_all(bracket)
    }

    fn close<W: ?Sized + Write>(&mut self, to: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.has_value {
            self.line(to, true)?;
        }
        to.write_all(bracket)
    }
}

impl Formatter for Pretty {
    fn begin_array<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.open(to, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.close(to, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        self.line(to, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.open(to, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.close(to, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        self.line(to, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        to.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use serde_json::{Serializer, Value, json};

    #[test]
    fn it_is_written_as_serde_json_does() {
        let deep = (0..40).fold(json!([1, {}, []]), |inner, level| match level % 3 {
            0 => json!([inner]),
            1 => json!({ "a": inner, "b": [] }),
            _ => json!([{ "c": {} }, inner, 2]),
        });
        let values: [Value; 6] = [
            deep,
            json!({}),
            json!([]),
            json!("é\n\"x\""),
            json!([[], {}]),
            json!({"a": [null, true], "b": {"c": 1.5}}),
        ];
        for value in values {
            let mut written = Vec::new();
            value.serialize(&mut Serializer::with_formatter(&mut written, Pretty::default())).unwrap();
            assert_eq!(String::from_utf8(written).unwrap(), serde_json::to_string_pretty(&value).unwrap());
        }
    }
}
