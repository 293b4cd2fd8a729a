"""Record that a serious event was reported to somebody who has to be told of it: the sponsor, the authority, the committee."""

from charcot.conduct.form_entry import require_standing_form
from charcot.conduct.trial import (
    ParticipantSituation,
    Trial,
    act_on_participant,
    draft_about,
    require_moment,
    require_text,
)
from charcot.ledger import Actor, Draft, Entry, Kind
from charcot.participants import FormKey
from charcot.refusal import BadValue


def record_submission(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    form: str,
    instance: int,
    version: int,
    clock: str,
    at: str,
    reference: str,
    encounter: str = "",
) -> tuple[Entry, ...]:
    """Says that the event, in the version that was submitted, went out at `at` for the reporting clock `clock`.

    `reference`: what the receiver calls it, or how it was sent. A later submission is a follow-up report.
    """

    def judge(situation: ParticipantSituation) -> list[Draft]:
        moment = require_moment(at, situation)
        protocol = situation.charter.ruling_on(situation.now.date()).study.protocol
        plan = next((each for each in protocol.reporting if each.id == clock), None)
        if plan is None:
            raise BadValue(
                f"The protocol has no reporting clock {clock!r}.",
                rule="Protocol: reporting",
                next_step=f"Choose one of: {', '.join(each.id for each in protocol.reporting) or 'it has none'}.",
                facts={"field": "clock", "given": clock},
            )
        said = require_text(reference, "reference").strip()
        key = FormKey(form, encounter, instance)
        sent = require_standing_form(situation, key, version)
        data = {
            **key.as_data(),
            "version": sent.version,
            "clock": clock,
            "to": plan.to,
            "reference": said,
        }
        return [
            draft_about(
                situation,
                actor,
                "record_submission",
                Kind.SUBMISSION_RECORDED,
                data=data,
                clinical_time=moment.text,
            )
        ]

    return act_on_participant(trial, actor, "record_submission", participant, judge)
