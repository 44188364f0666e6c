// What a run decided of every node, as src/site/told writes it: rows of places in lists become values with names.
"use strict";
(() => {
  const fft = window.fft, make = (...parts) => fft.make(...parts);
  const read = ({ badges, built, id, nodes, roots, words }) => {
    const build = ([run, at, commit]) => ({ run: words[run], at: words[at] ?? null, commit: words[commit] ?? null });
    const builds = built.map(build);
    const node = ([name, print, before, badge, why, causes, checks, roots, of, rows, ms, piece]) => ({
      name, print, before, rows, ms, piece,
      badge: badges[badge],
      why: words[why],
      causes: causes.map(([code, sentence]) => ({ code: words[code], sentence: words[sentence] })),
      checks: checks.map(([check, ok, evidence]) => ({ name: words[check], ok: ok === 1, evidence: words[evidence] })),
      roots: roots.map((root) => words[root]),
      built: of < 0 ? null : builds[of],
    });
    const all = nodes.map(node);
    const begun = roots.map(([name, sentence, impact]) => ({ name: words[name], sentence: words[sentence], impact }));
    return { id, nodes: all, roots: begun, byName: new Map(all.map((one) => [one.name, one])) };
  };
  const known = new Map();
  // A run by the name of its shard; null where there is none.
  const told = (name) => {
    if (!known.has(name)) known.set(name, fft.shard(name).then((value) => value && read(value)));
    return known.get(name);
  };

  const root = () => document.body.dataset.root;
  const badge = ([glyph, word, cls]) => {
    const element = make("span", "badge " + cls);
    element.append(Object.assign(make("span", "glyph", glyph), { ariaHidden: "true" }), " " + word);
    return element;
  };
  const link = (cls, text, href) => Object.assign(make("a", cls, text), { href });
  // A check's sign; what it says is beside it or in its title.
  const check = ({ ok }) => {
    const element = make("span", ok ? "yes" : "no");
    element.append(Object.assign(make("span", "", ok ? "✓" : "✗"), { ariaHidden: "true" }), make("span", "quiet", ok ? "holds" : "fails"));
    return element;
  };
  // `2026-11-22 10:15:00 UTC`, as pages say it.
  const time = (at) => (/^\d{4}-\d\d-\d\dT.*Z$/.test(at ?? "") ? at.slice(0, 10) + " " + at.slice(11, 19) + " UTC" : at ?? "");
  const units = [["d", 86400], ["h", 3600], ["min", 60]];
  const age = (at) => {
    const seconds = (Date.now() - Date.parse(at)) / 1000;
    const unit = units.find(([, size]) => seconds >= size);
    return Number.isNaN(seconds) ? "" : unit ? Math.floor(seconds / unit[1]) + " " + unit[0] : "now";
  };
  // The explanation of a node in a run: where a person or another page leads.
  const explanation = (page, name) => root() + "runs/" + page + ".html#node=" + encodeURIComponent(name);
  // The run that somebody means: an id or how it begins, a commit, a tag, a date, `latest~N`, `last green`, `last tag`; and
  // against another run of the same profile `previous` and `previous tag`.
  const resolve = (runs, words, other) => {
    const wanted = words.trim(), earlier = other ? runs.slice(runs.indexOf(other) + 1).filter((run) => run.profile === other.profile) : [], back = /^latest(?:~(\d+))?$/.exec(wanted);
    if (back) return runs[Number(back[1] ?? 0)];
    if (/^previous$/i.test(wanted)) return earlier[0];
    if (/^previous[ -]tag$/i.test(wanted)) return earlier.find((run) => run.tags.length > 0);
    if (/^last[ -]tag$/i.test(wanted)) return runs.find((run) => run.tags.length > 0);
    if (/^last[ -]green$/i.test(wanted)) return runs.find((run) => run.green);
    const day = /^\d{4}-\d\d-\d\d$/.test(wanted) && wanted + "T99";
    return (
      runs.find((run) => run.id === wanted) ??
      runs.find((run) => run.tags.includes(wanted)) ??
      (day ? runs.find((run) => run.at < day) : undefined) ??
      (wanted.length > 3 ? runs.find((run) => run.id.startsWith(wanted)) : undefined) ??
      (/^[0-9a-f]{4,}$/i.test(wanted) ? runs.find((run) => run.commit?.startsWith(wanted.toLowerCase())) : undefined)
    );
  };

  // A node's name that leads to its page, where `pages` has one.
  const named = (name, pages) => fft.name(name, Object.hasOwn(pages, name) ? `${root()}nodes/${pages[name]}.html` : undefined);

  window.fft.told = Object.assign(told, { named, resolve, age, badge, check, explanation, link, read, root, time });
})();
