//! Single keys of a test: tables, pieces of SQL.

use super::super::fields::Fields;
use super::super::yaml::Place;
use super::{TableName, TestTable};
use crate::diagnostic::Diagnostic;

/// What the tests of a list are of.
#[derive(Clone, Debug, Default)]
pub struct On<'a> {
    /// None in project.yml, where each test names its table.
    pub table: Option<TableName>,
    pub column: Option<&'a str>,
}

/// A piece of SQL, which is sent as it is.
pub fn sql(fields: &mut Fields<'_>, key: &'static str) -> Option<String> {
    let at = fields.node(key)?.at;
    let text = fields.text(key)?;
    if text.contains("{{") || text.contains("{%") {
        let message = format!("`{key}` of a test is SQL and no template");
        let hint = "write the value out, or write the test as a query of its own, in tests/<name>.ff.sql";
        fields.file.report(at, Diagnostic::new("bad-test", message).hint(hint));
        return None;
    }
    (!text.trim().is_empty()).then_some(text)
}

/// A table by its name, as `ref('name')` or as `source('group', 'table')`.
pub fn table(fields: &mut Fields<'_>, key: &'static str) -> Option<TestTable> {
    let at = fields.node(key)?.at;
    let text = fields.text(key)?;
    let name = table_name(&text);
    if name.is_none() {
        let message = format!("`{key}` of a test names no table: `{text}`");
        let hint = "write a model's or a seed's name, `ref('model')`, or `source('group', 'table')`";
        fields.file.report(at, Diagnostic::new("bad-test", message).hint(hint));
    }
    Some(TestTable { name: name?, at: fields.file.location(at) })
}

fn table_name(text: &str) -> Option<TableName> {
    let text = text.trim();
    let text = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).unwrap_or(text).trim();
    let inside = |function: &str| {
        let rest = text.strip_prefix(function)?.trim_start().strip_prefix('(')?.strip_suffix(')')?;
        rest.split(',').map(|part| quoted(part.trim())).collect::<Option<Vec<_>>>()
    };
    match (inside("ref").as_deref(), inside("source").as_deref()) {
        (Some([name]), _) => Some(TableName::Plain(name.clone())),
        (_, Some([group, table])) => Some(TableName::Source(group.clone(), table.clone())),
        _ if text.is_empty() || text.contains(['(', ')', '\'', '"', '{']) => None,
        _ => Some(TableName::Plain(text.into())),
    }
}

fn quoted(text: &str) -> Option<String> {
    let inside = ['\'', '"'].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))?;
    (!inside.is_empty()).then(|| inside.to_string())
}

/// What is said of a parameter that isn't there.
pub fn missing(fields: &Fields<'_>, at: Place, key: &str, hint: &str) {
    let message = format!("{} has no `{key}`", fields.owner);
    fields.file.report(at, Diagnostic::new("missing-key", message).hint(hint));
}
