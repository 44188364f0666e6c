//! The type of a column, told from all its values so that none of them changes.
//!
//! A type is taken only where its canonical form gives back what was written, and otherwise the column is text: `007`,
//! `+1`, `1E5`, `0x1F`, `.5`, `-0`, `yes`, `03/04/2024` and ` 1` say more than the number, the boolean or the date that
//! somebody may see in them. What counts as the same is little: a decimal number with more zeros behind it, where other
//! values of its column have more digits there; a time of day without its seconds; `T` or a blank in front of it; the
//! three ways to write the zone of UTC.

use std::fmt;

/// Digits of the two sizes of decimal numbers: the smaller is computed with faster.
const DIGITS: [u16; 2] = [18, 38];

/// A column's type; written as SQL has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Boolean,
    /// Of 64 bits.
    Integer,
    Decimal {
        precision: u16,
        scale: u16,
    },
    Date,
    Time,
    /// Without a zone.
    Timestamp,
    /// A timestamp in UTC.
    Instant,
    Text,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Decimal { precision, scale } => return write!(f, "decimal({precision},{scale})"),
            Kind::Boolean => "boolean",
            Kind::Integer => "bigint",
            Kind::Date => "date",
            Kind::Time => "time",
            Kind::Timestamp => "timestamp",
            Kind::Instant => "timestamptz",
            Kind::Text => "text",
        })
    }
}

/// What one value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// The three ways to write them.
    Boolean(usize),
    /// Digits in front of the point and behind it.
    Number {
        whole: u16,
        scale: u16,
        long: bool,
    },
    Date,
    Time,
    Timestamp,
    Instant,
    Text,
}

/// What the values seen so far have in common.
#[derive(Clone, Debug, Default)]
pub struct Guess(Option<Shape>);

impl Guess {
    /// Looks at another value; an empty one says nothing.
    pub fn see(&mut self, value: &[u8]) {
        if value.is_empty() || self.0 == Some(Shape::Text) {
            return;
        }
        let shape = Shape::of(value);
        self.0 = Some(self.0.map_or(shape, |seen| seen.with(shape)));
    }

    /// The type that holds all of them; `None` where there was no value.
    pub fn kind(&self) -> Option<Kind> {
        Some(match self.0? {
            Shape::Boolean(_) => Kind::Boolean,
            Shape::Number { scale: 0, long: false, .. } => Kind::Integer,
            Shape::Number { whole, scale, .. } => {
                match DIGITS.into_iter().find(|digits| whole.saturating_add(scale) <= *digits) {
                    Some(precision) => Kind::Decimal { precision, scale },
                    None => Kind::Text,
                }
            }
            Shape::Date => Kind::Date,
            Shape::Time => Kind::Time,
            Shape::Timestamp => Kind::Timestamp,
            Shape::Instant => Kind::Instant,
            Shape::Text => Kind::Text,
        })
    }
}

impl Shape {
    fn of(value: &[u8]) -> Shape {
        match value[0] {
            b'0'..=b'9' | b'-' => number(value).or_else(|| moment(value)).unwrap_or(Shape::Text),
            b't' | b'f' | b'T' | b'F' => boolean(value).unwrap_or(Shape::Text),
            _ => Shape::Text,
        }
    }

    /// What holds both.
    fn with(self, other: Shape) -> Shape {
        match (self, other) {
            (
                Shape::Number { whole, scale, long },
                Shape::Number { whole: other_whole, scale: other_scale, long: other_long },
            ) => {
                Shape::Number { whole: whole.max(other_whole), scale: scale.max(other_scale), long: long | other_long }
            }
            _ if self == other => self,
            _ => Shape::Text,
        }
    }
}

/// Written in one way from the first row to the last, else they are words.
fn boolean(value: &[u8]) -> Option<Shape> {
    let ways: [[&[u8]; 2]; 3] = [[b"true", b"false"], [b"True", b"False"], [b"TRUE", b"FALSE"]];
    ways.iter().position(|words| words.contains(&value)).map(Shape::Boolean)
}

/// As a number is written that nobody has formatted: no sign but a minus, no zero in front, a digit on each side of the
/// point.
fn number(value: &[u8]) -> Option<Shape> {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    let is_negative = digits.len() < value.len();
    let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(end);
    let fraction = match rest {
        [] => &[][..],
        [b'.', fraction @ ..] if !fraction.is_empty() && fraction.iter().all(u8::is_ascii_digit) => fraction,
        _ => return None,
    };
    let is_zero = whole.iter().chain(fraction).all(|digit| *digit == b'0');
    // There is no negative zero but in text.
    if whole.is_empty() || whole.len() > 1 && whole[0] == b'0' || is_negative && is_zero {
        return None;
    }
    let count = |digits: &[u8]| u16::try_from(digits.len()).unwrap_or(u16::MAX);
    let long = whole.len() > 18 && std::str::from_utf8(value).is_ok_and(|text| text.parse::<i64>().is_err());
    let needed = if whole == b"0" { 0 } else { count(whole) };
    Some(Shape::Number { whole: needed, scale: count(fraction), long })
}

/// `2024-02-29`, `10:00:00`, `2024-02-29 10:00:00.5`, the last with `T` or without seconds, in UTC or without a zone.
fn moment(value: &[u8]) -> Option<Shape> {
    if value.get(2) == Some(&b':') {
        return time(value, true).filter(|rest| rest.is_empty()).map(|_| Shape::Time);
    }
    let (day, rest) = value.split_at_checked(10)?;
    if !is_date(day) {
        return None;
    }
    match rest {
        [] => Some(Shape::Date),
        [b'T' | b' ', time_of_day @ ..] => match time(time_of_day, false)? {
            b"" => Some(Shape::Timestamp),
            b"Z" | b"+00" | b"+00:00" => Some(Shape::Instant),
            _ => None,
        },
        _ => None,
    }
}

fn is_date(value: &[u8]) -> bool {
    let [a, b, c, d, b'-', e, f, b'-', g, h] = value else { return false };
    let part = |digits: &[&u8]| digits.iter().try_fold(0_i16, |sum, digit| Some(sum * 10 + self::digit(**digit)?));
    let parts = (part(&[a, b, c, d]), part(&[e, f]), part(&[g, h]));
    let (Some(year), Some(month), Some(day)) = parts else { return false };
    year > 0 && jiff::civil::Date::new(year, month as i8, day as i8).is_ok()
}

fn digit(byte: u8) -> Option<i16> {
    byte.is_ascii_digit().then(|| i16::from(byte - b'0'))
}

/// What stands behind a time of day.
fn time(value: &[u8], whole: bool) -> Option<&[u8]> {
    let two = |value: &[u8], below: i16| {
        let [first, second, ..] = value else { return false };
        digit(*first).zip(digit(*second)).is_some_and(|(first, second)| first * 10 + second < below)
    };
    if !two(value, 24) || value.get(2) != Some(&b':') || !two(value.get(3..)?, 60) {
        return None;
    }
    let rest = &value[5..];
    let Some(seconds) = rest.strip_prefix(b":") else { return (!whole).then_some(rest) };
    if !two(seconds, 60) {
        return None;
    }
    let rest = &seconds[2..];
    let Some(fraction) = rest.strip_prefix(b".") else { return Some(rest) };
    let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
    // A seventh digit would be lost.
    (1..=6).contains(&digits).then(|| &fraction[digits..])
}
