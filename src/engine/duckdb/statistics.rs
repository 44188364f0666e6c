//! What a statement that ran has read, from DuckDB's own profile of it.

use super::file::FileKind;
use super::handle::DuckDbConnection;
use super::profile::{Profile, Scanned};
use super::width::{MANY, row_width};
use crate::engine::EngineError;

impl DuckDbConnection {
    /// Has this session's statements profiled from now on. Nothing is printed.
    pub(super) fn enable_profile(&mut self) -> Result<(), EngineError> {
        if !self.profiled {
            // To take note of each step of the planner takes as long as planning a small query does.
            let tracked = "['operator.type', 'operator.extra_info', 'operator.rows_scanned', 'operator.bytes_scanned',
                            'operator.intermediate_rows', 'operator.intermediate_size_bytes',
                            'system.peak_buffer_memory']";
            let pragmas = &format!(
                "pragma enable_profiling = 'no_output'; pragma profiling_mode = 'standard'; set tracked_metrics = {tracked}"
            );
            self.connection.execute_batch(pragmas)?;
            self.profiled = true;
        }
        Ok(())
    }

    /// The profile of the statement that ran last.
    pub(super) fn profile(&self) -> Option<Profile> {
        self.connection.get_profiling_info().as_ref().map(Profile::of)
    }

    /// Bytes of all scans of a statement that has been committed; `None` where that of one isn't known.
    pub(super) fn bytes_scanned(&self, profile: &Profile) -> Option<u64> {
        profile.scans.iter().map(|scan| self.scan_bytes(scan)).sum()
    }

    fn scan_bytes(&self, scan: &Scanned) -> Option<u64> {
        if scan.bytes.is_some() {
            return scan.bytes;
        }
        let Some(relation) = &scan.table else {
            return match FileKind::of(scan.function.as_deref().unwrap_or_default()) {
                Some(_) if scan.files.is_empty() => None,
                Some(kind) => self.file_bytes(kind, &scan.files, &scan.columns).ok(),
                // A function that makes rows reads nothing, nor does the reader of rows in memory.
                None => Some(0),
            };
        };
        let width = match (scan.given, scan.rows) {
            (_, MANY..) | ((0, _), _) => {
                row_width(&*self.widths(relation, scan.rows).ok()?, &scan.columns, &scan.filters)
            }
            ((rows, bytes), _) => bytes as f64 / rows as f64,
        };
        Some((scan.rows as f64 * width) as u64)
    }
}
