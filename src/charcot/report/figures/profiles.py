"""Individual profiles: a small panel a participant on shared axes, death marked."""

from collections.abc import Sequence
from math import ceil

import altair as alt

from charcot.analysis.participant_courses import Profile
from charcot.analysis.visit_scores import Score
from charcot.report.figures.ink import BLUE, INK, PALE, TOLD, Drawing, render_drawing
from charcot.report.figures.panels import SMALL, lay_panels, make_months_axis, make_reach
from charcot.report.format import Format, format_value

WIDTH, HEIGHT, ACROSS = 82, 58, 4
TOP = {"total": 48.0}


def draw_profiles(
    profiles: Sequence[Profile], score: Score, horizon: float, *, synthetic: bool
) -> Drawing | None:
    """One score of everybody; None where nobody has one."""
    rows: list[dict[str, object]] = []
    for profile in profiles:
        points = [(month, value) for month, value in profile.points.get(score.id, ()) if month <= horizon]
        rows += [_row(profile.participant, score, month, value) for month, value in points]
        if profile.died is not None and profile.died <= horizon:
            when = f"month {format_value(profile.died, Format(1))}"
            said = {"when": when, "shown": "died", TOLD: f"{profile.participant}, {when}: died"}
            rows.append(
                {"who": profile.participant, "month": profile.died, "value": 0.0, "kind": "death", **said}
            )
    highest = max((float(str(row["value"])) for row in rows), default=0.0)
    if not any(row["kind"] == "score" for row in rows):
        return None
    top = TOP.get(score.id, 20.0 * ceil(max(100.0, highest) / 20))
    x = make_months_axis(-1.5, horizon)
    y = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(domain=[0, top], nice=False),
        axis=alt.Axis(values=[0, top / 2, top], format="d", labelFontSize=SMALL),
    )
    chart = alt.Chart().encode(x, y)
    scores = chart.transform_filter("datum.kind == 'score'")
    layers = (
        scores.mark_line(color=PALE, strokeWidth=1.5),
        scores.mark_point(color=BLUE, filled=True, size=22, opacity=1),
        chart.transform_filter("datum.kind == 'death'").mark_text(
            text="†", color=INK, fontSize=17, fontWeight="bold", baseline="bottom"
        ),
        make_reach(chart, score.label),
    )
    title = [
        f"{score.label}, {score.unit}",
        "by month from the infusion" + (" · synthetic follow-up" if synthetic else ""),
    ]
    panels = lay_panels(layers, rows, title, width=WIDTH, height=HEIGHT, across=ACROSS, spacing=10)
    return render_drawing(panels, f"profiles-{score.id}", describe(profiles, score, horizon))


def _row(who: str, score: Score, month: float, value: float) -> dict[str, object]:
    when = f"month {format_value(month, Format(1))}"
    shown = f"{format_value(value, Format(score.places, trim=True))} {score.unit}"
    said = {"when": when, "shown": shown, TOLD: f"{who}, {when}: {score.label} {shown}"}
    return {"who": who, "month": month, "value": value, "kind": "score", **said}


def describe(profiles: Sequence[Profile], score: Score, horizon: float) -> str:
    """The panels in words, from their numbers."""
    drawn = [p for p in profiles if any(month <= horizon for month, _ in p.points.get(score.id, ()))]
    died = sum(p.died is not None and p.died <= horizon for p in profiles)
    change = [
        p.points[score.id][-1][1] - p.points[score.id][0][1] for p in drawn if len(p.points[score.id]) > 1
    ]
    fell = sum(value < 0 for value in change)
    return (
        f"{score.label} of {len(drawn)} participants, a panel each, to month {horizon:g}. From the first to the last "
        f"value recorded it fell in {fell} of {len(change)}. {died} died within that time."
    )
