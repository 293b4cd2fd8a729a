"""Issue a dose, hand it over, receive it: an unbroken chain of custody with times and temperatures."""

from decimal import Decimal

from charcot.clinical_time import ClinicalTime
from charcot.conduct.at_site import act_on_dose, site_of_dose
from charcot.conduct.on_product import (
    as_person,
    draft_deviation,
    draft_on,
    require_dose,
    require_lot,
    require_minute,
    require_number,
    require_product,
    require_second,
)
from charcot.conduct.prepare_dose import DoseNotPossible
from charcot.conduct.trial import Situation, Trial, act_on_trial
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.product import DoseCourse, Lot


def issue_dose(trial: Trial, actor: Actor, *, dose: str, at: str, temperature: str) -> tuple[Entry, ...]:
    """Lets a labelled dose of a certified lot go; who issues it holds it until it is handed over."""

    def judge(situation: Situation) -> list[Draft]:
        course = require_dose(situation, dose)
        moment = require_minute(at, situation)
        require_certified(situation, course)
        require_unspent(course, moment)
        if course.reconciled is None or course.issued is not None:
            raise DoseNotPossible(
                f"Dose {dose} was already issued."
                if course.issued
                else f"The labels of dose {dose} are not reconciled.",
                rule="Dose: issued once, with its labels reconciled",
                next_step="Check the code." if course.issued else "Print and reconcile the labels first.",
                facts={"dose": dose},
            )
        return _custody(situation, actor, "issue_dose", Kind.DOSE_ISSUED, course, moment, temperature, {})

    return act_on_trial(trial, actor, "issue_dose", judge)


def hand_over_dose(
    trial: Trial, actor: Actor, *, dose: str, at: str, to: Actor, temperature: str
) -> tuple[Entry, ...]:
    """Hands a dose over to `to`, by who holds it."""

    def judge(situation: Situation) -> list[Draft]:
        course = require_dose(situation, dose)
        moment = require_minute(at, situation)
        require_unspent(course, moment)
        if course.holder != actor.person:
            raise DoseNotPossible(
                f"{actor.person} does not hold dose {dose}"
                + (f"; {course.holder} does." if course.holder else "; nobody does."),
                rule="Custody: a dose is handed over by who holds it",
                next_step="Let who holds it hand it over.",
                facts={"dose": dose, "holder": course.holder},
            )
        require_second(situation, actor, to, "receive_dose", "receive it", site_of_dose(situation, dose))
        return _custody(
            situation,
            actor,
            "hand_over_dose",
            Kind.DOSE_HANDED_OVER,
            course,
            moment,
            temperature,
            {"to": as_person(to)},
        )

    return act_on_dose(trial, actor, "hand_over_dose", dose, judge)


def receive_dose(trial: Trial, actor: Actor, *, dose: str, at: str, temperature: str) -> tuple[Entry, ...]:
    """Receives a dose, by whom it was handed to."""

    def judge(situation: Situation) -> list[Draft]:
        course = require_dose(situation, dose)
        moment = require_minute(at, situation)
        last = course.custody[-1] if course.custody else None
        if (
            last is None
            or last.kind is not Kind.DOSE_HANDED_OVER
            or last.data["to"]["person"] != actor.person
        ):
            raise DoseNotPossible(
                f"Dose {dose} was not handed over to {actor.person}.",
                rule="Custody: a dose is received by whom it was handed to",
                next_step="Let who holds it hand it over first.",
                facts={"dose": dose},
            )
        return _custody(situation, actor, "receive_dose", Kind.DOSE_RECEIVED, course, moment, temperature, {})

    return act_on_dose(trial, actor, "receive_dose", dose, judge)


def require_certified(situation: Situation, course: DoseCourse) -> Lot:
    """The lot of a prepared dose; raises DoseNotPossible unless it is certified, and no recall holds it."""
    if course.prepared is None:
        raise DoseNotPossible(
            f"Dose {course.id} was not prepared.",
            rule="Dose: prepared and labelled before it is issued and given",
            next_step="Prepare it first.",
            facts={"dose": course.id},
        )
    lot = require_lot(situation, course.lot or "")
    if not lot.is_certified:
        raise DoseNotPossible(
            f"Lot {lot.id} of dose {course.id} is {lot.status}, not certified.",
            rule="Release: a dose is issued and given only from a certified lot that was not recalled",
            next_step="Have the lot certified by the qualified person. If it was recalled or rejected, do not give the dose.",
            facts={"dose": course.id, "lot": lot.id, "status": lot.status},
        )
    open_grave = [d.id for d in lot.deviations if d.is_open and d.severity == "critical"]
    if open_grave:
        raise DoseNotPossible(
            f"Lot {lot.id} has an open critical deviation ({', '.join(open_grave)}).",
            rule="Release: no dose is issued or given while a critical deviation of its lot is open",
            next_step="Close the deviation with its outcome first.",
            facts={"lot": lot.id, "deviations": open_grave},
        )
    return lot


def require_unspent(course: DoseCourse, at: ClinicalTime) -> None:
    """Raises DoseNotPossible where a dose was given, returned or destroyed, or has expired, or `at` lies before its preparation."""
    spent = course.infused or course.ended
    if spent is not None:
        raise DoseNotPossible(
            f"Dose {course.id} was already {course.status}.",
            rule="Dose: given once",
            next_step="Check the code that was scanned.",
            facts={"dose": course.id, "status": course.status},
        )
    if course.expires_at is not None and course.expires_at.surely_before(at):
        raise DoseNotPossible(
            f"Dose {course.id} expired at {course.expires_at.text}.",
            rule="Dose: never issued or given after its expiry",
            next_step="Destroy it, and prepare another.",
            facts={"dose": course.id, "expires_at": course.expires_at.text},
        )
    happened = [e.clinical_time for e in course.entries if e.clinical_time]
    if happened and at.surely_before(ClinicalTime(max(happened))):
        raise DoseNotPossible(
            f"{at.text} lies before what happened to dose {course.id} at {max(happened)}.",
            rule="Dose: prepared, issued, handed over, received, checked and given in this order",
            next_step="Check the time.",
            facts={"dose": course.id, "at": at.text},
        )


def _custody(
    situation: Situation,
    actor: Actor,
    verb: str,
    kind: Kind,
    course: DoseCourse,
    at: ClinicalTime,
    temperature: str,
    more: dict[str, object],
) -> list[Draft]:
    plan = require_product(situation)
    degrees = require_number(temperature, "temperature", above=None)
    require_unspent(course, at)
    data = {"dose": course.id, "temperature": temperature, **more}
    drafts = [draft_on(situation, actor, verb, kind, subject_of("dose", course.id), data, at)]
    if not Decimal(plan.transport_low) <= degrees <= Decimal(plan.transport_high):
        lot = require_lot(situation, course.lot or "")
        words = f"Dose {course.id}: {temperature} °C lies outside {plan.transport_low} to {plan.transport_high} °C"
        drafts.append(draft_deviation(situation, actor, verb, lot, 1, "critical", words, at, dose=course.id))
    return drafts
