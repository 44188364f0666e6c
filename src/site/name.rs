//! File names for what a project calls its nodes: one a name, whatever the name is.
//!
//! Takes any text, gives a name that is the same on every file system: lower case, safe on Windows and in URLs, and
//! of two names never the same one, even where upper and lower case count as equal. A function of the name alone, so
//! that a page keeps its address when other nodes come and go.

use crate::digest::Digest;

/// Letters of a name that is taken as it is.
const LONGEST: usize = 80;
/// What Windows keeps for devices, and what the site has for itself.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "index", "compare"];

/// `stg_users.ff` as it is; `Größe/x` as `gr-e-x~5f2c…`. A name that was changed carries a part of its digest behind
/// `~`, which no name has that is taken as it is.
pub fn page_name(name: &str) -> String {
    if is_safe(name) {
        return name.to_string();
    }
    let letter = |letter: char| if letter.is_ascii_alphanumeric() || letter == '_' { letter } else { '-' };
    let readable: String = name.chars().map(|one| letter(one.to_ascii_lowercase())).take(LONGEST / 2).collect();
    format!("{}~{}", readable.trim_matches('-'), Digest::of(name.as_bytes()).short())
}

/// The page of a node, below the site's folder.
pub fn node_page(name: &str) -> String {
    format!("nodes/{}.html", page_name(name))
}

/// The page of a run, below the site's folder.
pub fn run_page(run_id: &str) -> String {
    let usual = |byte: u8| byte.is_ascii_digit() || b"TZ-abcdef".contains(&byte);
    let known = run_id.starts_with(|first: char| first.is_ascii_digit()) && run_id.bytes().all(usual);
    format!("runs/{}.html", if known { run_id.to_string() } else { page_name(run_id) })
}

fn is_safe(name: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.".contains(&byte);
    let stem = name.split('.').next().unwrap_or_default();
    let device = |kind: &str| stem.strip_prefix(kind).is_some_and(|rest| rest.len() == 1 && rest != "0");
    !name.is_empty()
        && name.len() <= LONGEST
        && name.bytes().all(letters)
        && !name.starts_with(['.', '-'])
        && !name.ends_with('.')
        && !RESERVED.contains(&stem)
        && !device("com")
        && !device("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn usual_names_stay_and_others_are_told_apart() {
        for name in ["stg_users.ff", "seed-1", "a.b.c", "_x"] {
            assert_eq!(page_name(name), name);
        }
        let hostile = [
            "",
            ".",
            "..",
            "../x",
            "a/b",
            "a\\b",
            "A",
            "a ",
            "a.",
            "CON",
            "con",
            "con.x",
            "nul.ff",
            "com1",
            "lpt9.ff",
            "index",
            "<script>",
            "é",
            "e\u{301}",
            "a\nb",
            "a:b",
            "a?b",
            "a#b",
            "a%b",
            "a\"b",
            "\u{202e}x",
            "a~b",
        ];
        let long = ["x".repeat(300), "x".repeat(301)];
        let names: Vec<&str> = hostile.into_iter().chain(long.iter().map(String::as_str)).collect();
        let pages: BTreeSet<String> = names.iter().map(|name| page_name(name).to_lowercase()).collect();
        assert_eq!(pages.len(), names.len(), "{pages:?}");
        for page in pages {
            let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.~".contains(&byte);
            assert!(page.bytes().all(fine) && page.len() <= 100 && !page.starts_with('.'), "{page}");
            assert!(page.contains('~'), "{page}");
        }
    }

    #[test]
    fn a_run_keeps_its_id() {
        assert_eq!(run_page("20261122T101500Z-3fa9"), "runs/20261122T101500Z-3fa9.html");
        assert!(run_page("compare").contains('~') && run_page("../x").contains('~'));
    }

    proptest::proptest! {
        #[test]
        fn two_names_have_two_pages(left in ".{0,12}", right in ".{0,12}") {
            proptest::prop_assert_eq!(
                left == right,
                page_name(&left).to_lowercase() == page_name(&right).to_lowercase()
            );
        }
    }
}
