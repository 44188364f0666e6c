//! Documents that must say what the code does: exit codes, causes, verbs and their options.

use crate::project::FFT;
use crate::tidy::read;
use std::collections::{BTreeMap, BTreeSet};

/// README's table is what scripts rely on.
#[test]
fn the_readme_tells_every_exit_code() {
    let enumeration = read("src/cli/exit.rs");
    let mut told = BTreeMap::new();
    let mut meaning = String::new();
    for line in enumeration.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("/// ") {
            meaning = words.trim_end_matches('.').to_string();
        } else if let Some((_, code)) = line.strip_suffix(',').and_then(|line| line.split_once(" = ")) {
            told.insert(code.parse::<u8>().unwrap(), std::mem::take(&mut meaning));
        }
    }
    assert!(told.len() >= 6, "{told:?}");
    let readme = read("README.md");
    let section = readme.split("## Exit codes").nth(1).expect("a section on exit codes").split("\n## ").next().unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        Some((cells.get(1)?.parse::<u8>().ok()?, cells.get(2)?.to_string()))
    };
    let documented: BTreeMap<u8, String> = section.lines().filter_map(row).collect();
    assert_eq!(documented.keys().collect::<Vec<_>>(), told.keys().collect::<Vec<_>>());
    for (code, meaning) in &told {
        // The code says "isn't", the table "was not": the first word tells whether they speak of the same.
        let word = |text: &str| text.to_lowercase().split(' ').next().unwrap_or_default().to_string();
        assert_eq!(word(meaning), word(&documented[code]), "exit status {code}");
    }
}

/// Every cause that a run may give is explained to the user, and none that no run gives.
#[test]
fn every_cause_is_documented() {
    let enumeration = read("src/plan/code.rs");
    let codes: BTreeSet<String> = enumeration
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Code::")?.split_once(" => \"").map(|(_, rest)| rest))
        .filter_map(|rest| rest.strip_suffix("\","))
        .filter(|code| {
            code.chars().all(|c| c.is_ascii_lowercase() || c == '_') && code.contains('_')
                || *code == "forced"
                || *code == "unexplained"
        })
        .map(String::from)
        .collect();
    assert!(codes.len() >= 30, "{codes:?}");
    let page = read("docs/explanations.md");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let documented: BTreeSet<String> = rows
        .filter_map(|line| line.split('|').nth(1))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2).map(String::from).collect::<Vec<_>>())
        .filter(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .collect();
    let missing: Vec<_> = codes.difference(&documented).collect();
    assert!(missing.is_empty(), "docs/explanations.md doesn't explain {missing:?}");
    let invented: Vec<_> = documented.difference(&codes).collect();
    assert!(invented.is_empty(), "docs/explanations.md explains what there isn't: {invented:?}");
}

/// docs/cli.md names every verb and every long option that the binary has, and none that it hasn't.
#[test]
fn the_command_line_is_documented() {
    let help = |arguments: &[&str]| -> String {
        let output = std::process::Command::new(FFT).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let verbs = verbs(&help, &[]);
    assert!(verbs.len() > 5, "{verbs:?}");
    let page = read("docs/cli.md");
    let documented = options(&page);
    let mut known = BTreeSet::from(["--help".to_string(), "--version".to_string()]);
    let mut missing = Vec::new();
    for verb in verbs {
        let name = verb.join(" ");
        if !page.contains(&format!("fft {name}")) {
            missing.push(format!("fft {name}"));
        }
        let mut arguments: Vec<&str> = verb.iter().map(String::as_str).collect();
        arguments.push("--help");
        let own = help(&arguments);
        // What it is called besides stands behind.
        known.extend(options(&own));
        let declared = own.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
        let found: BTreeSet<String> = declared.flat_map(options).collect();
        let left: Vec<String> = found.iter().filter(|option| !documented.contains(*option)).cloned().collect();
        missing.extend(left.into_iter().map(|option| format!("fft {name} {option}")));
        known.extend(found);
    }
    missing.retain(|one| !["--help", "--quiet", "--verbose"].iter().any(|option| one.ends_with(option)));
    assert!(missing.is_empty(), "docs/cli.md doesn't tell of {missing:?}");
    let invented: Vec<_> = documented.difference(&known).collect();
    assert!(invented.is_empty(), "docs/cli.md tells of {invented:?}");
}

/// Every verb below `above`, those of verbs included: `history`, `history show` …
fn verbs(help: &dyn Fn(&[&str]) -> String, above: &[String]) -> Vec<Vec<String>> {
    let mut arguments: Vec<&str> = above.iter().map(String::as_str).collect();
    arguments.push("--help");
    let all = help(&arguments);
    let listed = all.split("Commands:").nth(1).map_or("", |rest| rest.split("\n\n").next().unwrap_or_default());
    let names = listed.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let mut found = Vec::new();
    for name in names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
        let verb: Vec<String> = above.iter().cloned().chain([name.to_string()]).collect();
        found.push(verb.clone());
        found.extend(verbs(help, &verb));
    }
    found
}

/// Words that begin with two dashes.
fn options(text: &str) -> BTreeSet<String> {
    let words = text.split(|character: char| !character.is_ascii_lowercase() && character != '-');
    words
        .filter(|word| word.starts_with("--") && word.len() > 3 && !word.starts_with("---"))
        .map(String::from)
        .collect()
}
