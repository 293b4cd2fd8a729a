// Ticks of the signing page: the whole casebook ticks its visits, a visit its forms; taking one away takes the wider tick away.
(function () {
  "use strict";
  var page = document.querySelector("form.signing");
  if (!page) return;
  function boxes(within, name) { return Array.from(within.querySelectorAll("input[" + name + "]")); }
  function settle() {
    boxes(page, "data-visit-all").forEach(function (visit) {
      var forms = boxes(visit.closest("[data-visit]"), "data-form");
      visit.checked = forms.every(function (form) { return form.checked; });
    });
    boxes(page, "data-all").forEach(function (all) {
      all.checked = boxes(page, "data-form").every(function (form) { return form.checked; });
    });
  }
  page.addEventListener("change", function (event) {
    var box = event.target;
    if (box.matches("[data-all]")) boxes(page, "data-form").forEach(function (form) { form.checked = box.checked; });
    if (box.matches("[data-visit-all]")) boxes(box.closest("[data-visit]"), "data-form").forEach(function (form) { form.checked = box.checked; });
    if (box.matches("[data-form], [data-visit-all], [data-all]")) settle();
  });
})();
