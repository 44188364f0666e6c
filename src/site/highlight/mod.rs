//! Highlighted source text: SQL with Jinja, and Python, as HTML.
//!
//! Takes any text, however broken or hostile; gives escaped HTML whose text is the input, with a few one-letter classes.
//! Each lexer takes linear time, never fails, and reads what it doesn't know as plain text.

mod jinja;
mod python;
mod sql;
#[cfg(test)]
mod tests;

use std::ops::Range;

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// SQL, with Jinja where there is any.
    Sql,
    Python,
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Plain,
    Comment,
    Decorator,
    /// A name that is called or defined.
    Function,
    Keyword,
    Number,
    /// A quoted identifier.
    Quoted,
    String,
    /// The marks that begin and end a template's expression.
    Template,
}

impl Class {
    /// The value of the HTML attribute; none for plain text.
    fn attribute(self) -> Option<&'static str> {
        Some(match self {
            Class::Plain => return None,
            Class::Comment => "c",
            Class::Decorator => "d",
            Class::Function => "f",
            Class::Keyword => "k",
            Class::Number => "n",
            Class::Quoted => "q",
            Class::String => "s",
            Class::Template => "t",
        })
    }
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<'a> {
    pub class: Class,
    pub text: &'a str,
}

/// The whole text, for a `<pre>`.
pub fn html(text: &str, language: Language) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    write(&mut out, &spans(text, Some(language)), &[]);
    out
}

/// The lines of the text, each with its own tags closed; joined by newlines they have the text of [`html`].
pub fn lines(text: &str, language: Language) -> Vec<String> {
    let line = |spans: Vec<Span<'_>>| {
        let mut out = String::new();
        write(&mut out, &spans, &[]);
        out
    };
    span_lines(text, Some(language)).into_iter().map(line).collect()
}

/// The pieces of the text, by line, without the newlines.
pub fn span_lines(text: &str, language: Option<Language>) -> Vec<Vec<Span<'_>>> {
    let mut lines = vec![Vec::new()];
    for span in spans(text, language) {
        for (index, part) in span.text.split('\n').enumerate() {
            if index > 0 {
                lines.push(Vec::new());
            }
            if !part.is_empty() {
                let line = lines.last_mut().expect("invariant: there is a line");
                line.push(Span { class: span.class, text: part });
            }
        }
    }
    lines
}

/// Contiguous pieces that joined are the text.
fn spans(text: &str, language: Option<Language>) -> Vec<Span<'_>> {
    let mut out = Spans(Vec::new());
    match language {
        Some(Language::Sql) => sql::spans(text, &mut out),
        Some(Language::Python) => python::spans(text, &mut out),
        None => out.push(Class::Plain, text),
    }
    out.0
}

/// Pieces in the making.
struct Spans<'a>(Vec<Span<'a>>);

impl<'a> Spans<'a> {
    /// `text` must follow the last piece in the same buffer.
    fn push(&mut self, class: Class, text: &'a str) {
        if !text.is_empty() {
            self.0.push(Span { class, text });
        }
    }
}

/// Writes pieces as HTML; the byte ranges of `marks`, in order and apart, are marked.
pub fn write(out: &mut String, spans: &[Span<'_>], marks: &[Range<usize>]) {
    let mut marks = marks.iter().peekable();
    let mut at = 0;
    for span in spans {
        let mut rest = span.text;
        while !rest.is_empty() {
            while marks.next_if(|mark| mark.end <= at).is_some() {}
            let (marked, until) = match marks.peek() {
                None => (false, at + rest.len()),
                Some(mark) if mark.start > at => (false, mark.start),
                Some(mark) => (true, mark.end),
            };
            let length = rest.floor_char_boundary((until - at).min(rest.len()));
            // A mark that begins inside a character begins with it.
            let length = if length == 0 { rest.ceil_char_boundary(1) } else { length };
            write_piece(out, Span { class: span.class, text: &rest[..length] }, marked);
            at += length;
            rest = &rest[length..];
        }
    }
}

fn write_piece(out: &mut String, piece: Span<'_>, marked: bool) {
    if marked {
        out.push_str("<mark>");
    }
    if let Some(class) = piece.class.attribute() {
        out.extend(["<span class=\"", class, "\">"]);
    }
    escape(out, piece.text);
    if piece.class != Class::Plain {
        out.push_str("</span>");
    }
    if marked {
        out.push_str("</mark>");
    }
}

/// Writes text for between tags, never for an attribute. Carriage returns are kept from the parser that would make
/// newlines of them; NUL, which HTML can't hold, becomes the replacement character.
pub fn escape(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '\r', '\0']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'\r' => "&#13;",
            _ => "\u{fffd}",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}
