"""The flow of participants as a diagram: boxes of exact counts, drawn by hand as SVG."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from markupsafe import escape

from charcot.analysis import Result
from charcot.analysis.disposition import Disposition
from charcot.report.figures.ink import FONT, INK, PAPER, QUIET, Drawing, place_svg
from charcot.report.format import format_value

WIDE, MAIN, SIDE_AT, LINE, PAD, GAP, STEP = 400, 222, 248, 23, 11, 24, 66


@dataclass(frozen=True)
class _Box:
    """A box with a heading and lines; each line has a name and numbers, of which the last stands at the right edge."""

    heading: str
    lines: tuple[tuple[str, tuple[Result, ...]], ...]
    heads: tuple[str, ...] = ()
    """Heads of the columns of numbers."""

    @property
    def height(self) -> int:
        """Height in units of the drawing."""
        return 2 * PAD + LINE * (len(self.lines) + bool(self.heading or self.heads))


def draw_flow(flow: Disposition, synthetic: Collection[str] = ()) -> Drawing:
    """The diagram; every number carries the id of its result, those in `synthetic` a dotted line."""
    ends: list[tuple[str, tuple[Result, ...]]] = [("Died", (flow.died,))]
    if flow.alive_at_last_contact is not None:
        ends.insert(0, (flow.alive_at_last_contact.label, (flow.alive_at_last_contact,)))
    ends += [("Lost to follow-up", (flow.lost,)), ("Withdrew from follow-up", (flow.withdrew,))]
    steps: tuple[tuple[_Box, _Box | None], ...] = (
        (
            _Box("Screening", (("Screened", (flow.screened,)), ("Gave consent", (flow.consented,)))),
            _Box("", (("Declined", (flow.declined,)),)),
        ),
        (_Box("Enrolment", (("Enrolled", (flow.enrolled,)),)), None),
        (_Box("Treatment", (("Received the infusion", (flow.infused,)),)), None),
        (
            _Box("Seen at", tuple((visit.label, (visit.seen,)) for visit in flow.visits)),
            _Box(
                "",
                tuple(("", (visit.not_expected, visit.not_seen)) for visit in flow.visits),
                ("Ended", "Not seen"),
            ),
        ),
        (_Box("In the end", tuple(ends)), None),
    )
    parts: list[str] = []
    top = 1
    for index, (box, side) in enumerate(steps):
        parts += _draw(box, 1, top, MAIN, synthetic)
        if side is not None:
            at = top + (box.height - side.height) // 2
            parts += _draw(side, SIDE_AT, at, WIDE - SIDE_AT - 1, synthetic)
            parts.append(_arrow(1 + MAIN, at + side.height // 2, SIDE_AT, at + side.height // 2))
        top += box.height
        if index < len(steps) - 1:
            parts.append(_arrow(1 + MAIN // 2, top, 1 + MAIN // 2, top + GAP))
            top += GAP
    body = "".join(parts)
    svg = f'<svg width="{WIDE}" height="{top + 1}"><g font-family="{FONT}" font-size="16">{body}</g></svg>'
    return Drawing("flow", place_svg(svg, "flow", describe(flow)))


def describe(flow: Disposition) -> str:
    """The diagram in words."""
    visits = "; ".join(f"{visit.label} {visit.seen.value}" for visit in flow.visits)
    return (
        f"Flow of participants: {flow.screened.value} screened, {flow.consented.value} consented, "
        f"{flow.declined.value} declined, {flow.enrolled.value} enrolled, {flow.infused.value} infused. "
        f"Seen at: {visits}. {flow.died.value} died, {flow.lost.value} lost to follow-up."
    )


def _draw(box: _Box, x: int, y: int, width: int, synthetic: Collection[str]) -> list[str]:
    parts = [
        f'<rect x="{x}" y="{y}" width="{width}" height="{box.height}" rx="2" fill="{PAPER}" stroke="{INK}" />'
    ]
    line = y + PAD + 15
    if box.heading:
        parts.append(_text(x + PAD, line, box.heading, colour=QUIET))
    for place, head in enumerate(reversed(box.heads)):
        parts.append(_text(x + width - PAD - place * STEP, line, head, colour=QUIET, anchor="end"))
    if box.heading or box.heads:
        line += LINE
    for label, results in box.lines:
        parts.append(_text(x + PAD, line, label))
        for place, result in enumerate(reversed(results)):
            right = x + width - PAD - place * STEP
            parts.append(_number(right, line, result, result.id in synthetic))
        line += LINE
    return parts


def _text(x: int, y: int, text: str, *, colour: str = INK, anchor: str = "start") -> str:
    if not text:
        return ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'


def _number(x: int, y: int, result: Result, synthetic: bool) -> str:
    text = format_value(result.value)
    title = f"{result.label}; of {result.n}"
    drawn = (
        f'<text x="{x}" y="{y}" text-anchor="end" fill="{INK}" font-weight="600" '
        f'data-result="{escape(result.id)}"><title>{escape(title)}</title>{escape(text)}</text>'
    )
    if synthetic:
        left = x - 8 * len(text)
        drawn += f'<line x1="{left}" y1="{y + 4}" x2="{x}" y2="{y + 4}" stroke="{QUIET}" stroke-dasharray="1.5 2" />'
    return drawn


def _arrow(x1: int, y1: int, x2: int, y2: int) -> str:
    head: Sequence[tuple[int, int]] = (
        ((x2, y2), (x2 - 4, y2 - 7), (x2 + 4, y2 - 7))
        if x1 == x2
        else ((x2, y2), (x2 - 7, y2 - 4), (x2 - 7, y2 + 4))
    )
    points = " ".join(f"{x},{y}" for x, y in head)
    return (
        f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{INK}" />'
        f'<polygon points="{points}" fill="{INK}" />'
    )
