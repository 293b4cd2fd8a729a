"""The colours and type of all figures, and how a drawing becomes part of a page."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import altair as alt
import vl_convert

INK, QUIET, RULE, PAPER = "#1b2a30", "#55656c", "#c3ccd0", "#ffffff"
BLUE, VERMILION, BRICK, PALE, GREEN = "#0072b2", "#d55e00", "#a84a00", "#9fb0b8", "#009e73"
"""Okabe and Ito's blue, vermilion and bluish green, told apart by everybody; the vermilion of words is darker, to be legible; pale grey for people."""

FONT = "'Source Sans 3', 'Source Sans Pro', sans-serif"
SIZE = 14

_NAMES = {
    INK: "ink",
    QUIET: "quiet",
    RULE: "rule",
    PAPER: "paper",
    BLUE: "blue",
    VERMILION: "vermilion",
    BRICK: "brick",
    PALE: "pale",
    GREEN: "green",
}

CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "transparent",
    "view": {"stroke": None},
    "padding": {"left": 4, "right": 10, "top": 6, "bottom": 4},
    "axis": {
        "labelFontSize": SIZE,
        "titleFontSize": SIZE,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "domainColor": INK,
        "tickColor": INK,
        "gridColor": RULE,
        "gridOpacity": 0.6,
        "labelPadding": 5,
        "titlePadding": 8,
    },
    "text": {"fontSize": SIZE, "color": INK},
}


def chart_of(rows: Sequence[Mapping[str, object]]) -> alt.Chart:
    """A chart of rows that are written into it."""
    return alt.Chart(alt.InlineData(values=list(rows)))


def text_at(
    x: float, y: float, text: str, colour: str, align: Literal["left", "right"], *, italic: bool = False
) -> alt.Chart:
    """Words at a place of the drawing, in units of the drawing from its top left corner."""
    mark = chart_of([{}]).encode(x=alt.value(x), y=alt.value(y))
    style = "italic" if italic else "normal"
    chart: alt.Chart = mark.mark_text(text=text, align=align, color=colour, fontSize=SIZE, fontStyle=style)
    return chart


def render_svg(chart: alt.LayerChart | alt.FacetChart, name: str, alt_text: str) -> str:
    """The SVG of a chart, with colours that follow the page, ids of its own, and a description for all readers."""
    return place_svg(draw_spec(chart.to_dict(validate=False) | {"config": CONFIG}, name), name, alt_text)


def draw_spec(spec: dict[str, Any], name: str) -> str:
    """The SVG of a specification as Vega draws it; `name` is for those who look on, such as tests."""
    version = alt.SCHEMA_VERSION.lstrip("v").rsplit(".", 1)[0]
    return vl_convert.vegalite_to_svg(spec, vl_version=version, allowed_base_urls=[])


def place_svg(svg: str, name: str, alt_text: str) -> str:
    """Makes a drawing fit into a page: scalable, named, its ids its own and the same each time (Vega counts on)."""
    width, height = (float(re.search(rf'{side}="([\d.]+)"', svg)[1]) for side in ("width", "height"))  # type: ignore[index]  # an SVG of Vega states both
    ids = {
        given: f"{name}-{place}"
        for place, given in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg)), 1)
    }
    svg = re.sub(r'(\bid="|url\(#|href="#)([^")]+)', lambda m: m[1] + ids.get(m[2], f"{name}-{m[2]}"), svg)
    for colour, label in _NAMES.items():
        svg = re.sub(rf'(fill|stroke)="{colour}"', rf'\1="var(--fig-{label}, {colour})"', svg)
    head = (
        f'<svg class="figure" role="img" aria-label="{_escape(alt_text)}" viewBox="0 0 {width:g} {height:g}" '
        f'style="--wide:{width:g}px" xmlns="http://www.w3.org/2000/svg">'
    )
    return head + re.sub(r"^.*?<svg[^>]*>", "", svg, count=1, flags=re.DOTALL).strip()


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
