"""Observed survival as a step curve, with what each scenario lets expect as lines."""

import altair as alt

from charcot.analysis.expected_frames import PRO_ACT
from charcot.analysis.expected_survival import ExpectedSurvival
from charcot.analysis.survival import SurvivalResults
from charcot.report.figures.ink import (
    BLUE,
    BRICK,
    GREEN,
    INK,
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
from charcot.statistics import SurvivalCurve

WIDTH, HEIGHT = 430, 260
_DASHES = ([1, 0], [7, 3], [2, 3], [7, 3, 2, 3])


def draw_expected(results: ExpectedSurvival, survival: SurvivalResults, *, synthetic: bool) -> Drawing | None:
    """The figure; None where nobody was followed."""
    curve = survival.curve.value
    if not isinstance(curve, SurvivalCurve):
        return None
    end = float(results.months[-1])
    x = alt.X(
        "month:Q",
        title="Months from infusion",
        scale=alt.Scale(domain=[0, end], nice=False, clamp=True),
        axis=alt.Axis(values=[0, *results.months], grid=False, titlePadding=10),
    )
    y = alt.Y(
        "alive:Q", title="Alive, or free of the endpoint, %", scale=alt.Scale(domain=[0, 100], nice=False)
    )
    steps: list[dict[str, object]] = [{"month": 0.0, "alive": 100.0}]
    for month, share in zip(curve.time, curve.survival, strict=True):
        if month <= end:
            steps.append({"month": float(month), "alive": 100 * float(share)})
    steps.append({"month": end, "alive": steps[-1]["alive"]})
    layers = [chart_of(steps).encode(x, y).mark_line(interpolate="step-after", color=BLUE, strokeWidth=2.5)]
    told: list[dict[str, object]] = []
    ends: list[tuple[float, str, str]] = []
    dashes = iter(_DASHES * 4)
    for scenario in results.scenarios:
        points = results.curves.get(scenario.id, ())
        if not points or scenario.sensitivity:
            continue
        colour = GREEN if scenario.id == PRO_ACT else VERMILION
        rows = [{"month": month, "alive": alive} for month, alive in points]
        dash = [1, 0] if scenario.id == PRO_ACT else next(dashes)
        layers.append(chart_of(rows).encode(x, y).mark_line(color=colour, strokeDash=dash, strokeWidth=1.5))
        ends.append((points[-1][1], scenario.label, GREEN if scenario.id == PRO_ACT else BRICK))
        told += [
            _tell(scenario.label, month, alive) for month, alive in points if month in (0.0, *results.months)
        ]
    told += [
        _tell("Observed", float(month), 100 * float(curve.at([float(month)])[0]))
        for month in results.months
        if curve.time[-1] >= month
    ]
    ends.append((float(str(steps[-1]["alive"])), "Observed, alive", BLUE))
    layers += _name(ends)
    layers += [
        text_at(WIDTH - 8, 14, f"n {curve.n}", INK, "right"),
        text_at(WIDTH - 8, 32, "synthetic days of death" if synthetic else "", QUIET, "right", italic=True),
        reach(told, x, y, {"who": "Curve", "when": "Time", "shown": "Alive or event-free"}),
    ]
    chart = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)
    return render_drawing(chart, "expected-survival", describe(results))


def _tell(who: str, month: float, alive: float) -> dict[str, object]:
    share = f"{format_value(alive, Format(1))} %"
    when = f"{format_value(month, Format(0))} months"
    return {
        "month": month,
        "alive": alive,
        "who": who,
        "when": when,
        "shown": share,
        TOLD: f"{who}, {when}: {share}",
    }


def _name(ends: list[tuple[float, str, str]]) -> list[alt.Chart]:
    """Names beside the ends of the lines, moved apart where they would lie on one another."""
    found, above = [], float("-inf")
    for alive, name, colour in sorted(ends, reverse=True):
        place = max(HEIGHT * (1 - alive / 100), above + 17)
        above = place
        found.append((place, name, colour))
    beyond = max(0.0, above - (HEIGHT + 4))
    return [text_at(WIDTH + 8, place - beyond, name, colour, "left") for place, name, colour in found]


def describe(results: ExpectedSurvival) -> str:
    """The figure in words, from its numbers."""
    last = results.months[-1]
    parts = [
        f"{scenario.label} {format_value(scenario.alive[last].value, Format(1))}"
        for scenario in results.scenarios
        if not scenario.sensitivity
    ]
    return (
        f"Survival observed and expected of {results.people.value} participants. At {last} months alive: observed "
        f"{format_value(results.observed[last].value)}; expected: {'; '.join(parts)}."
    )
