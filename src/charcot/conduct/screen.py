"""Enter a person into the screening log."""

import re

from charcot.conduct.trial import Situation, Trial, act_on_trial, require_day
from charcot.ledger import Actor, Draft, Entry, Kind, participant_subject
from charcot.refusal import BadValue, OutOfOrder

_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,19}")


def screen(trial: Trial, actor: Actor, *, participant: str, at: str) -> tuple[Entry, ...]:
    """Enters a person under the number that they keep for the whole trial, never a name."""
    subject = participant_subject(participant)

    def judge(situation: Situation) -> list[Draft]:
        if not _NUMBER.fullmatch(participant):
            raise BadValue(
                f"{participant!r} cannot be a participant number.",
                rule="Screening: letters, digits and hyphens, at most 20, never a name",
                next_step="Use a number such as S-014.",
            )
        if any(True for _ in trial.ledger.entries(subjects=[subject])):
            raise OutOfOrder(
                f"The number {participant} is already in use.",
                rule="Screening: a number belongs to one person for ever",
                next_step="Use the next free number.",
                facts={"participant": participant},
            )
        moment = require_day(at, situation)
        version = situation.charter.protocol_on(moment.day).version
        return [
            Draft(
                Kind.PARTICIPANT_SCREENED,
                subject,
                "screen",
                actor,
                clinical_time=moment.text,
                protocol=version,
            )
        ]

    return act_on_trial(trial, actor, "screen", judge, watching=[subject])
