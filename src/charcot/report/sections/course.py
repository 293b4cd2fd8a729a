"""Figure 2: the course of function and lung function, with those who died said beside the means."""

from collections.abc import Sequence

from charcot.analysis.function_course import FunctionCourse
from charcot.report.document import Block, Figure, Paragraph, Section
from charcot.report.figures import draw_course
from charcot.report.figures.course import describe
from charcot.report.format import Format
from charcot.report.sections.material import Material
from charcot.report.table import Number, Table, TableColumn, TableRow, number

ONE = Format(1)


def make_course(
    material: Material, courses: Sequence[FunctionCourse], further: tuple[Block, ...] = ()
) -> Section:
    """Both panels as one figure, their numbers, a paragraph on who is missing from the means, then `further` blocks."""
    points = [point for course in courses for point in course.points]
    synthetic = material.synthetic(point.mean for point in points)
    drawings = tuple(
        draw_course(course, synthetic=any(point.mean.id in synthetic for point in course.points))
        for course in courses
    )
    data = Table(
        "figure2-data",
        "Numbers of the figure",
        "Visit",
        (TableColumn("Mean"), TableColumn("SE"), TableColumn("n"), TableColumn("Died before")),
        tuple(
            TableRow(
                course.measure.label,
                (),
                tuple(
                    TableRow(
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
        drawings,
        (
            "Blue: mean ± standard error of those measured at each visit. Pale lines: participants. Dashed orange lines "
            "ending in a dagger: participants who died before the last visit shown, at their last measurement. Under the "
            "axis: n measured, and deaths so far. Values stand at the planned month of their visit. "
            + material.planned(courses[0].measure.planned),
        ),
        " ".join(describe(course) for course in courses),
        data,
    )
    return Section(
        "course",
        "Course of function",
        (figure, *(part for course in courses for part in _missing(course)), *further),
    )


def _missing(course: FunctionCourse) -> tuple[Paragraph, ...]:
    """Who is not in the last mean; nothing where the first visit is the only one so far."""
    measured = [point for point in course.points if point.n.value]
    if len(measured) < 2:
        return ()
    first, last, unit = measured[0], measured[-1], course.measure.unit
    at_first, at_last = first.label.lower(), last.label.lower()
    words: list[str | Number] = [
        f"{course.measure.short}: at {at_first} the mean was ",
        Number(first.mean, ONE),
    ]
    words += [f" {unit} (n = ", Number(first.n), f"), at {at_last} ", Number(last.mean, ONE)]
    words += [f" {unit} (n = ", Number(last.n), "). "]
    if first.n.value != last.n.value:
        words.append("The two means are not of the same people: ")
        if last.died.value:
            words += [Number(last.died), f" had died before {at_last}, and the dead leave the mean. "]
        words += [f"Those measured at {at_last} had begun at ", Number(course.first_of_last, ONE)]
        words += [", the others at ", Number(course.first_of_others, ONE), "."]
        if last.died.value:
            words.append(" Means over survivors flatter the slope.")
    return (Paragraph(tuple(words)),)
