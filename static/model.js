// The project's graph as scripts use it: fft.model(data) reads the shard that src/site/graph/data.rs writes. A page may add
// nodes that the project doesn't have any more: fft.model(data, gone), each { name, kind, path, page, reads, readers }, of
// which the last two name nodes.
"use strict";
(() => {
  const UNIT = 12, HEIGHT = 36, MARGIN = 8, GAP = 44, LETTERS = 32, LETTER = 72, FOLDERS = 40;

  // The shard with nodes behind those that it has, of which no run of today decided anything; edges come with the model.
  const grown = (data, gone) => {
    const letter = ({ kind }) => (data.words.kinds.find(([, word]) => word === kind) ?? ["q"])[0];
    const letters = (text, of) => text + gone.map(of).join(""), numbers = (list, value) => list.concat(gone.map(() => value));
    const column = ({ values, of }, say) => ({ values: values.concat(gone.map(say)), of: of.concat(gone.map((_, at) => values.length + at)) });
    const nothing = () => "", at = ({ path }) => path.lastIndexOf("/"), all = { ...data, names: data.names.concat(gone.map(({ name }) => name)) };
    for (const name of ["materialized", "decisions", "roles", "states"]) all[name] = letters(data[name], () => "-");
    for (const name of ["codes", "sentences", "tags", "owners", "reads", "causes"]) all[name] = column(data[name], nothing);
    for (const name of ["rows", "before", "milliseconds"]) all[name] = numbers(data[name], -1);
    for (const name of ["via", "degrees"]) all[name] = numbers(data[name], 0);
    all.kinds = letters(data.kinds, letter);
    all.folders = column(data.folders, (one) => one.path.slice(0, Math.max(0, at(one))));
    all.files = column(data.files, (one) => one.path.slice(at(one) + 1));
    all.pages = { ...data.pages, ...Object.fromEntries(gone.map(({ page }, one) => [data.names.length + one, page])) };
    return all;
  };

  const model = (given, gone = []) => {
    const data = gone.length > 0 ? grown(given, gone) : given, total = data.names.length, own = given.names.length;
    // Nodes of the project, then sources; nodes that it doesn't have any more are last.
    const isSource = (item) => item >= data.nodes && item < own, every = data.names.map((_, item) => item);
    const nodes = every.filter((item) => !isSource(item)), sources = every.filter(isSource);
    // What letters stand for is data too: of a decision its class, glyph, word, and what `result:` calls it.
    const table = (rows) => new Map(rows.map(([letter, ...words]) => [letter, words]));
    const decisions = table(data.words.decisions), kinds = table(data.words.kinds);
    const materialized = table(data.words.materialized), states = table(data.words.states);
    const numbers = new Map(nodes.map((node) => [data.names[node], node]));
    // What a node is called: without its ending, unless another one is called so.
    const short = (name) => (name.length > 3 && name.endsWith(".ff") && !numbers.has(name.slice(0, -3)) ? name.slice(0, -3) : name);
    const extended = new Set(data.extended ?? []);
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
    const add = (from, to) => {
      if (from === undefined || to === undefined || from === to || upstream[to].includes(from)) return;
      upstream[to].push(from);
      downstream[from].push(to);
    };
    gone.forEach(({ reads, readers }, one) => {
      for (const name of reads) add(numbers.get(name), own + one);
      for (const name of readers) add(own + one, numbers.get(name));
    });
    const column = ({ values, of }) => (item) => values[of[item]];
    const list = (words, by) => {
      const lists = words.values.map((text) => (text === "" ? [] : text.split(by)));
      return (item) => lists[words.of[item]];
    };
    const folder = column(data.folders), file = column(data.files), words = column(data.sentences), tests = column(data.tests);
    // Tests that failed, or warned: `✗ 2 tests`.
    const wrong = (item) => {
      const sign = { f: "✗", w: "!" }[tests(item)[0]];
      return sign ? `${sign} ${plural(Number(tests(item).slice(1)), "test")}` : "";
    };
    const reads = data.reads.values.map((text) => (text === "" ? [] : text.split(" ").map((number) => data.sources[number])));
    const fresh = data.reads.values.map((text) => (text === "" ? [] : text.split(" ").map((number) => data.fresh[number])));
    const onlyNodes = (lists) => (node) => lists[node].filter((other) => !isSource(other));
    const levels = [];
    const level = (node) => {
      // What was may read what now reads it: a way round ends where it began.
      if (levels[node] === undefined) {
        levels[node] = 1;
        levels[node] = 1 + onlyNodes(upstream)(node).reduce((most, up) => Math.max(most, level(up)), 0);
      }
      return levels[node];
    };
    // The path from the nearest root, where it is the reason.
    const way = (item) => {
      const found = [item];
      while (data.via[item] !== 0 && found.length <= total) found.unshift(item += data.via[item]);
      return found;
    };
    const shown = (item) => file(item).replace(/^\*/, data.names[item]);
    const decided = (item) => decisions.get(data.decisions[item]);
    const decision = (item) => (extended.has(item) ? [...decided(item).slice(0, 2), "EXTEND", decided(item)[3]] : decided(item));
    // What a box says that it is: its kind, and of what keeps a history that.
    const keeps = (item) => materialized.get(data.materialized[item])[1];
    const what = (item) => (keeps(item) ? materialized.get(data.materialized[item]) : kinds.get(data.kinds[item]).slice(1))[0];
    const ranks = new Map([...decisions.values()].map((one, at) => [one, at]));
    const causes = data.causes.values.map((text) => (text === "" ? [] : text.split(" ").map(Number)));
    // `4 rows (+1)`: of a node that was built, with what a build before had.
    const rowsWord = (item) => {
      const [now, before] = [data.rows[item], data.before[item]], by = now - before;
      if (now < 0) return "";
      return plural(now, "row") + (before < 0 || by === 0 ? "" : ` (${by > 0 ? "+" : "−"}${Math.abs(by).toLocaleString("en")})`);
    };
    return {
      // Worst first.
      decisions: [...decisions.values()],
      data, total, nodes, sources, count: nodes.length, names: data.names, upstream, downstream, folder, level, decision,
      // What an item is called, and a name of any node.
      label: (item) => (isSource(item) ? data.names[item] : short(data.names[item])),
      short,
      isGone: (item) => item >= own,
      // Whether the table of an incremental model was extended.
      isExtended: (item) => extended.has(item),
      // From the nearest root to the item.
      way,
      // Of its file in the project.
      path: (item) => (folder(item) === "" ? shown(item) : `${folder(item)}/${shown(item)}`),
      package: column(data.packages),
      find: (name) => numbers.get(name),
      up: onlyNodes(upstream),
      down: onlyNodes(downstream),
      isSource,
      kind: (item) => kinds.get(data.kinds[item])[0],
      kindWord: (item) => kinds.get(data.kinds[item])[1],
      keeps, what,
      materialized: (item) => materialized.get(data.materialized[item])[0],
      state: (item) => states.get(data.states[item])[0],
      result: (item) => decision(item)[3],
      tags: list(data.tags, "\n"),
      owners: list(data.owners, "\n"),
      exposures: list(data.exposures, "\n"),
      read: (item) => reads[data.reads.of[item]],
      fresh: (item) => fresh[data.reads.of[item]],
      code: column(data.codes),
      tests,
      page: (item) => data.pages[item] ?? `nodes/${data.names[item]}.html`,
      sentence: (item) => (data.via[item] === 0 ? words(item) : "← " + way(item).slice(0, -1).map((one) => data.names[one]).join(" → ")),
      rows: (item) => data.rows[item],
      milliseconds: (item) => data.milliseconds[item],
      isRebuilt: (item) => ["build", "cascade", "error", "blocked"].includes(decision(item)[0]),
      isBuilt: (item) => ["build", "cascade"].includes(decision(item)[0]),
      // Among decisions, the worst first.
      rank: (item) => ranks.get(decided(item)),
      // Numbers of the first roots that it was taken up for.
      causes: (item) => causes[data.causes.of[item]],
      before: (item) => data.before[item],
      rowsWord,
      // The decision with the numbers of its causes, the kind, and a fact.
      word: (item, fact = rowsWord(item)) => {
        const [, glyph, word] = decision(item);
        return [`${glyph} ${word} ${marks(causes[data.causes.of[item]])}`.trim(), what(item), fact, wrong(item)].filter((part) => part).join(" · ");
      },
    };
  };

  // Of a node's roots, how many are told beside it, and the numbers that they have on every page.
  const TOLD = 4;
  const mark = (root) => (root < 20 ? String.fromCodePoint(0x2460 + root) : `(${root + 1})`);
  const marks = (roots) => roots.slice(0, TOLD).map(mark).join("") + (roots.length > TOLD ? "…" : "");

  // What stands for an item in a view.
  const single = (model, item, lens) => ({
    key: "n" + item, item, name: model.names[item], label: model.label(item), kind: model.kind(item), keeps: model.keeps(item), cls: model.decision(item)[0],
    word: lens?.alone ? `${model.what(item)} · ${lens.fact(item)}` : model.word(item, lens?.fact(item)), page: model.page(item),
  });

  const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

  // What stands for all of a folder or a tag.
  const group = (model, name, members) => {
    const nodes = members.filter((item) => !model.isSource(item));
    const number = (cls) => nodes.filter((node) => model.decision(node)[0] === cls).length;
    const counts = model.decisions.map(([cls, glyph]) => [cls, glyph, number(cls)]);
    const tally = counts.filter(([cls, , count]) => cls !== "none" && count > 0);
    const word = nodes.length === 0 ? plural(members.length, "source") : plural(members.length, "node"), more = nodes.filter(model.isExtended).length;
    return {
      key: "g" + name, members, name: name || ".", label: name || ".", group: name, kind: "group", cls: tally[0]?.[0] ?? "none", tally,
      word: [word, ...tally.map(([, glyph, count]) => `${glyph} ${count.toLocaleString("en")}`), ...(more > 0 ? [`${more.toLocaleString("en")} extended`] : [])].join(" · "),
    };
  };

  // The folder that each item is shown in: the largest are opened as long as there are few enough of them.
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
      const [next] = open.sort((a, b) => b.members.length - a.members.length || (a.name < b.name ? -1 : 1));
      const children = inside(next.members, next.depth + 1);
      open = open.filter((one) => one !== next);
      if (shown.length - 1 + children.length > FOLDERS || children.every(({ name }) => name === next.name)) continue;
      shown = shown.filter((one) => one !== next).concat(children);
      open = open.concat(children.filter(({ name }) => name !== next.name));
    }
    return new Map(shown.flatMap(({ name, members }) => members.map((item) => [item, name])));
  };

  // A view of items: those that `groupOf` names a group for stand together. A lens gives boxes their third fact.
  const view = (model, items, groupOf = () => undefined, lens) => {
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
    const boxes = drawn.map(({ item, name }) => (item === undefined ? group(model, name, members.get(name)) : single(model, item, lens)));
    const edges = new Map();
    for (const [item, to] of places) for (const up of model.upstream[item]) {
      const from = places.get(up);
      if (from !== undefined && from !== to) edges.set(from * boxes.length + to, [from, to]);
    }
    // How many neighbours aren't in the view.
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

  // The text within so many letters, its middle left out.
  const shortened = (text) => {
    if (letters(text) <= LETTERS) return text;
    const all = [...text], share = Math.floor(LETTERS * all.length / letters(text)), front = share >> 1;
    return all.slice(0, front).join("") + "…" + all.slice(all.length - (share - front - 1)).join("");
  };

  const width = ({ label, word }) => {
    const longest = Math.max(Math.min(letters(label), LETTERS), Math.floor(letters(word) * 7 / 8));
    return Math.max(Math.ceil(longest * LETTER / 10) + 26, 88);
  };

  // Puts a view in its place, as src/site/graph/picture.rs does.
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
    // From a box to the right, stop by stop: where the line is level, and where it goes from there.
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

  // What keeps versions has a second left edge.
  const outline = ({ kind, keeps, width: w }, h) => {
    const m = h / 2;
    const shapes = {
      seed: `M${m} 0H${w - m}a${m} ${m} 0 0 1 0 ${h}H${m}a${m} ${m} 0 0 1 0 -${h}Z`,
      source: `M9 0H${w}L${w - 9} ${h}H0Z`,
      sql: `M4 0H${w - 4}a4 4 0 0 1 4 4V${h - 4}a4 4 0 0 1 -4 4H4a4 4 0 0 1 -4 -4V4a4 4 0 0 1 4 -4Z`,
      python: `M9 0H${w - 9}L${w} ${m}L${w - 9} ${h}H9L0 ${m}Z`,
      group: `M0 0H${w}V${h}H0ZM4 ${h}V${h + 4}H${w + 4}V4H${w}V${h}Z`,
    };
    return shapes[kind] + (keeps ? `M5 0V${h}` : "");
  };

  Object.assign((window.fft ??= {}), { model, view, folders, place, outline, shortened, plural, mark, marks, HEIGHT });
})();
