"""The product: doses planned and given, viability, time from harvest; verdicts of release; product beside events and courses."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from charcot.analysis.measured_lines import MeasuredColumn, MeasuredLine, derive_lines
from charcot.analysis.plan import ReportPlan, population, status_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import Datasets, Selection, both, equals, select_rows
from charcot.protocol import Protocol

PLANNED = "product"
COLUMNS = (
    MeasuredColumn("planned", "Dose planned", "10⁶ cells", 1, 1e-6),
    MeasuredColumn("prepared", "Dose prepared", "10⁶ cells", 1, 1e-6),
    MeasuredColumn("given", "Dose given", "10⁶ cells", 1, 1e-6),
    MeasuredColumn("achieved", "Given over planned", "%", 1, 100.0),
    MeasuredColumn("prepared_concentration", "Concentration", "10⁶ cells/ml", 2, 1e-6),
    MeasuredColumn("cells_per_minute", "Rate of infusion", "10⁶ cells/min", 1, 1e-6),
    MeasuredColumn("viability", "Viable of all cells prepared", "%", 1),
    MeasuredColumn("harvest_hours", "Time from harvest to infusion", "h", 1),
    MeasuredColumn("passage", "Passage", "", 0),
)
BESIDE = ("prepared_concentration", "cells_per_minute", "viability", "passage", "harvest_hours")
"""What of the product stands beside events and courses."""
VERDICTS = ("PASS", "FAIL", "INVALID", "NOT TESTED")


@dataclass(frozen=True)
class TestVerdicts:
    """One test of the specification: how many lots came to each verdict, the others counted last."""

    test: str
    label: str
    limit: str
    verdicts: Mapping[str, Result]
    lots: Result


@dataclass(frozen=True)
class MappedMarker:
    """One marker of one lot: its share [%] and verdict, for the map."""

    lot: str
    participant: str
    test: str
    label: str
    value: Result
    verdict: str


@dataclass(frozen=True)
class BesideOutcome:
    """One participant: what of the product stands beside how many events, and the change of function after it."""

    participant: str
    product: Mapping[str, Result]
    events: Result
    serious: Result | None
    slope: Result | None


@dataclass(frozen=True)
class ProductResults:
    """Everything that the section says."""

    doses: Result
    lots_certified: Result
    lines: tuple[MeasuredLine, ...]
    tests: tuple[TestVerdicts, ...]
    markers: tuple[MappedMarker, ...]
    beside: tuple[BesideOutcome, ...]


def derive_product_results(datasets: Datasets, protocol: Protocol, plan: ReportPlan) -> ProductResults | None:
    """The doses of the treated population; None where no dose was prepared through the product's record."""
    treated = population(protocol, plan.treated)
    doses = Selection("product", "", treated)
    if datasets["product"].frame.is_empty() or select_rows(doses, datasets).is_empty():
        return None
    derive = partial(derive_result, datasets, status=status_of(protocol, PLANNED), planned=PLANNED)
    certified = Selection("product", "outcome IN ('certified', 'conditional')", treated)
    return ProductResults(
        doses=derive("product.doses", "Doses prepared", doses, "count_rows", among=doses),
        lots_certified=derive("product.certified", "Doses of certified lots", certified, "count_rows", among=doses),
        lines=derive_lines(derive, doses, COLUMNS, "doses"),
        tests=_verdicts(derive, protocol, plan),
        markers=_markers(derive, datasets, protocol, plan),
        beside=_beside(derive, datasets, protocol, plan),
    )  # fmt: skip


def _verdicts(derive: partial[Result], protocol: Protocol, plan: ReportPlan) -> tuple[TestVerdicts, ...]:
    treated = population(protocol, plan.treated)
    found = []
    for test in protocol.release_specification:
        among = Selection("product_tests", equals("test", test.id), treated)
        counts = {
            verdict: derive(
                f"product.test.{test.id}.{verdict.lower().replace(' ', '_')}",
                f"{test.test}: {verdict.lower()}",
                Selection(
                    "product_tests", both(equals("test", test.id), equals("verdict", verdict)), treated
                ),
                "count_rows",
                among=among,
            )
            for verdict in VERDICTS
        }
        lots = derive(f"product.test.{test.id}.lots", f"{test.test}: lots", among, "count_rows", among=among)
        found.append(TestVerdicts(test.id, test.test, test.limit, counts, lots))
    return tuple(found)


def _markers(
    derive: partial[Result], datasets: Datasets, protocol: Protocol, plan: ReportPlan
) -> tuple[MappedMarker, ...]:
    treated = population(protocol, plan.treated)
    wanted = {t.id for t in protocol.release_specification if "cytometry" in t.method.casefold()}
    rows = select_rows(Selection("product_tests", "number IS NOT NULL", treated), datasets)
    if rows["lot"].n_unique() > plan.most_listed:
        return ()
    found = []
    for row in rows.iter_rows(named=True):
        if row["test"] in wanted:
            where = both(equals("test", row["test"]), equals("lot", row["lot"]))
            value = derive(
                f"product.marker.{row['lot']}.{row['test']}",
                f"{row['label']} of lot {row['lot']}",
                Selection("product_tests", where, treated),
                "recorded",
                column="number",
            )
            found.append(
                MappedMarker(row["lot"], row["participant"], row["test"], row["label"], value, row["verdict"])
            )
    return tuple(found)


def _beside(
    derive: partial[Result], datasets: Datasets, protocol: Protocol, plan: ReportPlan
) -> tuple[BesideOutcome, ...]:
    treated = population(protocol, plan.treated)
    rows = select_rows(Selection("product", "", treated), datasets)
    people = list(dict.fromkeys(rows["participant"].to_list()))
    if len(people) > plan.most_listed:
        return ()
    events = {column.name for column in datasets["events"].columns}
    found = []
    for person in people:
        who = equals("participant", person)
        mine = Selection("product", who, treated)
        dose = rows.filter(rows["participant"] == person)["dose"][0]
        one = Selection("product", both(who, equals("dose", dose)), treated)
        after = "treatment_emergent" if "treatment_emergent" in events else ""
        happened = Selection("events", both(who, after) if after else who, treated)
        all_events = Selection("events", who, treated)
        serious = None
        if "serious" in events:
            where = both(who, "serious = 'yes'")
            serious = derive(
                f"product.beside.{person}.serious", f"{person}: serious events",
                Selection("events", both(where, after) if after else where, treated), "count_rows", among=all_events,
            )  # fmt: skip
        values = {
            kept.column: derive(
                f"product.beside.{person}.{kept.column}",
                f"{person}: {kept.label}",
                one,
                "recorded",
                column=kept.column,
            )
            for kept in COLUMNS
            if kept.column in BESIDE
        }
        found.append(
            BesideOutcome(
                person, values,
                derive(
                    f"product.beside.{person}.events", f"{person}: events after the infusion", happened, "count_rows",
                    among=all_events,
                ),
                serious, _slope(derive, datasets, person, treated, mine),
            )
        )  # fmt: skip
    return tuple(found)


def _slope(
    derive: partial[Result], datasets: Datasets, person: str, treated: object, mine: Selection
) -> Result | None:
    """The person's slope of ALSFRS-R after the infusion, where the report derives slopes."""
    if "slopes" not in datasets or "after" not in {c.name for c in datasets["slopes"].columns}:
        return None
    return derive(
        f"product.beside.{person}.slope",
        f"{person}: slope of ALSFRS-R after the infusion",
        Selection("slopes", equals("participant", person), mine.population),
        "recorded",
        column="after",
    )
