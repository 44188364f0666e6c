//! A synthetic layered project, the same each time.

use std::fmt::Write as _;
use std::path::Path;

/// A profile for DuckDB.
pub const DUCKDB: &str = "dev:\n  engine: duckdb\n  duckdb:\n    path: .local/synth.duckdb\n";

pub const SEEDS: usize = 10;
const ROWS: usize = 100;

pub struct Model {
    pub name: String,
    pub view: bool,
    upstream: Vec<String>,
    seed: Option<usize>,
}

impl Model {
    pub fn sql(&self, relation: impl Fn(&str) -> String, seed: impl Fn(usize) -> String) -> String {
        if let Some(number) = self.seed {
            return format!("select id, grp, val, val * 2 as val2\nfrom {}\nwhere id is not null", seed(number));
        }
        let mut joins = String::new();
        let mut sum = "b.val".to_string();
        for (number, name) in self.upstream.iter().enumerate().skip(1) {
            let _ = write!(joins, "\nleft join {} as j{number} on j{number}.id = b.id", relation(name));
            let _ = write!(sum, " + coalesce(j{number}.val, 0)");
        }
        let first = relation(&self.upstream[0]);
        format!(
            "with b as (\n  select id, grp, val, val2 from {first}\n)\nselect b.id, b.grp, ({sum}) % 1000003 as val, \
             max(b.val2) over (partition by b.grp) as val2\nfrom b{joins}"
        )
    }
}

pub struct Project {
    pub models: Vec<Model>,
}

impl Project {
    /// A tenth of the models stand on seeds, the others on one to three of the layer below and earlier ones; half are
    /// views.
    pub fn new(size: usize) -> Project {
        let mut random = Random(7);
        let base = (size / 10).max(1);
        let layers = (size / 25 + 2).clamp(2, 20);
        let mut models: Vec<Model> = Vec::new();
        let mut first = 0;
        let mut layer_end = base;
        for number in 0..size {
            let name = format!("m{number:05}");
            let view = random.below(2) == 0;
            if number < base {
                models.push(Model { name, view, upstream: Vec::new(), seed: Some(number % SEEDS) });
                continue;
            }
            if number == layer_end.max(base) && number > base {
                first = layer_end - (layer_end - first).min(size / layers).max(1);
                layer_end = (number + (size - base) / layers).max(number + 1);
            }
            let below = layer_end.min(number).max(1);
            let mut upstream = vec![models[first + random.below(below - first)].name.clone()];
            for _ in 0..random.below(3) {
                let other = models[random.below(below)].name.clone();
                if !upstream.contains(&other) {
                    upstream.push(other);
                }
            }
            models.push(Model { name, view, upstream, seed: None });
        }
        Project { models }
    }

    /// With a profiles.yml of this text.
    pub fn write(&self, folder: &Path, profile: &str) {
        let put = |path: String, text: String| {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        };
        put("project.yml".into(), "name: synth\nversion: '1'\n".into());
        put("profiles.yml".into(), profile.into());
        let mut sources = "version: 2\nsources:\n  - name: raw\n    tables:\n".to_string();
        for seed in 0..SEEDS {
            let _ = write!(sources, "      - name: s{seed:02}\n        identifier: seed_{seed:02}\n");
            put(format!("seeds/seed_{seed:02}.csv"), format!("id,grp,val\n{}", seed_rows()));
        }
        put("sources.yml".into(), sources);
        for model in &self.models {
            let kind = if model.view { "view" } else { "table" };
            let sql = model.sql(
                |name| format!("{{{{ ref('{name}.ff') }}}}"),
                |seed| format!("{{{{ source('raw', 's{seed:02}') }}}}"),
            );
            let text = format!("{{{{ config(materialized='{kind}', tags=['synth']) }}}}\n{sql}\n");
            put(format!("models/{}/{}.ff.sql", &model.name[..3], model.name), text);
        }
    }
}

/// The rows of every seed, as CSV without a head.
pub fn seed_rows() -> String {
    (0..ROWS).map(|row| format!("{row},g{},{}\n", row % 7, row * 7919 % 100_000)).collect()
}

/// A small generator of numbers, the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % bound
    }
}
