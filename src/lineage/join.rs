//! Joins: which columns both sides share, and what decides which rows meet.

use super::expression::idents;
use super::query::Tracer;
use super::scope::{Merged, Scope};
use super::table::Found;
use super::value::Trace;
use super::{Kind, Span};
use sqlparser::ast::{Ident, Join, JoinConstraint, JoinOperator, ObjectName};

/// Which side's value a shared column has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
    Both,
}

/// What a join leaves in sight.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Both,
    Left,
    Right,
}

impl Tracer<'_> {
    /// Joins to the tables from `start` on.
    pub(super) fn join(&mut self, join: &Join, start: usize, scope: &mut Scope<'_>) {
        let middle = scope.tables.len();
        self.factor(&join.relation, scope);
        let (constraint, side, kept) = parts(&join.join_operator);
        if let JoinOperator::AsOf { match_condition, .. } = &join.join_operator {
            self.condition(match_condition, scope);
        }
        match constraint {
            Some(JoinConstraint::On(condition)) => self.condition(condition, scope),
            Some(JoinConstraint::Using(names) | JoinConstraint::UsingAlias(names, _)) => {
                let names: Vec<Ident> = names.iter().filter_map(|name: &ObjectName| idents(name).pop()).collect();
                for name in &names {
                    let span = self.places.name([name]);
                    self.share(self.key(name), &name.value, span, side, start..middle, scope);
                }
            }
            Some(JoinConstraint::Natural) => self.natural(side, start, middle, scope),
            Some(JoinConstraint::None) | None => {}
        }
        match kept {
            Kept::Both => {}
            Kept::Left => scope.tables.truncate(middle),
            Kept::Right => drop(scope.tables.drain(start..middle)),
        }
        if kept == Kept::Right {
            scope.merged.retain(|merged| merged.first < start);
        }
    }

    fn condition(&mut self, condition: &sqlparser::ast::Expr, scope: &mut Scope<'_>) {
        let mut rows = Trace::default();
        self.gather(condition, Kind::Filter, scope, &mut rows);
        scope.rows.merge(&rows);
    }

    /// One column that both sides have.
    fn share(
        &self,
        key: String,
        name: &str,
        span: Span,
        side: Side,
        left: std::ops::Range<usize>,
        scope: &mut Scope<'_>,
    ) {
        let end = scope.tables.len();
        let first = match side {
            Side::Right => left.end,
            Side::Left | Side::Both => place(scope, &key, span, &left),
        };
        let of = |found: Found| match found {
            Found::One(trace) | Found::Perhaps(trace) => trace,
            Found::Several => Trace::unknown(format!("`{key}` may be a column of several relations")),
            Found::None => Trace::unknown(format!("`{key}` is no column of both sides of a join")),
        };
        let (own, other) = (of(scope.own(&key, span, left.clone())), of(scope.own(&key, span, left.end..end)));
        scope.rows.add(&own.clone().at(span), Kind::Filter);
        scope.rows.add(&other.clone().at(span), Kind::Filter);
        let trace = match side {
            Side::Left => own,
            Side::Right => other,
            Side::Both => {
                let mut both = own;
                both.merge(&other);
                both
            }
        };
        scope.merged.retain(|merged| merged.key != key || merged.first < left.start);
        // The column stands where the left side has it, whichever value it takes.
        let first = if side == Side::Right { place(scope, &key, span, &left) } else { first };
        scope.merged.push(Merged { key, name: name.into(), trace, first });
    }

    /// Every column that both sides have.
    fn natural(&self, side: Side, start: usize, middle: usize, scope: &mut Scope<'_>) {
        self.reads_all("a natural join looks at every column");
        let complete = scope.tables[start..].iter().all(|bound| bound.table.is_complete());
        if !complete {
            let reason = "a natural join of relations whose columns aren't all known";
            scope.rows.add(&Trace::unknown(reason), Kind::Filter);
            return;
        }
        let right: Vec<(String, String)> = scope.tables[middle..]
            .iter()
            .flat_map(|bound| &bound.table.columns)
            .filter_map(|column| Some((column.key.clone()?, column.name.clone())))
            .collect();
        for (key, name) in right {
            let nowhere = super::query::NOWHERE;
            if !matches!(scope.own(&key, nowhere, start..middle), Found::None) {
                self.share(key, &name, nowhere, side, start..middle, scope);
            }
        }
    }
}

/// The first table of `range` that has the column, or that may have it.
fn place(scope: &Scope<'_>, key: &str, span: Span, range: &std::ops::Range<usize>) -> usize {
    let merged = scope.merged.iter().find(|merged| merged.key == key && range.contains(&merged.first));
    if let Some(merged) = merged {
        return merged.first;
    }
    let has = |at: &usize| matches!(scope.tables[*at].find(key, span), Found::One(_));
    range.clone().find(has).unwrap_or(range.start)
}

fn parts(operator: &JoinOperator) -> (Option<&JoinConstraint>, Side, Kept) {
    use JoinOperator as Is;
    match operator {
        Is::Join(on) | Is::Inner(on) | Is::Left(on) | Is::LeftOuter(on) | Is::CrossJoin(on) | Is::StraightJoin(on) => {
            (Some(on), Side::Left, Kept::Both)
        }
        Is::Right(on) | Is::RightOuter(on) => (Some(on), Side::Right, Kept::Both),
        Is::FullOuter(on) => (Some(on), Side::Both, Kept::Both),
        Is::Semi(on) | Is::LeftSemi(on) | Is::Anti(on) | Is::LeftAnti(on) => (Some(on), Side::Left, Kept::Left),
        Is::RightSemi(on) | Is::RightAnti(on) => (Some(on), Side::Right, Kept::Right),
        Is::AsOf { constraint, .. } => (Some(constraint), Side::Left, Kept::Both),
        Is::CrossApply | Is::OuterApply | Is::ArrayJoin | Is::LeftArrayJoin | Is::InnerArrayJoin => {
            (None, Side::Left, Kept::Both)
        }
    }
}
