"""The product in few lines for the safety board: counts, what was measured of doses and infusions, what went wrong."""

from charcot.analysis.product_watch import ProductWatch
from charcot.report.document import Block, Paragraph, Particulars, Section
from charcot.report.sections.measured import make_measured_table
from charcot.report.table import Number, Pieces, Table, TableCell, TableColumn, TableRow

LINES = (
    (
        "Lots",
        (
            ("lots", "begun"),
            ("lots.certified", "certified"),
            ("lots.conditional", "certified on conditions"),
            ("lots.rejected", "rejected"),
            ("lots.recalled", "recalled"),
        ),
    ),
    (
        "Doses",
        (
            ("doses", "prescribed"),
            ("doses.infused", "infused"),
            ("doses.ended", "returned or destroyed"),
            ("doses.refused", "refused at the bedside"),
        ),
    ),
    (
        "Release tests",
        (
            ("tests", "with a result"),
            ("tests.outside", "out of specification"),
            ("tests.invalid", "found invalid"),
        ),
    ),
    (
        "Deviations in manufacture",
        (
            ("deviations", "reported"),
            ("deviations.major", "major or critical"),
            ("deviations.open", "not closed"),
        ),
    ),
    ("Recalls", (("recalls", "opened"), ("recalls.open", "not closed"))),
    (
        "Infusions",
        (
            ("infusions", "given"),
            ("infusions.interrupted", "interrupted"),
            ("infusions.incomplete", "not given in full"),
        ),
    ),
)
"""What stands on each line: the number of all, then those of a kind."""


def make_product_watch(watch: ProductWatch) -> Section:
    """The section."""
    blocks: list[Block] = [
        Particulars(tuple(_line(watch, head, parts) for head, parts in LINES if watch.count(parts[0][0]))),
        make_measured_table(
            "product-infusions", "Doses and infusions", watch.measured, "Doses prepared for, and infusions of, those treated."
        ),
    ]  # fmt: skip
    if watch.count("lots") is None:
        blocks.insert(0, Paragraph(("The record holds no lot of the product.",)))
    if watch.outside:
        rows = tuple(
            TableRow(
                f"{one.lot}: {one.test}",
                (TableCell((Number(one.result),)), TableCell((Number(one.verdict),))),
            )
            for one in watch.outside
        )
        columns = (TableColumn("Result", kind="text"), TableColumn("Verdict now", kind="text"))
        note = "A verdict that is another now was changed by a signed review; the result stays on record."
        blocks.append(
            Table(
                "out-of-specification",
                "Results out of specification",
                "Lot and test",
                columns,
                rows,
                notes=(note,),
            )
        )
    if watch.deviations:
        rows = tuple(
            TableRow(
                f"{one.lot}: {one.description}",
                (TableCell((Number(one.severity),)), TableCell((Number(one.state),))),
            )
            for one in watch.deviations
        )
        columns = (TableColumn("Severity", kind="text"), TableColumn("State", kind="text"))
        blocks.append(
            Table("product-deviations", "Deviations in manufacture", "Lot and deviation", columns, rows)
        )
    return Section("product", "Product and infusions", tuple(blocks))


def _line(watch: ProductWatch, head: str, parts: tuple[tuple[str, str], ...]) -> tuple[str, Pieces]:
    """All of them, and how many are of each kind."""
    pieces: Pieces = ()
    for place, (id, words) in enumerate(parts):
        result = watch.count(id)
        if result is not None:
            pieces = (*pieces, ("", ": ", ", ")[min(place, 2)], Number(result), f" {words}")
    return head, pieces[1:]
