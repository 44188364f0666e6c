//! Values as they are read, made those of the types that [`super::schema`] gives.

use super::schema::{Leaf, Way, next};
use crate::engine::exact::exact;
use arrow::array::*;
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::*;
use arrow::error::ArrowError;
use std::slice::Iter;
use std::sync::Arc;

/// The array of the next columns.
pub(super) fn values(array: &ArrayRef, leaves: &mut Iter<'_, Leaf>) -> Result<ArrayRef, ArrowError> {
    let like = |field: &FieldRef, array: &dyn Array| {
        Arc::new(field.as_ref().clone().with_data_type(array.data_type().clone()))
    };
    Ok(match array.data_type() {
        DataType::List(item) => {
            let list = array.as_list::<i32>();
            let items = values(list.values(), leaves)?;
            let item = like(item, &items);
            Arc::new(ListArray::try_new(item, list.offsets().clone(), items, list.nulls().cloned())?)
        }
        DataType::Struct(_) => Arc::new(parts(array.as_struct(), leaves)?),
        DataType::Map(entries, sorted) => {
            let map = array.as_map();
            let pairs = parts(map.entries(), leaves)?;
            let entries = like(entries, &pairs);
            Arc::new(MapArray::try_new(entries, map.offsets().clone(), pairs, map.nulls().cloned(), *sorted)?)
        }
        _ => plain(array, &next(leaves).way)?,
    })
}

fn parts(array: &StructArray, leaves: &mut Iter<'_, Leaf>) -> Result<StructArray, ArrowError> {
    let columns = array.columns().iter().map(|column| values(column, leaves)).collect::<Result<Vec<_>, _>>()?;
    let field =
        |(field, column): (&FieldRef, &ArrayRef)| field.as_ref().clone().with_data_type(column.data_type().clone());
    let fields: Fields = array.fields().iter().zip(&columns).map(field).collect();
    StructArray::try_new(fields, columns, array.nulls().cloned())
}

fn plain(array: &ArrayRef, way: &Way) -> Result<ArrayRef, ArrowError> {
    let cast = |array: &dyn Array, wanted: &DataType| {
        cast_with_options(array, wanted, &CastOptions { safe: false, ..CastOptions::default() })
    };
    Ok(match way {
        Way::AsTheyAre => array.clone(),
        Way::To(wanted) if wanted == array.data_type() => array.clone(),
        Way::To(wanted) => exact(array, wanted)?,
        Way::Cut(wanted) => cast(array, wanted)?,
        Way::Text if *array.data_type() == DataType::Utf8 => array.clone(),
        Way::Text => cast(&cast(array, &DataType::Binary)?, &DataType::Utf8)?,
        Way::Uuid => Arc::new(bytes(array)?.iter().map(|value| value.map(uuid)).collect::<StringArray>()),
        Way::Interval => {
            let values = bytes(array)?.iter().map(|value| value.map(interval)).collect::<IntervalMonthDayNanoArray>();
            Arc::new(values)
        }
        Way::Real(scale) => {
            Arc::new(bytes(array)?.iter().map(|value| value.map(|value| real(value, *scale))).collect::<Float64Array>())
        }
    })
}

fn bytes(array: &ArrayRef) -> Result<BinaryArray, ArrowError> {
    Ok(exact(array, &DataType::Binary)?.as_binary::<i32>().clone())
}

/// Sixteen bytes in hexadecimal digits: `01234567-89ab-cdef-0123-456789abcdef`.
fn uuid(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if [4, 6, 8, 10].contains(&at) {
            text.push('-');
        }
        text += &format!("{byte:02x}");
    }
    text
}

/// Three numbers of four bytes each: months, days, milliseconds.
fn interval(bytes: &[u8]) -> IntervalMonthDayNano {
    let part = |at: usize| {
        let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
        u32::from_le_bytes(four.expect("invariant: an interval has twelve bytes"))
    };
    IntervalMonthDayNano::new(part(0) as i32, part(4) as i32, i64::from(part(8)) * 1_000_000)
}

/// A whole number, most significant byte first, over a power of ten, in the steps in which DuckDB rounds it.
fn real(bytes: &[u8], scale: i32) -> f64 {
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let mut number = 0.0;
    for chunk in bytes.chunks(8) {
        let digits = chunk.iter().map(|byte| if negative { !byte } else { *byte });
        let input = digits.fold(0_u64, |input, byte| input << 8 | u64::from(byte));
        number = number * 2_f64.powi(8 * chunk.len() as i32) + input as f64;
    }
    let power = 10_f64.powf(scale.into());
    if negative { -((number + 1.0) / power) } else { number / power }
}
