"""A panel a participant on shared axes: what the figures have in common in which everybody has a small panel of their own."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from charcot.report.figures.ink import INK, QUIET, SIZE_OF_REACH, TOLD

SMALL = 13
"""Size of the letters in a panel, which is drawn smaller than it is [px]."""


def make_months_axis(first: float, last: float, **axis: Any) -> alt.X:
    """Months from the infusion, across."""
    return alt.X(
        "month:Q",
        title=None,
        scale=alt.Scale(domain=[first, last], nice=False),
        axis=alt.Axis(values=[0, 6, 12], format="d", labelFontSize=SMALL, **axis),
    )


def make_reach(chart: alt.Chart, shown: str) -> alt.Chart:
    """The layer that says of each mark who, when and what: the column `shown`, under this title."""
    told = chart.encode(
        description=alt.Description(f"{TOLD}:N"),
        tooltip=[
            alt.Tooltip("who:N", title="Participant"),
            alt.Tooltip("when:N", title="Time"),
            alt.Tooltip("shown:N", title=shown),
        ],
    )
    reach: alt.Chart = told.mark_point(filled=True, size=SIZE_OF_REACH, opacity=0, color=INK).properties(
        name="reach"
    )
    return reach


def lay_panels(
    layers: Sequence[alt.Chart],
    rows: Sequence[dict[str, object]],
    title: str | list[str],
    *,
    width: int,
    height: int,
    across: int,
    spacing: int,
) -> alt.FacetChart:
    """The layers once for each participant, who stands under `who` in the rows."""
    return (
        alt.layer(*layers)
        .properties(width=width, height=height)
        .facet(
            facet=alt.Facet(
                "who:N",
                title=None,
                header=alt.Header(labelFontSize=SMALL, labelColor=INK, labelPadding=2, labelAnchor="start"),
            ),
            columns=across,
            spacing=spacing,
            data=alt.InlineData(values=rows),
        )
        .properties(
            title=alt.TitleParams(
                title, anchor="start", fontSize=SMALL + 1, fontWeight="normal", color=QUIET, offset=8
            )
        )
    )
