//! What the last run came to, small enough for a README: `badge.svg`, and `badge.json` in the form that badge services
//! read.

use super::word::Thousands;
use super::{Page, Site, Unit};
use crate::artifact::results::RunResults;
use askama::Template;
use serde_json::json;

/// Units of width that a letter takes at the badge's size, in tenths, about.
const LETTER: usize = 66;
/// At both ends of a text.
const MARGIN: usize = 6;

/// Colours of the right half, with words for services.
const GOOD: (&str, &str) = ("#12693a", "success");
const BAD: (&str, &str) = ("#a91f18", "critical");
const QUIET: (&str, &str) = ("#565e6c", "informational");

#[derive(Template)]
#[template(path = "badge.svg", escape = "html")]
struct Badge {
    label: &'static str,
    message: String,
    colour: &'static str,
    left: usize,
    right: usize,
}

pub fn unit<'a>(site: &'a Site<'a>) -> Unit<'a> {
    let results = site.input.results;
    let inputs = (&results.totals, results.interrupted, &results.run_finished_at);
    site.unit("badge", &inputs, move || {
        let (message, (colour, word)) = told(results);
        let json = json!({
            "schemaVersion": 1, "label": "fft", "message": message, "color": word, "isError": word == BAD.1,
        });
        let text = serde_json::to_string_pretty(&json).expect("invariant: a badge is JSON");
        let width = |text: &str| text.chars().count() * LETTER / 10 + 2 * MARGIN;
        let badge = Badge { label: "fft", left: width("fft"), right: width(&message), message, colour };
        vec![Page::of("badge.svg", &badge), Page::new("badge.json", format!("{text}\n"))]
    })
}

/// `3 rebuilt · 4 skipped · 28 Nov`: what was done, and the day.
fn told(results: &RunResults) -> (String, (&'static str, &'static str)) {
    let totals = &results.totals;
    let mut parts: Vec<String> = [
        (totals.failed, "failed"),
        (totals.blocked, "blocked"),
        (totals.built, "rebuilt"),
        (totals.skipped, "skipped"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{} {word}", count.thousands()))
    .collect();
    if parts.is_empty() {
        parts.push("nothing to do".into());
    }
    parts.extend(day(&results.run_finished_at));
    let colour = match () {
        () if totals.failed + totals.blocked + totals.hooks_failed > 0 || results.interrupted => BAD,
        () if totals.nodes == 0 => QUIET,
        () => GOOD,
    };
    (parts.join(" · "), colour)
}

/// `28 Nov 2026` of an RFC 3339 time.
fn day(instant: &str) -> Option<String> {
    let time: jiff::Timestamp = instant.parse().ok()?;
    Some(time.strftime("%-d %b %Y").to_string())
}
