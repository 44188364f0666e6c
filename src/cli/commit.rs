//! Texts of files as they were in a commit, as git itself tells.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// A commit and a file's path in the project's folder.
pub type Place = (String, String);

/// What git has in these places; all of what it hasn't, where git isn't there or the folder isn't its own, is left out.
pub fn texts(root: &Path, wanted: &BTreeSet<Place>) -> BTreeMap<Place, Vec<u8>> {
    // A line is a question: what can't be in one isn't asked.
    let asked: Vec<&Place> = wanted.iter().filter(|(_, path)| !path.contains(['\n', '\0'])).collect();
    if asked.is_empty() { BTreeMap::new() } else { ask(root, &asked).unwrap_or_default() }
}

#[expect(clippy::disallowed_methods, reason = "git alone knows its objects")]
fn ask(root: &Path, asked: &[&Place]) -> Option<BTreeMap<Place, Vec<u8>>> {
    let mut command = Command::new("git");
    command.args(["-c", "core.fsmonitor=false", "--no-optional-locks", "cat-file", "--batch"]).current_dir(root);
    let mut git = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let (mut questions, mut answers) = (git.stdin.take()?, BufReader::new(git.stdout.take()?));
    let mut found = BTreeMap::new();
    for place in asked {
        // One after the other, so that neither side waits for a full pipe.
        writeln!(questions, "{}:./{}", place.0, place.1).ok()?;
        questions.flush().ok()?;
        let mut head = String::new();
        answers.read_line(&mut head).ok()?;
        // `OBJECT blob SIZE`, or `… missing`.
        let words: Vec<&str> = head.split_whitespace().collect();
        let Some(size) = words.last().and_then(|size| size.parse::<usize>().ok()) else { continue };
        let mut content = vec![0; size + 1];
        answers.read_exact(&mut content).ok()?;
        content.pop();
        if words.get(1) == Some(&"blob") {
            found.insert((*place).clone(), content);
        }
    }
    drop(questions);
    git.wait().ok()?;
    Some(found)
}
