//! Snowflake's SQL.
//!
//! A name without quotes is an upper-case one. So a name of small letters that needs no quotes elsewhere means the upper-case
//! one wherever it stands, also where a reserved word must be quoted. A timestamp is one without time zone
//! (`timestamp_ntz`), as on the other engines, whatever the account makes of the word.

use super::{
    Create, Dialect, Grammar, Kept, LetterCase, Pivot, PivotNames, RelationKind, Settable, Statement, is_plain, number,
};
use crate::name::RelationName;
use crate::syntax::sql::Lexicon;
use sqlparser::dialect::SnowflakeDialect;
use std::borrow::Cow;

const LEXICON: Lexicon = Lexicon {
    backslashes: true,
    backticks: false,
    dollar_tags: false,
    escape_prefixes: &[],
    line_comments: &["--", "//"],
    nested_comments: false,
    ..Lexicon::STANDARD
};

const GRAMMAR: Grammar = Grammar {
    parser: || Box::new(SnowflakeDialect),
    letter_case: LetterCase::Raised,
    relation_case: LetterCase::Raised,
    lexicon: LEXICON,
    layout: LEXICON,
    masks: true,
    implicit_recursion: true,
    positional_columns: true,
    date_parts: &[
        ("date_part", 0),
        ("date_trunc", 0),
        ("dateadd", 0),
        ("datediff", 0),
        ("last_day", 1),
        ("time_slice", 2),
        ("timeadd", 0),
        ("timediff", 0),
        ("timestampadd", 0),
        ("timestampdiff", 0),
    ],
    table_functions: &[
        ("flatten", &["SEQ", "KEY", "PATH", "INDEX", "VALUE", "THIS"]),
        ("generator", &[]),
        ("split_to_table", &["SEQ", "INDEX", "VALUE"]),
        ("strtok_split_to_table", &["SEQ", "INDEX", "VALUE"]),
    ],
    pivot: Pivot { names: PivotNames::Literal, value_first: false },
    // The name of a column may be used behind it, where the relations read have none of that name.
    reuses_aliases: true,
    ..Grammar::STANDARD
};

/// What Snowflake refuses as a name of something, unless it is quoted, and functions of the session that need no brackets,
/// sorted.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "account", "all", "alter", "and", "any", "as", "asof", "between", "by", "case", "cast", "check", "column", "connect",
    "connection", "constraint", "create", "cross", "current", "current_date", "current_time", "current_timestamp",
    "current_user", "database", "delete", "distinct", "drop", "else", "exists", "false", "following", "for", "from",
    "full", "grant", "group", "gscluster", "having", "ilike", "in", "increment", "inner", "insert", "intersect", "into",
    "is", "issue", "join", "lateral", "left", "like", "limit", "localtime", "localtimestamp", "match_condition",
    "match_recognize", "minus", "natural", "not", "null", "of", "offset", "on", "or", "order", "organization", "pivot",
    "qualify", "regexp", "revoke", "right", "rlike", "row", "rows", "sample", "schema", "select", "set", "some",
    "start", "table", "tablesample", "then", "to", "trigger", "true", "try_cast", "union", "unique", "unpivot",
    "update", "using", "values", "view", "when", "whenever", "where", "window", "with",
];

/// Types that projects declare in another engine's words, and what they are here.
const FOREIGN_TYPES: &[(&str, &str)] = &[
    ("blob", "binary"),
    ("bool", "boolean"),
    ("bpchar", "varchar"),
    ("bytea", "binary"),
    ("bytes", "binary"),
    ("datetime", "timestamp_ntz"),
    ("float64", "double"),
    ("hugeint", "number(38, 0)"),
    ("int2", "smallint"),
    ("int4", "integer"),
    ("int64", "bigint"),
    ("int8", "bigint"),
    ("json", "variant"),
    ("jsonb", "variant"),
    ("long", "bigint"),
    ("timestamp", "timestamp_ntz"),
    ("timestamp with time zone", "timestamp_tz"),
    ("timestamp without time zone", "timestamp_ntz"),
    ("timestamptz", "timestamp_tz"),
    ("ubigint", "number(20, 0)"),
    ("uinteger", "bigint"),
    ("usmallint", "integer"),
    ("utinyint", "smallint"),
    ("uuid", "varchar"),
];

/// The dialect of Snowflake.
#[derive(Clone, Copy, Debug, Default)]
pub struct Snowflake;

impl Snowflake {
    /// A declared type in Snowflake's words.
    pub fn type_name<'a>(&self, declared: &'a str) -> Cow<'a, str> {
        let declared = declared.trim();
        if declared.ends_with("[]") {
            return "array".into();
        }
        let (word, arguments) = match declared.split_once('(') {
            Some((word, arguments)) => (word.trim(), format!("({arguments}")),
            None => (declared, String::new()),
        };
        let own = FOREIGN_TYPES.iter().find(|(foreign, _)| foreign.eq_ignore_ascii_case(word));
        own.map_or(declared.into(), |(_, own)| {
            if arguments.is_empty() { (*own).into() } else { format!("{own}{arguments}").into() }
        })
    }

    /// A column's name as Snowflake has it where nobody quotes it: in upper case, unless it is one that must be quoted.
    pub fn folded(&self, name: &str) -> String {
        if is_plain(&name.to_ascii_lowercase()) { name.to_ascii_uppercase() } else { name.to_string() }
    }
}

/// Types of 64 bits with a point.
const REALS: [&str; 6] = ["double", "double precision", "float", "float4", "float8", "real"];
/// Whole numbers, which are all of 38 digits.
const WHOLE: [&str; 6] = ["bigint", "byteint", "int", "integer", "smallint", "tinyint"];
const DECIMALS: [&str; 4] = ["dec", "decimal", "number", "numeric"];
/// What makes values of moments of a VARIANT that holds one; null of any other.
const MOMENTS: [&str; 4] = ["as_timestamp_ntz", "as_timestamp_tz", "as_timestamp_ltz", "as_date"];
const TIMES: [&str; 4] = ["as_time", "as_timestamp_ntz", "as_timestamp_tz", "as_timestamp_ltz"];

/// A value as one of a type, or null. Only texts can be tried, and the text of a number with a point has fewer digits than
/// that, the text of a moment those that the session shows: what has such a type is cast as what it is.
fn tried(expr: &str, sql_type: &str) -> String {
    let of_text = format!("try_cast(cast({expr} as varchar) as {sql_type})");
    let held = |function: &str| format!("{function}(to_variant({expr}))");
    let any_of = |functions: [&str; 4]| {
        let all = functions.map(|function| format!("cast({} as {sql_type})", held(function)));
        format!("coalesce({}, {of_text})", all.join(", "))
    };
    let (word, arguments) = sql_type.split_once('(').unwrap_or((sql_type, ""));
    let word = word.trim().to_ascii_lowercase();
    let digits = || {
        let mut numbers = arguments.trim_end_matches(')').split(',').map(|number| number.trim().parse::<u32>());
        let precision = numbers.next().and_then(Result::ok).unwrap_or(38);
        (precision, numbers.next().and_then(Result::ok).unwrap_or(0))
    };
    match word.as_str() {
        word if REALS.contains(&word) => format!("coalesce({}, {of_text})", held("as_double")),
        word if WHOLE.contains(&word) || DECIMALS.contains(&word) => {
            let (precision, scale) = digits();
            let (kind, real, whole) = (held("typeof"), held("as_double"), precision.saturating_sub(scale));
            format!(
                "case when {kind} in ('DOUBLE', 'REAL') and abs(round({real}, {scale})) < 1e{whole} \
                 then cast({real} as {sql_type}) else {of_text} end"
            )
        }
        "time" => any_of(TIMES),
        word if word == "date" || word.starts_with("timestamp") => any_of(MOMENTS),
        _ => of_text,
    }
}

impl Dialect for Snowflake {
    fn name(&self) -> &'static str {
        "snowflake"
    }

    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    // As the variables of the connection are called.
    fn limit_variable(&self) -> String {
        "FF_SF_MAX_BYTES".into()
    }

    fn default_schema(&self) -> &'static str {
        "public"
    }

    fn reserved(&self) -> &'static [&'static str] {
        RESERVED
    }

    fn quoted(&self, identifier: &str) -> String {
        let raised = if is_plain(identifier) { identifier.to_ascii_uppercase() } else { identifier.into() };
        format!("\"{}\"", raised.replace('"', "\"\""))
    }

    fn string_literal(&self, text: &str) -> String {
        format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
    }

    // Who may read the relation that is replaced may read the new one: elsewhere that needs no word.
    fn create(&self, create: &Create<'_>) -> Statement {
        let layout = create.layout.filter(|_| create.kind == RelationKind::Table);
        let replace = if create.replace { "or replace " } else { "" };
        let transient = if layout.is_some_and(|layout| layout.transient) { "transient " } else { "" };
        let mut head =
            format!("create {replace}{transient}{} {}", create.kind.keyword(), self.relation(create.relation));
        if let Some(layout) = layout.filter(|layout| !layout.cluster_by.is_empty()) {
            head += &format!(" cluster by ({})", layout.cluster_by.join(", "));
        }
        if create.replace {
            head += " copy grants";
        }
        if let Some(mark) = create.mark {
            head += &format!(" comment = {}", self.string_literal(mark));
        }
        let query = self.without_terminator(create.query);
        Statement { makes: create.table(), ..Statement::around(&format!("{head} as (\n"), &query, "\n)") }
    }

    // The text of a number with a point has fewer digits than that, and every type has an equality.
    fn differ(&self, one: &str, other: &str, _sql_type: &str) -> String {
        format!("{one} is distinct from {other}")
    }

    fn holds(&self, sql_type: &str, other: &str) -> bool {
        number::holds(sql_type, other, "number")
    }

    fn layout_keys(&self) -> &'static [&'static str] {
        &["cluster_by", "transient"]
    }

    fn settable(&self) -> Settable {
        Settable {
            indexes: Err("has no indexes of columns"),
            grants: Ok(&["delete", "insert", "references", "select", "truncate", "update"]),
            comments: Ok(Kept::WithMark),
        }
    }

    fn grant(
        &self,
        kind: RelationKind,
        relation: &RelationName,
        privilege: &str,
        roles: &[&str],
        gives: bool,
    ) -> Vec<Statement> {
        let (verb, to) = if gives { ("grant", "to") } else { ("revoke", "from") };
        let on = format!("{} {}", kind.keyword(), self.relation(relation));
        let one = |role: &&str| format!("{verb} {privilege} on {on} {to} role {}", self.quote(role)).into();
        roles.iter().map(one).collect()
    }

    fn comment_column(
        &self,
        kind: RelationKind,
        relation: &RelationName,
        column: &str,
        words: Option<&str>,
    ) -> Option<Statement> {
        let (relation, column) = (self.relation(relation), self.quote(column));
        let words = self.string_literal(words.unwrap_or_default());
        Some(format!("alter {} {relation} alter column {column} comment {words}", kind.keyword()).into())
    }

    // A name alone would be one of the schema that the request names.
    fn rename(&self, kind: RelationKind, relation: &RelationName, name: &str) -> Statement {
        let named = RelationName { name: name.into(), ..relation.clone() };
        format!("alter {} {} rename to {}", kind.keyword(), self.relation(relation), self.relation(&named)).into()
    }

    fn date_trunc(&self, part: &str, expr: &str) -> String {
        format!("date_trunc({}, cast({expr} as timestamp_ntz))", self.string_literal(part))
    }

    fn date_add(&self, part: &str, amount: i64, expr: &str) -> String {
        format!("dateadd({}, {amount}, cast({expr} as timestamp_ntz))", self.string_literal(part))
    }

    fn seconds_since(&self, expr: &str) -> String {
        format!("date_part(epoch_second, current_timestamp()) - date_part(epoch_second, {expr})")
    }

    fn safe_cast(&self, expr: &str, sql_type: &str, default: Option<&str>) -> String {
        let sql_type = self.type_name(sql_type);
        let tried = tried(expr, &sql_type);
        default.map_or(tried.clone(), |default| format!("coalesce({tried}, cast({default} as {sql_type}))"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Layout;

    #[test]
    fn ddl_says_the_mark_in_a_comment() {
        let name = RelationName::new(Some("db"), Some("PUBLIC"), "order");
        let create = Create::new(RelationKind::Table, &name, "select 1; -- one").replacing();
        assert_eq!(
            Snowflake.create(&Create { mark: Some("fft {\"it's\": \"\\\"\"}"), ..create }).text,
            "create or replace table db.\"PUBLIC\".\"ORDER\" copy grants comment = 'fft {\"it''s\": \"\\\\\"\"}' as (\nselect 1  -- one\n)"
        );
        let cluster_by = vec!["to_date(at)".into(), "id".into()];
        let layout = Layout { cluster_by, transient: true, ..Layout::default() };
        let laid_out = |kind| Create { layout: Some(&layout), ..Create::new(kind, &name, "select 1") };
        assert_eq!(
            Snowflake.create(&laid_out(RelationKind::Table)).text,
            "create transient table db.\"PUBLIC\".\"ORDER\" cluster by (to_date(at), id) as (\nselect 1\n)"
        );
        assert_eq!(
            Snowflake.create(&laid_out(RelationKind::View)).text,
            "create view db.\"PUBLIC\".\"ORDER\" as (\nselect 1\n)"
        );
        assert_eq!(
            Snowflake.mark(RelationKind::View, &name, "m").text,
            "comment on view db.\"PUBLIC\".\"ORDER\" is 'm'"
        );
        assert_eq!(
            Snowflake.rename(RelationKind::Table, &name, "next").text,
            "alter table db.\"PUBLIC\".\"ORDER\" rename to db.\"PUBLIC\".next"
        );
    }

    #[test]
    fn rights_are_given_to_roles_and_columns_have_comments() {
        let name = RelationName::new(Some("db"), Some("PUBLIC"), "t");
        let given = |kind, gives| {
            let all = Snowflake.grant(kind, &name, "select", &["reporting", "Odd role"], gives);
            all.into_iter().map(|statement| statement.text).collect::<Vec<_>>()
        };
        assert_eq!(
            given(RelationKind::View, true),
            [
                "grant select on view db.\"PUBLIC\".t to role reporting",
                "grant select on view db.\"PUBLIC\".t to role \"Odd role\""
            ]
        );
        assert_eq!(given(RelationKind::Table, false)[0], "revoke select on table db.\"PUBLIC\".t from role reporting");
        let comment = |words| Snowflake.comment_column(RelationKind::Table, &name, "ID", words).unwrap().text;
        assert_eq!(comment(Some("it's")), "alter table db.\"PUBLIC\".t alter column \"ID\" comment 'it''s'");
        assert_eq!(comment(None), "alter table db.\"PUBLIC\".t alter column \"ID\" comment ''");
    }

    #[test]
    fn names_mean_what_they_mean_without_quotes() {
        for (identifier, quoted) in [
            ("stg_users", "stg_users"),
            ("left", "\"LEFT\""),
            ("Users", "\"Users\""),
            ("USERS", "\"USERS\""),
            ("a\"b", "\"a\"\"b\""),
            ("größe", "\"größe\""),
        ] {
            assert_eq!(Snowflake.quote(identifier), quoted);
        }
        for (name, folded) in [("id", "ID"), ("Id", "ID"), ("two words", "two words"), ("größe", "größe")] {
            assert_eq!(Snowflake.folded(name), folded);
        }
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn types_of_other_engines_are_known() {
        for (declared, own) in [
            ("Timestamp", "timestamp_ntz"),
            ("timestamp(3)", "timestamp_ntz(3)"),
            ("decimal(12, 2)", "decimal(12, 2)"),
            ("double precision", "double precision"),
            ("int64", "bigint"),
            ("varchar[]", "array"),
        ] {
            assert_eq!(Snowflake.type_name(declared), own);
        }
        assert!(FOREIGN_TYPES.is_sorted());
    }

    #[test]
    fn template_helpers_write_sql() {
        assert_eq!(Snowflake.date_trunc("month", "at"), "date_trunc('month', cast(at as timestamp_ntz))");
        assert_eq!(Snowflake.date_add("day", -3, "at"), "dateadd('day', -3, cast(at as timestamp_ntz))");
        assert_eq!(Snowflake.safe_cast("x", "varchar(3)", None), "try_cast(cast(x as varchar) as varchar(3))");
    }

    #[test]
    fn what_has_a_type_of_its_own_is_cast_without_its_text() {
        let double = "coalesce(as_double(to_variant(x)), try_cast(cast(x as varchar) as double))";
        assert_eq!(Snowflake.safe_cast("x", "double", Some("0")), format!("coalesce({double}, cast(0 as double))"));
        let number = |kind: &str, scale: u32, most: &str| {
            format!(
                "case when typeof(to_variant(x)) in ('DOUBLE', 'REAL') and abs(round(as_double(to_variant(x)), {scale})) \
                 < {most} then cast(as_double(to_variant(x)) as {kind}) else try_cast(cast(x as varchar) as {kind}) end"
            )
        };
        assert_eq!(Snowflake.safe_cast("x", "int", None), number("int", 0, "1e38"));
        assert_eq!(Snowflake.safe_cast("x", "decimal(7, 2)", None), number("decimal(7, 2)", 2, "1e5"));
        let moment = Snowflake.safe_cast("x", "timestamp", None);
        assert!(moment.starts_with("coalesce(cast(as_timestamp_ntz(to_variant(x)) as timestamp_ntz), "), "{moment}");
        assert!(moment.ends_with("try_cast(cast(x as varchar) as timestamp_ntz))"), "{moment}");
        assert!(Snowflake.safe_cast("x", "time", None).starts_with("coalesce(cast(as_time(to_variant(x)) as time), "));
    }
}
