//! What pages tell of time: of made-up runs of any size.

use super::gantt::Gantt;
use super::run::TimeView;
use crate::artifact::timing::Timeline;
use crate::artifact::timing::tests::{Made, record};
use crate::artifact::wire::Unspent;
use crate::site::word::Thousands;
use askama::Template;

/// What the include shows alone.
#[derive(Template)]
#[template(source = "{% include \"gantt.html\" %}", ext = "html")]
struct Alone<'a> {
    time: TimeView,
    shell: crate::site::shell::Shell<'a>,
}

/// A run of so many nodes on so many workers: short ones and long ones, some of which wait for others.
fn view(nodes: usize, workers: usize) -> (String, usize) {
    let names: Vec<String> = (0..nodes).map(|at| format!("model_with_a_name_{at:05}.ff")).collect();
    let mut free = vec![20u64; workers];
    let mut made: Vec<Made<'_>> = Vec::new();
    let above: Vec<[&str; 1]> = (0..nodes).map(|at| [names[at.saturating_sub(workers)].as_str()]).collect();
    for at in 0..nodes {
        let start = free[at % workers];
        let took = 1 + (at as u64 * 7919) % 97 / (1 + at as u64 % 5);
        free[at % workers] = start + took + at as u64 % 3;
        let reads: &[&str] = if at >= workers && at % 4 == 0 { &above[at] } else { &[] };
        made.push((&names[at], reads, Some((start, start + took)), Some(at % workers)));
    }
    let record = record(free.iter().max().unwrap() + 9, Some(workers), &made);
    let frame = crate::site::shell::Frame::default();
    let shell = crate::site::shell::Shell::new(&frame, crate::site::shell::Place::Runs, "runs/x.html", "x");
    let time = TimeView::of(&record, Unspent::default(), &|_| true).unwrap();
    let drawn = time.gantt.bars.len() + time.gantt.merged;
    (Alone { time, shell }.render().unwrap(), drawn)
}

#[test]
fn every_node_is_drawn_and_the_page_stays_small() {
    for (nodes, workers) in [(1, 1), (7, 2), (310, 2), (3000, 2), (3000, 8), (3000, 64)] {
        let (html, drawn) = view(nodes, workers);
        assert_eq!(drawn, nodes, "{workers} workers");
        assert!(html.len() < 150_000, "{nodes} nodes on {workers} workers: {} bytes", html.len());
    }
}

#[test]
fn bars_stand_where_their_times_are() {
    let record = record(
        1000,
        Some(2),
        &[
            ("a", &[], Some((100, 300)), Some(0)),
            ("b", &["a"], Some((300, 900)), Some(1)),
            ("c", &[], Some((100, 200)), Some(1)),
        ],
    );
    let timeline = Timeline::of(&record).unwrap();
    let gantt = Gantt::of(&timeline);
    let unit = (super::gantt::WIDTH - gantt.left - 1.0) / 1000.0;
    let bars: Vec<(&str, i64, i64, bool)> = gantt
        .bars
        .iter()
        .map(|bar| {
            let name = bar.words.split(':').next().unwrap();
            (name, ((bar.x - gantt.left) / unit).round() as i64, (bar.width / unit).round() as i64, bar.chain)
        })
        .collect();
    assert_eq!(bars, [("a", 100, 200, true), ("c", 100, 100, false), ("b", 300, 600, true)]);
    let (first, second) = (gantt.bars[0].y, gantt.bars[1].y);
    assert!(first + gantt.bars[0].height < second, "lanes don't touch");
    assert_eq!(gantt.lanes.len(), 2);
    assert!(gantt.ticks.len() <= 11 && gantt.ticks[1].words == "200 ms", "{:?}", gantt.ticks[1].words);
    // Both workers for 100 of 1000 ms, then one: the outline goes from the ground to the top and back.
    let outline: Vec<&str> = gantt.busy.split('V').skip(1).map(|part| part.split('H').next().unwrap()).collect();
    assert!(outline.contains(&"2") && outline.contains(&"21") && outline.last() == Some(&"40z"), "{outline:?}");
}

/// Names of nodes are foreign text.
#[test]
fn names_are_escaped() {
    let record = record(9, Some(1), &[("<b onload=x>", &[], Some((1, 3)), Some(0)), ("b", &[], Some((3, 4)), Some(0))]);
    let frame = crate::site::shell::Frame::default();
    let shell = crate::site::shell::Shell::new(&frame, crate::site::shell::Place::Runs, "runs/x.html", "x");
    let time = TimeView::of(&record, Unspent::default(), &|_| false).unwrap();
    let html = Alone { time, shell }.render().unwrap();
    assert!(!html.contains("<b onload") && html.contains("&#60;b onload=x&#62;"), "{html}");
}
