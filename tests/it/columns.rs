//! Skips by columns on random projects with random edits: what the database holds in the end is what it holds without.

use crate::project::Sandbox;

const MODELS: usize = 7;

/// A node that is skipped below one that was rebuilt: by columns, and with early cutoff by rows.
const SKIPS: [&str; 2] = ["columns_unread", "upstream_output_identical"];

/// A small generator of numbers, the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % bound
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

/// A project of a seed and models over it, written twice: with skips by columns and without. The seed gives `k`, `a0`, `b0`
/// and `c0`, the first model `k`, `a1`, `b1` and `c1`, and so on; each reads one or two before it.
struct Pair {
    with: Sandbox,
    without: Sandbox,
    kinds: Vec<&'static str>,
    models: Vec<Model>,
}

/// What a model's text is made of.
struct Model {
    /// What it reads, and what it may read beside.
    reads: [usize; 2],
    form: usize,
    condition: String,
    values: [String; 3],
}

impl Model {
    fn new(own: usize, random: &mut Random) -> Model {
        let reads = [random.below(own), random.below(own)];
        let condition = random.pick(&["", " where u.a_ > 0", " where U.B_ >= 1", " where u.c_ < 3"]);
        let condition = condition.replace('_', &reads[0].to_string());
        let values = std::array::from_fn(|_| value(reads[0], random));
        Model { reads, form: random.below(9), condition, values }
    }
}

/// What a column is made of, of what is in that place.
fn value(at: usize, random: &mut Random) -> String {
    let column = random.pick(&["u.a", "u.b", "u.c", "U.A", "u.\"b_\"", "c"]);
    let column = if column.contains('_') { column.replace('_', &at.to_string()) } else { format!("{column}{at}") };
    let form = random.pick(&["{}", "{} + 1", "{} % 3", "coalesce({}, 0)", "case when {} > 1 then 1 else 0 end", "7"]);
    form.replace("{}", &column)
}

impl Pair {
    fn new(random: &mut Random, settings: &str) -> Pair {
        let (with, without) = (Sandbox::new(), Sandbox::new());
        with.write("project.yml", &format!("name: story\nversion: '1.0'\nrun: {{{settings}}}\n"));
        let kinds = (0..MODELS).map(|_| random.pick(&["table", "table", "table", "view", "ephemeral"])).collect();
        let models = (0..MODELS).map(|model| Model::new(model + 1, random)).collect();
        let pair = Pair { with, without, kinds, models };
        pair.write("seeds/s.csv", "k,a0,b0,c0\n1,1,2,3\n2,2,2,0\n2,0,1,3\n3,1,1,1\n");
        (0..MODELS).for_each(|model| pair.model(model, random));
        pair
    }

    fn write(&self, path: &str, text: &str) {
        self.with.write(path, text);
        self.without.write(path, text);
    }

    /// Texts that read some columns of what is upstream, in each of the ways that there are.
    fn model(&self, model: usize, random: &mut Random) {
        let own = model + 1;
        let Model { reads: [at, beside], form, condition, values: [a, b, c] } = &self.models[model];
        let (at, beside) = (*at, *beside);
        let read = |at: usize| match at {
            0 => "{{ ref('s') }}".to_string(),
            at => format!("{{{{ ref('m{}') }}}}", at - 1),
        };
        let list = format!("({a})::bigint as a{own}, ({b})::bigint as b{own}, ({c})::bigint as c{own}");
        let one = read(at);
        let other = read(beside);
        let text = match form {
            0 => format!("select u.k, {list} from {one} as u{condition}"),
            1 => format!("with u as (select k, a{at}, b{at}, c{at} from {one}) select u.k, {list} from u{condition}"),
            2 => format!("with u as (select * from {one}) select u.k, {list} from u{condition}"),
            3 => format!(
                "select u.k, {list} from {one} as u join (select distinct k as j from {other}) as v on v.j = u.k{condition}"
            ),
            4 => format!(
                "select k, sum(a{at})::bigint as a{own}, max(b{at})::bigint as b{own}, count(*)::bigint as c{own} from {one} group by 1"
            ),
            5 => format!("select distinct u.k, {list} from {one} as u{condition}"),
            6 => format!("select k, a{at} as a{own}, b{at} as b{own}, c{at} as c{own} from (select * from {one}) as u"),
            7 => format!(
                "select u.k, (select count(*) from {other} as v where v.k = u.k and v.a{beside} > 0)::bigint as a{own}, ({b})::bigint as b{own}, 1::bigint as c{own} from {one} as u{condition}"
            ),
            _ => format!(
                "select u.k, {list} from {one} as u{condition} union all select k, a{beside}, 0, 0 from {other} where k > 2"
            ),
        };
        let comment = random.below(3);
        let text = format!("{{{{ config(materialized='{}') }}}}\n-- {comment}\n{text}\n", self.kinds[model]);
        self.write(&format!("models/m{model}.ff.sql"), &text);
    }

    /// Mostly of one column alone; else of anything.
    fn edit(&mut self, model: usize, random: &mut Random) {
        if random.below(4) == 0 {
            self.models[model] = Model::new(model + 1, random);
        } else {
            let at = self.models[model].reads[0];
            self.models[model].values[random.below(3)] = value(at, random);
        }
        self.model(model, random);
    }

    fn rows(&self, sandbox: &Sandbox) -> Vec<Vec<String>> {
        let stored = (0..MODELS).filter(|model| self.kinds[*model] != "ephemeral");
        let rows = |model: usize| {
            let own = model + 1;
            let query = format!("select k, a{own}, b{own}, c{own} from analytics.m{model} order by all");
            sandbox.query(".local/story.duckdb", &query)
        };
        stored.map(rows).collect()
    }
}

fn rows_are_those_of_a_run_without_it(settings: &str, first: u64) {
    let mut random = Random(first);
    let mut unread = 0;
    for case in 0..8 {
        let mut pair = Pair::new(&mut random, settings);
        for round in 0..6 {
            let some = round > 0 && random.below(3) == 0;
            let arguments = if some { format!("run --select m{}", random.below(MODELS)) } else { "run".into() };
            for arguments in [arguments.as_str(), "run"] {
                pair.with.fft(arguments).expect(0);
                let rows = pair.with.rows();
                unread += rows.values().filter(|row| SKIPS.contains(&row.primary_code.as_str())).count();
            }
            pair.without.fft("run").expect(0);
            assert_eq!(pair.rows(&pair.with), pair.rows(&pair.without), "case {case}, round {round}, {arguments}");
            pair.with.fft("run").expect(0).says("0 built");
            let edited = random.below(MODELS);
            pair.edit(edited, &mut random);
        }
        pair.with.fft("verify").expect(0);
    }
    assert!(unread > 1, "what is tested must happen: {unread} nodes were skipped");
}

#[test]
fn the_rows_are_those_of_a_run_without_it() {
    //: The rows that a node gives, and each of its columns, have digests over the texts that make them and over what those
    //: read.
    rows_are_those_of_a_run_without_it("columns: true", 5);
}

#[test]
fn so_they_are_with_early_cutoff_at_its_side() {
    //: The skipped node takes the new fingerprint as with early cutoff.
    rows_are_those_of_a_run_without_it("columns: true, cutoff: true", 7);
}

/// A record in which what is read was changed is found, by fft and by the script.
#[test]
fn digests_of_columns_are_verified() {
    let sandbox = Sandbox::new();
    sandbox.write("project.yml", "name: story\nversion: '1.0'\nrun: {columns: true}\n");
    sandbox.write("models/stg.ff.sql", "select k, 1 as a, 2 as b from (select 1 as k) as t\n");
    sandbox.write("models/mart.ff.sql", "select k, sum(a) as total from {{ ref('stg') }} group by k\n");
    sandbox.fft("run").expect(0);
    sandbox.write("models/stg.ff.sql", "select k, 1 as a, 3 as b from (select 1 as k) as t\n");
    sandbox.fft("run").expect(0);
    //: A node's columns are told apart where its last `select` gives one row for each that it reads, without groups,
    //: aggregates, `distinct`, limits and set operations; what reads any other node reads all of it.
    //: Sums count as the same in whatever order they are added up, as for any skip.
    let rows = sandbox.rows();
    assert_eq!(rows["mart.ff"].primary_code, "columns_unread");
    let gives = &rows["stg.ff"].whole["by_column"]["gives"];
    assert_eq!(gives["columns"].as_array().unwrap().len(), 3, "{gives}");
    assert!(rows["mart.ff"].whole["by_column"]["gives"].get("columns").is_none());
    sandbox.fft("verify").expect(0);
    let folder = sandbox.path(".fastflowtransform/runs");
    let newest = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).max().unwrap();
    let digest = gives["columns"][1]["digest"].as_str().unwrap().to_string();
    let text = std::fs::read_to_string(&newest).unwrap();
    let other = format!("{}{}", &digest[1..], &digest[..1]);
    std::fs::write(&newest, text.replace(&digest, &other)).unwrap();
    sandbox.fft("verify").expect(1).says("of stg.ff isn't what that gives");
}

/// Where it isn't known what a node's columns come from, an edit may reach them.
#[test]
fn what_is_not_known_may_read_an_edit() {
    let sandbox = Sandbox::new();
    sandbox.write("models/stg.ff.sql", "select 1 as k, 'a' as name\n");
    sandbox.write("models/mart.ff.sql", "select columns('k.*') from {{ ref('stg') }}\n");
    sandbox.fft("run").expect(0);
    sandbox.write("models/stg.ff.sql", "select 1 as k, 'b' as name\n");
    sandbox.fft("run").expect(0);
    let results: serde_json::Value =
        serde_json::from_str(&sandbox.read(".fastflowtransform/target/run_results.json")).unwrap();
    // A text that reads nothing isn't told apart column by column.
    assert!(results["roots"][0]["columns"].is_null(), "{results}");
    sandbox.write("models/stg.ff.sql", "select 1 as k, n as name from (select 'b' as n) as t\n");
    sandbox.fft("run").expect(0);
    sandbox.write("models/stg.ff.sql", "select 1 as k, upper(n) as name from (select 'b' as n) as t\n");
    sandbox.fft("run").expect(0);
    //: Where it isn't known what a node's columns come from, it may read it.
    let results: serde_json::Value =
        serde_json::from_str(&sandbox.read(".fastflowtransform/target/run_results.json")).unwrap();
    let columns = &results["roots"][0]["columns"];
    assert_eq!(columns["edit"]["changed"], serde_json::json!(["name"]), "{columns}");
    assert_eq!(columns["perhaps"], serde_json::json!(["mart.ff"]), "{columns}");
}
