//! What a declared type doesn't hold, where engines differ in what they make of it: one cuts a text that is too long, one
//! rounds a half, one has a wider type for whole numbers and takes what is beyond the declared one.
//!
//! Numbers are judged by their value and texts by their length. Whether a text is a number at all is the engine's to say.

/// Integers by the words that declare them: the least and the greatest.
const WHOLE: &[(&str, i128, i128)] = &[
    ("bigint", i64::MIN as i128, i64::MAX as i128),
    ("byte", i8::MIN as i128, i8::MAX as i128),
    ("byteint", i8::MIN as i128, i8::MAX as i128),
    ("int", i32::MIN as i128, i32::MAX as i128),
    ("int2", i16::MIN as i128, i16::MAX as i128),
    ("int4", i32::MIN as i128, i32::MAX as i128),
    ("int64", i64::MIN as i128, i64::MAX as i128),
    ("int8", i64::MIN as i128, i64::MAX as i128),
    ("integer", i32::MIN as i128, i32::MAX as i128),
    ("long", i64::MIN as i128, i64::MAX as i128),
    ("short", i16::MIN as i128, i16::MAX as i128),
    ("smallint", i16::MIN as i128, i16::MAX as i128),
    ("tinyint", i8::MIN as i128, i8::MAX as i128),
    ("ubigint", 0, u64::MAX as i128),
    ("uinteger", 0, u32::MAX as i128),
    ("usmallint", 0, u16::MAX as i128),
    ("utinyint", 0, u8::MAX as i128),
];
const DECIMALS: [&str; 4] = ["dec", "decimal", "number", "numeric"];
const TEXTS: [&str; 9] =
    ["bpchar", "char", "character", "character varying", "nchar", "nvarchar", "string", "text", "varchar"];
/// How types of moments begin.
const MOMENTS: [&str; 3] = ["datetime", "time", "timestamp"];

/// Digits of an exponent, beyond which a number is left to the engine.
const EXPONENT: usize = 4;

/// Digits of decimal numbers as they are inferred.
const SHORT: i64 = 18;
const LONG: i64 = 38;

/// What is between the values of a declared type and all that its family has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    /// Whole numbers, the least and the greatest.
    Whole(i128, i128),
    /// Digits in front of the point, once what is behind it is rounded to so many.
    Digits { whole: i64, scale: i64 },
    /// Characters of a text.
    Length(usize),
    /// Digits of a second.
    Fraction(usize),
}

impl Limit {
    /// That of a declared type, in whatever engine's words; `None` of one that is alike everywhere, or isn't known.
    pub fn of(declared: &str) -> Option<Limit> {
        let (word, arguments) = split(declared);
        if let Some((_, least, greatest)) = WHOLE.iter().find(|(known, ..)| *known == word) {
            return Some(Limit::Whole(*least, *greatest));
        }
        let arguments = arguments?;
        let mut numbers = arguments.split(',').map(|number| number.trim().parse::<u16>().ok());
        let (first, second) = (numbers.next()??, numbers.next().unwrap_or(Some(0))?);
        match () {
            () if DECIMALS.contains(&word.as_str()) => {
                Some(Limit::Digits { whole: i64::from(first) - i64::from(second), scale: second.into() })
            }
            () if TEXTS.contains(&word.as_str()) => Some(Limit::Length(first.into())),
            () if is_moment(&word) => Some(Limit::Fraction(first.into())),
            () => None,
        }
    }

    pub fn holds(self, text: &str) -> bool {
        match self {
            Limit::Length(most) => text.chars().nth(most).is_none(),
            Limit::Fraction(most) => fraction(text) <= most,
            Limit::Whole(least, greatest) => {
                Number::read(text).is_none_or(|number| number.whole().is_some_and(|n| n >= least && n <= greatest))
            }
            Limit::Digits { whole, scale } => Number::read(text).is_none_or(|number| number.has_room(whole, scale)),
        }
    }
}

/// Whether a declared type is one of moments or times of day.
pub(super) fn is_moment(declared: &str) -> bool {
    let (word, _) = split(declared);
    MOMENTS.iter().any(|moment| word.starts_with(moment))
}

/// Whether a declared type is one of decimal numbers that doesn't say how many digits: each engine has a number of its own.
pub(super) fn says_no_digits(declared: &str) -> bool {
    let (word, arguments) = split(declared);
    arguments.is_none() && DECIMALS.contains(&word.as_str())
}

/// The most digits that decimal numbers have in front of the point and behind it, of a column's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Digits {
    whole: i64,
    scale: i64,
}

impl Digits {
    /// With those of one value more; what is no number has none.
    pub fn and(self, value: &str) -> Digits {
        match Number::read(value) {
            Some(number) if !number.digits.is_empty() => Digits {
                whole: self.whole.max(number.point),
                scale: self.scale.max(number.digits.len() as i64 - number.point),
            },
            _ => self,
        }
    }

    /// The type that holds them all, as an inferred one is called; of more digits than there are, the one with as many
    /// behind the point.
    pub fn sql_type(self) -> String {
        let scale = self.scale.min(LONG);
        let precision = if self.whole + scale > SHORT { LONG } else { SHORT };
        format!("decimal({precision},{scale})")
    }
}

/// A type's words in small letters, and what stands in its brackets.
fn split(declared: &str) -> (String, Option<String>) {
    let declared = declared.trim().to_lowercase();
    let inner = declared.split_once('(').and_then(|(word, rest)| Some((word, rest.split_once(')')?)));
    match inner {
        Some((word, (arguments, behind))) => {
            (format!("{} {}", word.trim(), behind.trim()).trim().into(), Some(arguments.into()))
        }
        None => (declared, None),
    }
}

/// Digits of a second in the text of a moment, without the zeros that say nothing.
fn fraction(text: &str) -> usize {
    let behind = text.split_once('.').map_or("", |(_, behind)| behind);
    let end = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
    behind[..end].trim_end_matches('0').len()
}

/// A number as a text has it: its digits from the first that isn't 0, and how many of them stand in front of the point.
struct Number {
    negative: bool,
    digits: String,
    point: i64,
}

impl Number {
    /// `-12.50`, `1e3`; `None` of what is none, or is written in another way.
    fn read(text: &str) -> Option<Number> {
        let text = text.trim();
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (rest, exponent) = rest.split_once(['e', 'E']).map_or((rest, "0"), |(rest, exponent)| (rest, exponent));
        if exponent.len() > EXPONENT || rest.bytes().all(|byte| byte == b'.') {
            return None;
        }
        let (whole, behind) = rest.split_once('.').unwrap_or((rest, ""));
        let all = format!("{whole}{behind}");
        if !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = all.trim_start_matches('0');
        let point = whole.len() as i64 - (all.len() - digits.len()) as i64 + exponent.parse::<i64>().ok()?;
        Some(Number { negative, digits: digits.trim_end_matches('0').into(), point })
    }

    /// Itself, where nothing stands behind its point and it isn't beyond all that is compared with.
    fn whole(&self) -> Option<i128> {
        let zeros = usize::try_from(self.point - self.digits.len() as i64).ok();
        match (self.digits.is_empty(), zeros) {
            (true, _) => Some(0),
            (false, Some(zeros)) if self.point < 39 => {
                let number: i128 = format!("{}{}", self.digits, "0".repeat(zeros)).parse().ok()?;
                Some(if self.negative { -number } else { number })
            }
            (false, _) => None,
        }
    }

    /// Whether it has no more than so many digits in front of the point, rounded to `scale` behind it.
    fn has_room(&self, whole: i64, scale: i64) -> bool {
        let kept = usize::try_from(self.point + scale).unwrap_or(0);
        let is_carried = || {
            let (kept, rest) = self.digits.split_at_checked(kept).unwrap_or((&self.digits, ""));
            rest.as_bytes().first().is_some_and(|digit| *digit >= b'5') && kept.bytes().all(|digit| digit == b'9')
        };
        self.digits.is_empty() || self.point < whole || self.point == whole && !is_carried()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_without_digits_get_those_that_values_have() {
        for declared in ["decimal", " NUMERIC ", "dec", "number"] {
            assert!(says_no_digits(declared), "{declared}");
        }
        for declared in ["decimal(18,2)", "numeric (3)", "double", "decimals", "integer"] {
            assert!(!says_no_digits(declared), "{declared}");
        }
        for (values, made) in [
            (&["1.50", "-0.125", "", "12", "1e2"][..], "decimal(18,3)"),
            (&["1.0", "7"], "decimal(18,0)"),
            (&["1.5e-3", ".00001"], "decimal(18,5)"),
            (&["123456789012345678", "0.1"], "decimal(38,1)"),
            (&["x", "", "0"], "decimal(18,0)"),
            (&[&format!("0.{}1", "0".repeat(60))], "decimal(38,38)"),
        ] {
            let digits = values.iter().fold(Digits::default(), |digits, value| digits.and(value));
            assert_eq!(digits.sql_type(), made, "{values:?}");
            let limit = Limit::of(made).unwrap();
            assert!(values.iter().all(|value| limit.holds(value)), "{values:?}");
        }
    }

    #[test]
    fn declared_types_hold_what_they_say() {
        for (declared, fits, beyond) in [
            (
                "smallint",
                &["32767", "-32768", "1e4", "3.0", " 7 ", "x", ""][..],
                &["32768", "-32769", "1e5", "1.5", "0.1"][..],
            ),
            (
                "INT",
                &["2147483647", "0x1F"],
                &["2147483648", "-2147483649", "99999999999999999999999999999999999999999999"],
            ),
            ("utinyint", &["255", "-0"], &["256", "-1"]),
            ("bigint", &["9223372036854775807"], &["9223372036854775808"]),
            (
                "decimal(5, 2)",
                &["999.99", "-999.994", "0.001", "1e2", "000123.4"],
                &["1000", "999.995", "-1000.00", "1e3"],
            ),
            ("numeric(3)", &["999", "999.4"], &["999.5", "1000"]),
            ("decimal(2,4)", &["0.0099", "0"], &["0.01", "0.00995"]),
            ("varchar(3)", &["abc", "äöü", ""], &["abcd", "ab  "]),
            ("character varying(2)", &["ab"], &["abc"]),
            ("timestamp(3)", &["2024-01-01 10:00:00.123000", "2024-01-01 10:00"], &["2024-01-01 10:00:00.1234"]),
            ("time(0) without time zone", &["10:00:00", "10:00:00.0"], &["10:00:00.1"]),
        ] {
            let limit = Limit::of(declared).unwrap_or_else(|| panic!("{declared}"));
            fits.iter().for_each(|text| assert!(limit.holds(text), "{declared} {text}"));
            beyond.iter().for_each(|text| assert!(!limit.holds(text), "{declared} {text}"));
        }
        for declared in
            ["varchar", "double", "decimal", "text[]", "varbinary(3)", "date", "timestamp", "x(", "varchar(n)"]
        {
            assert_eq!(Limit::of(declared), None, "{declared}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_judged(text in "[-+0-9.eE ]{0,12}") {
            for declared in ["smallint", "decimal(4,1)", "varchar(3)", "time(2)"] {
                Limit::of(declared).unwrap().holds(&text);
            }
        }

        /// As 64 bits compute it.
        #[test]
        fn digits_are_those_of_the_rounded_number(number in -10_000_000_i64..10_000_000, behind in 0_u32..4) {
            let text = format!("{}{}.{:0width$}", if number < 0 { "-" } else { "" }, number.abs() / 10_i64.pow(behind),
                number.abs() % 10_i64.pow(behind), width = behind as usize);
            let text = text.trim_end_matches('.').to_string();
            let text = if behind == 0 { text.split('.').next().unwrap().to_string() } else { text };
            let cents = (number.abs() * 1_000 / 10_i64.pow(behind) + 5) / 10;
            proptest::prop_assert_eq!(Limit::of("decimal(5,2)").unwrap().holds(&text), cents < 100_000, "{}", text);
            let is_whole = number % 10_i64.pow(behind) == 0 && (number / 10_i64.pow(behind)).abs() <= 127;
            if number / 10_i64.pow(behind) != -128 {
                proptest::prop_assert_eq!(Limit::of("tinyint").unwrap().holds(&text), is_whole, "{}", text);
            }
        }
    }
}
