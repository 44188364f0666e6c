//! An expression: the columns that its value comes from.
//!
//! Expressions are followed with a list of what is still open rather than by recursion, since a chain of operators is a
//! tree as deep as it is long; only subqueries recurse.

use super::child::children;
use super::function::{is_aggregate, is_ranking};
use super::query::Tracer;
use super::scope::Scope;
use super::table::{Found, Table};
use super::value::Trace;
use super::{Kind, query::NOWHERE};
use sqlparser::ast::{
    AccessExpr, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgOperator, FunctionArgumentClause,
    FunctionArguments, Ident, InTarget, LambdaFunction, NamedWindowExpr, ObjectName, OneOrManyWithParens, OrderByExpr,
    Query, Value, WindowSpec, WindowType,
};
use std::rc::Rc;

/// What is still to be followed: an expression, how its value is used, and the parameters of lambdas around it.
pub(super) struct Open<'e> {
    expression: &'e Expr,
    kind: Kind,
    bound: Option<Rc<Parameters>>,
}

/// Names that a lambda binds, and those around it.
struct Parameters {
    names: Vec<String>,
    outer: Option<Rc<Parameters>>,
}

impl Tracer<'_> {
    /// The value of an expression: a column itself, the value of a scalar subquery, or what is derived from others.
    pub(super) fn value(&mut self, expression: &Expr, scope: &Scope<'_>) -> Trace {
        let mut inner = expression;
        while let Expr::Nested(nested) = inner {
            inner = nested;
        }
        match inner {
            Expr::Identifier(name) => self.reference(std::slice::from_ref(name), scope),
            Expr::CompoundIdentifier(parts) => self.reference(parts, scope),
            Expr::Subquery(query) => self.scalar(query, scope),
            _ => {
                let mut found = Trace::default();
                self.gather(inner, Kind::Derived, scope, &mut found);
                found
            }
        }
    }

    /// Adds all that an expression reads, used as `kind`.
    pub(super) fn gather(&mut self, expression: &Expr, kind: Kind, scope: &Scope<'_>, into: &mut Trace) {
        let mut open = vec![Open { expression, kind, bound: None }];
        while let Some(next) = open.pop() {
            self.step(&next, scope, into, &mut open);
        }
    }

    fn step<'e>(&mut self, at: &Open<'e>, scope: &Scope<'_>, into: &mut Trace, open: &mut Vec<Open<'e>>) {
        match at.expression {
            Expr::Identifier(name) => self.reads(std::slice::from_ref(name), at, scope, into),
            Expr::CompoundIdentifier(parts) => self.reads(parts, at, scope, into),
            Expr::CompoundFieldAccess { root, access_chain } => {
                match path(root, access_chain) {
                    Some(parts) => self.reads(&parts, at, scope, into),
                    None => open.push(at.with(root)),
                }
                let mut rest = Vec::new();
                children(at.expression, &mut |child| rest.push(at.with(child)), &mut |_| {});
                open.extend(rest.into_iter().skip(1));
            }
            Expr::Function(function) => self.function(function, at, scope, into, open),
            Expr::Lambda(lambda) => {
                open.push(Open { expression: &lambda.body, kind: at.kind, bound: Some(parameters(self, lambda, at)) });
            }
            Expr::Value(value) if self.grammar.positional_columns && is_position(&value.value) => {
                into.add(&Trace::unknown("a column by its place isn't followed"), at.kind);
            }
            Expr::Wildcard(_) => into.add(&row_of(scope), at.kind),
            Expr::QualifiedWildcard(name, _) => self.row(name, at.kind, scope, into),
            Expr::MatchAgainst { columns, .. } => {
                for column in columns {
                    into.add(&self.reference(&idents(column), scope), at.kind);
                }
            }
            Expr::Exists { subquery, .. } => {
                let table = self.query(subquery, Some(scope));
                into.add_all_as(&table.rows, at.kind);
            }
            Expr::In { target: InTarget::Table { .. }, .. } => {
                into.add(&Trace::unknown("`in` a table isn't followed"), at.kind);
            }
            other => {
                let mut queries: Vec<&Query> = Vec::new();
                children(other, &mut |child| open.push(at.with(child)), &mut |query| queries.push(query));
                for query in queries {
                    into.add(&self.scalar(query, scope), at.kind);
                }
            }
        }
    }

    fn reads(&mut self, parts: &[Ident], at: &Open<'_>, scope: &Scope<'_>, into: &mut Trace) {
        let first = self.key(&parts[0]);
        let bound = std::iter::successors(at.bound.as_ref(), |parameters| parameters.outer.as_ref());
        if bound.into_iter().any(|parameters| parameters.names.contains(&first)) {
            return;
        }
        let found = self.reference(parts, scope);
        let found = if at.kind == Kind::Filter { found.at(self.places.name(parts)) } else { found };
        into.add(&found, at.kind);
    }

    /// The first column of a subquery, with what decides on its rows.
    fn scalar(&mut self, query: &Query, scope: &Scope<'_>) -> Trace {
        let table = self.query(query, Some(scope));
        let mut value = match table.columns.as_slice() {
            // Rows as values: all columns.
            [_, _, ..] if table.is_complete() => {
                let mut all = Trace::default();
                table.columns.iter().for_each(|column| all.add(&column.trace(NOWHERE), Kind::Derived));
                all
            }
            [column] if table.is_complete() => column.trace(NOWHERE),
            _ => table.rest.any().unwrap_or_else(|| Trace::unknown("the columns of a subquery aren't known")),
        };
        value.add(&table.rows, Kind::Filter);
        value
    }

    /// All columns of a table as one value.
    fn row(&mut self, name: &ObjectName, kind: Kind, scope: &Scope<'_>, into: &mut Trace) {
        into.add(&self.reference(&idents(name), scope), kind);
    }

    fn function<'e>(
        &mut self,
        function: &'e Function,
        at: &Open<'e>,
        scope: &Scope<'_>,
        into: &mut Trace,
        open: &mut Vec<Open<'e>>,
    ) {
        let parts = idents(&function.name);
        let name = parts.last().map(|part| part.value.to_lowercase()).unwrap_or_default();
        if name == "columns" && parts.len() == 1 {
            match &self.each {
                Some(each) => into.add(each, at.kind),
                None => into.add(&Trace::unknown("`columns(…)` takes columns by a rule that isn't followed"), at.kind),
            }
            return;
        }
        let own = if is_aggregate(&name) || is_sketch(&parts, &name) { Kind::Aggregate } else { Kind::Derived };
        let used = own.then(at.kind);
        let chained = &parts[..parts.len().saturating_sub(1)];
        if self.is_column(chained, scope) {
            self.reads(chained, &Open { kind: used, ..at.with(at.expression) }, scope, into);
        }
        match &function.args {
            FunctionArguments::None => {}
            FunctionArguments::Subquery(query) => into.add(&self.scalar(query, scope), used),
            FunctionArguments::List(list) => {
                let part = self.grammar.date_parts.iter().find(|(known, _)| *known == name).map(|(_, at)| *at);
                let read = list.args.iter().enumerate().filter(|(at, one)| Some(*at) != part || !is_word(one));
                for (_, argument) in read {
                    self.argument(argument, &name, &at.used(used), scope, into, open);
                }
                list.clauses.iter().for_each(|clause| follow_clause(clause, at, open));
            }
        }
        if let FunctionArguments::List(list) = &function.parameters {
            for argument in &list.args {
                self.argument(argument, &name, &at.used(used), scope, into, open);
            }
        }
        open.extend(function.within_group.iter().map(|key| at.used(used).with(&key.expr)));
        open.extend(function.filter.iter().map(|condition| at.used(Kind::Filter).with(condition)));
        let keys = if is_ranking(&name) { Kind::Derived.then(at.kind) } else { Kind::Filter };
        match &function.over {
            None => {}
            Some(WindowType::WindowSpec(window)) => self.window(window, &at.used(keys), scope, into),
            Some(WindowType::NamedWindow(name)) => self.named_window(name, &at.used(keys), scope, into),
        }
    }

    fn argument<'e>(
        &mut self,
        argument: &'e FunctionArg,
        function: &str,
        at: &Open<'e>,
        scope: &Scope<'_>,
        into: &mut Trace,
        open: &mut Vec<Open<'e>>,
    ) {
        let (FunctionArg::Named { arg, .. } | FunctionArg::ExprNamed { arg, .. } | FunctionArg::Unnamed(arg)) =
            argument;
        // The parser takes a comparison for a named argument.
        match argument {
            FunctionArg::Named { name, operator: FunctionArgOperator::Equals, .. } => {
                self.reads(std::slice::from_ref(name), at, scope, into);
            }
            FunctionArg::ExprNamed { name, operator: FunctionArgOperator::Equals, .. } => open.push(at.with(name)),
            _ => {}
        }
        match arg {
            FunctionArgExpr::Expr(expression) => open.push(at.with(expression)),
            FunctionArgExpr::Wildcard if function == "count" => {}
            FunctionArgExpr::QualifiedWildcard(name) => self.row(name, at.kind, scope, into),
            FunctionArgExpr::Wildcard => into.add(&row_of(scope), at.kind),
            FunctionArgExpr::WildcardWithOptions(options) => {
                let columns = self.star(None, options, scope);
                columns.known.iter().for_each(|column| into.add(&column.trace(NOWHERE), at.kind));
                columns.rest.any().iter().for_each(|trace| into.add(trace, at.kind));
            }
        }
    }

    /// Whether a method's owner is certainly a column, and no schema.
    fn is_column(&self, parts: &[Ident], scope: &Scope<'_>) -> bool {
        let Some(first) = parts.first() else { return false };
        let key = self.key(first);
        let own = |scope: &Scope<'_>| matches!(scope.own(&key, NOWHERE, 0..scope.tables.len()), Found::One(_));
        scope.chain().any(own) || parts.len() > 1 && scope.qualified(std::slice::from_ref(&key)).is_some()
    }

    fn window(&mut self, window: &WindowSpec, at: &Open<'_>, scope: &Scope<'_>, into: &mut Trace) {
        let ordered = window.order_by.iter().map(|key: &OrderByExpr| &key.expr);
        for key in window.partition_by.iter().chain(ordered) {
            self.gather(key, at.kind, scope, into);
        }
        if let Some(name) = &window.window_name {
            self.named_window(name, at, scope, into);
        }
    }

    /// A window by its name. Windows name only earlier ones, and each round looks at earlier ones alone.
    fn named_window(&mut self, name: &Ident, at: &Open<'_>, scope: &Scope<'_>, into: &mut Trace) {
        let key = self.key(name);
        let Some(found) = scope.window(|window| self.key(&window.0) == key) else {
            into.add(&Trace::unknown(format!("there is no window `{key}`")), at.kind);
            return;
        };
        match &found.1 {
            NamedWindowExpr::WindowSpec(window)
                if window.window_name.as_ref().is_none_or(|other| self.key(other) != key) =>
            {
                let spec = WindowSpec { window_name: None, ..window.clone() };
                self.window(&spec, at, scope, into);
                if let Some(base) = &window.window_name {
                    self.base_window(base, at, scope, into);
                }
            }
            NamedWindowExpr::NamedWindow(other) => self.base_window(other, at, scope, into),
            NamedWindowExpr::WindowSpec(_) => {}
        }
    }

    /// The window that another one extends, one step deep.
    fn base_window(&mut self, name: &Ident, at: &Open<'_>, scope: &Scope<'_>, into: &mut Trace) {
        let key = self.key(name);
        match scope.window(|window| self.key(&window.0) == key).map(|window| &window.1) {
            Some(NamedWindowExpr::WindowSpec(window)) if window.window_name.is_none() => {
                self.window(window, at, scope, into);
            }
            _ => into.add(&Trace::unknown(format!("the window `{key}` isn't followed")), at.kind),
        }
    }

    /// Whether an expression holds `columns(…)`.
    pub(super) fn columns_call<'e>(&self, expression: &'e Expr) -> Option<&'e Function> {
        let mut open = vec![expression];
        while let Some(next) = open.pop() {
            match next {
                Expr::Function(function)
                    if idents(&function.name).iter().map(|part| part.value.to_lowercase()).eq(["columns"]) =>
                {
                    return Some(function);
                }
                Expr::Function(Function { args: FunctionArguments::List(list), .. }) => {
                    for argument in &list.args {
                        if let FunctionArg::Unnamed(FunctionArgExpr::Expr(one)) = argument {
                            open.push(one);
                        }
                    }
                }
                other => children(other, &mut |child| open.push(child), &mut |_| {}),
            }
        }
        None
    }
}

impl<'e> Open<'e> {
    fn with(&self, expression: &'e Expr) -> Open<'e> {
        Open { expression, kind: self.kind, bound: self.bound.clone() }
    }

    fn used(&self, kind: Kind) -> Open<'e> {
        Open { expression: self.expression, kind, bound: self.bound.clone() }
    }
}

fn parameters(tracer: &Tracer<'_>, lambda: &LambdaFunction, at: &Open<'_>) -> Rc<Parameters> {
    let names = match &lambda.params {
        OneOrManyWithParens::One(one) => vec![tracer.key(&one.name)],
        OneOrManyWithParens::Many(all) => all.iter().map(|one| tracer.key(&one.name)).collect(),
    };
    Rc::new(Parameters { names, outer: at.bound.clone() })
}

/// What an aggregate's own clauses read: they choose and order what counts.
fn follow_clause<'e>(clause: &'e FunctionArgumentClause, at: &Open<'e>, open: &mut Vec<Open<'e>>) {
    let filter = at.used(Kind::Filter);
    match clause {
        FunctionArgumentClause::OrderBy(keys) => open.extend(keys.iter().map(|key| filter.with(&key.expr))),
        FunctionArgumentClause::Where(condition) | FunctionArgumentClause::Limit(condition) => {
            open.push(filter.with(condition));
        }
        FunctionArgumentClause::Having(bound) => open.push(filter.with(&bound.1)),
        _ => {}
    }
}

/// A name that goes on behind its first part: `t.column.field` in front of `[1]`.
fn path(root: &Expr, chain: &[AccessExpr]) -> Option<Vec<Ident>> {
    let mut parts = match root {
        Expr::Identifier(name) => vec![name.clone()],
        Expr::CompoundIdentifier(parts) => parts.clone(),
        _ => return None,
    };
    for access in chain {
        match access {
            AccessExpr::Dot(Expr::Identifier(name)) => parts.push(name.clone()),
            _ => break,
        }
    }
    Some(parts)
}

/// `month`, `week(monday)`
fn is_word(argument: &FunctionArg) -> bool {
    let FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) = argument else { return false };
    match expression {
        Expr::Identifier(name) => name.quote_style.is_none(),
        Expr::Function(function) => idents(&function.name).iter().all(|part| part.value.eq_ignore_ascii_case("week")),
        _ => false,
    }
}

/// Whether a function of a room of sketches makes one of the rows of a group: `hll_count.init`.
fn is_sketch(parts: &[Ident], name: &str) -> bool {
    let [.., room, _] = parts else { return false };
    ["hll_count", "kll_quantiles"].iter().any(|one| room.value.eq_ignore_ascii_case(one))
        && !name.starts_with("extract")
}

/// `$1`: the first column of what is read.
fn is_position(value: &Value) -> bool {
    match value {
        Value::Placeholder(name) => {
            name.strip_prefix('$').unwrap_or_default().starts_with(|digit: char| digit.is_ascii_digit())
        }
        _ => false,
    }
}

/// Every column in sight as one value.
fn row_of(scope: &Scope<'_>) -> Trace {
    let mut all = Trace::default();
    for bound in &scope.tables {
        bound.table.columns.iter().for_each(|column| all.add(&column.trace(NOWHERE), Kind::Derived));
        if !bound.table.is_complete() {
            let reason = "`*` takes columns that aren't all known";
            all.add(&bound.table.rest.any().unwrap_or_else(|| Trace::unknown(reason)), Kind::Derived);
        }
    }
    all
}

pub(super) fn idents(name: &ObjectName) -> Vec<Ident> {
    name.0.iter().filter_map(|part| part.as_ident()).cloned().collect()
}

impl Table {
    /// A table of one column, or of several of which none is named, all made from `trace`.
    pub(super) fn made(columns: Vec<super::table::Column>, rest: super::table::Rest) -> Table {
        Table { columns, rest, rows: Trace::default() }
    }
}
