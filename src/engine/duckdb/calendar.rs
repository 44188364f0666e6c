//! Dates and time zones, with the extension `icu` or without it.
//!
//! DuckDB turns a point in time into a day through `icu`, which the bundled build lacks and which is never downloaded
//! silently. Where it is installed it is loaded and set to UTC, so that results don't depend on the machine's zone;
//! where it isn't, `current_date` and its like are macros that count in UTC.

use ::duckdb::Connection;

/// Loads `icu` if DuckDB's extension folder holds it, and says whether it is there.
pub(super) fn load_icu(connection: &Connection) -> bool {
    // `load` never downloads. An `icu` of another version or platform can't be loaded: that counts as none.
    connection.execute_batch("load icu").is_ok()
}

/// What every session begins with.
pub(super) fn session_statements(icu: bool) -> String {
    let calendar = if icu {
        "set TimeZone = 'UTC'"
    } else {
        "create or replace temp macro current_date() as epoch_ms(epoch_ms(now()))::date;
             create or replace temp macro today() as epoch_ms(epoch_ms(now()))::date"
    };
    format!("set errors_as_json = true; {calendar}")
}
