"""What pages say about a lock: who locked what and since when, who can open it, and where that is done."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from charcot.ledger import Entry
from charcot.participants import Dossier, FormKey
from charcot.web.frame import address, may_of
from charcot.web.signed_in import present_of


@dataclass(frozen=True)
class LockNote:
    """A lock in words. `unlock` is where who looks can open it, empty where they cannot."""

    entry: Entry
    words: str
    openers: str
    """The roles that can open it."""
    unlock: str


def note_of(request: HttpRequest, lock: Entry | None, participant: str = "") -> LockNote | None:
    """A lock in words; None where there is none."""
    if lock is None:
        return None
    charter, today = present_of(request)
    roles = charter.ruling_on(today).study.protocol.roles
    scope = lock.data["scope"]
    words = {
        "form": _("This form is locked."),
        "visit": _("Locked with the visit."),
        "participant": _("Locked with the participant."),
    }.get(scope, _("Locked with the whole trial."))
    openers = ", ".join(role.label for role in roles if "unlock" in role.may)
    return LockNote(lock, words, openers, _unlock(request, lock, participant))


def _unlock(request: HttpRequest, lock: Entry, participant: str) -> str:
    if "unlock" not in may_of(request):
        return ""
    if lock.data["scope"] == "trial":
        return address("unlock_trial")
    return place_address("unlock", participant, lock.data)


def place_address(verb: str, participant: str, data: object) -> str:
    """Where a place is locked or unlocked: the address names the scope and its key."""
    known = data if isinstance(data, dict) else dict(data)  # type: ignore[call-overload]  # entry data is a mapping
    asked = {name: known[name] for name in ("scope", "form", "encounter", "instance") if known.get(name)}
    return address(verb, participant, **asked)


def offer_of(
    request: HttpRequest,
    dossier: Dossier,
    key: FormKey | None = None,
    encounter: str | None = None,
    instance: int = 1,
) -> str:
    """Where a form, a visit or a participant can be locked; empty where it is locked or may not be."""
    if "lock" not in may_of(request):
        return ""
    if key is not None:
        held, data = dossier.locks.of(key), {"scope": "form", **key.as_data()}
    elif encounter is not None:
        held = dossier.locks.of_visit(encounter, instance)
        data = {"scope": "visit", "encounter": encounter, "instance": instance}
    else:
        held, data = dossier.locks.whole, {"scope": "participant"}
    return "" if held is not None else place_address("lock", dossier.participant, data)
