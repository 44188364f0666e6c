// The difference of two texts, computed here where no run recorded it: Myers' shortest edit by lines, shown as every
// other difference of the site.
"use strict";
(() => {
  const fft = window.fft, make = (...parts) => fft.make(...parts);
  const CONTEXT = 3, EDITS = 2000, ROWS = 400;

  const lines = (text) => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

  // Steps from one list to the other: [" ", old, new], ["-", old], ["+", new], by index.
  const steps = (old, now) => {
    let head = 0, oldEnd = old.length, nowEnd = now.length;
    while (head < oldEnd && head < nowEnd && old[head] === now[head]) head++;
    while (oldEnd > head && nowEnd > head && old[oldEnd - 1] === now[nowEnd - 1]) { oldEnd--; nowEnd--; }
    const same = (from, to, shift) => Array.from({ length: to - from }, (_, at) => [" ", from + at, from + at + shift]);
    const middle = shortest(old.slice(head, oldEnd), now.slice(head, nowEnd)).map(([sign, a, b]) => [sign, a === undefined ? a : a + head, b === undefined ? b : b + head]);
    return [...same(0, head, 0), ...middle, ...same(oldEnd, old.length, nowEnd - oldEnd)];
  };
  const shortest = (old, now) => {
    const [n, m] = [old.length, now.length], trace = [];
    let reach = new Map([[1, 0]]), found = n + m === 0;
    for (let d = 0; !found && d <= Math.min(n + m, EDITS); d++) {
      const next = new Map(reach);
      for (let k = -d; k <= d && !found; k += 2) {
        const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
        let x = down ? reach.get(k + 1) ?? 0 : (reach.get(k - 1) ?? 0) + 1, y = x - k;
        while (x < n && y < m && old[x] === now[y]) { x++; y++; }
        next.set(k, x);
        found = x >= n && y >= m;
      }
      trace.push(reach);
      reach = next;
    }
    // Too many edits to look for the shortest: the one text, then the other.
    if (!found) return [...old.map((_, at) => ["-", at, undefined]), ...now.map((_, at) => ["+", undefined, at])];
    const back = [];
    let [x, y] = [n, m];
    for (let d = trace.length - 1; d >= 0; d--) {
      const before = trace[d], k = x - y;
      const down = k === -d || (k !== d && (before.get(k - 1) ?? -1) < (before.get(k + 1) ?? -1));
      const from = down ? k + 1 : k - 1, fromX = before.get(from) ?? 0, fromY = fromX - from;
      while (x > fromX && y > fromY && x > 0 && y > 0) back.push([" ", --x, --y]);
      if (d > 0) back.push(down ? ["+", undefined, --y] : ["-", --x, undefined]);
    }
    // Removed lines stand before those that came for them.
    return ordered(back.reverse());
  };
  const ordered = (all) => {
    const out = [];
    let run = [];
    const flush = () => { out.push(...run.filter(([sign]) => sign === "-"), ...run.filter(([sign]) => sign === "+")); run = []; };
    for (const step of all) step[0] === " " ? (flush(), out.push(step)) : run.push(step);
    flush();
    return out;
  };

  // Steps in groups with what stands around them.
  const hunks = (all) => {
    const found = [];
    let quiet = Infinity;
    all.forEach((step, at) => {
      if (step[0] === " ") return void quiet++;
      if (quiet > 2 * CONTEXT || found.length === 0) found.push([Math.max(0, at - Math.min(CONTEXT, quiet === Infinity ? at : quiet)), at]);
      found[found.length - 1][1] = at;
      quiet = 0;
    });
    return found.map(([from, to]) => all.slice(from, Math.min(all.length, to + CONTEXT + 1)));
  };

  // What two lines don't share in their midst, as texts before, in and behind the mark.
  const parts = (line, other) => {
    const words = (text) => text.match(/\w+|\s+|[^\w\s]/g) ?? [], [own, its] = [words(line), words(other)];
    let head = 0, tail = 0;
    while (head < own.length && head < its.length && own[head] === its[head]) head++;
    while (tail < own.length - head && tail < its.length - head && own[own.length - 1 - tail] === its[its.length - 1 - tail]) tail++;
    const end = own.length - tail;
    return [own.slice(0, head).join(""), own.slice(head, end).join(""), own.slice(end).join("")];
  };
  const marked = (line, other) => {
    const code = make("code");
    const [before, inside, behind] = other === undefined ? [line, "", ""] : parts(line, other);
    // Nothing in common is no change of a line.
    if (inside === "" || before.trim() + behind.trim() === "") code.textContent = line;
    else code.append(before, make("mark", "", inside), behind);
    return code;
  };

  const WORDS = { " ": ["same", "", "unchanged"], "+": ["add", "+", "added"], "-": ["del", "−", "removed"] };
  const row = ([sign, a, b], old, now, other) => {
    const [cls, glyph, word] = WORDS[sign], tr = make("tr", cls), mark = make("td", "sign"), text = make("td", "text");
    mark.append(Object.assign(make("span", "", glyph), { ariaHidden: "true" }), make("span", "quiet", word));
    text.append(marked(sign === "-" ? old[a] : now[b], other));
    tr.append(make("td", "at", a === undefined ? "" : String(a + 1)), make("td", "at", b === undefined ? "" : String(b + 1)), mark, text);
    return tr;
  };
  // A hunk's rows: a line that was changed stands beside what it became.
  const rows = (hunk, old, now) => {
    const gone = [], come = [];
    const partner = new Map();
    const pair = () => {
      if (gone.length === come.length) gone.forEach((step, at) => { partner.set(step, now[come[at][2]]); partner.set(come[at], old[step[1]]); });
      gone.length = come.length = 0;
    };
    for (const step of hunk) step[0] === "-" ? gone.push(step) : step[0] === "+" ? come.push(step) : pair();
    pair();
    const first = hunk.find(([, a]) => a !== undefined)?.[1] ?? 0, head = make("tr", "hunk"), cell = make("td", "", `@@ line ${first + 1} @@`);
    cell.colSpan = 4;
    head.append(cell);
    return [head, ...hunk.map((step) => row(step, old, now, partner.get(step)))];
  };

  const difference = (before, after) => {
    const [old, now] = [lines(before), lines(after)], all = steps(old, now);
    const count = (sign) => all.filter((step) => step[0] === sign).length;
    const summary = `${count("+")} added, ${count("-")} removed`;
    const place = Object.assign(make("div", "diff"), { role: "group", ariaLabel: `Difference: ${summary}`, tabIndex: 0 });
    const table = make("table"), body = make("tbody"), found = hunks(all).flatMap((hunk) => rows(hunk, old, now));
    body.append(...found.slice(0, ROWS));
    table.append(make("caption", "quiet", summary), body);
    place.append(table);
    if (found.length > ROWS) place.append(make("p", "cut", `… ${(found.length - ROWS).toLocaleString("en")} more lines of this difference; fft diff shows them.`));
    if (found.length === 0) place.append(make("p", "cut", "Only the end of the text differs."));
    return place;
  };
  fft.difference = Object.assign(difference, { steps, lines });
})();
