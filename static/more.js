// What pages get besides once they stand: copying, the list of runs' filters, folded parts on paper, local times.
"use strict";
(() => {
  const { make, announce } = window.fft;

  // navigator.clipboard isn't there on every address that a site is opened from.
  const put = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = make("textarea", "unseen", text);
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };
  window.fft.put = put;
  const copier = (label, words, text) => {
    const button = make("button", "copy", words);
    button.type = "button";
    button.setAttribute("aria-label", label);
    button.addEventListener("click", async () => {
      const copied = await text(), done = copied !== null && (await put(copied));
      button.textContent = done ? "Copied" : "Not copied";
      announce(done ? `Copied: ${label}` : "The browser doesn’t let pages copy here");
      setTimeout(() => { button.textContent = words; }, 1600);
    });
    return button;
  };

  const copiers = () => {
    for (const named of document.querySelectorAll("[data-copy]")) {
      const text = () => named.dataset.copy || named.textContent.trim();
      (named.closest("h1") ?? named).after(copier(`Copy ${text()}`, "Copy", text));
    }
    for (const code of document.querySelectorAll("[data-code]")) {
      const text = () => [...code.querySelectorAll(".l")].map((line) => line.textContent).join("");
      code.before(copier("Copy the code", "Copy the code", text));
    }
    const place = document.querySelector(".front-head .eyebrow"), { said } = place?.closest(".front-head").dataset ?? {};
    if (place) place.append(copier("Copy link to this page", "Copy link", () => location.href));
    // The text that `fft history show --markdown` prints.
    if (said) place.append(copier("Copy as Markdown what the run did", "Copy as Markdown", () => window.fft.shard(said)));
  };

  // table[data-runs]: by what a run did and by profile, in the hash.
  const runs = () => {
    const table = document.querySelector("table[data-runs]");
    if (!table) return;
    const rows = [...table.tBodies[0].rows];
    const bar = make("p", "filters"), told = make("span", "note");
    const choice = (label, key, values) => {
      const select = make("select");
      for (const [value, text] of [["", "all"], ...values]) select.append(Object.assign(make("option", "", text), { value }));
      select.addEventListener("change", () => {
        const state = new URLSearchParams(location.hash.slice(1));
        if (select.value) state.set(key, select.value);
        else state.delete(key);
        location.hash = state;
      });
      const whole = make("label", "", label + " ");
      whole.append(select);
      bar.append(whole);
      return select;
    };
    const did = choice("Runs", "did", [["failed", "that failed"], ["rebuilt", "that rebuilt something"], ["quiet", "that changed nothing"]]);
    const profiles = [...new Set(rows.map((row) => row.dataset.profile))].sort();
    const profile = profiles.length > 1 ? choice("Profile", "profile", profiles.map((one) => [one, one])) : null;
    const show = () => {
      const state = new URLSearchParams(location.hash.slice(1));
      did.value = state.get("did") ?? "";
      if (profile) profile.value = state.get("profile") ?? "";
      let shown = 0;
      for (const row of rows) {
        row.hidden = (did.value !== "" && row.dataset.did !== did.value) || (profile !== null && profile.value !== "" && row.dataset.profile !== profile.value);
        shown += row.hidden ? 0 : 1;
      }
      told.textContent = shown < rows.length ? `${shown} of ${rows.length} runs` : "";
    };
    bar.append(told);
    table.before(bar);
    addEventListener("hashchange", show);
    show();
  };

  // A run's page is made once: which run followed it is known to the list of runs alone.
  const later = async () => {
    const crumbs = document.querySelector(".crumbs[data-run]");
    const list = crumbs ? await window.fft.shard("runs") : null;
    const at = list ? list.findIndex((run) => run.id === crumbs.dataset.run) : 0;
    if (at < 1) return;
    const link = make("a", "", `${list[at - 1].name} →`);
    Object.assign(link, { href: list[at - 1].shard.replace(/^run-/, "") + ".html", rel: "next", title: list[at - 1].id });
    crumbs.append(" · ", link);
  };

  const times = () => {
    for (const time of document.querySelectorAll("time[datetime]")) {
      const then = new Date(time.dateTime);
      if (!Number.isNaN(then.getTime())) time.title = then.toLocaleString();
    }
  };

  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("main details:not([open])")) {
      part.open = true;
      addEventListener("afterprint", () => { part.open = false; }, { once: true });
    }
  });
  copiers();
  runs();
  later();
  times();
})();
