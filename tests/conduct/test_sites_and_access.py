"""Sites, changes of access, signed delegations, and attachments."""

from datetime import date
from hashlib import sha256
from typing import Any

import pytest

from charcot.datasets import derive_datasets
from charcot.ledger import Actor, Kind, unseal
from charcot.participants import FormKey
from charcot.refusal import BadValue, NotAllowed, OutOfOrder, ReasonMissing
from charcot.report.audit_trail import describe_entry
from charcot.team import NotSigned, Signature
from conduct.desk import COORDINATOR, DATA_MANAGER, INVESTIGATOR, Desk, protocol_files

TWO_SITES = ("sites: [Tehran]", "sites: [{id: tehran, name: Tehran}, {id: shiraz, name: Shiraz}]")
TEHRAN, SHIRAZ = Actor("nurse-t", "coordinator"), Actor("nurse-s", "coordinator")
FILE = {"participant": "S-1", "form": "vital_signs", "encounter": "screening"}
PDF: dict[str, Any] = {
    "name": "scale.pdf",
    "media_type": "application/pdf",
    "size": 3,
    "sha256": sha256(b"abc").hexdigest(),
}


@pytest.fixture
def two_sites() -> Desk:
    """Two sites with a coordinator each; the investigator acts at both. S-1 is of Tehran, S-2 of Shiraz."""
    desk = Desk(files=protocol_files(TWO_SITES))
    for person, site in ((TEHRAN, "tehran"), (SHIRAZ, "shiraz")):
        desk.act("delegate", person=person.person, role=person.role, since=date(2014, 1, 1), site=site)
    desk.act("screen", TEHRAN, participant="S-1", at="2014-01-05")
    desk.act("screen", INVESTIGATOR, participant="S-2", at="2014-01-05", site="shiraz")
    return desk


def consent(desk: Desk, actor: Actor, participant: str) -> None:
    desk.act("consent", actor, participant=participant, at="2014-01-06T10:00", form_version="1.0")


def test_a_participant_belongs_to_the_site_of_who_screened_them_or_that_was_named(two_sites: Desk) -> None:
    assert {d.participant: d.site for d in two_sites.snapshot().dossiers} == {
        "S-1": "tehran",
        "S-2": "shiraz",
    }
    people = derive_datasets(two_sites.snapshot())["participants"].frame
    assert people["site"].to_list() == ["tehran", "shiraz"]


def test_a_role_of_one_site_acts_on_nobody_of_another(two_sites: Desk) -> None:
    with pytest.raises(NotAllowed, match="at another site"):
        consent(two_sites, SHIRAZ, "S-1")
    with pytest.raises(NotAllowed, match="at another site"):
        consent(two_sites, TEHRAN, "S-2")
    consent(two_sites, TEHRAN, "S-1")
    consent(two_sites, INVESTIGATOR, "S-2")


def test_whoever_acts_at_several_sites_says_which(two_sites: Desk) -> None:
    with pytest.raises(BadValue, match="At which site"):
        two_sites.act("screen", INVESTIGATOR, participant="S-3", at="2014-01-05")
    with pytest.raises(BadValue, match="no site 'rome'"):
        two_sites.act("screen", INVESTIGATOR, participant="S-3", at="2014-01-05", site="rome")
    with pytest.raises(NotAllowed, match="at the site shiraz"):
        two_sites.act("screen", TEHRAN, participant="S-3", at="2014-01-05", site="shiraz")
    with pytest.raises(BadValue):
        two_sites.act("delegate", person="x", role="coordinator", since=date(2014, 1, 1), site="rome")


def test_the_end_at_one_site_leaves_the_other(two_sites: Desk) -> None:
    two_sites.act("delegate", person=TEHRAN.person, role=TEHRAN.role, since=date(2014, 1, 1), site="shiraz")
    two_sites.act(
        "end_delegation",
        person=TEHRAN.person,
        role=TEHRAN.role,
        until=date(2014, 11, 30),
        site="tehran",
        reason="Moved",
    )
    with pytest.raises(NotAllowed):
        consent(two_sites, TEHRAN, "S-1")
    consent(two_sites, TEHRAN, "S-2")


def test_a_role_of_one_site_delegates_for_that_site_only(two_sites: Desk) -> None:
    leader = Actor("dr-t", "investigator")
    two_sites.act("delegate", person="dr-t", role="investigator", since=date(2014, 1, 1), site="tehran")
    given: dict[str, Any] = {"person": "new", "role": "coordinator", "since": date(2014, 1, 1)}
    two_sites.act("delegate", leader, **given, site="tehran")
    for site in ("shiraz", None):
        with pytest.raises(NotAllowed, match="at some sites only"):
            two_sites.act("delegate", leader, **given, site=site)
    with pytest.raises(NotAllowed, match="at some sites only"):
        two_sites.act(
            "end_delegation",
            leader,
            person=SHIRAZ.person,
            role=SHIRAZ.role,
            until=date(2014, 12, 2),
            reason="Why not",
        )


def test_with_one_site_nobody_is_asked(desk: Desk) -> None:
    desk.begin()
    assert desk.dossier().site == "Tehran"


def test_changes_of_access_are_entries_without_secrets() -> None:
    administrator = Actor("admin", "administrator")
    role = "  - {id: administrator, label: Administrator, may: [administer]}\n"
    desk = Desk(files=protocol_files(("  - {id: data_manager", f"{role}  - {{id: data_manager")))
    desk.act("delegate", person="admin", role="administrator", since=date(2014, 1, 1))
    for what in (
        "account_created",
        "account_disabled",
        "account_enabled",
        "password_reset",
        "second_factor_reset",
        "account_unlocked",
    ):
        (entry,) = desk.act("change_access", administrator, person="nurse-b", what=what)
        assert entry.data == {"person": "nurse-b", "what": what}
    assert describe_entry(entry) == "let nurse-b sign in again after too many wrong tries"
    assert [change.what for change in desk.snapshot().charter.access][-1] == "account_unlocked"
    with pytest.raises(BadValue):
        desk.act("change_access", administrator, person="nurse-b", what="promoted")


def test_people_change_their_own_access_but_no_more(desk: Desk) -> None:
    desk.act("change_access", COORDINATOR, person=COORDINATOR.person, what="second_factor_set")
    for person, what in ((COORDINATOR.person, "second_factor_reset"), ("dr-a", "second_factor_set")):
        with pytest.raises(NotAllowed):
            desk.act("change_access", COORDINATOR, person=person, what=what)
    with pytest.raises(NotAllowed):
        desk.act("change_access", Actor("stranger", "coordinator"), person="stranger", what="account_created")


def test_a_delegation_is_signed_where_a_signature_is_given(desk: Desk) -> None:
    given = Signature("password", "I delegate this, or end it")
    (entry,) = desk.act("delegate", person="x", role="monitor", since=date(2014, 1, 1), signature=given)
    assert entry.data["signature"]["method"] == "password"
    assert "signed with a password" in describe_entry(entry)
    with pytest.raises(NotSigned):
        desk.act(
            "delegate", person="y", role="monitor", since=date(2014, 1, 1),
            signature=Signature("declared", given.meaning),
        )  # fmt: skip


# attachments


def test_a_file_is_attached_to_a_form_and_withdrawn_with_a_reason(desk: Desk) -> None:
    desk.begin()
    desk.act("attach", COORDINATOR, **FILE, **PDF, item="weight")
    (file,) = desk.dossier().attachments
    assert (file.id, file.key, file.item) == ("a1", FormKey("vital_signs", "screening"), "weight")
    assert (file.name, file.size, file.sha256) == ("scale.pdf", 3, PDF["sha256"])
    with pytest.raises(ReasonMissing):
        desk.act("withdraw_attachment", COORDINATOR, participant="S-1", attachment="a1", reason="")
    desk.act("withdraw_attachment", COORDINATOR, participant="S-1", attachment="a1", reason="The wrong scale")
    (file,) = desk.dossier().attachments
    assert file.withdrawn is not None
    assert file.withdrawn.reason == "The wrong scale"
    with pytest.raises(OutOfOrder, match="withdrawn already"):
        desk.act("withdraw_attachment", COORDINATOR, participant="S-1", attachment="a1", reason="Again")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "../../etc/passwd"},
        {"name": "a\x00.pdf"},
        {"name": "x" * 256},
        {"media_type": "pdf"},
        {"media_type": "text/html; charset=x"},
        {"sha256": "abc"},
        {"size": -1},
        {"item": "shoes"},
        {"form": "x"},
    ],
)
def test_a_file_is_named_and_described_as_files_are(desk: Desk, wrong: dict[str, Any]) -> None:
    desk.begin()
    with pytest.raises(BadValue):
        desk.act("attach", COORDINATOR, **{**FILE, **PDF, **wrong})
    assert desk.dossier().attachments == ()


def test_the_name_of_a_personal_file_is_sealed_under_the_persons_key(desk: Desk) -> None:
    desk.begin()
    (entry,) = desk.act("attach", COORDINATOR, **FILE, **{**PDF, "name": "Anna Roe.pdf"}, personal=True)
    assert "Anna" not in entry.text
    (file,) = desk.dossier().attachments
    assert file.name is None
    assert file.is_personal
    key = desk.trial.vault.key_of("participant/S-1", create=False)
    assert key is not None
    assert unseal(file.sealed or "", key=key, subject="participant/S-1", item="attachment") == "Anna Roe.pdf"


def test_a_data_manager_attaches_nothing(desk: Desk) -> None:
    desk.begin()
    with pytest.raises(NotAllowed):
        desk.act("attach", DATA_MANAGER, **FILE, **PDF)
    assert not [e for e in desk.trial.ledger.entries() if e.kind is Kind.FILE_ATTACHED]
