"""A session that ended: back at the same place with nothing lost, and nothing of it for anybody else."""

import re
from datetime import timedelta
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from charcot.wiring.clock import real_clock
from charcot.wiring.served import choose, open_site
from faces.practice import PASSWORD, Practice

SENT = {"at": "2026-01-01", "reason": "kept-marker", "category": "other"}
PAGE = "/participants/S-01/acts/report_deviation"


def leave_alone(practice: Practice, client: Client, minutes: int = 31, since: str = "seen_at") -> None:
    """As if nothing had been done for so long."""
    choose(open_site(practice.folder))
    key = next(found.value for name, found in client.cookies.items() if "form" not in name)
    session = SessionStore(key)
    session[since] = (real_clock() - timedelta(minutes=minutes)).isoformat()
    session.save()


def sent_alone(practice: Practice, client: Client, **headers: str) -> Any:
    leave_alone(practice, client)
    return client.post(PAGE, SENT, headers={"Referer": f"http://localhost{PAGE}", **headers})


def test_who_does_nothing_for_half_an_hour_is_signed_out_and_comes_back_to_the_same_page(
    practice: Practice,
) -> None:
    client = practice.client("monitor-1")
    leave_alone(practice, client, minutes=29)
    assert client.get("/participants/S-01?x=1").status_code == 200
    leave_alone(practice, client, minutes=31)
    answer = client.get("/participants/S-01?x=1")
    assert answer["Location"] == "/sign-in?next=%2Fparticipants%2FS-01%3Fx%3D1&out=1"
    assert "signed out because nothing was done" in client.get(answer["Location"]).content.decode()
    back = client.post("/sign-in", {"person": "monitor-1", "password": PASSWORD, "next": "/participants/S-01?x=1"})  # fmt: skip
    assert back["Location"] == "/participants/S-01?x=1"


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(practice: Practice) -> None:
    client = practice.client("monitor-1")
    leave_alone(practice, client, minutes=20)
    assert client.get("/participants", headers={"X-Charcot-Background": "1"}).status_code == 200
    leave_alone(practice, client, minutes=31)
    asked = client.get("/participants", headers={"X-Charcot-Background": "1"})
    assert asked.status_code == 401
    assert asked["X-Charcot-Sign-In"].startswith("/sign-in")


def test_nobody_stays_signed_in_for_longer_than_a_day_of_work(practice: Practice) -> None:
    client = practice.client("monitor-1")
    leave_alone(practice, client, minutes=12 * 60 + 1, since="signed_in_at")
    assert client.get("/").status_code == 302


def test_what_was_sent_too_late_is_kept_and_sent_again_after_signing_in(practice: Practice) -> None:
    client, head = practice.client("monitor-1"), practice.folder.ledger.head()
    answer = sent_alone(practice, client)
    assert answer.status_code == 401
    assert "What you sent is kept" in answer.content.decode()
    assert practice.folder.ledger.head() == head
    given = {"person": "monitor-1", "password": PASSWORD}
    assert client.post("/sign-in", given)["Location"] == "/go-on"
    page = client.get("/go-on").content.decode()
    assert re.search(r'<textarea name="reason" hidden>kept-marker</textarea>', page)
    assert f'action="{PAGE}"' in page
    assert client.get("/go-on").status_code == 302  # shown once


def test_somebody_else_who_signs_in_there_sees_nothing_of_it(practice: Practice) -> None:
    client = practice.client("monitor-1")
    sent_alone(practice, client)
    kept = (practice.folder.path / "local" / "site.sqlite3").read_bytes()
    kept += (practice.folder.path / "local" / "site.sqlite3-wal").read_bytes()
    assert b"kept-marker" not in kept
    assert client.post("/sign-in", {"person": "statistician-1", "password": PASSWORD})["Location"] == "/"
    assert client.get("/go-on").status_code == 302
    assert client.post("/sign-in", {"person": "monitor-1", "password": PASSWORD})["Location"] == "/"


def test_a_password_is_never_kept(practice: Practice) -> None:
    client = practice.client("administrator-1")
    leave_alone(practice, client)
    where = "/people/accounts/monitor-1"
    answer = client.post(where, {"what": "close", "password": PASSWORD}, headers={"Referer": f"http://localhost{where}"})  # fmt: skip
    assert answer.status_code == 401
    assert "is kept" not in answer.content.decode()


def test_signing_in_over_a_page_gives_it_a_fresh_token(practice: Practice) -> None:
    client = practice.client("monitor-1", forgery=True)
    page = client.get("/participants").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    leave_alone(practice, client)
    assert client.get("/participants", headers={"HX-Request": "true"}).status_code == 401
    given = {"person": "monitor-1", "csrfmiddlewaretoken": token.group(1)}
    panel = {"X-Charcot-Panel": "1"}
    wrong = client.post("/sign-in", given | {"password": "wrong"}, headers=panel)
    assert (wrong.status_code, wrong.json()["what"]) == (403, "These do not fit together.")
    right = client.post("/sign-in", given | {"password": PASSWORD}, headers=panel)
    assert right.status_code == 200
    again = {"role": "monitor", "csrfmiddlewaretoken": right.json()["token"]}
    assert client.post("/role", again).status_code == 302
