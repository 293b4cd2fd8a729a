"""One stopping boundary: participants with an event against participants infused, and where it stops."""

import altair as alt

from charcot.analysis.board_results import StandingBoundary
from charcot.report.figures.ink import (
    BLUE,
    BRICK,
    INK,
    TOLD,
    VERMILION,
    Drawing,
    chart_of,
    reach,
    render_drawing,
)

WIDTH, HEIGHT = 330, 190


def draw_boundary(standing: StandingBoundary, name: str) -> Drawing:
    """The count as a line, the boundary as stairs with what lies at and above them shaded."""
    steps = _course(standing)
    most = max(_planned(standing), steps[-1]["patients"], 1)
    top = max(standing.plan.stop[-1].events, steps[-1]["events"]) + 1
    x = alt.X(
        "patients:Q",
        title="Participants infused",
        scale=alt.Scale(domain=[0, most], nice=False),
        axis=alt.Axis(grid=False, tickMinStep=1, format="d"),
    )
    y = alt.Y(
        "events:Q",
        title="With an event",
        scale=alt.Scale(domain=[0, top], nice=False),
        axis=alt.Axis(tickMinStep=1, format="d", tickCount=min(top, 8)),
    )
    stairs = [{**edge, "top": top} for edge in _stairs(standing, most)]
    limit = chart_of(stairs).encode(x, y)
    above = limit.encode(y2="top:Q").mark_area(interpolate="step-before", color=VERMILION, opacity=0.1)
    edge = limit.mark_line(interpolate="step-before", color=BRICK, strokeDash=[5, 3], strokeWidth=1.75)
    course = chart_of([{"patients": 0, "events": 0}, *steps]).encode(x, y)
    line = course.mark_line(interpolate="step-after", color=BLUE, strokeWidth=2.25, clip=False)
    last = (
        chart_of([{"patients": steps[-1]["patients"], "events": steps[-1]["events"]}])
        .encode(x, y)
        .mark_point(color=BLUE, filled=True, size=60, opacity=1, clip=False)
    )
    words = [
        chart_of([{"patients": 0, "events": top}])
        .encode(x, y)
        .mark_text(text="stops", align="left", baseline="top", dx=6, dy=6, color=BRICK),
        chart_of([{"patients": most, "events": 0}])
        .encode(x, y)
        .mark_text(text="goes on", align="right", baseline="bottom", dx=-6, dy=-6, color=INK),
    ]
    told = [
        {
            **step,
            "of": f"{step['events']} of {step['patients']}",
            TOLD: f"{step['events']} with an event of {step['patients']} infused; stops at {step['stops_at']}",
        }
        for step in steps
    ]
    heads = {"of": "With an event, of infused", "stops_at": "Stops at"}
    layers = alt.layer(above, edge, line, last, *words, reach(told, x, y, heads))
    return render_drawing(layers.properties(width=WIDTH, height=HEIGHT), name, describe_boundary(standing))


def describe_boundary(standing: StandingBoundary) -> str:
    """The figure in words, from its numbers."""
    ends = [step.up_to for step in standing.plan.stop]
    limits = [
        f"{step.events} up to {end} infused" if end != ends[-1] else f"{step.events} from then on"
        for step, end in zip(standing.plan.stop, ends, strict=True)
    ]
    rises = [
        f"{now['events']} at {now['patients']} infused"
        for before, now in zip([{"events": 0}, *_course(standing)], _course(standing), strict=False)
        if now["events"] != before["events"]
    ]
    came = f" The count came to {', '.join(rises)}." if rises else ""
    return (
        f"{standing.label}: {standing.events.value} participants with an event of {standing.patients.value} infused; "
        f"with so many it stops at {standing.stops_at.value}. The boundary: {', '.join(limits)}.{came}"
    )


def _course(standing: StandingBoundary) -> list[dict[str, int]]:
    """The steps of the count, beginning from nothing where there are none."""
    found = [
        {name: result.value for name, result in step.items() if isinstance(result.value, int)}
        for step in standing.steps
    ]
    first = standing.plan.stop[0].events
    return found or [{"patients": 0, "events": 0, "stops_at": first}]


def _planned(standing: StandingBoundary) -> int:
    return max(standing.plan.planned, standing.plan.stop[-1].up_to)


def _stairs(standing: StandingBoundary, most: int) -> list[dict[str, int]]:
    """The edge of the boundary: up to each number of participants, the events at which it stops."""
    stop = standing.plan.stop
    ends = [*(step.up_to for step in stop[:-1]), most]
    first = {"patients": 0, "events": stop[0].events}
    return [
        first,
        *({"patients": end, "events": step.events} for step, end in zip(stop, ends, strict=True)),
    ]
