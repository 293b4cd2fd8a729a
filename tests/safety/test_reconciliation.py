"""Reconciliation: each question about what does not agree, on small trials in which it is asked, and in which it is not."""

from dataclasses import replace

import pytest

from charcot.clinical_time import ClinicalTime
from charcot.refusal import OutOfOrder
from charcot.report.audit_trail import describe_entry
from charcot.safety.reconciliation import find_query, reconcile
from conduct.desk import DATA_MANAGER, Desk, protocol_files

EVENT = (
    "  - {id: term, label: Event, type: text, required: true}\n  - {id: onset",
    "  - {id: term, label: Event, type: text, required: true}\n"
    "  - {id: category, label: Kind, type: choice, codes: {hypertension: H, tachycardia: T, pulmonary_embolism: P, fever: F, other: O}}\n"
    "  - {id: grade, label: Grade, type: choice, codes: {1: One, 3: Three, 5: Five}}\n"
    "  - {id: outcome, label: Outcome, type: choice, codes: {fatal: Fatal, recovered: Recovered}}\n"
    "  - {id: ended, label: Ended, type: date, partial: true}\n  - {id: onset",
)
VITALS = (
    "  - {id: pulse, label: Pulse",
    "  - {id: systolic, label: Systolic, type: integer, unit: mmHg}\n"
    "  - {id: diastolic, label: Diastolic, type: integer, unit: mmHg}\n  - {id: temperature, label: Temperature, type: decimal, unit: °C}\n  - {id: pulse, label: Pulse",
)
DEATH = (
    "  - {id: cause, label: Cause, type: text, required: true}",
    "  - {id: cause, label: Cause, type: text, required: true}\n"
    "  - {id: cause_category, label: Kind, type: choice, codes: {disease: D, pulmonary_embolism: P, unknown: U}}",
)
MEDICINE = """\
form: concomitant_medication
title: Medicines
repeating: true
items:
  - {id: medicine, label: Medicine, type: text, required: true}
"""


@pytest.fixture
def desk() -> Desk:
    files = protocol_files(EVENT, VITALS, DEATH)
    found = Desk(files={**files, "forms/concomitant_medication.yaml": MEDICINE})
    found.treat()
    found.about(
        "record", "2014-01-25", form="concomitant_medication", instance=9, values={"medicine": "Riluzole"}
    )
    return found


def asked(desk: Desk) -> list[str]:
    return [found.check for found in reconcile(desk.dossier())]


def report(desk: Desk, on: str = "2014-02-10", **values: str) -> None:
    desk.about("report_event", on, values={"term": f"Something of {on}", **values})


@pytest.mark.parametrize(
    ("medicine", "category"), [("Propranolol 40 mg", "tachycardia"), ("Warfarin", "pulmonary_embolism")]
)
def test_a_treatment_without_its_event(desk: Desk, medicine: str, category: str) -> None:
    desk.fill("concomitant_medication", "2014-02-12", "", medicine=medicine)
    report(desk, category="other", on="2014-02-01")
    (found,) = reconcile(desk.dossier())
    assert found.check == "treated_without_event"
    assert medicine in found.question
    report(desk, category=category)
    assert asked(desk) == []


def test_a_pressure_without_its_event(desk: Desk) -> None:
    values = {"weight": "70", "pulse": "80", "systolic": "180", "diastolic": "100"}
    desk.fill("vital_signs", "2014-03-20", "month_2", **values)
    (found,) = reconcile(desk.dossier())
    assert found.question.startswith("180/100 mmHg on 2014-03-20 is hypertension of grade 3")
    report(desk, "2014-02-10", category="hypertension")
    assert asked(desk) == ["measured_without_event"], "an event of another month does not tell of it"
    report(desk, "2014-03-20", category="hypertension")
    assert asked(desk) == []


def test_a_laboratory_value_without_its_event(desk: Desk) -> None:
    desk.fill("blood", "2014-03-20", "month_2", haemoglobin="7.5")
    (found,) = reconcile(desk.dossier())
    assert "Haemoglobin 7.5 g/dl on 2014-03-20 is anaemia of grade 3" in found.question
    desk.about("report_event", "2014-03-19", values={"term": "Anaemia"})
    assert asked(desk) == []


@pytest.mark.parametrize("said", [{"grade": "5"}, {"outcome": "fatal"}, {"grade": "5", "outcome": "fatal"}])
def test_deaths_and_fatal_events(desk: Desk, said: dict[str, str]) -> None:
    report(desk, **said, category="pulmonary_embolism")
    assert asked(desk) == ["fatal_without_death"]
    desk.about("record_death", "2014-02-10", cause="Embolus", values={"cause_category": "pulmonary_embolism"})
    assert asked(desk) == []


@pytest.mark.parametrize(
    ("category", "checks"),
    [("pulmonary_embolism", ["death_without_event"]), ("unknown", ["death_without_event"]), ("disease", [])],
)
def test_a_death_without_a_fatal_event(desk: Desk, category: str, checks: list[str]) -> None:
    desk.about("record_death", "2014-05-01", cause="As written", values={"cause_category": category})
    assert asked(desk) == checks


def test_one_event_reported_twice(desk: Desk) -> None:
    report(desk, category="fever")
    report(desk, "2014-02-11", category="fever", term="Chills")
    assert asked(desk) == []
    report(desk, "2014-02", category="fever", term="Shivering")
    assert asked(desk) == ["reported_twice", "reported_twice"], "February may be either day"


def test_an_event_that_comes_back_before_it_was_over(desk: Desk) -> None:
    report(desk, "2014-02-10", term="Headache", ended="2014-02-20")
    report(desk, "2014-02-14", term="headache")
    (found,) = reconcile(desk.dossier())
    assert (found.check, found.key.instance) == ("reported_twice", 2)
    assert found.question.startswith("Event 1 is of the same term and was not over")
    place = {"participant": "S-1", "form": "adverse_event", "instance": 1, "based_on": 1}
    desk.act("correct", **place, reason="Read again", changes={"ended": "2014-02-12"})
    assert asked(desk) == [], "now it is a further episode"
    report(desk, "2014-03-20", term="Headache")
    assert asked(desk) == ["reported_twice"], "the second has no end"


def test_an_event_that_ends_before_it_begins(desk: Desk) -> None:
    report(desk, ended="2014-02-09")
    assert asked(desk) == ["ends_before_it_begins"]


def queries(desk: Desk) -> list[tuple[str, str]]:
    return [(query.id, query.status) for query in desk.dossier().queries]


def stop_propranolol(desk: Desk, based_on: int, medicine: str) -> None:
    place = {"participant": "S-1", "form": "concomitant_medication", "instance": 1}
    desk.act("correct", **place, based_on=based_on, reason="Misread", changes={"medicine": medicine})


def test_each_disagreement_is_one_query_from_opening_to_coming_back(desk: Desk) -> None:
    desk.fill("concomitant_medication", "2014-02-12", "", medicine="Propranolol")
    report(desk, category="other", on="2014-02-01")
    report(desk, category="other", on="2014-02-03", term="Rash")
    (query,) = desk.dossier().queries
    assert (query.status, query.item, query.key.form) == ("open", "medicine", "concomitant_medication")
    assert query.text.startswith("Propranolol is given, and no fast pulse")
    assert find_query(desk.dossier(), reconcile(desk.dossier())[0]) == query
    stop_propranolol(desk, 1, "Paracetamol")
    assert queries(desk) == [("q1", "closed")]
    assert (desk.dossier().queries[0].last.reason, desk.dossier().queries[0].last.data["by"]) == (
        "this agrees now",
        "check",
    )
    stop_propranolol(desk, 2, "Metoprolol")
    (query,) = desk.dossier().queries
    assert query.status == "open"
    assert query.text.startswith("Metoprolol is given"), "it comes back under its own number"
    assert "opened the query q1" in describe_entry(query.last)
    assert "Metoprolol is given" in describe_entry(query.last)


def test_what_a_person_settled_is_asked_again_only_on_other_values(desk: Desk) -> None:
    desk.fill("concomitant_medication", "2014-02-12", "", medicine="Propranolol")
    desk.act("answer_query", participant="S-1", query="q1", text="For an old tremor.")
    assert queries(desk) == [("q1", "answered")]
    desk.act("close_query", DATA_MANAGER, participant="S-1", query="q1")
    report(desk, category="fever")
    assert queries(desk) == [("q1", "closed")]
    assert asked(desk) == ["treated_without_event"], "it still does not agree, and is settled"
    stop_propranolol(desk, 1, "Bisoprolol")
    assert queries(desk) == [("q1", "open")]


def test_every_query_of_one_form_has_its_own_number_and_goes_with_the_form(desk: Desk) -> None:
    values = {"weight": "70", "pulse": "80", "systolic": "150", "diastolic": "85", "temperature": "39.5"}
    desk.fill("vital_signs", "2014-03-20", "month_2", **values)
    desk.fill("concomitant_medication", "2014-03-21", "", medicine="Warfarin")
    assert queries(desk) == [("q1", "open"), ("q2", "open"), ("q3", "open")]
    assert [query.item for query in desk.dossier().queries] == ["systolic", "temperature", "medicine"]
    place = {"form": "vital_signs", "encounter": "month_2", "version": 1}
    desk.act("enter_in_error", participant="S-1", **place, reason="Of another")
    assert queries(desk) == [("q1", "closed"), ("q2", "closed"), ("q3", "open")]
    assert len(desk.dossier().queries[0].events) == 2, "closed once"


def test_an_event_before_consent_and_one_after_death(desk: Desk) -> None:
    """The acts refuse both; a record that was not made by them, such as an older one, may hold them."""
    report(desk, on="2014-02-10")
    with pytest.raises(OutOfOrder):
        report(desk, on="2013-12-01")
    desk.about("record_death", "2014-05-01", cause="ALS", values={"cause_category": "disease"})
    with pytest.raises(OutOfOrder):
        report(desk, on="2014-06-01")
    sound = desk.dossier()
    assert reconcile(sound) == ()
    assert sound.standing.consent is not None
    assert sound.standing.death is not None
    late = replace(sound.standing.consent, clinical_time=ClinicalTime("2014-02-11"))
    early = replace(sound.standing.death, clinical_time=ClinicalTime("2014-02-09"))
    broken = replace(sound, standing=replace(sound.standing, consent=late, death=early))
    assert [found.check for found in reconcile(broken)] == ["before_consent", "after_death"]
    month = replace(late, clinical_time=ClinicalTime("2014-02"))
    assert reconcile(replace(sound, standing=replace(sound.standing, consent=month))) == ()


def test_a_term_of_another_kind_than_was_chosen(desk: Desk) -> None:
    report(desk, term="Pulmonary embolism", category="other")
    (found,) = reconcile(desk.dossier())
    assert (found.check, found.item) == ("kind_of_event", "category"), "a boundary counts by the kind"
    (query,) = desk.dossier().queries
    assert query.text.startswith("Pulmonary embolism is of the kind")
    place = {"participant": "S-1", "form": "adverse_event", "instance": 1, "based_on": 1}
    desk.act("correct", **place, reason="Read again", changes={"category": "pulmonary_embolism"})
    assert asked(desk) == []
    report(desk, "2014-03-01", term="Fall", category="other")
    assert asked(desk) == [], "nor is anything asked about a term without a kind of its own"
