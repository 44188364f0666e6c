//! A run against the one before it, for its page: what differs, by the causes of it.

use super::state::components;
use crate::artifact::comparison::causes;
use crate::artifact::wire::{Cause, edited};
use crate::digest::Digest;
use crate::plan;
use crate::site::Site;
use crate::site::history::Archive;
use crate::site::word;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of contents that are read to be compared.
const CONTENTS: u64 = 32 << 20;

/// What one thing made different.
#[derive(Debug, PartialEq)]
pub struct Group {
    /// The thing, in words.
    pub sentence: String,
    /// Nodes that differ for it themselves, or through what they read; by name.
    pub nodes: Vec<String>,
}

/// Nodes that differ, by what made them so, what made most of them first; and those of which it isn't known.
#[derive(Debug, Default, PartialEq)]
pub struct Groups {
    pub changed: usize,
    pub groups: Vec<Group>,
    /// Names, with why nothing is known.
    pub unknown: Vec<(String, String)>,
}

impl Groups {
    /// `174 nodes differ because of 1 thing`.
    pub fn words(&self) -> String {
        let differ = if self.changed == 1 {
            "1 node differs".into()
        } else {
            format!("{} differ", word::count(self.changed, "node"))
        };
        match self.groups.len() {
            0 => differ,
            things => format!("{differ} because of {}", word::count(things, "thing")),
        }
    }
}

/// The nodes that both runs know and whose fingerprints aren't the same.
/// `None` where one of the records can't be had.
pub fn groups(site: &Site<'_>, before: &str, after: &str) -> Option<Groups> {
    let archive = site.input.archive;
    let (before, after) = (archive.whole(before)?, archive.whole(after)?);
    let left = Cell::new(CONTENTS);
    let content = |digest: &Digest| {
        let content = archive.content(digest)?;
        left.set(left.get().checked_sub(content.len() as u64)?);
        Some(content)
    };
    let mut told: BTreeMap<&str, Result<Vec<Cause>, String>> = BTreeMap::new();
    for (name, new) in &after.fingerprints {
        if before.fingerprints.get(name).is_none_or(|old| old.value == new.value) {
            continue;
        }
        let both = components(archive, &before, name).and_then(|old| Ok((old, components(archive, &after, name)?)));
        told.insert(
            name.as_str(),
            both.map(|(old, new)| worded(archive, &causes(name, (&old, &new), |_| true, content))),
        );
    }
    Some(by_cause(&told))
}

fn worded(archive: &dyn Archive, causes: &[plan::Cause]) -> Vec<Cause> {
    let one = |cause: &plan::Cause| {
        let mut cause = Cause::from(cause);
        archive.redaction().cause(&mut cause);
        cause
    };
    causes.iter().map(one).collect()
}

fn by_cause(told: &BTreeMap<&str, Result<Vec<Cause>, String>>) -> Groups {
    let mut found: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut known: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for name in told.keys() {
        for thing in things(name, told, &mut known) {
            found.entry(thing).or_default().insert(*name);
        }
    }
    let group = |(sentence, nodes): (String, BTreeSet<&str>)| Group {
        sentence,
        nodes: nodes.into_iter().map(String::from).collect(),
    };
    let mut groups: Vec<Group> = found.into_iter().map(group).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.nodes.len()));
    let why = |(name, one): (&&str, &Result<Vec<Cause>, String>)| Some((name.to_string(), one.clone().err()?));
    Groups { changed: told.len(), groups, unknown: told.iter().filter_map(why).collect() }
}

/// What began it: the node's own reasons, and those of the nodes that it reads.
fn things<'a>(
    name: &'a str,
    told: &BTreeMap<&'a str, Result<Vec<Cause>, String>>,
    known: &mut BTreeMap<&'a str, BTreeSet<String>>,
) -> BTreeSet<String> {
    let mut open = vec![name];
    let (mut seen, mut all) = (BTreeSet::from([name]), BTreeSet::new());
    while let Some(at) = open.pop() {
        if let Some(found) = known.get(at) {
            all.extend(found.iter().cloned());
            continue;
        }
        let Some((_, Ok(causes))) = told.get_key_value(at) else { continue };
        for cause in causes {
            let up = cause.name.as_deref().filter(|_| cause.is_upstream());
            match up.and_then(|up| told.get_key_value(up)) {
                Some((up, Ok(_))) if seen.insert(*up) => open.push(*up),
                Some((_, Ok(_))) => {}
                // What is upstream wasn't told of: then that it changed is all that is known.
                _ => drop(all.insert(edited(cause).unwrap_or_else(|| cause.sentence.clone()))),
            }
        }
    }
    known.insert(name, all.clone());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Code;

    #[test]
    fn what_differs_is_told_by_what_made_it_so() {
        let cause = |code, name: &str| Cause::from(&plan::Cause::named(code, name));
        let up = |name: &str| cause(Code::UpstreamChanged, name);
        let told = BTreeMap::from([
            ("a", Ok(vec![cause(Code::SeedChanged, "seeds/a.csv")])),
            ("b", Ok(vec![cause(Code::SqlChanged, "models/b.sql"), up("a")])),
            ("c", Ok(vec![up("b")])),
            ("d", Ok(vec![up("a")])),
            ("e", Err("components not kept".to_string())),
            ("f", Ok(vec![up("e")])),
        ]);
        let groups = by_cause(&told);
        let said: Vec<(&str, Vec<&str>)> = groups
            .groups
            .iter()
            .map(|group| (group.sentence.as_str(), group.nodes.iter().map(String::as_str).collect()))
            .collect();
        assert_eq!(
            said,
            [
                ("seed changed: seeds/a.csv", vec!["a", "b", "c", "d"]),
                ("SQL changed: models/b.sql", vec!["b", "c"]),
                ("upstream changed: e", vec!["f"]),
            ]
        );
        assert_eq!(groups.unknown, [("e".to_string(), "components not kept".to_string())]);
        assert_eq!(groups.words(), "6 nodes differ because of 3 things");
    }
}
