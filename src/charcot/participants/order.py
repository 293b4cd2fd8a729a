"""The order of a participant's course by clinical time: nothing before consent, nothing after the end."""

from charcot.clinical_time import ClinicalTime
from charcot.participants.standing import Standing
from charcot.refusal import OutOfOrder


def require_consented(standing: Standing, at: ClinicalTime) -> None:
    """Raises OutOfOrder unless consent was given by `at`."""
    consented = standing.consented_at
    if consented is None:
        raise OutOfOrder(
            "The participant has not consented.",
            rule="Consent: nothing is done in the trial before the participant has consented",
            next_step="Record the signed consent form first.",
            facts={"participant": standing.participant},
        )
    if at.surely_before(consented):
        raise OutOfOrder(
            f"{at.text} lies before the consent of {consented.text}.",
            rule="Consent: nothing is done in the trial before the participant has consented",
            next_step="Check the date. What was found before consent is medical history and belongs on that form.",
            facts={"participant": standing.participant, "at": at.text, "consented": consented.text},
        )


def require_enrolled(standing: Standing, at: ClinicalTime) -> None:
    """Raises OutOfOrder unless the participant was enrolled by `at`."""
    enrolled = standing.enrolled_at
    if enrolled is None or at.surely_before(enrolled):
        raise OutOfOrder(
            "The participant is not enrolled."
            if enrolled is None
            else f"{at.text} lies before enrolment on {enrolled.text}.",
            rule="Enrolment: no intervention before enrolment",
            next_step="Assess eligibility and enrol first." if enrolled is None else "Check the date.",
            facts={"participant": standing.participant, "at": at.text},
        )


def require_not_ended(standing: Standing, at: ClinicalTime) -> None:
    """Raises OutOfOrder where `at` surely lies after death, or after follow-up ended."""
    for ended, how in ((standing.died_at, "death"), (standing.follow_up_ended_at, "the end of follow-up")):
        if ended is not None and ended.surely_before(at):
            raise OutOfOrder(
                f"{at.text} lies after {how} ({ended.text}).",
                rule="Course: nothing is recorded for a time after death or after follow-up has ended",
                next_step="Check the date. Facts from before may still be recorded, with the date on which they happened.",
                facts={"participant": standing.participant, "at": at.text, "ended": ended.text},
            )


def require_treatment_wanted(standing: Standing, at: ClinicalTime) -> None:
    """Raises OutOfOrder where consent to treatment may have been withdrawn by `at`."""
    if any(w.scope == "treatment" and not at.surely_before(w.at) for w in standing.withdrawals):
        raise OutOfOrder(
            "The participant has withdrawn consent to treatment.",
            rule="Consent: no treatment after consent to it was withdrawn",
            next_step="Do not treat. A dose that was prepared already is returned or destroyed.",
            facts={"participant": standing.participant},
        )


def require_still_in(standing: Standing, at: ClinicalTime | None = None) -> None:
    """Raises OutOfOrder where the participant had declined, withdrawn, been lost or died by `at`; without it, ever."""
    if at is not None:
        require_not_ended(standing, at)
        ended = standing.follow_up_ended_at
        if ended is None or at.surely_before(ended):
            return
    if standing.status in ("died", "declined", "withdrawn", "lost"):
        raise OutOfOrder(
            f"The participant has already left the trial: {standing.status}.",
            rule="Course: this is possible only for someone who is still in the trial",
            next_step="Check that this is the right participant.",
            facts={"participant": standing.participant, "status": standing.status},
        )
