"""Laboratory: shifts from the flag before the infusion to the worst after it."""

from charcot.analysis.laboratory_changes import FLAGS, PLANNED, LaboratoryResults, TestShift
from charcot.report.document import Block, Paragraph
from charcot.report.sections.material import Material
from charcot.report.table import Number, Table, TableColumn, TableRow, number

WORST = (
    "Before: the last result up to the day of the infusion. After: the worst, that is the last result outside the normal range, or "
    "normal where there is none. Tests without a normal range are not here."
)


def make_laboratory(material: Material, results: LaboratoryResults | None) -> tuple[Block, ...]:
    """A sentence; a table of those tests in which anybody was ever outside the range."""
    if results is None:
        return ()
    words = Paragraph(
        (
            "Laboratory: ", Number(results.pairs), " tests in ", Number(results.people),
            " participants have a result before and after the infusion. Normal before and at every visit after: ",
            Number(results.normal), ". Normal before, low or high at least once after: ", Number(results.left), ".",
        )
    )  # fmt: skip
    loud = tuple(test for test in results.tests if not test.is_quiet)
    if not loud:
        return (words,)
    return words, make_shift_table(material, "shifts", "Laboratory shifts", loud)


def make_shift_table(material: Material, id: str, title: str, tests: tuple[TestShift, ...]) -> Table:
    """One row a test, a column for each shift that occurs in any of them."""
    pairs = [(b, a) for b in FLAGS for a in FLAGS if any(test.shifts[b, a].value for test in tests)]
    return Table(
        id,
        title,
        "Test",
        (TableColumn("n"), *(TableColumn(f"{before} → {after}") for before, after in pairs)),
        tuple(
            TableRow(test.label, (number(test.n), *(number(test.shifts[pair]) for pair in pairs)))
            for test in tests
        ),
        caption=(f"Participants. {material.planned(PLANNED)}",),
        notes=(WORST, "Shifts that nobody had in these tests have no column."),
    )
