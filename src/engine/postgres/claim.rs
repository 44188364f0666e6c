//! One run at a time builds a project in a schema, whatever machine it runs on: an advisory lock that the server lets go
//! when the session ends, however it ends.

use crate::digest::Tagged;
use crate::engine::{Claim, EngineError, Home};
use ::postgres::Client;
use ::postgres::types::Type;

/// Takes the lock, or tells who has it.
pub(super) fn claim(client: &mut Client, home: &Home, project: &str) -> Result<Claim, EngineError> {
    let key = key(home, project);
    let taken = client.query_typed("select pg_try_advisory_lock($1)", &[(&key, Type::INT8)])?;
    if taken[0].get(0) {
        return Ok(Claim::Held);
    }
    let sql = "select pid, coalesce(host(client_addr), ''),
                      coalesce(to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), '')
               from pg_locks join pg_stat_activity using (pid)
               where locktype = 'advisory' and objsubid = 1 and granted
                 and database = (select oid from pg_database where datname = current_database())
                 and (classid::bigint << 32 | objid::bigint) = $1";
    let holder = client.query_typed(sql, &[(&key, Type::INT8)])?;
    let words = holder.first().map_or(String::new(), |row| {
        let address: String = row.get(1);
        let from = if address.is_empty() { "on the server's machine".into() } else { format!("from {address}") };
        // Of another user's session the server may not tell.
        let since: String = row.get(2);
        let since = if since.is_empty() { since } else { format!(", connected since {since}") };
        format!(" (server process {}, {from}{since})", row.get::<_, i32>(0))
    });
    Ok(Claim::Taken(format!("the schema {}{words}", home.schema)))
}

/// What the lock goes by in its database.
fn key(home: &Home, project: &str) -> i64 {
    let digest = Tagged::new("fft-claim-v1").part(project.as_bytes()).part(home.schema.as_bytes()).finish();
    i64::from_str_radix(&digest.short(), 16).expect("invariant: 12 hexadecimal digits fit")
}
