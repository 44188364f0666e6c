"use strict";
document.addEventListener("DOMContentLoaded", async () => {
const find = (id) => document.getElementById(id);
const [runs, pages] = await Promise.all([fft.shard("runs"), fft.shard("pages")]);
if (!runs || runs.length === 0) return;
const [NAME, PRINT, WORD, WHY] = [0, 1, 2, 3];
const [before, after] = [find("before"), find("after")];
for (const select of [before, after]) {
for (const run of runs) {
const words = run.id + " · " + run.time + (run.commit ? " · " + run.commit : "");
select.append(new Option(words, run.id));
}
select.addEventListener("change", () => { write(); show(); });
}
find("swap").addEventListener("click", () => {
[before.value, after.value] = [after.value, before.value];
write();
show();
});
const read = () => {
const hash = new URLSearchParams(location.hash.slice(1));
const known = (id, other) => (runs.some((run) => run.id === id) ? id : other);
after.value = known(hash.get("after"), runs[0].id);
before.value = known(hash.get("before"), (runs[1] ?? runs[0]).id);
};
const write = () => {
const hash = new URLSearchParams(location.hash.slice(1));
hash.set("before", before.value);
hash.set("after", after.value);
location.hash = hash.toString();
};
const nodes = async (id) => {
const shard = runs.find((run) => run.id === id).shard;
return new Map((await fft.shard(shard)).map((node) => [node[NAME], node]));
};
const cell = (row, label, text, kind = "td", style = "") => {
const cell = document.createElement(kind);
cell.dataset.label = label;
if (kind === "th") cell.scope = "row";
if (style) cell.className = style;
cell.append(text ?? "");
row.append(cell);
};
const link = (node) => {
if (!Object.hasOwn(pages, node[NAME])) return Object.assign(document.createElement("span"), { className: "name", textContent: node[NAME] });
return Object.assign(document.createElement("a"), {
className: "name",
textContent: node[NAME],
href: document.body.dataset.root + "nodes/" + pages[node[NAME]] + ".html",
});
};
let asked = 0;
const show = async () => {
const mine = ++asked;
const [old, now] = await Promise.all([nodes(before.value), nodes(after.value)]);
if (mine !== asked) return;
const names = [...new Set([...old.keys(), ...now.keys()])].sort();
const counts = { added: 0, removed: 0, changed: 0, unchanged: 0 };
const rows = [];
for (const name of names) {
const [left, right] = [old.get(name), now.get(name)];
const change = !left ? "added" : !right ? "removed" : left[PRINT] !== right[PRINT] ? "changed" : "unchanged";
counts[change] += 1;
if (change === "unchanged") continue;
const row = document.createElement("tr");
cell(row, "Change", change.toUpperCase());
cell(row, "Node", link(right ?? left), "th");
cell(row, "Fingerprint before", left?.[PRINT], "td", "mono");
cell(row, "Fingerprint after", right?.[PRINT], "td", "mono");
cell(row, "Decision before", left?.[WORD]);
cell(row, "Decision after", right?.[WORD]);
cell(row, "Why, after", right?.[WHY], "td", "why");
rows.push(row);
}
const words = Object.entries(counts).filter(([word, count]) => count > 0 || word === "unchanged");
find("totals").textContent = words.map(([word, count]) => count + " " + word).join(" · ");
find("command").textContent = "fft diff " + before.value + " " + after.value;
find("compared").tBodies[0].replaceChildren(...rows);
find("compared").hidden = rows.length === 0;
for (const id of ["totals", "more"]) find(id).hidden = false;
fft.announce(find("totals").textContent);
};
addEventListener("hashchange", () => { read(); show(); });
find("choose").hidden = false;
find("without").hidden = true;
read();
show();
});
