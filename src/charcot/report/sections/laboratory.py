"""Laboratory: shifts of flags and grades, every participant's values drawn, and those outside their range one by one."""

from collections.abc import Mapping

from charcot.analysis import Result
from charcot.analysis.laboratory_changes import (
    FLAGS,
    GRADES,
    PLANNED,
    GradeShift,
    LaboratoryResults,
    TestShift,
)
from charcot.analysis.laboratory_courses import LaboratoryCourses
from charcot.report.document import Block, Figure, Paragraph
from charcot.report.figures import draw_laboratory
from charcot.report.figures.laboratory import describe
from charcot.report.format import Format
from charcot.report.sections.material import Material
from charcot.report.table import Number, Pieces, Table, TableCell, TableColumn, TableRow, number

WORST = (
    "Before: the last result up to the day of the infusion. After: the worst, that is the last result outside the normal range, or "
    "normal where there is none. Tests without a normal range are not here."
)

GRADED = (
    "Grade of the last result up to the day of the infusion, then the highest after it; 0 is none. Grades follow from the value, its range "
    "and the value before (CTCAE v5.0), before any judgement of the investigator; symptoms, treatment and anticoagulants are not known to "
    "them. Tests without a graded value are not here."
)
PLACED = (
    "A panel a participant, a line a test, placed within its normal range at that time (shaded): low and high are its ends; with one end "
    "only, the value as a share of it. Outside, the scale is closer: ▲ high, ▼ low; what lies beyond four widths of the range is drawn at "
    "the edge. Up to three tests a panel are named. Tests without a range are not here."
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


def make_laboratory_figure(material: Material, courses: LaboratoryCourses | None) -> tuple[Figure, ...]:
    """A panel a participant with every value that has a range; nothing where there is none, or too many people."""
    if courses is None:
        return ()
    people = courses.people
    synthetic = bool(material.synthetic([each.values for each in people]))
    data = Table(
        "laboratory-data",
        "Values by participant",
        "Participant",
        (
            TableColumn("Values", under="with a range"),
            TableColumn("Outside", under="or graded"),
            TableColumn("Highest grade"),
        ),
        tuple(
            TableRow(each.participant, (number(each.values), number(each.outside), number(each.worst)))
            for each in people
        ),
    )
    return (
        Figure(
            "laboratory-values",
            "Figure 7. Laboratory values of each participant against their normal ranges",
            (draw_laboratory(people, synthetic=synthetic),),
            (PLACED + " " + material.planned(PLANNED),),
            describe(people),
            data,
        ),
    )


def make_outside_listing(material: Material, courses: LaboratoryCourses | None) -> tuple[Table, ...]:
    """Each value outside its range with what an investigator said of it."""
    if courses is None or not courses.outside:
        return ()
    visits = tuple((e.id, e.label) for e in material.protocol.encounters)
    rest = (f"{courses.left_out} more are in the dataset `laboratory`.",) if courses.left_out else ()
    return (
        Table(
            "laboratory-listing",
            "Laboratory values outside their range, one by one",
            "Participant",
            (
                TableColumn("Test", kind="text"),
                TableColumn("Visit", kind="text"),
                TableColumn("Day"),
                TableColumn("Value"),
                TableColumn("Flag", kind="text"),
                TableColumn("Grade"),
                TableColumn("Judged", under="by an investigator", kind="text"),
            ),
            tuple(
                TableRow(
                    who,
                    (
                        TableCell((Number(one["label"]),)),
                        TableCell((Number(one["encounter"], Format(codes=visits)),)),
                        number(one["day"]),
                        TableCell((Number(one["value"], Format(3, trim=True)),)),
                        TableCell((Number(one["flag"]),)),
                        number(one["grade"]),
                        TableCell(_say_judged(one)),
                    ),
                )
                for who, one in courses.outside
            ),
            caption=(f"Outside the normal range, or graded by CTCAE v5.0. {material.planned(PLANNED)}",),
            notes=rest,
        ),
    )


def _say_judged(one: Mapping[str, Result]) -> Pieces:
    said = one["significant"].value
    if said is None:
        return ("not judged",)
    words = "significant" if said else "not significant"
    return (f"{words}: ", Number(one["comment"])) if one["comment"].value else (words,)


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
