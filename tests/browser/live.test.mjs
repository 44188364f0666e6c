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
  await page.waitForFunction(() => !window.before && document.body.textContent.includes("added.ff"), null, { timeout: 60_000 });
  assert.equal(await page.evaluate(() => location.hash), "#theme=dark");
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await visitor.close();
  assert.deepEqual(visitor.faults, []);
});
