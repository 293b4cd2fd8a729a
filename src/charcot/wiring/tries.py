"""How often passwords may be tried: from one address and for one account, whatever comes of it."""

from datetime import timedelta

from django.http import HttpRequest

from charcot.refusal import Refusal
from charcot.store.local.models import PasswordTry
from charcot.wiring.clock import real_clock

WITHIN = timedelta(minutes=1)
FROM_ADDRESS = 60
"""Tries a minute from one address; a whole clinic may share one."""
FOR_PERSON = 12
"""Tries a minute for one account, from anywhere."""
KEPT = timedelta(hours=1)


class TooManyTries(Refusal):
    """Passwords were tried too fast."""


def require_patience(request: HttpRequest, person: str) -> None:
    """Counts a try of a password; raises TooManyTries where there were too many in the last minute."""
    now, address = real_clock(), str(request.META.get("REMOTE_ADDR", ""))[:64]
    recent = PasswordTry.objects.filter(at__gt=now - WITHIN)
    if (
        recent.filter(address=address).count() >= FROM_ADDRESS
        or recent.filter(person=person[:150]).count() >= FOR_PERSON
    ):
        raise TooManyTries(
            "Passwords were tried too often in the last minute.",
            rule=f"Sign-in: {FOR_PERSON} tries a minute for one account, {FROM_ADDRESS} from one address",
            next_step="Wait a minute, then try again.",
        )
    PasswordTry.objects.create(at=now, person=person[:150], address=address)
    PasswordTry.objects.filter(at__lt=now - KEPT).delete()
