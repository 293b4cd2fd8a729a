"""The trial of `tests/conduct/desk.py` with a few numbers reported; who counts and what is behind them is known by hand."""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial

from charcot.analysis import ReportPlan, Result, Selection, derive_report_datasets, derive_result
from charcot.analysis.plan import population
from charcot.datasets import Snapshot, derive_datasets, take_snapshot
from charcot.ledger import Absence, Entry, Head, Kind, Ledger, Value
from charcot.report.document import Paragraph, Report, Section
from charcot.report.format import Format
from charcot.report.table import Number
from conduct.desk import COORDINATOR, Desk

MONTH_2 = "encounter = 'month_2'"
WEIGHT = "weight.month_2.mean"


def play() -> Desk:
    """Five treated and one who declined.

    At month 2: S-1 weighed 69.0, corrected to 68.0; S-2 not weighed, the scales were broken; S-3 missed the visit;
    S-4 died before; S-6 weighed 70.0. S-5 was weighed at screening and declined.
    """
    desk = Desk()
    for person in ("S-1", "S-2", "S-3", "S-4"):
        desk.treat(person)
    desk.about("record_death", "2014-02-10", "S-4", cause="Respiratory failure")
    desk.fill("vital_signs", "2014-03-20", "month_2", weight="69.0", height="170", pulse="71")
    broken = Value(absent=Absence.NOT_DONE, why="Scales broken")
    desk.about(
        "record", "2014-03-21", "S-2", form="vital_signs", encounter="month_2",
        values={"weight": broken, "pulse": "72"},
    )  # fmt: skip
    desk.about("miss", "2014-04-10", "S-3", encounter="month_2", reason="In hospital elsewhere.")
    desk.begin("S-5")
    desk.weigh("2014-01-07", "screening", participant="S-5")
    desk.about("decline", "2014-01-08", "S-5", reason="Prefers to stay at home.")
    desk.treat("S-6")
    desk.weigh("2014-03-20", "month_2", weight="70.0", participant="S-6")
    correct_weight(desk, "68.0", based_on=1)
    desk.about("report_event", "2014-02-01", values={"term": "Headache"})
    return desk


def play_otherwise() -> Desk:
    """The same trial opened a year later: another record."""
    desk = Desk(now=datetime(2015, 12, 1, 9, tzinfo=UTC))
    desk.treat()
    return desk


def correct_weight(desk: Desk, weight: str, based_on: int) -> int:
    """Corrects the weight of S-1 at month 2; the number of the entry."""
    (entry,) = desk.act(
        "correct", COORDINATOR, participant="S-1", form="vital_signs", encounter="month_2",
        changes={"weight": weight}, based_on=based_on, reason="Read from the wrong line of the paper form.",
    )  # fmt: skip
    return entry.sequence


def report_on(ledger: Ledger) -> tuple[Report, Snapshot]:
    """A report of eight numbers."""
    snapshot = take_snapshot(ledger)
    datasets = derive_report_datasets(snapshot, derive_datasets(snapshot), ReportPlan())
    treated = population(snapshot.protocol, "treated")
    weighed = Selection("form_vital_signs", f"({MONTH_2}) AND (weight IS NOT NULL)", treated)
    seen = Selection("form_vital_signs", MONTH_2, treated)
    everybody = Selection("participants", "", treated)
    fever = Selection("events", "term = 'Fever'", treated)
    derive = partial(derive_result, datasets, planned="weights")
    results = (
        derive(WEIGHT, "Weight, month 2: mean", weighed, "mean", column="weight", unit="kg"),
        derive("weight.month_2.n", "Weight known", weighed, "count_participants", among=everybody),
        derive("pulse.month_2.mean", "Pulse, month 2: mean", seen, "mean", column="pulse"),
        derive("bmi.month_2.mean", "BMI, month 2: mean", seen, "mean", column="bmi"),
        derive("fever.n", "Fever: participants", fever, "count_participants", among=everybody),
        derive("fever.share", "Fever: proportion", fever, "share_of_participants", among=everybody),
        derive("visits.forms", "Forms filled", Selection("visits", MONTH_2), "sum", column="forms_filled"),
        derive(
            "survival.month_1", "Survival at 1 month", Selection("survival", "", treated), "survival_at",
            column="months", at=1.0, status="prespecified",
        ),
    )  # fmt: skip
    return _report(snapshot, results, datasets), snapshot


def _report(snapshot: Snapshot, results: tuple[Result, ...], datasets: object) -> Report:
    shown = {
        "fever.share": [Format(1, scale=100.0, part=p) for p in ("estimate", "lower", "upper")],
        "survival.month_1": [Format(1, scale=100.0)],
    }
    pieces = tuple(
        Number(result, form) for result in results for form in shown.get(result.id, [Format(1, trim=True)])
    )
    return Report(
        title="A small trial of cells",
        short_title="Small",
        facts=(),
        purpose="practice",
        cut=snapshot.now.date(),
        receipt=snapshot.receipt,
        protocol_version="1.0",
        sections=(Section("numbers", "Numbers", (Paragraph(pieces),)),),
        results={result.id: result for result in results},
        lineage={},
        datasets=datasets,  # type: ignore[arg-type]  # what derive_report_datasets gave
        snapshot=snapshot,
    )


def entries_of(ledger: Ledger, participant: str, kind: Kind | str, encounter: str = "") -> list[int]:
    """The entries of a kind, or of a form, about somebody: read from the ledger alone."""
    return [
        entry.sequence
        for entry in ledger.entries()
        if entry.participant == participant
        and (
            entry.kind is kind
            or (
                entry.kind is Kind.FORM_RECORDED
                and (entry.data["form"], entry.data.get("encounter", "")) == (kind, encounter)
            )
        )
    ]


class AlteredLedger:
    """A ledger in which the text of some entries is another."""

    def __init__(self, ledger: Ledger, altered: Mapping[int, str]) -> None:
        self._ledger, self._altered = ledger, altered

    def head(self) -> Head:
        return self._ledger.head()

    def entries(
        self, *, subjects: Collection[str] | None = None, after: int = 0, until: int | None = None
    ) -> Iterator[Entry]:
        for entry in self._ledger.entries(subjects=subjects, after=after, until=until):
            text = self._altered.get(entry.sequence)
            yield entry if text is None else Entry(text, entry.previous_hash, entry.hash)


def with_value(entry: Entry, item: str, text: str) -> str:
    """The text of a form's entry in which one value says something else."""
    content = json.loads(entry.text)
    content["data"]["values"][item]["value"] = text
    return json.dumps(content)
