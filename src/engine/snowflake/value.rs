//! Values of a result as the account writes them (`jsonv2`), as Arrow.
//!
//! Every value is a text: dates are days, times and timestamps seconds with nine decimals, those with a zone have its
//! minutes behind a blank, bytes are in hexadecimal, lists and objects are JSON.

use super::answer::{Column, Row};
use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray,
    Time64MicrosecondArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, TimeUnit};
use std::sync::Arc;

/// The zone of instants, which a request asks for.
const UTC: &str = "UTC";

/// The Arrow type of a column, where its whole numbers are known to fit 64 bits or not to.
pub(super) fn arrow_type(column: &Column, fits: bool) -> DataType {
    let (precision, scale) = (column.precision.unwrap_or(38), column.scale.unwrap_or(0));
    match column.kind.to_ascii_lowercase().as_str() {
        "fixed" if scale == 0 && fits => DataType::Int64,
        "fixed" => DataType::Decimal128(precision.clamp(1, 38), scale),
        "real" => DataType::Float64,
        "boolean" => DataType::Boolean,
        "date" => DataType::Date32,
        "time" => DataType::Time64(TimeUnit::Microsecond),
        "timestamp_ntz" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "timestamp_tz" | "timestamp_ltz" => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
        "binary" => DataType::Binary,
        _ => DataType::Utf8,
    }
}

/// Whether a column's type leaves open whether its whole numbers fit 64 bits.
pub(super) fn may_be_wide(column: &Column) -> bool {
    column.kind.eq_ignore_ascii_case("fixed")
        && column.scale.unwrap_or(0) == 0
        && column.precision.is_none_or(|precision| precision > 18)
}

/// Whether all whole numbers of a column fit 64 bits.
pub(super) fn fits(rows: &[Row], at: usize) -> bool {
    rows.iter().filter_map(|row| row.get(at)?.as_deref()).all(|text| text.parse::<i64>().is_ok())
}

/// The values of a column. `exactly`: each as it is, or an error; else what is finer than a microsecond is cut off.
pub(super) fn array(rows: &[Row], at: usize, kind: &DataType, exactly: bool) -> Result<ArrayRef, String> {
    let texts = || rows.iter().map(move |row| row.get(at).and_then(Option::as_deref));
    /// Makes an array of what a function makes of each text.
    macro_rules! each {
        ($array:ty, $read:expr) => {{
            let read = $read;
            let values = texts().map(|text| text.map(|text| read(text).ok_or_else(|| unread(text, kind))).transpose());
            values.collect::<Result<$array, String>>()?
        }};
    }
    let micros = |text: &str| micros(text, exactly);
    Ok(match kind {
        DataType::Int64 => Arc::new(each!(Int64Array, |text: &str| text.parse::<i64>().ok())),
        DataType::Decimal128(precision, scale) => {
            let numbers = each!(Decimal128Array, |text: &str| scaled(text, (*scale).max(0) as usize));
            Arc::new(numbers.with_precision_and_scale(*precision, *scale).map_err(|error| error.to_string())?)
        }
        DataType::Float64 => Arc::new(each!(Float64Array, |text: &str| text.parse::<f64>().ok())),
        DataType::Boolean => Arc::new(each!(BooleanArray, boolean)),
        DataType::Date32 => Arc::new(each!(Date32Array, |text: &str| text.parse::<i32>().ok())),
        DataType::Time64(_) => Arc::new(each!(Time64MicrosecondArray, micros)),
        DataType::Timestamp(_, zone) => {
            // Behind the seconds stands where the instant was, which the seconds don't depend on.
            let instants = each!(TimestampMicrosecondArray, |text: &str| micros(text.split(' ').next()?));
            Arc::new(instants.with_timezone_opt(zone.clone()))
        }
        DataType::Binary => {
            let bytes = texts().map(|text| text.map(|text| hex(text).ok_or_else(|| unread(text, kind))).transpose());
            Arc::new(bytes.collect::<Result<Vec<_>, _>>()?.into_iter().collect::<BinaryArray>())
        }
        _ => Arc::new(texts().collect::<StringArray>()),
    })
}

fn unread(text: &str, kind: &DataType) -> String {
    let start: String = text.chars().take(40).collect();
    format!("`{start}` is no {kind}")
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// `-12.5` in hundredths: -1250. Digits beyond are none of the type's.
fn scaled(text: &str, scale: usize) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > scale || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (sign, digits) = whole.strip_prefix('-').map_or((1, whole), |digits| (-1, digits));
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{digits}{fraction:0<scale$}").parse::<i128>().ok().map(|number| sign * number)
}

/// `1700000000.123456789` in microseconds.
fn micros(text: &str, exactly: bool) -> Option<i64> {
    let nanos = scaled(text, 9)?;
    if exactly && nanos % 1_000 != 0 {
        return None;
    }
    nanos.div_euclid(1_000).try_into().ok()
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let pair = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    (0..text.len()).step_by(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::util::display::array_value_to_string;

    fn column(kind: &str, precision: Option<u8>, scale: Option<i8>) -> Column {
        Column { name: "c".into(), kind: kind.into(), precision, scale }
    }

    #[test]
    fn texts_become_values_of_their_types() {
        for (kind, precision, scale, text, shown) in [
            ("fixed", Some(38), Some(0), "-9223372036854775808", "-9223372036854775808"),
            (
                "fixed",
                Some(38),
                Some(0),
                "99999999999999999999999999999999999999",
                "99999999999999999999999999999999999999",
            ),
            ("fixed", Some(12), Some(2), "-12.5", "-12.50"),
            ("fixed", Some(9), Some(9), "0.000000001", "0.000000001"),
            ("real", None, None, "1e-300", "1e-300"),
            ("real", None, None, "-inf", "-inf"),
            ("real", None, None, "NaN", "NaN"),
            ("boolean", None, None, "true", "true"),
            ("date", None, None, "-719162", "0001-01-01"),
            ("time", None, None, "86399.999999000", "23:59:59.999999"),
            ("timestamp_ntz", None, None, "1709200800.123456000", "2024-02-29T10:00:00.123456"),
            ("timestamp_ntz", None, None, "-0.000001000", "1969-12-31T23:59:59.999999"),
            ("binary", None, None, "00FF", "00ff"),
            ("text", None, None, "é", "é"),
            ("variant", None, None, "[1,null]", "[1,null]"),
        ] {
            let column = column(kind, precision, scale);
            let rows = [vec![Some(text.to_string())], vec![None]];
            let fits = !may_be_wide(&column) || fits(&rows, 0);
            let values =
                array(&rows, 0, &arrow_type(&column, fits), true).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(array_value_to_string(&values, 0).unwrap(), shown, "{kind} {text}");
            assert!(values.is_null(1));
        }
        let zoned = array(
            &[vec![Some("1704065400.000000000 1500".into())]],
            0,
            &arrow_type(&column("timestamp_tz", None, None), true),
            true,
        )
        .unwrap();
        let instant = arrow::compute::cast(&zoned, &DataType::Int64).unwrap();
        assert_eq!(array_value_to_string(&instant, 0).unwrap(), "1704065400000000");
    }

    #[test]
    fn what_is_no_value_is_an_error() {
        let read = |kind: DataType, text: &str, exactly| array(&[vec![Some(text.into())]], 0, &kind, exactly);
        for (kind, text) in [
            (DataType::Int64, "9223372036854775808"),
            (DataType::Decimal128(9, 2), "1.234"),
            (DataType::Decimal128(9, 2), "1.2x"),
            (DataType::Boolean, "yes"),
            (DataType::Binary, "0"),
            (DataType::Date32, "2024-01-01"),
        ] {
            assert!(read(kind, text, true).is_err(), "{text}");
        }
        let instants = DataType::Timestamp(TimeUnit::Microsecond, None);
        assert!(read(instants.clone(), "1.000000001", true).is_err());
        assert!(read(instants, "1.000000001", false).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "[-0-9a-fx. ]{0,24}") {
            for kind in ["fixed", "real", "date", "time", "timestamp_tz", "binary", "boolean"] {
                drop(array(&[vec![Some(text.clone())]], 0, &arrow_type(&column(kind, Some(38), Some(9)), false), true));
            }
        }
    }
}
