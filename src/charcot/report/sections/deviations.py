"""Deviations from the protocol: counts, and each in words."""

from charcot.analysis.deviations import DeviationLine, DeviationResults
from charcot.report.document import Block, Paragraph, Section
from charcot.report.format import format_clinical
from charcot.report.sections.material import Material
from charcot.report.table import Number, Table, TableCell, TableColumn, TableRow, number


def make_deviations(material: Material, results: DeviationResults) -> Section:
    """A sentence, a table of categories, and the list."""
    if not results.lines:
        return Section(
            "deviations", "Deviations from the protocol", (Paragraph(("None was found or reported.",)),)
        )
    blocks: list[Block] = [
        Paragraph(
            (
                Number(results.total),
                " deviations in ",
                Number(results.people),
                " participants. Waived criteria, visits outside their window and missed visits are found from the "
                "record; others are reported by the site.",
            )
        ),
        Table(
            "deviations",
            "Deviations by category",
            "Category",
            (TableColumn("Deviations"), TableColumn("Participants")),
            tuple(
                TableRow(found.category.capitalize(), (number(found.deviations), number(found.people)))
                for found in results.categories
            ),
        ),
        Table(
            "deviation-list",
            "Every deviation",
            "Participant",
            (
                TableColumn("Section", kind="text"),
                TableColumn("When", kind="text"),
                TableColumn("What happened", kind="text"),
                TableColumn("Entries", kind="text"),
            ),
            tuple(_row(line) for line in results.lines),
        ),
    ]
    return Section("deviations", "Deviations from the protocol", tuple(blocks))


def _row(line: DeviationLine) -> TableRow:
    entries = ", ".join(str(entry) for entry in sorted(line.entries))
    texts = (line.section, format_clinical(line.at) if line.at else "", line.description, entries)
    return TableRow(line.participant, tuple(TableCell((text,)) for text in texts))
