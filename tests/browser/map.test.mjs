// The map, lenses, steps and the sheet of narrow screens: on made-up projects of 310 and 3,000 nodes with failures and
// several causes, and on the demo.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { readFileSync } from "node:fs";
import { AXE, Visitor, back, launch, named as whole, project, short } from "./site.mjs";

const demo = project("DEMO"), many = project("MANY"), most = project("MOST");
const SIZES = [{ width: 1440, height: 900 }, { width: 390, height: 844 }];

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const visit = async (site, hash, act, options = {}) => {
  const visitor = await Visitor.to(browser, site.base, { viewport: SIZES[0], ...options });
  const page = await visitor.open("index.html" + hash);
  await page.waitForSelector("#graph[data-ready]", { state: "attached" });
  await act(page, visitor);
  await visitor.close();
  assert.deepEqual(visitor.faults, []);
};
const named = (name, value) => `#${name}=${encodeURIComponent(value)}`;
const move = (page, hash) => page.evaluate((hash) => { location.hash = hash; }, hash);
const plain = (words) => words.replace(/\s+/g, " ").trim();
const by = (site, test) => site.results.results.filter(test);
const failed = (site) => by(site, (one) => one.status === "error");
const built = (site, root) => by(site, (one) => one.status === "success" && one.decision.roots.includes(root));

// Names in the order of the focus, cell after cell.
const cell = (page) => page.locator(".cells .cell");
// How many pixels of the map have a colour, all told or in the cell that the Tab key leads to: read from a copy, which
// leaves the canvas as it is.
const coloured = async (page, name, inCell = false) => page.evaluate(([wanted, inCell]) => {
  const canvas = document.querySelector(".cellmap"), copy = document.createElement("canvas");
  Object.assign(copy, { width: canvas.width, height: canvas.height });
  const ctx = copy.getContext("2d", { willReadFrequently: true });
  ctx.drawImage(canvas, 0, 0);
  const [inner, outer] = [".cells .cell", ".cellmap"].map((name) => document.querySelector(name).getBoundingClientRect()), scale = canvas.width / outer.width;
  const place = inCell ? [inner.left - outer.left, inner.top - outer.top, inner.width, inner.height].map((one) => Math.round(one * scale)) : [0, 0, canvas.width, canvas.height];
  const { data } = ctx.getImageData(...place);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) if (wanted.every((one, part) => data[at + part] === one)) count++;
  return count;
}, [await token(page, name), inCell]);
const token = (page, name) => page.evaluate((name) => {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(--${name})`;
  const found = getComputedStyle(probe).color.match(/\d+/g).slice(0, 3).map(Number);
  probe.remove();
  return found;
}, name);

describe("the map", () => {
  for (const [site, count] of [[many, 310], [most, 3000]]) {
    for (const viewport of SIZES) {
      test(`shows ${count} nodes at once at ${viewport.width} pixels`, () => visit(site, "", async (page) => {
        if (viewport.width < 800) await page.getByRole("button", { name: "Show the graph" }).click();
        assert.equal(await page.locator(".views [aria-pressed=true]").innerText(), "Map");
        assert.match(await page.locator(".graph .line .note").innerText(), new RegExp(`^${count.toLocaleString("en")} nodes$`));
        const [stage, canvas] = await page.evaluate(() => [".stage", ".cellmap"].map((name) => document.querySelector(name).getBoundingClientRect().toJSON()));
        assert.ok(canvas.width <= stage.width + 1, "nothing to the side");
        if (viewport.width > 800) assert.ok(canvas.height <= stage.height + 1, "and nothing below");
        assert.ok(await cell(page).isVisible(), "a node is in sight");
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= viewport.width);
      }, { viewport }));
    }
  }

  test("names the node under the hand, and explains it on a click", () => visit(many, "", async (page) => {
    await page.locator(".stage").scrollIntoViewIfNeeded();
    const box = await cell(page).boundingBox(), name = (await cell(page).getAttribute("aria-label")).split(":")[0];
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    assert.equal(await page.locator(".stage .tip .name").innerText(), short(name));
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await page.locator(".panel").getByRole("heading", { level: 3, name: short(name) }).waitFor();
    assert.ok(page.url().includes("node="));
    await back(page);
    await page.locator(".panel").waitFor({ state: "hidden" });
  }));

  test("is one stop of the Tab key; arrows go from cell to cell", () => visit(many, "", async (page) => {
    await page.locator(".saves summary").focus();
    await page.keyboard.press("Tab");
    const label = () => page.evaluate(() => (document.activeElement.matches(".cell") ? document.activeElement.getAttribute("aria-label") : null));
    const first = await label();
    assert.ok(many.manifest.nodes[first.split(":")[0]], first);
    const seen = new Set([first]);
    for (const key of ["ArrowDown", "ArrowDown", "ArrowRight", "ArrowUp", "ArrowRight"]) {
      await page.keyboard.press(key);
      seen.add(await label());
    }
    assert.ok(seen.size >= 5 && !seen.has(null), [...seen].join());
    const here = (await label()).split(":")[0];
    await page.keyboard.press("Enter");
    await page.locator(".panel").getByRole("heading", { level: 3, name: short(here) }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".panel").waitFor({ state: "hidden" });
    assert.equal((await label()).split(":")[0], here, "the focus is where it was");
    await page.keyboard.press("f");
    await page.getByText("Around").waitFor();
  }));

  test("stands with the worst first, in every column", () => visit(many, "", async (page) => {
    const order = ["ERROR", "BLOCKED", "BUILD", "CASCADE", "SKIP"];
    await cell(page).focus();
    const words = [];
    for (let step = 0; step < 12; step++) {
      words.push(await cell(page).getAttribute("aria-label"));
      await page.keyboard.press("ArrowDown");
    }
    const ranks = words.map((text) => order.findIndex((word) => text.includes(word)));
    assert.ok(ranks.every((rank, at) => rank >= 0 && (at === 0 || ranks[at - 1] <= rank)), words.join(" | "));
  }));

  for (const [site, colorScheme] of [[many, "light"], [many, "dark"], [most, "light"]]) {
    test(`lights what leads to a failure, and dims the rest: ${site === many ? 310 : 3000}, ${colorScheme}`, () => visit(site, named("node", failed(site)[0].name), async (page) => {
      const { name, message } = failed(site)[0];
      await page.locator(".panel .message").first().waitFor();
      assert.ok(plain(await page.locator(".panel").innerText()).includes(plain(message)));
      assert.ok(await coloured(page, "error", true) > 8, `${name} is red`);
      const lit = await coloured(page, "error");
      await page.keyboard.press("Escape");
      await page.locator(".panel").waitFor({ state: "hidden" });
      assert.ok(await coloured(page, "error") > lit, "the other failures were dimmed");
    }, { colorScheme }));
  }

  test("tells why what waits is waiting", () => visit(many, named("node", by(many, (one) => one.status === "blocked")[0].name), async (page) => {
    await page.getByText("It waits for").waitFor();
    const names = failed(many).map((one) => one.name), told = await page.locator(".panel").innerText();
    assert.ok(names.some((name) => told.includes(short(name))), "the failed node");
    assert.ok(told.includes(failed(many)[0].message));
  }));

  test("has columns by folder and by owner too", () => visit(many, "", async (page) => {
    for (const value of ["folder", "owner"]) {
      const before = await page.locator(".cellmap").evaluate((canvas) => canvas.toDataURL());
      await page.getByLabel("Columns").selectOption(value);
      await page.waitForFunction((before) => document.querySelector(".cellmap").toDataURL() !== before, before);
      assert.ok(page.url().includes(`by=${value}`));
    }
  }));

  test("is saved as a picture of cells", () => visit(many, "", async (page) => {
    await page.locator(".saves summary").click();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "SVG", exact: true }).click()]);
    assert.equal(download.suggestedFilename(), "sample-map.svg");
    const svg = readFileSync(await download.path(), "utf8");
    assert.equal(svg.match(/<title>/g).length, 310);
  }));

  test("stands as a picture when there is no script", async () => {
    for (const site of [many, most]) {
      const visitor = await Visitor.to(browser, site.base, { javaScriptEnabled: false });
      const page = await visitor.open("index.html"), picture = page.locator(".graph svg.cells");
      const label = await picture.getAttribute("aria-label");
      for (const [word, status] of [["ERROR", "error"], ["BLOCKED", "blocked"], ["SKIP", "skipped"]]) {
        assert.ok(label.includes(`${by(site, (one) => one.status === status).length.toLocaleString("en")} ${word}`), label);
      }
      assert.ok((await picture.boundingBox()).width > 300);
      await visitor.close();
    }
  });

  for (const viewport of SIZES) {
    for (const colorScheme of ["light", "dark"]) {
      test(`has no violation that axe knows: ${viewport.width}, ${colorScheme}`, () => visit(many, named("root", many.results.roots[0].name), async (page) => {
        if (viewport.width < 800) await page.getByRole("button", { name: "Show the graph" }).click();
        await page.locator(".panel .because, .panel .cause").first().waitFor();
        await page.evaluate(AXE);
        const found = await page.evaluate(() => window.axe.run("#graph", { resultTypes: ["violations"], preload: false }));
        assert.deepEqual(found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`), []);
      }, { viewport, colorScheme }));
    }
  }
});

describe("every view", () => {
  const inSight = (page, which = ".stage .box, .stage .cell") => page.evaluate((which) => {
    const outer = document.querySelector(".stage").getBoundingClientRect();
    return [...document.querySelectorAll(which)].filter((one) => {
      const inner = one.getBoundingClientRect();
      return inner.left < outer.right && inner.right > outer.left && inner.top < outer.bottom && inner.bottom > outer.top;
    }).length;
  }, which);
  for (const viewport of SIZES) {
    test(`opens with a node in sight, and shows the box of what is selected: ${viewport.width}`, async () => {
      for (const site of viewport.width < 800 ? [many] : [demo, most]) {
        for (const view of ["all", "run", "map", "folders", "tags"]) {
          await visit(site, `#view=${view}`, async (page) => {
            if (viewport.width < 800) await page.getByRole("button", { name: "Show the graph" }).click();
            if ((await page.locator(`.views button[value=${view}]`).count()) === 0) return;
            await page.waitForTimeout(150);
            assert.ok(await inSight(page) > 0, `${view} of ${site.results.results.length}`);
            await move(page, `#view=${view}&root=${encodeURIComponent(site.results.roots[0].name)}`);
            await page.locator(".panel .head").waitFor();
            await page.waitForTimeout(350);
            assert.ok(view === "folders" || view === "tags" || await inSight(page, ".stage .box.here, .stage .cell[aria-current]") === 1, `the cause in ${view} of ${site.results.results.length}`);
          }, { viewport });
        }
      }
    });
  }

  test("is fitted anew when the explanation takes a part of the room, until a person moves it", () => visit(demo, "", async (page) => {
    const before = await page.locator(".stage").boundingBox(), last = by(demo, () => true).map((one) => one.name).sort((a, b) => demo.manifest.nodes[b].level - demo.manifest.nodes[a].level)[0];
    await page.locator(".stage .box", { hasText: short(last) }).first().click();
    await page.locator(".panel .head").waitFor();
    await page.waitForTimeout(350);
    const after = await page.locator(".stage").boundingBox();
    assert.ok(after.width < before.width && after.height === before.height, "the page below doesn't jump");
    const box = await page.locator(".stage .box.here").boundingBox();
    assert.ok(box.x >= after.x && box.x + box.width <= after.x + after.width, JSON.stringify([box, after]));
  }));
});

describe("lenses", () => {
  test("colour by cause, with each cause's number, and lead to it", () => visit(many, "#lens=cause", async (page) => {
    // Numbered as the cards are: those with failures below them first, then the largest.
    const [first, second] = [...many.results.roots].sort((a, b) => (b.failed ?? 0) - (a.failed ?? 0)), legend = page.locator(".legend");
    for (const [number, root] of [["①", first], ["②", second]]) {
      const entry = legend.locator("li", { hasText: short(root.name) });
      assert.ok((await entry.innerText()).includes(number));
      const alone = by(many, (one) => ["success", "error", "blocked"].includes(one.status) && one.decision.roots.filter((name) => many.results.roots.some((root) => root.name === name)).join() === root.name);
      assert.equal(Number(await entry.locator("strong").innerText()), alone.length, root.name);
    }
    await legend.getByRole("link", { name: short(first.name) }).click();
    await page.locator(".panel").getByRole("heading", { level: 3, name: short(first.name) }).waitFor();
  }));

  test("each has a legend whose numbers sum to the nodes shown, for cells and for boxes", async () => {
    for (const [site, view] of [[many, "map"], [demo, "all"], [many, "folders"]]) {
      await visit(site, `#view=${view}`, async (page) => {
        const keys = await page.getByLabel("Colour by").locator("option").evaluateAll((all) => all.map((one) => one.value));
        assert.ok(["decision", "cause", "age", "time", "rows"].every((key) => keys.includes(key)), keys.join());
        assert.equal(keys.includes("owner"), site === many, "where there are owners");
        for (const key of keys) {
          await page.getByLabel("Colour by").selectOption(key);
          const total = site.results.results.length;
          await page.waitForFunction((total) => [...document.querySelectorAll(".legend strong")].reduce((sum, one) => sum + Number(one.textContent.replace(/,/g, "")), 0) === total, total);
          assert.equal(new URLSearchParams(page.url().split("#")[1]).get("lens") ?? "decision", key);
        }
      });
    }
  });

  test("give boxes their third fact", () => visit(demo, "#lens=time", async (page) => {
    const { name, duration_ms } = by(demo, (one) => one.status === "success")[0];
    const word = page.locator(".stage .box", { hasText: short(name) }).first().locator(".word");
    assert.match(await word.innerText(), new RegExp(`· ${duration_ms < 1000 ? `${duration_ms} ms` : ".* s"}$`));
    await move(page, "#lens=decision");
    await page.waitForFunction(() => !document.querySelector(".stage .box.lensed"));
    const root = demo.results.roots.find((one) => one.kind === "node");
    assert.ok((await page.locator(".stage .box", { hasText: short(root.name) }).first().locator(".word").innerText()).includes("①"));
  }));

  test("may be added by another script of the page", () => visit(many, "", async (page) => {
    await page.evaluate(() => {
      window.fft.lens("odd", "Odd", () => ({
        classes: [{ key: "odd", words: "odd ones", colour: "hue-3", sign: "1" }], rest: "even ones", of: (item) => (item % 2 === 1 ? 0 : -1), fact: () => "odd",
      }));
      window.fft.show({ lens: "odd" });
    });
    await page.locator(".legend li", { hasText: "odd ones" }).waitFor();
    assert.equal(await page.locator(".legend li", { hasText: "odd ones" }).locator("strong").innerText(), "155");
  }));
});

describe("a cause's reach, step by step", () => {
  test("begins at the cause, goes on level by level, and has an address", () => visit(many, named("root", many.results.roots[0].name), async (page) => {
    const root = many.results.roots[0], members = built(many, root.name).map((one) => one.name);
    const levels = [...new Set(by(many, (one) => one.status !== "skipped" && one.decision.roots.includes(root.name)).map((one) => many.manifest.nodes[one.name].level))].sort((a, b) => a - b);
    const steps = page.locator(".steps"), next = steps.getByRole("button", { name: "One step on" }), back = steps.getByRole("button", { name: "One step back" });
    await steps.getByText(`step ${levels.length} of ${levels.length}`).waitFor();
    assert.ok(await next.isDisabled());
    for (let step = levels.length - 1; step > 0; step--) {
      await back.click();
      await steps.getByText(`step ${step} of ${levels.length}`).waitFor();
      assert.ok(page.url().includes(`step=${step}`));
    }
    assert.ok(await back.isDisabled());
    assert.match(await steps.innerText(), new RegExp(`begins at ${short(root.name)} \\(level ${levels[0]}\\), \\d+ more downstream`));
    await next.click();
    const arrived = members.filter((name) => many.manifest.nodes[name].level === levels[1]);
    await steps.getByText(arrived.length === 1 ? short(arrived[0]) : `${arrived.length} nodes of level ${levels[1]}`).waitFor();
  }));

  test("opens at the step of its address", () => visit(most, `${named("root", most.results.roots[0].name)}&step=2`, async (page) => {
    await page.locator(".steps").getByText(/^step 2 of \d+$/).waitFor();
    assert.ok((await page.locator(".steps").innerText()).includes("the change arrives at"));
  }));

  test("plays in two seconds and leaves no trace in the history", () => visit(many, "", async (page) => {
    await move(page, named("root", many.results.roots[0].name));
    await page.getByRole("button", { name: "Play", exact: true }).waitFor();
    // What is said meanwhile, however seldom this is asked, and when.
    await page.evaluate(() => {
      const place = document.querySelector(".steps");
      window.said = [];
      new MutationObserver(() => window.said.push([place.querySelector(".count")?.textContent, performance.now()])).observe(place, { childList: true, subtree: true });
    });
    await page.getByRole("button", { name: "Play", exact: true }).click();
    await page.waitForFunction(() => window.said.some(([words]) => /^step 1 of/.test(words)) && !location.hash.includes("step="), null, { timeout: 20_000 });
    const said = await page.evaluate(() => window.said), first = said.find(([words]) => words.startsWith("step 1 of"));
    assert.ok(said.at(-1)[1] - first[1] > 800, `it isn't over at once: ${JSON.stringify(said)}`);
    await back(page);
    await page.locator(".panel").waitFor({ state: "hidden" });
  }));

  test("has nothing to play where motion is unwelcome", () => visit(many, named("root", many.results.roots[0].name), async (page) => {
    await page.locator(".steps").getByText(/^step/).waitFor();
    assert.equal(await page.getByRole("button", { name: "Play", exact: true }).count(), 0);
  }, { reducedMotion: "reduce" }));

  test("lights boxes in the demo too", () => visit(demo, `${named("root", demo.results.roots[0].name)}&step=1`, async (page) => {
    await page.locator(".steps").getByText(/^step 1/).waitFor();
    assert.deepEqual(await whole(page.locator(".stage .box.lit .name")), [demo.results.roots[0].name]);
  }));
});

describe("a narrow screen", () => {
  const options = { viewport: SIZES[1] };
  for (const [site, of] of [[demo, (one) => one.decision.role === "cascade"], [many, (one) => one.status === "error"]]) {
    test("shows the explanation that an address names, as a sheet", () => {
      const { name } = by(site, of)[0];
      return visit(site, named("node", name), async (page) => {
        await page.locator(".panel").getByRole("heading", { level: 3, name: short(name) }).waitFor();
        const sheet = await page.locator(".panel").boundingBox(), wide = await page.evaluate(() => document.documentElement.clientWidth);
        assert.ok(sheet.width === wide && sheet.y + sheet.height >= 840 && sheet.height > 200, JSON.stringify(sheet));
        await page.locator(".panel").getByRole("button", { name: "Close" }).click();
        await page.locator(".panel").waitFor({ state: "hidden" });
      }, options);
    });
  }

  test("keeps the graph's height while a node is explained, has no small map, and breaks names", () => visit(demo, "", async (page) => {
    await page.getByRole("button", { name: "Show the graph" }).click();
    await page.locator(".stage .box").first().waitFor();
    const before = (await page.locator(".stage").boundingBox()).height;
    await page.locator(".stage .box").first().click();
    await page.locator(".panel .head h3").waitFor();
    assert.ok(before > 200 && (await page.locator(".stage").boundingBox()).height === before);
    assert.ok(await page.locator(".stage .map").isHidden());
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
  }, options));
});
