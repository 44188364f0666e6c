//! Who reads a relation that is swapped: views hold on to the relation and not to its name.
//!
//! Each view that reads it directly is made anew over the new one, in the same transaction, from its own definition:
//! it stays the view that it is, with its grants, and its readers notice nothing. Where the new columns don't allow
//! that, a view that this run has yet to build stays over the old relation, which is kept under another name until
//! then, and its `_ff_meta` row goes, so that it counts as out of date whatever becomes of the run. Any other view is
//! an error: nothing is dropped that somebody else may read.

use super::error::Failure;
use super::meta;
use super::session::Names;
use crate::dialect::{Dialect, Postgres};
use crate::digest::Tagged;
use crate::engine::{EngineError, ErrorKind};
use crate::name::RelationName;
use ::postgres::error::SqlState;
use ::postgres::types::Type;
use ::postgres::{Client, Transaction};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// The comment of a relation that was replaced and kept, by which a later run knows that fft may drop it.
const MARK: &str = "fft: replaced, and kept for views that are yet to be built over the new one";

/// A relation that was replaced and is still read.
pub(super) struct Old {
    pub relation: RelationName,
    /// The words that `drop` has for it.
    pub keyword: &'static str,
}

/// All of them, shared by the sessions of a database, with the word that drops each.
#[derive(Clone, Default)]
pub(super) struct Left(Arc<Mutex<BTreeMap<RelationName, &'static str>>>);

impl Left {
    pub fn extend(&self, old: Option<Old>) {
        self.lock().extend(old.map(|old| (old.relation, old.keyword)));
    }

    /// Adds what earlier runs left: what bears the mark that they gave it. A name proves nothing.
    pub fn find(&self, client: &mut Client) -> Result<(), EngineError> {
        let sql = "select n.nspname::text, c.relname::text, c.relkind = 'v'
                   from pg_class c join pg_namespace n on n.oid = c.relnamespace
                   where c.relname like '\\_ff\\_old\\_%' and c.relkind in ('r', 'v')
                     and obj_description(c.oid, 'pg_class') = $1";
        for row in client.query_typed(sql, &[(&MARK, Type::TEXT)])? {
            let relation = RelationName::new(None, Some(row.get(0)), row.get(1));
            self.extend(Some(Old { relation, keyword: if row.get(2) { "view" } else { "table" } }));
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<RelationName, &'static str>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// A name that belongs to one build of `relation` alone, in its schema.
pub(super) fn beside(relation: &RelationName, what: &str, run: &str) -> RelationName {
    let digest = Tagged::new("fft-beside-v1").part(relation.to_string().as_bytes()).part(run.as_bytes()).finish();
    RelationName { name: format!("_ff_{what}_{}", digest.short()), ..relation.clone() }
}

/// Drops what nobody reads any more.
pub(super) fn sweep(client: &mut Client, left: &Left) -> Result<(), EngineError> {
    // One may be all that reads another.
    loop {
        let waiting: Vec<_> = left.lock().iter().map(|(relation, keyword)| (relation.clone(), *keyword)).collect();
        let mut dropped = false;
        for (relation, keyword) in waiting {
            match client.batch_execute(&format!("drop {keyword} if exists {}", Postgres.relation(&relation))) {
                Ok(()) => {
                    left.lock().remove(&relation);
                    dropped = true;
                }
                // Still read, or not ours.
                Err(error) if error.as_db_error().is_some() => {}
                Err(error) => return Err(error.into()),
            }
        }
        if !dropped {
            return Ok(());
        }
    }
}

/// A view that reads a relation directly.
pub(super) struct Reader {
    relation: RelationName,
    /// As `pg_class` calls it: `v` a view, `m` a materialized one, others for tables with rules.
    kind: String,
    /// With every name in full.
    definition: String,
    options: Option<String>,
}

/// Who reads the relation directly, by name.
pub(super) fn readers(transaction: &mut Transaction<'_>, oid: u32) -> Result<Vec<Reader>, Failure> {
    let sql = "select n.nspname::text, c.relname::text, c.relkind::text,
                      case when c.relkind = 'v' then pg_get_viewdef(c.oid) else '' end,
                      array_to_string(c.reloptions, ', ')
               from pg_class c join pg_namespace n on n.oid = c.relnamespace
               where c.oid <> $1 and c.oid in (
                   select r.ev_class from pg_rewrite r join pg_depend d on d.objid = r.oid
                   where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
                     and d.refobjid = $1)
               order by n.nspname collate \"C\", c.relname collate \"C\"";
    // Definitions hold short names for what the search path has.
    transaction.batch_execute("set local search_path = ''")?;
    let rows = transaction.query_typed(sql, &[(&oid, Type::OID)])?;
    let reader = |row: &::postgres::Row| Reader {
        relation: RelationName::new(None, Some(row.get(0)), row.get(1)),
        kind: row.get(2),
        definition: row.get(3),
        options: row.get(4),
    };
    Ok(rows.iter().map(reader).collect())
}

/// Gives `target` the grants of the relation that it takes the place of.
pub(super) fn grant(transaction: &mut Transaction<'_>, old: u32, target: &str) -> Result<(), Failure> {
    let sql = "select privilege_type || ' on ' || $2 || ' to '
                      || case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end
                      || case when is_grantable then ' with grant option' else '' end
               from pg_class c, aclexplode(c.relacl) where c.oid = $1 and grantee <> c.relowner";
    for row in transaction.query_typed(sql, &[(&old, Type::OID), (&target, Type::TEXT)])? {
        transaction.batch_execute(&format!("grant {}", row.get::<_, &str>(0)))?;
    }
    Ok(())
}

/// A swap whose names have changed already.
pub(super) struct Swap<'a> {
    pub relation: &'a RelationName,
    pub old: Old,
    pub names: &'a Names,
    /// Whether the run will yet build the relation of that full name.
    pub pending: &'a dyn Fn(&RelationName) -> bool,
}

impl Swap<'_> {
    /// Brings the readers to the new relation and drops the old one; gives that where it is still read.
    pub fn finish(self, transaction: &mut Transaction<'_>, readers: Vec<Reader>) -> Result<Option<Old>, Failure> {
        let mut kept = false;
        for reader in readers {
            let mut savepoint = transaction.transaction()?;
            match rebind(&mut savepoint, &reader) {
                Ok(()) => savepoint.commit()?,
                Err(failure) if failure.code.is_none() => return Err(failure),
                Err(failure) => {
                    savepoint.rollback()?;
                    let full = self.names.resolve(&reader.relation);
                    if !(self.pending)(&full) {
                        return Err(self.refused(&reader, failure));
                    }
                    meta::forget(transaction, self.names, &full)?;
                    kept = true;
                }
            }
        }
        let Old { relation, keyword } = &self.old;
        if kept {
            let (relation, mark) = (Postgres.relation(relation), Postgres.string_literal(MARK));
            transaction.batch_execute(&format!("comment on {keyword} {relation} is {mark}"))?;
            return Ok(Some(self.old));
        }
        let dropped = transaction.batch_execute(&format!("drop {keyword} {}", Postgres.relation(relation)));
        dropped.map_err(|error| self.held(error.into()))?;
        Ok(None)
    }

    fn refused(&self, reader: &Reader, failure: Failure) -> Failure {
        let (view, relation) = (&reader.relation, self.relation);
        let words = &failure.error.message;
        let message = format!("view {view} reads {relation} and can't be kept over its new columns: {words}");
        let hint = "build it in the same run, or change or drop it".to_string();
        let error = EngineError { kind: ErrorKind::Statement, message, position: None, hint: Some(hint) };
        Failure { code: failure.code, error }
    }

    /// The old relation can't be dropped: something other than a view depends on it.
    fn held(&self, mut failure: Failure) -> Failure {
        if failure.is(&SqlState::DEPENDENT_OBJECTS_STILL_EXIST) {
            let words = failure.error.message.replace(&self.old.relation.name, &self.relation.name);
            failure.error.message = format!("{} has other columns than before: {words}", self.relation);
            failure.error.hint = Some("drop what depends on it, or keep its columns".into());
        }
        failure
    }
}

/// The view over what now has the names in its definition.
fn rebind(transaction: &mut Transaction<'_>, reader: &Reader) -> Result<(), Failure> {
    if reader.kind != "v" {
        let words = if reader.kind == "m" { "it is a materialized view" } else { "it is no view but has rules" };
        let error = EngineError { kind: ErrorKind::Statement, message: words.into(), position: None, hint: None };
        return Err(Failure { code: Some(SqlState::FEATURE_NOT_SUPPORTED), error });
    }
    let options = reader.options.as_ref().map_or(String::new(), |options| format!(" with ({options})"));
    let relation = Postgres.relation(&reader.relation);
    transaction.batch_execute(&format!("create or replace view {relation}{options} as {}", reader.definition))?;
    Ok(())
}
