// Follows the project from an open page: loads the page again when the site changed and says what that was, shows a run
// that is going on, and tells what a run now would do. `fft docs serve` alone adds it; no other host has it.
"use strict";
(() => {
  const PAUSE = 1000, SHOWN = 20_000, LISTED = 200, KEY = "fft-last-run";
  let known = null, site = null, plan = null, waiting = false, dock, parts, outlook = null;

  const make = (name, cls, text) => {
    const element = document.createElement(name);
    if (cls) element.className = cls;
    if (text !== undefined && text !== null) element.textContent = text;
    return element;
  };
  const link = (path, text, cls) => {
    const element = make("a", cls, text);
    element.href = (document.body.dataset.root ?? "") + path;
    return element;
  };
  // What a page knew before it was loaded again; private mode keeps nothing.
  const store = { get() { try { return sessionStorage.getItem(KEY); } catch { return null; } }, set(value) { try { sessionStorage.setItem(KEY, value); } catch {} } };

  // The answer comes as a script, since a page's policy lets nothing else in. It takes as long as nothing changes,
  // but not for ever; a page that nobody sees doesn't ask.
  const ask = (address, done) => {
    const script = document.createElement("script");
    const end = (pause) => {
      script.remove();
      done?.(pause);
    };
    script.onload = () => end(0);
    script.onerror = () => end(PAUSE);
    script.src = address;
    document.head.append(script);
  };
  const wait = () => {
    if (waiting || document.hidden) return;
    waiting = true;
    ask("/__fft/wait.js?since=" + encodeURIComponent(known ?? ""), (pause) => {
      waiting = false;
      setTimeout(wait, pause);
    });
  };

  const prepare = () => {
    if (dock) return;
    dock = make("aside", "live");
    dock.setAttribute("aria-label", "Live");
    parts = { news: make("p", "news"), run: make("p", "run"), wrong: make("div", "wrong"), plan: make("details", "ahead") };
    for (const part of Object.values(parts)) part.hidden = true;
    parts.news.setAttribute("role", "status");
    parts.run.setAttribute("role", "status");
    parts.wrong.setAttribute("role", "alert");
    dock.append(parts.news, parts.run, parts.wrong, parts.plan);
    document.body.append(dock);
    dock.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !parts.plan.open) return;
      parts.plan.open = false;
      parts.plan.querySelector("summary").focus();
      event.stopPropagation();
    });
  };
  const show = (part, ...content) => {
    prepare();
    parts[part].replaceChildren(...content);
    parts[part].hidden = content.length === 0;
  };

  const age = (instant) => {
    const seconds = Math.max(0, Math.round((Date.now() - Date.parse(instant)) / 1000));
    if (Number.isNaN(seconds)) return "";
    return seconds < 60 ? `${seconds} s ago` : seconds < 3600 ? `${Math.floor(seconds / 60)} min ago` : `${Math.floor(seconds / 3600)} h ago`;
  };
  // The run that ended since this page was last looked at.
  const news = (last) => {
    const before = store.get();
    store.set(last.run_id);
    if (before === null || before === last.run_id) return;
    const when = make("span", "when", age(last.at)), tick = setInterval(() => { when.textContent = age(last.at); }, 1000);
    show("news", make("b", "", `New run: ${last.words}`), when, link(last.page, "What changed"));
    parts.news.classList.remove("gone");
    setTimeout(() => parts.news.classList.add("gone"), SHOWN);
    setTimeout(() => {
      clearInterval(tick);
      // Whoever has the focus in it is still reading.
      if (!parts.news.contains(document.activeElement)) show("news");
    }, SHOWN + 2500);
  };
  const run = (under) => {
    if (!under) return void (parts && show("run"));
    const bar = make("progress");
    Object.assign(bar, { max: under.of, value: under.done });
    bar.setAttribute("aria-label", "Nodes of the run that have ended");
    show("run", make("span", "", under.words[0].toUpperCase() + under.words.slice(1)), bar);
  };

  window.fftServed = (version, state) => {
    if (site !== null && site !== state.site) return void location.reload();
    [known, site] = [version, state.site];
    if (state.runs?.last) news(state.runs.last);
    run(state.runs?.under_way);
    if (state.plan !== 0 && state.plan !== plan) {
      plan = state.plan;
      ask("/__fft/plan.js?of=" + plan);
    }
  };

  // What a run now would do.
  const clock = (instant) => {
    const time = new Date(instant);
    return Number.isNaN(time.getTime()) ? "" : time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  };
  const problem = ({ at, code, excerpt, hints, message }) => {
    const element = make("div"), head = make("p");
    head.append(make("b", "", "There is no newer plan"), make("span", "", message));
    if (at) head.append(make("code", "place", at));
    element.append(head);
    if (excerpt) element.append(make("pre", "", excerpt));
    for (const hint of hints) element.append(make("pre", "hint", `hint: ${hint}`));
    if (code) element.dataset.code = code;
    return element;
  };
  const item = ({ bytes, class: cls, glyph, name, page, why, word }) => {
    const element = make("li"), badge = make("span", "badge " + cls), sign = make("span", "glyph", glyph);
    sign.setAttribute("aria-hidden", "true");
    badge.append(sign, " " + word);
    element.append(badge, link(page, name, "name"), make("span", "why", why));
    if (bytes) element.append(make("span", "bytes note", bytes));
    return element;
  };
  const own = () => {
    const here = document.body.dataset.page ?? "";
    if (!here.startsWith("nodes/") || !outlook?.plan) return [];
    const found = outlook.plan.nodes.find(({ page }) => page === here);
    return [make("span", "own", found ? `This node would be built: ${found.why}` : "This node would be left as it is.")];
  };
  window.fftPlanned = (next) => {
    outlook = next;
    if (!next) return;
    show("wrong", ...next.problems.map(problem));
    const found = next.plan, open = parts.plan.open;
    if (!found) return;
    const summary = make("summary"), when = make("span", "when", ` ${next.busy ? `as of ${clock(found.at)}; ${next.busy}` : next.problems.length > 0 ? `the last good plan, of ${clock(found.at)}` : clock(found.at)}`);
    summary.append(make("b", "", found.sentence), when);
    const list = make("ul"), facts = [];
    for (const node of found.nodes.slice(0, LISTED)) list.append(item(node));
    if (found.nodes.length > LISTED) list.append(make("li", "note", `… and ${(found.nodes.length - LISTED).toLocaleString("en")} more`));
    if (found.scans) facts.push(`expected to scan ${found.scans}`);
    facts.push(`${found.skipped.toLocaleString("en")} would be left as they are`);
    const about = make("p", "note");
    about.append(...own(), make("span", "", facts.join(" · ")));
    const graph = document.getElementById("graph");
    if (window.fft?.lens && graph && found.nodes.length > 0) {
      const shown = make("a", "", "Show it in the graph");
      shown.href = "#lens=plan";
      shown.addEventListener("click", (event) => {
        event.preventDefault();
        window.fft.show({ lens: "plan" });
        graph.scrollIntoView({ block: "start" });
      });
      about.append(shown);
    }
    show("plan", summary, about, list);
    parts.plan.open = open;
    lens(found);
  };
  // A way to colour the graph, apart from what the last run did.
  const lens = ({ nodes }) => {
    const built = new Map(nodes.map((node) => [node.name, node])), cut = (text) => (text.length > 40 ? text.slice(0, 39) + "…" : text);
    window.fft?.lens?.("plan", "Plan", (model) => ({
      classes: [{ key: "build", words: "would be built", colour: "build", sign: "✓" }, { key: "cascade", words: "would follow", colour: "cascade", sign: "↳" }],
      rest: "would be left",
      of(item) {
        const node = built.get(model.names[item]);
        return node ? (node.class === "cascade" ? 1 : 0) : -1;
      },
      fact: (item) => cut(built.get(model.names[item])?.why ?? ""),
    }));
  };

  document.addEventListener("visibilitychange", wait);
  addEventListener("load", wait);
})();
