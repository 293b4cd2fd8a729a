"""Signing in: who gets in, who does not, what they are told, and what a page says to those it does not open to."""

from typing import Any

from django.test import Client

from faces.practice import PASSWORD, Practice


def test_a_practice_trial_is_closed_until_somebody_signs_in(practice: Practice) -> None:
    client = practice.client()
    for path in ("/", "/participants", "/record/1", "/report"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in")
        assert b"S-01" not in answer.content
    assert client.get("/health").json()["status"] == "ok"
    answer = client.post("/sign-in", {"person": "coordinator-1", "password": PASSWORD, "next": "/participants/S-01"})  # fmt: skip
    assert answer["Location"] == "/participants/S-01"
    page = client.get("/participants/S-01")
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert b"coordinator-1" in page.content


def test_wrong_passwords_and_unknown_people_are_told_the_same(practice: Practice) -> None:
    def told(person: str, password: str) -> str:
        answer = practice.client().post("/sign-in", {"person": person, "password": password})
        assert answer.status_code == 403
        return answer.content.decode().split("<form")[0]

    wrong = told("coordinator-1", "not the password")
    assert wrong == told("nobody-1", "not the password")
    assert "These do not fit together." in wrong


def test_after_sign_out_the_old_session_is_worth_nothing(practice: Practice) -> None:
    client = practice.client("monitor-1")
    before = {name: found.value for name, found in client.cookies.items()}
    assert client.get("/").status_code == 200
    assert client.post("/sign-out").status_code == 302
    for name, value in before.items():
        client.cookies[name] = value
    assert client.get("/").status_code == 302


def test_a_sign_in_gives_the_session_a_new_key(practice: Practice) -> None:
    client = practice.client("monitor-1")
    first = _session(client)
    client.post("/sign-in", {"person": "monitor-1", "password": PASSWORD})
    assert _session(client) != first


def _session(client: Client) -> str:
    return next(found.value for name, found in client.cookies.items() if "form" not in name)


def test_an_address_elsewhere_is_not_gone_to(practice: Practice) -> None:
    for elsewhere in ("https://evil.example/", "//evil.example", "\\\\evil.example", "javascript:alert(1)"):
        answer = practice.client().post(
            "/sign-in", {"person": "monitor-1", "password": PASSWORD, "next": elsewhere}
        )
        assert answer["Location"] == "/"


def test_two_sites_in_one_process_keep_their_accounts_apart(practice: Practice, tmp_path: Any) -> None:
    from charcot.wiring.folder import create_folder
    from charcot.wiring.opening import open_trial_in
    from charcot.wiring.templates import find_template

    other = create_folder(tmp_path / "other", find_template("royan-admsc").protocol_files())
    open_trial_in(other, "investigator-1", "practice")
    here, there = practice.client("investigator-1"), Practice(other).client()
    for name, found in here.cookies.items():
        there.cookies[name] = found.value
    assert there.get("/").status_code == 302
    assert (
        there.post("/sign-in", {"person": "investigator-1", **practice.proof("investigator-1")}).status_code
        == 403
    )
    assert here.get("/").status_code == 200
