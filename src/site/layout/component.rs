//! The connected parts of a graph, in the order of their lowest nodes.

use super::Component;

/// `edges` sorted; each node is in one component.
pub(super) fn components(count: usize, edges: &[(u32, u32)]) -> Vec<Component> {
    let mut parent: Vec<u32> = (0..count as u32).collect();
    for &(from, to) in edges {
        let (one, other) = (top(&mut parent, from), top(&mut parent, to));
        // The lower number stays on top, so that components come in the order of their lowest nodes.
        parent[one.max(other) as usize] = one.min(other);
    }
    let mut number = vec![0; count];
    let mut place = vec![0; count];
    let mut found: Vec<Component> = Vec::new();
    for node in 0..count as u32 {
        let top = top(&mut parent, node);
        if top == node {
            number[node as usize] = found.len();
            found.push(Component { nodes: Vec::new(), edges: Vec::new() });
        }
        number[node as usize] = number[top as usize];
        let component = &mut found[number[top as usize]];
        place[node as usize] = component.nodes.len() as u32;
        component.nodes.push(node);
    }
    for &(from, to) in edges {
        found[number[from as usize]].edges.push((place[from as usize], place[to as usize]));
    }
    found
}

fn top(parent: &mut [u32], mut node: u32) -> u32 {
    while parent[node as usize] != node {
        parent[node as usize] = parent[parent[node as usize] as usize];
        node = parent[node as usize];
    }
    node
}
