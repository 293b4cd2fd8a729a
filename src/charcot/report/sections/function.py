"""Function by visit: scores, change from the first visit, stages, and slopes before and after."""

from charcot.analysis.slope_comparison import PLANNED as SLOPES
from charcot.analysis.slope_comparison import SlopeResults
from charcot.analysis.stage_counts import PLANNED as STAGES
from charcot.analysis.stage_counts import StageCourse
from charcot.analysis.visit_scores import PLANNED, PLANNED_CHANGE, ScoreCourse
from charcot.report.document import Block, Figure, Paragraph, Points
from charcot.report.figures import draw_slopes
from charcot.report.figures.slopes import describe
from charcot.report.format import Format
from charcot.report.sections.material import Material
from charcot.report.table import (
    EMPTY,
    Number,
    Table,
    TableCell,
    TableColumn,
    TableRow,
    interval,
    number,
)

TWO = Format(2)
STAGED = (
    "King's after Balendra 2014, a stage 0 counted as 1; MiToS after Chiò 2013 and 2015. Stage 5 of both is death. Those "
    "who were alive but not measured are in no column."
)
PAIRED = (
    "Within participants, over those measured at both visits; 95 % paired t interval. The dead have no later value, so the "
    "change is that of the survivors."
)


SUBSCORES = ("bulbar", "fine_motor", "gross_motor", "respiratory")


def make_scores(material: Material, courses: tuple[ScoreCourse, ...]) -> tuple[Block, ...]:
    """Totals and FVC by visit, and their change."""
    main = tuple(course for course in courses if course.score.id not in SUBSCORES)
    return _scores(material, main, "scores", "Function and lung function")


def make_subscores(material: Material, courses: tuple[ScoreCourse, ...]) -> tuple[Block, ...]:
    """The subscores by visit, and their change."""
    parts = tuple(course for course in courses if course.score.id in SUBSCORES)
    return _scores(material, parts, "subscores", "ALSFRS-R subscores")


def _scores(material: Material, courses: tuple[ScoreCourse, ...], id: str, title: str) -> tuple[Block, ...]:
    if not courses:
        return ()
    first = courses[0].visits[0].label.lower()
    scores = Table(
        id,
        f"{title} by visit",
        "",
        (
            TableColumn("n"),
            TableColumn("Mean"),
            TableColumn("SD"),
            TableColumn("SE"),
            TableColumn("Median"),
            TableColumn("Range"),
        ),
        tuple(_course(course) for course in courses),
        caption=(f"Those measured at each visit. {material.planned(PLANNED)}",),
    )
    changed = [course for course in courses if any(visit.change is not None for visit in course.visits)]
    if not changed:
        return (scores,)
    changes = Table(
        f"{id}-changes",
        f"{title}: change from {first}",
        "",
        (
            TableColumn("Pairs", under="n"),
            TableColumn("Mean change"),
            TableColumn("95 % interval", note=PAIRED),
        ),
        tuple(_changes(course) for course in changed),
        caption=(material.planned(PLANNED_CHANGE),),
    )
    return scores, changes


def make_stages(material: Material, courses: tuple[StageCourse, ...]) -> tuple[Block, ...]:
    """One table for each staging system."""
    return tuple(
        Table(
            f"stages-{course.id}",
            f"{course.label} over time",
            "Visit",
            (
                *(TableColumn(stage) for stage in course.stages),
                TableColumn("Dead", under="5"),
                TableColumn("Staged", under="n"),
            ),
            tuple(
                TableRow(
                    visit.label,
                    (
                        *(number(visit.at_stage[stage]) for stage in course.stages),
                        number(visit.died),
                        number(visit.staged),
                    ),
                )
                for visit in course.visits
            ),
            caption=(f"Participants at each stage. {material.planned(STAGES)}",),
            notes=(STAGED,),
        )
        for course in courses
    )


def make_slopes(material: Material, results: SlopeResults | None) -> tuple[Block, ...]:
    """The slopes as a figure with their numbers, and in plain words why comparing them misleads."""
    if results is None:
        return ()
    rows = tuple(
        TableRow(
            name,
            (
                *(number(of[s], 2) for s in ("mean", "sd", "median")),
                TableCell((Number(of["minimum"], TWO), " to ", Number(of["maximum"], TWO))),
            ),
        )
        for name, of in (
            ("Before (−ΔFS)", results.statistics["before"]),
            ("After", results.statistics["after"]),
            ("After minus before", results.statistics["difference"]),
        )
    )
    table = Table(
        "slopes",
        "ALSFRS-R slopes, points per month",
        "",
        (TableColumn("Mean"), TableColumn("SD"), TableColumn("Median"), TableColumn("Range")),
        rows,
        caption=("Those with both slopes, n = ", Number(results.known), ". " + material.planned(SLOPES)),
        notes=(
            "Negative is decline. Before: −ΔFS = −(48 − score at the first visit) / months of disease at baseline. After: "
            "least-squares line through the scores from the infusion to the end of the first year, months of 30.4375 days.",
        ),
    )
    words = Paragraph(
        (
            Number(results.unknown),
            " of those treated have no slope after or before: a slope needs two scores after the infusion, and some had died "
            "or were not seen.",
        )
    )
    blocks: list[Block] = [table]
    if results.unknown.value:
        blocks.append(words)
    if results.listed:
        listed = [r for one in results.listed for r in (one.before, one.after)]
        data = Table(
            "slopes-data",
            "Numbers of the figure",
            "Participant",
            (TableColumn("Before"), TableColumn("After"), TableColumn("Scores after", under="n")),
            tuple(
                TableRow(one.participant, (number(one.before, 2), number(one.after, 2), number(one.visits)))
                for one in results.listed
            ),
        )
        figure = Figure(
            "slopes-figure",
            "Figure 4. ALSFRS-R slope before and after the infusion",
            (draw_slopes(results, synthetic=bool(material.synthetic(listed))),),
            (
                "Each line is a participant. Dashed, with a triangle: died within the first year. Blue bars: medians. "
                + material.planned(SLOPES),
            ),
            describe(results),
            data,
            narrow=True,
        )
        blocks.append(figure)
    blocks.append(_why())
    return tuple(blocks)


def _why() -> Points:
    return Points(
        (
            (
                "Two different lines",
                (
                    "The slope before joins an assumed full score at the first symptom to one score; the slope after is "
                    "fitted to several scores. ALS does not run in a straight line, so the two differ without any treatment.",
                ),
            ),
            (
                "Regression to the mean",
                (
                    "The slope before rests on one score. A score that happened to be low makes a steep slope before and a "
                    "flat one after, and the other way round.",
                ),
            ),
            (
                "Deaths",
                (
                    "Those who died soon have a slope through few scores, or none. The slopes that remain are those of the "
                    "slower.",
                ),
            ),
            (
                "So",
                (
                    "the difference describes these participants. It does not measure an effect, and it has no p-value here.",
                ),
            ),
        )
    )


def _course(course: ScoreCourse) -> TableRow:
    places = course.score.places
    whole = Format(places, trim=True)
    return TableRow(
        course.score.label,
        (EMPTY,) * 6,
        tuple(
            TableRow(
                visit.label,
                (
                    number(visit.n),
                    *(number(visit.statistics[name], places) for name in ("mean", "sd", "se")),
                    TableCell((Number(visit.statistics["median"], whole),)),
                    TableCell(
                        (
                            Number(visit.statistics["minimum"], whole),
                            " to ",
                            Number(visit.statistics["maximum"], whole),
                        )
                    ),
                ),
            )
            for visit in course.visits
        ),
        unit=course.score.unit,
    )


def _changes(course: ScoreCourse) -> TableRow:
    form = Format(course.score.places)
    return TableRow(
        course.score.label,
        (EMPTY,) * 3,
        tuple(
            TableRow(
                visit.label,
                (number(visit.pairs), TableCell((Number(visit.change, form),)), interval(visit.change, form)),
            )
            for visit in course.visits
            if visit.change is not None and visit.pairs is not None
        ),
        unit=course.score.unit,
    )
