"""Where the data stand: values by origin, forms filled and missing by visit, edit checks that do not hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import polars as pl

from charcot.analysis.plan import status_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import Datasets, Selection, both, equals
from charcot.ledger import Origin
from charcot.protocol import Protocol

PLANNED = "status"


@dataclass(frozen=True)
class VisitStatus:
    """One visit: complete, with forms missing, missed, not expected any more, and forms filled."""

    encounter: str
    label: str
    counts: Mapping[str, Result]
    forms: Result


@dataclass(frozen=True)
class DataStatus:
    """Counts that say how far the data have come and where they are from."""

    values: Result
    origins: Mapping[str, Result]
    shares: Mapping[str, Result]
    forms: Result
    visits: tuple[VisitStatus, ...]
    checks: Mapping[str, Result]


VISIT_STATES = {
    "complete": ("Complete", "status = 'complete'"),
    "incomplete": ("Forms missing", "status IN ('partial', 'overdue') AND actual IS NOT NULL"),
    "not_held": ("Missed or overdue", "status IN ('missed', 'overdue') AND actual IS NULL"),
    "waiting": ("Still to come", "status IN ('open', 'due') OR (status = 'partial' AND actual IS NULL)"),
    "ended": ("Died or left before", "status = 'not_expected'"),
}


def derive_data_status(datasets: Datasets, protocol: Protocol) -> DataStatus:
    """Everything, as of the end of the snapshot."""
    derive = partial(derive_result, datasets, status=status_of(protocol, PLANNED), planned=PLANNED)
    every = Selection("values")
    present = {str(origin) for origin in datasets["values"].frame["origin"].unique().to_list()}
    origins = [str(origin) for origin in Origin if str(origin) in present]
    visits = []
    for encounter in protocol.encounters:
        if encounter.kind != "scheduled":
            continue
        here = Selection("visits", equals("encounter", encounter.id))
        stem = f"status.{encounter.id}"
        counts = {
            name: derive(
                f"{stem}.{name}",
                f"{encounter.label}: {label.lower()}",
                Selection("visits", both(here.where, where)),
                "count_rows",
                among=here,
            )
            for name, (label, where) in VISIT_STATES.items()
        }
        forms = derive(
            f"{stem}.forms", f"{encounter.label}: forms filled", here, "sum", column="forms_filled"
        )
        visits.append(VisitStatus(encounter.id, encounter.label, counts, forms))
    found = datasets["checks"].frame.select(pl.col("severity").unique().sort()).to_series().to_list()
    severities = dict.fromkeys(("query", *found))
    return DataStatus(
        values=derive("status.values", "Values recorded", every, "count_rows"),
        origins={
            origin: derive(
                f"status.origin.{origin}",
                f"Values, {origin}",
                Selection("values", equals("origin", origin)),
                "count_rows",
                among=every,
            )
            for origin in origins
        },
        shares={
            origin: derive(
                f"status.origin.{origin}.share",
                f"Share of values, {origin}",
                Selection("values", equals("origin", origin)),
                "share_of_rows",
                among=every,
            )
            for origin in origins
        },
        forms=derive(
            "status.forms", "Forms filled at visits", Selection("visits"), "sum", column="forms_filled"
        ),
        visits=tuple(visits),
        checks={
            severity: derive(
                f"status.checks.{severity}",
                f"Open edit checks, {severity}",
                Selection("checks", equals("severity", severity)),
                "count_rows",
                among=Selection("participants"),
            )
            for severity in severities
        },
    )
