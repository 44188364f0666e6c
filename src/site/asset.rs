//! The files of `static/`, embedded in the binary and named by their content.

use super::{Page, Site, Unit};
use crate::digest::{Digest, Tagged};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Name, type and content: add a file here, name it with [`path`].
const FILES: [(&str, &str, &[u8]); 8] = [
    ("site", "css", include_bytes!("../../static/site.css")),
    ("compare", "js", include_bytes!("../../static/compare.js")),
    ("icon", "svg", include_bytes!("../../static/icon.svg")),
    ("layout", "js", include_bytes!("../../static/layout.js")),
    ("model", "js", include_bytes!("../../static/model.js")),
    ("page", "js", include_bytes!("../../static/page.js")),
    ("scene", "js", include_bytes!("../../static/scene.js")),
    ("selector", "js", include_bytes!("../../static/selector.js")),
];

static PATHS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let path = |name: &str, kind: &str, bytes: &[u8]| format!("assets/{name}-{}.{kind}", Digest::of(bytes).short());
    FILES.iter().map(|(name, kind, bytes)| (format!("{name}.{kind}"), path(name, kind, bytes))).collect()
});

/// Where `site.css`, `page.js` … stand below the site's folder.
pub fn path(file: &str) -> &'static str {
    PATHS.get(file).expect("invariant: templates name files of static/")
}

/// Every asset.
pub fn pages() -> Vec<Page> {
    FILES.iter().map(|(name, kind, bytes)| Page::new(path(&format!("{name}.{kind}")), *bytes)).collect()
}

/// Over all assets: pages name them, so they are part of what a page is made from.
pub fn digest() -> Digest {
    let names: Vec<&str> = PATHS.values().map(String::as_str).collect();
    Digest::of(names.join("\n").as_bytes())
}

/// The assets as a unit.
pub fn unit<'a>(site: &Site<'a>) -> Unit<'a> {
    site.unit("assets", &digest().to_string(), pages)
}

/// Over all templates, so that pages made by another one are made anew.
pub fn templates() -> Digest {
    const TEXTS: [&str; 17] = [
        include_str!("../../templates/audit.html"),
        include_str!("../../templates/base.html"),
        include_str!("../../templates/cause.html"),
        include_str!("../../templates/columns.html"),
        include_str!("../../templates/columns_cell.html"),
        include_str!("../../templates/columns_page.html"),
        include_str!("../../templates/compare.html"),
        include_str!("../../templates/data.html"),
        include_str!("../../templates/diff.html"),
        include_str!("../../templates/graph.html"),
        include_str!("../../templates/macros.html"),
        include_str!("../../templates/node.html"),
        include_str!("../../templates/overview.html"),
        include_str!("../../templates/part.html"),
        include_str!("../../templates/run.html"),
        include_str!("../../templates/runs.html"),
        include_str!("../../templates/sources.html"),
    ];
    TEXTS.iter().fold(Tagged::new("fft-site-templates"), |hash, text| hash.part(text.as_bytes())).finish()
}
