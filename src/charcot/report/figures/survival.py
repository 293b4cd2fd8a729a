"""The survival curve with its pointwise band, everybody still alive marked, and numbers at risk under the axis."""

from math import isnan

import altair as alt
from altair import value as fixed

from charcot.analysis.survival import SurvivalResults
from charcot.report.figures.ink import (
    BLUE,
    INK,
    QUIET,
    TOLD,
    Drawing,
    chart_of,
    reach,
    render_drawing,
    text_at,
)
from charcot.report.format import PERCENT, Format, format_value
from charcot.statistics import Interval, SurvivalCurve

WIDTH, HEIGHT = 290, 230


def draw_survival(results: SurvivalResults, *, synthetic: bool) -> Drawing | None:
    """The curve; None where nobody was followed."""
    curve = results.curve.value
    if not isinstance(curve, SurvivalCurve):
        return None
    months = [time.month for time in results.times]
    end = float(max(months[-1], curve.time[-1]))
    x = alt.X(
        "month:Q",
        title="Months from infusion",
        scale=alt.Scale(domain=[0, end], nice=False),
        axis=alt.Axis(values=months, grid=False, titlePadding=34),
    )
    y = alt.Y(
        "alive:Q",
        title="Alive, %",
        scale=alt.Scale(domain=[0, 100], nice=False),
        axis=alt.Axis(tickCount=5),
    )
    steps = _steps(curve)
    band = (
        chart_of(steps)
        .transform_filter("isValid(datum.low)")
        .encode(x, alt.Y("low:Q", title="Alive, %"), alt.Y2("high:Q"))
        .mark_area(interpolate="step-after", color=BLUE, opacity=0.16)
    )
    line = chart_of(steps).encode(x, y).mark_line(interpolate="step-after", color=BLUE, strokeWidth=2.25)
    ticks = [
        {"month": float(month), "alive": 100 * float(share)}
        for month, share, gone in zip(curve.time, curve.survival, curve.censored, strict=True)
        if gone
    ]
    marks = chart_of(ticks).encode(x, y).mark_tick(orient="vertical", color=BLUE, size=11, thickness=1.5)
    heads = {"when": "Time", "shown": "Alive", "band": "95 % interval", "at_risk": "At risk"}
    reached = reach(_told(curve), x, y, heads)
    risk = [{"month": time.month, "n": f"{time.at_risk.value}"} for time in results.times]
    counts = chart_of(risk).encode(x, alt.Text("n:N"), y=fixed(HEIGHT + 38)).mark_text(color=INK)
    words = [
        text_at(-12, HEIGHT + 38, "at risk", INK, "right"),
        text_at(8, HEIGHT - 46, "band: 95 % interval", QUIET, "left"),
        text_at(8, HEIGHT - 28, "ticks: last known alive", QUIET, "left"),
        text_at(8, HEIGHT - 10, "synthetic days of death" if synthetic else "", QUIET, "left", italic=True),
    ]
    chart = alt.layer(band, line, marks, counts, *words, reached).properties(width=WIDTH, height=HEIGHT)
    return render_drawing(chart, "survival", describe(results))


def _told(curve: SurvivalCurve) -> list[dict[str, object]]:
    """Each step and each person still alive, in words."""
    one, found = Format(1), []
    for month, at_risk, events, share, low, high in zip(
        curve.time, curve.at_risk, curve.events, curve.survival, curve.lower, curve.upper, strict=True
    ):
        alive = f"{format_value(100 * float(share), one)} %"
        band = (
            ""
            if isnan(low)
            else f"{format_value(100 * float(low), one)} to {format_value(100 * float(high), one)} %"
        )
        happened = f"{int(events)} died" if events else "last known alive"
        when = f"{format_value(float(month), one)} months: {happened}"
        told = f"{when}; alive {alive}{f' ({band})' if band else ''}, {int(at_risk)} at risk"
        found.append(
            {"month": float(month), "alive": 100 * float(share), "when": when, "shown": alive, "band": band or "–",
             "at_risk": f"{int(at_risk)}", TOLD: told}
        )  # fmt: skip
    return found


def describe(results: SurvivalResults) -> str:
    """The curve in words, from its numbers."""
    parts = [
        f"{time.month} months {format_value(time.survival.value, PERCENT)} %, {time.at_risk.value} at risk"
        for time in results.times
        if isinstance(time.survival.value, Interval)
    ]
    return f"Kaplan–Meier survival from the infusion, n {results.curve.n}. Alive at {'; '.join(parts)}."


def _steps(curve: SurvivalCurve) -> list[dict[str, object]]:
    steps: list[dict[str, object]] = [{"month": 0.0, "alive": 100.0, "low": None, "high": None}]
    for month, share, low, high in zip(curve.time, curve.survival, curve.lower, curve.upper, strict=True):
        bounds = [None if isnan(bound) else 100 * float(bound) for bound in (low, high)]
        steps.append(
            {"month": float(month), "alive": 100 * float(share), "low": bounds[0], "high": bounds[1]}
        )
    return steps
