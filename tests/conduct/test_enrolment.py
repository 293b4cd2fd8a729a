"""Opening, approvals, consent, eligibility, waivers, enrolment and the version that binds."""

from datetime import date

import pytest

from charcot import conduct
from charcot.conduct import Trial
from charcot.datasets import derive_datasets
from charcot.ledger import Actor, Kind, MemoryLedger, MemoryVault
from charcot.refusal import (
    BadValue,
    NotAllowed,
    NotEligible,
    OutOfOrder,
    ReasonMissing,
    Refusal,
    UnreadableProtocol,
)
from charcot.team.approvals import NotApproved
from conduct.desk import (
    COORDINATOR,
    INVESTIGATOR,
    TWO_ARMS,
    Clock,
    Desk,
    protocol_files,
    second_version,
)


def test_consent_only_on_a_version_approved_that_day(desk: Desk) -> None:
    desk.about("screen", "2014-01-05")
    desk.act(
        "approve",
        committee="C",
        document="consent_form",
        version="1.1",
        reference="R",
        approved_on="2014-02-01",
        expires_on="2014-02-28",
    )
    for at, version in (("2014-01-31T10:00", "1.1"), ("2014-03-01T10:00", "1.1"), ("2014-02-10T10:00", "9")):
        with pytest.raises(NotApproved, match=f"Version {version} of the consent form") as refused:
            desk.about("consent", at, form_version=version)
        assert "version 1.1 from 2014-02-01 to 2014-02-28" in refused.value.next_step
    with pytest.raises(OutOfOrder, match="No protocol version is in force"):
        desk.about("screen", "2013-12-31", "S-2")
    desk.about("consent", "2014-02-28T10:00", form_version="1.1")
    with pytest.raises(OutOfOrder, match="already recorded"):
        desk.about("consent", "2014-02-28T10:00", form_version="1.1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"approved_on": "2014"},
        {"approved_on": "2014-13-01"},
        {"approved_on": "2092-01-01"},
        {"expires_on": "2014-13-45"},
        {"expires_on": "2014-06"},
        {"expires_on": "2013-12-31"},
        {"document": "konsent"},
        {"version": " "},
        {"committee": ""},
    ],
)
def test_an_approval_that_says_nothing_is_refused(desk: Desk, wrong: dict[str, str]) -> None:
    right = {
        "committee": "C",
        "document": "consent_form",
        "version": "1.1",
        "reference": "R",
        "approved_on": "2014-02-01",
    }
    with pytest.raises(BadValue):
        desk.act("approve", **(right | wrong))
    desk.act("approve", **right)  # and the trial can still be read


def test_enrolment_says_what_is_missing(desk: Desk) -> None:
    desk.begin()
    with pytest.raises(NotEligible) as refused:
        desk.about("enrol", "2014-01-10")
    assert refused.value.facts["unknown"] == ["I1", "I2"]
    assert refused.value.facts["missing"] == ["Demography › Age", "Demography › Sporadic"]
    desk.fill("demography", "2014-01-07", "screening", age="70", sporadic="no")
    with pytest.raises(NotEligible) as refused:
        desk.about("enrol", "2014-01-10")
    assert refused.value.facts["unmet"] == ["I1", "I2"]
    assert "waiver is possible for I1" in refused.value.next_step
    assert "I2 cannot be waived" in refused.value.next_step
    with pytest.raises(BadValue, match="cannot be waived"):
        desk.about("waive", "2014-01-10", criterion="I2", justification="Wish")


def test_verdicts_rest_on_what_was_known_by_then(desk: Desk) -> None:
    desk.begin()
    desk.fill("demography", "2014-01-12", "screening", age="40", sporadic="yes")
    (assessed,) = desk.about("assess", "2014-01-10")
    assert {c["verdict"] for c in assessed.data["criteria"]} == {"unknown"}
    (assessed,) = desk.about("assess", "2014-01-12")
    assert assessed.data["criteria"][0] == {
        "criterion": "I1",
        "verdict": "met",
        "used": {"demography.age": "40"},
    }


def test_who_fails_enters_by_a_waiver_alone_and_it_is_a_deviation(desk: Desk) -> None:
    desk.begin()
    with pytest.raises(OutOfOrder, match="not found unmet"):
        desk.about("waive", "2014-01-08", criterion="I1", justification="Wish")
    desk.about("assess", "2014-01-08")  # unknown, as nothing is recorded
    with pytest.raises(OutOfOrder, match="not found unmet"):
        desk.about("waive", "2014-01-08", criterion="I1", justification="Wish")
    desk.fill("demography", "2014-01-07", "screening", age="67", sporadic="yes")
    desk.about("assess", "2014-01-08")
    with pytest.raises(ReasonMissing):
        desk.about("waive", "2014-01-12", criterion="I1", justification=" ")
    with pytest.raises(NotAllowed):
        desk.about("waive", "2014-01-12", actor=COORDINATOR, criterion="I1", justification="Wish")
    desk.about("waive", "2014-01-12", criterion="I1", justification="The family's wish")
    with pytest.raises(NotEligible):
        desk.about("enrol", "2014-01-11")  # the waiver came later
    desk.about("enrol", "2014-01-13")
    (deviation,) = desk.snapshot().deviations
    assert (deviation.category, deviation.section, deviation.participant) == ("eligibility", "I1", "S-1")
    assert "Age: 67" in deviation.description
    kinds = {e.sequence: e.kind for e in desk.trial.ledger.entries()}
    assert {kinds[n] for n in deviation.entries} == {
        Kind.ELIGIBILITY_ASSESSED,
        Kind.WAIVER_GRANTED,
        Kind.PARTICIPANT_ENROLLED,
    }
    # What is found later changes nothing of what was waived then.
    desk.act(
        "correct",
        participant="S-1",
        form="demography",
        encounter="screening",
        changes={"age": "60"},
        based_on=1,
        reason="Misread",
    )
    desk.about("assess", "2014-01-20")
    with pytest.raises(OutOfOrder, match="already enrolled"):
        desk.about("waive", "2014-01-20", criterion="I1", justification="Again")
    assert desk.snapshot().deviations == (deviation,)
    with pytest.raises(OutOfOrder, match="already enrolled"):
        desk.about("enrol", "2014-01-20")


def test_several_arms() -> None:
    desk = Desk(files=protocol_files(*TWO_ARMS))
    desk.enrol("S-1", arm="watched")
    with pytest.raises(BadValue, match="nothing is given"):
        desk.infuse()
    desk.begin("S-2")
    desk.fill("demography", "2014-01-07", "screening", "S-2", age="40", sporadic="yes")
    with pytest.raises(BadValue, match="Which arm") as refused:
        desk.about("enrol", "2014-01-10", "S-2")
    assert "watched, cells_arm" in refused.value.next_step
    with pytest.raises(BadValue, match="no arm 'placebo'"):
        desk.about("enrol", "2014-01-10", "S-2", arm="placebo")
    desk.enrol("S-3", arm="cells_arm")
    desk.infuse(participant="S-3")
    assert [d.standing.enrolled and d.standing.enrolled.data["arm"] for d in desk.snapshot().dossiers] == [
        "watched",
        None,
        "cells_arm",
    ]


STRICTER = ("BETWEEN 18 AND 65", "BETWEEN 18 AND 39")


def test_each_is_judged_by_the_version_consented_to(desk: Desk) -> None:
    for person in ("S-1", "S-2"):
        desk.begin(person)
        desk.fill("demography", "2014-01-07", "screening", person, age="40", sporadic="yes")
        desk.weigh("2014-01-07", "screening", participant=person)
    desk.act("activate_protocol", protocol_files=second_version(STRICTER), reason="Amendment 1")
    desk.about("screen", "2014-02-27", "S-3")
    desk.about(
        "consent", "2014-02-28T10:00", "S-3", form_version="1.0"
    )  # entered late: version 1.0 held that day
    desk.about("screen", "2014-03-02", "S-4")
    with pytest.raises(NotApproved, match="2.0 of the protocol"):  # noqa: RUF043
        desk.about("consent", "2014-03-02T10:00", "S-4", form_version="1.0")
    desk.approve("protocol", "2.0", "2014-02-15")
    desk.about("consent", "2014-03-02T10:00", "S-4", form_version="1.0")
    desk.about("consent", "2014-03-03T10:00", "S-2", form_version="1.0")  # re-consent
    versions = {d.participant: d.protocol_version for d in desk.snapshot().dossiers}
    assert versions == {"S-1": "1.0", "S-2": "2.0", "S-3": "1.0", "S-4": "2.0"}
    desk.about("enrol", "2014-03-05", "S-1")
    with pytest.raises(NotEligible, match="I1"):
        desk.about("enrol", "2014-03-05", "S-2")
    moved = desk.dossier("S-2").standing
    assert moved.consented_at is not None
    assert moved.consented_at.text == "2014-01-06T10:00"  # in the trial since the first consent
    assert [c.clinical_time.text for c in moved.consents] == ["2014-01-06T10:00", "2014-03-03T10:00"]
    # A correction of the first consent does not move anybody back.
    desk.act(
        "correct",
        participant="S-2",
        form="consent",
        changes={"consented_on": "2014-01-06T11:00"},
        based_on=1,
        reason="Misread",
    )
    assert desk.dossier("S-2").protocol_version == "2.0"
    # A consent that was given on another day than was said binds to the version of that day.
    desk.act(
        "correct",
        participant="S-4",
        form="consent",
        changes={"consented_on": "2014-03-02T11:00"},
        based_on=1,
        reason="Misread",
    )
    assert desk.dossier("S-4").protocol_version == "2.0"
    with pytest.raises(NotApproved):
        desk.act(
            "correct",
            participant="S-4",
            form="consent",
            changes={"consent_form_version": "3.0"},
            based_on=2,
            reason="Misread",
        )


def test_what_a_new_version_leaves_out_is_kept(desk: Desk) -> None:
    desk.begin()
    desk.fill("vital_signs", "2014-01-07", "screening", weight="70", pulse="70", note="Sitting")
    files = second_version(("  - {id: note, label: Note, type: text}\n", ""))
    desk.act("activate_protocol", protocol_files=files, reason="Amendment 1")
    desk.approve("protocol", "2.0", "2014-02-15")
    desk.about("consent", "2014-03-03T10:00", form_version="1.0")
    desk.act(
        "correct",
        participant="S-1",
        form="vital_signs",
        encounter="screening",
        changes={"pulse": "71"},
        based_on=1,
        reason="Misread",
    )
    frame = derive_datasets(desk.snapshot())["form_vital_signs"].frame
    assert frame.select("note", "pulse", "version").row(0) == ("Sitting", 71, 2)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (protocol_files(), "already active"),
        (second_version(("id: SMALL-2", "id: OTHER")), "protocol of OTHER"),
        (second_version(("zone: Asia/Tehran", "zone: Europe/Paris")), "Europe/Paris"),
        (second_version(effective="2013-06-01"), "before the one it follows"),
        (second_version(("type: decimal, unit: ml", "type: decimal, unit: l")), "unit"),
        ({n: t for n, t in second_version().items() if n != "forms/death.yaml"}, "no longer plays death"),
    ],
)
def test_versions_that_would_change_what_is_recorded(desk: Desk, files: dict[str, str], words: str) -> None:
    with pytest.raises(BadValue, match=words):
        desk.act("activate_protocol", protocol_files=files, reason="Amendment 1")


def test_a_new_version_needs_a_reason_and_to_be_readable(desk: Desk) -> None:
    with pytest.raises(ReasonMissing):
        desk.act("activate_protocol", protocol_files=second_version(), reason="")
    with pytest.raises(UnreadableProtocol):
        desk.act(
            "activate_protocol",
            protocol_files={**second_version(), "forms/death.yaml": "form: ["},
            reason="A",
        )
    with pytest.raises(NotAllowed):
        desk.act("activate_protocol", COORDINATOR, protocol_files=second_version(), reason="A")


def test_a_trial_is_prepared_before_its_protocol_is_effective() -> None:
    from datetime import UTC, datetime

    desk = Desk(files=protocol_files(("effective: 2014-01-01", "effective: 2015-01-01")))
    assert desk.snapshot().protocol.version.number == "1.0"
    with pytest.raises(OutOfOrder, match="No protocol version is in force"):
        desk.about("screen", "2014-12-01")
    desk.clock.moment = datetime(2015, 1, 2, tzinfo=UTC)
    desk.about("screen", "2015-01-01")


def test_opening() -> None:
    def trial() -> Trial:
        return Trial(MemoryLedger(), MemoryVault(), Clock(Desk().clock.moment))

    def opened(where: Trial, **changed: object) -> None:
        arguments = {
            "purpose": "live",
            "people": [INVESTIGATOR],
            "protocol_files": protocol_files(),
        } | changed
        conduct.open_trial(where, INVESTIGATOR, **arguments)  # type: ignore[arg-type]

    for wrong in (
        {"purpose": "fun"},
        {"clock": "sundial"},
        {"people": []},
        {"people": [INVESTIGATOR, Actor("x", "wizard")]},
        {"people": [Actor(" ", "investigator")]},
    ):
        with pytest.raises(BadValue):
            opened(trial(), **wrong)
    with pytest.raises(OutOfOrder, match="No trial has been opened"):
        conduct.screen(trial(), INVESTIGATOR, participant="S-1", at="2014-01-05")
    twice = trial()
    opened(twice)
    with pytest.raises(OutOfOrder, match="already been opened"):
        opened(twice)
    first, second = twice.ledger.entries()
    assert (first.data["purpose"], first.data["zone"], first.data["clock"]) == ("live", "Asia/Tehran", "real")
    assert second.data["files"] == protocol_files()
    assert all(entry.software.startswith("charcot ") for entry in (first, second))


def test_delegation(desk: Desk) -> None:
    nurse = Actor("nurse-d", "coordinator")

    def screens(number: str) -> None:
        desk.about("screen", "2014-01-05", number, actor=nurse)

    with pytest.raises(NotAllowed):
        screens("S-1")
    today = desk.clock().date()
    for since, until in ((date(2014, 1, 1), date(2014, 11, 30)), (date(2015, 1, 1), None)):
        desk.act("delegate", person="nurse-d", role="coordinator", since=since, until=until)
        with pytest.raises(NotAllowed, match="does not hold"):
            screens("S-1")
    desk.act("delegate", person="nurse-d", role="coordinator", since=today, until=today)
    screens("S-1")
    desk.act("end_delegation", person="nurse-d", role="coordinator", until=date(2014, 6, 1), reason="Left")
    screens("S-2")  # the delegation of today began after that day
    desk.act("end_delegation", person="nurse-b", role="coordinator", until=date(2014, 6, 1), reason="Left")
    with pytest.raises(NotAllowed):
        desk.about("screen", "2014-01-05", "S-3", actor=COORDINATOR)
    for wrong in ({"role": "wizard"}, {"person": " "}, {"until": date(2013, 1, 1)}):
        with pytest.raises(BadValue):
            desk.act("delegate", **({"person": "x", "role": "monitor", "since": today} | wrong))
    with pytest.raises(BadValue, match="does not hold"):
        desk.act("end_delegation", person="nobody", role="monitor", until=today, reason="Left")
    with pytest.raises(OutOfOrder, match="last who may delegate"):
        desk.act("end_delegation", person="dr-a", role="investigator", until=today, reason="Left")


def test_every_refusal_says_what_to_do(desk: Desk) -> None:
    desk.enrol()
    attempts = [
        ("screen", {"participant": "S-1", "at": "2014-01-05"}),
        ("consent", {"participant": "S-1", "at": "2014-01-07T10:00", "form_version": "7"}),
        ("enrol", {"participant": "S-1", "at": "2014-01-10"}),
        ("infuse", {"participant": "S-1", "at": "2014-04-10T10:00", "given_dose": "1", "values": {}}),
        ("infuse", {"participant": "S-1", "at": "2014-01-20T10:00", "given_dose": "1", "values": {}}),
        ("decline", {"participant": "S-1", "at": "2014-01-10", "reason": ""}),
        ("record", {"participant": "S-1", "at": "2014-01-10", "form": "death", "values": {}}),
        ("miss", {"participant": "S-1", "at": "2014-01-10", "encounter": "x", "reason": "y"}),
    ]
    for verb, arguments in attempts:
        with pytest.raises(Refusal) as refused:
            desk.act(verb, **arguments)
        data = refused.value.as_data()
        assert data["refusal"] == type(refused.value).__name__
        for part in ("what", "rule", "next_step"):
            assert len(data[part]) > 10
            assert data[part] in str(refused.value)
        assert "None" not in str(refused.value)
