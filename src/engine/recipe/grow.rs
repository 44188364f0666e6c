//! For engines that keep each statement at once: how a table is extended by new rows that wait in a table beside it.
//!
//! One statement changes the table, which does all or nothing. Before it the table's mark says that an extension is begun,
//! and of which build the table was; behind it the ledger's row tells of the extension, and then the mark. Whoever finds a
//! mark that says so, and no such row, knows that the table holds what was built or what the extension made of it, and
//! extends it again: what is new is then found by what the table has.
//!
//! Where rows can't be changed, as in files that are written whole, or where columns go or get other types, the table is
//! made anew of what stands and of the new rows, in the way in which the engine replaces a table.

use super::extend::{Columns, Extend, find};
use super::{Action, Told};
use crate::dialect::{Create, Layout, Statement};
use crate::engine::{Before, RelationKind, Standing};
use crate::graph::Strategy;
use crate::plan::Column;
use std::ops::Range;

/// The table beside in which new rows wait.
pub const DELTA: &str = "delta";
/// The one in which all rows wait that no query gives, of which those are taken that are new.
const ALL: &str = "all";
/// What is made beside for an extension.
pub const WAITING: [&str; 2] = [DELTA, ALL];

/// A column that says of a row that it stands for all of its key that go; and one that counts equal rows.
const GONE: &str = "_ff_gone";
const COUNTED: &str = "_ff_n";

/// A table to extend, in one statement.
pub struct Grow<'a> {
    pub extend: &'a Extend<'a>,
    /// The build that the table is of.
    pub before: &'a Before,
}

/// A column that new rows bring, or the table has.
struct Carried {
    /// What it is called in the table, in quotes where it must be.
    name: String,
    /// What it is called in the new rows; none where they don't have it.
    new: Option<String>,
    /// The type that it is to have.
    sql_type: String,
    /// Its value in a row `d` of the new ones, and in one `t` of the table, each of that type.
    value: String,
    standing: String,
    fate: Fate,
}

/// What becomes of a column of the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stays,
    /// It gets another type.
    Retyped,
    /// The table gets it.
    Added,
}

impl Grow<'_> {
    /// Makes the new rows.
    pub fn stage(&self) -> Vec<Action> {
        let (extend, replace) = (self.extend, self.extend.replace);
        let mut actions = match extend.begin() {
            Ok(actions) => actions,
            Err(refused) => return vec![refused],
        };
        let all = replace.beside(ALL);
        match replace.query() {
            Some(query) => actions.push(Action::Make(self.make(&replace.dialect.without_terminator(query)))),
            None if extend.filters => {
                actions.push(Action::Load { into: all.clone(), temporary: false, layout: None });
                actions.push(Action::Fill(self.make(&replace.all_of(&all))));
                actions.push(Action::Run(replace.dialect.drop(RelationKind::Table, &all)));
            }
            None => actions.push(Action::Load { into: extend.delta.clone(), temporary: false, layout: None }),
        }
        actions
    }

    /// The table of new rows from a query without a terminator. It is nothing that is to be restored.
    fn make(&self, query: &str) -> Statement {
        let (extend, replace) = (self.extend, self.extend.replace);
        let head = if extend.filters { "select * from (\n" } else { "" };
        let tail = if extend.filters { format!("\n) as _ff_all where {}", extend.is_new()) } else { String::new() };
        let text = format!("{head}{query}{tail}");
        let mark = replace.mark.clone().map(|mark| mark.unfinished().text());
        let layout = Layout { transient: true, ..Layout::default() };
        let create = Create::new(RelationKind::Table, &extend.delta, &text);
        let statement = replace.dialect.create(&Create { mark: mark.as_deref(), layout: Some(&layout), ..create });
        let within = |all: Range<usize>| all.start + head.len()..all.start + head.len() + query.len();
        let of_model = replace.query().and(statement.query.clone());
        Statement { query: of_model.map(within), ..statement }
    }

    /// What must hold of the new rows before the table is touched, and what is told of them.
    pub fn check(&self, delta: &[Column]) -> Vec<Action> {
        let extend = self.extend;
        if let Some(refused) = extend.refused(delta, &extend.columns(delta)) {
            return vec![refused];
        }
        let mut actions = extend.checks(delta);
        let carried = self.carried(delta);
        let (target, new, same) = (extend.target_name(), extend.delta_name(), self.same_key(&carried));
        let known = |is: &str| {
            format!("select count(*) from {new} as d where {is}exists (select 1 from {target} as t where {same})")
        };
        match extend.how.strategy {
            Strategy::Append => {}
            Strategy::FullRefresh => unreachable!("invariant: such a table is always built anew"),
            Strategy::DeleteInsert => {
                actions.push(extend.told(Told::New, &known("not ")));
                actions.push(extend.told(Told::Updated, &known("")));
            }
            Strategy::Merge => {
                actions.push(extend.told(Told::New, &known("not ")));
                actions.extend(self.differ(&carried).map(|differ| {
                    let both = format!("{same} and ({differ})");
                    extend.told(Told::Updated, &format!("select count(*) from {new} as d join {target} as t on {both}"))
                }));
            }
        }
        actions
    }

    /// Whether the rows of the table are changed, where it isn't made anew.
    pub fn changes_rows(&self, delta: &[Column], standing: Option<&Standing>) -> bool {
        let (dialect, columns) = (self.extend.replace.dialect, self.extend.columns(delta));
        let format = standing.and_then(|standing| standing.format.as_deref());
        let format = format.or_else(|| dialect.table_format(self.extend.replace.layout));
        let moved = self.extend.follows() && !(columns.removed.is_empty() && columns.retyped.is_empty());
        format.is_none_or(|format| dialect.is_replaceable(format)) && !moved
    }

    /// Changes its rows.
    pub fn change(&self, delta: &[Column]) -> Vec<Action> {
        let (extend, replace) = (self.extend, self.extend.replace);
        let columns: Columns<'_> = extend.columns(delta);
        let mut actions = replace.open();
        actions.extend(replace.mark.clone().map(|mark| Action::Mark(mark.extending(self.before))));
        actions.extend(extend.add(&columns));
        actions.push(Action::Fill(self.statement(&self.carried(delta)).into()));
        actions.extend(replace.keep_extended());
        actions
    }

    /// The end, however it was done.
    pub fn end(&self) -> Vec<Action> {
        let drop = self.extend.replace.dialect.drop(RelationKind::Table, &self.extend.delta);
        vec![self.extend.told(Told::Rows, &self.extend.count()), Action::Run(drop)]
    }

    /// The statement that brings the new rows into the table.
    fn statement(&self, carried: &[Carried]) -> String {
        let (target, delta) = (self.extend.target_name(), self.extend.delta_name());
        let brought: Vec<&Carried> = carried.iter().filter(|column| column.new.is_some()).collect();
        let into = listed(&brought, |column| column.name.clone());
        let values = listed(&brought, |column| column.value.clone());
        let same = self.same_key(carried);
        match self.extend.how.strategy {
            Strategy::FullRefresh => unreachable!("invariant: such a table is always built anew"),
            Strategy::Append => format!("insert into {target} ({into}) {}", self.added(carried)),
            Strategy::DeleteInsert => {
                let new: Vec<String> = brought.iter().filter_map(|column| column.new.clone()).collect();
                let keys: Vec<String> = brought
                    .iter()
                    .filter(|column| self.is_key(column))
                    .filter_map(|column| column.new.clone())
                    .collect();
                let (new, keys) = (new.join(", "), keys.join(", "));
                let numbered = format!("row_number() over (partition by {keys} order by {keys}) as {COUNTED}");
                format!(
                    "merge into {target} as t using (select {new}, false as {GONE} from {delta} union all select {new}, true \
                     from (select {new}, {numbered} from {delta}) as _ff_keys where {COUNTED} = 1) as d on {same} and \
                     d.{GONE} when matched then delete when not matched and not d.{GONE} then insert ({into}) values \
                     ({values})"
                )
            }
            Strategy::Merge => {
                let set = |column: &&Carried| format!("{} = {}", column.name, column.value);
                let others = brought.iter().filter(|column| !self.is_key(column));
                let set = others.map(set).collect::<Vec<_>>().join(", ");
                let update = self
                    .differ(carried)
                    .map_or(String::new(), |differ| format!(" when matched and ({differ}) then update set {set}"));
                format!(
                    "merge into {target} as t using {delta} as d on {same}{update} when not matched then insert ({into}) \
                     values ({values})"
                )
            }
        }
    }

    /// All rows that the table is to have, as a query.
    pub fn whole(&self, delta: &[Column]) -> String {
        let carried = self.carried(delta);
        let all: Vec<&Carried> = carried.iter().collect();
        let (target, new, same) = (self.extend.target_name(), self.extend.delta_name(), self.same_key(&carried));
        let stays = listed(&all, |column| format!("{} as {}", column.standing, column.name));
        let others =
            format!("select {stays} from {target} as t where not exists (select 1 from {new} as d where {same})");
        let value = |column: &Carried| format!("{} as {}", column.value, column.name);
        match self.extend.how.strategy {
            Strategy::FullRefresh => unreachable!("invariant: such a table is always built anew"),
            Strategy::Append => {
                let comes = listed(&all, |column| match column.new {
                    Some(_) => format!("d.{0} as {0}", column.name),
                    None => value(column),
                });
                format!(
                    "select {stays} from {target} as t union all select {comes} from ({}) as d",
                    self.added(&carried)
                )
            }
            Strategy::DeleteInsert => {
                format!("{others} union all select {} from {new} as d", listed(&all, value))
            }
            // What new rows don't tell stays as it was.
            Strategy::Merge => {
                let comes = listed(&all, |column| match column.new {
                    Some(_) => value(column),
                    None => format!("{} as {}", column.standing, column.name),
                });
                format!("{others} union all select {comes} from {new} as d left join {target} as t on {same}")
            }
        }
    }

    /// Rows that are added, by the names of the table: the new ones without those of the youngest that stand already, each as
    /// often as it does.
    fn added(&self, carried: &[Carried]) -> String {
        let extend = self.extend;
        let (dialect, target, delta) = (extend.replace.dialect, extend.target_name(), extend.delta_name());
        let brought: Vec<&Carried> = carried.iter().filter(|column| column.new.is_some()).collect();
        let values = listed(&brought, |column| format!("{} as {}", column.value, column.name));
        if !extend.filters {
            return format!("select {values} from {delta} as d");
        }
        let standing = listed(&brought, |column| format!("{} as {}", column.standing, column.name));
        let names = listed(&brought, |column| column.name.clone());
        let order: Vec<String> = extend.how.updated_at.iter().map(|name| extend.quoted(extend.target, name)).collect();
        let numbered = |values: Vec<&str>, row: &str| {
            let order = order.iter().map(|name| format!("{row}.{name}")).collect::<Vec<_>>().join(", ");
            format!("row_number() over (partition by {} order by {order}) as {COUNTED}", dialect.apart(&values))
        };
        let number = numbered(brought.iter().map(|column| column.value.as_str()).collect(), "d");
        let number_of_standing = numbered(brought.iter().map(|column| column.standing.as_str()).collect(), "t");
        let (younger, is_new, except) = (extend.is_younger(), extend.is_new(), dialect.except());
        format!(
            "select {values} from {delta} as d where {younger} union all select {names} from (select {values}, {number} from \
             {delta} as d where not ({younger}) {except} select {standing}, {number_of_standing} from {target} as t where \
             {is_new}) as _ff_left"
        )
    }

    /// Every column that the table is to have, in order.
    fn carried(&self, delta: &[Column]) -> Vec<Carried> {
        let (extend, dialect) = (self.extend, self.extend.replace.dialect);
        let of_table = extend.target.iter().filter_map(|column| {
            let (new, name) = (find(delta, &column.name), dialect.quote(&column.name));
            let retyped = new.filter(|new| extend.follows() && !extend.holds(column, new));
            let sql_type = retyped.map_or(&column.r#type, |new| &new.r#type).clone();
            let value = match new {
                Some(new) if new.r#type == sql_type => format!("d.{}", dialect.quote(&new.name)),
                Some(new) => dialect.converted(&format!("d.{}", dialect.quote(&new.name)), &sql_type),
                None if extend.follows() => return None,
                None => dialect.converted("null", &sql_type),
            };
            let own = format!("t.{name}");
            let (standing, fate) = match retyped {
                Some(_) => (dialect.converted(&own, &sql_type), Fate::Retyped),
                None => (own, Fate::Stays),
            };
            Some(Carried { name, new: new.map(|new| dialect.quote(&new.name)), sql_type, value, standing, fate })
        });
        let added = extend.columns(delta).added.into_iter().filter(|_| extend.adds()).map(|column| {
            let name = dialect.quote(&column.name);
            let standing = dialect.converted("null", &column.r#type);
            let (value, sql_type) = (format!("d.{name}"), column.r#type.clone());
            Carried { new: Some(name.clone()), name, sql_type, value, standing, fate: Fate::Added }
        });
        of_table.chain(added).collect()
    }

    fn is_key(&self, column: &Carried) -> bool {
        self.extend.is_key(&column.name)
    }

    fn same_key(&self, carried: &[Carried]) -> String {
        let keys = carried.iter().filter(|column| self.is_key(column));
        keys.map(|column| format!("{} = {}", column.standing, column.value)).collect::<Vec<_>>().join(" and ")
    }

    /// Whether a row that stands is another one than the new one with its key; none where there is nothing beside the key. A
    /// column that the table is to get makes it another one where it has a value.
    fn differ(&self, carried: &[Carried]) -> Option<String> {
        let (dialect, text) = (self.extend.replace.dialect, self.extend.replace.dialect.text_type());
        let others = carried.iter().filter(|column| column.new.is_some() && !self.is_key(column));
        let differ = others.map(|column| match column.fate {
            Fate::Stays => dialect.differ(&column.standing, &column.value, &column.sql_type),
            Fate::Retyped => {
                format!("cast(t.{} as {text}) is distinct from cast({} as {text})", column.name, column.value)
            }
            Fate::Added => format!("{} is not null", column.value),
        });
        let differ = differ.collect::<Vec<_>>().join(" or ");
        (!differ.is_empty()).then_some(differ)
    }
}

/// What is told of each column, with commas between.
fn listed(columns: &[&Carried], told: impl Fn(&Carried) -> String) -> String {
    columns.iter().map(|column| told(column)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{BigQuery, Dialect, Snowflake, Spark};
    use crate::digest::Digest;
    use crate::engine::beside::beside;
    use crate::engine::recipe::Replace;
    use crate::engine::recipe::tests::listed;
    use crate::engine::{Content, Mark};
    use crate::graph::{Incremental, OnCodeChange, OnSchemaChange};
    use crate::name::{NodeName, RelationName};

    fn columns(names: &[&str]) -> Vec<Column> {
        let column = |name: &&str| {
            let (name, kind) = name.split_once(' ').unwrap_or((name, "int"));
            Column { name: name.into(), r#type: kind.into() }
        };
        names.iter().map(column).collect()
    }

    struct Case<'a> {
        dialect: &'a dyn Dialect,
        strategy: Strategy,
        on_schema_change: OnSchemaChange,
        filters: bool,
        target: &'a [&'a str],
        delta: &'a [&'a str],
    }

    impl Case<'_> {
        /// What is done in the end: the actions that change the table, or the query that it is made of anew.
        fn told(&self) -> Vec<String> {
            let (relation, content) = (RelationName::new(None, Some("s"), "t"), Content::Query("select 1"));
            let mark = Mark {
                node: NodeName::new("t.ff"),
                project: "shop".into(),
                fingerprint: Digest([7; 32]),
                built_at: "now".into(),
                run_id: "r".into(),
                before: None,
            };
            let before = Before { fingerprint: Digest([6; 32]), built_at: "then".into(), run_id: "q".into() };
            let replace = Replace {
                dialect: self.dialect,
                relation: &relation,
                kind: RelationKind::Table,
                content: &content,
                run_id: "r",
                mark: Some(mark.clone()),
                layout: None,
                bracketed: false,
                post_hooks: &[(1, "grant it".into())],
                settings: None,
                pending: &|_| false,
            };
            let key = if self.strategy == Strategy::Append { Vec::new() } else { vec!["id".into()] };
            let how = Incremental {
                strategy: self.strategy,
                unique_key: key,
                updated_at: vec!["ts".into()],
                on_schema_change: self.on_schema_change,
                on_code_change: OnCodeChange::Full,
            };
            let (target, delta) = (columns(self.target), columns(self.delta));
            let waits = beside(&relation, DELTA, "r");
            let extend = Extend { replace: &replace, how: &how, filters: self.filters, target: &target, delta: waits };
            let grow = Grow { extend: &extend, before: &before };
            let told =
                if grow.changes_rows(&delta, None) { listed(&grow.change(&delta)) } else { vec![grow.whole(&delta)] };
            let short = |text: String| {
                let text = text.replace(&beside(&relation, DELTA, "r").name, "‹new›");
                text.replace(&mark.text(), "‹mark›").replace(&mark.clone().extending(&before).text(), "‹extending›")
            };
            told.into_iter().map(short).collect()
        }
    }

    #[test]
    fn one_statement_changes_rows_between_two_marks() {
        let case = Case {
            dialect: &Snowflake,
            strategy: Strategy::Merge,
            on_schema_change: OnSchemaChange::AppendNewColumns,
            filters: false,
            target: &["id", "v"],
            delta: &["id", "v text", "more date"],
        };
        let merge = "fill merge into s.t as t using s.‹new› as d on t.id = d.id when matched and (t.v is distinct from \
                     cast(d.v as int) or d.more is not null) then update set v = cast(d.v as int), more = d.more when not \
                     matched then insert (id, v, more) values (d.id, cast(d.v as int), d.more)";
        assert_eq!(
            case.told(),
            [
                "confirm",
                "mark ‹extending›",
                "run alter table s.t add column more date",
                merge,
                "hook 1 grant it",
                "identify",
                "record built",
                "mark ‹mark›"
            ]
        );
    }

    #[test]
    fn rows_of_a_key_go_and_come_in_one_statement() {
        let case = Case {
            dialect: &BigQuery,
            strategy: Strategy::DeleteInsert,
            on_schema_change: OnSchemaChange::Ignore,
            filters: false,
            target: &["id", "v"],
            delta: &["id", "v"],
        };
        let keys = "select id, v, row_number() over (partition by id order by id) as _ff_n from s.‹new›";
        let told = case.told();
        let merge = told.iter().find(|line| line.starts_with("fill")).unwrap();
        assert_eq!(
            *merge,
            format!(
                "fill merge into s.t as t using (select id, v, false as _ff_gone from s.‹new› union all select id, v, true \
                 from ({keys}) as _ff_keys where _ff_n = 1) as d on t.id = d.id and d._ff_gone when matched then delete \
                 when not matched and not d._ff_gone then insert (id, v) values (d.id, d.v)"
            )
        );
    }

    #[test]
    fn a_table_of_plain_files_is_made_of_what_stays_and_what_comes() {
        let spark = Spark::default();
        let case = |strategy, on_schema_change, filters, delta| Case {
            dialect: &spark,
            strategy,
            on_schema_change,
            filters,
            target: &["id", "ts", "old"],
            delta,
        };
        let others = "where not exists (select 1 from s.‹new› as d where t.id = d.id) union all select";
        assert_eq!(
            case(Strategy::Merge, OnSchemaChange::AppendNewColumns, false, &["id", "ts"]).told(),
            [format!(
                "select t.id as id, t.ts as ts, t.old as old from s.t as t {others} d.id as id, d.ts as ts, t.old as old from \
                 s.‹new› as d left join s.t as t on t.id = d.id"
            )]
        );
        assert_eq!(
            case(Strategy::DeleteInsert, OnSchemaChange::SyncAllColumns, false, &["id", "ts string", "new"]).told(),
            [format!(
                "select t.id as id, cast(t.ts as string) as ts, cast(null as int) as new from s.t as t {others} d.id as id, \
                 d.ts as ts, d.new as new from s.‹new› as d"
            )]
        );
        let younger = "coalesce(ts > (select max(ts) from s.t), false)";
        let number = |row| format!("row_number() over (partition by {row}.id, {row}.ts order by {row}.ts) as _ff_n");
        assert_eq!(
            case(Strategy::Append, OnSchemaChange::AppendNewColumns, true, &["id", "ts"]).told(),
            [format!(
                "select t.id as id, t.ts as ts, t.old as old from s.t as t union all select d.id as id, d.ts as ts, cast(null \
                 as int) as old from (select d.id as id, d.ts as ts from s.‹new› as d where {younger} union all select id, ts \
                 from (select d.id as id, d.ts as ts, {} from s.‹new› as d where not ({younger}) except select t.id as id, \
                 t.ts as ts, {} from s.t as t where ts is null or ts >= (select max(ts) from s.t) or (select max(ts) from \
                 s.t) is null) as _ff_left) as d",
                number("d"),
                number("t")
            )]
        );
    }
}
