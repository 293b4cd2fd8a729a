"""Methods, written from the results: what was used, for what, prespecified or post hoc."""

from collections.abc import Iterable

from charcot.analysis import METHODS, Result
from charcot.report.document import Paragraph, Points, Section
from charcot.report.sections.material import Material
from charcot.report.table import Table, TableCell, TableColumn, TableRow, Verbatim

STATUS = {"prespecified": "prespecified", "post_hoc": "post hoc"}


def make_methods(material: Material, results: Iterable[Result]) -> Section:
    """One paragraph of sentences, then the planned results with their status and whether they are in this report."""
    shown = list(results)
    used = {result.method for result in shown}
    sentences = dict.fromkeys(m.sentence for id, m in METHODS.items() if id in used and m.sentence)
    planned = {result.planned for result in shown}
    rows = tuple(
        TableRow(
            result.label,
            (
                TableCell((STATUS[result.status],)),
                TableCell(("yes" if result.id in planned else "not yet",)),
                TableCell((result.source or "",)),
            ),
        )
        for result in material.protocol.analysis
    )
    populations = tuple(
        (population.label, ("Condition on the participants: ", Verbatim(population.where)))
        for population in material.protocol.populations
    )
    table = Table(
        "plan",
        "The analysis plan and this report",
        "Planned result",
        (
            TableColumn("Status", kind="text"),
            TableColumn("In this report", kind="text"),
            TableColumn("Source", kind="text"),
        ),
        rows,
    )
    return Section("methods", "Methods", (Paragraph((" ".join(sentences),)), Points(populations), table))
