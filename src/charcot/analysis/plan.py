"""What a report reads from the protocol: which form is the baseline, which measures are followed, and when."""

from dataclasses import dataclass

from charcot.analysis.result import Status
from charcot.clinical_time import DAYS_PER_MONTH
from charcot.protocol import Protocol
from charcot.protocol.design import Population
from charcot.protocol.schedule import Encounter

_DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0}


@dataclass(frozen=True)
class Measure:
    """A measure that is followed over the visits: its dataset and column, the form it is filled on, its name and unit."""

    id: str
    dataset: str
    column: str
    part: str
    label: str
    short: str
    unit: str
    planned: str
    places: int = 1


@dataclass(frozen=True)
class ReportPlan:
    """Choices that the protocol's analysis plan has no field for yet; the defaults fit the shipped trial."""

    baseline_form: str = "published_baseline"
    baseline_skip: tuple[str, ...] = ("table1_id",)
    baseline_onset: tuple[str, str] | None = ("alsfrs_r", "disease_duration")
    """ALSFRS-R total and months since onset, from which the progression rate deltaFS is derived."""
    screened: str = "screened"
    enrolled: str = "enrolled"
    treated: str = "treated"
    event_category: str = "category"
    event_outcome: str = "outcome"
    procedure_form: str = "procedure"
    procedure_item: str = "kind"
    horizon_months: float = 12.5
    """Visits up to here are the course of function; later ones are long-term follow-up."""
    measures: tuple[Measure, ...] = (
        Measure(
            "alsfrs_r", "function", "percent", "function", "ALSFRS-R, per cent of 48 points",
            "ALSFRS-R", "% of 48", "figure2_alsfrs_r",
        ),
        Measure(
            "fvc", "lung_function", "fvc_percent", "lung_function",
            "Forced vital capacity, per cent of predicted", "FVC", "% of predicted", "figure2_fvc",
        ),
    )  # fmt: skip
    survival_months: tuple[int, ...] = (0, 12, 24, 36, 48, 60)


def population(protocol: Protocol, id: str) -> Population:
    """The population with this id; KeyError where the protocol has none."""
    for found in protocol.populations:
        if found.id == id:
            return found
    raise KeyError(id)


def status_of(protocol: Protocol, planned: str) -> Status:
    """Whether the protocol's analysis plan names a result as prespecified; post hoc where it does not name it."""
    return next((result.status for result in protocol.analysis if result.id == planned), "post_hoc")


def month_of(encounter: Encounter) -> float | None:
    """The target of an encounter in months from the infusion; 0 for one before it, None for one at no fixed time."""
    if encounter.target is None:
        return None
    if encounter.anchor != "infusion" or encounter.target.amount < 0:
        return 0.0
    if encounter.target.unit in ("month", "year"):
        return float(encounter.target.amount * (12 if encounter.target.unit == "year" else 1))
    return encounter.target.amount * _DAYS[encounter.target.unit] / DAYS_PER_MONTH


def visits_of(protocol: Protocol, part: str, within: float) -> tuple[tuple[Encounter, float], ...]:
    """The scheduled encounters at which the form playing `part` is due, up to `within` months, with their months."""
    form = protocol.form_playing(part)
    found = [
        (encounter, month)
        for encounter in protocol.encounters
        if form is not None
        and form.form in protocol.forms_at(encounter.id)
        and (month := month_of(encounter)) is not None
        and month <= within
    ]
    return tuple(found)
