// What the tests share: one browser, sites by three ways, and what a page did while it was open.

import { createServer } from "node:http";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, firefox } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

// Chromium, or the Firefox that the variable FIREFOX names, which whoever has one may try the pages in.
export const launch = () => process.env.FIREFOX
  ? firefox.launch({ executablePath: process.env.FIREFOX, channel: "moz-firefox", headless: true })
  : chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: FLAGS });

export const variable = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} isn't set: these tests are run by \`cargo test --test it browser\``);
  return value;
};

export const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// A project that the tests were given: where its site is, and what its last run left.
export const project = (name) => {
  const root = variable(`FFT_${name}_PROJECT`), read = (file) => JSON.parse(readFileSync(join(root, ".fastflowtransform/target", file), "utf8"));
  return { base: fileUrl(join(root, "site/dag")), results: read("run_results.json"), manifest: read("manifest.json") };
};

// What a node is called on pages, and the nodes that elements of pages name: boxes, cells, links.
export const short = (name) => name.replace(/(?<=.)\.ff$/, "");
export const named = (locator) => locator.evaluateAll((all) => all.map((one) =>
  ((one.closest(".box")?.title ?? one.title) || one.textContent).replace(/ \(\d+ of its neighbours not shown\)$/, "")));

// The way back within a page: the driver of one browser waits in vain for it to load.
export const back = (page) => page.evaluate(() => history.back());

// Every file below a folder, with / between names.
export const files = (dir) =>
  readdirSync(dir, { recursive: true })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => relative(dir, path).split(sep).join("/"))
    .sort();

export const pages = (dir) => files(dir).filter((path) => path.endsWith(".html"));

// One page of each kind: the longest of those that are alike.
const ALIKE = /^(nodes|runs|columns|sources|owners)\/(?!(index|compare)\.html$)/;
export const kinds = (dir) => {
  const found = new Map();
  for (const path of pages(dir)) {
    const kind = ALIKE.exec(path)?.[1] ?? path;
    const size = statSync(join(dir, path)).size;
    if (size > (found.get(kind)?.size ?? 0)) found.set(kind, { path, size });
  }
  return [...found.values()].map((one) => one.path).sort();
};

export const fileUrl = (dir) => pathToFileURL(dir).href.replace(/\/?$/, "/");

const TYPES = { html: "text/html", css: "text/css", js: "text/javascript", svg: "image/svg+xml", json: "application/json" };

// A plain server that has the site below another path, as a host of pages has it.
export const below = async (dir, prefix) => {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    try {
      if (!path.startsWith(prefix)) throw new Error("not below the prefix");
      const body = readFileSync(join(dir, path.slice(prefix.length)));
      response.writeHead(200, { "content-type": TYPES[path.split(".").pop()] ?? "application/octet-stream" });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}${prefix}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
};

// Opens pages and notes what should not happen: requests that leave the site, words on the console, errors, dialogs.
export class Visitor {
  static async to(browser, base, options = {}) {
    const context = await browser.newContext(options);
    const visitor = new Visitor(context, base);
    visitor.page = await context.newPage();
    visitor.watch(visitor.page);
    return visitor;
  }

  constructor(context, base) {
    Object.assign(this, { context, base, faults: [] });
  }

  watch(page) {
    const fault = (text) => this.faults.push(`${page.url()}: ${text}`);
    page.on("request", (request) => {
      const url = request.url();
      const own = url.startsWith(this.base) || url.startsWith(new URL("/__fft/", this.base).href);
      if (!own && !/^(data|blob):/.test(url)) fault(`a request leaves the site: ${url}`);
    });
    page.on("requestfailed", (request) => {
      // A page that is left takes with it what it still waits for: its icon, the script that reloads.
      const { errorText } = request.failure() ?? {};
      if (errorText !== "net::ERR_ABORTED") fault(`a request failed: ${request.url()} ${errorText}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 400) fault(`${response.status()} for ${response.url()}`);
    });
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) fault(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => fault(`error: ${error.message}`));
    page.on("dialog", (dialog) => {
      fault(`a dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
  }

  async open(path) {
    await this.page.goto(this.base + path, { waitUntil: "load" });
    return this.page;
  }

  close() {
    return this.context.close();
  }
}
