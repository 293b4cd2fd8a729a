"""Tables and single numbers as HTML: three rules, numbers aligned on the decimal, footnotes, and a result behind each."""

from collections.abc import Collection

from markupsafe import Markup, escape

from charcot.report.table import (
    Number,
    Pieces,
    Table,
    TableCell,
    TableColumn,
    TableRow,
    Verbatim,
    letter_notes,
    walk_rows,
)

LONGEST_UNBROKEN = 16
"""Rows of a table that is kept on one page of paper."""

Widths = tuple[tuple[int, int], ...]
"""For each number of a column's cells: digits before the point, and characters from the point on."""


def render_number(
    number: Number, synthetic: Collection[str], width: tuple[int, int] | None = None, side: str = "both"
) -> Markup:
    """A number that can be opened; padded to `width` where it stands in a column, on the `side` away from its neighbour."""
    result = number.result
    kind = "n syn" if result.id in synthetic else "n"
    title = f"{result.label}; n = {result.n}" + ("; synthetic" if result.id in synthetic else "")
    text: str | Markup = number.text
    if width is not None and side != "both":
        text = Markup('<span class="w{} {}">{}</span>').format(sum(width), side, text)
    elif width is not None:
        whole, point, rest = number.text.partition(".")
        text = Markup('<span class="i{}">{}</span>').format(width[0], whole)
        if width[1]:
            text += Markup('<span class="f{}">{}</span>').format(width[1], point + rest)
    return Markup(
        '<button type="button" class="{}" data-result="{}" popovertarget="src-{}" title="{}">{}</button>'
    ).format(kind, result.id, result.id, title, text)


def render_pieces(pieces: Pieces, synthetic: Collection[str]) -> Markup:
    """Words, numbers and code in running text; punctuation stays on the line of the number before it."""
    parts, after = Markup(""), ""
    for index, piece in enumerate(pieces):
        if isinstance(piece, Number):
            following = pieces[index + 1] if index + 1 < len(pieces) else ""
            after = _punctuation(following) if isinstance(following, str) else ""
            number = render_number(piece, synthetic)
            parts += Markup('<span class="keep">{}{}</span>').format(number, after) if after else number
        elif isinstance(piece, Verbatim):
            parts += Markup("<code>{}</code>").format(piece.text)
        else:
            parts, after = parts + escape(piece[len(after) :]), ""
    return parts


def _punctuation(text: str) -> str:
    return text[: len(text) - len(text.lstrip(",.;:)"))]


class TableRenderer:
    """Writes one table."""

    def __init__(self, table: Table, synthetic: Collection[str], *, headed: bool = True) -> None:
        self._table, self._synthetic, self._headed = table, synthetic, headed
        self._letters = letter_notes(table)
        self._rows = list(walk_rows(table.rows))
        self._widths = [self._measure(index) for index in range(len(table.columns))]

    def render(self) -> Markup:
        """The table with its caption and notes."""
        table = self._table
        head = Markup("").join(self._head(column) for column in table.columns)
        body = Markup("").join(self._row(level, row) for level, row in self._rows)
        caption = Markup("")
        if self._headed:
            words = render_pieces(table.caption, self._synthetic)
            caption = Markup('<p class="caption" id="{}-caption"><b>{}</b> {}</p>').format(
                table.id, table.title, words
            )
        stub = Markup('<th scope="col">{}</th>').format(table.stub) if table.stub else Markup("<td></td>")
        bare = all(column.kind == "number" for column in table.columns) and len(table.columns) < 5
        return Markup(
            '<div class="table{}{}" id="{}">{}<div class="scroll" tabindex="0" role="region" aria-label="{}">'
            '<table aria-label="{}"><thead><tr>{}{}</tr></thead><tbody>{}</tbody></table></div>{}</div>'
        ).format(
            " bare" if bare else "",
            " short" if len(self._rows) <= LONGEST_UNBROKEN else "",
            table.id if self._headed else f"{table.id}-table",
            caption,
            table.title,
            table.title,
            stub,
            head,
            body,
            self._notes(),
        )

    def _head(self, column: TableColumn) -> Markup:
        under = Markup("<small>{}</small>").format(column.under) if column.under else ""
        return Markup('<th scope="col" class="{}">{}{}{}</th>').format(
            column.kind, column.head, self._mark(column.note), under
        )

    def _row(self, level: int, row: TableRow) -> Markup:
        unit = Markup(' <span class="unit">{}</span>').format(row.unit) if row.unit else ""
        cells = Markup("").join(
            self._cell(index, row.cells[index] if index < len(row.cells) else TableCell())
            for index in range(len(self._table.columns))
        )
        kind = "group" if row.children else f"level{level}"
        return Markup('<tr class="{}"><th scope="row">{}{}{}</th>{}</tr>').format(
            kind, row.label, unit, self._mark(row.note), cells
        )

    def _cell(self, index: int, cell: TableCell) -> Markup:
        column = self._table.columns[index]
        widths = self._widths[index] if column.kind == "number" else ()
        parts, place = Markup(""), 0
        for piece in cell.pieces:
            if isinstance(piece, Number) and widths:
                side = "both" if len(widths) == 1 else "end" if place == 0 else "start"
                parts += render_number(piece, self._synthetic, widths[place], side)
                place += 1
            else:
                parts += render_pieces((piece,), self._synthetic)
        return Markup('<td class="{}">{}</td>').format(column.kind, parts)

    def _measure(self, index: int) -> Widths:
        found: list[tuple[int, int]] = []
        for _, row in self._rows:
            cell = row.cells[index] if index < len(row.cells) else TableCell()
            for place, piece in enumerate(p for p in cell.pieces if isinstance(p, Number)):
                whole, point, rest = piece.text.partition(".")
                size = len(whole), len(point + rest)
                if place == len(found):
                    found.append(size)
                found[place] = max(found[place][0], size[0]), max(found[place][1], size[1])
        return tuple(found)

    def _mark(self, note: str) -> Markup:
        return Markup("<sup>{}</sup>").format(self._letters[note]) if note else Markup("")

    def _notes(self) -> Markup:
        lettered = [
            Markup("<p><sup>{}</sup> {}</p>").format(letter, text) for text, letter in self._letters.items()
        ]
        plain = [Markup("<p>{}</p>").format(text) for text in self._table.notes]
        everything = Markup("").join([*lettered, *plain])
        return Markup('<div class="notes">{}</div>').format(everything) if everything else Markup("")
