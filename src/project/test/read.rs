//! Lists of tests in YAML: in project.yml, and at models, seeds, sources and their columns.
//!
//! ```text
//! - not_null                              a kind without parameters
//! - accepted_values: {values: [a, b]}     a kind with its parameters
//! - {type: not_null, table: t, column: c} a mapping with all of it
//! ```
//!
//! Every slip is a problem of the file with its place; a test that has one isn't given.

use super::super::fields::Fields;
use super::super::yaml::{Node, Yaml, YamlFile};
use super::field::{On, sql, table};
use super::{DeclaredTest, FailureBound, TestSeverity, TestTable, TestTerms, kind};
use crate::diagnostic::{Diagnostic, did_you_mean};
use serde_json::Value;

/// Reads the list under `tests`, or `data_tests`, into the file's tests; gives it as it is declared.
pub fn read(parent: &mut Fields<'_>, on: &On<'_>) -> Vec<Value> {
    let mut found = Vec::new();
    let keys: &[&str] = if on.table.is_some() { &["tests", "data_tests"] } else { &["tests"] };
    for key in keys {
        for node in parent.list(key) {
            if let Some(test) = one(parent.file, node, on) {
                parent.file.tests.borrow_mut().push(test);
            }
            found.push(node.json());
        }
    }
    found
}

/// A test's kind and the node of its parameters, where it has any.
fn parts<'a>(file: &YamlFile, node: &'a Node, on: &On<'_>) -> Option<(String, Option<&'a Node>)> {
    let wrong = |message: String, hint: &str| {
        file.report(node.at, Diagnostic::new("bad-test", message).hint(hint));
        None
    };
    let hint = if on.table.is_some() {
        "write the kind, `- not_null`, or the kind with its parameters, `- accepted_values: {values: [a, b]}`"
    } else {
        "write `- {type: not_null, table: users, column: id}`"
    };
    match &node.value {
        Yaml::Scalar { text, .. } if on.table.is_some() && !node.is_null() => Some((text.clone(), None)),
        Yaml::Map(entries) => match (entries.iter().find(|entry| entry.key == "type"), entries.as_slice()) {
            (Some(entry), _) => match &entry.value.value {
                Yaml::Scalar { text, .. } if !entry.value.is_null() => Some((text.clone(), Some(node))),
                _ => wrong("`type` of a test must be text".into(), hint),
            },
            (None, [entry]) if on.table.is_some() => {
                Some((entry.key.clone(), Some(&entry.value).filter(|value| !value.is_null())))
            }
            (None, _) => wrong("a test has no `type`".into(), hint),
        },
        _ => wrong(format!("a test is a kind or a mapping, found {}", node.kind()), hint),
    }
}

fn one(file: &YamlFile, node: &Node, on: &On<'_>) -> Option<DeclaredTest> {
    let (word, params) = parts(file, node, on)?;
    let owner = match (&on.table, on.column) {
        (Some(table), Some(column)) => format!("test `{word}` of column `{column}` of `{table}`"),
        (Some(table), None) => format!("test `{word}` of `{table}`"),
        (None, _) => format!("test `{word}`"),
    };
    let none = Node { at: node.at, value: Yaml::Map(Vec::new()) };
    let params = params.unwrap_or(&none);
    let mut fields = Fields::new(file, owner, params)?;
    let before = file.count();
    fields.node("type");
    let common = Common::read(&mut fields);
    let table = match &on.table {
        Some(name) => Some(TestTable { name: name.clone(), at: file.location(node.at) }),
        None => table(&mut fields, "table"),
    };
    let found = kind::read(fields, &word, kind::Given { params, on, has_table: table.is_some() });
    let (check, columns) = found.filter(|_| file.count() == before)?;
    let Common { name, filter, terms, tags } = common;
    Some(DeclaredTest { name, table, columns, filter, check, terms, tags, at: file.location(node.at) })
}

/// What tests of all kinds may say.
struct Common {
    name: Option<String>,
    filter: Option<String>,
    terms: TestTerms,
    tags: Vec<String>,
}

impl Common {
    fn read(fields: &mut Fields<'_>) -> Common {
        let name = fields.text("name");
        let own = Said::read(fields);
        // What dbt keeps in a mapping of its own.
        let Said { filter, severity, warn_if, error_if, limit, mut tags } = match fields.fields("config") {
            Some(mut config) => {
                let more = Said::read(&mut config);
                config.finish();
                own.or(more)
            }
            None => own,
        };
        tags.sort();
        tags.dedup();
        let usual = TestTerms::default();
        let terms = TestTerms {
            severity: severity.unwrap_or(usual.severity),
            warn_if: warn_if.unwrap_or(usual.warn_if),
            error_if: error_if.unwrap_or(usual.error_if),
            limit,
        };
        Common { name, filter, terms, tags }
    }
}

struct Said {
    filter: Option<String>,
    severity: Option<TestSeverity>,
    warn_if: Option<FailureBound>,
    error_if: Option<FailureBound>,
    limit: Option<u64>,
    tags: Vec<String>,
}

impl Said {
    fn read(fields: &mut Fields<'_>) -> Said {
        Said {
            filter: sql(fields, "where"),
            severity: severity(fields),
            warn_if: bound(fields, "warn_if"),
            error_if: bound(fields, "error_if"),
            limit: fields.count("limit", 1),
            tags: fields.texts("tags").into_iter().map(|(tag, _)| tag).collect(),
        }
    }

    fn or(self, other: Said) -> Said {
        Said {
            filter: self.filter.or(other.filter),
            severity: self.severity.or(other.severity),
            warn_if: self.warn_if.or(other.warn_if),
            error_if: self.error_if.or(other.error_if),
            limit: self.limit.or(other.limit),
            tags: self.tags.into_iter().chain(other.tags).collect(),
        }
    }
}

fn severity(fields: &mut Fields<'_>) -> Option<TestSeverity> {
    let at = fields.node("severity")?.at;
    let text = fields.text("severity")?;
    match text.to_lowercase().as_str() {
        "error" => Some(TestSeverity::Error),
        "warn" => Some(TestSeverity::Warn),
        other => {
            let message = format!("`severity` is `error` or `warn`, not `{text}`");
            let hint = did_you_mean(other, ["error", "warn"]).unwrap_or_else(|| "write `severity: warn`".into());
            fields.file.report(at, Diagnostic::new("bad-test", message).hint(hint));
            None
        }
    }
}

fn bound(fields: &mut Fields<'_>, key: &'static str) -> Option<FailureBound> {
    let at = fields.node(key)?.at;
    let text = fields.text(key)?;
    let bound = FailureBound::parse(&text);
    if bound.is_none() {
        let message = format!("`{key}` is a sign and a number of failures, not `{text}`");
        fields.file.report(at, Diagnostic::new("bad-test", message).hint(format!("write `{key}: \">10\"`")));
    }
    bound
}

#[cfg(test)]
mod tests {
    use super::super::{TableName, TestCheck, ValueSide};
    use super::*;

    fn load(text: &str) -> (Vec<DeclaredTest>, Vec<String>) {
        let file = YamlFile::new("project.yml", text);
        let root = file.parse().unwrap();
        let mut fields = Fields::new(&file, "project.yml", &root).unwrap();
        read(&mut fields, &On::default());
        drop(fields);
        let tests = file.tests.borrow().clone();
        (tests, file.into_problems().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn what_existing_projects_declare_is_read() {
        let text = "tests:
  - {type: not_null, table: users, column: id, tags: [b, a], where: 'id > 1'}
  - {type: unique, table: users, columns: [a, b], severity: warn, warn_if: '>10', limit: 5}
  - {type: row_count_between, table: users, min_rows: 2}
  - {type: relationships, table: o, column: c, to: \"ref('customers.ff')\", to_field: id}
  - type: reconcile_equal
    name: totals
    left: {table: o, expr: sum(a)}
    right: {table: \"source('crm', 'o')\", expr: sum(b), where: x = 1}
    abs_tolerance: 0.50
  - {type: share, table: o, column: a, params: {least: 0.75}}
";
        let (tests, problems) = load(text);
        assert_eq!(problems, [""; 0]);
        let first = &tests[0];
        assert_eq!(
            (first.tags.join(" "), first.filter.as_deref(), &first.check),
            ("a b".into(), Some("id > 1"), &TestCheck::NotNull)
        );
        assert_eq!(first.at.to_string(), "project.yml:2:5");
        assert_eq!((tests[1].columns.join(" "), tests[1].terms.warn_if.to_string()), ("a b".into(), ">10".into()));
        assert_eq!(tests[2].check, TestCheck::RowCountBetween { min: 2, max: None });
        let TestCheck::Relationships { to } = &tests[3].check else { panic!("{:?}", tests[3]) };
        assert_eq!((to.table.name.to_string(), to.key.as_str()), ("customers.ff".into(), "id"));
        let TestCheck::ReconcileEqual { sides: [_, ValueSide { table, filter, .. }], abs_tolerance, .. } =
            &tests[4].check
        else {
            panic!("{:?}", tests[4])
        };
        assert_eq!((&table.name, filter.as_deref()), (&TableName::Source("crm".into(), "o".into()), Some("x = 1")));
        assert_eq!(abs_tolerance.as_ref().map(|amount| amount.0.as_str()), Some("0.50"));
        let TestCheck::Own { kind, params } = &tests[5].check else { panic!("{:?}", tests[5]) };
        assert_eq!((kind.as_str(), Value::from(params.clone())), ("share", serde_json::json!({"least": 0.75})));
    }

    #[test]
    fn each_slip_is_told_once_with_its_place_and_a_hint() {
        let text = "tests:
  - {type: not_null, table: users}
  - {type: not_null, column: id}
  - {type: accepted_values, table: users, column: s}
  - {type: unique, table: users, column: id, severity: wan}
  - {type: unique, table: users, column: id, warn_if: ten}
  - {type: unique, table: users, colum: id}
  - {type: reconcile_diff_within, left: {table: a, expr: x}, max_abs_diff: much}
  - not_null
  - {type: greater_equal, table: a, column: b, where: \"{{ x }}\"}
";
        let (tests, problems) = load(text);
        assert!(tests.is_empty(), "{tests:?}");
        let all = problems.join("\n");
        for expected in [
            "test `not_null` has no `column`\n  --> project.yml:2:5",
            "hint: write `column: name`",
            "test `not_null` has no `table`\n  --> project.yml:3:5",
            "test `accepted_values` has no `values`\n  --> project.yml:4:5",
            "`severity` is `error` or `warn`, not `wan`\n  --> project.yml:5:56",
            "hint: did you mean `warn`?",
            "`warn_if` is a sign and a number of failures, not `ten`",
            "unknown key `colum` in test `unique`",
            "test `reconcile_diff_within` has no `right`",
            "`max_abs_diff` of test `reconcile_diff_within` must be a number, found `much`",
            "a test is a kind or a mapping, found text\n  --> project.yml:9:5",
            "`where` of a test is SQL and no template",
        ] {
            assert!(all.contains(expected), "{expected}\n\n{all}");
        }
        assert!(problems.iter().all(|problem| problem.contains("hint: ")), "{all}");
    }
}
