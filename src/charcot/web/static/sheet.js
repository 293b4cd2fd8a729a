/* Filling a form: drafts saved as one types, questions from the server, keys, and going on where the network is cut. */
(function () {
  "use strict";
  var WAIT = 450, SOON = 20, BEAT = 20000, RETRY = 3000, KEPT = "charcot-sheet:";
  var sheet, words, loaded = 0, timer = null, beat = null, retry = null, asking = 0, answered = 0;
  var unsent = false, offline = false, wanted = null, saving = false;

  function all(query, root) { return Array.prototype.slice.call((root || document).querySelectorAll(query)); }
  function part(query) { return sheet.querySelector(query); }
  function rowOf(node) { return node.closest("[data-row-of]"); }
  function rowNamed(name) { return part('[data-row-of="' + CSS.escape(name) + '"]'); }
  function path() { return KEPT + new URL(sheet.action).pathname; }

  /* What is said. */
  function status(text, kind) {
    var place = part("[data-status]");
    if (place.textContent !== text) { place.textContent = text; }
    place.className = "status" + (text ? " " + (kind || "notice") : "");
  }
  function signIn(where) {
    if (!document.dispatchEvent(new CustomEvent("charcot:signed-out", { cancelable: true, detail: { go: function () { ask(false); } } }))) { return; }
    status(words.signed_out + " ", "notice");
    var link = document.createElement("a");
    link.href = where || "/sign-in"; link.target = "_blank"; link.rel = "opener"; link.textContent = words.sign_in;
    part("[data-status]").append(link);
  }
  function fill(place, texts, tag) {
    var now = texts.map(function (one) { return one[0] + "|" + one[1]; }).join("\n");
    if (!place || place.dataset.now === now) { return; }
    place.dataset.now = now;
    place.replaceChildren.apply(place, texts.map(function (one) {
      var line = document.createElement(tag); line.className = one[0]; line.textContent = one[1]; return line;
    }));
  }
  function wrong(name, text) {
    var say = document.getElementById("say-" + name), line = say && say.querySelector(".wrong");
    if (!line) { return; }
    if (line.textContent !== text) { line.textContent = text; }
    var row = say.closest(".row");
    all('[name="v.' + CSS.escape(name) + '"]:not([type=hidden]), #f-' + CSS.escape(name), row).forEach(function (field) {
      if (text) { field.setAttribute("aria-invalid", "true"); } else { field.removeAttribute("aria-invalid"); }
    });
  }

  /* Only fields that were left are called wrong; what is being typed is not. */
  function typedIn(name) {
    var row = rowNamed(name), at = document.activeElement;
    return at && at.matches("input:not([type=radio]):not([type=checkbox]), textarea") && (row ? row.contains(at) : at.name === name);
  }

  function apply(told) {
    all("[data-row-of]", sheet).forEach(function (row) {
      var name = row.dataset.rowOf, need = row.querySelector(".needed");
      var holds = valueOf(row) !== "";
      row.classList.toggle("off", told.hidden.indexOf(name) >= 0 && !holds);
      if (need) { need.hidden = told.required.indexOf(name) < 0; }
      if (!typedIn(name)) { wrong(name, told.problems[name] || ""); }
      var questions = told.questions.filter(function (one) { return one.item === name; });
      fill(row.querySelector("[data-questions]"), questions.map(function (one) { return [one.severity, one.message]; }), "p");
      var better = row.querySelector(".better");
      if (better) { better.textContent = told.improved[name] || ""; }
    });
    all("[data-computed]", sheet).forEach(function (output) {
      var text = told.computed[output.dataset.computed] || "–";
      if (output.textContent !== text) { output.textContent = text; }
    });
    if (part("[data-stages]")) { part("[data-stages]").textContent = told.stages; }
    fill(part("[data-grades]"), (told.grades || []).map(function (text) { return ["", text]; }), "p");
    if (!typedIn("at")) { wrong("at", told.problems.at || ""); }
    var rest = told.questions.filter(function (one) { return !one.item || !rowNamed(one.item); });
    fill(part("[data-others]"), rest.map(function (one) { return [one.severity, one.message]; }), "li");
    sheet.elements.seen.value = told.questions.map(function (one) { return one.check; }).join(",");
    changes(told);
    if (told.saved_at && !unsent) { part("[data-draft]").textContent = words.draft.replace("%s", told.saved_at); }
    part("[data-presence]").textContent = told.others.length ? words.present.replace("%s", told.others.join(", ")) : "";
    if (Number(sheet.dataset.newest) < told.newest) { status(words.newer.replace("%s", told.saved_by)); }
    else if (!offline) { status(""); }
  }
  function changes(told) {
    var table = part("[data-changes]");
    if (!table) { return; }
    table.hidden = !told.changes.length;
    part("[data-unchanged]").hidden = !!told.changes.length;
    table.tBodies[0].replaceChildren.apply(table.tBodies[0], told.changes.map(function (change) {
      var line = document.createElement("tr"), head = document.createElement("th"), before = document.createElement("td"), after = document.createElement("td"), gone = document.createElement("del");
      head.scope = "row"; head.textContent = change.label; gone.textContent = change.before || "–"; after.textContent = change.after || "–";
      before.append(gone); line.append(head, before, after); return line;
    }));
    sheet.elements.shown.value = told.shown;
  }

  function valueOf(row) {
    var texts = all('[name^="v."]', row).filter(function (field) {
      return field.type !== "hidden" && (field.type !== "radio" && field.type !== "checkbox" || field.checked);
    }).map(function (field) { return field.value.trim(); });
    return texts.join(",");
  }

  /* Without the network: type, range and what is needed. */
  function western(text) {
    return text.replace(/[\u06f0-\u06f9]/g, function (c) { return c.charCodeAt(0) - 0x6f0; })
      .replace(/[\u0660-\u0669]/g, function (c) { return c.charCodeAt(0) - 0x660; }).replace("٫", ".").trim();
  }
  function local(field) {
    var text = western(field.value), label = field.dataset.label + " ";
    if (!text) { return ""; }
    if (field.dataset.type === "integer" || field.dataset.type === "decimal") {
      var number = text.replace(",", "."), unit = rowOf(field) && rowOf(field).querySelector("select.unit");
      if (!(field.dataset.type === "integer" && !(unit && unit.value) ? /^-?\d+$/ : /^-?\d+(\.\d+)?(e\d+)?$/i).test(number)) { return label + words.number; }
      if (!(unit && unit.value) && field.dataset.low !== undefined && (Number(number) < Number(field.dataset.low) || Number(number) > Number(field.dataset.high))) {
        return label + words.range.replace("%s", field.dataset.low).replace("%s", field.dataset.high);
      }
    } else if (/^(date|datetime)$/.test(field.dataset.type || "") && !/\d{4}/.test(text)) { return label + words.date; }
    return "";
  }
  function localAll(missing) {
    var bad = 0;
    all("[data-type]", sheet).forEach(function (field) {
      var name = field.name.replace(/^v\./, ""), text = local(field);
      if (text) { bad += 1; }
      if (text || offline) { wrong(name, text); }
    });
    if (missing) {
      all(".needed:not([hidden])", sheet).forEach(function (mark) {
        var row = rowOf(mark), none = row.querySelector('[name^="a."]');
        if (valueOf(row) === "" && !(none && none.value)) { wrong(row.dataset.rowOf, words.needed); }
      });
    }
    return bad;
  }

  /* Talking with the server. */
  function body() { return new URLSearchParams(new FormData(sheet)); }
  function cut() {
    offline = true;
    keepHere();
    localAll(false);
    status(words.offline, "notice offline");
    clearTimeout(retry);
    retry = setTimeout(again, RETRY);
  }
  function back() {
    if (offline) { offline = false; status(words.back, "notice"); }
    clearTimeout(retry);
  }
  function again() { if (wanted) { save(wanted.button); } else { ask(false); } }

  function keepHere() {
    var kept = {};
    all("input, select, textarea", sheet).forEach(function (field) {
      if (!field.name || field.type === "hidden" || field.dataset.personal !== undefined) { return; }
      if ((field.type === "radio" || field.type === "checkbox") && !field.checked) { return; }
      (kept[field.name] = kept[field.name] || []).push(field.value);
    });
    try { sessionStorage.setItem(path(), JSON.stringify(kept)); } catch (error) { /* no room, or not allowed */ }
  }
  function forget() { try { sessionStorage.removeItem(path()); } catch (error) { /* not allowed */ } }
  function takeBack() {
    var kept = null;
    try { kept = JSON.parse(sessionStorage.getItem(path())); } catch (error) { return false; }
    if (!kept) { return false; }
    all("input, select, textarea", sheet).forEach(function (field) {
      if (!field.name || field.type === "hidden" || field.dataset.personal !== undefined) { return; }
      var values = kept[field.name] || [];
      if (field.type === "radio" || field.type === "checkbox") { field.checked = values.indexOf(field.value) >= 0; }
      else if (kept[field.name]) { field.value = values[0]; }
    });
    return true;
  }

  function post(url, data, headers) {
    return fetch(url, { method: "POST", body: data, headers: Object.assign({ "X-Charcot-Sheet": "1" }, headers || {}), credentials: "same-origin", keepalive: true });
  }
  /* After signing in again the page's token is an old one: the page itself gives a new one. */
  function renew() {
    return fetch(location.href, { credentials: "same-origin" }).then(function (answer) { return answer.text(); }).then(function (text) {
      var found = new DOMParser().parseFromString(text, "text/html").querySelector("#sheet [name=csrfmiddlewaretoken]");
      if (found) { sheet.elements.csrfmiddlewaretoken.value = found.value; }
      return !!found;
    });
  }
  function ask(onlyBeat, renewed) {
    var form = sheet, number = ++asking, data = body();
    clearTimeout(timer); timer = null;
    if (onlyBeat) { data.append("beat", "1"); }
    return post(sheet.dataset.judge, data, onlyBeat ? { "X-Charcot-Background": "1" } : {}).then(function (answer) {
      if (form !== sheet) { return null; }
      if (answer.status === 401) { signIn(answer.headers.get("X-Charcot-Sign-In")); return null; }
      if (answer.status === 403 && !renewed) { return renew().then(function (found) { return found ? ask(onlyBeat, true) : null; }); }
      if (!answer.ok) { throw new Error("answered " + answer.status); }
      return answer.json().then(function (told) {
        back();
        if (!onlyBeat && number === asking && timer === null) { unsent = false; forget(); }
        if (number > answered) { answered = number; apply(told); }
      });
    }).catch(function () { if (form === sheet) { cut(); } });
  }

  function save(button, renewed) {
    if (saving) { return; }
    saving = true;
    clearTimeout(timer);
    var data = body(), form = sheet;
    if (button && button.name) { data.append(button.name, button.value); }
    status(words.saving);
    post(sheet.action, data).then(function (answer) {
      saving = false; wanted = null;
      back();
      if (answer.status === 401) { signIn(answer.headers.get("X-Charcot-Sign-In")); return null; }
      if (answer.status === 403 && !renewed) { return renew().then(function (found) { if (found) { save(button, true); } else { status(words.failed); } }); }
      if ((answer.headers.get("Content-Type") || "").indexOf("json") >= 0) {
        return answer.json().then(function (told) { unsent = false; forget(); location.assign(told.go); });
      }
      return answer.text().then(function (text) { show(text); });
    }).catch(function () {
      saving = false;
      if (form !== sheet) { return; }
      wanted = { button: button };
      cut();
      localAll(true);
    });
  }
  function show(text) {
    var answer = new DOMParser().parseFromString(text, "text/html"), inPlace = document.querySelector("[data-inline] #sheet-part");
    var found = inPlace && answer.getElementById("sheet-part");
    if (!found) { inPlace = document.getElementById("piece"); found = answer.getElementById("piece"); }
    if (!found) { status(words.failed); return; }
    unsent = false; forget();
    inPlace.replaceWith(found);
    start();
    var first = document.querySelector('#piece [aria-invalid="true"]') || document.querySelector('#piece [role="alert"]');
    if (first) { if (first.getAttribute("role")) { first.tabIndex = -1; } first.focus(); first.scrollIntoView({ block: "center" }); }
  }

  /* Keys. */
  function choose(field, code) {
    var match = all('input[type=radio][name="' + CSS.escape(field.name) + '"]', sheet).filter(function (one) { return one.value === code; })[0];
    if (!match) { return false; }
    match.checked = true;
    match.dispatchEvent(new Event("change", { bubbles: true }));
    var row = rowOf(match), rows = all(".row:not(.off)", sheet), next = rows[rows.indexOf(row) + 1];
    if (row.classList.contains("score") && next) {
      var target = next.querySelector("input:checked, input:not([type=hidden]), select, textarea");
      if (target && target.type !== "hidden") { target.focus(); return true; }
    }
    match.focus();
    return true;
  }
  function clear(row) {
    all("input[type=radio], input[type=checkbox]", row).forEach(function (one) { one.checked = false; });
    row.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function keys(event) {
    if (!sheet || !sheet.isConnected) { return; }
    var target = event.target, row = rowOf(target), key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && key === "s") { event.preventDefault(); sheet.requestSubmit(part("[data-save]")); return; }
    if (!sheet.contains(target)) { return; }
    if (event.altKey && row && event.code === "KeyN") {
      var none = row.querySelector("details.none");
      if (none) { event.preventDefault(); none.open = true; none.querySelector("select").focus(); }
      return;
    }
    if (event.altKey && row && event.code === "KeyU") {
      var unit = row.querySelector("select.unit");
      if (unit) { event.preventDefault(); unit.focus(); }
      return;
    }
    if (event.altKey && event.code === "KeyT") {
      var fresh = target.closest(".ask") && target.closest(".ask").querySelector("[data-fill-now]");
      if (fresh) { event.preventDefault(); fillNow(fresh); }
      return;
    }
    if (event.altKey && row && event.code === "KeyH") { event.preventDefault(); help(row); return; }
    if (event.altKey || event.ctrlKey || event.metaKey) { return; }
    if (target.type === "radio" || target.type === "checkbox") {
      if (event.key === "?") { event.preventDefault(); document.getElementById("keys").showModal(); }
      else if (event.key === "Backspace" || event.key === "Delete") { event.preventDefault(); clear(row); }
      else if (target.type === "radio" && /^[0-9yn]$/.test(western(key))) {
        var code = western(key);
        if (choose(target, code === "y" ? "yes" : code === "n" ? "no" : code)) { event.preventDefault(); }
      }
    }
    if (event.key === "Enter" && target.matches("input[type=radio], input[type=checkbox], select")) { event.preventDefault(); sheet.requestSubmit(part("[data-save]")); }
  }
  /* Today or now at the site, into the field above, when one asks for it. */
  function fillNow(button) {
    var field = button.closest(".ask").querySelector("input[data-type]"), at = new Date(sheet.dataset.now + "Z");
    var text = new Date(at.getTime() + performance.now() - loaded).toISOString().slice(0, 16), kind = button.dataset.fillNow;
    field.value = kind === "date" ? text.slice(0, 10) : kind === "time" ? text.slice(11) : text.replace("T", " ");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    wrong(field.name.replace(/^v\./, ""), local(field));
  }
  function help(row) {
    var button = row.querySelector("button.help"), text = row.querySelector(".helptext");
    if (!text) { return; }
    text.classList.toggle("open");
    if (button) { button.setAttribute("aria-expanded", text.classList.contains("open") ? "true" : "false"); }
  }

  function changed(event) {
    unsent = true;
    part("[data-draft]").textContent = "";
    clearTimeout(timer);
    var chosen = event && event.type === "change" && event.target.matches && event.target.matches("input[type=radio], input[type=checkbox], select");
    timer = setTimeout(function () { if (offline) { keepHere(); localAll(false); } else { ask(false); } }, chosen ? SOON : WAIT);
  }
  function start() {
    sheet = document.getElementById("sheet");
    if (!sheet) { return; }
    words = JSON.parse(document.getElementById("sheet-words").textContent);
    loaded = performance.now();
    all("button.help, [data-fill-now]", sheet).forEach(function (button) { button.hidden = false; });
    var more = document.querySelector("[data-morekeys]"), list = document.querySelector("#keys .keylist");
    if (more && list && !list.dataset.more) { list.dataset.more = "1"; list.append.apply(list, all("div", more)); }
    sheet.addEventListener("input", changed);
    sheet.addEventListener("change", changed);
    sheet.addEventListener("focusout", function (event) {
      if (event.target.dataset && event.target.dataset.type) { wrong(event.target.name.replace(/^v\./, ""), local(event.target)); }
    });
    sheet.addEventListener("click", function (event) {
      var button = event.target.closest("button.help");
      if (button) { help(rowOf(button)); }
      var fresh = event.target.closest("[data-fill-now]");
      if (fresh) { fillNow(fresh); }
    });
    sheet.addEventListener("submit", function (event) { event.preventDefault(); save(event.submitter); });
    if (takeBack()) { unsent = true; ask(false); } else { ask(true); }
    begin();
    /* A browser that goes to a part of the page takes the focus away once more. */
    if (location.hash) { window.addEventListener("load", function () { setTimeout(begin); }, { once: true }); }
  }
  function begin() {
    var first = part("[autofocus]") || part('.row:not(.off) input:not([type=hidden]), .row:not(.off) select');
    if (first && document.activeElement === document.body) { first.focus({ preventScroll: true }); }
  }

  document.addEventListener("keydown", keys);
  window.addEventListener("online", function () { if (sheet && sheet.isConnected) { again(); } });
  window.addEventListener("offline", function () { if (sheet && sheet.isConnected) { cut(); } });
  window.addEventListener("focus", function () { if (sheet && sheet.isConnected && !saving && part("[data-status] a")) { ask(false); } });
  document.addEventListener("visibilitychange", function () { if (document.hidden && unsent && !offline && sheet && sheet.isConnected) { ask(false); } });
  window.addEventListener("beforeunload", function (event) { if (unsent && offline) { event.preventDefault(); } });
  beat = setInterval(function () { if (sheet && sheet.isConnected && !document.hidden && !offline && !saving && !timer) { ask(true); } }, BEAT);
  start();
}());
