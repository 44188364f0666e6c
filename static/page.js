// What every page gets from a script: the theme, ages, sortable tables. Without it each page is complete.
"use strict";
(() => {
  const root = document.documentElement;
  const themes = ["system", "light", "dark"];
  const stored = () => {
    try { return localStorage.getItem("fft-theme"); } catch { return null; }
  };
  const hash = () => new URLSearchParams(location.hash.slice(1));
  // In a frame of another page there is the content alone.
  if (hash().has("embed")) root.dataset.embed = "";
  let theme = hash().get("theme") || stored() || "system";
  const show = () => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
    document.dispatchEvent(new Event("fft:theme"));
  };
  show();

  // Loads a classic script once; resolves when it ran. The only way to data on file://.
  const loading = new Map();
  const load = (path) => {
    if (!loading.has(path)) {
      loading.set(path, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = document.body.dataset.root + path;
        script.onload = resolve;
        script.onerror = () => reject(new Error(path));
        document.head.append(script);
      }));
    }
    return loading.get(path);
  };
  // A shard's value by its name, through data/index.js.
  const shard = async (name) => {
    await load("data/index.js");
    const file = window.fftData.index[name];
    if (!file) return null;
    await load("data/" + file);
    return window.fftData[name];
  };
  const make = (name, cls, text) => {
    const element = document.createElement(name);
    if (cls) element.className = cls;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const announce = (text) => {
    const place = document.getElementById("announce");
    if (place) place.textContent = text;
  };
  // What nodes are called: without the ending, unless another one is called so; where that is long without its middle. The
  // whole name is in the title.
  const LETTERS = 48;
  let alike = null;
  const short = (name) => {
    alike ??= new Set(JSON.parse(document.body.dataset.alike ?? "[]"));
    return name.length > 3 && name.endsWith(".ff") && !alike.has(name.slice(0, -3)) ? name.slice(0, -3) : name;
  };
  const cut = (text) => {
    const all = [...text], front = LETTERS >> 1;
    return all.length <= LETTERS ? text : all.slice(0, front).join("") + "…" + all.slice(all.length - (LETTERS - front - 1)).join("");
  };
  const name = (whole, href, cls = "name") => {
    const element = make(href === undefined ? "span" : "a", cls, cut(short(whole)));
    if (href !== undefined) element.href = href;
    if (element.textContent !== whole) element.title = whole;
    return element;
  };
  // The name that such an element stands for.
  const whole = (element) => element?.title || (element?.textContent ?? "");
  window.fft = { load, shard, announce, make, name, short, whole };

  const switcher = () => {
    const button = document.getElementById("theme");
    if (!button) return;
    const told = button.querySelector(".words");
    const words = () => { told.textContent = "Theme: " + theme; };
    button.hidden = false;
    words();
    button.addEventListener("click", () => {
      theme = themes[(themes.indexOf(theme) + 1) % themes.length];
      // Private mode keeps nothing.
      try { localStorage.setItem("fft-theme", theme); } catch {}
      const state = hash();
      if (state.has("theme")) {
        state.set("theme", theme);
        location.replace("#" + state);
      }
      show();
      words();
      announce(told.textContent);
    });
  };

  // On narrow screens the pages of the bar are behind a button; without a script they all stand there.
  const menu = () => {
    const button = document.getElementById("menu"), bar = button?.closest(".top");
    if (!bar) return;
    button.hidden = false;
    bar.dataset.menu = "closed";
    const set = (open) => {
      bar.dataset.menu = open ? "open" : "closed";
      button.setAttribute("aria-expanded", open);
    };
    button.addEventListener("click", () => set(bar.dataset.menu === "closed"));
    bar.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || bar.dataset.menu === "closed") return;
      set(false);
      button.focus();
    });
  };

  // <time datetime data-age> gets how long ago that was.
  const units = [["day", 86400], ["hour", 3600], ["minute", 60]];
  const age = (seconds) => {
    for (const [word, size] of units) {
      const count = Math.floor(seconds / size);
      if (count > 0) return count + " " + word + (count === 1 ? "" : "s") + " ago";
    }
    return "just now";
  };
  const ages = () => {
    for (const time of document.querySelectorAll("time[data-age]")) {
      const then = Date.parse(time.dateTime);
      if (Number.isNaN(then)) continue;
      const words = document.createElement("span");
      words.className = "age";
      words.textContent = " (" + age((Date.now() - then) / 1000) + ")";
      time.after(words);
    }
  };

  // table[data-sort]: each heading becomes a button; numbers by data-value, texts as people sort them.
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell ? cell.dataset.value ?? cell.textContent.trim() : "";
  };
  const compare = (left, right) => {
    if (left === "" || right === "") return (left === "") - (right === "");
    const difference = left - right;
    return Number.isNaN(difference) ? left.localeCompare(right, undefined, { numeric: true }) : difference;
  };
  const sort = (table, heading, column) => {
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    const order = down ? "descending" : "ascending";
    heading.setAttribute("aria-sort", order);
    const body = table.tBodies[0];
    const rows = [...body.rows].sort((a, b) => compare(value(a, column), value(b, column)) * (down ? -1 : 1));
    body.append(...rows);
    announce("Sorted by " + heading.textContent.trim() + ", " + order);
  };
  const sortable = () => {
    for (const table of document.querySelectorAll("table[data-sort]")) {
      [...table.tHead.rows[0].cells].forEach((heading, column) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "sort";
        button.append(...heading.childNodes);
        heading.append(button);
        button.addEventListener("click", () => sort(table, heading, column));
      });
    }
  };

  // A picture that is larger than its place begins with the node that it is about.
  const centred = () => {
    for (const here of document.querySelectorAll(".scroll .here")) {
      const place = here.closest(".scroll"), [inner, outer] = [here, place].map((one) => one.getBoundingClientRect());
      place.scrollBy((inner.left + inner.right - outer.left - outer.right) / 2, (inner.top + inner.bottom - outer.top - outer.bottom) / 2);
    }
  };

  // #at=RUN: the overview as an earlier run left it, by scripts of its own.
  const earlier = async () => {
    const place = document.getElementById("at");
    if (!place || !hash().has("at")) return;
    for (const path of place.dataset.scripts.split(" ")) await load(path);
  };

  document.addEventListener("DOMContentLoaded", () => {
    earlier();
    addEventListener("hashchange", earlier);
    switcher();
    menu();
    centred();
    ages();
    sortable();
  });
})();
