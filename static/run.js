// A run's page explains any node of the run: #node=NAME. What the page holds is opened; the rest comes from shards.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const { announce, make, shard, told } = window.fft;
  const place = document.getElementById("explained");
  if (!place) return;
  const wanted = () => new URLSearchParams(location.hash.slice(1)).get("node");
  const stem = place.dataset.shard.slice("run-".length);

  const show = (name, ...parts) => {
    const heading = make("h3");
    heading.append(fft.name(name));
    place.replaceChildren(heading, ...parts);
    place.hidden = false;
    lead(place);
  };
  const lead = (element) => {
    element.scrollIntoView({ block: "start" });
    element.focus({ preventScroll: true });
  };

  // What a row of the run's shard says: the whole explanation of a node that was left as it is.
  const row = (run, node) => {
    const lede = make("p", "lede"), causes = make("ul", "reasons-list"), checks = make("ul", "checked");
    lede.append(told.badge(node.badge), " " + node.why);
    for (const { code, sentence } of node.causes) {
      const item = make("li");
      item.append(make("code", "code", code), " ", make("span", "sentence", sentence));
      causes.append(item);
    }
    for (const check of node.checks) {
      const item = make("li");
      item.append(told.check(check), " ", make("span", "mono", check.name), " " + check.evidence);
      checks.append(item);
    }
    const note = make("p", "note");
    if (node.built) note.append(`Built by run ${node.built.run}${node.built.at ? " of " + told.time(node.built.at) : ""}${node.built.commit ? " · commit " + node.built.commit : ""} · fingerprint ${node.print}`);
    const command = make("p", "note");
    command.append(make("code", "", `fft explain ${node.name} --run ${run.id}`));
    return [lede, causes, ...(node.checks.length > 0 ? [make("h4", "", "Checks"), checks] : []), note, command];
  };

  // HTML that was made and escaped when the site was, as the page itself.
  const made = (html) => [...new DOMParser().parseFromString(html, "text/html").body.childNodes];

  let last = 0;
  const open = async () => {
    const name = wanted(), mine = ++last;
    if (name === null) return void (place.hidden = true);
    const run = await told(place.dataset.shard);
    if (mine !== last || !run) return;
    const node = run.byName.get(name) ?? run.byName.get(name + ".ff");
    const own = node && document.getElementById("node=" + node.name);
    place.hidden = true;
    if (!node) {
      const words = make("p", "warning", `Run ${run.id} knows no node “${name}”.`);
      show("Nothing to explain", words);
      return announce(words.textContent);
    }
    if (own && node.piece < 0) {
      own.closest("details").open = true;
      lead(own);
    } else if (node.piece < 0) {
      show(node.name, ...row(run, node));
    } else {
      const piece = await shard(`why-${stem}-${node.piece}`);
      if (mine !== last) return;
      show(node.name, ...made(piece[node.name]));
    }
    announce(`${node.name}: ${node.badge[1]}, ${node.why}`);
  };
  addEventListener("hashchange", open);
  open();
});
