"""What rules are told: as it was at a moment, seen from a form."""

from charcot.clinical_time import ClinicalTime
from charcot.participants import FormKey
from charcot.protocol import Reference
from conduct.desk import Desk


def weight(desk: Desk, at: str, encounter: str | None = None, here: FormKey | None = None) -> str | None:
    facts = desk.dossier().facts(ClinicalTime(at), here)
    return facts.value(Reference("vital_signs", "weight", encounter))


def test_values_are_those_known_by_then(desk: Desk) -> None:
    desk.treat()
    desk.weigh("2014-03-20", "month_2", "68.0")
    assert weight(desk, "2014-01-06T12:00") is None
    assert weight(desk, "2014-01-07") == "70.5"
    assert weight(desk, "2014-03-19") == "70.5"
    assert weight(desk, "2014-03-20") == "68.0"
    assert weight(desk, "2014-06-01", "screening") == "70.5"
    assert weight(desk, "2014-03-19", "month_2") is None
    assert weight(desk, "2014-03-19", here=FormKey("blood", "month_2")) == "68.0"  # of the same visit
    assert weight(desk, "2014-03-19", "month_2", here=FormKey("blood", "month_2")) == "68.0"


def test_rows_of_events_are_those_begun_by_then(desk: Desk) -> None:
    desk.treat()
    for onset in ("2014-02-01", "2014-03", "2014-04-01"):
        desk.about("report_event", onset, values={"term": onset})

    def terms(at: str) -> list[str | None]:
        return [row["term"] for row in desk.dossier().facts(ClinicalTime(at)).rows("adverse_event")]

    assert terms("2014-01-31") == []
    assert terms("2014-03-10") == ["2014-02-01", "2014-03"]
    assert terms("2014-05") == ["2014-02-01", "2014-03", "2014-04-01"]


def test_days_that_are_not_known_are_not_invented(desk: Desk) -> None:
    desk.treat()
    desk.about("record_death", "2014-03", cause="x")
    facts = desk.dossier().facts(ClinicalTime("2014-02"))
    assert facts.value(Reference("this", "date")) is None
    assert facts.value(Reference("participant", "died_on")) is None
    assert facts.value(Reference("participant", "infused_on")) == "2014-01-20"
    assert facts.value(Reference("participant", "consented_on")) == "2014-01-06"
    assert (
        desk.dossier().facts(ClinicalTime("2014-02-03T10:00")).value(Reference("this", "date"))
        == "2014-02-03"
    )
