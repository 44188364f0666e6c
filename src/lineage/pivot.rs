//! `pivot` and `unpivot` behind `from`.

use super::Kind;
use super::query::Tracer;
use super::scope::Scope;
use super::star::Columns;
use super::table::{Column, Rest, Table};
use super::value::Trace;
use crate::dialect::PivotNames;
use sqlparser::ast::{Expr, ExprWithAlias, Ident, PivotValueSource, TableFactor, Value};

impl Tracer<'_> {
    pub(super) fn pivoted(&mut self, factor: &TableFactor, scope: &mut Scope<'_>) {
        self.reads_all("what isn't named in a pivot is read too");
        match factor {
            TableFactor::Pivot { table, aggregate_functions, value_column, value_source, alias, .. } => {
                let made = self.under(table, scope, |tracer, inner| {
                    tracer.pivot(aggregate_functions, value_column, value_source, inner)
                });
                self.bind(made, alias.as_ref(), Vec::new(), scope);
            }
            TableFactor::Unpivot { table, value, name, columns, alias, .. } => {
                let made = self.under(table, scope, |tracer, inner| tracer.unpivot(value, name, columns, inner));
                self.bind(made, alias.as_ref(), Vec::new(), scope);
            }
            _ => {}
        }
    }

    /// A table made from one that stands in a scope of its own.
    fn under(
        &mut self,
        table: &TableFactor,
        scope: &Scope<'_>,
        make: impl FnOnce(&mut Self, &Scope<'_>) -> (Vec<Column>, Rest),
    ) -> Table {
        let mut inner = Scope::new(Some(scope), &[]);
        self.factor(table, &mut inner);
        let (columns, rest) = make(self, &inner);
        Table { columns, rest, rows: std::mem::take(&mut inner.rows) }
    }

    /// What is neither aggregated nor spread stays; each value gives a column for each aggregate.
    fn pivot(
        &mut self,
        aggregates: &[ExprWithAlias],
        spread: &[Expr],
        source: &PivotValueSource,
        inner: &Scope<'_>,
    ) -> (Vec<Column>, Rest) {
        let mut chosen = Trace::default();
        spread.iter().for_each(|column| self.gather(column, Kind::Filter, inner, &mut chosen));
        let mut made = Vec::new();
        let mut used = spread.iter().flat_map(names).map(|name| self.key(name)).collect::<Vec<_>>();
        for aggregate in aggregates {
            let mut trace = Trace::default();
            self.gather(&aggregate.expr, Kind::Derived, inner, &mut trace);
            trace.merge(&chosen);
            used.extend(names(&aggregate.expr).into_iter().map(|name| self.key(name)));
            made.push((aggregate.alias.as_ref().map(|alias| alias.value.clone()), trace));
        }
        let mut all = self.star(None, &Default::default(), inner);
        let kept = all.known.drain(..).filter(|column| column.key.as_ref().is_none_or(|key| !used.contains(key)));
        let mut columns: Vec<Column> = kept.collect();
        let PivotValueSource::List(values) = source else {
            let mut any = Trace::default();
            made.iter().for_each(|(_, trace)| any.merge(trace));
            return (columns, all.rest.and(Rest::Made(any.into())));
        };
        for value in values {
            for (alias, trace) in &made {
                let name = self.pivoted_name(value, alias.as_deref());
                // Without an alias, several aggregates get names that the engine makes up.
                let name = name.filter(|_| alias.is_some() || made.len() == 1);
                let key = name.as_ref().map(|name| self.grammar.known(name));
                columns.push(Column::made(key, name.unwrap_or_default(), trace.clone()));
            }
        }
        (columns, all.rest.less(used))
    }

    /// What the column of a value is called, and of an aggregate that has an alias.
    fn pivoted_name(&self, value: &ExprWithAlias, alias: Option<&str>) -> Option<String> {
        let name = value_name(value)?;
        match (self.grammar.pivot.names, alias) {
            (PivotNames::Literal, Some(_)) => None,
            (PivotNames::Literal, None) if value.alias.is_none() && !matches!(value.expr, Expr::Identifier(_)) => {
                Some(value.expr.to_string())
            }
            (_, None) => Some(name),
            (PivotNames::AliasFirst, Some(alias)) => Some(format!("{alias}_{name}")),
            (PivotNames::ValueFirst, Some(alias)) => Some(format!("{name}_{alias}")),
        }
    }

    /// The columns named become one of values and one of their names.
    fn unpivot(
        &mut self,
        value: &Expr,
        name: &Ident,
        columns: &[ExprWithAlias],
        inner: &Scope<'_>,
    ) -> (Vec<Column>, Rest) {
        let Columns { known, rest } = self.star(None, &Default::default(), inner);
        let mut values = Trace::default();
        let mut used = Vec::new();
        for column in columns {
            values.merge(&self.value(&column.expr, inner));
            used.extend(names(&column.expr).into_iter().map(|name| self.key(name)));
        }
        let kept = known.into_iter().filter(|column| column.key.as_ref().is_none_or(|key| !used.contains(key)));
        let mut all: Vec<Column> = kept.collect();
        let Expr::Identifier(value) = value else {
            return (Vec::new(), Rest::Unknown("this form of `unpivot` isn't followed".into()));
        };
        let name = Column::made(Some(self.key(name)), &*name.value, Trace::default());
        let value = Column::made(Some(self.key(value)), &*value.value, values);
        all.extend(if self.grammar.pivot.value_first { [value, name] } else { [name, value] });
        (all, rest.less(used))
    }
}

impl Rest {
    fn less(mut self, names: Vec<String>) -> Rest {
        if let Rest::Open { without, .. } = &mut self {
            without.extend(names);
        }
        self
    }
}

/// The columns that an expression names by their last parts.
fn names(expression: &Expr) -> Vec<&Ident> {
    let mut found = Vec::new();
    let mut open = vec![expression];
    while let Some(next) = open.pop() {
        match next {
            Expr::Identifier(name) => found.push(name),
            Expr::CompoundIdentifier(parts) => found.extend(parts.last()),
            Expr::Function(function) => {
                if let sqlparser::ast::FunctionArguments::List(list) = &function.args {
                    open.extend(list.args.iter().filter_map(|argument| match argument {
                        sqlparser::ast::FunctionArg::Unnamed(sqlparser::ast::FunctionArgExpr::Expr(one)) => Some(one),
                        _ => None,
                    }));
                }
            }
            other => super::child::children(other, &mut |child| open.push(child), &mut |_| {}),
        }
    }
    found
}

/// What the column of a pivoted value is called.
fn value_name(value: &ExprWithAlias) -> Option<String> {
    match (&value.alias, &value.expr) {
        (Some(alias), _) => Some(alias.value.clone()),
        (None, Expr::Value(literal)) => match &literal.value {
            Value::SingleQuotedString(text) | Value::Number(text, _) => Some(text.clone()),
            _ => None,
        },
        (None, Expr::Identifier(name)) => Some(name.value.clone()),
        _ => None,
    }
}
