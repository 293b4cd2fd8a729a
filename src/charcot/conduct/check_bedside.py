"""Check at the bedside, by two people, that wristband and bag belong together; a mismatch is entered, and never overridden."""

from charcot.clinical_time import ClinicalTime
from charcot.conduct.at_site import act_on_dose, site_of_dose
from charcot.conduct.issue_dose import require_certified, require_unspent
from charcot.conduct.on_product import (
    as_person,
    draft_deviation,
    draft_on,
    find_lot,
    require_dose,
    require_minute,
    require_second,
)
from charcot.conduct.prepare_dose import DoseNotPossible
from charcot.conduct.trial import Situation, Trial
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.product import DoseCourse
from charcot.product.labels import codes_scanned


class WrongPatient(DoseNotPossible):
    """Wristband and bag do not belong together."""


def check_bedside(
    trial: Trial, actor: Actor, *, dose: str, at: str, wristband: str, bag: str, second: Actor
) -> tuple[Entry, ...]:
    """Enters that the scans of `wristband` (participant) and `bag` (dose) match, by the actor and a `second` person.

    A scan is the code that a label of ours holds, or the bare code of participant or dose. Where they do not match, the
    refused check is entered with what was scanned, a deviation of the lot is opened, and WrongPatient is raised; nothing
    overrides that, and an earlier check no longer holds. Raises UnreadableLabel for a damaged label.
    """

    def judge(situation: Situation) -> list[Draft]:
        course = require_dose(situation, dose)
        moment = require_minute(at, situation)
        require_second(
            situation, actor, second, "check_bedside", "be the second to check", site_of_dose(situation, dose)
        )
        on_bag, on_wrist = codes_scanned(bag, "dose"), codes_scanned(wristband, "participant")
        wrong_bag = (
            on_bag.get("dose") != dose or on_bag.get("participant", course.participant) != course.participant
        )
        if wrong_bag or on_wrist.get("participant") != course.participant:
            scanned = "bag" if wrong_bag else "wristband"
            return _draft_refused(situation, actor, course, moment, scanned, wristband, bag, second)
        require_certified(situation, course)
        require_unspent(course, moment)
        if course.received is None:
            raise DoseNotPossible(
                f"Dose {dose} was not received at the bedside.",
                rule="Custody: issued, handed over and received without a gap",
                next_step="Receive the dose first.",
                facts={"dose": dose},
            )
        scans = {"wristband": on_wrist["participant"], "bag": on_bag["dose"]}
        data = {"dose": dose, **scans, "second": as_person(second)}
        subject = subject_of("dose", dose)
        return [draft_on(situation, actor, "check_bedside", Kind.BEDSIDE_CHECKED, subject, data, moment)]

    entries = act_on_dose(trial, actor, "check_bedside", dose, judge)
    refused = entries[0]
    if refused.kind is Kind.BEDSIDE_REFUSED:
        raise WrongPatient(
            f"The {refused.data['wrong']} does not match: dose {dose} is not for the person with this wristband, or is not this bag.",
            rule="Bedside: wristband and bag match the dose; a mismatch is entered, and never overridden",
            next_step="Do not infuse. Find the right bag, or call the laboratory. The refused check is on the record.",
            facts={"dose": dose, "bag": bag, "wristband": wristband, "entry": refused.sequence},
        )
    return entries


def _draft_refused(
    situation: Situation,
    actor: Actor,
    course: DoseCourse,
    at: ClinicalTime,
    scanned: str,
    wristband: str,
    bag: str,
    second: Actor,
) -> list[Draft]:
    """The refused check with what was scanned, and the deviation that it opens where the dose has a lot."""
    data = {
        "dose": course.id,
        "wrong": scanned,
        "wristband": wristband,
        "bag": bag,
        "second": as_person(second),
    }
    subject = subject_of("dose", course.id)
    drafts = [draft_on(situation, actor, "check_bedside", Kind.BEDSIDE_REFUSED, subject, data, at)]
    lot = find_lot(situation, course.lot or "")
    if lot is not None:
        words = f"Dose {course.id}: the {scanned} scanned at the bedside did not match; nothing was infused"
        drafts.append(
            draft_deviation(situation, actor, "check_bedside", lot, 1, "major", words, at, dose=course.id)
        )
    return drafts
