//! A name in an expression: which column it is.
//!
//! A qualified name is a table's column if a table in sight has that name; else it is a field of a struct column. What
//! lies deeper than the column is a field, and so derived from the column.

use super::query::Tracer;
use super::scope::Scope;
use super::table::Found;
use super::value::Trace;
use super::{Kind, Span};
use sqlparser::ast::Ident;

impl Tracer<'_> {
    pub(super) fn key(&self, ident: &Ident) -> String {
        self.grammar.key(&ident.value, ident.quote_style.is_some())
    }

    pub(super) fn keys<'i>(&self, parts: impl IntoIterator<Item = &'i Ident>) -> Vec<String> {
        parts.into_iter().map(|part| self.key(part)).collect()
    }

    /// The column that a name of one or more parts is, or is a field of.
    pub(super) fn reference(&self, parts: &[Ident], scope: &Scope<'_>) -> Trace {
        let span = self.places.name(parts);
        let keys = self.keys(parts);
        if keys.last().is_some_and(|last| scope.qualified(std::slice::from_ref(last)).is_some()) {
            self.reads_all(&format!("`{}` may be a whole row", keys.join(".")));
        }
        self.qualified(&keys, span, scope)
            .or_else(|| self.field(&keys, span, scope))
            .or_else(|| whole_row(&keys, span, scope))
            .unwrap_or_else(|| Trace::unknown(format!("`{}` is no column in sight", keys.join("."))))
    }

    /// `table.column` and its fields, the longest qualifier first.
    fn qualified(&self, keys: &[String], span: Span, scope: &Scope<'_>) -> Option<Trace> {
        (1..keys.len()).rev().find_map(|length| {
            let bound = scope.qualified(&keys[..length])?;
            let found = match bound.find(&keys[length], span) {
                Found::One(trace) | Found::Perhaps(trace) => trace,
                Found::Several => {
                    Trace::unknown(format!("`{}` has several columns `{}`", keys[..length].join("."), keys[length]))
                }
                Found::None => return None,
            };
            Some(fields(found, keys.len() - length - 1))
        })
    }

    /// `column` and its fields.
    fn field(&self, keys: &[String], span: Span, scope: &Scope<'_>) -> Option<Trace> {
        let named = keys.len() > 1 && scope.qualified(&keys[..1]).is_some_and(|bound| bound.table.is_complete());
        let found = scope.column(&keys[0], span)?;
        // A table of that name hasn't the column, so that nothing but a certain struct is left.
        (!named || found.unknown.is_none()).then(|| fields(found, keys.len() - 1))
    }
}

fn fields(trace: Trace, depth: usize) -> Trace {
    if depth == 0 {
        return trace;
    }
    let mut derived = Trace::default();
    derived.add(&trace, Kind::Derived);
    derived
}

/// A table's name alone: all its columns as one value.
fn whole_row(keys: &[String], span: Span, scope: &Scope<'_>) -> Option<Trace> {
    let bound = scope.qualified(keys)?;
    let mut all = Trace::default();
    for column in &bound.table.columns {
        all.add(&column.trace(span), Kind::Derived);
    }
    if !bound.table.is_complete() {
        let reason = format!("the columns of `{}` aren't all known", keys.join("."));
        all.add(&bound.table.rest.any().unwrap_or_else(|| Trace::unknown(reason)), Kind::Derived);
    }
    Some(all)
}
