// The layered layout of src/site/layout/, step by step the same: fft.layout(count, edges) gives columns, heights and
// the ways of long edges in whole units. A test holds the two together: a change there is a change here.
"use strict";
(() => {
  const NODE = 4, EDGE = 2, GAP = NODE / 2, ROWS_PER_COLUMN = 4;
  const STEPS = 100, ROUNDS = 12, PATIENCE = 3, PASSES = 4, HEIGHT = 2 ** 20;
  const SINGLES = 12, SETTLES = 4, LOOSE = 1, TIED = 4, STRAIGHT = 32;

  // Neighbours as one list cut into pieces; each piece keeps the order of the pairs.
  const adjacency = (count, pairs, from, to) => {
    const start = new Uint32Array(count + 1);
    for (const pair of pairs) start[pair[from] + 1]++;
    for (let at = 0; at < count; at++) start[at + 1] += start[at];
    const next = start.slice(), list = new Uint32Array(pairs.length);
    for (const pair of pairs) list[next[pair[from]]++] = pair[to];
    return { of: (node) => list.subarray(start[node], start[node + 1]) };
  };

  const distinct = (pairs) => {
    pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    return pairs.filter((pair, at) => at === 0 || pair[0] !== pairs[at - 1][0] || pair[1] !== pairs[at - 1][1]);
  };

  // The connected parts, in the order of their lowest nodes.
  const components = (count, edges) => {
    const parent = Uint32Array.from({ length: count }, (_, node) => node);
    const top = (node) => {
      while (parent[node] !== node) node = parent[node] = parent[parent[node]];
      return node;
    };
    for (const [from, to] of edges) {
      const one = top(from), other = top(to);
      parent[Math.max(one, other)] = Math.min(one, other);
    }
    const number = new Uint32Array(count), place = new Uint32Array(count), found = [];
    for (let node = 0; node < count; node++) {
      const head = top(node);
      if (head === node) found.push({ nodes: [], edges: [] });
      number[node] = head === node ? found.length - 1 : number[head];
      place[node] = found[number[node]].nodes.push(node) - 1;
    }
    for (const [from, to] of edges) found[number[from]].edges.push([place[from], place[to]]);
    return found;
  };

  // The nodes with every edge leading onward, but for as few as one a cycle.
  const sequence = (nodes, edges) => {
    const right = adjacency(nodes, edges, 0, 1), waiting = new Uint32Array(nodes), placed = new Uint8Array(nodes);
    for (const edge of edges) waiting[edge[1]]++;
    const ready = [];
    for (let node = 0; node < nodes; node++) if (waiting[node] === 0) placed[ready[ready.length] = node] = 1;
    for (let at = 0; at < nodes; at++) {
      if (at === ready.length) {
        let first = -1;
        for (let node = 0; node < nodes; node++) {
          if (!placed[node] && (first < 0 || waiting[node] < waiting[first])) first = node;
        }
        placed[ready[ready.length] = first] = 1;
      }
      for (const to of right.of(ready[at])) if (--waiting[to] === 0 && !placed[to]) placed[ready[ready.length] = to] = 1;
    }
    return ready;
  };

  // The longest path to each node; then a node moves right where that shortens more edges than it lengthens.
  const columns = (nodes, edges, order) => {
    const left = adjacency(nodes, edges, 1, 0), right = adjacency(nodes, edges, 0, 1), layer = new Array(nodes).fill(0);
    for (const node of order) {
      for (const from of left.of(node)) layer[node] = Math.max(layer[node], layer[from] + 1);
    }
    for (const node of order.slice().reverse()) {
      const near = right.of(node);
      if (near.length > left.of(node).length) layer[node] = near.reduce((least, to) => Math.min(least, layer[to]), Infinity) - 1;
    }
    return layer;
  };

  // Columns, and the points where long edges cross the columns between their ends: shared by all that leave one node.
  const layers = (nodes, given) => {
    const order = sequence(nodes, given), place = new Uint32Array(nodes);
    order.forEach((node, at) => { place[node] = at; });
    const edges = distinct(given.map(([from, to]) => (place[from] < place[to] ? [from, to] : [to, from])));
    const layer = columns(nodes, edges, order), points = [], segments = [];
    let next = 0;
    for (let node = 0; node < nodes; node++) {
      const first = layer.length, begin = next;
      let furthest = layer[node];
      for (; next < edges.length && edges[next][0] === node; next++) furthest = Math.max(furthest, layer[edges[next][1]]);
      for (let between = layer[node] + 1; between < furthest; between++) {
        segments.push([layer.length === first ? node : layer.length - 1, layer.length]);
        layer.push(between);
      }
      for (let at = begin; at < next; at++) {
        const span = layer[edges[at][1]] - layer[node];
        segments.push([span === 1 ? node : first + span - 2, edges[at][1]]);
      }
      points.push([first, layer.length]);
    }
    return {
      nodes, layer, points,
      count: layer.reduce((most, column) => Math.max(most, column), 0) + 1,
      left: adjacency(layer.length, segments, 1, 0),
      right: adjacency(layer.length, segments, 0, 1),
    };
  };

  // The order that sweeping begins with: along the direction in which the component is longest.
  const first = (all) => {
    const { layer, left, right } = all, count = layer.length;
    let value = new Float64Array(count), start = 0;
    for (let turn = 0; turn < 3; turn++) {
      const seen = new Uint8Array(count), open = [start];
      seen[start] = 1;
      for (let met = 0; met < open.length; met++) {
        start = open[met];
        value[start] = met;
        for (const side of [left, right]) for (const other of side.of(start)) if (!seen[other]) seen[open[open.length] = other] = 1;
      }
    }
    const degree = layer.map((_, vertex) => left.of(vertex).length + right.of(vertex).length);
    const total = degree.reduce((sum, one) => sum + one, 0);
    for (let step = 0; step < STEPS; step++) {
      let mean = 0, largest = 0;
      for (let vertex = 0; vertex < count; vertex++) mean += degree[vertex] * value[vertex];
      mean /= total;
      for (let vertex = 0; vertex < count; vertex++) value[vertex] -= mean;
      const next = new Float64Array(count);
      for (let vertex = 0; vertex < count; vertex++) {
        let sum = 0;
        for (const other of left.of(vertex)) sum += value[other];
        for (const other of right.of(vertex)) sum += value[other];
        next[vertex] = 0.5 * value[vertex] + 0.5 * sum / degree[vertex];
        largest = Math.max(largest, Math.abs(next[vertex]));
      }
      if (largest > 0) for (let vertex = 0; vertex < count; vertex++) next[vertex] /= largest;
      value = next;
    }
    const order = Array.from({ length: all.count }, () => []);
    layer.forEach((column, vertex) => order[column].push(vertex));
    for (const column of order) column.sort((one, other) => value[one] - value[other]);
    return order;
  };

  // Crossings between a column and the next, by a tree of counts over the next one's positions.
  const crossings = (column, right, position) => {
    const ends = [];
    let size = 0, found = 0;
    for (const vertex of column) for (const end of Array.from(right.of(vertex), (to) => position[to]).sort((a, b) => a - b)) {
      ends.push(end);
      size = Math.max(size, end + 1);
    }
    const tree = new Uint32Array(size + 1);
    ends.forEach((end, before) => {
      found += before;
      for (let at = end + 1; at > 0; at &= at - 1) found -= tree[at];
      for (let at = end + 1; at <= size; at += at & -at) tree[at]++;
    });
    return found;
  };

  // Sweeps by the mean of both sides, then neighbours change places where that uncrosses edges.
  const ordered = (all) => {
    const { layer, left, right } = all, position = new Uint32Array(layer.length);
    let order = first(all);
    const number = (column) => order[column].forEach((vertex, at) => { position[vertex] = at; });
    const every = () => order.forEach((_, column) => number(column));
    const count = () => order.slice(0, -1).reduce((sum, column) => sum + crossings(column, right, position), 0);
    const height = (vertex) => Math.floor((2 * position[vertex] + 1) * HEIGHT / order[layer[vertex]].length);
    const key = new Float64Array(layer.length);
    const sort = (column) => {
      for (const vertex of order[column]) {
        let sum = 0;
        for (const other of left.of(vertex)) sum += height(other);
        for (const other of right.of(vertex)) sum += height(other);
        key[vertex] = Math.floor(sum / (left.of(vertex).length + right.of(vertex).length));
      }
      order[column].sort((one, other) => key[one] - key[other]);
      number(column);
    };
    every();
    const copy = () => order.map((column) => column.slice());
    let least = count(), best = copy();
    for (let round = 0, stale = 0; round < ROUNDS && least > 0 && stale < PATIENCE; round++) {
      for (let column = 0; column < order.length; column++) sort(column);
      for (let column = order.length - 1; column >= 0; column--) sort(column);
      const now = count();
      stale++;
      if (now < least) [least, best, stale] = [now, copy(), 0];
    }
    order = best;
    every();
    const sorted = (near) => near.map((other) => position[other]).sort();
    const balance = (upper, lower) => {
      if (upper.length === 0 || lower.length === 0) return 0;
      const above = sorted(upper), below = sorted(lower);
      let less = 0, notMore = 0, sum = 0;
      for (const one of above) {
        while (less < below.length && below[less] < one) less++;
        while (notMore < below.length && below[notMore] <= one) notMore++;
        sum += less - (below.length - notMore);
      }
      return sum;
    };
    for (let pass = 0, changed = true; pass < PASSES && changed; pass++) {
      changed = false;
      for (const column of order) for (let at = 1; at < column.length; at++) {
        const upper = column[at - 1], lower = column[at];
        if (balance(left.of(upper), left.of(lower)) + balance(right.of(upper), right.of(lower)) > 0) {
          column[at - 1] = lower;
          column[at] = upper;
          position[lower] = at - 1;
          position[upper] = at;
          changed = true;
        }
      }
    }
    return order;
  };

  // Heights: each column as near as can be to what its vertices are tied to, in its order and without overlap.
  const placed = (all, order) => {
    const { nodes, left, right } = all, y = new Int32Array(all.layer.length);
    const half = (vertex) => (vertex < nodes ? NODE : EDGE) / 2;
    const offsets = order.map((column) => {
      let at = 0;
      return column.map((vertex, index) => (index === 0 ? 0 : (at += half(column[index - 1]) + half(vertex))));
    });
    order.forEach((column, at) => {
      const middle = Math.floor((offsets[at][column.length - 1] ?? 0) / 2);
      column.forEach((vertex, index) => { y[vertex] = offsets[at][index] - middle; });
    });
    const wish = (vertex, side) => {
      const others = side.of(vertex);
      if (others.length === 0) return [y[vertex], LOOSE];
      // Of what a point leads to, the next point of the same edge counts alone.
      const next = vertex >= nodes ? others.find((other) => other >= nodes) : undefined;
      if (next !== undefined) return [y[next], STRAIGHT];
      const near = Int32Array.from(others, (other) => y[other]).sort();
      return [Math.floor((near[(near.length - 1) >> 1] + near[near.length >> 1]) / 2), TIED];
    };
    const settle = (at, side) => {
      const runs = [];
      order[at].forEach((vertex, index) => {
        const [wanted, weight] = wish(vertex, side);
        const run = { count: 1, weight, sum: weight * (wanted - offsets[at][index]) };
        for (let above; (above = runs[runs.length - 1]) && above.sum * run.weight >= run.sum * above.weight; runs.pop()) {
          run.count += above.count;
          run.weight += above.weight;
          run.sum += above.sum;
        }
        runs.push(run);
      });
      let index = 0;
      for (const run of runs) {
        const start = Math.floor((2 * run.sum + run.weight) / (2 * run.weight));
        for (let end = index + run.count; index < end; index++) y[order[at][index]] = start + offsets[at][index];
      }
    };
    for (let round = 0; round < SETTLES; round++) {
      for (let at = order.length - 1; at >= 0; at--) settle(at, right);
      for (let at = 0; at < order.length; at++) settle(at, left);
    }
    const top = y.reduce((least, height, vertex) => Math.min(least, height - half(vertex)), Infinity);
    y.forEach((height, vertex) => { y[vertex] = height - top; });
    return { y, height: y.reduce((most, height, vertex) => Math.max(most, height + half(vertex)), 0) };
  };

  const block = ({ nodes, edges }) => {
    if (nodes.length === 1) return { nodes, columns: 1, height: NODE, column: [0], y: [NODE / 2], ways: [[]] };
    const all = layers(nodes.length, edges), { y, height } = placed(all, ordered(all));
    return { nodes, columns: all.count, height, column: all.layer, y, ways: all.points.map(([from, to]) => y.slice(from, to)) };
  };

  // Components beside and below each other: large ones first, single nodes below all others and at the left.
  const pack = (count, blocks) => {
    blocks.sort((one, other) => other.nodes.length - one.nodes.length);
    const cells = blocks.reduce((sum, one) => sum + one.columns * Math.floor(one.height / NODE), 0);
    const widest = blocks.reduce((most, one) => Math.max(most, one.columns), 0);
    const columns = Math.max(widest, Math.floor(Math.sqrt(Math.floor(cells / ROWS_PER_COLUMN))));
    const whole = { columns: 0, height: 0, column: new Uint32Array(count), y: new Int32Array(count), ways: [] };
    const lonely = blocks.filter((one) => one.nodes.length === 1).length;
    const beside = Math.max(1, Math.ceil(lonely / Math.max(SINGLES, Math.floor(Math.sqrt(ROWS_PER_COLUMN * lonely)))));
    let single = false, taken = new Int32Array(columns);
    for (const one of blocks) {
      if (one.nodes.length === 1 && !single) {
        single = true;
        taken = new Int32Array(beside).fill(whole.height > 0 ? whole.height + GAP : 0);
      }
      let start = 0, top = Infinity;
      for (let from = 0; from <= taken.length - one.columns; from++) {
        const depth = taken.subarray(from, from + one.columns).reduce((most, end) => Math.max(most, end), 0);
        if (depth < top) [start, top] = [from, depth];
      }
      taken.fill(top + one.height + (single ? 0 : GAP), start, start + one.columns);
      whole.columns = Math.max(whole.columns, start + one.columns);
      whole.height = Math.max(whole.height, top + one.height);
      one.nodes.forEach((node, at) => {
        whole.column[node] = start + one.column[at];
        whole.y[node] = top + one.y[at];
        whole.ways[node] = Array.from(one.ways[at], (height) => top + height);
      });
    }
    return whole;
  };

  (window.fft ??= {}).layout = (count, edges) => {
    const valid = ([from, to]) => from !== to && from < count && to < count;
    return pack(count, components(count, distinct(edges.filter(valid))).map(block));
  };
})();
