//! Pictures and shards of made-up projects.

#![allow(clippy::disallowed_methods)]

use super::sample::sample;
use super::*;

/// Writes a page with the graph of a sample: for looking at.
#[test]
#[ignore = "writes a folder to look at"]
fn a_page_to_look_at() {
    for count in [6, 30, 150, 3000, 5000, 10000] {
        let sample = sample(count);
        let dag = Dag::new(sample.input());
        let folder = std::path::PathBuf::from(format!("/tmp/dag-look/{count}"));
        let mut shards = dag.shards();
        let names: Vec<(String, String)> =
            shards.iter().map(|(name, page)| (name.clone(), page.path.clone())).collect();
        shards.push(("index".into(), crate::site::data::index(names.iter().map(|(_, path)| path.as_str()))));
        let mut pages: Vec<Page> = shards.into_iter().map(|(_, page)| page).collect();
        pages.extend(crate::site::asset::pages());
        let picture = view::View::first(&dag).picture(&dag).svg("picture");
        pages.push(Page::new("picture.svghtml", picture));
        for page in pages {
            let path = folder.join(&page.path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &page.bytes).unwrap();
        }
    }
}
