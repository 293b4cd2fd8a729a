"""Check at the bedside, by two people, that wristband and bag belong together; a mismatch is entered, and never overridden."""

from collections.abc import Mapping

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
from charcot.product.labels import OWN_SCHEME, LabelScheme, codes_scanned, require_printed_by


class WrongPatient(DoseNotPossible):
    """Wristband and bag do not belong together."""


def check_bedside(
    trial: Trial,
    actor: Actor,
    *,
    dose: str,
    at: str,
    wristband: str,
    bag: str,
    second: Actor,
    scheme: LabelScheme = OWN_SCHEME,
) -> tuple[Entry, ...]:
    """Enters that the scans of `wristband` (participant) and `bag` (dose) match, by the actor and a `second` person.

    A scan is the code that a label holds, read by the `scheme` that the dose's labels were printed by, or the bare code of
    participant or dose. Where they do not match, the refused check is entered with what was scanned, a deviation of the lot is
    opened, and WrongPatient is raised; nothing overrides that, and an earlier check no longer holds. Raises UnreadableLabel for
    a damaged label, and one of another scheme.
    """

    def judge(situation: Situation) -> list[Draft]:
        course = require_dose(situation, dose)
        moment = require_minute(at, situation)
        require_second(
            situation, actor, second, "check_bedside", "be the second to check", site_of_dose(situation, dose)
        )
        require_printed_by(course.label_scheme, scheme)
        on_bag, on_wrist = (
            codes_scanned(bag, "dose", scheme),
            codes_scanned(wristband, "participant", scheme),
        )
        wrong = _wrong_bag(course, situation.charter.trial, on_bag)
        scanned = "bag" if wrong else "wristband"
        wrong = wrong or _wrong_wristband(course, on_wrist)
        if wrong is not None:
            scans = {"wristband": wristband, "bag": bag, "wrong": scanned, "says": wrong}
            return _draft_refused(situation, actor, course, moment, scans, second)
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
            f"The {refused.data['wrong']} does not match: {refused.data['says']}.",
            rule="Bedside: wristband and bag match the dose; a mismatch is entered, and never overridden",
            next_step="Do not infuse. Find the right bag, or call the laboratory. The refused check is on the record.",
            facts={"dose": dose, "bag": bag, "wristband": wristband, "entry": refused.sequence},
        )
    return entries


def _wrong_bag(course: DoseCourse, trial: str, scanned: Mapping[str, str]) -> str | None:
    """What of the label on the bag does not fit the dose, in words."""
    kind = scanned.get("kind", "dose")
    if kind != "dose":
        return f"the label scanned as the bag's is that of a {kind}, not of a dose"
    if scanned.get("trial", trial) != trial:
        return f"the bag is of the trial {scanned['trial']}, not of {trial}"
    if scanned.get("dose") != course.id:
        return f"the bag is dose {scanned.get('dose') or 'unknown'}, not {course.id}"
    if scanned.get("participant", course.participant) != course.participant:
        return f"the bag is labelled for {scanned['participant']}, and dose {course.id} is for {course.participant}"
    if scanned.get("lot", course.lot) != course.lot:
        return f"the bag is labelled as of lot {scanned['lot']}, and dose {course.id} is of {course.lot}"
    return None


def _wrong_wristband(course: DoseCourse, scanned: Mapping[str, str]) -> str | None:
    """What of the wristband does not fit the dose, in words."""
    kind = scanned.get("kind", "wristband")
    if kind not in ("wristband", "participant"):
        return f"the label of a {kind} was scanned in place of the wristband"
    if scanned.get("participant") != course.participant:
        return f"the wristband is that of {scanned.get('participant') or 'nobody'}, and dose {course.id} is for {course.participant}"
    return None


def _draft_refused(
    situation: Situation,
    actor: Actor,
    course: DoseCourse,
    at: ClinicalTime,
    scans: Mapping[str, str],
    second: Actor,
) -> list[Draft]:
    """The refused check with what was scanned, and the deviation that it opens where the dose has a lot."""
    data = {"dose": course.id, **scans, "second": as_person(second)}
    subject = subject_of("dose", course.id)
    drafts = [draft_on(situation, actor, "check_bedside", Kind.BEDSIDE_REFUSED, subject, data, at)]
    lot = find_lot(situation, course.lot or "")
    if lot is not None:
        words = f"Dose {course.id}: the {scans['wrong']} scanned at the bedside did not match; nothing was infused"
        drafts.append(
            draft_deviation(situation, actor, "check_bedside", lot, 1, "major", words, at, dose=course.id)
        )
    return drafts
