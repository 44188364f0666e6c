//! Early cutoff on random projects with random changes: what the database holds in the end is what it holds without.

use crate::project::Sandbox;

const SEEDS: usize = 2;
const MODELS: usize = 7;

/// A small generator of numbers, the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % bound
    }
}

/// A project of two seeds and models over them, written twice: with early cutoff and without.
struct Pair {
    with: Sandbox,
    without: Sandbox,
    upstream: Vec<Vec<String>>,
    kinds: Vec<&'static str>,
}

impl Pair {
    fn new(random: &mut Random) -> Pair {
        let (with, without) = (Sandbox::new(), Sandbox::new());
        with.write("project.yml", "name: story\nversion: '1.0'\nrun: {cutoff: true}\n");
        let mut pair = Pair { with, without, upstream: Vec::new(), kinds: Vec::new() };
        for model in 0..MODELS {
            let mut upstream: Vec<String> =
                (0..SEEDS).filter(|_| random.below(3) == 0).map(|seed| format!("s{seed}")).collect();
            upstream.extend((0..model).filter(|_| random.below(2) == 0).map(|up| format!("m{up}")));
            if upstream.is_empty() {
                upstream.push(format!("s{}", random.below(SEEDS)));
            }
            pair.upstream.push(upstream);
            pair.kinds.push(["table", "table", "table", "view", "ephemeral"][random.below(5)]);
        }
        (0..SEEDS).for_each(|seed| pair.seed(seed, random));
        (0..MODELS).for_each(|model| pair.model(model, random));
        pair
    }

    fn write(&self, path: &str, text: &str) {
        self.with.write(path, text);
        self.without.write(path, text);
    }

    /// The same rows in some order, or others; some twice.
    fn seed(&self, seed: usize, random: &mut Random) {
        let mut rows = [["1", "2", "3"], ["1", "2", "3"], ["2", "2", "1"]][random.below(3)].to_vec();
        rows.rotate_left(random.below(3));
        self.write(&format!("seeds/s{seed}.csv"), &format!("v\n{}\n", rows.join("\n")));
    }

    /// Texts of which some give the same rows.
    fn model(&self, model: usize, random: &mut Random) {
        let value = ["v", "v + 0", "abs(v)", "v % 100", "v * 2"][random.below(5)];
        let filter = ["", " where true", " where v >= 0", " where v <> 100", " where v > 1"][random.below(5)];
        let read: Vec<String> =
            self.upstream[model].iter().map(|up| format!("select v from {{{{ ref('{up}') }}}}")).collect();
        let text = format!(
            "{{{{ config(materialized='{}') }}}}\nselect ({value})::bigint as v from ({}){filter}\n",
            self.kinds[model],
            read.join(" union all ")
        );
        self.write(&format!("models/m{model}.ff.sql"), &text);
    }

    fn rows(&self, sandbox: &Sandbox) -> Vec<Vec<String>> {
        let stored = (0..MODELS).filter(|model| self.kinds[*model] != "ephemeral").map(|model| format!("m{model}"));
        let names = (0..SEEDS).map(|seed| format!("s{seed}")).chain(stored);
        names
            .map(|name| sandbox.query(".local/story.duckdb", &format!("select v from analytics.{name} order by v")))
            .collect()
    }
}

#[test]
fn the_rows_are_those_of_a_run_without_it() {
    let mut random = Random(11);
    let mut cut = 0;
    for case in 0..6 {
        let pair = Pair::new(&mut random);
        for round in 0..4 {
            let some = round > 0 && random.below(3) == 0;
            let arguments = if some { format!("run --select m{}", random.below(MODELS)) } else { "run".into() };
            for arguments in [arguments.as_str(), "run"] {
                pair.with.fft(arguments).expect(0);
                let rows = pair.with.rows();
                cut += rows.values().filter(|row| row.primary_code == "upstream_output_identical").count();
            }
            pair.without.fft("run").expect(0);
            assert_eq!(pair.rows(&pair.with), pair.rows(&pair.without), "case {case}, round {round}, {arguments}");
            pair.with.fft("run").expect(0).says("0 built");
            match random.below(2) {
                0 => pair.seed(random.below(SEEDS), &mut random),
                _ => pair.model(random.below(MODELS), &mut random),
            }
        }
        pair.with.fft("verify").expect(0);
    }
    assert!(cut > 5, "what is tested must happen: {cut} nodes were cut off");
}

/// Early cutoff leaves its notes, and leaves none where it is off.
#[test]
fn what_is_skipped_takes_the_new_fingerprint_with_a_note() {
    let sandbox = Sandbox::new();
    sandbox.write("models/stg.ff.sql", "select 1 as id\n");
    sandbox.write("models/mart.ff.sql", "select id from {{ ref('stg') }}\n");
    //: That costs a read of every table built, so it is done with this setting alone.
    sandbox.fft("run").expect(0);
    assert!(sandbox.rows().values().all(|row| row.whole["output"].is_null()));
    sandbox.write("project.yml", "name: story\nversion: '1.0'\nrun: {cutoff: true}\n");
    sandbox.fft("run --full-refresh").expect(0);
    let held = || sandbox.query(".local/story.duckdb", "select fingerprint from analytics._ff_meta order by node_name");
    let before = held();
    sandbox.write("models/stg.ff.sql", "select 2 - 1 as id\n");
    let cache = std::fs::read(sandbox.cache_file()).unwrap();
    //: The skipped node's entry and its row in `_ff_meta` take the new fingerprint, with a note that nothing was built
    //: (`--cache ro` records nothing, as ever).
    sandbox.fft("run --cache ro").expect(0).says("upstream output identical");
    assert!(cache == std::fs::read(sandbox.cache_file()).unwrap());
    sandbox.fft("run").expect(0).says("upstream output identical");
    let after = held();
    assert!(before[0] != after[0] && before[1] != after[1], "{before:?} {after:?}");
    let entries = std::fs::read_to_string(sandbox.cache_file()).unwrap();
    let last = entries.lines().rfind(|line| line.contains("\"node\":\"mart.ff\"")).unwrap();
    assert!(last.contains(&after[0]) && last.contains("\"note\":"), "{last}");
    //: Its checks tell each digest, and `output` in run_results.json has it for every node: `fft verify` compares the two.
    let rows = sandbox.rows();
    let output = |name: &str| rows[name].whole["output"].as_str().unwrap().to_string();
    let checks = rows["mart.ff"].whole["decision"]["checks"].to_string();
    assert!(checks.contains(&output("stg.ff")[..12]) && output("mart.ff").len() == 64, "{checks}");
    sandbox.fft("verify").expect(0);
}
