//! Types of decimal numbers, as engines tell of them: `NUMBER(38,0)`, `decimal(12, 2)`.

/// Digits in front of the point and behind it, of a type whose name is `word`, in whatever case.
fn digits(sql_type: &str, word: &str) -> Option<(u32, u32)> {
    let (name, arguments) = sql_type.trim().strip_suffix(')')?.split_once('(')?;
    let mut numbers = arguments.split(',').map(|number| number.trim().parse::<u32>().ok());
    let (precision, scale) = (numbers.next()??, numbers.next().unwrap_or(Some(0))?);
    name.trim().eq_ignore_ascii_case(word).then(|| (precision.saturating_sub(scale), scale))
}

/// Whether a type is another one, or has all digits that that has: both numbers of the type `word`.
pub fn holds(sql_type: &str, other: &str, word: &str) -> bool {
    let wider = digits(sql_type, word)
        .zip(digits(other, word))
        .is_some_and(|(own, other)| own.0 >= other.0 && own.1 >= other.1);
    sql_type == other || wider
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_holds_those_with_no_more_digits() {
        for (own, other, expected) in [
            ("NUMBER(38,0)", "NUMBER(1,0)", true),
            ("number(12, 2)", "NUMBER(10,2)", true),
            ("NUMBER(12,2)", "NUMBER(12,0)", false),
            ("NUMBER(12,2)", "NUMBER(12,3)", false),
            ("NUMBER(2)", "NUMBER(1,0)", true),
            ("NUMBER(38,0)", "FLOAT", false),
            ("FLOAT", "FLOAT", true),
            ("decimal(3,0)", "decimal(1,0)", false),
        ] {
            assert_eq!(holds(own, other, "number"), expected, "{own} {other}");
        }
    }
}
