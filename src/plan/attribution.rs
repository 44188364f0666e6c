//! Diffs, seed rows and origins of a change, from the contents behind the digests.
//!
//! In two pure steps: [`wanted`] names the contents, the caller fetches what it has, [`attribute`] fills them in.

use super::{Attribution, Cause, DataChange, Plan, TextDiff};
use crate::digest::Digest;
use crate::fingerprint::{Change, Fingerprint, Input, InputKind, Kind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Contents by the digest that they are kept under.
pub type Contents = BTreeMap<Digest, Arc<[u8]>>;

/// Lines that one diff shows at most.
const DIFF_LINES: usize = 200;
/// Bytes that one diff shows at most.
const DIFF_BYTES: usize = 64 * 1024;

/// The digests whose contents the plan's diffs need. `before` gives a node's last recorded fingerprint.
pub fn wanted<'a>(plan: &Plan, before: impl Fn(usize) -> Option<&'a Fingerprint>) -> BTreeSet<Digest> {
    let mut digests = BTreeSet::new();
    for decision in &plan.decisions {
        for cause in decision.causes() {
            if !cause.kind.is_some_and(has_content) {
                continue;
            }
            digests.extend([&cause.before, &cause.after].into_iter().flatten().map(|side| side.digest));
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

/// Adds to each cause what its contents tell.
pub fn attribute<'a>(plan: &mut Plan, contents: &Contents, before: impl Fn(usize) -> Option<&'a Fingerprint>) {
    let mut sentences: BTreeMap<String, String> = BTreeMap::new();
    for decision in &mut plan.decisions {
        let old = before(decision.node);
        let fingerprint = decision.fingerprint.clone();
        for cause in &mut decision.causes {
            if !cause.kind.is_some_and(has_content) {
                continue;
            }
            let plain = cause.sentence();
            let side = |side: &Option<super::Side>| side.as_ref().and_then(|side| contents.get(&side.digest)).cloned();
            let (left, right) = (side(&cause.before), side(&cause.after));
            // A leaf is over the name too, so that only the contents tell a mere renaming for sure.
            if cause.change == Some(Change::Renamed)
                && left.as_ref().zip(right.as_ref()).is_some_and(|(left, right)| left != right)
            {
                cause.change = Some(Change::Modified);
            }
            if cause.kind == Some(Kind::Seed) {
                cause.data = left.zip(right).and_then(|(left, right)| rows(&left, &right));
            } else {
                cause.diff = left.zip(right).and_then(|(left, right)| diff(&left, &right));
            }
            if cause.kind == Some(Kind::Sql)
                && let Some(old) = old
            {
                cause.attributed_to = attributions(old, &fingerprint, contents);
            }
            *cause = Cause { sentence: String::new(), ..cause.clone() }.worded();
            sentences.insert(plain, cause.sentence());
        }
    }
    for root in &mut plan.roots {
        if let Some(better) = sentences.get(&root.sentence) {
            root.sentence = better.clone();
        }
    }
}

type ChangedInput<'a> = (Change, Option<&'a Input>, Option<&'a Input>);

/// Inputs of a text that aren't the same on both sides.
fn changed_inputs<'a>(before: &'a Fingerprint, after: &'a Fingerprint) -> Vec<ChangedInput<'a>> {
    let key = |input: &'a Input| (input.kind, if input.kind == InputKind::Template { "" } else { input.name.as_str() });
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

fn attributions(before: &Fingerprint, after: &Fingerprint, contents: &Contents) -> Vec<Attribution> {
    let one = |(change, old, new): ChangedInput<'_>| {
        let shown = new.or(old)?;
        let content = |input: Option<&Input>| input.and_then(|input| contents.get(&input.digest)).cloned();
        Some(Attribution {
            kind: shown.kind,
            name: shown.name.clone(),
            path: shown.path.clone(),
            line: shown.line,
            change,
            before: old.map(|input| input.digest),
            after: new.map(|input| input.digest),
            diff: content(old).zip(content(new)).and_then(|(left, right)| diff(&left, &right)),
        })
    };
    changed_inputs(before, after).into_iter().filter_map(one).collect()
}

/// A unified diff with three lines of context; `None` when either side is no text.
fn diff(before: &[u8], after: &[u8]) -> Option<TextDiff> {
    let (before, after) = (std::str::from_utf8(before).ok()?, std::str::from_utf8(after).ok()?);
    let changes = similar::TextDiff::from_lines(before, after);
    let count = |tag| changes.iter_all_changes().filter(|change| change.tag() == tag).count();
    let (added, removed) = (count(similar::ChangeTag::Insert), count(similar::ChangeTag::Delete));
    let whole = changes.unified_diff().context_radius(3).missing_newline_hint(false).to_string();
    let (unified, cut) = bounded(&whole);
    Some(TextDiff { unified, added, removed, cut })
}

/// The first lines of a diff, as many as are shown, and how many are not.
fn bounded(whole: &str) -> (String, usize) {
    let mut end = 0;
    let mut shown = 0;
    for line in whole.split_inclusive('\n').take(DIFF_LINES) {
        if end + line.len() > DIFF_BYTES {
            break;
        }
        end += line.len();
        shown += 1;
    }
    (whole[..end].to_string(), whole.split_inclusive('\n').count() - shown)
}

/// Rows as a multiset, by the CSV's own header; `None` when either side isn't CSV.
fn rows(before: &[u8], after: &[u8]) -> Option<DataChange> {
    let (old, new) = (Table::read(before)?, Table::read(after)?);
    let mut counts: BTreeMap<&Vec<String>, i64> = BTreeMap::new();
    for (rows, step) in [(&old.rows, -1), (&new.rows, 1)] {
        for row in rows {
            *counts.entry(row).or_default() += step;
        }
    }
    let missing = |left: &Vec<String>, right: &Vec<String>| -> Vec<String> {
        left.iter().filter(|column| !right.contains(column)).cloned().collect()
    };
    let same_columns = old.columns == new.columns;
    let count = |sign: i64| counts.values().map(|count| (count * sign).max(0) as usize).sum();
    Some(DataChange {
        rows_before: old.rows.len(),
        rows_after: new.rows.len(),
        rows_added: if same_columns { count(1) } else { new.rows.len().saturating_sub(old.rows.len()) },
        rows_removed: if same_columns { count(-1) } else { old.rows.len().saturating_sub(new.rows.len()) },
        columns_added: missing(&new.columns, &old.columns),
        columns_removed: missing(&old.columns, &new.columns),
    })
}

struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn read(bytes: &[u8]) -> Option<Table> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let columns = reader.headers().ok()?.iter().map(String::from).collect();
        let rows: Result<Vec<_>, _> =
            reader.records().map(|row| row.map(|row| row.iter().map(String::from).collect())).collect();
        Some(Table { columns, rows: rows.ok()? })
    }
}
