// What each kind of page costs in Chromium, for whoever changes one to measure:
//   node tests/browser/weigh.mjs SITE [PAGE …]
// prints, at 1440 and at 390 pixels, light and dark: kilobytes of the page, milliseconds until something is painted (of the
// wall), milliseconds of the page's thread and how many of them layout took, megabytes of its heap, elements, and pixels
// of height. The explanation of a node in the graph, boxes instead of the map, and the audit's filter are pages as well.

import { statSync } from "node:fs";
import { join } from "node:path";
import { Visitor, fileUrl, kinds, launch } from "./site.mjs";

const [dir, ...wanted] = process.argv.slice(2);
if (!dir) throw new Error("node weigh.mjs SITE [PAGE …]");
const first = kinds(dir).find((path) => /^nodes\//.test(path))?.replace(/^nodes\/|\.html$/g, "");
const pages = wanted.length > 0 ? wanted
  : [...kinds(dir), "index.html#view=all", "index.html#view=run", ...(first ? [`index.html#node=${encodeURIComponent(first)}`] : []), "runs/compare.html#before=previous&after=latest", "audit.html#q=skip"];
const SIZES = [{ viewport: { width: 1440, height: 900 } }, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }];

const browser = await launch();
const line = (...cells) => console.log(cells[0].padEnd(52) + cells.slice(1).map((cell) => String(cell).padStart(9)).join(""));
for (const size of SIZES) {
  for (const colorScheme of ["light", "dark"]) {
    line(`${size.viewport.width} pixels, ${colorScheme}`, "kB", "painted", "thread", "layout", "heap MB", "elements", "height");
    for (const path of pages) {
      const visitor = await Visitor.to(browser, fileUrl(dir), { ...size, colorScheme });
      const { page } = visitor, client = await visitor.context.newCDPSession(page);
      await client.send("Performance.enable", { timeDomain: "threadTicks" });
      await visitor.open(path);
      await page.waitForTimeout(1500);
      const painted = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN);
      const { metrics } = await client.send("Performance.getMetrics"), metric = (name) => metrics.find((one) => one.name === name)?.value ?? NaN;
      const { elements, height } = await page.evaluate(() => ({ elements: document.querySelectorAll("*").length, height: document.documentElement.scrollHeight }));
      const kilobytes = statSync(join(dir, path.split("#")[0])).size / 1000;
      line(path.length > 50 ? path.slice(0, 49) + "…" : path, kilobytes.toFixed(0), painted.toFixed(0), (metric("TaskDuration") * 1000).toFixed(0), (metric("LayoutDuration") * 1000).toFixed(0), (metric("JSHeapUsedSize") / 1e6).toFixed(1), elements, height);
      for (const fault of visitor.faults) console.error(fault);
      await visitor.close();
    }
  }
}
await browser.close();
