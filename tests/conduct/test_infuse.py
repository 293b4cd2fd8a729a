"""Infusions: what must come first, the dose from the weight, repeats and corrections."""

import pytest

from charcot.conduct.infuse import DoseMismatch
from charcot.datasets import derive_datasets
from charcot.ledger import Origin
from charcot.refusal import BadValue, OutOfOrder
from conduct.desk import Desk, protocol_files


def ready(desk: Desk, confirmed: str | None = "yes") -> None:
    desk.begin()
    desk.fill("demography", "2014-01-07", "screening", age="40", sporadic="yes")
    desk.weigh("2014-01-07", "screening")
    desk.about("enrol", "2014-01-10")
    if confirmed is not None:
        desk.fill("diagnosis_confirmation", "2014-01-12", "screening", confirmed=confirmed)


@pytest.mark.parametrize(("confirmed", "words"), [(None, "not known"), ("no", "not so")])
def test_not_until_the_diagnosis_is_confirmed(desk: Desk, confirmed: str | None, words: str) -> None:
    ready(desk, confirmed)
    with pytest.raises(OutOfOrder, match=words) as refused:
        desk.infuse()
    assert "Section 5.1" in refused.value.rule
    assert refused.value.facts["used"] == {"diagnosis_confirmation.confirmed": confirmed}


def test_a_confirmation_that_came_later_does_not_count(desk: Desk) -> None:
    ready(desk)
    with pytest.raises(OutOfOrder, match="not known on 2014-01-11"):
        desk.infuse("2014-01-11T10:00")


def test_the_dose_follows_from_the_weight(desk: Desk) -> None:
    """2 × 10^6 cells per kg (Methods of the paper): 70.5 kg make 141 000 000."""
    ready(desk)
    desk.infuse(dose="141000000")
    (infusion,) = desk.dossier().standing.infusions
    assert (infusion.text("weight"), infusion.text("planned_dose")) == ("70.5", "141000000")
    assert infusion.values["planned_dose"].origin is Origin.DERIVED
    assert desk.snapshot().deviations == ()
    exposure = derive_datasets(desk.snapshot())["exposure"].frame
    assert exposure.select("dose_ratio", "dose_per_kg").row(0) == (1.0, 2e6)


@pytest.mark.parametrize(
    ("dose", "fits"),
    [
        ("126900000", True),
        ("126899999", False),
        ("155100000", True),
        ("155100001", False),
        ("1.41e9", False),
        ("1.41e8", True),
    ],
)
def test_the_tolerance_of_a_tenth(desk: Desk, dose: str, fits: bool) -> None:
    ready(desk)
    if fits:
        desk.infuse(dose=dose)
        return
    with pytest.raises(DoseMismatch, match="141000000 planned"):
        desk.infuse(dose=dose)
    desk.infuse(dose=dose, reason="A second bag was thawed")
    (deviation,) = desk.snapshot().deviations
    assert (deviation.category, deviation.section) == ("dose", "cells")
    assert "A second bag was thawed" in deviation.description
    (infusion,) = desk.dossier().standing.infusions
    assert deviation.entries == (infusion.entry.sequence,)


def test_a_corrected_dose_is_judged_again(desk: Desk) -> None:
    ready(desk)
    desk.infuse(dose="1.41e9", reason="As counted")

    def correct(based_on: int, **changes: str) -> None:
        desk.act(
            "correct",
            participant="S-1",
            form="infusion",
            encounter="infusion_day",
            changes=changes,
            based_on=based_on,
            reason="Misread",
        )

    correct(1, given_dose="1.41e8")
    assert desk.snapshot().deviations == ()
    correct(2, weight="105.7")
    (infusion,) = desk.dossier().standing.infusions
    assert infusion.text("planned_dose") == "211400000"
    assert [d.category for d in desk.snapshot().deviations] == ["dose"]


@pytest.mark.parametrize("dose", ["abc", "NaN", "Infinity", "", "1_0", "-"])
def test_a_dose_that_is_no_number(desk: Desk, dose: str) -> None:
    ready(desk)
    with pytest.raises(BadValue, match="Given dose"):
        desk.infuse(dose=dose)


def test_what_the_form_says_must_agree(desk: Desk) -> None:
    ready(desk)
    for values in ({"weight": "71"}, {"given_dose": "5"}, {"started_at": "2014-01-20T11:00"}):
        with pytest.raises(BadValue, match="here it is"):
            desk.about("infuse", "2014-01-20T10:00", given_dose="141000000", values=values)
    desk.about("infuse", "2014-01-20T10:00", given_dose="141000000", values={"weight": "70.50"})


def test_small_doses_are_not_rounded_away() -> None:
    """0.04 mg/kg × 70.5 kg = 2.82 mg."""
    files = protocol_files(
        ("per_kg: 2e6", "per_kg: 0.04"),
        ("unit: cells\n", "unit: mg\n"),
        ("unit: cells, precision: 0", "unit: mg"),
    )
    desk = Desk(files=files)
    ready(desk)
    with pytest.raises(DoseMismatch):
        desk.infuse(dose="28.2")
    desk.infuse(dose="2.82")
    assert desk.dossier().standing.infusions[0].text("planned_dose") == "2.82"


def test_the_weight_may_be_35_days_old(desk: Desk) -> None:
    """Weighed on 7 January: the 35th day after it is 11 February."""
    ready(desk)
    with pytest.raises(OutOfOrder, match="no weight") as refused:
        desk.infuse("2014-02-12T08:00")
    assert refused.value.facts["last_weight"] == "2014-01-07"
    desk.infuse("2014-02-11T20:00")


def test_the_last_weight_before_counts(desk: Desk) -> None:
    ready(desk)
    desk.about(
        "record", "2014-01-19", form="vital_signs", encounter="extra", values={"weight": "80", "pulse": "70"}
    )
    desk.about(
        "record",
        "2014-01-21",
        form="vital_signs",
        encounter="extra",
        instance=2,
        values={"weight": "90", "pulse": "70"},
    )
    desk.infuse(dose="160000000")
    assert desk.dossier().standing.infusions[0].text("weight") == "80"


def test_a_second_infusion_after_the_interval_and_no_third(desk: Desk) -> None:
    """Maximum 2, four weeks apart: 20 January and 17 February."""
    ready(desk)
    desk.infuse("2014-01-20T10:00")
    desk.about(
        "record",
        "2014-02-10",
        form="vital_signs",
        encounter="extra",
        values={"weight": "70.5", "pulse": "70"},
    )
    for at in ("2014-02-17T09:59", "2014-01-20T10:00", "2014-01-15T10:00"):
        with pytest.raises(OutOfOrder, match="4 weeks"):
            desk.infuse(at)
    desk.infuse("2014-02-17T10:00")
    with pytest.raises(OutOfOrder, match="already given 2 times"):
        desk.infuse("2014-04-17T10:00")
    with pytest.raises(OutOfOrder, match="4 weeks"):
        desk.act(
            "correct",
            participant="S-1",
            form="infusion",
            encounter="infusion_day",
            instance=2,
            changes={"started_at": "2014-02-16T10:00"},
            based_on=1,
            reason="Misread",
        )
    standing = desk.dossier().standing
    assert [v.clinical_time.text for v in standing.infusions] == ["2014-01-20T10:00", "2014-02-17T10:00"]
    assert standing.infused_at == standing.infusions[0].clinical_time
