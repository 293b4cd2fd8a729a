"""Check at the bedside, by two people, that wristband and bag belong together; there is no override."""

from charcot.conduct.issue_dose import require_certified, require_unspent
from charcot.conduct.on_product import as_person, draft_on, require_dose, require_minute, require_second
from charcot.conduct.prepare_dose import DoseNotPossible
from charcot.conduct.trial import Situation, Trial, act_on_trial
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.product.labels import codes_scanned


class WrongPatient(DoseNotPossible):
    """Wristband and bag do not belong together."""


def check_bedside(
    trial: Trial, actor: Actor, *, dose: str, at: str, wristband: str, bag: str, second: Actor
) -> tuple[Entry, ...]:
    """Enters that the scans of `wristband` (participant) and `bag` (dose) match, by the actor and a `second` person.

    A scan is the code that a label of ours holds, or the bare code of participant or dose. Raises WrongPatient where they do
    not match, UnreadableLabel for a damaged label; nothing overrides that.
    """

    def judge(situation: Situation) -> list[Draft]:
        course = require_dose(situation, dose)
        moment = require_minute(at, situation)
        require_second(situation, actor, second, "check_bedside", "be the second to check")
        on_bag, on_wrist = codes_scanned(bag, "dose"), codes_scanned(wristband, "participant")
        wrong_bag = (
            on_bag.get("dose") != dose or on_bag.get("participant", course.participant) != course.participant
        )
        if wrong_bag or on_wrist.get("participant") != course.participant:
            scanned = "bag" if wrong_bag else "wristband"
            raise WrongPatient(
                f"The {scanned} does not match: dose {dose} is not for the person with this wristband, or is not this bag.",
                rule="Bedside: wristband and bag match the dose; a mismatch is never overridden",
                next_step="Do not infuse. Find the right bag, or call the laboratory.",
                facts={"dose": dose, "bag": bag, "wristband": wristband},
            )
        require_certified(situation, course)
        require_unspent(course, moment)
        if course.received is None:
            raise DoseNotPossible(
                f"Dose {dose} was not received at the bedside.",
                rule="Custody: issued, handed over and received without a gap",
                next_step="Receive the dose first.",
                facts={"dose": dose},
            )
        data = {"dose": dose, "wristband": course.participant, "bag": dose, "second": as_person(second)}
        subject = subject_of("dose", dose)
        return [draft_on(situation, actor, "check_bedside", Kind.BEDSIDE_CHECKED, subject, data, moment)]

    return act_on_trial(trial, actor, "check_bedside", judge)
