"""Drawings for paper: the same SVG as on the page, with its colours and its type fixed."""

import re

from charcot.report.figures.ink import FONT
from charcot.report.typst_setting import render_typst

PRINT_FONT = "Charcot Sans"


def resolve_drawing(svg: str) -> str:
    """The drawing without CSS variables: each colour is the one that stands as its default.

    >>> resolve_drawing('<path stroke="var(--fig-ink, #1b2a30)"/>')
    '<path stroke="#1b2a30"/>'
    """
    svg = re.sub(r"var\(--[\w-]+,\s*([^()]+?)\s*\)", r"\1", svg)
    return svg.replace(f'font-family="{FONT}"', f'font-family="{PRINT_FONT}"')


def size_of_drawing(svg: str) -> tuple[float, float]:
    """Width and height [px].

    >>> size_of_drawing('<svg viewBox="0 0 366 338.5">')
    (366.0, 338.5)
    """
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    if found is None:
        raise ValueError("a drawing of the report states its size as a viewBox from 0 0")
    return float(found[1]), float(found[2])


def render_drawing_png(svg: str, scale: float = 2.0) -> bytes:
    """The drawing as pixels on white, `scale` to each unit of the drawing."""
    width, _ = size_of_drawing(svg)
    inputs = {"svg": resolve_drawing(svg), "width": f"{width:g}"}
    return render_typst("drawing.typ", inputs, "png", ppi=96 * scale)
