// The selector grammar of `fft run --select`, as src/graph/select.rs has it: fft.select(model, text) gives a Set of node
// numbers, or throws { message, at, hint } with the place of the problem in the text. A test holds the two together.
"use strict";
(() => {
  const WORDS = {
    kind: ["seed", "sql", "python", "table", "view", "ephemeral", "incremental", "snapshot"],
    state: ["new", "modified"],
    result: ["success", "ok", "error", "fail", "warn", "skipped", "blocked", "not_selected"],
    source_status: ["pass", "warn", "error"],
  };
  const SAME = { ok: "success", fail: "error" };
  const METHODS = ["tag", "kind", "type", "path", "package", "state", "result", "source", "source_status", "exposure"];
  // Methods whose patterns are names: one of what isn't there is a slip.
  const NAMING = ["name", "tag", "path", "package", "source", "exposure"];
  const SPACE = /[^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;

  const fail = (at, message, hint) => { throw { message, at, hint }; };

  // UTF-8 as one letter a byte: globs count bytes.
  const bytes = (text) => encodeURIComponent(text.toWellFormed()).replace(/%(..)/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  const literal = (letter) => bytes(letter).replace(/[^\w]/g, (byte) => "\\x" + byte.charCodeAt(0).toString(16).padStart(2, "0"));

  // A glob as a test of a text; throws for one that is none. In a path `*` stays in its folder and `**` doesn't.
  const glob = (pattern, inPath) => {
    const letters = [...pattern], any = inPath ? "[^/]" : ".";
    const branches = [[]], opened = [];
    let at = 0, before, last;
    const bump = () => { before = last; return (last = letters[at++]); };
    const push = (token) => branches.at(-1).push(token);
    const stars = () => { push(any + "*"); push(any + "*"); };
    const star = () => {
      const previous = before;
      if (letters[at] !== "*") return push(any + "*");
      bump();
      if (branches.at(-1).length === 0) {
        if (letters[at] !== undefined && letters[at] !== "/") return stars();
        push("(?:/?|.*/)");
        return bump();
      }
      if (previous !== "/" && (branches.length <= 1 || (previous !== "," && previous !== "{"))) return stars();
      const next = letters[at], nested = branches.length >= 2;
      const suffix = next === undefined || (nested && (next === "," || next === "}"));
      if (!suffix && next !== "/") return stars();
      if (next === undefined || next === "/") bump();
      const token = branches.at(-1).pop();
      push(token === "(?:/?|.*/)" || token === "/.*" ? token : suffix ? "/.*" : "(?:/|/.*/)");
    };
    const set = () => {
      const ranges = [], negated = letters[at] === "!" || letters[at] === "^";
      if (negated) bump();
      for (let first = true, open = false; ; first = false) {
        const letter = bump();
        if (letter === undefined) throw 0;
        if (letter === "]" && !first) {
          if (open) ranges.push(["-", "-"]);
          break;
        }
        if (letter === "-" && !first && !open) open = true;
        else if (open) {
          const range = ranges.at(-1);
          range[1] = letter;
          if (letter.codePointAt(0) < range[0].codePointAt(0)) throw 0;
          open = false;
        } else ranges.push([letter, letter]);
      }
      push(`[${negated ? "^" : ""}${ranges.map(([from, to]) => literal(from) + (from === to ? "" : "-" + literal(to))).join("")}]`);
    };
    for (let letter; (letter = bump()) !== undefined;) {
      if (letter === "?") push(any);
      else if (letter === "*") star();
      else if (letter === "[") set();
      else if (letter === "{") opened.push(branches.push([]) - 1);
      else if (letter === "}") {
        if (opened.length === 0) throw 0;
        const parts = branches.splice(opened.pop()).map((branch) => branch.join("")).filter((part) => part !== "");
        push(parts.length === 0 ? "" : `(?:${parts.join("|")})`);
      } else if (letter === "," && opened.length > 0) branches.push([]);
      else if (letter === "\\") {
        const escaped = bump();
        if (escaped === undefined) throw 0;
        push(literal(escaped));
      } else push(literal(letter));
    }
    if (branches.length > 1) throw 0;
    const [tokens] = branches;
    const source = tokens.length === 1 && tokens[0] === "(?:/?|.*/)" ? ".*" : tokens.join("");
    const test = new RegExp(`^${source}$`, "s");
    return (text) => test.test(bytes(text));
  };

  // "2+x" → 2, no number is no bound, nothing is 0.
  const depth = (digits) => (digits === undefined ? 0 : digits === "" ? Infinity : Number(digits));

  const atom = (at, text) => {
    let rest = text, up, down, method = "name";
    const closure = rest.startsWith("@");
    if (closure) rest = rest.slice(1);
    const front = rest.match(/^(\d*)\+(.+)$/s);
    if (front) [, up, rest] = front;
    const back = rest.match(/^(.*)\+(\d*)$/s);
    if (back) [, rest, down] = back;
    at += text.length - rest.length - (back ? down.length + 1 : 0);
    if (closure && (front || back)) fail(at, "`@` and `+` can't stand together");
    const colon = rest.indexOf(":");
    if (colon >= 0) {
      const name = rest.slice(0, colon);
      if (!METHODS.includes(name)) fail(at, `unknown selector method \`${name}\``, `methods are ${METHODS.join(", ")}`);
      method = name === "type" ? "kind" : name;
      rest = rest.slice(colon + 1);
      at += colon + 1;
    }
    if (rest === "") fail(at, "a name or pattern is missing here");
    const stray = method === "name" ? rest.search(/[+@]/) : -1;
    if (stray >= 0) fail(at + stray, `\`${rest[stray]}\` can't stand inside a name`, "it goes in front (`+x`, `2+x`, `@x`) or behind (`x+`, `x+1`)");
    const words = WORDS[method];
    if (words && !words.includes(rest)) fail(at, `\`${rest}\` is none of ${words.join(", ")}`);
    return { at, method, pattern: rest, up: depth(up), down: depth(down), closure };
  };

  // A comma in {…} belongs to the glob.
  const atoms = (at, term) => {
    const found = [];
    for (let end = 0, start = 0, nested = 0; end <= term.length; end++) {
      if (term[end] === "{") nested++;
      if (term[end] === "}") nested = Math.max(0, nested - 1);
      if (end === term.length || (term[end] === "," && nested === 0)) {
        found.push(atom(at + start, term.slice(start, end)));
        start = end + 1;
      }
    }
    return found;
  };

  const stem = (name) => (name.endsWith(".ff") ? name.slice(0, -3) : name);
  // What `get` has under a name as it is written, else with or without its `.ff`.
  const lookUp = (name, get) => get(name) ?? get(name === stem(name) ? name + ".ff" : stem(name));
  const range = (model) => model.nodes;

  const matches = (model, { at, method, pattern }) => {
    const compile = (text) => {
      try { return glob(text, method === "path"); } catch { return fail(at, `\`${pattern}\` is no pattern`); }
    };
    const all = (test) => new Set(range(model).filter(test));
    if (method === "name" && !/[*?[\]{}\\]/.test(pattern)) {
      const node = lookUp(pattern, model.find);
      if (node === undefined) fail(at, `no node is called \`${pattern}\``);
      return new Set([node]);
    }
    if (method === "kind") return all((node) => model.kind(node) === pattern || model.materialized(node) === pattern);
    if (method === "state") return all((node) => model.state(node) === pattern);
    if (method === "result") return all((node) => model.result(node) === (SAME[pattern] ?? pattern));
    if (method === "source_status") return all((node) => model.fresh(node).includes(pattern));
    if (method === "path") {
      const path = pattern.replace(/^\.\//, "").replace(/\/+$/, ""), file = compile(path), folder = compile(path + "/**");
      return all((node) => file(model.path(node)) || folder(model.path(node)));
    }
    const test = compile(pattern);
    if (method === "package") return all((node) => test(model.package(node)));
    if (method === "tag") return all((node) => model.tags(node).some(test));
    if (method === "exposure") return all((node) => model.exposures(node).some(test));
    if (method === "source") return all((node) => model.read(node).some(([group, table]) => test(group) || test(`${group}.${table}`)));
    return all((node) => test(model.names[node]) || test(stem(model.names[node])));
  };

  // `start` and what lies at most `depth` edges away along `next`.
  const reach = (start, depth, next) => {
    const seen = new Set(start);
    for (let front = [...start], steps = 0; front.length > 0 && steps < depth; steps++) {
      const found = [];
      for (const node of front) for (const other of next(node)) if (!seen.has(other)) found.push(other), seen.add(other);
      front = found;
    }
    return seen;
  };

  const select = (model, text) => {
    const both = (left, right) => (left ? new Set([...left].filter((node) => right.has(node))) : right);
    // What stands on both sides of a `&` must hold.
    const parts = [[]];
    for (const { 0: word, index } of text.matchAll(SPACE)) {
      if (word === "&") parts.push([]);
      else parts.at(-1).push([word, atoms(index, word)]);
    }
    const given = parts.filter((part) => part.length > 0);
    if (given.length === 0) fail(0, "the selector is empty");
    let selected;
    for (const part of given) {
      const union = new Set();
      for (const [word, term] of part) {
        let common;
        for (const one of term) {
          const start = matches(model, one);
          if (start.size === 0 && NAMING.includes(one.method)) fail(undefined, `\`${word}\` selects nothing`);
          const down = reach(start, one.closure ? Infinity : one.down, model.down);
          const found = reach(one.closure ? down : start, one.closure ? Infinity : one.up, model.up);
          for (const node of down) found.add(node);
          common = both(common, found);
        }
        for (const node of common) union.add(node);
      }
      selected = both(selected, union);
    }
    // A run that has nothing to do is fine; a filter that shows nothing says so.
    if (selected.size > 0) return selected;
    return fail(undefined, `\`${text.trim()}\` selects nothing`);
  };

  Object.assign((window.fft ??= {}), { select, reach, stem, lookUp });
})();
