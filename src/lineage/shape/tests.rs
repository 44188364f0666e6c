//! What texts say by themselves, and queries that try to read a column without naming it or to give other rows.

use super::*;
use crate::dialect::{BigQuery, Dialect, DuckDb, Postgres, Snowflake};

fn duck(text: &str) -> Shape {
    of(text, DuckDb.grammar())
}

/// Whether a change of column `x` of what it reads could change nothing of its rows, by its text.
fn may_leave(text: &str, dialect: &dyn Dialect) -> bool {
    let shape = of(text, dialect.grammar());
    shape.unsteady.is_none() && shape.all.is_none() && !shape.names.contains("x")
}

#[test]
fn whatever_may_read_a_column_is_seen() {
    for text in [
        "select id from t where x > 1",
        "with u as (select id, x from t) select id from u",
        "select a.id from t as a join s as b using (x)",
        "select id from t natural join s",
        "select t.* from t",
        "select * exclude (y) from t",
        "select a, * from t",
        "select count(*) filter (where X > 1) from t",
        "select count(T) as n from t",
        "select max(u) as n from t as u",
        "select to_json(u) as j from t u",
        "select u from t as u",
        "select id from t order by \"X\" limit 3",
        "select id from t qualify row_number() over (partition by id order by x) = 1",
        "select (select max(y) from s where s.k = t.x) as m from t",
        "select id from t where exists (select 1 from s where s.y = X)",
        "select id from t, lateral (select t.x as y) as l",
        "select id, y as z from (select id, x as y from t) as q",
        "select id from t where (id, x) in (select 1, 2)",
        "select a from t as q(a, b)",
        "from t",
        "from t select *",
        "table t",
        "select columns('.*') from t",
        "select id from (t join s on t.k = s.k) as j where j.x = 1",
        "select id from t group by all order by x",
        "select id from t union all select * from s",
        "select unnest(y) as y from t",
        "select id from t pivot (sum(n) for k in ('a'))",
        "pivot t on k using sum(n)",
        "select #2 as y from t",
        "select id from t asof join s on t.k = s.k and t.at >= s.at",
        "select id from t positional join s",
        "select distinct on (id) id from t",
        "select struct_pack(a := y) as s from t",
    ] {
        assert!(!may_leave(text, &DuckDb), "{text}: {:?}", duck(text));
    }
}

#[test]
fn whatever_may_give_other_rows_is_seen() {
    for text in [
        "select id from t limit 2",
        "select id from t fetch first 2 rows only",
        "select id from t using sample 10%",
        "select id from t tablesample (10)",
        "select random() as r from t",
        "select now() as r from t",
        "select current_date as d from t",
        "select t.ctid as d from t",
        "select nextval('s') as n from t",
        "select s.nextval as n from t",
        "select 'now'::timestamp as d from t",
        "select date 'today' as d from t",
        "select mine(id) as d from t",
        "select public.upper(id) as d from t",
        "select \"upper\"(id) as d from t",
        "select row_number() over () as n from t",
        "select string_agg(id, ',') as ids from t",
        "select first(id) as n from t",
        "select id from t where id = getvariable('v')",
        "select id from read_csv('t.csv')",
        "select id from query('select 1 as id')",
        "select id from t where id > ?",
        "select id from t for update",
        "select x: id from t",
    ] {
        assert!(duck(text).unsteady.is_some(), "{text}: {:?}", duck(text));
    }
    let pipes = of("from t |> where id > 1 |> limit 3", BigQuery.grammar());
    assert!(pipes.unsteady.is_some() && pipes.list.is_err(), "{pipes:?}");
    assert!(of("select $1 as a from t", Snowflake.grammar()).unsteady.is_some());
    assert!(of("select (id from t", Postgres.grammar()).unsteady.is_some());
}

#[test]
fn usual_queries_are_followed() {
    for text in [
        "select id, lower(trim(name)) as name from t",
        "select t.id, s.n * 2 as n from t join s on s.k = t.k where t.n is not null",
        "with a as (select id, n from t where n > 0), b as (select id, sum(n) as n from a group by id) select * from b",
        "select id, count(*) as n, sum(amount) as total from t group by 1 order by 2",
        "select id from t union select id from s",
        "select case when n in (1, 2) then 'a' else coalesce(m, 'b') end as c from t",
        "select id from t where n between 1 and 2 and not exists (select 1 from s where s.id = t.id)",
        "select cast(n as decimal(10, 2)) as n, n::varchar(3) as m from t",
    ] {
        for dialect in [&DuckDb as &dyn Dialect, &Postgres] {
            let shape = of(text, dialect.grammar());
            assert_eq!(shape.unsteady, None, "{text}");
            assert!(shape.all.is_none() || text.contains("select *"), "{text}: {:?}", shape.all);
        }
    }
}

#[test]
fn columns_are_told_apart_where_rows_do_not_hang_on_them() {
    let list = |text: &str| duck(text).list;
    let found =
        list("with u as (select id, name from t)\nselect id, upper(u.name) as shown, n from u where id > 1").unwrap();
    let names: Vec<&str> = found.items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["id", "shown", "n"]);
    assert!(found.items[1].names.contains("name") && !found.items[1].names.contains("shown"));
    for text in [
        "select distinct id from t",
        "select id, count(*) as n from t group by id",
        "select max(id) as n from t",
        "select id from t limit 1",
        "select * from t",
        "select id, t.* from t",
        "select a + 1 from t",
        "select a, b as A from t",
        "select id from t union all select id from s",
        "select 1 as one",
        "select id from t group by id having count(*) > 1",
    ] {
        assert!(list(text).is_err(), "{text}");
    }
}

#[test]
fn an_edit_is_told_by_its_columns() {
    let edit = |before: &str, after: &str| super::edit(&duck(before), &duck(after));
    let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
    let columns = |added: &[&str], changed: &[&str], removed: &[&str]| Edit::Columns {
        added: names(added),
        changed: names(changed),
        removed: names(removed),
    };
    let base = "select id, trim(name) as name, n from t where n > 0";
    assert_eq!(edit(base, "select id, upper(trim(name)) as name, n from t where n > 0"), columns(&[], &["name"], &[]));
    assert_eq!(edit(base, "select n, -- first\n id, trim(name) as name from t where n > 0"), columns(&[], &[], &[]));
    assert_eq!(edit(base, "select id, n, m from t where n > 0"), columns(&["m"], &[], &["name"]));
    assert!(matches!(edit(base, "select id, trim(name) as name, n from t where n > 1"), Edit::Rows(_)));
    assert!(matches!(edit(base, "select * from t where n > 0"), Edit::Rows(_)));
    // `where` may mean the column of the list: then the rows hang on it.
    let aliased = "select id, a + 1 as b from t where b > 0";
    assert!(matches!(edit(aliased, "select id, a + 2 as b from t where b > 0"), Edit::Rows(_)));
    let postgres = |text: &str| of(text, Postgres.grammar());
    let told = super::edit(&postgres(aliased), &postgres("select id, a + 2 as b from t where b > 0"));
    assert_eq!(told, columns(&[], &["b"], &[]));
    // So may a column of the list behind it.
    let reused = "select a + 1 as b, b * 2 as c from t";
    assert_eq!(edit(reused, "select a + 2 as b, b * 2 as c from t"), columns(&[], &["b", "c"], &[]));
    assert_eq!(
        of_logical("select id from ‹ref:a.ff› where id > 1", DuckDb.grammar()).list.map(|list| list.items.len()),
        Ok(1)
    );
}
