// Draws the charts of a page. Colours are the page's own variables, so that a change of theme and
// printing need no drawing anew; a saved picture gets their values.
"use strict";
(() => {
  const font = getComputedStyle(document.documentElement).fontFamily;
  const CONFIG = {
    font,
    background: "transparent",
    padding: 4,
    view: { stroke: null },
    mark: { color: "var(--c1)" },
    bar: { color: "var(--c1)" },
    text: { font },
    line: { strokeWidth: 2 },
    axis: {
      labelColor: "var(--ink)", titleColor: "var(--ink)", domainColor: "var(--line)",
      tickColor: "var(--line)", gridColor: "var(--line)", gridOpacity: 0.6,
      labelLimit: matchMedia("(max-width: 40rem)").matches ? 110 : 220,
      titleFontWeight: "normal", labelFontSize: 12, titleFontSize: 12,
    },
    legend: { labelColor: "var(--ink)", titleColor: "var(--ink)", labelFontSize: 12, labelLimit: 165 },
    range: {
      category: Array.from({ length: 8 }, (_, i) => `var(--c${i + 1})`),
      heatmap: { scheme: "viridis" },
      ramp: { scheme: "viridis" },
    },
  };
  const OPTIONS = { renderer: "svg", actions: false, config: CONFIG, tooltip: { theme: "custom" } };

  function standalone(svg) {
    const style = getComputedStyle(document.documentElement);
    const box = svg.viewBox.baseVal;
    const copy = svg.cloneNode(true);
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("style", `background: ${style.getPropertyValue("--paper").trim()}`);
    const text = new XMLSerializer().serializeToString(copy);
    const plain = text.replace(/var\((--[a-z0-9]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
    return { text: plain, width: box.width, height: box.height };
  }

  function save(blob, name) {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function saveSvg(svg, name) {
    save(new Blob([standalone(svg).text], { type: "image/svg+xml" }), `${name}.svg`);
  }

  function savePng(svg, name) {
    const { text, width, height } = standalone(svg);
    const image = new Image();
    image.onload = () => {
      const canvas = Object.assign(document.createElement("canvas"), { width: width * 2, height: height * 2 });
      canvas.getContext("2d").drawImage(image, 0, 0, width * 2, height * 2);
      canvas.toBlob((blob) => save(blob, `${name}.png`));
    };
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  }

  function buttons(place, chart) {
    for (const [label, action] of [["Save as SVG", saveSvg], ["Save as PNG", savePng]]) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: label });
      button.addEventListener("click", () => action(chart.querySelector("svg"), place.dataset.name));
      place.append(button, " ");
    }
  }

  for (const source of document.querySelectorAll("script[data-for]")) {
    const chart = document.getElementById(source.dataset.for);
    vegaEmbed(chart, JSON.parse(source.textContent), OPTIONS)
      .then(() => chart.setAttribute("data-drawn", ""))
      .catch((error) => { chart.textContent = "The chart could not be drawn; the table has the figures."; console.error(error); });
    buttons(document.querySelector(`.save[data-chart="${chart.id}"]`), chart);
  }
})();
