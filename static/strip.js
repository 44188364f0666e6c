// A node's page: the runs that only skipped the node, put in between the squares of those that took it up.
"use strict";
document.addEventListener("DOMContentLoaded", async () => {
  const place = document.getElementById("runs-of-node");
  if (!place) return;
  // The newest runs are what one looks for first.
  const newest = () => { place.scrollLeft = place.scrollWidth; };
  newest();
  const STEP = 24;
  const data = await fft.shard("history").catch(() => null);
  const node = data && data.nodes.find((one) => one[0] === place.dataset.node);
  if (!node) return;
  const [name, , marks] = node;
  // From the first run that has the node: before that there is nothing to tell.
  const from = Math.max(0, [...marks].findIndex((mark) => mark !== "-"));
  const at = new Map(data.runs.map((run, index) => [run.id, index - from]));
  const svg = place.querySelector("svg");
  const cells = [...svg.querySelectorAll("a.cell")];
  // A run that the history doesn't show has no place on its axis.
  if (cells.some((cell) => !(at.get(cell.dataset.run) >= 0))) return;
  const make = (tag, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const width = (data.runs.length - from) * STEP;
  svg.setAttribute("width", width);
  svg.setAttribute("viewBox", "0 0 " + width + " " + svg.getAttribute("height"));
  const byRun = new Map(cells.map((cell) => [cell.dataset.run, cell]));
  for (const cell of cells) {
    const x = at.get(cell.dataset.run) * STEP;
    cell.querySelector("rect").setAttribute("x", x);
    cell.querySelector("text").setAttribute("x", x + STEP / 2);
  }
  for (const line of svg.querySelectorAll(".line")) {
    const points = [...line.querySelectorAll("circle")].map((circle) => {
      circle.setAttribute("cx", at.get(circle.dataset.run) * STEP + STEP / 2);
      return circle.getAttribute("cx") + "," + circle.getAttribute("cy");
    });
    line.querySelector("polyline").setAttribute("points", points.join(" "));
  }
  data.runs.forEach((run, index) => {
    const own = byRun.get(run.id);
    if (own) svg.append(own);
    else if (marks[index] === "s" && index >= from) {
      const words = run.time + ": skipped, proven equal";
      const link = make("a", { class: "cell skip", href: document.body.dataset.root + run.page + "#node=" + encodeURIComponent(name), "aria-label": words });
      const title = make("title", {});
      title.textContent = words;
      const text = make("text", { x: (index - from) * STEP + STEP / 2, y: 17 });
      text.textContent = "·";
      link.append(title, make("rect", { class: "hit", x: (index - from) * STEP, y: 0, width: STEP, height: STEP }), text);
      svg.append(link);
    }
  });
  document.querySelector("[data-between]")?.replaceChildren("A dot is a run that skipped it.");
  newest();
});
