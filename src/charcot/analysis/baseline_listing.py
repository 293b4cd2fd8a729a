"""The baseline as it was recorded, one line a participant: what the published Table 1 lists."""

from collections.abc import Mapping
from dataclasses import dataclass

from charcot.analysis.plan import ReportPlan, population, status_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import Datasets, Selection, equals, select_rows
from charcot.analysis.table1 import BaselineLine, baseline_lines
from charcot.protocol import Protocol

PLANNED = "table1"


@dataclass(frozen=True)
class ListedParticipant:
    """One participant: what was recorded on each line."""

    participant: str
    values: Mapping[str, Result]


def derive_baseline_listing(
    datasets: Datasets, protocol: Protocol, plan: ReportPlan
) -> tuple[tuple[BaselineLine, ...], tuple[ListedParticipant, ...]]:
    """The lines, and everybody of the treated population for whom the form was filled; nobody where they are too many."""
    dataset = f"form_{plan.baseline_form}"
    if dataset not in datasets:
        return (), ()
    treated = population(protocol, plan.treated)
    lines = baseline_lines(protocol, plan)
    people = select_rows(Selection(dataset, "", treated), datasets)["participant"].unique(maintain_order=True)
    if people.len() > plan.most_listed:
        return lines, ()
    listed = tuple(
        ListedParticipant(
            person,
            {
                line.column: derive_result(
                    datasets,
                    f"baseline.{person}.{line.column}",
                    f"{person}: {line.label}",
                    Selection(dataset, equals("participant", person), treated),
                    "recorded",
                    column=line.column,
                    unit=line.unit,
                    status=status_of(protocol, PLANNED),
                    planned=PLANNED,
                )
                for line in lines
            },
        )
        for person in people.to_list()
    )
    return lines, listed
