// What a script adds to a page, on file://: themes, ages, sorting.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { Visitor, fileUrl, launch, variable } from "./site.mjs";

const base = fileUrl(join(variable("FFT_DEMO_PROJECT"), "site/dag"));

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const visit = async (path, options, work) => {
  const visitor = await Visitor.to(browser, base, options);
  await work(await visitor.open(path), visitor);
  await visitor.close();
  assert.deepEqual(visitor.faults, []);
};

test("the theme is switched, kept from page to page, and set by the address", () =>
  visit("index.html", { colorScheme: "light" }, async (page, visitor) => {
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await ground();
    const button = page.getByRole("button", { name: /^Theme/ });
    while (!(await button.textContent()).includes("dark")) await button.click();
    const dark = await ground();
    assert.notEqual(dark, light);
    await visitor.open("audit.html");
    assert.equal(await ground(), dark);
    await visitor.open("audit.html#theme=light");
    await page.reload();
    assert.equal(await ground(), light);
  }));

test("a table is sorted by its headings, up and down, and says so", () =>
  visit("index.html", {}, async (page) => {
    const table = page.locator("table[data-sort]").first();
    const heading = table.getByRole("columnheader", { name: "Node" });
    const names = () => table.locator("tbody tr").evaluateAll((rows) => rows.map((row) => row.textContent));
    const key = (rows) => rows.map((row) => row.match(/[a-z]+_[a-z_.]+/)[0]);
    await heading.getByRole("button").press("Enter");
    const up = key(await names());
    assert.equal(await heading.getAttribute("aria-sort"), "ascending");
    assert.deepEqual(up, [...up].sort());
    await heading.getByRole("button").press("Enter");
    assert.equal(await heading.getAttribute("aria-sort"), "descending");
    assert.deepEqual(key(await names()), up.toReversed?.() ?? [...up].reverse());
    assert.match(await page.locator("#announce").textContent(), /Sorted by Node/);
  }));

test("a page fits at 200 % zoom and prints without its tools", () =>
  visit("nodes/stg_users.ff.html", { viewport: { width: 720, height: 450 }, deviceScaleFactor: 2 }, async (page) => {
    const wider = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(await wider(), 0);
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.getByRole("button", { name: /^Theme/ }).isVisible(), false);
    assert.ok((await page.locator("main").innerText()).includes("upper(trim(name))"));
  }));

test("the first screen has the sentence, the causes and the graph; on a phone the graph comes last", async () => {
  const tops = (page) =>
    page.evaluate(() => {
      const top = (selector) => document.querySelector(selector)?.getBoundingClientRect().top ?? Infinity;
      return { sentence: top(".headline"), cause: top(".card"), graph: top("#graph .stage, #graph .picture"), nodes: top("#nodes") };
    });
  await visit("index.html", { viewport: { width: 1440, height: 900 } }, async (page) => {
    await page.locator("#graph[data-ready]").waitFor();
    const { sentence, cause, graph } = await tops(page);
    assert.ok(sentence < 200 && cause < 500 && graph < 500, JSON.stringify({ sentence, cause, graph }));
  });
  await visit("index.html", { viewport: { width: 390, height: 844 }, javaScriptEnabled: false }, async (page) => {
    const { sentence, cause, graph, nodes } = await tops(page);
    assert.ok(sentence < 400 && cause < 844 && cause < graph && graph < nodes, JSON.stringify({ sentence, cause, graph, nodes }));
  });
});

test("the list of runs is filtered, and the address keeps it", () =>
  visit("runs/index.html", {}, async (page) => {
    const shown = () => page.locator("table[data-runs] tbody tr:visible").count();
    const all = await shown();
    await page.locator("p.filters select").first().selectOption("quiet");
    assert.match(page.url(), /#did=quiet/);
    const quiet = await page.locator('table[data-runs] tbody tr[data-did="quiet"]').count();
    assert.ok(quiet < all, "not every run is quiet");
    assert.equal(await shown(), quiet);
    await page.reload();
    assert.equal(await shown(), quiet);
    await page.locator("p.filters select").first().selectOption("");
    assert.equal(await shown(), all);
  }));

test("what is on a page can be copied, and says that it was", () =>
  visit("index.html", { permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
    const sentence = (await page.locator("h1").innerText()).replace(/\s+/g, " ").trim();
    const button = page.getByRole("button", { name: /as Markdown/ });
    await button.click();
    await page.waitForFunction(() => document.getElementById("announce").textContent !== "");
    assert.match(await page.locator("#announce").textContent(), /^Copied/);
    const text = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(text.startsWith(`**${sentence}**`), text);
    assert.ok(text.includes("```diff\n") && text.includes("upper(trim(name))"), text);
  }));

test("a column's way is drawn when somebody asks, and leads on", () =>
  visit("columns/stg_users.ff.html", {}, async (page) => {
    const section = page.locator("#columns section").first();
    await section.getByRole("button", { name: "Draw its way" }).press("Enter");
    const region = section.getByRole("region");
    await region.locator("svg.picture").waitFor();
    assert.equal(await region.locator("a.here[aria-current]").count(), 1);
    const boxes = await region.locator("a.box").count();
    assert.ok(boxes > 1, `${boxes} boxes`);
    assert.equal(await section.getByRole("button").count(), 0);
    assert.ok(await region.evaluate((element) => element === document.activeElement), "the drawing has the focus");
    const other = region.locator("a.box:not(.here)").first(), wanted = await other.getAttribute("href");
    await other.press("Enter");
    await page.waitForURL((url) => url.href.endsWith(wanted.replace("../", "")));
    assert.equal(await page.locator(`[id="${wanted.split("#")[1]}"]`).count(), 1);
  }));

test("names of columns are filtered, and all come back", () =>
  visit("columns.html", {}, async (page) => {
    const rows = page.locator("table.column-names tbody tr"), all = await rows.count();
    const field = page.getByLabel("Filter");
    await field.fill("user_id");
    await page.locator("#column-filter").getByText(/found/).waitFor();
    const names = await rows.locator("th").allTextContents();
    assert.ok(names.includes("user_id") && names.length < all, names.join());
    const [link] = await rows.locator("a").evaluateAll((links) => links.map((one) => one.getAttribute("href")));
    assert.match(link, /^columns\/.+\.html#column-/);
    await field.fill("nothing is called so");
    await page.getByText("0 found").waitFor();
    await field.fill("");
    assert.equal(await rows.count(), all);
  }));
