//! A text read through by one delimiter: how many values each row has, and where quotes don't fit.
//!
//! The reader of values is lenient: it makes something of every text. This says first whether what it makes is what is
//! meant.

use memchr::{memchr, memchr3};

/// The first thing that makes a text no table; places are offsets of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A row with another number of values than the header.
    Uneven { at: u64, found: u64 },
    /// A quoted value that goes on behind its closing quote.
    Stray { opened: u64, at: u64 },
    /// A quote that is still open where the text ends.
    Open { at: u64 },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// In front of a row, or of nothing.
    Row,
    /// In front of a value.
    Value,
    Plain,
    Quoted,
    /// Behind a quote in a quoted value, which closes it or is the first of two.
    Quote,
}

pub(super) struct Scan {
    pub delimiter: u8,
    /// Bytes in front of the table.
    skipped: u64,
    state: State,
    /// Values of this row that are behind.
    values: u64,
    /// Where this row begins.
    start: u64,
    /// Where the quote of this value was opened.
    quote: u64,
    position: u64,
    /// Where the header begins.
    pub first: u64,
    /// Values of the header, once it has been read.
    pub header: Option<u64>,
    /// Rows below the header, and those of them with as many values.
    pub rows: u64,
    pub fitting: u64,
    pub fault: Option<Fault>,
    wanted: Option<u64>,
    /// Where the wanted row begins and ends.
    pub found: Option<(u64, u64)>,
}

impl Scan {
    pub fn new(delimiter: u8, skipped: u64, wanted: Option<u64>) -> Scan {
        Scan {
            delimiter,
            skipped,
            state: State::Row,
            values: 0,
            start: 0,
            quote: 0,
            position: 0,
            first: 0,
            header: None,
            rows: 0,
            fitting: 0,
            fault: None,
            wanted,
            found: None,
        }
    }

    /// Goes on with the next bytes of the text.
    pub fn feed(&mut self, block: &[u8]) {
        let mark = if self.position == 0 && block.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let skipped = self.skipped.saturating_sub(self.position).max(mark);
        let mut at = block.len().min(usize::try_from(skipped).unwrap_or(usize::MAX));
        while let Some(&byte) = block.get(at) {
            let place = self.position + at as u64;
            match self.state {
                State::Row if matches!(byte, b'\r' | b'\n') => at += 1,
                State::Row => {
                    self.start = place;
                    self.state = State::Value;
                }
                State::Value => {
                    at += 1;
                    match byte {
                        b'"' => (self.quote, self.state) = (place, State::Quoted),
                        _ => self.plain(byte, place),
                    }
                }
                State::Plain => match memchr3(self.delimiter, b'\n', b'\r', &block[at..]) {
                    Some(skipped) => {
                        at += skipped + 1;
                        self.plain(block[at - 1], place + skipped as u64);
                    }
                    None => at = block.len(),
                },
                State::Quoted => match memchr(b'"', &block[at..]) {
                    Some(skipped) => (at, self.state) = (at + skipped + 1, State::Quote),
                    None => at = block.len(),
                },
                State::Quote => {
                    at += 1;
                    match byte {
                        b'"' => self.state = State::Quoted,
                        b'\r' | b'\n' => self.plain(byte, place),
                        _ if byte == self.delimiter => self.plain(byte, place),
                        _ => {
                            let opened = self.quote;
                            self.fault.get_or_insert(Fault::Stray { opened, at: place });
                            self.state = State::Plain;
                        }
                    }
                }
            }
        }
        self.position += block.len() as u64;
    }

    /// A byte outside quotes.
    fn plain(&mut self, byte: u8, place: u64) {
        match byte {
            _ if byte == self.delimiter => (self.values, self.state) = (self.values + 1, State::Value),
            b'\r' | b'\n' => self.row(place),
            _ => self.state = State::Plain,
        }
    }

    fn row(&mut self, end: u64) {
        let width = std::mem::take(&mut self.values) + 1;
        self.state = State::Row;
        let Some(header) = self.header else {
            (self.header, self.first) = (Some(width), self.start);
            return;
        };
        if self.wanted == Some(self.rows) {
            self.found = Some((self.start, end));
        }
        self.rows += 1;
        if width == header {
            self.fitting += 1;
        } else {
            self.fault.get_or_insert(Fault::Uneven { at: self.start, found: width });
        }
    }

    /// The text has ended.
    pub fn end(&mut self) {
        match self.state {
            State::Row => {}
            State::Quoted => {
                // It has swallowed all that follows it, which is thereby no fault of its own.
                self.fault.get_or_insert(Fault::Open { at: self.quote });
                self.row(self.position);
            }
            State::Value | State::Plain | State::Quote => self.row(self.position),
        }
    }
}
