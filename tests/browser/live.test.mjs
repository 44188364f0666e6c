// A served page follows the project's runs by itself, and keeps what its address says.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Visitor, launch, variable } from "./site.mjs";

const [project, url, fft] = ["FFT_LIVE_PROJECT", "FFT_LIVE_URL", "FFT"].map(variable);

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

test("an open page loads again when a run changed the site", async () => {
  const visitor = await Visitor.to(browser, url);
  const page = await visitor.open("index.html#theme=dark");
  // The page asks for the version once it is loaded; before that there is nothing to compare with.
  await page.waitForResponse((response) => response.url().includes("/__fft/wait.js") && response.ok());
  await page.evaluate(() => { window.before = true; });
  writeFileSync(join(project, "models/added.ff.sql"), "select 1 as a\n");
  execFileSync(fft, ["run", project, "--quiet"]);
  await page.waitForFunction(() => !window.before && document.body.textContent.includes("added"), null, { timeout: 60_000 });
  assert.equal(await page.evaluate(() => location.hash), "#theme=dark");
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await visitor.close();
  assert.deepEqual(visitor.faults, []);
});

test("an open page tells what a run now would do, and what is wrong with a file", async () => {
  const visitor = await Visitor.to(browser, url);
  const page = await visitor.open("index.html");
  const plan = page.locator(".live .ahead summary");
  await plan.filter({ hasText: "A run now would build nothing" }).waitFor({ timeout: 60_000 });
  writeFileSync(join(project, "models/one.ff.sql"), "select 2 as a\n");
  await plan.filter({ hasText: "A run now would build 1 of" }).waitFor({ timeout: 60_000 });
  await plan.click();
  const item = page.locator(".live .ahead li", { hasText: "one.ff" });
  assert.match(await item.innerText(), /BUILD[\s\S]*models\/one\.ff\.sql/);
  // The graph can be coloured by it, apart from what the last run did.
  await page.getByRole("link", { name: "Show it in the graph" }).click();
  await page.waitForFunction(() => location.hash.includes("lens=plan"));
  await page.locator("#graph").getByText("would be built").first().waitFor();
  writeFileSync(join(project, "models/one.ff.sql"), "select {{ ref('nowhere') }} as a\n");
  const wrong = page.locator(".live .wrong");
  await wrong.getByText("models/one.ff.sql:1:").waitFor({ timeout: 60_000 });
  assert.ok((await plan.innerText()).includes("the last good plan"));
  // Esc closes the list and keeps the place.
  await plan.focus();
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".live .ahead").evaluate((one) => one.open), false);
  writeFileSync(join(project, "models/one.ff.sql"), "select 2 as a\n");
  await wrong.waitFor({ state: "hidden", timeout: 60_000 });
  await page.goto(url + "nodes/one.ff.html");
  await page.locator(".live .ahead summary").click();
  await page.getByText("This node would be built").waitFor();
  await visitor.close();
  assert.deepEqual(visitor.faults, []);
});

test("an open page says what a run did while it was open", async () => {
  const visitor = await Visitor.to(browser, url);
  const page = await visitor.open("index.html");
  await page.locator(".live .ahead summary").waitFor({ timeout: 60_000 });
  execFileSync(fft, ["run", project, "--quiet"]);
  const news = page.locator(".live .news");
  await news.getByText("New run: 1 rebuilt").waitFor({ timeout: 60_000 });
  await news.getByRole("link", { name: "What changed" }).click();
  await page.waitForURL(/runs\//);
  await visitor.close();
  assert.deepEqual(visitor.faults, []);
});
