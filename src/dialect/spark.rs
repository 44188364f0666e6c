//! Spark's SQL, as Spark itself and Databricks have it.
//!
//! A relation's mark is a property, in hexadecimal: Spark shows no value of a property in which it finds a word such as
//! `token` or `url`. A timestamp is one without time zone (`timestamp_ntz`), as on the other engines.

mod storage;

use super::{
    Create, Dialect, Grammar, Kept, Layout, LayoutProblem, LetterCase, RelationKind, Settable, Statement, Storage,
    number,
};
use crate::name::RelationName;
use crate::syntax::sql::Lexicon;
use sqlparser::dialect::DatabricksDialect;
use std::fmt::Write;

const LEXICON: Lexicon = Lexicon {
    backslashes: true,
    dollar_quotes: false,
    dollar_tags: false,
    double_quoted_strings: true,
    escape_prefixes: &[],
    raw_prefixes: &["r"],
    ..Lexicon::STANDARD
};

const GRAMMAR: Grammar = Grammar {
    parser: || Box::new(DatabricksDialect),
    letter_case: LetterCase::Ignored,
    relation_case: LetterCase::Ignored,
    lexicon: LEXICON,
    layout: LEXICON,
    // The name of a column may be used behind it, where the relations read have none of that name.
    reuses_aliases: true,
    column_like_alias: false,
    values: ("col", 1),
    ..Grammar::STANDARD
};

pub use storage::{LAKE_FORMATS, LakeFormat};

/// The property that holds a relation's mark.
pub const MARK_PROPERTY: &str = "fft.mark";

/// What Spark calls reserved by the standard, or refuses as a relation's alias, sorted.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "all", "and", "anti", "any", "array", "as", "at", "authorization", "between", "both", "by", "case", "cast", "check",
    "collate", "column", "commit", "constraint", "create", "cross", "cube", "current", "current_date", "current_path",
    "current_time", "current_timestamp", "current_user", "date", "delete", "describe", "distinct", "drop", "else", "end", "escape",
    "except", "execute", "exists", "external", "extract", "false", "fetch", "filter", "for", "foreign", "from", "full",
    "function", "global", "grant", "group", "grouping", "having", "in", "inner", "insert", "intersect", "interval",
    "into", "is", "join", "lateral", "leading", "left", "like", "local", "minus", "natural", "no", "not", "null", "of",
    "on", "only", "or", "order", "out", "outer", "overlaps", "partition", "position", "primary", "range", "references",
    "revoke", "right", "rollback", "row", "rows", "select", "semi", "session_user", "set", "some", "start", "table",
    "tablesample", "then", "time", "timestamp", "to", "trailing", "true", "truncate", "union", "unique", "unknown",
    "update", "user", "using", "values", "when", "where", "window", "with",
];

/// Types that projects declare in another engine's words, and what they are here.
const FOREIGN_TYPES: &[(&str, &str)] = &[
    ("blob", "binary"),
    ("bytea", "binary"),
    ("datetime", "timestamp_ntz"),
    ("double precision", "double"),
    ("float4", "float"),
    ("float8", "double"),
    ("hugeint", "decimal(38, 0)"),
    ("int2", "smallint"),
    ("int4", "int"),
    ("int8", "bigint"),
    ("text", "string"),
    // Its tables have no time of day.
    ("time", "string"),
    ("timestamp", "timestamp_ntz"),
    ("timestamptz", "timestamp"),
    ("ubigint", "decimal(20, 0)"),
    ("uinteger", "bigint"),
    ("usmallint", "int"),
    ("utinyint", "smallint"),
    ("varchar", "string"),
];

/// Spark, with tables in one format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spark {
    /// What is behind `using`.
    pub table_format: String,
    /// Options of each table, as the format knows them.
    pub table_options: Vec<(String, String)>,
}

impl Default for Spark {
    fn default() -> Spark {
        Spark { table_format: "parquet".into(), table_options: Vec::new() }
    }
}

/// Databricks, whose tables are Delta Lake's or Iceberg's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Databricks {
    /// What tables are unless one says something else.
    pub table_format: LakeFormat,
}

impl Databricks {
    /// Where nothing is made that has files.
    pub const DELTA: Databricks = Databricks { table_format: LakeFormat::Delta };
}

/// A mark as the value of a property.
pub fn hexadecimal(mark: &str) -> String {
    mark.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("invariant: a text takes what is written");
        text
    })
}

/// The mark that a property's value is.
pub fn from_hexadecimal(value: &str) -> Option<String> {
    let digit = |at: usize| value.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..value.len()).step_by(2).map(digit).collect();
    String::from_utf8(bytes?).ok()
}

/// A declared type in Spark's words.
pub fn type_name(declared: &str) -> &str {
    let name = declared.trim();
    FOREIGN_TYPES.iter().find(|(foreign, _)| foreign.eq_ignore_ascii_case(name)).map_or(name, |(_, own)| own)
}

fn quoted(identifier: &str) -> String {
    format!("`{}`", identifier.replace('`', "``"))
}

fn string_literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// `('name' = 'value', …)`, with the names as they are.
fn options<'a>(options: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = options.map(|(name, value)| format!("{} = {}", string_literal(name), string_literal(value)));
    format!("({})", pairs.collect::<Vec<_>>().join(", "))
}

fn properties(mark: &str) -> String {
    format!("tblproperties {}", options([(MARK_PROPERTY, hexadecimal(mark).as_str())].into_iter()))
}

/// A statement that makes a relation, whose clauses stand before its query.
fn create(dialect: &dyn Dialect, create: &Create<'_>, clauses: &[String]) -> Statement {
    let replace = if create.replace { "or replace " } else { "" };
    let head = [format!("create {replace}{} {}", create.kind.keyword(), dialect.relation(create.relation))];
    let head: Vec<&str> = head.iter().chain(clauses).map(String::as_str).collect();
    let query = dialect.without_terminator(create.query);
    let statement = Statement::around(&format!("{} as (\n", head.join(" ")), &query, "\n)");
    Statement { makes: create.table(), ..statement }
}

fn set_mark(dialect: &dyn Dialect, kind: RelationKind, relation: &RelationName, said: &[(&str, &str)]) -> Statement {
    let (relation, properties) = (dialect.relation(relation), options(said.iter().copied()));
    format!("alter {} {relation} set tblproperties {properties}", kind.keyword()).into()
}

/// A comment on a column of a table; those of a view are written when it is made.
fn column_of_table(
    dialect: &dyn Dialect,
    kind: RelationKind,
    relation: &RelationName,
    column: &str,
    words: Option<&str>,
) -> Option<Statement> {
    let (relation, column) = (dialect.relation(relation), dialect.quote(column));
    let words = string_literal(words.unwrap_or_default());
    let statement = format!("alter table {relation} alter column {column} comment {words}");
    (kind == RelationKind::Table).then(|| statement.into())
}

// Maps and variants have no equality, and texts aren't what others are: those of bytes may be the same.
fn differ(one: &str, other: &str, sql_type: &str) -> String {
    let sql_type = sql_type.to_lowercase();
    if sql_type.contains("map<") || sql_type.contains("variant") {
        return format!("cast({one} as string) is distinct from cast({other} as string)");
    }
    format!("{one} is distinct from {other}")
}

// The cast to a timestamp with time zone is what `date_trunc` takes, whatever it is given.
fn date_trunc(part: &str, expr: &str) -> String {
    format!("cast(date_trunc({}, cast({expr} as timestamp)) as timestamp_ntz)", string_literal(part))
}

fn date_add(part: &str, amount: i64, expr: &str) -> String {
    format!("(cast({expr} as timestamp_ntz) + interval '{amount}' {part})")
}

fn safe_cast(expr: &str, sql_type: &str, default: Option<&str>) -> String {
    let sql_type = type_name(sql_type);
    match default {
        Some(default) => format!("coalesce(try_cast({expr} as {sql_type}), cast({default} as {sql_type}))"),
        None => format!("try_cast({expr} as {sql_type})"),
    }
}

/// What both dialects have.
macro_rules! spark_sql {
    () => {
        fn default_schema(&self) -> &'static str {
            "default"
        }

        fn grammar(&self) -> &'static Grammar {
            &GRAMMAR
        }

        fn reserved(&self) -> &'static [&'static str] {
            RESERVED
        }

        fn quoted(&self, identifier: &str) -> String {
            quoted(identifier)
        }

        fn string_literal(&self, text: &str) -> String {
            string_literal(text)
        }

        fn text_type(&self) -> &'static str {
            "string"
        }

        fn differ(&self, one: &str, other: &str, sql_type: &str) -> String {
            differ(one, other, sql_type)
        }

        fn holds(&self, sql_type: &str, other: &str) -> bool {
            number::holds(sql_type, other, "decimal")
        }

        fn date_trunc(&self, part: &str, expr: &str) -> String {
            date_trunc(part, expr)
        }

        fn date_add(&self, part: &str, amount: i64, expr: &str) -> String {
            date_add(part, amount, expr)
        }

        fn seconds_since(&self, expr: &str) -> String {
            format!("unix_timestamp(current_timestamp()) - unix_timestamp(cast({expr} as timestamp))")
        }

        fn safe_cast(&self, expr: &str, sql_type: &str, default: Option<&str>) -> String {
            safe_cast(expr, sql_type, default)
        }
    };
}

impl Dialect for Spark {
    spark_sql!();

    fn name(&self) -> &'static str {
        "spark"
    }

    fn limit_variable(&self) -> String {
        "FF_SPK_MAX_BYTES".into()
    }

    fn lends_frames(&self) -> bool {
        true
    }

    fn create(&self, asked: &Create<'_>) -> Statement {
        let storage = (asked.kind == RelationKind::Table).then(|| self.storage(asked.layout));
        let clauses: Vec<String> = storage.into_iter().flatten().chain(asked.mark.map(properties)).collect();
        create(self, asked, &clauses)
    }

    fn layout_keys(&self) -> &'static [&'static str] {
        &["storage"]
    }

    fn storage_problem(&self, storage: &Storage) -> Option<LayoutProblem> {
        storage::problem(storage, &self.table_format, storage::OF_SPARK)
    }

    fn table_format<'a>(&'a self, layout: Option<&'a Layout>) -> Option<&'a str> {
        Some(storage::format(layout, &self.table_format))
    }

    fn is_replaceable(&self, format: &str) -> bool {
        storage::is_replaceable(format)
    }

    fn settable(&self) -> Settable {
        Settable { indexes: Err("has no indexes of columns"), grants: Err("has no roles"), comments: Ok(Kept::Alone) }
    }

    // The property is what a view has too.
    fn comment(&self, kind: RelationKind, relation: &RelationName, words: &str) -> Statement {
        set_mark(self, kind, relation, &[("comment", words)])
    }

    fn comment_column(
        &self,
        kind: RelationKind,
        relation: &RelationName,
        column: &str,
        words: Option<&str>,
    ) -> Option<Statement> {
        column_of_table(self, kind, relation, column, words)
    }

    fn mark(&self, kind: RelationKind, relation: &RelationName, mark: &str) -> Statement {
        set_mark(self, kind, relation, &[(MARK_PROPERTY, &hexadecimal(mark))])
    }

    fn create_empty(&self, relation: &RelationName, columns: &str) -> Statement {
        let storage = self.storage(None).join(" ");
        format!("create table if not exists {} ({columns}) {storage}", self.relation(relation)).into()
    }
}

impl Dialect for Databricks {
    spark_sql!();

    fn name(&self) -> &'static str {
        "databricks"
    }

    fn limit_variable(&self) -> String {
        "FF_SPK_MAX_BYTES".into()
    }

    // One query of the information schema gives the comments of all relations; the property is where nobody edits it.
    fn create(&self, asked: &Create<'_>) -> Statement {
        let storage = (asked.kind == RelationKind::Table).then(|| self.storage(asked.layout));
        let mark = asked.mark.map(|mark| [format!("comment {}", string_literal(mark)), properties(mark)]);
        let clauses: Vec<String> = storage.into_iter().flatten().chain(mark.into_iter().flatten()).collect();
        create(self, asked, &clauses)
    }

    fn create_empty(&self, relation: &RelationName, columns: &str) -> Statement {
        let storage: String = self.storage(None).iter().map(|clause| format!(" {clause}")).collect();
        format!("create table if not exists {} ({columns}){storage}", self.relation(relation)).into()
    }

    fn layout_keys(&self) -> &'static [&'static str] {
        &["storage"]
    }

    fn storage_problem(&self, storage: &Storage) -> Option<LayoutProblem> {
        storage::problem(storage, self.table_format.word(), &LAKE_FORMATS)
    }

    fn table_format<'a>(&'a self, layout: Option<&'a Layout>) -> Option<&'a str> {
        Some(storage::format(layout, self.table_format.word()))
    }

    fn is_replaceable(&self, format: &str) -> bool {
        storage::is_replaceable(format)
    }

    // A name alone would be one of the session's schema, and a request has none.
    fn rename(&self, kind: RelationKind, relation: &RelationName, name: &str) -> Statement {
        let named = RelationName { catalog: None, name: name.into(), ..relation.clone() };
        format!("alter {} {} rename to {}", kind.keyword(), self.relation(relation), self.relation(&named)).into()
    }

    fn settable(&self) -> Settable {
        Settable {
            indexes: Err("has no indexes of columns"),
            grants: Ok(&["all privileges", "modify", "select"]),
            comments: Ok(Kept::WithMark),
        }
    }

    fn comment_column(
        &self,
        kind: RelationKind,
        relation: &RelationName,
        column: &str,
        words: Option<&str>,
    ) -> Option<Statement> {
        column_of_table(self, kind, relation, column, words)
    }

    // Comment and property in one statement, as they were made.
    fn mark(&self, kind: RelationKind, relation: &RelationName, mark: &str) -> Statement {
        set_mark(self, kind, relation, &[("comment", mark), (MARK_PROPERTY, &hexadecimal(mark))])
    }

    fn placeholder(&self, number: usize) -> String {
        format!(":p{number}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::sql::outline;

    fn mark() -> Create<'static> {
        static NAME: std::sync::LazyLock<RelationName> =
            std::sync::LazyLock::new(|| RelationName::new(None, Some("s"), "t"));
        Create { mark: Some("fft {\"é\": 'x'}"), ..Create::new(RelationKind::Table, &NAME, "select 1; -- one") }
    }

    #[test]
    fn ddl_says_format_and_mark() {
        let hex = hexadecimal("fft {\"é\": 'x'}");
        assert_eq!(from_hexadecimal(&hex).as_deref(), Some("fft {\"é\": 'x'}"));
        assert_eq!([from_hexadecimal("zz"), from_hexadecimal("6"), from_hexadecimal("ff")], [None, None, None]);
        let query = "as (\nselect 1  -- one\n)";
        assert_eq!(
            Spark::default().create(&mark()).text,
            format!("create table s.t using parquet tblproperties ('fft.mark' = '{hex}') {query}")
        );
        let view = Create { kind: RelationKind::View, ..mark().replacing() };
        assert_eq!(
            Spark::default().create(&view).text,
            format!("create or replace view s.t tblproperties ('fft.mark' = '{hex}') {query}")
        );
        let table_options = vec![("it's".to_string(), "a\\b".to_string())];
        let spark = Spark { table_format: "delta".into(), table_options };
        assert_eq!(
            spark.create_empty(view.relation, "a string").text,
            "create table if not exists s.t (a string) using delta options ('it\\'s' = 'a\\\\b')"
        );
        assert_eq!(
            Databricks::DELTA.create(&mark().replacing()).text,
            format!(
                "create or replace table s.t comment 'fft {{\"é\": \\'x\\'}}' tblproperties ('fft.mark' = '{hex}') {query}"
            )
        );
        assert_eq!(
            Databricks::DELTA.mark(RelationKind::View, view.relation, "m").text,
            "alter view s.t set tblproperties ('comment' = 'm', 'fft.mark' = '6d')"
        );
        assert_eq!([Spark::default().placeholder(2), Databricks::DELTA.placeholder(2)], ["?", ":p2"]);
    }

    #[test]
    fn comments_are_properties_and_those_of_columns_are_of_tables() {
        let (name, spark) = (RelationName::new(None, Some("s"), "t"), Spark::default());
        assert_eq!(
            spark.comment(RelationKind::View, &name, "it's").text,
            "alter view s.t set tblproperties ('comment' = 'it\\'s')"
        );
        let column = |kind, words| spark.comment_column(kind, &name, "a b", words).map(|statement| statement.text);
        assert_eq!(column(RelationKind::Table, Some("x")).unwrap(), "alter table s.t alter column `a b` comment 'x'");
        assert_eq!(column(RelationKind::Table, None).unwrap(), "alter table s.t alter column `a b` comment ''");
        assert_eq!(column(RelationKind::View, Some("x")), None);
        let given = Databricks::DELTA.grant(RelationKind::View, &name, "select", &["a@b.c", "sales"], true);
        let given: Vec<&str> = given.iter().map(|statement| statement.text.as_str()).collect();
        assert_eq!(given, ["grant select on view s.t to `a@b.c`", "grant select on view s.t to sales"]);
    }

    #[test]
    fn odd_identifiers_stand_between_backticks() {
        for (identifier, quoted) in
            [("stg_users", "stg_users"), ("left", "`left`"), ("a`b", "`a``b`"), ("Users", "`Users`")]
        {
            assert_eq!(Spark::default().quote(identifier), quoted);
        }
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn strings_are_read_with_their_backslashes() {
        let lexicon = Spark::default().grammar().lexicon;
        for text in
            ["select 'it\\'s; so' as a", "select \"a;\\\"b\" as a", "select r\"a\\\", 1 as `b;`", "select R'\\' as c"]
        {
            let found = outline(text, lexicon);
            assert_eq!((found.second, found.open), (None, None), "{text}");
        }
        assert!(outline("select 'it\\'; drop table t", lexicon).open.is_some());
        assert!(outline("select \"a\"; drop table t", lexicon).second.is_some());
    }

    #[test]
    fn template_helpers_write_sql() {
        let spark = Spark::default();
        assert_eq!(
            spark.date_trunc("month", "at"),
            "cast(date_trunc('month', cast(at as timestamp)) as timestamp_ntz)"
        );
        assert_eq!(spark.date_add("day", -3, "at"), "(cast(at as timestamp_ntz) + interval '-3' day)");
        assert_eq!(spark.safe_cast("x", "varchar", Some("''")), "coalesce(try_cast(x as string), cast('' as string))");
        assert_eq!(type_name("Double Precision"), "double");
        assert_eq!(type_name("decimal(12, 2)"), "decimal(12, 2)");
        assert!(FOREIGN_TYPES.is_sorted());
    }
}
