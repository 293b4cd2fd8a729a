"""Many people who enter forms at once, by real HTTP: each signs in, and saves one form after the other."""

import http.client
import json
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

PASSWORD = "four words and a river"


@dataclass
class Typist:
    """One person at a browser, who tries again where there is no answer; `saved` are the tokens that were acknowledged."""

    port: int
    person: str
    participant: str
    values: dict[str, str]
    at: str
    first: int = 101
    """The number of the first event that they enter."""
    saved: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    cookies: dict[str, str] = field(default_factory=dict)

    def _ask(self, method: str, path: str, sent: dict[str, str] | None = None) -> tuple[int, str]:
        """One request. Raises OSError where there is no answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if sent is not None:
            token = next(v for k, v in self.cookies.items() if k.startswith("charcot-form"))
            body = urlencode(sent | {"csrfmiddlewaretoken": token})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                cookie, _, given = value.split(";")[0].partition("=")
                self.cookies[cookie] = given
        return answer.status, text

    def sign_in(self) -> None:
        """Signs in, as often as it takes."""
        while True:
            try:
                self._ask("GET", "/sign-in")
                status, text = self._ask("POST", "/sign-in", {"person": self.person, "password": PASSWORD})
            except OSError:
                time.sleep(0.05)
                continue
            assert status == 302, text[-3000:]
            return

    def draft(self, instance: int) -> None:
        """Types an adverse event without saving it, until its draft is acknowledged."""
        place = f"/participants/{self.participant}/forms/adverse_event/-/{instance}/judge"
        sent = {"at": self.at, "source": "paper", "based_on": "0", "v.term": f"Draft of {self.person}"}
        while True:
            try:
                status, text = self._ask("POST", place, sent)
            except OSError:
                time.sleep(0.05)
                continue
            assert status == 200, text[:500]
            return

    def reads(self, instance: int) -> str:
        """The page on which an adverse event is filled, as this person finds it."""
        return self._ask("GET", f"/participants/{self.participant}/forms/adverse_event/-/{instance}/fill")[1]

    def save(self, instance: int) -> None:
        """Saves one adverse event; sends it again, with the same token, until it is acknowledged."""
        place = f"/participants/{self.participant}/forms/adverse_event/-/{instance}/fill"
        sent = {"at": self.at, "source": "paper", "based_on": "0", "seen": "", "token": secrets.token_hex(16)}
        sent |= {f"v.{name}": value for name, value in self.values.items()}
        sent["v.term"] += f" {instance}"
        began = time.monotonic()
        while True:
            try:
                status, text = self._ask("POST", place, sent)
            except OSError:
                time.sleep(0.05)
                continue
            if status == 302:
                self.saved.append(instance)
                self.waits.append(time.monotonic() - began)
                return
            if "being saved at this moment" in text:
                time.sleep(0.05)
                continue
            seen = re.search(r'name="seen" value="([^"]*)"', text)
            if status == 422 and seen and seen.group(1) != sent["seen"]:
                sent["seen"] = seen.group(1)
                continue
            self.errors.append(
                json.dumps([status, re.findall(r'class="(?:wrong|notice)[^>]*>(.*?)</p>', text)])
            )
            return


def all_at_once(
    typists: list[Typist],
    until: float | None = None,
    most: int | None = None,
    told: Callable[[], None] | None = None,
) -> None:
    """Everybody signs in and saves, until a moment (monotonic) or so many forms each; `told` is called after each.

    With `most` each leaves one form more half typed.
    """

    def work(typist: Typist) -> None:
        typist.sign_in()
        if most is not None:
            typist.draft(typist.first + most)
        number = 0
        while (until is None or time.monotonic() < until) and (most is None or number < most):
            typist.save(typist.first + number)
            number += 1
            if told is not None:
                told()

    threads = [threading.Thread(target=work, args=[typist]) for typist in typists]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
