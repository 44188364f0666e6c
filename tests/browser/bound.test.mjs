// Pages of a project with 3,000 nodes: none is heavy, endless or wider than the screen, whatever opens it; what the first
// screen tells, whatever happened; and the bar of a phone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { Visitor, fileUrl, kinds, launch, project, short, variable } from "./site.mjs";

const most = join(variable("FFT_MOST_PROJECT"), "site/dag"), demo = join(variable("FFT_DEMO_PROJECT"), "site/dag");
const BYTES = 300_000, HEIGHT = 20_000;
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

for (const [size, options] of [["wide", { viewport: { width: 1440, height: 900 } }], ["phone", PHONE]]) {
  for (const javaScriptEnabled of [true, false]) {
    test(`no page of 3,000 nodes is heavy, endless or too wide: ${size}, ${javaScriptEnabled ? "with" : "without"} a script`, async () => {
      const visitor = await Visitor.to(browser, fileUrl(most), { ...options, javaScriptEnabled });
      const wrong = [], seen = kinds(most);
      assert.ok(["index.html", "audit.html", "history.html", "runs/compare.html"].every((path) => seen.includes(path)) && seen.some((path) => path.startsWith("nodes/")), seen.join());
      for (const path of seen) {
        const bytes = statSync(join(most, path)).size, page = await visitor.open(path);
        if (javaScriptEnabled) await page.waitForTimeout(300);
        const { height, wider } = await page.evaluate(() => {
          const { scrollHeight, scrollWidth, clientWidth } = document.documentElement;
          return { height: scrollHeight, wider: scrollWidth - clientWidth };
        });
        if (bytes > BYTES || height > HEIGHT || wider > 0) wrong.push({ path, bytes, height, wider });
      }
      await visitor.close();
      assert.deepEqual(wrong, []);
      assert.deepEqual(visitor.faults, []);
    });
  }
}

// What happened is told before anybody scrolls: the sentence, what failed with its message, and where each cause is.
const plain = (words) => words.replace(/\s+/g, " ").trim(), TOLD = 3;
for (const [size, options] of [["wide", { viewport: { width: 1440, height: 900 } }], ["phone", PHONE]]) {
  for (const name of ["DEMO", "MANY", "MOST"]) {
    test(`the first screen tells what happened, what failed and why: ${name}, ${size}`, async () => {
      const site = project(name), visitor = await Visitor.to(browser, site.base, options);
      const page = await visitor.open("index.html"), { height } = options.viewport, end = async (locator) => { const box = await locator.boundingBox(); return box.y + box.height; };
      await page.waitForSelector("#graph[data-ready]", { state: "attached" });
      const told = page.locator("h1.headline"), sentence = plain(await told.innerText());
      if (site.results.sentence) assert.equal(sentence, plain(site.results.sentence));
      assert.ok(await end(told) <= height, "the sentence");
      const failed = site.results.results.filter((one) => one.status === "error");
      for (const one of failed.length <= TOLD ? failed : []) assert.ok(sentence.includes(short(one.name)) && sentence.includes(plain(one.message.split("\n")[0])), one.name);
      const cards = await page.locator(".failure:visible, .card:visible").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
      assert.ok(cards.length > 0 && cards[0] < height, `a card in sight: ${cards}`);
      if (size === "wide") {
        const stage = await page.locator(".stage").boundingBox();
        assert.ok(stage.y + stage.height <= height + 1, `all of the graph in sight: ${JSON.stringify(stage)}`);
        // Of boxes and cells those of causes are within it.
        const roots = site.results.roots.filter((one) => one.kind === "node");
        for (const root of roots.slice(0, TOLD)) {
          await page.evaluate((root) => { location.hash = "#root=" + encodeURIComponent(root); }, root.name);
          await page.locator(".panel").getByRole("heading", { level: 3, name: short(root.name) }).waitFor();
          await page.waitForTimeout(350);
          const box = await page.locator(".stage .box.here, .stage .cell[aria-current]").boundingBox(), outer = await page.locator(".stage").boundingBox();
          assert.ok(box && box.x >= outer.x - 1 && box.y >= outer.y - 1 && box.x + box.width <= outer.x + outer.width + 1 && box.y + box.height <= outer.y + outer.height + 1, `${root.name}: ${JSON.stringify([box, outer])}`);
        }
      }
      await visitor.close();
      assert.deepEqual(visitor.faults, []);
    });
  }
}

const targets = (page, selector) => page.locator(selector).evaluateAll((all) =>
  all.map((one) => one.getBoundingClientRect()).filter((box) => box.width > 0).map((box) => [Math.round(box.width), Math.round(box.height)]));

test("on a phone the bar is one line that stays, and its places are behind a button", async () => {
  const visitor = await Visitor.to(browser, fileUrl(demo), PHONE);
  const page = await visitor.open("audit.html");
  const bar = page.locator("header.top"), menu = page.getByRole("button", { name: "Pages" }), place = page.getByRole("link", { name: "Runs", exact: true });
  assert.ok((await bar.boundingBox()).height <= 56, JSON.stringify(await bar.boundingBox()));
  for (const [width, height] of await targets(page, "header.top :is(a, button)")) assert.ok(width >= 24 && height >= 24, `${width} × ${height}`);
  await page.evaluate(() => scrollTo(0, 500));
  assert.equal((await bar.boundingBox()).y, 0);
  assert.equal(await place.isVisible(), false);
  await menu.tap();
  assert.equal(await menu.getAttribute("aria-expanded"), "true");
  for (const [, height] of await targets(page, "#places a")) assert.ok(height >= 40, `${height} pixels for a finger`);
  await page.keyboard.press("Escape");
  assert.equal(await place.isVisible(), false);
  assert.ok(await menu.evaluate((button) => button === document.activeElement));
  await menu.tap();
  await place.tap();
  await page.waitForURL(/runs\/index\.html$/);
  await visitor.close();
  assert.deepEqual(visitor.faults, []);
});

test("without a script a phone has all places of the bar", async () => {
  const visitor = await Visitor.to(browser, fileUrl(demo), { ...PHONE, javaScriptEnabled: false });
  const page = await visitor.open("index.html");
  assert.equal(await page.getByRole("button", { name: "Pages" }).count(), 0);
  for (const name of ["Overview", "History", "Runs", "Audit", "Columns", "Sources"]) assert.ok(await page.getByRole("link", { name, exact: true }).isVisible(), name);
  await visitor.close();
});

test("on a phone a node is a line, with why below it where anything was done", async () => {
  const visitor = await Visitor.to(browser, fileUrl(demo), PHONE);
  const page = await visitor.open("index.html");
  const rows = await page.locator("table[data-nodes] tbody tr").evaluateAll((all) => all.map((row) => ({
    skipped: row.querySelector(".badge.skip") !== null,
    height: row.getBoundingClientRect().height,
    one: Math.abs(row.querySelector(".badge").getBoundingClientRect().top - row.querySelector("a.name").getBoundingClientRect().top) < 12,
    why: row.querySelector(".why").getBoundingClientRect().height > 0,
  })));
  assert.ok(rows.some((row) => row.skipped) && rows.some((row) => !row.skipped));
  for (const row of rows) assert.ok(row.one && row.why !== row.skipped && row.height < (row.skipped ? 48 : 120), JSON.stringify(row));
  await visitor.close();
});

test("the numbers of a difference's lines have no frames of their own", async () => {
  const visitor = await Visitor.to(browser, fileUrl(demo));
  const page = await visitor.open("nodes/stg_users.ff.html");
  const frames = await page.locator(".diff .at").evaluateAll((all) => all.map((one) => getComputedStyle(one).borderRightWidth));
  assert.ok(frames.length > 0 && frames.every((width) => width === "0px"), frames.join());
  await visitor.close();
});
