//! Made-up artifacts as the files of a project, for `fft docs build` to make a site of.

use super::artifacts::Artifacts;
use std::path::Path;

/// Writes the project that left them: it has no models of its own, and `profile` is the text of its profiles.yml.
pub fn write(folder: &Path, profile: &str, made: &Artifacts) {
    let put = |path: String, text: String| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    put("project.yml".into(), "name: sample\nversion: '1'\n".into());
    put("profiles.yml".into(), profile.into());
    put(".fastflowtransform/target/manifest.json".into(), made.manifest.to_string());
    put(".fastflowtransform/target/run_results.json".into(), made.results.to_string());
    for (run, record) in &made.records {
        put(format!(".fastflowtransform/runs/{run}.json"), record.to_string());
    }
}
