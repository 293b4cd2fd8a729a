"""Recording, correcting and missing forms."""

import pytest

from charcot.conduct import Trial
from charcot.ledger import Absence, Kind, MemoryVault, Origin, Value, check_chain
from charcot.refusal import BadValue, NotAllowed, OutdatedVersion, OutOfOrder, ReasonMissing
from conduct.desk import COORDINATOR, MONITOR, Desk, protocol_files


def correct(desk: Desk, form: str, encounter: str, based_on: int = 1, **more: object) -> None:
    arguments = {"changes": {}, "reason": "Misread"} | more
    desk.act("correct", participant="S-1", form=form, encounter=encounter, based_on=based_on, **arguments)


def test_a_writer_who_worked_from_an_old_version_sees_both(desk: Desk) -> None:
    desk.begin()
    desk.weigh("2014-01-07", "screening", "70.5")
    with pytest.raises(OutdatedVersion, match="dr-a") as refused:
        desk.weigh("2014-01-07", "screening", "82.0")
    assert refused.value.facts["saved"]["weight"] == "70.5"
    assert refused.value.facts["given"]["weight"] == "82.0"
    assert (refused.value.facts["based_on"], refused.value.facts["newest"]) == (0, 1)
    correct(desk, "vital_signs", "screening", changes={"weight": "71.0"})
    with pytest.raises(OutdatedVersion) as refused:
        correct(desk, "vital_signs", "screening", changes={"weight": "72.0"})
    assert refused.value.facts["saved"]["weight"] == "71.0"
    with pytest.raises(OutdatedVersion, match="was never saved"):
        correct(desk, "vital_signs", "screening", based_on=7, changes={"weight": "72.0"})


def test_values_stay_as_they_were_typed(desk: Desk) -> None:
    desk.begin()
    note = 'Line one\r\nline two\t"ü" \U0001f9ec ‮x'
    desk.fill("vital_signs", "2014-01-07", "screening", weight="070.0", pulse="70", note=note)
    (version,) = desk.dossier().casebook.instances("vital_signs")
    assert version.text("weight") == "070.0"
    assert version.text("note") == note


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("weight", "seventy"),
        ("weight", "NaN"),
        ("weight", "Infinity"),
        ("weight", "1_00"),
        ("weight", "۷۰"),
        ("weight", "70,5"),
        ("weight", "70.55"),
        ("weight", "7055e-2"),
        ("weight", "0.7055e2"),
        ("weight", "19.9"),
        ("weight", ""),
        ("pulse", "70.0"),
        ("pulse", "250 "),
        ("pulse", "201"),
        ("taken_at", "9"),
        ("taken_at", "24:00"),
        ("taken_at", "09:30+03:30"),
        ("note", "\x07"),
        ("note", "   "),
        ("smoker", "Yes"),
        ("cigarettes", "3"),
        ("bmi", "20"),
        ("wieght", "70"),
    ],
)  # fmt: skip
def test_values_that_do_not_fit_are_named(desk: Desk, item: str, text: str) -> None:
    desk.begin()
    with pytest.raises(BadValue) as refused:
        desk.fill(
            "vital_signs", "2014-01-07", "screening", **({"weight": "70", "pulse": "70"} | {item: text})
        )
    assert item in refused.value.facts["fields"]
    assert desk.dossier().casebook.instances("vital_signs") == ()


@pytest.mark.parametrize("text", ["cramps,cramps", "cramps weakness", "cramps,", "fever", ""])
def test_choices_that_do_not_fit(desk: Desk, text: str) -> None:
    desk.begin()
    with pytest.raises(BadValue, match="Symptoms"):
        desk.fill("demography", "2014-01-07", "screening", age="40", sporadic="yes", symptoms=text)
    desk.fill("demography", "2014-01-07", "screening", age="40", sporadic="yes", symptoms="weakness, cramps")


def test_a_value_or_a_reason_for_none(desk: Desk) -> None:
    desk.begin()
    for wrong in (
        Value(text="abc", absent=Absence.NOT_DONE, why="Broken"),
        Value(absent=Absence.NOT_DONE),
        Value(),
        Value(sealed="AAAA"),
        Value(text="70", sealed="AAAA"),
    ):
        with pytest.raises(BadValue, match="Weight"):
            desk.about(
                "record",
                "2014-01-07",
                form="vital_signs",
                encounter="screening",
                values={"weight": wrong, "pulse": "70"},
            )
    scales = Value(absent=Absence.NOT_DONE, why="Scales broken")
    desk.about(
        "record",
        "2014-01-07",
        form="vital_signs",
        encounter="screening",
        values={"weight": scales, "pulse": "70"},
    )
    (version,) = desk.dossier().casebook.instances("vital_signs")
    assert version.missing == ()
    assert version.values["weight"] == scales


def test_what_is_recorded_is_only_added_to(desk: Desk) -> None:
    desk.begin()
    why = Value(absent=Absence.UNKNOWN, why="Not asked")
    first = {"weight": "70.5", "smoker": why}
    desk.about("record", "2014-01-07", form="vital_signs", encounter="screening", values=first)
    (version,) = desk.dossier().casebook.instances("vital_signs")
    assert version.missing == ("pulse",)

    def again(at: str = "2014-01-07", **values: str | Value) -> None:
        desk.about(
            "record",
            at,
            form="vital_signs",
            encounter="screening",
            values=values,
            based_on=1,
            origin=Origin.IMPORTED,
        )

    with pytest.raises(OutOfOrder, match="weight"):
        again(weight="70.50", pulse="70")
    with pytest.raises(OutOfOrder, match="smoker"):
        again(smoker=Value(absent=Absence.NOT_DONE, why="Tired"), pulse="70")
    with pytest.raises(OutOfOrder, match="dated 2014-01-07"):
        again("2014-01-08", pulse="70")
    again(weight="70.5", pulse="70")
    (version,) = desk.dossier().casebook.instances("vital_signs")
    assert version.version == 2
    assert version.values["weight"].origin is Origin.ENTERED
    assert version.values["pulse"].origin is Origin.IMPORTED
    assert version.values["smoker"] == why


def test_a_correction_keeps_the_rest_and_the_history(desk: Desk) -> None:
    desk.begin()
    desk.fill(
        "vital_signs", "2014-01-07", "screening", weight="80.0", height="200.0", pulse="70", note="Sitting"
    )
    with pytest.raises(ReasonMissing):
        correct(desk, "vital_signs", "screening", changes={"weight": "60.0"}, reason=" ")
    correct(desk, "vital_signs", "screening", changes={"weight": "60.0"}, cleared=("note",))
    first, second = next(iter(v for k, v in desk.dossier().casebook.forms.items() if k.form == "vital_signs"))
    assert (first.text("weight"), first.text("bmi"), first.text("note")) == ("80.0", "20.0", "Sitting")
    assert (second.text("weight"), second.text("bmi"), second.text("note")) == ("60.0", "15.0", None)
    assert second.text("pulse") == "70"
    assert second.entry.reason == "Misread"
    with pytest.raises(BadValue, match="not a field"):
        correct(desk, "vital_signs", "screening", based_on=2, cleared=("nothing",))
    with pytest.raises(OutOfOrder, match="no blood"):
        correct(desk, "blood", "month_2")


def test_an_answer_that_hides_another(desk: Desk) -> None:
    desk.begin()
    desk.fill("vital_signs", "2014-01-07", "screening", weight="80", pulse="70", smoker="yes", cigarettes="5")
    with pytest.raises(BadValue, match="Cigarettes"):
        correct(desk, "vital_signs", "screening", changes={"smoker": "no"})
    correct(desk, "vital_signs", "screening", changes={"smoker": "no"}, cleared=("cigarettes",))


def test_a_missed_form_can_be_recorded_after_all(desk: Desk) -> None:
    desk.treat()
    desk.about("miss", "2014-03-25", encounter="month_2", reason="On holiday")
    assert desk.status_of("month_2") == "missed"
    (missed,) = desk.snapshot().deviations
    assert (missed.category, missed.section) == ("missed visit", "month_2")
    with pytest.raises(OutOfOrder, match="already"):
        desk.about("miss", "2014-03-25", encounter="month_2", form="blood", reason="On holiday")
    desk.weigh("2014-03-20", "month_2")
    (missed,) = desk.snapshot().deviations
    assert (missed.category, "Blood missed" in missed.description) == ("missed form", True)
    desk.fill("blood", "2014-03-20", "month_2", haemoglobin="12.5")
    assert desk.snapshot().deviations == ()
    assert desk.status_of("month_2") == "complete"
    with pytest.raises(OutOfOrder, match="was recorded"):
        desk.about("miss", "2014-03-25", encounter="month_2", form="blood", reason="On holiday")
    for wrong in (
        {"encounter": "month_9"},
        {"encounter": "month_2", "form": "demography"},
        {"encounter": "month_2", "instance": 2},
    ):
        with pytest.raises(BadValue):
            desk.about("miss", "2014-03-25", reason="On holiday", **wrong)


def test_a_form_is_missed_once_however_it_was_said(desk: Desk) -> None:
    desk.treat()
    desk.about("miss", "2014-03-20", encounter="month_2", form="blood", reason="Needle phobia")
    desk.about("miss", "2014-03-25", encounter="month_2", reason="On holiday")
    described = [d.description for d in desk.snapshot().deviations]
    assert [("Blood" in text, "Needle phobia" in text) for text in described] == [
        (True, True),
        (False, False),
    ]


def test_where_a_form_belongs(desk: Desk) -> None:
    desk.treat()
    for form, encounter, instance in (
        ("vital_signs", "", 1),
        ("vital_signs", "infusion_day", 1),
        ("vital_signs", "month_2", 2),
        ("vital_signs", "extra", 0),
        ("unknown", "month_2", 1),
    ):
        with pytest.raises(BadValue):
            desk.about(
                "record",
                "2014-03-20",
                form=form,
                encounter=encounter,
                instance=instance,
                values={"weight": "70", "pulse": "70"},
            )
    for instance in (1, 2):
        desk.about(
            "record",
            "2014-03-20",
            form="vital_signs",
            encounter="extra",
            instance=instance,
            values={"weight": "70", "pulse": "70"},
        )
    with pytest.raises(OutOfOrder, match="report event"):
        desk.fill("adverse_event", "2014-03-20", "", term="Fever", onset="2014-03-20")


def test_acts_and_their_forms_agree(desk: Desk) -> None:
    desk.treat()
    for verb, more in (
        ("report_event", {"values": {"term": "Fever", "onset": "2014-03-21"}}),
        ("contact", {"alive": True, "values": {"contacted_on": "2014-03-21"}}),
        ("contact", {"alive": True, "values": {"alive": "no"}}),
        ("record_death", {"cause": "Fever", "values": {"cause": "Cold"}}),
        ("consent", {"form_version": "1.0", "values": {"consent_form_version": "0.9"}}),
    ):
        at = "2014-03-20T10:00"
        with pytest.raises(BadValue, match="here it is"):
            desk.about(verb, at, **more)
    desk.about("report_event", "2014-03-20T10:00", values={"term": "Fever"})
    desk.about("contact", "2014-03-20T10:00", alive=True)
    desk.about("contact", "2014-03-21", alive=True)
    desk.about("contact", "2014-03-20", alive=True, encounter="extra")
    desk.about("contact", "2014-03-21", alive=True, encounter="extra")
    (event,) = desk.dossier().casebook.instances("adverse_event")
    assert (event.text("onset"), event.clinical_time.text) == ("2014-03-20", "2014-03-20T10:00")
    assert len(desk.dossier().casebook.instances("survival_contact")) == 4
    desk.about("record_death", "2014-04", cause="Fever")
    with pytest.raises(OutOfOrder, match="already recorded"):
        desk.about("record_death", "2014-04-02", cause="Fever")


def test_who_may(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="may not do this") as refused:
        desk.about("screen", "2014-01-05", actor=MONITOR)
    assert "Investigator, Coordinator" in refused.value.next_step
    with pytest.raises(NotAllowed, match="does not hold"):
        desk.about("screen", "2014-01-05", actor=type(MONITOR)("monitor-c", "investigator"))
    desk.about("screen", "2014-01-05", actor=COORDINATOR)
    with pytest.raises(NotAllowed):
        desk.about("enrol", "2014-01-10", actor=COORDINATOR)
    with pytest.raises(OutOfOrder, match="no participant"):
        desk.about("consent", "2014-01-06T10:00", "S-7", form_version="1.0")
    with pytest.raises(OutOfOrder, match="already in use"):
        desk.about("screen", "2014-01-05")
    for name in ("Maryam Karimi", "", "S/1", "S" * 21):
        with pytest.raises(BadValue, match="participant number"):
            desk.about("screen", "2014-01-05", name)


def test_names_are_sealed(desk: Desk) -> None:
    desk.begin()
    desk.fill("identity", "2014-01-07", "screening", name="Maryam Karimi")
    desk.about(
        "record",
        "2014-01-07",
        form="identity",
        encounter="screening",
        values={"name": "Maryam Karimi"},
        based_on=1,
    )
    with pytest.raises(OutOfOrder, match="name"):
        desk.about(
            "record",
            "2014-01-07",
            form="identity",
            encounter="screening",
            values={"name": "Leila Karimi"},
            based_on=2,
        )
    with pytest.raises(OutdatedVersion) as refused:
        desk.fill("identity", "2014-01-07", "screening", name="Leila Karimi")
    assert "Karimi" not in str(refused.value.as_data())
    assert all("Karimi" not in entry.text for entry in desk.trial.ledger.entries())
    first, second = (e for e in desk.trial.ledger.entries() if e.data.get("form") == "identity")
    assert first.data["values"]["name"]["sealed"] == second.data["values"]["name"]["sealed"]
    with pytest.raises(BadValue, match="Name"):
        desk.about(
            "correct",
            None,
            form="identity",
            encounter="screening",
            changes={"name": " "},
            based_on=2,
            reason="Misread",
        )
    # Without the keys the form cannot be read; it still verifies, and can still be corrected elsewhere.
    locked = Desk.__new__(Desk)
    locked.clock, locked.trial = desk.clock, Trial(desk.trial.ledger, MemoryVault(), desk.clock)
    locked.act(
        "correct",
        participant="S-1",
        form="identity",
        encounter="screening",
        changes={},
        based_on=2,
        reason="Checked",
    )
    desk.trial.vault.destroy("participant/S-1")
    assert check_chain(desk.trial.ledger.rows())[1] is None
    assert desk.dossier().casebook.instances("identity")[0].text("name") is None
    with pytest.raises(OutOfOrder, match="erased"):
        desk.about(
            "correct",
            None,
            form="identity",
            encounter="screening",
            changes={"name": "Leila"},
            based_on=3,
            reason="Misread",
        )


def test_the_visibility_label_seals_too() -> None:
    """A form about identity whose item was not marked personal is no less personal."""
    desk = Desk(files=protocol_files((", personal: true, visibility: personal", ", visibility: personal")))
    desk.begin()
    desk.fill("identity", "2014-01-07", "screening", name="Maryam Karimi")
    assert all("Karimi" not in entry.text for entry in desk.trial.ledger.entries())


def test_a_deviation_of_the_trial_is_listed(desk: Desk) -> None:
    desk.begin()
    desk.act(
        "report_deviation",
        MONITOR,
        at="2014-02-01",
        category="storage",
        section="6.2",
        description="Freezer at -60 °C",
    )
    desk.act(
        "report_deviation",
        MONITOR,
        at="2014-02-01",
        category="visit",
        section="4",
        description="Late",
        participant="S-1",
    )
    assert [(d.participant, d.category) for d in desk.snapshot().deviations] == [
        ("S-1", "visit"),
        ("", "storage"),
    ]
    entries = [e for e in desk.trial.ledger.entries() if e.kind is Kind.DEVIATION_REPORTED]
    assert [e.participant for e in entries] == [None, "S-1"]
