// The graph area of the overview: what is shown follows from the address (#node, #select, #focus …), and every control
// writes there, so that links and Back work. Pieces: model.js, selector.js, layout.js, scene.js, export.js.
"use strict";
(() => {
  // Boxes that are shown at once unless asked for more.
  const READABLE = 150;
  // Nodes from which on the layout that came with the page is used.
  const STORED = 800;
  // Steps around a focus unless others are asked for.
  const STEPS = 2;
  // Scale at which names are read with ease.
  const READ = 0.75;
  // Rows of the table at once.
  const ROWS = 1000;
  const area = document.getElementById("graph"), { make, plural, announce } = fft;
  let model, scene, view, stateOf = "", shown = null, lastGood = null;

  // The address.
  const FILTERS = ["decision", "cause", "kind", "tag", "folder"];
  const read = () => {
    const parts = new URLSearchParams(location.hash.slice(1)), state = { open: new Set(parts.getAll("open")) };
    for (const name of ["view", "select", "focus", "node", "root", ...FILTERS]) state[name] = parts.get(name) ?? "";
    for (const name of ["up", "down"]) state[name] = Math.max(0, Number(parts.get(name) ?? STEPS)) || 0;
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
      cause: (node) => model.code(node).split(" ").includes(state.cause),
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
    const node = fft.lookUp(name, model.find);
    if (node !== undefined) return node;
    const source = model.names.indexOf(name, model.count);
    return source < 0 ? undefined : source;
  };

  const derive = (state) => {
    const matched = filtered(state), focus = state.focus === "" ? undefined : find(state.focus);
    if (focus !== undefined) {
      const up = fft.reach([focus], state.up, (item) => model.upstream[item]);
      const down = fft.reach([focus], state.down, (item) => model.downstream[item]);
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

  // The layout that came with the page: ways run in lengths and steps.
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
    const groups = view.boxes.filter((box) => box.members).length;
    const seen = shown.items.filter((item) => !model.isSource(item)).length, hidden = model.count - seen, number = (count) => count.toLocaleString("en");
    return (hidden > 0 ? `${number(seen)} of ${plural(model.count, "node")}, ${number(hidden)} hidden` : plural(seen, "node"))
      + (groups > 0 ? `, in ${plural(groups, shown.mode === "tags" ? "tag" : "folder")}` : "");
  };

  // What is selected, and what of the graph has to do with it.
  const among = (set, test = () => true) => {
    const boxes = new Set([...set].map((item) => view.places.get(item)).filter((at) => at !== undefined));
    return [boxes, view.edges.filter((edge) => boxes.has(edge[0]) && boxes.has(edge[1]) && test(edge))];
  };
  const select = async (state, mine) => {
    const item = state.node === "" ? undefined : find(state.node);
    const group = view.boxes.findIndex((box) => box.members && "group:" + box.group === state.node);
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
      // From its roots: whatever was rebuilt upstream.
      scene.light(...among(fft.reach([item], Infinity, (one) => model.upstream[one].filter((up) => !model.isSource(up) && model.isRebuilt(up)))));
    } else scene.light(...among([item, ...model.upstream[item], ...model.downstream[item]], (edge) => edge.includes(at)));
    scene.current(at);
    if (at >= 0) scene.reveal(at);
    panel.node(item, at >= 0, mine);
  };

  const unfold = (box, state) => go({ open: new Set([...state.open, box.group]), view: shown.mode, node: "" });

  // The panel.
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
      const level = model.isSource(item) ? "" : "level " + model.level(item);
      const facts = make("p", "note", [model.kindWord(item), model.materialized(item), level, model.path(item)].filter((part) => part).join(" · "));
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
        for (const name of detail.path) {
          const one = find(name), here = one === item ? "name here" : "name";
          path.appendChild(make("li")).append(one === undefined ? make("span", here, name) : nodeLink(one, here));
        }
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
      const impact = `${plural(root.impact, "node")} rebuilt because of it, ${root.sole} only because of it.`;
      panel.fill(root.name, make("p", "", root.sentence), make("p", "note", impact), ...list("It rebuilt", members));
      announce(`${root.name}: ${root.sentence}, ${plural(root.impact, "node")} rebuilt`);
    },
    group(box) {
      const tally = make("p", "tally"), actions = make("p", "actions"), state = read(), by = shown.mode === "tags" ? "tag" : "folder";
      for (const [cls, glyph, count] of box.tally) tally.append(badge([cls, glyph, count.toLocaleString("en")]), " ");
      actions.append(button("Unfold it here", () => unfold(box, state)), button("Show only this", () => go({ [by]: box.group, node: "", view: "" })));
      panel.fill(box.name, make("p", "note", box.word), tally, actions, ...list("Holds", box.members));
      announce(`${box.name}: ${box.word}`);
    },
  };

  // The controls.
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
    decision: () => {
      const counts = new Map(count((node) => [model.decision(node)[0]]));
      const known = model.decisions.filter(([cls]) => counts.has(cls));
      return known.map(([cls, glyph, word]) => [cls, counts.get(cls), `${glyph} ${word}`]);
    },
    cause: () => count((node) => model.code(node).split(" ")),
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
      const option = ([value, number, text = value]) => new Option(`${text} (${number.toLocaleString("en")})`, value);
      select.append(new Option("any", ""), ...options.map(option));
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
    const end = Object.assign(button("×", () => go({ focus: "" })), { ariaLabel: "End the focus" });
    parts.focus.append("Around ", nodeLink(shown.focus), ...stepper("up"), ...stepper("down"), end);
  };

  // The table below has the same nodes.
  const body = document.querySelector("table[data-nodes] tbody"), rows = new Map();
  const row = (node) => {
    const element = make("tr"), link = make("a", "name", model.names[node]);
    const known = (number, unit = "") => (number < 0 ? "" : number.toLocaleString("en") + unit);
    link.href = document.body.dataset.root + model.page(node);
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
        if (box.members) unfold(box, state);
        else location.href = document.body.dataset.root + box.page;
      },
      focus(at) {
        if (!view.boxes[at].members) go({ focus: view.boxes[at].name });
      },
    });
    const zoom = parts.stage.appendChild(make("div", "controls"));
    const steps = [["+", "Nearer", () => scene.zoom(1.3)], ["−", "Further", () => scene.zoom(1 / 1.3)], ["⤢", "All of it", () => scene.fit()]];
    for (const [sign, title, act] of steps) zoom.append(Object.assign(button(sign, act), { title, ariaLabel: title }));
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
