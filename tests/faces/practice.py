"""A practice trial on a real site, with an account for each role, and ways to sign in by client and by browser.

    def test_something(practice):                     # a fresh copy of the folder for each test
        client = practice.client("coordinator-1")     # Django's test client, signed in
        assert client.get("/participants/S-01").status_code == 200
        with practice.serving() as address:           # a real server in a thread
            practice.sign_in(page, address, "monitor-1")   # a page of playwright

The codes are the protocol's roles with `-1`; roles that need a second factor have one set up. Start the server before
playwright: Django reads no database where an event loop runs.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from charcot.conduct import Trial, approve, consent, delegate, open_trial, read_charter, record, screen
from charcot.ledger import Actor
from charcot.protocol import Protocol
from charcot.wiring.accounts import make_account
from charcot.wiring.clock import SimulatedClock
from charcot.wiring.folder import TrialFolder, create_folder, open_folder
from charcot.wiring.served import choose, open_site
from charcot.wiring.serving import environment, site
from charcot.wiring.templates import find_template
from faces.served import served

PASSWORD = "four words and a river"
NAME = "Farhad-Rostami-marker"
"""A family name, which only roles that see personal values may be shown."""
BEGAN = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) - timedelta(days=60)


@dataclass(frozen=True)
class Practice:
    """The folder of a practice trial with its accounts."""

    folder: TrialFolder

    @cached_property
    def environment(self) -> dict[str, Any]:
        """What every request carries: the views of the trial, which are kept from one to the next."""
        return environment(self.folder)

    @property
    def trial(self) -> Trial:
        """The trial, to act on it without the site."""
        from charcot.wiring.acting import trial_in

        return trial_in(self.folder)

    def client(self, person: str | None = None, *, forgery: bool = False, **more: Any) -> Client:
        """Django's test client for this site, signed in as a person; `forgery`: CSRF is checked."""
        given = self.environment | more
        client = Client(enforce_csrf_checks=False, SERVER_NAME="localhost", **given)
        if person is not None:
            answer = client.post("/sign-in", {"person": person, **self.proof(person)})
            assert answer.status_code == 302, answer.content.decode()
        client.handler.enforce_csrf_checks = forgery
        return client

    def proof(self, person: str) -> dict[str, str]:
        """What proves who somebody is, on a form: their password, and the digits that their app shows now."""
        return {"password": PASSWORD, "token": self.token(person)}

    def token(self, person: str) -> str:
        """The six digits that a person's app shows now; they may be used although they were before."""
        choose(open_site(self.folder))
        device = TOTPDevice.objects.filter(user__username=person, confirmed=True).first()
        if device is None:
            return ""
        TOTPDevice.objects.filter(pk=device.pk).update(last_t=-1, throttling_failure_count=0)
        return f"{totp(device.bin_key):06d}"

    @contextmanager
    def serving(self) -> Iterator[str]:
        """A real server in a thread; gives its address."""
        with served(site(self.folder)) as found:
            yield found

    def sign_in(self, page: Any, address: str, person: str, back: str = "/") -> None:
        """Signs in on a page of playwright, and waits until the page that was asked for is there."""
        with ThreadPoolExecutor(1) as aside:  # Django reads no database where an event loop runs
            proof = aside.submit(self.proof, person).result()
        page.goto(f"{address}/sign-in?next={back}")
        page.get_by_label("Your code").fill(person)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_label("Six digits").fill(proof["token"])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{address}{back}")


def make_practice(path: Path, files: Mapping[str, str] | None = None) -> None:
    """Makes the folder, with the shipped protocol unless others are given: everybody is delegated their role, S-01 and S-02 were screened and consented, S-01 has a name."""
    folder = create_folder(path, files or find_template("royan-admsc").protocol_files())
    clock = SimulatedClock(BEGAN)
    trial, doctor = Trial(folder.ledger, folder.vault, clock), Actor("investigator-1", "investigator")
    day = f"{BEGAN:%Y-%m-%d}"
    shipped = folder.protocol_files()
    open_trial(trial, doctor, purpose="practice", people=[doctor], protocol_files=shipped)
    for document in ("protocol", "consent_form"):
        approve(trial, doctor, document=document, version="1.0", committee="Ethics committee",
                reference="EC-1", approved_on="2014-01-01")  # fmt: skip
    people = [role for role in roles_of(trial) if role != "investigator"]
    for role in people:
        delegate(trial, doctor, person=f"{role}-1", role=role, since=date.fromisoformat(day))
    desk = Actor("coordinator-1", "coordinator")
    for number in ("S-01", "S-02"):
        clock.advance(timedelta(days=1))
        today = f"{clock():%Y-%m-%d}"
        screen(trial, desk, participant=number, at=today, site=_first_site(trial))
        agree(trial, desk, number, today)
    record(trial, desk, participant="S-01", form="identity", encounter="screening", at=f"{clock():%Y-%m-%dT10:00}",
           values={"given_name": "Farhad", "family_name": NAME})  # fmt: skip
    choose(open_site(folder))
    for role in ("investigator", *people):
        add_second_factor(trial, role, make_account(f"{role}-1", PASSWORD))
    folder.close()


def agree(trial: Trial, desk: Actor, participant: str, day: str) -> None:
    """Records a consent in the morning of a day."""
    agreed = {"copy_given": "yes", "time_to_decide": "yes", "signed_by": "participant", "long_term_contact": "yes"}  # fmt: skip
    consent(trial, desk, participant=participant, at=f"{day}T09:00", form_version="1.0", values=agreed)


def add_second_factor(trial: Trial, role: str, user: User) -> None:
    """Sets up an app for somebody whose role needs a second factor."""
    found = _protocol(trial).role(role)
    if found is not None and found.second_factor:
        TOTPDevice.objects.create(user=user, name="app", confirmed=True)


def roles_of(trial: Trial) -> list[str]:
    """The roles of the protocol, in its order."""
    return [role.id for role in _protocol(trial).roles]


def _first_site(trial: Trial) -> str:
    return _protocol(trial).trial.design.sites[0].id


def _protocol(trial: Trial) -> Protocol:
    return read_charter(trial.ledger).ruling_on(BEGAN.date()).study.protocol


def open_practice(path: Path) -> Practice:
    """A practice trial that was made before."""
    return Practice(open_folder(path))
