//! A graph as SVG for pages without a script and for print: bounded, with links, and with a text that says the same.
//!
//! Sizes, shapes and lines are those of `static/graph.js`. Nothing is styled in place: classes only, so that the site's
//! colours and its policy on styles hold.

use super::{Item, Kind, reach};
use crate::artifact::manifest::ManifestNode;
use crate::site::called::{Called, letters, shortened};
use crate::site::layout::{Layout, layout};
use crate::site::name::node_page;
use crate::site::word::{count, marked, materialized, number};
use askama::Template;
use std::fmt::Write as _;

/// Height of a unit of the layout, of a box, and space around the whole, in pixels.
const UNIT: i32 = 12;
const HEIGHT: i32 = 36;
const MARGIN: i32 = 8;
/// Pixels between two columns.
const GAP: i32 = 44;
/// Boxes that are told one by one; of more, the table beside a graph tells.
const TOLD: usize = 60;
/// Letters of a name that are shown at most, and the tenths of a pixel that one takes.
const LETTERS: usize = 32;
const LETTER: usize = 72;

/// Pixels that the line below a picture takes.
const NOTE: i32 = 14;

/// A picture as a file of its own.
#[derive(Template)]
#[template(path = "picture.svg", escape = "html")]
struct File<'a> {
    title: &'a str,
    text: String,
    width: i32,
    height: i32,
    body: String,
    note: &'a str,
}

/// What stands for an item.
pub struct Drawn {
    kind: Kind,
    /// It keeps versions of what was there before.
    keeps: bool,
    /// Class of the decision.
    class: &'static str,
    name: String,
    /// The name as it is shown, but for its length.
    label: String,
    /// Second line: glyph, word, kind.
    word: String,
    link: String,
    /// Marked as what the picture is about.
    pub here: bool,
}

impl Drawn {
    pub fn of(item: &Item<'_>, root: &str, called: &Called) -> Drawn {
        Drawn {
            kind: item.kind,
            keeps: item.keeps(),
            class: item.badge().map_or("none", |badge| badge.class),
            name: item.name.to_string(),
            label: item.node().map_or(item.name, |node| called.short(&node.name)).to_string(),
            word: word(item),
            link: format!("{root}{}", item.page),
            here: false,
        }
    }

    /// A box of any name and second line.
    pub fn new(kind: Kind, name: &str, word: &str, link: String) -> Drawn {
        let (name, label) = (name.to_string(), name.to_string());
        Drawn { kind, keeps: false, class: "none", name, label, word: word.into(), link, here: false }
    }

    /// With the edge of what keeps a history, where that is one.
    pub fn keeping(self, keeps: bool) -> Drawn {
        Drawn { keeps, ..self }
    }

    /// A box of a node by its name among others.
    pub fn called(self, called: &Called) -> Drawn {
        Drawn { label: called.short(&self.name).to_string(), ..self }
    }

    /// With the class of a decision.
    pub fn classed(self, class: &'static str) -> Drawn {
        Drawn { class, ..self }
    }

    /// A node by what it is, whatever was decided.
    pub(super) fn plain(node: &ManifestNode, root: &str, called: &Called) -> Drawn {
        let kind = Kind::of(node);
        let word = format!("{} · {}", kind.word().1, materialized(&node.materialized));
        let drawn = Drawn::new(kind, &node.name, &word, format!("{root}{}", node_page(&node.name)));
        drawn.keeping(keeps(node)).called(called)
    }

    pub(super) fn source(name: &str, root: &str) -> Drawn {
        let link = format!("{root}{}", super::source_page(name));
        Drawn::new(Kind::Source, name, "source", link)
    }

    /// Pixels.
    fn width(&self) -> i32 {
        let longest = letters(&self.label).min(LETTERS).max(letters(&self.word) * 7 / 8);
        ((longest * LETTER).div_ceil(10) + 26).max(88) as i32
    }
}

/// What a box says that a node is: its kind, and of what keeps a history that.
pub(super) fn what(node: Option<&ManifestNode>, kind: Kind) -> &str {
    node.filter(|node| keeps(node)).map_or(kind.word().1, |node| materialized(&node.materialized))
}

/// Whether a node's relation keeps versions of what was there before.
pub(super) fn keeps(node: &ManifestNode) -> bool {
    node.materialized.known().is_some_and(|known| known.keeps_history())
}

/// The decision with the numbers of its causes, the kind, and the rows that it has now: `↳ CASCADE ①② · SQL · 4 rows (+1)`.
fn word(item: &Item<'_>) -> String {
    let badge = item.badge().map(|badge| [badge.glyph, badge.word, &reach::marks(&item.causes)].join(" "));
    let (kind, tests) = (what(item.node(), item.kind).to_string(), marked(&item.tests));
    let parts = [badge.map(|badge| badge.trim_end().to_string()), Some(kind), rows(item), tests];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// `4 rows (+1)`: of a node that was built, with what a build before had.
fn rows(item: &Item<'_>) -> Option<String> {
    let rows = item.row()?.rows?;
    let change = match item.past.rows_before {
        Some(before) if before < rows => format!(" (+{})", number(rows - before)),
        Some(before) if before > rows => format!(" (−{})", number(before - rows)),
        _ => String::new(),
    };
    Some(format!("{}{change}", count(rows as usize, "row")))
}

/// A graph in its place.
pub struct Picture {
    title: String,
    drawn: Vec<Drawn>,
    edges: Vec<(u32, u32)>,
    layout: Layout,
    /// Left edge and width of each column.
    columns: Vec<(i32, i32)>,
    /// Pixels.
    pub width: i32,
    pub height: i32,
}

impl Picture {
    pub fn new(title: impl Into<String>, drawn: Vec<Drawn>, edges: &[(u32, u32)]) -> Picture {
        let mut edges: Vec<(u32, u32)> = edges.iter().filter(|(from, to)| from != to).copied().collect();
        edges.sort_unstable();
        edges.dedup();
        let layout = layout(drawn.len(), &edges);
        let mut columns = vec![(0, 0); layout.columns as usize];
        for (one, column) in drawn.iter().zip(&layout.column) {
            let width = &mut columns[*column as usize].1;
            *width = one.width().max(*width);
        }
        let mut left = MARGIN;
        for column in &mut columns {
            column.0 = left;
            left += column.1 + GAP;
        }
        let width = (left - GAP + MARGIN).max(2 * MARGIN);
        let height = layout.height * UNIT + 2 * MARGIN;
        Picture { title: title.into(), drawn, edges, layout, columns, width, height }
    }

    fn y(&self, units: i32) -> i32 {
        MARGIN + units * UNIT
    }

    /// The line from one box to another.
    fn line(&self, from: u32, to: u32) -> String {
        let columns = |node: u32| self.layout.column[node as usize] as usize;
        // An edge that closes a cycle is drawn from its left end too.
        let (left, right) = if columns(from) < columns(to) { (from, to) } else { (to, from) };
        let start = columns(left);
        let mut x = self.columns[start].0 + self.drawn[left as usize].width();
        let mut y = self.y(self.layout.y[left as usize]);
        let mut path = format!("M{x} {y}");
        let way = self.layout.way(left as usize, right as usize).iter();
        let stops = way.chain([&self.layout.y[right as usize]]);
        for (column, stop) in (start + 1..).zip(stops) {
            let (edge, next) = (self.columns[column - 1].0 + self.columns[column - 1].1, self.columns[column].0);
            let down = self.y(*stop);
            if edge != x {
                let _ = write!(path, "H{edge}");
            }
            if down == y {
                let _ = write!(path, "H{next}");
            } else {
                let middle = (edge + next) / 2;
                let _ = write!(path, "C{middle} {y} {middle} {down} {next} {down}");
            }
            (x, y) = (next, down);
        }
        path
    }

    fn count(&self) -> String {
        format!("{} and {}", count(self.drawn.len(), "node"), count(self.edges.len(), "edge"))
    }

    /// What it shows, in words: each box with what it reads.
    fn text(&self) -> Vec<String> {
        let line = |(at, one): (u32, &Drawn)| {
            let reads = self.edges.iter().filter(|(_, to)| *to == at).map(|(from, _)| &self.drawn[*from as usize].name);
            let reads: Vec<&str> = reads.map(String::as_str).collect();
            let reads = if reads.is_empty() { String::new() } else { format!(", reads {}", reads.join(", ")) };
            format!("{} ({}){reads}", one.name, one.word)
        };
        (0..).zip(&self.drawn).map(line).collect()
    }

    /// The SVG element. `id` is its own on the page.
    pub fn svg(&self, id: &str) -> String {
        let (width, height) = (self.width, self.height);
        let (title, text) = (escape(&self.title), escape(&self.words()));
        format!(
            "<svg class=\"picture\" id=\"{id}\" role=\"group\" aria-label=\"{title}\" aria-describedby=\"{id}-text\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n<desc id=\"{id}-text\">{text}.</desc>\n{}</svg>\n",
            self.body()
        )
    }

    /// A file of its own, with its colours, and a line below it.
    pub fn file(&self, note: &str) -> String {
        let height = self.height + if note.is_empty() { 0 } else { NOTE };
        let file = File { title: &self.title, text: self.words(), width: self.width, height, body: self.body(), note };
        file.render().expect("invariant: writing to memory doesn't fail")
    }

    fn words(&self) -> String {
        if self.drawn.len() <= TOLD { self.text().join("; ") } else { self.count() }
    }

    /// Lines and boxes.
    fn body(&self) -> String {
        let mut svg = String::from("<g class=\"edges\">\n");
        for (from, to) in &self.edges {
            let _ = writeln!(svg, "<path d=\"{}\"/>", self.line(*from, *to));
        }
        svg.push_str("</g>\n");
        for (at, one) in self.drawn.iter().enumerate() {
            self.node(&mut svg, at, one);
        }
        svg
    }

    fn node(&self, svg: &mut String, at: usize, one: &Drawn) {
        let (x, y) = (self.columns[self.layout.column[at] as usize].0, self.y(self.layout.y[at]) - HEIGHT / 2);
        let here = if one.here { " here" } else { "" };
        let current = if one.here { " aria-current=\"true\"" } else { "" };
        let shown = shortened(&one.label, LETTERS);
        let _ = writeln!(
            svg,
            "<a class=\"box {} {}{here}\" href=\"{}\"{current} transform=\"translate({x} {y})\"><path d=\"{}\"/>\
             <text class=\"name\" x=\"13\" y=\"15\">{}</text><text class=\"word\" x=\"13\" y=\"28\">{}</text></a>",
            one.kind.word().0,
            one.class,
            escape(&one.link),
            shape(one.kind, one.keeps, one.width(), HEIGHT),
            escape(&shown),
            escape(&one.word),
        );
    }
}

/// The outline that tells a kind: a pill, a slanted box, a box, a box with pointed ends; with a second left edge, as of
/// sheets that lie on each other, what keeps versions.
fn shape(kind: Kind, keeps: bool, width: i32, height: i32) -> String {
    let (w, h, middle) = (width, height, height / 2);
    let outline = match kind {
        Kind::Seed => {
            format!("M{middle} 0H{}a{middle} {middle} 0 0 1 0 {h}H{middle}a{middle} {middle} 0 0 1 0 -{h}Z", w - middle)
        }
        Kind::Source => format!("M9 0H{w}L{} {h}H0Z", w - 9),
        Kind::Sql => {
            format!("M4 0H{}a4 4 0 0 1 4 4V{}a4 4 0 0 1 -4 4H4a4 4 0 0 1 -4 -4V4a4 4 0 0 1 4 -4Z", w - 4, h - 4)
        }
        Kind::Python => format!("M9 0H{}L{w} {middle}L{} {h}H9L0 {middle}Z", w - 9, w - 9),
    };
    if keeps { format!("{outline}M5 0V{h}") } else { outline }
}

/// Foreign text as text and attribute.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter if letter.is_control() => safe.push(' '),
            _ => safe.push(letter),
        }
    }
    safe
}
