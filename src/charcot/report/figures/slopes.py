"""Slopes of each participant before and after the infusion, joined by a line."""

import altair as alt
from altair import value as fixed

from charcot.analysis.slope_comparison import SlopeResults
from charcot.report.figures.ink import (
    BLUE,
    BRICK,
    INK,
    PALE,
    PAPER,
    QUIET,
    SIZE,
    TOLD,
    VERMILION,
    Drawing,
    chart_of,
    pointed_at,
    reach,
    render_drawing,
    text_at,
)
from charcot.report.format import Format, format_value

WIDTH, HEIGHT = 300, 280
PLACES = ("before", "after")


def draw_slopes(results: SlopeResults, *, synthetic: bool) -> Drawing:
    """The figure."""
    two = Format(2)
    rows: list[dict[str, object]] = [
        {
            "place": place,
            "slope": result.value,
            "who": listed.participant,
            "died": listed.died,
            "when": f"{place} the infusion",
            "shown": f"{format_value(result.value, two)} points per month",
            TOLD: f"{listed.participant}, {place} the infusion: ALSFRS-R {format_value(result.value, two)} points per month",
        }
        for listed in results.listed
        for place, result in (("before", listed.before), ("after", listed.after))
        if isinstance(result.value, float)
    ]
    x = alt.X(
        "place:N",
        title=None,
        sort=list(PLACES),
        axis=alt.Axis(
            labelAngle=0, grid=False, labelExpr="datum.value == 'before' ? 'before (−ΔFS)' : 'after'"
        ),
        scale=alt.Scale(paddingOuter=0.35),
    )
    y = alt.Y("slope:Q", title="ALSFRS-R, points per month", axis=alt.Axis(tickCount=6))
    pointed = pointed_at("who")
    people = chart_of(rows).encode(x, y, alt.Detail("who:N"))
    lines = people.encode(strokeWidth=alt.condition(pointed, fixed(3.5), fixed(1.25)))
    alive, dead = people.transform_filter("!datum.died"), people.transform_filter("datum.died")
    layers = [
        lines.transform_filter("!datum.died").mark_line(color=PALE),
        alive.mark_point(color=QUIET, filled=True, size=26, opacity=1),
        lines.transform_filter("datum.died").mark_line(color=VERMILION, strokeDash=[3, 2]),
        dead.mark_point(color=VERMILION, filled=True, size=34, opacity=1, shape="triangle-up"),
    ]
    lows = [float(str(row["slope"])) for row in rows]
    apart = SIZE * (max(lows, default=0.0) - min(lows, default=0.0)) / HEIGHT * 1.25
    layers.append(
        chart_of(_labels([row for row in rows if row["place"] == "after" and row["died"]], apart))
        .encode(x, y, alt.Text("who:N"))
        .mark_text(align="left", dx=8, color=BRICK, fontSize=SIZE)
    )
    heads = {"who": "Participant", "when": "Time", "shown": "Slope of ALSFRS-R"}
    middle: list[dict[str, object]] = [
        {
            "place": place,
            "slope": median,
            "who": f"median of {results.known.value}",
            "when": f"{place} the infusion",
            "shown": f"{format_value(median, two)} points per month",
            TOLD: f"Median {place} the infusion: {format_value(median, two)} points per month",
        }
        for place in PLACES
        if isinstance(median := results.statistics[place]["median"].value, float)
    ]
    layers.append(
        chart_of(middle).encode(x, y).mark_tick(color=BLUE, thickness=3, size=34, orient="horizontal")
    )
    label = chart_of(middle[:1]).encode(x, y)
    layers += [
        label.mark_text(
            text="median",
            align="right",
            dx=-20,
            fontSize=SIZE,
            fontWeight="bold",
            color=PAPER,
            stroke=PAPER,
            strokeWidth=4,
        ),
        label.mark_text(text="median", align="right", dx=-20, fontSize=SIZE, fontWeight="bold", color=BLUE),
    ]
    count = [{"place": place, "n": f"n {results.known.value}"} for place in PLACES]
    layers += [
        chart_of(count).encode(x, alt.Text("n:N"), y=fixed(HEIGHT + 36)).mark_text(color=INK),
        text_at(8, HEIGHT - 10, "synthetic follow-up" if synthetic else "", QUIET, "left", italic=True),
        reach(rows, x, y, heads).add_params(pointed),
        reach(middle, x, y, heads, "reach_median"),
    ]
    chart = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)
    return render_drawing(chart, "slopes", describe(results))


def _labels(ends: list[dict[str, object]], apart: float) -> list[dict[str, object]]:
    """Names beside the ends of lines, moved down where they would lie on one another."""
    found: list[dict[str, object]] = []
    below = float("inf")
    for row in sorted(ends, key=lambda row: -float(str(row["slope"]))):
        below = min(float(str(row["slope"])), below - apart)
        found.append({"place": row["place"], "who": row["who"], "slope": below})
    return found


def describe(results: SlopeResults) -> str:
    """The figure in words, from its numbers."""
    two = Format(2)
    parts = [
        f"{place}: median {format_value(of['median'].value, two)}, from {format_value(of['minimum'].value, two)} "
        f"to {format_value(of['maximum'].value, two)}"
        for place, of in results.statistics.items()
    ]
    return (
        f"Slope of ALSFRS-R in points per month of {results.known.value} participants, before and after the infusion. "
        f"{'; '.join(parts)}. {sum(one.died for one in results.listed)} of them died within the first year."
    )
