//! The parameters of each kind of test.

use super::super::fields::Fields;
use super::super::yaml::{Node, Yaml};
use super::field::{On, missing, sql, table};
use super::{Amount, KeySide, TestCheck, ValueSide};
use crate::diagnostic::Diagnostic;
use serde_json::{Map, Value};

/// What is known of a test beside its fields.
pub(super) struct Given<'a> {
    pub params: &'a Node,
    pub on: &'a On<'a>,
    pub has_table: bool,
}

/// What must be so, and the columns that it is declared of. A key that the kind doesn't have is a problem.
pub(super) fn read(mut fields: Fields<'_>, word: &str, given: Given<'_>) -> Option<(TestCheck, Vec<String>)> {
    let reconciles = word.starts_with("reconcile_");
    let check = match word {
        "not_null" => Some(TestCheck::NotNull),
        "unique" => Some(TestCheck::Unique),
        "accepted_values" => accepted_values(&mut fields),
        "greater_equal" => {
            let threshold = amount(&mut fields, "threshold").unwrap_or_else(|| Amount("0".into()));
            Some(TestCheck::GreaterEqual { threshold })
        }
        "non_negative_sum" => Some(TestCheck::NonNegativeSum),
        "row_count_between" => Some(row_count(&mut fields)),
        "relationships" => return relationships(fields, &given),
        "expression_is_true" => {
            let expression = sql(&mut fields, "expression");
            if expression.is_none() {
                missing(&fields, fields.at, "expression", "write what must be true of every row: `expression: a <= b`");
            }
            expression.map(|expression| TestCheck::ExpressionIsTrue { expression })
        }
        "freshness" => {
            let minutes = fields.count("max_delay_minutes", 0);
            if fields.node("max_delay_minutes").is_none() {
                missing(&fields, fields.at, "max_delay_minutes", "write `max_delay_minutes: 60`");
            }
            minutes.map(|max_delay_minutes| TestCheck::Freshness { max_delay_minutes })
        }
        "reconcile_coverage" => coverage(&mut fields),
        _ if reconciles && is_reconcile(word) => reconcile(&mut fields, word),
        _ => return own(fields, word, &given),
    };
    let columns = match word {
        _ if reconciles => Vec::new(),
        "row_count_between" => Vec::new(),
        "unique" => columns(&mut fields, &given),
        "expression_is_true" => given.on.column.map(String::from).into_iter().collect(),
        _ => column(&mut fields, &given).into_iter().collect(),
    };
    if !reconciles {
        needs_table(&fields, &given);
    }
    fields.finish();
    Some((check?, columns))
}

fn is_reconcile(word: &str) -> bool {
    ["reconcile_equal", "reconcile_ratio_within", "reconcile_diff_within"].contains(&word)
}

fn needs_table(fields: &Fields<'_>, given: &Given<'_>) {
    if !given.has_table && given.on.table.is_none() {
        missing(fields, fields.at, "table", "write `table: model`: a model, a seed or `source('group', 'table')`");
    }
}

const COLUMN: &str = "write `column: name`";

/// The one column of a kind that has one.
fn column(fields: &mut Fields<'_>, given: &Given<'_>) -> Option<String> {
    if let Some(column) = given.on.column {
        return Some(column.into());
    }
    let found = fields.text("column").or_else(|| fields.text("column_name"));
    if found.is_none() {
        missing(fields, fields.at, "column", COLUMN);
    }
    found
}

/// One column, or several that count together.
fn columns(fields: &mut Fields<'_>, given: &Given<'_>) -> Vec<String> {
    if let Some(column) = given.on.column {
        return vec![column.into()];
    }
    let keys = ["column", "columns", "column_name", "combination_of_columns"];
    let found: Vec<String> = keys.iter().flat_map(|key| fields.texts(key)).map(|(name, _)| name).collect();
    if found.is_empty() {
        missing(fields, fields.at, "column", "write `column: name`, or `columns: [a, b]` for a combination");
    }
    found
}

fn accepted_values(fields: &mut Fields<'_>) -> Option<TestCheck> {
    let values: Vec<Value> = fields.list("values").iter().map(Node::json).collect();
    let quote = fields.flag("quote");
    if values.is_empty() {
        missing(fields, fields.at, "values", "write `values: [active, invited]`");
        return None;
    }
    Some(TestCheck::AcceptedValues { values, quote })
}

fn row_count(fields: &mut Fields<'_>) -> TestCheck {
    let [min, max] = [["min_rows", "min"], ["max_rows", "max"]].map(|keys| {
        let given = keys.map(|key| fields.count(key, 0));
        given.into_iter().flatten().next()
    });
    let min = min.unwrap_or(1);
    if let (Some(max), Some(node)) = (max.filter(|max| *max < min), fields.node("max_rows").or(fields.node("max"))) {
        let problem = Diagnostic::new("bad-test", format!("no number of rows is from {min} to {max}"));
        fields.file.report(node.at, problem.hint("write the smaller number as `min_rows`"));
    }
    TestCheck::RowCountBetween { min, max }
}

/// A foreign key. With `to_field`, `field` is the table's own column; without it, as dbt has it, that of the other table.
fn relationships(mut fields: Fields<'_>, given: &Given<'_>) -> Option<(TestCheck, Vec<String>)> {
    let to = table(&mut fields, "to");
    if fields.node("to").is_none() {
        missing(&fields, fields.at, "to", "write `to: ref('model')`");
    }
    let (field, to_field) = (fields.text("field"), fields.text("to_field"));
    let (own, key) = match (field, to_field) {
        (own, Some(key)) => (own, Some(key)),
        (key, None) => (None, key),
    };
    let own = match own {
        Some(own) => Some(own),
        None => column(&mut fields, given),
    };
    if key.is_none() {
        missing(&fields, fields.at, "to_field", "write `to_field: id`, the column that has every value");
    }
    let filter = sql(&mut fields, "to_where");
    needs_table(&fields, given);
    fields.finish();
    Some((TestCheck::Relationships { to: KeySide { table: to?, key: key?, filter } }, vec![own?]))
}

fn reconcile(fields: &mut Fields<'_>, word: &str) -> Option<TestCheck> {
    let sides = [value_side(fields, "left"), value_side(fields, "right")];
    let needed = |fields: &mut Fields<'_>, key: &'static str| {
        if fields.node(key).is_none() {
            missing(fields, fields.at, key, &format!("write `{key}: 1`"));
        }
        amount(fields, key)
    };
    let check = match word {
        "reconcile_equal" => {
            let (abs_tolerance, rel_tolerance_pct) =
                (amount(fields, "abs_tolerance"), amount(fields, "rel_tolerance_pct"));
            let [left, right] = sides;
            TestCheck::ReconcileEqual { sides: [left?, right?], abs_tolerance, rel_tolerance_pct }
        }
        "reconcile_ratio_within" => {
            let (min_ratio, max_ratio) = (needed(fields, "min_ratio"), needed(fields, "max_ratio"));
            let [left, right] = sides;
            TestCheck::ReconcileRatioWithin { sides: [left?, right?], min_ratio: min_ratio?, max_ratio: max_ratio? }
        }
        _ => {
            let max_abs_diff = needed(fields, "max_abs_diff");
            let [left, right] = sides;
            TestCheck::ReconcileDiffWithin { sides: [left?, right?], max_abs_diff: max_abs_diff? }
        }
    };
    Some(check)
}

fn coverage(fields: &mut Fields<'_>) -> Option<TestCheck> {
    let wheres = [sql(fields, "source_where"), sql(fields, "target_where")];
    let [source, target] = ["source", "target"].map(|key| {
        let mut side = side(fields, key, "{table: orders, key: id}")?;
        let (found, name, filter) = (named(&mut side), side.text("key"), sql(&mut side, "where"));
        if name.is_none() {
            missing(&side, side.at, "key", "write `key: id`, the column that is compared");
        }
        side.finish();
        Some(KeySide { table: found?, key: name?, filter })
    });
    let [source_where, target_where] = wheres;
    let with = |side: KeySide, filter: Option<String>| KeySide { filter: filter.or(side.filter.clone()), ..side };
    Some(TestCheck::ReconcileCoverage { source: with(source?, source_where), target: with(target?, target_where) })
}

fn value_side(fields: &mut Fields<'_>, key: &'static str) -> Option<ValueSide> {
    let mut side = side(fields, key, "{table: orders, expr: sum(amount)}")?;
    let (found, expression, filter) = (named(&mut side), sql(&mut side, "expr"), sql(&mut side, "where"));
    if expression.is_none() {
        missing(&side, side.at, "expr", "write `expr: sum(amount)`: one value of the table");
    }
    side.finish();
    Some(ValueSide { table: found?, expression: expression?, filter })
}

/// The mapping of a side.
fn side<'a>(fields: &mut Fields<'a>, key: &'static str, form: &str) -> Option<Fields<'a>> {
    if fields.node(key).is_none() {
        missing(fields, fields.at, key, &format!("write `{key}: {form}`"));
        return None;
    }
    let mut side = fields.fields(key)?;
    side.owner = format!("`{key}` of {}", fields.owner);
    Some(side)
}

fn named(side: &mut Fields<'_>) -> Option<super::TestTable> {
    if side.node("table").is_none() {
        missing(side, side.at, "table", "write `table: model`");
    }
    table(side, "table")
}

/// A number, kept as it is written.
fn amount(fields: &mut Fields<'_>, key: &'static str) -> Option<Amount> {
    let at = fields.node(key)?.at;
    let text = fields.text(key)?;
    let number =
        text.trim().parse::<f64>().is_ok_and(f64::is_finite) && text.contains(|sign: char| sign.is_ascii_digit());
    if !number {
        let message = format!("`{key}` of {} must be a number, found `{text}`", fields.owner);
        fields.file.report(at, Diagnostic::new("wrong-type", message).hint(format!("write `{key}: 0.5`")));
    }
    number.then(|| Amount(text.trim().trim_start_matches('+').into()))
}

/// Keys that no kind takes for a parameter of its own.
const COMMON: [&str; 12] = [
    "type",
    "table",
    "column",
    "column_name",
    "params",
    "name",
    "severity",
    "warn_if",
    "error_if",
    "limit",
    "tags",
    "config",
];

/// A kind that a file defines: what it takes is that file's to say.
fn own(mut fields: Fields<'_>, word: &str, given: &Given<'_>) -> Option<(TestCheck, Vec<String>)> {
    let column = match given.on.column {
        Some(column) => Some(column.to_string()),
        None => fields.text("column").or_else(|| fields.text("column_name")),
    };
    let mut params: Map<String, Value> =
        fields.entries("params").iter().map(|entry| (entry.key.clone(), entry.value.json())).collect();
    if let Yaml::Map(entries) = &given.params.value {
        let others = entries.iter().filter(|entry| !COMMON.contains(&entry.key.as_str()) && !entry.value.is_null());
        for entry in others {
            params.entry(entry.key.clone()).or_insert_with(|| entry.value.json());
        }
    }
    Some((TestCheck::Own { kind: word.into(), params }, column.into_iter().collect()))
}
