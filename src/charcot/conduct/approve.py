"""Record an approval by an ethics committee or authority."""

from typing import get_args

from charcot.clinical_time import ClinicalTime
from charcot.conduct.trial import Situation, Trial, act_on_trial, require_day, require_one_of, require_text
from charcot.ledger import TRIAL, Actor, Draft, Entry, Kind
from charcot.protocol.design import ApprovedDocument
from charcot.refusal import BadValue

DOCUMENTS: tuple[str, ...] = get_args(ApprovedDocument.model_fields["document"].annotation)


def approve(
    trial: Trial,
    actor: Actor,
    *,
    committee: str,
    document: str,
    version: str,
    reference: str,
    approved_on: str,
    expires_on: str | None = None,
) -> tuple[Entry, ...]:
    """Records that `committee` approved a version of a document (`protocol`, `consent_form`) on a day."""

    def judge(situation: Situation) -> list[Draft]:
        moment = require_day(approved_on, situation)
        require_one_of(document, DOCUMENTS, "document")
        for name, text in (("committee", committee), ("version", version), ("reference", reference)):
            require_text(text, name)
        _require_end(moment, expires_on)
        data = {
            "committee": committee,
            "document": document,
            "version": version,
            "reference": reference,
            "approved_on": str(moment.day),
            "expires_on": expires_on,
        }
        return [Draft(Kind.APPROVAL_RECORDED, TRIAL, "approve", actor, data=data, clinical_time=moment.text)]

    return act_on_trial(trial, actor, "approve", judge)


def _require_end(approved: ClinicalTime, expires_on: str | None) -> None:
    if expires_on is None:
        return
    try:
        ends = ClinicalTime(expires_on)
    except ValueError:
        ends = None
    if ends is None or len(expires_on) != len("2014-03-14") or ends.day < approved.day:
        raise BadValue(
            f"The approval cannot end on {expires_on}.",
            rule="Approvals: an approval ends on a day, after the day on which it was given",
            next_step="Write the last day on which it holds, as in 2014-03-14, or nothing where it has no end.",
            facts={"approved_on": str(approved.day), "expires_on": expires_on},
        )
