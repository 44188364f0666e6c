//! BigQuery's SQL.
//!
//! A relation's mark is in its labels, in base32 and in pieces: a label takes 63 of `[a-z0-9_-]`. A timestamp is one
//! without time zone (`datetime`), as on the other engines. Names of relations keep their letter case, those of columns
//! have none.

use super::{Dialect, Grammar, Kept, Layout, LetterCase, Pivot, PivotNames, RelationKind, Settable, Statement};
use crate::name::RelationName;
use crate::syntax::sql::Lexicon;
use data_encoding::BASE32_NOPAD;
use sqlparser::dialect::BigQueryDialect;
use std::borrow::Cow;

const LEXICON: Lexicon = Lexicon {
    backslash_names: true,
    backslashes: true,
    cased_names: true,
    dashed_names: true,
    directives: &["#legacysql", "#standardsql"],
    dollar_quotes: false,
    dollar_tags: false,
    double_quoted_strings: true,
    doubled_quotes: false,
    escape_prefixes: &[],
    line_comments: &["--", "#"],
    nested_comments: false,
    // In a raw string too a quote behind a backslash isn't its end.
    string_prefixes: &["b", "r", "br", "rb"],
    triple_quotes: true,
    ..Lexicon::STANDARD
};

const GRAMMAR: Grammar = Grammar {
    parser: || Box::new(BigQueryDialect),
    letter_case: LetterCase::Ignored,
    relation_case: LetterCase::Kept,
    lexicon: LEXICON,
    layout: LEXICON,
    masks: true,
    names_override: true,
    lists_of_structs: true,
    date_parts: &[
        ("date_diff", 2),
        ("date_trunc", 1),
        ("datetime_diff", 2),
        ("datetime_trunc", 1),
        ("last_day", 1),
        ("time_diff", 2),
        ("time_trunc", 1),
        ("timestamp_diff", 2),
        ("timestamp_trunc", 1),
    ],
    pivot: Pivot { names: PivotNames::AliasFirst, value_first: true },
    ..Grammar::STANDARD
};

/// The label that a mark begins in; further pieces have a number behind it, from 2.
const MARK_LABEL: &str = "ff_mark";
/// Bytes that a label's value has at most.
const LABEL: usize = 63;

/// What a mark ends with whose labels would all be of that length.
const FILL: char = '\n';

/// The reserved words, and the functions of the session that need no brackets, sorted.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "all", "and", "any", "array", "as", "asc", "assert_rows_modified", "at", "between", "by", "case", "cast", "collate",
    "contains", "create", "cross", "cube", "current", "current_date", "current_datetime", "current_time",
    "current_timestamp", "default", "define", "desc", "distinct", "else", "end", "enum", "escape", "except", "exclude",
    "exists", "extract", "false", "fetch", "following", "for", "from", "full", "graph_table", "group", "grouping",
    "groups", "hash", "having", "if", "ignore", "in", "inner", "intersect", "interval", "into", "is", "join", "lateral",
    "left", "like", "limit", "lookup", "match_recognize", "merge", "natural", "new", "no", "not", "null", "nulls", "of",
    "on", "or", "order", "outer", "over", "partition", "preceding", "proto", "qualify", "range", "recursive", "respect",
    "right", "rollup", "rows", "select", "set", "some", "struct", "tablesample", "then", "to", "treat", "true",
    "unbounded", "union", "unnest", "using", "when", "where", "window", "with", "within",
];

/// Types that projects declare in another engine's words, and what they are here.
const FOREIGN_TYPES: &[(&str, &str)] = &[
    ("binary", "bytes"),
    ("blob", "bytes"),
    ("bpchar", "string"),
    ("bytea", "bytes"),
    ("char", "string"),
    ("character", "string"),
    ("character varying", "string"),
    ("double", "float64"),
    ("double precision", "float64"),
    ("float", "float64"),
    ("float4", "float64"),
    ("float8", "float64"),
    ("hugeint", "bignumeric(38)"),
    ("int2", "int64"),
    ("int4", "int64"),
    ("int8", "int64"),
    ("jsonb", "json"),
    ("long", "int64"),
    ("real", "float64"),
    ("text", "string"),
    ("timestamp", "datetime"),
    ("timestamp with time zone", "timestamp"),
    ("timestamp without time zone", "datetime"),
    ("timestamptz", "timestamp"),
    ("ubigint", "numeric(20)"),
    ("uinteger", "int64"),
    ("usmallint", "int64"),
    ("utinyint", "int64"),
    ("uuid", "string"),
    ("varbinary", "bytes"),
    ("varchar", "string"),
];

/// Types that may have a length or a precision.
const WITH_ARGUMENTS: [&str; 2] = ["bytes", "string"];

/// Types whose values can't be compared, each by how it begins.
const WITHOUT_EQUALITY: [&str; 4] = ["ARRAY", "GEOGRAPHY", "JSON", "STRUCT"];

/// The dialect of BigQuery.
#[derive(Clone, Copy, Debug, Default)]
pub struct BigQuery;

impl BigQuery {
    /// A declared type in BigQuery's words.
    pub fn type_name<'a>(&self, declared: &'a str) -> Cow<'a, str> {
        let declared = declared.trim();
        if let Some(element) = declared.strip_suffix("[]") {
            return format!("array<{}>", self.type_name(element)).into();
        }
        let (word, arguments) = match declared.split_once('(') {
            Some((word, arguments)) => (word.trim(), arguments.strip_suffix(')')),
            None => (declared, None),
        };
        if ["decimal", "dec", "numeric"].iter().any(|decimal| decimal.eq_ignore_ascii_case(word)) {
            return decimal(arguments).into();
        }
        let own = FOREIGN_TYPES.iter().find(|(foreign, _)| foreign.eq_ignore_ascii_case(word)).map(|(_, own)| *own);
        match (own, arguments) {
            (None, _) => declared.into(),
            (Some(own), Some(arguments)) if WITH_ARGUMENTS.contains(&own) => format!("{own}({arguments})").into(),
            (Some(own), _) => own.into(),
        }
    }
}

impl BigQuery {
    /// An expression as one of a declared type, by the function `cast` or `safe_cast`. Neither takes the length, precision
    /// or scale of a type: a number is rounded to its scale, and the type it is of.
    pub fn cast(&self, function: &str, expr: &str, declared: &str) -> String {
        let (word, number) = self.plain_type(declared);
        let cast = format!("{function}({expr} as {word})");
        number.map_or(cast.clone(), |(_, scale)| format!("round({cast}, {scale})"))
    }

    /// A declared type without what stands in brackets, and precision and scale of one that has them.
    fn plain_type(&self, declared: &str) -> (String, Option<(u32, u32)>) {
        let own = self.type_name(declared);
        // What stands in an array or a struct stays as it is.
        let (word, arguments) = match own.split_once('(').filter(|_| !own.contains('<')) {
            Some((word, arguments)) => (word, arguments.strip_suffix(')')),
            None => (&*own, None),
        };
        let arguments = arguments.filter(|_| word.ends_with("numeric"));
        let number = arguments.map(|arguments| {
            let mut numbers = arguments.split(',').map(|number| number.trim().parse().unwrap_or_default());
            (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default())
        });
        (word.into(), number)
    }
}

/// The narrower of the two decimal types that has room for a precision and a scale.
fn decimal(arguments: Option<&str>) -> String {
    let Some(arguments) = arguments else { return "numeric".into() };
    let mut numbers = arguments.split(',').map(|number| number.trim().parse::<u32>());
    let precision = numbers.next().and_then(Result::ok).unwrap_or_default();
    let scale = numbers.next().and_then(Result::ok).unwrap_or_default();
    let fits = scale <= 9 && precision.saturating_sub(scale) <= 29;
    format!("{}({arguments})", if fits { "numeric" } else { "bignumeric" })
}

/// A mark as labels: names and values. The last one is shorter than the others, for the sake of what a longer mark has left
/// behind it.
pub fn mark_labels(mark: &str) -> Vec<(String, String)> {
    let encode = |mark: &str| BASE32_NOPAD.encode(mark.as_bytes()).to_ascii_lowercase();
    let mut encoded = encode(mark);
    if encoded.len().is_multiple_of(LABEL) {
        encoded = encode(&format!("{mark}{FILL}"));
    }
    let pieces = encoded.as_bytes().chunks(LABEL).map(|piece| String::from_utf8_lossy(piece).into_owned());
    pieces.enumerate().map(|(at, piece)| (mark_label(at), piece)).collect()
}

/// The mark that labels have, given what looks one up by its name.
pub fn mark_of_labels<'a>(label: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let mut encoded = String::new();
    for piece in (0..).map_while(|at| label(&mark_label(at))) {
        encoded += piece;
        if piece.len() < LABEL {
            break;
        }
    }
    let encoded = encoded.to_ascii_uppercase();
    let mark = String::from_utf8(BASE32_NOPAD.decode(encoded.as_bytes()).ok()?).ok()?;
    let mark = mark.strip_suffix(FILL).unwrap_or(&mark);
    (!mark.is_empty()).then(|| mark.into())
}

/// The label that a piece of a mark is in.
fn mark_label(at: usize) -> String {
    if at == 0 { MARK_LABEL.into() } else { format!("{MARK_LABEL}_{}", at + 1) }
}

/// What stands in quotes, with a backslash before whatever would end it or isn't taken as it is.
fn escaped(text: &str, quote: char) -> String {
    let mut all = String::with_capacity(text.len() + 2);
    for character in text.chars() {
        match character {
            '\n' => all.push_str("\\n"),
            '\r' => all.push_str("\\r"),
            '\0' => all.push_str("\\x00"),
            _ => {
                if character == quote || character == '\\' {
                    all.push('\\');
                }
                all.push(character);
            }
        }
    }
    format!("{quote}{all}{quote}")
}

/// A part of a date as a word. Weeks begin on Mondays, as on the other engines.
fn part(part: &str) -> String {
    let part = part.trim().to_lowercase();
    if part == "week" { "isoweek".into() } else { part }
}

impl Dialect for BigQuery {
    fn name(&self) -> &'static str {
        "bigquery"
    }

    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    // As the variables of the connection are called.
    fn limit_variable(&self) -> String {
        "FF_BQ_MAX_BYTES".into()
    }

    // There is none by nature: a profile names its dataset.
    fn default_schema(&self) -> &'static str {
        "default"
    }

    fn reserved(&self) -> &'static [&'static str] {
        RESERVED
    }

    fn quoted(&self, identifier: &str) -> String {
        escaped(identifier, '`')
    }

    // A string in simple quotes ends with its line.
    fn string_literal(&self, text: &str) -> String {
        escaped(text, '\'')
    }

    fn differ(&self, one: &str, other: &str, sql_type: &str) -> String {
        if WITHOUT_EQUALITY.iter().any(|word| sql_type.to_ascii_uppercase().starts_with(word)) {
            return format!("to_json_string({one}) is distinct from to_json_string({other})");
        }
        format!("{one} is distinct from {other}")
    }

    // A cast takes no length, precision or scale.
    fn converted(&self, expr: &str, sql_type: &str) -> String {
        let word = if sql_type.contains('<') { sql_type } else { sql_type.split('(').next().unwrap_or(sql_type) };
        format!("cast({expr} as {word})")
    }

    // Rows can't be parted by numbers with a point, lists or structs.
    fn apart(&self, values: &[&str]) -> String {
        format!("to_json_string(struct({}))", values.join(", "))
    }

    fn except(&self) -> &'static str {
        "except distinct"
    }

    fn layout_keys(&self) -> &'static [&'static str] {
        &["partition_by", "cluster_by"]
    }

    fn layout_clause(&self, layout: &Layout) -> String {
        let partition = layout.partition_by.iter().map(|expr| format!(" partition by {expr}"));
        let columns = layout.cluster_by.join(", ");
        let cluster = (!columns.is_empty()).then(|| format!(" cluster by {columns}"));
        partition.chain(cluster).collect()
    }

    fn mark_clause(&self, mark: &str) -> String {
        let literal = |text: &str| self.string_literal(text);
        let labels =
            mark_labels(mark).into_iter().map(|(name, value)| format!("({}, {})", literal(&name), literal(&value)));
        format!("options(labels=[{}])", labels.collect::<Vec<_>>().join(", "))
    }

    fn comment(&self, kind: RelationKind, relation: &RelationName, words: &str) -> Statement {
        let (relation, words) = (self.relation(relation), self.string_literal(words));
        format!("alter {} {relation} set options(description={words})", kind.keyword()).into()
    }

    fn settable(&self) -> Settable {
        Settable { indexes: Err("has no indexes of columns"), grants: Ok(&["roles/"]), comments: Ok(Kept::Alone) }
    }

    // Who gets a role of the service is named as `user:…`, `group:…`, `serviceAccount:…`.
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
        let users = roles.iter().map(|user| self.string_literal(user)).collect::<Vec<_>>().join(", ");
        vec![format!("{verb} {} on {on} {to} {users}", self.quoted(privilege)).into()]
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
        let set = format!("alter column {column} set options(description={words})");
        Some(format!("alter {} {relation} {set}", kind.keyword()).into())
    }

    fn mark(&self, kind: RelationKind, relation: &RelationName, mark: &str) -> Statement {
        let relation = self.relation(relation);
        format!("alter {} {relation} set {}", kind.keyword(), self.mark_clause(mark)).into()
    }

    fn text_type(&self) -> &'static str {
        "string"
    }

    fn date_trunc(&self, wanted: &str, expr: &str) -> String {
        format!("datetime_trunc(cast({expr} as datetime), {})", part(wanted))
    }

    fn date_add(&self, wanted: &str, amount: i64, expr: &str) -> String {
        format!("datetime_add(cast({expr} as datetime), interval {amount} {})", wanted.trim().to_lowercase())
    }

    fn seconds_since(&self, expr: &str) -> String {
        format!("unix_seconds(current_timestamp()) - unix_seconds(cast({expr} as timestamp))")
    }

    fn safe_cast(&self, expr: &str, sql_type: &str, default: Option<&str>) -> String {
        let (word, number) = self.plain_type(sql_type);
        let cast = self.cast("safe_cast", expr, sql_type);
        let value = match number {
            // More digits than the type has.
            Some((precision, scale)) if precision > scale => {
                format!("if(abs({cast}) < {word} '1e{}', {cast}, null)", precision - scale)
            }
            _ => cast,
        };
        match default {
            Some(default) => format!("coalesce({value}, cast({default} as {word}))"),
            None => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Create;

    #[test]
    fn ddl_says_the_mark_in_labels() {
        let name = RelationName::new(Some("my-project"), Some("s"), "Order");
        let create = Create::new(RelationKind::View, &name, "select 1; -- one").replacing();
        assert_eq!(
            BigQuery.create(&Create { mark: Some("m"), ..create }).text,
            "create or replace view `my-project`.s.`Order` options(labels=[('ff_mark', 'nu')]) as (\nselect 1  -- one\n)"
        );
        assert_eq!(
            BigQuery.create(&create).text,
            "create or replace view `my-project`.s.`Order` as (\nselect 1  -- one\n)"
        );
        let name = RelationName::new(None, Some("s"), "t");
        let partition_by = Some("date_trunc(at, month)".to_string());
        let layout = Layout { partition_by, cluster_by: vec!["a".into(), "`b c`".into()], ..Layout::default() };
        let create = Create { layout: Some(&layout), mark: Some("m"), ..create };
        assert_eq!(
            BigQuery.create(&Create { kind: RelationKind::Table, ..create }).text,
            "create or replace table `my-project`.s.`Order` partition by date_trunc(at, month) cluster by a, `b c` \
             options(labels=[('ff_mark', 'nu')]) as (\nselect 1  -- one\n)"
        );
        assert!(!BigQuery.create(&create).text.contains("partition"), "a view has no rows of its own");
        assert_eq!(
            BigQuery.mark(RelationKind::Table, &name, "m").text,
            "alter table s.t set options(labels=[('ff_mark', 'nu')])"
        );
        assert_eq!(
            BigQuery.comment(RelationKind::Table, &name, "a 'b'\n\\").text,
            "alter table s.t set options(description='a \\'b\\'\\n\\\\')"
        );
        assert_eq!(BigQuery.create_empty(&name, "a string").text, "create table if not exists s.t (a string)");
    }

    #[test]
    fn roles_of_the_service_are_given_to_those_that_are_named() {
        let name = RelationName::new(None, Some("s"), "t");
        let given = |kind, gives| {
            let all = BigQuery.grant(kind, &name, "roles/bigquery.dataViewer", &["user:a@b.c", "group:d@b.c"], gives);
            all.into_iter().map(|statement| statement.text).collect::<Vec<_>>()
        };
        assert_eq!(
            given(RelationKind::Table, true),
            ["grant `roles/bigquery.dataViewer` on table s.t to 'user:a@b.c', 'group:d@b.c'"]
        );
        assert_eq!(
            given(RelationKind::View, false),
            ["revoke `roles/bigquery.dataViewer` on view s.t from 'user:a@b.c', 'group:d@b.c'"]
        );
        let comment = |words| BigQuery.comment_column(RelationKind::Table, &name, "a", words).unwrap().text;
        assert_eq!(comment(Some("it's")), "alter table s.t alter column a set options(description='it\\'s')");
        assert_eq!(comment(None), "alter table s.t alter column a set options(description='')");
    }

    #[test]
    fn a_mark_comes_back_from_its_labels() {
        for length in (1..130).chain([400]) {
            let mark = "fft {é\"'} ".chars().cycle().take(length).collect::<String>();
            let labels = mark_labels(&mark);
            let find = |name: &str| labels.iter().find(|(label, _)| label == name).map(|(_, value)| value.as_str());
            assert_eq!(mark_of_labels(find), Some(mark.clone()));
            let left = |name: &str| find(name).or(Some("oq"));
            assert_eq!(mark_of_labels(left), Some(mark));
            for (name, value) in &labels {
                assert!(value.len() <= LABEL && !value.is_empty());
                assert!(
                    format!("{name}{value}")
                        .bytes()
                        .all(|byte| b"abcdefghijklmnopqrstuvwxyz_0123456789".contains(&byte))
                );
            }
        }
        assert_eq!(mark_of_labels(|_| None), None);
        assert_eq!(mark_of_labels(|name| (name == "ff_mark").then_some("n!")), None);
    }

    #[test]
    fn odd_identifiers_stand_between_backticks() {
        for (identifier, quoted) in [
            ("stg_users", "stg_users"),
            ("left", "`left`"),
            ("a`b\\", "`a\\`b\\\\`"),
            ("Users", "`Users`"),
            ("a-b", "`a-b`"),
        ] {
            assert_eq!(BigQuery.quote(identifier), quoted);
        }
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn types_of_other_engines_are_known() {
        for (declared, own) in [
            ("Varchar", "string"),
            ("varchar(20)", "string(20)"),
            ("decimal(12, 2)", "numeric(12, 2)"),
            ("decimal(38, 0)", "bignumeric(38, 0)"),
            ("numeric(20, 10)", "bignumeric(20, 10)"),
            ("decimal", "numeric"),
            ("timestamp(6)", "datetime"),
            ("timestamp with time zone", "timestamp"),
            ("hugeint", "bignumeric(38)"),
            ("bigint", "bigint"),
            ("double precision", "float64"),
            ("text[]", "array<string>"),
            ("struct<a int64>", "struct<a int64>"),
        ] {
            assert_eq!(BigQuery.type_name(declared), own);
        }
        assert!(FOREIGN_TYPES.is_sorted());
    }

    #[test]
    fn template_helpers_write_sql() {
        assert_eq!(BigQuery.date_trunc("month", "at"), "datetime_trunc(cast(at as datetime), month)");
        assert_eq!(BigQuery.date_trunc("week", "at"), "datetime_trunc(cast(at as datetime), isoweek)");
        assert_eq!(BigQuery.date_add("Day", -3, "at"), "datetime_add(cast(at as datetime), interval -3 day)");
        assert_eq!(
            BigQuery.safe_cast("x", "varchar", Some("''")),
            "coalesce(safe_cast(x as string), cast('' as string))"
        );
        assert_eq!(BigQuery.safe_cast("x", "int", None), "safe_cast(x as int)");
        assert_eq!(
            BigQuery.safe_cast("x", "decimal(7, 2)", Some("0")),
            "coalesce(if(abs(round(safe_cast(x as numeric), 2)) < numeric '1e5', round(safe_cast(x as numeric), 2), null), \
             cast(0 as numeric))"
        );
    }

    #[test]
    fn values_become_those_of_declared_types() {
        for (declared, expected) in [
            ("bigint", "cast(x as bigint)"),
            ("decimal(12, 2)", "round(cast(x as numeric), 2)"),
            ("decimal(38,0)", "round(cast(x as bignumeric), 0)"),
            ("hugeint", "round(cast(x as bignumeric), 0)"),
            ("decimal", "cast(x as numeric)"),
            ("varchar(20)", "cast(x as string)"),
            ("timestamp", "cast(x as datetime)"),
            ("integer[]", "cast(x as array<integer>)"),
        ] {
            assert_eq!(BigQuery.cast("cast", "x", declared), expected);
        }
    }
}
