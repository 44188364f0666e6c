//! `*` and `table.*`: the columns they stand for, with what is left out, replaced and renamed.

use super::query::Tracer;
use super::scope::{Bound, Scope};
use super::table::{Column, Rest};
use super::{Span, value::Trace};
use sqlparser::ast::{ExcludeSelectItem, Ident, ObjectName, RenameSelectItem, WildcardAdditionalOptions};

/// Columns in order, and what is known of others.
#[derive(Default)]
pub(super) struct Columns {
    pub known: Vec<Column>,
    pub rest: Rest,
}

impl Tracer<'_> {
    /// All columns in sight, or those of the table that `qualifier` names.
    pub(super) fn star(
        &mut self,
        qualifier: Option<&ObjectName>,
        options: &WildcardAdditionalOptions,
        scope: &Scope<'_>,
    ) -> Columns {
        self.reads_all("`*` reads every column");
        let span = self.places.span(options.wildcard_token.0.span);
        let all = match qualifier {
            None => everything(scope, span),
            Some(name) => self.of_table(name, span, scope),
        };
        let all = self.without(all, options);
        let all = self.replaced(all, options, scope);
        let all = self.renamed(all, options);
        match &options.opt_ilike {
            Some(_) => Columns { known: Vec::new(), rest: Rest::Unknown("`*` takes columns by a pattern".into()) },
            None => all,
        }
    }

    /// The columns of one table, or the fields of a struct column.
    fn of_table(&mut self, name: &ObjectName, span: Span, scope: &Scope<'_>) -> Columns {
        let parts: Vec<Ident> = name.0.iter().filter_map(|part| part.as_ident()).cloned().collect();
        let keys = self.keys(&parts);
        if let Some(bound) = scope.qualified(&keys) {
            return of_bound(bound, span);
        }
        let mut fields = Trace::default();
        fields.add(&self.reference(&parts, scope), super::Kind::Derived);
        Columns { known: Vec::new(), rest: Rest::Made(fields.into()) }
    }

    fn without(&self, mut columns: Columns, options: &WildcardAdditionalOptions) -> Columns {
        let mut names: Vec<String> = Vec::new();
        let last = |name: &ObjectName| name.0.last().and_then(|part| part.as_ident()).map(|ident| self.key(ident));
        match &options.opt_exclude {
            Some(ExcludeSelectItem::Single(name)) => names.extend(last(name)),
            Some(ExcludeSelectItem::Multiple(all)) => names.extend(all.iter().filter_map(last)),
            None => {}
        }
        if let Some(except) = &options.opt_except {
            names.push(self.key(&except.first_element));
            names.extend(self.keys(&except.additional_elements));
        }
        columns.known.retain(|column| !column.key.as_ref().is_some_and(|key| names.contains(key)));
        columns.rest.exclude(names);
        columns
    }

    fn replaced(&mut self, mut columns: Columns, options: &WildcardAdditionalOptions, scope: &Scope<'_>) -> Columns {
        for item in options.opt_replace.iter().flat_map(|replace| &replace.items) {
            let (key, trace) = (self.key(&item.column_name), self.value(&item.expr, scope));
            let made = Column::made(Some(key.clone()), &*item.column_name.value, trace);
            match columns.known.iter_mut().find(|column| column.key.as_ref() == Some(&key)) {
                Some(column) => *column = made,
                None => {
                    columns.known.push(made);
                    columns.rest.exclude(vec![key]);
                }
            }
        }
        columns
    }

    fn renamed(&self, mut columns: Columns, options: &WildcardAdditionalOptions) -> Columns {
        let items = match &options.opt_rename {
            None => &[][..],
            Some(RenameSelectItem::Single(one)) => std::slice::from_ref(one),
            Some(RenameSelectItem::Multiple(all)) => all,
        };
        for item in items {
            let (old, new) = (self.key(&item.ident), self.key(&item.alias));
            match columns.known.iter_mut().find(|column| column.key.as_ref() == Some(&old)) {
                Some(column) => (column.key, column.name) = (Some(new), item.alias.value.clone()),
                None => {
                    let span = self.places.name([&item.ident]);
                    let reason = format!("`{old}` is no column of `*`");
                    let trace = columns.rest.named(&old, span).unwrap_or_else(|| Trace::unknown(reason));
                    columns.known.push(Column::made(Some(new), &*item.alias.value, trace));
                    columns.rest.exclude(vec![old]);
                }
            }
        }
        columns
    }
}

/// Every table's columns, a merged column once, at its first place.
fn everything(scope: &Scope<'_>, span: Span) -> Columns {
    let mut all = Columns::default();
    let mut given: Vec<&str> = Vec::new();
    for (at, bound) in scope.tables.iter().enumerate() {
        for merged in scope.merged.iter().filter(|merged| merged.first == at) {
            let listed = bound.table.columns.iter().any(|column| column.key.as_ref() == Some(&merged.key));
            if !listed && !given.contains(&&*merged.key) {
                given.push(&merged.key);
                all.known.push(Column::made(Some(merged.key.clone()), &*merged.name, merged.trace.clone()));
            }
        }
        let Columns { known, mut rest } = of_bound(bound, span);
        for column in known {
            match scope.merged.iter().find(|merged| Some(&merged.key) == column.key.as_ref()) {
                None => all.known.push(column),
                Some(merged) if given.contains(&&*merged.key) => {}
                Some(merged) => {
                    given.push(&merged.key);
                    all.known.push(Column::made(column.key, &*merged.name, merged.trace.clone()));
                }
            }
        }
        rest.exclude(scope.merged.iter().map(|merged| merged.key.clone()).collect());
        all.rest = all.rest.and(rest);
    }
    if scope.tables.is_empty() {
        all.rest = Rest::Unknown("`*` stands where there is no relation".into());
    }
    all
}

fn of_bound(bound: &Bound, span: Span) -> Columns {
    let made = |column: &Column| Column::made(column.key.clone(), &*column.name, column.trace(span));
    let mut rest = bound.table.rest.clone();
    if let Rest::Open { star, .. } = &mut rest {
        star.get_or_insert(span);
    }
    Columns { known: bound.table.columns.iter().map(made).collect(), rest }
}

impl Rest {
    fn exclude(&mut self, names: Vec<String>) {
        if let Rest::Open { without, .. } = self {
            without.extend(names);
        }
    }

    /// A further column by its name.
    pub fn named(&self, key: &str, span: Span) -> Option<Trace> {
        match self {
            Rest::Open { node, without, star } if !without.iter().any(|name| name == key) => {
                Some(Trace::column(node, key, star.unwrap_or(span)))
            }
            _ => self.any(),
        }
    }
}
