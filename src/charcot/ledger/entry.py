"""Entries of the ledger: what happened, who did it, when and why; and drafts, which are not yet entered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from charcot.ledger.canonical import canonical_json
from charcot.ledger.kinds import Kind, participant_of

FORMAT = 1
"""Version of the entry text. A later format is added beside this one; this one stays readable."""


@dataclass(frozen=True)
class Actor:
    """Who acts, and in which role."""

    person: str
    role: str


@dataclass(frozen=True)
class Draft:
    """What an act wants to enter. `clinical_time` is in the site's zone and may be partial."""

    kind: Kind
    subject: str
    verb: str
    actor: Actor
    data: Mapping[str, Any] = field(default_factory=dict)
    clinical_time: str | None = None
    reason: str | None = None
    protocol: str | None = None
    """The version of the protocol that the act was judged by."""
    typed: Mapping[str, str] = field(default_factory=dict)
    """What was typed for values that are kept otherwise, by their place: `clinical_time`, or one in `data` such as `children.0.volume_ml`."""


@dataclass(frozen=True)
class Entry:
    """One entry. `text` is the record; everything else is read from it, but the hashes, which cover it."""

    text: str
    previous_hash: str
    hash: str

    @cached_property
    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.text)
        return content

    @cached_property
    def sequence(self) -> int:
        """Its place in the ledger, from 1."""
        return int(self._content["sequence"])

    @cached_property
    def kind(self) -> Kind:
        """What happened."""
        return Kind(self._content["kind"])

    @property
    def subject(self) -> str:
        """Whom or what it is about."""
        return str(self._content["subject"])

    @property
    def participant(self) -> str | None:
        """The participant it is about, if it is about one."""
        return participant_of(self.subject)

    @property
    def verb(self) -> str:
        """The act that made it."""
        return str(self._content["act"]["verb"])

    @property
    def act(self) -> int:
        """The sequence number of the first entry of the same act."""
        return int(self._content["act"]["began"])

    @property
    def actor(self) -> Actor:
        """Who did it, in which role."""
        return Actor(self._content["actor"]["person"], self._content["actor"]["role"])

    @property
    def clinical_time(self) -> str | None:
        """When it happened, in the site's zone; partial where unknown."""
        return self._content["clinical_time"]  # type: ignore[no-any-return]  # text or None by the format

    @property
    def recorded_at(self) -> str:
        """When it was entered: UTC, ISO 8601 with microseconds."""
        return str(self._content["recorded_at"])

    @property
    def reason(self) -> str | None:
        """Why, where a reason was due."""
        return self._content["reason"]  # type: ignore[no-any-return]  # text or None by the format

    @property
    def protocol(self) -> str | None:
        """The version of the protocol that the act was judged by."""
        return self._content["protocol"]  # type: ignore[no-any-return]  # text or None by the format

    @property
    def software(self) -> str:
        """The software that entered it, with its version."""
        return str(self._content["software"])

    @property
    def data(self) -> Mapping[str, Any]:
        """What the entry says, by its kind."""
        return self._content["data"]  # type: ignore[no-any-return]  # an object by the format

    @property
    def typed(self) -> Mapping[str, str]:
        """What was typed for values that are kept otherwise, by their place in the entry; most entries have none."""
        return self._content.get("typed", {})  # type: ignore[no-any-return]  # texts by place, by the format


def format_moment(moment: datetime) -> str:
    """A moment as UTC text of fixed width, so that text order is time order. Raises ValueError without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone could mean any of many")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def compose(draft: Draft, *, sequence: int, began: int, recorded_at: str, software: str) -> str:
    """The text of the entry that `draft` becomes; `typed` is part of it only where something was typed otherwise."""
    return canonical_json(
        {
            "format": FORMAT,
            "sequence": sequence,
            "kind": str(draft.kind),
            "subject": draft.subject,
            "act": {"verb": draft.verb, "began": began},
            "actor": {"person": draft.actor.person, "role": draft.actor.role},
            "clinical_time": draft.clinical_time,
            "recorded_at": recorded_at,
            "reason": draft.reason,
            "protocol": draft.protocol,
            "software": software,
            "data": dict(draft.data),
            **({"typed": dict(draft.typed)} if draft.typed else {}),
        }
    )
