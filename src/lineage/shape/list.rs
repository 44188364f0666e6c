//! The final `select` of a query as its columns one by one and what is left without them.
//!
//! That is done where each row of what stands behind `from` and `where` gives one row, and each column of it is an
//! expression over that row: no groups, no aggregates, no `distinct`, no set operation, no limit, no `*`. Then the rows
//! with some of the columns are the same whatever the others are.

use super::{Text, word};
use crate::digest::{Digest, Tagged};
use crate::syntax::sql::{TokenKind, semantic_digest};
use sqlparser::ast::{Expr, GroupByExpr, Query, Select, SelectItem, SetExpr};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A query's columns, and what is left of its text without them.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// Of the text without the columns.
    pub body: Digest,
    /// Names in that, and in the columns that it uses by their names.
    pub names: BTreeSet<String>,
    /// In their order.
    pub items: Vec<Item>,
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub name: String,
    /// The name in small letters: no other column has it.
    pub key: String,
    /// Of its expression, and of those of earlier columns that it uses by their names.
    pub digest: Digest,
    /// Names in those.
    pub names: BTreeSet<String>,
}

/// Words behind `from` where the names of columns of the list may be used, on the engines where they may.
const BEHIND: [&str; 6] = ["where", "prewhere", "group", "having", "qualify", "order"];

pub(super) fn of(text: &Text<'_>, query: &Query) -> Result<List, String> {
    let select = plain(query)?;
    let names = select.projection.iter().map(named).collect::<Option<Vec<String>>>();
    let names = names.ok_or("a column of it has no name, or `*` stands for some")?;
    let place = Place::of(text)?;
    if place.items.len() != names.len() {
        return Err("its columns aren't told apart".into());
    }
    let keys: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    if keys.iter().collect::<BTreeSet<_>>().len() < keys.len() {
        return Err("two columns of it have one name".into());
    }
    if let Some(at) = place.items.iter().position(|range| !word::is_plain(text, range.clone())) {
        return Err(format!("its column `{}` isn't computed row by row", names[at]));
    }
    let aliases = if text.grammar.reuses_aliases { Aliases::On } else { Aliases::Off };
    let mut made: BTreeMap<&str, (Digest, BTreeSet<String>)> = BTreeMap::new();
    let mut items = Vec::new();
    for ((name, key), range) in names.iter().zip(&keys).zip(&place.items) {
        let own = (text.digest(range.clone()), text.names(text.without_alias(range.clone())));
        let (digest, names) = aliases.with(own, &made);
        made.insert(key, (digest, names.clone()));
        items.push(Item { name: name.clone(), key: key.clone(), digest, names });
    }
    let (head, behind) = (0..place.start, place.end..text.tokens.len());
    let whole =
        Tagged::new("fft-query-body-v1").part(&text.digest(head.clone()).0).part(&text.digest(behind.clone()).0);
    let tail = (place.tail..text.tokens.len(), text.names(place.tail..text.tokens.len()));
    let (used, mut names) = aliases.with((whole.finish(), tail.1), &made);
    names.extend(text.names(head));
    names.extend(text.names(behind));
    Ok(List { body: used, names, items })
}

/// Whether a column's name stands for its expression elsewhere in the same `select`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aliases {
    On,
    Off,
}

impl Aliases {
    /// A digest and names with those of the columns that it may use.
    fn with(
        self,
        (digest, names): (Digest, BTreeSet<String>),
        made: &BTreeMap<&str, (Digest, BTreeSet<String>)>,
    ) -> (Digest, BTreeSet<String>) {
        let used: Vec<_> = match self {
            Aliases::On => names.iter().filter_map(|name| made.get(name.as_str())).cloned().collect(),
            Aliases::Off => Vec::new(),
        };
        let hash = used.iter().fold(Tagged::new("fft-query-part-v1").part(&digest.0), |hash, one| hash.part(&one.0.0));
        let more = used.into_iter().flat_map(|(_, names)| names);
        (hash.finish(), names.into_iter().chain(more).collect())
    }
}

/// The one `select` of a query that gives a row for each that it reads.
fn plain(query: &Query) -> Result<&Select, String> {
    let SetExpr::Select(select) = &*query.body else { return Err("it is a set operation".into()) };
    let limited = query.limit_clause.is_some() || query.fetch.is_some() || select.top.is_some();
    let grouped =
        !matches!(&select.group_by, GroupByExpr::Expressions(keys, more) if keys.is_empty() && more.is_empty());
    let rest = !query.pipe_operators.is_empty()
        || select.into.is_some()
        || select.exclude.is_some()
        || select.value_table_mode.is_some()
        || !select.lateral_views.is_empty()
        || !select.connect_by.is_empty()
        || !select.named_window.is_empty();
    match () {
        () if limited => Err("it takes some of its rows".into()),
        () if select.distinct.is_some() => Err("it gives each row once".into()),
        () if grouped || select.having.is_some() => Err("it groups its rows".into()),
        () if select.qualify.is_some() => Err("it chooses rows by windows".into()),
        () if rest => Err("it is of a form that isn't followed column by column".into()),
        () => Ok(select),
    }
}

/// The name that a column has on every engine.
fn named(item: &SelectItem) -> Option<String> {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.clone()),
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => Some(name.value.clone()),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => parts.last().map(|part| part.value.clone()),
        _ => None,
    }
}

/// Where the list stands, in tokens.
struct Place {
    /// Behind `select`.
    start: usize,
    /// At `from`.
    end: usize,
    /// At the first word behind it where a column's name may stand for its expression.
    tail: usize,
    items: Vec<Range<usize>>,
}

impl Place {
    fn of(text: &Text<'_>) -> Result<Place, String> {
        let depths = depths(text);
        let outside = |at: &usize| depths[*at] == 0;
        let all = || (0..text.tokens.len()).filter(outside);
        let mut selects = all().filter(|at| text.word(*at) == "select");
        let (Some(first), None) = (selects.next(), selects.next()) else {
            return Err("its list of columns isn't found".into());
        };
        // `is distinct from` is no `from`.
        let is_from = |at: &usize| text.word(*at) == "from" && text.word(at.wrapping_sub(1)) != "distinct";
        let end = all().find(|at| *at > first && is_from(at)).ok_or("it reads nothing")?;
        let tail = all().find(|at| *at > end && BEHIND.contains(&text.word(*at).as_str()));
        let mut items: Vec<Range<usize>> = Vec::new();
        let mut start = first + 1;
        for comma in all().filter(|at| (first..end).contains(at) && text.is(*at, ",")).chain([end]) {
            items.push(start..comma);
            start = comma + 1;
        }
        // A comma may stand behind the last one.
        items.retain(|range| !range.is_empty());
        Ok(Place { start: first + 1, end, tail: tail.unwrap_or(text.tokens.len()), items })
    }
}

/// How many brackets are open before each token.
fn depths(text: &Text<'_>) -> Vec<usize> {
    let mut depth = 0_usize;
    let mut of = |at: usize| {
        let before = depth;
        match text.tokens[at].text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        before.min(depth)
    };
    (0..text.tokens.len()).map(&mut of).collect()
}

impl Text<'_> {
    /// The text that some tokens are.
    fn source(&self, range: Range<usize>) -> &str {
        match (self.tokens.get(range.start), self.tokens.get(range.end.wrapping_sub(1))) {
            (Some(first), Some(last)) if first.start <= last.start => {
                &self.text[first.start..last.start + last.text.len()]
            }
            _ => "",
        }
    }

    /// A digest of some tokens.
    fn digest(&self, range: Range<usize>) -> Digest {
        semantic_digest(self.source(range), self.grammar.lexicon)
    }

    /// The tokens of a column without the name that is given to it.
    fn without_alias(&self, range: Range<usize>) -> Range<usize> {
        let is_name = self.tokens.get(range.end.wrapping_sub(1)).is_some_and(|last| last.kind != TokenKind::Symbol);
        let given = range.len() > 2 && is_name && self.word(range.end - 2) == "as";
        if given { range.start..range.end - 2 } else { range }
    }
}
