"""The order of a participant's course goes by clinical time, whichever fact is entered first."""

from datetime import UTC, datetime

import pytest

from charcot.refusal import BadValue, OutOfOrder
from conduct.desk import Desk


def test_nothing_before_consent(desk: Desk) -> None:
    desk.about("screen", "2014-01-05")
    with pytest.raises(OutOfOrder, match="has not consented"):
        desk.fill("demography", "2014-01-07", "screening", age="40", sporadic="yes")
    desk.about("consent", "2014-01-06T10:00", form_version="1.0")
    with pytest.raises(OutOfOrder, match="before the consent") as refused:
        desk.weigh("2014-01-06T09:59", "screening")
    assert refused.value.facts["consented"] == "2014-01-06T10:00"
    for verb, more in (("assess", {}), ("enrol", {}), ("withdraw", {"scope": "data"})):
        with pytest.raises(OutOfOrder, match="before the consent"):
            desk.about(verb, "2014-01-05", **more)
    desk.weigh("2014-01-06", "screening")  # the same day, the hour not known: it can have been after


def test_consent_not_before_screening(desk: Desk) -> None:
    desk.about("screen", "2014-01-05")
    with pytest.raises(OutOfOrder, match="before screening"):
        desk.about("consent", "2014-01-04T10:00", form_version="1.0")
    desk.about("consent", "2014-01-05T08:00", form_version="1.0")


def test_no_infusion_before_enrolment(desk: Desk) -> None:
    desk.begin()
    desk.weigh("2014-01-07", "screening")
    with pytest.raises(OutOfOrder, match="not enrolled"):
        desk.infuse()
    desk.fill("demography", "2014-01-07", "screening", age="40", sporadic="yes")
    desk.fill("diagnosis_confirmation", "2014-01-08", "screening", confirmed="yes")
    desk.about("enrol", "2014-01-21")
    with pytest.raises(OutOfOrder, match="before enrolment"):
        desk.infuse("2014-01-20T10:00")
    desk.infuse("2014-01-22T10:00")


def test_facts_from_before_a_death_may_follow_it(desk: Desk) -> None:
    desk.treat()
    desk.about("record_death", "2014-03-15", cause="Respiratory failure")
    desk.weigh("2014-03-14", "month_2")
    desk.about(
        "report_event", "2014-03", values={"term": "Fever"}
    )  # the month alone: it can have been before
    desk.about("withdraw", "2014-03-01", scope="treatment")
    for at in ("2014-03-16", "2014-04"):
        with pytest.raises(OutOfOrder, match="after death"):
            desk.about("report_event", at, values={"term": "Fever"})
    with pytest.raises(OutOfOrder, match="after death"):
        desk.about("contact", "2014-03-20", alive=True)
    desk.about("contact", "2014-03-20", alive=False)


def test_enrolment_before_a_death_is_entered_after_it(desk: Desk) -> None:
    desk.begin()
    desk.fill("demography", "2014-01-07", "screening", age="40", sporadic="yes")
    desk.about("record_death", "2014-02-01", cause="Accident")
    with pytest.raises(OutOfOrder, match="after death"):
        desk.about("enrol", "2014-02-02")
    desk.about("enrol", "2014-01-20")
    assert desk.dossier().standing.status == "died"
    assert desk.dossier().standing.enrolled is not None


def test_a_death_cannot_lie_before_what_was_recorded(desk: Desk) -> None:
    desk.treat()
    desk.weigh("2014-03-20", "month_2")
    with pytest.raises(OutOfOrder, match="Vital signs at month_2") as refused:
        desk.about("record_death", "2014-03-19", cause="Unknown")
    assert refused.value.facts["contradictions"] == [["death", "Vital signs at month_2"]]
    desk.about("record_death", "2014-03", cause="Unknown")


def test_nobody_is_treated_after_leaving(desk: Desk) -> None:
    desk.enrol()
    desk.about("withdraw", "2014-01-15", scope="treatment")
    with pytest.raises(OutOfOrder, match="withdrawn consent to treatment"):
        desk.infuse()
    desk.about("withdraw", "2014-01-18", scope="follow_up")
    with pytest.raises(OutOfOrder, match="after the end of follow-up"):
        desk.about("report_event", "2014-01-19", values={"term": "Fever"})
    desk.about("report_event", "2014-01-17", values={"term": "Fever"})
    with pytest.raises(OutOfOrder, match="already recorded"):
        desk.about("withdraw", "2014-01-18", scope="follow_up")
    with pytest.raises(BadValue, match="scope"):
        desk.about("withdraw", "2014-01-18", scope="everything")


def test_an_end_cannot_lie_before_what_was_done(desk: Desk) -> None:
    desk.treat()
    for verb, more in (
        ("withdraw", {"scope": "follow_up"}),
        ("withdraw", {"scope": "treatment"}),
        ("lose_to_follow_up", {"reason": "Called thrice"}),
    ):
        with pytest.raises(OutOfOrder, match="Infusion at infusion_day"):
            desk.about(verb, "2014-01-19", **more)


def test_declining(desk: Desk) -> None:
    desk.begin()
    desk.about("decline", "2014-01-08", reason="Afraid")
    with pytest.raises(OutOfOrder, match="declined"):
        desk.about("enrol", "2014-01-08")
    with pytest.raises(OutOfOrder, match="already"):
        desk.about("decline", "2014-01-07", reason="Afraid")
    desk.treat("S-2")
    with pytest.raises(OutOfOrder, match="already been treated"):
        desk.about("decline", "2014-01-21", "S-2", reason="Afraid")


def test_somebody_lost_can_be_found(desk: Desk) -> None:
    desk.treat()
    desk.about("lose_to_follow_up", "2014-02-01", reason="Called thrice")
    assert desk.dossier().standing.status == "lost"
    with pytest.raises(OutOfOrder, match="end of follow-up"):
        desk.weigh("2014-03-20", "month_2")
    desk.about("contact", "2014-03-15", alive=True)
    assert desk.dossier().standing.status == "infused"
    desk.weigh("2014-03-20", "month_2")


def test_visits_counted_from_infusion_come_after_it(desk: Desk) -> None:
    desk.enrol()
    with pytest.raises(OutOfOrder, match="none is recorded"):
        desk.weigh("2014-03-20", "month_2")
    desk.infuse()
    with pytest.raises(OutOfOrder, match="comes after the infusion"):
        desk.weigh("2014-01-19", "month_2")
    desk.weigh("2014-03-20", "month_2")


def correct(desk: Desk, form: str, encounter: str = "", based_on: int = 1, **more: object) -> None:
    arguments = {"changes": {}, "reason": "Misread"} | more
    desk.act(
        "correct", participant="S-1", form=form, encounter=encounter, based_on=based_on, **arguments
    )  # fmt: skip


def test_corrected_consent_keeps_the_order(desk: Desk) -> None:
    desk.enrol()
    with pytest.raises(OutOfOrder, match="lies before consent"):
        correct(desk, "consent", at="2014-01-08T10:00")
    with pytest.raises(OutOfOrder, match="before screening"):
        correct(desk, "consent", changes={"consented_on": "2014-01-04T10:00"})
    correct(desk, "consent", changes={"consented_on": "2014-01-06T11:00"})
    consent = desk.dossier().standing.consent
    assert consent is not None
    assert (consent.clinical_time.text, consent.text("consented_on")) == ("2014-01-06T11:00",) * 2


def test_corrected_infusion_keeps_the_order(desk: Desk) -> None:
    desk.treat()
    desk.weigh("2014-03-20", "month_2")
    for at in ("2014-01-09T10:00", "2014-01-11T10:00", "2014-03-21T10:00"):
        # before enrolment; before the diagnosis was confirmed; after a visit that follows it
        with pytest.raises(OutOfOrder):
            correct(desk, "infusion", "infusion_day", at=at)
    correct(desk, "infusion", "infusion_day", at="2014-01-21T10:00")
    (infusion,) = desk.dossier().standing.infusions
    assert infusion.text("started_at") == "2014-01-21T10:00"
    assert infusion.text("weight") == "70.5"
    assert infusion.text("planned_dose") == "141000000"


def test_corrected_death_keeps_the_order(desk: Desk) -> None:
    desk.treat()
    desk.about("record_death", "2014-06-01", cause="Unknown")
    desk.about("report_event", "2014-05-20", values={"term": "Fever"})
    with pytest.raises(OutOfOrder, match="Adverse event"):
        correct(desk, "death", changes={"died_on": "2014-05-19"})
    with pytest.raises(BadValue, match="here it is"):
        correct(desk, "death", changes={"died_on": "2014-06-02"}, at="2014-06-03")
    correct(desk, "death", changes={"died_on": "2014-05-21"})
    assert desk.dossier().standing.died_at is not None
    assert desk.dossier().standing.died_at.text == "2014-05-21"
    survival = desk.snapshot()
    from charcot.datasets import derive_datasets

    assert derive_datasets(survival)["survival"].frame["days"].to_list() == [121]  # 20 January to 21 May


def test_the_site_goes_by_its_own_clock() -> None:
    """At 01:00 in Tehran (UTC+3:30 in winter) it is still the day before in UTC."""
    desk = Desk(now=datetime(2014, 1, 6, 21, 20, tzinfo=UTC))
    desk.about("screen", "2014-01-05")
    desk.about("consent", "2014-01-07T00:30", form_version="1.0")
    desk.weigh("2014-01-07T00:50", "screening")
    with pytest.raises(BadValue, match="future") as refused:
        desk.about("report_event", "2014-01-07T00:52", values={"term": "Fever"})
    assert "2014-01-07 00:5" in refused.value.rule
    with pytest.raises(BadValue, match="future"):
        desk.about("report_event", "2014-01-08", values={"term": "Fever"})


@pytest.mark.parametrize(
    "at", ["2014-02-30", "06/01/2014", "", "2014-1-6", "2014-01-06T25:00", "1392-10-16", "۲۰۱۴-۰۱-۰۶"]
)
def test_dates_that_are_none(desk: Desk, at: str) -> None:
    desk.about("screen", "2014-01-05")
    with pytest.raises(BadValue) as refused:
        desk.about("consent", at, form_version="1.0")
    assert "2014-03-14" in str(refused.value) or "Correct the date" in str(refused.value)


@pytest.mark.parametrize("verb", ["screen", "consent", "enrol", "decline", "infuse"])
def test_what_the_trial_does_has_a_day(desk: Desk, verb: str) -> None:
    more = {
        "consent": {"form_version": "1.0"},
        "decline": {"reason": "Afraid"},
        "infuse": {"given_dose": "141000000", "values": {}},
    }
    desk.enrol()
    with pytest.raises(BadValue, match="does not say the day"):
        desk.about(verb, "2014-01", "S-9" if verb == "screen" else "S-1", **more.get(verb, {}))
