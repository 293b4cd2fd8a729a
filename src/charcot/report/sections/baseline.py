"""Table 1: the participants at baseline."""

from collections.abc import Sequence
from typing import Literal

from charcot.analysis.baseline_listing import PLANNED as LISTED
from charcot.analysis.baseline_listing import ListedParticipant
from charcot.analysis.table1 import PLANNED, BaselineLine, BaselineResults
from charcot.report.document import Section
from charcot.report.format import PERCENT, Format
from charcot.report.sections.material import Material
from charcot.report.table import EMPTY, Number, Table, TableCell, TableColumn, TableRow, interval, number

SD = "SD, standard deviation: how far people differ from each other."
SE = "SE, standard error of the mean: how uncertain the mean is; SD divided by the square root of n."


def make_baseline(material: Material, results: Sequence[BaselineResults]) -> Section:
    """Described items as one row each, counted items as a row for each answer."""
    described = tuple(_described(result) for result in results if result.statistics)
    counted = tuple(_counted(result) for result in results if result.levels)
    form = material.protocol.forms_by_id.get(material.plan.baseline_form)
    source = f"Read from the form “{form.title}”." if form is not None else ""
    numbers = Table(
        "table1",
        "Table 1. Participants at baseline: measurements",
        "",
        (
            TableColumn("n"),
            TableColumn("Mean"),
            TableColumn("SD", note=SD),
            TableColumn("SE", note=SE),
            TableColumn("Median"),
            TableColumn("Q1 to Q3"),
            TableColumn("Range"),
        ),
        described,
        caption=(f"All who received the infusion. {source} {material.planned(PLANNED)}",),
        notes=("Q1 to Q3: first to third quartile.",),
    )
    counts = Table(
        "table1-counts",
        "Table 1, continued: counts",
        "",
        (TableColumn("n"), TableColumn("%"), TableColumn("95 % interval", under="exact")),
        counted,
        caption=("All who received the infusion.",),
    )
    return Section("table1", "Baseline", (numbers, counts))


def make_baseline_listing(
    material: Material, lines: Sequence[BaselineLine], people: Sequence[ListedParticipant]
) -> Table:
    """Everybody with what was recorded."""
    return Table(
        "baseline-listing",
        "Table 1, individually",
        "Participant",
        tuple(TableColumn(line.label, under=line.unit or "", kind=_kind(line)) for line in lines),
        tuple(
            TableRow(person.participant, tuple(_recorded(line, person) for line in lines))
            for person in people
        ),
        caption=(f"As recorded, with the decimals that were recorded. {material.planned(LISTED)}",),
    )


def _kind(line: BaselineLine) -> Literal["number", "text"]:
    return "text" if line.kind == "counts" else "number"


def _recorded(line: BaselineLine, person: ListedParticipant) -> TableCell:
    places = 2 if line.column == "delta_fs" else line.precision
    shown = Format(places, trim=line.column != "delta_fs", codes=tuple(line.codes.items()))
    return TableCell((Number(person.values[line.column], shown),))


def _described(result: BaselineResults) -> TableRow:
    line, found = result.line, result.statistics
    finer, whole = min(line.precision + 1, 2), Format(max(line.precision, 0), trim=True)
    if line.column == "delta_fs":
        finer = 2
        whole = Format(2)

    def pair(low: str, high: str) -> TableCell:
        return TableCell((Number(found[low], whole), " to ", Number(found[high], whole)))

    return TableRow(
        line.label,
        (
            number(result.n),
            number(found["mean"], finer),
            number(found["sd"], finer),
            number(found["se"], finer),
            TableCell((Number(found["median"], whole),)),
            pair("q1", "q3"),
            pair("minimum", "maximum"),
        ),
        unit=line.unit or "",
        note="(48 − ALSFRS-R) / disease duration in months, taking the duration as counted from the first symptom."
        if line.column == "delta_fs"
        else "",
    )


def _counted(result: BaselineResults) -> TableRow:
    rows = tuple(
        TableRow(
            level.label,
            (
                number(level.count),
                TableCell((Number(level.share, PERCENT),)),
                interval(level.share, PERCENT),
            ),
        )
        for level in result.levels
    )
    return TableRow(result.line.label, (number(result.n), EMPTY, EMPTY), rows)
