//! Levels and topological order, or the cycle that forbids one.

/// The level of each of `upstream.len()` nodes (1 for one without upstream), or one cycle as a path whose first and
/// last entries are the same, the lowest of the cycle. `upstream[n]` holds indices of direct upstream nodes. Of several
/// cycles it is the one that the lowest node that can't be placed hangs from.
pub fn levels(upstream: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let mut downstream = vec![Vec::new(); upstream.len()];
    let mut open: Vec<usize> = upstream.iter().map(Vec::len).collect();
    for (node, ups) in upstream.iter().enumerate() {
        for &up in ups {
            downstream[up].push(node);
        }
    }
    let mut level = vec![1; upstream.len()];
    let mut ready: Vec<usize> = (0..upstream.len()).filter(|node| open[*node] == 0).collect();
    let mut done = 0;
    while let Some(node) = ready.pop() {
        done += 1;
        for &down in &downstream[node] {
            level[down] = level[down].max(level[node] + 1);
            open[down] -= 1;
            if open[down] == 0 {
                ready.push(down);
            }
        }
    }
    if done == upstream.len() { Ok(level) } else { Err(cycle(upstream, &open)) }
}

/// Walks upstream among the nodes that never became ready until one is met again.
fn cycle(upstream: &[Vec<usize>], open: &[usize]) -> Vec<usize> {
    let stuck = |node: &usize| open[*node] > 0;
    let mut path = Vec::new();
    let mut place = vec![None; upstream.len()];
    let mut node = (0..upstream.len()).find(stuck).expect("invariant: a graph with no order has a stuck node");
    let start = loop {
        if let Some(start) = place[node].replace(path.len()) {
            break start;
        }
        path.push(node);
        node = *upstream[node].iter().find(|up| stuck(up)).expect("invariant: a stuck node has a stuck upstream");
    };
    path.drain(..start);
    path.reverse();
    let lowest = path.iter().enumerate().min_by_key(|(_, node)| **node).map_or(0, |(at, _)| at);
    path.rotate_left(lowest);
    path.push(path[0]);
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_longest_paths() {
        assert_eq!(levels(&[vec![], vec![0], vec![0, 1], vec![]]), Ok(vec![1, 2, 3, 1]));
    }

    #[test]
    fn a_cycle_is_a_path_along_the_edges() {
        // 0 → 1 → 2 → 0, and 3 hangs below.
        let upstream = [vec![2], vec![0], vec![1], vec![2]];
        let path = levels(&upstream).unwrap_err();
        assert_eq!(path, [0, 1, 2, 0]);
        assert_eq!(levels(&[vec![2], vec![1], vec![]]), Err(vec![1, 1]));
        for edge in path.windows(2) {
            assert!(upstream[edge[1]].contains(&edge[0]), "{path:?}");
        }
    }
}
