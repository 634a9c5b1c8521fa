// Conveniences of the site; every page says the same without them. Loads nothing but files beside the page.
(function () {
  "use strict";
  const chinese = document.documentElement.lang.startsWith("zh");
  const assets = new URL(".", document.currentScript.src);

  // The footer names the publication, which no page does: the same results make the same pages.
  const told = window.medpanelPublication, footer = document.getElementById("publication");
  if (told && footer) {
    const link = footer.querySelector("a");
    link.textContent = told.version + " · " + told.run;
  }

  // Filter of a list of rows: <input data-filter="id of the table body">.
  document.querySelectorAll("input[data-filter]").forEach(function (input) {
    const rows = Array.from(document.getElementById(input.dataset.filter).rows);
    const texts = rows.map((row) => row.textContent.toLowerCase());
    input.closest("label").hidden = false;
    input.addEventListener("input", function () {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      rows.forEach((row, i) => { row.hidden = !words.every((word) => texts[i].includes(word)); });
    });
  });

  // A button that copies: <pre data-copy>.
  document.querySelectorAll("pre[data-copy]").forEach(function (block) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = chinese ? "复制" : "Copy";
    button.addEventListener("click", function () {
      const range = document.createRange();
      range.selectNodeContents(block);
      const chosen = window.getSelection();
      chosen.removeAllRanges();
      chosen.addRange(range);
      // From disk the clipboard may be closed to pages; the text is selected either way.
      const done = () => { button.textContent = chinese ? "已复制" : "Copied"; };
      if (navigator.clipboard) { navigator.clipboard.writeText(block.textContent).then(done, () => {}); }
      else if (document.execCommand("copy")) { done(); }
    });
    block.after(button);
  });

  // One year of a table at a time: <div class="years" data-years="id of the table body" hidden>, rows with data-year.
  document.querySelectorAll("[data-years]").forEach(function (place) {
    const rows = Array.from(document.getElementById(place.dataset.years).rows);
    const years = Array.from(new Set(rows.map((row) => row.dataset.year))).sort();
    if (years.length < 2) { return; }
    const slider = place.querySelector("input"), shown = place.querySelector("output");
    slider.min = 0; slider.max = years.length - 1; slider.step = 1;
    slider.value = Math.max(0, years.indexOf(place.dataset.first));
    const show = function () {
      const year = years[slider.value];
      shown.textContent = year;
      slider.setAttribute("aria-valuetext", year);
      rows.forEach((row) => { row.hidden = row.dataset.year !== year; });
    };
    slider.addEventListener("input", show);
    place.hidden = false;
    show();
  });

  // Charts. <div data-chart="NAME" data-src="FILE.js"> holds the picture, and the next element takes sliders; FILE.js
  // says medpanelCharts["NAME"] = specification. Loaded and drawn when scrolled into view.
  window.medpanelCharts = window.medpanelCharts || {};
  const loaded = {};
  function load(address) {
    loaded[address] = loaded[address] || new Promise(function (done, failed) {
      const script = document.createElement("script");
      script.src = address;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });
    return loaded[address];
  }
  // Datasets that several charts of a page draw lie in files of their own, which the specification names.
  function whole(spec) {
    const shared = (spec.usermeta || {}).shared || {};
    return Promise.all(Object.values(shared).map(load)).then(function () {
      const held = Object.fromEntries(Object.keys(shared).map((name) => [name, window.medpanelData[name]]));
      return Object.assign({}, spec, {datasets: Object.assign({}, spec.datasets, held)});
    });
  }
  function draw(place) {
    const host = document.createElement("div");
    const options = {mode: "vega-lite", renderer: "svg", actions: false, bind: place.nextElementSibling};
    return load(new URL("vega.js", assets).href)
      .then(() => load(place.dataset.src))
      .then(() => whole(window.medpanelCharts[place.dataset.chart]))
      .then((spec) => window.vegaEmbed(host, spec, options))
      .then(function () { place.replaceChildren(host); place.dataset.drawn = "yes"; });
  }
  const watch = new IntersectionObserver(function (entries) {
    entries.filter((entry) => entry.isIntersecting).forEach(function (entry) {
      watch.unobserve(entry.target);
      draw(entry.target);
    });
  }, {rootMargin: "200px"});
  document.querySelectorAll("[data-chart]").forEach(function (place) {
    if (!place.dataset.press) { watch.observe(place); return; }
    // A chart that would hold up the page is drawn when asked for: data-press is what the button says.
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = place.dataset.press;
    button.addEventListener("click", function () { button.disabled = true; draw(place).then(() => button.remove()); });
    place.before(button);
  });
})();
