// The audit of any kept run (#run=RUN), with a filter (#q=WORDS), sorted by any heading, page by page. A row leads to its
// node in the graph; #node=NAME leads from there to its row.
"use strict";
document.addEventListener("DOMContentLoaded", async () => {
  const { announce, make, shard, told } = window.fft;
  const find = (id) => document.getElementById(id), form = find("choose"), table = find("audit");
  if (!form || !table) return;
  const [runs, pages] = await Promise.all([shard("runs"), shard("pages")]);
  const PAGE = matchMedia("(max-width: 52rem)").matches ? 50 : 100, hash = () => new URLSearchParams(location.hash.slice(1));
  for (const run of runs ?? []) find("run").append(new Option([run.name, ...run.tags, run.totals].join(" · "), run.id));
  const last = form.dataset.run, shown = { run: null, rows: [], most: PAGE, sort: null, down: false };
  const given = { head: find("audited").textContent, beyond: find("beyond") };

  const ended = () => runs.find((run) => run.id === shown.run?.id)?.at;
  const age = (node) => {
    const seconds = node.built?.at ? Math.max(0, (Date.parse(ended()) - Date.parse(node.built.at)) / 1000) : NaN;
    return Number.isNaN(seconds) ? null : seconds;
  };
  const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const aged = (seconds) => {
    if (seconds === null) return "";
    const [word, size] = UNITS.find(([, size]) => seconds >= size) ?? ["s", 1];
    return `${Math.floor(seconds / size)} ${word}`;
  };
  const called = (id) => runs.find((run) => run.id === id)?.name ?? id;
  const stem = (id) => runs.find((run) => run.id === id)?.stem;

  const row = (node) => {
    const tr = make("tr");
    const cell = (label, cls, ...parts) => {
      const cell = make(label === "Node" ? "th" : "td", cls);
      if (label === "Node") cell.scope = "row";
      cell.dataset.label = label;
      cell.append(...parts);
      tr.append(cell);
    };
    const lines = (words, cls) => words.map((line) => make("div", cls, line));
    const checks = make("span", "glyphs"), bad = node.checks.filter((check) => !check.ok);
    for (const check of node.checks) {
      const sign = Object.assign(told.check(check), { title: `${check.name}: ${check.evidence}` });
      checks.append(sign);
    }
    const here = stem(shown.run.id), own = Object.hasOwn(pages, node.name);
    cell("Node", "", told.named(node.name, pages));
    cell("Decision", "", told.badge(node.badge));
    cell("Causes", "", ...lines(node.causes.map((cause) => cause.sentence)));
    cell("Roots", "", ...node.roots.map((root) => { const line = make("div"); line.append(fft.name(root)); return line; }));
    cell("Fingerprint", "mono", ...(node.before === node.print ? [make("div", "", "= " + node.print)] : [make("div", "", node.before ?? "–"), make("div", "", "→ " + node.print)]));
    cell("Checks", "small checks", checks, ...lines(bad.map((check) => `${check.name}: ${check.evidence}`)));
    cell("Rows", "num", node.rows === null ? "" : node.rows.toLocaleString("en"));
    cell("Age", "num", aged(age(node)));
    const built = node.built && stem(node.built.run);
    cell("Built by", "small", ...(node.built
      ? [built ? Object.assign(told.link("", called(node.built.run), told.explanation(built, node.name)), { title: node.built.run }) : make("span", "mono", node.built.run), ...lines([told.time(node.built.at), node.built.commit].filter(Boolean))]
      : ["no recorded build"]));
    tr.querySelector(".badge").title = node.why;
    const links = [];
    if (here) {
      const why = told.link("note", "why", told.explanation(here, node.name));
      links.push(why);
    }
    if (own) {
      const at = shown.run.id === last ? "" : `&at=${shown.run.id}`;
      const graph = Object.assign(told.link("note", "graph", `${told.root()}index.html#node=${encodeURIComponent(node.name)}${at}`), { title: `${node.name} in the graph` });
      links.push(graph);
      tr.classList.add("leads");
      tr.addEventListener("click", ({ target }) => { if (!target.closest("a, button, summary") && !String(getSelection())) graph.click(); });
    }
    const line = make("div", "note");
    links.forEach((link, at) => line.append(...(at > 0 ? [" · "] : []), link));
    tr.cells[1].append(line);
    tr.classList.toggle("here", node.name === hash().get("node"));
    return tr;
  };

  const LEFT = ["SKIP", "NOT SELECTED"];
  // What was tried first, then what was left, by the run that it rests on.
  const order = (node) => [LEFT.includes(node.badge[1]) ? 1 : 0, LEFT.includes(node.badge[1]) ? node.built?.run ?? "" : "", node.name];
  const VALUES = [(node) => node.name, (node) => node.badge[1], (node) => node.causes[0]?.sentence ?? "", (node) => node.roots.join(" "), (node) => node.print,
    (node) => node.checks.filter((check) => !check.ok).length, (node) => node.rows ?? -1, (node) => age(node) ?? -1, (node) => node.built?.run ?? ""];
  const before = (left, right) => (left < right ? -1 : left > right ? 1 : 0);
  const byOrder = (left, right) => {
    const [a, b] = [order(left), order(right)];
    return a[0] - b[0] || before(a[1], b[1]) || before(a[2], b[2]);
  };
  const sorted = (nodes) => {
    const value = VALUES[shown.sort];
    return [...nodes].sort(value ? (left, right) => before(value(left), value(right)) * (shown.down ? -1 : 1) || byOrder(left, right) : byOrder);
  };
  const text = (node) => [node.name, node.badge[1], node.why, ...node.causes.flatMap((cause) => [cause.code, cause.sentence]), ...node.roots, node.built?.run ?? "", node.built?.commit ?? "", node.print].join(" ").toLowerCase();

  const fill = () => {
    const words = find("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    const matching = sorted(shown.run.nodes).filter((node) => { const all = text(node); return words.every((word) => all.includes(word)); });
    const body = make("tbody");
    body.append(...matching.slice(0, shown.most).map(row));
    for (const old of [...table.tBodies]) old.remove();
    table.append(body);
    find("rest").hidden = matching.length <= shown.most;
    shown.matching = matching;
    find("rest").textContent = `Show ${Math.min(PAGE, matching.length - shown.most)} more of ${(matching.length - shown.most).toLocaleString("en")}`;
    const kinds = new Map();
    for (const node of matching) kinds.set(node.badge[1], (kinds.get(node.badge[1]) ?? 0) + 1);
    const counts = [...kinds].map(([word, number]) => `${number.toLocaleString("en")} ${word}`).join(" · ");
    find("counted").textContent = `${matching.length.toLocaleString("en")} of ${shown.run.nodes.length.toLocaleString("en")} nodes${counts ? ": " + counts : ""}`;
  };

  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = Object.assign(make("button", "sort"), { type: "button" });
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      shown.down = shown.sort === column && !shown.down;
      shown.sort = column;
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", shown.down ? "descending" : "ascending");
      fill();
      announce(`Sorted by ${heading.textContent.trim()}, ${shown.down ? "descending" : "ascending"}`);
    });
  });

  let asked = 0;
  const show = async () => {
    const mine = ++asked, wanted = hash().get("run") ?? last, run = told.resolve(runs, wanted);
    find("wrong").hidden = run !== undefined;
    if (!run) return void (find("wrong").textContent = `No kept run is called “${wanted}”; this is the audit of run ${shown.run?.id ?? last}.`);
    const found = await told(run.shard);
    if (mine !== asked || !found) return;
    find("run").value = run.id;
    find("filter").value = hash().get("q") ?? "";
    Object.assign(shown, { run: found, most: PAGE });
    given.beyond.hidden = true;
    const head = find("audited"), link = told.link("", run.name, `${told.root()}runs/${run.stem}.html`);
    if (run.id === last) head.textContent = given.head;
    else head.replaceChildren(`${found.nodes.length.toLocaleString("en")} nodes, as run `, link, ` of ${run.time} decided${run.commit_words ? " at commit " + run.commit_words : ""} · profile ${run.profile}.`);
    fill();
    wanting();
  };
  // The row of #node=NAME, however far down it is; what there isn't is said.
  const wanting = () => {
    const name = hash().get("node"), at = name === null ? -1 : shown.matching.findIndex((node) => node.name === name);
    if (name === null) return;
    find("wrong").hidden = at >= 0;
    if (at < 0) return void (find("wrong").textContent = shown.run.byName.has(name) ? `“${name}” isn’t among the rows that the filter leaves.` : `Run ${called(shown.run.id)} knows no node “${name}”.`);
    if (at >= shown.most) { shown.most = Math.ceil((at + 1) / PAGE) * PAGE; fill(); }
    const here = table.querySelector("tr.here");
    here?.scrollIntoView({ block: "center" });
    if (here) announce(`${name}: ${here.cells[1].firstChild.textContent.trim()}`);
  };
  const write = (name, value, standing) => {
    const state = hash();
    if (value === standing) state.delete(name);
    else state.set(name, value);
    history.replaceState(null, "", "#" + state);
  };
  find("run").addEventListener("change", () => { write("run", find("run").value, last); show(); });
  find("filter").addEventListener("input", () => { write("q", find("filter").value, ""); shown.most = PAGE; fill(); });
  find("rest").addEventListener("click", () => { shown.most += PAGE; fill(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", show);
  if (!runs || runs.length === 0) return;
  form.hidden = false;
  await show();
});
