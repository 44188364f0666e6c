//! Postgres's `numeric` on the wire: groups of four decimal digits, the place of the first, the sign, the scale.

/// The groups' number, the place of the first, sign and scale, each of two bytes.
const HEAD: usize = 8;
const NEGATIVE: u16 = 0x4000;
/// Not a number, or infinite.
const SPECIAL: u16 = 0x8000;

/// The decimal number `unscaled / 10^scale`, where `unscaled` is a whole number in digits.
pub(super) fn encode(unscaled: &str, scale: i8) -> Vec<u8> {
    let (negative, digits) = unscaled.strip_prefix('-').map_or((false, unscaled), |digits| (true, digits));
    let point = i32::try_from(digits.len()).unwrap_or(i32::MAX) - i32::from(scale);
    // Digits before the point fill whole groups from the right, those behind it from the left.
    let before = point.rem_euclid(4);
    let padded = format!("{}{digits}", "0".repeat(((4 - before) % 4) as usize));
    let weight = (point + 3).div_euclid(4) - 1;
    let groups: Vec<i16> = padded.as_bytes().chunks(4).map(group).collect();
    let first = groups.iter().position(|group| *group != 0).unwrap_or(groups.len());
    let last = groups.iter().rposition(|group| *group != 0).map_or(first, |last| last + 1);
    let weight = if first == groups.len() { 0 } else { weight - first as i32 };
    let mut bytes = Vec::with_capacity(HEAD + 2 * (last - first));
    let sign = if negative && last > first { NEGATIVE } else { 0 };
    bytes.extend_from_slice(&((last - first) as i16).to_be_bytes());
    bytes.extend_from_slice(&(weight as i16).to_be_bytes());
    bytes.extend_from_slice(&sign.to_be_bytes());
    bytes.extend_from_slice(&i16::from(scale.max(0)).to_be_bytes());
    groups[first..last].iter().for_each(|group| bytes.extend_from_slice(&group.to_be_bytes()));
    bytes
}

/// Up to four digits; what is missing at the end counts as zeros.
fn group(digits: &[u8]) -> i16 {
    (0..4).fold(0, |value, at| value * 10 + i16::from(digits.get(at).map_or(0, |digit| digit - b'0')))
}

/// The number of digits behind the point; `None` for what is no number.
pub(super) fn scale(bytes: &[u8]) -> Option<i16> {
    let sign = u16::from_be_bytes(bytes.get(4..6)?.try_into().ok()?);
    let scale = i16::from_be_bytes(bytes.get(6..8)?.try_into().ok()?);
    (sign & SPECIAL == 0).then_some(scale)
}

/// The whole number `value * 10^scale` in digits, where `scale` is at least the value's own; `None` for what is no
/// number.
pub(super) fn decode(bytes: &[u8], scale: i16) -> Option<String> {
    self::scale(bytes)?;
    let weight = i32::from(i16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?));
    let sign = u16::from_be_bytes(bytes.get(4..6)?.try_into().ok()?);
    let groups = bytes[HEAD..].chunks_exact(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]]));
    let mut digits: String = groups.map(|group| format!("{group:04}")).collect();
    let wanted = usize::try_from((weight + 1) * 4 + i32::from(scale)).unwrap_or(0);
    if digits.len() < wanted {
        digits.push_str(&"0".repeat(wanted - digits.len()));
    }
    digits.truncate(wanted);
    let digits = digits.trim_start_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    Some(if sign == NEGATIVE && digits != "0" { format!("-{digits}") } else { digits.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_are_as_postgres_sends_them() {
        assert_eq!(encode("1234567", 2), [0, 3, 0, 1, 0, 0, 0, 2, 0, 1, 9, 41, 26, 44]);
        assert_eq!(encode("0", 0), [0; 8]);
        assert_eq!(encode("-1", 2), [0, 1, 255, 255, 64, 0, 0, 2, 0, 100]);
        assert_eq!(scale(&[0, 0, 0, 0, 0xC0, 0, 0, 0]), None);
    }

    proptest::proptest! {
        #[test]
        fn what_is_encoded_is_read_back(value: i128, scale in 0_i8..39) {
            let bytes = encode(&value.to_string(), scale);
            proptest::prop_assert_eq!(super::scale(&bytes), Some(i16::from(scale)));
            proptest::prop_assert_eq!(decode(&bytes, i16::from(scale)), Some(value.to_string()));
            let wider = decode(&bytes, i16::from(scale) + 3);
            let zeros = if value == 0 { "" } else { "000" };
            proptest::prop_assert_eq!(wider, Some(format!("{value}{zeros}")));
        }
    }
}
