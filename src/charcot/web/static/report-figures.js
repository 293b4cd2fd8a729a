/* Brings the figures of the report to life where a browser runs scripts: what lies under the pointer or the arrow keys
   is named. The drawing that the page came with stays for paper, and wherever this does not run. */
(function () {
  "use strict";
  var script = document.currentScript, place = script.dataset.specs, hint = script.dataset.hint;
  var reach = 'g[class*="reach"] path', tip = document.createElement("div");
  tip.className = "figure-tip"; tip.hidden = true; tip.setAttribute("aria-hidden", "true");

  function show(value, box) {
    tip.textContent = "";
    Object.keys(value).forEach(function (name) {
      var line = tip.appendChild(document.createElement("div"));
      line.appendChild(document.createElement("span")).textContent = name;
      line.appendChild(document.createElement("b")).textContent = value[name];
    });
    tip.hidden = false;
    var wide = tip.offsetWidth, tall = tip.offsetHeight, edge = document.documentElement.clientWidth;
    var left = Math.max(8, Math.min(box.left + box.width / 2 - wide / 2, edge - wide - 8));
    var top = box.top - tall - 8 < 8 ? box.bottom + 8 : box.top - tall - 8;
    tip.style.setProperty("left", left + "px");
    tip.style.setProperty("top", top + "px");
  }

  function told(handler, event, item, value) {
    if (value && typeof value === "object" && event.target.getBoundingClientRect) { show(value, event.target.getBoundingClientRect()); }
    else { tip.hidden = true; }
  }

  /* One stop of the Tab key a figure; arrows go from mark to mark. */
  function keys(live) {
    var marks = Array.prototype.slice.call(live.querySelectorAll(reach));
    marks.forEach(function (mark, at) { mark.setAttribute("tabindex", at ? "-1" : "0"); mark.setAttribute("role", "img"); });
    live.addEventListener("keydown", function (event) {
      var at = marks.indexOf(event.target), to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: marks.length - 1 }[event.key];
      if (at < 0) { return; }
      if (event.key === "Escape") { tip.hidden = true; return; }
      if (to === undefined || !marks[to]) { return; }
      event.preventDefault();
      marks[at].setAttribute("tabindex", "-1");
      marks[to].setAttribute("tabindex", "0");
      marks[to].focus();
    });
    live.addEventListener("focusin", function (event) {
      if (marks.indexOf(event.target) < 0) { return; }
      show({ "": event.target.getAttribute("aria-label") }, event.target.getBoundingClientRect());
    });
    live.addEventListener("focusout", function () { tip.hidden = true; });
  }

  function enliven(drawn) {
    var live = document.createElement("div");
    live.className = "figure-live";
    live.dataset.wide = drawn.dataset.wide;
    fetch(place.replace("NAME", encodeURIComponent(drawn.dataset.figure)), { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) { throw new Error("no specification"); }
      return answer.json();
    }).then(function (spec) {
      drawn.after(live);
      return window.vegaEmbed(live, spec, { mode: "vega-lite", renderer: "svg", ast: true, actions: false, defaultStyle: false, tooltip: told });
    }).then(function () {
      live.querySelector("svg").setAttribute("aria-label", drawn.getAttribute("aria-label") + " " + hint);
      drawn.classList.add("on-paper");
      keys(live);
    }).catch(function () { live.remove(); });
  }

  document.addEventListener("scroll", function () { tip.hidden = true; }, { passive: true, capture: true });
  document.body.appendChild(tip);
  var seen = new IntersectionObserver(function (found) {
    found.forEach(function (one) { if (one.isIntersecting) { seen.unobserve(one.target); enliven(one.target); } });
  }, { rootMargin: "400px" });
  if (window.vegaEmbed) {
    document.querySelectorAll("svg.figure[data-figure]").forEach(function (drawn) {
      if (drawn.dataset.figure !== "flow") { seen.observe(drawn); }
    });
  }
}());
