/* A file that is too long is named before it is sent. */
(function () {
  "use strict";
  document.querySelectorAll("input[type=file][data-most]").forEach(function (field) {
    field.addEventListener("change", function () {
      var long = field.files.length && field.files[0].size > Number(field.dataset.most);
      document.getElementById("say-file").textContent = long ? field.dataset.long : "";
      field.toggleAttribute("aria-invalid", !!long);
      field.form.querySelector("button").disabled = !!long;
    });
  });
}());
