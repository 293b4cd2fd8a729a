"""Tables in a Word document: real and editable, three rules, heads repeated, numbers aligned on the decimal."""

import re
from collections.abc import Collection, Sequence
from copy import deepcopy
from typing import Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.shared import Mm
from docx.table import Table as WordTable
from docx.table import _Cell as WordCell
from docx.text.paragraph import Paragraph as WordParagraph

from charcot.report.docx_columns import WordColumn, share_widths
from charcot.report.docx_words import (
    QUIET,
    add_borders,
    add_pieces,
    add_property,
    add_raised,
    add_text,
)
from charcot.report.table import Number, Pieces, Table, TableCell, TableRow, letter_notes, walk_rows

TABLE_TEXT = "TableText"
"""The id of the style of cells; set by id, because a look-up by name for each cell takes longer than all the rest."""

DIGIT = 1.52
"""Width of a digit at 8.5 pt [mm]."""

LONGEST_UNBROKEN = 24
"""Rows of a table that is kept on one page."""


def fill_table(
    grid: WordTable, table: Table, chosen: Sequence[WordColumn], room: float, synthetic: Collection[str]
) -> None:
    """Fills an empty Word table of one row with the `chosen` columns, labels first, `room` mm wide at most."""
    filling = _Filling(grid, table, chosen, synthetic)
    filling.set_widths(share_widths(chosen, room))
    filling.fill()


def fill_particulars(
    grid: WordTable, facts: Sequence[tuple[str, Pieces]], room: float, synthetic: Collection[str]
) -> None:
    """Fills an empty Word table with names and what they are, hairlines between."""
    add_borders(grid._tbl.tblPr, "w:tblBorders", {"top": 4, "insideH": 4}, "DFE4E6")
    set_margins(grid)
    grid.autofit = False
    widths = (min(56.0, max(2.2 + 1.62 * len(name) for name, _ in facts)),)
    for name, pieces in facts:
        cells = grid.add_row().cells  # type: ignore[no-untyped-call]  # python-docx gives this one no types
        add_text(cells[0].paragraphs[0], name, colour=QUIET)
        add_pieces(cells[1].paragraphs[0], pieces, synthetic)
        for cell, width in zip(cells, (*widths, room - widths[0]), strict=True):
            cell.width = Mm(width)
            cell.paragraphs[0]._p.style = TABLE_TEXT
    for column, width in zip(grid.columns, (*widths, room - widths[0]), strict=True):
        column.width = Mm(width)


def set_margins(grid: WordTable) -> None:
    """Space inside the cells, the same in all."""
    margins = add_property(grid._tbl.tblPr, "w:tblCellMar")
    for side, size in (("top", 30), ("left", 60), ("bottom", 30), ("right", 60)):
        add_property(margins, f"w:{side}", w=str(size), type="dxa")


class _Filling:
    """One table while it is being filled."""

    def __init__(
        self, grid: WordTable, table: Table, chosen: Sequence[WordColumn], synthetic: Collection[str]
    ) -> None:
        self._grid, self._table, self._synthetic = grid, table, synthetic
        self._chosen = chosen[1:]
        self._letters = letter_notes(table)
        self._rows = list(walk_rows(table.rows))
        self._widths: list[float] = []
        self._ways: dict[tuple[bool, bool, float | None, float], Any] = {}

    def set_widths(self, widths: list[float]) -> None:
        """Widths [mm] of the labels and the columns."""
        self._widths = widths
        self._grid.alignment = WD_TABLE_ALIGNMENT.LEFT
        self._grid.autofit = False
        for column, width in zip(self._grid.columns, widths, strict=True):
            column.width = Mm(width)

    def fill(self) -> None:
        """Head, rows, rules."""
        properties = self._grid._tbl.tblPr
        add_borders(properties, "w:tblBorders", {"top": 8, "bottom": 8})
        set_margins(self._grid)
        self._head()
        stops = [self._stop(index) for index in range(len(self._chosen))]
        last = len(self._rows) - 1
        whole = len(self._rows) <= LONGEST_UNBROKEN
        for line, (level, row) in enumerate(self._rows):
            self._row(level, row, stops, keep=line < last and (whole or bool(row.children)))

    def _head(self) -> None:
        head = self._grid.rows[0]
        cells = head.cells
        for mark in ("w:cantSplit", "w:tblHeader"):
            add_property(head._tr.get_or_add_trPr(), mark)
        for cell, width in zip(cells, self._widths, strict=True):
            cell.width = Mm(width)
        add_text(cells[0].paragraphs[0], self._table.stub, bold=True)
        for cell, column in zip(cells[1:], self._chosen, strict=True):
            given = self._table.columns[column.index]
            paragraph = cell.paragraphs[0]
            add_text(paragraph, given.head, bold=True)
            add_raised(paragraph, self._letters.get(given.note, ""))
            if given.under:
                add_text(paragraph, f"\n{given.under}", colour=QUIET)
            if given.kind == "number":
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        for cell in cells:
            cell.paragraphs[0]._p.style = TABLE_TEXT
            cell.paragraphs[0].paragraph_format.keep_with_next = True
            properties = cell._tc.get_or_add_tcPr()
            add_borders(properties, "w:tcBorders", {"bottom": 4})
            add_property(properties, "w:vAlign", val="bottom")

    def _row(self, level: int, row: TableRow, stops: list[float | None], *, keep: bool) -> None:
        added = self._grid.add_row()  # type: ignore[no-untyped-call]  # python-docx gives this one no types
        add_property(added._tr.get_or_add_trPr(), "w:cantSplit")
        cells = added.cells
        label = cells[0].paragraphs[0]
        self._lay_out(label, keep, indent=3.2 * level)
        add_text(label, row.label, bold=bool(row.children))
        if row.unit:
            add_text(label, f" · {row.unit}", colour=QUIET)
        add_raised(label, self._letters.get(row.note, ""))
        for place, column in enumerate(self._chosen):
            given = row.cells[column.index] if column.index < len(row.cells) else TableCell()
            self._cell(cells[place + 1], given, column, stops[place], keep=keep)

    def _cell(
        self, cell: WordCell, given: TableCell, column: WordColumn, stop: float | None, *, keep: bool
    ) -> None:
        paragraph, number = cell.paragraphs[0], column.kind == "number"
        # Word moves the first number of a cell to a decimal tab without a tab character.
        tab = stop if number and stop is not None and _is_one_number(given) else None
        self._lay_out(paragraph, keep, right=number and stop is None, tab=tab)
        add_pieces(paragraph, given.pieces, self._synthetic)

    def _lay_out(
        self,
        paragraph: WordParagraph,
        keep: bool,
        *,
        right: bool = False,
        tab: float | None = None,
        indent: float = 0.0,
    ) -> None:
        """Style and place of a cell's text; made once and copied, because there are thousands of cells and few ways."""
        way = (keep, right, tab, indent)
        if way not in self._ways:
            made = WordParagraph(OxmlElement("w:p"), paragraph._parent)
            made._p.style = TABLE_TEXT
            if keep:
                made.paragraph_format.keep_with_next = True
            if right:
                made.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if tab is not None:
                made.paragraph_format.tab_stops.add_tab_stop(Mm(tab), WD_TAB_ALIGNMENT.DECIMAL)
            if indent:
                made.paragraph_format.left_indent = Mm(indent)
            self._ways[way] = made._p.pPr
        paragraph._p.insert(0, deepcopy(self._ways[way]))

    def _stop(self, place: int) -> float | None:
        """Where the decimal point stands [mm]; None where the end of the text is the right place to align."""
        index = self._chosen[place].index
        cells = [row.cells[index] for _, row in self._rows if index < len(row.cells)]
        if self._chosen[place].kind != "number" or not all(_is_one_number(c) for c in cells if c.pieces):
            return None
        rests = {len(c.text.partition(".")[2]) for c in cells if c.pieces}
        if len(rests) < 2:
            return None
        return self._widths[place + 1] - 2.2 - DIGIT * (max(rests) + 0.5)


def _is_one_number(cell: TableCell) -> bool:
    """Whether the cell holds digits with at most one point, so that it can stand on it."""
    if len(cell.pieces) != 1 or not isinstance(cell.pieces[0], str | Number):
        return False
    return re.fullmatch(r"[−<]?[\d\N{THIN SPACE}]+(\.\d+)?|–", cell.text) is not None
