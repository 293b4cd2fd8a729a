"""One ledger per release: it must verify and fold for ever, whatever the software becomes.

The ledger of 0.1.0 holds an entry of every kind, made by the acts of that release with the small trial of
`tests/conduct/desk.py`. What is expected here is what those acts were told.
"""

import json
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from charcot.datasets import derive_datasets, take_snapshot
from charcot.ledger import Entry, Head, Kind, Row, check_chain, parse_receipt

FIXTURES = sorted((Path(__file__).parents[1] / "fixtures").glob("ledger-*"))


class StoredLedger:
    """Rows of a file, read as a ledger."""

    def __init__(self, file: Path) -> None:
        self._rows = [Row(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]

    def head(self) -> Head:
        return Head(self._rows[-1].sequence, self._rows[-1].hash, self._rows[-1].recorded_at)

    def rows(self, *, until: int | None = None) -> Iterator[Row]:
        return iter(self._rows[:until])

    def entries(
        self, *, subjects: Collection[str] | None = None, after: int = 0, until: int | None = None
    ) -> Iterator[Entry]:
        for row in self._rows[after:until]:
            if subjects is None or row.subject in subjects:
                yield Entry(row.text, row.previous_hash, row.hash)


@pytest.mark.parametrize("folder", FIXTURES, ids=lambda folder: folder.name)
def test_the_ledger_of_a_release_still_verifies(folder: Path) -> None:
    receipt = parse_receipt((folder / "receipt.txt").read_text())
    head, fault = check_chain(StoredLedger(folder / "rows.jsonl").rows(), receipt)
    assert fault is None
    assert (head.sequence, head.hash) == (receipt.sequence, receipt.hash)


def test_every_kind_of_entry_is_in_the_newest_fixture() -> None:
    ledger = StoredLedger(FIXTURES[-1] / "rows.jsonl")
    assert {entry.kind for entry in ledger.entries()} == set(Kind)


def test_the_ledger_of_0_1_0_still_folds_to_what_was_entered() -> None:
    snapshot = take_snapshot(StoredLedger(FIXTURES[0] / "rows.jsonl"))  # type: ignore[arg-type]  # read only
    standings = {dossier.participant: dossier.standing for dossier in snapshot.dossiers}
    assert {name: standing.status for name, standing in standings.items()} == {
        "S-1": "infused",
        "S-2": "enrolled",
        "S-3": "declined",
        "S-4": "died",
        "S-5": "withdrawn",
        "S-6": "lost",
    }
    assert list(standings["S-2"].waivers) == ["I1"]
    datasets = derive_datasets(snapshot)
    weights = datasets["form_vital_signs"].frame.filter(participant="S-1", encounter="month_2")
    assert weights["weight"].to_list() == [68.0]
    assert datasets["events"].frame["term"].to_list() == ["Headache"]
    assert datasets["exposure"].frame["dose_ratio"].to_list() == [1.0] * 4  # 141 million for 70.5 kg
    categories = set(datasets["deviations"].frame["category"])
    assert {"eligibility", "missed visit", "visit"} <= categories
    assert {protocol.version for protocol in snapshot.charter.protocols} == {"1.0", "2.0"}
