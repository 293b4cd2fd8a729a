"""People: roles given and ended with a signature, accounts made and taken away, second factors and passwords."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django_otp.oath import totp

from charcot.conduct import read_charter
from charcot.wiring.clock import real_clock
from faces.practice import PASSWORD, Practice

NEW = "a lamp under seven stones"
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def text(answer: object) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())  # type: ignore[attr-defined]  # a response


def today(practice: Practice) -> str:
    return f"{read_charter(practice.folder.ledger).site_time(real_clock()):%Y-%m-%d}"


def test_the_investigator_delegates_a_role_with_a_signature_and_it_opens_the_trial(
    practice: Practice,
) -> None:
    doctor, admin = practice.client("investigator-1"), practice.client("administrator-1")
    asked = {"person": "coordinator-2", "role": "coordinator", "since": today(practice)}
    unsigned = doctor.post("/people/delegate", asked | {"password": "not mine", "token": ""})
    assert unsigned.status_code == 400
    assert "coordinator-2" in text(unsigned)  # what was typed is still there
    before = practice.folder.ledger.head().sequence
    given = doctor.post("/people/delegate", asked | practice.proof("investigator-1"))
    assert given.status_code == 302
    entry = next(iter(practice.folder.ledger.entries(after=before)))
    assert entry.data["signature"]["method"] == "password+totp"
    assert entry.actor.person == "investigator-1"
    assert "signed by investigator-1 with password and second factor" in text(doctor.get("/people"))
    link = make_account(admin, "coordinator-2")
    newcomer = practice.client()
    assert newcomer.post(link, {"password": NEW, "again": NEW}).status_code == 302
    newcomer.post("/sign-in", {"person": "coordinator-2", "password": NEW})
    assert newcomer.get("/participants/S-01").status_code == 200
    ended = doctor.post(f"/people/delegations/{entry.sequence}/end",
                        {"until": "2020-01-01", "reason": "left", **practice.proof("investigator-1")})  # fmt: skip
    assert ended.status_code == 400  # before it began
    yesterday = f"{real_clock() - timedelta(days=1):%Y-%m-%d}"
    assert today(practice) != yesterday


def make_account(admin: Client, person: str) -> str:
    answer = admin.post("/people/accounts", {"person": person})
    found = re.search(r"http://localhost(/set-password/[\w-]+)", answer.content.decode())
    assert found is not None, text(answer)
    return found.group(1)


def test_an_ended_delegation_closes_the_trial_from_the_next_day_and_at_once_for_a_day_past(
    practice: Practice,
) -> None:
    doctor, monitor = practice.client("investigator-1"), practice.client("monitor-1")
    held = next(d for d in read_charter(practice.folder.ledger).delegations if d.person == "monitor-1")
    assert monitor.get("/participants").status_code == 200
    ended = doctor.post(
        f"/people/delegations/{held.entry}/end",
        {"until": f"{held.since}", "reason": "left the trial", **practice.proof("investigator-1")},
    )
    assert ended.status_code == 302
    page = monitor.get("/participants")
    assert page.status_code == 403
    assert "monitor-1 holds no role in this trial today" in text(page)
    assert "Investigator" in text(page)  # whom to ask
    assert b"S-01" not in page.content
    assert "left the trial" in text(doctor.get("/people"))


def test_an_account_is_made_only_for_somebody_in_the_delegation_log(practice: Practice) -> None:
    answer = practice.client("administrator-1").post("/people/accounts", {"person": "nobody-9"})
    assert answer.status_code == 400
    assert "nobody-9 is not in the delegation log" in text(answer)
    assert not any(c.person == "nobody-9" for c in read_charter(practice.folder.ledger).access)


def test_a_link_sets_a_password_once(practice: Practice) -> None:
    admin = practice.client("administrator-1")
    change = {"what": "password", "reason": "forgotten", **practice.proof("administrator-1")}
    monitor = practice.client("monitor-1")
    answer = admin.post("/people/accounts/monitor-1", change)
    link = re.search(r"http://localhost(/set-password/[\w-]+)", answer.content.decode())
    assert link is not None
    assert monitor.get("/").status_code == 302  # the old session is over
    fresh = practice.client()
    weak = fresh.post(link.group(1), {"password": "password1234", "again": "password1234"})
    assert weak.status_code == 400
    assert "too common" in text(weak)
    assert fresh.post(link.group(1), {"password": NEW, "again": NEW + "!"}).status_code == 400
    assert fresh.post(link.group(1), {"password": NEW, "again": NEW}).status_code == 302
    again = fresh.post(link.group(1), {"password": NEW + " more", "again": NEW + " more"})
    assert "can no longer be used" in text(again)
    assert fresh.post("/sign-in", {"person": "monitor-1", "password": PASSWORD}).status_code == 403
    assert fresh.post("/sign-in", {"person": "monitor-1", "password": NEW}).status_code == 302
    made = [(c.what, c.entry.reason) for c in read_charter(practice.folder.ledger).access]
    assert ("password_reset", "forgotten") in made
    assert NEW not in "".join(row.text for row in practice.folder.ledger.rows())


def test_a_closed_account_is_closed_at_once(practice: Practice) -> None:
    admin, monitor = practice.client("administrator-1"), practice.client("monitor-1")
    wrong = {"what": "close", "password": "wrong"}
    assert admin.post("/people/accounts/monitor-1", wrong).status_code == 400
    alone = {"what": "close", "password": PASSWORD}
    assert admin.post("/people/accounts/monitor-1", alone).status_code == 400  # the second factor is missing
    proof = practice.proof("administrator-1")
    assert monitor.get("/").status_code == 200
    assert admin.post("/people/accounts/monitor-1", {"what": "close", **proof}).status_code == 302
    assert monitor.get("/").status_code == 302
    refused = practice.client().post("/sign-in", {"person": "monitor-1", "password": PASSWORD})
    assert "These do not fit together." in text(refused)
    assert (
        admin.post(
            "/people/accounts/monitor-1", {"what": "open", **practice.proof("administrator-1")}
        ).status_code
        == 302
    )
    practice.client("monitor-1")


def test_a_role_that_needs_a_second_factor_sets_one_up_at_the_first_sign_in(practice: Practice) -> None:
    admin = practice.client("administrator-1")
    admin.post("/people/accounts/sponsor-1", {"what": "second_factor", **practice.proof("administrator-1")})
    sponsor = practice.client()
    sponsor.post("/sign-in", {"person": "sponsor-1", "password": PASSWORD})
    sent = sponsor.get("/participants")
    assert (sent.status_code, sent["Location"]) == (302, "/account/second-factor")
    page = sponsor.get("/account/second-factor").content.decode()
    assert "<svg" in page and "style=" not in page
    letters = re.search(r'<code class="receipt">([A-Z2-7 ]+)</code>', page)
    assert letters is not None
    wrong = sponsor.post("/account/second-factor", {"token": "000000", "password": PASSWORD})
    assert wrong.status_code == 400
    key = _key(letters.group(1))
    _free(practice, "sponsor-1")
    digits = f"{totp(key):06d}".translate(PERSIAN)
    done = sponsor.post("/account/second-factor", {"token": digits, "password": PASSWORD})
    codes = re.findall(r"<code>([a-z2-9]{5}-[a-z2-9]{5})</code>", done.content.decode())
    assert len(codes) == 10
    assert sponsor.get("/participants").status_code == 200
    assert sponsor.get("/account").content.decode().count(codes[0]) == 0
    alone = practice.client().post("/sign-in", {"person": "sponsor-1", "password": PASSWORD})
    assert alone.status_code == 403  # the password alone no longer suffices
    recovering = practice.client()
    given = {"person": "sponsor-1", "password": PASSWORD, "token": codes[0].upper()}
    _free(practice, "sponsor-1")
    assert recovering.post("/sign-in", given).status_code == 302
    assert practice.client().post("/sign-in", given).status_code == 403  # each code once
    parted = f"{practice.token('sponsor-1')[:3]} {practice.token('sponsor-1')[3:]}".translate(PERSIAN)
    given |= {"token": parted}
    assert practice.client().post("/sign-in", given).status_code == 302
    assert ("sponsor-1", "second_factor_set") in [
        (c.person, c.what) for c in read_charter(practice.folder.ledger).access
    ]


def _key(letters: str) -> bytes:
    from base64 import b32decode

    plain = letters.replace(" ", "")
    return b32decode(plain + "=" * (-len(plain) % 8))


def _free(practice: Practice, person: str) -> None:
    """Lets a device be asked again at once, as if the seconds that it waits after a wrong code had passed."""
    from django_otp.plugins.otp_static.models import StaticDevice
    from django_otp.plugins.otp_totp.models import TOTPDevice

    practice.token(person)
    for model in (TOTPDevice, StaticDevice):
        model.objects.filter(user__username=person).update(
            throttling_failure_timestamp=None, throttling_failure_count=0
        )


def test_recovery_codes_are_not_kept_as_they_are(practice: Practice) -> None:
    doctor = practice.client("investigator-1")
    page = doctor.post("/account/recovery-codes", practice.proof("investigator-1")).content.decode()
    codes = re.findall(r"<code>([a-z2-9]{5}-[a-z2-9]{5})</code>", page)
    assert len(codes) == 10
    kept = (practice.folder.path / "local" / "site.sqlite3").read_bytes()
    kept += (practice.folder.path / "local" / "site.sqlite3-wal").read_bytes()
    assert not any(code.encode() in kept or code.replace("-", "").encode() in kept for code in codes)


def test_five_wrong_passwords_lock_and_the_administrator_unlocks(practice: Practice) -> None:
    client = practice.client()
    for _ in range(5):
        last = client.post("/sign-in", {"person": "monitor-1", "password": "wrong"})
    assert "too many wrong tries" in text(last)
    right = client.post("/sign-in", {"person": "monitor-1", "password": PASSWORD})
    assert "too many wrong tries" in text(right)
    elsewhere = practice.client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.post("/sign-in", {"person": "monitor-1", "password": PASSWORD}).status_code == 302
    admin = practice.client("administrator-1", REMOTE_ADDR="192.0.2.8")
    assert "refused, and locked out" in text(admin.get("/people/sign-ins?q=monitor"))
    given = {"what": "unlock", "reason": "came in person", **practice.proof("administrator-1")}
    assert admin.post("/people/accounts/monitor-1", given).status_code == 302
    freed = client.post("/sign-in", {"person": "monitor-1", "password": PASSWORD})
    assert freed.status_code == 302
    change = read_charter(practice.folder.ledger).access[-1]
    assert (change.person, change.what, change.entry.actor.person, change.entry.reason) == (
        "monitor-1", "account_unlocked", "administrator-1", "came in person"
    )  # fmt: skip
    assert "let monitor-1 sign in again" in text(practice.client("inspector-1").get("/record"))


def test_passwords_are_not_tried_faster_than_a_person_types(practice: Practice) -> None:
    said = [
        text(practice.client(REMOTE_ADDR=f"192.0.2.{n}").post("/sign-in", {"person": "monitor-1", "password": f"guess {n}"}))
        for n in range(13)
    ]  # fmt: skip
    assert "tried too often in the last minute" in said[-1]
    assert "tried too often" not in said[5]


def test_ones_own_password_is_changed_with_the_old_one(practice: Practice) -> None:
    here, there = practice.client("monitor-1"), practice.client("monitor-1")
    wrong = here.post("/account/password", {"old": "wrong", "password": NEW, "again": NEW})
    assert wrong.status_code == 400
    done = here.post("/account/password", {"old": PASSWORD, "password": NEW, "again": NEW})
    assert done.status_code == 302
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302


def test_a_person_with_two_roles_changes_between_them(practice: Practice) -> None:
    doctor = practice.client("investigator-1")
    doctor.post("/people/delegate", {"person": "monitor-1", "role": "administrator", "since": today(practice),
                                     **practice.proof("investigator-1")})  # fmt: skip
    both = practice.client("monitor-1")
    assert both.get("/participants").status_code == 200
    assert both.get("/people/accounts").status_code == 403
    assert (
        both.post("/role", {"role": "administrator", "next": "/people/accounts"})["Location"]
        == "/people/accounts"
    )
    asked = both.get("/people/accounts")  # the new role needs a second factor, which monitors need not have
    assert (asked.status_code, asked["Location"]) == (302, "/account/second-factor")
    assert both.get("/participants").status_code == 403  # an administrator does not read the record
    assert both.post("/role", {"role": "investigator"}).status_code == 400
    assert both.post("/role", {"role": "monitor"}).status_code == 302  # back in the role that needs none
    assert both.get("/participants").status_code == 200


@pytest.mark.parametrize(
    "path", ["/people", "/people/log", "/people/roles", "/people/monitor-1", "/people?as_of=5"]
)
def test_whoever_reads_the_record_sees_who_may_act(practice: Practice, path: str) -> None:
    inspector = practice.client("inspector-1")
    page = inspector.get(path)
    assert page.status_code == 200
    assert "Delegate a role" not in text(page)
