// Hilbert's curve and the numbers of a map's blocks, as stages/maps/ has them.
"use strict";
const Curve = {
  // The number of a cell of a curve of an order, and back.
  number(x, y, order) {
    let found = 0;
    for (let side = 2 ** (order - 1); side >= 1; side /= 2) {
      const right = x >= side, low = y >= side;
      if (right) x -= side;
      if (low) y -= side;
      found = found * 4 + (right ? (low ? 2 : 3) : low ? 1 : 0);
      if (!low) [x, y] = right ? [side - 1 - y, side - 1 - x] : [y, x];
    }
    return found;
  },

  place(number, order) {
    let x = 0, y = 0;
    for (let step = 0; step < order; step += 1) {
      const side = 2 ** step;
      const quarter = Math.floor(number / 4 ** step) % 4;
      if (quarter === 0) [x, y] = [y, x];
      else if (quarter === 3) [x, y] = [side * 2 - 1 - y, side - 1 - x];
      else [x, y] = [x + side * (quarter - 1), y + side];
    }
    return [x, y];
  },

  // The cells of 2**bits numbers from a start on: a square, or two of them.
  box(start, bits, order) {
    const side = 2 ** Math.floor(bits / 2);
    const corner = (at) => Curve.place(at, order).map((v) => Math.floor(v / side) * side);
    const [x, y] = corner(start);
    if (bits % 2 === 0) return { x, y, width: side, height: side };
    const [u, v] = corner(start + side * side);
    return { x: Math.min(x, u), y: Math.min(y, v), width: x === u ? side : 2 * side, height: x === u ? 2 * side : side };
  },

  // Counts of packed runs: pairs of LEB128 numbers, gap and count, deflated, base64.
  async unpack(text, size) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const octets = new Uint8Array(await new Response(stream).arrayBuffer());
    const counts = new Uint32Array(size);
    let at = 0, start = 0, count = 0;
    const next = () => {
      let value = 0;
      for (let scale = 1; ; scale *= 128) {
        const octet = octets[at++];
        value += (octet & 127) * scale;
        if (octet < 128) return value;
      }
    };
    while (at < octets.length) {
      const end = start + next();
      if (count) counts.fill(count, start, end);
      [start, count] = [end, next()];
    }
    if (count) counts.fill(count, start);
    return counts;
  },
};

// Addresses as text of the blocks of a family, and the other way.
const Blocks = {
  text(family, block, bits) {
    const length = family.prefix - bits;
    if (family.version === 4) {
      return `${block >>> 16}.${(block >>> 8) & 255}.${block & 255}.0/${length}`;
    }
    const tile = family.tiles[Math.floor(block / 2 ** 20)];
    if (!tile) return "";
    const high = parseInt(tile.split(":")[0], 16) + Math.floor((block % 2 ** 20) / 65536);
    const low = block % 65536;
    return `${high.toString(16)}:${low.toString(16)}::/${length}`.replace(":0::", "::");
  },

  // Start and bits of a network; null where the map has no such place.
  parse(family, text) {
    const [address, length] = text.trim().toLowerCase().split("/");
    const bits = Math.max(family.prefix - (length === undefined ? family.prefix : Number(length)), 0);
    if (!Number.isInteger(bits) || bits > 24) return null;
    let block;
    if (family.version === 4) {
      const parts = address.split(".").map(Number);
      if (parts.length !== 4 || parts.some((p) => !Number.isInteger(p) || p < 0 || p > 255)) return null;
      block = parts[0] * 65536 + parts[1] * 256 + parts[2];
    } else {
      const [high, low] = address.split(":").map((part) => parseInt(part || "0", 16));
      const tile = family.tiles.findIndex((prefix) => parseInt(prefix.split(":")[0], 16) >> 4 === high >> 4);
      if (tile < 0) return null;
      block = tile * 2 ** 20 + (high & 15) * 65536 + (low || 0);
    }
    return [Math.floor(block / 2 ** bits) * 2 ** bits, bits];
  },
};
