"""The table of columns that are described alike: n, mean, SD, median and range."""

from collections.abc import Sequence

from charcot.analysis.measured_lines import STATISTICS, MeasuredLine
from charcot.report.format import Format
from charcot.report.table import Number, Table, TableCell, TableColumn, TableRow, number

HEADS = {"mean": "Mean", "sd": "SD", "median": "Median"}


def make_measured_table(id: str, title: str, lines: Sequence[MeasuredLine], caption: str) -> Table:
    """One row a line."""
    heads = (TableColumn("n"), *(TableColumn(head) for head in HEADS.values()), TableColumn("Range"))
    return Table(id, title, "", heads, tuple(_row(line) for line in lines), caption=(caption,))


def _row(line: MeasuredLine) -> TableRow:
    form = Format(line.measured.places, scale=line.measured.scale)
    low, high = (Number(line.statistics[name], form) for name in STATISTICS[-2:])
    return TableRow(
        line.measured.label,
        (
            number(line.n),
            *(TableCell((Number(line.statistics[name], form),)) for name in HEADS),
            TableCell((low, " to ", high)),
        ),
        unit=line.measured.unit,
    )
