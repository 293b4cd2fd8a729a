"""Exposure: weight, dose planned and given, their ratio, volume and dose per kilogram, in all and one infusion at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from charcot.analysis.measured_lines import MeasuredColumn, MeasuredLine, derive_lines
from charcot.analysis.plan import ReportPlan, population, status_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import PEOPLE, Datasets, Selection, both, equals, select_rows
from charcot.protocol import Protocol

PLANNED = "exposure"


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
    lines: tuple[MeasuredLine, ...]
    listed: tuple[ListedInfusion, ...]


COLUMNS = (
    MeasuredColumn("weight", "Weight that the dose was planned from", "kg", 1),
    MeasuredColumn("planned_dose", "Dose planned", "10⁶ cells", 1, 1e-6),
    MeasuredColumn("given_dose", "Dose given", "10⁶ cells", 1, 1e-6),
    MeasuredColumn("dose_ratio", "Given over planned", "%", 1, 100.0),
    MeasuredColumn("dose_per_kg", "Dose given per kilogram", "10⁶ cells/kg", 3, 1e-6),
    MeasuredColumn("volume", "Volume", "ml", 1),
)


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
            for column, label in (("started_at", "Start"), *((one.column, one.label) for one in COLUMNS))
        }
        listed.append(ListedInfusion(person, values))
    return ExposureResults(
        people=derive("exposure.people", "Participants infused", infusions, "count_participants", among=everybody),
        infusions=derive("exposure.infusions", "Infusions", infusions, "count_rows", among=everybody),
        tolerance=tolerance,
        within=within,
        lines=derive_lines(derive, infusions, COLUMNS, "infusions"),
        listed=tuple(listed),
    )  # fmt: skip
