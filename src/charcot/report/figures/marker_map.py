"""Markers by lot as a map: each share written in its field, within its limit or outside."""

from collections.abc import Mapping, Sequence

import altair as alt

from charcot.analysis.product_summary import MappedMarker
from charcot.report.figures.ink import (
    BLUE,
    BRICK,
    INK,
    QUIET,
    RULE,
    TOLD,
    VERMILION,
    Drawing,
    chart_of,
    render_drawing,
    text_at,
)

WIDE, HIGH, SMALL = 46, 26, 13


def draw_marker_map(
    markers: Sequence[MappedMarker], limits: Mapping[str, str], *, synthetic: bool
) -> Drawing:
    """The figure; rows in the order of the specification, a column a lot."""
    lots = sorted({one.lot for one in markers})
    labels = list(dict.fromkeys(one.label for one in markers))
    rows: list[dict[str, object]] = [
        {
            "lot": one.lot,
            "marker": f"{one.label}: {_short(limits.get(one.test, ''))}",
            "verdict": one.verdict,
            "shown": f"{one.value.value:.1f}" if isinstance(one.value.value, float) else "",
            TOLD: f"{one.label} of lot {one.lot}: {one.value.value} %, {one.verdict.lower()}",
        }
        for one in markers
    ]
    order = [f"{label}: {_short(_limit(label, markers, limits))}" for label in labels]
    x = alt.X(
        "lot:N",
        title=None,
        sort=lots,
        axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False, labelFontSize=SMALL),
    )
    y = alt.Y("marker:N", title=None, sort=order, axis=alt.Axis(domain=False, ticks=False, labelLimit=260))
    chart = chart_of(rows).encode(x, y)
    passed, failed = (
        chart.transform_filter("datum.verdict == 'PASS'"),
        chart.transform_filter("datum.verdict == 'FAIL'"),
    )
    other = chart.transform_filter("datum.verdict != 'PASS' && datum.verdict != 'FAIL'")
    layers = [
        passed.mark_rect(color=BLUE, opacity=0.14, stroke=RULE, strokeWidth=0.5),
        failed.mark_rect(color=VERMILION, opacity=0.3, stroke=VERMILION, strokeWidth=1.5),
        other.mark_rect(color=QUIET, opacity=0.1, stroke=RULE, strokeWidth=0.5),
        passed.encode(alt.Text("shown:N")).mark_text(color=INK, fontSize=SMALL),
        other.encode(alt.Text("shown:N")).mark_text(color=QUIET, fontSize=SMALL),
        failed.encode(alt.Text("shown:N")).mark_text(color=BRICK, fontSize=SMALL, fontWeight="bold"),
        text_at(0, HIGH * len(labels) + 14, "synthetic" if synthetic else "", QUIET, "left", italic=True),
    ]
    layered = alt.layer(*layers).properties(width=max(WIDE * len(lots), 120), height=HIGH * len(labels))
    return render_drawing(layered, "marker-map", describe_map(markers))


def _limit(label: str, markers: Sequence[MappedMarker], limits: Mapping[str, str]) -> str:
    return next((limits.get(one.test, "") for one in markers if one.label == label), "")


def _short(limit: str) -> str:
    """A limit as it stands beside its marker.

    >>> _short("At least 95 % positive")
    '≥ 95 %'
    """
    return limit.replace("At least", "≥").replace("At most", "≤").replace(" positive", "")


def describe_map(markers: Sequence[MappedMarker]) -> str:
    """The figure in words, from its numbers."""
    parts = []
    for label in dict.fromkeys(one.label for one in markers):
        values = [
            one.value.value for one in markers if one.label == label and isinstance(one.value.value, float)
        ]
        outside = sum(one.verdict == "FAIL" for one in markers if one.label == label)
        if values:
            parts.append(f"{label}: {min(values):.1f} to {max(values):.1f} %, {outside} outside the limit")
    return f"Markers of {len({one.lot for one in markers})} lots. {'; '.join(parts)}."
