// The map: draws what is in view, as fine as there are pixels, and says what is under the pointer.
"use strict";
(() => {
  const data = window.mapData;
  if (!data) return;
  const ORDER = 12, SIDE = 2 ** ORDER, NAMED = 6;
  const get = (id) => document.getElementById(`map-${id}`);
  const canvas = get("canvas"), said = get("said");
  const pen = canvas.getContext("2d");
  const colours = data.palette.map(([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r);
  const view = { x: 0, y: 0, size: SIDE };
  let family = data.families[0], levels = [], most = 1;

  // The most of every four blocks, again and again: what a map from farther away shows.
  async function load() {
    const cut = family.cuts[get("cut").value || 0];
    let counts = await Curve.unpack(cut.runs, SIDE * SIDE);
    levels = [counts];
    while (counts.length > 4096) {
      const wider = new Uint32Array(counts.length / 4);
      for (let i = 0, j = 0; i < wider.length; i += 1, j += 4) {
        wider[i] = Math.max(counts[j], counts[j + 1], counts[j + 2], counts[j + 3]);
      }
      levels.push(counts = wider);
    }
    most = counts.reduce((a, b) => Math.max(a, b), 1);
    legend();
    draw();
    canvas.dataset.drawn = cut.name;
  }

  const shade = (count) => count ? colours[1 + Math.round(Math.log(count) / Math.max(Math.log(most), 1) * 254)] : colours[0];
  // As many pixels as the screen has there, within reason.
  function fit() {
    const width = Math.round(Math.min(canvas.clientWidth * devicePixelRatio, 1400));
    if (width) canvas.width = canvas.height = width;
  }
  const level = () => Math.max(0, Math.min(levels.length - 1, Math.floor(Math.log2(view.size / canvas.width))));

  function draw() {
    const step = level(), counts = levels[step], order = ORDER - step, cell = 2 ** step;
    const width = canvas.width, image = pen.createImageData(width, width);
    const pixels = new Uint32Array(image.data.buffer), scale = view.size / width;
    let lastY = -1;
    for (let py = 0; py < width; py += 1) {
      const y = Math.floor((view.y + py * scale) / cell);
      if (y === lastY) { pixels.copyWithin(py * width, (py - 1) * width, py * width); continue; }
      lastY = y;
      for (let px = 0, lastX = -1, colour = 0; px < width; px += 1) {
        const x = Math.floor((view.x + px * scale) / cell);
        if (x !== lastX) { colour = shade(counts[Curve.number(x, y, order)]); lastX = x; }
        pixels[py * width + px] = colour;
      }
    }
    pen.putImageData(image, 0, 0);
    marks();
  }

  // Names of allocations and clouds that are large enough to read.
  function marks() {
    const zoom = canvas.width / view.size, sharp = canvas.width / (canvas.clientWidth || canvas.width);
    pen.lineWidth = 1;
    pen.textBaseline = "top";
    const taken = new Set();
    for (const [start, bits, , name] of family.marks) {
      const box = Curve.box(start, bits, ORDER);
      const [x, y] = [(box.x - view.x) * zoom, (box.y - view.y) * zoom];
      const [width, height] = [box.width * zoom, box.height * zoom];
      if (width < 20 * sharp || x > canvas.width || y > canvas.width || x + width < 0 || y + height < 0) continue;
      pen.strokeStyle = "#96a5b4";
      pen.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
      pen.font = `${Math.min(Math.max(width / 9, 9 * sharp), 22 * sharp)}px sans-serif`;
      const text = [name, name.split(" ")[0]].find((each) => pen.measureText(each).width < width - 6);
      if (!text) continue;
      pen.strokeStyle = "#000";
      pen.lineWidth = 3;
      const left = Math.max(x, 0) + 4;
      let top = Math.max(y, 0) + 3;
      while (taken.has(`${left} ${top}`)) top += 24 * sharp; // what lies around it has that corner
      taken.add(`${left} ${top}`);
      pen.strokeText(text, left, top);
      pen.fillStyle = "#fff";
      pen.fillText(text, left, top);
      pen.lineWidth = 1;
    }
  }

  function legend() {
    const stops = data.palette.slice(1).filter((_, i) => i % 16 === 0).map((c) => `rgb(${c})`);
    get("scale").style.background = `linear-gradient(to right, ${stops})`;
    const ticks = [];
    for (let tick = 1; tick <= most; tick *= 10) {
      const mark = document.createElement("span");
      mark.textContent = tick.toLocaleString("en");
      mark.style.left = `${Math.log(tick) / Math.max(Math.log(most), 1) * 100}%`;
      ticks.push(mark);
    }
    get("ticks").replaceChildren(...ticks);
  }

  // What there is to say of 2**bits blocks from one on.
  function tell(start, bits) {
    const text = Blocks.text(family, start, bits);
    if (!text) { said.textContent = "Not in use."; return; }
    let count = 0;
    for (let i = start; i < start + 2 ** bits; i += 1) count = Math.max(count, levels[0][i]);
    const end = start + 2 ** bits;
    const touching = ([from, wide]) => from < end && from + 2 ** wide > start;
    const places = family.marks.filter(touching).filter(([, wide]) => wide >= bits).map((mark) => mark[3]);
    const named = family.networks.filter(touching);
    const head = document.createElement("strong");
    head.textContent = text;
    const unit = bits ? ` let the most trusted /${family.prefix} in it send` : " let it send";
    const lines = [`${count.toLocaleString("en")} domains${unit}`, ...new Set(places)];
    const list = document.createElement("ul");
    for (const [, , network, domains, direct] of named.slice(0, NAMED)) {
      const item = document.createElement("li");
      item.textContent = `${network}: ${domains.toLocaleString("en")} domains, ${direct.toLocaleString("en")} by their own record`;
      list.append(item);
    }
    if (named.length > NAMED) list.append(`and ${named.length - NAMED} more networks`);
    said.replaceChildren(head, document.createElement("br"), lines.join(" · "), list);
  }

  function at(event) {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  function look(x, y, size) {
    view.size = Math.min(Math.max(size, 16), SIDE);
    view.x = Math.min(Math.max(x, 0), SIDE - view.size);
    view.y = Math.min(Math.max(y, 0), SIDE - view.size);
    requestAnimationFrame(draw);
  }

  function zoom(factor, [u, v] = [0.5, 0.5]) {
    const size = Math.min(Math.max(view.size * factor, 16), SIDE);
    look(view.x + u * (view.size - size), view.y + v * (view.size - size), size);
  }

  function go(text) {
    const wanted = data.families.find((each) => each.version === (text.includes(":") ? 6 : 4));
    const found = Blocks.parse(wanted, text);
    if (!found) { said.textContent = `${text} is no network of the map.`; return; }
    const arrive = () => {
      const box = Curve.box(...found, ORDER), size = Math.max(box.width, box.height);
      look(box.x - size * 0.1, box.y - size * 0.1, size * 1.2);
      tell(...found);
    };
    if (wanted === family) { arrive(); return; }
    choose(wanted);
    load().then(arrive);
  }

  function choose(wanted) {
    family = wanted;
    get("family").value = data.families.indexOf(wanted);
    get("cut").replaceChildren(...family.cuts.map((cut, i) => new Option(cut.name, i)));
  }

  let held = null;
  canvas.addEventListener("pointerdown", (event) => { held = [...at(event), view.x, view.y]; canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointerup", () => { held = null; });
  canvas.addEventListener("pointermove", (event) => {
    const [u, v] = at(event);
    if (held) { look(held[2] + (held[0] - u) * view.size, held[3] + (held[1] - v) * view.size, view.size); return; }
    const step = level(), cell = 2 ** step;
    const [x, y] = [view.x + u * view.size, view.y + v * view.size].map((p) => Math.floor(p / cell));
    tell(Curve.number(x, y, ORDER - step) * 4 ** step, 2 * step);
  });
  canvas.addEventListener("wheel", (event) => { event.preventDefault(); zoom(event.deltaY < 0 ? 0.8 : 1.25, at(event)); }, { passive: false });
  canvas.addEventListener("dblclick", (event) => zoom(0.5, at(event)));
  canvas.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (move) look(view.x + move[0] * view.size / 8, view.y + move[1] * view.size / 8, view.size);
    else if (event.key === "+" || event.key === "=") zoom(0.5);
    else if (event.key === "-") zoom(2);
    else return;
    event.preventDefault();
  });
  get("in").addEventListener("click", () => zoom(0.5));
  get("out").addEventListener("click", () => zoom(2));
  get("all").addEventListener("click", () => look(0, 0, SIDE));
  get("go").addEventListener("submit", (event) => { event.preventDefault(); go(get("prefix").value); });
  get("family").replaceChildren(...data.families.map((each, i) => new Option(`IPv${each.version}`, i)));
  get("family").addEventListener("change", (event) => { choose(data.families[event.target.value]); load(); });
  get("cut").addEventListener("change", load);
  get("save").addEventListener("click", () => canvas.toBlob((blob) => {
    const name = `map-ipv${family.version}-${data.run}.png`;
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
    link.click();
  }));
  addEventListener("resize", () => { fit(); if (levels.length) draw(); });
  fit();
  choose(family);
  load();
})();
