//! The expressions and subqueries that stand directly in an expression.

use sqlparser::ast::{AccessExpr, Expr, JsonPathElem, Query, Subscript};

/// Calls `expression` and `subquery` for each, in the order of the text where that is cheap to tell.
///
/// Names, functions, lambdas and the like, which mean more than their parts, have none here.
pub(super) fn children<'e>(whole: &'e Expr, expression: &mut dyn FnMut(&'e Expr), subquery: &mut dyn FnMut(&'e Query)) {
    match whole {
        Expr::Exists { subquery: query, .. } | Expr::Subquery(query) => subquery(query),
        Expr::In { expr, target, .. } => {
            expression(expr);
            in_target(target, expression, subquery);
        }
        Expr::Case { operand, conditions, else_result, .. } => {
            operand.iter().for_each(|one| expression(one));
            for when in conditions {
                expression(&when.condition);
                expression(&when.result);
            }
            else_result.iter().for_each(|one| expression(one));
        }
        Expr::CompoundFieldAccess { root, access_chain } => {
            expression(root);
            access_chain.iter().for_each(|access| accessed(access, expression));
        }
        Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) => sets.iter().flatten().for_each(expression),
        Expr::Tuple(all) | Expr::Struct { values: all, .. } => all.iter().for_each(expression),
        Expr::Array(array) => array.elem.iter().for_each(expression),
        Expr::Dictionary(fields) => fields.iter().for_each(|field| expression(&field.value)),
        Expr::Map(map) => {
            for entry in &map.entries {
                expression(&entry.key);
                expression(&entry.value);
            }
        }
        Expr::Convert { expr, styles, .. } => {
            expression(expr);
            styles.iter().for_each(expression);
        }
        Expr::Trim { expr, trim_what, trim_characters, .. } => {
            expression(expr);
            trim_what.iter().for_each(|one| expression(one));
            trim_characters.iter().flatten().for_each(expression);
        }
        Expr::JsonAccess { value, path } => {
            expression(value);
            for element in &path.path {
                if let JsonPathElem::Bracket { key } | JsonPathElem::ColonBracket { key } = element {
                    expression(key);
                }
            }
        }
        Expr::Interval(interval) => expression(&interval.value),
        Expr::MemberOf(member) => {
            expression(&member.value);
            expression(&member.array);
        }
        other => operands(other).into_iter().flatten().for_each(expression),
    }
}

/// Operands of what has a fixed number of them.
fn operands(whole: &Expr) -> [Option<&Expr>; 4] {
    let [one, two, three] = match whole {
        Expr::IsFalse(one)
        | Expr::IsNotFalse(one)
        | Expr::IsTrue(one)
        | Expr::IsNotTrue(one)
        | Expr::IsNull(one)
        | Expr::IsNotNull(one)
        | Expr::IsUnknown(one)
        | Expr::IsNotUnknown(one)
        | Expr::IsJson { expr: one, .. }
        | Expr::IsNormalized { expr: one, .. }
        | Expr::UnaryOp { expr: one, .. }
        | Expr::Cast { expr: one, .. }
        | Expr::Extract { expr: one, .. }
        | Expr::Ceil { expr: one, .. }
        | Expr::Floor { expr: one, .. }
        | Expr::Collate { expr: one, .. }
        | Expr::Nested(one)
        | Expr::Prefixed { value: one, .. }
        | Expr::Named { expr: one, .. }
        | Expr::OuterJoin(one)
        | Expr::Prior(one) => [Some(one), None, None],
        Expr::IsDistinctFrom(one, two)
        | Expr::IsNotDistinctFrom(one, two)
        | Expr::BinaryOp { left: one, right: two, .. }
        | Expr::RLike { expr: one, pattern: two, .. }
        | Expr::AnyOp { left: one, right: two, .. }
        | Expr::AllOp { left: one, right: two, .. }
        | Expr::AtTimeZone { timestamp: one, time_zone: two }
        | Expr::Position { expr: one, r#in: two } => [Some(one), Some(two), None],
        Expr::Like { expr: one, pattern: two, escape_char: three, .. }
        | Expr::ILike { expr: one, pattern: two, escape_char: three, .. }
        | Expr::SimilarTo { expr: one, pattern: two, escape_char: three, .. } => [Some(one), Some(two), three.as_ref()],
        Expr::Between { expr: one, low: two, high: three, .. } => [Some(one), Some(two), Some(three)],
        Expr::Substring { expr: one, substring_from: two, substring_for: three, .. } => {
            [Some(one), two.as_ref(), three.as_ref()]
        }
        Expr::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
            return [Some(expr), Some(overlay_what), Some(overlay_from), overlay_for.as_deref()];
        }
        _ => [None, None, None],
    }
    .map(|operand: Option<&Box<Expr>>| operand.map(|boxed| &**boxed));
    [one, two, three, None]
}

fn in_target<'e>(
    target: &'e sqlparser::ast::InTarget,
    expression: &mut dyn FnMut(&'e Expr),
    subquery: &mut dyn FnMut(&'e Query),
) {
    use sqlparser::ast::InTarget;
    match target {
        InTarget::List(all) => all.iter().for_each(expression),
        InTarget::Subquery(query) => subquery(query),
        InTarget::Unnest(list) => expression(list),
        // What reads it says that it is unknown.
        InTarget::Table { .. } => {}
    }
}

/// What a subscript is computed from; a field's name is no column.
fn accessed<'e>(access: &'e AccessExpr, expression: &mut dyn FnMut(&'e Expr)) {
    match access {
        AccessExpr::Dot(call @ Expr::Function(_)) => expression(call),
        AccessExpr::Dot(_) => {}
        AccessExpr::Subscript(Subscript::Index { index }) => expression(index),
        AccessExpr::Subscript(Subscript::Slice { lower_bound, upper_bound, stride }) => {
            [lower_bound, upper_bound, stride].into_iter().flatten().for_each(expression);
        }
    }
}
