/* Gates drawn on the plot of events, by mouse or by arrow keys; each becomes a line of numbers that can be typed as well. */
(function () {
  "use strict";
  var plot = document.querySelector("[data-gate-plot]");
  if (!plot) { return; }
  var said = document.querySelector("[data-gate-said]"), tools = document.querySelectorAll("[data-draw]");
  var area = { x: +plot.dataset.left, y: +plot.dataset.top, side: +plot.dataset.side };
  var kind = "", points = [], held = false, cursor = { x: area.x + area.side / 2, y: area.y + area.side / 2 };
  var preview = shape("path", "gate drawing"), cross = shape("path", "cursor");

  function shape(name, classes) {
    var made = document.createElementNS("http://www.w3.org/2000/svg", name);
    made.setAttribute("class", classes);
    plot.appendChild(made);
    return made;
  }

  function inside(p) {
    return { x: Math.min(Math.max(p.x, area.x), area.x + area.side), y: Math.min(Math.max(p.y, area.y), area.y + area.side) };
  }

  function place(event) {
    var p = new DOMPoint(event.clientX, event.clientY).matrixTransform(plot.getScreenCTM().inverse());
    return inside(p);
  }

  function digits(value, low, high) {
    var step = (high - low) / 1000;
    return String(Number(value.toFixed(Math.max(0, 1 - Math.floor(Math.log10(step))))));
  }

  function xOf(p) { var d = plot.dataset; return +d.xLow + (p.x - area.x) / area.side * (d.xHigh - d.xLow); }
  function yOf(p) { var d = plot.dataset; return +d.yLow + (area.y + area.side - p.y) / area.side * (d.yHigh - d.yLow); }
  function xText(value) { return digits(value, +plot.dataset.xLow, +plot.dataset.xHigh); }
  function yText(value) { return digits(value, +plot.dataset.yLow, +plot.dataset.yHigh); }
  function pixel(x, y) {
    var d = plot.dataset;
    return { x: area.x + (x - d.xLow) / (d.xHigh - d.xLow) * area.side, y: area.y + area.side - (y - d.yLow) / (d.yHigh - d.yLow) * area.side };
  }

  function outline(corners) { return "M" + corners.map(function (p) { return p.x + " " + p.y; }).join("L") + "Z"; }

  function around(mid, wide, high, turn) {
    var corners = [];
    for (var n = 0; n < 72; n += 1) {
      var u = wide * Math.cos(n * Math.PI / 36), v = high * Math.sin(n * Math.PI / 36), a = turn * Math.PI / 180;
      corners.push(pixel(mid[0] + u * Math.cos(a) - v * Math.sin(a), mid[1] + u * Math.sin(a) + v * Math.cos(a)));
    }
    return outline(corners);
  }

  /* What a kind and its numbers look like on this plot; empty where they are not complete. */
  function drawn(what, text) {
    var d = plot.dataset, parts = text.trim().split(/[\s,;]+/);
    var n = parts.map(function (part, at) {
      return part !== "*" ? Number(part) : +[d.xLow, d.xHigh, d.yLow, d.yHigh][at];
    });
    if (!text.trim() || n.some(isNaN)) { return ""; }
    if (what === "rectangle" && n.length === 4) {
      return outline([pixel(n[0], n[2]), pixel(n[1], n[2]), pixel(n[1], n[3]), pixel(n[0], n[3])]);
    }
    if (what === "polygon" && n.length > 5 && n.length % 2 === 0) {
      return outline(n.filter(function (_, at) { return at % 2 === 0; }).map(function (x, at) { return pixel(x, n[2 * at + 1]); }));
    }
    if (what === "ellipse" && n.length === 5) { return around([n[0], n[1]], n[2], n[3], n[4]); }
    if (what === "quadrants" && n.length === 2) {
      var at = pixel(n[0], n[1]);
      return "M" + at.x + " " + area.y + "v" + area.side + "M" + area.x + " " + at.y + "h" + area.side;
    }
    return "";
  }

  function numbers(given) {
    if (kind === "polygon") { return given.map(function (p) { return xText(xOf(p)) + " " + yText(yOf(p)); }).join("; "); }
    var a = given[0], b = given[given.length - 1];
    if (kind === "quadrants") { return xText(xOf(a)) + " " + yText(yOf(a)); }
    var xs = [xOf(a), xOf(b)].sort(function (m, n) { return m - n; }), ys = [yOf(a), yOf(b)].sort(function (m, n) { return m - n; });
    if (kind === "rectangle") { return [xText(xs[0]), xText(xs[1]), yText(ys[0]), yText(ys[1])].join(" "); }
    return [xText((xs[0] + xs[1]) / 2), yText((ys[0] + ys[1]) / 2), xText((xs[1] - xs[0]) / 2), yText((ys[1] - ys[0]) / 2), "0"].join(" ");
  }

  function show() {
    var given = points.concat(kind && points.length ? [cursor] : []);
    preview.setAttribute("d", given.length > 1 || kind === "quadrants" && given.length ? drawn(kind, numbers(given)) || "M" + given.map(function (p) { return p.x + " " + p.y; }).join("L") : "");
    cross.setAttribute("d", kind ? "M" + (cursor.x - 7) + " " + cursor.y + "h14M" + cursor.x + " " + (cursor.y - 7) + "v14" : "");
  }

  function say(text) { said.textContent = text; }
  function where() { say(plot.dataset.x + " " + xText(xOf(cursor)) + ", " + plot.dataset.y + " " + yText(yOf(cursor))); }

  function begin(what) {
    kind = what; points = [];
    cursor = { x: area.x + area.side / 2, y: area.y + area.side / 2 };
    tools.forEach(function (tool) { tool.setAttribute("aria-pressed", String(tool.dataset.draw === what)); });
    if (what) { plot.focus(); say(plot.dataset["how" + what.charAt(0).toUpperCase() + what.slice(1)]); }
    show();
  }

  function same(p, q) { return Math.hypot(p.x - q.x, p.y - q.y) < 6; }

  function set(p) {
    if (!kind) { return; }
    if (kind === "polygon" && points.length > 2 && same(p, points[0])) { return finish(points); }
    points.push({ x: p.x, y: p.y });
    if (kind === "quadrants") { return finish(points); }
    if (kind !== "polygon" && points.length === 2) { return same(points[0], points[1]) ? points.pop() : finish(points); }
    where(); show();
  }

  function field(row, name) { return row.querySelector("[data-gate-" + name + "]"); }

  function finish(given) {
    var rows = Array.prototype.slice.call(document.querySelectorAll("[data-gate]"));
    var row = rows.find(function (one) { return !field(one, "name").value && !field(one, "numbers").value; });
    if (!row) { say(plot.dataset.full); return begin(""); }
    var names = rows.map(function (one) { return field(one, "name").value; }), n = 1;
    while (names.indexOf("gate" + n) >= 0) { n += 1; }
    var d = plot.dataset, put = { name: "gate" + n, kind: kind, x: d.x, y: d.y, "x-scale": d.xScale, "y-scale": d.yScale, numbers: numbers(given), within: d.within };
    Object.keys(put).forEach(function (key) { field(row, key).value = put[key]; });
    begin("");
    redraw();
    say(d.done.replace("%s", put.name));
    field(row, "name").focus();
    field(row, "name").select();
  }

  /* Lines of gates on these two axes, as they are typed now. */
  function redraw() {
    plot.querySelectorAll("[data-typed]").forEach(function (one) { one.remove(); });
    document.querySelectorAll("[data-gate]").forEach(function (row) {
      var d = plot.dataset, ours = { x: d.x, y: d.y, "x-scale": d.xScale, "y-scale": d.yScale };
      if (Object.keys(ours).some(function (key) { return field(row, key).value !== ours[key]; })) { return; }
      var path = drawn(field(row, "kind").value, field(row, "numbers").value);
      if (!path) { return; }
      var one = shape("path", "gate");
      one.dataset.typed = "";
      one.setAttribute("d", path);
    });
  }

  tools.forEach(function (tool) { tool.addEventListener("click", function () { begin(kind === tool.dataset.draw ? "" : tool.dataset.draw); }); });
  document.querySelectorAll("[data-gate]").forEach(function (row) { row.addEventListener("input", redraw); });
  plot.addEventListener("pointerdown", function (event) {
    if (!kind) { return; }
    cursor = place(event);
    held = kind === "rectangle" || kind === "ellipse";
    if (held) { plot.setPointerCapture(event.pointerId); }
    set(cursor);
    plot.focus();
    event.preventDefault();
  });
  plot.addEventListener("pointermove", function (event) { if (kind) { cursor = place(event); where(); show(); } });
  plot.addEventListener("pointerup", function (event) {
    if (held && kind && points.length === 1 && !same(place(event), points[0])) { set(place(event)); }
    held = false;
  });
  plot.addEventListener("keydown", function (event) {
    var step = event.shiftKey ? 20 : 4, moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (moves[event.key] && kind) {
      cursor = inside({ x: cursor.x + step * moves[event.key][0], y: cursor.y + step * moves[event.key][1] });
      where(); show();
    } else if (event.key === "Enter" && kind) {
      if (kind === "polygon" && points.length > 2 && same(cursor, points[points.length - 1])) { finish(points); } else { set(cursor); }
    } else if (event.key === "Backspace" && kind) { points.pop(); show(); } else if (event.key === "Escape" && kind) { begin(""); } else { return; }
    event.preventDefault();
    event.stopPropagation();
  });
  document.querySelectorAll("[data-gate-tools]").forEach(function (part) { part.hidden = false; });
  plot.setAttribute("tabindex", "0");
  redraw();
}());
