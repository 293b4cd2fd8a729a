"""Flow cytometry drawn: each marker's control and sample over one another, with the threshold between."""

from collections.abc import Sequence

import altair as alt
import numpy as np

from charcot.product.flow_cytometry import MarkerMeasured
from charcot.report.figures.ink import (
    BLUE,
    BRICK,
    CONFIG,
    INK,
    QUIET,
    VERMILION,
    Drawing,
    chart_of,
    draw_spec,
    place_svg,
    text_at,
)

WIDTH, HEIGHT, BINS, A_ROW = 250, 96, 70, 3
COFACTOR = 150.0
"""What values are divided by before the inverse hyperbolic sine [units of light]."""
TICKS = (-1_000, 0, 1_000, 10_000, 100_000)


def draw_overlays(measured: Sequence[MarkerMeasured], name: str, *, synthetic: bool = False) -> Drawing:
    """The figure: heights are shares of each tube's events, so that control and sample compare."""
    charts = [_marker(one) for one in measured]
    chart = alt.concat(*charts, columns=A_ROW, spacing=26)
    note = " Synthetic data." if synthetic else ""
    told = describe_overlays(measured) + note
    spec = chart.to_dict(validate=False) | {"config": CONFIG, "description": told}
    return Drawing(name, place_svg(draw_spec(spec, name), name, told), spec)


def _marker(one: MarkerMeasured) -> alt.LayerChart | alt.FacetChart:
    control, sample = _scaled(one.control), _scaled(one.sample)
    low = float(min(np.quantile(control, 0.001), np.quantile(sample, 0.001)))
    high = float(max(np.quantile(control, 0.999), np.quantile(sample, 0.999)))
    edges = np.linspace(low - 0.2, high + 0.2, BINS)
    rows = [
        {"light": float(middle), "share": float(share), "what": what}
        for what, values in (("control", control), ("sample", sample))
        for middle, share in zip((edges[1:] + edges[:-1]) / 2, _shares(values, edges), strict=True)
    ]
    ticks = [float(np.arcsinh(tick / COFACTOR)) for tick in TICKS]
    labels = " : ".join(
        f"abs(datum.value - {place:.4f}) < 0.001 ? '{tick:,}'"
        for place, tick in zip(ticks, TICKS, strict=True)
    )
    x = alt.X(
        "light:Q",
        title=f"{one.line.channel}; n {one.found.sample_events:,}, control {one.found.control_events:,}",
        scale=alt.Scale(domain=[edges[0], edges[-1]], nice=False),
        axis=alt.Axis(values=ticks, labelExpr=f"{labels} : ''", grid=False, labelOverlap=True),
    )
    tallest = max(float(str(row["share"])) for row in rows) * 1.45 or 1.0
    scale = alt.Scale(domain=[0, tallest], nice=False)
    y = alt.Y(
        "share:Q", title=None, scale=scale, axis=alt.Axis(labels=False, ticks=False, grid=False, domain=False)
    )
    drawn = chart_of(rows).encode(x, y)
    cut = [{"light": float(np.arcsinh(one.found.threshold / COFACTOR))}]
    found = one.found
    words = f"{100 * found.subtracted.estimate:.1f} %, {found.verdict.value.lower()}"
    layers = [
        drawn.transform_filter("datum.what == 'control'").mark_area(
            color=QUIET, opacity=0.35, line={"color": QUIET}
        ),
        drawn.transform_filter("datum.what == 'sample'").mark_area(
            color=BLUE, opacity=0.3, line={"color": BLUE}
        ),
        chart_of(cut).encode(x).mark_rule(color=VERMILION, strokeDash=[4, 2], strokeWidth=1.5),
        text_at(4, 8, one.line.marker, INK, "left"),
        text_at(WIDTH - 2, 8, words, BRICK if found.verdict.value != "PASS" else INK, "right"),
    ]
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)


def _scaled(values: np.ndarray) -> np.ndarray:
    scaled: np.ndarray = np.arcsinh(values / COFACTOR)
    return scaled if len(scaled) else np.zeros(1)


def _shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    counts, _ = np.histogram(values, edges)
    return np.asarray(counts / max(len(values), 1))


def describe_overlays(measured: Sequence[MarkerMeasured]) -> str:
    """The figure in words."""
    parts = [
        f"{one.line.marker} in {one.line.channel}: {100 * one.found.raw.estimate:.2f} % above the threshold of the control, "
        f"{100 * one.found.subtracted.estimate:.2f} % after subtraction, {one.found.verdict.value}"
        for one in measured
    ]
    return (
        "Light of each event on an inverse hyperbolic sine scale; grey: control, blue: sample, dashed: threshold. "
        + ". ".join(parts)
        + "."
    )
