"""Exposure: weight, dose planned and given, their ratio, volume and dose per kilogram, in all and one infusion at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from charcot.analysis.plan import ReportPlan, population, status_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import PEOPLE, Datasets, Selection, both, equals, select_rows
from charcot.protocol import Protocol

PLANNED = "exposure"
STATISTICS = ("mean", "sd", "median", "minimum", "maximum")


@dataclass(frozen=True)
class ExposureLine:
    """One number of the infusions: what it is, its unit, how it is written, and its statistics by name."""

    column: str
    label: str
    unit: str
    places: int
    scale: float
    n: Result
    statistics: Mapping[str, Result]


@dataclass(frozen=True)
class ListedInfusion:
    """One infusion of one participant: what was recorded, by column."""

    participant: str
    values: Mapping[str, Result]


@dataclass(frozen=True)
class ExposureResults:
    """How many were infused how often, and with what; `within` is the share inside the tolerance of the protocol."""

    people: Result
    infusions: Result
    tolerance: float | None
    within: Result | None
    lines: tuple[ExposureLine, ...]
    listed: tuple[ListedInfusion, ...]


COLUMNS = (
    ("weight", "Weight that the dose was planned from", "kg", 1, 1.0),
    ("planned_dose", "Dose planned", "10⁶ cells", 1, 1e-6),
    ("given_dose", "Dose given", "10⁶ cells", 1, 1e-6),
    ("dose_ratio", "Given over planned", "%", 1, 100.0),
    ("dose_per_kg", "Dose given per kilogram", "10⁶ cells/kg", 3, 1e-6),
    ("volume", "Volume", "ml", 1, 1.0),
)
"""Column, label, unit as shown, decimals, and what the stored value is multiplied by to be in that unit."""


def derive_exposure_results(datasets: Datasets, protocol: Protocol, plan: ReportPlan) -> ExposureResults:
    """The infusions of the treated population."""
    treated = population(protocol, plan.treated)
    everybody, infusions = Selection(PEOPLE, "", treated), Selection("exposure", "", treated)
    derive = partial(derive_result, datasets, status=status_of(protocol, PLANNED), planned=PLANNED)
    doses = [i.dose for i in protocol.interventions if i.dose is not None]
    tolerance = float(doses[0].tolerance) if doses else None
    within = None
    if tolerance is not None:
        inside = f"dose_ratio BETWEEN {1 - tolerance:g} AND {1 + tolerance:g}"
        within = derive(
            "exposure.within",
            f"Given dose within {100 * tolerance:g} % of the planned",
            Selection("exposure", inside, treated),
            "share_of_participants",
            among=everybody,
        )
    lines = tuple(
        ExposureLine(
            column, label, unit, places, scale,
            derive(
                f"exposure.{column}.n", f"{label}: infusions known",
                Selection("exposure", f"{column} IS NOT NULL", treated), "count_rows", among=infusions,
            ),
            {
                name: derive(f"exposure.{column}.{name}", f"{label}, {name}", infusions, name, column=column)
                for name in STATISTICS
            },
        )
        for column, label, unit, places, scale in COLUMNS
    )  # fmt: skip
    rows = select_rows(infusions, datasets).select("participant", "instance")
    listed = []
    for person, instance in rows.iter_rows() if rows["participant"].n_unique() <= plan.most_listed else ():
        where = both(equals("participant", person), f"instance = {instance}")
        values = {
            column: derive(
                f"exposure.{person}.{instance}.{column}",
                f"{person}: {label[0].lower()}{label[1:]}",
                Selection("exposure", where, treated),
                "recorded",
                column=column,
            )
            for column, label in (("started_at", "Start"), *((c, name) for c, name, *_ in COLUMNS))
        }
        listed.append(ListedInfusion(person, values))
    return ExposureResults(
        people=derive("exposure.people", "Participants infused", infusions, "count_participants", among=everybody),
        infusions=derive("exposure.infusions", "Infusions", infusions, "count_rows", among=everybody),
        tolerance=tolerance,
        within=within,
        lines=lines,
        listed=tuple(listed),
    )  # fmt: skip
