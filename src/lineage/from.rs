//! What stands behind `from`: relations, subqueries, functions.

use super::Kind;
use super::expression::idents;
use super::function::{Rows, rows};
use super::query::Tracer;
use super::scope::{Bound, Scope};
use super::table::{Column, Rest, Table};
use super::value::Trace;
use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, Ident, ObjectName, TableAlias, TableFactor, TableFunctionArgs, TableWithJoins,
};
use std::rc::Rc;

impl Tracer<'_> {
    pub(super) fn from(&mut self, all: &[TableWithJoins], scope: &mut Scope<'_>) {
        for item in all {
            self.joined(item, scope);
        }
    }

    /// A relation with what is joined to it.
    pub(super) fn joined(&mut self, item: &TableWithJoins, scope: &mut Scope<'_>) {
        let start = scope.tables.len();
        self.factor(&item.relation, scope);
        for join in &item.joins {
            self.join(join, start, scope);
        }
    }

    /// Binds one item; it may see those before it.
    pub(super) fn factor(&mut self, factor: &TableFactor, scope: &mut Scope<'_>) {
        match factor {
            TableFactor::Table { name, alias, args, .. } => self.relation(name, alias.as_ref(), args.as_ref(), scope),
            TableFactor::Derived { lateral, subquery, alias, .. } => {
                let sees = *lateral || self.grammar.implicit_lateral;
                let table = self.query(subquery, if sees { Some(scope) } else { scope.outer });
                self.bind(table, alias.as_ref(), Vec::new(), scope);
            }
            TableFactor::Function { name, args, alias, .. } => self.function_table(name, args, alias.as_ref(), scope),
            TableFactor::UNNEST { alias, array_exprs, with_offset, with_offset_alias, .. } => {
                let gives = if self.grammar.lists_of_structs { Rows::Columns } else { Rows::Column };
                let mut table = self.made(array_exprs.iter(), gives, "unnest", alias.as_ref(), scope);
                let unnamed = Ident::new("offset");
                let offset = with_offset_alias.as_ref().or_else(|| with_offset.then_some(&unnamed));
                if let Some(offset) = offset {
                    table.columns.push(Column::made(Some(self.key(offset)), &*offset.value, Trace::default()));
                }
                self.bind(table, alias.as_ref(), Vec::new(), scope);
            }
            TableFactor::TableFunction { expr: Expr::Function(function), alias } => {
                let sqlparser::ast::FunctionArguments::List(list) = &function.args else {
                    return self.bind(
                        Table::unknown("a function's table isn't followed"),
                        alias.as_ref(),
                        Vec::new(),
                        scope,
                    );
                };
                self.function_table(&function.name, &list.args, alias.as_ref(), scope);
            }
            TableFactor::NestedJoin { table_with_joins, alias } => self.nested(table_with_joins, alias.as_ref(), scope),
            TableFactor::Pivot { .. } | TableFactor::Unpivot { .. } => self.pivoted(factor, scope),
            other => {
                let unfollowed = "this form behind `from` isn't followed";
                self.unfollowed(unfollowed);
                self.bind(Table::unknown(unfollowed), alias_of(other), Vec::new(), scope);
            }
        }
    }

    /// Binds a table under its alias, or under `names`.
    pub(super) fn bind(&mut self, table: Table, alias: Option<&TableAlias>, names: Vec<String>, scope: &mut Scope<'_>) {
        let (table, names) = match alias {
            Some(alias) => (self.aliased(table, alias), vec![self.key(&alias.name)]),
            None => (table, names),
        };
        scope.bind(Bound::new(names, Rc::new(table)));
    }

    fn relation(
        &mut self,
        name: &ObjectName,
        alias: Option<&TableAlias>,
        args: Option<&TableFunctionArgs>,
        scope: &mut Scope<'_>,
    ) {
        if let Some(args) = args {
            return self.function_table(name, &args.args, alias, scope);
        }
        let parts = idents(name);
        let keys = self.keys(&parts);
        if let Some(list) = self.list_in_sight(&parts, &keys, scope) {
            let names = alias.map_or(keys.last().cloned(), |alias| Some(self.key(&alias.name)));
            scope.bind(Bound::new(names.into_iter().collect(), Rc::new(list)));
            return;
        }
        let table = self.named_table(&parts);
        match alias {
            Some(alias) if !alias.columns.is_empty() => {
                self.reads_all("columns are renamed by their places");
                self.bind((*table).clone(), Some(alias), keys, scope)
            }
            _ => {
                let names = alias.map_or(keys, |alias| vec![self.key(&alias.name)]);
                scope.bind(Bound::new(names, table));
            }
        }
    }

    /// A common table expression, or a relation that the project knows.
    pub(super) fn named_table(&self, parts: &[Ident]) -> Rc<Table> {
        if let [name] = parts {
            let name = self.key(name);
            if let Some((_, table)) = self.expressions.iter().rev().find(|(known, _)| *known == name) {
                return table.clone();
            }
        }
        let key = |part: &Ident| self.grammar.relation_key(&part.value, part.quote_style.is_some());
        let keys: Vec<String> = parts.iter().map(key).collect();
        Rc::new(match self.relations.get(&keys) {
            Some(relation) => Table::relation(relation, |column| self.grammar.known(column)),
            None => Table::unknown(format!("`{}` is no `ref()` or `source()` of this model", keys.join("."))),
        })
    }

    /// A list that is a column of a table before it: `orders, orders.items`.
    fn list_in_sight(&self, parts: &[Ident], keys: &[String], scope: &Scope<'_>) -> Option<Table> {
        if !self.grammar.lists_of_structs || keys.len() < 2 {
            return None;
        }
        scope.qualified(&keys[..1])?;
        let mut list = Trace::default();
        list.add(&self.reference(parts, scope), Kind::Derived);
        Some(Table::made(Vec::new(), Rest::Made(Rc::new(list))))
    }

    fn function_table(
        &mut self,
        name: &ObjectName,
        args: &[FunctionArg],
        alias: Option<&TableAlias>,
        scope: &mut Scope<'_>,
    ) {
        self.unfollowed("a function behind `from` isn't followed");
        let keys = self.keys(&idents(name));
        let function = keys.last().map(|name| name.to_lowercase()).unwrap_or_default();
        let expressions = args.iter().filter_map(|argument| match argument {
            FunctionArg::Named { arg: FunctionArgExpr::Expr(expression), .. }
            | FunctionArg::ExprNamed { arg: FunctionArgExpr::Expr(expression), .. }
            | FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression),
            _ => None,
        });
        let table = self.made(expressions, rows(&function), &function, alias, scope);
        self.bind(table, alias, vec![function], scope);
    }

    /// What a function makes of its arguments.
    fn made<'e>(
        &mut self,
        arguments: impl Iterator<Item = &'e Expr>,
        gives: Rows,
        function: &str,
        alias: Option<&TableAlias>,
        scope: &Scope<'_>,
    ) -> Table {
        let mut trace = Trace::default();
        for argument in arguments {
            self.gather(argument, Kind::Derived, scope, &mut trace);
        }
        let known = self.grammar.table_functions.iter().find(|(name, _)| *name == function);
        if gives == Rows::Outside && known.is_none() {
            return Table::unknown(format!("`{function}(…)` has rows that no node or source of this project gives"));
        }
        let width = alias.map_or(0, |alias| alias.columns.len());
        if let Some((_, columns)) = known {
            let column = |name: &&str| Column::made(Some((*name).into()), *name, trace.clone());
            return Table::made(columns.iter().map(column).collect(), Rest::None);
        }
        match (gives, width) {
            (Rows::Column, 0) => {
                let alias = alias.filter(|_| self.grammar.column_like_alias);
                let key = alias.map_or(function.into(), |alias| self.key(&alias.name));
                Table::made(vec![Column::made(Some(key.clone()), key, trace)], Rest::None)
            }
            (Rows::Columns, 0) => Table::made(Vec::new(), Rest::Made(trace.into())),
            // Their names come with the alias.
            (_, width) => Table::made((0..width).map(|_| Column::made(None, "", trace.clone())).collect(), Rest::None),
        }
    }

    /// Joins in brackets; with an alias they are one table.
    fn nested(&mut self, inner: &TableWithJoins, alias: Option<&TableAlias>, scope: &mut Scope<'_>) {
        let Some(alias) = alias else { return self.joined(inner, scope) };
        let mut own = Scope::new(Some(scope), &[]);
        self.joined(inner, &mut own);
        let all = self.star(None, &Default::default(), &own);
        let table = Table { columns: all.known, rest: all.rest, rows: std::mem::take(&mut own.rows) };
        drop(own);
        self.bind(table, Some(alias), Vec::new(), scope);
    }
}

fn alias_of(factor: &TableFactor) -> Option<&TableAlias> {
    match factor {
        TableFactor::JsonTable { alias, .. }
        | TableFactor::OpenJsonTable { alias, .. }
        | TableFactor::MatchRecognize { alias, .. }
        | TableFactor::XmlTable { alias, .. }
        | TableFactor::SemanticView { alias, .. }
        | TableFactor::TableFunction { alias, .. } => alias.as_ref(),
        _ => None,
    }
}
