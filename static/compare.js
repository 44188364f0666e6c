// Any two kept runs with reasons, and the graph in the colours of what differs; which two is in the hash:
// #before=RUN&after=RUN. What differs is found here from the
// components of both, as src/artifact/comparison.rs does; what it is called comes from the shard of causes.
"use strict";
(() => {
  const fft = window.fft, { make, told } = fft, shard = (name) => fft.shard(name);

  // What a node was made of when a run ended, from its parts or those of the run that built it; or why nobody knows.
  const states = async (run, names, runs, words) => {
    const all = (await told(run.shard)).byName, loaded = new Map();
    const parts = async (stem) => {
      if (!loaded.has(stem)) loaded.set(stem, await shard("parts-" + stem));
      return loaded.get(stem);
    };
    const made = ({ parts: list, nodes }, name, print) => {
      const found = nodes[name];
      if (!found || found[0] !== print) return null;
      if (found.length === 2) return { why: found[1] };
      return { print, terms: found[1], parts: found[2].map((at) => ({ slot: list[at][0], mark: list[at][1], kind: list[at][2], name: list[at][3] })) };
    };
    const found = new Map();
    for (const name of names) {
      const node = all.get(name), own = made((await parts(run.stem)) ?? { nodes: {} }, name, node.print);
      if (own) { found.set(name, own); continue; }
      const of = node.built && node.built.run !== run.id ? node.built.run : null, built = runs.find((one) => one.id === of);
      const there = built && (await parts(built.stem));
      found.set(name, !of ? { why: words.unbuilt } : !there ? { why: words.gone.replace("{}", of) } : made(there, name, node.print) ?? { why: words.other });
    }
    return found;
  };

  // Components that aren't the same: { kind, name, change, before, after }, the sides as marks.
  const RENAMED = ["sql", "python", "seed"];
  const differences = (before, after) => {
    const version = (mark) => mark.split(".")[0], old = new Map(before.parts.map((part) => [part.slot, part]));
    const now = new Map(after.parts.map((part) => [part.slot, part])), found = [];
    for (const part of before.parts) {
      const other = now.get(part.slot);
      if (!other) found.push({ ...part, change: "removed", before: part.mark, after: "" });
      else if (version(other.mark) !== version(part.mark)) found.push({ ...other, change: "modified", before: part.mark, after: other.mark });
    }
    for (const part of after.parts) if (!old.has(part.slot)) found.push({ ...part, change: "added", before: "", after: part.mark });
    for (const kind of RENAMED) {
      const gone = found.findIndex((one) => one.kind === kind && one.change === "removed");
      const come = found.findIndex((one) => one.kind === kind && one.change === "added");
      if (gone < 0 || come < 0) continue;
      found[come] = { ...found[come], change: "modified", before: found[gone].before };
      found.splice(gone, 1);
    }
    return found;
  };
  const plain = (text, other) => (text < other ? -1 : text > other ? 1 : 0);

  // The reasons that a difference of components is, first what says most.
  const reasons = (before, after, words, moved) => {
    const special = before.terms !== after.terms && words.special[before.print + ">" + after.print];
    if (special) {
      const still = special.upstream.filter((name) => !moved(name));
      const general = words.general.upstream.modified, up = special.upstream.filter(moved).map((name) => spoken(general, { kind: "upstream", name, change: "modified" }));
      const pair = before.print + ">" + after.print, base = special.base.map((one, at) => ({ ...one, key: `${pair} ${at}` }));
      const rotated = special.rotated && (special.env || still.length > 0) ? [special.rotated] : [];
      return sorted([...base, ...up, ...rotated]);
    }
    return sorted(differences(before, after).map((one) => {
      const key = one.before + ">" + one.after, known = one.kind !== "upstream" && words.causes[key];
      return known ? { ...known, key } : spoken(words.general[one.kind][one.change], one);
    }));
  };
  const spoken = ([code, rank, sentence], one) => ({ code, rank, kind: one.kind, name: one.name, change: one.change, sentence: sentence.replace("{}", one.name) });
  const sorted = (causes) => causes.sort((left, right) => left.rank - right.rank || plain(left.kind ?? "", right.kind ?? "") || plain(left.name ?? "", right.name ?? ""));

  // Nodes whose content is another, their own or an upstream node's, where digests alone don't tell it.
  const content = (names, before, after, words) => {
    const open = [], readers = new Map(), found = new Set();
    for (const name of names) {
      const [old, now] = [before.get(name), after.get(name)];
      if (old.why || now.why || reasons(old, now, words, () => false).some((cause) => cause.kind)) open.push(name);
      for (const part of now.parts ?? []) if (part.kind === "upstream") readers.set(part.name, [...(readers.get(part.name) ?? []), name]);
    }
    while (open.length > 0) {
      const name = open.pop();
      if (found.has(name)) continue;
      found.add(name);
      open.push(...(readers.get(name) ?? []));
    }
    return found;
  };

  // Two runs: every node with what became of it and why.
  const compared = async (before, after, runs) => {
    const [old, now, words] = [await told(before.shard), await told(after.shard), await shard("causes")];
    const names = [...new Set([...old.byName.keys(), ...now.byName.keys()])].sort(plain);
    const change = (name) => !old.byName.has(name) ? "added" : !now.byName.has(name) ? "removed" : old.byName.get(name).print !== now.byName.get(name).print ? "changed" : "same";
    const nodes = names.map((name) => ({ name, change: change(name), before: old.byName.get(name), after: now.byName.get(name), causes: [], note: null }));
    const changed = nodes.filter((node) => node.change === "changed"), list = changed.map((node) => node.name);
    const [was, is] = [await states(before, list, runs, words.notes), await states(after, list, runs, words.notes)];
    const moved = list.some((name) => was.get(name).terms !== is.get(name).terms) ? content(list, was, is, words) : null;
    for (const node of changed) {
      const [left, right] = [was.get(node.name), is.get(node.name)];
      if (left.why || right.why) node.note = left.why ?? right.why;
      else node.causes = reasons(left, right, words, (name) => moved === null || moved.has(name));
      node.unbuilt = words.unbuilt[node.after.badge[1]] ?? null;
    }
    return { nodes, groups: groups(changed) };
  };

  // Nodes that differ and that the project doesn't have any more, with what they read and what read them, as far as the
  // records of both runs tell: for the graph.
  const gone = async (nodes, before, after, runs, pages) => {
    const differing = nodes.filter((one) => one.change !== "same"), lost = differing.filter((one) => !Object.hasOwn(pages, one.name));
    if (lost.length === 0) return [];
    const { notes } = await shard("causes"), found = new Map();
    for (const { name, before: was } of lost) found.set(name, { name, kind: "sql", path: "", page: `runs/${(was ? before : after).stem}.html#node=${encodeURIComponent(name)}`, reads: new Set(), readers: new Set(), why: null });
    for (const [run, side] of [[after, "after"], [before, "before"]]) {
      const made = await states(run, differing.filter((one) => one[side]).map((one) => one.name), runs, notes);
      for (const [name, { parts, why }] of made) {
        const own = found.get(name);
        if (own && why) own.why = why;
        for (const part of parts ?? []) {
          if (own && RENAMED.includes(part.kind)) Object.assign(own, { kind: part.kind, path: part.name, why: null });
          if (part.kind !== "upstream") continue;
          own?.reads.add(part.name);
          found.get(part.name)?.readers.add(name);
        }
      }
    }
    return [...found.values()];
  };

  // Nodes that differ, by what made them so: as src/site/compare/since.rs groups them.
  const groups = (changed) => {
    const byName = new Map(changed.filter((node) => node.note === null).map((node) => [node.name, node])), known = new Map(), found = new Map();
    const thing = (cause) => cause.edited ?? cause.sentence;
    const upstream = (cause) => cause.kind === "upstream" || cause.code === "upstream_changed";
    const things = (name) => {
      const all = new Map(), seen = new Set([name]), open = [name];
      while (open.length > 0) {
        const at = open.pop();
        if (known.has(at)) { for (const [key, cause] of known.get(at)) all.set(key, cause); continue; }
        for (const cause of byName.get(at)?.causes ?? []) {
          if (upstream(cause) && byName.has(cause.name)) { if (!seen.has(cause.name)) { seen.add(cause.name); open.push(cause.name); } }
          else if (!all.has(thing(cause))) all.set(thing(cause), cause);
        }
      }
      known.set(name, all);
      return all;
    };
    for (const name of byName.keys()) {
      for (const [key, cause] of things(name)) {
        if (!found.has(key)) found.set(key, { thing: key, cause, nodes: [], own: [] });
        found.get(key).nodes.push(name);
        if (byName.get(name).causes.some((one) => thing(one) === key)) found.get(key).own.push(name);
      }
    }
    return [...found.values()].sort((left, right) => right.nodes.length - left.nodes.length || plain(left.thing, right.thing));
  };

  fft.compare = { compared, groups };
  const find = (id) => document.getElementById(id), count = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
  const NAMES = 60, ROWS = matchMedia("(max-width: 52rem)").matches ? 60 : 200;

  const list = (items, item, most) => {
    const place = make("ul", "names inline");
    const fill = (shown) => place.replaceChildren(...items.slice(0, shown).map(item));
    fill(most);
    if (items.length > most) {
      const more = make("li"), button = Object.assign(make("button", "tool", `all ${items.length.toLocaleString("en")}`), { type: "button" });
      button.addEventListener("click", () => fill(items.length));
      more.append(button);
      place.append(more);
    }
    return place;
  };
  const differing = async (texts) => {
    const [old, now] = await Promise.all(texts.map((name) => shard(name)));
    return fft.difference(old, now);
  };
  // What a reason holds: both sides, rows and columns, origins, the texts' difference.
  const held = (cause) => {
    const place = make("div", "cause");
    const side = (one) => (one ? `${one.digest} ${one.withheld ? "value withheld" : one.value !== undefined && one.value.length < 80 ? one.value : one.size}` : "absent");
    if (cause.before || cause.after) place.append(make("p", "note mono", `${side(cause.before)} → ${side(cause.after)}`));
    if (cause.data) {
      const facts = make("ul", "facts-list");
      facts.append(...cause.data.facts.map((fact) => make("li", "", fact)));
      place.append(make("p", "note", cause.data.summary), facts);
    }
    const text = (texts) => {
      const at = make("div");
      place.append(at);
      differing(texts).then((element) => at.replaceWith(element));
    };
    for (const origin of cause.origins ?? []) {
      place.append(make("p", "origin", "because " + origin.sentence));
      if (origin.texts) text(origin.texts);
    }
    if (cause.texts) text(cause.texts);
    if (cause.left_out) place.append(make("p", "note", "Both texts are left out here: those of a site are bounded. fft diff shows them."));
    return place;
  };

  const start = async () => {
    const [runs, pages] = await Promise.all([shard("runs"), shard("pages")]);
    if (!runs || runs.length === 0) return;
    const called = (id) => runs.find((run) => run.id === id)?.name ?? id;
    const page = (id) => runs.find((run) => run.id === id)?.stem;
    const node = (name, run) => {
      const stem = page(run);
      return fft.name(name, stem ? told.explanation(stem, name) : undefined);
    };
    for (const run of runs) {
      find("runs-known").append(new Option([run.name, run.commit_words, ...run.tags, run.totals].filter(Boolean).join(" · "), run.id));
    }
    const hash = () => new URLSearchParams(location.hash.slice(1));
    const fields = { before: find("before"), after: find("after") };
    const read = () => {
      const state = hash();
      fields.after.value = state.get("after") ?? runs[0].id;
      fields.before.value = state.get("before") ?? (told.resolve(runs, "previous", told.resolve(runs, fields.after.value)) ?? runs[1] ?? runs[0]).id;
    };
    const write = () => {
      const state = hash();
      for (const [name, field] of Object.entries(fields)) state.set(name, field.value.trim());
      location.hash = state.toString();
    };
    find("choose").addEventListener("submit", (event) => { event.preventDefault(); write(); });
    for (const field of Object.values(fields)) field.addEventListener("change", write);
    find("swap").addEventListener("click", () => {
      [fields.before.value, fields.after.value] = [fields.after.value, fields.before.value];
      write();
    });

    const row = (one, before, after) => {
      const tr = make("tr"), of = one.after ?? one.before, run = one.after ? after.id : before.id;
      const cell = (label, kind, ...parts) => {
        const cell = Object.assign(make(kind === "th" ? "th" : "td", kind === "th" ? "" : kind), kind === "th" ? { scope: "row" } : {});
        cell.dataset.label = label;
        cell.append(...parts);
        tr.append(cell);
      };
      const both = (value) => {
        const [old, now] = [one.before, one.after].map((side) => (side ? value(side) : null)).map((found) => (found === null || found === undefined ? "–" : found.toLocaleString("en")));
        return old === now ? now : `${old} → ${now}`;
      };
      const why = one.causes.map((cause) => { const line = make("div", "", cause.sentence); line.dataset.code = cause.code; return line; });
      cell("Change", "", one.change.toUpperCase());
      cell("Node", "th", told.named(one.name, pages));
      cell("Why", "why", ...why, ...(one.note ? [make("div", "note", one.note)] : []), ...(one.unbuilt ? [make("div", "no", one.unbuilt)] : []));
      cell("Rows", "num", both((side) => side.rows));
      cell("Time", "num", both((side) => side.ms) + " ms");
      cell("Decided", "", ...[one.before, one.after].filter(Boolean).flatMap((side, at) => [...(at > 0 ? [" → "] : []), told.badge(side.badge)]));
      const built = of.built?.run, stem = built && page(built);
      tr.dataset.node = one.name;
      tr.classList.add("leads");
      tr.addEventListener("click", ({ target }) => {
        if (target.closest("a, button") || String(getSelection()) || !fft.show) return;
        fft.show({ node: one.name, root: "", step: "" });
        find("graph").scrollIntoView({ block: "nearest" });
      });
      cell("Built by", "when", ...(built ? [stem ? Object.assign(told.link("", called(built), told.explanation(stem, one.name)), { title: built }) : built] : [node("why", run)]));
      return tr;
    };

    // What is selected in the graph is marked here.
    const mark = () => { for (const tr of find("compared").tBodies[0].rows) tr.classList.toggle("here", tr.dataset.node === hash().get("node")); };

    const group = (one, after) => {
      const place = make("article", "root"), heading = make("h3");
      heading.append(make("code", "code", one.cause.code), " ", make("span", "sentence", one.thing), " ", make("span", "impact", `→ ${count(one.nodes.length, "node")}`));
      place.append(heading, held(one.cause));
      const more = make("p", "note", one.own.length === one.nodes.length ? "Nodes:" : `${one.own.map(fft.short).join(", ")}, and what reads ${one.own.length === 1 ? "it" : "them"}:`);
      place.append(more, list(one.nodes, (name) => { const item = make("li"); item.append(node(name, after.id)); return item; }, NAMES));
      return place;
    };

    let last = 0;
    const show = async () => {
      const mine = ++last, after = told.resolve(runs, fields.after.value), before = told.resolve(runs, fields.before.value, after);
      const unknown = [before, after].map((run, at) => (run ? null : Object.values(fields)[at].value)).filter((words) => words !== null);
      find("wrong").hidden = unknown.length === 0;
      find("comparison").hidden = unknown.length > 0;
      if (unknown.length > 0) {
        find("wrong").textContent = `No kept run is called ${unknown.map((words) => `“${words}”`).join(" or ")}. ${count(runs.length, "run")} are kept, from ${runs.at(-1).id} to ${runs[0].id}.`;
        return;
      }
      if (find("comparison").dataset.shown === `${before.id} ${after.id}`) return;
      const { nodes, groups: found } = await compared(before, after, runs);
      if (mine !== last) return;
      const changed = nodes.filter((one) => one.change === "changed"), of = (word) => nodes.filter((one) => one.change === word).length;
      const differ = changed.length === 1 ? "1 node differs" : `${count(changed.length, "node")} differ`;
      find("sentence").textContent = changed.length === 0 && of("same") === nodes.length ? "Nothing differs." : found.length > 0 ? `${differ} because of ${count(found.length, "thing")}` : differ;
      const totals = [["added", of("added")], ["removed", of("removed")], ["changed", changed.length], ["unchanged", of("same")]];
      const name = (run) => [run.name, run.commit_words, ...run.tags].filter(Boolean).join(" · ");
      find("totals").textContent = `${totals.filter(([word, number]) => number > 0 || word === "unchanged").map(([word, number]) => `${number.toLocaleString("en")} ${word}`).join(" · ")} · ${name(before)} → ${name(after)}`;
      find("groups").replaceChildren(...found.map((one) => group(one, after)));
      const rows = nodes.filter((one) => one.change !== "same");
      const fill = (most) => {
        find("compared").tBodies[0].replaceChildren(...rows.slice(0, most).map((one) => row(one, before, after)));
        find("rest").hidden = rows.length <= most;
        find("rest").textContent = `Show all ${rows.length.toLocaleString("en")}`;
        mark();
      };
      fill(ROWS);
      find("rest").onclick = () => fill(rows.length);
      find("compared").hidden = rows.length === 0;
      find("command").textContent = `fft diff ${before.id} ${after.id}`;
      find("comparison").dataset.shown = `${before.id} ${after.id}`;
      find("copy").onclick = () => copy(nodes, before, after);
      fft.announce(find("sentence").textContent);
      await draw(nodes, before, after);
    };
    // The text that `fft diff --markdown` prints, with where a published site compares the two.
    const copy = async (nodes, from, to) => {
      await fft.load(find("comparison").dataset.markdown);
      const [causes, known] = await Promise.all([shard("causes"), shard("markdown")]), address = document.querySelector("link[rel=canonical]")?.href.replace(/runs\/compare\.html$/, "");
      const link = address ? `${address}runs/compare.html#${new URLSearchParams({ before: from.id, after: to.id })}` : "";
      const done = await fft.put(fft.markdown({ nodes, from, to, causes, known, link }));
      find("copy").textContent = done ? "Copied" : "Not copied";
      fft.announce(done ? "Copied as Markdown" : "The browser doesn’t let pages copy here");
      setTimeout(() => { find("copy").textContent = "Copy as Markdown"; }, 1600);
    };

    // The graph of today, coloured by what became of each node; beside a node what this comparison says of it.
    const CLASSES = [["added", "added", "build", "+"], ["removed", "removed", "error", "–"], ["own", "changed", "hue-1", "≠"], ["followed", "changed by what is upstream", "cascade", "↳"], ["same", "the same", "skip", ""]];
    const kind = (one) => (one.change !== "changed" ? one.change : one.causes.length > 0 && one.causes.every(({ code }) => code.startsWith("upstream_")) ? "followed" : "own");
    const draw = async (nodes, before, after) => {
      const byName = new Map(nodes.map((one) => [one.name, one])), keys = CLASSES.map(([key]) => key);
      const lost = await gone(nodes, before, after, runs, pages), unknown = lost.find((one) => one.why !== null);
      find("ungraphed").hidden = lost.length === 0;
      find("ungraphed").replaceChildren(`The project has ${count(lost.length, "node")} no more, drawn here as ${lost.length === 1 ? "it was" : "they were"}: `,
        ...lost.slice(0, 20).flatMap((one, at) => [...(at > 0 ? [", "] : []), fft.name(one.name, told.root() + one.page)]), lost.length > 20 ? ` and ${(lost.length - 20).toLocaleString("en")} more.` : ".",
        ...(unknown ? [` What ${fft.short(unknown.name)} read isn’t known: ${unknown.why}.`] : []));
      fft.beside = (name) => {
        const one = byName.get(name), place = make("section", "beside");
        if (!one) return Object.assign(make("p", "note"), { textContent: "Neither of the two runs has it." });
        place.append(make("h4", "", `${before.name} → ${after.name}: ${CLASSES[keys.indexOf(kind(one))][1]}`));
        for (const cause of one.causes) place.append(make("p", "sentence", cause.sentence));
        for (const words of [one.note, one.unbuilt]) if (words) place.append(make("p", "note", words));
        const sides = [[one.before, before], [one.after, after]].filter(([side]) => side), links = make("p", "note");
        sides.forEach(([, run], at) => links.append(at > 0 ? " · " : "", told.link("", `why in ${run.name}`, told.explanation(run.stem, name))));
        place.append(links, make("h4", "", "The last run"));
        return place;
      };
      if (!new URLSearchParams(location.hash.slice(1)).has("lens")) {
        const state = new URLSearchParams(location.hash.slice(1));
        state.set("lens", "change");
        location.replace("#" + state);
      }
      await fft.load(find("comparison").dataset.graph);
      fft.grow(lost);
      fft.lens("change", "What differs", (model) => ({
        classes: CLASSES.map(([key, words, colour, sign]) => ({ key, words, colour, sign, quiet: key === "same" })),
        of: (item) => (byName.has(model.names[item]) ? keys.indexOf(kind(byName.get(model.names[item]))) : -1),
        fact: (item) => { const one = byName.get(model.names[item]); return one ? CLASSES[keys.indexOf(kind(one))][1] : model.isSource(item) ? "source" : "in neither run"; },
        rest: "in neither run",
        alone: true,
      }));
    };
    addEventListener("hashchange", () => { read(); mark(); show(); });
    find("choose").hidden = find("help").hidden = false;
    find("without").hidden = true;
    read();
    show();
  };
  document.addEventListener("DOMContentLoaded", start);
})();
