"""What somebody sent when they had been signed out: kept, sealed, until the same person signs in again and sends it."""

import hashlib
import json
from dataclasses import dataclass

from django.http import HttpRequest

from charcot.ledger import seal, unseal
from charcot.wiring.served import site_of

KEY = "carried"
MOST = 500_000
"""The longest text of what is kept [characters]."""
NEVER = {"csrfmiddlewaretoken"}
SECRETS = {"password", "token", "old", "again"}


@dataclass(frozen=True)
class Carried:
    """What was sent: where to, from which page, and the fields in their order."""

    path: str
    page: str
    fields: tuple[tuple[str, str], ...]


def carry(request: HttpRequest, person: str, page: str) -> bool:
    """Keeps what was sent for `person` in the session that follows; not where it holds a password, a file or too much."""
    if request.FILES or SECRETS & set(request.POST):
        return False
    fields = [(name, text) for name, texts in request.POST.lists() if name not in NEVER for text in texts]
    text = json.dumps({"path": request.get_full_path(), "page": page, "fields": fields})
    if len(text) > MOST:
        return False
    request.session[KEY] = {
        "person": person,
        "content": seal(text, key=_key(request), subject=person, item=KEY),
    }
    return True


def carried(request: HttpRequest, person: str) -> Carried | None:
    """What is kept for this person; what is kept for another is thrown away."""
    kept = request.session.get(KEY)
    if kept is None:
        return None
    text = unseal(kept["content"], key=_key(request), subject=person, item=KEY)
    if kept["person"] != person or text is None:
        forget_carried(request)
        return None
    found = json.loads(text)
    return Carried(found["path"], found["page"], tuple((name, text) for name, text in found["fields"]))


def forget_carried(request: HttpRequest) -> None:
    """Throws away what is kept."""
    request.session.pop(KEY, None)


def _key(request: HttpRequest) -> bytes:
    return hashlib.sha256(b"carried " + site_of(request).folder.secret_key().encode()).digest()
