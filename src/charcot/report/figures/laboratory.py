"""Laboratory values: a panel a participant, every test as a line within its normal range, values outside marked and named."""

from collections.abc import Sequence
from typing import Literal

import altair as alt

from charcot.analysis.laboratory_courses import LaboratoryCourse, PlacedValue
from charcot.report.figures.ink import BRICK, INK, MOST_TOLD, PALE, RULE, TOLD, Drawing, render_drawing
from charcot.report.figures.panels import SMALL, lay_panels, make_months_axis, make_reach
from charcot.report.format import Format, format_value

WIDTH, HEIGHT, ACROSS = 122, 92, 5
PLACES, HEIGHTS = (-2.0, 0.0, 1.0, 5.0), (HEIGHT, 0.82 * HEIGHT, 0.3 * HEIGHT, 0.04 * HEIGHT)
"""The range itself takes half of a panel; up to four widths above it and two below are drawn closer, and what is beyond at the edge."""
NAMES: tuple[tuple[Literal["left", "right"], Literal["middle", "bottom"], int, int], ...] = (
    ("left", "middle", 7, 0),
    ("right", "bottom", 2, -5),
)
TURN = 7.0
"""From this month on, a name stands above its mark and ends there; before it, beside it."""
MOST_NAMED = 3
"""Tests that are named in a panel, those furthest outside first."""


def draw_laboratory(people: Sequence[LaboratoryCourse], *, synthetic: bool) -> Drawing:
    """Everybody's values on the same axes."""
    rows = [_row(each.participant, point) for each in people for point in each.points]
    months = [float(str(row["month"])) for row in rows]
    first, last = min(-1.5, *months), max(12.5, *months)
    x = make_months_axis(first, last, grid=False)
    y = alt.Y(
        "place:Q",
        title=None,
        scale=alt.Scale(domain=list(PLACES), range=list(HEIGHTS), nice=False),
        axis=alt.Axis(
            values=[0, 1], labelExpr="datum.value === 0 ? 'low' : 'high'", labelFontSize=SMALL, grid=False
        ),
    )
    chart = alt.Chart().encode(x, y)
    outside = chart.transform_filter("datum.flag != 'normal'")
    layers = (
        alt.Chart()
        .transform_filter("datum.band")
        .mark_rect(color=RULE, opacity=0.3)
        .encode(x=alt.datum(first), x2=alt.datum(last), y=alt.datum(0), y2=alt.datum(1)),
        chart.encode(detail="test:N").mark_line(color=PALE, strokeWidth=1),
        outside.encode(
            shape=alt.Shape(
                "flag:N",
                scale=alt.Scale(domain=["low", "high"], range=["triangle-down", "triangle-up"]),
                legend=None,
            )
        ).mark_point(color=BRICK, filled=True, size=44, opacity=1),
        *(
            chart.transform_filter(f"datum.named === '{side}'")
            .mark_text(color=INK, fontSize=SMALL, align=side, baseline=baseline, dx=dx, dy=dy)
            .encode(text="test:N")
            for side, baseline, dx, dy in NAMES
        ),
        make_reach(outside if len(rows) > MOST_TOLD else chart, "Value"),
    )
    _mark(rows)
    words = "Every test within its normal range (shaded), by month from the infusion"
    panels = lay_panels(
        layers,
        rows,
        words + (" · synthetic follow-up" if synthetic else ""),
        width=WIDTH,
        height=HEIGHT,
        across=ACROSS,
        spacing=12,
    )
    return render_drawing(panels, "laboratory-values", describe(people))


def _row(who: str, point: PlacedValue) -> dict[str, object]:
    when = f"month {format_value(point.month, Format(1))}"
    row: dict[str, object] = {
        "who": who,
        "test": point.test,
        "month": round(point.month, 2),
        "place": round(min(PLACES[-1], max(PLACES[0], point.place)), 3),
        "flag": point.flag,
    }
    if point.flag != "normal":
        row |= {"when": when, "shown": point.words, TOLD: f"{who}, {when}: {point.test} {point.words}"}
    return row


def _mark(rows: Sequence[dict[str, object]]) -> None:
    """Says on which row of a panel the band hangs, and on which the name of a test: its last value outside."""
    for row in {row["who"]: row for row in reversed(rows)}.values():
        row["band"] = True
    outside: dict[tuple[object, object], list[dict[str, object]]] = {}
    for row in rows:
        if row["flag"] != "normal":
            outside.setdefault((row["who"], row["test"]), []).append(row)
    named: dict[object, int] = {}
    for (who, _test), of_test in sorted(outside.items(), key=lambda pair: -max(map(_beyond, pair[1]))):
        named[who] = named.get(who, 0) + 1
        if named[who] <= MOST_NAMED:
            last = of_test[-1]
            last["named"] = "left" if float(str(last["month"])) < TURN else "right"


def _beyond(row: dict[str, object]) -> float:
    place = float(str(row["place"]))
    return max(place - 1, -place)


def describe(people: Sequence[LaboratoryCourse]) -> str:
    """The panels in words, from their numbers."""
    values = sum(len(each.points) for each in people)
    told = []
    for each in people:
        tests = dict.fromkeys(point.test for point in each.points if point.flag != "normal")
        count = sum(point.flag != "normal" for point in each.points)
        if count:
            told.append(f"{each.participant} {count} ({', '.join(tests)})")
    outside = "; ".join(told) if told else "none"
    return (
        f"{values} laboratory values of {len(people)} participants, a panel each, placed within their normal ranges. "
        f"Outside: {outside}."
    )
