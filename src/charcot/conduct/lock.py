"""Lock a form, a visit, a participant or the whole trial against changes; and unlock them again."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from charcot.conduct.form_entry import require_form
from charcot.conduct.remaining import Remaining, list_remaining
from charcot.conduct.trial import (
    ParticipantSituation,
    Situation,
    Trial,
    act_on_participant,
    act_on_trial,
    draft_about,
    require_one_of,
    require_reason,
    require_text,
    signing,
)
from charcot.datasets import take_snapshot
from charcot.ledger import TRIAL, Actor, Draft, Entry, Kind, Receipt
from charcot.participants import FormKey, Locks
from charcot.refusal import BadValue, OutOfOrder
from charcot.team import Signature, require_signature

Scope = Literal["form", "visit", "participant", "trial"]
SCOPES: tuple[str, ...] = get_args(Scope)
LOCKING = "I lock the record of this trial"
"""What the signature under the lock of a trial says."""


def lock(
    trial: Trial,
    actor: Actor,
    *,
    scope: Scope,
    participant: str | None = None,
    form: str = "",
    encounter: str = "",
    instance: int = 1,
    reason: str | None = None,
    statement: str | None = None,
    signature: Signature | None = None,
) -> tuple[Entry, ...]:
    """Closes a form, a visit, a participant's record, or the trial to every change, until it is unlocked.

    The lock of the trial is signed and carries a statement and the receipt of the record. Raises StillOpen where queries,
    signatures, forms or verification remain, unless `reason` says why it is locked all the same: what remains is kept with it.
    """
    require_one_of(scope, SCOPES, "scope of the lock")
    why = reason.strip() if reason is not None and reason.strip() else None
    if scope == "trial":
        return _lock_trial(trial, actor, statement or "", why, signature)

    def judge(situation: ParticipantSituation) -> list[Draft]:
        data = _place(situation, scope, form, encounter, instance)
        held = _own_lock(situation.dossier.locks, data)
        if held is not None:
            raise _already(held)
        return [draft_about(situation, actor, "lock", Kind.LOCKED, data=data, reason=why)]

    return act_on_participant(trial, actor, "lock", _require_participant(participant), judge)


def unlock(
    trial: Trial,
    actor: Actor,
    *,
    scope: Scope,
    reason: str,
    participant: str | None = None,
    form: str = "",
    encounter: str = "",
    instance: int = 1,
) -> tuple[Entry, ...]:
    """Opens what was locked. Signatures stand until something is corrected; the entry lists those that stand now."""
    require_one_of(scope, SCOPES, "scope of the lock")

    def judge_trial(situation: Situation) -> list[Draft]:
        why = require_reason(reason, "Locks: what is unlocked is unlocked for a stated reason")
        if situation.charter.locked is None:
            raise _not_locked("The trial")
        data = {"scope": "trial", "locked_by": situation.charter.locked.sequence}
        return [Draft(Kind.UNLOCKED, TRIAL, "unlock", actor, data=data, reason=why)]

    def judge(situation: ParticipantSituation) -> list[Draft]:
        why = require_reason(reason, "Locks: what is unlocked is unlocked for a stated reason")
        place = _place(situation, scope, form, encounter, instance)
        held = _own_lock(situation.dossier.locks, place)
        if held is None:
            raise _not_locked(_words(place))
        wider = _wider_lock(situation.dossier.locks, place)
        if wider is not None:
            raise OutOfOrder(
                f"The {wider.data['scope']} is locked as a whole (entry {wider.sequence}).",
                rule="Locks: a part is opened after the whole",
                next_step=f"Unlock the {wider.data['scope']} first, with the reason.",
                facts={"scope": wider.data["scope"], "entry": wider.sequence},
            )
        signed = [
            s.entry.sequence for s in situation.dossier.signatures.made if s.holds and _covers(place, s.forms)
        ]
        data = {**place, "locked_by": held.sequence, "signatures": signed}
        return [draft_about(situation, actor, "unlock", Kind.UNLOCKED, data=data, reason=why)]

    if scope == "trial":
        return act_on_trial(trial, actor, "unlock", judge_trial)
    return act_on_participant(trial, actor, "unlock", _require_participant(participant), judge)


class StillOpen(OutOfOrder):
    """The trial was to be locked while work remains; `facts["remaining"]` lists it."""


def _lock_trial(
    trial: Trial, actor: Actor, statement: str, why: str | None, signature: Signature | None
) -> tuple[Entry, ...]:
    def judge(situation: Situation) -> list[Draft]:
        if situation.charter.locked is not None:
            raise _already(situation.charter.locked)
        said = require_text(statement, "statement").strip()
        protocol = situation.charter.ruling_on(situation.now.date()).study.protocol
        imagined = situation.charter.simulated_clock
        given = require_signature(protocol, actor, signature, imagined=imagined, own_meaning=LOCKING)
        head = trial.ledger.head()
        remaining = list_remaining(take_snapshot(trial.ledger, trial.clock()))
        if remaining and why is None:
            raise _still_open(remaining)
        data: dict[str, Any] = {
            "scope": "trial",
            "statement": said,
            "receipt": str(Receipt(situation.charter.trial, head.sequence, head.hash)),
            **signing(situation, actor, given, LOCKING),
            **({"remaining": remaining.as_data()} if remaining else {}),
        }
        return [Draft(Kind.LOCKED, TRIAL, "lock", actor, data=data, reason=why)]

    return act_on_trial(trial, actor, "lock", judge, alone=True)


def _still_open(remaining: Remaining) -> StillOpen:
    return StillOpen(
        f"The trial is not ready to be locked: {remaining.in_words()}.",
        rule="Locks: a trial is locked when its record is complete, questioned, verified and signed",
        next_step="Finish what is listed, or say why the trial is locked all the same; the list is kept with the lock.",
        facts={"remaining": remaining.as_data()},
    )


def _require_participant(participant: str | None) -> str:
    return require_text(participant or "", "participant")


def _place(
    situation: ParticipantSituation, scope: str, form: str, encounter: str, instance: int
) -> dict[str, Any]:
    if scope == "participant":
        return {"scope": scope}
    if scope == "form":
        key = FormKey(form, encounter, instance)
        require_form(situation, key)
        return {"scope": scope, **key.as_data()}
    encounters = situation.dossier.study.protocol.encounters_by_id
    if encounter not in encounters or instance < 1 or (instance > 1 and not encounters[encounter].repeating):
        raise BadValue(
            f"The protocol has no visit {encounter!r} no. {instance}.",
            rule=f"Protocol {situation.dossier.protocol_version}: schedule of activities",
            next_step=f"Choose one of: {', '.join(encounters)}.",
            facts={"encounter": encounter, "instance": instance},
        )
    return {"scope": scope, "encounter": encounter, "instance": instance}


def _own_lock(locks: Locks, place: Mapping[str, Any]) -> Entry | None:
    match place["scope"]:
        case "participant":
            return locks.participant
        case "visit":
            return locks.visits.get((place["encounter"], place["instance"]))
        case _:
            return locks.forms.get(FormKey.of(place))


def _wider_lock(locks: Locks, place: Mapping[str, Any]) -> Entry | None:
    match place["scope"]:
        case "participant":
            return locks.trial
        case "visit":
            return locks.whole
        case _:
            return locks.of_visit(place["encounter"], place["instance"])


def _covers(place: Mapping[str, Any], forms: tuple[Any, ...]) -> bool:
    """Whether a signature is on something that is being unlocked."""
    if place["scope"] == "participant":
        return True
    if place["scope"] == "visit":
        return any(
            (f.key.encounter, f.key.instance) == (place["encounter"], place["instance"]) for f in forms
        )
    return any(f.key == FormKey.of(place) for f in forms)


def _words(place: Mapping[str, Any]) -> str:
    if place["scope"] == "form":
        return str(FormKey.of(place))
    return f"The visit {place['encounter']}" if place["scope"] == "visit" else "The participant"


def _already(held: Entry) -> OutOfOrder:
    return OutOfOrder(
        f"This was locked by {held.actor.person} on {held.recorded_at[:10]} (entry {held.sequence}).",
        rule="Locks: what is locked is locked once",
        next_step="Nothing needs to be done.",
        facts={"entry": held.sequence},
    )


def _not_locked(what: str) -> OutOfOrder:
    return OutOfOrder(
        f"{what} is not locked.",
        rule="Locks: what is locked can be unlocked",
        next_step="Nothing needs to be done.",
    )
