"""How much the number of participants leaves open: risks not seen, width of the survival interval."""

from dataclasses import dataclass
from functools import partial

from charcot.analysis.plan import ReportPlan, population, status_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import PEOPLE, Datasets, Selection, select_rows
from charcot.protocol import Protocol

PLANNED = "design_limits"


@dataclass(frozen=True)
class DesignLimits:
    """The treated, the largest risk that no event leaves open, and half-widths of the survival interval by month."""

    treated: Result
    largest_risk: Result
    half_widths: tuple[tuple[int, Result], ...]


def derive_design_limits(datasets: Datasets, protocol: Protocol, plan: ReportPlan) -> DesignLimits | None:
    """For the treated population; None where nobody has been treated."""
    treated = population(protocol, plan.treated)
    derive = partial(derive_result, datasets, status=status_of(protocol, PLANNED), planned=PLANNED)
    everybody, followed = Selection(PEOPLE, "", treated), Selection("survival", "", treated)
    if select_rows(everybody, datasets).is_empty():
        return None
    widths = [
        (
            month,
            derive(
                f"limits.month_{month}.half_width",
                f"Half the width of the survival interval at {month} months",
                followed,
                "survival_half_width",
                column="months",
                at=float(month),
            ),
        )
        for month in plan.survival_months
        if month
    ]
    return DesignLimits(
        derive("limits.treated", "Participants treated", everybody, "count_participants"),
        derive(
            "limits.largest_risk",
            "Largest risk compatible with no event among the treated",
            everybody,
            "largest_risk_unseen",
        ),
        tuple((month, result) for month, result in widths if result.value is not None),
    )
