// The history of every node: all of them from a shard, as far as they are in sight; filters, what squares show, and the
// keyboard. What is chosen is in the hash: #text=…&failed=1&since=RUN&show=time&sort=name.
"use strict";
document.addEventListener("DOMContentLoaded", async () => {
  const place = document.getElementById("history"), form = document.getElementById("filters");
  const note = document.getElementById("history-note");
  const data = await fft.shard("history").catch(() => null);
  if (!place || !data) return;
  const { make } = fft;
  const STEP = 24, MORE = 6;
  const [NAME, PAGE, MARKS] = [0, 1, 2];
  const words = { b: "built for a reason of its own", f: "followed what is upstream", e: "failed", k: "blocked", s: "skipped, proven equal" };
  const glyphs = { b: "■", f: "□", e: "✕", k: "▫", s: "·" };
  const classes = { b: "build", f: "cascade", e: "error", k: "blocked", s: "skip" };
  const shows = { decision: "decisions", time: "time", rows: "rows", bytes: "bytes scanned" };
  const sorts = { built: "built most often", failed: "failed most often", stale: "longest not rebuilt", name: "name" };
  const is = { built: (mark) => mark === "b" || mark === "f" };
  const count = (node, test) => [...node[MARKS]].filter(test).length;
  const last = (node) => {
    for (let at = node[MARKS].length - 1; at >= 0; at -= 1) if (is.built(node[MARKS][at])) return at;
    return -1;
  };
  const facts = data.nodes.map((node, order) => ({ node, order, built: count(node, is.built), failed: count(node, (mark) => mark === "e"), last: last(node) }));
  let values = null;

  const wrong = Object.assign(make("p", "warning"), { role: "alert", hidden: true });
  form.after(wrong);

  // What is chosen, to and from the hash.
  const state = { text: "", failed: "", since: "", show: "decision", sort: "built" };
  const read = () => {
    const hash = new URLSearchParams(location.hash.slice(1));
    state.text = hash.get("text") ?? "";
    state.failed = hash.get("failed") === "1" ? "1" : "";
    state.since = data.runs.some((run) => run.id === hash.get("since")) ? hash.get("since") : "";
    state.show = Object.hasOwn(shows, hash.get("show")) ? hash.get("show") : "decision";
    state.sort = Object.hasOwn(sorts, hash.get("sort")) ? hash.get("sort") : "built";
    // What the address names and isn't there.
    const odd = [["since", "No run that is shown is called"], ["show", "Squares can’t show"], ["sort", "There is no order"]].filter(([key]) => (hash.get(key) ?? state[key]) !== state[key]);
    wrong.textContent = odd.map(([key, words]) => `${words} “${hash.get(key)}”.`).join(" ");
    wrong.hidden = odd.length === 0;
  };
  const write = () => {
    const hash = new URLSearchParams(location.hash.slice(1));
    for (const [key, value] of Object.entries(state)) {
      if (value && !(key === "show" && value === "decision") && !(key === "sort" && value === "built")) hash.set(key, value);
      else hash.delete(key);
    }
    history.replaceState(null, "", "#" + hash);
  };

  // The controls.
  const labelled = (text, control) => {
    const label = make("label", "", text);
    label.append(control);
    form.append(label);
    return control;
  };
  const select = (options) => {
    const element = make("select");
    for (const [value, text] of options) element.append(new Option(text, value));
    return element;
  };
  const text = labelled("Node", Object.assign(make("input"), { type: "search", placeholder: "part of its name" }));
  const failed = labelled("Failed", select([["", "or not"], ["1", "in any of the runs"]]));
  const since = labelled("Not rebuilt since", select([["", "any run"], ...data.runs.map((run) => [run.id, run.time])]));
  const show = labelled("Squares show", select(Object.entries(shows)));
  const sort = labelled("Order", select(Object.entries(sorts)));
  const controls = { text, failed, since, show, sort };
  for (const [key, control] of Object.entries(controls)) {
    control.addEventListener(key === "text" ? "input" : "change", () => {
      state[key] = control.value;
      write();
      update();
    });
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;

  // The rows that are in sight, below the heads that the page has.
  const table = place.querySelector("table");
  table.tBodies[0].remove();
  table.tHead.rows[table.tHead.rows.length - 1].remove();
  for (const row of table.tHead.rows) while (row.cells.length > 2) row.deleteCell(2);
  const body = make("div", "rows");
  body.setAttribute("role", "grid");
  body.setAttribute("aria-label", "Nodes over runs");
  place.append(body);
  // Names are as wide as the page has them.
  const LEFT = table.rows[0].cells[0].offsetWidth, width = LEFT + data.runs.length * STEP + 48;
  // The heads cover what is scrolled below them.
  table.style.minWidth = "max(100%, " + width + "px)";
  let shown = [], focus = { row: 0, column: -1 }, drawn = new Map();

  const cell = (fact, row, column) => {
    const mark = fact.node[MARKS][column];
    const run = data.runs[column];
    const box = make("span", "box");
    box.setAttribute("role", "gridcell");
    box.setAttribute("aria-colindex", column + 2);
    box.style.left = LEFT + column * STEP + "px";
    if (!glyphs[mark]) return box;
    const value = valueOf(fact, column);
    const link = make("a", "cell " + classes[mark], glyphs[mark]);
    if (value) {
      link.textContent = "";
      link.classList.add("heat" + value.heat);
    }
    link.href = document.body.dataset.root + run.page + "#node=" + encodeURIComponent(fact.node[NAME]);
    link.title = fact.node[NAME] + " · " + run.time + ": " + words[mark] + (value ? ", " + value.words : "");
    link.setAttribute("aria-label", link.title);
    link.tabIndex = row === focus.row && column === focus.column ? 0 : -1;
    link.dataset.column = column;
    box.append(link);
    return box;
  };
  const draw = (row) => {
    const fact = shown[row];
    const line = make("div", "line");
    line.setAttribute("role", "row");
    line.setAttribute("aria-rowindex", row + 1);
    line.style.top = row * STEP + "px";
    line.dataset.row = row;
    const head = make("span", "head");
    head.setAttribute("role", "rowheader");
    const name = fft.name(fact.node[NAME], document.body.dataset.root + "nodes/" + fact.node[PAGE] + ".html");
    name.tabIndex = row === focus.row && focus.column < 0 ? 0 : -1;
    name.dataset.column = -1;
    head.append(name);
    line.append(head, ...data.runs.map((_, column) => cell(fact, row, column)));
    const times = make("span", "times", fact.built + "×");
    times.setAttribute("role", "gridcell");
    times.style.left = width - 44 + "px";
    line.append(times);
    return line;
  };
  const paint = () => {
    const top = place.scrollTop - body.offsetTop;
    const first = Math.max(0, Math.floor(top / STEP) - MORE);
    const end = Math.min(shown.length, Math.ceil((top + place.clientHeight) / STEP) + MORE);
    for (const [row, line] of drawn) {
      if (row >= first && row < end || line.contains(document.activeElement)) continue;
      line.remove();
      drawn.delete(row);
    }
    for (let row = first; row < end; row += 1) {
      if (drawn.has(row)) continue;
      const line = draw(row);
      drawn.set(row, line);
      // In the order of the rows, for who reads with the ear.
      const next = [...body.children].find((other) => Number(other.dataset.row) > row);
      body.insertBefore(line, next ?? null);
    }
  };

  // What a square shows beside its decision: a node's own values, from the least to the most of them.
  const [RUN, MS, ROWS, BYTES] = [0, 1, 2, 3];
  const units = { time: [MS, (value) => value + " ms"], rows: [ROWS, (value) => value.toLocaleString("en") + " rows"], bytes: [BYTES, (value) => value.toLocaleString("en") + " bytes scanned"] };
  const valueOf = (fact, column) => {
    if (!values || state.show === "decision") return null;
    const [at, say] = units[state.show];
    const known = values[fact.order].filter((build) => build[at] !== null);
    const own = known.find((build) => build[RUN] === column);
    if (!own) return null;
    const all = known.map((build) => build[at]);
    const least = Math.min(...all), most = Math.max(...all);
    return { heat: least === most ? 2 : Math.round((own[at] - least) / (most - least) * 4), words: say(own[at]) };
  };

  const update = async () => {
    for (const [key, control] of Object.entries(controls)) if (control.value !== state[key]) control.value = state[key];
    if (state.show !== "decision" && !values) values = await fft.shard("history-values");
    const wanted = state.text.toLowerCase();
    const limit = state.since ? data.runs.findIndex((run) => run.id === state.since) : -1;
    shown = facts.filter((fact) => fact.node[NAME].toLowerCase().includes(wanted)
      && (!state.failed || fact.failed > 0)
      && (limit < 0 || fact.last < limit));
    const orders = {
      built: (a, b) => a.order - b.order,
      failed: (a, b) => b.failed - a.failed || a.order - b.order,
      stale: (a, b) => a.last - b.last || a.order - b.order,
      name: (a, b) => (a.node[NAME] < b.node[NAME] ? -1 : 1),
    };
    shown.sort(orders[state.sort]);
    focus = { row: 0, column: -1 };
    body.style.height = shown.length * STEP + "px";
    body.style.width = width + "px";
    body.setAttribute("aria-rowcount", shown.length);
    body.setAttribute("aria-colcount", data.runs.length + 1);
    drawn.forEach((line) => line.remove());
    drawn = new Map();
    paint();
    note.textContent = `${shown.length.toLocaleString("en")} of ${facts.length.toLocaleString("en")} nodes`;
    fft.announce(note.textContent);
  };

  // One stop for Tab; arrows move from square to square.
  const move = (row, column) => {
    row = Math.max(0, Math.min(shown.length - 1, row));
    column = Math.max(-1, Math.min(data.runs.length - 1, column));
    const y = body.offsetTop + row * STEP, heads = table.offsetHeight;
    if (y < place.scrollTop + heads) place.scrollTop = y - heads;
    if (y + STEP > place.scrollTop + place.clientHeight) place.scrollTop = y + STEP - place.clientHeight;
    paint();
    const old = body.querySelector('[tabindex="0"]');
    const line = drawn.get(row);
    const target = line && line.querySelector('a[data-column="' + column + '"]');
    focus = { row, column };
    if (!target) return;
    if (old) old.tabIndex = -1;
    target.tabIndex = 0;
    target.focus({ preventScroll: true });
    const x = LEFT + column * STEP;
    if (column >= 0 && x - LEFT < place.scrollLeft) place.scrollLeft = x - LEFT;
    if (column >= 0 && x + STEP > place.scrollLeft + place.clientWidth) place.scrollLeft = x + STEP - place.clientWidth;
  };
  body.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(place.clientHeight / STEP) - 4);
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], PageUp: [-page, 0], PageDown: [page, 0] };
    const { row, column } = focus;
    // Left and right pass over runs that did nothing about the node.
    const along = (by) => {
      for (let at = column + by; at >= 0 && at < data.runs.length; at += by) if (glyphs[shown[row].node[MARKS][at]]) return at;
      return by < 0 ? -1 : column;
    };
    // Up and down keep to the run where it did something about the node there, else go to its name.
    const beside = (to) => (column >= 0 && shown[to] && glyphs[shown[to].node[MARKS][column]] ? column : -1);
    if (steps[event.key]) {
      const to = Math.max(0, Math.min(shown.length - 1, row + steps[event.key][0]));
      move(to, beside(to));
    } else if (event.key === "ArrowRight") move(row, along(1));
    else if (event.key === "ArrowLeft") move(row, along(-1));
    else if (event.key === "Home") move(row, -1);
    else if (event.key === "End") move(row, data.runs.length > 0 ? [...shown[row].node[MARKS]].findLastIndex((mark) => glyphs[mark]) : -1);
    else return;
    event.preventDefault();
  });
  body.addEventListener("focusin", (event) => {
    const line = event.target.closest(".line");
    if (line) focus = { row: Number(line.dataset.row), column: Number(event.target.dataset.column) };
  });

  place.classList.add("live");
  // The region was a stop of its own for who scrolls it; now its squares are.
  place.removeAttribute("tabindex");
  place.addEventListener("scroll", () => requestAnimationFrame(paint), { passive: true });
  addEventListener("resize", paint);
  addEventListener("hashchange", () => { read(); update(); });
  read();
  await update();
  place.scrollLeft = place.scrollWidth;
});
