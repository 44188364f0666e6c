// The view as a file: fft.save(kind, view, name) for svg, png, mermaid, dot, json; fft.copy(view) for the clipboard.
// Everything stands in the file itself, and each form tells decisions: by words, and by colour where it has any.
"use strict";
(() => {
  const XML = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  const xml = (text) => String(text).replace(/[&<>"]/g, (letter) => XML[letter]).replace(/[\0-\x1f\x7f]/g, " ");
  const { colour } = window.fft;

  const line = (pieces) => pieces.map(([x, edge, next, y, down], at) => {
    const middle = (edge + next) / 2, start = at === 0 ? `M${x} ${y}` : "";
    return `${start}H${edge}${y === down ? `H${next}` : `C${middle} ${y} ${middle} ${down} ${next} ${down}`}`;
  }).join("");

  const STROKES = { build: 'stroke-width="2"', error: 'stroke-width="3"', skip: 'stroke-dasharray="1.5 2.5"', blocked: 'stroke-dasharray="5 3"' };
  const cells = ({ laid, boxes, lens }) => {
    const side = laid.pitch - (laid.pitch > 7 ? 2 : 1), of = new Map(boxes.map((box) => [box.item, box])), known = ({ look }) => lens.classes[look];
    const cell = ([item, x, y]) => {
      const box = of.get(item), one = known(box), quiet = !one || one.quiet;
      return `<rect x="${x}" y="${y}" width="${side}" height="${side}" fill="${colour(quiet ? "skip-soft" : one.colour)}" stroke="${colour(quiet ? "line" : one.colour)}"><title>${xml(`${box.name}: ${box.word}`)}</title></rect>`;
    };
    const heads = laid.columns.map(({ name, x }) => `<text x="${x}" y="11" font-family="ui-monospace, monospace" font-size="10" fill="${colour("muted")}">${xml(name)}</text>`);
    const size = `width="${laid.width}" height="${laid.height}"`;
    return `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${laid.width} ${laid.height}">\n<rect ${size} fill="${colour("bg")}"/>\n`
      + `${laid.columns.length < 60 ? heads.join("\n") : ""}\n${laid.cells.map(cell).join("\n")}\n</svg>\n`;
  };

  const svg = (view) => {
    if (view.laid) return cells(view);
    const font = (size, rest) => `font-family="ui-monospace, monospace" font-size="${size}" ${rest}`;
    const quiet = (box) => (["none", "unselected"].includes(box.cls) ? "strong-line" : box.cls);
    const boxes = view.boxes.map((box) => `<g transform="translate(${box.x} ${box.y - fft.HEIGHT / 2})">`
      + `<path d="${fft.outline(box, fft.HEIGHT)}" fill="${colour("bg")}" stroke="${colour(quiet(box))}" ${STROKES[box.cls] ?? ""}/>`
      + `<text x="13" y="15" ${font(12, `fill="${colour("text")}"`)}>${xml(fft.shortened(box.label))}</text>`
      + `<text x="13" y="28" ${font(10, `fill="${colour("muted")}"`)}>${xml(box.word)}</text></g>`);
    const edges = view.edges.map((edge) => `<path d="${line(view.line(edge))}"/>`);
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${view.width}" height="${view.height}" viewBox="0 0 ${view.width} ${view.height}">\n`
      + `<rect width="100%" height="100%" fill="${colour("bg")}"/>\n<g fill="none" stroke="${colour("strong-line")}">\n${edges.join("\n")}\n</g>\n${boxes.join("\n")}\n</svg>\n`;
  };

  const png = (view) => new Promise((resolve, reject) => {
    // A canvas has a largest size; a larger picture is made smaller.
    const { width, height } = view.laid ?? view, scale = Math.min(2, 8000 / width, 8000 / height), image = new Image(), canvas = document.createElement("canvas");
    canvas.width = Math.ceil(width * scale);
    canvas.height = Math.ceil(height * scale);
    image.onload = () => {
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
    };
    image.onerror = () => reject(new Error("no picture"));
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg(view));
  });

  // Boxes by number: a name may hold anything.
  const lines = ({ boxes, edges }, head, node, arrow, end) => [head, ...boxes.map((box, at) => `  n${at}${node(box, box.label.replace(/\s/g, " "))}`),
    ...edges.map(([from, to]) => `  n${from} ${arrow} n${to}${end}`)].join("\n");
  // A picture that stands in another page, whatever theme this one has: fill and border of each decision.
  const LOOKS = {
    error: ["#fceae8", "#a91f18"], blocked: ["#f4ebfa", "#74359a"], build: ["#e4f4ea", "#12693a"], cascade: ["#e1f2f5", "#0b6170"],
    skip: ["#ffffff", "#868e9c"], unselected: ["#ffffff", "#d8dce3"], none: ["#ffffff", "#868e9c"],
  };
  const DASHES = { skip: ",stroke-dasharray:2 3", blocked: ",stroke-dasharray:5 3" };
  const quoted = (text) => text.replace(/#/g, "#35;").replace(/"/g, "#quot;").replace(/</g, "#lt;").replace(/>/g, "#gt;");
  const mermaid = (view) => {
    const used = Object.keys(LOOKS).filter((cls) => view.boxes.some((box) => box.cls === cls));
    const looks = used.map((cls) => `  classDef ${cls} fill:${LOOKS[cls][0]},stroke:${LOOKS[cls][1]},color:#1a1e26${DASHES[cls] ?? ""}`);
    const box = ({ cls, word }, name) => `["${quoted(name)}<br/>${quoted(word)}"]:::${cls}`;
    return [lines(view, "flowchart LR", box, "-->", ""), ...looks].join("\n") + "\n";
  };
  const dot = (view) => {
    const safe = (text) => text.replace(/[\\"]/g, "\\$&");
    const box = ({ cls, word }, name) => ` [label="${safe(name)}\\n${safe(word)}", fillcolor="${LOOKS[cls][0]}", color="${LOOKS[cls][1]}", style="filled${DASHES[cls] ? ",dashed" : ""}"];`;
    return lines(view, "digraph fft {\n  rankdir=LR;\n  node [shape=box];", box, "->", ";") + "\n}\n";
  };
  const json = ({ boxes, edges }) => JSON.stringify({
    nodes: boxes.map(({ name, kind, cls, word }) => ({ name, kind, decision: cls, label: word })),
    edges: edges.map(([from, to]) => [boxes[from].name, boxes[to].name]),
  }, null, 2) + "\n";

  const FORMS = {
    svg: ["image/svg+xml", svg], png: ["image/png", png], mermaid: ["text/plain", mermaid], dot: ["text/vnd.graphviz", dot], json: ["application/json", json],
  };
  const save = async (form, view, name) => {
    const [type, make] = FORMS[form], made = await make(view), link = document.createElement("a");
    link.href = URL.createObjectURL(made instanceof Blob ? made : new Blob([made], { type }));
    link.download = `${name}.${form === "mermaid" ? "mmd" : form}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  // Some browsers give pages from a disk no clipboard: a selected text is copied there.
  const clip = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = document.body.appendChild(document.createElement("textarea"));
      field.className = "unseen";
      field.value = text;
      field.select();
      const done = document.execCommand("copy");
      field.remove();
      if (!done) throw new Error("no clipboard");
    }
  };
  const copy = (view) => clip(mermaid(view));

  Object.assign(window.fft, { save, copy, clip });
})();
