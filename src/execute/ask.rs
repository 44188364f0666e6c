//! One test's query: how many rows are wrong, and the first of them.

use super::node::Workplace;
use super::sent::folder;
use super::{Sample, TestOutcome};
use crate::check::guard::{refuse, untold};
use crate::diagnostic::Location;
use crate::dialect::Create;
use crate::digest::Digest;
use crate::engine::{Content, EngineError, ErrorKind, RelationKind};
use crate::graph;
use crate::name::RelationName;
use crate::project::{TestSeverity, TestTerms};
use crate::render::Sent;
use crate::test::{DataTest, ReadNode, TestDecision, TestStatus};
use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

/// Rows that a result shows at most.
const SHOWN: usize = 5;
/// Characters of a value that it shows at most.
const LONGEST: usize = 200;
/// The schema of tables that hold failing rows.
pub const STORE: &str = "_ff_failures";
/// Engines cut longer names off.
const NAME: usize = 60;

/// A test with what the worker can't know.
pub struct TestTask {
    pub test: usize,
    pub decision: TestDecision,
    pub read: BTreeMap<String, ReadNode>,
}

/// Why a test couldn't be run.
struct Failed {
    message: String,
    details: Vec<String>,
}

impl From<EngineError> for Failed {
    fn from(error: EngineError) -> Failed {
        Failed { message: error.message, details: error.hint.map(|hint| format!("hint: {hint}")).into_iter().collect() }
    }
}

/// What a query found.
#[derive(Default)]
struct Counted {
    failures: u64,
    sample: Option<Sample>,
    stored: Option<String>,
}

impl Workplace<'_> {
    pub fn test(&mut self, TestTask { test: number, decision, read }: TestTask) -> TestOutcome {
        let execution = self.execution;
        let world = execution.world.clone();
        let (started_at, started) = (world.now(), world.elapsed());
        let test = &execution.testing.suite.tests[number];
        let mut statement = None;
        let counted = self.counted(test, &mut statement);
        let base = TestOutcome {
            statement,
            started_at: Some(started_at),
            finished_at: Some(world.now()),
            duration_ms: Some(world.elapsed().saturating_sub(started).as_millis() as u64),
            read,
            ..TestOutcome::instant(number, TestStatus::Error, decision)
        };
        match counted {
            Ok(Counted { failures, sample, stored }) => {
                TestOutcome { status: status(&test.terms, failures), failures: Some(failures), sample, stored, ..base }
            }
            Err(Failed { message, details }) => {
                let redact = |text: &String| crate::project::redact(text, execution.secrets);
                let cancelled = execution.cancelled.load(Ordering::Relaxed);
                TestOutcome {
                    message: Some(if cancelled { "interrupted".into() } else { redact(&message) }),
                    details: if cancelled { Vec::new() } else { details.iter().map(redact).collect() },
                    at: Some(place(test)),
                    ..base
                }
            }
        }
    }

    fn counted(&mut self, test: &DataTest, statement: &mut Option<String>) -> Result<Counted, Failed> {
        let execution = self.execution;
        let dialect = self.dialect();
        let filled = graph::fill_hook(execution.graph, execution.project, dialect, &test.query.marked, None);
        let (text, _) = filled.map_err(|message| Failed { message, details: Vec::new() })?;
        *statement = Some(dialect.without_terminator(text.shown()).trim().to_string());
        let folder = folder(execution.project, dialect);
        let sent = Sent { env: &execution.project.env, folder: &folder };
        let query = dialect.without_terminator(&text.reveal(&sent)).trim().to_string();
        self.guard_test(&query)?;
        let ran = self.ask(test, &query);
        if matches!(&ran, Err(error) if error.kind == ErrorKind::Connection) {
            self.end_session();
        }
        Ok(ran?)
    }

    /// Refuses a query that would read more than it may.
    fn guard_test(&mut self, query: &str) -> Result<(), Failed> {
        let Some(limit) = &self.execution.query_limit else { return Ok(()) };
        let refusal = match self.session_for("a test")?.estimate(&Content::Query(query)) {
            Ok(estimate) => estimate.and_then(|estimate| refuse(&estimate, limit)),
            Err(error) if error.kind == ErrorKind::Statement => None,
            Err(error) => Some(untold(&error, limit)),
        };
        refusal.map_or(Ok(()), |refusal| Err(Failed { message: refusal.message, details: refusal.details }))
    }

    fn ask(&mut self, test: &DataTest, query: &str) -> Result<Counted, EngineError> {
        let text = self.dialect().text_type();
        if test.query.counts {
            let rows = self.session_for(&test.name)?.read(query)?;
            return Ok(Counted { failures: number(&rows)?, ..Counted::default() });
        }
        let bounded = match test.terms.limit {
            Some(limit) => format!("select * from (\n{query}\n) as failing limit {limit}"),
            None => query.to_string(),
        };
        let counting = format!("select cast(count(*) as {text}) as n from (\n{bounded}\n) as failing");
        let failures = number(&self.session_for(&test.name)?.read(&counting)?)?;
        let stored = if self.execution.testing.store { self.store(test, query, failures)? } else { None };
        let sample = if failures > 0 {
            let some = format!("select * from (\n{query}\n) as failing limit {SHOWN}");
            Some(sample(&self.session_for(&test.name)?.read(&some)?)?)
        } else {
            None
        };
        Ok(Counted { failures, sample, stored })
    }

    /// Keeps the failing rows in the test's own table, in the place of those of another time.
    fn store(&mut self, test: &DataTest, query: &str, failures: u64) -> Result<Option<String>, EngineError> {
        let dialect = self.dialect();
        let relation = stored(&test.name);
        let drop = dialect.drop(RelationKind::Table, &relation).text;
        let create = dialect.create(&Create::new(RelationKind::Table, &relation, query)).text;
        let statements = if failures > 0 { vec![drop, create] } else { vec![drop] };
        self.session_for(&test.name)?.run_hook(&statements)?;
        Ok((failures > 0).then(|| dialect.relation(&relation)))
    }
}

/// The table of a test's failing rows.
fn stored(name: &str) -> RelationName {
    let short = match name.char_indices().nth(NAME) {
        None => name.to_string(),
        Some(_) => {
            let head: String = name.chars().take(NAME - 9).collect();
            format!("{head}_{}", &Digest::of(name.as_bytes()).short()[..8])
        }
    };
    RelationName::new(None, Some(STORE), &short)
}

/// What so many failures come to.
fn status(terms: &TestTerms, failures: u64) -> TestStatus {
    match terms.severity {
        TestSeverity::Error if terms.error_if.holds(failures) => TestStatus::Fail,
        _ if terms.warn_if.holds(failures) => TestStatus::Warn,
        _ => TestStatus::Pass,
    }
}

/// Of a query in a file the file, else where the test is declared.
fn place(test: &DataTest) -> Location {
    match &test.query.file {
        Some((path, ..)) => Location::file(path),
        None => test.at.clone(),
    }
}

/// The first value of the first row, a whole number that isn't negative.
fn number(rows: &[RecordBatch]) -> Result<u64, EngineError> {
    let wrong = |what: &str| {
        EngineError::new(ErrorKind::Statement, format!("the query gives {what} in place of a number of failures"))
            .hint("it gives one row with one value: `select count(*) as failures from …`")
    };
    let Some(batch) = rows.iter().find(|batch| batch.num_rows() > 0) else { return Err(wrong("no row")) };
    let text = texts(batch)?.into_iter().next().and_then(|row| row.into_iter().next()).flatten();
    let Some(text) = text else { return Err(wrong("null")) };
    let whole = text.parse::<u64>().ok();
    let written = || text.parse::<f64>().ok().filter(|number| *number >= 0.0 && number.fract() == 0.0);
    whole.or_else(|| written().map(|number| number as u64)).ok_or_else(|| wrong(&format!("`{text}`")))
}

fn sample(rows: &[RecordBatch]) -> Result<Sample, EngineError> {
    let Some(first) = rows.first() else { return Ok(Sample::default()) };
    let columns = first.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut found = Vec::new();
    for batch in rows {
        found.extend(texts(batch)?);
    }
    found.truncate(SHOWN);
    Ok(Sample { columns, rows: found })
}

/// Each row's values as text.
fn texts(batch: &RecordBatch) -> Result<Vec<Vec<Option<String>>>, EngineError> {
    let failed = |error: ArrowError| EngineError::new(ErrorKind::Statement, error.to_string());
    let options = FormatOptions::default();
    let plain: Result<Vec<_>, _> = batch.columns().iter().map(in_utc).collect();
    let plain = plain.map_err(failed)?;
    let columns: Result<Vec<_>, _> =
        plain.iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options)).collect();
    let columns = columns.map_err(failed)?;
    let value = |column: usize, row: usize| {
        let there = batch.column(column).is_valid(row);
        there.then(|| crate::diagnostic::brief(&columns[column].value(row).to_string(), LONGEST).into_owned())
    };
    Ok((0..batch.num_rows()).map(|row| (0..columns.len()).map(|column| value(column, row)).collect()).collect())
}

/// Instants of a zone, written as UTC's: zones aren't known by name here.
fn in_utc(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match column.data_type() {
        DataType::Timestamp(unit, Some(_)) => cast(column, &DataType::Timestamp(*unit, Some("+00:00".into()))),
        _ => Ok(column.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{FailureBound, TestTerms};
    use arrow::array::{Int64Array, StringArray, TimestampMicrosecondArray};
    use std::sync::Arc;

    fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
        RecordBatch::try_from_iter(columns).unwrap()
    }

    #[test]
    fn failures_come_to_what_the_terms_say() {
        let bound = |text: &str| FailureBound::parse(text).unwrap();
        let terms = TestTerms { warn_if: bound(">2"), error_if: bound(">10"), ..TestTerms::default() };
        let of = |failures| status(&terms, failures);
        assert_eq!([of(2), of(3), of(11)], [TestStatus::Pass, TestStatus::Warn, TestStatus::Fail]);
        let warns = TestTerms { severity: TestSeverity::Warn, ..TestTerms::default() };
        assert_eq!([status(&warns, 0), status(&warns, 1)], [TestStatus::Pass, TestStatus::Warn]);
    }

    #[test]
    fn a_number_is_taken_from_any_type_and_nothing_else_is() {
        let of = |column: ArrayRef| number(&[batch(vec![("n", column)])]).map_err(|error| error.message);
        assert_eq!(of(Arc::new(Int64Array::from(vec![7]))), Ok(7));
        assert_eq!(of(Arc::new(StringArray::from(vec!["3.0"]))), Ok(3));
        assert!(of(Arc::new(StringArray::from(vec!["many"]))).unwrap_err().contains("`many`"));
        assert!(of(Arc::new(Int64Array::from(vec![None]))).unwrap_err().contains("null"));
        assert!(of(Arc::new(Int64Array::from(Vec::<i64>::new()))).unwrap_err().contains("no row"));
    }

    #[test]
    fn instants_of_any_zone_are_shown() {
        for zone in ["UTC", "Europe/Berlin", "+02:00"] {
            let times = TimestampMicrosecondArray::from(vec![0, 1_000_000]).with_timezone(zone);
            let shown = texts(&batch(vec![("t", Arc::new(times))])).unwrap();
            assert_eq!(shown[1], [Some("1970-01-01T00:00:01Z".to_string())], "{zone}");
        }
    }

    #[test]
    fn a_sample_is_short() {
        let long = "x".repeat(500);
        let values: Vec<Option<&str>> = (0..9).map(|row| (row != 1).then_some(long.as_str())).collect();
        let found = sample(&[batch(vec![("v", Arc::new(StringArray::from(values)))])]).unwrap();
        assert_eq!((found.columns.join(""), found.rows.len()), ("v".into(), SHOWN));
        assert!(found.rows[1][0].is_none() && found.rows[0][0].as_ref().unwrap().chars().count() < 250);
        assert!(stored(&"n".repeat(90)).name.chars().count() <= NAME);
    }
}
