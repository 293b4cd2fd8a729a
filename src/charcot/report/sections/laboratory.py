"""Laboratory: shifts from the flag, and the grade, before the infusion to the worst after it."""

from charcot.analysis.laboratory_changes import (
    FLAGS,
    GRADES,
    PLANNED,
    GradeShift,
    LaboratoryResults,
    TestShift,
)
from charcot.report.document import Block, Paragraph
from charcot.report.sections.material import Material
from charcot.report.table import Number, Table, TableColumn, TableRow, number

WORST = (
    "Before: the last result up to the day of the infusion. After: the worst, that is the last result outside the normal range, or "
    "normal where there is none. Tests without a normal range are not here."
)

GRADED = (
    "Grade of the last result up to the day of the infusion, then the highest after it; 0 is none. Grades follow from the value, its range "
    "and the value before (CTCAE v5.0), before any judgement of the investigator; symptoms, treatment and anticoagulants are not known to "
    "them. Tests without a graded value are not here."
)
NO_GRADE = (
    "No laboratory value, before or after the infusion, has a grade by CTCAE v5.0 in a participant with both."
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
    judged: tuple[Paragraph, ...] = ()
    if results.outside is not None and results.judged is not None and results.significant is not None:
        judged = (
            Paragraph(
                (
                    "Values outside their range after the infusion: ", Number(results.outside), ", judged by an investigator: ",
                    Number(results.judged), ", of them clinically significant: ", Number(results.significant), ".",
                )
            ),
        )  # fmt: skip
    loud = tuple(test for test in results.tests if not test.is_quiet)
    by_flag = (make_shift_table(material, "shifts", "Laboratory shifts", loud),) if loud else ()
    by_grade = (_grade_table(material, results.grades),) if results.grades else (Paragraph((NO_GRADE,)),)
    return (words, *judged, *by_flag, *by_grade)


def _grade_table(material: Material, tests: tuple[GradeShift, ...]) -> Table:
    """One row a test in which anybody had a grade, a column for each shift of grades that occurs."""
    pairs = [(b, a) for b in GRADES for a in GRADES if any(test.shifts[b, a].value for test in tests)]
    return Table(
        "shifts-grades",
        "Laboratory shifts by grade",
        "Test",
        (TableColumn("n"), *(TableColumn(f"{before} → {after}", under="grade") for before, after in pairs)),
        tuple(
            TableRow(test.label, (number(test.n), *(number(test.shifts[pair]) for pair in pairs)))
            for test in tests
        ),
        caption=(f"Participants. {material.planned(PLANNED)}",),
        notes=(GRADED,),
    )


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
