// Computes again, in the browser, what a page says: a node's fingerprint from its components, the digest of each value
// that is shown, the digest of a run's record and the chain of records before it. Format: docs/fingerprints.md.
"use strict";
(() => {
  const { announce, make, shard } = window.fft;
  const encoder = new TextEncoder();
  const bytes = (part) => (typeof part === "string" ? encoder.encode(part) : part);
  const lp = (part) => {
    const content = bytes(part), head = new Uint8Array(8);
    new DataView(head.buffer).setBigUint64(0, BigInt(content.length));
    return [head, content];
  };
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const sha = async (...parts) => hex(await crypto.subtle.digest("SHA-256", await new Blob(parts.map(bytes)).arrayBuffer()));
  const leaf = (kind, name, content) => sha("fft-leaf-v1", ...lp(kind), ...lp(name), ...lp(content));
  const value = (components) => sha("fft-node-v1", ...components.flatMap((one) =>
    [...lp(one.kind), ...lp(one.name), Uint8Array.of(one.present ? 1 : 0), unhex(one.digest)]));
  const short = (digest) => digest.slice(0, 8) + "…";
  const count = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

  // The bytes of a record, as its shard packs them.
  const unpacked = async (packed) => {
    const stream = new Blob([Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0))]).stream();
    return new Uint8Array(await new Response(stream.pipeThrough(new DecompressionStream("deflate"))).arrayBuffer());
  };
  const record = async (name) => {
    const packed = await shard(name);
    if (!packed) return null;
    const content = await unpacked(packed);
    return { digest: await sha(content), told: JSON.parse(new TextDecoder().decode(content)) };
  };

  // What a text is where HTML would change it, else what is seen.
  const exact = (element) => (element.dataset.exact === undefined ? element.textContent : JSON.parse(element.dataset.exact));

  // The components that the table shows of what is now.
  const components = (table) => [...table.tBodies[0].rows].filter((row) => row.dataset.leaf !== undefined).map((row) => {
    const cell = row.querySelector(".value"), shown = cell?.querySelector("code, pre"), now = row.querySelector(".now");
    const cut = cell?.dataset.cut !== undefined;
    const content = cell?.dataset.exact !== undefined ? JSON.parse(cell.dataset.exact) : cut ? undefined : shown?.textContent;
    return {
      kind: row.querySelector(".kind").textContent,
      name: exact(row.querySelector("th")),
      nameless: row.dataset.nameless !== undefined,
      present: row.dataset.state === "1",
      digest: row.dataset.leaf,
      seen: now.textContent.trim(),
      withheld: cell !== null && cell.textContent.trim() === "withheld",
      content: row.dataset.state === "1" ? content : "",
    };
  });

  // What agrees and what doesn't: { good: [sentence], bad: [sentence], notes: [sentence] }.
  const fingerprint = async (table) => {
    const told = { good: [], bad: [], notes: [] }, all = components(table), keyed = table.dataset.keyed !== undefined;
    const left = { "recomputed": 0, "withheld": 0, "keyed": 0, "not on this page": 0 };
    for (const one of all) {
      const where = `${one.kind} ${one.name}`;
      if (one.present && !one.digest.startsWith(one.seen)) told.bad.push(`${where}: the page shows ${one.seen} for ${short(one.digest)}`);
      if (one.nameless || one.withheld) left.withheld++;
      else if (keyed && one.kind === "env" && one.present) left.keyed++;
      else if (one.content === undefined) left["not on this page"]++;
      else if ((await leaf(one.kind, one.name, one.content)) === one.digest) left.recomputed++;
      else told.bad.push(`${where}: its value doesn’t have the digest ${short(one.digest)}`);
    }
    const nameless = all.filter((one) => one.nameless).length, wanted = table.dataset.value;
    const { recomputed, ...others } = left;
    const rest = Object.entries(others).filter(([, number]) => number > 0).map(([word, number]) => `, ${number} ${word}`).join("");
    const leaves = `${count(recomputed, recomputed === 1 ? "leaf" : "leave")} recomputed${rest}`;
    if (nameless > 0) told.notes.push(`${short(wanted)} can’t be computed here: ${count(nameless, "name")} of its ${count(all.length, "component")} ${nameless === 1 ? "is" : "are"} withheld on this site; ${leaves}`);
    else if ((await value(all)) === wanted) told.good.push(`${short(wanted)} follows from its ${count(all.length, "component")}; ${leaves}`);
    else told.bad.push(`${short(wanted)} doesn’t follow from its ${count(all.length, "component")}`);
    return told;
  };

  // Whether the record that the page names is what its digest says, and holds the node's fingerprint.
  const held = async (place, table, told) => {
    const { run, shard: name, digest } = place.dataset;
    const found = run && (await record(name));
    if (!found) return told.notes.push("no record on this site holds its components");
    if (found.digest !== digest) return told.bad.push(`the record of run ${run} isn’t what its SHA-256 ${short(digest)} says`);
    const value = found.told.fingerprints[table.dataset.node]?.value;
    if (value !== table.dataset.value) return told.bad.push(`the record of run ${run} holds another fingerprint, ${value ? short(value) : "none"}`);
    told.good.push(`the record of run ${run} is what its SHA-256 ${short(digest)} says, and holds this fingerprint`);
  };

  // Back from one record to the oldest that is here: each is what the one behind it holds.
  const chain = async (place) => {
    const told = { good: [], bad: [], notes: [] }, { run, shard: first, digest, previous, redacted } = place.dataset;
    if (!first) return { ...told, notes: ["the record isn’t on this site: a site has the newest 64 MiB of records"] };
    const own = await record(first);
    if (own?.digest !== digest) return { ...told, bad: [`the record isn’t what its SHA-256 ${short(digest)} says`] };
    if (own.told.results.metadata.run_id !== run) return { ...told, bad: [`it is the record of run ${own.told.results.metadata.run_id}`] };
    if ((own.told.previous?.digest ?? undefined) !== previous) return { ...told, bad: ["the record holds another SHA-256 for the one before it than this page"] };
    if (redacted !== undefined) {
      told.good.push(`this copy is what its SHA-256 ${short(digest)} says`);
      told.notes.push("parts of it are withheld, so the chain is computed from the records in the project");
      return told;
    }
    let at = own.told.previous, links = 1;
    while (at) {
      const found = await record("record-" + at.run_id);
      if (!found) break;
      if (found.digest !== at.digest) return { ...told, bad: [`the record of run ${at.run_id} isn’t what the one behind it holds: ${short(at.digest)}`] };
      at = found.told.previous;
      links++;
    }
    told.good.push(`the record is what its SHA-256 ${short(digest)} says; the chain of ${count(links, "record")} ${at ? `back to the oldest that is here` : "back to the first run"} holds`);
    return told;
  };

  const show = (place, told) => {
    const line = (sign, cls) => (text) => {
      const item = make("p", cls);
      item.append(Object.assign(make("span", "sign", sign), { ariaHidden: "true" }), " ", text + ".");
      return item;
    };
    place.replaceChildren(
      ...told.bad.map(line("✗", "no")), ...told.good.map(line("✓", "yes")), ...told.notes.map(line("–", "note")));
    place.dataset.result = told.bad.length > 0 ? "bad" : told.good.length > 0 ? "good" : "open";
    announce(place.textContent);
  };

  const start = () => {
    const button = document.getElementById("verify"), place = document.getElementById("verified");
    const table = document.querySelector("table.components"), links = document.querySelector("dl.chain");
    if (!button || !place || !(links || table?.querySelector("[data-leaf]"))) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (!globalThis.crypto?.subtle) {
        return show(place, { good: [], bad: [], notes: ["this browser computes digests on https, on localhost and of files alone"] });
      }
      button.disabled = true;
      try {
        const told = links ? await chain(links) : await fingerprint(table);
        if (!links) await held(place, table, told);
        show(place, told);
      } catch (error) {
        show(place, { good: [], bad: [`it can’t be computed: ${error.message}`], notes: [] });
      }
      button.disabled = false;
    });
  };
  window.fft.verify = { leaf, value };
  document.addEventListener("DOMContentLoaded", start);
})();
