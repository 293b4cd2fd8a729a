"""Numbers of the report on the site: tables and text whose every number leads to its result."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.translation import gettext as _

from charcot.report import Report
from charcot.report.document import Figure, Section, numbers_shown
from charcot.report.explain import shown_value
from charcot.report.table import Number, Pieces, Table, Verbatim, letter_notes, walk_rows
from charcot.web.frame import address

_NUMBER = re.compile(
    r'<button type="button" class="([^"<>]*)" data-result="([^"<>]+)"([^<>]*)>(.*?)</button>', re.DOTALL
)
VEGA = ("vega", "vega-lite", "vega-embed")
_HOVER = re.compile(r' title="[^"<>]*"')
_BODY = re.compile(r"<body[^>]*>")


@dataclass(frozen=True)
class LinkedPiece:
    """Words, or a number with the id of its result."""

    text: str
    id: str = ""
    synthetic: bool = False
    hover: str = ""
    code: bool = False


@dataclass(frozen=True)
class LinkedRow:
    """A row of a table: its label and cells."""

    level: int
    label: str
    unit: str
    note: str
    cells: Sequence[tuple[str, Sequence[LinkedPiece]]]
    is_group: bool


@dataclass(frozen=True)
class LinkedTable:
    """A table of the report; `notes` are its footnotes with their letters."""

    id: str
    title: str
    stub: str
    caption: Sequence[LinkedPiece]
    heads: Sequence[tuple[str, str, str, str]]
    rows: Sequence[LinkedRow]
    notes: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class LinkedSection:
    """A section of the report: its tables, and the numbers that stand elsewhere in it."""

    id: str
    title: str
    tables: Sequence[LinkedTable]
    others: Sequence[tuple[str, LinkedPiece]]
    count: int


def link_sections(report: Report) -> list[LinkedSection]:
    """Every section of the report that shows a number."""
    found = []
    for section in report.sections:
        numbers = {number.result.id: number for number in numbers_shown((section,))}
        if not numbers:
            continue
        tables = list(_tables(section))
        inside = {n.result.id for table in tables for n in _numbers_of(table)}
        others = [
            (number.result.label, LinkedPiece(shown_value([number]), id, id in report.synthetic))
            for id, number in numbers.items()
            if id not in inside
        ]
        linked = [_link(table, report.synthetic) for table in tables]
        found.append(LinkedSection(section.id, section.title, linked, others, len(numbers)))
    return found


def _tables(section: Section) -> Iterator[Table]:
    for block in section.blocks:
        if isinstance(block, Table):
            yield block
        elif isinstance(block, Figure) and block.data is not None:
            yield block.data


def _numbers_of(table: Table) -> Iterator[Number]:
    for _level, row in walk_rows(table.rows):
        for cell in row.cells:
            yield from (piece for piece in cell.pieces if isinstance(piece, Number))
    yield from (piece for piece in table.caption if isinstance(piece, Number))


def _link(table: Table, synthetic: Collection[str]) -> LinkedTable:
    letters = letter_notes(table)
    return LinkedTable(
        table.id,
        table.title,
        table.stub,
        _pieces(table.caption, synthetic),
        [(column.head, column.under, column.kind, letters.get(column.note, "")) for column in table.columns],
        [
            LinkedRow(
                level, row.label, row.unit, letters.get(row.note, ""),
                [
                    (column.kind, _pieces(row.cells[place].pieces, synthetic) if place < len(row.cells) else [])
                    for place, column in enumerate(table.columns)
                ],
                bool(row.children),
            )
            for level, row in walk_rows(table.rows)
        ],
        [*((letter, text) for text, letter in letters.items()), *(("", text) for text in table.notes)],
    )  # fmt: skip


def _pieces(pieces: Pieces, synthetic: Collection[str]) -> list[LinkedPiece]:
    found = []
    for piece in pieces:
        match piece:
            case Number(result=result):
                hover = _("%(label)s; n = %(n)s") % {"label": result.label, "n": result.n}
                found.append(LinkedPiece(piece.text, result.id, result.id in synthetic, hover))
            case Verbatim(text=text):
                found.append(LinkedPiece(text, code=True))
            case str():
                found.append(LinkedPiece(piece))
            case _:
                found.append(LinkedPiece(str(getattr(piece, "text", piece))))
    return found


def link_report(
    html: str, as_of: int | None, *, result: str = "result", figure: str = "figure", back: str = "results"
) -> str:
    """The report's page with each number as a link to its result, and a way back to the site above it.

    `result` and `figure` name the pages of its numbers and drawings, `back` the page that it belongs to. Every text of the report is escaped, so that nothing in it can look like a number's own mark.
    """

    def linked(found: re.Match[str]) -> str:
        kind, id, rest, text = found.groups()
        hover = shown.group() if (shown := _HOVER.search(rest)) else ""
        return f'<a class="{kind}" data-result="{id}" href="{escape(address(result, id, as_of=as_of))}"{hover}>{text}</a>'

    def topped(found: re.Match[str]) -> str:
        places = [
            ("home", _("Home")),
            ("participants", _("Participants")),
            (back, _("Results") if back == "results" else _("Safety")),
            ("record", _("Record")),
        ]
        links = "".join(
            f'<a href="{escape(address(name, as_of=as_of))}">{escape(label)}</a>' for name, label in places
        )
        looking = (
            ""
            if as_of is None
            else f"<strong>{escape(_('As it was at entry %(n)s') % {'n': as_of})}</strong>"
        )
        return f'{found.group(0)}<div class="site-bar" role="navigation" aria-label="{escape(_("Site"))}">{links}{looking}</div>'

    vega = "".join(f'<script src="/static/vendor/vega/{part}.min.js" defer></script>' for part in VEGA)
    specs = escape(address(figure, "NAME", as_of=as_of))
    hint = escape(_("Arrow keys go from mark to mark; the numbers stand in the table below."))
    alive = f'<script src="/static/report-figures.js" data-specs="{specs}" data-hint="{hint}" defer></script>'
    head = f'<link rel="stylesheet" href="/static/report-site.css">{vega}{alive}</head>'
    return _BODY.sub(topped, _NUMBER.sub(linked, html), count=1).replace("</head>", head, 1)
