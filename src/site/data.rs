//! Data for scripts: shards that a classic `<script src>` hands over, because nothing else loads on `file://`.
//!
//! A shard is `(window.fftData ??= {})["graph"] = JSON.parse('…')`; who loads it reads `fftData.graph` in the script
//! element's `load` event. Its name holds its digest. `data/index.js` hands over `fftData.index`: from each shard's
//! name to its file below `data/`, so that a page needn't change when a shard does.

use super::Page;
use crate::digest::Digest;
use serde::Serialize;
use std::collections::BTreeMap;

/// A value as a shard, with its digest in the file's name.
pub fn shard(name: &str, value: &impl Serialize) -> Page {
    let text = script(name, value);
    let digest = Digest::of(text.as_bytes()).short();
    Page::new(format!("data/{name}-{digest}.js"), text)
}

/// `data/index.js` over the paths of shards.
pub fn index<'a>(shards: impl IntoIterator<Item = &'a str>) -> Page {
    let file = |path: &'a str| {
        let file = path.strip_prefix("data/")?;
        Some((file.rsplit_once('-')?.0, file))
    };
    let files: BTreeMap<&str, &str> = shards.into_iter().filter_map(file).collect();
    Page::new("data/index.js", script("index", &files))
}

fn script(name: &str, value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("invariant: shards are JSON");
    format!("(window.fftData??={{}})[\"{name}\"]=JSON.parse('{}');\n", quoted(&json))
}

/// JSON within single quotes of a script: it can end neither the text nor a script element.
fn quoted(json: &str) -> String {
    let mut text = String::with_capacity(json.len() + json.len() / 16);
    for letter in json.chars() {
        match letter {
            '\\' => text.push_str("\\\\"),
            '\'' => text.push_str("\\'"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '<' | '\u{2028}' | '\u{2029}' => text.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_stays_text() {
        let page = shard("x", &serde_json::json!({"a": "</script><!-- ' \\ \u{2028} \n é"}));
        let text = String::from_utf8(page.bytes).unwrap();
        assert!(text.starts_with("(window.fftData??={})[\"x\"]=JSON.parse('") && text.ends_with("');\n"));
        assert!(!text.contains('<') && !text.contains('\u{2028}'), "{text}");
        assert!(text.contains("\\u003c/script>\\u003c!-- \\' \\\\\\\\ \\u2028 \\\\n é"), "{text}");
    }
}
