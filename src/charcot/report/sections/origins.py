"""What is published and what is synthetic: said first, in numbers."""

from charcot.analysis.data_status import DataStatus
from charcot.report.document import Paragraph, Section
from charcot.report.format import PERCENT
from charcot.report.sections.material import Material
from charcot.report.table import Number, Table, TableCell, TableColumn, TableRow, number

MEANING = {
    "published": "Printed in the publication that this trial retells, and entered as printed.",
    "synthetic": "Drawn by a program with a fixed seed. No person had these values.",
    "derived": "Computed from other values of the same participant; as good as what it is computed from.",
    "entered": "Entered by the site.",
    "imported": "Read from a file of another system.",
}


def make_origins(material: Material, status: DataStatus) -> Section:
    """A notice, and a table of values by origin."""
    synthetic = "synthetic" in status.origins
    words: tuple[str | Number, ...]
    if synthetic:
        words = (
            "Part of this report is imagined. Of ",
            Number(status.values),
            " values, ",
            Number(status.origins["synthetic"]),
            " are synthetic: they fill in what the publication does not print. Numbers that rest on them have a "
            "dotted underline. They show how the system works; they are no evidence about any treatment.",
        )
    else:
        words = (
            "All ",
            Number(status.values),
            " values were entered or imported by the site; none is synthetic.",
        )
    rows = tuple(
        TableRow(
            origin.capitalize(),
            (
                number(result),
                TableCell((Number(status.shares[origin], PERCENT),)),
                TableCell((MEANING.get(origin, ""),)),
            ),
        )
        for origin, result in status.origins.items()
    )
    table = Table(
        "origins",
        "Values by where they are from",
        "Origin",
        (TableColumn("Values"), TableColumn("%"), TableColumn("What it means", kind="text")),
        rows,
        notes=("A value counts once, in its newest version.",),
    )
    title = "What is published and what is synthetic" if synthetic else "Where the values are from"
    return Section("origins", title, (Paragraph(words, "notice"), table))
