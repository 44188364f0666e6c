//! Levels and topological order, or the cycle that forbids one.

/// The level of each of `upstream.len()` nodes (1 for one without upstream), or one cycle as a path whose first and
/// last entries are the same. `upstream[n]` holds indices of direct upstream nodes. The cycle found is the one through
/// the lowest index.
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
    let mut path: Vec<usize> = (0..upstream.len()).find(stuck).into_iter().collect();
    loop {
        let last = *path.last().expect("invariant: a graph with no order has a stuck node");
        let next = *upstream[last].iter().find(|up| stuck(up)).expect("invariant: a stuck node has a stuck upstream");
        let start = path.iter().position(|node| *node == next);
        path.push(next);
        if let Some(start) = start {
            path.drain(..start);
            path.reverse();
            return path;
        }
    }
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
        assert_eq!(path.first(), path.last());
        for edge in path.windows(2) {
            assert!(upstream[edge[1]].contains(&edge[0]), "{path:?}");
        }
    }
}
