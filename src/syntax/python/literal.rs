//! Python literals as JSON: what a decorator says without anything being run.

use ruff_python_ast::{Expr, Number, UnaryOp};
use serde_json::{Map, Value};

/// The value of a literal expression; `None` where something would have to be computed. Tuples are lists, sets are
/// sorted lists, keys of dicts are text.
pub fn value(expression: &Expr) -> Option<Value> {
    match expression {
        Expr::StringLiteral(text) => Some(Value::from(text.value.to_str())),
        Expr::BooleanLiteral(literal) => Some(Value::Bool(literal.value)),
        Expr::NoneLiteral(_) => Some(Value::Null),
        Expr::NumberLiteral(number) => number_value(&number.value, false),
        Expr::UnaryOp(unary) if unary.op == UnaryOp::USub => match &*unary.operand {
            Expr::NumberLiteral(number) => number_value(&number.value, true),
            _ => None,
        },
        Expr::List(list) => list.elts.iter().map(value).collect::<Option<Vec<_>>>().map(Value::Array),
        Expr::Tuple(tuple) => tuple.elts.iter().map(value).collect::<Option<Vec<_>>>().map(Value::Array),
        Expr::Set(set) => {
            let mut items = set.elts.iter().map(value).collect::<Option<Vec<_>>>()?;
            items.sort_by_cached_key(ToString::to_string);
            items.dedup();
            Some(Value::Array(items))
        }
        Expr::Dict(dict) => {
            let pair = |item: &ruff_python_ast::DictItem| Some((key(item.key.as_ref()?)?, value(&item.value)?));
            dict.items.iter().map(pair).collect::<Option<Map<_, _>>>().map(Value::Object)
        }
        _ => None,
    }
}

fn key(expression: &Expr) -> Option<String> {
    match value(expression)? {
        Value::String(text) => Some(text),
        Value::Array(_) | Value::Object(_) => None,
        other => Some(other.to_string()),
    }
}

fn number_value(number: &Number, negative: bool) -> Option<Value> {
    match number {
        Number::Int(int) => int.as_i64().map(|int| Value::from(if negative { -int } else { int })),
        Number::Float(float) => serde_json::Number::from_f64(if negative { -float } else { *float }).map(Value::Number),
        Number::Complex { .. } => None,
    }
}
