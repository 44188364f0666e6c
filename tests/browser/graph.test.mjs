// The graph of the overview and search: by hand, by keyboard, by address. The map, lenses and steps are in map.test.mjs.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { readFileSync } from "node:fs";
import { AXE, Visitor, back, launch, named, project, short } from "./site.mjs";

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
const reached = (site, root) => site.results.results.filter((one) => ["success", "error", "blocked"].includes(one.status) && one.decision.roots.includes(root)).map((one) => one.name);
const plain = (words) => words.replace(/\s+/g, " ").trim();
const boxes = (page) => named(page.locator(".stage .box .name"));
const rows = (page) => named(page.locator("table[data-nodes] tbody tr:visible th .name"));
const panel = (page) => page.locator(".panel");
const at = (name) => "#node=" + encodeURIComponent(name);
const settled = (page, test, ...values) => page.waitForFunction(test, ...values);
const focused = (page) => page.evaluate(() => document.activeElement.closest?.(".box")?.title.split(" (")[0] ?? null);

describe("the graph", () => {
  test("draws every node with its decision and its edges", () => visit(demo, "", async (page) => {
    const words = new Map(await page.locator(".stage .box").evaluateAll((all) => all.map((box) => [box.title, box.querySelector(".word").textContent])));
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
    await page.locator(".stage .box", { hasText: short(name) }).first().click();
    await panel(page).getByRole("heading", { level: 3, name: short(name) }).waitFor();
    assert.ok(plain(await panel(page).innerText()).includes(decision.summary), decision.summary);
    for (const step of decision.path) assert.ok((await panel(page).locator(".path").innerText()).includes(short(step)), step);
    const lit = await named(page.locator(".stage .box.lit .name"));
    assert.ok(decision.path.every((step) => lit.includes(step)), `${lit} has the path ${decision.path}`);
    await panel(page).locator(".path").getByRole("link", { name: short(root), exact: true }).click();
    await panel(page).getByRole("heading", { level: 3, name: short(root) }).waitFor();
    await back(page);
    await panel(page).getByRole("heading", { level: 3, name: short(name) }).waitFor();
    await back(page);
    await panel(page).waitFor({ state: "hidden" });
  }));

  test("opens what its address names", async () => {
    const { name } = cascade(demo);
    await visit(demo, at(name), (page) => panel(page).getByRole("heading", { level: 3, name: short(name) }).waitFor());
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
    await page.evaluate((hash) => { location.hash = hash; }, "#root=" + encodeURIComponent(root.name));
    await panel(page).getByRole("heading", { level: 3, name: short(root.name) }).waitFor();
    const because = reached(demo, root.name);
    await settled(page, (count) => document.querySelectorAll(".stage .box.lit").length === count, because.length);
    assert.deepEqual((await named(page.locator(".stage .box.lit .name"))).sort(), because.sort());
    assert.ok((await panel(page).innerText()).includes(root.sentence));
  }));

  test("lights what a cause reached while a card that names it is hovered", () => visit(demo, "", async (page) => {
    const card = page.locator("main [data-root]").first(), name = await card.getAttribute("data-root");
    const because = reached(demo, name);
    await card.hover();
    await settled(page, (count) => document.querySelectorAll(".stage .box.lit").length === count, because.length);
    assert.deepEqual((await named(page.locator(".stage .box.lit .name"))).sort(), because.sort());
    await page.locator("h1").hover();
    await settled(page, () => document.querySelectorAll(".stage .box.lit, .stage .box.dim").length === 0);
  }));

  test("is one stop of the Tab key, and arrows follow edges", () => visit(demo, "", async (page) => {
    await page.locator(".saves summary").focus();
    await page.keyboard.press("Tab");
    const first = await focused(page);
    assert.ok(demo.manifest.nodes[first] || first, "the Tab key leads into the graph");
    await page.keyboard.press("Tab");
    assert.ok(!(await page.evaluate(() => document.activeElement.closest(".boxes"))), "and out of it");
    const edge = Object.values(demo.manifest.nodes).find((node) => node.deps.length > 0);
    await page.evaluate((name) => [...document.querySelectorAll(".stage .box")].find((box) => box.title.split(" (")[0] === name).focus(), edge.deps[0]);
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
    await panel(page).getByRole("heading", { level: 3, name: short(chosen) }).waitFor();
    assert.ok((await page.locator("#announce").textContent()).includes(short(chosen)), "what is selected is announced");
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
    await page.locator("summary", { hasText: "Filters" }).click();
    await page.locator(".graph label", { hasText: /^Decision/ }).locator("select").selectOption("cascade");
    await page.keyboard.press("Escape");
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
    await page.locator(".stage .box", { hasText: short(name) }).first().focus();
    await page.keyboard.press("[");
    await settled(page, () => document.querySelectorAll(".stage .box").length === 1);
    assert.match(await page.locator(".stage .box").getAttribute("title"), /not shown/);
    await page.keyboard.press("Escape");
    await settled(page, (count) => document.querySelectorAll("table[data-nodes] tbody tr:not([hidden])").length === count, demo.results.results.length);
  }));

  test("is saved as SVG, PNG, Mermaid, DOT and JSON, with what was decided", () => visit(demo, "", async (page) => {
    const save = async (form) => {
      await page.locator(".saves summary").click();
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: form, exact: true }).click()]);
      const ending = { Mermaid: "mmd" }[form] ?? form.toLowerCase();
      assert.equal(download.suggestedFilename(), `${demo.manifest.metadata.project}-all.${ending}`);
      return readFileSync(await download.path());
    };
    const names = Object.keys(demo.manifest.nodes);
    const svg = (await save("SVG")).toString(), parsed = await page.evaluate((text) => new DOMParser().parseFromString(text, "image/svg+xml").documentElement.nodeName, svg);
    assert.equal(parsed, "svg");
    for (const name of names) assert.ok(svg.includes(`>${short(name)}<`), name);
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
    for (const { name, status, decision } of demo.results.results) {
      const done = decision.role === "cascade" ? ["cascade", "CASCADE"] : ["build", "BUILD"];
      const [cls, word] = { success: done, error: ["error", "ERROR"], blocked: ["blocked", "BLOCKED"], skipped: ["skip", "SKIP"] }[status];
      const line = mermaid.split("\n").find((one) => one.includes(`"${short(name)}<br/>`));
      assert.ok(line.includes(word) && line.endsWith(`:::${cls}`), line);
      assert.match(mermaid, new RegExp(`classDef ${cls} fill:`));
      const drawn = dot.split("\n").find((one) => one.includes(`"${short(name)}\\n`));
      assert.ok(drawn.includes(word) && drawn.includes("fillcolor="), drawn);
    }
  }));

  test("tells names, causes, views and filters that there aren't", async () => {
    for (const [hash, words] of [["#node=nope", "no node `nope`"], ["#focus=nope", "no node `nope`"], ["#root=nope", "no cause `nope`"],
      ["#view=nope", "no view `nope`"], ["#lens=nope", "coloured by `nope`"], ["#tag=nope", "the tag `nope`"], ["#owner=nope", "the owner `nope`"]]) {
      await visit(demo, hash, async (page) => assert.ok((await page.locator(".graph [role=alert]:visible").innerText()).includes(words), hash));
    }
    await visit(demo, at(cascade(demo).name), async (page) => assert.equal(await page.locator(".graph [role=alert]:visible").count(), 0));
  });

  test("shows in the panel what changed, whatever is selected", () => visit(demo, at(cascade(demo).name), async (page) => {
    const { decision } = cascade(demo);
    const edited = decision.roots.map((name) => row(demo, name)).filter((one) => one?.decision.causes.some((cause) => cause.diff || cause.attributed_to?.some((found) => found.diff)));
    assert.ok(edited.length > 0);
    await page.locator(".panel .diff .add").first().waitFor();
    const told = plain(await panel(page).innerText());
    for (const { name } of edited) assert.ok(told.includes(short(name)), name);
    const checks = page.locator(".panel details.checks"), bad = decision.checks.filter((check) => !check.ok).length;
    assert.match(await checks.locator("summary").innerText(), new RegExp(`^${decision.checks.length} checks? .*${bad === 0 ? "hold" : `${bad} do`}`));
    assert.ok(!(await checks.locator("ul").isVisible()), "folded");
    for (const name of ["Open its page", "Focus on it", "Copy link"]) assert.ok(await panel(page).getByText(name, { exact: true }).isVisible(), name);
    const address = await panel(page).locator("h3 a").getAttribute("href");
    assert.ok(address.startsWith("nodes/"), address);
  }));

  test("lets Escape end what is selected wherever the focus is", () => visit(demo, at(cascade(demo).name), async (page) => {
    await panel(page).getByRole("heading").first().waitFor();
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("Escape");
    await panel(page).waitFor({ state: "hidden" });
  }));

  test("scrolls the page with the wheel, and says how it comes nearer", () => visit(demo, "", async (page) => {
    await page.locator(".stage").scrollIntoViewIfNeeded();
    const area = await page.locator(".stage").boundingBox(), before = await page.locator(".stage .boxes").getAttribute("style");
    await page.mouse.move(area.x + 20, area.y + 20);
    await page.mouse.wheel(0, 120);
    await page.locator(".stage .hint").waitFor();
    assert.equal(await page.locator(".stage .boxes").getAttribute("style"), before, "it stays as it is");
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, 120);
    await page.keyboard.up("Control");
    await settled(page, (before) => document.querySelector(".stage .boxes").getAttribute("style") !== before, before);
  }));

  test("lists what the run took up where it shows that", () => visit(demo, "#view=run", async (page) => {
    const taken = demo.results.results.filter((one) => ["success", "error", "blocked"].includes(one.status)).map((one) => one.name);
    assert.deepEqual((await boxes(page)).sort(), taken.sort());
    assert.deepEqual((await rows(page)).sort(), taken.sort());
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
    for (const name of Object.keys(demo.manifest.nodes)) assert.ok(links.some(([text, address]) => text === short(name) && address.startsWith("nodes/")), name);
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
  test("has what the run rebuilt on demand, with something in sight", () => visit(wide, "#view=run", async (page) => {
    const taken = wide.results.results.filter((one) => ["success", "error", "blocked"].includes(one.status)).map((one) => one.name);
    assert.ok(taken.length > 0 && taken.length <= 150 && wide.results.results.length > 150, `${taken.length} of ${wide.results.results.length}`);
    assert.deepEqual((await boxes(page)).length, taken.length);
    assert.match(await page.locator(".graph .line").innerText(), /[\d,]+ of [\d,]+ nodes, [\d,]+ hidden/);
  }));

  test("folds folders, counts what was decided in each, and unfolds them", () => visit(wide, "#view=folders", async (page) => {
    const group = page.locator(".stage .box.group").first(), name = await group.locator(".name").innerText();
    assert.match(await group.locator(".word").innerText(), /^\d+ nodes · (. \d+ · )*. \d+$/, "each with its own sign");
    await group.click();
    await panel(page).getByRole("heading", { level: 3, name: short(name) }).waitFor();
    const before = await page.locator(".stage .box:not(.group)").count();
    await page.getByRole("button", { name: "Unfold it here" }).click();
    await settled(page, (count) => document.querySelectorAll(".stage .box:not(.group)").length > count, before);
    assert.match(page.url(), /open=/);
  }));

  test("shows all on demand, and brings what is selected into sight", () => visit(wide, "#view=all", async (page) => {
    const node = cascade(wide).name, inSight = () => page.locator(".stage .box.here").evaluate((box) => {
      const [inner, outer] = [box, box.closest(".stage")].map((one) => one.getBoundingClientRect());
      return inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top && inner.bottom <= outer.bottom;
    });
    await page.evaluate((hash) => { location.hash = hash; }, at(node) + "&view=all");
    await page.locator(".stage .box.here", { hasText: short(node).slice(0, 10) }).waitFor();
    await page.waitForTimeout(300);
    assert.ok(await inSight());
    const root = wide.results.roots[0].name;
    await page.evaluate((hash) => { location.hash = hash; }, `#view=all&root=${encodeURIComponent(root)}`);
    await page.locator(".stage .box.here", { hasText: root.slice(0, 10) }).waitFor();
    await page.waitForTimeout(300);
    assert.ok(await inSight(), "the root's box");
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
    assert.equal(await page.locator("h1 [data-copy]").innerText(), short(name));
  }));

  test("leads to the very column and line, tells kinds apart, and offers something where nothing is", () => visit(demo, "", async (page) => {
    const field = page.locator("dialog input"), found = page.locator(".found a");
    const [name, node] = Object.entries(demo.manifest.nodes).find(([, one]) => one.compiled?.includes("\n") && one.columns.length > 0);
    await page.keyboard.press("/");
    await field.fill(node.columns[0].name);
    await page.getByRole("button", { name: /^Columns \d/ }).click();
    await found.filter({ hasText: short(name) }).first().click();
    await page.waitForURL(/columns\/.*#column-/);
    assert.ok(await page.evaluate(() => document.querySelector(":target") !== null));
    const line = node.compiled.split("\n").findIndex((text) => text.trim().length > 12), words = node.compiled.split("\n")[line].trim();
    await page.keyboard.press("Control+k");
    await field.fill(words);
    await found.filter({ hasText: name }).filter({ hasText: "code, line" }).first().click();
    await page.waitForURL(/nodes\/.*#L\d+$/);
    assert.ok((await page.locator(":target").innerText()).includes(words.slice(0, 12)));
    for (const [text, place] of [[demo.results.metadata.run_id, /runs\//], ["seed_changed", /#cause=seed_changed/]]) {
      await page.keyboard.press("Control+k");
      await field.fill(text);
      await found.first().click();
      await page.waitForURL(place);
    }
    await page.keyboard.press("Control+k");
    await field.fill("stg_usres");
    await page.getByText("Nothing has", { exact: false }).waitFor();
    await found.filter({ hasText: "stg_users" }).first().waitFor();
  }));

  test("keeps what is typed before it is there", () => visit(demo, "", async (page) => {
    await page.keyboard.type("/stg_users");
    await page.locator(".found a", { hasText: "stg_users" }).first().waitFor();
    assert.equal(await page.locator("dialog input").inputValue(), "stg_users");
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
      await page.waitForFunction((wanted) => (document.querySelector(".panel h3 [title]")?.title ?? document.querySelector(".panel h3")?.textContent) === wanted, name);
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
