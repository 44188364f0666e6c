// The overview as an earlier run left it: index.html#at=RUN. Loaded when the address asks for it.
"use strict";
(() => {
  const fft = window.fft, { make, told } = fft, find = (id) => document.getElementById(id);
  const hash = () => new URLSearchParams(location.hash.slice(1));
  const link = told.link, count = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
  const without = (name) => { const state = hash(); state.delete(name); return "#" + state; };
  let shown = null;

  const banner = (...parts) => {
    let place = find("at-run");
    if (!place) {
      place = Object.assign(make("p", "as-of"), { id: "at-run" });
      place.setAttribute("role", "status");
      find("main").prepend(place);
    }
    place.replaceChildren(...parts);
  };
  const row = (node, run, pages) => {
    const tr = make("tr"), cell = (label, cls, ...parts) => {
      const cell = make(label === "Node" ? "th" : "td", cls);
      if (label === "Node") cell.scope = "row";
      cell.dataset.label = label;
      cell.append(...parts);
      tr.append(cell);
    };
    cell("Decision", "", told.badge(node.badge));
    cell("Node", "", told.named(node.name, pages));
    cell("Rows", "num", node.rows?.toLocaleString("en") ?? "");
    cell("Time", "num", node.ms === null ? "" : `${node.ms.toLocaleString("en")} ms`);
    cell("Why", "why", link("", node.why, told.explanation(run.stem, node.name)));
    return tr;
  };
  const LEFT = ["SKIP", "NOT SELECTED"];

  const show = async () => {
    const wanted = hash().get("at");
    if (wanted === null) return void (shown && location.reload());
    const [runs, pages] = await Promise.all([fft.shard("runs"), fft.shard("pages")]), run = told.resolve(runs ?? [], wanted);
    if (!run) return banner(`No kept run is called “${wanted}”. This is the last one.`);
    if (shown === run.id) return;
    shown = run.id;
    const { nodes, roots } = await told(run.shard), last = runs[0].id;
    const words = [`This is the overview as run ${run.name}${run.commit_words ? `, commit ${run.commit_words},` : ""} left it. `,
      link("", "Its page", `runs/${run.stem}.html`), " · ", link("", "what is different since", `runs/compare.html#before=${run.id}&after=${last}`), " · ", link("", "the last run", without("at"))];
    banner(...words);
    const counts = new Map();
    for (const { badge } of nodes) counts.set(badge[1], { badge, number: (counts.get(badge[1])?.number ?? 0) + 1 });
    const title = document.querySelector("main h1");
    if (title) title.textContent = run.sentence || run.totals;
    // What is told of the last run alone goes; the way back loads the page anew.
    for (const old of document.querySelectorAll("main .spent, main .who, main .eyebrow, main .failures, main .kept, main .facts, #next, main section[aria-labelledby=budgets]")) old.remove();
    const tally = document.querySelector("main .tally, main .counts");
    tally?.replaceChildren(...[...counts.values()].map(({ badge, number }) => {
      const item = make("li", badge[2]);
      item.append(Object.assign(make("span", "glyph", badge[0]), { ariaHidden: "true" }), " ", make("b", "", number.toLocaleString("en")), " " + badge[1].toLowerCase());
      return item;
    }));
    const causes = document.querySelector("main .causes, main .last"), list = make("ul", "names");
    list.append(...roots.slice(0, 20).map(({ name, sentence, impact }) => {
      const item = make("li");
      if (nodes.some((node) => node.name === name)) item.append(fft.name(name, told.explanation(run.stem, name)), " ");
      item.append(make("span", "sentence", sentence), " ", make("span", "impact", `→ ${count(impact, "node")}`));
      return item;
    }));
    if (roots.length > 20) list.append(make("li", "note", `… and ${(roots.length - 20).toLocaleString("en")} more, on the run’s page`));
    const why = Object.assign(make("h2", "", roots.length > 0 ? "Why" : "Nothing was rebuilt."), { id: "why" });
    if (causes) causes.replaceChildren(why, list);
    else document.querySelector("main .reasons")?.prepend(why, list);
    const table = document.querySelector("table[data-nodes]"), most = 200;
    if (table) {
      const order = [...nodes].sort((left, right) => LEFT.includes(left.badge[1]) - LEFT.includes(right.badge[1]) || (left.name < right.name ? -1 : 1));
      const heads = ["Decision", "Node", "Rows", "Time", "Why"].map((word) => Object.assign(make("th", ["Rows", "Time"].includes(word) ? "num" : "", word), { scope: "col" }));
      table.tHead.rows[0].replaceChildren(...heads);
      table.tBodies[0].replaceChildren(...order.slice(0, most).map((node) => row(node, run, pages)));
      if (nodes.length > most) {
        const more = make("p", "note", `… and ${(nodes.length - most).toLocaleString("en")} more. `);
        more.append(link("", "The audit of this run", `audit.html#run=${run.id}`), " has all of them.");
        table.after(more);
      }
    }
    colour(run, nodes);
    fft.announce(words[0]);
  };

  // The graph is that of today; its colours are those of the run.
  const QUIET = ["skip", "unselected"];
  const colour = (run, nodes) => {
    if (!fft.lens) return;
    fft.beside = (name) => {
      const one = nodes.find((node) => node.name === name), place = make("section", "beside");
      place.append(make("h4", "", `In run ${run.name}`));
      if (one) place.append(told.badge(one.badge), " ", make("span", "sentence", one.why), " ", link("note", "why", told.explanation(run.stem, name)));
      else place.append(make("p", "note", "It wasn’t there."));
      place.append(make("h4", "", "The last run"));
      return place;
    };
    const badges = new Map(), byName = new Map(nodes.map((node) => [node.name, node]));
    for (const { badge } of nodes) if (!badges.has(badge[2])) badges.set(badge[2], { at: badges.size, badge });
    fft.lens("at", `As of ${run.time}`, (model) => ({
      classes: [...badges.values()].map(({ badge: [glyph, word, cls] }) => ({ key: cls, words: word, sign: glyph, colour: cls === "unselected" ? "strong-line" : cls, quiet: QUIET.includes(cls) })),
      of: (item) => badges.get(byName.get(model.names[item])?.badge[2])?.at ?? -1,
      fact: (item) => { const then = byName.get(model.names[item]); return then ? `${then.badge[0]} ${then.badge[1]}` : "not there"; },
      alone: true,
      rest: "not there",
    }));
    fft.show?.({ lens: "at" });
  };
  addEventListener("hashchange", show);
  show();
})();
