//! Diffs, seed rows, and origins of a change, from the contents behind the digests.
//!
//! In two pure steps: [`wanted`] names the contents, the caller fetches what it has, [`attribute`] fills them in.

use super::{About, Attribution, Cause, Detail, Outline, Plan, RootKind, TextDiff, Why, part, rows};
use crate::digest::Digest;
use crate::fingerprint::{Change, Fingerprint, Input, InputKind, Kind};
use crate::lineage::shape::{self, Edit};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Contents by the digest that they are kept under.
pub type Contents = BTreeMap<Digest, Arc<[u8]>>;

/// Seeds larger than this are compared by digest and size alone. Bytes.
pub const LARGEST_SEED: u64 = 64 << 20;

/// The digests whose contents the plan's diffs need. `before` gives a node's last recorded fingerprint.
pub fn wanted<'a>(plan: &Plan, before: impl Fn(usize) -> Option<&'a Fingerprint>) -> BTreeSet<Digest> {
    let mut digests = BTreeSet::new();
    for decision in &plan.decisions {
        for cause in decision.causes() {
            if !cause.kind.is_some_and(has_content) {
                continue;
            }
            if !is_large(cause) {
                digests.extend([&cause.before, &cause.after].into_iter().flatten().map(|side| side.digest));
            }
            if cause.kind == Some(Kind::Sql)
                && let Some(before) = before(decision.node)
            {
                for (_, old, new) in changed_inputs(before, &decision.fingerprint) {
                    digests.extend([old, new].into_iter().flatten().map(|input| input.digest));
                }
            }
        }
    }
    digests
}

fn has_content(kind: Kind) -> bool {
    kind.is_text() || kind == Kind::Seed
}

/// A seed whose rows are too many to be compared.
fn is_large(cause: &Cause) -> bool {
    let sides = [&cause.before, &cause.after];
    cause.kind == Some(Kind::Seed) && sides.into_iter().flatten().any(|side| side.size > LARGEST_SEED)
}

/// Adds to each cause what its contents tell. `before` gives a node's last recorded fingerprint, `about` what the
/// project says of it.
pub fn attribute<'a>(
    plan: &mut Plan,
    contents: &Contents,
    before: impl Fn(usize) -> Option<&'a Fingerprint>,
    about: impl Fn(usize) -> About<'a>,
) {
    // Causes as they were and as they are now, by node.
    let mut known: BTreeMap<&str, Vec<(Cause, Cause)>> = BTreeMap::new();
    for decision in &mut plan.decisions {
        let (old, about) = (before(decision.node), about(decision.node));
        let fingerprint = decision.fingerprint.clone();
        for cause in &mut decision.causes {
            if !cause.kind.is_some_and(has_content) {
                continue;
            }
            let plain = cause.clone();
            fill(cause, contents, about);
            if cause.kind == Some(Kind::Sql)
                && let Some(old) = old
            {
                cause.attributed_to = attributions(old, &fingerprint, contents);
            }
            // The texts of a build by another checkout may be here all the same, from a commit: then they say it.
            let has_difference = cause.diff.is_some()
                || cause.data.is_some()
                || cause.attributed_to.iter().any(|one| one.diff.is_some());
            let is_silent = cause.details.is_empty() && !has_difference;
            if about.elsewhere && cause.change == Some(Change::Modified) && is_silent {
                cause.details.push(Detail::NotAtHand);
            }
            known.entry(about.name).or_default().push((plain, cause.clone()));
        }
    }
    for root in &mut plan.roots {
        let Why::Cause(cause) = &mut root.why else { continue };
        if !cause.kind.is_some_and(has_content) {
            continue;
        }
        // Two nodes may have functions of one name, which are told apart by what changed in them.
        let better = match root.kind {
            RootKind::Node => known.get(root.name.as_str()).and_then(|of_node| filled(of_node, cause)),
            RootKind::Global | RootKind::Earlier => known.values().find_map(|of_node| filled(of_node, cause)),
        };
        better.into_iter().for_each(|better| **cause = better);
    }
}

/// A cause with what its contents told.
fn filled(known: &[(Cause, Cause)], cause: &Cause) -> Option<Cause> {
    known.iter().find(|(plain, _)| plain == cause).map(|(_, better)| better.clone())
}

/// What the contents of the two sides tell of each other.
fn fill(cause: &mut Cause, contents: &Contents, about: About<'_>) {
    if let (Some((before, after)), Some(Kind::Seed)) = (about.outlines, cause.kind) {
        cause.data = Some(Box::new(Outline::change(before, after)));
        return;
    }
    if is_large(cause) {
        cause.details = vec![Detail::RowsNotCompared(LARGEST_SEED)];
        return;
    }
    let content = |side: &Option<super::Side>| side.as_ref().and_then(|side| contents.get(&side.digest)).cloned();
    let Some((left, right)) = content(&cause.before).zip(content(&cause.after)) else { return };
    // A leaf is over the name too, so that only the contents tell a mere renaming for sure.
    if cause.change == Some(Change::Renamed) && left != right {
        cause.change = Some(Change::Modified);
    }
    if cause.kind != Some(Kind::Seed) {
        cause.diff = TextDiff::between(&left, &right);
    }
    match cause.kind {
        Some(Kind::Sql) => cause.columns = columns(&left, &right, about).map(Box::new),
        Some(Kind::Seed) => cause.data = rows::change(&left, &right, about).map(Box::new),
        Some(Kind::Python) => cause.attributed_to = part::changed(&left, &right, about.path, about.text),
        Some(Kind::PythonModule) => {
            let path = cause.name.as_deref().unwrap_or_default();
            cause.attributed_to = part::changed(&left, &right, path, None);
            // A note and not `cosmetic`, which would mean that it may be skipped: a slice's digest leaves modules out.
            if part::same_meaning(&left, &right) {
                cause.details = vec![Detail::SameMeaning];
            }
        }
        _ => {}
    }
}

/// What became of the columns of a query whose texts these are.
fn columns(before: &[u8], after: &[u8], about: About<'_>) -> Option<Edit> {
    let shape = |text: &[u8]| Some(shape::of_logical(std::str::from_utf8(text).ok()?, about.grammar?));
    Some(shape::edit(&shape(before)?, &shape(after)?))
}

type ChangedInput<'a> = (Change, Option<&'a Input>, Option<&'a Input>);

/// How the file of a SQL model ends.
const MODEL: &str = ".ff.sql";

/// Inputs of a text that aren't the same on both sides.
fn changed_inputs<'a>(before: &'a Fingerprint, after: &'a Fingerprint) -> Vec<ChangedInput<'a>> {
    // A model's own file may have another name; files with other texts of it go by theirs.
    let own = |input: &Input| input.kind == InputKind::Template && input.name.ends_with(MODEL);
    let key = |input: &'a Input| (input.kind, if own(input) { "" } else { input.name.as_str() });
    let old: BTreeMap<_, _> = before.inputs.iter().map(|input| (key(input), input)).collect();
    let new: BTreeMap<_, _> = after.inputs.iter().map(|input| (key(input), input)).collect();
    let names: BTreeSet<_> = old.keys().chain(new.keys()).copied().collect();
    let rekeyed = before.key_id != after.key_id;
    // Digests of variables under two keys tell nothing.
    let same = |left: &Input, right: &Input| {
        left.value == right.value && (left.digest == right.digest || (rekeyed && left.kind == InputKind::Env))
    };
    let change = |name| match (old.get(&name).copied(), new.get(&name).copied()) {
        (Some(left), Some(right)) if same(left, right) => None,
        (Some(left), Some(right)) => Some((Change::Modified, Some(left), Some(right))),
        (left, right) => Some((if left.is_none() { Change::Added } else { Change::Removed }, left, right)),
    };
    names.into_iter().filter_map(change).collect()
}

/// Bytes of a value that a record of a change holds at most: what is longer goes by its digest.
const LONGEST_VALUE: usize = 1024;

fn value(input: &Input) -> Option<String> {
    input.value.clone().filter(|value| value.len() <= LONGEST_VALUE)
}

/// The inputs whose change made a rendered text change: by name, as each may be read by many nodes.
fn attributions(before: &Fingerprint, after: &Fingerprint, contents: &Contents) -> Vec<Attribution> {
    let attribution = |(change, old, new): ChangedInput<'_>| {
        let shown = new.or(old)?;
        let content = |input: Option<&Input>| input.and_then(|input| contents.get(&input.digest)).cloned();
        Some(Attribution {
            kind: shown.kind,
            name: shown.name.clone(),
            path: shown.path.clone(),
            line: shown.line,
            change,
            cosmetic: false,
            before: old.map(|input| input.digest),
            after: new.map(|input| input.digest),
            before_value: old.and_then(value),
            after_value: new.and_then(value),
            diff: content(old).zip(content(new)).and_then(|(left, right)| TextDiff::between(&left, &right)),
        })
    };
    changed_inputs(before, after).into_iter().filter_map(attribution).collect()
}
