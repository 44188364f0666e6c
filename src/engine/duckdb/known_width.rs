//! Widths of columns that were found already.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Mean bytes by column, lower-cased.
pub(super) type Widths = BTreeMap<String, f64>;

/// Widths of relations by the name that plans have for them, shared by all sessions of a database.
#[derive(Clone, Default)]
pub(super) struct KnownWidths(Arc<Mutex<BTreeMap<String, Arc<Widths>>>>);

impl KnownWidths {
    /// A relation that is built anew has other columns, and other rows.
    pub fn forget(&self, relation: &str) {
        self.lock().remove(relation);
    }

    pub fn get(&self, relation: &str) -> Option<Arc<Widths>> {
        self.lock().get(relation).cloned()
    }

    pub fn put(&self, relation: &str, widths: Arc<Widths>) {
        self.lock().insert(relation.into(), widths);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Widths>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
