//! Arrow's types as BigQuery stores them: those of its own, or the nearest that holds every value.

use crate::engine::exact::exact;
use arrow::array::{Array, ArrayRef, AsArray, ListArray, StructArray, UInt64Array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{cast, take};
use arrow::datatypes::{DataType, Field, FieldRef, Fields, TimeUnit};
use arrow::error::ArrowError;
use serde_json::{Value, json};
use std::sync::Arc;

/// Digits in front of the point and behind it that the narrower decimal type has.
const NUMERIC: (u8, i8) = (29, 9);
/// Digits of the wider one: all, and those behind the point.
const BIGNUMERIC: (u8, i8) = (76, 38);

/// As Arrow casts a time without zone to one without tables of zones.
const UTC: &str = "+00:00";

/// A column's type as files have it, and as the service declares it.
#[derive(Debug, PartialEq)]
pub struct Stored {
    pub kind: DataType,
    /// `{"type": …}`, with the parts of a record.
    pub declared: Value,
}

impl Stored {
    /// The type that a file has in the place of this one, and what a query then casts it to: what Parquet says of times
    /// is read in more than one way.
    pub fn on_its_way(self) -> (Stored, Option<&'static str>) {
        let (kind, word, cast) = match &self.kind {
            DataType::Time64(_) => (DataType::Utf8, "STRING", "time"),
            DataType::Timestamp(unit, None) => (DataType::Timestamp(*unit, Some(UTC.into())), "TIMESTAMP", "datetime"),
            _ => return (self, None),
        };
        (Stored { kind, declared: json!({"type": word}) }, Some(cast))
    }
}

/// The type that a column's values are cast to before they are sent; why there is none, in words.
pub fn stored(kind: &DataType) -> Result<Stored, String> {
    use DataType::*;
    let plain = |kind: DataType, word: &str| Ok(Stored { kind, declared: json!({"type": word}) });
    match kind {
        Boolean => plain(Boolean, "BOOLEAN"),
        Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 => plain(Int64, "INTEGER"),
        UInt64 => plain(Decimal128(20, 0), "NUMERIC"),
        Float16 | Float32 | Float64 => plain(Float64, "FLOAT"),
        Decimal32(precision, scale) | Decimal64(precision, scale) | Decimal128(precision, scale) => {
            let (precision, scale) = if *scale < 0 { (38, 0) } else { (*precision, *scale) };
            plain(Decimal128(precision, scale), decimal(precision, scale))
        }
        Decimal256(precision, scale) if *scale <= BIGNUMERIC.1 => {
            let (precision, scale) = if *scale < 0 { (BIGNUMERIC.0, 0) } else { (*precision, *scale) };
            plain(Decimal256(precision, scale), decimal(precision, scale))
        }
        Null | Utf8 | LargeUtf8 | Utf8View => plain(Utf8, "STRING"),
        Binary | LargeBinary | BinaryView | FixedSizeBinary(_) => plain(Binary, "BYTES"),
        Date32 | Date64 => plain(Date32, "DATE"),
        Time32(_) | Time64(_) => plain(Time64(TimeUnit::Microsecond), "TIME"),
        Timestamp(_, None) => plain(Timestamp(TimeUnit::Microsecond, None), "DATETIME"),
        Timestamp(_, Some(_)) => plain(Timestamp(TimeUnit::Microsecond, Some("UTC".into())), "TIMESTAMP"),
        List(field) | LargeList(field) | FixedSizeList(field, _) | ListView(field) | LargeListView(field) => {
            repeated(stored(field.data_type())?)
        }
        // Its entries are records of a key and a value.
        Map(entries, _) => repeated(stored(entries.data_type())?),
        Struct(fields) => structure(fields),
        Dictionary(_, values) => stored(values),
        RunEndEncoded(_, values) => stored(values.data_type()),
        Decimal256(..) | Duration(_) | Interval(_) | Union(..) => Err(format!("BigQuery stores no {kind}")),
    }
}

fn decimal(precision: u8, scale: i8) -> &'static str {
    let fits = scale <= NUMERIC.1 && precision.saturating_sub(scale as u8) <= NUMERIC.0;
    if fits { "NUMERIC" } else { "BIGNUMERIC" }
}

fn repeated(element: Stored) -> Result<Stored, String> {
    let Stored { kind, mut declared } = element;
    if declared["mode"] == "REPEATED" {
        return Err("BigQuery stores no lists of lists".into());
    }
    declared["mode"] = "REPEATED".into();
    Ok(Stored { kind: DataType::List(Arc::new(Field::new("element", kind, true))), declared })
}

fn structure(fields: &Fields) -> Result<Stored, String> {
    if fields.is_empty() {
        return Err("BigQuery stores no structs without fields".into());
    }
    let (mut kinds, mut parts) = (Vec::new(), Vec::new());
    for field in fields {
        let Stored { kind, mut declared } =
            stored(field.data_type()).map_err(|words| format!("its part `{}`: {words}", field.name()))?;
        declared["name"] = field.name().as_str().into();
        kinds.push(Field::new(field.name(), kind, true));
        parts.push(declared);
    }
    Ok(Stored { kind: DataType::Struct(kinds.into()), declared: json!({"type": "RECORD", "fields": parts}) })
}

/// Values as files have them: of the type that [`stored`] gave. A null list becomes an empty one, as the service has it;
/// a list that holds a null isn't stored there, and is an error.
pub fn fitting(array: &ArrayRef, kind: &DataType) -> Result<ArrayRef, String> {
    let array = without_maps(array).and_then(|array| exact(&array, kind)).map_err(|error| error.to_string())?;
    without_nulls(&array)
}

/// Maps as the lists of entries that they are, however deep they stand.
fn without_maps(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let as_list = |values: ArrayRef, offsets: &OffsetBuffer<i32>| {
        let element = Arc::new(Field::new("element", values.data_type().clone(), true));
        let list = ListArray::try_new(element, offsets.clone(), values, array.nulls().cloned());
        list.map(|list| Arc::new(list) as ArrayRef)
    };
    match array.data_type() {
        DataType::Map(..) => {
            let map = array.as_map();
            as_list(without_maps(&(Arc::new(map.entries().clone()) as ArrayRef))?, map.offsets())
        }
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            as_list(without_maps(list.values())?, list.offsets())
        }
        DataType::LargeList(element)
        | DataType::FixedSizeList(element, _)
        | DataType::ListView(element)
        | DataType::LargeListView(element) => without_maps(&cast(array, &DataType::List(element.clone()))?),
        DataType::Struct(fields) if !fields.is_empty() => {
            let whole = array.as_struct();
            let parts = whole.columns().iter().map(without_maps).collect::<Result<Vec<_>, _>>()?;
            let field =
                |(field, part): (&FieldRef, &ArrayRef)| Field::new(field.name(), part.data_type().clone(), true);
            let fields: Fields = fields.iter().zip(&parts).map(field).collect();
            Ok(Arc::new(StructArray::try_new(fields, parts, whole.nulls().cloned())?))
        }
        _ => Ok(array.clone()),
    }
}

fn without_nulls(array: &ArrayRef) -> Result<ArrayRef, String> {
    match array.data_type() {
        DataType::List(element) => list(array.as_list(), element),
        DataType::Struct(fields) => {
            let whole = array.as_struct();
            let parts = whole.columns().iter().map(without_nulls).collect::<Result<Vec<_>, _>>()?;
            let array = StructArray::try_new(fields.clone(), parts, whole.nulls().cloned());
            array.map(|array| Arc::new(array) as ArrayRef).map_err(|error| error.to_string())
        }
        _ => Ok(array.clone()),
    }
}

fn list(lists: &ListArray, element: &FieldRef) -> Result<ArrayRef, String> {
    // What stands behind a null list doesn't count.
    let ranges = lists.offsets().windows(2).enumerate().map(|(at, ends)| {
        let (start, end) = (ends[0] as u64, ends[1] as u64);
        if lists.is_null(at) { start..start } else { start..end }
    });
    let ranges: Vec<_> = ranges.collect();
    let kept = UInt64Array::from_iter_values(ranges.iter().cloned().flatten());
    let values = take(lists.values(), &kept, None).map_err(|error| error.to_string())?;
    if values.null_count() > 0 {
        return Err("a list holds a null, which BigQuery doesn't store".into());
    }
    let offsets = OffsetBuffer::from_lengths(ranges.iter().map(|range| (range.end - range.start) as usize));
    let values = without_nulls(&values)?;
    let array = ListArray::try_new(element.clone(), offsets, values, None);
    array.map(|array| Arc::new(array) as ArrayRef).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int32Array, MapBuilder, StringBuilder, UInt64Builder};
    use arrow::datatypes::Int32Type;
    use arrow::util::display::array_value_to_string;

    #[test]
    fn every_type_has_one_that_holds_it() {
        let list = |kind| DataType::List(Arc::new(Field::new("item", kind, true)));
        for (kind, expected) in [
            (DataType::Int8, json!({"type": "INTEGER"})),
            (DataType::UInt64, json!({"type": "NUMERIC"})),
            (DataType::Decimal128(38, 9), json!({"type": "NUMERIC"})),
            (DataType::Decimal128(38, 8), json!({"type": "BIGNUMERIC"})),
            (DataType::Decimal128(12, 10), json!({"type": "BIGNUMERIC"})),
            (DataType::Decimal256(76, 38), json!({"type": "BIGNUMERIC"})),
            (DataType::Timestamp(TimeUnit::Nanosecond, Some("+02:00".into())), json!({"type": "TIMESTAMP"})),
            (list(DataType::Utf8), json!({"type": "STRING", "mode": "REPEATED"})),
            (
                DataType::Struct(vec![Field::new("a", list(DataType::Date32), true)].into()),
                json!({"type": "RECORD", "fields": [{"name": "a", "type": "DATE", "mode": "REPEATED"}]}),
            ),
        ] {
            assert_eq!(stored(&kind).unwrap().declared, expected, "{kind}");
        }
        for (kind, words) in [
            (DataType::Duration(TimeUnit::Second), "BigQuery stores no Duration(s)"),
            (list(list(DataType::Int8)), "BigQuery stores no lists of lists"),
            (DataType::Struct(Fields::empty()), "BigQuery stores no structs without fields"),
        ] {
            assert_eq!(stored(&kind).unwrap_err(), words);
        }
    }

    #[test]
    fn times_go_as_what_is_read_in_one_way_alone() {
        let way = |kind: &DataType| {
            let (way, word) = stored(kind).unwrap().on_its_way();
            (way.declared["type"].as_str().unwrap().to_string(), word)
        };
        let naive = |unit| DataType::Timestamp(unit, None);
        assert_eq!(way(&naive(TimeUnit::Second)), ("TIMESTAMP".into(), Some("datetime")));
        assert_eq!(way(&DataType::Time32(TimeUnit::Second)), ("STRING".into(), Some("time")));
        assert_eq!(way(&DataType::Date32), ("DATE".into(), None));
        let times: ArrayRef = Arc::new(arrow::array::Time64MicrosecondArray::from(vec![86_399_999_999, 0]));
        let moments: ArrayRef = Arc::new(arrow::array::TimestampNanosecondArray::from(vec![-1_000, 1_000]));
        for (array, shown) in [(times, ["23:59:59.999999", "00:00:00"]), (moments, ["-1", "1"])] {
            let (way, _) = stored(array.data_type()).unwrap().on_its_way();
            let there = fitting(&array, &way.kind).unwrap();
            let text = match way.kind {
                DataType::Utf8 => there,
                _ => arrow::compute::cast(&there, &DataType::Int64).unwrap(),
            };
            assert_eq!([0, 1].map(|row| array_value_to_string(&text, row).unwrap()), shown);
        }
    }

    fn fitted(array: ArrayRef) -> Result<Vec<String>, String> {
        let kind = stored(array.data_type())?.kind;
        let array = fitting(&array, &kind)?;
        assert_eq!(array.data_type(), &kind);
        Ok((0..array.len()).map(|row| array_value_to_string(&array, row).unwrap()).collect())
    }

    #[test]
    fn null_lists_are_empty_and_nulls_in_lists_are_told() {
        let lists = |values: Vec<Option<Vec<Option<i32>>>>| {
            Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(values)) as ArrayRef
        };
        assert_eq!(fitted(lists(vec![Some(vec![Some(1)]), None, Some(vec![])])).unwrap(), ["[1]", "[]", "[]"]);
        assert!(fitted(lists(vec![Some(vec![None])])).unwrap_err().contains("a list holds a null"));
        let mut maps = MapBuilder::new(None, StringBuilder::new(), UInt64Builder::new());
        maps.keys().append_value("a");
        maps.values().append_value(1);
        maps.append(true).unwrap();
        maps.append(false).unwrap();
        assert_eq!(fitted(Arc::new(maps.finish())).unwrap(), ["[{key: a, value: 1}]", "[]"]);
        assert_eq!(fitted(Arc::new(Int32Array::from(vec![None, Some(2)]))).unwrap(), ["", "2"]);
    }

    #[test]
    fn maps_are_lists_of_entries_wherever_they_stand() {
        let map = || {
            let mut maps = MapBuilder::new(None, StringBuilder::new(), UInt64Builder::new());
            maps.keys().append_value("a");
            maps.values().append_value(1);
            maps.append(true).unwrap();
            Arc::new(maps.finish()) as ArrayRef
        };
        let of = |array: &ArrayRef| Arc::new(Field::new("x", array.data_type().clone(), true));
        let structure = |part: ArrayRef| Arc::new(StructArray::from(vec![(of(&part), part)])) as ArrayRef;
        let list = |values: ArrayRef| {
            Arc::new(ListArray::new(of(&values), OffsetBuffer::from_lengths([1]), values, None)) as ArrayRef
        };
        let large = |values: ArrayRef| {
            Arc::new(arrow::array::LargeListArray::new(of(&values), OffsetBuffer::from_lengths([1]), values, None))
                as ArrayRef
        };
        assert_eq!(fitted(structure(map())).unwrap(), ["{x: [{key: a, value: 1}]}"]);
        assert_eq!(fitted(list(structure(map()))).unwrap(), ["[{x: [{key: a, value: 1}]}]"]);
        assert_eq!(fitted(large(structure(structure(map())))).unwrap(), ["[{x: {x: [{key: a, value: 1}]}}]"]);
        assert_eq!(fitted(list(map())).unwrap_err(), "BigQuery stores no lists of lists");
    }
}
