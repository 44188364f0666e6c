// Time and history in a browser: the grid of all nodes, its filters and its keyboard, a node's strip, where the time went.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Visitor, fileUrl, launch, variable } from "./site.mjs";

const project = variable("FFT_WIDE_PROJECT");
const dir = join(project, "site/dag");
const runs = readdirSync(join(project, ".fastflowtransform/runs")).sort()
  .map((file) => JSON.parse(readFileSync(join(project, ".fastflowtransform/runs", file), "utf8")));
const nodes = Object.keys(JSON.parse(readFileSync(join(project, ".fastflowtransform/target/manifest.json"), "utf8")).nodes);
const SIZES = [{ width: 1440, height: 900 }, { width: 390, height: 844 }];

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const visit = async (path, options, work) => {
  const visitor = await Visitor.to(browser, fileUrl(dir), options);
  await work(await visitor.open(path), visitor);
  await visitor.close();
  assert.deepEqual(visitor.faults, []);
};

// What the records say of a node in each run, as the grid's glyphs.
const glyphs = (name) => runs.map((run) => {
  const row = run.results.results.find((one) => one.name === name);
  if (row.status === "success") return row.decision.role === "cascade" ? "□" : "■";
  return { skipped: "·", error: "✕", blocked: "▫" }[row.status] ?? "";
});

const lines = (page) => page.locator("#history .line").evaluateAll((all) =>
  all.map((line) => [line.querySelector(".name").title || line.querySelector(".name").textContent, [...line.querySelectorAll(".box")].map((box) => box.textContent)]));

for (const viewport of SIZES) {
  for (const colorScheme of ["light", "dark"]) {
    test(`every node is in the grid as it is in the records: ${viewport.width}, ${colorScheme}`, () =>
      visit("history.html", { viewport, colorScheme }, async (page) => {
        await page.waitForSelector("#history .line");
        const found = new Map();
        const height = await page.locator("#history").evaluate((grid) => grid.scrollHeight);
        for (let top = 0; top < height; top += 200) {
          await page.locator("#history").evaluate((grid, top) => { grid.scrollTop = top; }, top);
          await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
          const seen = await lines(page);
          assert.ok(seen.length < 80, `${seen.length} rows are drawn at a time`);
          for (const [name, squares] of seen) found.set(name, squares);
        }
        assert.deepEqual([...found.keys()].sort(), [...nodes].sort());
        for (const [name, squares] of found) assert.deepEqual(squares, glyphs(name), name);
      }));
  }
}

test("a square leads to the node's explanation in its run", () =>
  visit("history.html", {}, async (page) => {
    await page.waitForSelector("#history .line");
    const link = await page.locator("#history .line a.cell").first().evaluate((cell) => [cell.getAttribute("href"), cell.title]);
    const [file, node] = link[0].split("#node=");
    assert.ok(runs.some((run) => file.includes(run.results.metadata.run_id)), file);
    assert.ok(readdirSync(join(dir, "runs")).includes(file.replace("runs/", "")));
    assert.ok(link[1].startsWith(decodeURIComponent(node)));
  }));

test("filters are kept in the address, and Back and a link give them again", () =>
  visit("history.html", {}, async (page, visitor) => {
    await page.waitForSelector("#history .line");
    const count = () => page.locator("#history-note").textContent();
    await page.getByLabel("Node", { exact: true }).fill("staging_00");
    assert.equal(await count(), `10 of ${nodes.length} nodes`);
    await page.getByLabel("Not rebuilt since").selectOption(runs[1].results.metadata.run_id);
    assert.equal(await count(), `9 of ${nodes.length} nodes`, "one of them was rebuilt by the second run");
    assert.match(page.url(), /text=staging_00/);
    const address = page.url().split("history.html")[1];
    await visitor.open("index.html");
    await visitor.open(`history.html${address}`);
    await page.waitForSelector("#history .line");
    assert.equal(await count(), `9 of ${nodes.length} nodes`);
    assert.equal(await page.getByLabel("Node", { exact: true }).inputValue(), "staging_00");
    // A run that isn't there isn't taken for another one.
    await visitor.open("history.html#since=nope");
    await page.reload();
    await page.waitForSelector("#history .line");
    assert.equal(await count(), `${nodes.length} of ${nodes.length} nodes`);
  }));

test("the grid is one stop for Tab, and arrows move in it", () =>
  visit("history.html", {}, async (page) => {
    await page.waitForSelector("#history .line");
    assert.equal(await page.locator('#history .rows [tabindex="0"]').count(), 1);
    await page.locator('#history .rows [tabindex="0"]').focus();
    const at = () => page.evaluate(() => [document.activeElement.closest(".line")?.dataset.row, document.activeElement.dataset.column]);
    assert.deepEqual(await at(), ["0", "-1"]);
    await page.keyboard.press("ArrowRight");
    assert.deepEqual(await at(), ["0", "0"]);
    await page.keyboard.press("ArrowDown");
    assert.deepEqual(await at(), ["1", "0"]);
    await page.keyboard.press("Home");
    assert.deepEqual(await at(), ["1", "-1"]);
    // To the last row and back: rows are drawn as they come into sight.
    for (let step = 0; step < 20; step += 1) await page.keyboard.press("PageDown");
    assert.deepEqual(await at(), [String(nodes.length - 1), "-1"]);
    const box = await page.evaluate(() => { const { top, bottom } = document.activeElement.getBoundingClientRect(); return [top, bottom]; });
    const grid = await page.locator("#history").boundingBox();
    assert.ok(box[0] >= grid.y && box[1] <= grid.y + grid.height + 1, "what has the focus is in sight");
    assert.equal(await page.locator('#history .rows [tabindex="0"]').count(), 1);
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.waitForURL(/runs\/.*#node=/);
  }));

test("squares show time and rows too", () =>
  visit("history.html#show=time", {}, async (page) => {
    await page.waitForSelector("#history .line a.cell[class*=heat]");
    const title = await page.locator("#history .line a.cell[class*=heat]").first().getAttribute("title");
    assert.match(title, /, \d+ ms$/);
    await page.getByLabel("Squares show").selectOption("rows");
    await page.waitForFunction(() => /rows$/.test(document.querySelector("#history .line a.cell[class*=heat]")?.title ?? ""));
  }));

test("what an address names and isn't there is told", () =>
  visit("history.html#since=nope&show=odd", {}, async (page) => {
    await page.getByText("No run that is shown is called “nope”. Squares can’t show “odd”.").waitFor();
  }));

test("without JavaScript the page has the nodes that were built most often", () =>
  visit("history.html", { javaScriptEnabled: false }, async (page) => {
    const rows = await page.locator("#history tbody tr").count();
    assert.equal(rows, Math.min(100, nodes.length));
    assert.match(await page.locator("#history tbody tr").first().textContent(), /×/);
    assert.match(await page.locator("#history-note").textContent(), new RegExp(`${nodes.length - 100} more`));
  }));

test("a node's strip has a square a run, with those that skipped it put in between by a script", async () => {
  const rebuilt = runs[1].results.results.find((row) => row.status === "success").name;
  const left = runs[1].results.results.find((row) => row.status === "skipped").name;
  for (const [name, still] of [[rebuilt, 2], [left, 1]]) {
    await visit(`nodes/${name}.html`, { javaScriptEnabled: false }, async (page) => {
      assert.equal(await page.locator("#runs-of-node a.cell").count(), still, name);
    });
    await visit(`nodes/${name}.html`, {}, async (page) => {
      await page.waitForFunction((count) => document.querySelectorAll("#runs-of-node a.cell").length === count, runs.length);
      const cells = await page.locator("#runs-of-node a.cell").evaluateAll((all) =>
        all.map((cell) => [Number(cell.querySelector("rect").getAttribute("x")), cell.querySelector("text").textContent]));
      cells.sort((a, b) => a[0] - b[0]);
      assert.deepEqual(cells.map((cell) => cell[1]), glyphs(name), name);
      assert.deepEqual(cells.map((cell) => cell[0]), runs.map((_, at) => at * 24));
    });
  }
});

test("a run's page shows where its time went, a bar a node", async () => {
  for (const run of runs) {
    const id = run.results.metadata.run_id;
    await visit(`runs/${id}.html`, { javaScriptEnabled: false }, async (page) => {
      const took = run.results.results.filter((row) => row.started_at);
      assert.equal(await page.locator("svg.gantt rect").count(), took.length);
      const words = await page.locator("section.time .lede").textContent();
      assert.ok(words.startsWith(`${took.length} node`), words);
    });
  }
});
