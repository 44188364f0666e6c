//! Pictures and shards of made-up projects.

#![allow(clippy::disallowed_methods)]

use super::sample::sample;

/// Writes projects with the artifacts of samples: for looking at.
#[test]
#[ignore = "writes folders to look at"]
fn projects_to_look_at() {
    for count in [8, 30, 150, 3000, 5000, 10000] {
        let sample = sample(count);
        let folder = std::path::PathBuf::from(format!("/tmp/dag-look/{count}"));
        let target = folder.join(".fastflowtransform/target");
        std::fs::create_dir_all(&target).unwrap();
        std::fs::create_dir_all(folder.join("models")).unwrap();
        std::fs::write(folder.join("project.yml"), "name: sample\nversion: '1'\n").unwrap();
        std::fs::write(folder.join("profiles.yml"), "dev:\n  engine: duckdb\n  duckdb:\n    path: x.duckdb\n").unwrap();
        std::fs::write(target.join("manifest.json"), serde_json::to_vec(&sample.manifest).unwrap()).unwrap();
        std::fs::write(target.join("run_results.json"), serde_json::to_vec(&sample.results).unwrap()).unwrap();
        let artifacts = crate::site::build::Artifacts {
            manifest: sample.manifest,
            results: sample.results,
            catalog: crate::artifact::catalog::Catalog::default(),
        };
        let world = crate::world::OsWorld::new();
        let layout = crate::artifact::Layout::new(&folder);
        let begin = std::time::Instant::now();
        let report =
            crate::site::build::build(&world, &layout, &folder.join("site/dag"), &Default::default(), artifacts)
                .unwrap();
        println!("{count}: {report:?} {:?}", begin.elapsed());
    }
}
