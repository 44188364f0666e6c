// The controls above the graph, and the ways to colour it. fft.bar(area, on) builds them; they write the address.
//
// A lens colours boxes and cells by a class each, with a legend: fft.lens(key, title, make, there) adds one, before the
// graph is shown or later. `make(model)` gives, or promises,
//   { classes: [{ key, words, colour, sign, quiet, hatched, root }], of(item), fact(item), rest, alone }
// where `colour` names a token of the stylesheets (without its dashes), `sign` is a letter that stands for it without
// colour, `quiet` draws it as ground, `hatched` with lines on it, `of` gives the number of an item's class or -1, `fact` the last words in a box, which are
// all of them where the lens is `alone` (of something else than the last run), and `rest` what -1 is called. The first classes stand first in the map. `there(model)` says whether there is anything to
// see by it. fft.show({ lens: key }) selects it.
"use strict";
(() => {
  const { make, plural } = window.fft ?? {};
  const FILTERS = ["decision", "cause", "kind", "tag", "owner", "folder"];
  const MODES = { all: "All", run: "This run", map: "Map", folders: "Folders", tags: "Tags" };
  const lenses = new Map();
  // Those of lens.js, so that the choice is there before that is loaded.
  const PROMISED = [["decision", "Decision"], ["cause", "Cause"], ["age", "Age"], ["time", "Time"], ["rows", "Rows"], ["columns", "Columns"], ["tests", "Tests"], ["owner", "Owner"]];
  const THERE = { owner: "owned", columns: "columned", tests: "tested" };

  const lens = (key, title, make, there = () => true) => {
    lenses.set(key, { title, make, there });
    document.dispatchEvent(new CustomEvent("fft:lens", { detail: key }));
  };

  const button = (words, act, cls = "tool") => {
    const element = make("button", cls, words);
    element.type = "button";
    element.addEventListener("click", act);
    return element;
  };
  const named = (element, title) => Object.assign(element, { title, ariaLabel: title });
  const labelled = (words, element) => {
    const label = make("label", "", words);
    label.append(element);
    return label;
  };
  const fold = (words, cls) => {
    const element = make("details", cls), inside = make("div");
    element.append(make("summary", "tool", words), inside);
    document.addEventListener("pointerdown", ({ target }) => { if (!element.contains(target)) element.open = false; });
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !element.open) return;
      element.open = false;
      element.firstChild.focus();
      event.stopPropagation();
    });
    return [element, inside];
  };

  const bar = (area, on, model) => {
    const { nodes } = model, parts = {};
    const count = (of) => {
      const counts = new Map();
      for (const node of nodes) for (const value of of(node)) if (value !== "") counts.set(value, (counts.get(value) ?? 0) + 1);
      return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
    };
    const options = {
      decision: () => {
        const counts = new Map(count((node) => [model.decision(node)[0]]));
        return model.decisions.filter(([cls]) => counts.has(cls)).map(([cls, glyph, word]) => [cls, counts.get(cls), `${glyph} ${word}`]);
      },
      cause: () => count((node) => model.code(node).split(" ")),
      kind: () => count((node) => [model.kind(node), model.materialized(node)]),
      tag: () => count(model.tags),
      owner: () => count(model.owners),
      folder: () => count((node) => model.folder(node).split("/").map((_, at, all) => all.slice(0, at + 1).join("/"))).slice(0, 400),
    };

    const form = make("form", "filters");
    form.addEventListener("submit", (event) => event.preventDefault());
    parts.filter = make("input");
    Object.assign(parts.filter, { type: "text", placeholder: "+mart_* tag:daily state:modified", spellcheck: false, autocomplete: "off", ariaLabel: "Filter" });
    let wait;
    parts.filter.addEventListener("input", () => {
      clearTimeout(wait);
      wait = setTimeout(() => on.go({ select: parts.filter.value, view: "", node: "" }), 250);
    });
    const [more, inside] = fold("Filters", "folded");
    for (const name of FILTERS) {
      const select = (parts[name] = make("select")), found = options[name]();
      select.append(new Option("any", ""), ...found.map(([value, number, text = value]) => new Option(`${text} (${number.toLocaleString("en")})`, value)));
      select.addEventListener("change", () => on.go({ [name]: select.value, view: "", node: "" }));
      if (found.length > 0) inside.append(labelled(name[0].toUpperCase() + name.slice(1), select));
    }
    parts.views = make("div", "views");
    parts.views.setAttribute("role", "group");
    parts.views.setAttribute("aria-label", "Show");
    const tagged = nodes.some((node) => model.tags(node).length > 0), taken = nodes.some(model.isRebuilt);
    for (const [mode, words] of Object.entries(MODES)) {
      if ((mode === "run" && (!taken || document.getElementById("comparison"))) || (mode === "tags" && !tagged)) continue;
      parts.views.append(Object.assign(button(words, () => on.go({ view: mode, focus: "", node: "", open: "" })), { value: mode }));
    }
    const choice = (words, name, cls) => {
      const select = (parts[name] = make("select")), label = labelled(words, select);
      label.className = cls;
      select.addEventListener("change", () => on.go({ [name]: select.value === select.options[0].value ? "" : select.value }));
      return label;
    };
    const colour = choice("Colour by", "lens", "choice"), column = choice("Columns", "by", "choice");
    const fill = () => {
      const all = new Map(PROMISED.map(([key, title]) => [key, { title, there: () => !THERE[key] || model.data[THERE[key]] }]));
      for (const [key, one] of lenses) all.set(key, one);
      const value = parts.lens.value;
      parts.lens.replaceChildren(...[...all].filter(([, { there }]) => there(model)).map(([key, { title }]) => new Option(title, key)));
      parts.lens.value = value || "decision";
    };
    fill();
    parts.by.append(new Option("Level", "level"), new Option("Folder", "folder"), ...(model.data.owned ? [new Option("Owner", "owner")] : []));
    parts.column = column;
    const [saves, forms] = fold("Export", "folded saves");
    for (const [kind, words] of [["svg", "SVG"], ["png", "PNG"], ["mermaid", "Mermaid"], ["dot", "DOT"], ["json", "JSON"], ["copy", "Copy as Mermaid"]]) {
      forms.append(button(words, () => ((saves.open = false), on.save(kind, words))));
    }
    form.append(parts.filter, more, parts.views, column, colour, saves);

    parts.problem = make("p", "problem");
    parts.problem.setAttribute("role", "alert");
    parts.unknown = make("p", "problem");
    parts.unknown.setAttribute("role", "alert");
    const line = make("div", "line");
    parts.focus = make("div", "focus");
    parts.words = make("p", "note");
    parts.clear = button("Show all", () => on.go(Object.fromEntries(["view", "select", "focus", "node", "root", "step", "open", ...FILTERS].map((name) => [name, ""]))));
    parts.legend = make("ul", "legend");
    parts.legend.setAttribute("aria-label", "Colours");
    line.append(parts.focus, parts.words, parts.clear, parts.legend);
    area.append(form, parts.problem, parts.unknown, line);

    const say = (element, text) => {
      element.textContent = text;
      element.hidden = text === "";
    };
    return {
      parts, fill,
      problem(text) {
        say(parts.problem, text);
        parts.filter.setAttribute("aria-invalid", text !== "");
      },
      unknown: (words) => say(parts.unknown, words.join(" ")),
      update(state, shown, words, clean) {
        if (document.activeElement !== parts.filter) parts.filter.value = state.select;
        let set = 0;
        for (const name of FILTERS) {
          parts[name].value = state[name];
          if (state[name] !== "") set++;
        }
        more.firstChild.textContent = set > 0 ? `Filters (${set})` : "Filters";
        parts.lens.value = state.lens || "decision";
        parts.by.value = state.by || "level";
        column.hidden = shown.mode !== "map" || shown.focus !== undefined;
        for (const one of parts.views.children) one.setAttribute("aria-pressed", one.value === shown.mode && shown.focus === undefined);
        parts.words.textContent = words;
        parts.clear.hidden = clean;
        parts.focus.replaceChildren();
        if (shown.focus === undefined) return;
        const stepper = (name) => {
          const step = (by, sign, title) => named(button(sign, () => on.go({ [name]: Math.max(0, state[name] + by) })), title);
          return [step(-1, "−", `Fewer ${name}`), make("span", "", `${state[name]} ${name}`), step(1, "+", `More ${name}`)];
        };
        parts.focus.append("Around ", on.link(shown.focus), ...stepper("up"), ...stepper("down"), named(button("×", () => on.go({ focus: "" })), "End the focus"));
      },
      legend(lens, items) {
        const counts = new Map();
        for (const item of items) if (!model.isSource(item)) counts.set(lens.of(item), (counts.get(lens.of(item)) ?? 0) + 1);
        const entry = ({ words, colour, sign, quiet, hatched, root }, number) => {
          const element = make("li"), swatch = make("span", quiet ? "swatch calm" : hatched ? "swatch hatched" : "swatch", quiet || hatched ? "" : sign);
          swatch.style.setProperty("--c", `var(--${colour})`);
          swatch.setAttribute("aria-hidden", "true");
          const link = make(root ? "a" : "span", "", words);
          if (root) link.href = on.address({ root, node: "" });
          element.append(swatch, " ", link, " ", make("strong", "", number.toLocaleString("en")));
          return element;
        };
        const all = [...lens.classes, { words: lens.rest ?? "other", colour: "line", sign: "", quiet: true }];
        const seen = all.map((one, at) => [one, counts.get(at < lens.classes.length ? at : -1) ?? 0]).filter(([, number]) => number > 0);
        parts.legend.replaceChildren(...seen.map(([one, number]) => entry(one, number)));
        parts.legend.hidden = seen.length < 2 && lens.key === "decision";
      },
    };
  };

  Object.assign((window.fft ??= {}), { bar, lens, lenses, button, named, FILTERS, MODES, PROMISED });
})();
