// Search over names, columns, descriptions and code, on every page (`/` or Ctrl-K), and the list of keys (`?`). Two
// tiers of plain lists, scanned in order: src/site/graph/search.rs writes them. Each result says why it is one.
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

  // Results of the first tier, best first: { at, score, why, text }.
  const first = (index, words) => {
    const found = [];
    index.names.forEach((name, at) => {
      const byName = rank(index.lower[at], words);
      if (byName > 0) return void found.push({ at, score: 40 + byName, why: "name", text: "" });
      const tag = rank(index.tags[at].toLowerCase(), words);
      let best = tag > 0 ? { at, score: 10 + tag, why: "tag", text: index.tags[at] } : undefined;
      for (const [column, said] of index.columns[at]) {
        const score = rank(column.toLowerCase(), words), inText = score === 0 && said !== "" && rank(said.toLowerCase(), words) > 0;
        if (score > 0 && !(best?.score >= 20 + score)) best = { at, score: 20 + score, why: "column", text: column };
        else if (inText && !best) best = { at, score: 6, why: `column ${column}`, text: around(said, words[0]) };
      }
      if (!best && rank(index.descriptions[at].toLowerCase(), words) > 0) best = { at, score: 5, why: "description", text: around(index.descriptions[at], words[0]) };
      if (best) found.push(best);
    });
    return found.sort((a, b) => b.score - a.score || index.lower[a.at].length - index.lower[b.at].length || a.at - b.at);
  };

  const second = (piece, words) => piece.flatMap(([at, text]) => (rank(text.toLowerCase(), words) > 0 ? [{ at, score: 1, why: "code", text: around(text, words[0]) }] : []));
  window.fft.search = { first, second };

  const KEYS = [
    ["/ or Ctrl K", "search"], ["?", "this list"], ["Tab", "into the graph, and out of it"],
    ["← →", "along edges, to what is read and what reads"], ["↑ ↓", "along the column"], ["Enter", "explain the node"],
    ["o", "open its page, or unfold the folder"], ["f", "focus on it"], ["[ ]", "fewer or more steps around it"],
    ["+ − 0", "nearer, further, all of it"], ["Esc", "back"],
  ];

  let dialog, field, results, note, index, last = 0;
  const prepare = () => {
    dialog = make("dialog", "find");
    dialog.setAttribute("aria-label", "Search");
    field = make("input");
    Object.assign(field, { type: "text", placeholder: "Names, columns, descriptions, SQL", spellcheck: false, autocomplete: "off", ariaLabel: "Search" });
    results = make("ul", "found");
    note = make("p", "note");
    note.setAttribute("role", "status");
    dialog.append(field, note, results);
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

  const show = (found, words, more) => {
    results.replaceChildren(...found.slice(0, MOST).map(({ at, why, text }) => {
      const item = make("li"), link = make("a");
      link.href = document.body.dataset.root + index.pages[at];
      link.append(make("span", "name", index.names[at]), " ", make("span", "note", index.kinds[at]));
      if (why !== "name") link.append(make("span", "why", `${why}${text ? ": " : ""}`), mark(text, words));
      link.addEventListener("click", () => dialog.close());
      item.append(link);
      return item;
    }));
    const cut = found.length > MOST ? `, the first ${MOST} shown` : "";
    note.textContent = words.length === 0 ? "" : `${found.length.toLocaleString("en")} found${cut}${more}`;
  };
  const mark = (text, [word]) => {
    const element = make("span", "text"), at = text.toLowerCase().indexOf(word);
    if (at < 0) element.textContent = text;
    else element.append(text.slice(0, at), make("mark", "", text.slice(at, at + word.length)), text.slice(at + word.length));
    return element;
  };

  const look = async () => {
    const mine = ++last, words = field.value.toLowerCase().split(/\s+/).filter((word) => word);
    if (words.length === 0) return show([], words, "");
    if (!index) {
      index = await shard("search");
      index.lower = index.names.map((name) => name.toLowerCase());
    }
    if (mine !== last) return;
    const found = first(index, words), known = new Set(found.map(({ at }) => at));
    show(found, words, "");
    if (words.join("").length < 3) return;
    for (let piece = 0; ; piece++) {
      const code = await shard("code-" + piece);
      if (mine !== last || !code) return;
      found.push(...second(code, words).filter(({ at }) => !known.has(at)));
      show(found, words, window.fftData.index["code-" + (piece + 1)] ? " so far" : "");
    }
  };

  const open = () => {
    if (!dialog) prepare();
    if (!dialog.open) dialog.showModal();
    field.select();
  };
  const help = () => {
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

  document.addEventListener("DOMContentLoaded", () => {
    const place = document.getElementById("search"), button = make("button", "tool", "Search ");
    if (!place) return;
    button.type = "button";
    button.append(make("kbd", "", "/"));
    button.addEventListener("click", open);
    place.append(button);
    place.hidden = false;
  });
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest?.("input, select, textarea, [contenteditable]");
    if ((event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !writing)) {
      event.preventDefault();
      open();
    } else if (event.key === "?" && !writing && !document.querySelector("dialog[open]")) help();
  });
})();
