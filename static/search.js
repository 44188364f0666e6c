// Search over whatever has a page or a place: nodes, columns, code, sources, macros, runs, commits, causes, folders, tags and
// owners; and the list of keys. Loaded when it is first opened (open.js). Two tiers of plain lists, scanned in order:
// src/site/graph/search.rs writes them. Each result says why it is one, and leads to the very column or line.
"use strict";
(() => {
  const { make, shard } = window.fft;
  const MOST = 60;
  // How well `text` matches all words: 0 for not at all.
  const rank = (text, words) => {
    let least = 4;
    for (const word of words) {
      const at = text.indexOf(word);
      if (at < 0) return 0;
      const whole = text.length === word.length, begins = at === 0, part = at > 0 && /[^a-z0-9]/.test(text[at - 1]);
      least = Math.min(least, whole ? 4 : begins ? 3 : part ? 2 : 1);
    }
    return least;
  };

  // A piece of a text around what was found in it.
  const around = (text, word) => {
    const at = text.toLowerCase().indexOf(word), from = Math.max(0, at - 40), to = Math.min(text.length, at + word.length + 60);
    return (from > 0 ? "…" : "") + text.slice(from, to).replace(/\s+/g, " ") + (to < text.length ? "…" : "");
  };

  // What results are of: the filter's words, in its order.
  const GROUPS = ["Nodes", "Columns", "Code", "Sources", "Macros", "Runs", "Causes", "Groups"];
  const groupOf = (kind) => ({ source: "Sources", macro: "Macros", run: "Runs", commit: "Runs", cause: "Causes", folder: "Groups", tag: "Groups", owner: "Groups" }[kind] ?? "Nodes");

  // Where a column stands, unless it says so itself: on the page that is named as its node's own.
  const usual = (index, at, column) => `${index.pages[at].replace(/^nodes\//, "columns/")}#column-${column}`;

  // Results of the first tier, best first: { name, kind, group, page, score, why, text }.
  const first = (index, words) => {
    const found = [];
    index.names.forEach((name, at) => {
      const kind = index.kinds[at], page = index.pages[at];
      const add = (score, why, text, more) => found.push({ name, kind, group: groupOf(kind), page, score, why, text, ...more });
      const byName = rank(index.lower[at], words), tag = byName > 0 ? 0 : rank(index.tags[at].toLowerCase(), words);
      if (byName > 0) add(40 + byName, "name", "");
      else if (tag > 0) add(10 + tag, "tag", index.tags[at]);
      else if (rank(index.descriptions[at].toLowerCase(), words) > 0) add(5, "description", around(index.descriptions[at], words[0]));
      for (const [column, said, place] of index.columns[at]) {
        const score = rank(column.toLowerCase(), words), inText = score === 0 && said !== "" && rank(said.toLowerCase(), words) > 0;
        const more = { group: "Columns", page: place ?? usual(index, at, column) };
        if (score > 0) add(20 + score, "column", column, more);
        else if (inText) add(6, `column ${column}`, around(said, words[0]), more);
      }
    });
    for (const [kind, name, text, page] of index.others) {
      const byName = rank(name.toLowerCase(), words), inText = byName > 0 ? 0 : rank(text.toLowerCase(), words);
      if (byName + inText > 0) found.push({ name, kind, group: groupOf(kind), page, score: byName > 0 ? 30 + byName : 4, why: byName > 0 ? "name" : kind, text });
    }
    return found.sort((a, b) => b.score - a.score || a.name.length - b.name.length);
  };

  // Code: the first line that has the first word, and how many have it.
  const second = (index, piece, words) => piece.flatMap(([at, text]) => {
    const small = text.toLowerCase();
    if (rank(small, words) === 0) return [];
    const lines = small.split("\n"), having = lines.filter((line) => line.includes(words[0])).length;
    const line = lines.findIndex((line) => line.includes(words[0])) + 1, more = having > 1 ? `, and ${having - 1} more` : "";
    return [{ name: index.names[at], kind: index.kinds[at], group: "Code", page: `${index.pages[at]}#L${line}`, score: 1, why: `code, line ${line}${more}`, text: around(text, words[0]) }];
  });

  // Names that read nearly so, for what finds nothing.
  const pairs = (text) => new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2)));
  const near = (index, words) => {
    const wanted = pairs(words.join(" ")), names = new Map();
    const weigh = (name, page) => {
      const own = pairs(name.toLowerCase()), same = [...own].filter((pair) => wanted.has(pair)).length;
      const score = (2 * same) / (own.size + wanted.size || 1);
      if (score > 0.4 && !(names.get(name)?.score >= score)) names.set(name, { name, page, score });
    };
    index.names.forEach((name, at) => {
      weigh(name, index.pages[at]);
      for (const [column, , place] of index.columns[at]) weigh(column, place ?? usual(index, at, column));
    });
    for (const [, name, , page] of index.others) weigh(name, page);
    return [...names.values()].sort((a, b) => b.score - a.score).slice(0, 4);
  };
  window.fft.search = { first, second, near };

  const KEYS = [
    ["/ or Ctrl K", "search"], ["?", "this list"], ["Tab", "into the graph, and out of it"],
    ["← →", "along edges, to what is read and what reads"], ["↑ ↓", "along the column"], ["Enter", "explain the node"],
    ["o", "open its page, or unfold the folder"], ["f", "focus on it"], ["[ ]", "fewer or more steps around it; of a cause, a step back or on"],
    ["+ − 0", "nearer, further, all of it"], ["Esc", "back"],
  ];

  let dialog, field, results, note, filter, index, last = 0, group = "", shown = [];
  const go = (page) => document.body.dataset.root + page;
  const prepare = () => {
    dialog = make("dialog", "find");
    dialog.setAttribute("aria-label", "Search");
    field = make("input");
    Object.assign(field, { type: "text", placeholder: "Names, columns, SQL, runs, owners", spellcheck: false, autocomplete: "off", ariaLabel: "Search" });
    filter = make("div", "kinds");
    filter.setAttribute("role", "group");
    filter.setAttribute("aria-label", "Kind of result");
    results = make("ul", "found");
    note = make("p", "note");
    note.setAttribute("role", "status");
    dialog.append(field, filter, note, results);
    document.body.append(dialog);
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    field.addEventListener("input", look);
    dialog.addEventListener("keydown", (event) => {
      const links = [...results.querySelectorAll("a")], at = links.indexOf(document.activeElement);
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const next = at + (event.key === "ArrowDown" ? 1 : -1);
        (next < 0 ? field : links[Math.min(next, links.length - 1)] ?? field).focus();
      } else if (event.key === "Enter" && event.target === field) links[0]?.click();
    });
  };

  const entry = (page, ...content) => {
    const item = make("li"), link = make("a");
    link.href = go(page);
    link.append(...content);
    link.addEventListener("click", () => dialog.close());
    item.append(link);
    return item;
  };
  const kinds = (words) => {
    const counts = new Map();
    for (const one of shown) counts.set(one.group, (counts.get(one.group) ?? 0) + 1);
    if (group !== "" && !counts.has(group)) counts.set(group, 0);
    const chip = (name, text) => {
      const button = make("button", "tool", text);
      button.type = "button";
      button.setAttribute("aria-pressed", group === name);
      button.addEventListener("click", () => {
        group = group === name ? "" : name;
        list(words);
        field.focus();
      });
      return button;
    };
    const known = GROUPS.filter((name) => counts.has(name));
    filter.replaceChildren(...(known.length > 1 || group !== "" ? [chip("", "All"), ...known.map((name) => chip(name, `${name} ${counts.get(name).toLocaleString("en")}`))] : []));
  };
  let more = "";
  const list = (words) => {
    kinds(words);
    const found = group === "" ? shown : shown.filter((one) => one.group === group);
    results.replaceChildren(...found.slice(0, MOST).map(({ name, kind, page, why, text }) => {
      const content = [make("span", "name", name), " ", make("span", "note", kind)];
      if (why !== "name") content.push(make("span", "why", why === kind ? "" : `${why}${text ? ": " : ""}`), mark(text, words));
      else if (text) content.push(make("span", "why", text));
      return entry(page, ...content);
    }));
    const cut = found.length > MOST ? `, the first ${MOST} shown` : "";
    note.textContent = words.length === 0 ? "" : `${found.length.toLocaleString("en")} found${cut}${more}`;
    if (words.length === 0 || found.length > 0 || more !== "") return;
    // Nothing: what reads nearly so, and where was looked.
    const close = group === "" ? near(index, words) : [];
    note.textContent = group === "" ? `Nothing has ${words.length > 1 ? "all of these words" : `“${words[0]}”`} in it${close.length > 0 ? "; nearly so:" : "."}` : `Nothing among ${group.toLowerCase()}: “All” looks everywhere.`;
    results.replaceChildren(...close.map(({ name, page }) => entry(page, make("span", "name", name))));
    if (group === "") results.append(make("li", "note", "Looked through: names, columns, tags, descriptions, SQL and Python, sources, macros, runs, commits, causes, folders and owners. Fewer words find more."));
  };
  const mark = (text, [word]) => {
    const element = make("span", "text"), at = text.toLowerCase().indexOf(word);
    if (at < 0) element.textContent = text;
    else element.append(text.slice(0, at), make("mark", "", text.slice(at, at + word.length)), text.slice(at + word.length));
    return element;
  };
  const show = (found, words, rest) => {
    [shown, more] = [found, rest];
    list(words);
  };

  const look = async () => {
    const mine = ++last, words = field.value.toLowerCase().split(/\s+/).filter((word) => word);
    if (words.length === 0) return show([], words, "");
    if (!index) {
      index = await shard("search");
      index.lower = index.names.map((name) => name.toLowerCase());
    }
    if (mine !== last) return;
    const found = first(index, words), wanted = words.join("").length >= 3;
    show(found, words, wanted ? " so far" : "");
    if (!wanted) return;
    for (let piece = 0; ; piece++) {
      const code = await shard("code-" + piece);
      if (mine !== last) return;
      if (!code) break;
      found.push(...second(index, code, words));
      show(found, words, " so far");
    }
    show(found, words, "");
  };

  // `typed` is what was typed before this was loaded.
  window.fft.find = (typed) => {
    if (!dialog) prepare();
    if (!dialog.open) dialog.showModal();
    if (!typed) return field.select();
    field.value = typed;
    look();
  };
  window.fft.help = () => {
    const sheet = make("dialog", "find keys"), list = make("dl");
    for (const [keys, does] of KEYS) list.append(make("dt", "", keys), make("dd", "", does));
    const close = make("button", "tool", "Close");
    close.type = "button";
    close.addEventListener("click", () => sheet.close());
    sheet.setAttribute("aria-label", "Keys");
    sheet.append(make("h2", "", "Keys"), list, close);
    sheet.addEventListener("close", () => sheet.remove());
    document.body.append(sheet);
    sheet.showModal();
  };
})();
