// A comparison as Markdown, word for word what `fft diff --markdown` prints: src/artifact/markdown writes that, and a test
// holds the two together, so that a change there is a change here. Loaded when somebody copies it.
"use strict";
(() => {
  const ROWS = 200, NAMED = 3, FOLLOWED = 12, DETAILS = 30000, REASONS = 140, BOXES = 30, OWN = 12, NAME = 48;
  const number = (count) => count.toLocaleString("en"), letters = (text) => [...text].length, bytes = (text) => new TextEncoder().encode(text).length;
  const distinct = (all) => all.filter((one, at) => at === 0 || all[at - 1] !== one);

  // Foreign text as it reads, in one line and without any power.
  const escape = (text) => {
    const all = [...text].filter((one) => (!/\p{Cc}/u.test(one) && !/[\u202a-\u202e\u2066-\u2069]/.test(one)) || one === "\n" || one === "\t");
    const alphanumeric = (one) => /[\p{Alphabetic}\p{Nd}\p{Nl}\p{No}]/u.test(one), code = (one) => `&#${one.codePointAt(0)};`;
    return all.map((one, at) => {
      const last = at === 0 ? " " : all[at - 1], next = all[at + 1] ?? " ";
      if (one === "\n" || one === "\t") return " ";
      if (one === "@" || one === "#") return code(one) + "<!-- -->";
      if (one === "_" && alphanumeric(last) && alphanumeric(next)) return one;
      if (one === ":" && next !== "/") return one;
      if (one === "." && last.toLowerCase() !== "w") return one;
      return ":.&<>\"'\x60*_{}[]|~!\\$".includes(one) ? code(one) : one;
    }).join("");
  };

  // A decision in one line: as src/artifact/wire/summary.rs puts reasons together.
  const upstream = (cause) => ["upstream_changed", "upstream_rebuilt", "upstream_recreated"].includes(cause.code);
  const depends = (cause) => cause.code === "dependency_added" || cause.code === "dependency_removed";
  const reasons = (causes) => {
    const names = (code) => causes.filter((cause) => cause.code === code && cause.name).map((cause) => cause.name).join(" and ");
    const [added, removed] = [names("dependency_added"), names("dependency_removed")], swapped = added !== "" && removed !== "";
    const parts = swapped ? [{ rank: 1, text: `reads ${added} instead of ${removed}`, causes: causes.filter(depends).length, primary: false }] : [];
    causes.forEach((cause, at) => {
      if (swapped && depends(cause)) return;
      const bare = cause.code === "sql_changed" && !cause.sentence.endsWith(")");
      const rank = bare && causes.some(depends) ? 2 : cause.code === "previous_build_failed" ? 4 : upstream(cause) ? 3 : at === 0 ? 0 : 1;
      parts.push({ rank, text: cause.sentence, causes: 1, primary: at === 0 });
    });
    let text = "", named = 0;
    for (const part of parts.sort((left, right) => left.rank - right.rank)) {
      if (letters(text) + letters(part.text) > REASONS && named > 0 && !part.primary) continue;
      text += (text === "" ? "" : "; ") + part.text;
      named += part.causes;
    }
    return causes.length > named ? `${text} (and ${causes.length - named} more)` : text;
  };

  const WORDS = { added: "ADDED", removed: "REMOVED", changed: "CHANGED" }, ORDER = Object.keys(WORDS);
  const isCascade = (node) => node.causes.length > 0 && node.causes.every(upstream);
  const above = (node) => node.causes.filter((cause) => upstream(cause) && cause.name).map((cause) => cause.name);

  // `from` and `to` are runs of the shard `runs`; `known` is the shard `markdown`; `link` where both are compared, or "".
  const markdown = ({ nodes: all, from, to, causes: { unbuilt }, known, link }) => {
    const summary = (node) => [node.causes.length > 0 ? reasons(node.causes) : node.note ?? "", unbuilt[node.after?.badge[1]] ?? ""].filter((part) => part).join(" · ");
    const nodes = all.filter((node) => node.change !== "same");
    const order = (node) => ORDER.indexOf(node.change) * 2 + (isCascade(node) ? 1 : 0);
    nodes.sort((left, right) => order(left) - order(right));
    const byName = new Map(nodes.map((node) => [node.name, node])), readers = new Map();
    for (const node of nodes) for (const up of above(node)) readers.set(up, [...(readers.get(up) ?? []), node.name]);
    const next = (name) => readers.get(name) ?? [];
    const reach = (name) => {
      const found = new Set(), open = [...next(name)];
      while (open.length > 0) {
        const one = open.pop();
        if (one !== name && !found.has(one)) { found.add(one); open.push(...next(one)); }
      }
      return found.size;
    };
    const apart = nodes.filter((node) => !isCascade(node)), own = apart.length > 0 ? apart : nodes;

    const sentence = () => {
      if (nodes.length === 0) return `**${all.length === 1 ? "The node is" : "All nodes are"} the same.**`;
      const told = own.slice(0, NAMED).map((node) => `${escape(node.name)}: ${escape(summary(node) || node.change)}`);
      const more = own.length > NAMED ? `; and ${number(own.length - NAMED)} more` : "";
      return `**${number(nodes.length)} of ${number(all.length)} ${all.length === 1 ? "node" : "nodes"} ${nodes.length === 1 ? "differs" : "differ"}**: ${told.join("; ")}${more}.`;
    };
    const about = () => {
      const run = ({ id, commit_words }) => escape(`run ${id}${commit_words ? ` (commit ${commit_words})` : ""}`);
      const count = (change) => all.filter((node) => node.change === change).length;
      const totals = ["added", "removed", "changed"].map((change) => [count(change), change]).filter(([count]) => count > 0).map(([count, change]) => `${number(count)} ${change}`);
      return `fft diff ${run(from)} → ${run(to)}: ${[...totals, `${number(count("same"))} unchanged`].join(" · ")}${link === "" ? "" : ` · [look at it](${link})`}`;
    };

    const graph = () => {
      const mermaid = (text) => [...text].map((one) => (/[A-Za-z0-9 _\-./…]/.test(one) ? one : `#${one.codePointAt(0)};`)).join("");
      const shown = apart.map((node) => [node.name, reach(node.name)]).sort((left, right) => right[1] - left[1]).slice(0, OWN).map(([name]) => name);
      const seen = new Set(shown), most = nodes.length > BOXES ? BOXES - 1 : BOXES;
      for (let at = 0; at < shown.length; at++) {
        for (const one of next(shown[at])) if (shown.length < most && byName.has(one) && !seen.has(one)) { seen.add(one); shown.push(one); }
      }
      if (shown.length < 2) return "";
      const cls = (node) => ({ ERROR: "failed", BLOCKED: "blocked" })[node.after?.badge[1]] ?? (node.change !== "changed" ? node.change : isCascade(node) ? "followed" : "changed");
      const why = (node) => (node.change !== "changed" ? node.change : node.causes.length > 0 && !isCascade(node) ? known.titles[node.causes[0].code] ?? node.causes[0].code : "");
      const label = (node) => {
        const name = [...node.name], told = why(node);
        return mermaid(name.slice(0, NAME).join("") + (name.length > NAME ? "…" : "")) + (told ? `<br/>${mermaid(told)}` : "");
      };
      const lines = ["flowchart LR"], used = new Set(), places = new Map(shown.map((name, at) => [name, at]));
      for (const [at, name] of shown.entries()) {
        used.add(cls(byName.get(name)));
        lines.push(`  n${at}["${label(byName.get(name))}"]:::${cls(byName.get(name))}`);
      }
      if (nodes.length > shown.length) {
        used.add("more");
        lines.push(`  more["and ${nodes.length - shown.length} more"]:::more`);
      }
      for (const [at, name] of shown.entries()) {
        const from = new Set(above(byName.get(name)).map((up) => places.get(up)).filter((up) => up !== undefined));
        for (const up of [...from].sort((a, b) => a - b)) lines.push(`  n${up} --> n${at}`);
      }
      for (const [name, style] of known.classes) if (used.has(name)) lines.push(`  classDef ${name} ${style}`);
      return `\n\`\`\`mermaid\n${lines.join("\n")}\n\`\`\`\n`;
    };

    const table = () => {
      let page = "\n| | node | followed by | code | why |\n|---|---|---|---|---|\n";
      for (const node of own.slice(0, ROWS)) {
        const codes = distinct(node.causes.map((cause) => `\`${cause.code}\``)).join(" "), count = reach(node.name);
        page += `| ${WORDS[node.change]} | ${escape(node.name)} | ${count > 0 ? number(count) : ""} | ${codes} | ${escape(summary(node))} |\n`;
      }
      if (own.length > ROWS) page += `\n… and ${number(own.length - ROWS)} more nodes\n`;
      if (own.length < nodes.length) {
        const followed = nodes.filter(isCascade).map((node) => escape(node.name));
        const more = followed.length > FOLLOWED ? ` and ${number(followed.length - FOLLOWED)} more` : "";
        page += `\n${number(followed.length)} ${followed.length === 1 ? "node" : "nodes"} followed: ${followed.slice(0, FOLLOWED).join(", ")}${more}\n`;
      }
      return page;
    };

    // A difference in a fence longer than any run of backticks in it.
    const fenced = ([lines, cut]) => {
      const fence = "`".repeat(Math.max(2, ...(lines.match(/`+/g) ?? []).map((run) => run.length)) + 1);
      return `\n${fence}diff\n${lines}\n${fence}\n${cut > 0 ? `\n… ${cut} more lines of this diff were cut\n` : ""}`;
    };
    const detail = (node) => {
      let body = "";
      for (const cause of node.causes) {
        const { own, origins } = known.diffs[cause.key] ?? { own: null, origins: [] };
        (cause.origins ?? []).forEach((origin, at) => { body += `\n${escape(origin.sentence)}\n${origins[at] ? fenced(origins[at]) : ""}`; });
        if (own) body += `\n${escape(cause.sentence)}\n${fenced(own)}`;
      }
      return body === "" ? "" : `\n<details>\n<summary>${escape(`${node.name}: ${summary(node)}`)}</summary>\n${body}\n</details>\n`;
    };
    const details = () => {
      let left = DETAILS, cut = 0, page = "";
      for (const one of nodes.map(detail).filter((one) => one !== "")) {
        if (bytes(one) > left) { cut++; continue; }
        left -= bytes(one);
        page += one;
      }
      return cut > 0 ? `${page}\nThe diffs of ${cut} nodes were left out here: \`fft diff\` shows them.\n` : page;
    };
    return `${sentence()}\n\n${about()}\n${graph()}${nodes.length === 0 ? "" : table() + details()}`;
  };
  window.fft.markdown = markdown;
})();
