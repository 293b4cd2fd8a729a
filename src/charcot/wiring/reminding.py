"""Mail about reporting clocks: when one starts, at half of its time, and once it has run out, then to more people.

A message names the trial, the participant's number, the clock and when it runs out; never what happened.
Settings, all from the environment: CHARCOT_MAIL_TO (`role=address`, with commas), CHARCOT_MAIL_FROM, CHARCOT_MAIL_HOST,
CHARCOT_MAIL_PORT, CHARCOT_MAIL_USER, CHARCOT_MAIL_PASSWORD, CHARCOT_MAIL_TLS. Without a host, messages become files in `local/mail/`.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from smtplib import SMTPException
from uuid import uuid4

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from charcot.conduct import read_charter
from charcot.conduct.holding import ask_watch
from charcot.refusal import BadValue, Refusal
from charcot.safety import RunningClock, find_open_clocks
from charcot.wiring.clock import real_clock
from charcot.wiring.folder import TrialFolder
from charcot.wiring.settings import configure_django
from charcot.wiring.whole_files import write_whole

SENT = "mail-sent.json"


def addresses(environment: Mapping[str, str] = os.environ) -> dict[str, list[str]]:
    """The addresses of each role; raises BadValue where the setting cannot be read."""
    found: dict[str, list[str]] = {}
    for part in environment.get("CHARCOT_MAIL_TO", "").split(","):
        if not part.strip():
            continue
        role, equals, address = (piece.strip() for piece in part.partition("="))
        if not equals or "@" not in address:
            raise BadValue(
                f"CHARCOT_MAIL_TO holds {part.strip()!r}, which is no role with its address.",
                rule="Mail: CHARCOT_MAIL_TO is role=address, with commas between",
                next_step="Write it as safety_physician=name@example.org.",
            )
        found.setdefault(role, []).append(address)
    return found


def due_stages(clock: RunningClock, now: datetime) -> Iterator[str]:
    """Which messages are due: `started`, `half`, `overdue`."""
    yield "started"
    if now >= clock.since + (clock.due - clock.since) / 2:
        yield "half"
    if now > clock.due:
        yield "overdue"


def send_reminders(folder: TrialFolder, now: datetime | None = None) -> int:
    """Sends what is due and was not sent yet, one message for each stage of a clock; gives how many were sent."""
    configure_django()
    charter = read_charter(folder.ledger)
    moment = charter.site_time(now or real_clock())
    ruling = charter.ruling_on(moment.date())
    clocks = ask_watch(
        folder.ledger, charter, folder.ledger.head().sequence, ruling.version, find_open_clocks
    )
    book = folder.path / "local" / SENT
    done: list[str] = json.loads(book.read_text()) if book.is_file() else []
    known, whom, sent = set(done), addresses(), 0
    connection = _connection(folder)
    for clock in clocks:
        report = clock.report
        place = f"{report.participant}/{report.key}/{clock.plan.id}"
        fresh = [stage for stage in due_stages(clock, moment) if f"{place}/{stage}" not in known]
        roles = [*clock.plan.concerns, *(clock.plan.escalates_to if "overdue" in fresh else ())]
        to = list(dict.fromkeys(address for role in roles for address in whom.get(role, ())))
        if not fresh or not to:
            continue
        state = (
            "has run out"
            if fresh[-1] == "overdue"
            else "is half over"
            if fresh[-1] == "half"
            else "has started"
        )
        message = EmailMessage(
            f"{charter.trial}: a reporting clock {state} ({report.participant})",
            f"Trial: {charter.trial}\nParticipant: {report.participant}, event {report.key.instance}\n"
            f"Clock: {clock.plan.label}\nTo be told: {clock.plan.to}\nDue: {clock.due:%Y-%m-%d %H:%M} (site time)\n\n"
            "Sign in to see the event and to record the submission: Safety, Reporting clocks.\n",
            os.environ.get("CHARCOT_MAIL_FROM", "charcot@localhost"), to, connection=connection,
        )  # fmt: skip
        _send(message)
        sent += 1
        known |= {f"{place}/{stage}" for stage in fresh}
        write_whole(book, json.dumps(sorted(known)).encode())
    return sent


class NotSent(Refusal):
    """A message that the mail server did not take."""


def _send(message: EmailMessage) -> None:
    """Sends it; raises NotSent where the mail server does not take it, so that it is tried again the next time."""
    try:
        message.send()
    except (OSError, SMTPException) as error:
        raise NotSent(
            "The mail server did not take a message about a reporting clock.",
            rule="Mail: CHARCOT_MAIL_HOST, CHARCOT_MAIL_PORT and what else says how it is sent",
            next_step="Look at the mail server. The message is sent the next time that charcot remind runs.",
            facts={"error": type(error).__name__},
        ) from error


class MessageFiles(BaseEmailBackend):
    """Messages as files of a folder, one each: Django's own way may put two of one second into the same file."""

    def __init__(self, place: Path) -> None:
        super().__init__()
        self._place = place
        place.mkdir(mode=0o700, exist_ok=True)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Writes them; gives how many."""
        for message in email_messages:
            file = self._place / f"{real_clock():%Y%m%d-%H%M%S}-{uuid4().hex}.eml"
            file.write_bytes(message.message().as_bytes())
        return len(email_messages)


def _connection(folder: TrialFolder) -> BaseEmailBackend:
    """The way out: the mail server named in the environment, or files in the trial's `local/mail/`."""
    host = os.environ.get("CHARCOT_MAIL_HOST", "")
    if not host:
        return MessageFiles(folder.path / "local" / "mail")
    way: BaseEmailBackend = get_connection(
        "django.core.mail.backends.smtp.EmailBackend",
        host=host,
        port=int(os.environ.get("CHARCOT_MAIL_PORT", "587")),
        username=os.environ.get("CHARCOT_MAIL_USER", ""),
        password=os.environ.get("CHARCOT_MAIL_PASSWORD", ""),
        use_tls=os.environ.get("CHARCOT_MAIL_TLS", "1") != "0",
        timeout=20,
    )
    return way
