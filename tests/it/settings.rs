//! What is set at relations beside their rows, read back from Postgres's own catalog.

use crate::postgres::{query, sandbox, server};
use crate::project::Sandbox;

/// Names of indexes are made of digests: what tells them apart is what they are.
const INDEXES: &str = "select regexp_replace(indexdef, 'INDEX [a-z_0-9]+ ON', 'INDEX ON') from pg_indexes
                       where schemaname = 'analytics' and tablename = 'users' order by 1";
/// Who may do what.
const RIGHTS: &str = "select c.relname, a.privilege_type, pg_get_userbyid(a.grantee)
                      from pg_class c, aclexplode(c.relacl) a
                      where c.relnamespace = 'analytics'::regnamespace and c.relname in ('users', 'adults')
                        and a.grantee <> c.relowner order by 1, 2, 3";
const COMMENTS: &str = "select c.relname, coalesce(a.attname, ''), d.description
                        from pg_description d join pg_class c on c.oid = d.objoid
                        left join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid and d.objsubid > 0
                        where c.relnamespace = 'analytics'::regnamespace and c.relname in ('users', 'adults')
                        order by 1, 2";
/// The table itself, as long as it stands.
const NUMBER: &str = "select 'analytics.users'::regclass::oid, pg_relation_filenode('analytics.users')";

fn project(dsn: &str, roles: &[&str]) -> Sandbox {
    for role in roles {
        query(dsn, &format!("do $$ begin create role {role}; exception when duplicate_object then null; end $$"));
    }
    let sandbox = sandbox(dsn);
    sandbox.write("models/users.ff.sql", "select 1 as id, 40 as age, 'ada' as name\n");
    let view = "{{ config(materialized='view') }}\nselect id, age from {{ ref('users') }} where age > 17\n";
    sandbox.write("models/adults.ff.sql", view);
    sandbox.write("models/mart.ff.sql", "select count(*) as n from {{ ref('adults') }}\n");
    sandbox
}

fn declare(sandbox: &Sandbox, models: &str) {
    sandbox.write("project.yml", &format!("name: story\nversion: '1.0'\nmodels:\n{models}"));
}

/// Status and primary code of each node.
fn became(sandbox: &Sandbox) -> Vec<String> {
    let rows = sandbox.rows();
    rows.iter().map(|(name, row)| format!("{name} {} {}", row.status, row.primary_code)).collect()
}

#[test]
fn indexes_rights_and_comments_are_set_where_the_relation_stands_and_survive_its_builds() {
    let Some(dsn) = server::database() else { return };
    let sandbox = project(&dsn, &["fft_reporting", "\"Fft audit\"", "fft_other"]);
    let settings = "  indexes:\n    users: [{columns: [id], unique: true}, {columns: [name, age], type: btree}]\n  \
                    grants:\n    '*': {select: [fft_reporting]}\n    mart: {select: []}\n    \
                    users: {select: [fft_reporting, Fft audit], update: fft_reporting}\n  \
                    persist_docs:\n    '*': {relation: true, columns: true}\n";
    declare(&sandbox, settings);
    let described = "models:\n  - name: users\n    description: It's people.\n    columns: [{name: ID, description: Number.}]\n  \
                     - name: adults\n    description: Of age.\n    columns: [{name: age, description: Years.}]\n";
    sandbox.write("models/all.yml", described);
    sandbox.fft("run").expect(0);
    let indexes = [
        "CREATE INDEX ON analytics.users USING btree (name, age)",
        "CREATE UNIQUE INDEX ON analytics.users USING btree (id)",
    ];
    let rights = [
        "adults|SELECT|fft_reporting",
        "users|SELECT|Fft audit",
        "users|SELECT|fft_reporting",
        "users|UPDATE|fft_reporting",
    ];
    let comments = ["adults||Of age.", "adults|age|Years.", "users||It's people.", "users|id|Number."];
    assert_eq!(query(&dsn, INDEXES), indexes);
    assert_eq!(query(&dsn, RIGHTS), rights);
    assert_eq!(query(&dsn, COMMENTS), comments);

    // New rows in the table that stands, and then other columns, for which it is swapped.
    sandbox.write("models/users.ff.sql", "select 2 as id, 50 as age, 'grace' as name\n");
    sandbox.fft("run").expect(0);
    let stands = query(&dsn, NUMBER);
    sandbox.write("models/users.ff.sql", "select 3 as id, 60 as age, 'alan' as name, true as known\n");
    sandbox.fft("run").expect(0);
    assert_ne!(query(&dsn, NUMBER), stands, "it was swapped");
    assert_eq!(query(&dsn, INDEXES), indexes);
    assert_eq!(query(&dsn, RIGHTS), rights);
    assert_eq!(query(&dsn, COMMENTS), comments);

    // Others give rights too, which stay.
    query(&dsn, "grant select on analytics.users to fft_other; grant delete on analytics.users to fft_reporting");
    let stands = query(&dsn, NUMBER);
    declare(&sandbox, &settings.replace(", Fft audit], update: fft_reporting", "]").replace(", unique: true", ""));
    sandbox.write("models/all.yml", &described.replace("It's people.", "People"));
    let told = sandbox.fft("run").expect(0);
    told.says("settings applied: comments (comment on the relation, and 2 more)");
    assert_eq!(
        became(&sandbox),
        [
            "adults.ff skipped upstream_output_identical",
            "mart.ff skipped upstream_output_identical",
            "users.ff skipped settings_applied"
        ]
    );
    assert_eq!(query(&dsn, NUMBER), stands, "it is the table that it was");
    assert_eq!(query(&dsn, INDEXES), ["CREATE INDEX ON analytics.users USING btree (id)", indexes[0]]);
    let left = [rights[0], "users|DELETE|fft_reporting", "users|SELECT|fft_other", rights[2]];
    assert_eq!(query(&dsn, RIGHTS), left);
    assert_eq!(query(&dsn, COMMENTS)[2], "users||People");
    sandbox.fft("run").expect(0);
    assert!(became(&sandbox).iter().all(|one| one.ends_with("skipped all_inputs_equal")), "{:?}", became(&sandbox));
    sandbox.fft("verify").expect(0);

    let page = sandbox.read("site/dag/nodes/users.ff.html");
    for words in ["Indexes", "index on (id) · index on (name, age) by btree", "Grants", "select to fft_reporting"] {
        assert!(page.contains(words), "{words}");
    }

    // Nothing is declared any more: nothing of fft's is left, though this checkout didn't give it.
    declare(&sandbox, "  {}\n");
    std::fs::remove_dir_all(sandbox.path(".fastflowtransform")).unwrap();
    sandbox.fft("run").expect(0).says("settings applied");
    assert!(became(&sandbox)[2].ends_with("skipped settings_applied"), "{:?}", became(&sandbox));
    assert_eq!(query(&dsn, INDEXES), [""; 0]);
    assert_eq!(query(&dsn, RIGHTS), ["users|DELETE|fft_reporting", "users|SELECT|fft_other"]);
    assert_eq!(query(&dsn, COMMENTS), [""; 0]);
}

#[test]
fn rows_that_break_a_unique_index_and_roles_that_are_not_there_leave_what_stood() {
    let Some(dsn) = server::database() else { return };
    let sandbox = project(&dsn, &[]);
    sandbox.write("models/users.ff.sql", "select 1 as id, 40 as age union all select 1, 41\n");
    declare(&sandbox, "  indexes: {users: [{columns: [age]}]}\n");
    sandbox.fft("run").expect(0);
    let stood = (query(&dsn, NUMBER), query(&dsn, INDEXES), query(&dsn, "select * from analytics.users order by age"));
    let stands =
        || (query(&dsn, NUMBER), query(&dsn, INDEXES), query(&dsn, "select * from analytics.users order by age"));
    declare(&sandbox, "  indexes: {users: [{columns: [id], unique: true}]}\n");
    let told = sandbox.fft("run").expect(1);
    told.says("rows of analytics.users break its unique index on (id)").says("Key (id)=(1) is duplicated");
    assert_eq!(stands(), stood);
    // The same with new rows in the place of the old ones.
    sandbox.write("models/users.ff.sql", "select 2 as id, 40 as age union all select 2, 41\n");
    sandbox.fft("run").expect(1).says("rows of analytics.users break its unique index on (id)");
    assert_eq!(stands(), stood);
    declare(&sandbox, "  indexes: {users: [{columns: [age]}]}\n  grants: {users: {select: fft_nobody}}\n");
    sandbox.fft("run").expect(1).says("role \"fft_nobody\" does not exist");
    assert_eq!(stands(), stood);
    // A role that is gone has nothing to lose.
    query(&dsn, "create role fft_leaver");
    declare(&sandbox, "  indexes: {users: [{columns: [age]}]}\n  grants: {users: {select: fft_leaver}}\n");
    sandbox.write("models/users.ff.sql", "select 1 as id, 40 as age union all select 1, 41\n");
    sandbox.fft("run").expect(0);
    query(&dsn, "drop owned by fft_leaver; drop role fft_leaver");
    declare(&sandbox, "  indexes: {users: [{columns: [age]}]}\n");
    sandbox.fft("run").expect(0).says("settings applied: grants (select from fft_leaver taken)");
    // An index that was unique doesn't stand in the way of rows that are to be so no longer.
    sandbox.write("models/users.ff.sql", "select 1 as id, 40 as age\n");
    declare(&sandbox, "  indexes: {users: [{columns: [id], unique: true}]}\n");
    sandbox.fft("run").expect(0);
    sandbox.write("models/users.ff.sql", "select 1 as id, 40 as age union all select 1, 41\n");
    declare(&sandbox, "  indexes: {users: [{columns: [id]}]}\n");
    sandbox.fft("run").expect(0);
    assert_eq!(query(&dsn, INDEXES), ["CREATE INDEX ON analytics.users USING btree (id)"]);
}
