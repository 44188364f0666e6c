//! A first line `sep=;`, by which spreadsheets say what stands between the values that follow.

use super::{Problem, Source};
use std::io::Read;

/// Bytes that such a line has at most: a byte order mark, `sep=`, the delimiter, the line's end.
const LONGEST: u64 = 10;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Saying {
    pub delimiter: u8,
    /// Where the next line begins.
    pub end: u64,
}

impl Saying {
    /// What the first line says of the delimiter, where it says nothing else.
    pub fn of(source: &dyn Source) -> Result<Option<Saying>, Problem> {
        let mut head = Vec::new();
        source.open()?.take(LONGEST).read_to_end(&mut head)?;
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
        let (word, rest) = text.split_at(text.len().min(4));
        let end = match rest {
            _ if !word.eq_ignore_ascii_case(b"sep=") => return Ok(None),
            [_, b'\r', b'\n', ..] => 3,
            [_, b'\r' | b'\n', ..] => 2,
            [_] => 1,
            _ => return Ok(None),
        };
        // Letters and digits begin a name.
        let fits =
            rest[0].is_ascii() && !rest[0].is_ascii_alphanumeric() && !matches!(rest[0], b'"' | b'\r' | b'\n' | 0);
        let before = head.len() - rest.len();
        Ok(fits.then(|| Saying { delimiter: rest[0], end: (before + end) as u64 }))
    }

    /// The delimiter that the text says or the project declares, which must not be two.
    pub fn agreed(saying: Option<&Saying>, declared: Option<u8>) -> Result<Option<u8>, Problem> {
        let Some(Saying { delimiter, .. }) = saying else { return Ok(declared) };
        match declared.filter(|declared| declared != delimiter) {
            None => Ok(Some(*delimiter)),
            Some(declared) => {
                let shown = |byte: u8| if byte == b'\t' { "a tab".into() } else { format!("`{}`", char::from(byte)) };
                let message = format!(
                    "the line says that {} stands between values, and the seed's delimiter is {}",
                    shown(*delimiter),
                    shown(declared)
                );
                let hint = Some("take the line out, or declare the same `delimiter` in schema.yml".into());
                Err(Problem::Text { line: Some(1), message, hint })
            }
        }
    }
}
