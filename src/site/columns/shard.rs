//! What scripts get of columns: the ways of values in pieces, `columns-0`, `columns-1` …, with `columns` saying which
//! owner is in which; every name in `column-names`, for the filter of the list; and in `column-impact` who reads what
//! the last run's edits changed: for each root its name, and the nodes that read it and that may, as their numbers among
//! the manifest's nodes by name; and what an edit is to a node, in words: to one that reads it, that may, and that doesn't.
//!
//! A column goes by its number among all: the pieces hold them in turn, so that a number tells its piece.

use super::index::Name;
use super::{Columns, Link, PART, page, values};
use crate::artifact::wire::TO_A_NODE;
use crate::site::graph::Kind as Shape;
use crate::site::name::page_name;
use crate::site::{Page, Site, Unit, data};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Columns in a piece, about: an owner's are in one.
const PIECE: usize = 2_000;

pub fn unit<'a>(site: &'a Site<'a>) -> Unit<'a> {
    let columns = &site.columns;
    let inputs: Vec<_> = columns.owners().map(|(owner, _)| (owner, columns.digest(owner))).collect();
    let said: Vec<Name<'_>> = super::index::names(columns);
    site.unit("column-shards", &(inputs, said), move || {
        let mut shards = pieces(site);
        let names: Vec<Value> = super::index::names(columns).iter().map(Name::row).collect();
        shards.push(data::shard("column-names", &names));
        shards
    })
}

/// Who reads what the last run's edits changed.
pub fn impact_unit<'a>(site: &'a Site<'a>) -> Unit<'a> {
    let inputs = impact(site);
    site.unit("column-impact", &inputs, move || vec![data::shard("column-impact", &impact(site))])
}

fn impact(site: &Site<'_>) -> Value {
    let places: BTreeMap<&str, usize> = site.input.manifest.nodes.keys().map(String::as_str).zip(0..).collect();
    let numbers = |names: &[String]| names.iter().filter_map(|name| places.get(name.as_str())).collect::<Vec<_>>();
    let edits = site.input.results.roots.iter().filter_map(|root| Some((root, root.columns.as_ref()?)));
    let edits = edits.map(|(root, found)| json!([root.name, numbers(&found.readers), numbers(&found.perhaps)]));
    json!({"edits": edits.collect::<Vec<Value>>(), "words": TO_A_NODE})
}

/// The owners in the order of their columns, each with its first column's number.
fn in_turn<'a>(columns: &Columns<'a>) -> Vec<(usize, &'a str, usize)> {
    let mut owners: Vec<_> =
        columns.owners().filter_map(|(owner, own)| Some((*own.first()?, owner, own.len()))).collect();
    owners.sort_unstable();
    owners
}

fn pieces(site: &Site<'_>) -> Vec<Page> {
    let columns = &site.columns;
    let mut shards = Vec::new();
    let (mut piece_of, mut firsts): (BTreeMap<&str, usize>, Vec<usize>) = (BTreeMap::new(), Vec::new());
    let owners = in_turn(columns);
    let mut left = owners.as_slice();
    while let Some((first, ..)) = left.first() {
        let end = left.iter().position(|(at, _, count)| at + count - first > PIECE).unwrap_or(left.len()).max(1);
        let (own, rest) = left.split_at(end);
        piece_of.extend(own.iter().map(|(_, owner, _)| (*owner, shards.len())));
        firsts.push(*first);
        let of: Vec<Value> = own.iter().map(|owner| of_owner(site, owner)).collect();
        shards.push(data::shard(&format!("columns-{}", shards.len()), &of));
        left = rest;
    }
    shards.push(data::shard("columns", &json!({"firsts": firsts, "part": PART, "pieces": piece_of})));
    shards
}

/// Name, shape, page, first number; of each column its name, what it comes from, what it feeds, and its place's name
/// where that is another; the owner's name as the manifest has it.
fn of_owner(site: &Site<'_>, (first, owner, count): &(usize, &str, usize)) -> Value {
    let columns = &site.columns;
    let numbers = |links: &[Link<'_>]| values(links).map(|link| link.at).collect::<Vec<_>>();
    let of = |at: usize| {
        let (name, up, down) = (columns.items[at].name, numbers(columns.up(at)), numbers(columns.down(at)));
        let place = page_name(name);
        if place == name { json!([name, up, down]) } else { json!([name, up, down, place]) }
    };
    let all: Vec<Value> = (*first..first + count).map(of).collect();
    let item = &columns.items[*first];
    let shape: Shape = item.shape(site.input.manifest);
    json!([item.shown_owner(), shape.word().0, page(owner, 0).trim_end_matches(".html"), first, all, owner])
}
