// The graph of the overview and search: by hand, by keyboard, by address, on projects of every size.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Visitor, fileUrl, launch, variable } from "./site.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const project = (name) => {
  const root = variable(`FFT_${name}_PROJECT`), read = (file) => JSON.parse(readFileSync(join(root, ".fastflowtransform/target", file), "utf8"));
  return { base: fileUrl(join(root, "site/dag")), results: read("run_results.json"), manifest: read("manifest.json") };
};
const demo = project("DEMO"), hostile = project("HOSTILE"), wide = project("WIDE");

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

// Opens the overview at an address, lets `act` do its part and asserts that nothing went wrong meanwhile.
const visit = async (site, hash, act, options = {}) => {
  const visitor = await Visitor.to(browser, site.base, { viewport: { width: 1440, height: 900 }, ...options });
  const page = await visitor.open("index.html" + hash);
  if (options.javaScriptEnabled !== false) await page.waitForSelector("#graph[data-ready]", { state: "attached" });
  await act(page, visitor);
  await visitor.close();
  assert.deepEqual(visitor.faults, []);
};

const row = (site, name) => site.results.results.find((one) => one.name === name);
const cascade = (site) => site.results.results.find((one) => one.decision.role === "cascade" && one.status === "success");
const plain = (words) => words.replace(/\s+/g, " ").trim();
const boxes = (page) => page.locator(".stage .box .name").allInnerTexts();
const rows = (page) => page.locator("table[data-nodes] tbody tr:visible th .name").allInnerTexts();
const panel = (page) => page.locator(".panel");
const at = (name) => "#node=" + encodeURIComponent(name);
const settled = (page, test, ...values) => page.waitForFunction(test, ...values);
const focused = (page) => page.evaluate(() => document.activeElement.querySelector?.(".name")?.textContent ?? null);

describe("the graph", () => {
  test("draws every node with its decision and its edges", () => visit(demo, "", async (page) => {
    const words = new Map(await page.locator(".stage .box").evaluateAll((all) => all.map((box) => [box.querySelector(".name").textContent, box.querySelector(".word").textContent])));
    const said = { success: /BUILD|CASCADE/, error: /ERROR/, skipped: /SKIP/, blocked: /BLOCKED/, not_selected: /NOT SELECTED/ };
    for (const one of demo.results.results) {
      assert.match(words.get(one.name) ?? "", said[one.status], one.name);
      if (one.status === "success") assert.equal(/CASCADE/.test(words.get(one.name)), one.decision.role === "cascade", one.name);
    }
    const drawn = await page.evaluate(() => {
      const canvas = document.querySelector(".stage .lines"), data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      return data.some((value, index) => index % 4 === 3 && value > 0);
    });
    assert.ok(drawn, "lines are on the canvas");
  }));

  test("explains a node that is clicked, with the path to its root, and Back takes it back", () => visit(demo, "", async (page) => {
    const { name, decision } = cascade(demo), root = decision.path[0];
    await page.locator(".stage .box", { hasText: name }).first().click();
    await panel(page).getByRole("heading", { name }).waitFor();
    assert.ok(plain(await panel(page).innerText()).includes(decision.summary), decision.summary);
    for (const step of decision.path) assert.ok((await panel(page).locator(".path").innerText()).includes(step), step);
    const lit = await page.locator(".stage .box.lit .name").allInnerTexts();
    assert.ok(decision.path.every((step) => lit.includes(step)), `${lit} has the path ${decision.path}`);
    await panel(page).locator(".path").getByRole("link", { name: root, exact: true }).click();
    await panel(page).getByRole("heading", { name: root }).waitFor();
    await page.goBack();
    await panel(page).getByRole("heading", { name }).waitFor();
    await page.goBack();
    await panel(page).waitFor({ state: "hidden" });
  }));

  test("opens what its address names", async () => {
    const { name } = cascade(demo);
    await visit(demo, at(name), (page) => panel(page).getByRole("heading", { name }).waitFor());
    await visit(demo, "#theme=dark", async (page) => assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark"));
    await visit(demo, "#select=kind%3Aseed", async (page) => {
      const seeds = Object.values(demo.manifest.nodes).filter((node) => node.kind === "seed").map((node) => node.name);
      assert.deepEqual((await boxes(page)).sort(), seeds.sort());
      assert.deepEqual((await rows(page)).sort(), seeds.sort());
      assert.equal(await page.getByLabel("Filter").inputValue(), "kind:seed");
    });
  });

  test("shows what a root rebuilt", () => visit(demo, "", async (page) => {
    const root = demo.results.roots.find((one) => one.kind === "node");
    await page.locator(".roots li", { hasText: root.name }).getByRole("link", { name: /Show in the graph/ }).click();
    await panel(page).getByRole("heading", { name: root.name }).waitFor();
    const because = demo.results.results.filter((one) => one.status === "success" && one.decision.roots.includes(root.name)).map((one) => one.name);
    await settled(page, (count) => document.querySelectorAll(".stage .box.lit").length === count, because.length);
    assert.deepEqual((await page.locator(".stage .box.lit .name").allInnerTexts()).sort(), because.sort());
    assert.ok((await panel(page).innerText()).includes(root.sentence));
  }));

  test("is one stop of the Tab key, and arrows follow edges", () => visit(demo, "", async (page) => {
    await page.locator(".saves summary").focus();
    await page.keyboard.press("Tab");
    const first = await focused(page);
    assert.ok(demo.manifest.nodes[first] || first, "the Tab key leads into the graph");
    await page.keyboard.press("Tab");
    assert.ok(!(await page.evaluate(() => document.activeElement.closest(".boxes"))), "and out of it");
    const edge = Object.values(demo.manifest.nodes).find((node) => node.deps.length > 0);
    await page.evaluate((name) => [...document.querySelectorAll(".stage .box")].find((box) => box.querySelector(".name").textContent === name).focus(), edge.deps[0]);
    await page.keyboard.press("ArrowRight");
    const next = await focused(page);
    assert.ok(demo.manifest.nodes[next].deps.includes(edge.deps[0]), `${next} reads ${edge.deps[0]}`);
    await page.keyboard.press("ArrowLeft");
    assert.ok(demo.manifest.nodes[next].deps.includes(await focused(page)));
    const before = await focused(page);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    assert.ok(await focused(page), `up and down stay in the graph, near ${before}`);
    await page.keyboard.press("Enter");
    const chosen = await focused(page);
    await panel(page).getByRole("heading", { name: chosen }).waitFor();
    assert.ok((await page.locator("#announce").textContent()).includes(chosen), "what is selected is announced");
    await page.keyboard.press("Escape");
    await panel(page).waitFor({ state: "hidden" });
    assert.equal(await focused(page), chosen, "the focus is where it was");
  }));

  test("filters by the grammar of fft run --select, and says what it can't read", () => visit(demo, "", async (page) => {
    const { name } = cascade(demo), filter = page.getByLabel("Filter");
    await filter.fill(`1+${name}`);
    const near = [name, ...demo.manifest.nodes[name].deps];
    await settled(page, (count) => document.querySelectorAll("table[data-nodes] tbody tr:not([hidden])").length === count, near.length);
    assert.deepEqual((await rows(page)).sort(), near.sort());
    assert.match(await page.locator(".graph .line").innerText(), new RegExp(`${near.length} of ${demo.results.results.length} nodes, .* hidden`));
    await filter.fill("state:old");
    await page.getByText("`old` is none of new, modified").waitFor();
    assert.equal(await filter.getAttribute("aria-invalid"), "true");
    await filter.fill("no_such_node");
    await page.getByText("no node is called `no_such_node`").waitFor();
    await page.getByRole("button", { name: "Show all" }).click();
    await settled(page, (count) => document.querySelectorAll("table[data-nodes] tbody tr:not([hidden])").length === count, demo.results.results.length);
    await page.getByLabel("Decision").selectOption("cascade");
    const cascades = demo.results.results.filter((one) => one.status === "success" && one.decision.role === "cascade").map((one) => one.name);
    await settled(page, (count) => document.querySelectorAll("table[data-nodes] tbody tr:not([hidden])").length === count, cascades.length);
    assert.deepEqual((await rows(page)).sort(), cascades.sort());
  }));

  test("focuses on a neighbourhood, wider with ], narrower with [", () => visit(demo, "", async (page) => {
    const node = Object.values(demo.manifest.nodes).find((one) => one.deps.length > 0), name = node.name;
    await page.evaluate((hash) => { location.hash = hash; }, `#focus=${encodeURIComponent(name)}&up=1&down=0`);
    await page.getByText("Around").waitFor();
    const external = node.sources.filter((source) => !demo.manifest.sources[source].provided_by);
    assert.deepEqual((await boxes(page)).sort(), [name, ...node.deps, ...external].sort());
    await page.locator(".stage .box", { hasText: name }).first().focus();
    await page.keyboard.press("[");
    await settled(page, () => document.querySelectorAll(".stage .box").length === 1);
    assert.match(await page.locator(".stage .box").getAttribute("title"), /not shown/);
    await page.keyboard.press("Escape");
    await settled(page, (count) => document.querySelectorAll("table[data-nodes] tbody tr:not([hidden])").length === count, demo.results.results.length);
  }));

  test("is saved as SVG, PNG, Mermaid, DOT and JSON", () => visit(demo, "", async (page) => {
    const save = async (form) => {
      await page.locator(".saves summary").click();
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: form, exact: true }).click()]);
      return readFileSync(await download.path());
    };
    const names = Object.keys(demo.manifest.nodes);
    const svg = (await save("SVG")).toString(), parsed = await page.evaluate((text) => new DOMParser().parseFromString(text, "image/svg+xml").documentElement.nodeName, svg);
    assert.equal(parsed, "svg");
    for (const name of names) assert.ok(svg.includes(name), name);
    assert.equal((await save("PNG")).subarray(1, 4).toString(), "PNG");
    const mermaid = (await save("Mermaid")).toString(), dot = (await save("DOT")).toString(), json = JSON.parse(await save("JSON"));
    assert.match(mermaid, /^flowchart LR\n/);
    assert.match(dot, /^digraph fft \{\n[^]*\}\n$/);
    for (const [name, { deps }] of Object.entries(demo.manifest.nodes)) {
      assert.ok(json.nodes.some((node) => node.name === name), name);
      for (const up of deps) assert.ok(json.edges.some(([from, to]) => from === up && to === name), `${up} → ${name}`);
    }
    assert.equal(dot.match(/->/g).length, json.edges.length);
    assert.equal(mermaid.match(/-->/g).length, json.edges.length);
  }));

  test("leaves a list to narrow screens, and the graph on demand", () => visit(demo, "", async (page) => {
    assert.ok(await page.locator(".stage").isHidden());
    assert.equal((await rows(page)).length, demo.results.results.length);
    await page.getByRole("button", { name: "Show the graph" }).click();
    await page.locator(".stage .box").first().waitFor();
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
  }, { viewport: { width: 390, height: 844 } }));

  test("is a picture with links when there is no script", () => visit(demo, "", async (page) => {
    const links = await page.locator(".graph .picture a").evaluateAll((all) => all.map((link) => [link.querySelector(".name").textContent, link.getAttribute("href")]));
    for (const name of Object.keys(demo.manifest.nodes)) assert.ok(links.some(([text, address]) => text === name && address.startsWith("nodes/")), name);
  }, { javaScriptEnabled: false }));

  for (const colorScheme of ["light", "dark"]) {
    test(`has no violation that axe knows while it explains: ${colorScheme}`, () => visit(demo, at(cascade(demo).name), async (page) => {
      await panel(page).locator(".path").waitFor();
      await page.evaluate(AXE);
      const check = async () => (await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"], preload: false }))).violations
        .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
      assert.deepEqual(await check(), []);
      await page.keyboard.press("/");
      await page.keyboard.type(cascade(demo).name);
      await page.locator(".found a").first().waitFor();
      assert.deepEqual(await check(), [], "with search open");
    }, { colorScheme }));
  }
});

describe("a graph of many nodes", () => {
  test("opens with what the run rebuilt", () => visit(wide, "", async (page) => {
    const taken = wide.results.results.filter((one) => ["success", "error", "blocked"].includes(one.status)).map((one) => one.name);
    assert.ok(taken.length > 0 && taken.length <= 150 && wide.results.results.length > 150, `${taken.length} of ${wide.results.results.length}`);
    assert.deepEqual((await boxes(page)).length, taken.length);
    assert.match(await page.locator(".graph .line").innerText(), /[\d,]+ of [\d,]+ nodes, [\d,]+ hidden/);
  }));

  test("folds folders and unfolds them", () => visit(wide, "#view=folders", async (page) => {
    const group = page.locator(".stage .box.group").first(), name = await group.locator(".name").innerText();
    await group.click();
    await panel(page).getByRole("heading", { name }).waitFor();
    const before = await page.locator(".stage .box:not(.group)").count();
    await page.getByRole("button", { name: "Unfold it here" }).click();
    await settled(page, (count) => document.querySelectorAll(".stage .box:not(.group)").length > count, before);
    assert.match(page.url(), /open=/);
  }));

  test("shows all on demand, and names what is in sight", () => visit(wide, "#view=all", async (page) => {
    assert.ok((await boxes(page)).length > 10);
    assert.ok(await page.locator(".stage .map").isVisible());
    const node = cascade(wide).name;
    await page.evaluate((hash) => { location.hash = hash; }, at(node));
    await page.locator(".stage .box.here", { hasText: node.slice(0, 10) }).waitFor();
  }));
});

describe("search", () => {
  test("finds names, columns and code, says why, and is opened by / and Ctrl K", () => visit(demo, "", async (page) => {
    const [name, node] = Object.entries(demo.manifest.nodes).find(([, one]) => one.compiled && one.columns.length > 0);
    await page.keyboard.press("/");
    await page.keyboard.type(name);
    await page.locator(".found a", { hasText: name }).first().waitFor();
    await page.getByLabel("Search").last().fill(node.columns[0].name);
    await page.locator(".found a", { hasText: `column: ${node.columns[0].name}` }).first().waitFor();
    const word = node.compiled.match(/\b(select|import|from)\b/i)[0];
    await page.locator("dialog input").fill(word);
    await page.locator(".found .why", { hasText: "code" }).first().waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.keyboard.type(name);
    await page.locator(".found a").first().waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/nodes\//);
    assert.ok((await page.locator("h1").innerText()).includes(name));
  }));

  test("tells the keys", () => visit(demo, "", async (page) => {
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).getByText("along edges").waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("dialog[open]").count(), 0);
  }));
});

describe("hostile names in the graph", () => {
  test("are text wherever they are", () => visit(hostile, "", async (page) => {
    const known = hostile.results.results.map((one) => one.name);
    for (const name of known) {
      await page.evaluate((hash) => { location.hash = hash; }, at(name));
      await page.waitForFunction((wanted) => document.querySelector(".panel h3")?.textContent === wanted, name);
      assert.ok(row(hostile, name));
    }
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    for (const words of ["<script>", "<img", "select", "\"", "\\"]) {
      await page.locator("dialog input").fill(words);
      await page.waitForTimeout(60);
    }
    const foreign = await page.evaluate(() => [...document.querySelectorAll("script:not([src]), img:not([src*='assets/']), iframe, #graph :is(b, i, u, s), dialog :is(b, i, u, s)")].map((one) => one.outerHTML.slice(0, 120)));
    assert.deepEqual(foreign, []);
    assert.equal(await page.evaluate(() => window.pwned), undefined);
    await page.keyboard.press("Escape");
    for (const form of ["SVG", "Mermaid", "DOT", "JSON"]) {
      await page.locator(".saves summary").click();
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: form, exact: true }).click()]);
      const text = readFileSync(await download.path(), "utf8");
      if (form === "SVG") assert.equal(await page.evaluate((svg) => new DOMParser().parseFromString(svg, "image/svg+xml").querySelectorAll("parsererror, script, image").length, text), 0);
      if (form === "JSON") for (const name of known) assert.ok(JSON.parse(text).nodes.some((node) => node.name === name), name);
    }
  }));
});
