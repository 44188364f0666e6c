// How long the graph takes in a browser, for whoever changes it to measure:
//   node tests/browser/time.mjs SITE [ROUNDS]
// prints medians in milliseconds: from opening the page to the first node drawn, with what opens first and with every
// node as a box; from a click on a node to its explanation, in both; the map drawn anew when it is coloured otherwise; and
// the 95th percentile of the frames of a pan over every box.

import { Visitor, fileUrl, launch } from "./site.mjs";

const [dir, rounds = "5"] = process.argv.slice(2);
if (!dir) throw new Error("node time.mjs SITE [ROUNDS]");

const sorted = (numbers) => [...numbers].sort((left, right) => left - right);
const part = (numbers, share) => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))];

// Resolves with the time since navigation began when the page has drawn its first node.
const drawn = (page) => page.evaluate(() => new Promise((resolve) => {
  const look = () => (document.querySelector(".stage .box, .stage .cell") ? requestAnimationFrame(() => resolve(performance.now())) : requestAnimationFrame(look));
  look();
}));

const clicked = (page) => page.evaluate(() => new Promise((resolve) => {
  const box = document.querySelector(".stage .box, .stage .cell");
  const name = (box.title.split(" (")[0] || box.getAttribute("aria-label").split(":")[0]).replace(/\.ff$/, ""), start = performance.now();
  const look = () => (document.querySelector(".panel")?.textContent.includes(name) ? resolve(performance.now() - start) : requestAnimationFrame(look));
  const { left, top } = box.getBoundingClientRect();
  box.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, clientX: left + 3, clientY: top + 3 }));
  look();
}));

const coloured = (page) => page.evaluate(() => new Promise((resolve) => {
  const before = document.querySelector(".legend").textContent, start = performance.now();
  const look = () => (document.querySelector(".legend").textContent === before ? requestAnimationFrame(look) : resolve(performance.now() - start));
  window.fft.show({ lens: "cause", node: "" });
  look();
}));

const panned = async (page) => {
  const area = await page.locator(".stage").boundingBox();
  await page.evaluate(() => {
    globalThis.frames = [];
    let last = performance.now();
    const frame = (now) => { globalThis.frames.push(now - last); last = now; globalThis.timer = requestAnimationFrame(frame); };
    globalThis.timer = requestAnimationFrame(frame);
  });
  await page.mouse.move(area.x + area.width / 2, area.y + 20);
  await page.mouse.down();
  for (let step = 0; step < 60; step += 1) await page.mouse.move(area.x + area.width / 2 - step * 5, area.y + 20 + step * 2);
  await page.mouse.up();
  return page.evaluate(() => { cancelAnimationFrame(globalThis.timer); return globalThis.frames.slice(1); });
};

const browser = await launch();
const first = [], cells = [], lens = [], whole = [], click = [], frames = [];
for (let round = 0; round < Number(rounds); round += 1) {
  const visitor = await Visitor.to(browser, fileUrl(dir), { viewport: { width: 1440, height: 900 } });
  const page = await visitor.open("index.html");
  first.push(await drawn(page));
  await page.locator(".stage").scrollIntoViewIfNeeded();
  await page.waitForSelector("#graph[data-ready]");
  cells.push(await clicked(page));
  lens.push(await coloured(page));
  await page.getByRole("button", { name: "All", exact: true }).or(page.getByText("All", { exact: true })).first().click();
  const start = performance.now();
  await page.waitForFunction(() => document.querySelectorAll(".stage .box").length > 1);
  whole.push(performance.now() - start);
  frames.push(...(await panned(page)));
  click.push(await clicked(page));
  await visitor.close();
  if (visitor.faults.length > 0) throw new Error(visitor.faults.join("\n"));
}
await browser.close();
const line = (what, value) => console.log(`${what.padEnd(40)} ${value.toFixed(0).padStart(6)} ms`);
line("first node drawn", part(first, 0.5));
line("a click answered, in what opens first", part(cells, 0.5));
line("coloured by cause", part(lens, 0.5));
line("every node as a box, after the switch", part(whole, 0.5));
line("a click answered among all boxes", part(click, 0.5));
line("a frame of a pan, 95th percentile", part(frames, 0.95));
