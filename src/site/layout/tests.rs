//! What the layout promises, on random graphs, and that the script lays out just so.

use super::*;
use crate::site::script;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use serde_json::{Value, json};

/// Random graphs of up to 40 nodes whose edges lead to higher numbers.
fn acyclic() -> impl Strategy<Value = (usize, Vec<(u32, u32)>)> {
    (1usize..40).prop_flat_map(|count| {
        let edge = (0..count as u32, 0..count as u32).prop_map(|(one, other)| (one.min(other), one.max(other)));
        (Just(count), prop::collection::vec(edge, 0..count * 2))
    })
}

fn any_graph() -> impl Strategy<Value = (usize, Vec<(u32, u32)>)> {
    (1usize..30)
        .prop_flat_map(|count| (Just(count), prop::collection::vec((0..count as u32, 0..count as u32), 0..count * 2)))
}

/// Whatever is in one column, from the top: centre and half of the height that is its own.
fn columns(found: &Layout) -> Vec<Vec<(i32, i32)>> {
    let mut columns = vec![Vec::new(); found.columns as usize];
    for node in 0..found.y.len() {
        columns[found.column[node] as usize].push((found.y[node], NODE / 2));
        for (step, y) in found.ways[node].iter().enumerate() {
            columns[found.column[node] as usize + 1 + step].push((*y, EDGE / 2));
        }
    }
    columns.iter_mut().for_each(|column| column.sort_unstable());
    columns
}

fn nothing_overlaps(found: &Layout) -> Result<(), TestCaseError> {
    for column in columns(found) {
        for pair in column.windows(2) {
            prop_assert!(pair[1].0 - pair[0].0 >= pair[0].1 + pair[1].1, "{pair:?}");
        }
        for (y, half) in column {
            prop_assert!(y >= half && y <= found.height - half);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn edges_lead_right_and_nothing_overlaps((count, edges) in acyclic()) {
        let found = layout(count, &edges);
        nothing_overlaps(&found)?;
        for (from, to) in edges.iter().map(|(from, to)| (*from as usize, *to as usize)).filter(|(from, to)| from != to) {
            prop_assert!(found.column[from] < found.column[to]);
            prop_assert_eq!(found.way(from, to).len(), (found.column[to] - found.column[from] - 1) as usize);
        }
    }

    #[test]
    fn cycles_are_laid_out_too((count, edges) in any_graph()) {
        let found = layout(count, &edges);
        nothing_overlaps(&found)?;
        for (from, to) in edges.iter().map(|(from, to)| (*from as usize, *to as usize)).filter(|(from, to)| from != to) {
            let (left, right) = if found.column[from] < found.column[to] { (from, to) } else { (to, from) };
            prop_assert!(found.column[left] < found.column[right]);
            found.way(left, right);
        }
    }

    #[test]
    fn the_order_and_repetition_of_edges_change_nothing((count, edges) in any_graph(), shuffled in any::<u64>()) {
        let mut other: Vec<(u32, u32)> = edges.iter().chain(&edges).copied().collect();
        other.sort_by_key(|(from, to)| (u64::from(*from) * 31 + u64::from(*to) + 1).wrapping_mul(shuffled | 1));
        prop_assert_eq!(layout(count, &edges), layout(count, &other));
    }
}

#[test]
fn the_demo_reads_from_left_to_right() {
    // seed_orders, seed_users, stg_orders, stg_users, mart; py stands alone.
    let found = layout(6, &[(0, 2), (1, 3), (2, 4), (3, 4)]);
    assert_eq!(found.column, [0, 0, 1, 1, 2, 0]);
    assert_eq!((found.columns, found.height), (3, 14));
    assert_eq!(found.y, [2, 6, 2, 6, 4, 12]);
    assert!(found.ways.iter().all(Vec::is_empty));
}

#[test]
fn a_long_edge_is_straight_and_a_seed_stands_next_to_its_reader() {
    // 0 → 1 → 2 → 3 → 4, 0 → 4, and 5 → 4.
    let found = layout(6, &[(0, 1), (1, 2), (2, 3), (3, 4), (0, 4), (5, 4)]);
    assert_eq!(found.column, [0, 1, 2, 3, 4, 3]);
    let way = &found.ways[0];
    assert!(way.len() == 3 && way.iter().all(|y| *y == way[0]), "{way:?}");
}

#[test]
fn nodes_without_edges_stand_in_a_grid() {
    let found = layout(100, &[]);
    assert_eq!((found.columns, found.height), (5, 20 * NODE));
    assert_eq!((found.column[6], found.y[6]), (1, NODE + NODE / 2));
    assert_eq!(layout(0, &[]), Layout::default());
    let below = layout(7, &[(0, 1), (1, 2)]);
    assert!((3..7).all(|node| below.y[node] > below.y[0] + NODE && below.column[node] == 0), "none seems to follow");
}

/// A project of many domains, each of a few layers, that read each other now and then.
fn domains(count: u32) -> (usize, Vec<(u32, u32)>) {
    let mut state = 11u64;
    let mut below = move |bound: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32 % bound
    };
    let mut edges = Vec::new();
    for node in 6..count {
        let (domain, place) = (node / 30 * 30, node % 30);
        let reads = if place < 6 { 0 } else { 1 + below(3) };
        edges.extend((0..reads).map(|_| (domain + below(place), node)));
        if place > 20 && below(3) == 0 {
            edges.push((below(node), node));
        }
    }
    (count as usize, edges)
}

#[test]
fn the_script_lays_out_the_same() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut graphs: Vec<(usize, Vec<(u32, u32)>)> = Vec::new();
    for _ in 0..60 {
        graphs.push(acyclic().new_tree(&mut runner).unwrap().current());
        graphs.push(any_graph().new_tree(&mut runner).unwrap().current());
    }
    graphs.extend([(0, Vec::new()), (37, Vec::new()), domains(300), domains(1500)]);
    let program = "(graphs) => graphs.map(([count, edges]) => {
        const { columns, height, column, y, ways } = window.fft.layout(count, edges);
        return [columns, height, Array.from(column), Array.from(y), ways];
    })";
    let Some(found) = script::run(&["layout.js"], program, &json!(graphs)) else { return };
    for ((count, edges), scripted) in graphs.iter().zip(found.as_array().unwrap()) {
        let Layout { columns, height, column, y, ways } = layout(*count, edges);
        let expected: Value = json!([columns, height, column, y, ways]);
        assert_eq!(*scripted, expected, "{count} nodes, {edges:?}");
    }
}
