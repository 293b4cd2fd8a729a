"""One lane a participant, from the infusion to death or last contact, with what happened on the way."""

from collections.abc import Sequence
from math import ceil

import altair as alt
from altair import value as fixed

from charcot.analysis.participant_courses import Swim
from charcot.report.figures.ink import (
    BLUE,
    GREEN,
    INK,
    PALE,
    QUIET,
    TOLD,
    VERMILION,
    Drawing,
    chart_of,
    reach,
    render_drawing,
    text_at,
)
from charcot.report.format import Format, format_value

WIDTH, LANE = 310, 21
MARKS = {
    "visit": (QUIET, "stroke", 110, 0),
    "procedure": (GREEN, "square", 46, 6),
    "adverse event": (BLUE, "circle", 46, -5),
    "serious event": (VERMILION, "triangle-up", 70, -5),
}
"""Colour, shape, size and distance below the lane of each kind of happening; the last drawn lies on top."""


def draw_swimmers(swims: Sequence[Swim], horizon: float, *, synthetic: bool) -> tuple[Drawing, ...]:
    """The first months with everything that happened, and the whole time with how it ended."""
    if not swims:
        return ()
    longest = max((s.months.value for s in swims if isinstance(s.months.value, float)), default=horizon)
    first = _draw(
        swims,
        horizon,
        "swimmer-first",
        f"The first {int(horizon)} months",
        all_marks=True,
        synthetic=synthetic,
    )
    if longest <= horizon:
        return (first,)
    return first, _draw(
        swims, ceil(longest) + 2.0, "swimmer-all", "To the end", all_marks=False, synthetic=False
    )


def _draw(
    swims: Sequence[Swim], end: float, name: str, title: str, *, all_marks: bool, synthetic: bool
) -> Drawing:
    height = LANE * len(swims)
    lanes = [
        {
            "who": s.participant,
            "from": 0.0,
            "to": min(float(s.months.value), end),
            "died": s.died,
            "ends": float(s.months.value) <= end,
        }
        for s in swims
        if isinstance(s.months.value, float)
    ]
    x_axis = alt.Axis(grid=True, tickCount=6, format="d", values=_ticks(end))
    x = alt.X(
        "from:Q",
        title="Months from infusion",
        scale=alt.Scale(domain=[0, end], nice=False, padding=6),
        axis=x_axis,
    )
    y = alt.Y(
        "who:N",
        title=None,
        sort=[s.participant for s in swims],
        axis=alt.Axis(grid=False, ticks=False, domain=False),
    )
    bars = chart_of(lanes).encode(x, alt.X2("to:Q"), y).mark_rule(color=PALE, strokeWidth=7, opacity=0.55)
    at_end = chart_of([lane for lane in lanes if lane["ends"]]).encode(
        alt.X("to:Q", title="Months from infusion"), y
    )
    layers: list[alt.Chart] = [bars]
    if all_marks:
        rows = [
            {"who": s.participant, "from": h.month, "kind": h.kind, "name": h.name}
            for s in swims
            for h in s.happenings
            if h.month <= end
        ]
        for kind in MARKS:
            layers.append(_mark(chart_of([row for row in rows if row["kind"] == kind]).encode(x, y), kind))
    layers.append(
        at_end.transform_filter("datum.died").mark_text(
            text="†", color=INK, fontSize=17, fontWeight="bold", dx=1
        )
    )
    layers.append(
        at_end.transform_filter("!datum.died").mark_point(
            color=INK, shape="triangle-right", filled=True, size=60, opacity=1
        )
    )
    told = [
        {
            "who": s.participant,
            "from": month,
            "when": f"month {format_value(month, Format(1))}",
            "shown": what,
            TOLD: f"{s.participant}, month {format_value(month, Format(1))}: {what}",
        }
        for s in swims
        for month, what in _happened(s, end, all_marks=all_marks)
    ]
    layers.append(reach(told, x, y, {"who": "Participant", "when": "Time", "shown": "What"}))
    layers += _key(height, all_marks=all_marks)
    layers.append(text_at(4, -12, title, INK, "left"))
    layers.append(text_at(WIDTH - 4, -12, "synthetic" if synthetic else "", QUIET, "right", italic=True))
    chart = alt.layer(*layers).properties(width=WIDTH, height=height)
    return render_drawing(chart, name, describe(swims))


def _happened(swim: Swim, end: float, *, all_marks: bool) -> list[tuple[float, str]]:
    """Month and words of everything that is drawn of a participant."""
    found = [(h.month, f"{h.name} ({h.kind})") for h in swim.happenings if all_marks and h.month <= end]
    last = swim.months.value
    if isinstance(last, float) and last <= end:
        found.append((last, "died" if swim.died else "last known alive"))
    return found


def _ticks(end: float) -> list[float]:
    step = 12 if end > 24 else 2
    return [float(month) for month in range(0, int(end) + 1, step)]


def _mark(place: alt.Chart, kind: str, *, on_lane: bool = True) -> alt.Chart:
    colour, shape, size, below = MARKS[kind]
    marked: alt.Chart = place.mark_point(
        color=colour,
        shape=shape,
        size=size,
        filled=shape != "stroke",
        opacity=1,
        angle=90 if shape == "stroke" else 0,
        strokeWidth=1.75 if shape == "stroke" else 0,
        yOffset=below if on_lane else 0,
    )
    return marked


def _key(height: int, *, all_marks: bool) -> list[alt.Chart]:
    """What each mark means, in two rows below the axis."""
    found: list[alt.Chart] = []
    rows = (height + 56, height + 76)
    if all_marks:
        for place, kind in enumerate(MARKS):
            x, y = 6 + 120 * (place // 2), rows[place % 2]
            found.append(_mark(chart_of([{}]).encode(x=fixed(x), y=fixed(y)), kind, on_lane=False))
            found.append(text_at(x + 12, y + 1, kind, INK, "left"))
        return found
    dagger, arrow = (chart_of([{}]).encode(x=fixed(6), y=fixed(row)) for row in rows)
    return [
        dagger.mark_text(text="†", color=INK, fontSize=17, fontWeight="bold"),
        text_at(18, rows[0] + 1, "died", INK, "left"),
        arrow.mark_point(color=INK, shape="triangle-right", filled=True, size=60, opacity=1),
        text_at(18, rows[1] + 1, "last known alive", INK, "left"),
    ]


def describe(swims: Sequence[Swim]) -> str:
    """The drawing in words, from its numbers."""
    dead = [s for s in swims if s.died]
    months = [s.months.value for s in swims if isinstance(s.months.value, float)]
    kinds = {kind: sum(h.kind == kind for s in swims for h in s.happenings) for kind in MARKS}
    return (
        f"One lane for each of {len(swims)} participants, those followed longest first. {len(dead)} died, "
        f"{len(swims) - len(dead)} were alive when last known. Followed {min(months, default=0):.1f} to "
        f"{max(months, default=0):.1f} months. Drawn: {kinds['visit']} visits, {kinds['adverse event']} adverse events that are not "
        f"serious, {kinds['serious event']} serious ones, {kinds['procedure']} procedures."
    )
