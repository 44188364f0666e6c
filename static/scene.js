// Draws a view: edges on a canvas, the boxes in sight as links over it, a small map of the whole. fft.scene(stage, on)
// gives { show, hide, light, current, fit, reveal, zoom }; `on` is told what a person does with it.
"use strict";
(() => {
  const { make } = window.fft ?? {};
  // Scale from which on names can be read, with which they are read with ease, and below which a whole is a stripe.
  const BOXES = 0.42, READ = 0.75, STRIPE = 0.2;
  // Scale from which on the whole is left in sight rather than a part brought nearer.
  const WHOLE = 0.6;
  // Boxes as links at once.
  const MOST = 700;
  // Pixels drawn around what is in sight.
  const SLACK = 240;
  // Lines in one stroke.
  const CHUNK = 400;
  const SVG = "http://www.w3.org/2000/svg";

  const scene = (stage, on) => {
    const canvas = stage.appendChild(make("canvas", "lines"));
    const layer = stage.appendChild(make("div", "boxes"));
    const map = stage.appendChild(make("canvas", "map"));
    for (const one of [canvas, map]) one.setAttribute("aria-hidden", "true");
    layer.setAttribute("role", "group");
    map.hidden = true;
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    let view = { boxes: [], edges: [], width: 1, height: 1 }, shown = false, pieces = new Float32Array(0), bright = null, front = null, brightPieces = [];
    // What is at (x, y) stands at (x k + tx, y k + ty).
    let k = 1, tx = 0, ty = 0;
    let current = -1, size = [1, 1], drawn = null, cost = 0, colours = {}, mapped = null;
    // Whether a person has moved it: then it stays where it is.
    let moved = false;
    // Boxes that are to be seen as a whole, however small.
    let cone = null;
    const links = new Map();

    // A box's class in the lens of the view.
    const look = (box) => view.lens?.classes[box.look];
    const isQuiet = (box) => look(box)?.quiet ?? !look(box);
    const colour = (box) => colours[look(box)?.colour] ?? colours["strong-line"];
    const readColours = () => {
      const names = ["strong-line", "accent", "bg", "text", ...(view.lens?.classes ?? []).map((one) => one.colour)];
      for (const name of names) colours[name] = fft.colour(name);
    };

    // Lines without repetition: edges that leave one box share their way.
    const prepare = () => {
      const seen = new Set(), found = [];
      for (const edge of view.edges) for (const piece of view.line(edge)) {
        const key = piece.join();
        if (!seen.has(key)) seen.add(key), found.push(piece);
      }
      // From left to right, so that what is out of sight is passed over in whole strokes.
      found.sort((a, b) => a[1] - b[1]);
      pieces = Float32Array.from(found.flat());
    };

    const trace = (ctx, piece, at) => {
      const x = piece[at], edge = piece[at + 1], next = piece[at + 2], y = piece[at + 3], down = piece[at + 4];
      ctx.moveTo(x, y);
      if (edge !== x) ctx.lineTo(edge, y);
      const middle = (edge + next) / 2;
      if (y === down || k < 0.2) ctx.lineTo(next, down);
      else ctx.bezierCurveTo(middle, y, middle, down, next, down);
    };

    const strokes = (ctx, list, [left, top, right, bottom]) => {
      let inPath = 0;
      ctx.beginPath();
      for (let at = 0; at < list.length; at += 5) {
        if (list[at + 2] < left || list[at] > right) continue;
        const y = list[at + 3], down = list[at + 4];
        if ((y < top && down < top) || (y > bottom && down > bottom)) continue;
        trace(ctx, list, at);
        if (++inPath === CHUNK) ctx.stroke(), ctx.beginPath(), (inPath = 0);
      }
      ctx.stroke();
    };

    const inSight = (slack) => [(-slack - tx) / k, (-slack - ty) / k, (size[0] + slack - tx) / k, (size[1] + slack - ty) / k];

    const paint = () => {
      const begin = performance.now(), dpr = Math.min(devicePixelRatio || 1, 2), ctx = canvas.getContext("2d");
      const [w, h] = [size[0] + 2 * SLACK, size[1] + 2 * SLACK];
      if (canvas.width !== Math.round(w * dpr) || canvas.height !== Math.round(h * dpr)) {
        canvas.width = Math.round(w * dpr);
        canvas.height = Math.round(h * dpr);
        canvas.style.width = w + "px";
        canvas.style.height = h + "px";
      }
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.clearRect(0, 0, canvas.width, canvas.height);
      ctx.setTransform(dpr * k, 0, 0, dpr * k, (tx + SLACK) * dpr, (ty + SLACK) * dpr);
      const sight = inSight(SLACK);
      ctx.lineWidth = Math.max(1.25, 0.5 / k);
      ctx.strokeStyle = colours["strong-line"];
      ctx.globalAlpha = bright ? 0.28 : k < 0.2 ? 0.4 : 0.75;
      strokes(ctx, pieces, sight);
      ctx.globalAlpha = 1;
      if (bright) {
        ctx.lineWidth = Math.max(2.5, 1.5 / k);
        ctx.strokeStyle = colours.accent;
        strokes(ctx, brightPieces, sight);
      }
      if (k < BOXES) blocks(ctx, sight);
      drawn = { k, tx, ty };
      canvas.style.transform = `translate(${-SLACK}px,${-SLACK}px)`;
      cost = performance.now() - begin;
    };

    // Boxes too small to read: coloured blocks; what went wrong and what was built stand out.
    const blocks = (ctx, [left, top, right, bottom]) => {
      const HEIGHT = fft.HEIGHT;
      view.boxes.forEach((box, at) => {
        if (box.x > right || box.x + box.width < left || box.y - HEIGHT > bottom || box.y + HEIGHT < top) return;
        const quiet = isQuiet(box);
        ctx.globalAlpha = bright && !bright.has(at) ? 0.3 : 1;
        ctx.fillStyle = quiet ? colours.bg : colour(box);
        ctx.strokeStyle = front?.has(at) ? colours.text : colour(box);
        ctx.lineWidth = Math.max(1.5, 0.7 / k);
        ctx.beginPath();
        ctx.rect(box.x, box.y - HEIGHT / 2, box.width, HEIGHT);
        ctx.fill();
        ctx.stroke();
      });
      ctx.globalAlpha = 1;
    };

    const link = (at) => {
      const box = view.boxes[at], HEIGHT = fft.HEIGHT;
      const element = make(box.page ? "a" : "button", `box ${box.kind} ${box.cls}`);
      if (box.page) element.href = document.body.dataset.root + box.page;
      else element.type = "button";
      element.dataset.at = at;
      element.tabIndex = -1;
      if (view.lens && view.lens.key !== "decision") {
        element.classList.add("lensed");
        element.classList.toggle("calm", isQuiet(box));
        element.classList.toggle("hatched", look(box)?.hatched === true);
        element.style.setProperty("--lens", colour(box));
      }
      element.style.transform = `translate(${box.x}px,${box.y - HEIGHT / 2}px)`;
      element.style.width = box.width + "px";
      const shape = document.createElementNS(SVG, "svg"), outline = document.createElementNS(SVG, "path");
      outline.setAttribute("d", fft.outline(box, HEIGHT));
      shape.setAttribute("width", box.width);
      shape.setAttribute("height", HEIGHT);
      shape.setAttribute("aria-hidden", "true");
      shape.append(outline);
      element.append(shape, make("span", "name", fft.shortened(box.label)), make("span", "unseen", ", "), make("span", "word", box.word));
      if (box.hiddenUp) element.append(make("span", "more up", "+" + box.hiddenUp));
      if (box.hiddenDown) element.append(make("span", "more down", "+" + box.hiddenDown));
      const hidden = (box.hiddenUp ?? 0) + (box.hiddenDown ?? 0);
      element.title = box.name + (hidden ? ` (${hidden} of its neighbours not shown)` : "");
      return element;
    };

    const mark = (element, at) => {
      element.classList.toggle("dim", bright !== null && !bright.has(at));
      element.classList.toggle("lit", bright !== null && bright.has(at));
      element.classList.toggle("arriving", front !== null && front.has(at));
      element.classList.toggle("here", at === current);
      if (at === current) element.setAttribute("aria-current", "true");
      else element.removeAttribute("aria-current");
      element.tabIndex = at === tab() ? 0 : -1;
    };

    // The one box that the Tab key leads to.
    let focused = -1;
    const tab = () => (focused >= 0 ? focused : current >= 0 ? current : view.boxes.length > 0 ? 0 : -1);

    const boxes = () => {
      const wanted = new Set(), [left, top, right, bottom] = inSight(80);
      if (k >= BOXES) {
        for (let at = 0; at < view.boxes.length && wanted.size < MOST; at++) {
          const box = view.boxes[at];
          if (box.x <= right && box.x + box.width >= left && box.y - 30 <= bottom && box.y + 30 >= top) wanted.add(at);
        }
      }
      for (const at of [tab(), current]) if (at >= 0) wanted.add(at);
      for (const [at, element] of links) if (!wanted.has(at)) element.remove(), links.delete(at);
      for (const at of wanted) {
        if (links.has(at)) continue;
        const element = link(at);
        links.set(at, element);
        mark(element, at);
        layer.append(element);
      }
      layer.style.transform = `translate(${tx}px,${ty}px) scale(${k})`;
    };
    const remark = () => links.forEach(mark);

    const mapScale = () => Math.min(168 / view.width, 112 / view.height);
    const drawMap = () => {
      const scale = mapScale(), w = Math.max(36, Math.round(view.width * scale)), h = Math.max(28, Math.round(view.height * scale));
      const dpr = Math.min(devicePixelRatio || 1, 2), ctx = map.getContext("2d");
      const all = view.width * k <= size[0] + 1 && view.height * k <= size[1] + 1;
      map.hidden = all || view.boxes.length < 2;
      if (map.hidden) return;
      if (mapped === null) {
        mapped = document.createElement("canvas");
        map.width = mapped.width = w * dpr;
        map.height = mapped.height = h * dpr;
        map.style.width = w + "px";
        map.style.height = h + "px";
        const back = mapped.getContext("2d");
        back.setTransform(dpr * scale, 0, 0, dpr * scale, 0, 0);
        for (const quiet of [true, false]) for (const box of view.boxes) {
          if (isQuiet(box) !== quiet) continue;
          back.fillStyle = colour(box);
          back.globalAlpha = quiet ? 0.45 : 1;
          const grown = Math.max(fft.HEIGHT, 1.2 / scale);
          back.fillRect(box.x, box.y - grown / 2, Math.max(box.width, 1.2 / scale), grown);
        }
      }
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.clearRect(0, 0, map.width, map.height);
      ctx.drawImage(mapped, 0, 0);
      ctx.setTransform(dpr * scale, 0, 0, dpr * scale, 0, 0);
      const [left, top, right, bottom] = inSight(0);
      ctx.strokeStyle = colours.accent;
      ctx.lineWidth = 1.5 / scale;
      ctx.strokeRect(left, top, right - left, bottom - top);
    };

    let asked = false, settle = 0;
    const frame = () => {
      asked = false;
      if (!shown) return;
      // What takes long to draw is moved as it is, and drawn anew when the hand rests or the edge comes into sight.
      const moved = drawn && Math.max(Math.abs(tx - drawn.tx), Math.abs(ty - drawn.ty)) < SLACK && k === drawn.k;
      if (cost > 6 && drawn && (moved || k !== drawn.k)) {
        const scale = k / drawn.k;
        canvas.style.transform = `translate(${tx - (drawn.tx + SLACK) * scale}px,${ty - (drawn.ty + SLACK) * scale}px) scale(${scale})`;
        clearTimeout(settle);
        settle = setTimeout(() => (paint(), boxes()), 140);
      } else paint();
      boxes();
      drawMap();
    };
    const ask = () => {
      if (!asked) requestAnimationFrame(frame);
      asked = true;
    };

    const clamp = () => {
      const room = 60;
      tx = Math.min(size[0] - room, Math.max(room - view.width * k, tx));
      ty = Math.min(size[1] - room, Math.max(room - view.height * k, ty));
    };
    const go = (nk, nx, ny, quick) => {
      cancelAnimationFrame(glide);
      const end = { k: Math.min(2.5, Math.max(0.02, nk)), tx: nx, ty: ny }, from = { k, tx, ty }, begin = performance.now();
      const step = () => {
        const part = quick || still.matches ? 1 : Math.min(1, (performance.now() - begin) / 180), ease = 1 - (1 - part) ** 3;
        [k, tx, ty] = ["k", "tx", "ty"].map((name) => from[name] * (1 - ease) + end[name] * ease);
        clamp();
        ask();
        if (part < 1) glide = requestAnimationFrame(step);
      };
      step();
    };
    let glide = 0;
    const zoom = (factor, x = size[0] / 2, y = size[1] / 2, quick = false) => {
      const nk = Math.min(2.5, Math.max(0.02, k * factor));
      go(nk, x - (x - tx) * nk / k, y - (y - ty) * nk / k, quick);
    };
    const whole = () => Math.min(1, (size[0] - 16) / view.width, (size[1] - 16) / view.height);
    const start = (room, length) => (length < room ? (room - length) / 2 : 8);
    const from = (scale, quick) => go(scale, start(size[0], view.width * scale), start(size[1], view.height * scale), quick);
    const fit = (quick) => from(whole(), quick);
    // The whole where it is more than a stripe, else a place where there is something to see: `view.anchor`.
    const open = () => {
      moved = false;
      if (whole() >= STRIPE || view.boxes.length === 0) fit(true);
      else centre(Math.max(0, view.anchor ?? 0), READ, true);
    };
    const centre = (at, nk, quick) => {
      const box = view.boxes[at];
      go(nk, size[0] / 2 - (box.x + box.width / 2) * nk, size[1] / 2 - box.y * nk, quick);
    };
    // Whether a box is in sight and can be read.
    const seen = (at, scale = k) => {
      const box = view.boxes[at], x = box.x * k + tx, y = box.y * k + ty, room = 12;
      return k >= scale && x > room && y > room && x + box.width * k < size[0] - room && y < size[1] - room;
    };
    const reveal = (at, quick) => {
      if (view.boxes[at] && !seen(at, READ)) centre(at, Math.max(k, READ), quick);
    };
    // What is selected comes into sight: with the whole where that can be read, with what is lit where that can, else alone.
    const attend = (quick) => {
      if (current < 0 && !bright?.size) return moved || open();
      if (!moved && whole() >= WHOLE) return fit(quick);
      if (moved && current >= 0 && seen(current, BOXES)) return;
      const lit = [...(cone ?? bright ?? []), current].filter((at) => at >= 0).map((at) => view.boxes[at]), { min, max } = Math;
      const box = lit.reduce(([l, t, r, b], one) => [min(l, one.x), min(t, one.y - 20), max(r, one.x + one.width), max(b, one.y + 20)], [Infinity, Infinity, 0, 0]);
      const scale = min(Math.max(READ, k), (size[0] - 48) / (box[2] - box[0]), (size[1] - 48) / (box[3] - box[1]));
      if (scale >= (cone ? STRIPE : BOXES)) go(scale, size[0] / 2 - (box[0] + box[2]) / 2 * scale, size[1] / 2 - (box[1] + box[3]) / 2 * scale, quick);
      else {
        // With more room on the side where the others are.
        const one = current >= 0 ? view.boxes[current] : lit[0], [behind, ahead] = [one.x - box[0], box[2] - one.x - one.width];
        const share = ahead > behind ? 0.08 : ahead < behind ? 0.92 : 0.5;
        go(READ, 16 + (size[0] - 32) * share - one.width * READ * share, size[1] / 2 - one.y * READ, quick);
      }
    };

    const resize = () => {
      const { clientWidth, clientHeight } = stage;
      if (!shown || clientWidth === 0 || (clientWidth === size[0] && clientHeight === size[1])) return;
      const [w, h] = size;
      size = [clientWidth, clientHeight];
      if (w === 1) open();
      else if (moved) go(k, tx + (size[0] - w) / 2, ty + (size[1] - h) / 2, true);
      if (w !== 1) attend(true);
      ask();
    };
    new ResizeObserver(resize).observe(stage);
    const recolour = () => (readColours(), (mapped = null), links.forEach((element) => element.remove()), links.clear(), shown && ask());
    document.addEventListener("fft:theme", recolour);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);

    // Hands: drag to pan, wheel and two fingers to zoom; a press that doesn't move is a click.
    const hands = new Map();
    let dragged = false, pinch = 0;
    const at = (event) => {
      const frame = stage.getBoundingClientRect();
      return [event.clientX - frame.left, event.clientY - frame.top];
    };
    stage.addEventListener("pointerdown", (event) => {
      if (!shown || event.button !== 0 || event.target.closest(".controls")) return;
      if (event.target === map) return toMap(event);
      hands.set(event.pointerId, at(event));
      dragged = false;
      pinch = 0;
    });
    const toMap = (event) => {
      const frame = map.getBoundingClientRect(), scale = mapScale();
      const follow = (move) => go(k, size[0] / 2 - (move.clientX - frame.left) / scale * k, size[1] / 2 - (move.clientY - frame.top) / scale * k, true);
      moved = true;
      map.setPointerCapture(event.pointerId);
      map.onpointermove = follow;
      map.onpointerup = map.onpointercancel = () => (map.onpointermove = null);
      follow(event);
    };
    window.addEventListener("pointermove", (event) => {
      const before = hands.get(event.pointerId);
      if (!before) return;
      const now = at(event);
      if (!dragged && Math.hypot(now[0] - before[0], now[1] - before[1]) < 4) return;
      if (!dragged) stage.setPointerCapture(event.pointerId);
      dragged = moved = true;
      hands.set(event.pointerId, now);
      if (hands.size === 2) {
        const [one, two] = [...hands.values()], apart = Math.hypot(one[0] - two[0], one[1] - two[1]);
        if (pinch > 0) zoom(apart / pinch, (one[0] + two[0]) / 2, (one[1] + two[1]) / 2, true);
        pinch = apart;
      } else go(k, tx + now[0] - before[0], ty + now[1] - before[1], true);
    });
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, (event) => hands.delete(event.pointerId));
    stage.addEventListener("wheel", (event) => {
      if (!shown) return;
      // A page that scrolls past the graph isn't caught by it.
      if (!event.ctrlKey && !event.metaKey) return on.hint?.("Ctrl and the wheel bring it nearer.");
      event.preventDefault();
      moved = true;
      zoom(Math.exp(-event.deltaY * 0.01), ...at(event), true);
    }, { passive: false });

    const hit = (event) => {
      const [x, y] = at(event), wx = (x - tx) / k, wy = (y - ty) / k;
      return view.boxes.findIndex((box) => wx >= box.x && wx <= box.x + box.width && Math.abs(wy - box.y) <= fft.HEIGHT / 2);
    };
    stage.addEventListener("click", (event) => {
      if (!shown) return;
      if (dragged) return (dragged = false), event.preventDefault(), event.stopPropagation();
      if (event.target.closest(".controls, .map") || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      const box = event.target.closest(".box"), found = box ? Number(box.dataset.at) : hit(event);
      event.preventDefault();
      stage.contains(document.activeElement) || layer.querySelector("[tabindex='0']")?.focus({ preventScroll: true });
      if (found >= 0) focused = found;
      on.select(found);
    }, true);
    stage.addEventListener("dblclick", (event) => {
      const found = shown ? hit(event) : -1;
      if (found >= 0) on.open(found);
    });
    stage.addEventListener("dragstart", (event) => event.preventDefault());

    // Keys: arrows follow edges, up and down go along the column.
    const near = (at, candidates) => {
      const { y } = view.boxes[at];
      return candidates.reduce((best, other) => (best < 0 || Math.abs(view.boxes[other].y - y) < Math.abs(view.boxes[best].y - y) ? other : best), -1);
    };
    const step = (at, key) => {
      if (key === "ArrowRight") return near(at, view.edges.filter(([from]) => from === at).map(([, to]) => to));
      if (key === "ArrowLeft") return near(at, view.edges.filter(([, to]) => to === at).map(([from]) => from));
      const { column, y } = view.boxes[at], way = key === "ArrowDown" ? 1 : -1;
      const others = view.boxes.map((_, other) => other).filter((other) => view.boxes[other].column === column && (view.boxes[other].y - y) * way > 0);
      return near(at, others);
    };
    layer.addEventListener("keydown", (event) => {
      const box = event.target.closest(".box");
      if (!box || event.ctrlKey || event.metaKey || event.altKey) return;
      const here = Number(box.dataset.at);
      if (event.key.startsWith("Arrow")) {
        event.preventDefault();
        const next = step(here, event.key);
        if (next >= 0) focus(next);
      } else if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        on.select(here);
      } else if (event.key === "o") on.open(here);
      else if (event.key === "f") on.focus(here);
    });
    layer.addEventListener("focusin", (event) => {
      const box = event.target.closest(".box");
      if (!box) return;
      focused = Number(box.dataset.at);
      remark();
      if (box.matches(":focus-visible")) reveal(focused);
    });
    const focus = (at) => {
      focused = at;
      reveal(at, true);
      boxes();
      remark();
      links.get(at)?.focus({ preventScroll: true });
    };

    return {
      // A view in its place. What a person moved stays so while the boxes are the same.
      show(next) {
        // Who was on a box stays on it, or comes to the first one.
        const held = layer.contains(document.activeElement), key = view.boxes[focused]?.key;
        const same = shown && view.boxes.length === next.boxes.length && view.boxes.every((box, at) => box.key === next.boxes[at].key);
        view = next;
        bright = front = null;
        current = -1;
        focused = next.boxes.findIndex((box) => box.key === key);
        links.forEach((element) => element.remove());
        links.clear();
        mapped = drawn = null;
        canvas.hidden = layer.hidden = false;
        shown = true;
        readColours();
        prepare();
        resize();
        if (size[0] > 1 && !(same && moved)) open();
        boxes();
        if (held) links.get(tab())?.focus({ preventScroll: true });
        ask();
      },
      hide() {
        shown = false;
        links.forEach((element) => element.remove());
        links.clear();
        canvas.hidden = layer.hidden = map.hidden = true;
      },
      // Lights some boxes and the edges between them up, `latest` of them most; null for none.
      light(boxes, edges = [], latest = null) {
        [bright, front] = [boxes, latest];
        brightPieces = Float32Array.from(edges.flatMap((edge) => view.line(edge).flat()));
        drawn = null;
        remark();
        ask();
      },
      // Makes a box the current one and brings what is lit into sight, or some boxes as a whole, however small.
      current(at, whole = null) {
        current = at;
        cone = whole;
        resize();
        attend();
        boxes();
        remark();
      },
      fit() {
        moved = false;
        fit();
      },
      zoom(factor) {
        moved = true;
        zoom(factor);
      },
      focus, reveal,
      label(text) { layer.setAttribute("aria-label", text); },
    };
  };

  // A token of site.css as it is now.
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

  Object.assign((window.fft ??= {}), { scene, colour });
})();
