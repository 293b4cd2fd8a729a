"""Deviations from the protocol: how many of each category, in how many participants, and each in words."""

from dataclasses import dataclass
from functools import partial

from charcot.analysis.plan import ReportPlan, population, status_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import Datasets, Selection, both, equals, select_rows
from charcot.protocol import Protocol

PLANNED = "deviations"


@dataclass(frozen=True)
class DeviationCategory:
    """One category: deviations and participants concerned."""

    category: str
    deviations: Result
    people: Result


@dataclass(frozen=True)
class DeviationLine:
    """One deviation in words, with the entries that show it."""

    participant: str
    category: str
    section: str
    description: str
    at: str | None
    entries: tuple[int, ...]


@dataclass(frozen=True)
class DeviationResults:
    """Totals, categories in the order in which they first occur, and every deviation."""

    total: Result
    people: Result
    categories: tuple[DeviationCategory, ...]
    lines: tuple[DeviationLine, ...]


def derive_deviation_results(datasets: Datasets, protocol: Protocol, plan: ReportPlan) -> DeviationResults:
    """Deviations of everybody who was screened."""
    screened = population(protocol, plan.screened)
    derive = partial(derive_result, datasets, status=status_of(protocol, PLANNED), planned=PLANNED)
    every = Selection("deviations", "", screened)
    everybody = Selection("participants", "", screened)

    def pair(name: str, label: str, where: str) -> tuple[Result, Result]:
        rows = Selection("deviations", where, screened)
        return (
            derive(f"deviations.{name}.n", f"{label}: deviations", rows, "count_rows", among=everybody),
            derive(
                f"deviations.{name}.people",
                f"{label}: participants",
                rows,
                "count_participants",
                among=everybody,
            ),
        )

    rows = select_rows(every, datasets)
    categories = dict.fromkeys(rows["category"].to_list())
    total, people = pair("any", "Any deviation", "")
    return DeviationResults(
        total,
        people,
        tuple(
            DeviationCategory(
                category,
                *pair(category.replace(" ", "_"), category.capitalize(), both(equals("category", category))),
            )
            for category in categories
        ),
        tuple(
            DeviationLine(
                row["participant"],
                row["category"],
                row["section"],
                row["description"],
                row["at"],
                tuple(row["entries"]),
            )
            for row in rows.iter_rows(named=True)
        ),
    )
