"""Methods, written from the results: what was used, for what, prespecified or post hoc."""

from collections.abc import Iterable

from charcot.analysis import METHODS, Result
from charcot.report.document import Paragraph, Points, Section
from charcot.report.sections.material import Material
from charcot.report.table import Cell, Code, Column, Row, Table

STATUS = {"prespecified": "prespecified", "post_hoc": "post hoc"}


def make_methods(material: Material, results: Iterable[Result]) -> Section:
    """One paragraph of sentences, then the planned results with their status and whether they are in this report."""
    shown = list(results)
    used = {result.method for result in shown}
    sentences = dict.fromkeys(m.sentence for id, m in METHODS.items() if id in used and m.sentence)
    planned = {result.planned for result in shown}
    rows = tuple(
        Row(
            result.label,
            (
                Cell((STATUS[result.status],)),
                Cell(("yes" if result.id in planned else "not yet",)),
                Cell((result.source or "",)),
            ),
        )
        for result in material.protocol.analysis
    )
    populations = tuple(
        (population.label, ("Condition on the participants: ", Code(population.where)))
        for population in material.protocol.populations
    )
    table = Table(
        "plan",
        "The analysis plan and this report",
        "Planned result",
        (
            Column("Status", kind="text"),
            Column("In this report", kind="text"),
            Column("Source", kind="text"),
        ),
        rows,
    )
    return Section("methods", "Methods", (Paragraph((" ".join(sentences),)), Points(populations), table))
