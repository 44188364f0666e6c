//! SQL text, engine by engine: quoting, DDL around a query, and what the `ff_*` helpers of templates write.
//!
//! Pure: takes names, values and SQL expressions, gives text, and never talks to a database. An engine's dialect is
//! one file here; which dialect an engine has is told by the list in `engine`.

mod bigquery;
mod duckdb;
mod file;
mod grammar;
mod layout;
mod number;
mod postgres;
mod settings;
mod snowflake;
mod spark;
mod statement;
#[cfg(test)]
mod tests;

pub use bigquery::{BigQuery, mark_labels, mark_of_labels};
pub use duckdb::DuckDb;
pub use file::{FileProblem, FileRead, is_relative, is_remote, origin};
pub use grammar::{Grammar, LetterCase, Pivot, PivotNames};
pub use layout::{Layout, LayoutProblem, Storage};
pub use postgres::{Postgres, SAFE_CAST};
pub use settings::{Change, Comments, Grants, Index, Kept, Settable, SettingProblem, Settings, beyond};
pub use snowflake::Snowflake;
pub use spark::{
    Databricks, LAKE_FORMATS, LakeFormat, MARK_PROPERTY, Spark, from_hexadecimal, hexadecimal, type_name as spark_type,
};
pub use statement::Statement;

use crate::name::RelationName;
use crate::project::SourceTable;
use crate::syntax::sql;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a relation is on its engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RelationKind {
    Table,
    View,
}

impl RelationKind {
    /// The word that SQL has for it.
    pub fn keyword(self) -> &'static str {
        match self {
            RelationKind::Table => "table",
            RelationKind::View => "view",
        }
    }

    pub fn other(self) -> RelationKind {
        match self {
            RelationKind::Table => RelationKind::View,
            RelationKind::View => RelationKind::Table,
        }
    }
}

/// A relation to be made from a query.
#[derive(Clone, Copy, Debug)]
pub struct Create<'a> {
    pub kind: RelationKind,
    pub relation: &'a RelationName,
    pub query: &'a str,
    /// In the place of one of its kind.
    pub replace: bool,
    /// What the statement writes on the relation.
    pub mark: Option<&'a str>,
    /// How a table's rows are stored, where something is declared.
    pub layout: Option<&'a Layout>,
}

impl<'a> Create<'a> {
    pub fn new(kind: RelationKind, relation: &'a RelationName, query: &'a str) -> Create<'a> {
        Create { kind, relation, query, replace: false, mark: None, layout: None }
    }

    /// The table that is made, if it is one.
    pub fn table(&self) -> Option<RelationName> {
        (self.kind == RelationKind::Table).then(|| self.relation.clone())
    }

    /// The same in the place of one of its kind.
    pub fn replacing(self) -> Create<'a> {
        Create { replace: true, ..self }
    }
}

/// How one engine spells SQL. No text given here holds a line comment, so that it may stand anywhere in a line.
pub trait Dialect: Send + Sync {
    /// The engine's name as profiles.yml has it.
    fn name(&self) -> &'static str;

    /// The variable that says how many bytes one query may scan, and wins over budgets.yml.
    fn limit_variable(&self) -> String {
        format!("FF_{}_MAX_BYTES", self.name().to_uppercase())
    }

    /// The schema of names that have none, where the profile says nothing else.
    fn default_schema(&self) -> &'static str;

    /// How the engine reads a query.
    fn grammar(&self) -> &'static Grammar {
        &Grammar::STANDARD
    }

    /// `query` with blanks in place of the semicolons that end it.
    fn without_terminator(&self, query: &str) -> String {
        sql::without_terminator(query, self.grammar().lexicon)
    }

    /// Words that may not name a table unquoted, sorted.
    fn reserved(&self) -> &'static [&'static str];

    /// An identifier, quoted only where it must be.
    fn quote(&self, identifier: &str) -> String {
        if is_plain(identifier) && self.reserved().binary_search(&identifier).is_err() {
            identifier.into()
        } else {
            self.quoted(identifier)
        }
    }

    /// An identifier in quotes.
    fn quoted(&self, identifier: &str) -> String {
        format!("\"{}\"", identifier.replace('"', "\"\""))
    }

    /// A relation with as many parts as it names.
    fn relation(&self, relation: &RelationName) -> String {
        let parts = [&relation.catalog, &relation.schema].into_iter().flatten().chain([&relation.name]);
        parts.map(|part| self.quote(part)).collect::<Vec<_>>().join(".")
    }

    fn string_literal(&self, text: &str) -> String {
        format!("'{}'", text.replace('\'', "''"))
    }

    /// A JSON scalar as a literal; anything else as the literal of its JSON text.
    fn literal(&self, value: &Value) -> String {
        match value {
            Value::Null => "null".into(),
            Value::Bool(value) => value.to_string(),
            Value::Number(value) => value.to_string(),
            Value::String(text) => self.string_literal(text),
            other => self.string_literal(&other.to_string()),
        }
    }

    /// The statement that makes a relation from a query. In brackets a second statement can't hide behind the query; the
    /// line break ends a comment that ends it.
    fn create(&self, create: &Create<'_>) -> Statement {
        let replace = if create.replace { "or replace " } else { "" };
        let (kind, relation) = (create.kind.keyword(), self.relation(create.relation));
        let layout = create.layout.filter(|_| create.kind == RelationKind::Table);
        let layout = layout.map_or(String::new(), |layout| self.layout_clause(layout));
        let mark = create.mark.map_or(String::new(), |mark| format!(" {}", self.mark_clause(mark)));
        let head = format!("create {replace}{kind} {relation}{layout}{mark} as (\n");
        let statement = Statement::around(&head, &self.without_terminator(create.query), "\n)");
        Statement { makes: create.table(), ..statement }
    }

    /// What stands before the query of a statement that marks the relation which it makes.
    fn mark_clause(&self, mark: &str) -> String {
        format!("comment {}", self.string_literal(mark))
    }

    /// What of a model's `config()` says how its table's rows are stored. Where that can't be told, what it says counts for
    /// nothing.
    fn layout_keys(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether Python models may take and give DataFrames of its own, which stay where it is.
    fn lends_frames(&self) -> bool {
        false
    }

    /// What is wrong with a declared storage.
    fn storage_problem(&self, _storage: &Storage) -> Option<LayoutProblem> {
        Some(layout::no_storage(self.name()))
    }

    /// The format of a table's files; `None` where the engine has but one.
    fn table_format<'a>(&'a self, _layout: Option<&'a Layout>) -> Option<&'a str> {
        None
    }

    /// Whether one statement puts a table of such files in the place of another.
    fn is_replaceable(&self, _format: &str) -> bool {
        true
    }

    /// What stands behind a table's name, with a blank in front, to have its rows stored so.
    fn layout_clause(&self, _layout: &Layout) -> String {
        String::new()
    }

    /// Drops the relation if it is there.
    fn drop(&self, kind: RelationKind, relation: &RelationName) -> Statement {
        format!("drop {} if exists {}", kind.keyword(), self.relation(relation)).into()
    }

    /// Drops a schema of the profile's catalog with all that is in it.
    fn drop_schema(&self, schema: &str) -> Statement {
        format!("drop schema if exists {} cascade", self.quote(schema)).into()
    }

    /// A table's name that belongs to one session alone, and goes with it.
    fn temporary(&self, name: &str) -> RelationName {
        RelationName::new(None, Some("temp"), name)
    }

    /// Gives a relation another name in its schema.
    fn rename(&self, kind: RelationKind, relation: &RelationName, name: &str) -> Statement {
        format!("alter {} {} rename to {}", kind.keyword(), self.relation(relation), self.quote(name)).into()
    }

    /// Puts a comment on a relation.
    fn comment(&self, kind: RelationKind, relation: &RelationName, words: &str) -> Statement {
        let (kind, relation, words) = (kind.keyword(), self.relation(relation), self.string_literal(words));
        format!("comment on {kind} {relation} is {words}").into()
    }

    /// What it can set at a relation beside its rows.
    fn settable(&self) -> Settable {
        Settable::NOTHING
    }

    /// Makes an index of a table where there is none of its name.
    fn create_index(&self, relation: &RelationName, index: &Index) -> Statement {
        let unique = if index.unique { "unique " } else { "" };
        let name = self.quote(&index.name(&relation.name));
        let method = index.method.as_ref().map_or(String::new(), |method| format!(" using {method}"));
        let columns = index.columns.iter().map(|column| self.quote(column)).collect::<Vec<_>>().join(", ");
        let relation = self.relation(relation);
        format!("create {unique}index if not exists {name} on {relation}{method} ({columns})").into()
    }

    /// Drops an index if it is there.
    fn drop_index(&self, relation: &RelationName, index: &Index) -> Statement {
        let name = RelationName { name: index.name(&relation.name), ..relation.clone() };
        format!("drop index if exists {}", self.relation(&name)).into()
    }

    /// Lets roles do something with a relation; `false` takes that from them.
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
        let one = |role: &&str| format!("{verb} {privilege} on {on} {to} {}", self.quote(role)).into();
        roles.iter().map(one).collect()
    }

    /// Puts a comment on a column of a relation, or takes it away; `None` where columns of such relations have none.
    fn comment_column(
        &self,
        _kind: RelationKind,
        relation: &RelationName,
        column: &str,
        words: Option<&str>,
    ) -> Option<Statement> {
        let words = words.map_or("null".into(), |words| self.string_literal(words));
        Some(format!("comment on column {}.{} is {words}", self.relation(relation), self.quote(column)).into())
    }

    /// Makes a table of columns, given as `name type, …`, where there is none of that name.
    fn create_empty(&self, relation: &RelationName, columns: &str) -> Statement {
        format!("create table if not exists {} ({columns})", self.relation(relation)).into()
    }

    /// Writes on a relation what it is to say of itself, in the place of what it said.
    fn mark(&self, kind: RelationKind, relation: &RelationName, mark: &str) -> Statement {
        self.comment(kind, relation, mark)
    }

    /// An index of a table, where the engine finds rows by one; `None` where it has none, or they cost more than they save.
    fn index(&self, _relation: &RelationName, _columns: &[&str]) -> Option<Statement> {
        None
    }

    /// Whether fft keeps the histories of snapshots there.
    fn keeps_history(&self) -> bool {
        false
    }

    /// Makes a table that one session alone sees of the rows of a query, which are counted.
    fn create_temporary(&self, table: &RelationName, query: &str) -> Statement {
        let head = format!("create temporary table {} as (\n", self.relation(table));
        let statement = Statement::around(&head, &self.without_terminator(query), "\n)");
        Statement { makes: Some(table.clone()), ..statement }
    }

    /// A condition that two values of a type aren't the same, of which any may be null. As texts: some types have no
    /// equality.
    fn differ(&self, one: &str, other: &str, _sql_type: &str) -> String {
        let text = self.text_type();
        format!("cast({one} as {text}) is distinct from cast({other} as {text})")
    }

    /// An expression as one of a column's type, in the words in which the engine tells of that.
    fn converted(&self, expr: &str, sql_type: &str) -> String {
        format!("cast({expr} as {sql_type})")
    }

    /// Whether a column of a type holds every value of another one as it is, both in the engine's words.
    fn holds(&self, sql_type: &str, other: &str) -> bool {
        sql_type == other
    }

    /// What stands behind `partition by` to have rows apart that differ in one of these.
    fn apart(&self, values: &[&str]) -> String {
        values.join(", ")
    }

    /// Between two queries: the rows of the first that the second doesn't give, each once.
    fn except(&self) -> &'static str {
        "except"
    }

    /// What stands for a statement's value, which count from 1.
    fn placeholder(&self, _number: usize) -> String {
        "?".into()
    }

    /// The type of texts of any length.
    fn text_type(&self) -> &'static str {
        "varchar"
    }

    /// Queries for how new a source's data are, where the source says how that is told: its own query, or the greatest
    /// value of its field. The first that the engine takes counts: a field's name may be a word that must be quoted, or an
    /// expression that must not.
    fn loaded_at(&self, source: &SourceTable) -> Vec<String> {
        let greatest = |field: &str| format!("select max({field}) from {}", self.source(source, ""));
        match (&source.loaded_at_query, &source.loaded_at_field) {
            (Some(query), _) => vec![self.without_terminator(query)],
            (None, Some(field)) => {
                let quoted = self.quoted(field);
                let mut fields = vec![field.as_str(), &quoted];
                // A reserved word by itself may be a function of the session: it would never change, or always.
                if self.reserved().contains(&field.to_lowercase().as_str()) {
                    fields.reverse();
                }
                fields.into_iter().map(greatest).collect()
            }
            (None, None) => Vec::new(),
        }
    }

    /// The same for the text of its first value, which is the version of the data.
    fn source_versions(&self, source: &SourceTable) -> Vec<String> {
        let text = self.text_type();
        self.loaded_at(source).iter().map(|query| format!("select cast((\n{query}\n) as {text})")).collect()
    }

    /// A source as it stands behind `from`: its relation, or its files, with `root` in front of each path that counts
    /// from the project.
    fn source(&self, source: &SourceTable, root: &str) -> String {
        self.files(source, root).unwrap_or_else(|| self.relation(&source.relation()))
    }

    /// What is wrong with a source's `location`, where it has one.
    fn file_problem(&self, source: &SourceTable) -> Option<FileProblem> {
        if source.location.is_empty() {
            return None;
        }
        let (name, engine) = (file::source_name(source), self.name());
        Some(FileProblem {
            message: format!("{name} has a `location`, and {engine} reads no files"),
            hint: format!("take it away for this engine: `overrides: {{{engine}: {{location: null}}}}`"),
        })
    }

    /// The paths and patterns that a source's files are read by.
    fn file_patterns(&self, source: &SourceTable) -> Vec<String> {
        source.location.clone()
    }

    /// A source's files as they stand behind `from`; `None` for a relation of the database.
    fn files(&self, _source: &SourceTable, _root: &str) -> Option<String> {
        None
    }

    /// A folder's path as the start of a path or pattern in SQL that means that folder alone.
    fn folder(&self, folder: &str) -> String {
        folder.into()
    }

    /// The files that a query names itself, beside those of sources.
    fn file_reads(&self, _text: &str) -> Vec<FileRead> {
        Vec::new()
    }

    /// `ff_date_trunc`: `expr` cut to the start of its `part` (`day`, `month` …), a timestamp. The cast makes dates, texts
    /// and timestamps with time zone work alike, the last of them without DuckDB's ICU.
    fn date_trunc(&self, part: &str, expr: &str) -> String {
        format!("date_trunc({}, cast({expr} as timestamp))", self.string_literal(part))
    }

    /// `ff_date_add`: `expr` plus `amount` (which may be negative) of `part`, a timestamp.
    fn date_add(&self, part: &str, amount: i64, expr: &str) -> String {
        format!("(cast({expr} as timestamp) + interval {})", self.string_literal(&format!("{amount} {part}")))
    }

    /// Seconds from a timestamp until now; one without time zone is in UTC.
    fn seconds_since(&self, expr: &str) -> String {
        format!("extract(epoch from current_timestamp) - extract(epoch from {expr})")
    }

    /// `ff_safe_cast`: `expr` as `sql_type`; `default` (an expression), or null, where it can't be cast.
    fn safe_cast(&self, expr: &str, sql_type: &str, default: Option<&str>) -> String;

    /// `ff_partition_filter`: a condition that `column` is from `start` to `end`, both included; true without either.
    fn partition_filter(&self, column: &str, start: Option<&Value>, end: Option<&Value>) -> String {
        match (start, end) {
            (Some(start), Some(end)) => format!("{column} between {} and {}", self.literal(start), self.literal(end)),
            (Some(start), None) => format!("{column} >= {}", self.literal(start)),
            (None, Some(end)) => format!("{column} <= {}", self.literal(end)),
            (None, None) => "1 = 1".into(),
        }
    }

    /// `ff_partition_in`: a condition that `column` is one of `values`; false for none.
    fn partition_in(&self, column: &str, values: &[Value]) -> String {
        if values.is_empty() {
            return "1 = 0".into();
        }
        let list = values.iter().map(|value| self.literal(value)).collect::<Vec<_>>().join(", ");
        format!("{column} in ({list})")
    }
}

/// `[a-z_][a-z0-9_]*`
fn is_plain(identifier: &str) -> bool {
    let mut bytes = identifier.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
