"""Table 2: adverse events, procedures and deaths in the first year."""

import polars as pl

from charcot.analysis import Result
from charcot.analysis.table2 import PLANNED, EventLine, EventTable
from charcot.report.document import Block, Section
from charcot.report.format import PERCENT
from charcot.report.sections.material import Material
from charcot.report.table import (
    EMPTY,
    Number,
    Pieces,
    Table,
    TableCell,
    TableColumn,
    TableRow,
    interval,
    number,
)

MANY = (
    "A person counts once in each row, and may count in several. A kind without any event is listed, because its interval "
    "says how much could have been missed."
)
PUBLISHED = "Kinds, times and outcomes are as published where they are printed; grade, seriousness and relation are not printed."
TIME = "From the start of the infusion; minutes where they are known for every event of the row, otherwise days (infusion is day 0)."
EPISODES = "An event that came back after it had ended counts once for each episode, and the person once."


def make_events(material: Material, events: EventTable, further: tuple[Block, ...] = ()) -> Section:
    """Participants with at least one event, kinds without any included; then `further` blocks."""
    groups = (
        ("Any", events.overall),
        ("Kind of event", events.events),
        ("Procedures", tuple(line for line in events.procedures if line.events.value)),
        ("Deaths", events.deaths),
    )
    rows = tuple(
        TableRow(name, (EMPTY,) * 6, tuple(_line(line) for line in lines)) for name, lines in groups if lines
    )
    table = Table(
        "table2",
        "Table 2. Adverse events, procedures and deaths in the first year",
        "",
        (
            TableColumn("People", under="n"),
            TableColumn("%"),
            TableColumn("95 % interval", under="exact"),
            TableColumn("Events", under="n"),
            TableColumn("When", kind="text", note=TIME),
            TableColumn("Outcome", under="events", kind="text"),
        ),
        rows,
        caption=(
            "All who received the infusion, n = ",
            Number(events.treated),
            ", to day 365. " + material.planned(PLANNED),
        ),
        notes=_notes(material),
    )
    return Section("table2", "Safety", (table, *further))


def _notes(material: Material) -> tuple[str, ...]:
    frame = material.datasets["events"].frame
    returned = frame.filter(pl.col("episode") > 1).height > 0
    published = any("published" in origin for origin in frame["origin"])
    return (MANY, *((EPISODES,) if returned else ()), *((PUBLISHED,) if published else ()))


def _line(line: EventLine) -> TableRow:
    when: Pieces = ()
    if line.minutes is not None:
        when = (*_span(*line.minutes), " min")
    elif line.days is not None:
        when = ("day ", *_span(*line.days))
    outcome: list[str | Number] = []
    for name, result in line.outcomes.items():
        outcome += [", " if outcome else "", f"{name.lower()} ", Number(result)]
    return TableRow(
        line.label,
        (
            number(line.people),
            TableCell((Number(line.share, PERCENT),)),
            interval(line.share, PERCENT),
            number(line.events),
            TableCell(when),
            TableCell(tuple(outcome)),
        ),
    )


def _span(first: Result, last: Result) -> Pieces:
    one, other = Number(first), Number(last)
    return (one,) if one.text == other.text else (one, " to ", other)
