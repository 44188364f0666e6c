//! Sizes and durations as people write them.
//!
//! Takes text, gives bytes (units are powers of 1024), milliseconds or a count; `None` for anything else, so that the
//! caller names the place. `_` may group digits.

const SIZES: [(&str, u64); 5] = [("b", 1), ("kb", 1 << 10), ("mb", 1 << 20), ("gb", 1 << 30), ("tb", 1 << 40)];
const DURATIONS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

/// Bytes: `5_000_000`, `10GB`, `750 MB`, `1.5 GiB`.
pub(super) fn bytes(text: &str) -> Option<u64> {
    quantity(text, |unit| factor(&SIZES, if unit.is_empty() { "b".into() } else { unit.replace("ib", "b") }))
}

/// Milliseconds: `500ms`, `30s`, `2m`, `1h`; a bare number is milliseconds.
pub(super) fn milliseconds(text: &str) -> Option<u64> {
    quantity(text, |unit| factor(&DURATIONS, if unit.is_empty() { "ms".into() } else { unit.into() }))
}

/// A count without unit: `1_000_000`.
pub(super) fn count(text: &str) -> Option<u64> {
    quantity(text, |unit| unit.is_empty().then_some(1))
}

/// Bytes in the largest unit that leaves at least one: `512 bytes`, `1.5 KB`, `10.0 GB`.
pub fn shown(bytes: u64) -> String {
    match SIZES.iter().rev().find(|(name, factor)| *name != "b" && bytes >= *factor) {
        None if bytes == 1 => "1 byte".into(),
        None => format!("{bytes} bytes"),
        Some((name, factor)) => format!("{:.1} {}", bytes as f64 / *factor as f64, name.to_uppercase()),
    }
}

/// Milliseconds as people read them: `61 ms`, `12.3 s`, `2 min 5 s`.
pub fn shown_milliseconds(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..120_000 => format!("{:.1} s", milliseconds as f64 / 1000.0),
        _ => format!("{} min {} s", milliseconds / 60_000, milliseconds / 1000 % 60),
    }
}

fn factor(units: &[(&str, u64)], unit: String) -> Option<u64> {
    units.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor)
}

fn quantity(text: &str, factor: impl Fn(&str) -> Option<u64>) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '_' || c == '.')).unwrap_or(text.len());
    let (number, unit) = (text[..end].replace('_', ""), text[end..].trim().to_ascii_lowercase());
    let factor = factor(&unit)?;
    match number.split_once('.') {
        None => number.parse::<u64>().ok()?.checked_mul(factor),
        Some((whole, part)) if !whole.is_empty() && !part.is_empty() => {
            let scaled = number.parse::<f64>().ok()? * factor as f64;
            (scaled < u64::MAX as f64).then_some(scaled as u64)
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_powers_of_1024() {
        assert_eq!(bytes("5_000_000"), Some(5_000_000));
        assert_eq!(bytes("10GB"), Some(10 << 30));
        assert_eq!(bytes("750 MB"), Some(750 << 20));
        assert_eq!(bytes("1.5 KiB"), Some(1536));
        for bad in ["", "GB", "10 XB", "-1", "1.GB", "1.2.3", "99999999TB", "10 30s"] {
            assert_eq!(bytes(bad), None, "{bad}");
        }
    }

    #[test]
    fn sizes_are_shown_short() {
        let told = [0, 1, 1023, 1536, 10 << 30, u64::MAX].map(shown);
        assert_eq!(told, ["0 bytes", "1 byte", "1023 bytes", "1.5 KB", "10.0 GB", "16777216.0 TB"]);
    }

    #[test]
    fn durations_and_counts() {
        assert_eq!(milliseconds("30s"), Some(30_000));
        assert_eq!(milliseconds("2m"), Some(120_000));
        assert_eq!(milliseconds("500ms"), Some(500));
        assert_eq!(milliseconds("500"), Some(500));
        assert_eq!(milliseconds("5GB"), None);
        assert_eq!(count("1_000"), Some(1_000));
        assert_eq!(count("1k"), None);
    }
}
