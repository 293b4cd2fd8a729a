"""Prescribe a dose for one participant, from a weight with its date."""

from charcot.conduct.infuse import as_measured, choose_intervention, last_weighed, plan_dose
from charcot.conduct.on_product import draft_on, find_dose, require_name, require_new
from charcot.conduct.trial import ParticipantSituation, Trial, act_on_participant, require_day
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.participants import require_enrolled, require_not_ended, require_treatment_wanted
from charcot.refusal import BadValue


def prescribe_dose(
    trial: Trial, actor: Actor, *, participant: str, dose: str, at: str, intervention: str | None = None
) -> tuple[Entry, ...]:
    """Prescribes a dose under a code; from then on it is bound to this participant.

    The participant has consented and still wants the treatment, is enrolled (eligible, or with a documented waiver), and was weighed
    lately enough.
    The protocol says whether viable or all cells count.
    """

    def judge(situation: ParticipantSituation) -> list[Draft]:
        moment = require_day(at, situation)
        require_new(find_dose(situation, require_name(dose, "dose")), dose, "dose")
        require_enrolled(situation.dossier.standing, moment)
        require_not_ended(situation.dossier.standing, moment)
        require_treatment_wanted(situation.dossier.standing, moment)
        protocol = situation.dossier.study.protocol
        plan = choose_intervention(situation, intervention)
        basis = protocol.dose_basis
        if plan.dose is None or basis is None:
            raise BadValue(
                "The protocol does not say whether viable or all cells make up the dose.",
                rule=f"Protocol {protocol.version.number}: dose_basis",
                next_step="State `dose_basis: viable` or `dose_basis: total` in the next version of the protocol.",
            )
        weight, planned = plan_dose(situation, plan.dose, moment)
        form = protocol.forms_by_id[plan.form]
        weighed_at = last_weighed(situation, plan.dose, moment)
        data = {
            "dose": dose,
            "participant": participant,
            "intervention": plan.id,
            "weight": weight,
            "weighed_at": weighed_at,
            "per_kg": plan.dose.per_kg,
            "basis": basis,
            "planned": as_measured(planned, form.item("planned_dose")),
            "volume_ml": plan.dose.volume_ml,
        }
        subject = subject_of("dose", dose)
        return [draft_on(situation, actor, "prescribe_dose", Kind.DOSE_PRESCRIBED, subject, data, moment)]

    return act_on_participant(trial, actor, "prescribe_dose", participant, judge)
