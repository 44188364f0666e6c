// Who reads changed columns, rows and boxes that lead to each other, the graph of what differs between two runs, a
// comparison that is copied, a file beside its compiled text, small pictures: on the demo, opened as files.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { AXE, Visitor, back, fileUrl, launch, project, short, variable } from "./site.mjs";

const demo = project("DEMO"), many = project("MANY"), audited = project("AUDITED");
const root = demo.results.roots.find((one) => one.columns), edited = root.name;
const row = (name) => demo.results.results.find((one) => one.name === name);
const SIZES = [{ width: 1440, height: 900 }, { width: 390, height: 844 }];

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const visit = async (site, path, act, options = {}) => {
  const visitor = await Visitor.to(browser, site.base, { viewport: SIZES[0], ...options });
  await act(await visitor.open(path), visitor);
  await visitor.close();
  assert.deepEqual(visitor.faults, []);
};
const ready = (page) => page.waitForSelector("#graph[data-ready]", { state: "attached" });
const named = (name, value) => `#${name}=${encodeURIComponent(value)}`;
const axe = async (page, where) => {
  await page.evaluate(AXE);
  const found = await page.evaluate((where) => window.axe.run(where, { resultTypes: ["violations"], preload: false }), where);
  assert.deepEqual(found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`), []);
};

describe("changed columns", () => {
  test("colour the graph by who reads them, and say so in the box and in the legend", () => visit(demo, "index.html#lens=columns", async (page) => {
    await ready(page);
    const { readers, perhaps = [] } = root.columns, box = (name) => page.locator(".stage .box", { has: page.locator(".name", { hasText: new RegExp(`^${short(name)}$`) }) });
    assert.ok(readers.length > 0, "the demo's edit is read");
    assert.match(await box(edited).locator(".word").innerText(), /columns edited here$/);
    for (const name of readers) assert.match(await box(name).locator(".word").innerText(), /reads a changed column$/);
    const legend = page.locator(".legend li");
    assert.equal(await legend.filter({ hasText: "reads a changed column" }).locator("strong").innerText(), String(readers.length));
    assert.equal(perhaps.length, 0);
    assert.equal(await legend.filter({ hasText: "not rebuilt for such an edit" }).locator("strong").innerText(), String(demo.results.results.length - 1 - readers.length));
  }));

  test("are told at the cause, and to a node that reads them", () => visit(demo, `index.html${named("node", root.columns.readers[0])}`, async (page, visitor) => {
    const cause = page.locator(".panel .because", { hasText: root.columns.sentence });
    await cause.waitFor();
    assert.match(await cause.innerText(), /this node reads that/);
    assert.ok(await cause.locator(".diff tr.add").count() > 0, "with the difference");
    await page.evaluate((hash) => { location.hash = hash; }, named("root", edited));
    await page.locator(".panel", { hasText: root.columns.sentence }).waitFor();
    assert.ok((await page.locator(".card", { hasText: root.columns.sentence }).count()) === 1, "and on the card");
    await visitor.open(`nodes/${edited}.html`);
    assert.ok((await page.locator("main").innerText()).includes(root.columns.sentence));
  }));

  test("are no choice where no edit is one of columns", () => visit(many, "index.html#lens=columns", async (page) => {
    await ready(page);
    const keys = await page.getByLabel("Colour by").locator("option").evaluateAll((all) => all.map((one) => one.value));
    assert.ok(!keys.includes("columns"), keys.join());
    await page.getByText("The graph can’t be coloured by `columns`.").waitFor();
  }));

  for (const colorScheme of ["light", "dark"]) {
    test(`have no violation that axe knows: ${colorScheme}`, () => visit(demo, `index.html#lens=columns&node=${encodeURIComponent(root.columns.readers[0])}`, async (page) => {
      await page.locator(".panel .reads").waitFor();
      await axe(page, "#graph");
    }, { colorScheme }));
  }
});

describe("rows and boxes", () => {
  test("lead to each other on the first page", () => visit(demo, "index.html", async (page) => {
    await ready(page);
    const line = page.locator("table[data-nodes] tbody tr", { has: page.getByRole("link", { name: short(edited), exact: true }) });
    await line.locator("[data-label=Kind]").click();
    await page.locator(".panel").getByRole("heading", { level: 3, name: short(edited) }).waitFor();
    assert.ok((await line.getAttribute("class")).includes("here"));
    await back(page);
    await page.locator(".panel").waitFor({ state: "hidden" });
    assert.equal(await page.locator("table[data-nodes] tr.here").count(), 0);
    // The same by keyboard: the link at the row's end.
    await line.getByRole("link", { name: `Show ${edited} in the graph` }).focus();
    await page.keyboard.press("Enter");
    await page.locator(".panel").getByRole("heading", { level: 3, name: short(edited) }).waitFor();
    await page.locator(".stage .box.here", { hasText: short(edited) }).waitFor();
  }));

  test("lead from the audit to the graph, as its run left it, and back", () => visit(demo, "audit.html", async (page, visitor) => {
    await page.waitForFunction(() => document.getElementById("counted").textContent !== "");
    const line = (name) => page.locator("#audit tbody tr", { has: page.getByRole("link", { name: short(name), exact: true }) });
    await line(edited).locator("[data-label=Fingerprint]").click();
    await page.locator(".panel").getByRole("heading", { level: 3, name: short(edited) }).waitFor();
    assert.match(page.url(), /index\.html#node=[^&]*$/);
    await page.locator(".panel").getByRole("link", { name: "In the audit" }).click();
    await page.locator("#audit tr.here").waitFor();
    assert.equal(await page.locator("#audit tr.here th").innerText(), short(edited));
    const first = await page.locator("#run option").last().getAttribute("value");
    await visitor.open("index.html");
    await visitor.open(`audit.html#run=${first}`);
    await page.waitForFunction((run) => document.getElementById("run").value === run && document.getElementById("counted").textContent !== "", first);
    await line(edited).getByRole("link", { name: "graph" }).click();
    await page.locator(".panel .beside", { hasText: "first build" }).waitFor();
    assert.ok(page.url().includes(`at=${first}`));
    await visitor.open("columns.html");
    await visitor.open("audit.html#node=nope");
    await page.getByText("knows no node “nope”").waitFor();
  }));
});

describe("a comparison", () => {
  const copied = async (site, path, before, after, options = {}) => {
    let text = "";
    await visit(site, "columns.html", async (page, visitor) => {
      await page.context().exposeFunction("took", (words) => { text = words; });
      await page.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: { writeText: async (words) => window.took(words) } }));
      await visitor.open(`runs/compare.html#before=${before}&after=${after}`);
      await page.getByRole("button", { name: "Copy as Markdown" }).click();
      await page.getByRole("button", { name: "Copied" }).waitFor();
    }, options);
    return text;
  };
  for (const at of ["DEMO", "AUDITED"]) {
    test(`is copied as fft diff prints it: ${at}`, async () => {
      const root = variable(`FFT_${at}_PROJECT`), site = { base: fileUrl(join(root, "site/dag")) };
      const runs = readdirSync(join(root, ".fastflowtransform/runs")).map((name) => name.replace(".json", "")).sort();
      const pairs = runs.slice(1).map((run, at) => [runs[at], run]).concat([[runs[0], runs.at(-1)], [runs.at(-1), runs[0]]]);
      for (const [before, after] of pairs) {
        const expected = execFileSync(variable("FFT"), ["diff", before, after, "--markdown"], { cwd: root, encoding: "utf8", timeout: 60_000 });
        assert.equal(await copied(site, "", before, after), expected, `${before} → ${after}`);
      }
    });
  }

  test("colours the graph by what differs, and tells of a node that is selected what it says", () => visit(demo, "runs/compare.html#before=previous&after=latest", async (page) => {
    await ready(page);
    await page.locator(".stage .box.lensed").first().waitFor();
    const differing = await page.locator("#compared tbody tr").count();
    const count = async (words) => Number(await page.locator(".legend li", { hasText: words }).locator("strong").innerText().catch(() => "0"));
    assert.equal(await count("changed by what is upstream") + await count(/^\S* ?changed \d/), differing);
    assert.equal(await count("the same"), demo.results.results.length - differing);
    assert.equal(await page.locator(".views").getByRole("button", { name: "This run" }).count(), 0);
    await page.locator(".stage .box", { hasText: short(edited) }).first().click();
    const beside = page.locator(".panel .beside");
    await beside.waitFor();
    assert.ok((await beside.innerText()).includes(row(edited).decision.causes[0].sentence));
    const kept = new URLSearchParams(page.url().split("#")[1]);
    assert.deepEqual([kept.get("before"), kept.get("after"), kept.get("lens"), kept.get("node")], ["previous", "latest", "change", edited]);
    assert.equal(await page.locator("#compared tr.here th").innerText(), short(edited));
    const other = page.locator("#compared tbody tr:not(.here)").first(), name = await other.locator("th").innerText();
    await other.locator("[data-label=Change]").click();
    await page.locator(".panel").getByRole("heading", { level: 3, name }).waitFor();
    // Another pair is another picture, and what is selected stays.
    await page.getByLabel("Before").fill("latest");
    await page.getByLabel("Before").press("Enter");
    await page.getByText("Nothing differs.").waitFor();
    await page.waitForFunction((total) => document.querySelector(".legend")?.textContent.includes(`the same ${total}`), demo.results.results.length);
    await axe(page, "main");
  }));

  test("draws and lists what the project has no more, with what it read and what read it", () => visit(audited, "columns.html", async (page, visitor) => {
    const runs = readdirSync(join(variable("FFT_AUDITED_PROJECT"), ".fastflowtransform/runs")).sort(), [first] = runs;
    await visitor.open(`runs/compare.html#before=${first.replace(".json", "")}&after=latest`);
    await ready(page);
    const box = page.locator(".stage .box", { has: page.locator(".name", { hasText: /^gone$/ }) });
    await box.waitFor();
    assert.match(await box.locator(".word").innerText(), /^SQL · removed$/);
    assert.match(await page.locator(".legend li", { hasText: "removed" }).innerText(), /removed\s+1$/);
    const note = page.locator("#ungraphed");
    assert.match(await note.innerText(), /^The project has 1 node no more, drawn here as it was: gone\.$/);
    const row = page.locator("#compared tbody tr", { has: page.locator("th", { hasText: /^gone$/ }) });
    assert.equal(await row.locator("[data-label=Change]").innerText(), "REMOVED");
    await row.locator("[data-label=Change]").click();
    await page.locator(".panel").getByRole("heading", { level: 3, name: "gone" }).waitFor();
    for (const near of ["stg_orders", "report"]) assert.ok(await page.locator(".panel ul.names a", { hasText: new RegExp(`^${near}$`) }).count() > 0, near);
    await page.locator(".saves summary").click();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "JSON", exact: true }).click()]);
    const { edges } = JSON.parse(readFileSync(await download.path(), "utf8"));
    for (const [from, to] of [["stg_orders.ff", "gone.ff"], ["gone.ff", "report.ff"]]) assert.ok(edges.some(([one, other]) => one === from && other === to), `${from} → ${to}`);
    // Between two runs of which neither has it there is nothing of it.
    await page.getByLabel("Before").fill("latest~1");
    await page.getByLabel("Before").press("Enter");
    await note.waitFor({ state: "hidden" });
    await page.waitForFunction(() => ![...document.querySelectorAll(".stage .box .name")].some((one) => one.textContent === "gone"));
  }));

  for (const viewport of SIZES) {
    test(`fits the screen: ${viewport.width}`, () => visit(demo, "runs/compare.html", async (page) => {
      await ready(page);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= viewport.width);
    }, { viewport }));
  }
});

describe("what a run did", () => {
  for (const at of ["DEMO", "AUDITED"]) {
    test(`is copied from its page and the first one as fft history show prints it: ${at}`, async () => {
      const root = variable(`FFT_${at}_PROJECT`), site = { base: fileUrl(join(root, "site/dag")) };
      const runs = readdirSync(join(root, ".fastflowtransform/runs")).map((name) => name.replace(".json", "")).sort();
      const told = (run) => execFileSync(variable("FFT"), ["history", "show", run, "--markdown"], { cwd: root, encoding: "utf8", timeout: 60_000 });
      for (const [path, run] of [...runs.map((run) => [`runs/${run}.html`, run]), ["index.html", runs.at(-1)]]) {
        let text = "";
        await visit(site, "columns.html", async (page, visitor) => {
          await page.context().exposeFunction("took", (words) => { text = words; });
          await page.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: { writeText: async (words) => window.took(words) } }));
          await visitor.open(path);
          await page.getByRole("button", { name: /as Markdown/ }).click();
          await page.waitForFunction(() => /^Copied/.test(document.getElementById("announce").textContent));
        });
        assert.equal(text, told(run), path);
      }
    });
  }
});

describe("a node's page", () => {
  const page = `nodes/${edited}.html`, shown = (page) => page.evaluate(() => ["rendered", "source"].filter((one) => document.querySelector(`.texts > .${one}`).checkVisibility()));
  const source = readFileSync(join(fileURLToPath(demo.base), "../..", demo.manifest.nodes[edited].path), "utf8");

  for (const javaScriptEnabled of [true, false]) {
    test(`has the file beside the compiled text, ${javaScriptEnabled ? "with" : "without"} a script`, () => visit(demo, page, async (page, visitor) => {
      assert.deepEqual(await shown(page), ["rendered"]);
      await page.getByRole("radio", { name: "Source" }).check();
      assert.deepEqual(await shown(page), ["source"]);
      assert.equal((await page.locator(".texts .source .l").allTextContents()).join("").trimEnd(), source.trimEnd());
      await page.getByRole("radio", { name: "Both" }).check();
      assert.deepEqual(await shown(page), ["rendered", "source"]);
      const [left, right] = [await page.locator(".texts .rendered").boundingBox(), await page.locator(".texts .source").boundingBox()];
      assert.ok(left.x + left.width <= right.x && Math.abs(left.y - right.y) < 2, JSON.stringify([left, right]));
      await visitor.open("columns.html");
      await visitor.open(`nodes/${edited}.html#S1`);
      assert.ok((await shown(page)).includes("source"), "a line that is named is shown");
    }, { javaScriptEnabled }));
  }

  test("leads to a small picture that stands alone", () => visit(demo, page, async (page) => {
    await page.getByRole("link", { name: "A small picture of it" }).click();
    await page.waitForURL(/\.svg$/);
    const boxes = await page.locator(".box").evaluateAll((all) => all.map((one) => [one.querySelector(".name").textContent, one.getAttribute("href"), one.classList.contains("here")]));
    const near = [...demo.manifest.parents[edited], ...demo.manifest.children[edited], edited].sort();
    assert.deepEqual(boxes.map(([name]) => name).filter((name) => near.map(short).includes(name)).sort(), near.map(short).sort());
    assert.deepEqual(boxes.filter(([, , here]) => here).map(([name]) => name), [short(edited)]);
    const [, other] = boxes.find(([name, address]) => name !== short(edited) && address.endsWith(".html") && !address.includes("sources/"));
    await page.locator(`.box[href="${other}"]`).click();
    await page.waitForURL(/\/nodes\/.*\.html$/);
  }));
});
