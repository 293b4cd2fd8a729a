"""Open a trial: its purpose, its site's clock, its first people and its first protocol."""

from collections.abc import Mapping, Sequence
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from charcot.conduct.activate_protocol import draft_activation
from charcot.conduct.trial import Trial, require_one_of, require_text
from charcot.ledger import TRIAL, Actor, Draft, Entry, Kind, PremiseChanged
from charcot.protocol import require_study
from charcot.refusal import BadValue, OutOfOrder

Purpose = Literal["live", "practice", "demo"]


def open_trial(
    trial: Trial,
    actor: Actor,
    *,
    purpose: Purpose,
    clock: Literal["real", "simulated"] = "real",
    people: Sequence[Actor],
    protocol_files: Mapping[str, str],
) -> tuple[Entry, ...]:
    """Makes the first entries: the trial with the people who may act from the first day, and its protocol.

    Raises UnreadableProtocol, BadValue where nobody could delegate further roles, OutOfOrder on a second opening.
    """
    study = require_study(protocol_files)
    protocol = study.protocol
    require_one_of(purpose, get_args(Purpose), "purpose of the trial")
    require_one_of(clock, ("real", "simulated"), "clock")
    for person in people:
        require_text(person.person, "name of a first person")
        require_one_of(person.role, [role.id for role in protocol.roles], "role of a first person")
    able = {role.id for role in protocol.roles if "delegate" in role.may}
    if not any(person.role in able for person in people):
        raise BadValue(
            "None of the first people could delegate a role to anybody.",
            rule="Roles: a trial opens with at least one person who may delegate",
            next_step=f"Name somebody with one of these roles: {', '.join(sorted(able))}.",
        )
    if trial.ledger.head().sequence:
        raise _opened_already()
    today = trial.clock().astimezone(ZoneInfo(protocol.trial.zone)).date()
    opened = Draft(
        Kind.TRIAL_OPENED,
        TRIAL,
        "open_trial",
        actor,
        data={
            "trial": protocol.trial.id,
            "title": protocol.trial.title,
            "purpose": purpose,
            "zone": protocol.trial.zone,
            "clock": clock,
            "opened_on": str(today),
            "people": [{"person": person.person, "role": person.role} for person in people],
        },
    )
    drafts = [opened, draft_activation(actor, protocol_files, study, verb="open_trial")]
    try:
        return trial.ledger.append(drafts, seen=0, watching={"*"}, clock=trial.clock)
    except PremiseChanged:
        raise _opened_already() from None


def _opened_already() -> OutOfOrder:
    return OutOfOrder(
        "A trial has already been opened here.",
        rule="Ledger: one ledger, one trial",
        next_step="Make a new folder for a new trial.",
    )
