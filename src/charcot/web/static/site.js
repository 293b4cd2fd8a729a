/* What the pages add where a browser runs scripts: keys, and the side panel. Everything works without. */
(function () {
  "use strict";
  var panel = document.getElementById("panel"), body = document.getElementById("panel-body");
  var keys = document.getElementById("keys"), opener = null, ON = "charcot-keys";

  function kept(name) { try { return localStorage.getItem(name); } catch (error) { return null; } }
  function keep(name, value) { try { localStorage.setItem(name, value); } catch (error) { /* private window */ } }
  function keysOn() { return kept(ON) !== "off"; }

  function close() {
    if (panel.hidden) { return; }
    panel.hidden = true;
    if (opener && opener.isConnected) { opener.focus(); }
  }

  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[data-panel]");
    if (event.target.closest("[data-close]")) { close(); return; }
    if (event.target.closest("[data-keys]")) { keys.showModal(); return; }
    if (!link || !window.htmx || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) { return; }
    if (window.matchMedia("(max-width: 60rem)").matches) { return; }
    event.preventDefault();
    var href = link.getAttribute("href");
    if (!panel.contains(link)) { opener = link; }
    htmx.ajax("GET", href, { target: body, select: "#piece", swap: "innerHTML" }).then(function () {
      document.getElementById("panel-open").setAttribute("href", href);
      body.querySelectorAll("[id]").forEach(function (part) { part.removeAttribute("id"); });
      body.querySelectorAll("[aria-labelledby]").forEach(function (part) { part.removeAttribute("aria-labelledby"); });
      panel.hidden = false;
      body.focus({ preventScroll: true });
      panel.scrollTop = 0;
    });
  });

  function rows() {
    return Array.prototype.filter.call(document.querySelectorAll("#main [data-row]"), function (row) { return row.getClientRects().length; });
  }

  function step(by) {
    var all = rows(), line = document.activeElement && document.activeElement.closest("tr, li");
    var at = all.indexOf(document.activeElement);
    if (at < 0 && line) { at = all.indexOf(line.querySelector("[data-row]")); }
    var next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
  }

  function along(by) {
    var cell = document.activeElement && document.activeElement.closest("[data-matrix] a");
    if (!cell) { return false; }
    var cells = Array.prototype.slice.call(cell.closest("tr").querySelectorAll("a"));
    var forward = getComputedStyle(cell).direction === "rtl" ? -by : by;
    var next = cells[cells.indexOf(cell) + forward];
    if (next) { next.focus(); }
    return true;
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || keys.open) { return; }
    if (event.key === "Escape") { close(); return; }
    if (event.target.closest("input, select, textarea, [contenteditable]")) { return; }
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      if (along(event.key === "ArrowRight" ? 1 : -1)) { event.preventDefault(); }
      return;
    }
    if (!keysOn()) { return; }
    if (event.key === "j") { step(1); }
    else if (event.key === "k") { step(-1); }
    else if (event.key === "?") { keys.showModal(); }
    else if (/^[0-9]$/.test(event.key)) {
      var view = document.querySelector('[data-view="' + event.key + '"]');
      if (!view) { return; }
      view.click();
    }
    else if (event.key === "/") {
      var filter = document.querySelector("[data-filter]");
      if (!filter) { return; }
      filter.focus();
    } else { return; }
    event.preventDefault();
  });

  /* Nothing that was typed stays in the browser of somebody who signs out. */
  document.addEventListener("submit", function (event) {
    if (!/\/sign-out$/.test(event.target.action || "")) { return; }
    try {
      Object.keys(sessionStorage).forEach(function (key) { if (key.indexOf("charcot-sheet:") === 0) { sessionStorage.removeItem(key); } });
    } catch (error) { /* not allowed */ }
  });

  /* In the matrix the participant is the stop of the Tab key; arrows go along the row. */
  function settle(root) {
    (root.querySelectorAll ? root : document).querySelectorAll("[data-matrix] td a").forEach(function (cell) { cell.tabIndex = -1; });
  }

  document.querySelectorAll("[data-keys]").forEach(function (button) { button.hidden = false; });
  document.querySelectorAll("[data-keys-on]").forEach(function (box) {
    box.checked = keysOn();
    box.addEventListener("change", function () { keep(ON, box.checked ? "on" : "off"); });
  });
  settle(document);
  document.addEventListener("htmx:afterSettle", function () { settle(document); });
}());
