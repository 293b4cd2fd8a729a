"""Mean and standard error over the visits, with every participant behind: one panel of Figure 2."""

import altair as alt
from altair import value as fixed

from charcot.analysis.function_course import FunctionCourse
from charcot.analysis.plan import Measure
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

WIDTH, HEIGHT = 272, 235


def draw_course(course: FunctionCourse, *, synthetic: bool) -> Drawing:
    """One panel."""
    measure = course.measure
    months = [point.month for point in course.points]
    top = max([100.0, *(value for track in course.tracks for _, value in track.points)])
    x = alt.X(
        "month:Q",
        title="Months from infusion (0: screening)",
        scale=alt.Scale(domain=[0, max(months)], nice=False, padding=10),
        axis=alt.Axis(values=months, grid=False, format="d", titlePadding=48),
    )
    scale = alt.Scale(domain=[0, top], nice=True)
    y_title = f"{measure.short}, {measure.unit}"
    y = alt.Y("value:Q", title=y_title, scale=scale, axis=alt.Axis(tickCount=6))
    one, names_of = Format(1), {point.month: point.label for point in course.points}
    lines = [
        {"month": month, "value": value, "who": track.participant, "died": track.died}
        for track in course.tracks
        for month, value in track.points
    ]
    told = [
        _told(track.participant, names_of.get(month, f"month {month:g}"), month, value, measure)
        for track in course.tracks
        for month, value in track.points
    ]
    heads = {"who": "Participant", "visit": "Visit", "shown": measure.short}
    pointed = pointed_at("who")
    people = chart_of(lines).encode(
        x, y, alt.Detail("who:N"),
        opacity=alt.condition(pointed, fixed(1), fixed(0.75)),
        strokeWidth=alt.condition(pointed, fixed(3), fixed(1)),
    )  # fmt: skip
    alive = people.transform_filter("!datum.died").mark_line(color=PALE, clip=True)
    dead = people.transform_filter("datum.died").mark_line(color=VERMILION, strokeDash=[3, 2])
    ends = [
        {"month": track.points[-1][0], "value": track.points[-1][1]}
        for track in course.tracks
        if track.died and track.points
    ]
    crosses = chart_of(ends).encode(x, y).mark_text(text="†", color=VERMILION, fontSize=16)
    summary = [
        {
            "month": point.month,
            "value": point.mean.value,
            "low": point.mean.value - (point.se.value or 0),
            "high": point.mean.value + (point.se.value or 0),
            "n": f"{point.n.value}",
            "died": f"{point.died.value}",
            "visit": point.label,
            "shown": f"{format_value(point.mean.value, one)} ± {format_value(point.se.value, one)} {measure.unit}",
            TOLD: f"{point.label}: mean ± SE of {measure.short} {format_value(point.mean.value, one)} ± "
            f"{format_value(point.se.value, one)} {measure.unit}, n {point.n.value}",
        }
        for point in course.points
        if isinstance(point.mean.value, float) and isinstance(point.se.value, float | None)
    ]
    middle = chart_of(summary).encode(x)
    bars = middle.encode(alt.Y("low:Q", title=y_title), alt.Y2("high:Q")).mark_rule(color=BLUE, strokeWidth=2)
    mean = middle.encode(y).mark_line(
        color=BLUE, strokeWidth=2.5, point=alt.OverlayMarkDef(color=BLUE, size=45, filled=True)
    )
    counts = middle.encode(alt.Text("n:N"), y=fixed(HEIGHT + 36)).mark_text(color=INK)
    deaths = middle.encode(alt.Text("died:N"), y=fixed(HEIGHT + 54)).mark_text(color=BRICK)
    final = summary[-1:]
    label = (
        chart_of(final)
        .encode(x, alt.Y("high:Q", title=y_title))
        .mark_text(text="mean ± SE", align="right", dx=4, dy=-9, color=BLUE, fontSize=SIZE, fontWeight="bold")
    )
    halo = label.mark_text(
        text="mean ± SE", align="right", dx=4, dy=-9, fontSize=SIZE, fontWeight="bold",
        color=PAPER, stroke=PAPER, strokeWidth=4,
    )  # fmt: skip
    of_mean = {"visit": "Visit", "shown": f"{measure.short}, mean ± SE", "n": "n"}
    reached = (reach(told, x, y, heads).add_params(pointed), reach(summary, x, y, of_mean, "reach_mean"))
    names = [
        halo,
        label,
        text_at(-14, HEIGHT + 36, "n", INK, "right"),
        text_at(-14, HEIGHT + 54, "died", BRICK, "right"),
        text_at(8, HEIGHT - 10, "synthetic follow-up" if synthetic else "", QUIET, "left", italic=True),
    ]
    chart = alt.layer(alive, dead, crosses, bars, mean, counts, deaths, *names, *reached)
    return render_drawing(
        chart.properties(width=WIDTH, height=HEIGHT), f"course-{measure.id}", describe(course)
    )


def _told(who: str, visit: str, month: float, value: float, measure: Measure) -> dict[str, object]:
    shown = f"{format_value(value, Format(1))} {measure.unit}"
    said = {"visit": visit, "shown": shown, TOLD: f"{who}, {visit}: {measure.short} {shown}"}
    return {"who": who, "month": month, "value": value, **said}


def describe(course: FunctionCourse) -> str:
    """The panel in words, from its numbers."""
    one = Format(1)
    parts = [
        f"{point.label} {format_value(point.mean.value, one)} ({format_value(point.se.value, one)}), n {point.n.value}"
        for point in course.points
    ]
    return (
        f"{course.measure.label}: mean (standard error) of those measured. {'; '.join(parts)}. "
        f"{sum(track.died for track in course.tracks)} of {len(course.tracks)} participants died before the last visit shown."
    )
