//! `fft --version --verbose`: what this binary was built from and what it holds.

use crate::engine;

/// The version, and below it all that tells two builds of it apart.
pub fn all() -> String {
    let features = if cfg!(feature = "duckdb") { "duckdb" } else { "none" };
    let mut facts = vec![
        ("commit", env!("FFT_BUILD_COMMIT").to_string()),
        ("target", env!("FFT_BUILD_TARGET").to_string()),
        ("features", features.to_string()),
    ];
    facts.extend(engine::versions());
    let lines: String = facts.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    format!("fft {}\n{lines}", env!("CARGO_PKG_VERSION"))
}
