//! The table in a delimited text: what stands between its values, what its columns are called, what types they have.
//!
//! Takes bytes that can be read from their beginning more than once ([`Source`]), gives a [`Layout`]. What isn't a table
//! is a [`Problem`] with its line. Nothing is told from a sample: every row has its say, so that a file means the same
//! wherever in it an odd row stands. Values are never changed: an empty one is null, quoted or not, and every other one
//! is what stands between its delimiters, blanks included.
//!
//! Quoting is that of RFC 4180. Lines end with LF, CR LF or CR, mixed as they come; lines without anything are left out.
//! A first line `sep=;`, as spreadsheets write it, is no row: it says what stands between the values.

mod encoding;
mod kind;
mod saying;
mod scan;
#[cfg(test)]
mod tests;

pub use kind::{Guess, Kind};

use ::csv::{ByteRecord, Reader, ReaderBuilder};
use encoding::Encoding;
use memchr::memchr;
use saying::Saying;
use scan::{Fault, Scan};
use std::collections::BTreeSet;
use std::io::{self, Read};

/// What may stand between values, the rarest in ordinary text first.
const DELIMITERS: [u8; 4] = [b'\t', b'|', b';', b','];
/// Bytes read at once.
const BLOCK: usize = 1 << 18;
/// Characters of a line or a value that a message shows.
const SHOWN: usize = 200;

/// Bytes that can be read from their beginning as often as needed.
pub trait Source {
    fn open(&self) -> io::Result<Box<dyn Read + '_>>;
}

impl Source for &[u8] {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(*self))
    }
}

/// Why a text is no table.
#[derive(Debug)]
pub enum Problem {
    /// It can't be read.
    Io(io::Error),
    Text {
        /// Counted from 1; none where the whole text is meant.
        line: Option<u64>,
        message: String,
        hint: Option<String>,
    },
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Problem {
        Problem::Io(error)
    }
}

/// Where a value stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Counted from 1.
    pub line: u64,
    /// Of its first character, counted from 1.
    pub column: u64,
    /// The beginning of the row's text.
    pub text: String,
}

/// How a text is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    pub delimiter: u8,
    /// Bytes in front of the table: a line that only says what the delimiter is.
    start: u64,
    /// Names of the header, no two of them alike in lower case.
    pub columns: Vec<String>,
    /// Rows below the header.
    pub rows: u64,
}

impl Layout {
    /// Reads the text through once. Without a delimiter that is `given`, or that the text says, it is the one by which all rows have as many
    /// values as the header, and more than one; of several the one that gives the most.
    pub fn of(source: &dyn Source, given: Option<u8>) -> Result<Layout, Problem> {
        let saying = Saying::of(source)?;
        let start = saying.as_ref().map_or(0, |saying| saying.end);
        let given = Saying::agreed(saying.as_ref(), given)?;
        let tried = given.map_or(DELIMITERS.to_vec(), |delimiter| vec![delimiter]);
        let mut scans: Vec<Scan> = tried.into_iter().map(|delimiter| Scan::new(delimiter, start, None)).collect();
        let mut encoding = Encoding::default();
        blocks(source, |block| {
            encoding.check(block).map_err(|foreign| foreign.problem(source))?;
            scans.iter_mut().for_each(|scan| scan.feed(block));
            Ok(true)
        })?;
        encoding.end().map_err(|foreign| foreign.problem(source))?;
        scans.iter_mut().for_each(Scan::end);
        let scan = best(&scans);
        let Some(width) = scan.header else {
            let hint = Some("a seed begins with a line of column names".into());
            return Err(Problem::Text { line: None, message: "is empty".into(), hint });
        };
        match &scan.fault {
            Some(fault) => Err(told(source, fault, width)),
            None => {
                let layout = Layout { delimiter: scan.delimiter, start, columns: Vec::new(), rows: scan.rows };
                let mut reader = layout.records(source)?;
                let header = reader.headers().map_err(unexpected)?;
                let columns = header.iter().map(String::from).collect();
                checked(Layout { columns, ..layout }, line_at(source, scan.first))
            }
        }
    }

    /// The rows below the header.
    pub fn records<'a>(&self, source: &'a dyn Source) -> io::Result<Reader<Box<dyn Read + 'a>>> {
        let mut reader = source.open()?;
        io::copy(&mut reader.by_ref().take(self.start), &mut io::sink())?;
        Ok(ReaderBuilder::new().delimiter(self.delimiter).buffer_capacity(BLOCK).from_reader(reader))
    }

    /// The narrowest type that holds each column's values as they are; `None` where a column has no value. Reads the
    /// text through once.
    pub fn kinds(&self, source: &dyn Source) -> Result<Vec<Option<Kind>>, Problem> {
        let mut guesses = vec![Guess::default(); self.columns.len()];
        let mut reader = self.records(source)?;
        let mut record = ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(unexpected)? {
            guesses.iter_mut().zip(&record).for_each(|(guess, value)| guess.see(value));
        }
        Ok(guesses.iter().map(Guess::kind).collect())
    }

    /// Where a value stands; rows and values count from 0. `None` where the text can no longer be read.
    pub fn place(&self, source: &dyn Source, row: u64, value: usize) -> Option<Place> {
        let mut scan = Scan::new(self.delimiter, self.start, Some(row));
        blocks(source, |block| {
            scan.feed(block);
            Ok(scan.found.is_none())
        })
        .ok()?;
        scan.end();
        let (start, end) = scan.found?;
        let mut text = Vec::new();
        let mut rest = source.open().ok()?;
        io::copy(&mut rest.by_ref().take(start), &mut io::sink()).ok()?;
        rest.take(end - start).read_to_end(&mut text).ok()?;
        let (before, _) = text.split_at(value_at(&text, self.delimiter, value)?);
        let line = before.iter().rposition(|byte| matches!(byte, b'\r' | b'\n')).map_or(0, |end| end + 1);
        Some(Place {
            line: line_at(source, start + before.len() as u64)?,
            column: String::from_utf8_lossy(&before[line..]).chars().count() as u64 + 1,
            text: shown(&String::from_utf8_lossy(&text[..text.len().min(4 * SHOWN)])),
        })
    }
}

/// The beginning of a text, as much as a message shows.
pub fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// Where a value begins in the text of a row; values count from 0.
fn value_at(row: &[u8], delimiter: u8, value: usize) -> Option<usize> {
    (0..value).try_fold(0, |start, _| {
        let mut end = start;
        // Two quotes within quotes are one of the value.
        while row.get(end) == Some(&b'"') {
            end += memchr(b'"', &row[end + 1..])? + 2;
        }
        Some(end + memchr(delimiter, &row[end..])? + 1)
    })
}

/// An error of a reading that another one has found to be without.
pub fn unexpected(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        _ => io::Error::other("it changed while it was read"),
    }
}

/// Gives the text to `take` until that wants no more.
fn blocks(source: &dyn Source, mut take: impl FnMut(&[u8]) -> Result<bool, Problem>) -> Result<(), Problem> {
    let mut reader = source.open()?;
    let mut block = vec![0; BLOCK];
    loop {
        match reader.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(read) => {
                if !take(&block[..read])? {
                    return Ok(());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// By which delimiter the text is a table; where by none, the one whose fault is worth telling.
fn best(scans: &[Scan]) -> &Scan {
    let width = |scan: &Scan| scan.header.unwrap_or_default();
    let share = |scan: &Scan| (scan.fitting * 1_000).checked_div(scan.rows).unwrap_or_default();
    // Of equals the last is taken, which here is the rarest: text has commas of its own.
    let several = || scans.iter().rev().filter(|scan| width(scan) > 1);
    let whole = several().filter(|scan| scan.fault.is_none()).max_by_key(|scan| width(scan));
    let nearest = || several().max_by_key(|scan| (share(scan), width(scan)));
    // In a table of one column a comma is the delimiter that isn't there.
    whole.or_else(nearest).or(scans.last()).expect("invariant: at least one delimiter is tried")
}

fn told(source: &dyn Source, fault: &Fault, width: u64) -> Problem {
    let (at, message, hint) = match fault {
        Fault::Uneven { at, found } => {
            let plural = |count: u64, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
            let message = format!("{}, where the header names {}", plural(*found, "value"), plural(width, "column"));
            (*at, message, "quote a value that holds the delimiter")
        }
        Fault::Open { at } => (*at, "a quote is opened here and never closed".into(), QUOTE_HINT),
        Fault::Stray { opened, at } => {
            let line = line_at(source, *at).map_or(String::new(), |line| format!(" in line {line}"));
            (*opened, format!("a quote is opened here, and text follows where it is closed{line}"), QUOTE_HINT)
        }
    };
    Problem::Text { line: line_at(source, at), message, hint: Some(hint.into()) }
}

const QUOTE_HINT: &str = "write a quote inside a quoted value twice: \"\"";

/// The layout, unless its header leaves open which column is meant by a name.
fn checked(layout: Layout, line: Option<u64>) -> Result<Layout, Problem> {
    let wrong = |message: String, hint: &str| Problem::Text { line, message, hint: Some(hint.into()) };
    if let Some(at) = layout.columns.iter().position(|name| name.trim().is_empty()) {
        let hint = "name it, or take away the delimiter that makes it";
        return Err(wrong(format!("column {} of the header has no name", at + 1), hint));
    }
    let mut seen = BTreeSet::new();
    match layout.columns.iter().find(|name| !seen.insert(name.to_lowercase())) {
        Some(name) => {
            let hint = "column names that differ in case alone are one name";
            Err(wrong(format!("the header names `{}` twice", shown(name)), hint))
        }
        None => Ok(layout),
    }
}

/// The line of a byte; `None` where the text can no longer be read.
fn line_at(source: &dyn Source, offset: u64) -> Option<u64> {
    let (mut line, mut left, mut after_return) = (1, offset, false);
    let counted = blocks(source, |block| {
        let part = &block[..block.len().min(usize::try_from(left).unwrap_or(usize::MAX))];
        for byte in part {
            line += u64::from(*byte == b'\r' || *byte == b'\n' && !after_return);
            after_return = *byte == b'\r';
        }
        left -= part.len() as u64;
        Ok(left > 0)
    });
    counted.ok().map(|()| line)
}
