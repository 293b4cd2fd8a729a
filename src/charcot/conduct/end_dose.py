"""Say what became of a dose, or of what was left of it: returned or destroyed."""

from charcot.conduct.at_site import act_on_dose, site_of_dose
from charcot.conduct.on_product import as_person, draft_on, require_dose, require_minute, require_second
from charcot.conduct.prepare_dose import DoseNotPossible
from charcot.conduct.trial import Situation, Trial, require_one_of, require_reason
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of


def end_dose(
    trial: Trial, actor: Actor, *, dose: str, at: str, what: str, reason: str, witness: Actor
) -> tuple[Entry, ...]:
    """Ends a dose: `returned` or `destroyed`, before a witness. What was left of an infused one is ended as well."""

    def judge(situation: Situation) -> list[Draft]:
        course = require_dose(situation, dose)
        moment = require_minute(at, situation)
        require_one_of(what, ("returned", "destroyed"), "end")
        require_second(situation, actor, witness, "end_dose", "witness it", site_of_dose(situation, dose))
        if course.ended is not None and course.ended.data["what"] == "destroyed":
            raise DoseNotPossible(
                f"Dose {dose} was already destroyed.",
                rule="Dose: destroyed once",
                next_step="Check the code.",
                facts={"dose": dose},
            )
        why = require_reason(reason, "Dose: returned or destroyed for a stated reason")
        data = {"dose": dose, "what": what, "witness": as_person(witness)}
        subject = subject_of("dose", dose)
        return [draft_on(situation, actor, "end_dose", Kind.DOSE_ENDED, subject, data, moment, why)]

    return act_on_dose(trial, actor, "end_dose", dose, judge)
