"""Tables as plain text and as CSV: for terminals, for tests, and for those who copy numbers."""

import csv
import io

from charcot.report.table import Table, TableRow, letter_notes, text_of, walk_rows


def render_table_text(table: Table) -> str:
    """The table in characters of one width: three rules, numbers aligned on the decimal."""
    letters = letter_notes(table)
    rows = list(walk_rows(table.rows))
    columns = [_aligned([_cell(row, index) for _, row in rows]) for index in range(len(table.columns))]
    heads = [column.head + _mark(column.note, letters) for column in table.columns]
    under = [column.under for column in table.columns]
    widths = [
        max([len(head), len(below), *(len(text) for text in column)])
        for head, below, column in zip(heads, under, columns, strict=True)
    ]
    labels = [
        "  " * level + row.label + (f", {row.unit}" if row.unit else "") + _mark(row.note, letters)
        for level, row in rows
    ]
    stub = max(len(text) for text in (table.stub, *labels))
    lines = [f"{table.title}{'. ' + text_of(table.caption) if table.caption else ''}"]
    rule = "─" * (stub + sum(width + 2 for width in widths))
    lines += [rule, _line(table.stub, heads, stub, widths)]
    if any(under):
        lines.append(_line("", under, stub, widths))
    lines.append(rule)
    lines += [_line(label, [column[i] for column in columns], stub, widths) for i, label in enumerate(labels)]
    lines.append(rule)
    lines += [f"({letter}) {text}" for text, letter in letters.items()]
    lines += list(table.notes)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def render_table_csv(table: Table) -> str:
    """The table as CSV: the path of labels, then a field a column."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([table.stub, *(f"{c.head} {c.under}".strip() for c in table.columns)])
    path: list[str] = []
    for level, row in walk_rows(table.rows):
        path = [*path[:level], row.label + (f", {row.unit}" if row.unit else "")]
        writer.writerow([": ".join(path), *(_cell(row, index) for index in range(len(table.columns)))])
    return out.getvalue()


def _cell(row: TableRow, index: int) -> str:
    return row.cells[index].text if index < len(row.cells) else ""


def _mark(note: str, letters: dict[str, str]) -> str:
    return f" ({letters[note]})" if note else ""


def _aligned(texts: list[str]) -> list[str]:
    """Pads texts so that the first decimal point, or the end of the first number, stands in one place."""
    before = [_before_point(text) for text in texts]
    left = max(before, default=0)
    shifted = [" " * (left - place) + text for place, text in zip(before, texts, strict=True)]
    width = max((len(text) for text in shifted), default=0)
    return [text.ljust(width) for text in shifted]


def _before_point(text: str) -> int:
    place = 0
    while place < len(text) and (text[place].isdigit() or text[place] in "−<"):
        place += 1
    return place


def _line(label: str, texts: list[str], stub: int, widths: list[int]) -> str:
    return label.ljust(stub) + "".join(
        "  " + text.rjust(width) for text, width in zip(texts, widths, strict=True)
    )
