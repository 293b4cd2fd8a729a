"""Verification, signatures and forms entered in error: what stands, what a correction breaks, and that all of it shows."""

import pytest

from charcot.conduct.worklists import list_unsigned, list_unverified
from charcot.datasets import derive_datasets
from charcot.ledger import Actor, Entry
from charcot.participants import FormKey, list_verification
from charcot.refusal import BadValue, NotAllowed, OutdatedVersion, OutOfOrder, ReasonMissing
from charcot.report.audit_trail import describe_entry
from charcot.team import NotSigned, Signature
from conduct.desk import COORDINATOR, INVESTIGATOR, MEANING, MONITOR, SIGNED, Desk, protocol_files

WEIGHT = {"participant": "S-1", "form": "vital_signs", "encounter": "screening"}
KEY = FormKey("vital_signs", "screening")
FACTOR = ("    label: Investigator\n", "    label: Investigator\n    second_factor: true\n")


@pytest.fixture
def weighed(desk: Desk) -> Desk:
    """Vital signs at screening and demography, entered by the coordinator."""
    desk.begin()
    desk.act("record", COORDINATOR, **WEIGHT, at="2014-01-07", values={"weight": "70.5", "pulse": "70"})
    desk.act(
        "record", COORDINATOR, participant="S-1", form="demography", encounter="screening", at="2014-01-07",
        values={"age": "40", "sporadic": "yes"},
    )  # fmt: skip
    return desk


def correct(desk: Desk, based_on: int = 1, **changes: str) -> tuple[Entry, ...]:
    return desk.act("correct", COORDINATOR, **WEIGHT, changes=changes, based_on=based_on, reason="Misread")


# verification


def verified(desk: Desk) -> tuple[set[str], set[str], str]:
    """Of the vital signs: items verified, items changed since, and the word for the whole."""
    stands = desk.dossier().verification.of(KEY)
    return set(stands.verified), set(stands.changed), stands.status(["weight", "pulse"])


def test_a_whole_form_is_verified_in_the_version_that_was_seen(weighed: Desk) -> None:
    assert verified(weighed) == (set(), set(), "open")
    weighed.act("verify_source", MONITOR, **WEIGHT, version=1)
    assert verified(weighed) == ({"weight", "pulse"}, set(), "verified")


def test_items_are_verified_one_by_one(weighed: Desk) -> None:
    weighed.act("verify_source", MONITOR, **WEIGHT, version=1, items=["pulse"])
    assert verified(weighed) == ({"pulse"}, set(), "partly")
    with pytest.raises(OutOfOrder, match="verified already"):
        weighed.act("verify_source", MONITOR, **WEIGHT, version=1, items=["pulse"])
    weighed.act("verify_source", MONITOR, **WEIGHT, version=1, items=["weight"])
    assert verified(weighed)[2] == "verified"


def test_a_correction_clears_what_it_changes_visibly(weighed: Desk) -> None:
    weighed.act("verify_source", MONITOR, **WEIGHT, version=1)
    correct(weighed, weight="71.5")
    assert verified(weighed) == ({"pulse"}, {"weight"}, "changed")
    correct(weighed, 2, weight="70.5")
    assert verified(weighed)[1] == {"weight"}, "changed there and back is not what was verified"
    weighed.act("verify_source", MONITOR, **WEIGHT, version=3, items=["weight"])
    assert verified(weighed) == ({"weight", "pulse"}, set(), "verified")
    assert len(weighed.dossier().verification.made) == 2


def test_another_date_clears_all(weighed: Desk) -> None:
    weighed.act("verify_source", MONITOR, **WEIGHT, version=1)
    weighed.act("correct", COORDINATOR, **WEIGHT, changes={}, at="2014-01-08", based_on=1, reason="Wrong day")
    assert verified(weighed) == (set(), {"weight", "pulse"}, "changed")


def test_a_verification_is_taken_back_with_a_reason(weighed: Desk) -> None:
    weighed.act("verify_source", MONITOR, **WEIGHT, version=1)
    with pytest.raises(ReasonMissing):
        weighed.act("withdraw_verification", MONITOR, **WEIGHT, reason=" ")
    weighed.act("withdraw_verification", MONITOR, **WEIGHT, items=["pulse"], reason="Wrong line")
    assert verified(weighed) == ({"weight"}, set(), "partly")
    weighed.act("withdraw_verification", MONITOR, **WEIGHT, reason="Wrong person")
    assert verified(weighed) == (set(), set(), "open")
    with pytest.raises(OutOfOrder, match="not verified"):
        weighed.act("withdraw_verification", MONITOR, **WEIGHT, reason="Wrong person")


def test_nobody_verifies_what_they_entered_or_did_not_see(weighed: Desk) -> None:
    with pytest.raises(OutdatedVersion):
        weighed.act("verify_source", MONITOR, **WEIGHT, version=2)
    with pytest.raises(BadValue, match="Nothing is recorded in: height"):
        weighed.act("verify_source", MONITOR, **WEIGHT, version=1, items=["height"])
    with pytest.raises(OutOfOrder, match="There is no blood"):
        weighed.act("verify_source", MONITOR, participant="S-1", form="blood", encounter="month_2", version=1)
    weighed.act("delegate", person=COORDINATOR.person, role="monitor", since=weighed.snapshot().now.date())
    with pytest.raises(NotAllowed, match="entered this version"):
        weighed.act("verify_source", Actor(COORDINATOR.person, "monitor"), **WEIGHT, version=1)


PLAN = (
    "sex_item:",
    "verification:\n"
    "  full:\n"
    "    - consent\n"
    "    - {form: vital_signs, items: [weight]}\n"
    "    - {form: demography, where: age > 60}\n"
    "  sample: 0\n"
    "sex_item:",
)


def planned(desk: Desk) -> dict[str, tuple[str, ...]]:
    return {due.version.key.form: due.items for due in list_verification(desk.dossier())}


def test_the_plan_says_what_is_verified_of_everybody() -> None:
    desk = Desk(files=protocol_files(PLAN))
    desk.begin()
    desk.weigh("2014-01-07", "screening")
    desk.fill("demography", "2014-01-07", "screening", age="40", sporadic="yes")
    assert planned(desk) == {"consent": ("consent_form_version", "consented_on"), "vital_signs": ("weight",)}
    desk.act(
        "correct", COORDINATOR, participant="S-1", form="demography", encounter="screening",
        changes={"age": "61"}, based_on=1, reason="Misread",
    )  # fmt: skip
    assert planned(desk)["demography"] == ("age", "sporadic")
    desk.act("verify_source", MONITOR, **WEIGHT, version=1, items=["weight"])
    assert {due.version.key.form for due in list_unverified(desk.dossier())} == {"consent", "demography"}


def test_what_no_verifying_role_sees_is_not_to_be_verified() -> None:
    everything = ("sex_item:", "verification: {sample: 100}\nsex_item:")
    concealed = {
        "nothing": (),
        "item": (("{id: weight,", "{id: weight, visibility: blinded,"),),
        "form": (("title: Vital signs", "title: Vital signs\nvisibility: blinded"),),
    }
    due = {}
    for what, changes in concealed.items():
        desk = Desk(files=protocol_files(everything, *changes))
        desk.begin()
        desk.weigh("2014-01-07", "screening")
        due[what] = planned(desk)
    assert "weight" in due["nothing"]["vital_signs"]
    assert due["item"]["vital_signs"] == tuple(i for i in due["nothing"]["vital_signs"] if i != "weight")
    assert set(due["form"]) == {"consent"}


def test_a_sample_is_drawn_by_a_hash_and_grows_with_its_share() -> None:
    chosen = {}
    for share in (0, 30, 60, 100):
        desk = Desk(files=protocol_files(("sex_item:", f"verification: {{sample: {share}}}\nsex_item:")))
        desk.begin()
        for number in range(1, 101):
            desk.about(
                "record", "2014-02-01", form="vital_signs", encounter="extra", instance=number,
                values={"weight": "70"},
            )  # fmt: skip
        chosen[share] = {str(due.version.key) for due in list_verification(desk.dossier())}
        assert chosen[share] == {str(due.version.key) for due in list_verification(desk.dossier())}
    assert chosen[0] < chosen[30] < chosen[60] < chosen[100]
    assert len(chosen[100]) == 101
    assert 15 <= len(chosen[30]) <= 45  # binomial(101, 0.3): outside with a chance below 1 in 1000


# signatures


def signed(desk: Desk) -> list[bool]:
    """Whether each signature still holds."""
    return [signature.holds for signature in desk.dossier().signatures.made]


def test_forms_are_signed_in_the_versions_that_were_seen(weighed: Desk) -> None:
    (entry,) = weighed.act("sign", participant="S-1", versions={KEY: 1}, signature=SIGNED)
    newest = weighed.dossier().casebook.latest(KEY)
    assert newest is not None
    assert entry.data == {
        "meaning": MEANING,
        "method": "password",
        "forms": [
            {
                "form": "vital_signs",
                "encounter": "screening",
                "instance": 1,
                "version": 1,
                "hash": newest.entry.hash,
            }
        ],
    }
    assert weighed.dossier().signatures.is_signed(KEY)
    with pytest.raises(OutdatedVersion):
        weighed.act("sign", participant="S-1", versions={KEY: 2}, signature=SIGNED)


def test_a_correction_breaks_a_signature_visibly(weighed: Desk) -> None:
    weighed.act("sign", participant="S-1", encounter="screening", signature=SIGNED)
    assert signed(weighed) == [True]
    correct(weighed, weight="71.5")
    dossier = weighed.dossier()
    assert signed(weighed) == [False]
    assert [str(form.key) for form in dossier.signatures.made[0].broken] == ["vital_signs at screening"]
    assert dossier.signatures.is_broken(KEY)
    assert not dossier.signatures.is_signed(KEY)
    assert dossier.signatures.is_signed(FormKey("demography", "screening")), (
        "the other form stands as it was signed"
    )
    weighed.act("sign", participant="S-1", encounter="screening", signature=SIGNED)
    assert signed(weighed) == [False, True]
    assert not weighed.dossier().signatures.is_broken(KEY)


def test_a_visit_or_the_casebook_is_signed_as_far_as_it_is_not_yet(weighed: Desk) -> None:
    (visit,) = weighed.act("sign", participant="S-1", encounter="screening", signature=SIGNED)
    assert [form["form"] for form in visit.data["forms"]] == ["demography", "vital_signs"]
    (rest,) = weighed.act("sign", participant="S-1", signature=SIGNED)
    assert [form["form"] for form in rest.data["forms"]] == ["consent"]
    assert list_unsigned(weighed.dossier()) == ()
    with pytest.raises(OutOfOrder, match="nothing to sign"):
        weighed.act("sign", participant="S-1", signature=SIGNED)
    assert describe_entry(visit) == "signed 2 forms: “I approve” (signed with a password)"


def test_a_signature_says_one_of_the_meanings_and_is_proven(weighed: Desk) -> None:
    with pytest.raises(BadValue, match="cannot say"):
        weighed.act("sign", participant="S-1", signature=Signature("password", "Looks fine"))
    with pytest.raises(NotSigned, match="has to be signed"):
        weighed.act("sign", participant="S-1", signature=None)
    with pytest.raises(NotSigned, match="proven with a password"):
        weighed.act("sign", participant="S-1", signature=Signature("declared", MEANING))
    with pytest.raises(NotAllowed):
        weighed.act("sign", COORDINATOR, participant="S-1", signature=SIGNED)


def test_a_role_that_needs_a_second_factor_signs_with_one() -> None:
    desk = Desk(files=protocol_files(FACTOR))
    desk.begin()
    with pytest.raises(NotSigned, match="second factor"):
        desk.act("sign", participant="S-1", signature=SIGNED)
    desk.act("sign", participant="S-1", signature=Signature("password+totp", MEANING))
    assert [s.method for s in desk.dossier().signatures.made] == ["password+totp"]


# entered in error


def test_a_form_entered_in_error_stays_readable_and_no_longer_counts(weighed: Desk) -> None:
    with pytest.raises(ReasonMissing):
        weighed.act("enter_in_error", COORDINATOR, **WEIGHT, version=1, reason="")
    weighed.act("enter_in_error", COORDINATOR, **WEIGHT, version=1, reason="Of somebody else")
    dossier = weighed.dossier()
    assert dossier.casebook.latest(KEY) is None
    assert dossier.casebook.instances("vital_signs") == ()
    (wrong,) = dossier.errors
    assert (wrong.key, wrong.reason, wrong.versions[-1].text("weight")) == (KEY, "Of somebody else", "70.5")
    frames = derive_datasets(weighed.snapshot())
    assert frames["form_vital_signs"].frame.height == 0
    with pytest.raises(OutOfOrder, match="no vital_signs at screening to correct"):
        correct(weighed, weight="71")


def test_it_is_reinstated_in_its_version_or_recorded_anew_in_the_next(weighed: Desk) -> None:
    weighed.act("enter_in_error", COORDINATOR, **WEIGHT, version=1, reason="Of somebody else")
    weighed.act("reinstate", COORDINATOR, **WEIGHT, reason="It was theirs")
    newest = weighed.dossier().casebook.latest(KEY)
    assert newest is not None
    assert newest.version == 1
    weighed.act("enter_in_error", COORDINATOR, **WEIGHT, version=1, reason="Of somebody else after all")
    again = {**WEIGHT, "at": "2014-01-08", "values": {"weight": "80", "pulse": "60"}}
    with pytest.raises(OutdatedVersion):
        weighed.act("record", COORDINATOR, **again)
    weighed.act("record", COORDINATOR, **again, based_on=1)
    dossier = weighed.dossier()
    newest = dossier.casebook.latest(KEY)
    assert newest is not None
    assert (newest.version, newest.text("weight")) == (2, "80")
    assert dossier.errors == ()
    assert [str(mark.kind) for mark in dossier.casebook.marks] == [
        "entered_in_error",
        "reinstated",
        "entered_in_error",
    ]
    with pytest.raises(OutOfOrder, match="not marked"):
        weighed.act("reinstate", COORDINATOR, **WEIGHT, reason="Once more")


def test_the_number_of_an_event_in_error_is_not_given_again(desk: Desk) -> None:
    desk.begin()
    event = {"at": "2014-02-01", "values": {"term": "Headache"}}
    desk.about("report_event", **event)
    desk.act("enter_in_error", participant="S-1", form="adverse_event", version=1, reason="Of somebody else")
    desk.about("report_event", **event)
    assert [v.key.instance for v in desk.dossier().casebook.instances("adverse_event")] == [2]


def test_what_others_rest_on_is_not_taken_away(desk: Desk) -> None:
    desk.treat()
    desk.weigh("2014-03-20", "month_2")
    with pytest.raises(OutOfOrder, match="comes after the infusion"):
        desk.act(
            "enter_in_error",
            participant="S-1",
            form="infusion",
            encounter="infusion_day",
            version=1,
            reason="No",
        )
    with pytest.raises(OutOfOrder, match="lies before consent"):
        desk.act("enter_in_error", participant="S-1", form="consent", version=1, reason="No")


def test_a_signature_on_a_form_in_error_is_broken_while_it_is(weighed: Desk) -> None:
    weighed.act("sign", participant="S-1", versions={KEY: 1}, signature=SIGNED)
    weighed.act("enter_in_error", COORDINATOR, **WEIGHT, version=1, reason="Of somebody else")
    assert signed(weighed) == [False]
    weighed.act("reinstate", COORDINATOR, **WEIGHT, reason="It was theirs")
    assert signed(weighed) == [True]


def test_the_person_and_the_moment_of_each_stay_in_the_trail(weighed: Desk) -> None:
    weighed.act("enter_in_error", COORDINATOR, **WEIGHT, version=1, reason="Of somebody else")
    (mark,) = weighed.dossier().casebook.marks
    assert (mark.actor, mark.reason) == (COORDINATOR, "Of somebody else")
    assert describe_entry(mark) == "said that vital_signs at screening, version 1, was entered in error"
    assert INVESTIGATOR.person not in describe_entry(mark)
