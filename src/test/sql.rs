//! The query of each kind: the rows that are wrong.
//!
//! Takes a declaration and what stands for a table in a text, gives the text. What engines write otherwise is the
//! dialect's. A null is no value: only `not_null` finds it.

use crate::dialect::Dialect;
use crate::project::{Amount, DeclaredTest, KeySide, TestCheck, TestTable, ValueSide};
use serde_json::Value;

/// What queries are written with.
pub struct Writer<'a> {
    pub dialect: &'a dyn Dialect,
    /// The mark of a table.
    pub mark: &'a dyn Fn(&TestTable) -> String,
}

impl Writer<'_> {
    /// The query of a kind that needs no file; `None` for one that does.
    pub fn query(&self, test: &DeclaredTest) -> Option<String> {
        let filter = test.filter.as_deref();
        let table = || test.table.as_ref().map(self.mark).unwrap_or_default();
        let column = || test.columns.first().map(|column| self.column(column)).unwrap_or_default();
        let rows = |condition: String| format!("select *\nfrom {}{}", table(), where_all(&[Some(&condition), filter]));
        Some(match &test.check {
            TestCheck::NotNull => rows(format!("{} is null", column())),
            TestCheck::Unique => self.unique(&table(), &test.columns, filter),
            TestCheck::AcceptedValues { values, quote } => {
                let column = column();
                let known = self.values(values, *quote);
                let other = if known.is_empty() { String::new() } else { format!(" and {column} not in ({known})") };
                rows(format!("{column} is not null{other}"))
            }
            TestCheck::GreaterEqual { threshold: Amount(threshold) } => rows(format!("{} < {threshold}", column())),
            TestCheck::NonNegativeSum => {
                let inner = format!("select sum({}) as total from {}{}", column(), table(), where_all(&[filter]));
                format!("select total\nfrom ({inner}) as summed\nwhere total < 0")
            }
            TestCheck::RowCountBetween { min, max } => {
                let inner = format!("select count(*) as n_rows from {}{}", table(), where_all(&[filter]));
                let above = max.map(|max| format!(" or n_rows > {max}")).unwrap_or_default();
                format!("select n_rows\nfrom ({inner}) as counted\nwhere n_rows < {min}{above}")
            }
            TestCheck::Relationships { to } => self.absent(&table(), &column(), filter, to),
            TestCheck::ExpressionIsTrue { expression } => {
                let column = test.columns.first().map(|column| format!("{} ", self.column(column))).unwrap_or_default();
                rows(format!("not {}", bracketed(&format!("{column}{expression}"))))
            }
            TestCheck::Freshness { max_delay_minutes } => {
                let inner = format!("select max({}) as latest from {}{}", column(), table(), where_all(&[filter]));
                let since = self.dialect.seconds_since("latest");
                let most = max_delay_minutes.saturating_mul(60);
                format!("select latest\nfrom ({inner}) as newest\nwhere latest is null or {since} > {most}")
            }
            TestCheck::ReconcileEqual { sides, abs_tolerance, rel_tolerance_pct } => {
                let within = equal(abs_tolerance.as_ref(), rel_tolerance_pct.as_ref());
                self.reconciled(sides, &within)
            }
            TestCheck::ReconcileRatioWithin { sides, min_ratio: Amount(min), max_ratio: Amount(max) } => {
                // Without a division, which some engines do in whole numbers. Over nothing there is no ratio.
                let above = format!(
                    "right_value > 0 and left_value >= {min} * right_value and left_value <= {max} * right_value"
                );
                let below = format!(
                    "right_value < 0 and left_value <= {min} * right_value and left_value >= {max} * right_value"
                );
                self.reconciled(sides, &format!("({above}) or ({below})"))
            }
            TestCheck::ReconcileDiffWithin { sides, max_abs_diff: Amount(most) } => {
                self.reconciled(sides, &format!("abs(left_value - right_value) <= {most}"))
            }
            TestCheck::ReconcileCoverage { source, target } => {
                let (table, key) = ((self.mark)(&source.table), self.column(&source.key));
                self.absent(&table, &key, source.filter.as_deref(), target)
            }
            TestCheck::Own { .. } => return None,
        })
    }

    fn unique(&self, table: &str, columns: &[String], filter: Option<&str>) -> String {
        let columns: Vec<String> = columns.iter().map(|column| self.column(column)).collect();
        let present = columns.iter().map(|column| format!("{column} is not null")).collect::<Vec<_>>().join(" and ");
        let listed = columns.join(", ");
        format!(
            "select {listed}, count(*) as n_rows\nfrom {table}{}\ngroup by {listed}\nhaving count(*) > 1",
            where_all(&[Some(&present), filter])
        )
    }

    /// Rows whose key isn't among the values of another table's.
    fn absent(&self, table: &str, key: &str, filter: Option<&str>, to: &KeySide) -> String {
        let known = format!(
            "select {} as known_key from {}{}",
            self.column(&to.key),
            (self.mark)(&to.table),
            where_all(&[to.filter.as_deref()])
        );
        // The inner query has no column but its own, so that the outer one's key is meant.
        let missing = format!(
            "{key} is not null\n  and not exists (select 1 from ({known}) as known where known.known_key = {key})"
        );
        format!("select *\nfrom {table}{}", where_all(&[Some(&missing), filter]))
    }

    /// The two values, where one isn't there or they aren't as `within` says.
    fn reconciled(&self, sides: &[ValueSide; 2], within: &str) -> String {
        let [left, right] = [&sides[0], &sides[1]].map(|side| {
            let table = (self.mark)(&side.table);
            format!("select {} from {table}{}", side.expression, where_all(&[side.filter.as_deref()]))
        });
        format!(
            "select left_value, right_value\nfrom (\n  select ({left}) as left_value,\n    ({right}) as right_value\n) as both_values\n\
             where left_value is null or right_value is null or not ({within})"
        )
    }

    /// A column as it is written; a word that the engine reads otherwise stands in quotes.
    fn column(&self, column: &str) -> String {
        let word = !column.is_empty() && column.chars().all(|sign| sign.is_alphanumeric() || sign == '_');
        let read_otherwise = self.dialect.reserved().binary_search(&column.to_lowercase().as_str()).is_ok();
        if word && read_otherwise { self.dialect.quoted(column) } else { column.into() }
    }

    /// Values as a list of literals, without nulls: nothing is unlike a null.
    fn values(&self, values: &[Value], quote: Option<bool>) -> String {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), String::from);
        let one = |value: &Value| match quote {
            Some(quote) if quote => self.dialect.string_literal(&text(value)),
            Some(_) => text(value),
            None => self.dialect.literal(value),
        };
        values.iter().filter(|value| !value.is_null()).map(one).collect::<Vec<_>>().join(", ")
    }
}

fn equal(absolute: Option<&Amount>, percent: Option<&Amount>) -> String {
    let difference = "abs(left_value - right_value)";
    let absolute = absolute.map(|Amount(most)| format!("{difference} <= {most}"));
    let percent = percent.map(|Amount(most)| format!("{difference} * 100 <= {most} * abs(right_value)"));
    match (absolute, percent) {
        (Some(absolute), Some(percent)) => format!("{absolute} or {percent}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "left_value = right_value".into(),
    }
}

/// `where` with the conditions that there are, each of them one for itself.
fn where_all(conditions: &[Option<&str>]) -> String {
    let there: Vec<&str> = conditions.iter().copied().flatten().collect();
    match there.as_slice() {
        [] => String::new(),
        [one] => format!("\nwhere {}", on_its_lines(one)),
        several => {
            let several: Vec<String> = several.iter().map(|one| bracketed(one)).collect();
            format!("\nwhere {}", several.join("\n  and "))
        }
    }
}

fn bracketed(condition: &str) -> String {
    format!("({})", on_its_lines(condition))
}

/// A comment at the end of a condition takes nothing along.
fn on_its_lines(condition: &str) -> String {
    let condition = condition.trim();
    if condition.contains("--") || condition.contains('#') { format!("{condition}\n") } else { condition.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Location;
    use crate::dialect::{BigQuery, DuckDb, Postgres};
    use crate::project::{TableName, TestTerms};

    fn table(name: &str) -> TestTable {
        TestTable { name: TableName::Plain(name.into()), at: Location::file("project.yml") }
    }

    fn declared(check: TestCheck, columns: &[&str], filter: Option<&str>) -> DeclaredTest {
        DeclaredTest {
            name: None,
            table: Some(table("t")),
            columns: columns.iter().map(|column| column.to_string()).collect(),
            filter: filter.map(String::from),
            check,
            terms: TestTerms::default(),
            tags: Vec::new(),
            at: Location::file("project.yml"),
        }
    }

    fn written(dialect: &dyn Dialect, check: TestCheck, columns: &[&str], filter: Option<&str>) -> String {
        let mark = |table: &TestTable| format!("‹{}›", table.name);
        let query = Writer { dialect, mark: &mark }.query(&declared(check, columns, filter)).unwrap();
        query.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_kind_gives_the_rows_that_are_wrong() {
        let one = |check, columns: &[&str]| written(&DuckDb, check, columns, None);
        assert_eq!(one(TestCheck::NotNull, &["id"]), "select * from ‹t› where id is null");
        assert_eq!(
            one(TestCheck::Unique, &["a", "order"]),
            "select a, \"order\", count(*) as n_rows from ‹t› where a is not null and \"order\" is not null group by a, \
             \"order\" having count(*) > 1"
        );
        let values = vec!["it's".into(), 3.into(), Value::Null];
        let accepted = |quote| TestCheck::AcceptedValues { values: values.clone(), quote };
        assert_eq!(one(accepted(None), &["s"]), "select * from ‹t› where s is not null and s not in ('it''s', 3)");
        assert!(one(accepted(Some(true)), &["s"]).ends_with("('it''s', '3')"));
        let to = KeySide { table: table("u"), key: "id".into(), filter: Some("live".into()) };
        assert_eq!(
            one(TestCheck::Relationships { to }, &["u_id"]),
            "select * from ‹t› where u_id is not null and not exists (select 1 from (select id as known_key from ‹u› where \
             live) as known where known.known_key = u_id)"
        );
        assert_eq!(
            one(TestCheck::RowCountBetween { min: 1, max: Some(9) }, &[]),
            "select n_rows from (select count(*) as n_rows from ‹t›) as counted where n_rows < 1 or n_rows > 9"
        );
        let side = |name: &str| ValueSide { table: table(name), expression: "sum(x)".into(), filter: None };
        let sides = [side("a"), side("b")];
        let (abs_tolerance, rel_tolerance_pct) = (Some(Amount("0.5".into())), Some(Amount("1".into())));
        assert!(one(TestCheck::ReconcileEqual { sides, abs_tolerance, rel_tolerance_pct }, &[]).ends_with(
            "not (abs(left_value - right_value) <= 0.5 or abs(left_value - right_value) * 100 <= 1 * abs(right_value))"
        ));
    }

    #[test]
    fn a_filter_is_a_condition_of_its_own_on_every_engine() {
        let filtered = |dialect: &dyn Dialect, check| written(dialect, check, &["c"], Some("a or b -- both"));
        assert_eq!(
            filtered(&Postgres, TestCheck::NotNull),
            "select * from ‹t› where (c is null) and (a or b -- both )"
        );
        let fresh = || TestCheck::Freshness { max_delay_minutes: 2 };
        for dialect in [&DuckDb as &dyn Dialect, &Postgres, &BigQuery] {
            let text = filtered(dialect, fresh());
            assert!(text.contains("latest is null or ") && text.ends_with("> 120"), "{text}");
        }
    }
}
