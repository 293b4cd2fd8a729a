"""Give a dose: what a dose must have been through before it goes into a vein, by the gates of the protocol."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from charcot.clinical_time import ClinicalTime
from charcot.conduct.certify import judge_donor
from charcot.conduct.issue_dose import require_certified, require_unspent
from charcot.conduct.on_product import draft_deviation, draft_on, find_lot, require_donor, require_dose
from charcot.conduct.prepare_dose import DoseNotPossible, require_same_recipient
from charcot.conduct.trial import ParticipantSituation
from charcot.ledger import Actor, Draft, Kind, Value, subject_of
from charcot.participants import FormVersion
from charcot.product import DoseCourse
from charcot.refusal import BadValue

AT_THE_BEDSIDE = (Kind.DOSE_RECEIVED, Kind.BEDSIDE_CHECKED)


def draft_given(
    situation: ParticipantSituation,
    actor: Actor,
    dose: str | None,
    intervention: str,
    at: ClinicalTime,
    given: str,
    volume: str | None,
) -> list[Draft]:
    """The entry on the dose that an infusion begins with; none where no dose is named and no gate asks for one.

    Raises DoseNotPossible, BadValue. The gates are those of the version that the participant is bound to.
    """
    gates = situation.dossier.study.protocol.gates
    if dose is None:
        if not gates:
            return []
        raise DoseNotPossible(
            "Which dose is given?",
            rule=f"Protocol {situation.dossier.protocol_version}: gates {', '.join(gates)}",
            next_step="Name the dose that was prepared for this participant.",
            facts={"gates": list(gates)},
        )
    course = require_dose(situation, dose)
    participant = situation.dossier.participant
    if course.participant != participant or course.prescribed.data["intervention"] != intervention:
        raise DoseNotPossible(
            f"Dose {dose} is not for {participant}.",
            rule="Dose: bound to one participant and one intervention from its prescription on",
            next_step="Do not infuse. Check wristband and bag.",
            facts={"dose": dose, "participant": participant},
        )
    require_unspent(course, at)
    require_in_bag(course, given, volume)
    _require(
        course,
        not course.mismatches or course.checked is not None,
        "Wristband and bag did not match when they were scanned last.",
        "Bedside: a mismatch is never overridden",
        "Do not infuse. Find the right bag, and scan both again with a second person.",
    )
    _require_gates(situation, course, gates, at)
    data = {"dose": dose, "participant": participant, "given": given, "volume_ml": volume}
    return [draft_on(situation, actor, "infuse", Kind.DOSE_INFUSED, subject_of("dose", dose), data, at)]


def draft_corrected_dose(
    situation: ParticipantSituation,
    actor: Actor,
    versions: Sequence[FormVersion],
    values: Mapping[str, Value],
    at: ClinicalTime,
    reason: str,
) -> list[Draft]:
    """The corrected infusion on the dose that a version of the form names, and a critical deviation where the dose, judged anew, had expired or not come yet."""
    name = next((v.entry.data["dose"] for v in versions if v.entry.data.get("dose")), None)
    if name is None:
        return []
    course = require_dose(situation, name)
    before = course.infused
    given, volume = values.get("given_dose"), values.get("volume")
    data = {
        "dose": name,
        "participant": course.participant,
        "given": given.text if given else None,
        "volume_ml": volume.text if volume else None,
    }
    if before is None or ({k: before.data.get(k) for k in data}, before.clinical_time) == (data, at.text):
        return []
    subject = subject_of("dose", name)
    drafts = [draft_on(situation, actor, "correct", Kind.DOSE_INFUSION_CORRECTED, subject, data, at, reason)]
    happened = [e for e in course.entries if e.clinical_time and e.sequence < before.sequence]
    last = max((e.clinical_time or "" for e in happened if e.kind in AT_THE_BEDSIDE), default="")
    wrong = None
    if course.expires_at is not None and course.expires_at.surely_before(at):
        wrong = f"given at {at.text}, after its expiry at {course.expires_at.text}"
    elif last and at.surely_before(ClinicalTime(last)):
        wrong = f"given at {at.text}, before it was received and checked at {last}"
    lot = find_lot(situation, course.lot or "")
    if wrong is not None and lot is not None:
        words = f"Dose {name} was, by the corrected time, {wrong}"
        drafts.append(draft_deviation(situation, actor, "correct", lot, 1, "critical", words, at, dose=name))
    return drafts


def require_in_bag(course: DoseCourse, given: str | None, volume: str | None) -> None:
    """Raises BadValue where more would have been given than was prepared; what is no number, the form refuses."""
    for text, most, what in ((given, course.cells, "cells"), (volume, course.volume_ml, "ml")):
        try:
            number = Decimal(text or "0")
        except InvalidOperation:
            continue
        if most is None or number > most:
            raise BadValue(
                f"{text} {what} given, where {most} were prepared."
                if most is not None
                else f"Dose {course.id} was not prepared.",
                rule="Dose: never more is given than was prepared",
                next_step="Check the numbers and their powers of ten.",
                facts={"dose": course.id, "given": text, "prepared": None if most is None else str(most)},
            )


def require_still_in_bag(
    situation: ParticipantSituation, versions: Sequence[FormVersion], values: Mapping[str, Value]
) -> None:
    """The same for a corrected infusion, of which a version names the dose."""
    dose = next((v.entry.data["dose"] for v in versions if v.entry.data.get("dose")), None)
    if dose is not None:
        given, volume = values.get("given_dose"), values.get("volume")
        require_in_bag(
            require_dose(situation, dose), given.text if given else None, volume.text if volume else None
        )


def _require_gates(
    situation: ParticipantSituation, course: DoseCourse, gates: Sequence[str], at: ClinicalTime
) -> None:
    if "certified_dose" in gates:
        lot = require_certified(situation, course)
        _require(
            course,
            course.reconciled is not None,
            "Its labels are not reconciled.",
            "Labels: reconciled before the dose is given",
            "Reconcile the labels.",
        )
        require_same_recipient(situation, lot, course.participant)
        _, against = judge_donor(situation, require_donor(situation, lot.donor), lot)
        _require(
            course,
            not against,
            f"Against its donor speaks: {'; '.join(against)}.",
            "Donors: a final decision, by tests in their window",
            "Do not infuse. Ask the qualified person.",
        )
    if "custody" in gates:
        _require(
            course,
            course.issued is not None and course.received is not None,
            "It was not issued, handed over and received without a gap.",
            "Custody: issued, handed over and received without a gap",
            "Receive the dose first.",
        )
    if "bedside_check" in gates:
        check, last = course.checked, course.custody[-1] if course.custody else None
        _require(
            course,
            check is not None and (last is None or check.sequence > last.sequence),
            "Wristband and bag were not checked by two people.",
            "Bedside: wristband and bag scanned by two people before the infusion",
            "Scan wristband and bag, with a second person.",
        )


def _require(course: DoseCourse, holds: bool, what: str, rule: str, instead: str) -> None:
    if not holds:
        raise DoseNotPossible(
            f"Dose {course.id} is not given. {what}", rule=rule, next_step=instead, facts={"dose": course.id}
        )
