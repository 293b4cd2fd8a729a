"""Every address of the site by every role, of every site or of one, and signed out: who gets in, and what is never shown."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pypdf
import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from charcot.conduct import lock, unlock
from charcot.conduct.lock import LOCKING
from charcot.ledger import Actor
from charcot.team import Signature
from faces.concealing import ASKED, AT_HERE, AT_THERE, BLINDED, DONOR, LEVEL, open_concealed
from faces.practice import NAME, Practice
from faces.who_may import ARGUMENTS, EVERYBODY, READERS, WHO_MAY, Address

SEES = {
    BLINDED: {"safety_physician", "safety_board", "inspector"},
    ASKED: {"safety_physician", "safety_board", "inspector"},
    LEVEL: {"safety_physician", "safety_board", "inspector"},
    DONOR: {"coordinator", "qualified_person"},
    NAME: {"investigator", "coordinator"},
}
"""Which roles see a marker, by the protocol."""
PAPER = ("casebook_blank", "casebook_annotated")
"""PDF files of the protocol alone, which are slow to make and to read."""
READ_PAPER = ("inspector-1", "monitor-2", "administrator-1")
PEOPLE = [f"{role}-{number}" for role in sorted(EVERYBODY) for number in (1, 2)]


@pytest.fixture(scope="module")
def trial(concealed_made: Any) -> Practice:
    return open_concealed(concealed_made)


def routes() -> list[URLPattern]:
    return [
        pattern
        for pattern in get_resolver("charcot.web.urls").url_patterns
        if isinstance(pattern, URLPattern)
    ]


def address_of(route: URLPattern, participant: str) -> str:
    names = route.pattern.converters
    missing = set(names) - set(ARGUMENTS) - {"participant"}
    assert not missing, f"say in ARGUMENTS what stands for {missing}"
    given = {name: participant if name == "participant" else ARGUMENTS[name] for name in names}
    assert route.name is not None
    return reverse(route.name, kwargs=given | (route.default_args or {}))


def test_every_address_has_a_line_that_says_who_may_open_it() -> None:
    named = {route.name for route in routes()}
    assert None not in named
    assert named == set(WHO_MAY), "add the line, or take it away, in tests/faces/who_may.py"
    assert len(routes()) == len(get_resolver("charcot.web.urls").url_patterns)


def cases(trial: Practice) -> Iterator[tuple[URLPattern, Address, str, str]]:
    for route in routes():
        for participant in (AT_HERE, AT_THERE) if "participant" in route.pattern.converters else (AT_HERE,):
            yield route, WHO_MAY[str(route.name)], participant, address_of(route, participant)


def expected(who: Address, route: URLPattern, person: str, participant: str) -> int:
    role, number = person.rsplit("-", 1)
    if role not in who.roles or (who.every_site and number == "2"):
        return 403
    if number == "2" and participant == AT_HERE and "participant" in route.pattern.converters:
        return 404
    return 405 if who.only_form else who.answers


@pytest.mark.parametrize("person", PEOPLE)
def test_an_address_opens_to_the_roles_that_may_and_shows_nothing_they_may_not_see(
    trial: Practice, person: str
) -> None:
    client = trial.client(person)
    role, number = person.rsplit("-", 1)
    concealed = [marker for marker, roles in SEES.items() if role not in roles or role not in READERS]
    wrong, leaks = [], []
    for route, who, participant, address in cases(trial):
        if route.name in PAPER and person not in READ_PAPER:
            continue
        for query in ("", "?as_of=90000") if route.name == "participants" else ("",):
            answer = client.get(address + query)
            wanted = 404 if query and role in who.roles else expected(who, route, person, participant)
            if answer.status_code != wanted:
                wrong.append((address + query, answer.status_code, wanted))
            leaks += [(address, marker) for marker in concealed if marker in content_of(answer)]
            if number == "2" and answer.status_code == 200:
                leaks += [(address, other) for other in (AT_HERE, "S-02") if names(other, content_of(answer))]
    assert not wrong
    assert not leaks


@pytest.mark.parametrize("role", sorted(READERS))
def test_no_entry_now_or_as_of_any_moment_shows_what_a_role_may_not_see(trial: Practice, role: str) -> None:
    client, head = trial.client(f"{role}-1"), trial.folder.ledger.head().sequence
    concealed = [marker for marker, roles in SEES.items() if role not in roles]
    shown = set()
    paths = [f"/record/{n}" for n in range(1, head + 1)]
    paths += ["/record", f"/record?as_of={head - 1}", f"/participants/{AT_HERE}?as_of={head - 1}"]
    paths += [
        f"/participants/{AT_HERE}/forms/{form}/1"
        for form in ("identity/screening", "unscheduled_visit/unscheduled")
    ]
    paths += ["/record.csv", f"/record/compare?from=1&to={head}&numbers=1"]
    paths += [f"/participants/{AT_HERE}/casebook.pdf", f"/participants/{AT_HERE}/casebook.pdf?personal=1"]
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        text = content_of(answer)
        assert not [marker for marker in concealed if marker in text], path
        shown |= {marker for marker in SEES if marker in text}
    assert shown == {marker for marker, roles in SEES.items() if role in roles}


def test_a_role_of_one_site_finds_no_entry_of_another(trial: Practice) -> None:
    bound = trial.client("monitor-2")
    entries = list(trial.folder.ledger.entries())
    for entry in entries:
        wanted = 404 if entry.participant not in (None, AT_THERE) else 200
        assert bound.get(f"/record/{entry.sequence}").status_code == wanted, entry.sequence
    assert "S-03" in content_of(bound.get("/participants"))
    compared = content_of(bound.get(f"/record/compare?from=1&to={len(entries)}&numbers=1"))
    assert "S-03" in compared
    assert not names(AT_HERE, compared)


def test_the_lock_of_the_trial_names_to_a_role_of_one_site_what_remained_there(trial: Practice) -> None:
    manager, signature = Actor("data_manager-1", "data_manager"), Signature("password", LOCKING)
    (locked,) = lock(
        trial.trial, manager, scope="trial", statement="Final.", reason="it ends", signature=signature
    )
    unlock(trial.trial, manager, scope="trial", reason="too early")
    everything = content_of(trial.client("monitor-1").get(f"/record/{locked.sequence}"))
    assert names(AT_HERE, everything)
    assert names(AT_THERE, everything)
    bound = content_of(trial.client("monitor-2").get(f"/record/{locked.sequence}"))
    assert names(AT_THERE, bound)
    assert not names(AT_HERE, bound)
    assert any(AT_HERE in line for line in locked.data["remaining"]["unsigned"])  # the record itself is whole


def test_signed_out_nothing_is_shown_and_nothing_taken(trial: Practice) -> None:
    client, head = trial.client(), trial.folder.ledger.head()
    for _route, who, _participant, address in cases(trial):
        answer = client.get(address)
        if who.everybody:
            assert answer.status_code in (200, 400, 405), address
        else:
            assert answer.status_code == 302, address
            assert answer["Location"].startswith("/sign-in"), address
            sent = client.post(address, {"person": "x"})
            assert sent.status_code == 401, address
            assert client.get(address, headers={"HX-Request": "true"}).status_code == 401, address
        for marker in (*SEES, AT_HERE):
            if "next=" not in str(answer.headers.get("Location", "")):
                assert marker not in content_of(answer), address
    assert trial.folder.ledger.head() == head


@pytest.mark.parametrize("person", ["investigator-1", "administrator-1", "coordinator-2"])
def test_what_is_sent_from_elsewhere_is_refused(trial: Practice, person: str) -> None:
    client, head = trial.client(person, forgery=True), trial.folder.ledger.head()
    for route, who, _participant, address in cases(trial):
        if route.name == "sign_out" or not who.form:
            continue
        for given in ({}, {"csrfmiddlewaretoken": "x" * 64}):
            answer = client.post(address, given)
            assert answer.status_code in (403, 404), address  # 404: of another site
    for address in ("/", "/participants", f"/participants/{AT_THERE}"):
        assert client.post(address).status_code in (302, 403, 405)
    assert trial.folder.ledger.head() == head


def names(participant: str, text: str) -> bool:
    return re.search(rf"\b{participant}\b", text) is not None


def content_of(answer: Any) -> str:
    """What an answer says, with the text of a PDF, and its headers."""
    body: bytes = answer.getvalue() if answer.streaming else answer.content
    if body.startswith(b"%PDF"):
        text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages)
        return "".join(text.split())
    return body.decode()


def test_a_client_that_keeps_an_old_form_cannot_send_it_again_after_signing_in_anew(trial: Practice) -> None:
    client = Client(enforce_csrf_checks=True, SERVER_NAME="localhost", **trial.environment)
    page = client.get("/sign-in").content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    proof = trial.proof("monitor-1")
    assert (
        client.post("/sign-in", {"person": "monitor-1", **proof, "csrfmiddlewaretoken": token}).status_code
        == 302
    )
    assert client.post("/role", {"role": "monitor", "csrfmiddlewaretoken": token}).status_code == 403
