// What the pages do beyond plain HTML. Everything here only adds: without it each page still works.
"use strict";

// A choice in a list that can be sent at once is sent at once
document.querySelectorAll("select[data-submit]").forEach((select) => {
  select.addEventListener("change", () => select.form.requestSubmit());
  select.form.querySelector("button[type=submit]").hidden = true;
});

// An address names only the filters that are set
document.addEventListener("htmx:configRequest", (event) => {
  for (const [name, value] of [...event.detail.formData]) {
    if (value === "") {
      event.detail.formData.delete(name);
    }
  }
});

// The line of twelve months, drawn from the table beside it
(() => {
  const holder = document.querySelector("[data-chart]");
  const table = holder && document.getElementById(holder.dataset.chart);
  if (!table || !window.Chart) {
    return;
  }
  // The chart takes the table's place; the table stays within reach
  holder.hidden = false;
  table.closest("details").open = false;

  const rows = Array.from(table.tBodies[0].rows);
  const shown = rows.map((row) => row.cells[2].textContent.trim());
  const style = () => getComputedStyle(document.documentElement);
  const color = (name) => style().getPropertyValue(name).trim();
  const short = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1 });

  const chart = new window.Chart(holder.querySelector("canvas"), {
    type: "line",
    data: {
      labels: rows.map((row) => row.cells[0].textContent.trim()),
      datasets: [{
        data: rows.map((row) => Number(row.cells[2].dataset.value)),
        borderWidth: 2.5,
        pointRadius: 3,
        pointHoverRadius: 6,
        fill: "origin",
        tension: 0.35,
        cubicInterpolationMode: "monotone",
      }],
    },
    options: {
      maintainAspectRatio: false,
      animation: false,
      interaction: { intersect: false, mode: "index" },
      plugins: {
        legend: { display: false },
        tooltip: { displayColors: false, callbacks: { label: (item) => shown[item.dataIndex] } },
      },
      scales: {
        x: { grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 12 } },
        y: { beginAtZero: true, border: { display: false }, ticks: { maxTicksLimit: 6, callback: (value) => short.format(value) } },
      },
    },
  });

  const paint = () => {
    const [line] = chart.data.datasets;
    line.borderColor = color("--flow");
    line.pointBackgroundColor = color("--flow");
    line.backgroundColor = color("--flow-faint");
    chart.options.scales.x.ticks.color = color("--quiet");
    chart.options.scales.y.ticks.color = color("--quiet");
    chart.options.scales.y.grid = { color: color("--hairline") };
    chart.update("none");
  };
  new MutationObserver(paint).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  paint();
})();
