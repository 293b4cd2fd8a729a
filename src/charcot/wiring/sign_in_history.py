"""Who signed in and who tried to, when, from where: the log of the site at hand."""

from dataclasses import dataclass
from datetime import datetime

from axes.models import AccessFailureLog, AccessLog


@dataclass(frozen=True)
class SignInLine:
    """One sign-in or one that failed; `outcome`: signed_in, refused, locked."""

    person: str
    at: datetime
    until: datetime | None
    outcome: str
    address: str
    browser: str


def list_sign_ins(person: str | None = None, most: int = 500) -> list[SignInLine]:
    """The newest sign-ins and failures, of everybody or of one person, newest first."""
    entered, failed = AccessLog.objects.all(), AccessFailureLog.objects.all()
    if person is not None:
        entered, failed = entered.filter(username=person), failed.filter(username=person)
    lines = [
        SignInLine(
            log.username or "",
            log.attempt_time,
            log.logout_time,
            "signed_in",
            log.ip_address or "",
            _browser(log.user_agent),
        )
        for log in entered.order_by("-attempt_time")[:most]
    ]
    lines += [
        SignInLine(
            log.username or "",
            log.attempt_time,
            None,
            "locked" if log.locked_out else "refused",
            log.ip_address or "",
            _browser(log.user_agent),
        )
        for log in failed.order_by("-attempt_time")[:most]
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:most]


def last_sign_in_before(person: str) -> datetime | None:
    """When somebody signed in before the last time; None where this is the first."""
    times = AccessLog.objects.filter(username=person).order_by("-attempt_time").values_list("attempt_time")
    return next((at for (at,) in times[1:2]), None)


def _browser(agent: str) -> str:
    """The name of a browser and of its system, as far as it says them."""
    names = ("Edg", "Firefox", "Chrom", "Safari")
    called = {"Edg": "Edge", "Chrom": "Chromium"}
    name = next((called.get(n, n) for n in names if n in agent), agent[:30])
    system = next((s for s in ("Windows", "Android", "iPhone", "Mac OS", "Linux") if s in agent), "")
    return f"{name}, {system}" if system else name
