"""Adopt a publication's claims: the file enters the ledger as it is, and reports are judged by that copy from then on."""

import hashlib

from charcot.conduct.trial import Situation, Trial, act_on_trial, require_reason
from charcot.ledger import TRIAL, Actor, Draft, Entry, Kind
from charcot.refusal import BadValue


def adopt_claims(
    trial: Trial, actor: Actor, *, text: str, reason: str, file: str = "claims.yaml"
) -> tuple[Entry, ...]:
    """Adopts a claims file, in place of the one before. Raises UnreadableClaims, and BadValue for the same file again."""
    from charcot.report.claims import (
        parse_claims,
        require_answerable,
    )  # drawing libraries are loaded by this act alone

    claims = parse_claims(file, text)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()

    def judge(situation: Situation) -> list[Draft]:
        newest = situation.charter.claims[-1] if situation.charter.claims else None
        if newest is not None and newest.fingerprint == fingerprint:
            raise BadValue(
                f"These claims are on the record already, with entry {newest.entry.sequence}.",
                rule="Claims: a file is adopted once, until another replaces it",
                next_step="Change the file first, or go on: charcot claims DIR.",
                facts={"entry": newest.entry.sequence, "fingerprint": fingerprint},
            )
        require_answerable(claims, situation.charter)
        data = {
            "file": file,
            "publication": claims.publication,
            "claims": len(claims.claims),
            "fingerprint": fingerprint,
            "text": text,
        }
        why = require_reason(reason, "Claims: a file is adopted for a stated reason")
        return [Draft(Kind.CLAIMS_ADOPTED, TRIAL, "adopt_claims", actor, data=data, reason=why)]

    return act_on_trial(trial, actor, "adopt_claims", judge)
