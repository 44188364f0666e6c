//! Skips by columns on random projects: queries that are written as SQL for fft and evaluated here for themselves. After
//! each run every table must hold what its query gives over what stands upstream.

use super::query::{Expr, Form, Joined, KEY, NAMES, Query, Random, Table};
use super::town::Town;
use crate::dialect::{Dialect, DuckDb, Postgres};
use crate::graph::{Materialization, NodeKind};
use crate::lineage::shape;
use crate::plan::*;
use std::collections::{BTreeMap, BTreeSet};

enum Body {
    Seed(Table),
    Sql(Query),
}

/// A project, what it holds, and what its tables hold.
struct World {
    random: Random,
    bodies: Vec<(String, Body, Materialization)>,
    tables: BTreeMap<String, Table>,
    /// What views were made as.
    views: BTreeMap<String, Query>,
    town: Town,
    dialect: Box<dyn Dialect>,
    /// A name that shapes are to miss.
    blind: Option<&'static str>,
}

impl World {
    fn new(seed: u64) -> World {
        let mut random = Random(seed);
        let mut bodies: Vec<(String, Body, Materialization)> = Vec::new();
        for at in 0..2 {
            bodies.push((format!("s{at}"), Body::Seed(seed_rows(&mut random)), Materialization::Table));
        }
        let dialect: Box<dyn Dialect> = if random.one_in(2) { Box::new(DuckDb) } else { Box::new(Postgres) };
        let (tables, views, town) = (BTreeMap::new(), BTreeMap::new(), Town::new(&[]));
        let mut world = World { random, bodies, tables, views, town, dialect, blind: None };
        for at in 0..3 + world.random.below(6) {
            let query = world.query();
            let materialization = match world.random.below(8) {
                0 => Materialization::View,
                1 => Materialization::Ephemeral,
                _ => Materialization::Table,
            };
            world.bodies.push((format!("n{at}"), Body::Sql(query), materialization));
        }
        world.write();
        world
    }

    /// Columns that a node has by its text.
    fn columns(&self, name: &str) -> Vec<String> {
        match &self.bodies.iter().find(|(known, ..)| known == name).unwrap().1 {
            Body::Seed(table) => table.columns.clone(),
            Body::Sql(query) if query.form == Form::Star => self.columns(&query.reads[0]),
            Body::Sql(query) => {
                let more = (query.form == Form::Group).then(|| "n".to_string());
                query.items.iter().map(|(alias, _)| alias.clone()).chain(more).collect()
            }
        }
    }

    /// A query over nodes that are there.
    fn query(&mut self) -> Query {
        let names: Vec<String> = self.bodies.iter().map(|(name, ..)| name.clone()).collect();
        let mut reads = vec![self.random.pick(&names).clone()];
        let other = self.random.pick(&names).clone();
        if self.random.one_in(3) && other != reads[0] {
            reads.push(other);
        }
        let joined = *self.random.pick(&[Joined::On, Joined::On, Joined::Using, Joined::Natural]);
        let forms = [
            Form::List,
            Form::List,
            Form::List,
            Form::Nested,
            Form::Nested,
            Form::Group,
            Form::Distinct,
            Form::Star,
            Form::Limit,
        ];
        let form = *self.random.pick(&forms);
        let mut query = Query { reads, joined, filter: None, items: vec![], form, comment: 0 };
        if form == Form::Star {
            query.reads.truncate(1);
        }
        query.items.push((KEY.into(), Expr::Column(0, KEY.into())));
        for alias in NAMES.iter().take(1 + self.random.below(NAMES.len())) {
            let expr = self.expression(&query);
            query.items.push((alias.to_string(), expr));
        }
        if self.random.one_in(3) {
            let (input, name) = self.column(&query);
            query.filter = Some((input, name, self.random.below(3) as i64));
        }
        query
    }

    fn column(&mut self, query: &Query) -> (usize, String) {
        let input = self.random.below(query.reads.len());
        let columns = self.columns(&query.reads[input]);
        (input, self.random.pick(&columns).clone())
    }

    fn expression(&mut self, query: &Query) -> Expr {
        let (input, name) = self.column(query);
        match self.random.below(4) {
            0 => Expr::Plus(input, name, self.random.below(5) as i64),
            1 => Expr::Number(self.random.below(9) as i64),
            _ => Expr::Column(input, name),
        }
    }

    /// The project's files.
    fn write(&mut self) {
        let names: Vec<(String, String)> = self
            .bodies
            .iter()
            .map(|(name, body, _)| match body {
                Body::Seed(_) => (name.clone(), String::new()),
                Body::Sql(query) => (name.clone(), query.reads.join(" ")),
            })
            .collect();
        let pairs: Vec<(&str, &str)> = names.iter().map(|(name, up)| (name.as_str(), up.as_str())).collect();
        let specs = Town::new(&pairs).specs;
        let before = std::mem::replace(&mut self.town.specs, specs);
        for at in 0..self.bodies.len() {
            let (_, body, materialization) = &self.bodies[at];
            let text = match body {
                Body::Seed(table) => format!("{table:?}"),
                Body::Sql(query) => query.sql(&mut Random(at as u64)),
            };
            let spec = &mut self.town.specs[at];
            (spec.materialization, spec.text) = (*materialization, text);
            spec.kind = if matches!(body, Body::Seed(_)) { NodeKind::Seed } else { NodeKind::Sql };
        }
        drop(before);
    }

    /// Whether some text may name a column; then it isn't taken away.
    fn names(&self, column: &str) -> bool {
        self.bodies.iter().any(|(_, body, _)| match body {
            Body::Seed(_) => false,
            Body::Sql(query) => query.used().any(|(_, name)| name == column),
        })
    }

    fn edit(&mut self) {
        let at = self.random.below(self.bodies.len());
        let random = self.random.below(8);
        let Body::Sql(query) = &self.bodies[at].1 else {
            self.bodies[at].1 = Body::Seed(seed_rows(&mut self.random));
            return;
        };
        let mut query = query.clone();
        let item = 1 + self.random.below(query.items.len() - 1);
        match random {
            0..=2 => query.items[item].1 = self.expression(&query),
            3 => {
                let (input, name) = self.column(&query);
                query.filter =
                    if self.random.one_in(2) { None } else { Some((input, name, self.random.below(3) as i64)) };
            }
            4 => {
                let free = NAMES.iter().find(|name| !query.items.iter().any(|(alias, _)| alias == *name));
                let expr = self.expression(&query);
                query.items.extend(free.map(|name| (name.to_string(), expr)));
            }
            5 if query.items.len() > 2 && !self.names(&query.items[item].0) => drop(query.items.remove(item)),
            6 => {
                let last = query.items.len() - 1;
                query.items.swap(item, last);
            }
            _ => query.comment += 1,
        }
        self.bodies[at].1 = Body::Sql(query);
    }

    /// What reading a node gives: of a view by what it was made as.
    fn gives(&self, name: &str) -> Table {
        let (_, body, materialization) = self.bodies.iter().find(|(known, ..)| known == name).unwrap();
        match (materialization, body) {
            (Materialization::Table, _) => self.tables.get(name).cloned().unwrap_or_default(),
            (Materialization::View, _) => self.views.get(name).map(|query| self.evaluate(query)).unwrap_or_default(),
            (_, Body::Sql(query)) => self.evaluate(query),
            (_, Body::Seed(table)) => table.clone(),
        }
    }

    fn evaluate(&self, query: &Query) -> Table {
        query.rows(&query.reads.iter().map(|name| self.gives(name)).collect::<Vec<_>>())
    }

    fn shapes(&self) -> std::sync::Arc<[Option<shape::Shape>]> {
        let one = |(at, (_, body, _)): (usize, &(String, Body, Materialization))| match body {
            Body::Seed(_) => None,
            Body::Sql(_) => Some(self.shape(&self.town.specs[at].text)),
        };
        self.bodies.iter().enumerate().map(one).collect::<Vec<_>>().into()
    }

    fn shape(&self, text: &str) -> shape::Shape {
        let mut shape = shape::of(text, self.dialect.grammar());
        if let Some(name) = self.blind {
            shape.names.remove(name);
            if let Ok(list) = &mut shape.list {
                list.names.remove(name);
                list.items.iter_mut().for_each(|item| {
                    item.names.remove(name);
                });
            }
        }
        shape
    }

    /// Carries out a plan for some nodes; how many were skipped by columns.
    fn run(&mut self, selected: BTreeSet<usize>, mode: CacheMode) -> usize {
        self.write();
        let request = Request { selected, mode, shapes: Some(self.shapes()), ..Request::default() };
        let plan = self.town.run(&request);
        for decision in plan.decisions.iter().filter(|decision| decision.action == Action::Build) {
            let (name, body, materialization) = &self.bodies[decision.node];
            let (name, materialization) = (name.clone(), *materialization);
            let mut rows = match body {
                Body::Seed(table) => table.clone(),
                Body::Sql(query) if materialization == Materialization::View => {
                    self.views.insert(name, query.clone());
                    continue;
                }
                Body::Sql(query) => self.evaluate(query),
            };
            // Where rows lie is the database's affair.
            let turn = self.random.below(rows.rows.len() + 1);
            rows.rows.rotate_left(turn);
            if materialization == Materialization::Table {
                self.tables.insert(name, rows);
            }
        }
        let unread = |decision: &&Decision| decision.primary().code == Code::ColumnsUnread;
        for decision in plan.decisions.iter().filter(unread) {
            assert!(decision.checks.iter().all(|check| check.ok) && decision.role.is_none());
            let Body::Sql(query) = &self.bodies[decision.node].1 else { panic!("a seed reads nothing") };
            let is_left = query.reads.iter().all(|name| self.is_left(&plan, name));
            assert!(
                self.blind.is_some() || query.form != Form::Limit || is_left,
                "which rows a limit takes isn't known"
            );
        }
        plan.decisions.iter().filter(unread).count()
    }

    /// Whether nothing that a node reads was built, where it stores nothing itself.
    fn is_left(&self, plan: &Plan, name: &str) -> bool {
        let at = self.bodies.iter().position(|(known, ..)| known == name).unwrap();
        match &self.bodies[at] {
            (_, Body::Sql(query), Materialization::Ephemeral) => {
                query.reads.iter().all(|name| self.is_left(plan, name))
            }
            _ => plan.decisions[at].action != Action::Build,
        }
    }

    /// The first table that doesn't hold what its query gives over what stands upstream.
    fn stale(&self, told: &str) -> Option<String> {
        for (name, body, materialization) in &self.bodies {
            if *materialization != Materialization::Table {
                continue;
            }
            let expected = match body {
                Body::Seed(table) => table.clone(),
                Body::Sql(query) if query.form == Form::Limit => continue,
                Body::Sql(query) => self.evaluate(query),
            };
            if self.gives(name).sorted() != expected.sorted() {
                let texts = self.town.specs.iter().map(|spec| format!("\n{}: {}", spec.name, spec.text));
                return Some(format!("{told}: {name} is stale{}", texts.collect::<String>()));
            }
        }
        None
    }
}

fn seed_rows(random: &mut Random) -> Table {
    let columns: Vec<String> = [KEY, "a", "b", "c"].map(String::from).into();
    let row = |random: &mut Random| (0..columns.len()).map(|_| random.below(4) as i64).collect();
    let count = 2 + random.below(4);
    Table { rows: (0..count).map(|_| row(random)).collect(), columns }
}

/// What random runs came to: skips by columns, runs with more than one, and the first table that was left stale.
#[derive(Default)]
struct Lived {
    skipped: usize,
    several: usize,
    stale: Option<String>,
}

/// Runs over projects that are edited, in part, without a record, and with edits that are taken back.
fn live(seeds: std::ops::Range<u64>, blind: Option<&'static str>) -> Lived {
    let mut lived = Lived::default();
    for seed in seeds {
        let mut world = World { blind, ..World::new(seed) };
        let all: BTreeSet<usize> = (0..world.bodies.len()).collect();
        world.run(all.clone(), CacheMode::Rw);
        for round in 0..6 {
            lived.stale = lived.stale.or_else(|| world.stale(&format!("{seed}, round {round}")));
            let kept: Vec<Body> = world.bodies.iter().map(|(_, body, _)| copy(body)).collect();
            for _ in 0..1 + world.random.below(2) {
                world.edit();
            }
            if world.random.one_in(3) {
                // Some nodes alone, or without a record: others go on from there.
                let some = all.iter().copied().filter(|_| world.random.one_in(2)).collect();
                let mode = if world.random.one_in(3) { CacheMode::Ro } else { CacheMode::Rw };
                world.run(some, mode);
            }
            if world.random.one_in(4) {
                // The edit is taken back.
                for (body, before) in world.bodies.iter_mut().zip(kept) {
                    body.1 = before;
                }
            }
            let found = world.run(all.clone(), CacheMode::Rw);
            lived.skipped += found;
            lived.several += usize::from(found > 1);
        }
        lived.stale = lived.stale.or_else(|| world.stale(&format!("{seed}, in the end")));
    }
    lived
}

#[test]
fn no_table_is_left_with_other_rows_than_its_query_gives() {
    let lived = live(0..150, None);
    assert_eq!(lived.stale, None);
    assert!(lived.skipped > 40 && lived.several > 5, "{} skips, {} with more", lived.skipped, lived.several);
}

/// What the test above is worth: of a shape that misses one name, it finds the rows that are stale for it.
#[test]
fn a_name_that_is_missed_is_found_out() {
    assert!(live(0..150, Some("a")).stale.is_some());
}

fn copy(body: &Body) -> Body {
    match body {
        Body::Seed(table) => Body::Seed(table.clone()),
        Body::Sql(query) => Body::Sql(query.clone()),
    }
}

/// Without the setting nothing is skipped by columns, and nothing is recorded of them.
#[test]
fn nothing_changes_where_it_is_off() {
    let mut town = Town::new(&[("s", ""), ("a", "s"), ("b", "a")]);
    town.node("a").text = "select id, name from s".into();
    town.node("b").text = "select id from a".into();
    town.run_all();
    town.node("a").text = "select id, upper(name) as name from s".into();
    let plan = town.run_all();
    assert_eq!(plan.decisions[2].primary().code, Code::UpstreamChanged);
    assert!(town.state.entries.values().all(|entry| entry.by_column.is_none()));
}

/// What a skip says of itself, and of how far it holds.
#[test]
fn the_proof_names_what_is_read_and_what_changed() {
    let mut town = Town::new(&[("s", ""), ("a", "s"), ("b", "a"), ("c", "b"), ("d", "a")]);
    town.node("a").text = "select id, name, n from s".into();
    town.node("b").text = "select id, n + 1 as m from a where n > 0".into();
    town.node("c").text = "select count(*) as rows, max(m) as m from b".into();
    town.node("d").text = "select lower(name) as name from a".into();
    let run = |town: &mut Town| {
        let shape =
            |spec: &super::town::Spec| (spec.kind == NodeKind::Sql).then(|| shape::of(&spec.text, DuckDb.grammar()));
        let shapes: Vec<_> = town.specs.iter().map(shape).collect();
        let request = Request { shapes: Some(shapes.into()), ..town.all() };
        town.run(&request)
    };
    run(&mut town);
    town.node("a").text = "select id, upper(name) as name, n from s".into();
    let plan = run(&mut town);
    let code = |plan: &Plan, at: usize| plan.decisions[at].primary().code;
    assert_eq!(
        [1, 2, 3, 4].map(|at| code(&plan, at)),
        [Code::SqlChanged, Code::ColumnsUnread, Code::ColumnsUnread, Code::UpstreamChanged]
    );
    let said = |at: usize| super::town::said(plan.decisions[at].primary());
    assert_eq!(said(2), "changed columns not read: a (reads id, n; changed: name)");
    assert_eq!(said(3), "changed columns not read: b (reads m; nothing of that changed)");
    let told: Vec<String> =
        plan.decisions[2].checks.iter().map(|check| crate::artifact::wire::Check::from(check).evidence).collect();
    assert!(told.contains(&"of a it reads id, n; changed: name".to_string()), "{told:?}");
    assert!(told.contains(&"nothing that this reads of what is upstream changed".to_string()), "{told:?}");
    // What was skipped took the new fingerprints: the next run has nothing to do.
    let again = run(&mut town);
    assert!(again.decisions.iter().all(|one| one.primary().code == Code::AllInputsEqual));
    // The other way round, and then something that is read.
    town.node("a").text = "select id, name, n from s".into();
    assert_eq!(code(&run(&mut town), 2), Code::ColumnsUnread);
    town.node("a").text = "select id, name, n + 1 as n from s".into();
    let plan = run(&mut town);
    assert_eq!(
        [2, 3, 4].map(|at| code(&plan, at)),
        [Code::UpstreamChanged, Code::UpstreamChanged, Code::ColumnsUnread]
    );
}
