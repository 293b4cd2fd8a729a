"""What a safety board decides by, as results: people, deaths, vital signs, laboratory outliers, boundaries, clocks, open questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import PEOPLE, Datasets, Selection, both, equals, select_rows
from charcot.datasets.vital_signs import SIGNS
from charcot.protocol import Boundary, Protocol

_PEOPLE = (
    ("screened", "Screened", "screened"),
    ("consented", "Consented", "consented"),
    ("enrolled", "Enrolled", "enrolled"),
    ("infused", "Infused", "infused"),
    ("died", "Died", "died"),
    ("withdrawn", "Withdrawn", "withdrew_from IS NOT NULL"),
)
SPREAD = ("n", "median", "minimum", "maximum")
CLOCK_STATES = {
    "running": "running",
    "overdue": "overdue",
    "submitted": "submitted in time",
    "late": "submitted late",
}
MOST_LISTED = 150


@dataclass(frozen=True)
class ListedLine:
    """One line of a list: whose it is, and what stands in each column."""

    participant: str
    instance: int | None
    values: Mapping[str, Result]


@dataclass(frozen=True)
class ListedResults:
    """A list of at most `MOST_LISTED` lines, and how many there are in all."""

    total: Result
    lines: tuple[ListedLine, ...]


@dataclass(frozen=True)
class SignSpread:
    """One vital sign: its spread before the infusion and after it began, by statistic."""

    label: str
    unit: str
    places: int
    """Decimals with which it is measured."""
    before: Mapping[str, Result]
    after: Mapping[str, Result]


@dataclass(frozen=True)
class StandingBoundary:
    """One boundary in one group: the count, the limit, where it stands, the board's last decision, and the way there."""

    plan: Boundary
    group: str
    """What it is counted for, such as a lot."""
    events: Result
    patients: Result
    stops_at: Result
    state: Result
    review: Result
    steps: tuple[Mapping[str, Result], ...]

    @property
    def label(self) -> str:
        """The boundary, with its group where it is counted apart for several."""
        return self.plan.label if self.plan.per == "trial" else f"{self.plan.label}, {self.group}"


@dataclass(frozen=True)
class BoundaryDesign:
    """What a boundary does at each true rate, exactly: its chance to stop, and the participants expected."""

    plan: Boundary
    rates: tuple[tuple[float, Result, Result], ...]


@dataclass(frozen=True)
class BoardResults:
    """Everything that the report to the board counts or lists beside events, exposure and shifts."""

    people: Mapping[str, Result]
    deaths: ListedResults
    signs: tuple[SignSpread, ...]
    outliers: ListedResults
    hys_law: ListedResults
    boundaries: tuple[StandingBoundary, ...]
    designs: tuple[BoundaryDesign, ...]
    clocks: ListedResults
    clock_states: Mapping[str, Result]
    disagreements: ListedResults
    unsettled: Result


def derive_board_results(datasets: Datasets, protocol: Protocol) -> BoardResults:
    """All of it, from the datasets of a safety report."""
    return BoardResults(
        people=_people(datasets),
        deaths=_list(
            datasets, Selection("deaths"), "Deaths", ("died", "day", "cause"), Selection(PEOPLE), line="participant"
        ),
        signs=_signs(datasets, protocol),
        outliers=_list(
            datasets, Selection("outliers"), "Laboratory values of grade 3 or more",
            ("measured", "taken", "term", "grade"), Selection("laboratory"),
        ),
        hys_law=_list(
            datasets, Selection("hys_law", "fulfils"), "Liver panels that fulfil Hy's law", ("taken",),
            Selection("hys_law"),
        ),
        boundaries=_boundaries(datasets, protocol),
        designs=_designs(datasets, protocol),
        clocks=_list(
            datasets, Selection("clocks"), "Reporting clocks", ("clock", "due", "submitted", "state"), Selection("events")
        ),
        clock_states={
            state: derive_result(
                datasets, f"safety.clocks.{state}", f"Reporting clocks {words}",
                Selection("clocks", equals("state", state)), "count_rows", among=Selection("events"),
            )
            for state, words in CLOCK_STATES.items()
        },
        disagreements=_list(
            datasets, Selection("disagreements"), "Questions", ("question", "query"), Selection("compared")
        ),
        unsettled=derive_result(
            datasets, "safety.disagreements.unsettled", "Questions not settled",
            Selection("disagreements", "NOT settled"), "count_rows", among=Selection("compared"),
        ),
    )  # fmt: skip


def _people(datasets: Datasets) -> dict[str, Result]:
    everybody, events = Selection(PEOPLE), Selection("events")
    found = {
        label: derive_result(
            datasets, f"safety.people.{name}", label, Selection(PEOPLE, where), "count_participants", among=everybody
        )
        for name, label, where in _PEOPLE
    }  # fmt: skip
    serious = "serious = 'yes'" if "serious" in datasets["events"].frame.columns else "FALSE"
    for name, label, where in (
        ("events", "Events reported", ""),
        ("serious_events", "Serious events reported", serious),
    ):
        found[label] = derive_result(
            datasets, f"safety.people.{name}", label, Selection("events", where), "count_rows", among=events
        )
    return found


def _list(
    datasets: Datasets,
    rows: Selection,
    label: str,
    columns: Sequence[str],
    among: Selection,
    *,
    line: str = "line",
) -> ListedResults:
    """How many rows there are, and the first of them column by column; `among`: what a zero is counted among."""
    name, described = rows.dataset, datasets[rows.dataset]
    lines = []
    for row in select_rows(rows, datasets).head(MOST_LISTED).iter_rows(named=True):
        where = both(*dict.fromkeys((equals("participant", row["participant"]), equals(line, row[line]))))
        values = {
            column: derive_result(
                datasets,
                f"safety.{name}.{row[line]}.{column}",
                f"{row['participant']}: {described.column(column).label.lower()}",
                Selection(name, where),
                "recorded",
                column=column,
            )
            for column in columns
        }
        lines.append(ListedLine(row["participant"], row.get("instance"), values))
    total = derive_result(datasets, f"safety.{name}.total", label, rows, "count_rows", among=among)
    return ListedResults(total, tuple(lines))


def _signs(datasets: Datasets, protocol: Protocol) -> tuple[SignSpread, ...]:
    form = next((form for form in protocol.forms if form.item("systolic") is not None), None)
    found = []
    for sign in SIGNS:
        item = None if form is None else form.item(sign)
        label = sign.replace("_", " ").capitalize() if item is None else item.label
        before, after = (_spread(datasets, sign, label, around) for around in ("before", "after"))
        unit, places = ("", 0) if item is None else (item.unit or "", item.precision or 0)
        found.append(SignSpread(label, unit, places, before, after))
    return tuple(found)


def _spread(datasets: Datasets, sign: str, label: str, around: str) -> dict[str, Result]:
    every = Selection("infusion_signs", equals("item", sign))
    rows = Selection("infusion_signs", both(equals("item", sign), equals("around", around)))
    id, words = f"safety.vital_signs.{sign}.{around}", f"{label} {around} the infusion"
    return {
        name: derive_result(datasets, f"{id}.n", f"{words}, measurements", rows, "count_rows", among=every)
        if name == "n"
        else derive_result(datasets, f"{id}.{name}", f"{words}, {name}", rows, name, column="number")
        for name in SPREAD
    }


def _boundaries(datasets: Datasets, protocol: Protocol) -> tuple[StandingBoundary, ...]:
    plans = {boundary.id: boundary for boundary in protocol.boundaries}
    steps: dict[tuple[str, str], list[int]] = {}
    for name, group, step in datasets["boundary_steps"].frame.select("boundary", "apart", "step").iter_rows():
        steps.setdefault((name, group), []).append(step)
    return tuple(
        _standing(datasets, plans[name], group, steps.get((name, group), []))
        for name, group in datasets["boundary_states"].frame.select("boundary", "apart").iter_rows()
    )


def _standing(datasets: Datasets, plan: Boundary, group: str, steps: list[int]) -> StandingBoundary:
    here = both(equals("boundary", plan.id), equals("apart", group))
    id = f"safety.boundary.{plan.id}" + (f".{group}" if plan.per != "trial" else "")
    label = f"{plan.label}, {group}" if plan.per != "trial" else plan.label
    counted = Selection("boundary_counts", here)

    def read(dataset: str, column: str, words: str, step: int | None = None) -> Result:
        where = here if step is None else both(here, f"step = {step}")
        name = column if step is None else f"step_{step}.{column}"
        return derive_result(
            datasets,
            f"{id}.{name}",
            f"{label}: {words}",
            Selection(dataset, where),
            "recorded",
            column=column,
        )

    with_event = Selection("boundary_counts", both(here, "with_event"))
    return StandingBoundary(
        plan,
        group,
        derive_result(
            datasets, f"{id}.events", f"{label}: participants with an event", with_event, "count_participants",
            among=counted,
        ),
        derive_result(
            datasets, f"{id}.patients", f"{label}: participants infused", counted, "count_participants",
            among=Selection("boundary_counts", equals("boundary", plan.id)),
        ),
        read("boundary_states", "stops_at", "stops at"),
        read("boundary_states", "state", "where it stands"),
        read("boundary_states", "review", "the safety board's last decision"),
        tuple(
            {
                column: read("boundary_steps", column, f"step {step}, {words}", step)
                for column, words in (("patients", "infused"), ("events", "with an event"), ("stops_at", "stops at"))
            }
            for step in steps
        ),
    )  # fmt: skip


def _designs(datasets: Datasets, protocol: Protocol) -> tuple[BoundaryDesign, ...]:
    found = []
    for plan in protocol.boundaries:
        here = equals("boundary", plan.id)
        rates = select_rows(Selection("boundary_designs", here), datasets)["rate"].to_list()
        found.append(
            BoundaryDesign(
                plan,
                tuple(
                    (
                        rate,
                        *(
                            derive_result(
                                datasets,
                                f"safety.boundary.{plan.id}.at_{rate:g}.{column}",
                                f"{plan.label}: {words} at a true share of {100 * rate:g} %",
                                Selection("boundary_designs", both(here, f"rate = {rate!r}")),
                                "boundary_by_design",
                                column=column,
                            )
                            for column, words in (
                                ("chance", "chance to stop"),
                                ("expected", "participants expected"),
                            )
                        ),
                    )
                    for rate in rates
                ),
            )
        )
    return tuple(found)
