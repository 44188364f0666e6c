//! A test as it is declared, whatever file declares it.

use crate::diagnostic::Location;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;

/// A test as it is declared.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredTest {
    /// Made of what it tests, where none is given.
    pub name: Option<String>,
    /// What it is declared of; none of a kind that names its tables itself.
    pub table: Option<TestTable>,
    /// As they are written.
    pub columns: Vec<String>,
    /// `where`: only these rows are looked at.
    pub filter: Option<String>,
    pub check: TestCheck,
    pub terms: TestTerms,
    pub tags: Vec<String>,
    pub at: Location,
}

/// A table by the name that a test has for it.
#[derive(Clone, Debug, PartialEq)]
pub struct TestTable {
    pub name: TableName,
    pub at: Location,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TableName {
    /// A node; or a source as `group.table`, where there is no such node.
    Plain(String),
    Source(String, String),
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TableName::Plain(name) => f.write_str(name),
            TableName::Source(group, table) => write!(f, "{group}.{table}"),
        }
    }
}

/// What must be so.
#[derive(Clone, Debug, PartialEq)]
pub enum TestCheck {
    NotNull,
    Unique,
    AcceptedValues {
        values: Vec<Value>,
        /// Whether they are texts, where that is said.
        quote: Option<bool>,
    },
    GreaterEqual {
        threshold: Amount,
    },
    NonNegativeSum,
    RowCountBetween {
        min: u64,
        max: Option<u64>,
    },
    Relationships {
        to: KeySide,
    },
    ExpressionIsTrue {
        expression: String,
    },
    Freshness {
        max_delay_minutes: u64,
    },
    ReconcileEqual {
        sides: [ValueSide; 2],
        abs_tolerance: Option<Amount>,
        rel_tolerance_pct: Option<Amount>,
    },
    ReconcileRatioWithin {
        sides: [ValueSide; 2],
        min_ratio: Amount,
        max_ratio: Amount,
    },
    ReconcileDiffWithin {
        sides: [ValueSide; 2],
        max_abs_diff: Amount,
    },
    ReconcileCoverage {
        source: KeySide,
        target: KeySide,
    },
    /// A kind that a file of the project defines.
    Own {
        kind: String,
        params: Map<String, Value>,
    },
}

impl TestCheck {
    /// As files call it.
    pub fn word(&self) -> &str {
        match self {
            TestCheck::NotNull => "not_null",
            TestCheck::Unique => "unique",
            TestCheck::AcceptedValues { .. } => "accepted_values",
            TestCheck::GreaterEqual { .. } => "greater_equal",
            TestCheck::NonNegativeSum => "non_negative_sum",
            TestCheck::RowCountBetween { .. } => "row_count_between",
            TestCheck::Relationships { .. } => "relationships",
            TestCheck::ExpressionIsTrue { .. } => "expression_is_true",
            TestCheck::Freshness { .. } => "freshness",
            TestCheck::ReconcileEqual { .. } => "reconcile_equal",
            TestCheck::ReconcileRatioWithin { .. } => "reconcile_ratio_within",
            TestCheck::ReconcileDiffWithin { .. } => "reconcile_diff_within",
            TestCheck::ReconcileCoverage { .. } => "reconcile_coverage",
            TestCheck::Own { kind, .. } => kind,
        }
    }
}

/// The kinds that need no file.
pub const TEST_KINDS: [&str; 13] = [
    "not_null",
    "unique",
    "accepted_values",
    "greater_equal",
    "non_negative_sum",
    "row_count_between",
    "relationships",
    "expression_is_true",
    "freshness",
    "reconcile_equal",
    "reconcile_ratio_within",
    "reconcile_diff_within",
    "reconcile_coverage",
];

/// A number as it is written, which SQL takes as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount(pub String);

/// One value of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueSide {
    pub table: TestTable,
    pub expression: String,
    pub filter: Option<String>,
}

/// The values of a table's column.
#[derive(Clone, Debug, PartialEq)]
pub struct KeySide {
    pub table: TestTable,
    pub key: String,
    pub filter: Option<String>,
}

/// What the failures of a test come to.
#[derive(Clone, Debug, PartialEq)]
pub struct TestTerms {
    pub severity: TestSeverity,
    /// From how many failures on it warns, and fails.
    pub warn_if: FailureBound,
    pub error_if: FailureBound,
    /// Failures that are counted at most.
    pub limit: Option<u64>,
}

impl Default for TestTerms {
    fn default() -> TestTerms {
        let any = FailureBound { sign: Sign::NotEqual, count: 0 };
        TestTerms { severity: TestSeverity::Error, warn_if: any, error_if: any, limit: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestSeverity {
    Error,
    Warn,
}

impl TestSeverity {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            TestSeverity::Error => "error",
            TestSeverity::Warn => "warn",
        }
    }
}

/// `>10`: a number of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureBound {
    pub sign: Sign,
    pub count: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Less,
    LessEqual,
    Equal,
    NotEqual,
    GreaterEqual,
    Greater,
}

/// Longer ones first: `>=` begins as `>` does.
const SIGNS: [(&str, Sign); 8] = [
    ("<=", Sign::LessEqual),
    (">=", Sign::GreaterEqual),
    ("!=", Sign::NotEqual),
    ("<>", Sign::NotEqual),
    ("==", Sign::Equal),
    ("<", Sign::Less),
    (">", Sign::Greater),
    ("=", Sign::Equal),
];

impl FailureBound {
    /// `None` for what isn't a sign and a whole number.
    pub fn parse(text: &str) -> Option<FailureBound> {
        let text = text.trim();
        let (sign, rest) = SIGNS.iter().find_map(|(word, sign)| Some((*sign, text.strip_prefix(word)?)))?;
        Some(FailureBound { sign, count: rest.trim().parse().ok()? })
    }

    pub fn holds(self, failures: u64) -> bool {
        match self.sign {
            Sign::Less => failures < self.count,
            Sign::LessEqual => failures <= self.count,
            Sign::Equal => failures == self.count,
            Sign::NotEqual => failures != self.count,
            Sign::GreaterEqual => failures >= self.count,
            Sign::Greater => failures > self.count,
        }
    }
}

impl fmt::Display for FailureBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.sign {
            Sign::Less => "<",
            Sign::LessEqual => "<=",
            Sign::Equal => "=",
            Sign::NotEqual => "!=",
            Sign::GreaterEqual => ">=",
            Sign::Greater => ">",
        };
        write!(f, "{sign}{}", self.count)
    }
}

/// What the names of queries end with.
pub(super) const SQL: &str = ".ff.sql";

/// A query below `tests/`: a test of its own, or a kind that declarations name.
#[derive(Clone, Debug, PartialEq)]
pub struct TestFile {
    pub path: String,
    pub text: Arc<str>,
}

impl TestFile {
    /// The file's stem: what the test is called.
    pub fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.strip_suffix(SQL).unwrap_or(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_signs_with_a_number() {
        let holds = |text: &str, failures: u64| FailureBound::parse(text).map(|bound| bound.holds(failures));
        for (text, at, yes) in [
            (">10", 11, true),
            (">10", 10, false),
            (" >= 10 ", 10, true),
            ("!=0", 1, true),
            ("<>0", 0, false),
            ("=2", 2, true),
            ("< 3", 3, false),
            ("<=3", 3, true),
        ] {
            assert_eq!(holds(text, at), Some(yes), "{text} of {at}");
        }
        for text in ["", "10", "> x", ">-1", "=>1", ">1.5"] {
            assert_eq!(FailureBound::parse(text), None, "{text}");
        }
        assert_eq!(FailureBound::parse(">= 3").unwrap().to_string(), ">=3");
    }

    #[test]
    fn every_kind_reads_its_own_word() {
        for (at, kind) in TEST_KINDS.iter().enumerate() {
            assert!(!TEST_KINDS[..at].contains(kind));
        }
        assert_eq!(TestCheck::NotNull.word(), TEST_KINDS[0]);
    }
}
