// What an auditor does in a browser, on file://: a page verifies itself, any node of any run has an address, any two runs
// are compared with reasons, any run has its audit.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Visitor, fileUrl, launch, pages, variable } from "./site.mjs";

const project = variable("FFT_DEMO_PROJECT");
const dir = join(project, "site/dag");
const base = fileUrl(dir);
const fft = (cwd, ...words) => JSON.parse(execFileSync(variable("FFT"), [...words, "--json"], { cwd, encoding: "utf8", maxBuffer: 1 << 28, timeout: 60_000 }));
const runs = readdirSync(join(project, ".fastflowtransform/runs")).map((name) => name.replace(".json", "")).sort();
const names = (run) => JSON.parse(readFileSync(join(project, `.fastflowtransform/runs/${run}.json`), "utf8")).results.results.map((row) => row.name);

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const visit = async (path, options, work, at = base) => {
  const visitor = await Visitor.to(browser, at, options);
  await work(await visitor.open(path), visitor);
  await visitor.close();
  assert.deepEqual(visitor.faults, []);
};

// Presses the button and gives what the page says: good or bad, with its sentences.
const verified = async (page) => {
  await page.getByRole("button", { name: "Verify in this browser" }).click();
  await page.waitForSelector("#verified[data-result]", { timeout: 20_000 });
  return { result: await page.locator("#verified").getAttribute("data-result"), said: await page.locator("#verified").innerText() };
};

test("every page verifies itself", () =>
  visit("index.html", {}, async (page, visitor) => {
    const nodes = pages(dir).filter((path) => path.startsWith("nodes/"));
    for (const path of nodes) {
      await visitor.open(path);
      const { result, said } = await verified(page);
      assert.equal(result, "good", `${path}: ${said}`);
      const rows = await page.locator("table.components tbody tr[data-leaf]").count();
      assert.match(said, new RegExp(`follows from its ${rows} components; \\d+ leaves recomputed`), path);
      assert.match(said, /holds this fingerprint/, path);
    }
    for (const [at, run] of runs.entries()) {
      await visitor.open(`runs/${run}.html`);
      const { result, said } = await verified(page);
      assert.equal(result, "good", `${run}: ${said}`);
      assert.match(said, new RegExp(`chain of ${at + 1} records? back to the first run holds`), run);
    }
    assert.ok(nodes.length > 5 && runs.length > 1);
  }));

test("a page on which one byte is another doesn't verify", async () => {
  const copy = mkdtempSync(join(tmpdir(), "fft-site-"));
  try {
    cpSync(dir, copy, { recursive: true });
    const path = "nodes/stg_users.ff.html", whole = readFileSync(join(copy, path), "utf8");
    const flip = (text, at) => text.slice(0, at) + (text[at] === "a" ? "b" : "a") + text.slice(at + 1);
    const places = [...whole.matchAll(/data-leaf="([0-9a-f]{64})"/g)].map((found) => found.index + 'data-leaf="'.length);
    const changes = [
      ...places.flatMap((at) => [flip(whole, at), flip(whole, at + 63)]),
      whole.replace(/data-value="[0-9a-f]/, (found) => found.slice(0, -1) + (found.endsWith("a") ? "b" : "a")),
      whole.replace(/class="wrap value"><code>[^<]/, (found) => found.slice(0, -1) + "~"),
      whole.replace(/data-state="1"/, 'data-state="0"'),
      whole.replace(/data-label="Name" class="mono wrap">[^<]/, (found) => found.slice(0, -1) + "~"),
    ];
    for (const [number, changed] of changes.entries()) {
      assert.ok(changed !== whole, `change ${number} changes something`);
      writeFileSync(join(copy, path), changed);
      await visit(path, {}, async (page) => {
        const { result, said } = await verified(page);
        assert.equal(result, "bad", `change ${number}: ${said}`);
      }, fileUrl(copy));
    }
    // The record is another one: what its page and the next one hold tells it.
    const first = `runs/${runs[0]}.html`, page = readFileSync(join(copy, first), "utf8");
    writeFileSync(join(copy, first), page.replace(/data-digest="[0-9a-f]/, (found) => found.slice(0, -1) + (found.endsWith("a") ? "b" : "a")));
    await visit(first, {}, async (opened) => assert.equal((await verified(opened)).result, "bad"), fileUrl(copy));
    const shard = readdirSync(join(copy, "data")).find((name) => name.startsWith(`record-${runs[0]}`));
    const other = readdirSync(join(copy, "data")).find((name) => name.startsWith(`record-${runs[1]}`));
    const packed = (name) => readFileSync(join(copy, "data", name), "utf8").match(/JSON\.parse\('(.*)'\)/)[1];
    const text = readFileSync(join(copy, "data", shard), "utf8");
    writeFileSync(join(copy, "data", shard), text.replace(packed(shard), packed(other)));
    await visit(`runs/${runs.at(-1)}.html`, {}, async (opened) => assert.equal((await verified(opened)).result, "bad"), fileUrl(copy));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});

const own = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };

test("every node of every run has an address that says what fft explain says", () =>
  visit("index.html", {}, async (page, visitor) => {
    for (const run of runs) {
      for (const name of names(run)) {
        const told = fft(project, "explain", name, "--run", run);
        await visitor.open("index.html");
        await visitor.open(`runs/${run}.html#node=${encodeURIComponent(name)}`);
        await page.waitForFunction((words) => document.getElementById("announce").textContent.startsWith(words), name + ":", { timeout: 20_000 });
        const place = (await page.locator("#explained").isVisible()) ? page.locator("#explained") : page.locator(`[id="node=${name}"]`);
        assert.ok(await place.isVisible(), `${run}: ${name} is in sight`);
        const words = (await place.innerText()).replace(/\s+/g, " ");
        for (const cause of told.decision.causes) {
          assert.ok(words.includes(cause.code) && words.includes(cause.sentence.replace(/\s+/g, " ")), `${run}: ${name}: ${cause.sentence}`);
        }
        const causes = await place.locator(".cause h3 code.code, .reasons-list code.code").allInnerTexts();
        assert.deepEqual(causes, told.decision.causes.map((cause) => cause.code), `${run}: ${name}`);
        for (const check of told.decision.checks) assert.ok(words.includes(check.evidence.replace(/\s+/g, " ")), `${run}: ${name}: ${check.evidence}`);
      }
    }
  }));

test("without a script a built node's address leads to its explanation", () =>
  visit(`runs/${runs[0]}.html#node=stg_users.ff`, { javaScriptEnabled: false }, async (page) => {
    const place = page.locator('[id="node=stg_users.ff"]');
    assert.equal(await place.count(), 1);
    assert.match(await place.textContent(), /first build/);
  }));

for (const at of ["FFT_DEMO_PROJECT", "FFT_AUDITED_PROJECT"]) test(`any two runs are compared as fft diff compares them: ${at}`, () => {
  const project = variable(at), base = fileUrl(join(project, "site/dag"));
  const runs = readdirSync(join(project, ".fastflowtransform/runs")).map((name) => name.replace(".json", "")).sort();
  return visit("runs/compare.html", {}, async (page, visitor) => {
    for (const before of runs) {
      for (const after of runs) {
        const told = fft(project, "diff", before, after);
        await visitor.open("index.html");
        await visitor.open(`runs/compare.html#before=${before}&after=${after}`);
        await page.waitForSelector(`#comparison[data-shown="${before} ${after}"]`, { timeout: 20_000 });
        const rows = await page.locator("#compared tbody tr").evaluateAll((rows) => rows.map((row) => ({
          change: row.querySelector("[data-label='Change']").textContent.toLowerCase(),
          name: row.querySelector("th .name").title || row.querySelector("th").textContent,
          causes: [...row.querySelectorAll("[data-code]")].map((line) => [line.dataset.code, line.textContent]),
        })));
        const expected = told.nodes.filter((node) => node.change !== "same").map((node) => ({
          change: node.change, name: node.name, causes: node.causes.map((cause) => [cause.code, cause.sentence]),
        }));
        assert.deepEqual(rows, expected, `${before} → ${after}`);
      }
    }
    if (at !== "FFT_DEMO_PROJECT") return;
    const [first, last] = [runs[0], runs.at(-1)];
    await visitor.open("index.html");
    await visitor.open(`runs/compare.html#before=${first}&after=${last}`);
    await page.waitForSelector("#groups .diff tr.add", { timeout: 20_000 });
    assert.match(await page.locator("#sentence").innerText(), /^\d+ nodes differ because of \d+ things?$/);
    assert.match(await page.locator("#groups").innerText(), /upper\(trim\(name\)\)/);
    const url = new URL(await page.locator("#compared tbody th a").first().getAttribute("href"), page.url());
    assert.ok(url.href.startsWith(base));
  }, base);
});

test("a run that isn't there is told, and runs go by other names", () =>
  visit("runs/compare.html#before=nope&after=latest", {}, async (page, visitor) => {
    await page.waitForSelector("#wrong:not([hidden])");
    assert.match(await page.locator("#wrong").innerText(), /No kept run is called “nope”/);
    assert.equal(await page.locator("#comparison").isVisible(), false);
    for (const words of ["latest", "last green", runs.at(-1).slice(0, 16), `${runs.at(-1).slice(0, 4)}-${runs.at(-1).slice(4, 6)}-${runs.at(-1).slice(6, 8)}`]) {
      await page.getByLabel("Before").fill(words);
      await page.getByLabel("Before").press("Enter");
      await page.waitForSelector(`#comparison[data-shown^="${runs.at(-1)} "]`, { timeout: 20_000 });
      await page.getByLabel("Before").fill(runs[0]);
      await page.getByLabel("Before").press("Enter");
      await page.waitForSelector(`#comparison[data-shown^="${runs[0]} "]`, { timeout: 20_000 });
    }
    await visitor.open(`runs/${runs[0]}.html#node=nope`);
    await page.waitForSelector("#explained:not([hidden])");
    assert.match(await page.locator("#explained").innerText(), /knows no node “nope”/);
    await visitor.open("audit.html#run=nope");
    await page.waitForSelector("#wrong:not([hidden])");
    assert.match(await page.locator("#wrong").innerText(), /No kept run is called “nope”/);
  }));

test("every kept run has its audit, filtered and counted", () =>
  visit("audit.html", {}, async (page, visitor) => {
    for (const run of runs) {
      const recorded = JSON.parse(readFileSync(join(project, `.fastflowtransform/runs/${run}.json`), "utf8")).results.results;
      await visitor.open("index.html");
      await visitor.open(`audit.html#run=${run}`);
      await page.waitForFunction((run) => document.getElementById("run").value === run && document.getElementById("counted").textContent !== "", run);
      const rows = await page.locator("#audit tbody tr").evaluateAll((rows) => rows.map((row) => [
        row.querySelector("th .name").title || row.querySelector("th .name").textContent, [...row.querySelectorAll("[data-label='Causes'] div")].map((line) => line.textContent),
      ]));
      const sorted = (list) => list.sort(([left], [right]) => (left < right ? -1 : 1));
      assert.deepEqual(sorted(rows), sorted(recorded.map((row) => [row.name, row.decision.causes.map((cause) => cause.sentence)])), run);
    }
    await page.getByLabel("Filter").fill("stg_");
    const found = await page.locator("#audit tbody th").allInnerTexts();
    assert.ok(found.length > 0 && found.length < names(runs.at(-1)).length, found.join());
    assert.match(await page.locator("#counted").innerText(), new RegExp(`^${found.length} of `));
    await page.getByLabel("Filter").fill("");
    await page.locator("#audit").getByRole("button", { name: "Node" }).click();
    const up = await page.locator("#audit tbody th").allInnerTexts();
    assert.deepEqual(up, [...up].sort());
  }));

test("the first page is shown as an earlier run left it", () =>
  visit("index.html", {}, async (page, visitor) => {
    for (const run of runs) {
      const recorded = JSON.parse(readFileSync(join(project, `.fastflowtransform/runs/${run}.json`), "utf8")).results;
      await visitor.open("audit.html");
      await visitor.open(`index.html#at=${run}`);
      await page.waitForFunction((words) => document.querySelector("main h1").textContent === words && document.getElementById("at-run"), recorded.sentence, { timeout: 20_000 });
      assert.equal(await page.locator("main .who, main .spent").count(), 0, "what is told of the last run alone is gone");
      const told = await page.locator("table[data-nodes] tbody tr").evaluateAll((rows) => rows.map((row) => [row.querySelector("th .name").title || row.querySelector("th").textContent, row.querySelector(".badge").textContent.trim().split(" ").at(-1)]));
      const word = (row) => (row.status === "success" ? (row.decision.role === "cascade" ? "CASCADE" : "BUILD") : { skipped: "SKIP", error: "ERROR", blocked: "BLOCKED" }[row.status]);
      const sorted = (list) => list.sort(([left], [right]) => (left < right ? -1 : 1));
      assert.deepEqual(sorted(told), sorted(recorded.results.map((row) => [row.name, word(row)])), run);
    }
    await visitor.open("audit.html");
    await visitor.open("index.html#at=nope");
    await page.waitForSelector("#at-run");
    assert.match(await page.locator("#at-run").innerText(), /No kept run is called “nope”/);
  }));

for (const [size, viewport] of Object.entries(own)) {
  test(`what an auditor opens fits the screen: ${size}`, () =>
    visit("audit.html", { viewport }, async (page, visitor) => {
      const all = ["audit.html", "runs/compare.html", `runs/${runs.at(-1)}.html#node=stg_users.ff`, "nodes/stg_users.ff.html"];
      for (const path of all) {
        await visitor.open(path);
        if (path.startsWith("nodes/")) await verified(page);
        await page.waitForTimeout(300);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(wider, 0, path);
      }
    }));
}
