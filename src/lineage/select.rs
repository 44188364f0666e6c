//! One `select`: its list, and what decides which rows it gives.

use super::Kind;
use super::expression::idents;
use super::query::{NOWHERE, Tracer, order_keys};
use super::scope::Scope;
use super::star::Columns;
use super::table::{Column, Rest, Table};
use super::value::Trace;
use sqlparser::ast::{
    ConnectByKind, Distinct, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, GroupByWithModifier,
    Ident, OrderBy, Select, SelectItem, SelectItemQualifiedWildcardKind, Value, ValueTableMode,
    WildcardAdditionalOptions,
};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

impl Tracer<'_> {
    /// `order` counts where a limit follows, or where `distinct on` keeps the first row.
    pub(super) fn select(
        &mut self,
        select: &Select,
        order: Option<&OrderBy>,
        limited: bool,
        outer: Option<&Scope<'_>>,
    ) -> Table {
        let mut scope = Scope::new(outer, &select.named_window);
        self.from(&select.from, &mut scope);
        self.lateral_views(&select.lateral_views, &mut scope);
        let mut columns = self.list(select, &mut scope);
        if matches!(select.value_table_mode, Some(ValueTableMode::AsValue | ValueTableMode::DistinctAsValue)) {
            columns = fields_of(columns);
        }
        let mut rows = std::mem::take(&mut scope.rows);
        for condition in [&select.prewhere, &select.selection].into_iter().flatten() {
            self.gather(condition, Kind::Filter, &scope, &mut rows);
        }
        if self.grammar.names_override {
            scope.unsure = unsure(&scope, &columns.known);
            name_all(&mut scope.aliases, &columns.known);
        }
        self.conditions(select, &scope, &mut rows);
        if !self.grammar.reuses_aliases {
            name_all(&mut scope.aliases, &columns.known);
        }
        self.group_keys(select, &columns.known, &scope, &mut rows);
        let distinct_on = match &select.distinct {
            Some(Distinct::On(keys)) => keys.as_slice(),
            _ => &[],
        };
        for key in distinct_on {
            self.order_key(key, &scope, &mut rows);
        }
        if limited || !distinct_on.is_empty() || select.top.is_some() {
            for key in order_keys(order) {
                self.order_key(key, &scope, &mut rows);
            }
        }
        Table { columns: columns.known, rest: columns.rest, rows }
    }

    fn list(&mut self, select: &Select, scope: &mut Scope<'_>) -> Columns {
        let mut all = Columns::default();
        if select.projection.is_empty() {
            return self.star(None, &WildcardAdditionalOptions::default(), scope);
        }
        for item in &select.projection {
            let Columns { known, rest } = self.item(item, scope);
            if self.grammar.reuses_aliases {
                name_all(&mut scope.aliases, &known);
            }
            all.known.extend(known);
            all.rest = all.rest.and(rest);
        }
        if select.exclude.is_some() {
            all.rest = Rest::Unknown("`exclude` behind a list isn't followed".into());
        }
        all
    }

    fn item(&mut self, item: &SelectItem, scope: &Scope<'_>) -> Columns {
        let (expression, alias) = match item {
            SelectItem::Wildcard(options) => return self.star(None, options, scope),
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
                return self.star(Some(name), options, scope);
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::Expr(expression), _) => {
                let mut fields = Trace::default();
                self.gather(expression, Kind::Derived, scope, &mut fields);
                return Columns { known: Vec::new(), rest: Rest::Made(fields.into()) };
            }
            SelectItem::ExprWithAliases { expr, aliases } => {
                let trace = Rc::new(self.value(expr, scope));
                let column = |alias: &Ident| Column::made(Some(self.key(alias)), &*alias.value, (*trace).clone());
                return Columns { known: aliases.iter().map(column).collect(), rest: Rest::None };
            }
            SelectItem::UnnamedExpr(Expr::Named { expr, name }) => (&**expr, Some(name)),
            SelectItem::UnnamedExpr(expression) => (expression, None),
            SelectItem::ExprWithAlias { expr, alias } => (expr, Some(alias)),
        };
        if self.columns_call(expression).is_some() {
            return self.each_column(expression, scope);
        }
        let trace = self.value(expression, scope);
        let name = alias.or_else(|| own_name(expression));
        let shown = name.map_or(String::new(), |name| name.value.clone());
        Columns { known: vec![Column::made(name.map(|name| self.key(name)), shown, trace)], rest: Rest::None }
    }

    /// An expression with `columns(…)` in it: once for each of those columns, under its name.
    fn each_column(&mut self, expression: &Expr, scope: &Scope<'_>) -> Columns {
        let Some(call) = self.columns_call(expression) else { return Columns::default() };
        let FunctionArguments::List(list) = &call.args else { return unfollowed() };
        let all = match list.args.as_slice() {
            [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)] => {
                self.star(None, &WildcardAdditionalOptions::default(), scope)
            }
            [FunctionArg::Unnamed(FunctionArgExpr::QualifiedWildcard(name))] => {
                self.star(Some(name), &WildcardAdditionalOptions::default(), scope)
            }
            [FunctionArg::Unnamed(FunctionArgExpr::WildcardWithOptions(options))] => self.star(None, options, scope),
            _ => return unfollowed(),
        };
        if matches!(expression, Expr::Function(function) if std::ptr::eq(function, call)) {
            return all;
        }
        let mut made = Vec::new();
        for column in &all.known {
            let before = self.each.replace(column.trace(NOWHERE));
            let trace = self.value(expression, scope);
            self.each = before;
            made.push(Column { source: super::table::Source::Made(trace.into()), ..column.clone() });
        }
        let rest = match all.rest {
            Rest::None => Rest::None,
            _ => Rest::Unknown("`columns(…)` takes columns that aren't all known".into()),
        };
        Columns { known: made, rest }
    }

    fn conditions(&mut self, select: &Select, scope: &Scope<'_>, rows: &mut Trace) {
        let all = [&select.having, &select.qualify];
        for condition in all.into_iter().flatten() {
            self.gather(condition, Kind::Filter, scope, rows);
        }
        for clause in &select.connect_by {
            match clause {
                ConnectByKind::ConnectBy { relationships, .. } => {
                    relationships.iter().for_each(|one| self.gather(one, Kind::Filter, scope, rows));
                }
                ConnectByKind::StartWith { condition, .. } => self.gather(condition, Kind::Filter, scope, rows),
            }
        }
    }

    /// Keys that aren't output columns themselves.
    fn group_keys(&mut self, select: &Select, columns: &[Column], scope: &Scope<'_>, rows: &mut Trace) {
        let GroupByExpr::Expressions(keys, modifiers) = &select.group_by else { return };
        let sets = modifiers.iter().filter_map(|modifier| match modifier {
            GroupByWithModifier::GroupingSets(sets) => Some(sets),
            _ => None,
        });
        let given: BTreeSet<(Arc<str>, String)> =
            columns.iter().flat_map(|column| column.trace(NOWHERE).direct().cloned().collect::<Vec<_>>()).collect();
        let listed = Listed::of(&select.projection);
        let named: BTreeSet<&str> = columns.iter().filter_map(|column| column.key.as_deref()).collect();
        for key in keys.iter().chain(sets).flat_map(parts) {
            if is_place(key) || listed.holds(key) || self.names_output(key, &named, scope) {
                continue;
            }
            let mut found = Trace::default();
            self.gather(key, Kind::Filter, scope, &mut found);
            rows.merge(&found.without(|column| given.contains(column)));
        }
    }

    /// Whether a key is nothing but an output column's name.
    fn names_output(&self, key: &Expr, columns: &BTreeSet<&str>, scope: &Scope<'_>) -> bool {
        let Expr::Identifier(name) = key else { return false };
        let name = self.key(name);
        let is_column = matches!(scope.own(&name, NOWHERE, 0..scope.tables.len()), super::table::Found::One(_));
        (self.grammar.names_override || !is_column) && columns.contains(name.as_str())
    }

    /// A sort key: an output column by its name, or any expression.
    fn order_key(&mut self, key: &Expr, scope: &Scope<'_>, rows: &mut Trace) {
        if is_place(key) {
            return;
        }
        if let Expr::Identifier(name) = key
            && let Some(trace) = scope.aliases.get(&self.key(name))
        {
            rows.add(&(**trace).clone().at(self.places.name([name])), Kind::Filter);
            return;
        }
        self.gather(key, Kind::Filter, scope, rows);
    }

    /// `lateral view explode(column) name as column`
    fn lateral_views(&mut self, views: &[sqlparser::ast::LateralView], scope: &mut Scope<'_>) {
        for view in views {
            let mut trace = Trace::default();
            self.gather(&view.lateral_view, Kind::Derived, scope, &mut trace);
            let column = |alias: &Ident| Column::made(Some(self.key(alias)), &*alias.value, trace.clone());
            let columns: Vec<Column> = view.lateral_col_alias.iter().map(column).collect();
            let rest = if columns.is_empty() { Rest::Made(Rc::new(trace.clone())) } else { Rest::None };
            let names = self.keys(&idents(&view.lateral_view_name));
            scope.bind(super::scope::Bound::new(names, Rc::new(Table::made(columns, rest))));
        }
    }
}

fn unfollowed() -> Columns {
    Columns {
        known: Vec::new(),
        rest: Rest::Unknown("`columns(…)` takes columns by a rule that isn't followed".into()),
    }
}

/// `select as value`: the columns are the fields of the one value that is listed.
fn fields_of(columns: Columns) -> Columns {
    let mut fields = Trace::default();
    columns.known.iter().for_each(|column| fields.add(&column.trace(NOWHERE), Kind::Derived));
    let rest = Rest::Made(Rc::new(fields));
    Columns { known: Vec::new(), rest: columns.rest.and(rest) }
}

/// Adds columns to those that go by their names.
fn name_all(aliases: &mut BTreeMap<String, Rc<Trace>>, columns: &[Column]) {
    for column in columns {
        if let Some(key) = &column.key {
            aliases.entry(key.clone()).or_insert_with(|| Rc::new(column.trace(NOWHERE)));
        }
    }
}

/// Names that are an output column's and another column's too.
fn unsure(scope: &Scope<'_>, columns: &[Column]) -> BTreeSet<String> {
    let differs = |column: &&Column| {
        let key = column.key.as_deref().unwrap_or_default();
        match scope.own(key, NOWHERE, 0..scope.tables.len()) {
            super::table::Found::One(own) => !own.has_columns_of(&column.trace(NOWHERE)),
            _ => false,
        }
    };
    columns.iter().filter(differs).filter_map(|column| column.key.clone()).collect()
}

/// The name that an expression gives to its column on every engine.
fn own_name(expression: &Expr) -> Option<&Ident> {
    match expression {
        Expr::Identifier(name) => Some(name),
        Expr::CompoundIdentifier(parts) => parts.last(),
        Expr::Nested(inner) if matches!(**inner, Expr::Identifier(_) | Expr::CompoundIdentifier(_)) => own_name(inner),
        _ => None,
    }
}

/// Keys inside `rollup`, `cube` and `grouping sets`.
fn parts(key: &Expr) -> Vec<&Expr> {
    match key {
        Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) => sets.iter().flatten().collect(),
        Expr::Tuple(all) => all.iter().collect(),
        other => vec![other],
    }
}

/// `1`: the first output column.
fn is_place(key: &Expr) -> bool {
    matches!(key, Expr::Value(value) if matches!(value.value, Value::Number(..)))
}

/// The expressions that are output columns.
struct Listed<'p> {
    /// Those that are a name alone, which most keys are too.
    names: BTreeSet<(&'p str, Option<char>)>,
    others: Vec<&'p Expr>,
}

impl<'p> Listed<'p> {
    fn of(projection: &'p [SelectItem]) -> Listed<'p> {
        let mut listed = Listed { names: BTreeSet::new(), others: Vec::new() };
        for item in projection {
            match item {
                SelectItem::UnnamedExpr(Expr::Identifier(name))
                | SelectItem::ExprWithAlias { expr: Expr::Identifier(name), .. } => {
                    listed.names.insert((&name.value, name.quote_style));
                }
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => listed.others.push(expr),
                _ => {}
            }
        }
        listed
    }

    /// Whether an output column is the same expression.
    fn holds(&self, key: &Expr) -> bool {
        match key {
            Expr::Identifier(name) => self.names.contains(&(name.value.as_str(), name.quote_style)),
            _ => self.others.contains(&key),
        }
    }
}
