"""The product for a safety board: how many lots, doses, tests, deviations and recalls, and how the infusions went."""

from dataclasses import dataclass
from functools import partial

from charcot.analysis.measured_lines import MeasuredColumn, MeasuredLine, derive_lines
from charcot.analysis.plan import ReportPlan, population
from charcot.analysis.product_summary import COLUMNS
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import Datasets, Selection, both, equals, select_rows
from charcot.protocol import Protocol

MEASURED = ("achieved", "viability", "harvest_hours", "cells_per_minute")
"""What of the doses stands in the few lines for the board."""
MINUTES = MeasuredColumn("minutes", "Duration of the infusion", "min", 1)
MOST_LISTED = 40
_COUNTS = (
    ("lots", "Lots begun", "lots", ""),
    ("lots.certified", "Lots certified", "lots", "status = 'certified'"),
    ("lots.conditional", "Lots certified on conditions", "lots", "status = 'conditionally certified'"),
    ("lots.rejected", "Lots rejected", "lots", "status = 'rejected'"),
    ("lots.recalled", "Lots recalled", "lots", "status = 'recalled'"),
    ("doses", "Doses prescribed", "doses", ""),
    ("doses.infused", "Doses infused", "doses", "status = 'infused'"),
    ("doses.ended", "Doses returned or destroyed", "doses", "status IN ('returned', 'destroyed')"),
    ("doses.refused", "Doses refused at the bedside", "doses", "refused"),
    ("tests", "Release tests with a result", "lot_tests", ""),
    ("tests.outside", "Results out of specification", "lot_tests", "outside"),
    ("tests.invalid", "Tests found invalid", "lot_tests", "verdict = 'INVALID'"),
    ("deviations", "Deviations in manufacture", "product_deviations", ""),
    ("deviations.major", "Major or critical", "product_deviations", "severity IN ('major', 'critical')"),
    ("deviations.open", "Deviations not closed", "product_deviations", "NOT (state = 'closed')"),
    ("recalls", "Recalls", "recalls", ""),
    ("recalls.open", "Recalls not closed", "recalls", "NOT (status = 'closed')"),
    ("infusions", "Infusions given", "infusion_course", ""),
    ("infusions.interrupted", "Infusions interrupted", "infusion_course", "interrupted = 'yes'"),
    ("infusions.incomplete", "Infusions not given in full", "infusion_course", "completed = 'no'"),
)
_BEHIND = {"product_deviations": "lots", "recalls": "lots", "lot_tests": "lots"}
"""What a zero of these is counted among."""


@dataclass(frozen=True)
class ListedOutside:
    """A result out of specification: lot, test, what was found, what became of it."""

    lot: str
    test: str
    result: Result
    verdict: Result


@dataclass(frozen=True)
class ListedDeviation:
    """A deviation in manufacture."""

    lot: str
    description: str
    severity: Result
    state: Result


@dataclass(frozen=True)
class ProductWatch:
    """Everything that the section says; `measured` is empty where no dose went through the product's record."""

    counts: tuple[Result, ...]
    measured: tuple[MeasuredLine, ...]
    outside: tuple[ListedOutside, ...]
    deviations: tuple[ListedDeviation, ...]

    def count(self, name: str) -> Result | None:
        """The count with this name; None where the record holds no lot that it could be about."""
        return next((result for result in self.counts if result.id == f"safety.product.{name}"), None)


def derive_product_watch(datasets: Datasets, protocol: Protocol, plan: ReportPlan) -> ProductWatch:
    """Counts over all lots and doses; measured lines over the doses of those treated."""
    treated = population(protocol, plan.treated)
    recorded = not datasets["lots"].frame.is_empty()
    derive = partial(derive_result, datasets)
    counts = tuple(
        derive(
            f"safety.product.{id}", label, Selection(dataset, where), "count_rows",
            among=Selection(_BEHIND.get(dataset, dataset)),
        )
        for id, label, dataset, where in _COUNTS
        if recorded or dataset == "infusion_course"
    )  # fmt: skip
    doses, infusions = Selection("product", "", treated), Selection("infusion_course", "", treated)
    columns = tuple(column for column in COLUMNS if column.column in MEASURED)
    made = derive_lines(derive, doses, columns, "doses") if len(select_rows(doses, datasets)) else ()
    return ProductWatch(
        counts,
        (*made, *derive_lines(derive, infusions, (MINUTES,), "infusions")),
        _outside(datasets),
        _deviations(datasets),
    )


def _outside(datasets: Datasets) -> tuple[ListedOutside, ...]:
    found = []
    rows = select_rows(Selection("lot_tests", "outside"), datasets).tail(MOST_LISTED)
    for row in rows.iter_rows(named=True):
        here = Selection("lot_tests", both(equals("lot", row["lot"]), equals("number", row["number"])))
        value, verdict = (
            derive_result(
                datasets, f"safety.product.test.{row['lot']}.{row['number']}.{column}",
                f"Lot {row['lot']}, {row['test']}: {column}", here, "recorded", column=column,
            )
            for column in ("result", "verdict")
        )  # fmt: skip
        found.append(ListedOutside(row["lot"], row["test"], value, verdict))
    return tuple(found)


def _deviations(datasets: Datasets) -> tuple[ListedDeviation, ...]:
    found = []
    for row in datasets["product_deviations"].frame.tail(MOST_LISTED).iter_rows(named=True):
        where = both(equals("lot", row["lot"]), equals("deviation", row["deviation"]))
        severity, state = (
            derive_result(
                datasets, f"safety.product.deviation.{row['lot']}.{row['deviation']}.{column}",
                f"Lot {row['lot']}, deviation {row['deviation']}: {column}", Selection("product_deviations", where),
                "recorded", column=column,
            )
            for column in ("severity", "state")
        )  # fmt: skip
        found.append(ListedDeviation(row["lot"], row["description"], severity, state))
    return tuple(found)
