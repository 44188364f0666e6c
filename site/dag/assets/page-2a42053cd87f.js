"use strict";
(() => {
const root = document.documentElement;
const themes = ["system", "light", "dark"];
const stored = () => {
try { return localStorage.getItem("fft-theme"); } catch { return null; }
};
const hash = () => new URLSearchParams(location.hash.slice(1));
let theme = hash().get("theme") || stored() || "system";
const show = () => {
if (theme === "light" || theme === "dark") root.dataset.theme = theme;
else delete root.dataset.theme;
document.dispatchEvent(new Event("fft:theme"));
};
show();
const loading = new Map();
const load = (path) => {
if (!loading.has(path)) {
loading.set(path, new Promise((resolve, reject) => {
const script = document.createElement("script");
script.src = document.body.dataset.root + path;
script.onload = () => resolve();
script.onerror = () => reject(new Error(path));
document.head.append(script);
}));
}
return loading.get(path);
};
const shard = async (name) => {
await load("data/index.js");
const file = window.fftData.index[name];
if (!file) return null;
await load("data/" + file);
return window.fftData[name];
};
const make = (name, cls, text) => {
const element = document.createElement(name);
if (cls) element.className = cls;
if (text !== undefined) element.textContent = text;
return element;
};
const announce = (text) => {
const place = document.getElementById("announce");
if (place) place.textContent = text;
};
window.fft = { load, shard, announce, make };
const switcher = () => {
const button = document.getElementById("theme");
if (!button) return;
const words = () => { button.textContent = "Theme: " + theme; };
button.hidden = false;
words();
button.addEventListener("click", () => {
theme = themes[(themes.indexOf(theme) + 1) % themes.length];
try { localStorage.setItem("fft-theme", theme); } catch { /* private mode keeps nothing */ }
const state = hash();
if (state.has("theme")) {
state.set("theme", theme);
location.replace("#" + state);
}
show();
words();
announce("Theme " + theme);
});
};
const units = [["day", 86400], ["hour", 3600], ["minute", 60]];
const age = (seconds) => {
for (const [word, size] of units) {
const count = Math.floor(seconds / size);
if (count >= 1) return count + " " + word + (count === 1 ? "" : "s") + " ago";
}
return "just now";
};
const ages = () => {
for (const time of document.querySelectorAll("time[data-age]")) {
const then = Date.parse(time.dateTime);
if (Number.isNaN(then)) continue;
const words = document.createElement("span");
words.className = "age";
words.textContent = " (" + age(Math.max(0, (Date.now() - then) / 1000)) + ")";
time.after(words);
}
};
const value = (row, column) => {
const cell = row.cells[column];
return cell ? cell.dataset.value ?? cell.textContent.trim() : "";
};
const compare = (left, right) => {
const [a, b] = [Number(left), Number(right)];
if (left !== "" && right !== "" && !Number.isNaN(a) && !Number.isNaN(b)) return a - b;
if (left === "" || right === "") return (left === "") - (right === "");
return left.localeCompare(right, undefined, { numeric: true });
};
const sort = (table, heading, column) => {
const down = heading.getAttribute("aria-sort") === "ascending";
for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
heading.setAttribute("aria-sort", down ? "descending" : "ascending");
const body = table.tBodies[0];
const rows = [...body.rows].sort((a, b) => compare(value(a, column), value(b, column)) * (down ? -1 : 1));
body.append(...rows);
announce("Sorted by " + heading.textContent.trim() + (down ? ", descending" : ", ascending"));
};
const sortable = () => {
for (const table of document.querySelectorAll("table[data-sort]")) {
[...table.tHead.rows[0].cells].forEach((heading, column) => {
const button = document.createElement("button");
button.type = "button";
button.className = "sort";
button.append(...heading.childNodes);
heading.append(button);
button.addEventListener("click", () => sort(table, heading, column));
});
}
};
document.addEventListener("DOMContentLoaded", () => {
switcher();
ages();
sortable();
});
})();
"use strict";
(() => {
const { make, shard } = window.fft;
const MOST = 60;
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
const around = (text, word) => {
const at = text.toLowerCase().indexOf(word), from = Math.max(0, at - 40), to = Math.min(text.length, at + word.length + 60);
return (from > 0 ? "…" : "") + text.slice(from, to).replace(/\s+/g, " ") + (to < text.length ? "…" : "");
};
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
const KEYS = [["/ or Ctrl K", "search"], ["?", "this list"], ["Tab", "into the graph, and out of it"], ["← →", "along edges, to what is read and what reads"], ["↑ ↓", "along the column"],
["Enter", "explain the node"], ["o", "open its page, or unfold the folder"], ["f", "focus on it"], ["[ ]", "fewer or more steps around it"], ["+ − 0", "nearer, further, all of it"], ["Esc", "back"]];
let dialog, field, results, note, index, last = 0;
const prepare = () => {
dialog = make("dialog", "find");
dialog.setAttribute("aria-label", "Search");
field = make("input");
Object.assign(field, { type: "search", placeholder: "Names, columns, descriptions, SQL", spellcheck: false, autocomplete: "off", ariaLabel: "Search" });
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
note.textContent = words.length === 0 ? "" : `${found.length.toLocaleString("en")} found${found.length > MOST ? `, the first ${MOST} shown` : ""}${more}`;
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
