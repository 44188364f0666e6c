//! The columns that a snapshot's table has beside those of its query.

use super::{HardDeletes, Snapshot};

pub const VALID_FROM: &str = "_ff_valid_from";
pub const VALID_TO: &str = "_ff_valid_to";
pub const IS_CURRENT: &str = "_ff_is_current";
pub const HASH: &str = "_ff_snapshot_hash";
pub const UPDATED_AT: &str = "_ff_updated_at";
/// Of histories that say of a row that it is gone.
pub const IS_DELETED: &str = "_ff_is_deleted";

/// Those that every history has.
pub const OWN: [&str; 5] = [VALID_FROM, VALID_TO, IS_CURRENT, HASH, UPDATED_AT];

impl Snapshot {
    /// Those that the table of this one has, once it is made.
    pub fn own_columns(&self) -> impl Iterator<Item = &'static str> {
        OWN.into_iter().chain((self.hard_deletes == HardDeletes::NewRecord).then_some(IS_DELETED))
    }
}
