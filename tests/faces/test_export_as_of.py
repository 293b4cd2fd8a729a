"""The tables of forms as of an entry are those that were exported when the record ended there."""

from datetime import timedelta
from pathlib import Path

from charcot.conduct import correct, enter_in_error, record
from charcot.ledger import Actor
from faces.practice import BEGAN, Practice
from running import Charcot

DESK = Actor("coordinator-1", "coordinator")
DAY = f"{BEGAN + timedelta(days=3):%Y-%m-%d}"
AT = {"participant": "S-01", "form": "vital_signs", "encounter": "screening"}


def exported(charcot: Charcot, practice: Practice, out: Path, *more: object) -> dict[str, bytes]:
    """The files that the command writes, by name."""
    ran = charcot("export", practice.folder.path, out, "--to", "csv", "--forms", *more)
    assert ran.status == 0, ran.err
    return {file.name: file.read_bytes() for file in out.iterdir()}


def test_the_forms_as_of_an_entry_are_those_of_that_day(
    practice: Practice, charcot: Charcot, tmp_path: Path
) -> None:
    values = {"systolic": "120", "diastolic": "80", "pulse": "87", "temperature": "36.6"}
    record(practice.trial, DESK, **AT, at=DAY, values=values)
    record(practice.trial, DESK, participant="S-02", form="urine_culture", encounter="screening", at=DAY,
           values={"collected_at": f"{DAY}T08:00", "growth": "none"})  # fmt: skip
    then = practice.folder.ledger.head().sequence
    of_that_day = exported(charcot, practice, tmp_path / "then")
    assert b",87," in of_that_day["form_vital_signs.csv"]

    correct(
        practice.trial,
        DESK,
        **AT,
        based_on=1,
        changes={"pulse": "78"},
        reason="Read from the wrong line",
    )
    enter_in_error(practice.trial, DESK, participant="S-02", form="urine_culture", encounter="screening", version=1, reason="Another person's")  # fmt: skip
    now = exported(charcot, practice, tmp_path / "now")
    assert b",78," in now["form_vital_signs.csv"]
    assert (
        now["form_urine_culture.csv"].count(b"\n") == of_that_day["form_urine_culture.csv"].count(b"\n") - 1
    )

    assert exported(charcot, practice, tmp_path / "as-of", "--as-of", then) == of_that_day
    assert exported(charcot, practice, tmp_path / "again") == now
