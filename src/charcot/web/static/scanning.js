/* Pages of acts in the laboratory: a scanner goes from field to field; what is typed outlives a lost network, a sign-out, a closed page. */
(function () {
  "use strict";
  var RETRY = 5000, WAIT = 400, sending = false, timer = null;

  function form() { return document.querySelector("form[data-kept]"); }
  function place(of) { return "act " + of.dataset.kept + " " + location.pathname + location.search; }
  function fields(of) { return Array.prototype.slice.call(of.querySelectorAll("input:not([type=hidden]), select, textarea, button")); }
  function keeps(field) { return field.name && field.type !== "hidden" && field.type !== "password" && field.type !== "submit" && field.dataset.personal === undefined; }

  function keep(of, sent) {
    var kept = sent ? { "": of.elements.token.value } : {};
    fields(of).filter(keeps).forEach(function (field) { if ((field.type !== "radio" && field.type !== "checkbox") || field.checked) { kept[field.name] = field.value; } });
    try { sessionStorage.setItem(place(of), JSON.stringify(kept)); } catch (error) { /* no room, or not allowed */ }
  }
  function forget(of) { try { sessionStorage.removeItem(place(of)); } catch (error) { /* not allowed */ } }
  function putBack(of) {
    var kept = null;
    try { kept = JSON.parse(sessionStorage.getItem(place(of))); } catch (error) { return; }
    if (!kept || of.dataset.answered !== undefined) { return; }
    if (kept[""]) { of.elements.token.value = kept[""]; } /* what was sent once is entered once */
    fields(of).filter(keeps).forEach(function (field) {
      if (kept[field.name] === undefined) { return; }
      if (field.type === "radio" || field.type === "checkbox") { field.checked = field.value === kept[field.name]; } else { field.value = kept[field.name]; }
    });
    say(of, of.dataset.back, "notice").append(" ", button(of.dataset.afresh, function () { forget(of); location.reload(); }));
  }
  function button(text, go) {
    var made = document.createElement("button");
    made.type = "button"; made.textContent = text; made.addEventListener("click", go);
    return made;
  }
  function say(of, text, kind) {
    var said = of.querySelector("[data-said]");
    said.textContent = text; said.className = kind || ""; said.hidden = !text;
    return said;
  }

  function send(of, renewed) {
    if (sending || !of.isConnected) { return; }
    sending = true;
    clearTimeout(timer);
    keep(of, true);
    fetch(location.href, { method: "POST", body: new FormData(of), headers: { "X-Charcot-Sheet": "1" }, credentials: "same-origin" }).then(function (answer) {
      sending = false;
      if (answer.status === 401) { signIn(of); return null; }
      if (answer.status === 403 && !renewed) { return renew(of); }
      if ((answer.headers.get("Content-Type") || "").indexOf("json") >= 0) {
        return answer.json().then(function (told) { forget(of); location.assign(told.go); });
      }
      return answer.text().then(show);
    }).catch(function () {
      sending = false;
      say(of, of.dataset.offline, "notice refused offline");
      timer = setTimeout(function () { send(of); }, RETRY);
    });
  }
  function signIn(of) {
    document.dispatchEvent(new CustomEvent("charcot:signed-out", { cancelable: true, detail: { go: function () { send(of); } } }));
  }
  /* After signing in again the page's token is an old one: the page itself gives a new one. */
  function renew(of) {
    return fetch(location.href, { credentials: "same-origin" }).then(function (answer) { return answer.text(); }).then(function (text) {
      var found = new DOMParser().parseFromString(text, "text/html").querySelector("form[data-kept] [name=csrfmiddlewaretoken]");
      if (found) { of.elements.csrfmiddlewaretoken.value = found.value; send(of, true); }
    });
  }
  function show(text) {
    var told = new DOMParser().parseFromString(text, "text/html"), piece = told.getElementById("piece") || told.querySelector("main") || told.body;
    document.getElementById("piece").innerHTML = piece.innerHTML;
    var wrong = document.querySelector("#piece [role=alert], #piece [aria-invalid=true]");
    if (wrong) { wrong.tabIndex = wrong.matches("input, select, textarea") ? 0 : -1; wrong.focus(); }
    if (form()) { keep(form()); }
  }

  document.addEventListener("keydown", function (event) {
    var at = event.target;
    if (event.key !== "Enter" || !at.matches("form[data-kept] input, form[data-kept] select")) { return; }
    event.preventDefault(); /* a scanner ends each code with Enter: half a form is never sent */
    var all = fields(at.form);
    var next = all[all.indexOf(at) + 1];
    if (next) { next.focus(); }
  });
  document.addEventListener("input", function (event) {
    var of = event.target.form;
    if (!of || of !== form()) { return; }
    clearTimeout(of.keeping);
    of.keeping = setTimeout(function () { if (of.isConnected) { keep(of); } }, WAIT);
  });
  window.addEventListener("pagehide", function () { if (form() && form().keeping) { clearTimeout(form().keeping); keep(form()); } });
  document.addEventListener("submit", function (event) {
    if (event.target !== form()) { return; }
    event.preventDefault();
    clearTimeout(event.target.keeping); event.target.keeping = 0;
    say(event.target, "", "");
    send(event.target);
  });
  window.addEventListener("online", function () { if (timer && form()) { send(form()); } });
  if (form()) { putBack(form()); }
}());
