//! Casts of Arrow arrays that keep each value, or say that one can't be kept.

use arrow::array::{Array, ArrayRef};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

/// `array` as `wanted`; an error where a value would become null or lose digits.
pub fn exact(array: &ArrayRef, wanted: &DataType) -> Result<ArrayRef, ArrowError> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let there = cast_with_options(array, wanted, &options)?;
    if loses(array.data_type(), wanted) {
        let back = cast_with_options(&there, array.data_type(), &options)?;
        if back.to_data() != array.to_data() {
            let message = format!("a value is more exact than {wanted}");
            return Err(ArrowError::CastError(message));
        }
    }
    Ok(there)
}

/// Whether a cast between the two may drop the end of a value.
fn loses(from: &DataType, to: &DataType) -> bool {
    use DataType::*;
    match (from, to) {
        (Timestamp(from, _), Timestamp(to, _)) | (Time64(from), Time64(to)) | (Duration(from), Duration(to)) => {
            from > to
        }
        (Date64, Date32) => true,
        (Decimal128(_, from) | Decimal256(_, from), Decimal128(_, to) | Decimal256(_, to)) => from > to,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::*;
    use arrow::datatypes::{TimeUnit, i256};
    use std::sync::Arc;

    #[test]
    fn what_cannot_be_kept_is_an_error() {
        let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
        let nanos = |value| Arc::new(TimestampNanosecondArray::from(vec![Some(value), None])) as ArrayRef;
        assert_eq!(
            exact(&nanos(1_000), &micros)
                .expect("kept")
                .as_primitive::<arrow::datatypes::TimestampMicrosecondType>()
                .value(0),
            1
        );
        assert!(exact(&nanos(1_001), &micros).is_err());
        let seconds = Arc::new(DurationSecondArray::from(vec![i64::MAX])) as ArrayRef;
        assert!(exact(&seconds, &DataType::Duration(TimeUnit::Microsecond)).is_err());
        let wide = Decimal256Array::from(vec![i256::from_string(&"9".repeat(40)).expect("a number")]);
        let wide = Arc::new(wide.with_precision_and_scale(40, 0).expect("it fits")) as ArrayRef;
        assert!(exact(&wide, &DataType::Decimal128(38, 0)).is_err());
        let noon = Arc::new(Date64Array::from(vec![43_200_000])) as ArrayRef;
        assert!(exact(&noon, &DataType::Date32).is_err());
    }
}
