//! The statements that keep the versions of a snapshot's rows: pure text from what the query gave and what stands.
//!
//! A version holds from `_ff_valid_from`, that moment included, to `_ff_valid_to`, that one left out; the current one has
//! no end. The rows of the query wait in a table that the session alone sees; what is different is found once, into
//! another one, and both the ends of old versions and the new ones are written from there.

use crate::dialect::{Create, Dialect, RelationKind, Statement};
use crate::engine::History;
use crate::graph::version::{HASH, IS_CURRENT, IS_DELETED, OWN, UPDATED_AT, VALID_FROM, VALID_TO};
use crate::graph::{Checked, HardDeletes, SnapshotStrategy};
use crate::name::RelationName;

/// A column's name and type, as the engine tells them.
pub type Column = (String, String);

/// What became of a row, in the table of changes alone.
const CHANGE: &str = "_ff_change";

/// Keys that an error names at most; one more is asked for, to know whether there are.
pub const NAMED: usize = 5;

/// Whether a table of these columns holds the history of a snapshot.
pub fn is_history(columns: &[Column]) -> bool {
    OWN.iter().all(|own| columns.iter().any(|(name, _)| name == own))
}

/// Tables that the session alone sees.
pub struct Scratch {
    /// What the query gave.
    pub rows: RelationName,
    pub changes: RelationName,
    /// Versions that are to go.
    pub old: RelationName,
}

impl Scratch {
    /// None where the dialect has no such tables.
    pub fn of(dialect: &dyn Dialect) -> Option<Scratch> {
        let name = |name: &str| dialect.temporary(name);
        let all = || Scratch { rows: name("_ff_rows"), changes: name("_ff_changes"), old: name("_ff_old") };
        dialect.keeps_history().then(all)
    }
}

/// Rows that no version can be made of: a query for their keys as texts `key`, and what is wrong with them.
pub struct Fault {
    pub query: Statement,
    pub message: &'static str,
    pub hint: &'static str,
}

/// A column of the query as the table has it.
struct Kept {
    /// Its name in the query, quoted.
    given: String,
    /// Its name in the table, quoted.
    name: String,
    /// Its type in the table.
    kind: String,
    /// The value of a row `s` of the query, of that type.
    value: String,
    /// The table lacks it.
    missing: bool,
}

/// A snapshot's query and its table, brought together.
pub struct Versioned<'a> {
    dialect: &'a dyn Dialect,
    history: &'a History<'a>,
    scratch: &'a Scratch,
    relation: &'a RelationName,
    columns: Vec<Kept>,
    /// Places in `columns`.
    key: Vec<usize>,
    compared: Vec<usize>,
    /// The type of times.
    time: String,
    /// Whether versions may say of a row that it is gone.
    tells_deleted: bool,
    /// It is to be added that they may.
    adds_deleted: bool,
}

/// The place of a column among those of a relation: by its name as it is, else by one of other letters.
fn find(columns: &[Column], name: &str) -> Option<usize> {
    let exact = columns.iter().position(|(other, _)| other == name);
    exact.or_else(|| columns.iter().position(|(other, _)| other.eq_ignore_ascii_case(name)))
}

/// That the query has no such column.
fn lacking(given: &[Column], what: &str, name: &str) -> String {
    let all = given.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    format!("its query has no column `{name}`, its `{what}`; it has {all}")
}

impl<'a> Versioned<'a> {
    /// `given` are the columns of the query, `standing` those of the table where one stands. An error says in words what
    /// the query lacks.
    pub fn new(
        dialect: &'a dyn Dialect,
        history: &'a History<'a>,
        scratch: &'a Scratch,
        relation: &'a RelationName,
        given: &[Column],
        standing: Option<&[Column]>,
    ) -> Result<Versioned<'a>, String> {
        let taken = |name: &str| OWN.iter().chain([&IS_DELETED, &CHANGE]).any(|own| name.eq_ignore_ascii_case(own));
        if let Some((name, _)) = given.iter().find(|(name, _)| taken(name)) {
            return Err(format!("its query has a column `{name}`, which is a snapshot's own"));
        }
        let place = |what: &str, name: &String| find(given, name).ok_or_else(|| lacking(given, what, name));
        let snapshot = history.snapshot;
        let places =
            |what: &str, names: &[String]| names.iter().map(|name| place(what, name)).collect::<Result<Vec<_>, _>>();
        let key = places("unique_key", &snapshot.key)?;
        let compared = match &snapshot.strategy {
            SnapshotStrategy::Timestamp(column) => vec![place("updated_at", column)?],
            SnapshotStrategy::Check(Checked::All) => (0..given.len()).filter(|at| !key.contains(at)).collect(),
            SnapshotStrategy::Check(Checked::Named(names)) => places("check_cols", names)?,
        };
        let of_table = |name: &str| standing.and_then(|columns| Some(&columns[find(columns, name)?]));
        let time = match (of_table(VALID_FROM), &snapshot.strategy) {
            (Some((_, kind)), _) => kind.clone(),
            (None, SnapshotStrategy::Timestamp(_)) => given[compared[0]].1.clone(),
            (None, SnapshotStrategy::Check(_)) => "timestamp".into(),
        };
        let told = of_table(IS_DELETED).is_some();
        let tells_deleted = told || snapshot.hard_deletes == HardDeletes::NewRecord;
        let kept = |(name, kind): &Column| {
            let known = of_table(name);
            let (own, own_kind) = known.map_or((name, kind), |(name, kind)| (name, kind));
            let own_column = format!("s.{}", dialect.quote(name));
            let value = if own_kind == kind { own_column } else { format!("cast({own_column} as {own_kind})") };
            let (given, name) = (dialect.quote(name), dialect.quote(own));
            Kept { given, name, kind: own_kind.clone(), value, missing: standing.is_some() && known.is_none() }
        };
        let columns = given.iter().map(kept).collect();
        let adds_deleted = standing.is_some() && tells_deleted && !told;
        let found = Versioned {
            dialect,
            history,
            scratch,
            relation,
            columns,
            key,
            compared,
            time,
            tells_deleted,
            adds_deleted,
        };
        match found.untimely() {
            Some(problem) => Err(problem),
            None => Ok(found),
        }
    }

    /// Why its times can't tell when a run was, where they must.
    fn untimely(&self) -> Option<String> {
        let (snapshot, time) = (self.history.snapshot, &self.time);
        match &snapshot.strategy {
            _ if self.is_in_time() => None,
            SnapshotStrategy::Check(_) => Some(format!(
                "its history tells times as {time}, in which the strategy `check` can't tell them: begin a new one with \
                 `--full-refresh`"
            )),
            SnapshotStrategy::Timestamp(_) if snapshot.hard_deletes != HardDeletes::Ignore => {
                Some(format!("`hard_deletes` needs an `updated_at` that is a date or a time, and it is {time}"))
            }
            SnapshotStrategy::Timestamp(_) => None,
        }
    }

    /// Whether the moment of a run can be told in the type of its times.
    fn is_in_time(&self) -> bool {
        let kind = self.time.to_lowercase();
        kind.contains("time") || kind.contains("date")
    }

    /// The moment of the run.
    fn now(&self) -> String {
        let moment = self.history.moment.strftime("%Y-%m-%d %H:%M:%S%.6f").to_string();
        let kind = self.time.to_lowercase();
        if kind.contains("with time zone") || kind.contains("timestamptz") {
            return format!("cast('{moment}+00' as {})", self.time);
        }
        let instant = format!("cast('{moment}' as timestamp)");
        if kind == "timestamp" { instant } else { format!("cast({instant} as {})", self.time) }
    }

    /// The later one of the run's moment and another one: no version ends before it begins, whatever clocks say.
    fn now_or(&self, other: &str) -> String {
        if self.is_in_time() { format!("greatest({}, {other})", self.now()) } else { other.into() }
    }

    /// When a row `s` was changed, as its version tells.
    fn updated(&self) -> String {
        match &self.history.snapshot.strategy {
            SnapshotStrategy::Timestamp(_) => {
                format!("cast(s.{} as {})", self.columns[self.compared[0]].given, self.time)
            }
            SnapshotStrategy::Check(_) => self.now(),
        }
    }

    fn text(&self, value: &str) -> String {
        format!("cast({value} as {})", self.dialect.text_type())
    }

    /// A digest of what is compared of a row `s`: each value behind its length, so that no two lists of values are alike.
    fn hash(&self) -> String {
        let one = |at: &usize| {
            let text = self.text(&self.columns[*at].value);
            format!("coalesce({} || ':' || {text}, '-')", self.text(&format!("length({text})")))
        };
        let all: Vec<String> = self.compared.iter().map(one).collect();
        format!("md5({})", if all.is_empty() { "''".into() } else { all.join(" || ") })
    }

    /// Whether a row `s` and one of the table under the name `other` have the same key.
    fn same_key(&self, other: &str) -> String {
        let equal = |at: &usize| format!("{other}.{} = {}", self.columns[*at].name, self.columns[*at].value);
        self.key.iter().map(equal).collect::<Vec<_>>().join(" and ")
    }

    /// Whether two rows that have the table's columns have the same key.
    fn equal_keys(&self, one: &str, other: &str) -> String {
        let equal = |at: &usize| format!("{one}.{name} = {other}.{name}", name = self.columns[*at].name);
        self.key.iter().map(equal).collect::<Vec<_>>().join(" and ")
    }

    fn keys_of(&self, of: &str) -> String {
        self.key.iter().map(|at| format!("{of}.{}", self.columns[*at].name)).collect::<Vec<_>>().join(", ")
    }

    /// Whether a row `s` is another one than the current version `t`. Values are compared as texts, which every type has,
    /// and once they have the table's types: what can't be kept there is no change.
    fn changed(&self) -> String {
        let mut ways: Vec<String> = match &self.history.snapshot.strategy {
            SnapshotStrategy::Timestamp(_) => vec![format!("{} > t.{UPDATED_AT}", self.updated())],
            SnapshotStrategy::Check(_) => {
                let differs = |at: &usize| {
                    let Kept { name, value, .. } = &self.columns[*at];
                    format!("{} is distinct from {}", self.text(value), self.text(&format!("t.{name}")))
                };
                self.compared.iter().map(differs).collect()
            }
        };
        ways.extend(self.tells_deleted.then(|| format!("t.{IS_DELETED}")));
        if ways.is_empty() { "1 = 0".into() } else { ways.join(" or ") }
    }

    fn table(&self) -> String {
        self.dialect.relation(self.relation)
    }

    fn rows(&self) -> String {
        self.dialect.relation(&self.scratch.rows)
    }

    fn changes(&self) -> String {
        self.dialect.relation(&self.scratch.changes)
    }

    /// What must not be: in the query, and in what stands.
    pub fn faults(&self, stands: bool) -> Vec<Fault> {
        let rows = format!("{} as s", self.rows());
        let values: Vec<&String> = self.key.iter().map(|at| &self.columns[*at].value).collect();
        let own: Vec<String> = self.key.iter().map(|at| format!("t.{}", self.columns[*at].name)).collect();
        let own: Vec<&String> = own.iter().collect();
        let twice = |from: &str, values: &[&String]| {
            let list = values.iter().map(|value| value.as_str()).collect::<Vec<_>>().join(", ");
            self.fault_query(from, values, &format!("group by {list} having count(*) > 1"))
        };
        let null = |from: &str, values: &[&String], and: &str| {
            let null = values.iter().map(|value| format!("{value} is null")).collect::<Vec<_>>().join(" or ");
            self.fault_query(from, values, &format!("where ({null}){and}"))
        };
        let hint = "nothing was changed; let the query give each key once, or name more columns as `unique_key`";
        let mut faults = vec![
            Fault { query: null(&rows, &values, ""), message: "a key is null in the rows of its query", hint },
            Fault { query: twice(&rows, &values), message: "a key is there twice in the rows of its query", hint },
        ];
        if let SnapshotStrategy::Timestamp(_) = self.history.snapshot.strategy {
            let undated = format!("where {} is null", self.updated());
            let query = self.fault_query(&rows, &values, &undated);
            let hint = "nothing was changed; give each row a value, or use the strategy `check`";
            faults.push(Fault { query, message: "`updated_at` is null in rows of its query", hint });
        }
        let added = self.key.iter().any(|at| self.columns[*at].missing);
        if stands && !added {
            let current = format!("{} as t", self.table());
            let own_hint = "nothing was changed; keep the key that its history goes by, or begin a new history with \
                            `--full-refresh`";
            let message = "its history has versions without the key";
            faults.push(Fault {
                query: null(&current, &own, &format!(" and t.{IS_CURRENT}")),
                message,
                hint: own_hint,
            });
            let current = format!("(select * from {} as t where t.{IS_CURRENT}) as t", self.table());
            let message = "its history has two current versions of a key";
            faults.push(Fault { query: twice(&current, &own), message, hint: own_hint });
        }
        faults
    }

    /// A column of the key is new to the table that stands: none of its versions has one.
    pub fn lacks_key(&self) -> Option<&str> {
        self.key.iter().map(|at| &self.columns[*at]).find(|column| column.missing).map(|column| column.name.as_str())
    }

    fn fault_query(&self, from: &str, values: &[&String], rest: &str) -> Statement {
        let text = |value: &&String| format!("coalesce({}, 'null')", self.text(value));
        let key = values.iter().map(text).collect::<Vec<_>>().join(" || ', ' || ");
        format!("select {key} as key from {from} {rest} order by 1 limit {}", NAMED + 1).into()
    }

    /// What makes the table where none stands: a version of each row.
    pub fn create(&self, layout: Option<&crate::dialect::Layout>) -> Statement {
        let columns: Vec<String> = self.columns.iter().map(|column| format!("s.{}", column.given)).collect();
        let deleted = if self.tells_deleted { format!(", false as {IS_DELETED}") } else { String::new() };
        let query = format!(
            "select {}, {updated} as {VALID_FROM}, cast(null as {}) as {VALID_TO}, true as {IS_CURRENT},
                    {} as {HASH}, {updated} as {UPDATED_AT}{deleted}
             from {} as s",
            columns.join(", "),
            self.time,
            self.hash(),
            self.rows(),
            updated = self.updated(),
        );
        let create = Create::new(RelationKind::Table, self.relation, &query);
        Statement { makes: None, ..self.dialect.create(&Create { layout, ..create }) }
    }

    /// What gives the table that stands the columns that it lacks; none is ever taken away.
    pub fn additions(&self) -> Vec<Statement> {
        let add = |name: &str, kind: &str| format!("alter table {} add column {name} {kind}", self.table());
        let missing = self.columns.iter().filter(|column| column.missing);
        let mut added: Vec<Statement> = missing.map(|column| add(&column.name, &column.kind).into()).collect();
        if self.adds_deleted {
            added.push(add(IS_DELETED, "boolean").into());
            added.push(format!("update {} set {IS_DELETED} = false", self.table()).into());
        }
        added
    }

    /// What finds the differences: the new version of each row that has one and, of what is gone, its last one.
    pub fn find_changes(&self) -> Statement {
        let list = |of: &dyn Fn(&Kept) -> String| self.columns.iter().map(of).collect::<Vec<_>>().join(", ");
        let given = list(&|column| format!("{} as {}", column.value, column.name));
        let (updated, before) = (self.updated(), format!("coalesce(t.{VALID_FROM}, e.{VALID_TO})"));
        let from = match &self.history.snapshot.strategy {
            SnapshotStrategy::Timestamp(_) => {
                let later = self.now_or(&before);
                format!("case when {before} is null or {updated} > {before} then {updated} else {later} end")
            }
            SnapshotStrategy::Check(_) => format!("coalesce({}, {updated})", self.now_or(&before)),
        };
        let deleted =
            |value: &str| if self.tells_deleted { format!(", {value} as {IS_DELETED}") } else { String::new() };
        let (table, rows) = (self.table(), self.rows());
        let mut query = format!(
            "select {given}, {from} as {VALID_FROM}, {} as {HASH}, {updated} as {UPDATED_AT}{},
                    case when t.{IS_CURRENT} then 'changed' else 'new' end as {CHANGE}
             from {rows} as s
             left join {table} as t on t.{IS_CURRENT} and {}
             left join (select {}, max(c.{VALID_TO}) as {VALID_TO} from {table} as c where not c.{IS_CURRENT}
                        group by {}) as e on {}
             where t.{IS_CURRENT} is null or {}",
            self.hash(),
            deleted("false"),
            self.same_key("t"),
            self.keys_of("c"),
            self.keys_of("c"),
            self.same_key("e"),
            self.changed(),
        );
        if self.history.snapshot.hard_deletes != HardDeletes::Ignore {
            let own = list(&|column| format!("t.{}", column.name));
            let known = if self.tells_deleted { format!(" and not t.{IS_DELETED}") } else { String::new() };
            let ended = self.now_or(&format!("t.{VALID_FROM}"));
            query += &format!(
                "\nunion all
             select {own}, {ended}, t.{HASH}, t.{UPDATED_AT}{}, 'gone'
             from {table} as t
             where t.{IS_CURRENT}{known} and not exists (select 1 from {rows} as s where {})",
                deleted("true"),
                self.same_key("t"),
            );
        }
        self.dialect.create_temporary(&self.scratch.changes, &query)
    }

    /// What counts the changes, as texts: rows that are new, changed and gone, and rows of the query.
    pub fn count(&self, stands: bool) -> Statement {
        let all = format!("(select count(*) from {})", self.rows());
        let of = |change: &str| format!("(select count(*) from {} where {CHANGE} = '{change}')", self.changes());
        let counts = if stands {
            [of("new"), of("changed"), of("gone"), all]
        } else {
            [all.clone(), "0".into(), "0".into(), all]
        };
        let [new, changed, gone, all] = counts.map(|count| self.text(&count));
        format!("select {new} as added, {changed} as changed, {gone} as gone, {all} as given").into()
    }

    /// Whether what is gone gets a version that says so.
    pub fn adds_gone(&self) -> bool {
        self.history.snapshot.hard_deletes == HardDeletes::NewRecord
    }

    /// What ends the versions that aren't current any longer, and adds the new ones.
    pub fn write(&self) -> [Statement; 2] {
        let (table, changes) = (self.table(), self.changes());
        let end = format!(
            "update {table} as t set {VALID_TO} = v.{VALID_FROM}, {IS_CURRENT} = false from {changes} as v
             where t.{IS_CURRENT} and v.{CHANGE} <> 'new' and {}",
            self.equal_keys("t", "v")
        );
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        let names = names.join(", ");
        let (own, deleted) = if self.tells_deleted {
            (format!(", {IS_DELETED}"), format!(", v.{IS_DELETED}"))
        } else {
            Default::default()
        };
        let which = if self.adds_gone() { String::new() } else { format!(" where v.{CHANGE} <> 'gone'") };
        let values: Vec<String> = self.columns.iter().map(|column| format!("v.{}", column.name)).collect();
        let add = format!(
            "insert into {table} ({names}, {VALID_FROM}, {VALID_TO}, {IS_CURRENT}, {HASH}, {UPDATED_AT}{own})
             select {}, v.{VALID_FROM}, cast(null as {}), true, v.{HASH}, v.{UPDATED_AT}{deleted} from {changes} as v{which}",
            values.join(", "),
            self.time,
        );
        [end.into(), add.into()]
    }

    /// What finds the versions behind the last `keep` of each key, and what deletes them. The current one always stays.
    pub fn prune(&self, keep: usize) -> [Statement; 2] {
        let (table, keys) = (self.table(), self.keys_of("t"));
        let find = format!(
            "select * from (
                 select {keys}, t.{VALID_FROM}, t.{VALID_TO}, t.{IS_CURRENT},
                        row_number() over (partition by {keys}
                            order by case when t.{IS_CURRENT} then 0 else 1 end, t.{VALID_FROM} desc, t.{VALID_TO} desc)
                            as _ff_place
                 from {table} as t) as numbered
             where _ff_place > {keep} and not {IS_CURRENT}"
        );
        let old = self.dialect.relation(&self.scratch.old);
        let delete = format!(
            "delete from {table} as t using {old} as o
             where not t.{IS_CURRENT} and t.{VALID_FROM} = o.{VALID_FROM} and t.{VALID_TO} = o.{VALID_TO} and {}",
            self.equal_keys("t", "o")
        );
        [self.dialect.create_temporary(&self.scratch.old, &find), delete.into()]
    }

    /// What counts the versions that are to go, as a text.
    pub fn count_old(&self) -> Statement {
        let old = self.dialect.relation(&self.scratch.old);
        format!("select {} as old", self.text(&format!("(select count(*) from {old})"))).into()
    }

    /// What counts the versions that stand, as a text.
    pub fn count_all(&self) -> Statement {
        format!("select {} as versions", self.text(&format!("(select count(*) from {})", self.table()))).into()
    }
}
