//! The causes of a run as cards: what happened, the first lines of its difference, and what followed.

use super::Site;
use super::cause::CauseView;
use super::diff::{DataView, DiffView};
use super::name::node_page;
use super::reached::Reached;
use super::told::{Names, Piece, capital};
use crate::artifact::results::{ResultRow, RunResults};
use crate::artifact::wire::{Cause, Root};
use crate::execute::Status;
use crate::plan::RootKind;
use std::collections::{BTreeMap, BTreeSet};

/// Changed lines of a difference that a card shows.
const LINES: usize = 6;
/// Nodes that a card names of those that followed.
const FOLLOWERS: usize = 6;

/// One edit, or whatever else began rebuilding.
pub struct Card<'a> {
    pub number: usize,
    /// The root's name, or the first one's of an edit that made several.
    pub root: &'a str,
    /// It hits every node.
    pub global: bool,
    /// Roots that the same edit made, besides.
    pub others: usize,
    /// What happened, as the sentence of the run says it.
    pub title: Vec<Piece>,
    /// The reason as everything else tells it.
    pub sentence: &'a str,
    pub data: Option<DataView>,
    pub diff: Option<DiffView>,
    /// Values before and after, where they are short.
    pub values: Option<(String, String)>,
    /// Changed lines that the card doesn't show.
    pub more_lines: usize,
    /// What it changed of columns, and who reads them.
    pub reached: Reached<'a>,
    /// Where the whole difference stands, below the site's folder.
    pub whole: Option<String>,
    pub followers: Vec<Follower<'a>>,
    pub more_followers: usize,
    /// What came of it, in words.
    pub consequence: String,
    /// Whether anything that was to be rebuilt because of it failed.
    pub failed: bool,
}

/// A node that was rebuilt because of a cause.
pub struct Follower<'a> {
    pub name: &'a str,
    /// Whether it has a page.
    pub linked: bool,
}

/// What cards are made from.
pub struct Deck<'a, 's> {
    site: &'s Site<'s>,
    results: &'a RunResults,
    names: &'s Names,
    rows: BTreeMap<&'a str, &'a ResultRow>,
    /// The node whose page the cards stand on, if one's.
    reader: Option<&'s str>,
}

impl<'a, 's> Deck<'a, 's> {
    pub fn new(site: &'s Site<'s>, results: &'a RunResults, names: &'s Names) -> Deck<'a, 's> {
        let rows = results.results.iter().map(|row| (row.name.as_str(), row)).collect();
        Deck { site, results, names, rows, reader: None }
    }

    /// For the page of a node: cards say what an edit is to it.
    pub fn on_page_of(self, node: &'s str) -> Deck<'a, 's> {
        Deck { reader: Some(node), ..self }
    }

    /// A card an edit, those with failures below them first, then the largest impact, and how many more there are
    /// than `most`.
    pub fn cards(&self, most: usize) -> (Vec<Card<'a>>, usize) {
        self.cards_of(most, |_| true)
    }

    /// The same of edits with a root that is `wanted`.
    pub fn cards_of(&self, most: usize, wanted: impl Fn(&Root) -> bool) -> (Vec<Card<'a>>, usize) {
        let mut edits = edits(&self.results.roots);
        edits.retain(|edit| edit.iter().any(|root| wanted(root)));
        let more = edits.len().saturating_sub(most);
        let shown = edits.into_iter().take(most).zip(1..);
        (shown.map(|(edit, number)| self.card(&edit, number)).collect(), more)
    }

    fn card(&self, edit: &[&'a Root], number: usize) -> Card<'a> {
        let root = edit[0];
        let is_node = |name: &str| self.site.is_node(name);
        let cause = self.cause(root);
        let shown = cause.map(|cause| CauseView::new(cause, true));
        let (data, diff, values) = shown.map(parts).unwrap_or_default();
        let all = diff.as_ref().map_or(0, |diff| diff.added + diff.removed);
        let diff = diff.map(|diff| diff.changed_lines(LINES));
        let more_lines = all.saturating_sub(diff.as_ref().map_or(0, |diff| diff.rows.len()));
        let (followers, more_followers) = self.followers(edit);
        let page = (root.kind != RootKind::Global && is_node(&root.name)).then(|| node_page(&root.name));
        Card {
            number,
            root: &root.name,
            global: root.kind == RootKind::Global,
            others: edit.len() - 1,
            title: self.title(root),
            sentence: &root.sentence,
            data,
            diff,
            values,
            more_lines,
            reached: Reached::of(edit, self.reader),
            whole: page.map(|page| format!("{page}#why")),
            followers,
            more_followers,
            consequence: self.consequence(edit),
            failed: edit.iter().any(|root| root.failed > 0),
        }
    }

    /// What a root did, as the sentence of the run says it.
    pub fn title(&self, root: &Root) -> Vec<Piece> {
        capital(self.names.pieces(&root.told(|name| self.site.is_node(name))))
    }

    /// The cause that made a root, as the row of a node has it.
    pub fn cause(&self, root: &Root) -> Option<&'a Cause> {
        let own = self.rows.get(root.name.as_str()).filter(|_| root.kind == RootKind::Node);
        let among = |row: &'a ResultRow| row.decision.causes.iter().find(|cause| cause.sentence == root.sentence);
        match own {
            Some(row) => among(row).or_else(|| row.decision.causes.iter().find(|cause| !cause.is_upstream())),
            None if root.kind == RootKind::Global => self.results.results.iter().find_map(among),
            None => None,
        }
    }

    /// Nodes that were rebuilt because of an edit, its own first ones apart, by name.
    fn followers(&self, edit: &[&Root]) -> (Vec<Follower<'a>>, usize) {
        let own: BTreeSet<&str> = edit.iter().map(|root| root.name.as_str()).collect();
        let mut all = self.rebuilt(edit);
        all.retain(|row| !own.contains(row.name.as_str()));
        let one = |row: &&'a ResultRow| Follower { name: &row.name, linked: self.site.is_node(&row.name) };
        let more = all.len().saturating_sub(FOLLOWERS);
        (all.iter().take(FOLLOWERS).map(one).collect(), more)
    }

    /// Nodes that were rebuilt because of an edit, by name.
    pub fn rebuilt(&self, edit: &[&Root]) -> Vec<&'a ResultRow> {
        let own: BTreeSet<&str> = edit.iter().map(|root| root.name.as_str()).collect();
        let because = |row: &&'a ResultRow| row.decision.roots.iter().any(|root| own.contains(root.as_str()));
        self.rows.values().copied().filter(|row| row.status == Status::Success && because(row)).collect()
    }

    /// What came of an edit, in words.
    pub fn consequence(&self, edit: &[&Root]) -> String {
        consequence(self.results, edit)
    }
}

/// What came of an edit, in words; of one that made several roots, counted over all of them.
pub fn consequence(results: &RunResults, edit: &[&Root]) -> String {
    let [first, _, ..] = edit else { return edit[0].consequence() };
    let group = results.groups.iter().find(|group| group.roots.contains(&first.name));
    let impact = group.map_or(first.impact, |group| group.impact);
    let most = |of: fn(&Root) -> usize| edit.iter().map(|root| of(root)).max().unwrap_or_default();
    let whole = Root {
        impact,
        sole_impact: 0,
        failed: most(|root| root.failed),
        blocked: most(|root| root.blocked),
        ..(*first).clone()
    };
    whole.consequence()
}

/// Roots by the edit that made them, those with failures below them first, then the largest impact.
pub fn edits(roots: &[Root]) -> Vec<Vec<&Root>> {
    let mut edits: Vec<Vec<&Root>> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for root in roots {
        let known = root.edited.as_deref().and_then(|edited| places.get(edited).copied());
        match known {
            Some(place) => edits[place].push(root),
            None => {
                places.extend(root.edited.as_deref().map(|edited| (edited, edits.len())));
                edits.push(vec![root]);
            }
        }
    }
    let failed = |edit: &Vec<&Root>| edit.iter().map(|root| root.failed).sum::<usize>();
    edits.sort_by_key(|edit| std::cmp::Reverse(failed(edit)));
    edits
}

/// What a card shows of a cause: its data, its difference, or its values.
type Parts = (Option<DataView>, Option<DiffView>, Option<(String, String)>);

fn parts(view: CauseView<'_>) -> Parts {
    let values = match (view.before.value, view.after.value) {
        (Some(before), Some(after)) if !before.cut && !after.cut && view.data.is_none() => {
            Some((before.text, after.text))
        }
        _ => None,
    };
    let of_origin = view.origins.into_iter().find_map(|origin| origin.diff);
    let diff = of_origin.or(view.diff);
    let values = values.filter(|(before, after)| diff.is_none() && before.len() + after.len() < 200);
    (view.data, diff, values)
}
