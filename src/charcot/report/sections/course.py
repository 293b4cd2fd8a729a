"""Figure 2: the course of function and lung function, with those who died said beside the means."""

from collections.abc import Sequence

from charcot.analysis.function_course import FunctionCourse
from charcot.report.document import Figure, Paragraph, Section
from charcot.report.figures import draw_course
from charcot.report.figures.course import describe
from charcot.report.format import Format
from charcot.report.sections.material import Material
from charcot.report.table import Column, Number, Pieces, Row, Table, number

ONE = Format(1)


def make_course(material: Material, courses: Sequence[FunctionCourse]) -> Section:
    """Both panels as one figure, their numbers, and a paragraph on who is missing from the means."""
    points = [point for course in courses for point in course.points]
    synthetic = material.synthetic(point.mean for point in points)
    svgs = tuple(
        draw_course(course, synthetic=any(point.mean.id in synthetic for point in course.points))
        for course in courses
    )
    data = Table(
        "figure2-data",
        "Numbers of the figure",
        "Visit",
        (Column("Mean"), Column("SE"), Column("n"), Column("Died before")),
        tuple(
            Row(
                course.measure.label,
                (),
                tuple(
                    Row(
                        point.label,
                        (
                            number(point.mean, course.measure.places),
                            number(point.se, course.measure.places),
                            number(point.n),
                            number(point.died),
                        ),
                    )
                    for point in course.points
                ),
            )
            for course in courses
        ),
    )
    figure = Figure(
        "figure2",
        "Figure 2. " + " and ".join(course.measure.short for course in courses) + " over the first year",
        svgs,
        (
            "Blue: mean ± standard error of those measured at each visit. Pale lines: participants. Dashed orange lines "
            "ending in a dagger: participants who died before the last visit shown, at their last measurement. Under the "
            "axis: n measured, and deaths so far. Values stand at the planned month of their visit.",
        ),
        " ".join(describe(course) for course in courses),
        data,
    )
    return Section("course", "Course of function", (figure, *(_missing(course) for course in courses)))


def _missing(course: FunctionCourse) -> Paragraph:
    first, last = course.points[0], course.points[-1]
    unit = course.measure.unit
    words: Pieces = (
        f"{course.measure.short}: at {first.label.lower()} the mean was ",
        Number(first.mean, ONE),
        f" {unit} (n = ",
        Number(first.n),
        f"), at {last.label.lower()} ",
        Number(last.mean, ONE),
        f" {unit} (n = ",
        Number(last.n),
        "). The two means are not of the same people: ",
        Number(last.died),
        f" had died before {last.label.lower()}, and the dead leave the mean. Those still measured at {last.label.lower()} had "
        f"begun at ",
        Number(course.first_of_last, ONE),
        ", the others at ",
        Number(course.first_of_others, ONE),
        ". Means over survivors flatter the slope.",
    )
    return Paragraph(words)
