"use strict";
(() => {
const NODE = 4, EDGE = 2, GAP = NODE / 2, ROWS_PER_COLUMN = 4;
const STEPS = 100, ROUNDS = 12, PATIENCE = 3, PASSES = 4, HEIGHT = 2 ** 20;
const SETTLES = 4, LOOSE = 1, TIED = 4, STRAIGHT = 32;
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
const pack = (count, blocks) => {
blocks.sort((one, other) => other.nodes.length - one.nodes.length);
const cells = blocks.reduce((sum, one) => sum + one.columns * Math.floor(one.height / NODE), 0);
const widest = blocks.reduce((most, one) => Math.max(most, one.columns), 0);
const columns = Math.max(widest, Math.floor(Math.sqrt(Math.floor(cells / ROWS_PER_COLUMN))));
const whole = { columns: 0, height: 0, column: new Uint32Array(count), y: new Int32Array(count), ways: [] };
const taken = new Int32Array(columns);
let single = false;
for (const one of blocks) {
if (one.nodes.length === 1 && !single) {
single = true;
taken.fill(whole.height > 0 ? whole.height + GAP : 0);
}
let start = 0, top = Infinity;
for (let from = 0; from <= columns - one.columns; from++) {
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
"use strict";
(() => {
const WORDS = {
kind: ["seed", "sql", "python", "table", "view", "ephemeral"],
state: ["new", "modified"],
result: ["success", "error", "skipped", "blocked", "not_selected"],
};
const METHODS = ["tag", "kind", "type", "path", "state", "result", "source"];
const SPACE = /[^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;
const fail = (at, message, hint) => { throw { message, at, hint }; };
const bytes = (text) => encodeURIComponent(text.toWellFormed()).replace(/%(..)/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
const literal = (letter) => bytes(letter).replace(/[^\w]/g, (byte) => "\\x" + byte.charCodeAt(0).toString(16).padStart(2, "0"));
const glob = (pattern, inPath) => {
const letters = [...pattern], any = inPath ? "[^/]" : ".";
const branches = [[]], opened = [];
let at = 0, before, last;
const bump = () => { before = last; return (last = letters[at++]); };
const push = (token) => branches.at(-1).push(token);
const stars = () => { push(any + "*"); push(any + "*"); };
const star = () => {
const previous = before;
if (letters[at] !== "*") return push(any + "*");
bump();
if (branches.at(-1).length === 0) {
if (letters[at] !== undefined && letters[at] !== "/") return stars();
push("(?:/?|.*/)");
return bump();
}
if (previous !== "/" && (branches.length <= 1 || (previous !== "," && previous !== "{"))) return stars();
const next = letters[at], nested = branches.length >= 2;
const suffix = next === undefined || (nested && (next === "," || next === "}"));
if (!suffix && next !== "/") return stars();
if (next === undefined || next === "/") bump();
const token = branches.at(-1).pop();
push(token === "(?:/?|.*/)" || token === "/.*" ? token : suffix ? "/.*" : "(?:/|/.*/)");
};
const set = () => {
const ranges = [], negated = letters[at] === "!" || letters[at] === "^";
if (negated) bump();
for (let first = true, open = false; ; first = false) {
const letter = bump();
if (letter === undefined) throw 0;
if (letter === "]" && !first) {
if (open) ranges.push(["-", "-"]);
break;
}
if (letter === "-" && !first && !open) open = true;
else if (open) {
const range = ranges.at(-1);
range[1] = letter;
if (letter.codePointAt(0) < range[0].codePointAt(0)) throw 0;
open = false;
} else ranges.push([letter, letter]);
}
push(`[${negated ? "^" : ""}${ranges.map(([from, to]) => literal(from) + (from === to ? "" : "-" + literal(to))).join("")}]`);
};
for (let letter; (letter = bump()) !== undefined;) {
if (letter === "?") push(any);
else if (letter === "*") star();
else if (letter === "[") set();
else if (letter === "{") opened.push(branches.push([]) - 1);
else if (letter === "}") {
if (opened.length === 0) throw 0;
const parts = branches.splice(opened.pop()).map((branch) => branch.join("")).filter((part) => part !== "");
push(parts.length === 0 ? "" : `(?:${parts.join("|")})`);
} else if (letter === "," && opened.length > 0) branches.push([]);
else if (letter === "\\") {
const escaped = bump();
if (escaped === undefined) throw 0;
push(literal(escaped));
} else push(literal(letter));
}
if (branches.length > 1) throw 0;
const [tokens] = branches;
const source = tokens.length === 1 && tokens[0] === "(?:/?|.*/)" ? ".*" : tokens.join("");
const test = new RegExp(`^${source}$`, "s");
return (text) => test.test(bytes(text));
};
const depth = (digits) => (digits === undefined ? 0 : digits === "" ? Infinity : Number(digits));
const atom = (at, text) => {
let rest = text, up, down, method = "name";
const closure = rest.startsWith("@");
if (closure) rest = rest.slice(1);
const front = rest.match(/^(\d*)\+(.+)$/s);
if (front) [, up, rest] = front;
const back = rest.match(/^(.*)\+(\d*)$/s);
if (back) [, rest, down] = back;
at += text.length - rest.length - (back ? down.length + 1 : 0);
if (closure && (front || back)) fail(at, "`@` and `+` can't stand together");
const colon = rest.indexOf(":");
if (colon >= 0) {
const name = rest.slice(0, colon);
if (!METHODS.includes(name)) fail(at, `unknown selector method \`${name}\``, `methods are ${METHODS.join(", ")}`);
method = name === "type" ? "kind" : name;
rest = rest.slice(colon + 1);
at += colon + 1;
}
if (rest === "") fail(at, "a name or pattern is missing here");
const stray = method === "name" ? rest.search(/[+@]/) : -1;
if (stray >= 0) fail(at + stray, `\`${rest[stray]}\` can't stand inside a name`, "it goes in front (`+x`, `2+x`, `@x`) or behind (`x+`, `x+1`)");
const words = WORDS[method];
if (words && !words.includes(rest)) fail(at, `\`${rest}\` is none of ${words.join(", ")}`);
return { at, method, pattern: rest, up: depth(up), down: depth(down), closure };
};
const atoms = (at, term) => {
const found = [];
for (let end = 0, start = 0, nested = 0; end <= term.length; end++) {
if (term[end] === "{") nested++;
if (term[end] === "}") nested = Math.max(0, nested - 1);
if (end === term.length || (term[end] === "," && nested === 0)) {
found.push(atom(at + start, term.slice(start, end)));
start = end + 1;
}
}
return found;
};
const stem = (name) => (name.endsWith(".ff") ? name.slice(0, -3) : name);
const range = (model) => Array.from({ length: model.count }, (_, node) => node);
const matches = (model, { at, method, pattern }) => {
const compile = (text) => {
try { return glob(text, method === "path"); } catch { return fail(at, `\`${pattern}\` is no pattern`); }
};
const all = (test) => new Set(range(model).filter(test));
if (method === "name" && !/[*?[\]{}\\]/.test(pattern)) {
const node = model.find(pattern) ?? model.find(pattern + ".ff");
if (node === undefined) fail(at, `no node is called \`${pattern}\``);
return new Set([node]);
}
if (method === "kind") return all((node) => model.kind(node) === pattern || model.materialized(node) === pattern);
if (method === "state") return all((node) => model.state(node) === pattern);
if (method === "result") return all((node) => model.result(node) === pattern);
if (method === "path") {
const path = pattern.replace(/^\.\//, "").replace(/\/+$/, ""), file = compile(path), folder = compile(path + "/**");
return all((node) => file(model.path(node)) || folder(model.path(node)));
}
const test = compile(pattern);
if (method === "tag") return all((node) => model.tags(node).some(test));
if (method === "source") return all((node) => model.sources(node).some(([group, table]) => test(group) || test(`${group}.${table}`)));
return all((node) => test(model.names[node]) || test(stem(model.names[node])));
};
const reach = (start, depth, next) => {
const seen = new Set(start);
for (let front = [...start], steps = 0; front.length > 0 && steps < depth; steps++) {
const found = [];
for (const node of front) for (const other of next(node)) if (!seen.has(other)) found.push(other), seen.add(other);
front = found;
}
return seen;
};
const select = (model, text) => {
const terms = [...text.matchAll(SPACE)].map((word) => atoms(word.index, word[0]));
if (terms.length === 0) fail(0, "the selector is empty");
const selected = new Set();
for (const term of terms) {
let common;
for (const one of term) {
const start = matches(model, one);
const down = reach(start, one.closure ? Infinity : one.down, model.down);
const found = reach(one.closure ? down : start, one.closure ? Infinity : one.up, model.up);
for (const node of down) found.add(node);
common = common ? new Set([...common].filter((node) => found.has(node))) : found;
}
for (const node of common) selected.add(node);
}
if (selected.size > 0) return selected;
return fail(undefined, `\`${text.trim()}\` selects nothing`);
};
Object.assign((window.fft ??= {}), { select, reach, stem });
})();
"use strict";
(() => {
const DECISIONS = {
e: ["error", "✗", "ERROR", "error"],
x: ["blocked", "–", "BLOCKED", "blocked"],
b: ["build", "✓", "BUILD", "success"],
c: ["cascade", "✓", "CASCADE", "success"],
s: ["skip", "○", "SKIP", "skipped"],
u: ["unselected", "·", "NOT SELECTED", "not_selected"],
"-": ["none", "", "", ""],
};
const KINDS = { s: ["seed", "seed"], o: ["source", "source"], q: ["sql", "SQL"], p: ["python", "Python"] };
const MATERIALIZED = { t: "table", v: "view", e: "ephemeral", "-": "" };
const STATES = { n: "new", m: "modified", "-": "" };
const UNIT = 12, HEIGHT = 36, MARGIN = 8, GAP = 44, LETTERS = 32, LETTER = 72, FOLDERS = 40;
const model = (data) => {
const total = data.names.length, count = data.nodes;
const numbers = new Map(data.names.slice(0, count).map((name, node) => [name, node]));
const upstream = [], downstream = data.names.map(() => []);
let at = 0;
data.degrees.forEach((degree, item) => {
upstream[item] = [];
for (let last = 0, end = at + degree; at < end; at++) {
last += data.upstream[at];
upstream[item].push(last);
downstream[last].push(item);
}
});
const column = ({ values, of }) => (item) => values[of[item]];
const list = (words, by) => {
const lists = words.values.map((text) => (text === "" ? [] : text.split(by)));
return (item) => lists[words.of[item]];
};
const folder = column(data.folders), file = column(data.files), words = column(data.sentences);
const reads = data.reads.values.map((text) => (text === "" ? [] : text.split(" ").map((number) => data.sources[number])));
const onlyNodes = (lists) => (node) => lists[node].filter((other) => other < count);
const levels = [];
const level = (node) => (levels[node] ??= 1 + onlyNodes(upstream)(node).reduce((most, up) => Math.max(most, level(up)), 0));
const way = (item) => {
const found = [item];
while (data.via[item] !== 0 && found.length <= total) found.unshift(item += data.via[item]);
return found;
};
const shown = (item) => file(item).replace(/^\*/, data.names[item]);
const decision = (item) => DECISIONS[data.decisions[item]];
return {
data, total, count, names: data.names, upstream, downstream, folder, level, decision,
way,
path: (item) => (folder(item) === "" ? shown(item) : `${folder(item)}/${shown(item)}`),
find: (name) => numbers.get(name),
up: onlyNodes(upstream),
down: onlyNodes(downstream),
isSource: (item) => item >= count,
kind: (item) => KINDS[data.kinds[item]][0],
kindWord: (item) => KINDS[data.kinds[item]][1],
materialized: (item) => MATERIALIZED[data.materialized[item]],
state: (item) => STATES[data.states[item]],
result: (item) => decision(item)[3],
tags: list(data.tags, "\n"),
sources: (item) => reads[data.reads.of[item]],
code: column(data.codes),
page: (item) => data.pages[item] ?? `nodes/${data.names[item]}.html`,
sentence: (item) => (data.via[item] === 0 ? words(item) : "← " + way(item).slice(0, -1).map((one) => data.names[one]).join(" → ")),
rows: (item) => data.rows[item],
milliseconds: (item) => data.milliseconds[item],
isRebuilt: (item) => "bcex".includes(data.decisions[item]),
word: (item) => {
const [, glyph, word] = decision(item), kind = KINDS[data.kinds[item]][1];
return word === "" ? kind : `${glyph} ${word} · ${kind}`;
},
};
};
const single = (model, item) => ({
key: "n" + item, item, name: model.names[item], kind: model.kind(item), cls: model.decision(item)[0], word: model.word(item),
page: model.page(item),
});
const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
const group = (model, name, members) => {
const nodes = members.filter((item) => !model.isSource(item));
const counts = Object.entries(DECISIONS).map(([letter, [cls, glyph]]) => [cls, glyph, nodes.filter((node) => model.data.decisions[node] === letter).length]);
const tally = counts.filter(([cls, , count]) => cls !== "none" && count > 0);
const word = nodes.length === 0 ? plural(members.length, "source") : plural(members.length, "node");
return {
key: "g" + name, members, name: name || ".", group: name, kind: "group", cls: tally[0]?.[0] ?? "none", tally,
word: [word, tally.slice(0, 3).map(([, glyph, count]) => `${glyph} ${count}`).join(" ")].filter((part) => part).join(" · "),
};
};
const folders = (model, items) => {
const parts = new Map(items.map((item) => [item, model.folder(item).split("/")]));
const inside = (members, depth) => {
const found = new Map();
for (const item of members) {
const name = parts.get(item).slice(0, depth).join("/");
if (found.has(name)) found.get(name).members.push(item);
else found.set(name, { name, depth, members: [item] });
}
return [...found.values()];
};
let shown = inside(items, 1), open = [...shown];
while (open.length > 0) {
const next = open.reduce((best, one) => (one.members.length > best.members.length || (one.members.length === best.members.length && one.name < best.name) ? one : best));
const children = inside(next.members, next.depth + 1);
open = open.filter((one) => one !== next);
if (shown.length - 1 + children.length > FOLDERS || children.every(({ name }) => name === next.name)) continue;
shown = shown.filter((one) => one !== next).concat(children);
open = open.concat(children.filter(({ name }) => name !== next.name));
}
return new Map(shown.flatMap(({ name, members }) => members.map((item) => [item, name])));
};
const view = (model, items, groupOf = () => undefined) => {
const places = new Map(), members = new Map(), drawn = [];
for (const item of items) {
const name = groupOf(item);
if (name === undefined) places.set(item, drawn.push({ item }) - 1);
else if (members.has(name)) members.get(name).push(item);
else members.set(name, [item]);
}
for (const name of [...members.keys()].sort((a, b) => (a < b ? -1 : 1))) {
for (const item of members.get(name)) places.set(item, drawn.length);
drawn.push({ name });
}
const boxes = drawn.map(({ item, name }) => (item === undefined ? group(model, name, members.get(name)) : single(model, item)));
const edges = new Map();
for (const [item, to] of places) for (const up of model.upstream[item]) {
const from = places.get(up);
if (from !== undefined && from !== to) edges.set(from * boxes.length + to, [from, to]);
}
boxes.forEach((box) => {
if (box.item === undefined) return;
const hidden = (others) => others.filter((other) => !places.has(other)).length;
box.hiddenUp = hidden(model.upstream[box.item]);
box.hiddenDown = hidden(model.downstream[box.item]);
});
return { boxes, edges: [...edges.values()], places };
};
const letters = (text) => {
let sum = 0;
for (const letter of text) sum += letter.codePointAt(0) < 0x1100 ? 1 : 2;
return sum;
};
const shortened = (text) => {
if (letters(text) <= LETTERS) return text;
const all = [...text], share = Math.floor(LETTERS * all.length / letters(text)), front = share >> 1;
return all.slice(0, front).join("") + "…" + all.slice(all.length - (share - front - 1)).join("");
};
const width = ({ name, word }) => {
const longest = Math.max(Math.min(letters(name), LETTERS), Math.floor(letters(word) * 7 / 8));
return Math.max(Math.ceil(longest * LETTER / 10) + 26, 88);
};
const place = (view, layout) => {
const { boxes } = view, widths = new Array(layout.columns).fill(0), lefts = [];
boxes.forEach((box, at) => {
box.width = width(box);
widths[layout.column[at]] = Math.max(widths[layout.column[at]], box.width);
});
let left = MARGIN;
widths.forEach((width, column) => {
lefts[column] = left;
left += width + GAP;
});
boxes.forEach((box, at) => {
box.column = layout.column[at];
box.x = lefts[box.column];
box.y = MARGIN + layout.y[at] * UNIT;
});
const stops = (from, to) => {
const one = boxes[from], way = layout.ways[from].slice(0, layout.column[to] - layout.column[from] - 1).concat(layout.y[to]);
let x = one.x + one.width, y = one.y;
return way.map((stop, step) => {
const column = one.column + 1 + step, edge = lefts[column - 1] + widths[column - 1], next = lefts[column], down = MARGIN + stop * UNIT;
const piece = [x, edge, next, y, down];
[x, y] = [next, down];
return piece;
});
};
const line = ([from, to]) => (boxes[from].column < boxes[to].column ? stops(from, to) : stops(to, from));
return Object.assign(view, {
line, columns: layout.columns,
width: Math.max(left - GAP + MARGIN, 2 * MARGIN),
height: layout.height * UNIT + 2 * MARGIN,
});
};
const outline = (kind, w, h) => {
const m = h / 2;
return {
seed: `M${m} 0H${w - m}a${m} ${m} 0 0 1 0 ${h}H${m}a${m} ${m} 0 0 1 0 -${h}Z`,
source: `M9 0H${w}L${w - 9} ${h}H0Z`,
sql: `M4 0H${w - 4}a4 4 0 0 1 4 4V${h - 4}a4 4 0 0 1 -4 4H4a4 4 0 0 1 -4 -4V4a4 4 0 0 1 4 -4Z`,
python: `M9 0H${w - 9}L${w} ${m}L${w - 9} ${h}H9L0 ${m}Z`,
group: `M0 0H${w}V${h}H0ZM4 ${h}V${h + 4}H${w + 4}V4H${w}V${h}Z`,
}[kind];
};
Object.assign((window.fft ??= {}), { model, view, folders, place, outline, shortened, plural, DECISIONS, HEIGHT });
})();
"use strict";
(() => {
const { make } = window.fft ?? {};
const BOXES = 0.42;
const MOST = 700;
const SLACK = 240;
const CHUNK = 400;
const SVG = "http://www.w3.org/2000/svg";
const scene = (stage, on) => {
const canvas = stage.appendChild(make("canvas", "lines"));
const layer = stage.appendChild(make("div", "boxes"));
const map = stage.appendChild(make("canvas", "map"));
for (const one of [canvas, map]) one.setAttribute("aria-hidden", "true");
layer.setAttribute("role", "group");
const still = matchMedia("(prefers-reduced-motion: reduce)");
let view = { boxes: [], edges: [], width: 1, height: 1 }, pieces = new Float32Array(0), bright = null, brightPieces = [];
let k = 1, tx = 0, ty = 0;
let current = -1, size = [1, 1], drawn = null, cost = 0, colours = {}, mapped = null;
const links = new Map();
const isQuiet = (box) => ["skip", "none", "unselected"].includes(box.cls);
const readColours = () => {
for (const name of ["strong-line", "accent", "build", "cascade", "skip", "error", "blocked", "bg"]) colours[name] = fft.colour(name);
colours.none = colours.unselected = colours["strong-line"];
};
const prepare = () => {
const seen = new Set(), found = [];
for (const edge of view.edges) for (const piece of view.line(edge)) {
const key = piece.join();
if (!seen.has(key)) seen.add(key), found.push(piece);
}
found.sort((a, b) => a[1] - b[1]);
pieces = Float32Array.from(found.flat());
};
const trace = (ctx, piece, at) => {
const x = piece[at], edge = piece[at + 1], next = piece[at + 2], y = piece[at + 3], down = piece[at + 4];
ctx.moveTo(x, y);
if (edge !== x) ctx.lineTo(edge, y);
const middle = (edge + next) / 2;
if (y === down || k < 0.2) ctx.lineTo(next, down);
else ctx.bezierCurveTo(middle, y, middle, down, next, down);
};
const strokes = (ctx, list, [left, top, right, bottom]) => {
let inPath = 0;
ctx.beginPath();
for (let at = 0; at < list.length; at += 5) {
if (list[at + 2] < left || list[at] > right) continue;
const y = list[at + 3], down = list[at + 4];
if ((y < top && down < top) || (y > bottom && down > bottom)) continue;
trace(ctx, list, at);
if (++inPath === CHUNK) ctx.stroke(), ctx.beginPath(), (inPath = 0);
}
ctx.stroke();
};
const inSight = (slack) => [(-slack - tx) / k, (-slack - ty) / k, (size[0] + slack - tx) / k, (size[1] + slack - ty) / k];
const paint = () => {
const begin = performance.now(), dpr = Math.min(devicePixelRatio || 1, 2), ctx = canvas.getContext("2d");
const [w, h] = [size[0] + 2 * SLACK, size[1] + 2 * SLACK];
if (canvas.width !== Math.round(w * dpr) || canvas.height !== Math.round(h * dpr)) {
canvas.width = Math.round(w * dpr);
canvas.height = Math.round(h * dpr);
canvas.style.width = w + "px";
canvas.style.height = h + "px";
}
ctx.setTransform(1, 0, 0, 1, 0, 0);
ctx.clearRect(0, 0, canvas.width, canvas.height);
ctx.setTransform(dpr * k, 0, 0, dpr * k, (tx + SLACK) * dpr, (ty + SLACK) * dpr);
const sight = inSight(SLACK);
ctx.lineWidth = Math.max(1.25, 0.5 / k);
ctx.strokeStyle = colours["strong-line"];
ctx.globalAlpha = bright ? 0.28 : k < 0.2 ? 0.4 : 0.75;
strokes(ctx, pieces, sight);
ctx.globalAlpha = 1;
if (bright) {
ctx.lineWidth = Math.max(2.5, 1.5 / k);
ctx.strokeStyle = colours.accent;
strokes(ctx, brightPieces, sight);
}
if (k < BOXES) blocks(ctx, sight);
drawn = { k, tx, ty };
canvas.style.transform = `translate(${-SLACK}px,${-SLACK}px)`;
cost = performance.now() - begin;
};
const blocks = (ctx, [left, top, right, bottom]) => {
const HEIGHT = fft.HEIGHT;
view.boxes.forEach((box, at) => {
if (box.x > right || box.x + box.width < left || box.y - HEIGHT > bottom || box.y + HEIGHT < top) return;
const quiet = isQuiet(box);
ctx.globalAlpha = bright && !bright.has(at) ? 0.3 : 1;
ctx.fillStyle = quiet ? colours.bg : colours[box.cls];
ctx.strokeStyle = colours[box.cls];
ctx.lineWidth = Math.max(1.5, 0.7 / k);
ctx.beginPath();
ctx.rect(box.x, box.y - HEIGHT / 2, box.width, HEIGHT);
ctx.fill();
ctx.stroke();
});
ctx.globalAlpha = 1;
};
const link = (at) => {
const box = view.boxes[at], HEIGHT = fft.HEIGHT;
const element = make(box.page ? "a" : "button", `box ${box.kind} ${box.cls}`);
if (box.page) element.href = document.body.dataset.root + box.page;
else element.type = "button";
element.dataset.at = at;
element.tabIndex = -1;
element.style.transform = `translate(${box.x}px,${box.y - HEIGHT / 2}px)`;
element.style.width = box.width + "px";
const shape = document.createElementNS(SVG, "svg"), outline = document.createElementNS(SVG, "path");
outline.setAttribute("d", fft.outline(box.kind, box.width, HEIGHT));
shape.setAttribute("width", box.width);
shape.setAttribute("height", HEIGHT);
shape.setAttribute("aria-hidden", "true");
shape.append(outline);
element.append(shape, make("span", "name", fft.shortened(box.name)), make("span", "unseen", ", "), make("span", "word", box.word));
if (box.hiddenUp) element.append(make("span", "more up", "+" + box.hiddenUp));
if (box.hiddenDown) element.append(make("span", "more down", "+" + box.hiddenDown));
const hidden = (box.hiddenUp ?? 0) + (box.hiddenDown ?? 0);
element.title = box.name + (hidden ? ` (${hidden} of its neighbours not shown)` : "");
return element;
};
const mark = (element, at) => {
element.classList.toggle("dim", bright !== null && !bright.has(at));
element.classList.toggle("lit", bright !== null && bright.has(at));
element.classList.toggle("here", at === current);
if (at === current) element.setAttribute("aria-current", "true");
else element.removeAttribute("aria-current");
element.tabIndex = at === tab() ? 0 : -1;
};
let focused = -1;
const tab = () => (focused >= 0 ? focused : current >= 0 ? current : view.boxes.length > 0 ? 0 : -1);
const boxes = () => {
const wanted = new Set(), [left, top, right, bottom] = inSight(80);
if (k >= BOXES) {
for (let at = 0; at < view.boxes.length && wanted.size < MOST; at++) {
const box = view.boxes[at];
if (box.x <= right && box.x + box.width >= left && box.y - 30 <= bottom && box.y + 30 >= top) wanted.add(at);
}
}
for (const at of [tab(), current]) if (at >= 0) wanted.add(at);
for (const [at, element] of links) if (!wanted.has(at)) element.remove(), links.delete(at);
for (const at of wanted) {
if (links.has(at)) continue;
const element = link(at);
links.set(at, element);
mark(element, at);
layer.append(element);
}
layer.style.transform = `translate(${tx}px,${ty}px) scale(${k})`;
};
const remark = () => links.forEach(mark);
const mapScale = () => Math.min(168 / view.width, 112 / view.height);
const drawMap = () => {
const scale = mapScale(), w = Math.max(36, Math.round(view.width * scale)), h = Math.max(28, Math.round(view.height * scale));
const dpr = Math.min(devicePixelRatio || 1, 2), ctx = map.getContext("2d");
const all = view.width * k <= size[0] + 1 && view.height * k <= size[1] + 1;
map.hidden = all || view.boxes.length < 2;
if (map.hidden) return;
if (mapped === null) {
mapped = document.createElement("canvas");
map.width = mapped.width = w * dpr;
map.height = mapped.height = h * dpr;
map.style.width = w + "px";
map.style.height = h + "px";
const back = mapped.getContext("2d");
back.setTransform(dpr * scale, 0, 0, dpr * scale, 0, 0);
for (const quiet of [true, false]) for (const box of view.boxes) {
if (isQuiet(box) !== quiet) continue;
back.fillStyle = colours[box.cls];
back.globalAlpha = quiet ? 0.45 : 1;
const grown = Math.max(fft.HEIGHT, 1.2 / scale);
back.fillRect(box.x, box.y - grown / 2, Math.max(box.width, 1.2 / scale), grown);
}
}
ctx.setTransform(1, 0, 0, 1, 0, 0);
ctx.clearRect(0, 0, map.width, map.height);
ctx.drawImage(mapped, 0, 0);
ctx.setTransform(dpr * scale, 0, 0, dpr * scale, 0, 0);
const [left, top, right, bottom] = inSight(0);
ctx.strokeStyle = colours.accent;
ctx.lineWidth = 1.5 / scale;
ctx.strokeRect(left, top, right - left, bottom - top);
};
let asked = false, settle = 0;
const frame = () => {
asked = false;
const moved = drawn && Math.max(Math.abs(tx - drawn.tx), Math.abs(ty - drawn.ty)) < SLACK && k === drawn.k;
if (cost > 6 && drawn && (moved || k !== drawn.k)) {
const scale = k / drawn.k;
canvas.style.transform = `translate(${tx - (drawn.tx + SLACK) * scale}px,${ty - (drawn.ty + SLACK) * scale}px) scale(${scale})`;
clearTimeout(settle);
settle = setTimeout(() => (paint(), boxes()), 140);
} else paint();
boxes();
drawMap();
};
const ask = () => {
if (!asked) requestAnimationFrame(frame);
asked = true;
};
const clamp = () => {
const room = 60;
tx = Math.min(size[0] - room, Math.max(room - view.width * k, tx));
ty = Math.min(size[1] - room, Math.max(room - view.height * k, ty));
};
const go = (nk, nx, ny, quick) => {
cancelAnimationFrame(glide);
const end = { k: Math.min(2.5, Math.max(0.02, nk)), tx: nx, ty: ny }, from = { k, tx, ty }, begin = performance.now();
const step = () => {
const part = quick || still.matches ? 1 : Math.min(1, (performance.now() - begin) / 180), ease = 1 - (1 - part) ** 3;
[k, tx, ty] = ["k", "tx", "ty"].map((name) => from[name] * (1 - ease) + end[name] * ease);
clamp();
ask();
if (part < 1) glide = requestAnimationFrame(step);
};
step();
};
let glide = 0;
const zoom = (factor, x = size[0] / 2, y = size[1] / 2, quick = false) => {
const nk = Math.min(2.5, Math.max(0.02, k * factor));
go(nk, x - (x - tx) * nk / k, y - (y - ty) * nk / k, quick);
};
const whole = () => Math.min(1, (size[0] - 16) / view.width, (size[1] - 16) / view.height);
const start = (room, length) => (length < room ? (room - length) / 2 : 8);
const from = (scale, quick) => go(scale, start(size[0], view.width * scale), start(size[1], view.height * scale), quick);
const fit = (quick) => from(whole(), quick);
const open = () => from(Math.max(whole(), Math.min(1, Math.max(0.75, (size[0] - 16) / view.width))), true);
const reveal = (at, quick) => {
const box = view.boxes[at];
if (!box) return;
const nk = Math.max(k, 0.75), x = box.x * k + tx, y = box.y * k + ty, room = 40;
const seen = k === nk && x > room && y > room && x + box.width * k < size[0] - room && y < size[1] - room;
if (!seen) go(nk, size[0] / 2 - (box.x + box.width / 2) * nk, size[1] / 2 - box.y * nk, quick);
};
const resize = () => {
const { clientWidth, clientHeight } = stage;
if (clientWidth === 0 || (clientWidth === size[0] && clientHeight === size[1])) return;
const first = size[0] === 1;
size = [clientWidth, clientHeight];
if (first && view.boxes.length > 0) open();
ask();
};
new ResizeObserver(resize).observe(stage);
const recolour = () => (readColours(), (mapped = null), ask());
document.addEventListener("fft:theme", recolour);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
const hands = new Map();
let dragged = false, pinch = 0;
const at = (event) => {
const frame = stage.getBoundingClientRect();
return [event.clientX - frame.left, event.clientY - frame.top];
};
stage.addEventListener("pointerdown", (event) => {
if (event.button !== 0 || event.target.closest(".controls")) return;
if (event.target === map) return toMap(event);
hands.set(event.pointerId, at(event));
dragged = false;
pinch = 0;
});
const toMap = (event) => {
const frame = map.getBoundingClientRect(), scale = mapScale();
const follow = (move) => go(k, size[0] / 2 - (move.clientX - frame.left) / scale * k, size[1] / 2 - (move.clientY - frame.top) / scale * k, true);
map.setPointerCapture(event.pointerId);
map.onpointermove = follow;
map.onpointerup = map.onpointercancel = () => (map.onpointermove = null);
follow(event);
};
window.addEventListener("pointermove", (event) => {
const before = hands.get(event.pointerId);
if (!before) return;
const now = at(event);
if (!dragged && Math.hypot(now[0] - before[0], now[1] - before[1]) < 4) return;
if (!dragged) stage.setPointerCapture(event.pointerId);
dragged = true;
hands.set(event.pointerId, now);
if (hands.size === 2) {
const [one, two] = [...hands.values()], apart = Math.hypot(one[0] - two[0], one[1] - two[1]);
if (pinch > 0) zoom(apart / pinch, (one[0] + two[0]) / 2, (one[1] + two[1]) / 2, true);
pinch = apart;
} else go(k, tx + now[0] - before[0], ty + now[1] - before[1], true);
});
for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, (event) => hands.delete(event.pointerId));
stage.addEventListener("wheel", (event) => {
if (!event.ctrlKey && !event.metaKey && !stage.contains(document.activeElement)) return;
event.preventDefault();
zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), ...at(event), true);
}, { passive: false });
const hit = (event) => {
const [x, y] = at(event), wx = (x - tx) / k, wy = (y - ty) / k;
return view.boxes.findIndex((box) => wx >= box.x && wx <= box.x + box.width && Math.abs(wy - box.y) <= fft.HEIGHT / 2);
};
stage.addEventListener("click", (event) => {
if (dragged) return (dragged = false), event.preventDefault(), event.stopPropagation();
if (event.target.closest(".controls, .map") || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
const box = event.target.closest(".box"), found = box ? Number(box.dataset.at) : hit(event);
event.preventDefault();
stage.contains(document.activeElement) || layer.querySelector("[tabindex='0']")?.focus({ preventScroll: true });
if (found >= 0) focused = found;
on.select(found);
}, true);
stage.addEventListener("dblclick", (event) => {
const found = hit(event);
if (found >= 0) on.open(found);
});
stage.addEventListener("dragstart", (event) => event.preventDefault());
const near = (at, candidates) => {
const { y } = view.boxes[at];
return candidates.reduce((best, other) => (best < 0 || Math.abs(view.boxes[other].y - y) < Math.abs(view.boxes[best].y - y) ? other : best), -1);
};
const step = (at, key) => {
if (key === "ArrowRight") return near(at, view.edges.filter(([from]) => from === at).map(([, to]) => to));
if (key === "ArrowLeft") return near(at, view.edges.filter(([, to]) => to === at).map(([from]) => from));
const { column, y } = view.boxes[at], way = key === "ArrowDown" ? 1 : -1;
const others = view.boxes.map((_, other) => other).filter((other) => view.boxes[other].column === column && (view.boxes[other].y - y) * way > 0);
return near(at, others);
};
layer.addEventListener("keydown", (event) => {
const box = event.target.closest(".box");
if (!box || event.ctrlKey || event.metaKey || event.altKey) return;
const here = Number(box.dataset.at);
if (event.key.startsWith("Arrow")) {
event.preventDefault();
const next = step(here, event.key);
if (next >= 0) focus(next);
} else if (event.key === "Enter" || event.key === " ") {
event.preventDefault();
on.select(here);
} else if (event.key === "o") on.open(here);
else if (event.key === "f") on.focus(here);
});
layer.addEventListener("focusin", (event) => {
const box = event.target.closest(".box");
if (!box) return;
focused = Number(box.dataset.at);
remark();
if (box.matches(":focus-visible")) reveal(focused);
});
const focus = (at) => {
focused = at;
reveal(at, true);
boxes();
remark();
links.get(at)?.focus({ preventScroll: true });
};
readColours();
return {
show(next, keep) {
view = next;
bright = null;
current = focused = -1;
links.forEach((element) => element.remove());
links.clear();
mapped = drawn = null;
prepare();
resize();
if (!keep && size[0] > 1) open();
ask();
},
light(boxes, edges = []) {
bright = boxes;
brightPieces = Float32Array.from(edges.flatMap((edge) => view.line(edge).flat()));
drawn = null;
remark();
ask();
},
current(at) {
current = at;
boxes();
remark();
},
focus, fit, reveal, zoom,
label(text) { layer.setAttribute("aria-label", text); },
};
};
(window.fft ??= {}).scene = scene;
})();
"use strict";
(() => {
const XML = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const xml = (text) => String(text).replace(/[&<>"]/g, (letter) => XML[letter]).replace(/[\0-\x1f\x7f]/g, " ");
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
const line = (pieces) => pieces.map(([x, edge, next, y, down], at) => {
const middle = (edge + next) / 2, start = at === 0 ? `M${x} ${y}` : "";
return `${start}H${edge}${y === down ? `H${next}` : `C${middle} ${y} ${middle} ${down} ${next} ${down}`}`;
}).join("");
const STROKES = { build: 'stroke-width="2"', error: 'stroke-width="3"', skip: 'stroke-dasharray="1.5 2.5"', blocked: 'stroke-dasharray="5 3"' };
const svg = (view) => {
const font = (size, rest) => `font-family="ui-monospace, monospace" font-size="${size}" ${rest}`;
const quiet = (box) => (["none", "unselected"].includes(box.cls) ? "strong-line" : box.cls);
const boxes = view.boxes.map((box) => `<g transform="translate(${box.x} ${box.y - fft.HEIGHT / 2})">`
+ `<path d="${fft.outline(box.kind, box.width, fft.HEIGHT)}" fill="${colour("bg")}" stroke="${colour(quiet(box))}" ${STROKES[box.cls] ?? ""}/>`
+ `<text x="13" y="15" ${font(12, `fill="${colour("text")}"`)}>${xml(fft.shortened(box.name))}</text>`
+ `<text x="13" y="28" ${font(10, `fill="${colour("muted")}"`)}>${xml(box.word)}</text></g>`);
const edges = view.edges.map((edge) => `<path d="${line(view.line(edge))}"/>`);
return `<svg xmlns="http://www.w3.org/2000/svg" width="${view.width}" height="${view.height}" viewBox="0 0 ${view.width} ${view.height}">\n`
+ `<rect width="100%" height="100%" fill="${colour("bg")}"/>\n<g fill="none" stroke="${colour("strong-line")}">\n${edges.join("\n")}\n</g>\n${boxes.join("\n")}\n</svg>\n`;
};
const png = (view) => new Promise((resolve, reject) => {
const scale = Math.min(2, 8000 / view.width, 8000 / view.height), image = new Image(), canvas = document.createElement("canvas");
canvas.width = Math.ceil(view.width * scale);
canvas.height = Math.ceil(view.height * scale);
image.onload = () => {
canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
};
image.onerror = () => reject(new Error("no picture"));
image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg(view));
});
const lines = ({ boxes, edges }, head, node, arrow, end) => [head, ...boxes.map((box, at) => `  n${at}${node(box.name.replace(/\s/g, " "))}`),
...edges.map(([from, to]) => `  n${from} ${arrow} n${to}${end}`)].join("\n");
const mermaid = (view) => lines(view, "flowchart LR", (name) => `["${name.replace(/#/g, "#35;").replace(/"/g, "#quot;")}"]`, "-->", "") + "\n";
const dot = (view) => lines(view, "digraph fft {\n  rankdir=LR;", (name) => ` [label="${name.replace(/[\\"]/g, "\\$&")}"];`, "->", ";") + "\n}\n";
const json = ({ boxes, edges }) => JSON.stringify({
nodes: boxes.map(({ name, kind, cls, word }) => ({ name, kind, decision: cls, label: word })),
edges: edges.map(([from, to]) => [boxes[from].name, boxes[to].name]),
}, null, 2) + "\n";
const FORMS = {
svg: ["image/svg+xml", svg], png: ["image/png", png], mermaid: ["text/plain", mermaid], dot: ["text/vnd.graphviz", dot], json: ["application/json", json],
};
const save = async (form, view, name) => {
const [type, make] = FORMS[form], made = await make(view), link = document.createElement("a");
link.href = URL.createObjectURL(made instanceof Blob ? made : new Blob([made], { type }));
link.download = `${name}.${form === "mermaid" ? "mmd" : form}`;
link.click();
setTimeout(() => URL.revokeObjectURL(link.href), 10000);
};
Object.assign((window.fft ??= {}), { save, colour });
})();
"use strict";
(() => {
const READABLE = 150;
const STORED = 800;
const READ = 0.75;
const ROWS = 1000;
const area = document.getElementById("graph"), { make, plural, announce } = fft;
let model, scene, view, stateOf = "", shown = null, lastGood = null;
const FILTERS = ["decision", "cause", "kind", "tag", "folder"];
const read = () => {
const parts = new URLSearchParams(location.hash.slice(1)), state = { open: new Set(parts.getAll("open")) };
for (const name of ["view", "select", "focus", "node", "root", ...FILTERS]) state[name] = parts.get(name) ?? "";
for (const name of ["up", "down"]) state[name] = Math.max(0, Number(parts.get(name) ?? 2)) || 0;
return state;
};
const address = (changes) => {
const parts = new URLSearchParams(location.hash.slice(1));
for (const [name, value] of Object.entries(changes)) {
parts.delete(name);
for (const one of value instanceof Set ? value : [value]) if (one !== "" && one !== null && !(Number(one) === 2 && (name === "up" || name === "down"))) parts.append(name, one);
}
return "#" + parts;
};
const go = (changes) => { if (address(changes) !== (location.hash || "#")) location.hash = address(changes); };
const nodes = () => Array.from({ length: model.count }, (_, node) => node);
const filtered = (state) => {
let found = null;
if (state.select.trim() !== "") {
try {
found = fft.select(model, state.select);
problem("");
} catch (error) {
if (error instanceof Error) throw error;
problem(error.message + (error.hint ? `: ${error.hint}` : ""));
found = lastGood;
}
lastGood = found;
} else problem("");
const tests = {
decision: (node) => model.decision(node)[0] === state.decision,
cause: (node) => model.code(node) === state.cause,
kind: (node) => model.kind(node) === state.kind || model.materialized(node) === state.kind,
tag: (node) => model.tags(node).includes(state.tag),
folder: (node) => model.folder(node) === state.folder || model.folder(node).startsWith(state.folder + "/"),
};
for (const name of FILTERS) if (state[name] !== "") found = new Set([...(found ?? nodes())].filter(tests[name]));
return found;
};
const rebuilt = () => {
const found = new Set(nodes().filter(model.isRebuilt));
for (const { node } of model.data.roots) if (node !== null) found.add(node);
return found;
};
const withSources = (set) => {
const all = new Set(set);
for (let item = model.count; item < model.total; item++) if (model.downstream[item].some((reader) => set.has(reader))) all.add(item);
return all;
};
const find = (name) => {
const node = model.find(name) ?? model.find(name + ".ff");
if (node !== undefined) return node;
const source = model.names.indexOf(name, model.count);
return source < 0 ? undefined : source;
};
const derive = (state) => {
const matched = filtered(state), focus = state.focus === "" ? undefined : find(state.focus);
if (focus !== undefined) {
const up = fft.reach([focus], state.up, (item) => model.upstream[item]), down = fft.reach([focus], state.down, (item) => model.downstream[item]);
const near = [...new Set([...up, ...down])].filter((item) => matched === null || matched.has(item) || item === focus || model.isSource(item));
return { items: near, mode: "all", matched: new Set(near.filter((item) => item < model.count)), focus };
}
const mode = state.view || (matched === null ? model.data.view : matched.size <= READABLE ? "all" : "folders");
let set = matched ?? new Set(nodes());
if (mode === "run") {
const taken = rebuilt();
set = new Set([...set].filter((node) => taken.has(node)));
}
const items = [...(mode === "run" ? set : withSources(set))].sort((a, b) => a - b);
let groupOf;
if (mode === "folders") {
const folders = fft.folders(model, items);
groupOf = (item) => (state.open.has(folders.get(item)) ? undefined : folders.get(item));
} else if (mode === "tags") {
const tag = (item) => (model.isSource(item) ? "sources" : model.tags(item)[0] ?? "no tag");
groupOf = (item) => (state.open.has(tag(item)) ? undefined : tag(item));
}
return { items, mode, matched, groupOf, whole: groupOf === undefined && items.length === model.total };
};
const stored = async () => {
const { columns, heights } = model.data, ways = columns.map(() => []), shard = await fft.shard("ways");
shard.items.forEach((item, at) => {
let y = heights[item];
for (let run = 0; run < shard.runs[at].length; run += 2) {
y += shard.runs[at][run + 1];
for (let left = shard.runs[at][run]; left > 0; left--) ways[item].push(y);
}
});
return { column: columns, y: heights, ways, columns: columns.reduce((most, one) => Math.max(most, one + 1), 0), height: heights.reduce((most, one) => Math.max(most, one + 2), 0) };
};
let turn = 0;
const update = async () => {
const state = read(), mine = ++turn;
const { node, root, ...rest } = state, key = JSON.stringify({ ...rest, open: [...rest.open] });
if (key !== stateOf) {
stateOf = key;
shown = derive(state);
const next = fft.view(model, shown.items, shown.groupOf);
const layout = shown.whole && model.total > STORED ? await stored() : fft.layout(next.boxes.length, next.edges);
if (mine !== turn) return void (stateOf = "");
view = fft.place(next, layout);
const scale = Math.max(READ, Math.min(1, parts.stage.clientWidth / view.width));
parts.body.style.height = Math.round(Math.max(220, Math.min(innerHeight * 0.72, view.height * scale + 56))) + "px";
scene.show(view);
scene.label(`Graph: ${words()}`);
controls(state);
table();
if (shown.focus !== undefined) scene.reveal(view.places.get(shown.focus), true);
}
await select(state, mine);
};
const words = () => {
const single = view.boxes.filter((box) => box.item !== undefined && !model.isSource(box.item)).length, groups = view.boxes.filter((box) => box.members).length;
const seen = view.boxes.reduce((sum, box) => sum + (box.members?.filter((item) => !model.isSource(item)).length ?? 0), single), hidden = model.count - seen;
return (hidden > 0 ? `${seen.toLocaleString("en")} of ${plural(model.count, "node")}, ${hidden.toLocaleString("en")} hidden` : plural(seen, "node"))
+ (groups > 0 ? `, in ${plural(groups, shown.mode === "tags" ? "tag" : "folder")}` : "");
};
const among = (set, test = () => true) => {
const boxes = new Set([...set].map((item) => view.places.get(item)).filter((at) => at !== undefined));
return [boxes, view.edges.filter((edge) => boxes.has(edge[0]) && boxes.has(edge[1]) && test(edge))];
};
const select = async (state, mine) => {
const item = state.node === "" ? undefined : find(state.node), group = view.boxes.findIndex((box) => box.members && "group:" + box.group === state.node);
if (state.root !== "") {
const at = model.data.roots.findIndex(({ name }) => name === state.root), members = new Set();
const lists = await fft.shard("rebuilt");
if (mine !== turn) return;
let last = 0;
for (const step of lists[at] ?? []) members.add((last += step));
scene.light(...among(members));
scene.current(view.places.get(model.data.roots[at]?.node) ?? -1);
return panel.root(model.data.roots[at], [...members]);
}
if (group >= 0) {
scene.light(null);
scene.current(group);
return panel.group(view.boxes[group]);
}
if (item === undefined) {
scene.light(null);
scene.current(-1);
return panel.close();
}
const at = view.places.get(item) ?? -1;
if (model.isRebuilt(item)) {
scene.light(...among(fft.reach([item], Infinity, (one) => model.upstream[one].filter((up) => !model.isSource(up) && model.isRebuilt(up)))));
} else scene.light(...among([item, ...model.upstream[item], ...model.downstream[item]], (edge) => edge.includes(at)));
scene.current(at);
if (at >= 0) scene.reveal(at);
panel.node(item, at >= 0, mine);
};
const nodeLink = (item, cls = "name") => {
const link = make("a", cls, model.names[item]);
link.href = address({ node: model.names[item], root: "" });
return link;
};
const button = (words, act, cls = "tool") => {
const element = make("button", cls, words);
element.type = "button";
element.addEventListener("click", act);
return element;
};
const list = (title, items, cls = "names") => {
const most = 12, element = make("ul", cls);
for (const item of items.slice(0, most)) element.appendChild(make("li")).append(nodeLink(item));
if (items.length > most) element.append(make("li", "note", `… and ${(items.length - most).toLocaleString("en")} more`));
return items.length === 0 ? [] : [make("h4", "", title), element];
};
const badge = ([cls, glyph, word]) => {
const element = make("span", "badge " + cls), sign = make("span", "glyph", glyph);
sign.setAttribute("aria-hidden", "true");
element.append(sign, " " + word);
return element;
};
const panel = {
fill(title, ...content) {
const head = make("div", "head");
head.append(make("h3", "name", title), button("Close", () => panel.leave()));
parts.panel.replaceChildren(head, ...content);
parts.panel.hidden = false;
},
close() {
parts.panel.hidden = true;
parts.panel.replaceChildren();
},
leave() {
const at = view.places.get(find(read().node));
go({ node: "", root: "" });
if (at !== undefined) scene.focus(at);
},
async node(item, seen, mine) {
const decision = model.decision(item), name = model.names[item], page = make("a", "tool", "Open its page");
page.href = document.body.dataset.root + model.page(item);
const actions = make("p", "actions");
actions.append(page, button("Focus on it", () => go({ focus: name })));
const facts = make("p", "note", [model.kindWord(item), model.materialized(item), model.isSource(item) ? "" : "level " + model.level(item), model.path(item)].filter((part) => part).join(" · "));
const why = make("p", "why"), more = make("div");
if (decision[2] !== "") why.append(badge(decision), " ", make("span", "", model.sentence(item)));
panel.fill(name, ...(seen ? [] : [make("p", "note", "Not in this view.")]), why, facts, actions, more,
...list("Reads", model.upstream[item]), ...list("Read by", model.downstream[item]));
announce(`${name}: ${decision[2]} ${model.sentence(item)}`);
const shard = await fft.shard("detail-" + Math.floor(item / 100)), detail = shard?.[item % 100];
if (mine === turn && detail) more.replaceChildren(...panel.detail(detail, item));
},
detail(detail, item) {
const found = [], checks = make("ul", "checks");
if (detail.message) found.push(make("pre", "message", detail.message));
if (detail.causes) {
const causes = make("ul", "causes");
for (const [, sentence] of detail.causes) causes.append(make("li", "", sentence));
if (detail.more > 0) causes.append(make("li", "note", `… and ${detail.more} more`));
found.push(make("h4", "", detail.causes.length === 1 ? "Cause" : "Causes"), causes);
}
if (detail.path?.length > 1) {
const path = make("ol", "path");
for (const name of detail.path) path.appendChild(make("li")).append(find(name) === undefined ? make("span", "name", name) : nodeLink(find(name), name === model.names[item] ? "name here" : "name"));
found.push(make("h4", "", "Path from its root"), path);
if (detail.elided > 0) found.push(make("p", "note", `${detail.elided} nodes are left out in the middle.`));
}
const roots = (detail.roots ?? []).filter((name) => model.data.roots.some((root) => root.name === name));
if (roots.length > 0) {
const element = make("ul", "names");
for (const name of roots) {
const link = make("a", "name", name);
link.href = address({ root: name, node: "" });
element.appendChild(make("li")).append(link);
}
found.push(make("h4", "", "Rebuilt because of"), element);
}
for (const [, holds, evidence] of detail.checks ?? []) checks.appendChild(make("li", holds ? "yes" : "no", `${holds ? "✓" : "✗"} ${evidence}`));
if (checks.children.length > 0) found.push(make("h4", "", "Checks of a skip"), checks);
if (detail.description) found.push(make("h4", "", "Description"), make("p", "", detail.description));
return found;
},
root(root, members) {
if (!root) return panel.close();
panel.fill(root.name, make("p", "", root.sentence), make("p", "note", `${plural(root.impact, "node")} rebuilt because of it, ${root.sole} only because of it.`), ...list("It rebuilt", members));
announce(`${root.name}: ${root.sentence}, ${plural(root.impact, "node")} rebuilt`);
},
group(box) {
const tally = make("p", "tally"), actions = make("p", "actions"), state = read(), by = shown.mode === "tags" ? "tag" : "folder";
for (const [cls, glyph, count] of box.tally) tally.append(badge([cls, glyph, count.toLocaleString("en")]), " ");
actions.append(button("Unfold it here", () => go({ open: new Set([...state.open, box.group]), view: shown.mode, node: "" })), button("Show only this", () => go({ [by]: box.group, node: "", view: "" })));
panel.fill(box.name, make("p", "note", box.word), tally, actions, ...list("Holds", box.members));
announce(`${box.name}: ${box.word}`);
},
};
const parts = {};
const problem = (text) => {
parts.problem.textContent = text;
parts.problem.hidden = text === "";
parts.filter.setAttribute("aria-invalid", text !== "");
};
const labelled = (words, element) => {
const label = make("label", "", words);
label.append(element);
return label;
};
const count = (of) => {
const counts = new Map();
for (const node of nodes()) for (const value of of(node)) if (value !== "") counts.set(value, (counts.get(value) ?? 0) + 1);
return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
};
const OPTIONS = {
decision: () => Object.values(fft.DECISIONS).flatMap(([cls, glyph, word]) => count((node) => [model.decision(node)[0]]).filter(([value]) => value === cls).map(([value, number]) => [value, number, `${glyph} ${word}`])),
cause: () => count((node) => [model.code(node)]),
kind: () => count((node) => [model.kind(node), model.materialized(node)]),
tag: () => count(model.tags),
folder: () => count((node) => model.folder(node).split("/").map((_, at, all) => all.slice(0, at + 1).join("/"))).slice(0, 400),
};
const build = () => {
const bar = make("form", "filters");
parts.filter = make("input");
Object.assign(parts.filter, { type: "text", placeholder: "+mart_* tag:daily state:modified", spellcheck: false, autocomplete: "off" });
bar.addEventListener("submit", (event) => event.preventDefault());
let wait;
parts.filter.addEventListener("input", () => {
clearTimeout(wait);
wait = setTimeout(() => go({ select: parts.filter.value, view: "", node: "" }), 250);
});
bar.append(labelled("Filter", parts.filter));
for (const name of FILTERS) {
const select = (parts[name] = make("select")), options = OPTIONS[name]();
select.append(new Option("any", ""), ...options.map(([value, number, text = value]) => new Option(`${text} (${number.toLocaleString("en")})`, value)));
select.addEventListener("change", () => go({ [name]: select.value, view: "", node: "" }));
if (options.length > 0) bar.append(labelled(name[0].toUpperCase() + name.slice(1), select));
}
parts.problem = make("p", "problem");
parts.problem.setAttribute("role", "alert");
const line = make("div", "line");
parts.views = make("div", "views");
parts.views.setAttribute("role", "group");
parts.views.setAttribute("aria-label", "Show");
const tagged = nodes().some((node) => model.tags(node).length > 0), names = { all: "All", run: "This run", folders: "Folders", tags: "Tags" };
for (const [mode, words] of Object.entries(names)) {
if ((mode === "run" && rebuilt().size === 0) || (mode === "tags" && !tagged)) continue;
parts.views.append(Object.assign(button(words, () => go({ view: mode, focus: "", node: "", open: "" })), { value: mode }));
}
parts.focus = make("div", "focus");
parts.words = make("p", "note");
parts.clear = button("Show all", () => (location.hash = ""));
const saves = make("details", "saves"), forms = make("div");
saves.append(make("summary", "tool", "Export"), forms);
for (const [form, words] of [["svg", "SVG"], ["png", "PNG"], ["mermaid", "Mermaid"], ["dot", "DOT"], ["json", "JSON"]]) {
forms.append(button(words, async () => {
saves.open = false;
await fft.save(form, view, "graph").then(() => announce(`${words} saved`), () => announce(`${words} failed`));
}));
}
line.append(parts.views, parts.focus, parts.words, parts.clear, saves);
const body = (parts.body = make("div", "body"));
parts.stage = make("div", "stage");
parts.panel = make("aside", "panel");
parts.panel.setAttribute("aria-label", "Explanation");
parts.panel.hidden = true;
body.append(parts.stage, parts.panel);
parts.toggle = button("Show the graph", () => {
const on = area.toggleAttribute("data-open");
parts.toggle.textContent = on ? "Hide the graph" : "Show the graph";
parts.toggle.setAttribute("aria-expanded", on);
}, "tool toggle");
parts.toggle.setAttribute("aria-expanded", "false");
area.querySelectorAll(".still").forEach((still) => still.remove());
area.append(bar, parts.problem, line, parts.toggle, body);
};
const controls = (state) => {
if (document.activeElement !== parts.filter) parts.filter.value = state.select;
for (const name of FILTERS) parts[name].value = state[name];
for (const one of parts.views.children) one.setAttribute("aria-pressed", one.value === shown.mode && shown.focus === undefined);
parts.words.textContent = words();
announce(words());
parts.clear.hidden = shown.matched === null && state.view === "" && state.open.size === 0;
parts.focus.replaceChildren();
if (shown.focus === undefined) return;
const stepper = (name) => {
const step = (by, sign, title) => Object.assign(button(sign, () => go({ [name]: Math.max(0, state[name] + by) })), { title, ariaLabel: title });
return [step(-1, "−", `Fewer ${name}`), make("span", "", `${state[name]} ${name}`), step(1, "+", `More ${name}`)];
};
parts.focus.append("Around ", nodeLink(shown.focus), ...stepper("up"), ...stepper("down"), Object.assign(button("×", () => go({ focus: "" })), { ariaLabel: "End the focus" }));
};
const body = document.querySelector("table[data-nodes] tbody"), rows = new Map();
const row = (node) => {
const element = make("tr"), known = (number, unit = "") => (number < 0 ? "" : number.toLocaleString("en") + unit), link = make("a", "name", model.names[node]);
link.href = document.body.dataset.root + model.page(node);
const cells = [["Decision", badge(model.decision(node))], ["Node", link], ["Kind", `${model.kindWord(node)} ${model.materialized(node)}`], ["Level", model.level(node)],
["Rows", known(model.rows(node))], ["Time", known(model.milliseconds(node), " ms")], ["Why", model.sentence(node)]];
for (const [name, content] of cells) {
const cell = element.appendChild(make(name === "Node" ? "th" : "td", ["Level", "Rows", "Time"].includes(name) ? "num" : ""));
cell.dataset.label = name;
cell.append(content);
}
return element;
};
const table = () => {
if (!body) return;
if (rows.size === 0) for (const element of body.rows) rows.set(element.querySelector("th .name")?.textContent, { element, own: true });
const { matched } = shown;
for (const [name, { element, own }] of rows) {
element.hidden = matched !== null && !matched.has(model.find(name));
if (!own && (matched === null || element.hidden)) element.remove(), rows.delete(name);
}
let left = ROWS;
for (const node of matched ?? []) {
if (rows.has(model.names[node]) || left-- <= 0) continue;
const element = row(node);
rows.set(model.names[node], { element, own: false });
body.append(element);
}
};
const start = async () => {
if (!area) return;
const data = await fft.shard("graph");
if (!data) return;
model = fft.model(data);
build();
scene = fft.scene(parts.stage, {
select(at) {
const box = view.boxes[at];
go(box === undefined ? { node: "", root: "" } : { node: box.members ? "group:" + box.group : box.name, root: "" });
},
open(at) {
const box = view.boxes[at], state = read();
if (box.members) go({ open: new Set([...state.open, box.group]), view: shown.mode, node: "" });
else location.href = document.body.dataset.root + box.page;
},
focus(at) {
if (!view.boxes[at].members) go({ focus: view.boxes[at].name });
},
});
const zoom = parts.stage.appendChild(make("div", "controls"));
for (const [sign, title, act] of [["+", "Nearer", () => scene.zoom(1.3)], ["−", "Further", () => scene.zoom(1 / 1.3)], ["⤢", "All of it", () => scene.fit()]]) zoom.append(Object.assign(button(sign, act), { title, ariaLabel: title }));
for (const item of document.querySelectorAll(".roots [data-root]")) {
const link = make("a", "", "show");
link.href = address({ root: item.dataset.root, node: "" });
link.setAttribute("aria-label", `Show in the graph what ${item.dataset.root} rebuilt`);
link.addEventListener("click", () => area.scrollIntoView({ block: "start" }));
if (data.roots.some(({ name }) => name === item.dataset.root)) item.lastElementChild.append(" ", link);
}
area.addEventListener("keydown", (event) => {
const state = read(), writing = event.target.matches("input, select");
if (event.key === "Escape" && !writing) {
if (state.node !== "" || state.root !== "") panel.leave();
else if (state.focus !== "") go({ focus: "" });
} else if (!writing && (event.key === "[" || event.key === "]") && !event.ctrlKey && !event.metaKey) {
const by = event.key === "]" ? 1 : -1;
if (state.focus !== "") go({ up: Math.max(0, state.up + by), down: Math.max(0, state.down + by) });
else if (state.node !== "" && find(state.node) !== undefined) go({ focus: state.node });
} else if (!writing && "+-0".includes(event.key) && !event.ctrlKey && !event.metaKey) {
if (event.key === "0") scene.fit();
else scene.zoom(event.key === "+" ? 1.3 : 1 / 1.3);
}
});
addEventListener("hashchange", update);
await update();
area.dataset.ready = "";
};
start();
})();
