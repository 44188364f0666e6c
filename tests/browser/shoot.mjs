// Pictures of every kind of page, for whoever changes one to look at:
//   node tests/browser/shoot.mjs SITE OUT [PAGE …]
// writes OUT/<page>-<width>-<theme>.png for each page, at 1440 and 390 pixels, light and dark;
//   node tests/browser/shoot.mjs SITE OUT.png [PAGE]
// the first screen of one page, of index.html where none is named.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Visitor, fileUrl, kinds, launch } from "./site.mjs";

const [dir, out, ...wanted] = process.argv.slice(2);
if (!out) throw new Error("node shoot.mjs SITE OUT [PAGE …], or SITE OUT.png [PAGE]");
const browser = await launch();
if (out.endsWith(".png")) {
  const visitor = await Visitor.to(browser, fileUrl(dir), { viewport: { width: 1440, height: 800 }, colorScheme: "light" });
  const page = await visitor.open(wanted[0] ?? "index.html");
  await page.waitForTimeout(1000);
  await page.screenshot({ path: out });
  await browser.close();
  process.exit(visitor.faults.length);
}
mkdirSync(out, { recursive: true });
for (const colorScheme of ["light", "dark"]) {
  for (const width of [1440, 390]) {
    const visitor = await Visitor.to(browser, fileUrl(dir), { viewport: { width, height: 900 }, colorScheme });
    for (const path of wanted.length > 0 ? wanted : kinds(dir)) {
      const page = await visitor.open(path);
      await page.waitForTimeout(300);
      const name = path.replace(/\.html/, "").replaceAll(/[^A-Za-z0-9_.-]/g, "_");
      await page.screenshot({ path: join(out, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
    for (const fault of visitor.faults) console.error(fault);
    await visitor.close();
  }
}
await browser.close();
