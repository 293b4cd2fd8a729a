"""Tables and single numbers as HTML: three rules, numbers aligned on the decimal, footnotes, and a result behind each."""

from collections.abc import Collection

from markupsafe import Markup, escape

from charcot.report.table import Cell, Column, Number, Row, Table, letter_notes, walk_rows

Widths = tuple[tuple[int, int], ...]
"""For each number of a column's cells: digits before the point, and characters from the point on."""


def write_number(number: Number, synthetic: Collection[str], width: tuple[int, int] | None = None) -> Markup:
    """A number that can be opened; padded to `width` where it stands in a column."""
    result = number.result
    kind = "n syn" if result.id in synthetic else "n"
    title = f"{result.label}; n = {result.n}" + ("; synthetic" if result.id in synthetic else "")
    text: str | Markup = number.text
    if width is not None:
        whole, point, rest = number.text.partition(".")
        text = Markup('<span class="i{}">{}</span>').format(width[0], whole)
        if width[1]:
            text += Markup('<span class="f{}">{}</span>').format(width[1], point + rest)
    return Markup(
        '<button type="button" class="{}" data-result="{}" popovertarget="src-{}" title="{}">{}</button>'
    ).format(kind, result.id, result.id, title, text)


class TableWriter:
    """Writes one table."""

    def __init__(self, table: Table, synthetic: Collection[str], *, headed: bool = True) -> None:
        self._table, self._synthetic, self._headed = table, synthetic, headed
        self._letters = letter_notes(table)
        self._rows = list(walk_rows(table.rows))
        self._widths = [self._measure(index) for index in range(len(table.columns))]

    def write(self) -> Markup:
        """The table with its caption and notes."""
        table = self._table
        head = Markup("").join(self._head(column) for column in table.columns)
        body = Markup("").join(self._row(level, row) for level, row in self._rows)
        caption = Markup("")
        if self._headed:
            caption = Markup("<caption><b>{}</b> {}</caption>").format(table.title, self._caption())
        stub = Markup('<th scope="col">{}</th>').format(table.stub) if table.stub else Markup("<td></td>")
        return Markup(
            '<div class="table" id="{}"><div class="scroll" tabindex="0" role="region" aria-label="{}"><table>{}'
            "<thead><tr>{}{}</tr></thead><tbody>{}</tbody></table></div>{}</div>"
        ).format(
            table.id if self._headed else f"{table.id}-table",
            table.title,
            caption,
            stub,
            head,
            body,
            self._notes(),
        )

    def _caption(self) -> Markup:
        pieces = self._table.caption
        return Markup("").join(
            write_number(p, self._synthetic) if isinstance(p, Number) else escape(p) for p in pieces
        )

    def _head(self, column: Column) -> Markup:
        under = Markup("<small>{}</small>").format(column.under) if column.under else ""
        return Markup('<th scope="col" class="{}">{}{}{}</th>').format(
            column.kind, column.head, self._mark(column.note), under
        )

    def _row(self, level: int, row: Row) -> Markup:
        unit = Markup(' <span class="unit">{}</span>').format(row.unit) if row.unit else ""
        cells = Markup("").join(
            self._cell(index, row.cells[index] if index < len(row.cells) else Cell())
            for index in range(len(self._table.columns))
        )
        kind = "group" if row.children else f"level{level}"
        return Markup('<tr class="{}"><th scope="row">{}{}{}</th>{}</tr>').format(
            kind, row.label, unit, self._mark(row.note), cells
        )

    def _cell(self, index: int, cell: Cell) -> Markup:
        column = self._table.columns[index]
        widths = self._widths[index] if column.kind == "number" else ()
        parts, place = Markup(""), 0
        for piece in cell.pieces:
            if isinstance(piece, Number):
                parts += write_number(piece, self._synthetic, widths[place] if widths else None)
                place += 1
            else:
                parts += escape(piece)
        return Markup('<td class="{}">{}</td>').format(column.kind, parts)

    def _measure(self, index: int) -> Widths:
        found: list[tuple[int, int]] = []
        for _, row in self._rows:
            cell = row.cells[index] if index < len(row.cells) else Cell()
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
