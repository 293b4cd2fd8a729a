"""Signatures: what signing means, how it was proven who signs, and what the protocol asks of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from charcot.ledger import Actor
from charcot.protocol import Protocol
from charcot.refusal import BadValue, Refusal

Method = Literal["password", "password+totp", "declared"]
METHODS: Sequence[str] = ("password", "password+totp", "declared")
"""How it was proven who signs. `declared`: not proven; somebody at a terminal, or an imagined trial, said so."""


@dataclass(frozen=True)
class Signature:
    """A signature about to be given: how it was proven who signs, and what it says."""

    method: Method
    meaning: str


class NotSigned(Refusal):
    """A signature is needed, or it was not proven as strongly as the protocol asks."""


def require_signature(
    protocol: Protocol,
    actor: Actor,
    signature: Signature | None,
    *,
    imagined: bool,
    own_meaning: str | None = None,
) -> Signature:
    """The signature; raises NotSigned or BadValue.

    `imagined`: whether the clock is simulated, where alone a signature may be merely declared. `own_meaning` is what the
    act itself says when it is signed; otherwise the meaning is one of the protocol's.
    """
    if signature is None:
        raise NotSigned(
            "This has to be signed.",
            rule="Signatures: an act that binds the record is signed",
            next_step="Sign it with your password.",
            facts={"person": actor.person},
        )
    if signature.method not in METHODS:
        raise BadValue(
            f"{signature.method!r} is no way of signing.",
            rule="Signatures: who signs is proven by password, or by password and second factor",
            next_step=f"Sign by one of: {', '.join(METHODS[:2])}.",
            facts={"method": signature.method},
        )
    if signature.method == "declared" and not imagined:
        raise NotSigned(
            "A signature has to be proven with a password.",
            rule="Signatures: only in an imagined trial are they declared",
            next_step="Sign in, and sign with your password.",
            facts={"person": actor.person, "method": signature.method},
        )
    role = protocol.role(actor.role)
    if role is not None and role.second_factor and signature.method == "password":
        raise NotSigned(
            f"The role {role.label} signs with a second factor.",
            rule=f"Signatures: role {role.id!r} of the protocol has second_factor",
            next_step="Set up a second factor under your account, and sign with password and code.",
            facts={"person": actor.person, "role": role.id, "method": signature.method},
        )
    meanings = (own_meaning,) if own_meaning is not None else protocol.meanings
    if signature.meaning not in meanings:
        raise BadValue(
            f"A signature cannot say {signature.meaning!r}.",
            rule="Signatures: meanings of the protocol",
            next_step=f"Choose one of: {'; '.join(meanings)}.",
            facts={"field": "meaning", "given": signature.meaning, "allowed": list(meanings)},
        )
    return signature


def signed_by(actor: Actor, signature: Signature) -> dict[str, str]:
    """A signature as it stands in the entry that it signs."""
    return {
        "person": actor.person,
        "role": actor.role,
        "meaning": signature.meaning,
        "method": signature.method,
    }
