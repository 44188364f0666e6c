//! One catalog's table of the ledger as SQL, and its rows as they come back.

use crate::dialect::{Create, Dialect, RelationKind, Statement};
use crate::digest::Digest;
use crate::engine::row::{Row, State};
use crate::name::{NodeName, RelationName};
use crate::plan::Identity;
use arrow::array::{Array, AsArray, RecordBatch};
use litemap::LiteMap;

pub const TABLE: &str = "_ff_meta";

/// The columns, in the order in which rows are written and read.
const COLUMNS: [&str; 14] = [
    "catalog_name",
    "schema_name",
    "relation_name",
    "node_name",
    "project",
    "fingerprint",
    "state",
    "engine",
    "built_at",
    "run_id",
    "git_commit",
    "upstream_builds",
    "identity",
    "record",
];

/// A column that no table of an earlier version has.
pub const LAST: &str = "relation_name";

/// What a relation goes by.
const KEY: [&str; 3] = ["catalog_name", "schema_name", "relation_name"];

/// Columns that may be null.
const OPEN: [&str; 5] = ["project", "git_commit", "upstream_builds", "identity", "record"];

/// The table of one catalog.
pub struct Table<'a> {
    pub dialect: &'a dyn Dialect,
    pub catalog: String,
    pub schema: &'a str,
}

impl Table<'_> {
    pub fn name(&self) -> String {
        self.dialect.relation(&self.relation())
    }

    fn relation(&self) -> RelationName {
        self.sibling(TABLE)
    }

    /// A relation beside the table.
    pub fn sibling(&self, name: &str) -> RelationName {
        RelationName::new(Some(&self.catalog), Some(self.schema), name)
    }

    /// Makes the table. There is no primary key: some engines have none, and one of DuckDB's would refuse a delete and an
    /// insert in one transaction.
    pub fn create(&self) -> Vec<Statement> {
        let column = |name: &str| {
            let null = if OPEN.contains(&name) { "" } else { " not null" };
            format!("{name} {}{null}", self.dialect.text_type())
        };
        let columns = COLUMNS.map(column).join(", ");
        let table = self.dialect.create_empty(&self.relation(), &columns);
        [table].into_iter().chain(self.dialect.index(&self.relation(), &KEY)).collect()
    }

    pub fn drop(&self) -> Statement {
        self.dialect.drop(RelationKind::Table, &self.relation())
    }

    /// Makes a table of the newest row of each relation: of one time, the one that tells more.
    pub fn newest(&self, into: &RelationName) -> Statement {
        let (columns, key) = (COLUMNS.join(", "), KEY.join(", "));
        let numbered = format!("row_number() over (partition by {key} order by built_at desc, state desc) as place");
        let query = format!(
            "select {columns} from (select {columns}, {numbered} from {}) as numbered where place = 1",
            self.name()
        );
        self.dialect.create(&Create::new(RelationKind::Table, into, &query))
    }

    pub fn insert(&self, row: &Row) -> Statement {
        let places: Vec<String> = (1..=COLUMNS.len()).map(|number| self.dialect.placeholder(number)).collect();
        let text = format!("insert into {} ({}) values ({})", self.name(), COLUMNS.join(", "), places.join(", "));
        Statement::from(text).with(values(row))
    }

    /// Deletes all rows of a relation.
    pub fn delete(&self, relation: &RelationName) -> Statement {
        Statement::from(format!("delete from {} where {}", self.name(), self.are(&KEY, 1))).with(key(relation))
    }

    /// Deletes all rows of a row's relation but itself.
    pub fn delete_others(&self, row: &Row) -> Statement {
        // A run may say something else of a relation than it said before.
        let (of, itself) = (self.are(&KEY, 1), self.are(&["run_id", "state", "fingerprint"], KEY.len() + 1));
        let values = [Some(row.run_id.clone()), Some(row.state.as_str().into()), Some(row.fingerprint.to_string())];
        let text = format!("delete from {} where {of} and not ({itself})", self.name());
        Statement::from(text).with(key(&row.relation).into_iter().chain(values).collect())
    }

    /// `a = ? and b = ?`, with placeholders that count from `first`.
    fn are(&self, columns: &[&str], first: usize) -> String {
        let equal = |(at, column): (usize, &&str)| format!("{column} = {}", self.dialect.placeholder(first + at));
        columns.iter().enumerate().map(equal).collect::<Vec<_>>().join(" and ")
    }

    /// Every row; without records where those aren't wanted.
    pub fn select(&self, records: bool) -> Statement {
        let null = format!("cast(null as {}) as record", self.dialect.text_type());
        let column = |name: &str| if records || name != "record" { name.to_string() } else { null.clone() };
        self.select_columns(&COLUMNS.map(column).join(", "))
    }

    pub fn select_columns(&self, columns: &str) -> Statement {
        format!("select {columns} from {}", self.name()).into()
    }
}

fn key(relation: &RelationName) -> Vec<Option<String>> {
    let RelationName { catalog, schema, name } = relation.clone();
    vec![Some(catalog.unwrap_or_default()), Some(schema.unwrap_or_default()), Some(name)]
}

fn values(row: &Row) -> Vec<Option<String>> {
    let json = |value: serde_json::Result<String>| value.expect("invariant: names and digests are JSON");
    let further = [
        Some(row.node.to_string()),
        row.project.clone(),
        Some(row.fingerprint.to_string()),
        Some(row.state.as_str().into()),
        Some(row.engine.clone()),
        Some(row.built_at.clone()),
        Some(row.run_id.clone()),
        row.git_commit.clone(),
        row.upstream_builds.as_ref().map(|builds| json(serde_json::to_string(builds))),
        row.identity.as_ref().map(|identity| json(serde_json::to_string(identity))),
        row.record.clone(),
    ];
    key(&row.relation).into_iter().chain(further).collect()
}

/// The rows of a batch that [`Table::select`] gave.
pub fn from_batch(batch: &RecordBatch) -> Vec<Row> {
    let row = |at: usize| {
        let text = |column: &str| text(batch, column, at);
        Some(Row {
            relation: RelationName::new(
                Some(&text("catalog_name")?),
                Some(&text("schema_name")?),
                &text("relation_name")?,
            ),
            node: NodeName::new(text("node_name")?),
            project: text("project"),
            fingerprint: Digest::parse(&text("fingerprint")?)?,
            state: State::parse(&text("state")?)?,
            engine: text("engine")?,
            built_at: text("built_at")?,
            run_id: text("run_id")?,
            git_commit: text("git_commit"),
            upstream_builds: builds(text("upstream_builds")),
            identity: identity(text("identity")),
            record: text("record"),
        })
    };
    (0..batch.num_rows()).filter_map(row).collect()
}

/// A text of a batch; `None` for a null, and where there is no such column of texts.
pub fn text(batch: &RecordBatch, column: &str, row: usize) -> Option<String> {
    let texts = batch.column_by_name(column)?.as_string_opt::<i32>()?;
    texts.is_valid(row).then(|| texts.value(row).to_string())
}

/// What a row says of its upstream relations; `None` where it says nothing, or nothing that fft wrote.
pub fn builds(text: Option<String>) -> Option<LiteMap<String, String>> {
    serde_json::from_str(&text?).ok()
}

pub fn identity(text: Option<String>) -> Option<Identity> {
    serde_json::from_str(&text?).ok()
}
