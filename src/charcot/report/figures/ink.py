"""The colours and type of all figures, and how a drawing becomes part of a page."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import altair as alt
from altair.utils.schemapi import disable_debug_mode

from charcot.report.figures.beside import begin_beside, draw_here

disable_debug_mode()  # else every row of data is held against the schema; Vega says where a specification is wrong

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


TOLD = "told"
"""The column of a row with everything that is said when somebody points at its mark or reaches it by key."""
MOST_TOLD = 2000
"""Marks of single people that say what they are; in a larger drawing nobody could point at one."""
SIZE_OF_REACH = 140
"""How large the invisible mark is that answers to a pointer [square units of the drawing]."""


@dataclass(frozen=True)
class Drawing:
    """A drawing, made once: as SVG for documents, and as the specification that a page can bring to life.

    `spec` is None where the drawing was not made from one. Its colours are the same variables of the page.
    """

    name: str
    drawn: str | Callable[[], str]
    """The SVG, or what waits for it."""
    spec: Mapping[str, Any] | None = field(default=None, repr=False)

    @cached_property
    def svg(self) -> str:
        """The drawing as SVG."""
        return self.drawn if isinstance(self.drawn, str) else self.drawn()


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


def reach(
    rows: Sequence[Mapping[str, object]], x: alt.X, y: alt.Y, told: Mapping[str, str], name: str = "reach"
) -> alt.Chart:
    """Marks that are not seen and say what lies there: each row's words, and the columns that `told` gives heads to.

    A page finds them by their `name`, which begins with `reach` and is used once in a drawing.
    """
    shown = rows if len(rows) <= MOST_TOLD else ()
    tips = [alt.Tooltip(f"{name}:N", title=head) for name, head in told.items()]
    chart: alt.Chart = chart_of(shown).encode(x, y, alt.Description(f"{TOLD}:N"), tooltip=tips)
    marked: alt.Chart = chart.mark_point(filled=True, size=SIZE_OF_REACH, opacity=0, color=INK).properties(
        name=name
    )
    return marked


def pointed_at(by: str) -> alt.Parameter:
    """Whatever has the same `by` as the mark under the pointer; nothing on paper."""
    return alt.selection_point(name="pointed", fields=[by], on="pointerover", clear="pointerout", empty=False)


def render_drawing(chart: alt.LayerChart | alt.FacetChart, name: str, alt_text: str) -> Drawing:
    """The drawing of a chart: its SVG with ids of its own and a description for all readers, and its specification."""
    spec = chart.to_dict(validate=False) | {"config": CONFIG, "description": alt_text}
    told = tuple(_told_in(spec))
    waiting = begin_beside(spec, lambda: draw_spec(spec, name))
    if waiting is None:
        return Drawing(name, place_svg(draw_spec(spec, name), name, alt_text, told), spec)
    return Drawing(name, lambda: place_svg(waiting(), name, alt_text, told), spec)


def spec_for_page(drawing: Drawing) -> dict[str, Any] | None:
    """The specification with colours that follow the page, as it goes to a browser."""
    if drawing.spec is None:
        return None
    text = json.dumps(drawing.spec)
    for colour, label in _NAMES.items():
        text = text.replace(f'"{colour}"', f'"var(--fig-{label}, {colour})"')
    found: dict[str, Any] = json.loads(text)
    return found


def _told_in(spec: object) -> Iterator[str]:
    """Everything that marks of a specification say of themselves."""
    if isinstance(spec, Mapping):
        if isinstance(spec.get(TOLD), str):
            yield spec[TOLD]
        for part in spec.values():
            yield from _told_in(part)
    elif isinstance(spec, list):
        for part in spec:
            yield from _told_in(part)


def draw_spec(spec: dict[str, Any], name: str) -> str:
    """The SVG of a specification as Vega draws it; `name` is for those who look on, such as tests."""
    return draw_here(spec)


def place_svg(svg: str, name: str, alt_text: str, told: Iterable[str] = ()) -> str:
    """Makes a drawing fit into a page: scalable, named, its ids its own and the same each time (Vega counts on).

    A mark whose label is one of `told` shows it to whoever points at it.
    """
    width, height = (float(re.search(rf'{side}="([\d.]+)"', svg)[1]) for side in ("width", "height"))  # type: ignore[index]  # an SVG of Vega states both
    ids = {
        given: f"{name}-{place}"
        for place, given in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg)), 1)
    }
    svg = re.sub(r'(\bid="|url\(#|href="#)([^")]+)', lambda m: m[1] + ids.get(m[2], f"{name}-{m[2]}"), svg)
    for colour, label in _NAMES.items():
        svg = re.sub(rf'(fill|stroke)="{colour}"', rf'\1="var(--fig-{label}, {colour})"', svg)
    said = {_escape(text) for text in told}
    svg = re.sub(
        r'<path aria-label="([^"]*)"([^<>]*?)(?:/>|></path>)',
        lambda m: f"<path{m[2]}><title>{m[1]}</title></path>" if m[1] in said else m[0],
        svg,
    )
    head = (
        f'<svg class="figure" role="img" aria-label="{_escape(alt_text)}" data-figure="{name}" '
        f'data-wide="{width:g}" viewBox="0 0 {width:g} {height:g}" xmlns="http://www.w3.org/2000/svg">'
    )
    return head + re.sub(r"^.*?<svg[^>]*>", "", svg, count=1, flags=re.DOTALL).strip()


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
