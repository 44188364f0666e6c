// What the graph may be coloured by besides the decision. fft.lens (bar.js) says what a lens is.
"use strict";
(() => {
  const { lens, mark, plural } = window.fft;
  // Colours of site.css that are told apart beside each other, and those of a scale.
  const HUES = 8, SCALE = 5;
  const cut = (text, most = 30) => ([...text].length > most ? [...text].slice(0, most - 1).join("") + "…" : text);

  // Each cause its number and colour; what several began is one class.
  lens("cause", "Cause", (model) => {
    const { roots } = model.data, own = roots.slice(0, HUES);
    const classes = own.map((root, at) => ({ key: root.name, words: model.short(root.name), colour: "hue-" + at, sign: mark(at), root: root.name }));
    const add = (key, words, colour, sign) => classes.push({ key, words, colour, sign }) - 1;
    const several = add("several", "several causes", "text", "+");
    const others = add("others", "other causes", "muted", "");
    const failed = add("failed", "failed, or waits for what failed", "error", "✗");
    const number = new Map(roots.flatMap(({ nodes }, at) => nodes.map((node) => [node, at])));
    return {
      classes, rest: "not rebuilt",
      of(item) {
        const causes = model.causes(item);
        if (!model.isRebuilt(item)) return -1;
        return causes.length > 1 ? several : causes.length === 0 ? failed : causes[0] < own.length ? causes[0] : others;
      },
      fact: (item) => (number.has(item) ? cut(roots[number.get(item)].sentence) : ""),
    };
  });

  const recorded = () => fft.shard("lens");
  const steps = (words) => words.map((words, at) => ({ key: String(at), words, colour: `scale-${Math.min(at, SCALE - 1)}`, sign: "" }));

  // How long ago what it holds was built.
  const AGES = [[1440, "less than a day"], [10080, "less than a week"], [43200, "less than a month"], [Infinity, "a month and more"]];
  const age = (minutes) => (minutes < 60 ? `${minutes} min` : minutes < 2880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440).toLocaleString("en")} d`);
  lens("age", "Age", async (model) => {
    const { ages, newest } = await recorded(), now = Math.floor(Date.now() / 60000);
    const since = (item) => ((ages[item] ?? -1) < 0 ? -1 : Math.max(0, now - newest + ages[item]));
    return {
      classes: [...steps(["built by the last run", ...AGES.map(([, words]) => words)]), { key: "never", words: "never built", colour: "error", sign: "✗" }].reverse(),
      of(item) {
        if (model.isBuilt(item)) return AGES.length + 1;
        return since(item) < 0 ? 0 : AGES.length - AGES.findIndex(([most]) => since(item) < most);
      },
      fact: (item) => (!model.isSource(item) && since(item) >= 0 ? `${age(since(item))} old` : ""),
    };
  });

  // What its last build took, in the last run or before.
  const TIMES = [[100, "less than 0.1 s"], [1000, "less than 1 s"], [10000, "less than 10 s"], [60000, "less than 1 min"], [Infinity, "1 min and more"]];
  const time = (ms) => (ms < 1000 ? `${ms} ms` : ms < 60000 ? `${(Math.floor(ms / 100) / 10).toFixed(1)} s` : `${Math.floor(ms / 60000)} min ${Math.floor(ms / 1000) % 60} s`);
  lens("time", "Time", async () => {
    const { milliseconds } = await recorded();
    return {
      classes: steps(TIMES.map(([, words]) => words)).reverse(), rest: "not known",
      of: (item) => ((milliseconds[item] ?? -1) < 0 ? -1 : TIMES.length - 1 - TIMES.findIndex(([most]) => milliseconds[item] < most)),
      fact: (item) => ((milliseconds[item] ?? -1) < 0 ? "" : time(milliseconds[item])),
    };
  });

  // More rows or fewer than the build before.
  lens("rows", "Rows", async (model) => {
    const { rows } = await recorded();
    const change = (item) => (model.before(item) < 0 || model.rows(item) < 0 ? null : Math.sign(model.rows(item) - model.before(item)));
    return {
      classes: [{ key: "fewer", words: "fewer rows", colour: "error", sign: "–" }, { key: "more", words: "more rows", colour: "build", sign: "+" },
        { key: "same", words: "as many rows", colour: "skip", sign: "", quiet: true }],
      rest: "not built, or not known",
      of: (item) => ({ "-1": 0, 1: 1, 0: 2 })[change(item)] ?? -1,
      fact: (item) => model.rowsWord(item) || ((rows[item] ?? -1) < 0 ? "" : plural(rows[item], "row")),
    };
  });

  // Who reads the columns that edits changed. What is sure is solid; what was rebuilt and reads none of them is hatched.
  lens("columns", "Columns", async (model) => {
    const [{ edits }, lists] = await Promise.all([fft.shard("column-impact"), fft.shard("reached")]), found = new Map();
    const put = (item, number) => item !== undefined && found.set(item, Math.min(found.get(item) ?? number, number));
    for (const item of model.nodes) if (model.code(item).split(" ").includes("columns_unread")) put(item, 4);
    for (const [name, readers, perhaps] of edits) {
      let last = 0;
      for (const step of lists[model.data.roots.findIndex(({ names }) => names.includes(name))] ?? []) put((last += step), 3);
      readers.forEach((item) => put(item, 1));
      perhaps.forEach((item) => put(item, 2));
      put(model.find(name), 0);
    }
    const classes = [["edited", "columns edited here", "build", "✎"], ["reads", "reads a changed column", "hue-0", "●"], ["may", "may read one", "hue-1", "?"],
      ["none", "rebuilt, reads none", "muted", "–"], ["left", "skipped, reads none", "skip", ""]];
    return {
      classes: classes.map(([key, words, colour, sign]) => ({ key, words, colour, sign, hatched: key === "none", quiet: key === "left" })),
      rest: "not rebuilt for such an edit",
      of: (item) => found.get(item) ?? -1,
      fact: (item) => (found.has(item) ? classes[found.get(item)][1] : ""),
    };
  }, (model) => model.data.columned);

  // How the tests of each node came out, the worst of them.
  const RESULTS = [["f", "a test failed", "error", "✗", "failed"], ["w", "a test warned", "blocked", "!", "warned"], ["p", "all passed", "build", "✓", "passed"]];
  lens("tests", "Tests", (model) => ({
    classes: RESULTS.map(([key, words, colour, sign]) => ({ key, words, colour, sign })),
    rest: "not tested",
    of: (item) => RESULTS.findIndex(([key]) => key === model.tests(item)[0]),
    fact(item) {
      const found = RESULTS.find(([key]) => key === model.tests(item)[0]);
      return found ? `${plural(Number(model.tests(item).slice(1)), "test")} ${found[4]}` : "";
    },
  }), (model) => model.data.tested);

  lens("owner", "Owner", (model) => {
    const counts = new Map(), owner = (item) => model.owners(item)[0] ?? "";
    for (const item of model.nodes) if (owner(item)) counts.set(owner(item), (counts.get(owner(item)) ?? 0) + 1);
    const first = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, HUES).map(([name]) => name);
    const classes = first.map((name, at) => ({ key: name, words: name, colour: "hue-" + at, sign: "" }));
    if (counts.size > first.length) classes.push({ key: "", words: "other owners", colour: "muted", sign: "" });
    const number = (item) => (owner(item) === "" ? -1 : first.includes(owner(item)) ? first.indexOf(owner(item)) : classes.length - 1);
    return { classes, rest: "no owner", of: number, fact: owner, column: (item) => [owner(item) || "~", owner(item) || "no owner"] };
  }, (model) => model.data.owned);
})();
