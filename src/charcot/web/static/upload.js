/* Files that are too long, alone or together, are named before they are sent. */
(function () {
  "use strict";
  document.querySelectorAll("input[type=file][data-most]").forEach(function (field) {
    field.addEventListener("change", function () {
      var files = Array.from(field.files), together = Number(field.dataset.together) || Infinity;
      var sum = files.reduce(function (bytes, file) { return bytes + file.size; }, 0);
      var long = sum > together || files.some(function (file) { return file.size > Number(field.dataset.most); });
      document.getElementById(field.dataset.say || "say-file").textContent = long ? field.dataset.long : "";
      field.toggleAttribute("aria-invalid", !!long);
      field.form.querySelector("button").disabled = !!long;
    });
  });
}());
