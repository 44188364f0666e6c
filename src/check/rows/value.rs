//! Whether a value is the one that is expected.

use super::Seen;
use crate::project::{Cell, is_other};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

/// Whether both say the same: numbers by value, at most `tolerance` apart; moments by what they mean, a date being its
/// midnight; null is null alone. What is in quotes is text, or a moment where one is given.
pub fn is_same(expected: &Cell, seen: &Seen, tolerance: f64) -> bool {
    let (text, quoted) = match expected {
        Cell::Null => return *seen == Seen::Null,
        Cell::Plain(text) | Cell::Csv(text) => (text.as_str(), false),
        Cell::Text(text) => (text.as_str(), true),
    };
    match seen {
        Seen::Null => false,
        Seen::Bool(value) => !quoted && text.eq_ignore_ascii_case(if *value { "true" } else { "false" }),
        Seen::Number(number) => !quoted && is_near(text, number, tolerance),
        Seen::Moment(moment) => text == moment || moment_of(text).is_some_and(|one| Some(one) == moment_of(moment)),
        // What YAML takes for a number isn't text; in CSV everything may be.
        Seen::Text(given) => text == given && !(matches!(expected, Cell::Plain(_)) && is_other(text)),
    }
}

fn is_near(expected: &str, given: &str, tolerance: f64) -> bool {
    if let (Ok(one), Ok(other)) = (expected.parse::<i128>(), given.parse::<i128>()) {
        return one == other || one.abs_diff(other) as f64 <= tolerance;
    }
    let numbers = expected.parse::<f64>().ok().zip(given.parse::<f64>().ok());
    numbers.is_some_and(|(one, other)| {
        one == other || (one.is_nan() && other.is_nan()) || (one - other).abs() <= tolerance
    })
}

/// A moment by what it means, so that two ways to write it are one.
#[derive(PartialEq)]
enum Moment {
    Instant(Timestamp),
    Time(Time),
}

/// One without a zone is taken for one of UTC: which of the two a column holds is its type's, not its value's.
fn moment_of(text: &str) -> Option<Moment> {
    let in_utc = |time: DateTime| time.to_zoned(TimeZone::UTC).ok().map(|zoned| Moment::Instant(zoned.timestamp()));
    let instant = text.parse::<Timestamp>().ok().map(Moment::Instant);
    let date = || text.parse::<Date>().ok().and_then(|date| in_utc(date.at(0, 0, 0, 0)));
    let time = || text.parse::<Time>().ok().map(Moment::Time);
    instant.or_else(|| text.parse::<DateTime>().ok().and_then(in_utc)).or_else(date).or_else(time)
}
