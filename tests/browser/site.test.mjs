// The site in a browser: nothing leaves it, nothing breaks, everybody can use it, and it says what the records say.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Visitor, below, fileUrl, kinds, launch, pages, variable } from "./site.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// A project that has run, and the address that fft serves its site at.
function site(name) {
  const project = variable(`FFT_${name}_PROJECT`);
  const target = join(project, ".fastflowtransform/target");
  return {
    dir: join(project, "site/dag"),
    url: variable(`FFT_${name}_URL`),
    results: join(target, "run_results.json"),
    manifest: join(target, "manifest.json"),
    project,
  };
}

const sites = {
  demo: site("DEMO"),
  hostile: site("HOSTILE"),
};

const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const results = (site) => JSON.parse(readFileSync(site.results, "utf8"));

// Whether the whole text of a page says something, blanks as one.
const text = async (page) => plain(await page.locator("body").textContent());
const plain = (words) => words.replace(/\s+/g, " ").trim();
// What a page may call a node: by its name, without the ending, and where that is long without its middle.
const called = (name) => {
  const short = name.replace(/(?<=.)\.ff$/, ""), letters = [...short];
  return [name, short, `${letters.slice(0, 24).join("")}…${letters.slice(-23).join("")}`];
};

for (const [name, site] of Object.entries(sites)) {
  describe(`the ${name} site`, () => {
    test("makes no request outside and says nothing on the console, opened as files", async () => {
      const visitor = await Visitor.to(browser, fileUrl(site.dir));
      for (const path of pages(site.dir)) await visitor.open(path);
      await visitor.close();
      assert.deepEqual(visitor.faults, []);
    });

    test("does the same served by fft", async () => {
      const visitor = await Visitor.to(browser, site.url);
      for (const path of kinds(site.dir)) await visitor.open(path);
      await visitor.open("");
      await visitor.close();
      assert.deepEqual(visitor.faults, []);
    });

    test("does the same below a path of another host", async () => {
      const host = await below(site.dir, "/a/b%20c/".replace("%20", "-"));
      const visitor = await Visitor.to(browser, host.url);
      for (const path of kinds(site.dir)) await visitor.open(path);
      await visitor.close();
      await host.close();
      assert.deepEqual(visitor.faults, []);
    });

    test("has links that lead somewhere", async () => {
      const base = fileUrl(site.dir);
      const visitor = await Visitor.to(browser, base, { javaScriptEnabled: false });
      const dead = [];
      for (const path of pages(site.dir)) {
        const page = await visitor.open(path);
        const found = await page.locator("[href], [src]").evaluateAll((elements) =>
          elements.map((one) => [one.tagName, one.getAttribute("href") ?? one.getAttribute("src"), one.href?.baseVal ?? one.href ?? one.src]));
        for (const [tag, written, url] of found) {
          if (/^(https?|mailto):/.test(written)) {
            if (tag !== "A" && !(tag === "LINK" && written.startsWith("https:"))) dead.push(`${path}: ${tag} loads ${written}`);
            continue;
          }
          const target = new URL(written, base + path);
          const file = decodeURIComponent(target.pathname);
          if (!target.href.startsWith(base) || !existsSync(file)) dead.push(`${path}: ${tag} ${written} (${url})`);
        }
        const inside = await page.locator("a[href^='#']").evaluateAll((links) =>
          links.filter((link) => link.hash.length > 1 && !link.hash.includes("=") && !document.getElementById(decodeURIComponent(link.hash.slice(1))))
            .map((link) => link.getAttribute("href")));
        dead.push(...inside.map((hash) => `${path}: no element for ${hash}`));
      }
      await visitor.close();
      assert.deepEqual(dead, []);
    });

    test("says with JavaScript off what run_results.json says", async () => {
      const visitor = await Visitor.to(browser, fileUrl(site.dir), { javaScriptEnabled: false });
      const recorded = results(site);
      const audit = await text(await visitor.open("audit.html"));
      const json = JSON.parse(readFileSync(join(site.dir, "audit.json"), "utf8"));
      const told = new Map(json.nodes.map((node) => [node.node, node]));
      assert.equal(json.run.run_id, recorded.metadata.run_id);
      assert.equal(told.size, recorded.results.length);
      // Of a skipped node the audit tells the rows that stand, as the run that built them counted them.
      const record = (run) => JSON.parse(readFileSync(join(site.dir, "runs", `${run}.json`), "utf8")).results.results;
      const standing = ({ name, rows, status, decision }) =>
        status === "skipped" ? record(decision.baseline.run_id).find((row) => row.name === name).rows : rows;
      for (const row of recorded.results) {
        const sentences = row.decision.causes.map((cause) => cause.sentence);
        for (const words of sentences) assert.ok(audit.includes(plain(words)), `audit.html doesn't say ${words}`);
        assert.ok(called(row.name).some((words) => audit.includes(plain(words))), `audit.html doesn't name ${row.name}`);
        const { summary, causes, codes, fingerprint, rows, duration_ms } = told.get(row.name);
        assert.deepEqual(
          { summary, causes, codes, rows, duration_ms },
          { summary: row.decision.summary, causes: sentences, codes: row.decision.causes.map((cause) => cause.code), rows: standing(row), duration_ms: row.duration_ms },
        );
        const manifest = JSON.parse(readFileSync(site.manifest, "utf8"));
        assert.equal(fingerprint, manifest.nodes[row.name].fingerprint.value);
      }
      const titles = new Map();
      for (const path of pages(site.dir).filter((path) => path.startsWith("nodes/"))) {
        const page = await visitor.open(path);
        titles.set(plain(await page.locator("h1").textContent()), await text(page));
      }
      for (const row of recorded.results) {
        const page = called(row.name).map((words) => titles.get(plain(words))).find((page) => page);
        assert.ok(page, `no page is headed ${row.name}`);
        assert.ok(page.includes(plain(row.decision.summary)), `the page of ${row.name} doesn't say ${row.decision.summary}`);
      }
      const overview = await text(await visitor.open("index.html"));
      assert.ok(overview.includes(plain(recorded.sentence)), "the overview says the sentence of the run");
      const { built, cascading, skipped, failed, blocked } = recorded.totals;
      const counts = { new: recorded.totals.new, changed: built - cascading - recorded.totals.new, followed: cascading, skipped, failed, waiting: blocked };
      assert.equal(Object.values(counts).reduce((sum, count) => sum + count, recorded.totals.not_selected), recorded.results.length, "the counts are all nodes");
      for (const [words, count] of Object.entries(counts)) {
        if (count > 0) assert.ok(overview.includes(`${count} ${words}`), `the overview doesn't say ${count} ${words}`);
      }
      for (const root of recorded.roots) assert.ok(overview.includes(plain(root.sentence)), root.sentence);
      await visitor.close();
      assert.deepEqual(visitor.faults, []);
    });

    test("is complete with JavaScript off", async () => {
      const visitor = await Visitor.to(browser, fileUrl(site.dir), { javaScriptEnabled: false });
      for (const path of pages(site.dir)) {
        const page = await visitor.open(path);
        assert.equal(await page.locator("h1").count(), 1, `${path} has one h1`);
        assert.ok((await page.locator("main").innerText()).trim().length > 20, `${path} says something`);
      }
      await visitor.close();
    });

    for (const [size, viewport] of Object.entries(SIZES)) {
      for (const colorScheme of ["light", "dark"]) {
        test(`has no violation that axe knows: ${size}, ${colorScheme}`, async () => {
          const visitor = await Visitor.to(browser, fileUrl(site.dir), { viewport, colorScheme });
          const violations = [];
          for (const path of kinds(site.dir)) {
            const page = await visitor.open(path);
            await page.evaluate(AXE);
            // How large a target is to be is WCAG 2.2's, which axe asks for only where it is told to.
            const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } }));
            for (const one of found.violations) {
              const where = one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ");
              violations.push(`${path}: ${one.id} (${one.impact}) ${one.nodes.length}×: ${where}`);
            }
            const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
            if (wider > 0) violations.push(`${path}: ${wider} pixels stand out to the side`);
          }
          await visitor.close();
          assert.deepEqual(violations, []);
        });
      }
    }

    test("can be walked by keyboard, each stop visible", async () => {
      for (const path of kinds(site.dir)) {
        const visitor = await Visitor.to(browser, fileUrl(site.dir));
        const page = await visitor.open(path);
        await page.keyboard.press("Tab");
        const first = await page.evaluate(() => document.activeElement.getAttribute("href"));
        assert.equal(first, "#main", `${path}: the first stop skips to the content`);
        const stops = await walk(page);
        const unseen = stops.filter((stop) => !stop.visible).map((stop) => stop.html);
        assert.deepEqual(unseen, [], `${path}: focus can't be seen`);
        await visitor.open(path);
        await page.keyboard.press("Tab");
        await page.keyboard.press("Enter");
        const main = await page.evaluate(() => document.activeElement.id);
        assert.equal(main, "main", `${path}: the link skips`);
        await visitor.close();
      }
    });
  });
}

// Tab after tab until the focus leaves the page, 60 at most.
const walk = async (page) => {
  const stops = [];
  for (let count = 0; count < 60; count++) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) return null;
      const look = () => [element, ...element.children].map((one) => {
        const { outline, boxShadow, stroke, strokeWidth } = getComputedStyle(one);
        return [outline, boxShadow, stroke, strokeWidth].join();
      }).join();
      const focused = look();
      element.blur();
      const visible = look() !== focused && element.getBoundingClientRect().width > 0;
      element.focus();
      return { html: element.outerHTML.slice(0, 120), visible };
    });
    if (stop === null) break;
    stops.push(stop);
  }
  return stops;
};

describe("hostile names", () => {
  test("become no markup and run nothing", async () => {
    const site = sites.hostile;
    for (const javaScriptEnabled of [true, false]) {
      const visitor = await Visitor.to(browser, fileUrl(site.dir), { javaScriptEnabled });
      // A script of the site places what it draws; what is written has no style of its own.
      const elements = "img:not([src*='assets/']), iframe, object, embed, form[action], base" + (javaScriptEnabled ? "" : ", [style]");
      for (const path of pages(site.dir)) {
        const page = await visitor.open(path);
        const foreign = await page.evaluate((elements) => [
          ...[...document.scripts].filter((script) => !script.src || script.textContent.trim()),
          ...document.querySelectorAll(elements),
          ...[...document.querySelectorAll("*")].filter((one) => [...one.attributes].some((attribute) => attribute.name.startsWith("on"))),
        ].map((one) => one.outerHTML.slice(0, 200)), elements);
        assert.deepEqual(foreign, [], path);
        assert.equal(await page.evaluate(() => window.pwned), undefined, path);
      }
      await visitor.close();
      assert.deepEqual(visitor.faults, []);
    }
  });

  test("are found by their pages", async () => {
    const visitor = await Visitor.to(browser, fileUrl(sites.hostile.dir), { javaScriptEnabled: false });
    const names = results(sites.hostile).results.map((row) => row.name);
    const titles = [];
    for (const path of pages(sites.hostile.dir).filter((path) => path.startsWith("nodes/"))) {
      titles.push((await (await visitor.open(path)).locator("h1").innerText()).replace(/\s+/g, " ").trim());
    }
    await visitor.close();
    for (const name of names) {
      const words = called(name).map((words) => words.replace(/\s+/g, " ").trim());
      assert.ok(titles.some((title) => words.some((words) => title.includes(words))), `a page is headed ${name}`);
    }
  });
});
