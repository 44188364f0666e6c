// The view as a file: fft.save(kind, view, name) for svg, png, mermaid, dot, json. Everything stands in the file itself.
"use strict";
(() => {
  const XML = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  const xml = (text) => String(text).replace(/[&<>"]/g, (letter) => XML[letter]).replace(/[\0-\x1f\x7f]/g, " ");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

  const line = (pieces) => pieces.map(([x, edge, next, y, down], at) => {
    const middle = (edge + next) / 2, start = at === 0 ? `M${x} ${y}` : "";
    return `${start}H${edge}${y === down ? `H${next}` : `C${middle} ${y} ${middle} ${down} ${next} ${down}`}`;
  }).join("");

  const STROKES = { build: 'stroke-width="2"', error: 'stroke-width="3"', skip: 'stroke-dasharray="1.5 2.5"', blocked: 'stroke-dasharray="5 3"' };
  const svg = (view) => {
    const font = (size, rest) => `font-family="ui-monospace, monospace" font-size="${size}" ${rest}`;
    const quiet = (box) => (["none", "unselected"].includes(box.cls) ? "strong-line" : box.cls);
    const boxes = view.boxes.map((box) => `<g transform="translate(${box.x} ${box.y - fft.HEIGHT / 2})">`
      + `<path d="${fft.outline(box.kind, box.width, fft.HEIGHT)}" fill="${colour("bg")}" stroke="${colour(quiet(box))}" ${STROKES[box.cls] ?? ""}/>`
      + `<text x="13" y="15" ${font(12, `fill="${colour("text")}"`)}>${xml(fft.shortened(box.name))}</text>`
      + `<text x="13" y="28" ${font(10, `fill="${colour("muted")}"`)}>${xml(box.word)}</text></g>`);
    const edges = view.edges.map((edge) => `<path d="${line(view.line(edge))}"/>`);
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${view.width}" height="${view.height}" viewBox="0 0 ${view.width} ${view.height}">\n`
      + `<rect width="100%" height="100%" fill="${colour("bg")}"/>\n<g fill="none" stroke="${colour("strong-line")}">\n${edges.join("\n")}\n</g>\n${boxes.join("\n")}\n</svg>\n`;
  };

  const png = (view) => new Promise((resolve, reject) => {
    // A canvas has a largest size; a larger picture is made smaller.
    const scale = Math.min(2, 8000 / view.width, 8000 / view.height), image = new Image(), canvas = document.createElement("canvas");
    canvas.width = Math.ceil(view.width * scale);
    canvas.height = Math.ceil(view.height * scale);
    image.onload = () => {
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
    };
    image.onerror = () => reject(new Error("no picture"));
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg(view));
  });

  // Boxes by number: a name may hold anything.
  const mermaid = ({ boxes, edges }) => ["flowchart LR",
    ...boxes.map((box, at) => `  n${at}["${box.name.replace(/#/g, "#35;").replace(/"/g, "#quot;").replace(/\s/g, " ")}"]`),
    ...edges.map(([from, to]) => `  n${from} --> n${to}`)].join("\n") + "\n";
  const dot = ({ boxes, edges }) => ["digraph fft {", "  rankdir=LR;",
    ...boxes.map((box, at) => `  n${at} [label="${box.name.replace(/[\\"]/g, "\\$&").replace(/\s/g, " ")}"];`),
    ...edges.map(([from, to]) => `  n${from} -> n${to};`), "}"].join("\n") + "\n";
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

  Object.assign((window.fft ??= {}), { save, exports: { svg, mermaid, dot, json } });
})();
