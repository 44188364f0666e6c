// Opens search (`/` or Ctrl-K) and the list of keys (`?`) on every page. What they are made of, search.js, is loaded when
// they are first wanted.
"use strict";
(() => {
  const { make, load } = window.fft;
  const place = () => document.getElementById("search");
  // What is typed while it is being loaded; null at other times.
  let typed = null;
  const ask = async (what) => {
    if (!place() || typed !== null) return;
    typed = "";
    try {
      await load(place().dataset.script);
      window.fft[what](typed);
    } finally {
      typed = null;
    }
  };
  document.addEventListener("DOMContentLoaded", () => {
    if (!place()) return;
    const button = make("button", "tool", "Search ");
    button.type = "button";
    button.append(make("kbd", "", "/"));
    button.addEventListener("click", () => ask("find"));
    place().append(button);
    place().hidden = false;
  });
  document.addEventListener("keydown", (event) => {
    if (typed !== null) {
      if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      typed += event.key;
      return;
    }
    const writing = event.target.closest?.("input, select, textarea, [contenteditable]");
    if ((event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !writing)) {
      event.preventDefault();
      ask("find");
    } else if (event.key === "?" && !writing && !document.querySelector("dialog[open]")) ask("help");
  });
})();
