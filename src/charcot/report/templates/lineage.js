/* Opens a number down to its entries, from what this file carries. Without scripts a number still says how it was made. */
(function () {
  "use strict";
  var kept = JSON.parse(document.getElementById("lineage").textContent), words = kept.words;

  function make(kind, parent, text, name) {
    var made = document.createElement(kind);
    if (text !== undefined) { made.textContent = text; }
    if (name) { made.className = name; }
    return parent.appendChild(made);
  }
  function said(place) { return place < 0 ? "" : words[place]; }

  function entry(parent, number) {
    var e = kept.entries[number], line = make("p", parent, undefined, "entry");
    make("b", line, "entry " + number);
    var text = ": " + said(e[0]) + (e[4] < 0 ? "" : ", for " + said(e[4])) + ". " + said(e[1]) + " as " + said(e[2]) + ", " + said(e[3]) + " UTC";
    if (e[6] >= 0) { text += ", protocol " + said(e[6]); }
    if (e[5] >= 0) { text += ". Reason: " + said(e[5]); }
    line.appendChild(document.createTextNode(text + ". "));
    make("code", line, e[7]);
  }

  function row(list, number) {
    var r = kept.rows[number], item = make("li", list), told = {};
    make("b", item, (said(r[0]) || "the trial") + (r[1] < 0 ? "" : ", " + said(r[1]).replace(/_/g, " ")));
    if (r[2].length) { item.appendChild(document.createTextNode(": " + r[2].map(function (v) { return said(v[0]) + " " + said(v[1]); }).join("; "))); }
    if (!r[3].length && !r[4].length) { return; }
    var inside = make("details", item);
    make("summary", inside, r[4].length ? "values and entries" : "entries");
    inside.addEventListener("toggle", function () {
      if (inside.dataset.full) { return; }
      inside.dataset.full = "yes";
      r[4].forEach(function (v) {
        var line = make("p", inside);
        line.appendChild(document.createTextNode(said(v[1]) + ": "));
        make("b", line, said(v[2]));
        line.appendChild(document.createTextNode((v[3] < 0 ? "" : " (" + said(v[3]) + ")") + ", entry " + v[0] + (v[4] === v[0] ? "" : ", so since entry " + v[4])));
        told[v[0]] = true;
      });
      Object.keys(told).concat(r[3].filter(function (n) { return !told[n]; })).forEach(function (n) { entry(inside, n); });
    });
  }

  function part(card, title, total, listed, fill, id, open) {
    if (!total) { return; }
    var box = make("details", card, undefined, "behind");
    make("summary", box, title + ": " + total);
    var list = make("ul", box);
    listed.forEach(function (one) { fill(list, one); });
    if (listed.length < total) { make("p", box, "and " + (total - listed.length) + " more: charcot explain DIR " + id + " --all", "more"); }
    box.open = !!open;
  }

  function fill(card) {
    var id = card.id.slice(4), found = kept.numbers[id];
    if (!found || card.dataset.full) { return; }
    card.dataset.full = "yes";
    make("p", card, said(found.formula), "formula");
    part(card, "Rows that count", found.counts[0], found.counts[1], row, id, found.counts[0] < 25);
    if (!found.counts[0]) { make("p", card, "No row counts. What stands behind a zero is what it was counted among."); }
    var out = found.out.reduce(function (sum, group) { return sum + group[1]; }, 0);
    if (out) {
      var box = make("details", card, undefined, "behind");
      make("summary", box, "Rows and people that do not count: " + out);
      found.out.forEach(function (group) { part(box, said(group[0]), group[1], group[2], row, id); });
    }
    if (found.among) { part(card, "Counted among", found.among[0], found.among[1], row, id); }
    part(card, "Other entries behind it", found.others[0], found.others[1], function (list, n) { entry(make("li", list), n); }, id);
    card.appendChild(card.querySelector(".id"));
  }

  document.querySelectorAll(".source[popover]").forEach(function (card) {
    card.addEventListener("beforetoggle", function (event) { if (event.newState === "open") { fill(card); } });
  });
}());
