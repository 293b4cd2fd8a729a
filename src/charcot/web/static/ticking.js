/* Lists in which several lines are ticked and dealt with at once. Ticking line by line works without this. */
(function () {
  "use strict";
  function boxes(of) {
    return Array.prototype.filter.call(document.querySelectorAll("#found input[name=pick][type=checkbox]"), function (box) {
      return of === undefined || box.dataset.of === of;
    });
  }

  function count() {
    var n = boxes().filter(function (box) { return box.checked; }).length;
    document.querySelectorAll("[data-ticked]").forEach(function (place) { place.textContent = n ? "☑ " + n : ""; });
  }

  function settle() {
    document.querySelectorAll("[data-ticks]").forEach(function (part) { part.hidden = false; });
    count();
  }

  document.addEventListener("change", function (event) {
    var all = event.target.closest("[data-tick-all]"), one = event.target.closest("[data-tick-of]");
    if (all) { boxes().forEach(function (box) { box.checked = all.checked; }); }
    if (one) { boxes(one.dataset.tickOf).forEach(function (box) { box.checked = one.checked; }); }
    count();
  });

  document.addEventListener("keydown", function (event) {
    var line = event.target.closest && event.target.closest("#found li");
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey || !line) { return; }
    if (event.target.closest("input:not([type=checkbox]), select, textarea")) { return; }
    try { if (localStorage.getItem("charcot-keys") === "off") { return; } } catch (error) { /* private window */ }
    var box = line.querySelector("input[name=pick][type=checkbox]");
    if (box) { box.checked = !box.checked; count(); event.preventDefault(); }
  });

  document.addEventListener("htmx:afterSettle", settle);
  settle();
}());
