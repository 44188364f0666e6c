//! The pages that promise something, held sentence by sentence: each is quoted by a test that tries it.
//!
//! A story quotes with lines `#: sentence`, a test in Rust with `//: sentence`, directly above the steps that try it; lines
//! that follow each other are one text. A sentence that nothing quotes fails here, and so does a quote that no page says
//! (any more): whoever changes a promise comes by the test that held it.

use crate::project::CHECKOUT;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Pages each of whose sentences, list items and table rows is tried.
const PAGES: [&str; 3] = ["explanations", "fingerprints", "getting-started"];

#[test]
fn each_sentence_is_quoted_by_a_test() {
    let quoted: BTreeSet<String> = tests().iter().flat_map(|file| quotes(&read(file))).collect();
    let tried = |page: &str| -> Vec<String> {
        let all = sentences(&read(&docs().join(format!("{page}.md"))));
        all.into_iter().filter(|said| !quoted.contains(said)).map(|said| format!("docs/{page}.md: {said}")).collect()
    };
    let untried: Vec<String> = PAGES.iter().flat_map(|page| tried(page)).collect();
    assert!(untried.is_empty(), "no test quotes these {}:\n{}", untried.len(), untried.join("\n"));
}

#[test]
fn each_quote_is_said_by_a_page() {
    let pages = files(&docs(), "md");
    let said: BTreeSet<String> = pages.iter().flat_map(|page| sentences(&read(page))).collect();
    let mut stale = Vec::new();
    for file in tests() {
        let told = quotes(&read(&file)).into_iter().filter(|quote| !said.contains(quote));
        stale.extend(told.map(|quote| format!("{}: {quote}", file.display())));
    }
    assert!(stale.is_empty(), "no page says these:\n{}", stale.join("\n"));
}

/// A quote at which nothing is asked for tries nothing.
#[test]
fn each_quote_of_a_story_stands_above_a_step_that_asks() {
    for file in files(&Path::new(CHECKOUT).join("tests/it/stories"), "story") {
        let mut open = None;
        for (number, line) in read(&file).lines().enumerate().map(|(index, line)| (index + 1, line.to_string())) {
            match line.split(' ').next() {
                Some("#:") => open = open.or(Some(number)),
                Some(">" | "~" | "?" | "exit") => open = None,
                _ => {}
            }
        }
        assert_eq!(open, None, "nothing is asked for below this line of {}", file.display());
    }
}

fn docs() -> PathBuf {
    Path::new(CHECKOUT).join("docs")
}

/// Where quotes may stand: stories, and tests in Rust at their side or beside the code.
fn tests() -> Vec<PathBuf> {
    let root = Path::new(CHECKOUT);
    [files(&root.join("tests/it"), "story"), files(&root.join("tests/it"), "rs"), files(&root.join("src"), "rs")]
        .concat()
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let found = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(|entry| entry.unwrap().into_path());
    found.filter(|path| path.extension().is_some_and(|extension| extension == ending)).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// What a test quotes: its lines of quotes, those that follow each other being one text.
fn quotes(test: &str) -> Vec<String> {
    let quote = |line: &str| {
        let line = line.trim_start();
        let text = line.strip_prefix("#: ").or_else(|| line.strip_prefix("//: "));
        text.map(String::from).unwrap_or_default()
    };
    parts(test.lines().map(quote))
}

/// The sentences, list items and table rows of a page of Markdown, without headings, heads of tables and fenced blocks.
fn sentences(page: &str) -> Vec<String> {
    let mut fenced = false;
    let mut row = 0;
    parts(page.lines().map(|line| {
        let fence = line.starts_with("```");
        fenced ^= fence;
        row = if line.starts_with('|') { row + 1 } else { 0 };
        // The first two rows of a table are its head and the line below it.
        let silent = fence || fenced || line.starts_with('#') || row == 1 || row == 2;
        if silent { String::new() } else { line.to_string() }
    }))
}

/// Paragraphs, list items and rows, at the ends of their sentences.
fn parts(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut found = Vec::new();
    let mut paragraph = String::new();
    for line in lines.chain([String::new()]) {
        let row = line.starts_with('|');
        if line.is_empty() || row || line.starts_with("- ") {
            found.extend(split(&std::mem::take(&mut paragraph)));
        }
        match row {
            true => found.push(line.split_whitespace().collect::<Vec<_>>().join(" ")),
            false => paragraph += &format!(" {}", line.strip_prefix("- ").unwrap_or(&line)),
        }
    }
    found
}

/// A paragraph at the ends of its sentences.
fn split(paragraph: &str) -> Vec<String> {
    let words: Vec<&str> = paragraph.split_whitespace().collect();
    let mut found = vec![Vec::new()];
    for (index, word) in words.iter().enumerate() {
        let sentence = found.last_mut().expect("invariant: never empty");
        sentence.push(*word);
        let begins = |next: &&str| next.starts_with(|c: char| c.is_uppercase() || "`*[‹".contains(c));
        let ends = word.trim_end_matches('*').ends_with(['.', '?', '!', ':']);
        if ends && words.get(index + 1).is_some_and(begins) {
            found.push(Vec::new());
        }
    }
    found.into_iter().filter(|sentence| !sentence.is_empty()).map(|sentence| sentence.join(" ")).collect()
}

#[test]
fn a_page_is_split_into_its_sentences() {
    let page = "# Head\n\nOne sentence. Another one\nover two lines:\n\n```\ncode.\n```\n\n| a | b |\n|---|---|\n| `x` |  says  it |\n\n- An item. `Code` begins one.\n- e.g. not here\n";
    let expected = [
        "One sentence.",
        "Another one over two lines:",
        "| `x` | says it |",
        "An item.",
        "`Code` begins one.",
        "e.g. not here",
    ];
    assert_eq!(sentences(page), expected);
    let test = "    //: One sentence. Another one\n    //: over two lines:\n    step();\n//: | `x` | says it |\n//: | `y` | too |\n";
    assert_eq!(quotes(test), ["One sentence.", "Another one over two lines:", "| `x` | says it |", "| `y` | too |"]);
}
