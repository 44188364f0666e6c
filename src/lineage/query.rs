//! A query as a whole: common table expressions, set operations, limits.
//!
//! [`Tracer`] goes through the parser's tree once; each subquery gives a [`Table`]. Chains of set operations are followed
//! in a loop, so that only what brackets nest recurses.

use super::scope::{Bound, Scope};
use super::span::Places;
use super::table::{Column, Index, Rest, Table};
use super::value::Trace;
use super::{Answer, ColumnLineage, Kind, Question, Relations, Span};
use crate::dialect::Grammar;
use sqlparser::ast::{
    Cte, Expr, Ident, LimitClause, OrderBy, OrderByKind, Query, SetExpr, SetOperator, SetQuantifier, TableAlias,
    Values, With,
};
use std::cell::RefCell;
use std::rc::Rc;

/// Rounds after which a recursive expression that still gains columns is given up.
const ROUNDS: usize = 64;

/// Follows one query.
pub(super) struct Tracer<'a> {
    pub grammar: &'a Grammar,
    pub places: Places,
    pub relations: &'a Relations,
    /// Common table expressions in sight, the nearest last.
    pub expressions: Vec<(String, Rc<Table>)>,
    /// What `columns(…)` stands for while its expression is followed.
    pub each: Option<Trace>,
    /// What was met on the way.
    pub seen: RefCell<Seen>,
}

/// What a query does that its names don't tell.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Why it may read columns that it doesn't name.
    pub all: Option<String>,
    /// What of it isn't followed.
    pub unfollowed: Option<String>,
}

impl<'a> Tracer<'a> {
    pub fn new(question: &Question<'a>) -> Tracer<'a> {
        Tracer {
            grammar: question.grammar,
            places: Places::new(question.text),
            relations: question.relations,
            expressions: Vec::new(),
            each: None,
            seen: RefCell::default(),
        }
    }

    /// Takes note of columns that are read without their names.
    pub(super) fn reads_all(&self, why: &str) {
        self.seen.borrow_mut().all.get_or_insert_with(|| why.into());
    }

    /// Takes note of a form that isn't followed.
    pub(super) fn unfollowed(&self, what: &str) {
        self.seen.borrow_mut().unfollowed.get_or_insert_with(|| what.into());
    }

    /// The lineage of each output column; under the names of `columns`, where those are known.
    pub fn answer(mut self, query: &Query, columns: Option<&[String]>) -> Answer {
        let table = self.query(query, None);
        match columns {
            Some(names) => {
                let index = table.index();
                let all = names.iter().enumerate();
                let found = all.map(|(at, name)| (name.clone(), self.named(&table, &index, names, at)));
                Answer { columns: found.collect(), complete: true, reason: None }
            }
            None => {
                let certain = table.columns.iter().filter(|column| column.key.is_some());
                let columns: Vec<(String, ColumnLineage)> =
                    certain.map(|column| (column.name.clone(), column.trace(NOWHERE).lineage(&table.rows))).collect();
                let reason = match &table.rest {
                    Rest::None if columns.len() == table.columns.len() => None,
                    Rest::None => Some("some columns have no name in the SQL".into()),
                    Rest::Open { node, .. } => Some(format!("the columns of `{node}` aren't all known")),
                    Rest::Made(_) => Some("a function's columns aren't known".into()),
                    Rest::Unknown(reason) => Some(reason.clone()),
                };
                Answer { columns, complete: reason.is_none(), reason }
            }
        }
    }

    /// The lineage of the engine's column at a place, by its name, else by its place.
    fn named(&self, table: &Table, index: &Index, names: &[String], at: usize) -> ColumnLineage {
        let wanted = self.grammar.known(&names[at]);
        if let (Some(first), 1) = (index.first(&wanted), index.count(&wanted)) {
            return table.columns[first].trace(NOWHERE).lineage(&table.rows);
        }
        let same_length = table.is_complete() && table.columns.len() == names.len();
        // The engine makes up names for expressions, and for the second of two columns of one name.
        let by_place = table
            .columns
            .get(at)
            .filter(|column| same_length && column.key.as_ref().is_none_or(|key| index.count(key) > 1));
        if let Some(column) = by_place {
            return column.trace(NOWHERE).lineage(&table.rows);
        }
        match &table.rest {
            _ if index.has_unnamed() => {
                ColumnLineage::unknown("the column has no name in the SQL, and its place isn't known")
            }
            Rest::None => ColumnLineage::unknown("the SQL gives no column of this name"),
            rest => match rest.named(&wanted, NOWHERE) {
                Some(trace) => trace.lineage(&table.rows),
                None => ColumnLineage::unknown("the SQL leaves a column of this name out"),
            },
        }
    }

    pub fn query(&mut self, query: &Query, outer: Option<&Scope<'_>>) -> Table {
        let sight = self.expressions.len();
        if let Some(with) = &query.with {
            self.with(with, outer);
        }
        let limited = query.limit_clause.is_some() || query.fetch.is_some();
        let order = query.order_by.as_ref();
        let mut table = match &*query.body {
            SetExpr::Select(select) => self.select(select, order, limited, outer),
            body => {
                let table = self.set(body, outer);
                if limited { self.ordered(table, order, outer) } else { table }
            }
        };
        if let Some(limit) = &query.limit_clause {
            self.limit(limit, &mut table, outer);
        }
        if !query.pipe_operators.is_empty() {
            self.unfollowed("pipe operators aren't followed");
            table = Table::unknown("pipe operators aren't followed");
        }
        self.expressions.truncate(sight);
        table
    }

    fn with(&mut self, with: &With, outer: Option<&Scope<'_>>) {
        for cte in &with.cte_tables {
            let name = self.key(&cte.alias.name);
            let table = if with.recursive || self.grammar.implicit_recursion {
                self.recursive(&name, cte, outer)
            } else {
                let table = self.query(&cte.query, outer);
                self.aliased(table, &cte.alias)
            };
            self.expressions.push((name, Rc::new(table)));
        }
    }

    /// An expression that may read itself: followed until it gains nothing more.
    fn recursive(&mut self, name: &str, cte: &Cte, outer: Option<&Scope<'_>>) -> Table {
        let (first, others) = match (&*cte.query.body, &cte.query.with) {
            (body @ SetExpr::SetOperation { .. }, None) => spine(body),
            _ => {
                let table = self.query(&cte.query, outer);
                return self.aliased(table, &cte.alias);
            }
        };
        let base = self.operand(first, outer);
        let mut table = self.aliased(base.clone(), &cte.alias);
        for _ in 0..ROUNDS {
            self.expressions.push((name.into(), Rc::new(table.clone())));
            let next = self.combined(base.clone(), &others, outer);
            self.expressions.pop();
            let next = self.aliased(next, &cte.alias);
            if next == table {
                return table;
            }
            table = next;
        }
        Table::unknown(format!("the recursion of `{name}` doesn't come to an end"))
    }

    /// A table with the column names that its alias gives.
    pub fn aliased(&self, table: Table, alias: &TableAlias) -> Table {
        let names = alias.columns.iter().map(|column| (self.key(&column.name), column.name.value.clone()));
        table.rename(names)
    }

    fn set(&mut self, body: &SetExpr, outer: Option<&Scope<'_>>) -> Table {
        let (first, others) = spine(body);
        let base = self.operand(first, outer);
        self.combined(base, &others, outer)
    }

    fn combined(&mut self, base: Table, others: &[Operand<'_>], outer: Option<&Scope<'_>>) -> Table {
        others.iter().fold(base, |left, (operator, quantifier, body)| {
            let right = self.operand(body, outer);
            combine(left, right, *operator, *quantifier)
        })
    }

    fn operand(&mut self, body: &SetExpr, outer: Option<&Scope<'_>>) -> Table {
        match body {
            SetExpr::Select(select) => self.select(select, None, false, outer),
            SetExpr::Query(query) => self.query(query, outer),
            SetExpr::SetOperation { .. } => self.set(body, outer),
            SetExpr::Values(values) => self.values(values, outer),
            SetExpr::Table(table) => {
                let parts = table.schema_name.iter().chain(&table.table_name);
                let parts: Vec<Ident> = parts.cloned().collect();
                self.reads_all("`table` reads every column");
                (*self.named_table(&parts)).clone()
            }
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                self.unfollowed("the SQL changes data");
                Table::unknown("the SQL changes data")
            }
        }
    }

    fn values(&mut self, values: &Values, outer: Option<&Scope<'_>>) -> Table {
        let scope = Scope::new(outer, &[]);
        let (prefix, first) = self.grammar.values;
        let width = values.rows.iter().map(|row| row.content.len()).max().unwrap_or_default();
        let column = |at: usize| {
            let mut trace = Trace::default();
            for value in values.rows.iter().filter_map(|row| row.content.get(at)) {
                trace.merge(&self.value(value, &scope));
            }
            let name = format!("{prefix}{}", at + first);
            Column::made(Some(self.grammar.known(&name)), name, trace)
        };
        Table { columns: (0..width).map(column).collect(), ..Table::default() }
    }

    /// Set operations that a limit cuts: what they are ordered by decides which rows stay.
    fn ordered(&mut self, mut table: Table, order: Option<&OrderBy>, outer: Option<&Scope<'_>>) -> Table {
        let mut scope = Scope::new(outer, &[]);
        scope.tables.push(Bound::new(Vec::new(), Rc::new(table.clone())));
        for expression in order_keys(order) {
            let mut found = Trace::default();
            self.gather(expression, Kind::Filter, &scope, &mut found);
            table.rows.add(&found, Kind::Filter);
        }
        table
    }

    fn limit(&mut self, limit: &LimitClause, table: &mut Table, outer: Option<&Scope<'_>>) {
        let scope = Scope::new(outer, &[]);
        let expressions: Vec<&Expr> = match limit {
            LimitClause::LimitOffset { limit, offset, .. } => {
                limit.iter().chain(offset.iter().map(|offset| &offset.value)).collect()
            }
            LimitClause::OffsetCommaLimit { offset, limit } => vec![offset, limit],
        };
        for expression in expressions {
            self.gather(expression, Kind::Filter, &scope, &mut table.rows);
        }
    }
}

/// For a column whose edges have their places already.
pub(super) const NOWHERE: Span = Span { offset: 0, length: 0 };

/// What an `order by` sorts by; nothing where it sorts by all columns or by their places.
pub(super) fn order_keys(order: Option<&OrderBy>) -> impl Iterator<Item = &Expr> {
    let keys = match order.map(|order| &order.kind) {
        Some(OrderByKind::Expressions(keys)) => keys.as_slice(),
        Some(OrderByKind::All(_)) | None => &[],
    };
    keys.iter().map(|key| &key.expr)
}

type Operand<'q> = (SetOperator, SetQuantifier, &'q SetExpr);

/// The first operand of a chain of set operations, and the others in order.
fn spine(mut body: &SetExpr) -> (&SetExpr, Vec<Operand<'_>>) {
    let mut others = Vec::new();
    while let SetExpr::SetOperation { op, set_quantifier, left, right } = body {
        others.push((*op, *set_quantifier, &**right));
        body = left;
    }
    others.reverse();
    (body, others)
}

fn combine(left: Table, right: Table, operator: SetOperator, quantifier: SetQuantifier) -> Table {
    let mut rows = left.rows.clone();
    rows.merge(&right.rows);
    if operator != SetOperator::Union {
        for column in &right.columns {
            rows.add(&column.trace(NOWHERE), Kind::Filter);
        }
        if let Some(any) = right.rest.any() {
            rows.add(&any, Kind::Filter);
        } else if !right.is_complete() {
            rows.add(&Trace::unknown("the columns of a set operation aren't all known"), Kind::Filter);
        }
        return Table { rows, ..left };
    }
    let by_name =
        matches!(quantifier, SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName);
    let table = if by_name { union_by_name(left, right) } else { union_by_place(left, right) };
    Table { rows, ..table }
}

fn union_by_place(left: Table, right: Table) -> Table {
    let fits = left.is_complete() && right.is_complete() && left.columns.len() == right.columns.len();
    let reason = "a union pairs columns by their places, which aren't known on both sides";
    let pair = |(at, column): (usize, Column)| {
        let mut trace = column.trace(NOWHERE);
        match right.columns.get(at).filter(|_| fits) {
            Some(other) => trace.merge(&other.trace(NOWHERE)),
            None => trace.merge(&Trace::unknown(reason)),
        }
        Column::made(column.key, column.name, trace)
    };
    let rest = if left.is_complete() { Rest::None } else { Rest::Unknown(reason.into()) };
    Table { columns: left.columns.into_iter().enumerate().map(pair).collect(), rest, rows: Trace::default() }
}

fn union_by_name(left: Table, right: Table) -> Table {
    use super::table::Found;
    let (left_index, right_index) = (left.index(), right.index());
    let side = |table: &Table, index: &Index, key: &str| match table.find(index, key, NOWHERE) {
        Found::One(trace) => trace,
        Found::None => Trace::default(),
        Found::Several | Found::Perhaps(_) => {
            Trace::unknown(format!("a union takes `{key}` from a side whose columns aren't all known"))
        }
    };
    let both = |key: &str| {
        let mut trace = side(&left, &left_index, key);
        trace.merge(&side(&right, &right_index, key));
        trace
    };
    let mut columns: Vec<Column> = Vec::new();
    let mut known = std::collections::BTreeSet::new();
    for column in left.columns.iter().chain(&right.columns) {
        match &column.key {
            Some(key) if !known.insert(key) => {}
            Some(key) => columns.push(Column::made(column.key.clone(), &*column.name, both(key))),
            None => columns.push(Column::made(None, &*column.name, column.trace(NOWHERE))),
        }
    }
    let rest = if left.is_complete() && right.is_complete() {
        Rest::None
    } else {
        Rest::Unknown("a union by name takes columns of a side whose columns aren't all known".into())
    };
    Table { columns, rest, rows: Trace::default() }
}
