// The graph area of the overview: what is shown follows from the address (#view, #lens, #node, #root, #step, #focus …), and
// every control writes there, so that links and Back work. Pieces: model.js, selector.js, scene.js, bar.js; and, loaded
// when they are asked for, layout.js, map.js, panel.js, export.js, and lens.js. For other scripts of the page:
//   fft.show({ root: "stg_users.ff" })     writes the address
//   fft.lens(key, title, make)             another way to colour the graph, see bar.js
//   fft.grow([{ name, reads, … }])         draws nodes of the past as well, see model.js
//   an element with data-root="NAME"       lights what the cause reached while it is hovered or has the focus
"use strict";
(() => {
  // Boxes that are shown at once unless asked for more.
  const READABLE = 150;
  // Steps around a focus unless others are asked for.
  const STEPS = 2;
  // Scale at which names are read with ease.
  const READ = 0.75;
  // Rows of the table at once.
  const ROWS = 1000;
  const area = document.getElementById("graph"), { make, plural, announce, button, named, FILTERS, MODES } = fft;
  let given, model, scene, map, picture, view, bar, panel, steps, stateOf = "", shown = null, lastGood = null, lost = [];
  const parts = {};

  // What is loaded when it is asked for: the map, the panel, lenses, files.
  const more = () => fft.load(area.dataset.more);

  // The address.
  const read = () => {
    const parts = new URLSearchParams(location.hash.slice(1)), state = { open: new Set(parts.getAll("open")) };
    for (const name of ["view", "lens", "by", "select", "focus", "node", "root", ...FILTERS]) state[name] = parts.get(name) ?? "";
    for (const name of ["up", "down"]) state[name] = Math.max(0, Number(parts.get(name) ?? STEPS)) || 0;
    state.step = Math.max(0, Number(parts.get("step"))) || 0;
    return state;
  };
  const address = (changes) => {
    const parts = new URLSearchParams(location.hash.slice(1));
    for (const [name, value] of Object.entries(changes)) {
      parts.delete(name);
      const usual = (one) => one === "" || (one === STEPS && (name === "up" || name === "down"));
      for (const one of value instanceof Set ? value : [value]) if (!usual(one)) parts.append(name, one);
    }
    return "#" + parts;
  };
  const go = (changes) => { if (address(changes) !== (location.hash || "#")) location.hash = address(changes); };

  // What is to be seen.
  const filtered = (state) => {
    let found = null;
    if (state.select.trim() !== "") {
      try {
        found = fft.select(model, state.select);
        bar.problem("");
      } catch (error) {
        if (error instanceof Error) throw error;
        bar.problem(error.message + (error.hint ? `: ${error.hint}` : ""));
        found = lastGood;
      }
      lastGood = found;
    } else bar.problem("");
    const tests = {
      decision: (node) => model.decision(node)[0] === state.decision,
      cause: (node) => model.code(node).split(" ").includes(state.cause),
      kind: (node) => model.kind(node) === state.kind || model.materialized(node) === state.kind,
      tag: (node) => model.tags(node).includes(state.tag),
      owner: (node) => model.owners(node).includes(state.owner),
      folder: (node) => model.folder(node) === state.folder || model.folder(node).startsWith(state.folder + "/"),
    };
    for (const name of FILTERS) if (state[name] !== "") found = new Set([...(found ?? model.nodes)].filter(tests[name]));
    return found;
  };
  const rebuilt = () => {
    const found = new Set(model.nodes.filter(model.isRebuilt));
    for (const { nodes } of model.data.roots) for (const node of nodes) found.add(node);
    return found;
  };
  const withSources = (set) => {
    const all = new Set(set);
    for (const item of model.sources) if (model.downstream[item].some((reader) => set.has(reader))) all.add(item);
    return all;
  };
  const find = (name) => {
    const node = fft.lookUp(name, model.find);
    if (node !== undefined) return node;
    return model.sources.find((item) => model.names[item] === name);
  };
  const rootAt = (name) => model.data.roots.findIndex(({ names }) => names.includes(name));

  const derive = (state) => {
    const matched = filtered(state), focus = state.focus === "" ? undefined : find(state.focus);
    if (focus !== undefined) {
      const up = fft.reach([focus], state.up, (item) => model.upstream[item]);
      const down = fft.reach([focus], state.down, (item) => model.downstream[item]);
      const near = [...new Set([...up, ...down])].filter((item) => matched === null || matched.has(item) || item === focus || model.isSource(item));
      return { items: near, mode: "all", matched: new Set(near.filter((item) => !model.isSource(item))), focus };
    }
    const known = MODES[state.view] ? state.view : "";
    const mode = known || (matched === null ? model.data.view : matched.size <= READABLE ? "all" : "map");
    let set = matched ?? new Set(model.nodes);
    if (mode === "run") {
      const taken = rebuilt();
      set = new Set([...set].filter((node) => taken.has(node)));
    }
    const items = [...(mode === "run" || mode === "map" ? set : withSources(set))].sort((a, b) => a - b);
    let groupOf;
    if (mode === "folders") {
      const folders = fft.folders(model, items);
      groupOf = (item) => (state.open.has(folders.get(item)) ? undefined : folders.get(item));
    } else if (mode === "tags") {
      const tag = (item) => (model.isSource(item) ? "sources" : model.tags(item)[0] ?? "no tag");
      groupOf = (item) => (state.open.has(tag(item)) ? undefined : tag(item));
    }
    const whole = groupOf === undefined && items.length === model.total && lost.length === 0;
    return { items, mode, matched: mode === "run" ? set : matched, groupOf, whole };
  };

  // What an address names and the project doesn't have.
  const unknown = (state) => {
    const told = [], say = (what, name) => told.push(`${what} \`${name}\`.`);
    const group = state.node.startsWith("group:");
    for (const name of ["node", "focus"]) if (state[name] !== "" && !(name === "node" && group) && find(state[name]) === undefined) say("The project has no node", state[name]);
    if (group && view && !view.boxes.some((box) => box.members && "group:" + box.group === state.node)) say("There is no group", state.node.slice(6));
    if (state.root !== "" && rootAt(state.root) < 0) say("The last run has no cause", state.root);
    if (state.view !== "" && !MODES[state.view]) say("There is no view", state.view);
    if (state.lens !== "" && ![...bar.parts.lens.options].some((one) => one.value === state.lens)) say("The graph can’t be coloured by", state.lens);
    for (const name of FILTERS) {
      const options = [...bar.parts[name].options].map((one) => one.value);
      if (state[name] !== "" && !options.includes(state[name])) say(`No node has the ${name}`, state[name]);
    }
    return told;
  };

  // Ways to colour: the decision at once, others when they are asked for.
  const knownLens = (key) => fft.lenses.has(key) || fft.PROMISED.some(([known]) => known === key);
  const made = new Map();
  const lensOf = async (key) => {
    if (key === "" || !knownLens(key)) key = "decision";
    if (!fft.lenses.has(key)) await fft.load(area.dataset.lenses);
    const { make } = fft.lenses.get(key);
    if (!made.has(make)) made.set(make, Promise.resolve(make(model)).then((one) => ({ key, ...one })));
    return made.get(make);
  };
  fft.lens("decision", "Decision", (model) => {
    const quiet = ["skip", "none", "unselected"], plain = ["none", "unselected"], number = new Map();
    model.data.roots.forEach(({ nodes }, at) => nodes.forEach((node) => number.set(node, at)));
    return {
      classes: model.decisions.map(([cls, glyph, word]) => ({ key: cls, words: word, sign: glyph, colour: plain.includes(cls) ? "strong-line" : cls, quiet: quiet.includes(cls) })),
      of: model.rank,
      fact: model.rowsWord,
      // A cause has its number where it was built.
      sign: (item) => (number.has(item) && model.isBuilt(item) ? fft.mark(number.get(item)) : undefined),
    };
  });

  // The layout of the whole came with the page: ways run in lengths and steps.
  const stored = async () => {
    const { columns, heights } = model.data, ways = columns.map(() => []), shard = await fft.shard("ways");
    shard.items.forEach((item, at) => {
      let y = heights[item];
      for (let run = 0; run < shard.runs[at].length; run += 2) {
        y += shard.runs[at][run + 1];
        for (let left = shard.runs[at][run]; left > 0; left--) ways[item].push(y);
      }
    });
    const most = (list) => list.reduce((most, one) => Math.max(most, one), 0);
    return { column: columns, y: heights, ways, columns: most(columns) + 1, height: most(heights) + 2 };
  };

  // Where there is something to see first: what failed, then the cause of most, then anything.
  const anchor = (next) => {
    const failed = next.boxes.findIndex((box) => box.cls === "error"), root = model.data.roots.flatMap(({ nodes }) => nodes).find((node) => next.places.has(node));
    return failed >= 0 ? failed : root === undefined ? 0 : next.places.get(root);
  };
  // The room that the graph has: what is left of the first screen. Where that is little, what it wants, within bounds.
  const LEAST = 340;
  const room = (wanted) => {
    const left = innerHeight - (parts.body.getBoundingClientRect().top + scrollY) - 20;
    return Math.round(left >= LEAST ? left : Math.max(LEAST, Math.min(innerHeight * 0.6, wanted)));
  };

  let turn = 0;
  const update = async () => {
    const state = read(), mine = ++turn;
    const { node, root, step, ...rest } = state, key = JSON.stringify({ ...rest, open: [...rest.open] });
    if (key !== stateOf) {
      const lens = await lensOf(state.lens);
      if (mine !== turn) return;
      stateOf = key;
      shown = derive(state);
      if (!(await (shown.mode === "map" && shown.focus === undefined ? cells(state, lens, mine) : boxes(lens, mine)))) return void (stateOf = "");
      picture.label(`Graph: ${words()}`);
      bar.update(state, shown, words(), shown.matched === null && state.open.size === 0);
      bar.legend(lens, shown.items);
      announce(words());
      table();
    }
    bar.unknown(unknown(state));
    await select(state, mine);
  };
  const present = (next, lens, wanted) => {
    view = Object.assign(next, { lens });
    const least = (items) => Math.min(...items.map(lens.of).map((one) => (one < 0 ? Infinity : one)));
    for (const box of next.boxes) box.look = box.item === undefined ? least(box.members) : lens.of(box.item);
    parts.body.style.setProperty("--height", room(wanted) + "px");
  };
  const swap = (to) => {
    if (picture !== to) picture?.hide();
    picture = to;
    parts.stage.classList.toggle("mapped", to === map);
  };
  const boxes = async (lens, mine) => {
    const next = fft.view(model, shown.items, shown.groupOf, lens);
    if (!shown.whole) await more();
    const layout = shown.whole ? await stored() : fft.layout(next.boxes.length, next.edges);
    if (mine !== turn) return false;
    fft.place(next, layout);
    swap(scene);
    present(next, lens, next.height * Math.max(READ, Math.min(1, parts.stage.clientWidth / next.width)) + 56);
    next.anchor = anchor(next);
    scene.show(view);
    return true;
  };
  const cells = async (state, lens, mine) => {
    await more();
    const owner = state.by === "owner" ? (await lensOf("owner")).column : undefined;
    if (mine !== turn) return false;
    map ??= fft.map(parts.stage, on);
    const folders = state.by === "folder" ? fft.folders(model, shown.items) : undefined;
    const by = folders ? (item) => [folders.get(item), folders.get(item) || "."] : owner;
    const next = fft.view(model, shown.items, undefined, lens), place = (item) => (lens.of(item) < 0 ? Infinity : lens.of(item));
    const rank = (a) => Math.min(place(a), lens.classes.length) * (model.decisions.length + 1) + model.rank(a);
    swap(map);
    present(next, lens, 560);
    next.columns = fft.columns(model, shown.items, rank, by);
    map.show(view);
    return true;
  };

  const words = () => {
    const groups = view.boxes.filter((box) => box.members).length;
    const seen = shown.items.filter((item) => !model.isSource(item)).length, hidden = model.count - seen, number = (count) => count.toLocaleString("en");
    const more = shown.items.filter(model.isExtended).length;
    return (hidden > 0 ? `${number(seen)} of ${plural(model.count, "node")}, ${number(hidden)} hidden` : plural(seen, "node"))
      + (groups > 0 ? `, in ${plural(groups, shown.mode === "tags" ? "tag" : "folder")}` : "")
      + (more > 0 ? `, ${number(more)} extended` : "");
  };

  // What is selected, and what of the graph has to do with it.
  const among = (set, test = () => true) => {
    const boxes = new Set([...set].map((item) => view.places.get(item)).filter((at) => at !== undefined));
    return [boxes, view.edges.filter((edge) => boxes.has(edge[0]) && boxes.has(edge[1]) && test(edge))];
  };
  const taken = (one) => model.upstream[one].filter((up) => !model.isSource(up) && model.isRebuilt(up));
  // In the map everything that it reads and that reads it; among boxes where its building began, or what is beside it.
  const related = (item, at) => {
    if (picture === map) {
      const far = (next) => fft.reach([item], Infinity, (one) => next[one]);
      return among(new Set([...far(model.upstream), ...far(model.downstream)]));
    }
    if (model.isRebuilt(item)) return among(fft.reach([item], Infinity, taken));
    return among([item, ...model.upstream[item], ...model.downstream[item]], (edge) => edge.includes(at));
  };
  const membersOf = async (at) => {
    const lists = await fft.shard("reached"), members = [];
    let last = 0;
    for (const step of lists?.[at] ?? []) members.push((last += step));
    return members;
  };
  const select = async (state, mine) => {
    const current = () => mine === turn, root = state.root === "" ? -1 : rootAt(state.root);
    const item = state.node === "" ? undefined : find(state.node);
    markRow(item === undefined ? "" : model.names[item]);
    const group = view.boxes.findIndex((box) => box.members && "group:" + box.group === state.node);
    if (root >= 0 || item !== undefined || group >= 0) {
      await more();
      if (!current()) return;
      panel ??= fft.panel(parts, on);
      steps ??= fft.steps(parts.steps, on);
    }
    if (root >= 0) return selectRoot(root, state, current);
    steps?.hide();
    if (group >= 0) {
      panel.group(view.boxes[group], shown.mode === "tags" ? "tag" : "folder");
      picture.light(null);
      return picture.current(group);
    }
    if (item === undefined) {
      panel?.close();
      picture.light(null);
      return picture.current(-1);
    }
    const at = view.places.get(item) ?? -1;
    const explained = panel.node(item, at >= 0, current);
    picture.light(...related(item, at));
    picture.current(at);
    await explained;
  };
  const selectRoot = async (at, { root, step }, current) => {
    const members = await membersOf(at), { nodes } = model.data.roots[at], node = find(root) ?? nodes[0];
    if (!current()) return;
    const found = fft.reached(model, members), last = step === 0 ? found.length : Math.min(step, found.length);
    const explained = panel.root(at, members, current);
    if (found.length > 0) steps.show(model, found, step, nodes);
    const [boxes, edges] = among(found.slice(0, last).flatMap(({ items }) => items));
    picture.light(boxes, edges, step === 0 ? null : among(found[last - 1]?.items ?? [])[0]);
    // All that it reached, so that the picture stands still from step to step.
    picture.current(view.places.get(node) ?? -1, among(members)[0]);
    await explained;
  };
  // What a cause reached lights up while something else on the page names it.
  let hinted = "";
  const hint = async (name) => {
    const { node, root } = read();
    if (name === hinted || !picture || node !== "" || root !== "") return;
    hinted = name;
    const at = name === "" ? -1 : rootAt(name), members = at < 0 ? [] : await membersOf(at);
    if (hinted === name) picture.light(...(members.length === 0 ? [null] : among(members)));
  };

  const leave = () => {
    const { node, root } = read(), item = node !== "" ? find(node) : find(root) ?? model.data.roots[rootAt(root)]?.nodes[0], at = view.places.get(item);
    const inside = area.contains(document.activeElement);
    go({ node: "", root: "", step: "" });
    if (at !== undefined && inside) picture.focus(at);
  };
  const link = (item, cls = "name") => {
    return fft.name(model.names[item], address({ node: model.names[item], root: "", step: "" }), cls);
  };
  const on = {
    go, address, find, link, leave,
    get model() { return model; },
    replace: (changes) => location.replace(address(changes)),
    detail: async (item) => (await fft.shard("detail-" + Math.floor(item / 100)))?.[item % 100],
    unfold: (box) => go({ open: new Set([...read().open, box.group]), view: shown.mode, node: "" }),
    async save(kind, words) {
      await more();
      const edges = picture === map ? Object.assign(fft.view(model, shown.items), { laid: view.laid, lens: view.lens }) : view;
      edges.boxes.forEach((box, at) => (box.look = view.boxes[at].look));
      const name = [model.data.project, shown.focus !== undefined ? "around-" + model.names[shown.focus] : shown.mode].join("-").replace(/[^\p{L}\p{N}._-]+/gu, "-");
      const done = kind === "copy" ? fft.copy(edges) : fft.save(kind, edges, name);
      await done.then(() => announce(kind === "copy" ? "Copied" : `${words} saved`), () => announce(`${words} failed`));
    },
    // What a person does with the picture.
    select(at) {
      const box = view.boxes[at];
      go(box === undefined ? { node: "", root: "", step: "" } : { node: box.members ? "group:" + box.group : box.name, root: "", step: "" });
    },
    open(at) {
      const box = view.boxes[at];
      if (box.members) on.unfold(box);
      else location.href = document.body.dataset.root + box.page;
    },
    focus(at) {
      if (!view.boxes[at].members) go({ focus: view.boxes[at].name });
    },
    hint(words) {
      parts.hint.textContent = words;
      parts.hint.hidden = false;
      clearTimeout(parts.hint.timer);
      parts.hint.timer = setTimeout(() => (parts.hint.hidden = true), 1500);
    },
  };

  // The table below has the same nodes.
  const body = document.querySelector("table[data-nodes] tbody"), rows = new Map();
  const badge = ([cls, glyph, word]) => {
    const element = make("span", "badge " + cls), sign = make("span", "glyph", glyph);
    sign.setAttribute("aria-hidden", "true");
    element.append(sign, " " + word);
    return element;
  };
  const row = (node) => {
    const element = make("tr"), link = fft.name(model.names[node], document.body.dataset.root + model.page(node));
    const known = (number, unit = "") => (number < 0 ? "" : number.toLocaleString("en") + unit);
    const cells = [["Decision", badge(model.decision(node))], ["Node", link],
      ["Kind", `${model.kindWord(node)} ${model.materialized(node)}`], ["Level", model.level(node)],
      ["Rows", known(model.rows(node))], ["Time", known(model.milliseconds(node), " ms")], ["Why", model.sentence(node)]];
    for (const [name, content] of cells) {
      const cell = element.appendChild(make(name === "Node" ? "th" : "td", ["Level", "Rows", "Time"].includes(name) ? "num" : ""));
      cell.dataset.label = name;
      cell.append(content);
    }
    return element;
  };
  // A click on a row selects its node, and so does the link at its end; what is selected is marked in the table.
  const nameOf = (row) => fft.whole(row?.querySelector("th .name"));
  const lead = (row) => {
    row.lastElementChild.append(" ", Object.assign(make("a", "show", "show"), { href: "#node=" + encodeURIComponent(nameOf(row)), ariaLabel: `Show ${nameOf(row)} in the graph` }));
    return row;
  };
  const markRow = (name) => { for (const row of body?.rows ?? []) row.classList.toggle("here", nameOf(row) === name); };
  body?.addEventListener("click", (event) => {
    const link = event.target.closest("a, button"), name = nameOf(event.target.closest("tr"));
    if (name === "" || (link && !link.matches(".show")) || event.ctrlKey || event.metaKey || event.shiftKey || String(getSelection())) return;
    event.preventDefault();
    go({ node: name, root: "", step: "" });
    area.scrollIntoView({ block: "nearest" });
  });
  const table = () => {
    if (!body) return;
    if (rows.size === 0) for (const element of body.rows) rows.set(nameOf(element), { element: lead(element), own: true });
    const { matched } = shown;
    for (const [name, { element, own }] of rows) {
      element.hidden = matched !== null && !matched.has(model.find(name));
      if (!own && (matched === null || element.hidden)) element.remove(), rows.delete(name);
    }
    let left = ROWS;
    for (const node of matched ?? []) {
      if (rows.has(model.names[node]) || left-- <= 0) continue;
      const element = lead(row(node));
      rows.set(model.names[node], { element, own: false });
      body.append(element);
    }
  };

  const build = () => {
    area.querySelectorAll(".still").forEach((still) => still.remove());
    bar = fft.bar(area, on, model);
    parts.body = make("div", "body");
    const left = make("div", "left");
    parts.stage = make("div", "stage");
    parts.hint = parts.stage.appendChild(make("p", "hint"));
    parts.steps = make("div", "steps");
    parts.steps.setAttribute("role", "group");
    parts.steps.setAttribute("aria-label", "Step by step");
    parts.panel = make("aside", "panel");
    parts.panel.setAttribute("aria-label", "Explanation");
    parts.panel.tabIndex = 0;
    for (const one of [parts.hint, parts.steps, parts.panel]) one.hidden = true;
    left.append(parts.stage, parts.steps);
    parts.body.append(left, parts.panel);
    parts.toggle = button("Show the graph", () => {
      const on = area.toggleAttribute("data-open");
      parts.toggle.textContent = on ? "Hide the graph" : "Show the graph";
      parts.toggle.setAttribute("aria-expanded", on);
    }, "tool toggle");
    parts.toggle.setAttribute("aria-expanded", "false");
    area.append(parts.toggle, parts.body);
    scene = fft.scene(parts.stage, on);
    const zoom = parts.stage.appendChild(make("div", "controls"));
    const tools = [["+", "Nearer", () => picture.zoom(1.3)], ["−", "Further", () => picture.zoom(1 / 1.3)], ["⤢", "All of it", () => picture.fit()]];
    for (const [sign, title, act] of tools) zoom.append(named(button(sign, act), title));
  };

  const keys = (event) => {
    const state = read(), writing = event.target.closest?.("input, select, textarea, dialog, [open] summary"), inside = area.contains(event.target);
    if (event.key === "Escape" && !writing && !document.querySelector("dialog[open]")) {
      if (state.node !== "" || state.root !== "") leave();
      else if (inside && state.focus !== "") go({ focus: "" });
    } else if (!inside || writing || event.ctrlKey || event.metaKey || event.altKey) return;
    else if (event.key === "[" || event.key === "]") {
      const by = event.key === "]" ? 1 : -1;
      if (state.root !== "" && rootAt(state.root) >= 0) parts.steps.querySelector(`[title="One step ${by > 0 ? "on" : "back"}"]`)?.click();
      else if (state.focus !== "") go({ up: Math.max(0, state.up + by), down: Math.max(0, state.down + by) });
      else if (state.node !== "" && find(state.node) !== undefined) go({ focus: state.node });
    } else if ("+-0".includes(event.key)) {
      if (event.key === "0") picture.fit();
      else picture.zoom(event.key === "+" ? 1.3 : 1 / 1.3);
    }
  };

  const start = async () => {
    if (!area) return;
    given = await fft.shard("graph");
    if (!given) return;
    model = fft.model(given, lost);
    build();
    for (const item of document.querySelectorAll(".roots [data-root]")) {
      const link = make("a", "", "show");
      link.href = address({ root: item.dataset.root, node: "" });
      link.setAttribute("aria-label", `Show in the graph what ${item.dataset.root} rebuilt`);
      link.addEventListener("click", () => area.scrollIntoView({ block: "start" }));
      if (rootAt(item.dataset.root) >= 0) item.lastElementChild.append(" ", link);
    }
    for (const kind of ["pointerover", "focusin"]) {
      document.addEventListener(kind, ({ target }) => {
        const card = area.contains(target) ? null : target.closest?.("[data-root]");
        hint(card && card !== document.body ? card.dataset.root : "");
      });
    }
    document.addEventListener("keydown", keys);
    document.addEventListener("fft:lens", ({ detail }) => {
      bar.fill();
      // Who waits for one of those that are promised goes on by itself.
      if (detail !== read().lens || fft.PROMISED.some(([key]) => key === detail)) return;
      stateOf = "";
      update();
    });
    addEventListener("hashchange", update);
    await update();
    area.dataset.ready = "";
  };
  // Nodes that the project doesn't have any more are drawn too, as model.js has them.
  fft.grow = (gone) => {
    const none = gone.length === 0 && lost.length === 0;
    lost = gone;
    if (!model || none) return;
    Object.assign(model, fft.model(given, lost));
    made.clear();
    stateOf = "";
  };
  fft.show = go;
  start();
})();
