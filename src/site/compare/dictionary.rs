//! `causes`: what each pair of versions of a component is called, with what it holds.
//!
//! A key is the mark of the version before, `>`, and that of the version after; an empty one is for what isn't there.
//! What is too much for a site has the general words of its kind, and the page names the command that tells more.

use super::markdown::Printed;
use super::parts::{mark, slots, terms};
use super::text::Texts;
use crate::artifact::comparison::{causes, unbuilt_words};
use crate::artifact::history::Record;
use crate::artifact::snapshot::{OTHER_STATE, UNBUILT, gone, not_kept};
use crate::artifact::wire::{Attribution, Cause, Side, Word, edited};
use crate::digest::Digest;
use crate::execute::Status;
use crate::fingerprint::{Change, Component, Difference, Fingerprint, InputKind, Kind, difference};
use crate::plan::{self, Code};
use crate::site::cause::Value;
use crate::site::redact::Redaction;
use crate::site::{Site, Unit, data, diff, word};
use serde::Serialize;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Bytes of records that are looked at, those of the newest runs first.
const RECORDS: u64 = 48 << 20;
/// States of a node that are compared with each other, the newest ones.
const STATES: usize = 12;
/// Bytes of contents that are read to be compared.
const CONTENTS: u64 = 128 << 20;

#[derive(Serialize)]
struct Dictionary {
    causes: BTreeMap<String, Entry>,
    /// Code, rank and words with `{}` for the name: by kind, then by change.
    general: BTreeMap<&'static str, BTreeMap<&'static str, General>>,
    /// Why components aren't known, with `{}` for the run.
    notes: BTreeMap<&'static str, String>,
    /// Pairs of fingerprints whose digests aren't comparable by themselves.
    special: BTreeMap<String, Special>,
    /// By the word of a decision: that the run left the node without a build of its state.
    unbuilt: BTreeMap<&'static str, &'static str>,
}

/// Code, the place of the code among all codes, words.
type General = (&'static str, usize, String);

/// A reason between two versions.
#[derive(Clone, Serialize)]
struct Entry {
    after: Option<Shown>,
    before: Option<Shown>,
    change: Option<String>,
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cosmetic: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Data>,
    /// What was edited, where several nodes read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    edited: Option<String>,
    kind: Option<String>,
    /// Texts differ, and the site has no room for them.
    left_out: bool,
    name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    origins: Vec<Origin>,
    /// The place of its code among all codes.
    rank: usize,
    sentence: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    texts: Option<[String; 2]>,
}

#[derive(Clone, Serialize)]
struct Shown {
    digest: String,
    size: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    withheld: bool,
}

#[derive(Clone, Serialize)]
struct Data {
    facts: Vec<String>,
    summary: String,
}

#[derive(Clone, Serialize)]
struct Origin {
    sentence: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    texts: Option<[String; 2]>,
}

/// Reasons that hold whatever became of upstream nodes, those that hold where an upstream node's content is another,
/// and what is said where one's isn't, or where a variable's digest is of another key.
#[derive(Serialize)]
struct Special {
    base: Vec<Entry>,
    env: bool,
    rotated: Option<Entry>,
    upstream: Vec<String>,
}

pub fn unit<'a>(site: &'a Site<'a>) -> Unit<'a> {
    let runs = considered(site);
    let inputs: Vec<_> = runs.iter().map(|run| &run.record).collect();
    let inputs = serde_json::to_value(&inputs).expect("invariant: inputs are JSON");
    site.unit("causes", &inputs, move || {
        let records: Vec<Arc<Record>> =
            considered(site).iter().filter_map(|run| site.input.archive.whole(&run.run_id)).collect();
        let mut maker = Maker::new(site);
        maker.all(&states(&records));
        let shard = data::shard("causes", &maker.dictionary());
        [shard, maker.printed.page()].into_iter().chain(maker.texts.pages()).collect()
    })
}

/// Runs that built something, the newest first.
fn considered<'a>(site: &Site<'a>) -> Vec<&'a crate::site::RunSummary> {
    let mut left = RECORDS;
    let runs = site.input.runs.iter().rev().filter(|run| !run.nodes.is_empty());
    let fits = |run: &&crate::site::RunSummary| {
        let fits = run.record.bytes <= left;
        left = left.saturating_sub(run.record.bytes);
        fits
    };
    runs.take_while(fits).collect()
}

/// The different states of each node, the newest first.
fn states(records: &[Arc<Record>]) -> BTreeMap<&str, Vec<&Fingerprint>> {
    let mut found: BTreeMap<&str, Vec<&Fingerprint>> = BTreeMap::new();
    for record in records {
        for (name, recorded) in &record.fingerprints {
            let Some(full) = recorded.full.as_ref().and_then(|full| full.known()) else { continue };
            let states = found.entry(name.as_str()).or_default();
            if states.len() < STATES && states.iter().all(|state| state.value != full.value) {
                states.push(full);
            }
        }
    }
    found
}

struct Maker<'s, 'a> {
    site: &'s Site<'a>,
    redaction: Redaction,
    texts: Texts<'s, 'a>,
    printed: Printed,
    causes: BTreeMap<String, Entry>,
    special: BTreeMap<String, Special>,
    /// Bytes that may still be read.
    left: Cell<u64>,
}

impl<'s, 'a> Maker<'s, 'a> {
    fn new(site: &'s Site<'a>) -> Maker<'s, 'a> {
        let redaction = site.input.archive.redaction();
        let (causes, special) = Default::default();
        Maker {
            site,
            redaction,
            texts: Texts::new(site),
            printed: Printed::empty(),
            causes,
            special,
            left: Cell::new(CONTENTS),
        }
    }

    /// Every pair of states of every node, those of the newest first.
    fn all(&mut self, states: &BTreeMap<&str, Vec<&Fingerprint>>) {
        let marked: BTreeMap<&str, Vec<Marked<'_>>> =
            states.iter().map(|(name, states)| (*name, states.iter().map(|one| Marked::of(one)).collect())).collect();
        for depth in 1..STATES {
            for (name, states) in marked.iter().filter(|(_, states)| states.len() > depth) {
                for newer in &states[..depth] {
                    self.pair(name, &states[depth], newer);
                    self.pair(name, newer, &states[depth]);
                }
            }
        }
    }

    fn pair(&mut self, name: &str, before: &Marked<'_>, after: &Marked<'_>) {
        if before.terms != after.terms {
            return self.pair_of_terms(name, before.fingerprint, after.fingerprint);
        }
        if before.keys(after).iter().all(|key| self.causes.contains_key(key)) {
            return;
        }
        let (old, new) = (before.fingerprint, after.fingerprint);
        let mut by_kind: BTreeMap<Kind, VecDeque<plan::Cause>> = BTreeMap::new();
        for cause in self.told(name, old, new, true) {
            cause.kind.into_iter().for_each(|kind| by_kind.entry(kind).or_default().push_back(cause.clone()));
        }
        // Of one kind, reasons stand in the order of the differences.
        for one in difference(old, new).iter().filter(|one| one.kind != Kind::Upstream) {
            let side = |side: &Option<Arc<Component>>, of: &Fingerprint| side.as_ref().map(|one| mark(one, of));
            let key = key(side(&one.before, old).as_deref(), side(&one.after, new).as_deref());
            let Some(cause) = by_kind.get_mut(&one.kind).and_then(VecDeque::pop_front) else { continue };
            if self.causes.contains_key(&key) {
                continue;
            }
            let entry = self.entry(&key, &cause);
            self.causes.insert(key, entry);
        }
    }

    /// Digests of another key or format say nothing by themselves.
    fn pair_of_terms(&mut self, name: &str, before: &Fingerprint, after: &Fingerprint) {
        let (still, moved) = (self.told(name, before, after, false), self.told(name, before, after, true));
        let upstream = |causes: &[plan::Cause]| -> BTreeSet<String> {
            let found = causes.iter().filter(|cause| cause.code == Code::UpstreamChanged);
            found.filter_map(|cause| cause.name.clone()).collect()
        };
        let certain = upstream(&still);
        let rotated = still.iter().chain(&moved).find(|cause| cause.code == Code::KeyRotated).cloned();
        let pair = key(Some(&before.value.short()), Some(&after.value.short()));
        let base = still.iter().filter(|one| one.code != Code::KeyRotated).enumerate();
        let special = Special {
            base: base.map(|(at, one)| self.entry(&format!("{pair} {at}"), one)).collect(),
            env: moved.iter().any(|cause| cause.code == Code::KeyRotated),
            rotated: rotated.as_ref().map(|cause| self.entry(&pair, cause)),
            upstream: upstream(&moved).into_iter().filter(|name| !certain.contains(name)).collect(),
        };
        self.special.insert(pair, special);
    }

    fn told(&self, name: &str, before: &Fingerprint, after: &Fingerprint, moved: bool) -> Vec<plan::Cause> {
        causes(
            name,
            (before, after),
            |_| moved,
            |digest| {
                let content = self.site.input.archive.content(digest)?;
                let left = self.left.get().checked_sub(content.len() as u64)?;
                self.left.set(left);
                Some(content)
            },
        )
    }

    /// `key` is what its differences are found by.
    fn entry(&mut self, key: &str, cause: &plan::Cause) -> Entry {
        let rank = cause.code as usize;
        let mut cause = Cause::from(cause);
        let edited = edited(&cause).filter(|_| self.redaction.is_none());
        let text = cause.kind.as_ref().and_then(Word::known).is_some_and(Kind::is_text) && !self.redaction.sql;
        let python = !cause.is_of(Kind::Sql);
        let whole = cause.own_diff().is_some() || (python && cause.diff.is_some());
        let sides = |before: Option<Digest>, after: Option<Digest>| before.zip(after).filter(|_| text);
        let digest = |side: &Option<Side>| side.as_ref().map(|side| side.digest);
        let own = sides(digest(&cause.before), digest(&cause.after)).filter(|_| whole);
        let origins: Vec<Option<(Digest, Digest)>> = cause
            .attributed_to
            .iter()
            .map(|one| sides(one.before, one.after).filter(|_| one.diff.is_some() && has_text(one)))
            .collect();
        self.redaction.cause(&mut cause);
        self.printed.add(key, &cause);
        let texts = own.and_then(|(before, after)| self.texts.both(before, after));
        let left_out = own.is_some() && texts.is_none();
        let origins = cause.attributed_to.iter().zip(origins).map(|(one, sides)| Origin {
            sentence: one.sentence(),
            texts: sides.and_then(|(before, after)| self.texts.both(before, after)),
        });
        Entry {
            origins: origins.collect(),
            after: cause.after.as_ref().map(Shown::of),
            before: cause.before.as_ref().map(Shown::of),
            change: cause.change.as_ref().map(|change| change.as_str().to_string()),
            code: cause.code.as_str().to_string(),
            cosmetic: cause.cosmetic,
            data: cause.data.as_ref().map(Data::of),
            edited,
            kind: cause.kind.as_ref().map(|kind| kind.as_str().to_string()),
            left_out,
            name: cause.name.clone(),
            rank,
            sentence: cause.sentence.clone(),
            texts,
        }
    }

    fn dictionary(&mut self) -> Dictionary {
        let unbuilt = [(Status::Error, "ERROR"), (Status::Blocked, "BLOCKED")];
        Dictionary {
            causes: std::mem::take(&mut self.causes),
            general: general(),
            notes: BTreeMap::from([
                ("gone", not_kept(&gone("{}"))),
                ("other", not_kept(OTHER_STATE)),
                ("unbuilt", not_kept(UNBUILT)),
            ]),
            special: std::mem::take(&mut self.special),
            unbuilt: unbuilt.into_iter().filter_map(|(status, word)| Some((word, unbuilt_words(status)?))).collect(),
        }
    }
}

/// Whether its digests are those of texts that are kept.
fn has_text(found: &Attribution) -> bool {
    matches!(found.kind.known(), Some(InputKind::Template | InputKind::Macro))
}

fn key(before: Option<&str>, after: Option<&str>) -> String {
    format!("{}>{}", before.unwrap_or_default(), after.unwrap_or_default())
}

/// What each kind of change is called where nothing more is told.
fn general() -> BTreeMap<&'static str, BTreeMap<&'static str, General>> {
    let words = |kind: Kind, change: Change| {
        let side = || Some(Arc::new(Component::bare(kind, "{}", b"")));
        let code = plan::Cause::of(&Difference { kind, change, before: side(), after: side() }).code;
        let sentence = Cause::from(&plan::Cause::named(code, "{}")).sentence;
        (change.as_str(), (code.as_str(), code as usize, sentence))
    };
    let changes = [Change::Added, Change::Removed, Change::Modified];
    let of_kind = |kind: Kind| (kind.as_str(), BTreeMap::from(changes.map(|change| words(kind, change))));
    BTreeMap::from(Kind::ALL.map(of_kind))
}

/// A state with what tells its components from those of another.
struct Marked<'a> {
    fingerprint: &'a Fingerprint,
    terms: String,
    /// Slot, kind and mark of what is the node's own.
    own: BTreeMap<String, (Kind, String)>,
}

impl<'a> Marked<'a> {
    fn of(fingerprint: &'a Fingerprint) -> Marked<'a> {
        let own = slots(fingerprint).into_iter().filter(|(_, one)| one.kind != Kind::Upstream);
        let own = own.map(|(slot, one)| (slot, (one.kind, mark(one, fingerprint)))).collect();
        Marked { fingerprint, terms: terms(fingerprint), own }
    }

    /// The keys of what isn't the same in `after`.
    fn keys(&self, after: &Marked<'_>) -> Vec<String> {
        let version = |mark: &str| mark.split('.').next().map(String::from);
        let mut keys = Vec::new();
        let (mut gone, mut come) = (Loose::new(), Loose::new());
        for (slot, (kind, old)) in &self.own {
            match after.own.get(slot) {
                Some((_, new)) if version(old) == version(new) => {}
                Some((_, new)) => keys.push(key(Some(old), Some(new))),
                None => drop(gone.insert((*kind, slot), old)),
            }
        }
        come.extend(
            after
                .own
                .iter()
                .filter(|(slot, _)| !self.own.contains_key(*slot))
                .map(|(slot, (kind, new))| ((*kind, slot), new)),
        );
        for kind in [Kind::Sql, Kind::Python, Kind::Seed] {
            if let (Some(old), Some(new)) = (first(&gone, kind), first(&come, kind)) {
                keys.push(key(gone.remove(&old).map(String::as_str), come.remove(&new).map(String::as_str)));
            }
        }
        keys.extend(gone.values().map(|old| key(Some(old), None)));
        keys.extend(come.values().map(|new| key(None, Some(new))));
        keys
    }
}

/// Slot and kind of components, with their marks.
type Loose<'a> = BTreeMap<(Kind, &'a String), &'a String>;

/// What there is of a kind.
fn first<'a>(side: &Loose<'a>, kind: Kind) -> Option<(Kind, &'a String)> {
    side.keys().find(|(one, _)| *one == kind).copied()
}

impl Shown {
    fn of(side: &Side) -> Shown {
        Shown {
            digest: side.digest.short(),
            size: word::bytes(side.size),
            value: side.value.as_deref().map(|value| Value::of(value).text),
            withheld: side.withheld,
        }
    }
}

impl Data {
    fn of(change: &crate::artifact::wire::DataChange) -> Data {
        let view = diff::data(change);
        let fact = |fact: &diff::Fact| {
            let parts = [Some(fact.text.as_str()), fact.column.as_deref(), Some(fact.detail.as_str())];
            let parts: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
            format!("{} {}", fact.sign(), parts.join(" "))
        };
        Data { facts: view.facts.iter().map(fact).collect(), summary: view.summary }
    }
}
