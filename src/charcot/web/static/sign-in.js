/* A panel to sign in over the page when the session has ended, so that nothing on the page is lost. */
(function () {
  "use strict";
  var panel = document.getElementById("sign-in");
  if (!panel) { return; }
  var form = panel.querySelector("form"), refused = panel.querySelector("[data-refused]"), waiting = [];

  function open(go) {
    if (go) { waiting.push(go); }
    if (!panel.open) { panel.showModal(); form.elements.password.focus(); }
  }

  function refresh(token) {
    document.querySelectorAll('input[name="csrfmiddlewaretoken"]').forEach(function (field) { field.value = token; });
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    refused.hidden = true;
    fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Charcot-Panel": "1" }, credentials: "same-origin" })
      .then(function (answer) { return answer.json().then(function (told) { return { ok: answer.ok, told: told }; }); })
      .then(function (found) {
        if (!found.ok) {
          refused.textContent = found.told.what + " " + found.told.next_step;
          refused.hidden = false;
          form.elements.password.value = ""; form.elements.token.value = ""; form.elements.password.focus();
          return;
        }
        form.reset();
        refresh(found.told.token);
        panel.close();
        waiting.splice(0).forEach(function (go) { go(); });
      })
      .catch(function () { location.reload(); });
  });

  document.addEventListener("charcot:signed-out", function (event) {
    event.preventDefault();
    open(event.detail && event.detail.go);
  });

  document.addEventListener("htmx:responseError", function (event) {
    var asked = event.detail.xhr, source = event.detail.elt;
    if (!asked || asked.status !== 401 || !asked.getResponseHeader("X-Charcot-Sign-In")) { return; }
    open(function () {
      if (source && source.isConnected && window.htmx) { htmx.trigger(source, source.tagName === "FORM" ? "submit" : "click"); }
    });
  });
}());
