//! The files of `static/`, embedded in the binary and named by their content.

use super::{Page, Site, Unit};
use crate::digest::{Digest, Tagged};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Name, type and content: add a file here, name it with [`path`].
const FILES: &[(&str, &str, &str)] = &[
    (
        "site",
        "css",
        concat!(
            include_str!("../../static/site.css"),
            include_str!("../../static/front.css"),
            include_str!("../../static/time.css")
        ),
    ),
    ("graph", "css", include_str!("../../static/graph.css")),
    ("at", "js", include_str!("../../static/at.js")),
    ("audit", "js", include_str!("../../static/audit.js")),
    ("columns", "js", concat!(include_str!("../../static/layout.js"), include_str!("../../static/columns.js"))),
    ("compare", "js", include_str!("../../static/compare.js")),
    ("difference", "js", include_str!("../../static/difference.js")),
    ("graph", "js", GRAPH),
    ("history", "js", include_str!("../../static/history.js")),
    ("lens", "js", include_str!("../../static/lens.js")),
    ("markdown", "js", include_str!("../../static/markdown.js")),
    ("more", "js", include_str!("../../static/more.js")),
    ("pictures", "js", PICTURES),
    ("icon", "svg", include_str!("../../static/icon.svg")),
    ("run", "js", include_str!("../../static/run.js")),
    ("told", "js", include_str!("../../static/told.js")),
    ("verify", "js", include_str!("../../static/verify.js")),
    ("page", "js", concat!(include_str!("../../static/page.js"), include_str!("../../static/open.js"))),
    ("search", "js", include_str!("../../static/search.js")),
    ("strip", "js", include_str!("../../static/strip.js")),
];

/// The scripts of the graph area, each before those that use it.
const GRAPH: &str = concat!(
    include_str!("../../static/selector.js"),
    include_str!("../../static/model.js"),
    include_str!("../../static/scene.js"),
    include_str!("../../static/bar.js"),
    include_str!("../../static/graph.js"),
);

/// What the graph area loads when it is asked for: layouts of parts, the map, the panel, files to save.
const PICTURES: &str = concat!(
    include_str!("../../static/layout.js"),
    include_str!("../../static/map.js"),
    include_str!("../../static/panel.js"),
    include_str!("../../static/export.js"),
);

struct Asset {
    path: String,
    text: String,
}

/// By their names in `static/`.
static ASSETS: LazyLock<BTreeMap<String, Asset>> = LazyLock::new(|| {
    let asset = |(name, kind, text): &(&str, &str, &str)| {
        let text = if *kind == "js" { lean(text) } else { text.to_string() };
        let path = format!("assets/{name}-{}.{kind}", Digest::of(text.as_bytes()).short());
        (format!("{name}.{kind}"), Asset { path, text })
    };
    FILES.iter().map(asset).collect()
});

/// A script without indentation, lines of comment, and the ends of lines that a statement or a list goes on behind: no
/// text in them runs over several lines.
fn lean(script: &str) -> String {
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    let goes_on = |line: &str| line.ends_with([';', '{', ',', '(', '[']) && !line.contains("//");
    lines.flat_map(|line| [line, if goes_on(line) { "" } else { "\n" }]).collect()
}

/// Where `site.css`, `page.js` … stand below the site's folder.
pub fn path(file: &str) -> &'static str {
    &ASSETS.get(file).expect("invariant: templates name files of static/").path
}

/// Every asset.
pub fn pages() -> Vec<Page> {
    ASSETS.values().map(|asset| Page::new(asset.path.as_str(), asset.text.as_str())).collect()
}

/// Over all assets: pages name them, so they are part of what a page is made from.
pub fn digest() -> Digest {
    let names: Vec<&str> = ASSETS.values().map(|asset| asset.path.as_str()).collect();
    Digest::of(names.join("\n").as_bytes())
}

/// The assets as a unit.
pub fn unit<'a>(site: &Site<'a>) -> Unit<'a> {
    site.unit("assets", &digest().to_string(), pages)
}

/// Over all templates, so that pages made by another one are made anew.
pub fn templates() -> Digest {
    const TEXTS: &[&str] = &[
        include_str!("../../templates/audit.html"),
        include_str!("../../templates/badge.svg"),
        include_str!("../../templates/base.html"),
        include_str!("../../templates/budgets.html"),
        include_str!("../../templates/cards.html"),
        include_str!("../../templates/cause.html"),
        include_str!("../../templates/causes.html"),
        include_str!("../../templates/chain.html"),
        include_str!("../../templates/columns.html"),
        include_str!("../../templates/columns_cell.html"),
        include_str!("../../templates/columns_page.html"),
        include_str!("../../templates/compare.html"),
        include_str!("../../templates/data.html"),
        include_str!("../../templates/diff.html"),
        include_str!("../../templates/failure.html"),
        include_str!("../../templates/failures.html"),
        include_str!("../../templates/explained.html"),
        include_str!("../../templates/explanations.html"),
        include_str!("../../templates/exposures.html"),
        include_str!("../../templates/gantt.html"),
        include_str!("../../templates/graph.html"),
        include_str!("../../templates/history.html"),
        include_str!("../../templates/macros.html"),
        include_str!("../../templates/missing.html"),
        include_str!("../../templates/named.html"),
        include_str!("../../templates/node.html"),
        include_str!("../../templates/node_checks.html"),
        include_str!("../../templates/node_code.html"),
        include_str!("../../templates/node_columns.html"),
        include_str!("../../templates/node_exposures.html"),
        include_str!("../../templates/node_near.html"),
        include_str!("../../templates/node_past.html"),
        include_str!("../../templates/node_proof.html"),
        include_str!("../../templates/node_tests.html"),
        include_str!("../../templates/node_why.html"),
        include_str!("../../templates/overview.html"),
        include_str!("../../templates/owner.html"),
        include_str!("../../templates/owners.html"),
        include_str!("../../templates/part.html"),
        include_str!("../../templates/picture.svg"),
        include_str!("../../templates/reached.html"),
        include_str!("../../templates/run.html"),
        include_str!("../../templates/runbars.html"),
        include_str!("../../templates/runs.html"),
        include_str!("../../templates/source.html"),
        include_str!("../../templates/sources.html"),
        include_str!("../../templates/strip.html"),
        include_str!("../../templates/tests.html"),
        include_str!("../../templates/tests_more.html"),
        include_str!("../../templates/tests_past.html"),
    ];
    TEXTS.iter().fold(Tagged::new("fft-site-templates"), |hash, text| hash.part(text.as_bytes())).finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    /// What the overview loads must stay small: 25 KiB as it is sent, and 15 KiB when more is asked for.
    #[test]
    fn scripts_are_small() {
        let size = |name: &str| {
            let mut packed = GzEncoder::new(Vec::new(), Compression::best());
            packed.write_all(ASSETS[name].text.as_bytes()).unwrap();
            packed.finish().unwrap().len()
        };
        let sizes = ["page.js", "graph.js"].map(size);
        assert!(sizes.iter().sum::<usize>() <= 25 * 1024, "{sizes:?}");
        assert!(size("pictures.js") <= 15 * 1024, "{}", size("pictures.js"));
        assert!(size("lens.js") <= 4 * 1024, "{}", size("lens.js"));
    }

    #[test]
    fn a_lean_script_does_the_same() {
        assert_eq!(lean("  // note\n  a();\n\n    b(\"//\");\nc\n}\n"), "a();b(\"//\");\nc\n}\n");
        for (name, kind, text) in FILES.iter().filter(|(_, kind, _)| *kind == "js") {
            let open = text.lines().filter(|line| line.matches('`').count() % 2 == 1).count();
            assert_eq!(open, 0, "{name}.{kind}: a template runs over lines");
        }
    }
}
