//! `fft --version --verbose`: what this binary was built from and what it holds.

use crate::engine;

/// The version, and below it all that tells two builds of it apart.
pub fn all() -> String {
    let features = engine::features();
    let features = if features.is_empty() { "none".to_string() } else { features.join(", ") };
    let mut facts = vec![
        ("commit", env!("FFT_BUILD_COMMIT").to_string()),
        ("target", env!("FFT_BUILD_TARGET").to_string()),
        ("features", features),
    ];
    facts.extend(engine::versions());
    let lines: String = facts.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    format!("fft {}\n{lines}", env!("CARGO_PKG_VERSION"))
}
