//! When the newest data of a source came: by what the source declares, or by the times of its files.

use super::{Observer, placed};
use crate::dialect::{is_remote, origin};
use crate::engine::{EngineError, ErrorKind};
use crate::project::SourceTable;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Int64Type, TimeUnit, TimestampNanosecondType};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::path::Path;

const NANOSECONDS: i128 = 1_000_000_000;

/// When the newest data came.
#[derive(Clone, Debug, PartialEq)]
pub enum Loaded {
    At(Timestamp),
    /// There are none.
    Nothing,
    /// Why that can't be told, in words.
    Unknown(String),
}

impl Observer<'_> {
    /// When the newest data of `source` came. What its own query or field says goes first, then the field that
    /// `freshness` names, then the times of its files. A time without a zone is one of UTC.
    ///
    /// # Errors
    /// The engine's, where the database is lost; what is wrong with one source is [`Loaded::Unknown`].
    pub fn loaded(&mut self, source: &SourceTable) -> Result<Loaded, EngineError> {
        let own = source.loaded_at_query.is_some() || source.loaded_at_field.is_some();
        let field = source.freshness.as_ref().and_then(|freshness| freshness.loaded_at_field.clone());
        let with_field = SourceTable { loaded_at_field: field, ..source.clone() };
        let queries = self.dialect.loaded_at(if own { source } else { &with_field });
        let mut first = None;
        for query in &queries {
            match self.session.read(query) {
                Ok(rows) => return Ok(loaded(&rows)),
                Err(error) if error.kind == ErrorKind::Statement => drop(first.get_or_insert(error)),
                Err(error) => return Err(error),
            }
        }
        match first {
            Some(error) => Ok(Loaded::Unknown(self.project.env.redact(&error.message))),
            None if source.location.is_empty() => {
                Ok(Loaded::Unknown("nothing tells when its rows came: declare `loaded_at_field`".into()))
            }
            None => self.newest_file(source),
        }
    }

    /// When the newest of its files was written.
    fn newest_file(&mut self, source: &SourceTable) -> Result<Loaded, EngineError> {
        let places = self.dialect.file_patterns(source);
        if let Some(place) = places.iter().find(|place| is_remote(place)) {
            let why = format!("nothing tells when the files at {} came: declare `loaded_at_field`", origin(place));
            return Ok(Loaded::Unknown(why));
        }
        let mut newest = None;
        for place in &places {
            let Some(files) = self.session.files(&placed(place, self.project, self.dialect))? else {
                return Ok(Loaded::Unknown("its files are read where fft can't see them".into()));
            };
            for file in files {
                match self.world.stamp(Path::new(&file)) {
                    Ok(stamp) => newest = newest.max(Some(stamp.modified)),
                    Err(error) => return Ok(Loaded::Unknown(format!("a file of it can't be looked at: {error}"))),
                }
            }
        }
        Ok(newest.map_or(Loaded::Nothing, Loaded::At))
    }
}

/// The first value as an instant.
fn loaded(rows: &[RecordBatch]) -> Loaded {
    let Some(column) = rows.iter().find(|batch| batch.num_rows() > 0).map(|batch| batch.column(0)) else {
        return Loaded::Nothing;
    };
    if column.is_null(0) || column.data_type() == &DataType::Null {
        return Loaded::Nothing;
    }
    let told = || Loaded::Unknown(format!("its newest value is no time but {}", column.data_type()));
    instant(column).map_or_else(told, Loaded::At)
}

fn instant(column: &ArrayRef) -> Option<Timestamp> {
    match column.data_type() {
        DataType::Timestamp(unit, _) => {
            // What stands for the instant is a number of units since 1970, with or without a zone.
            let number = i128::from(cast(column, &DataType::Int64).ok()?.as_primitive_opt::<Int64Type>()?.value(0));
            let units = match unit {
                TimeUnit::Second => 1,
                TimeUnit::Millisecond => 1_000,
                TimeUnit::Microsecond => 1_000_000,
                TimeUnit::Nanosecond => NANOSECONDS,
            };
            Timestamp::from_nanosecond(number.checked_mul(NANOSECONDS / units)?).ok()
        }
        DataType::Date32 => {
            let days = i64::from(column.as_primitive_opt::<Date32Type>()?.value(0));
            Timestamp::from_second(days.checked_mul(86_400)?).ok()
        }
        DataType::Date64 => {
            let whole = cast(column, &DataType::Timestamp(TimeUnit::Nanosecond, None)).ok()?;
            let number = whole.as_primitive_opt::<TimestampNanosecondType>()?.value(0);
            Timestamp::from_nanosecond(number.into()).ok()
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            of_text(cast(column, &DataType::Utf8).ok()?.as_string_opt::<i32>()?.value(0).trim())
        }
        _ => None,
    }
}

/// `2026-01-02 10:00:00+01:00`, or without a zone, which is then UTC.
fn of_text(text: &str) -> Option<Timestamp> {
    let in_utc = |time: DateTime| time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    text.parse::<Timestamp>().ok().or_else(|| text.parse::<DateTime>().ok().and_then(in_utc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{
        Date32Array, Int32Array, StringArray, TimestampMicrosecondArray, TimestampSecondArray, new_null_array,
    };
    use std::sync::Arc;

    fn told(column: ArrayRef) -> Loaded {
        loaded(&[RecordBatch::try_from_iter([("loaded_at", column)]).unwrap()])
    }

    fn at(text: &str) -> Loaded {
        Loaded::At(text.parse().unwrap())
    }

    #[test]
    fn times_of_every_type_are_instants() {
        let micros = 1_700_000_000_000_001;
        let plain = TimestampMicrosecondArray::from(vec![micros]);
        assert_eq!(told(Arc::new(plain.clone())), at("2023-11-14T22:13:20.000001Z"));
        // The zone says how it is shown, not when it was.
        assert_eq!(told(Arc::new(plain.with_timezone("+02:00"))), at("2023-11-14T22:13:20.000001Z"));
        assert_eq!(told(Arc::new(TimestampSecondArray::from(vec![-1]))), at("1969-12-31T23:59:59Z"));
        assert_eq!(told(Arc::new(Date32Array::from(vec![1]))), at("1970-01-02T00:00:00Z"));
        for (text, instant) in [
            ("2026-01-02", "2026-01-02T00:00:00Z"),
            ("2026-01-02 03:04:05.5", "2026-01-02T03:04:05.5Z"),
            ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05Z"),
            ("2026-01-02 03:04:05+02", "2026-01-02T01:04:05Z"),
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ] {
            assert_eq!(told(Arc::new(StringArray::from(vec![text]))), at(instant), "{text}");
        }
    }

    #[test]
    fn no_row_and_no_time_are_told() {
        assert_eq!(told(new_null_array(&DataType::Timestamp(TimeUnit::Second, None), 1)), Loaded::Nothing);
        assert_eq!(told(new_null_array(&DataType::Null, 1)), Loaded::Nothing);
        assert_eq!(told(Arc::new(StringArray::from(Vec::<&str>::new()))), Loaded::Nothing);
        let words = |column: ArrayRef| match told(column) {
            Loaded::Unknown(why) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(words(Arc::new(Int32Array::from(vec![5]))), "its newest value is no time but Int32");
        assert_eq!(words(Arc::new(StringArray::from(vec!["soon"]))), "its newest value is no time but Utf8");
    }
}
