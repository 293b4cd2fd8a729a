"""Record a participant's informed consent, on a version of the form that was approved that day."""

from dataclasses import replace

from charcot.clinical_time import ClinicalTime
from charcot.conduct.form_entry import Given, as_values, draft_form, moment_text, next_place, with_own
from charcot.conduct.trial import ParticipantSituation, Trial, act_on_participant, require_day
from charcot.ledger import Actor, Draft, Entry, Origin, Value
from charcot.participants import bind_dossier, require_still_in
from charcot.refusal import OutOfOrder
from charcot.team import require_approved


def consent(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    at: str,
    form_version: str,
    values: Given | None = None,
    source: str = "paper",
    origin: Origin = Origin.ENTERED,
) -> tuple[Entry, ...]:
    """Records consent given at `at` on `form_version` of the consent form.

    Each further consent is a re-consent: a record of its own, which binds the participant to the version of the
    protocol then in force. The participant stays in the trial since the first.
    """

    def judge(before: ParticipantSituation) -> list[Draft]:
        moment = require_day(at, before)
        standing = before.dossier.standing
        require_still_in(standing, moment)
        if any(given.clinical_time == moment for given in standing.consents):
            raise OutOfOrder(
                f"Consent on {at} is already recorded.",
                rule="Consent: each consent is recorded once",
                next_step="Correct the recorded consent if something on it is wrong.",
                facts={"participant": participant, "at": at},
            )
        situation = consenting(before, moment, form_version)
        form = situation.dossier.study.protocol.form_playing("consent")
        if form is None:
            raise OutOfOrder(
                "The protocol has no consent form.",
                rule=f"Protocol {situation.dossier.protocol_version}: forms",
                next_step="Add a form that plays consent to the next version of the protocol.",
            )
        own = {"consent_form_version": form_version, "consented_on": moment_text(form, moment)}
        given = with_own(
            form, as_values(values or {}, origin), {i: Value(text=v, origin=origin) for i, v in own.items()}
        )
        key, version = next_place(situation, form, "")
        return [
            draft_form(trial, situation, actor, "consent", key, given, moment, version=version, source=source)
        ]

    return act_on_participant(trial, actor, "consent", participant, judge)


def consenting(situation: ParticipantSituation, at: ClinicalTime, form_version: str) -> ParticipantSituation:
    """The situation judged by the protocol in force on the day of consent; raises NotApproved."""
    protocol = situation.charter.protocol_on(at.day)
    require_approved(situation.charter.approvals, "protocol", protocol.version, at.day)
    require_approved(situation.charter.approvals, "consent_form", form_version, at.day)
    return replace(situation, dossier=bind_dossier(situation.dossier, protocol))
