"""How wide the columns of a Word table are, and which of them stand beside each other on a page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from charcot.report.table import Table, TableCell, walk_rows

CHARACTER = 1.62
"""Width of a character of text at 8.5 pt with something to spare [mm]."""

PADDING = 2.2
"""Space between two columns [mm]."""

COMFORTABLE, LONGEST, LABELS = 24.0, 60.0, 30.0
"""Least width of a column of text, most that a word may ask for, least width of the labels [mm]."""


@dataclass(frozen=True)
class WordColumn:
    """A column of a table with the width it would like and the least it can do with [mm]."""

    index: int
    kind: str
    natural: float
    least: float


def measure_columns(table: Table) -> list[WordColumn]:
    """The labels, with index -1, and then every column."""
    rows = list(walk_rows(table.rows))
    labels = [
        "  " * level + row.label + (f" · {row.unit}" if row.unit else "")
        for level, row in rows
        if not row.children or any(cell.pieces for cell in row.cells)
    ]
    found = [_column(-1, "text", [table.stub, *labels], LABELS, [])]
    for index, column in enumerate(table.columns):
        cells = [row.cells[index] if index < len(row.cells) else TableCell() for _, row in rows]
        texts = [cell.text for cell in cells]
        heads = [*column.head.split(), *column.under.split()]
        if column.kind == "number":
            widest = max([0.0, *(_width(text) for text in (*texts, *heads))])
            found.append(WordColumn(index, "number", widest, min(widest, LONGEST)))
        else:
            found.append(_column(index, "text", texts, COMFORTABLE, [column.head, column.under]))
    return found


def _column(index: int, kind: str, texts: list[str], comfortable: float, heads: list[str]) -> WordColumn:
    natural = max([0.0, *(_width(text) for text in (*texts, *heads))])
    words = [word for text in (*texts, *heads) for word in re.split(r"(?<=[-/])|\s+", text)]
    word = min(LONGEST, max([0.0, *(_width(word) for word in words)]))
    return WordColumn(index, kind, natural, max(word, min(natural, comfortable)))


def _width(text: str) -> float:
    return PADDING + CHARACTER * len(text)


def group_columns(columns: Sequence[WordColumn], room: float) -> list[list[WordColumn]]:
    """The columns in groups that fit into `room` [mm] beside the labels; one group where all do."""
    labels = columns[0].least
    groups: list[list[WordColumn]] = [[]]
    used = labels
    for column in columns[1:]:
        if groups[-1] and used + column.least > room:
            groups.append([])
            used = labels
        groups[-1].append(column)
        used += column.least
    return groups


def least_width(columns: Sequence[WordColumn]) -> float:
    """The least width of all columns together [mm]."""
    return sum(column.least for column in columns)


def share_widths(columns: Sequence[WordColumn], room: float) -> list[float]:
    """Widths that fill `room` at most [mm]: the widest give way first; some air where there is enough.

    >>> share_widths([WordColumn(-1, "text", 20, 20), WordColumn(0, "text", 90, 10)], 60)
    [20.0, 40.0]
    """
    low, high = 0.0, room
    for _ in range(30):
        cap = (low + high) / 2
        total = sum(min(column.natural, max(column.least, cap)) for column in columns)
        low, high = (low, cap) if total > room else (cap, high)
    widths = [min(column.natural, max(column.least, low)) for column in columns]
    if sum(column.natural for column in columns) <= room:
        widths = [column.natural for column in columns]
    spare = min(9.0, max(0.0, room - sum(widths)) / max(1, len(widths) - 1))
    return [round(width + (spare if place else 0.0), 2) for place, width in enumerate(widths)]
