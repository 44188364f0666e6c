//! The page of all tests.

use super::shell::{Place, Shell};
use super::tested::{self, TestView};
use super::{Page, Site, Unit};
use crate::artifact::wire::{TestResult, tests_sentence};
use askama::Template;

const PATH: &str = "tests.html";

#[derive(Template)]
#[template(path = "tests.html")]
struct Tests<'a> {
    shell: Shell<'a>,
    sentence: String,
    tests: Vec<TestView<'a>>,
}

/// Nothing of projects that have no tests.
pub fn unit<'a>(site: &'a Site<'a>) -> Option<Unit<'a>> {
    if site.input.manifest.tests.is_empty() {
        return None;
    }
    let kept: Vec<&str> = site.kept.iter().copied().collect();
    Some(site.unit("tests", &(&site.input.manifest.tests, &site.tests, kept), move || {
        let tests = tested::all(site);
        let results: Vec<&TestResult> = site.tests.values().map(|seen| &seen.result).collect();
        let sentence = tests_sentence(&results).unwrap_or_else(|| "No test was run yet.".into());
        let shell = Shell::new(&site.frame, Place::Tests, PATH, "Tests").about(sentence.clone());
        vec![Page::of(PATH, &Tests { shell, sentence, tests })]
    }))
}
