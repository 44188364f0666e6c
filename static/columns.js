// The pages of columns: a column's ways, drawn when somebody asks (as src/site/graph/picture.rs draws), and the filter
// of the list of names. src/site/columns/shard.rs writes what they are made from.
"use strict";
(() => {
  const { make, shard, announce } = window.fft;
  const MOST = 40, UNIT = 12, HEIGHT = 36, MARGIN = 8, GAP = 44, LETTERS = 32, LETTER = 72, ROWS = 200;
  const svg = (name, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };

  // A column by its number: { number, name, owner, shape, page, up, down }.
  const piece = (at) => shard("columns-" + at);
  const column = async (index, number) => {
    let at = 0;
    while (at + 1 < index.firsts.length && index.firsts[at + 1] <= number) at++;
    const [owner, shape, page, first, all] = (await piece(at)).findLast((one) => one[3] <= number);
    const [name, up, down, anchor] = all[number - first], part = Math.floor((number - first) / index.part);
    return { number, name, owner, shape, up, down, page: `${page}${part ? "~p" + (part + 1) : ""}.html#column-${anchor ?? name}` };
  };
  // Those that a way leads to, the nearest first.
  const reach = async (get, start, side) => {
    const found = [], seen = new Set([start]);
    for (let front = [start]; front.length > 0 && found.length < MOST; found.push(...front)) {
      const next = [];
      for (const one of front) for (const other of (await get(one))[side]) if (!seen.has(other)) seen.add(other), next.push(other);
      front = next;
    }
    return found.slice(0, MOST);
  };
  // The column with at most MOST others, each side's nearest; what one side doesn't need is the other's.
  const around = async (get, start) => {
    const up = await reach(get, start, "up"), down = await reach(get, start, "down");
    const left = Math.min(up.length, Math.max(MOST / 2, MOST - down.length));
    return [start, ...up.slice(0, left), ...down.slice(0, MOST - left)];
  };

  const letters = (text) => [...text].reduce((sum, letter) => sum + (letter.codePointAt(0) < 0x1100 ? 1 : 2), 0);
  const shortened = (text) => {
    if (letters(text) <= LETTERS) return text;
    const all = [...text], share = Math.floor((LETTERS * all.length) / letters(text)), front = share >> 1;
    return all.slice(0, front).join("") + "…" + all.slice(all.length - (share - front - 1)).join("");
  };
  const outline = (kind, w, h = HEIGHT, m = HEIGHT / 2) => ({
    seed: `M${m} 0H${w - m}a${m} ${m} 0 0 1 0 ${h}H${m}a${m} ${m} 0 0 1 0 -${h}Z`,
    source: `M9 0H${w}L${w - 9} ${h}H0Z`,
    python: `M9 0H${w - 9}L${w} ${m}L${w - 9} ${h}H9L0 ${m}Z`,
  })[kind] ?? `M4 0H${w - 4}a4 4 0 0 1 4 4V${h - 4}a4 4 0 0 1 -4 4H4a4 4 0 0 1 -4 -4V4a4 4 0 0 1 4 -4Z`;

  const drawn = (boxes, edges, title) => {
    const layout = window.fft.layout(boxes.length, edges), widths = new Array(layout.columns).fill(0), lefts = [];
    for (const [at, box] of boxes.entries()) {
      box.width = Math.max(88, Math.ceil((Math.max(Math.min(letters(box.name), LETTERS), Math.floor((letters(box.owner) * 7) / 8)) * LETTER) / 10) + 26);
      widths[layout.column[at]] = Math.max(widths[layout.column[at]], box.width);
    }
    let left = MARGIN;
    for (const width of widths) lefts.push(left), left += width + GAP;
    const y = (units) => MARGIN + units * UNIT;
    const width = left - GAP + MARGIN, height = layout.height * UNIT + 2 * MARGIN;
    const picture = svg("svg", { class: "picture", role: "group", "aria-label": title, width, height, viewBox: `0 0 ${width} ${height}` });
    const lines = svg("g", { class: "edges" });
    for (const [from, to] of edges) {
      const start = layout.column[from], stops = [...layout.ways[from].slice(0, layout.column[to] - start - 1), layout.y[to]];
      let at = y(layout.y[from]), path = `M${lefts[start] + boxes[from].width} ${at}`;
      stops.forEach((stop, step) => {
        const edge = lefts[start + step] + widths[start + step], next = lefts[start + step + 1], down = y(stop), middle = (edge + next) >> 1;
        path += `H${edge}` + (down === at ? `H${next}` : `C${middle} ${at} ${middle} ${down} ${next} ${down}`);
        at = down;
      });
      lines.append(svg("path", { d: path }));
    }
    picture.append(lines);
    for (const [at, box] of boxes.entries()) {
      const link = svg("a", {
        class: `box ${box.shape} none${at === 0 ? " here" : ""}`, href: document.body.dataset.root + box.page,
        transform: `translate(${lefts[layout.column[at]]} ${y(layout.y[at]) - HEIGHT / 2})`,
      });
      if (at === 0) link.setAttribute("aria-current", "true");
      link.append(svg("path", { d: outline(box.shape, box.width) }), svg("text", { class: "name", x: 13, y: 15 }, shortened(box.name)), svg("text", { class: "word", x: 13, y: 28 }, box.owner));
      picture.append(link);
    }
    return picture;
  };

  const draw = async (button, number) => {
    const index = await shard("columns"), known = new Map();
    const get = async (one) => known.get(one) ?? known.set(one, await column(index, one)).get(one);
    const shown = await around(get, number), places = new Map(shown.map((one, at) => [one, at])), boxes = [], edges = [];
    for (const one of shown) {
      const box = await get(one);
      boxes.push({ ...box });
      for (const other of box.up) if (places.has(other)) edges.push([places.get(other), places.get(one)]);
    }
    const title = `What ${boxes[0].owner}.${boxes[0].name} comes from and feeds`, place = make("div", "scroll way");
    place.tabIndex = 0;
    place.setAttribute("role", "region");
    place.setAttribute("aria-label", title + ", drawn");
    place.append(drawn(boxes, edges, title));
    button.after(place);
    const here = place.querySelector(".here").getBoundingClientRect(), frame = place.getBoundingClientRect();
    place.scrollLeft = here.left - frame.left + here.width / 2 - frame.width / 2;
    if (shown.length > MOST) place.after(make("p", "note", "The nearest columns; those farther away aren’t drawn."));
    announce(`${title}: ${boxes.length} columns drawn`);
    button.remove();
    place.focus();
  };

  const buttons = async (list) => {
    const sections = [...list.querySelectorAll("section")];
    for (const section of sections) {
      const button = section.querySelector("button.draw");
      if (!button) continue;
      button.hidden = false;
      button.addEventListener("click", async () => {
        const index = await shard("columns"), owner = list.dataset.owner;
        const own = (await piece(index.pieces[owner])).find((one) => one[5] === owner);
        await draw(button, own[3] + Number(list.dataset.first) + sections.indexOf(section));
      });
    }
  };

  const filter = (place) => {
    const label = make("label", "", "Filter "), field = make("input"), note = make("span", "note");
    Object.assign(field, { type: "search", spellcheck: false, autocomplete: "off", placeholder: "name, node or type" });
    note.setAttribute("role", "status");
    label.append(field);
    place.append(label, " ", note);
    const body = document.querySelector("table.column-names").tBodies[0], pages = document.querySelector("nav[aria-label='Pages of the list']");
    const before = [...body.rows], root = document.body.dataset.root;
    const cell = (name, label, cls) => {
      const element = make(name, cls);
      element.dataset.label = label;
      return element;
    };
    const row = ([name, owners, more, types, described, unknown]) => {
      const line = make("tr"), first = cell("th", "Column", "mono wrap"), within = cell("td", "In", "wrap"), type = cell("td", "Type", "mono wrap"), said = cell("td", "Described"), count = cell("td", "Origin not known", "num");
      first.scope = "row";
      first.textContent = name;
      owners.forEach(([owner, page], at) => {
        const link = make("a", "mono", owner);
        link.href = root + page;
        within.append(at > 0 ? ", " : "", link);
      });
      if (more > 0) within.append(" ", make("span", "note", `and ${more.toLocaleString("en")} more`));
      [type.textContent, said.textContent, count.textContent] = [types, described, unknown || ""];
      line.append(first, within, type, said, count);
      return line;
    };
    const look = async () => {
      const words = field.value.toLowerCase().split(/\s+/).filter((word) => word);
      if (pages) pages.hidden = words.length > 0;
      if (words.length === 0) return void (body.replaceChildren(...before), (note.textContent = ""));
      const all = await shard("column-names"), asked = field.value.toLowerCase().split(/\s+/).filter((word) => word);
      const found = all.filter(([name, owners, , types]) => {
        const text = `${name} ${owners.map(([owner]) => owner).join(" ")} ${types}`.toLowerCase();
        return asked.every((word) => text.includes(word));
      });
      body.replaceChildren(...found.slice(0, ROWS).map(row));
      note.textContent = `${found.length.toLocaleString("en")} found${found.length > ROWS ? `, the first ${ROWS} shown` : ""}`;
    };
    field.addEventListener("input", look);
    const asked = new URLSearchParams(location.hash.slice(1)).get("q");
    if (asked) (field.value = asked), look();
  };

  window.fft.columns = { around, column };
  document.addEventListener("DOMContentLoaded", () => {
    const list = document.getElementById("columns"), place = document.getElementById("column-filter");
    if (list) buttons(list);
    if (place) filter(place);
  });
})();
