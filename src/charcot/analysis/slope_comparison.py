"""Slopes of ALSFRS-R before and after the infusion, a participant at a time; a description, not a comparison of groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from charcot.analysis.plan import ReportPlan, population, status_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import PEOPLE, Datasets, Selection, both, equals, select_rows
from charcot.protocol import Protocol

PLANNED = "slopes_before_after"
STATISTICS = ("mean", "sd", "median", "minimum", "maximum")
UNIT = "points/month"


@dataclass(frozen=True)
class ParticipantSlopes:
    """One participant: slope before and after [points/month, negative is decline], scores behind it, died in that time."""

    participant: str
    before: Result
    after: Result
    visits: Result
    died: bool


@dataclass(frozen=True)
class SlopeResults:
    """Everybody with both slopes; statistics of `before`, `after` and `difference` by name, over them."""

    known: Result
    unknown: Result
    statistics: Mapping[str, Mapping[str, Result]]
    listed: tuple[ParticipantSlopes, ...]


def derive_slope_results(datasets: Datasets, protocol: Protocol, plan: ReportPlan) -> SlopeResults | None:
    """The slopes of the treated population; None where nobody has one before and one after."""
    treated = population(protocol, plan.treated)
    derive = partial(derive_result, datasets, status=status_of(protocol, PLANNED), planned=PLANNED)
    everybody = Selection(PEOPLE, "", treated)
    both_known = Selection("slopes", "difference IS NOT NULL", treated)
    rows = select_rows(both_known, datasets)
    if rows.is_empty():
        return None
    statistics = {
        column: {
            name: derive(
                f"slopes.{column}.{name}",
                f"Slope, {column}: {name}",
                both_known,
                name,
                column=column,
                unit=UNIT,
            )
            for name in STATISTICS
        }
        for column in ("before", "after", "difference")
    }
    listed = []
    for person, died in rows.select("participant", "died").iter_rows():
        who = equals("participant", person)
        own = Selection("slopes", who, treated)
        listed.append(
            ParticipantSlopes(
                person,
                derive(
                    f"slopes.{person}.before",
                    f"{person}: slope before",
                    Selection(f"form_{plan.baseline_form}", both(who), treated),
                    "recorded",
                    column="slope_before",
                    unit=UNIT,
                ),
                derive(
                    f"slopes.{person}.after", f"{person}: slope after", own, "recorded", column="after", unit=UNIT
                ),
                derive(
                    f"slopes.{person}.visits", f"{person}: scores behind it", own, "recorded", column="visits"
                ),
                bool(died),
            )
        )  # fmt: skip
        if len(listed) >= plan.most_listed:
            break
    return SlopeResults(
        derive("slopes.known", "Both slopes known", both_known, "count_participants", among=everybody),
        derive(
            "slopes.unknown",
            "Without one of the two slopes",
            Selection("slopes", "difference IS NULL", treated),
            "count_participants",
            among=everybody,
        ),
        statistics,
        tuple(listed) if rows.height <= plan.most_listed else (),
    )
