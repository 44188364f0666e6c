//! Whether bytes are UTF-8, told a block at a time, and what else they may be.

use super::{Problem, Source, line_at};

/// Byte orders of other encodings, as files begin with them; the longer first.
const MARKS: [(&[u8], &str); 4] = [
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
];

/// What has been looked at.
#[derive(Default)]
pub(super) struct Encoding {
    position: u64,
    /// The beginning of a character that the next block goes on with.
    tail: Vec<u8>,
}

/// The first byte that is no UTF-8.
pub(super) struct Foreign {
    at: u64,
    byte: u8,
    /// By the text's first bytes.
    name: Option<&'static str>,
}

impl Encoding {
    pub fn check(&mut self, block: &[u8]) -> Result<(), Foreign> {
        if self.position == 0
            && let Some((_, name)) = MARKS.iter().find(|(mark, _)| block.starts_with(mark))
        {
            return Err(Foreign { at: 0, byte: block[0], name: Some(name) });
        }
        if let Some(zero) = memchr::memchr(0, block) {
            return Err(Foreign { at: self.position + zero as u64, byte: 0, name: None });
        }
        let start = self.position - self.tail.len() as u64;
        let joined;
        let bytes = if self.tail.is_empty() {
            block
        } else {
            joined = [&self.tail, block].concat();
            &joined
        };
        let tail = match std::str::from_utf8(bytes) {
            Ok(_) => Vec::new(),
            Err(error) if error.error_len().is_none() => bytes[error.valid_up_to()..].to_vec(),
            Err(error) => {
                let at = error.valid_up_to();
                return Err(Foreign { at: start + at as u64, byte: bytes[at], name: None });
            }
        };
        self.tail = tail;
        self.position += block.len() as u64;
        Ok(())
    }

    /// A text may not end within a character.
    pub fn end(&self) -> Result<(), Foreign> {
        let at = self.position - self.tail.len() as u64;
        self.tail.first().map_or(Ok(()), |byte| Err(Foreign { at, byte: *byte, name: None }))
    }
}

impl Foreign {
    pub fn problem(self, source: &dyn Source) -> Problem {
        let save = |from: &str| format!("save it as UTF-8: `iconv -f {from} -t UTF-8`, or the editor's \"save as\"");
        let (line, message, hint) = match (self.name, self.byte) {
            (Some(name), _) => (None, format!("is in {name}; seeds are read as UTF-8"), save(name)),
            (None, 0) => {
                let hint = "if the file is in UTF-16, save it as UTF-8; otherwise take the byte out".to_string();
                (line_at(source, self.at), "a NUL byte, which no text has".to_string(), hint)
            }
            (None, byte) => {
                let message = format!("the byte 0x{byte:02X} is no UTF-8");
                (line_at(source, self.at), message, save("ISO-8859-1"))
            }
        };
        Problem::Text { line, message, hint: Some(hint) }
    }
}
