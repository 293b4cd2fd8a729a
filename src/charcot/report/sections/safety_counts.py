"""Events counted for the safety board: by term, grade, relation and time since the infusion."""

from collections.abc import Sequence

from charcot.analysis.safety_summary import SafetyCounts, SafetyLine
from charcot.report.document import Section
from charcot.report.table import Table, TableColumn, TableRow, number

COLUMNS = (
    TableColumn("Participants"),
    TableColumn("Events"),
    TableColumn("Serious"),
    TableColumn("Grade 3 or more"),
)


def make_counts(counts: SafetyCounts) -> Section:
    """Four tables; people count once in each row."""
    rest = (f"{counts.left_out} rarer terms are not listed.",) if counts.left_out else ()
    return Section(
        "events",
        "Events since the infusion",
        (
            _table("terms", "By term", "Event", (counts.overall, *counts.terms), *rest),
            _table("grades", "By worst grade", "Grade", counts.grades),
            _table("relations", "By relation to the product, as the investigator sees it", "Relation", counts.relations),
            _table("times", "By time from the infusion to onset", "Began", counts.times),
        ),
    )  # fmt: skip


def _table(id: str, title: str, stub: str, lines: Sequence[SafetyLine], *notes: str) -> Table:
    rows = tuple(
        TableRow(
            line.label, (number(line.people), number(line.events), number(line.serious), number(line.severe))
        )
        for line in lines
    )
    return Table(f"safety-{id}", title, stub, COLUMNS, rows, notes=notes)
