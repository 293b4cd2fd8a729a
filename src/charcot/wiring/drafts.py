"""Drafts of forms that are not entered yet, sealed; who else has a form open; and sheets sent more than once."""

import base64
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db import IntegrityError, transaction

from charcot.participants import FormKey
from charcot.refusal import Refusal
from charcot.wiring.clock import real_clock
from charcot.wiring.entering import Sheet
from charcot.wiring.folder import TrialFolder

PRESENT = timedelta(seconds=45)
"""How long somebody counts as being on a form after the page was last heard of."""
TOKENS_KEPT = timedelta(days=7)


class BeingSent(Refusal):
    """The same sheet is being saved by another request."""


class NotKnown(Refusal):
    """What was sent may or may not have been entered: the process that took it is gone."""


class SentAlready(Refusal):
    """This very sheet was saved before: it is not saved twice."""


FINISHED = 0
"""Stands for the process of a token whose act was done."""


@dataclass(frozen=True)
class KeptDraft:
    """A draft and when it was saved."""

    participant: str
    key: FormKey
    sheet: Sheet
    saved_at: datetime


@dataclass(frozen=True)
class Desktop:
    """One person's drafts at the site of a trial. The site has been chosen for the request."""

    folder: TrialFolder
    person: str

    def keep(self, participant: str, key: FormKey, sheet: Sheet) -> datetime:
        """Saves a draft over the one before."""
        from charcot.store.local.models import FormDraft  # models come after Django's settings

        now = real_clock()
        FormDraft.objects.update_or_create(
            **_named(self.person, participant, key),
            defaults={"content": self._seal(participant, key, sheet), "saved_at": now},
        )
        return now

    def find(self, participant: str, key: FormKey) -> KeptDraft | None:
        """The draft of a form; None where there is none, or where it can no longer be read."""
        from charcot.store.local.models import FormDraft  # models come after Django's settings

        row = FormDraft.objects.filter(**_named(self.person, participant, key)).first()
        sheet = self._unseal(participant, key, row.content) if row is not None else None
        return None if row is None or sheet is None else KeptDraft(participant, key, sheet, row.saved_at)

    def discard(self, participant: str, key: FormKey) -> None:
        """Throws a draft away, and says that the person has left the form."""
        from charcot.store.local.models import FormDraft, FormPresence  # models come after Django's settings

        FormDraft.objects.filter(**_named(self.person, participant, key)).delete()
        FormPresence.objects.filter(**_named(self.person, participant, key)).delete()

    def listed(self) -> tuple[tuple[str, FormKey, datetime], ...]:
        """Participant, form and time of each of the person's drafts, the newest first."""
        from charcot.store.local.models import FormDraft  # models come after Django's settings

        rows = FormDraft.objects.filter(person=self.person).order_by("-saved_at")
        return tuple((r.participant, FormKey(r.form, r.encounter, r.instance), r.saved_at) for r in rows)

    def note_presence(self, participant: str, key: FormKey) -> tuple[str, ...]:
        """Says that the person has the form open; gives the others who have."""
        from charcot.store.local.models import FormPresence  # models come after Django's settings

        now = real_clock()
        FormPresence.objects.update_or_create(
            **_named(self.person, participant, key), defaults={"seen_at": now}
        )
        here = _named(self.person, participant, key)
        del here["person"]
        others = FormPresence.objects.filter(**here, seen_at__gt=now - PRESENT).exclude(person=self.person)
        return tuple(others.order_by("person").values_list("person", flat=True))

    @contextmanager
    def sending(self, token: str, was_entered: Callable[[datetime], bool] | None = None) -> Iterator[None]:
        """What is done within it is done once for a token; raises SentAlready. A refusal gives the token back.

        Where the process that took the token died, and `was_entered` says that since then nothing came of it, it is done
        after all; where nothing can say so, NotKnown is raised, and the token is free again. Raises BeingSent while it may
        still be on its way.
        """
        from charcot.store.local.models import SavedSheet  # models come after Django's settings

        now = real_clock()
        try:
            with transaction.atomic(using=_alias()):
                SavedSheet.objects.filter(saved_at__lt=now - TOKENS_KEPT).delete()
                SavedSheet.objects.create(
                    token=token[:64], person=self.person, saved_at=now, process=os.getpid()
                )
        except IntegrityError:
            taken = SavedSheet.objects.filter(token=token[:64]).first()
            if taken is None or (taken.process != FINISHED and _lives(taken.process)):
                raise BeingSent(
                    "This is being saved at this moment.",
                    rule="Forms: what was sent once is saved once, however often it is sent",
                    next_step="Wait a moment, then save once more.",
                ) from None
            if taken.process == FINISHED or (was_entered is not None and was_entered(taken.saved_at)):
                raise SentAlready(
                    "This form was saved already.",
                    rule="Forms: what was sent once is saved once, however often it is sent",
                    next_step="Open the form to see what was saved.",
                ) from None
            if was_entered is None:
                SavedSheet.objects.filter(token=token[:64]).delete()
                raise NotKnown(
                    "The server stopped while this was sent, and may or may not have entered it.",
                    rule="Acts: nothing is taken for entered that may not be",
                    next_step="Look in the record whether it is there. If it is not, send it once more.",
                ) from None
            SavedSheet.objects.filter(token=token[:64]).update(process=os.getpid())
        try:
            yield
        except BaseException:
            SavedSheet.objects.filter(token=token[:64]).delete()
            raise
        SavedSheet.objects.filter(token=token[:64]).update(process=FINISHED)

    def _key(self) -> bytes:
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"charcot drafts of forms")
        return derive.derive(self.folder.secret_key().encode())

    def _seal(self, participant: str, key: FormKey, sheet: Sheet) -> str:
        nonce = os.urandom(12)
        text = json.dumps(sheet.as_data()).encode()
        sealed = AESGCM(self._key()).encrypt(nonce, text, self._about(participant, key))
        return base64.b64encode(nonce + sealed).decode()

    def _unseal(self, participant: str, key: FormKey, content: str) -> Sheet | None:
        raw = base64.b64decode(content)
        try:
            text = AESGCM(self._key()).decrypt(raw[:12], raw[12:], self._about(participant, key))
        except InvalidTag:
            return None
        return Sheet.from_data(json.loads(text))

    def _about(self, participant: str, key: FormKey) -> bytes:
        return json.dumps([self.person, participant, key.form, key.encounter, key.instance]).encode()


def _named(person: str, participant: str, key: FormKey) -> dict[str, Any]:
    return {
        "person": person,
        "participant": participant,
        "form": key.form,
        "encounter": key.encounter,
        "instance": key.instance,
    }


def _lives(process: int) -> bool:
    """Whether a process of this computer is still there; all that serve a site are on one."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return process > 0


def _alias() -> str:
    from charcot.store.site_database import site_alias  # Django's settings come first

    return site_alias()
