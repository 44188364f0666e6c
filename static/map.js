// The map: every node on one screen, a cell a node, a column a level, folder or owner, the worst first in each.
// fft.columns and fft.cells lay it out as src/site/graph/map.rs does (a test holds the two together); fft.map(stage, on)
// draws it, and is spoken to as fft.scene is.
"use strict";
(() => {
  const { make } = window.fft ?? {};
  const LARGEST = 28, SMALLEST = 4, HEAD = 18, LABEL = 26;

  // Items in named columns, ordered by rank, then by name. `by` gives an item's column: what is compared, and its name.
  const columns = (model, items, rank, by = (item) => [model.level(item), `L${model.level(item)}`]) => {
    const found = new Map();
    for (const item of items) {
      const [key, name] = by(item);
      if (!found.has(key)) found.set(key, { key, name, items: [] });
      found.get(key).items.push(item);
    }
    for (const { items: own } of found.values()) own.sort((a, b) => rank(a) - rank(b) || a - b);
    return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  };

  const gap = (pitch) => (pitch > 8 ? 14 : 6);
  const side = (pitch) => pitch - (pitch > 15 ? 3 : 1 + (pitch > 7));

  // The largest cells with which all columns fit the room; in the smallest they get the height they need.
  const cells = (given, width, height) => {
    const strips = (items, rows) => Math.floor((items.length + rows - 1) / rows);
    const needed = (pitch, rows) => given.reduce((sum, { items }) => sum + strips(items, rows), 0) * pitch + gap(pitch) * Math.max(0, given.length - 1);
    const room = (pitch) => Math.max(1, Math.floor((height - HEAD) / pitch));
    let pitch = LARGEST;
    while (pitch > SMALLEST && needed(pitch, room(pitch)) > width) pitch--;
    let rows = room(pitch);
    const most = given.reduce((most, { items }) => Math.max(most, items.length), 0);
    while (rows < most && needed(pitch, rows) > width) rows++;
    const found = { pitch, rows, width: 0, height: 0, columns: [], cells: [] };
    let left = 0;
    for (const { name, items } of given) {
      const end = left + strips(items, rows) * pitch;
      found.columns.push({ name, x: left, end, count: items.length });
      items.forEach((node, at) => {
        const x = left + Math.floor(at / rows) * pitch, y = HEAD + (at % rows) * pitch;
        found.cells.push([node, x, y]);
        found.height = Math.max(found.height, y + pitch);
      });
      left = end + gap(pitch);
    }
    found.width = Math.max(0, left - gap(pitch));
    return found;
  };

  const map = (stage, on) => {
    const canvas = stage.appendChild(make("canvas", "cellmap")), layer = stage.appendChild(make("div", "cells"));
    const tip = stage.appendChild(make("div", "tip"));
    canvas.setAttribute("aria-hidden", "true");
    layer.setAttribute("role", "group");
    tip.hidden = true;
    let view = { boxes: [], columns: [] }, laid = cells([], 1, 1), spots = new Map(), boxOf = new Map(), left = 0;
    let bright = null, front = null, current = -1, focused = -1, shown = false, size = [1, 1], link = null;

    const lay = () => {
      size = [stage.clientWidth, stage.clientHeight];
      if (!shown || size[0] === 0) return;
      view.laid = laid = cells(view.columns, size[0] - 24, size[1] - 16);
      left = 12;
      boxOf = new Map(view.boxes.map((box, at) => [box.item, at]));
      spots = new Map(laid.cells.map(([item, x, y]) => [boxOf.get(item), [x, y]]));
      paint();
      place();
    };

    const paint = () => {
      const dpr = Math.min(devicePixelRatio || 1, 2), ctx = canvas.getContext("2d"), { lens } = view;
      const [w, h] = [size[0], Math.max(size[1], laid.height + 16)];
      canvas.width = Math.round(w * dpr);
      canvas.height = Math.round(h * dpr);
      canvas.style.width = w + "px";
      canvas.style.height = h + "px";
      ctx.setTransform(dpr, 0, 0, dpr, left * dpr, 0);
      ctx.clearRect(-left, 0, w, h);
      const edge = side(laid.pitch), colours = lens.classes.map(({ colour }) => fft.colour(colour));
      const [ground, line, soft, text, muted] = ["bg", "line", "skip-soft", "text", "muted"].map(fft.colour);
      ctx.font = "11px ui-monospace, 'DejaVu Sans Mono', monospace";
      ctx.fillStyle = muted;
      let free = 0;
      for (const { name, x, end } of laid.columns) {
        if (x < free) continue;
        const room = Math.max(LABEL, end - x + gap(laid.pitch) - 4);
        ctx.fillText(short(ctx, name, room), x, 11);
        free = x + room;
      }
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      for (const [at, [x, y]] of spots) {
        const { item, look: number } = view.boxes[at], known = lens.classes[number];
        ctx.globalAlpha = bright && !bright.has(at) ? 0.2 : 1;
        if (!known || known.quiet) {
          ctx.fillStyle = known && lens.key !== "decision" ? colours[number] : soft;
          ctx.fillRect(x, y, edge, edge);
          if (edge > 5) {
            ctx.strokeStyle = known && bright?.has(at) ? muted : line;
            ctx.lineWidth = 1;
            ctx.strokeRect(x + 0.5, y + 0.5, edge - 1, edge - 1);
          }
        } else if (known.hatched) {
          ctx.strokeStyle = colours[number];
          ctx.lineWidth = 1;
          ctx.strokeRect(x + 0.5, y + 0.5, edge - 1, edge - 1);
          ctx.beginPath();
          for (let far = 4; far < 2 * edge; far += 4) {
            const over = Math.max(0, far - edge);
            ctx.moveTo(x + over, y + far - over);
            ctx.lineTo(x + far - over, y + over);
          }
          ctx.stroke();
        } else {
          ctx.fillStyle = colours[number];
          ctx.fillRect(x, y, edge, edge);
          signs(ctx, lens.sign?.(item) ?? known.sign ?? "", x, y, edge, ground);
        }
        if (front?.has(at) || at === current) {
          ctx.globalAlpha = 1;
          ctx.strokeStyle = at === current ? text : fft.colour("accent");
          ctx.lineWidth = at === current ? 3 : 2;
          ctx.strokeRect(x - 1, y - 1, edge + 2, edge + 2);
        }
      }
      ctx.globalAlpha = 1;
      ctx.textAlign = "start";
      ctx.textBaseline = "alphabetic";
    };

    // What tells classes apart without colour: a cross, a bar, a dot; a number where there is room.
    const signs = (ctx, sign, x, y, edge, colour) => {
      if (edge < 8 || sign === "") return;
      ctx.strokeStyle = ctx.fillStyle = colour;
      ctx.lineWidth = Math.max(1, edge / 9);
      const near = edge * 0.28, far = edge - near, middle = edge / 2;
      ctx.beginPath();
      if (sign === "✗") {
        ctx.moveTo(x + near, y + near);
        ctx.lineTo(x + far, y + far);
        ctx.moveTo(x + far, y + near);
        ctx.lineTo(x + near, y + far);
      } else if (sign === "–") {
        ctx.moveTo(x + near, y + middle);
        ctx.lineTo(x + far, y + middle);
      } else if (sign === "↳") ctx.fillRect(x + middle - edge / 10, y + middle - edge / 10, edge / 5, edge / 5);
      else if (sign !== "✓" && edge > 13) {
        ctx.font = `${edge - 5}px system-ui, sans-serif`;
        ctx.fillText(sign, x + middle, y + middle + 1);
      }
      ctx.stroke();
    };

    const short = (ctx, name, room) => {
      let text = name;
      while (text.length > 1 && ctx.measureText(text).width > room) text = name.slice(0, text.length - 2) + "…";
      return text;
    };

    // One cell is a link: where the Tab key leads.
    const tab = () => (focused >= 0 ? focused : current >= 0 ? current : spots.keys().next().value ?? -1);
    const place = () => {
      const at = tab(), spot = spots.get(at);
      if (!spot) return layer.replaceChildren(), (link = null);
      const box = view.boxes[at], edge = side(laid.pitch);
      if (link?.dataset.at !== String(at)) {
        link = make("a", "cell");
        link.href = document.body.dataset.root + box.page;
        link.dataset.at = at;
        link.setAttribute("aria-label", `${box.name}: ${box.word}`);
        layer.replaceChildren(link);
      }
      if (at === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      link.style.transform = `translate(${spot[0] + left}px,${spot[1]}px)`;
      link.style.width = link.style.height = edge + "px";
    };
    const focus = (at) => {
      focused = at;
      place();
      link?.focus({ preventScroll: true });
      say(at);
    };

    const say = (at) => {
      const spot = spots.get(at);
      tip.hidden = !spot;
      if (!spot) return;
      const { label, word } = view.boxes[at];
      tip.replaceChildren(make("strong", "name", label), make("span", "", word));
      beside(spot[0] + left, spot[1]);
    };
    const beside = (x, y) => {
      const right = x > size[0] / 2, low = y > size[1] / 2, edge = side(laid.pitch) + 6;
      tip.style.transform = `translate(${right ? x - tip.offsetWidth - 6 : x + edge}px,${Math.max(2, low ? y - tip.offsetHeight : y + edge)}px)`;
    };

    const hit = (event) => {
      const frame = stage.getBoundingClientRect(), x = event.clientX - frame.left - left, y = event.clientY - frame.top + stage.scrollTop;
      const column = laid.columns.find((one) => x >= one.x && x < one.end);
      if (!column) return -1;
      if (y < HEAD) return column;
      const [cx, cy] = [column.x + Math.floor((x - column.x) / laid.pitch) * laid.pitch, HEAD + Math.floor((y - HEAD) / laid.pitch) * laid.pitch];
      const found = laid.cells.find(([, left, top]) => left === cx && top === cy);
      return found ? boxOf.get(found[0]) : -1;
    };
    stage.addEventListener("pointermove", (event) => {
      if (!shown) return;
      const at = hit(event);
      stage.classList.toggle("over", at >= 0);
      if (typeof at === "number") return say(at);
      tip.hidden = false;
      tip.replaceChildren(make("strong", "", at.name), make("span", "", fft.plural(at.count, "node")));
      beside(at.x + left, 0);
    });
    stage.addEventListener("pointerleave", () => (tip.hidden = true));
    stage.addEventListener("click", (event) => {
      if (!shown || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      // Who has no pointer presses the link itself.
      const own = event.detail === 0 && event.target.closest(".cell"), at = own ? Number(own.dataset.at) : hit(event), found = typeof at === "number" ? at : -1;
      if (found >= 0) focus(found);
      on.select(found);
    });
    stage.addEventListener("dblclick", (event) => {
      const at = shown ? hit(event) : -1;
      if (at >= 0) on.open(at);
    });

    // Up and down along the column, left and right to the cell beside it.
    const step = (at, key) => {
      const [x, y] = spots.get(at), way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
      let best = -1, least = Infinity;
      for (const [other, [ox, oy]] of spots) {
        const along = way[0] ? (ox - x) * way[0] : (oy - y) * way[1], across = way[0] ? Math.abs(oy - y) : Math.abs(ox - x);
        if (along <= 0 || (way[1] && across > 0)) continue;
        const far = along * 4 + across;
        if (far < least) [best, least] = [other, far];
      }
      return best;
    };
    layer.addEventListener("keydown", (event) => {
      if (!link || event.ctrlKey || event.metaKey || event.altKey) return;
      const at = Number(link.dataset.at);
      if (event.key.startsWith("Arrow")) {
        event.preventDefault();
        const next = step(at, event.key);
        if (next >= 0) focus(next);
      } else if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        on.select(at);
      } else if (event.key === "o") on.open(at);
      else if (event.key === "f") on.focus(at);
      else if (event.key === "Escape") tip.hidden = true;
    });
    layer.addEventListener("focusin", () => say(tab()));
    layer.addEventListener("focusout", () => (tip.hidden = true));

    new ResizeObserver(() => {
      if (stage.clientWidth !== size[0] || stage.clientHeight !== size[1]) lay();
    }).observe(stage);
    const again = () => shown && paint();
    document.addEventListener("fft:theme", again);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);

    return {
      // A view whose columns are those of `columns`, seen through a lens.
      show(next) {
        const held = layer.contains(document.activeElement), key = view.boxes[focused]?.key;
        view = next;
        bright = front = null;
        current = -1;
        focused = next.boxes.findIndex((box) => box.key === key);
        link = null;
        shown = true;
        lay();
        if (held) link?.focus({ preventScroll: true });
      },
      hide() {
        shown = false;
        tip.hidden = true;
        layer.replaceChildren();
        link = null;
        stage.classList.remove("over");
      },
      light(boxes, _, latest = null) {
        [bright, front] = [boxes, latest];
        if (shown) paint();
      },
      current(at) {
        current = at;
        if (shown) paint(), place();
      },
      focus, reveal() {}, fit() {}, zoom() {},
      label(text) { layer.setAttribute("aria-label", text); },
    };
  };

  Object.assign((window.fft ??= {}), { columns, cells, map });
})();
