//! Postgres's SQL.

use super::{Dialect, Grammar, Kept, RelationKind, Settable, Statement, is_plain};
use crate::name::RelationName;
use crate::syntax::sql::Lexicon;
use sqlparser::dialect::PostgreSqlDialect;

const GRAMMAR: Grammar = Grammar {
    parser: || Box::new(PostgreSqlDialect {}),
    // A backtick is an operator here.
    lexicon: Lexicon { backticks: false, ..Lexicon::STANDARD },
    ..Grammar::STANDARD
};

/// The dialect of Postgres 13 and later.
#[derive(Clone, Copy, Debug, Default)]
pub struct Postgres;

/// What `pg_get_keywords()` doesn't call unreserved, in Postgres 13 to 18, sorted.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "between", "bigint",
    "binary", "bit", "boolean", "both", "case", "cast", "char", "character", "check", "coalesce", "collate",
    "collation", "column", "concurrently", "constraint", "create", "cross", "current_catalog", "current_date",
    "current_role", "current_schema", "current_time", "current_timestamp", "current_user", "dec", "decimal", "default",
    "deferrable", "desc", "distinct", "do", "else", "end", "except", "exists", "extract", "false", "fetch", "float",
    "for", "foreign", "freeze", "from", "full", "grant", "greatest", "group", "grouping", "having", "ilike", "in",
    "initially", "inner", "inout", "int", "integer", "intersect", "interval", "into", "is", "isnull", "join", "json",
    "json_array", "json_arrayagg", "json_exists", "json_object", "json_objectagg", "json_query", "json_scalar",
    "json_serialize", "json_table", "json_value", "lateral", "leading", "least", "left", "like", "limit", "localtime",
    "localtimestamp", "merge_action", "national", "natural", "nchar", "none", "normalize", "not", "notnull", "null",
    "nullif", "numeric", "offset", "on", "only", "or", "order", "out", "outer", "overlaps", "overlay", "placing",
    "position", "precision", "primary", "real", "references", "returning", "right", "row", "select", "session_user",
    "setof", "similar", "smallint", "some", "substring", "symmetric", "system_user", "table", "tablesample", "then",
    "time", "timestamp", "to", "trailing", "treat", "trim", "true", "union", "unique", "user", "using", "values",
    "varchar", "variadic", "verbose", "when", "where", "window", "with", "xmlattributes", "xmlconcat", "xmlelement",
    "xmlexists", "xmlforest", "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable",
];

/// Types that projects declare in another engine's words, and what they are here.
const FOREIGN_TYPES: &[(&str, &str)] = &[
    ("blob", "bytea"),
    ("datetime", "timestamp"),
    ("double", "double precision"),
    ("hugeint", "numeric(38, 0)"),
    ("long", "bigint"),
    ("string", "text"),
    ("tinyint", "smallint"),
    ("ubigint", "numeric(20, 0)"),
    ("uinteger", "bigint"),
    ("usmallint", "integer"),
    ("utinyint", "smallint"),
];

/// The function behind `ff_safe_cast`, in the profile's schema: no cast of Postgres gives null for what it can't read.
pub const SAFE_CAST: &str = "_ff_safe_cast";

impl Postgres {
    /// A declared type in Postgres's words.
    pub fn type_name<'a>(&self, declared: &'a str) -> &'a str {
        let name = declared.trim();
        FOREIGN_TYPES.iter().find(|(foreign, _)| foreign.eq_ignore_ascii_case(name)).map_or(name, |(_, own)| own)
    }

    /// A column's name as Postgres has it where nobody quotes it: in lower case, unless it is one that must be quoted.
    pub fn folded(&self, name: &str) -> String {
        if is_plain(&name.to_ascii_lowercase()) { name.to_ascii_lowercase() } else { name.to_string() }
    }
}

impl Dialect for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    // As the variables of the connection are called.
    fn limit_variable(&self) -> String {
        "FF_PG_MAX_BYTES".into()
    }

    fn default_schema(&self) -> &'static str {
        "public"
    }

    fn reserved(&self) -> &'static [&'static str] {
        RESERVED
    }

    // Only a view can be replaced in one statement; the engine swaps tables.
    fn index(&self, relation: &RelationName, columns: &[&str]) -> Option<Statement> {
        Some(format!("create index on {} ({})", self.relation(relation), columns.join(", ")).into())
    }

    // A cast to a text of some length cuts what is longer, which the column itself refuses.
    fn converted(&self, expr: &str, sql_type: &str) -> String {
        let word = if sql_type.starts_with("character") { self.text_type() } else { sql_type };
        format!("cast({expr} as {word})")
    }

    fn keeps_history(&self) -> bool {
        true
    }

    fn temporary(&self, name: &str) -> RelationName {
        RelationName::new(None, Some("pg_temp"), name)
    }

    fn settable(&self) -> Settable {
        Settable {
            indexes: Ok(&["brin", "btree", "gin", "gist", "hash", "spgist"]),
            grants: Ok(&["delete", "insert", "references", "select", "trigger", "truncate", "update"]),
            comments: Ok(Kept::Alone),
        }
    }

    // A view counts as a table here. A role that is gone has no right to lose.
    fn grant(
        &self,
        _kind: RelationKind,
        relation: &RelationName,
        privilege: &str,
        roles: &[&str],
        gives: bool,
    ) -> Vec<Statement> {
        let relation = self.relation(relation);
        if gives {
            let roles = roles.iter().map(|role| self.quote(role)).collect::<Vec<_>>().join(", ");
            return vec![format!("grant {privilege} on table {relation} to {roles}").into()];
        }
        let take = |role: &&str| {
            let revoked = format!("revoke {privilege} on table {relation} from {}", self.quote(role));
            let block = format!("begin {revoked}; exception when undefined_object then null; end");
            format!("do {}", self.string_literal(&block)).into()
        };
        roles.iter().map(take).collect()
    }

    fn placeholder(&self, number: usize) -> String {
        format!("${number}")
    }

    fn text_type(&self) -> &'static str {
        "text"
    }

    // Without the outer cast the length or precision of the type would be lost: a function gives the bare type.
    fn safe_cast(&self, expr: &str, sql_type: &str, default: Option<&str>) -> String {
        let sql_type = self.type_name(sql_type);
        let named = self.string_literal(sql_type);
        let call = format!("{SAFE_CAST}(cast({expr} as text), {named}, cast(null as {sql_type}))");
        let value = default.map_or(call.clone(), |default| format!("coalesce({call}, {default})"));
        format!("cast({value} as {sql_type})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{Create, Index};

    #[test]
    fn only_odd_identifiers_are_quoted() {
        for (identifier, quoted) in [
            ("stg_users", "stg_users"),
            ("order", "\"order\""),
            ("left", "\"left\""),
            ("Users", "\"Users\""),
            ("a b", "\"a b\""),
            ("a\"b", "\"a\"\"b\""),
            ("größe", "\"größe\""),
            ("", "\"\""),
        ] {
            assert_eq!(Postgres.quote(identifier), quoted);
        }
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn columns_that_need_no_quotes_are_in_lower_case() {
        for (name, folded) in [("Id", "id"), ("ORDER", "order"), ("Name x", "Name x"), ("Größe", "Größe"), ("a", "a")]
        {
            assert_eq!(Postgres.folded(name), folded);
        }
    }

    #[test]
    fn types_of_other_engines_are_known() {
        assert_eq!(Postgres.type_name("Double"), "double precision");
        assert_eq!(Postgres.type_name("decimal(12, 2)"), "decimal(12, 2)");
        assert!(FOREIGN_TYPES.is_sorted());
    }

    #[test]
    fn ddl_wraps_the_query() {
        let name = RelationName::new(None, Some("s"), "t");
        assert_eq!(
            Postgres.create(&Create::new(RelationKind::View, &name, "select 1; -- one").replacing()).text,
            "create or replace view s.t as (\nselect 1  -- one\n)"
        );
        assert_eq!(Postgres.drop(RelationKind::Table, &name).text, "drop table if exists s.t");
    }

    #[test]
    fn indexes_rights_and_comments_are_written_with_their_names_quoted() {
        let name = RelationName::new(None, Some("s"), "Odd t");
        let index = Index { columns: vec!["id".into(), "order".into()], unique: true, method: Some("hash".into()) };
        let called = index.name("Odd t");
        assert_eq!(
            Postgres.create_index(&name, &index).text,
            format!("create unique index if not exists \"{called}\" on s.\"Odd t\" using hash (id, \"order\")")
        );
        assert_eq!(Postgres.drop_index(&name, &index).text, format!("drop index if exists s.\"{called}\""));
        let given = |gives| {
            let all = Postgres.grant(RelationKind::View, &name, "select", &["reporting", "a\"b", "public"], gives);
            all.into_iter().map(|statement| statement.text).collect::<Vec<_>>()
        };
        assert_eq!(given(true), ["grant select on table s.\"Odd t\" to reporting, \"a\"\"b\", public"]);
        let taken = |role: &str| {
            let revoked = format!("revoke select on table s.\"Odd t\" from {role}");
            format!("do 'begin {revoked}; exception when undefined_object then null; end'")
        };
        assert_eq!(given(false), [taken("reporting"), taken("\"a\"\"b\""), taken("public")]);
        let comment = |words| Postgres.comment_column(RelationKind::View, &name, "Größe", words).unwrap().text;
        assert_eq!(comment(Some("it's")), "comment on column s.\"Odd t\".\"Größe\" is 'it''s'");
        assert_eq!(comment(None), "comment on column s.\"Odd t\".\"Größe\" is null");
    }

    #[test]
    fn template_helpers_write_sql() {
        assert_eq!(Postgres.date_trunc("month", "at"), "date_trunc('month', cast(at as timestamp))");
        assert_eq!(Postgres.date_add("day", -3, "at"), "(cast(at as timestamp) + interval '-3 day')");
        assert_eq!(
            Postgres.safe_cast("x", "int", Some("0")),
            "cast(coalesce(_ff_safe_cast(cast(x as text), 'int', cast(null as int)), 0) as int)"
        );
    }
}
