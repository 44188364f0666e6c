//! When to try again, and after how long. Pure.

use jiff::Timestamp;
use std::time::Duration;

/// No wait is longer, whatever a server asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Before the first retry; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Whether a request may be sent twice without doing more than once.
pub(super) fn is_idempotent(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "PUT" | "DELETE")
}

/// Whether the same request may well succeed later.
pub fn is_passing(status: u16) -> bool {
    matches!(status, 429 | 500 | 502 | 503 | 504)
}

/// A pause before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    pub length: Duration,
    /// What the server asked for, where that is longer.
    pub asked: Option<Duration>,
}

/// How long to wait before retry number `retry` (from 0), as the server's `Retry-After` says or doubling.
pub fn wait(retry: u32, retry_after: Option<&str>, now: Timestamp) -> Wait {
    let asked = retry_after.and_then(|text| parse_retry_after(text.trim(), now));
    let length = asked.unwrap_or_else(|| FIRST_WAIT * 2u32.saturating_pow(retry.min(16))).min(LONGEST_WAIT);
    Wait { length, asked: asked.filter(|asked| *asked > length) }
}

/// `Retry-After` as RFC 9110, section 10.2.3 has it: seconds, or a date.
fn parse_retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_minute() {
        let waits: Vec<u64> =
            (0..9).map(|retry| wait(retry, None, Timestamp::UNIX_EPOCH).length.as_millis() as u64).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]);
    }

    #[test]
    fn the_server_may_say_how_long() {
        let now: Timestamp = "2015-10-21T07:27:50Z".parse().unwrap();
        let seconds = |text| wait(0, Some(text), now).length.as_secs_f64();
        assert_eq!(seconds("7"), 7.0);
        assert_eq!(seconds("0"), 0.0);
        assert_eq!(seconds("86400"), 60.0);
        assert_eq!(seconds("Wed, 21 Oct 2015 07:28:00 GMT"), 10.0);
        assert_eq!(seconds("Wed, 21 Oct 2015 07:00:00 GMT"), 0.0);
        assert_eq!(seconds("soon"), 0.5);
        let longer = |text| wait(0, Some(text), now).asked.map(|asked| asked.as_secs());
        assert_eq!([longer("60"), longer("999999999"), longer("soon")], [None, Some(999_999_999), None]);
    }
}
