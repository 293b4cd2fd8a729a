"""What a safety board looks at: events by term, grade, relation and time since infusion, as counts of people and events."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from charcot.analysis.plan import ReportPlan, population
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import PEOPLE, Datasets, Selection, both, equals, select_rows
from charcot.protocol import Protocol

EMERGENT = "(treatment_emergent IS NULL OR treatment_emergent)"
"""Events since the infusion; one whose onset leaves that open counts."""
TIMES = (
    ("day 0", "onset_day = 0"),
    ("days 1 to 7", "onset_day BETWEEN 1 AND 7"),
    ("days 8 to 30", "onset_day BETWEEN 8 AND 30"),
    ("days 31 to 90", "onset_day BETWEEN 31 AND 90"),
    ("days 91 to 365", "onset_day BETWEEN 91 AND 365"),
    ("later", "onset_day > 365"),
    ("day not known", "onset_day IS NULL"),
)
MOST_TERMS = 60


@dataclass(frozen=True)
class SafetyLine:
    """One row: participants with such an event, events, serious ones, and those of grade 3 or more."""

    label: str
    people: Result
    events: Result
    serious: Result
    severe: Result


@dataclass(frozen=True)
class SafetyCounts:
    """The tables of a safety report. `left_out`: how many terms had no room."""

    overall: SafetyLine
    terms: Sequence[SafetyLine]
    grades: Sequence[SafetyLine]
    relations: Sequence[SafetyLine]
    times: Sequence[SafetyLine]
    left_out: int


def derive_safety_counts(datasets: Datasets, protocol: Protocol, plan: ReportPlan) -> SafetyCounts:
    """Counts of treatment-emergent events in the treated population."""
    treated = population(protocol, plan.treated)
    everybody = Selection(PEOPLE, "", treated)
    columns = set(datasets["events"].frame.columns)
    frame = select_rows(Selection("events", EMERGENT, treated), datasets)

    def line(id: str, label: str, where: str) -> SafetyLine:
        def count(name: str, more: str, method: str = "count_rows") -> Result:
            rows = Selection("events", both(EMERGENT, where, more), treated)
            words = f"{label}: {name}"
            return derive_result(
                datasets, f"safety.{id}.{name.replace(' ', '_')}", words, rows, method, among=everybody
            )

        serious = "serious = 'yes'" if "serious" in columns else "FALSE"
        severe = "CAST(grade AS INTEGER) >= 3" if "grade" in columns else "FALSE"
        return SafetyLine(
            label,
            count("people", "", "count_participants"),
            count("events", ""),
            count("serious", serious),
            count("grade 3 or more", severe),
        )

    def lines(column: str) -> tuple[SafetyLine, ...]:
        form = protocol.form_playing("adverse_event")
        item = form.item(column) if form is not None else None
        if item is None or column not in columns:
            return ()
        codes = [(code.code, code.label) for code in protocol.codes_of(item)]
        return tuple(line(f"{column}.{code}", label, equals(column, code)) for code, label in codes)

    terms: list[str] = []
    if "term" in columns and frame.height:
        counted = (
            frame.group_by("term").agg(pl.len().alias("n")).sort(["n", "term"], descending=[True, False])
        )
        terms = counted["term"].drop_nulls().to_list()
    return SafetyCounts(
        line("any", "Any event", ""),
        tuple(
            line(f"term.{name}", term, equals("term", term))
            for name, term in _named(terms[:MOST_TERMS]).items()
        ),
        lines("grade"),
        lines("relation_product"),
        tuple(line(f"time.{n}", label, where) for n, (label, where) in enumerate(TIMES)),
        max(0, len(terms) - MOST_TERMS),
    )


def _named(terms: Sequence[str]) -> dict[str, str]:
    """Terms under names for ids, which stay the same as others come to be more frequent."""
    found: dict[str, str] = {}
    for term in terms:
        name = re.sub(r"\W+", "_", term.casefold()).strip("_") or "unnamed"
        found[name if name not in found else f"{name}_{len(found) + 1}"] = term
    return found
