// The explanation beside the graph: of a node, a cause or a group, and a cause's reach step by step. fft.panel(parts, on)
// fills it from shards; what `on` has is in graph.js.
"use strict";
(() => {
  const { make, button, named, plural, announce, mark } = window.fft;

  // HTML that the site's own pages have too (a description, a difference) as elements: the few that such a text is made
  // of, with the few attributes that they have. Anything else is left out, so that nothing that was written runs.
  const TAGS = new Set("a abbr article b blockquote br caption code col colgroup dd del div dl dt em h3 h4 h5 h6 hr i li mark ol p pre s span strong table tbody td th thead tr ul input".split(" "));
  const ATTRIBUTES = ["class", "role", "aria-label", "aria-hidden", "colspan", "align", "start", "type", "checked", "disabled", "title"];
  const markup = (html) => {
    const copy = (from, to) => {
      for (const node of from.childNodes) {
        if (node.nodeType === 3) to.append(node.data);
        if (node.nodeType !== 1) continue;
        const name = node.localName;
        if (!TAGS.has(name) || (name === "input" && node.type !== "checkbox")) continue;
        // Headings stand below those of the panel.
        const element = to.appendChild(make(name.replace(/^h\d$/, ([, level]) => "h" + Math.min(6, Number(level) + 2))));
        for (const attribute of ATTRIBUTES) if (node.hasAttribute(attribute)) element.setAttribute(attribute, node.getAttribute(attribute));
        if (name === "a" && /^(https?:|mailto:)/i.test(node.getAttribute("href") ?? "")) Object.assign(element, { href: node.getAttribute("href"), rel: "noopener noreferrer nofollow" });
        copy(node, element);
      }
      return to;
    };
    return copy(new DOMParser().parseFromString(html, "text/html").body, make("div"));
  };

  const panel = (parts, on) => {
    const { model } = on, { roots } = model.data;
    const rootOf = (name) => roots.findIndex(({ names }) => names.includes(name));
    const title = (words) => make("h4", "", words);

    const nodeLink = on.link;
    const rootLink = (at) => {
      return fft.name(roots[at].name, on.address({ root: roots[at].name, node: "", step: "" }));
    };
    // Names, all of them within reach: the first at once, the others when they are asked for.
    const list = (words, items, of = nodeLink) => {
      const most = 12, element = make("ul", "names"), entry = (item) => element.appendChild(make("li")).append(of(item));
      if (items.length === 0) return [];
      items.slice(0, most).forEach(entry);
      if (items.length <= most) return [title(words), element];
      const more = button(`Show all ${items.length.toLocaleString("en")}`, () => {
        const at = element.children.length;
        more.remove();
        items.slice(most).forEach(entry);
        element.children[at]?.querySelector("a")?.focus();
      });
      return [title(words), element, more];
    };
    const badge = ([cls, glyph, word]) => {
      const element = make("span", "badge " + cls), sign = make("span", "glyph", glyph);
      sign.setAttribute("aria-hidden", "true");
      element.append(sign, " " + word);
      return element;
    };
    const actions = (...all) => {
      const element = make("p", "actions");
      element.append(...all.filter((one) => one));
      return element;
    };
    const pageLink = (item, words = "Open its page") => {
      const link = make("a", "tool", words);
      link.href = document.body.dataset.root + model.page(item);
      return link;
    };
    const auditLink = (item) => {
      const link = make("a", "tool", "In the audit");
      link.href = `${document.body.dataset.root}audit.html#node=${encodeURIComponent(model.names[item])}`;
      return link;
    };
    const copyLink = () => {
      const copy = button("Copy link", () => fft.clip(location.href).then(() => told("Copied"), () => told("Not copied")));
      const told = (words) => {
        copy.textContent = words;
        announce(words);
        setTimeout(() => (copy.textContent = "Copy link"), 1500);
      };
      return copy;
    };

    const fill = (heading, ...content) => {
      const head = make("div", "head"), name = make("h3", "name");
      name.append(heading);
      head.append(name, named(button("×", on.leave, "tool close"), "Close"));
      parts.panel.replaceChildren(head, ...content);
      parts.panel.scrollTop = 0;
      parts.panel.hidden = false;
    };
    const close = () => {
      parts.panel.hidden = true;
      parts.panel.replaceChildren();
    };
    const headline = (item) => {
      return fft.name(model.names[item], document.body.dataset.root + model.page(item), "");
    };

    // Why a root was built, with its difference, and what an edit of columns is to a node that followed it.
    const difference = async (name, here, reader) => {
      const item = on.find(name), html = item === undefined ? null : await fft.shard("cause-" + item);
      const element = make("section", "because"), at = rootOf(name), head = make("p", "root");
      if (at >= 0) head.append(make("span", "mark", mark(at)), " ");
      if (here) head.append("Its own");
      else head.append(item !== undefined ? nodeLink(item) : at >= 0 ? rootLink(at) : fft.name(name));
      if (!html && at >= 0) head.append(" ", roots[at].sentence);
      element.append(head);
      if (html) element.append(markup(html));
      if (!here && model.data.columned) {
        const { edits, words } = await fft.shard("column-impact"), edit = edits.find(([one]) => one === name), of = edit?.slice(1).findIndex((list) => list.includes(reader));
        if (edit) element.append(make("p", "reads", words.at(of)));
      }
      return html || at >= 0 ? element : null;
    };

    // The failed nodes that a blocked one waits for, with what they said.
    const culprits = async (item) => {
      const up = fft.reach([item], Infinity, (one) => (model.decision(one)[0] === "blocked" ? model.upstream[one] : []));
      const failed = [...up].filter((one) => model.decision(one)[0] === "error"), found = [];
      for (const one of failed.slice(0, 3)) {
        const line = make("p");
        line.append(badge(model.decision(one)), " ", nodeLink(one));
        found.push(line, make("pre", "message", (await on.detail(one))?.message ?? model.sentence(one)));
      }
      return found.length > 0 ? [title("It waits for"), ...found] : [];
    };

    const checks = (all) => {
      const bad = all.filter(([, holds]) => !holds).length, element = make("details", "checks"), inside = make("ul", "checks");
      const words = bad === 0 ? (all.length === 1 ? "it holds" : "all hold") : `${bad} ${bad === 1 ? "doesn’t" : "don’t"} hold`;
      for (const [, holds, evidence] of all) {
        const line = inside.appendChild(make("li")), sign = make("span", holds ? "yes" : "no", holds ? "✓" : "✗");
        line.append(sign, ` ${evidence}`);
      }
      element.append(make("summary", "", `${plural(all.length, "check")} of a skip, ${words}`), inside);
      return element;
    };

    const path = (detail, item) => {
      const element = make("ol", "path");
      for (const name of detail.path) {
        const one = on.find(name), cls = one === item ? "name here" : "name";
        element.appendChild(make("li")).append(one === undefined ? fft.name(name, undefined, cls) : nodeLink(one, cls));
      }
      return [title("Path from its root"), element, ...(detail.elided > 0 ? [make("p", "note", `${detail.elided.toLocaleString("en")} nodes are left out in the middle.`)] : [])];
    };

    const rows = (item) => {
      const [before, now] = [model.before(item), model.rows(item)], text = (number) => number.toLocaleString("en");
      if (now < 0) return "";
      return before >= 0 && before !== now ? `${text(before)} → ${plural(now, "row")}` : plural(now, "row");
    };

    const explain = async (item, detail) => {
      const found = [], name = model.names[item];
      if (detail.message) found.push(make("pre", "message", [detail.message, ...(detail.details ?? [])].join("\n")));
      if (detail.at) found.push(make("p", "note", `at ${detail.at}`));
      if (model.decision(item)[0] === "blocked") found.push(...(await culprits(item)));
      if (model.isRebuilt(item)) {
        const names = [name, ...(detail.roots ?? []).filter((root) => root !== name)];
        const all = (await Promise.all(names.slice(0, 4).map((root) => difference(root, root === name, item)))).filter((one) => one);
        const rest = names.slice(4).map(rootOf).filter((at) => at >= 0);
        if (all.length > 0) found.push(title("What changed"), ...all, ...list("And because of", rest, rootLink));
        if (detail.more_roots > 0) found.push(make("p", "note", `… and ${detail.more_roots.toLocaleString("en")} more causes, on its page.`));
        if (all.length === 0 && detail.causes) {
          const causes = make("ul", "causes");
          for (const [, sentence] of detail.causes) causes.append(make("li", "", sentence));
          if (detail.more > 0) causes.append(make("li", "note", `… and ${detail.more} more`));
          found.push(title(detail.causes.length === 1 ? "Cause" : "Causes"), causes);
        }
      }
      if (detail.path?.length > 1) found.push(...path(detail, item));
      if (detail.checks?.length > 0) found.push(checks(detail.checks));
      if (detail.description) {
        const text = markup(detail.description);
        text.className = "prose";
        found.push(title("Description"), text);
      }
      return found;
    };

    const node = async (item, seen, current) => {
      const decision = model.decision(item), name = model.names[item], level = model.isSource(item) ? "" : "level " + model.level(item);
      const where = model.sentence(item).includes(model.path(item)) ? "" : model.path(item);
      const facts = [model.kindWord(item), model.materialized(item), level, rows(item), where].filter((part) => part).join(" · ");
      const why = make("p", "why"), more = make("div");
      // A failure's message follows as a whole.
      if (decision[2] !== "") why.append(badge(decision), " ", make("span", "", decision[0] === "error" ? "" : model.sentence(item)));
      const at = roots.findIndex(({ nodes }) => nodes.includes(item));
      const reach = at >= 0 && button(`What it reached ${mark(at)}`, () => on.go({ root: name, node: "", step: "" }));
      // What else a page says of it stands first.
      const beside = fft.beside?.(name);
      fill(headline(item), ...(beside ? [beside] : []), ...(seen ? [] : [make("p", "note", "Not in this view.")]), why, make("p", "note", facts),
        actions(model.isGone(item) ? pageLink(item, "Its explanation") : pageLink(item), button("Focus on it", () => on.go({ focus: name })), reach, model.isSource(item) || model.isGone(item) ? null : auditLink(item), copyLink()), more,
        ...list("Reads", model.upstream[item]), ...list("Read by", model.downstream[item]));
      announce(`${name}: ${decision[2]} ${model.sentence(item)}`);
      const detail = await on.detail(item), found = detail ? await explain(item, detail) : [];
      if (current()) more.replaceChildren(...found);
    };

    const root = async (at, members, current) => {
      const { names, nodes, sentence, consequence } = roots[at], [name] = names, more = make("div");
      const others = members.filter((item) => !nodes.includes(item)), [built, held] = [others.filter(model.isBuilt), others.filter((item) => !model.isBuilt(item))];
      const heading = make("span"), [node] = nodes, single = nodes.length === 1;
      heading.append(make("span", "mark", mark(at)), " ", names.length > 1 ? sentence : single ? headline(node) : model.short(name));
      fill(heading, ...(names.length > 1 ? [] : [make("p", "", sentence)]), make("p", "note", consequence),
        actions(single && pageLink(node), single && button("Its explanation", () => on.go({ node: name, root: "", step: "" })), copyLink()), more,
        ...(names.length > 1 ? list("It edited", nodes) : []), ...list("It rebuilt", built), ...list("Failed, or waits for what failed", held));
      announce(`${names.length > 1 ? "" : `${name}: `}${sentence}, ${consequence}`);
      const html = node === undefined ? null : await fft.shard("cause-" + node);
      if (html && current()) more.replaceChildren(title("What changed"), markup(html));
    };

    const group = (box, by) => {
      const tally = make("p", "tally");
      for (const [cls, glyph, count] of box.tally) tally.append(badge([cls, glyph, count.toLocaleString("en")]), " ");
      fill(box.name, make("p", "note", box.word), tally,
        actions(button("Unfold it here", () => on.unfold(box)), button("Show only this", () => on.go({ [by]: box.group, node: "", view: "" })), copyLink()),
        ...list("Holds", box.members));
      announce(`${box.name}: ${box.word}`);
    };

    return { node, root, group, close };
  };

  // The reach of a cause, level by level: which nodes it arrives at in each step. The first is the cause itself.
  const reached = (model, members) => {
    const levels = new Map();
    for (const item of members) levels.set(model.level(item), [...(levels.get(model.level(item)) ?? []), item]);
    return [...levels].sort(([a], [b]) => a - b).map(([level, items]) => ({ level, items }));
  };
  const arrival = (model, found, at, nodes) => {
    const { level, items } = found[at], left = found.slice(at + 1).reduce((sum, one) => sum + one.items.length, 0);
    const rest = left === 0 ? "and ends there" : `${left.toLocaleString("en")} more downstream`;
    if (items.length === 1 && nodes.includes(items[0])) return `the change begins at ${model.label(items[0])} (level ${level}), ${rest}`;
    return items.length === 1 ? `the change arrives at ${model.label(items[0])} (level ${level}), ${rest}`
      : `the change arrives at ${plural(items.length, "node")} of level ${level}, ${rest}`;
  };

  // ◀ step 2 of 3 ▶ under the graph; it plays in two seconds unless motion is unwelcome.
  const PLAY = 2000;
  const steps = (place, on) => {
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    let timer = 0;
    const stop = () => (clearInterval(timer), (timer = 0));
    const show = (model, found, step, nodes) => {
      const count = found.length, at = step === 0 ? count : Math.min(step, count);
      const to = (next) => (stop(), on.go({ step: next === count ? "" : next }));
      const back = named(button("◀", () => to(Math.max(1, at - 1))), "One step back"), on1 = named(button("▶", () => to(Math.min(count, at + 1))), "One step on");
      back.disabled = at <= 1;
      on1.disabled = at >= count;
      const words = make("span", "arrives", arrival(model, found, at - 1, nodes));
      const play = button(timer ? "Stop" : "Play", () => {
        if (timer) return stop(), show(model, found, step, nodes);
        let next = 1;
        const tick = () => {
          if (next >= count) stop();
          on.replace({ step: next >= count ? "" : next });
          next++;
        };
        timer = setInterval(tick, PLAY / Math.max(1, count - 1));
        tick();
      });
      const held = place.contains(document.activeElement) ? document.activeElement.textContent : null;
      place.replaceChildren(back, make("span", "count", `step ${at} of ${count}`), on1, ...(still.matches || count < 3 ? [] : [play]), words);
      place.hidden = false;
      if (held) [...place.querySelectorAll("button")].find((one) => one.textContent === held && !one.disabled)?.focus();
      if (!timer) announce(words.textContent);
    };
    const hide = () => {
      stop();
      place.hidden = true;
    };
    return { show, hide };
  };

  Object.assign(window.fft, { panel, steps, reached, markup });
})();
