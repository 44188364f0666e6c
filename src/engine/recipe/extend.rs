//! How a table is extended by rows that are made once; where the engine has transactions, where it stands. What others do
//! in the place of [`Extend::stage`] and [`Extend::place`] is told in `grow`.
//!
//! The new rows are made first, in a temporary table, by one evaluation of the model's query. Then they are looked at:
//! their columns, whether each has its key, whether a key is there twice. Only then is the table touched, and all of it
//! is kept together with the row of the ledger, or nothing.
//!
//! *What is new.* Where the model's text doesn't say it, rows are read that are as young as the youngest of the table or
//! younger, and those without a time. The youngest are read again: one that came late with the same time isn't lost, and
//! those that stand already are merged into themselves or, where rows are only added, taken away by comparing them.

use super::{Action, Replace, Told};
use crate::dialect::{Dialect, Statement};
use crate::graph::{Incremental, OnSchemaChange, Strategy};
use crate::name::RelationName;
use crate::plan::{Column, Increment};

/// Keys that a message names at most.
const NAMED: usize = 5;

/// A table to extend.
pub struct Extend<'a> {
    pub replace: &'a Replace<'a>,
    pub how: &'a Incremental,
    /// The content gives all rows.
    pub filters: bool,
    /// What the table has.
    pub target: &'a [Column],
    /// Where the new rows wait.
    pub delta: RelationName,
}

/// What is done to a table's columns for the sake of new rows.
#[derive(Debug, Default)]
pub(super) struct Columns<'a> {
    pub added: Vec<&'a Column>,
    pub removed: Vec<&'a Column>,
    /// As they are in the new rows.
    pub retyped: Vec<&'a Column>,
}

/// A column that new rows bring.
struct Shared<'a> {
    dialect: &'a dyn Dialect,
    /// What it is called in them, and what in the table.
    new: String,
    standing: String,
    /// The table's type, where that is another one and stays.
    converted: Option<String>,
}

impl Shared<'_> {
    /// Its value in a new row, whose columns have `row` in front.
    fn value(&self, row: &str) -> String {
        let value = format!("{row}{}", self.new);
        self.converted.as_ref().map_or(value.clone(), |sql_type| self.dialect.converted(&value, sql_type))
    }
}

impl Extend<'_> {
    /// Makes the new rows.
    pub fn stage(&self) -> Vec<Action> {
        let mut actions = match self.begin() {
            Ok(actions) => actions,
            Err(refused) => return vec![refused],
        };
        actions.push(match self.replace.query() {
            Some(query) => Action::Make(self.make(query)),
            None => Action::Load { into: self.delta.clone(), temporary: true, layout: None },
        });
        if self.filters && self.replace.query().is_none() {
            let delete = format!("delete from {} where not ({})", self.delta_name(), self.is_new());
            actions.push(Action::Fill(delete.into()));
        }
        actions
    }

    /// What is asked of the table before the new rows are made; an error why they can't be.
    pub(super) fn begin(&self) -> Result<Vec<Action>, Action> {
        let mut actions = Vec::new();
        if self.target.is_empty() {
            return Err(self.refuse("isn't there any more".into(), "run it again: it is built anew then"));
        }
        if self.filters {
            if let Some(missing) = self.how.updated_at.iter().find(|name| find(self.target, name).is_none()) {
                let words = format!("has no column `{missing}`, which `updated_at_columns` names");
                return Err(self.refuse(words, "name a column that the model gives"));
            }
            let since = |name: &String| self.told(Told::Since(name.clone()), &self.greatest(name));
            actions.extend(self.how.updated_at.iter().map(since));
        }
        if self.how.strategy == Strategy::Append {
            actions.push(self.told(Told::Before, &self.count()));
        }
        Ok(actions)
    }

    fn make(&self, query: &str) -> Statement {
        let query = self.replace.dialect.without_terminator(query);
        let head = format!("create temporary table {} as (\n", self.delta_name());
        let made = if self.filters {
            let tail = format!("\n) as _ff_all where {}\n)", self.is_new());
            Statement::around(&format!("{head}select * from (\n"), &query, &tail)
        } else {
            Statement::around(&head, &query, "\n)")
        };
        Statement { makes: Some(self.delta.clone()), ..made }
    }

    /// Brings rows with these columns into the table.
    pub fn place(&self, delta: &[Column]) -> Vec<Action> {
        let columns = self.columns(delta);
        if let Some(refused) = self.refused(delta, &columns) {
            return vec![refused];
        }
        let mut actions = self.checks(delta);
        // Rows that come may break an index that is no longer wanted, and columns that are altered any; those that are
        // wanted are made again once the rows are there.
        let alters = self.follows() && !(columns.removed.is_empty() && columns.retyped.is_empty());
        let settled = self.replace.settled();
        let dropped = settled.map(|settled| if alters { settled.without_indexes() } else { settled.outgrown() });
        actions.extend(dropped.unwrap_or_default().into_iter().map(Action::Run));
        actions.extend(self.alter(&columns));
        actions.extend(self.bring(&self.shared(delta)));
        actions.push(Action::Run(format!("drop table {}", self.delta_name()).into()));
        actions.push(self.told(Told::Rows, &self.count()));
        actions.push(Action::Confirm);
        actions.extend(self.replace.keep());
        actions
    }

    /// What becomes of the table's columns, as it is told.
    pub fn told_columns(&self, delta: &[Column]) -> Increment {
        let columns = self.columns(delta);
        let all = |list: &[&Column]| list.iter().map(|column| (*column).clone()).collect();
        let (follows, adds) = (self.follows(), self.adds());
        let when = |wanted: bool, list: &[&Column]| if wanted { all(list) } else { Vec::new() };
        Increment {
            columns_added: when(adds, &columns.added),
            columns_left_out: when(!adds, &columns.added),
            columns_removed: when(follows, &columns.removed),
            columns_retyped: when(follows, &columns.retyped),
            ..Increment::default()
        }
    }

    /// Whether the table gets new columns.
    pub(super) fn adds(&self) -> bool {
        matches!(self.how.on_schema_change, OnSchemaChange::AppendNewColumns | OnSchemaChange::SyncAllColumns)
    }

    /// Whether it loses columns and changes their types.
    pub(super) fn follows(&self) -> bool {
        self.how.on_schema_change == OnSchemaChange::SyncAllColumns
    }

    pub(super) fn columns<'c>(&'c self, delta: &'c [Column]) -> Columns<'c> {
        let missing = |of: &'c [Column], from: &[Column]| -> Vec<&'c Column> {
            of.iter().filter(|column| find(from, &column.name).is_none()).collect()
        };
        let retyped = delta
            .iter()
            .filter(|column| find(self.target, &column.name).is_some_and(|standing| !self.holds(standing, column)));
        Columns { added: missing(delta, self.target), removed: missing(self.target, delta), retyped: retyped.collect() }
    }

    /// Columns that can't be brought together.
    pub(super) fn refused(&self, delta: &[Column], columns: &Columns<'_>) -> Option<Action> {
        let names = |list: &[&Column]| list.iter().map(|column| format!("`{}`", column.name)).collect::<Vec<_>>();
        let on_change = self.how.on_schema_change;
        if let Some(key) = self.how.unique_key.iter().find(|name| find(delta, name).is_none()) {
            let words = format!("can't be extended: the model gives no column `{key}`, which `unique_key` names");
            return Some(self.refuse(words, "name columns that the model gives"));
        }
        if on_change == OnSchemaChange::Ignore && !columns.removed.is_empty() {
            let words = format!("has {}, which the model no longer gives", names(&columns.removed).join(", "));
            let hint = "`on_schema_change` says what is done then: `append_new_columns` leaves it null in new rows, \
                        `sync_all_columns` drops it; `--full-refresh` builds it anew";
            return Some(self.refuse(words, hint));
        }
        let all = [("new", &columns.added), ("gone", &columns.removed), ("of another type", &columns.retyped)];
        let told = all.iter().filter(|(_, list)| !list.is_empty());
        let told: Vec<String> = told.map(|(what, list)| format!("{} {what}", names(list).join(", "))).collect();
        if on_change == OnSchemaChange::Fail && !told.is_empty() {
            let words = format!("has other columns than the model gives now: {}", told.join("; "));
            return Some(
                self.refuse(words, "`--full-refresh` builds it anew; `on_schema_change` may say something else"),
            );
        }
        None
    }

    /// What must hold of the new rows before the table is touched.
    pub(super) fn checks(&self, delta: &[Column]) -> Vec<Action> {
        let key = &self.how.unique_key;
        if key.is_empty() || self.how.strategy == Strategy::Append {
            return Vec::new();
        }
        let names: Vec<String> = key.iter().map(|name| self.quoted(delta, name)).collect();
        let (listed, from) = (key.join(", "), self.delta_name());
        let text = |what: &str| format!("cast({what} as {})", self.replace.dialect.text_type());
        let null = names.iter().map(|name| format!("{name} is null")).collect::<Vec<_>>().join(" or ");
        let count = text("count(*)");
        let nulls = format!("select {count} as refuted from {from} where {null} having count(*) > 0");
        let refute = |query: String, message: String, hint: &str| Action::Refute {
            query: query.into(),
            message,
            hint: hint.into(),
        };
        let mut actions = vec![refute(
            nulls,
            format!("new rows have no key, `{listed}` being null: this many"),
            "a row without a key can't be found again: leave such rows out, or give them one",
        )];
        if self.how.strategy == Strategy::Merge {
            let told = names.iter().map(|name| text(name)).collect::<Vec<_>>().join(" || ', ' || ");
            let (group, most) = (names.join(", "), NAMED + 1);
            let query = format!(
                "select {told} as refuted from {from} group by {group} having count(*) > 1 order by {group} limit {most}"
            );
            actions.push(refute(
                query,
                format!("new rows hold a key twice, of `{listed}`"),
                "the model must give one row a key; `delete_insert` takes several",
            ));
        }
        actions
    }

    /// Gives the table the columns that are new, where it gets them.
    pub(super) fn add(&self, columns: &Columns<'_>) -> Vec<Action> {
        let add = |column: &&Column| {
            let name = self.replace.dialect.quote(&column.name);
            Action::Run(format!("alter table {} add column {name} {}", self.target_name(), column.r#type).into())
        };
        columns.added.iter().filter(|_| self.adds()).map(add).collect()
    }

    fn alter(&self, columns: &Columns<'_>) -> Vec<Action> {
        let (dialect, target) = (self.replace.dialect, self.target_name());
        let alter = |what: String| Action::Run(format!("alter table {target} {what}").into());
        let name = |column: &Column| dialect.quote(&column.name);
        let mut actions = self.add(columns);
        if self.follows() {
            actions.extend(columns.removed.iter().map(|column| alter(format!("drop column {}", name(column)))));
            actions.extend(columns.retyped.iter().map(|column| {
                let standing = find(self.target, &column.name).map_or(&column.name, |found| &found.name);
                let (name, r#type) = (dialect.quote(standing), &column.r#type);
                alter(format!("alter column {name} type {type} using cast({name} as {type})"))
            }));
        }
        actions
    }

    /// Columns that new rows bring, by what they are called in the table.
    fn shared(&self, delta: &[Column]) -> Vec<Shared<'_>> {
        let dialect = self.replace.dialect;
        let one = |column: &Column| {
            let new = dialect.quote(&column.name);
            let Some(standing) = find(self.target, &column.name) else {
                return self.adds().then(|| Shared { dialect, standing: new.clone(), new, converted: None });
            };
            let other = !self.follows() && standing.r#type != column.r#type;
            let converted = other.then(|| standing.r#type.clone());
            Some(Shared { dialect, new, standing: dialect.quote(&standing.name), converted })
        };
        delta.iter().filter_map(one).collect()
    }

    fn bring(&self, shared: &[Shared<'_>]) -> Vec<Action> {
        let (target, delta) = (self.target_name(), self.delta_name());
        let into = shared.iter().map(|column| column.standing.as_str()).collect::<Vec<_>>().join(", ");
        let from = shared.iter().map(|column| column.value("d.")).collect::<Vec<_>>().join(", ");
        let fill = |text: String| Action::Fill(text.into());
        let same_key = self.same_key(shared);
        let known = format!("exists (select 1 from {target} as t where {same_key})");
        let new = |is_not: &str| format!("select count(*) from {delta} as d where {is_not}{known}");
        match self.how.strategy {
            Strategy::Append => vec![fill(format!("insert into {target} ({into}) {}", self.unlike_standing(shared)))],
            Strategy::FullRefresh => unreachable!("invariant: such a table is always built anew"),
            Strategy::DeleteInsert => vec![
                self.told(Told::New, &new("not ")),
                self.told(Told::Updated, &new("")),
                fill(format!("delete from {target} as t where exists (select 1 from {delta} as d where {same_key})")),
                fill(format!("insert into {target} ({into}) select {from} from {delta} as d")),
            ],
            Strategy::Merge => {
                let mut actions = vec![self.told(Told::New, &new("not "))];
                actions.extend(self.update(shared, &same_key));
                actions.push(fill(format!(
                    "insert into {target} ({into}) select {from} from {delta} as d where not {known}"
                )));
                actions
            }
        }
    }

    /// Brings rows that stand to what new ones with their keys have, where they differ.
    fn update(&self, shared: &[Shared<'_>], same_key: &str) -> Vec<Action> {
        let (target, delta, text) = (self.target_name(), self.delta_name(), self.replace.dialect.text_type());
        let values: Vec<_> = shared.iter().filter(|column| !self.is_key(&column.standing)).collect();
        if values.is_empty() {
            return Vec::new();
        }
        let set = values.iter().map(|column| format!("{} = {}", column.standing, column.value("d.")));
        let set = set.collect::<Vec<_>>().join(", ");
        // As texts: some types have no equality.
        let differs = values.iter().map(|column| {
            let (standing, new) = (&column.standing, column.value("d."));
            format!("cast(t.{standing} as {text}) is distinct from cast({new} as {text})")
        });
        let differs = differs.collect::<Vec<_>>().join(" or ");
        let both = format!("{same_key} and ({differs})");
        vec![
            self.told(Told::Updated, &format!("select count(*) from {delta} as d join {target} as t on {both}")),
            Action::Fill(format!("update {target} as t set {set} from {delta} as d where {both}").into()),
        ]
    }

    pub(super) fn is_key(&self, standing: &str) -> bool {
        self.how.unique_key.iter().any(|name| self.quoted(self.target, name) == standing)
    }

    fn same_key(&self, shared: &[Shared<'_>]) -> String {
        let keys = shared.iter().filter(|column| self.is_key(&column.standing));
        keys.map(|column| format!("t.{} = {}", column.standing, column.value("d."))).collect::<Vec<_>>().join(" and ")
    }

    /// The new rows without those of the youngest that stand already, each as often as it does.
    fn unlike_standing(&self, shared: &[Shared<'_>]) -> String {
        let (target, delta) = (self.target_name(), self.delta_name());
        let new = shared.iter().map(|column| column.value("")).collect::<Vec<_>>().join(", ");
        let standing = shared.iter().map(|column| column.standing.as_str()).collect::<Vec<_>>().join(", ");
        if !self.filters {
            return format!("select {new} from {delta}");
        }
        let younger = self.is_younger();
        format!(
            "select {new} from {delta} where {younger} union all (select {new} from {delta} where not ({younger}) \
             except all select {standing} from {target} where {})",
            self.is_new()
        )
    }

    /// Whether a column holds all that a new one of its name may.
    pub(super) fn holds(&self, standing: &Column, new: &Column) -> bool {
        self.replace.dialect.holds(&standing.r#type, &new.r#type)
    }

    /// Whether a row is younger than the youngest of the table.
    pub(super) fn is_younger(&self) -> String {
        let younger =
            |name: &String| format!("coalesce({} > ({}), false)", self.quoted(self.target, name), self.greatest(name));
        self.how.updated_at.iter().map(younger).collect::<Vec<_>>().join(" or ")
    }

    /// Whether a row is as young as the youngest of the table, or younger.
    pub(super) fn is_new(&self) -> String {
        let one = |name: &String| {
            let (column, greatest) = (self.quoted(self.target, name), self.greatest(name));
            format!("{column} is null or {column} >= ({greatest}) or ({greatest}) is null")
        };
        self.how.updated_at.iter().map(one).collect::<Vec<_>>().join(" or ")
    }

    /// The greatest value that the table has in a column.
    fn greatest(&self, name: &str) -> String {
        format!("select max({}) from {}", self.quoted(self.target, name), self.target_name())
    }

    pub(super) fn count(&self) -> String {
        format!("select count(*) from {}", self.target_name())
    }

    /// Asks for one value.
    pub(super) fn told(&self, told: Told, query: &str) -> Action {
        let text = self.replace.dialect.text_type();
        Action::Tell { told, query: format!("select cast(({query}) as {text}) as told").into() }
    }

    pub(super) fn quoted(&self, columns: &[Column], name: &str) -> String {
        self.replace.dialect.quote(find(columns, name).map_or(name, |column| &column.name))
    }

    pub(super) fn target_name(&self) -> String {
        self.replace.dialect.relation(self.replace.relation)
    }

    pub(super) fn delta_name(&self) -> String {
        self.replace.dialect.relation(&self.delta)
    }

    fn refuse(&self, words: String, hint: &str) -> Action {
        let within = RelationName { catalog: None, ..self.replace.relation.clone() };
        Action::Refuse { message: format!("{within} {words}"), hint: hint.into() }
    }
}

/// The column of that name, in whatever case it was written.
pub(super) fn find<'c>(columns: &'c [Column], name: &str) -> Option<&'c Column> {
    let exact = columns.iter().find(|column| column.name == name);
    exact.or_else(|| columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::DuckDb;
    use crate::engine::recipe::tests::listed;
    use crate::engine::{Content, RelationKind};
    use crate::graph::OnCodeChange;

    fn columns(names: &[&str]) -> Vec<Column> {
        let column = |name: &&str| match name.split_once(' ') {
            Some((name, kind)) => Column { name: name.into(), r#type: kind.into() },
            None => Column { name: name.to_string(), r#type: "int".into() },
        };
        names.iter().map(column).collect()
    }

    /// What is done with `select 1`, whose columns are `delta`, for a table that has `target`.
    fn told(how: &Incremental, filters: bool, target: &[&str], delta: &[&str]) -> (Vec<String>, Vec<String>) {
        let (relation, content) = (RelationName::new(None, Some("s"), "t"), Content::Query("select 1"));
        let replace = Replace {
            dialect: &DuckDb,
            relation: &relation,
            kind: RelationKind::Table,
            content: &content,
            run_id: "run",
            mark: None,
            layout: None,
            bracketed: false,
            post_hooks: &[],
            settings: None,
            pending: &|_| false,
        };
        let target = columns(target);
        let waits = DuckDb.temporary("_ff_delta");
        let extend = Extend { replace: &replace, how, filters, target: &target, delta: waits };
        (listed(&extend.stage()), listed(&extend.place(&columns(delta))))
    }

    fn how(strategy: Strategy, on_schema_change: OnSchemaChange) -> Incremental {
        let key = if strategy == Strategy::Append { Vec::new() } else { vec!["id".into()] };
        Incremental {
            strategy,
            unique_key: key,
            updated_at: vec!["ts".into()],
            on_schema_change,
            on_code_change: OnCodeChange::Full,
        }
    }

    const NEW: &str = "ts is null or ts >= (select max(ts) from s.t) or (select max(ts) from s.t) is null";

    #[test]
    fn rows_are_merged_where_they_differ_and_added_where_they_are_new() {
        let (stage, place) =
            told(&how(Strategy::Merge, OnSchemaChange::Ignore), true, &["id", "ts", "v"], &["id", "ts", "v"]);
        let made = format!(
            "make create temporary table temp.main._ff_delta as ( select * from ( select 1 ) as _ff_all where {NEW} )"
        );
        let since = "tell Since(\"ts\") select cast((select max(ts) from s.t) as varchar) as told";
        assert_eq!(stage, [since, &made]);
        let delta = "temp.main._ff_delta";
        let both = "t.id = d.id and (cast(t.ts as varchar) is distinct from cast(d.ts as varchar) or \
                    cast(t.v as varchar) is distinct from cast(d.v as varchar))";
        let not_there = "not exists (select 1 from s.t as t where t.id = d.id)";
        let tell = |what: &str, query: &str| format!("tell {what} select cast(({query}) as varchar) as told");
        assert_eq!(
            place,
            [
                format!(
                    "refute select cast(count(*) as varchar) as refuted from {delta} where id is null having count(*) > 0: \
                     new rows have no key, `id` being null: this many"
                ),
                format!(
                    "refute select cast(id as varchar) as refuted from {delta} group by id having count(*) > 1 order by id \
                     limit 6: new rows hold a key twice, of `id`"
                ),
                tell("New", &format!("select count(*) from {delta} as d where {not_there}")),
                tell("Updated", &format!("select count(*) from {delta} as d join s.t as t on {both}")),
                format!("fill update s.t as t set ts = d.ts, v = d.v from {delta} as d where {both}"),
                format!("fill insert into s.t (id, ts, v) select d.id, d.ts, d.v from {delta} as d where {not_there}"),
                format!("run drop table {delta}"),
                tell("Rows", "select count(*) from s.t"),
                "confirm".into(),
                "identify".into(),
                "record built".into(),
            ]
        );
    }

    #[test]
    fn rows_that_are_added_are_held_against_the_youngest_that_stand() {
        let (stage, place) = told(&how(Strategy::Append, OnSchemaChange::Ignore), true, &["ts"], &["ts"]);
        assert!(stage[1].starts_with("tell Before "), "{stage:?}");
        let younger = "coalesce(ts > (select max(ts) from s.t), false)";
        let expected = format!(
            "fill insert into s.t (ts) select ts from temp.main._ff_delta where {younger} union all (select ts from \
             temp.main._ff_delta where not ({younger}) except all select ts from s.t where {NEW})"
        );
        assert_eq!(place[0], expected);
        // What says itself what is new is taken at its word.
        let (stage, place) = told(&how(Strategy::Append, OnSchemaChange::Ignore), false, &["ts"], &["ts"]);
        assert!(
            stage[1].ends_with("make create temporary table temp.main._ff_delta as ( select 1 )") || stage.len() == 2
        );
        assert_eq!(place[0], "fill insert into s.t (ts) select ts from temp.main._ff_delta");
    }

    #[test]
    fn all_rows_of_a_key_are_replaced() {
        let (_, place) = told(&how(Strategy::DeleteInsert, OnSchemaChange::Ignore), false, &["id", "v"], &["id", "v"]);
        let delete =
            "fill delete from s.t as t where exists (select 1 from temp.main._ff_delta as d where t.id = d.id)";
        assert!(place.contains(&delete.to_string()), "{place:?}");
        assert!(!place.iter().any(|line| line.contains("twice")), "{place:?}");
    }

    #[test]
    fn other_columns_are_brought_over_as_is_asked_for() {
        let changed = (["id", "ts", "old", "v"], ["id", "ts", "new text", "v text"]);
        let of = |on_change| told(&how(Strategy::Merge, on_change), false, &changed.0, &changed.1).1;
        let refused = |lines: Vec<String>| {
            assert_eq!(lines.len(), 1, "{lines:?}");
            lines[0].split(" (").next().unwrap().to_string()
        };
        assert_eq!(refused(of(OnSchemaChange::Ignore)), "refuse s.t has `old`, which the model no longer gives");
        let told_all =
            "refuse s.t has other columns than the model gives now: `new` new; `old` gone; `v` of another type";
        assert_eq!(refused(of(OnSchemaChange::Fail)), told_all);
        let alters = |lines: Vec<String>| -> Vec<String> {
            lines.into_iter().filter(|line| line.starts_with("run alter")).collect()
        };
        assert_eq!(
            alters(of(OnSchemaChange::AppendNewColumns)),
            ["run alter table s.t add column \"new\" text".replace('"', "")]
        );
        assert_eq!(
            alters(of(OnSchemaChange::SyncAllColumns)),
            [
                "run alter table s.t add column new text",
                "run alter table s.t drop column old",
                "run alter table s.t alter column v type text using cast(v as text)"
            ]
        );
        let keyless = told(&how(Strategy::Merge, OnSchemaChange::SyncAllColumns), false, &["id"], &["other"]).1;
        let words = "refuse s.t can't be extended: the model gives no column `id`, which `unique_key` names";
        assert_eq!(refused(keyless), words);
        let gone = told(&how(Strategy::Merge, OnSchemaChange::Ignore), false, &[], &["id"]).0;
        assert_eq!(refused(gone), "refuse s.t isn't there any more");
    }
}
