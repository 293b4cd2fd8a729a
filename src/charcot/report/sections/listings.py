"""Listings: each participant's baseline, scores and course, each infusion, adverse event and death."""

from collections.abc import Sequence

from charcot.analysis.event_listing import PLANNED_DEATHS, PLANNED_EVENTS, ListedDeath
from charcot.analysis.exposure_summary import COLUMNS
from charcot.analysis.exposure_summary import PLANNED as EXPOSURE
from charcot.analysis.findings import Findings
from charcot.analysis.participant_courses import (
    PLANNED_PROFILES,
    PLANNED_SWIM,
    ParticipantCourses,
    Swim,
)
from charcot.report.document import Block, Figure, Paragraph, Section
from charcot.report.figures import draw_profiles, draw_swimmers
from charcot.report.figures.profiles import describe as describe_profiles
from charcot.report.figures.swimmer import describe as describe_swims
from charcot.report.format import Format
from charcot.report.sections.baseline import make_baseline_listing
from charcot.report.sections.function import make_subscores
from charcot.report.sections.laboratory import make_outside_listing, make_shift_table
from charcot.report.sections.material import Material
from charcot.report.sections.written import Moment
from charcot.report.table import EMPTY, Number, Pieces, Table, TableCell, TableColumn, TableRow, number

HEADS = {
    "term": "Event",
    "episode": "Episode",
    "grade": "Grade",
    "serious": "Serious",
    "onset_day": "Onset day",
    "outcome": "Outcome",
    "relation_product": "Related to product",
    "relation_procedure": "Related to procedure",
    "relation_disease": "Related to disease",
}
RETURNED = (
    "An event that came back after it had ended has an episode for each time; every other event is its first."
)


def make_listings(material: Material, findings: Findings) -> Section:
    """Long tables and figures of everybody; of too many, a sentence says where they are."""
    people = findings.participants
    blocks: list[Block] = []
    if not people.swims:
        blocks.append(
            Paragraph(
                (
                    f"There are more than {material.plan.most_listed} participants: they are not listed one by one here. "
                    "The exported datasets hold every row.",
                )
            )
        )
    else:
        blocks += [_swimmer(material, people.swims), *_profiles(material, people)]
    if findings.listed:
        blocks.append(make_baseline_listing(material, findings.baseline_lines, findings.listed))
    if findings.exposure.listed:
        blocks.append(_infusions(material, findings))
    if findings.event_list:
        blocks.append(_events(material, findings))
    if findings.deaths:
        blocks.append(_deaths(material, findings.deaths))
    blocks += make_outside_listing(material, findings.laboratory_courses)
    blocks += make_subscores(material, findings.scores)
    if findings.laboratory is not None:
        blocks.append(
            make_shift_table(
                material, "shifts-all", "Laboratory shifts, every test", findings.laboratory.tests
            )
        )
    return Section("listings", "Appendix: listings and subscores", tuple(blocks))


def _swimmer(material: Material, swims: Sequence[Swim]) -> Figure:
    results = [r for s in swims for r in (s.months, s.events, s.procedures, s.visits)]
    synthetic = bool(material.synthetic(results))
    data = Table(
        "swimmer-data",
        "Numbers of the figure",
        "Participant",
        (
            TableColumn("Months followed"),
            TableColumn("End", kind="text"),
            TableColumn("Visits held"),
            TableColumn("Adverse events"),
            TableColumn("Procedures"),
        ),
        tuple(
            TableRow(
                s.participant,
                (
                    number(s.months, 1),
                    TableCell(("died" if s.died else "alive",)),
                    number(s.visits),
                    number(s.events),
                    number(s.procedures),
                ),
            )
            for s in swims
        ),
    )
    return Figure(
        "swimmer",
        "Figure 5. Each participant from the infusion to the end",
        draw_swimmers(swims, material.plan.horizon_months, synthetic=synthetic),
        (
            "One lane a participant, those followed longest at the top; the bar is the time followed. What happened on a day that "
            "is not fully known is not drawn. " + material.planned(PLANNED_SWIM),
        ),
        describe_swims(swims),
        data,
    )


def _profiles(material: Material, people: ParticipantCourses) -> tuple[Figure, ...]:
    horizon = material.plan.horizon_months
    drawings, words = [], []
    for score in people.scores:
        results = [r for p in people.profiles for r in p.values[score.id].values()]
        drawing = draw_profiles(people.profiles, score, horizon, synthetic=bool(material.synthetic(results)))
        if drawing is not None:
            drawings.append(drawing)
            words.append(describe_profiles(people.profiles, score, horizon))
    if not drawings:
        return ()
    columns = tuple(dict.fromkeys(place for score in people.scores for place in people.encounters[score.id]))
    data = Table(
        "profiles-data",
        "Every score, participant by participant",
        "Participant",
        tuple(TableColumn(label) for _, label in columns),
        tuple(
            TableRow(
                f"{score.label}, {score.unit}",
                (EMPTY,) * len(columns),
                tuple(
                    TableRow(
                        profile.participant,
                        tuple(
                            TableCell((Number(found, Format(2, trim=True)),))
                            if (found := profile.values[score.id].get(encounter)) is not None
                            else EMPTY
                            for encounter, _ in columns
                        ),
                    )
                    for profile in people.profiles
                ),
            )
            for score in people.scores
        ),
    )
    figure = Figure(
        "profiles",
        "Figure 6. Individual profiles over the first year",
        tuple(drawings),
        (
            "A panel a participant, all on the same axes; a dagger on the axis is the month of death. "
            + material.planned(PLANNED_PROFILES),
        ),
        " ".join(words),
        data,
    )
    return (figure,)


def _infusions(material: Material, findings: Findings) -> Table:
    return Table(
        "infusion-listing",
        "Infusions, one by one",
        "Participant",
        (
            TableColumn("Start", kind="text"),
            *(TableColumn(_short(c.label), under=c.unit) for c in COLUMNS),
        ),
        tuple(
            TableRow(
                one.participant,
                (
                    TableCell((Moment(one.values["started_at"]),)),
                    *(
                        TableCell((Number(one.values[c.column], Format(c.places, scale=c.scale)),))
                        for c in COLUMNS
                    ),
                ),
            )
            for one in findings.exposure.listed
        ),
        caption=(material.planned(EXPOSURE),),
    )


def _short(label: str) -> str:
    return {"Weight that the dose was planned from": "Weight", "Dose given per kilogram": "Per kilogram"}.get(
        label, label
    )


def _events(material: Material, findings: Findings) -> Table:
    columns, dataset = findings.event_columns, material.datasets["events"]
    codes = {column: tuple(dataset.column(column).codes.items()) for column in columns}

    return Table(
        "event-listing",
        "Adverse events, one by one",
        "Participant",
        tuple(
            TableColumn(HEADS[column], kind="number" if column in ("onset_day", "episode") else "text")
            for column in columns
        ),
        tuple(
            TableRow(
                event.participant,
                tuple(
                    TableCell((Number(event.values[column], Format(codes=codes[column])),))
                    for column in columns
                ),
            )
            for event in findings.event_list
        ),
        caption=(f"Every event of the treated, at any time. {material.planned(PLANNED_EVENTS)}",),
        notes=(
            "Onset is counted from the infusion, which is day 0. Severity, seriousness and relation are separate things.",
            *((RETURNED,) if "episode" in columns else ()),
        ),
    )


def _deaths(material: Material, deaths: Sequence[ListedDeath]) -> Table:
    return Table(
        "death-listing",
        "Deaths, one by one",
        "Participant",
        (
            TableColumn("Day"),
            TableColumn("Month"),
            TableColumn("Cause", under="as written", kind="text"),
            TableColumn("Adverse events before", kind="text"),
        ),
        tuple(
            TableRow(
                death.participant,
                (
                    number(death.day),
                    number(death.month, 1),
                    TableCell((Number(death.cause),)),
                    TableCell(_before(death)),
                ),
            )
            for death in deaths
        ),
        caption=(f"Death from any cause at any time, from the infusion. {material.planned(PLANNED_DEATHS)}",),
    )


def _before(death: ListedDeath) -> Pieces:
    words: list[str | Number] = []
    for event in death.events:
        if "term" not in event.values:
            continue
        words += ["; " if words else "", Number(event.values["term"])]
        if event.values["onset_day"].value is not None:
            words += [" (day ", Number(event.values["onset_day"]), ")"]
    return tuple(words) or ("none recorded",)
