"""Single values that a safety board looks at: laboratory outliers, Hy's law, and vital signs around the infusion."""

from charcot.analysis.board_results import BoardResults
from charcot.report.document import Block, Paragraph, Section
from charcot.report.format import NONE, Format
from charcot.report.sections.written import Moment
from charcot.report.table import Number, Pieces, Table, TableCell, TableColumn, TableRow, number


def make_outliers(board: BoardResults) -> tuple[Block, ...]:
    """Values of grade 3 or 4 after the infusion, and whether anybody fulfils Hy's law."""
    said: Pieces = (
        "Hy's law (ALT or AST at least 3 times, bilirubin at least 2 times its upper limit, alkaline phosphatase below 2 times): "
        "fulfilled by ",
        Number(board.hys_law.total),
        " liver panels",
    )
    for place, line in enumerate(board.hys_law.lines):
        said = (
            *said,
            "; " if place else ": ",
            f"{line.participant} on ",
            Moment(line.values["taken"], timed=True),
        )
    hy = Paragraph((*said, "."))
    outliers = board.outliers
    if not outliers.lines:
        return (hy, Paragraph(("No laboratory value after the infusion reaches grade 3.",)))
    rows = tuple(
        TableRow(
            line.participant,
            (
                TableCell((Number(line.values["measured"]),)),
                TableCell((Moment(line.values["taken"], timed=True),)),
                TableCell((str(line.values["term"].value),)),
                number(line.values["grade"]),
            ),
        )
        for line in outliers.lines
    )
    columns = (
        TableColumn("Value", kind="text"),
        TableColumn("Taken", kind="text"),
        TableColumn("Term", kind="text"),
        TableColumn("Grade proposed"),
    )
    note = (
        "Grades follow from the value and its range (CTCAE v5); they are proposals, not the investigator's."
    )
    caption: Pieces = (Number(outliers.total), " values.")
    rest = int(str(outliers.total.value)) - len(rows)
    notes = (note, f"{rest} more values are not listed.") if rest else (note,)
    title = "Laboratory values of grade 3 or more"
    return (hy, Table("outliers", title, "Participant", columns, rows, caption, notes))


def make_vital_signs(board: BoardResults) -> Section:
    """Number, middle and range of each sign on the day of the infusion, before, and in the hours after."""
    rows = []
    for sign in board.signs:
        cells: list[TableCell] = []
        form = Format(max(sign.places, 1), trim=not sign.places)
        for spread in (sign.before, sign.after):
            low, high = Number(spread["minimum"], form), Number(spread["maximum"], form)
            spanned = (NONE,) if low.text == NONE else (low, " to ", high)
            cells += [number(spread["n"]), TableCell((Number(spread["median"], form),)), TableCell(spanned)]
        rows.append(TableRow(sign.label, tuple(cells), unit=sign.unit))
    columns = tuple(
        TableColumn(head, under) for under in ("before", "after") for head in ("n", "Median", "Range")
    )
    table = Table(
        "vital-signs", "Vital signs on the day of the infusion", "Sign", columns, tuple(rows),
        notes=("Every measurement counts, several of one participant too.",),
    )  # fmt: skip
    return Section("vital-signs", "Vital signs around the infusion", (table,))
