"""The figure of the benchmark: python benchmarks/site/plot.py results.json benchmarks/site/results.svg"""

import json
import sys
from pathlib import Path

import altair as alt

SHOWN = {"save_cpu_ms": "form saved", "matrix_cpu_ms": "matrix of 200 participants"}


def main() -> None:
    """Draws processor time against the number of stored values, for both sites."""
    found = json.loads(Path(sys.argv[1]).read_text())
    rows = [
        {"values": int(values), "ms": of[name], "site": site, "what": words}
        for values, both in found.items()
        for site, of in (("Charcot", both["charcot"]), ("plain Django", both["plain"]))
        for name, words in SHOWN.items()
    ]
    base = alt.Chart(alt.Data(values=rows), width=260, height=200).encode(
        x=alt.X("values:Q", scale=alt.Scale(type="log"), title="stored values", axis=alt.Axis(values=[1e4, 1e5, 1e6], format="~s")),
        y=alt.Y("ms:Q", title="processor time, median [ms]", scale=alt.Scale(domainMin=0)),
        color=alt.Color("site:N", title=None, scale=alt.Scale(range=["#0b6460", "#8a5a00"])),
        shape=alt.Shape("site:N", title=None),
    )  # fmt: skip
    chart = (base.mark_line() + base.mark_point(filled=True, size=50)).facet(
        column=alt.Column("what:N", title=None)
    )
    chart.save(sys.argv[2])


if __name__ == "__main__":
    main()
