// Tables that can be sorted by any column and searched. Without scripts they are plain tables.
"use strict";
(() => {
  const MANY = 8; // rows from which on a search is offered
  const number = (text) => {
    if (text === "") return -Infinity;
    const value = Number(text.replace(/[,%/]/g, ""));
    return Number.isNaN(value) ? null : value;
  };
  const compare = (a, b) => {
    const [x, y] = [number(a), number(b)];
    if (x !== null && y !== null) return x === y ? 0 : x - y;
    return a.localeCompare(b, "en", { numeric: true });
  };

  function sortable(table) {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const down = head.classList.contains("n") ? head.ariaSort !== "descending" : head.ariaSort === "ascending";
        const rows = [...body.rows];
        rows.sort((a, b) => compare(a.cells[column].textContent, b.cells[column].textContent));
        if (down) rows.reverse();
        body.append(...rows);
        heads.forEach((other) => other.setAttribute("aria-sort", "none"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
      });
    });
  }

  function searchable(table) {
    const rows = [...table.tBodies[0].rows];
    if (rows.length < MANY) return;
    const label = document.createElement("label");
    label.className = "search";
    label.textContent = "Search ";
    const input = Object.assign(document.createElement("input"), { type: "search" });
    const said = Object.assign(document.createElement("output"), { className: "found" });
    input.setAttribute("aria-controls", table.id);
    label.append(input);
    const bar = document.createElement("div");
    bar.className = "bar";
    bar.append(label, said);
    table.closest(".scroll").before(bar);
    const texts = rows.map((row) => row.textContent.toLowerCase());
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let found = 0;
      rows.forEach((row, i) => {
        row.hidden = !words.every((word) => texts[i].includes(word));
        found += !row.hidden;
      });
      said.textContent = words.length ? `${found} of ${rows.length} rows` : "";
    });
  }

  for (const table of document.querySelectorAll("table.data")) {
    sortable(table);
    searchable(table);
  }
})();
