//! What an engine tells of a statement that ran: an open map, since each has measures of its own.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// Rows that stand in the relation built.
const ROWS: &str = "rows";
/// Time that the engine spent on what makes the rows, in microseconds.
const TIME: &str = "time_us";
/// Bytes that were read of relations and files.
const BYTES: &str = "bytes_scanned";
/// Whether those are what the engine's plan expected, not what was measured.
const ESTIMATED: &str = "bytes_estimated";
/// Most memory that the statement held, in bytes.
const MEMORY: &str = "peak_memory";

/// What is paid for, and adds up over the statements of a build.
const SUMS: [&str; 2] = [BILLED, SLOTS];
/// Bytes that were billed.
const BILLED: &str = "bytes_billed";
/// Time of all processors together that was spent, in milliseconds.
const SLOTS: &str = "slot_ms";

/// Measures by name: those that every report has a column for, and whatever else an engine counts (a job's number and
/// address, bytes billed, slots, credits), which is passed on as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Measures(BTreeMap<String, Value>);

impl Measures {
    pub fn rows(&self) -> Option<u64> {
        self.number(ROWS)
    }

    pub fn time(&self) -> Option<Duration> {
        self.number(TIME).map(Duration::from_micros)
    }

    pub fn bytes_scanned(&self) -> Option<u64> {
        self.number(BYTES)
    }

    pub fn bytes_estimated(&self) -> bool {
        self.0.get(ESTIMATED).and_then(Value::as_bool).unwrap_or_default()
    }

    pub fn peak_memory(&self) -> Option<u64> {
        self.number(MEMORY)
    }

    /// What only some engines count.
    pub fn others(&self) -> BTreeMap<String, Value> {
        let known = [ROWS, TIME, BYTES, ESTIMATED, MEMORY];
        let others = self.0.iter().filter(|(name, _)| !known.contains(&name.as_str()));
        others.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    pub fn with_rows(self, rows: u64) -> Measures {
        self.with(ROWS, rows)
    }

    pub fn without_rows(mut self) -> Measures {
        self.0.remove(ROWS);
        self
    }

    pub fn with_time(self, time: Duration) -> Measures {
        self.with(TIME, time.as_micros() as u64)
    }

    /// Bytes as they were measured.
    pub fn with_bytes(mut self, bytes: u64) -> Measures {
        self.0.remove(ESTIMATED);
        self.with(BYTES, bytes)
    }

    /// Bytes as the engine's plan expects them.
    pub fn with_estimated_bytes(self, bytes: u64) -> Measures {
        self.with(BYTES, bytes).with(ESTIMATED, true)
    }

    pub fn with_peak_memory(self, bytes: u64) -> Measures {
        self.with(MEMORY, bytes)
    }

    pub fn with_billed_bytes(self, bytes: u64) -> Measures {
        self.with(BILLED, bytes)
    }

    pub fn bytes_billed(&self) -> Option<u64> {
        self.number(BILLED)
    }

    pub fn with_slot_time(self, time: Duration) -> Measures {
        self.with(SLOTS, time.as_millis() as u64)
    }

    /// What it took alone: its time and what is paid for.
    pub fn cost(self) -> Measures {
        Measures(self.0.into_iter().filter(|(name, _)| name == TIME || SUMS.contains(&name.as_str())).collect())
    }

    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Measures {
        self.0.insert(name.into(), value.into());
        self
    }

    /// The measures of one statement after another: rows, times and what is paid for add up, memory is the most of each,
    /// the rest is that of the last one which tells it.
    pub fn and(self, next: Measures) -> Measures {
        let sum = |name: &str| self.number(name).into_iter().chain(next.number(name)).reduce(u64::saturating_add);
        let (rows, paid) = (sum(ROWS), SUMS.map(sum));
        let memory = self.peak_memory().max(next.peak_memory());
        let time = self.time().into_iter().chain(next.time()).reduce(|sum, time| sum + time);
        let mut all = Measures(self.0.into_iter().chain(next.0).collect());
        all.put(ROWS, rows);
        SUMS.into_iter().zip(paid).for_each(|(name, value)| all.put(name, value));
        all.put(MEMORY, memory);
        all.put(TIME, time.map(|time| time.as_micros() as u64));
        all
    }

    fn put(&mut self, name: &str, value: Option<u64>) {
        if let Some(value) = value {
            self.0.insert(name.into(), value.into());
        }
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.0.get(name).and_then(Value::as_u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_of_statements_add_up() {
        let one = Measures::default().with_rows(2).with_peak_memory(9).with_time(Duration::from_micros(5));
        let two = Measures::default().with_rows(3).with_peak_memory(4).with_time(Duration::from_micros(6));
        let both = one.and(two.with_estimated_bytes(7).with("job", "j-1"));
        assert_eq!((both.rows(), both.peak_memory(), both.time()), (Some(5), Some(9), Some(Duration::from_micros(11))));
        assert_eq!((both.bytes_scanned(), both.bytes_estimated()), (Some(7), true));
        assert_eq!(both.others(), [("job".to_string(), Value::from("j-1"))].into());
        assert!(!both.with_bytes(8).bytes_estimated());
        assert_eq!(Measures::default().and(Measures::default()).rows(), None);
        let paid = |bytes| Measures::default().with_billed_bytes(bytes).with_slot_time(Duration::from_millis(2));
        let others = paid(1).and(paid(7)).and(Measures::default()).others();
        assert_eq!(others, [("bytes_billed".to_string(), 8.into()), ("slot_ms".to_string(), 4.into())].into());
    }
}
