//! The pages' links lead somewhere, and the page of project files names every file and key that is read.

use crate::project::CHECKOUT;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(CHECKOUT).join("docs").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The anchors of a page, as GitHub makes them of headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let anchor = |line: &str| {
        let words = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        words.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
    };
    text.lines().filter(|line| line.starts_with('#')).map(anchor).collect()
}

#[test]
fn every_link_of_the_pages_leads_somewhere() {
    //: [Sources](sources.md): tables and files that something else makes, and how changes of theirs are seen.
    //: - [Explanations](explanations.md): how to read what fft says.
    //: - [Python models](python-models.md) and [HTTP](http.md).
    let mut dead = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(Path::new(CHECKOUT).join("docs")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        if !name.ends_with(".md") {
            continue;
        }
        let text = page(&name);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { &name } else { file };
            let there = Path::new(CHECKOUT).join("docs").join(file).exists();
            let found = there && (anchor.is_empty() || anchors(&page(file)).contains(anchor));
            if !target.contains("://") && !found {
                dead.push(format!("{name}: {target}"));
            }
            count += 1;
        }
    }
    assert!(count > 50, "links are written otherwise: {count}");
    assert!(dead.is_empty(), "these lead nowhere: {dead:#?}");
}

/// First arguments of the readers of YAML.
fn keys(code: &str) -> BTreeSet<String> {
    let readers =
        ["node", "json", "text", "required", "flag", "count", "texts", "list", "entries", "fields", "is_null"];
    let calls = readers.iter().flat_map(|reader| code.split(&format!(".{reader}(\"")).skip(1).collect::<Vec<_>>());
    // And `folder(&mut fields, "models_dir")`.
    let passed = code.split("(&mut ").skip(1).filter_map(|rest| rest.split_once(", \"").map(|(_, rest)| rest));
    let name = |rest: &str| rest.split('"').next().map(String::from);
    let found: BTreeSet<String> = calls.filter_map(name).chain(passed.filter_map(name)).collect();
    let is_key = |key: &String| key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    found.into_iter().filter(is_key).collect()
}

#[test]
fn every_file_and_key_of_a_project_is_on_its_page() {
    let src = |path: &str| fs::read_to_string(Path::new(CHECKOUT).join("src").join(path)).unwrap();
    let text = page("project-files.md") + &page("budgets.md");
    //: [Project files](project-files.md): every file and key.
    for file in ["project.yml", "profiles.yml", "sources.yml", "budgets.yml", "seeds/schema.yml", ".env.local"] {
        assert!(text.contains(file), "{file}");
    }
    let words: BTreeSet<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let mut known = BTreeSet::new();
    for file in ["profile", "source", "seed", "properties", "budget", "settings"] {
        known.extend(keys(&src(&format!("project/{file}.rs"))));
    }
    assert!(known.len() > 50 && known.contains("models_dir") && known.contains("cosmetic"), "{known:?}");
    let missing: Vec<_> = known.iter().filter(|key| !words.contains(key.as_str())).collect();
    assert!(missing.is_empty(), "docs/project-files.md doesn't tell of {missing:?}");
}
