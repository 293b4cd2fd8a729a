"""Tables of forms that are kept say what the whole record says, whatever was done between two exports."""

import shutil
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from charcot.datasets import take_snapshot
from charcot.datasets.forms import derive_form_datasets
from charcot.exchange.csv_tables import CsvTable, csv_table
from charcot.ledger import Ledger, MemoryLedger
from charcot.refusal import Refusal
from charcot.wiring import kept_forms
from charcot.wiring.kept_forms import form_tables
from conduct.desk import Desk
from conduct.test_same_everywhere import Act, courses

QUICK = [phase for phase in Phase if phase is not Phase.shrink]


def folded(ledger: Ledger) -> dict[str, CsvTable]:
    made = derive_form_datasets(take_snapshot(ledger))
    return {f"form_{name}": csv_table(dataset) for name, dataset in made.items()}


def kept(ledger: Ledger, place: Path) -> dict[str, CsvTable]:
    return form_tables(ledger, place)[0]


@settings(max_examples=25, phases=QUICK, suppress_health_check=list(HealthCheck))
@given(courses, st.data())
def test_kept_and_folded_hold_the_same_rows(tmp_path: Path, course: list[Act], data: st.DataObject) -> None:
    desk, place = Desk(MemoryLedger()), tmp_path / "kept"
    shutil.rmtree(place, ignore_errors=True)
    for verb, actor, arguments in course:
        try:
            desk.act(verb, actor, **arguments)
        except Refusal:
            continue
        if data.draw(st.integers(0, 3)) == 0:
            kept(desk.trial.ledger, place)
    for _again in range(2):
        assert kept(desk.trial.ledger, place) == folded(desk.trial.ledger)


def test_rows_of_another_record_and_broken_ones_are_made_anew(tmp_path: Path) -> None:
    one, other = Desk(MemoryLedger()), Desk(MemoryLedger())
    for desk, name in ((one, "S-1"), (other, "T-1")):
        desk.begin(name)
        desk.weigh("2014-01-07", "screening", participant=name)
    for desk in (one, other):
        assert kept(desk.trial.ledger, tmp_path) == folded(desk.trial.ledger)
    for name in ("state.json", "vital_signs.csv", "sizes", "index.json"):
        for damage in (lambda whole: whole[: len(whole) // 2], lambda whole: whole[:-2] + b"9" + whole[-1:]):
            (file,) = tmp_path.rglob(name)
            file.write_bytes(damage(file.read_bytes()))
            assert kept(other.trial.ledger, tmp_path) == folded(other.trial.ledger)


def test_an_export_does_not_need_what_could_not_be_kept(tmp_path: Path) -> None:
    desk, nowhere = Desk(MemoryLedger()), tmp_path / "a file"
    nowhere.touch()
    desk.begin("S-1")
    desk.weigh("2014-01-07", "screening", participant="S-1")
    assert kept(desk.trial.ledger, nowhere) == folded(desk.trial.ledger)


def test_only_those_whom_an_act_concerns_are_derived_again(tmp_path: Path, monkeypatch) -> None:
    desk = Desk(MemoryLedger())
    for name in ("S-1", "S-2", "S-3"):
        desk.begin(name)
        desk.weigh("2014-01-07", "screening", participant=name)
    assert [d.participant for d in form_tables(desk.trial.ledger, tmp_path)[1].dossiers] == [
        "S-1",
        "S-2",
        "S-3",
    ]
    assert form_tables(desk.trial.ledger, tmp_path)[1].dossiers == ()
    desk.about("contact", "2014-06-02", "S-2", alive=True)
    assert [d.participant for d in form_tables(desk.trial.ledger, tmp_path)[1].dossiers] == ["S-2"]
    monkeypatch.setattr(kept_forms, "SHAPE", kept_forms.SHAPE + 1)
    assert len(form_tables(desk.trial.ledger, tmp_path)[1].dossiers) == 3
