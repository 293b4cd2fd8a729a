"""Report a deviation in manufacture, or a step that was left out; assess it; close it by signature."""

from charcot.conduct.on_product import draft_deviation, draft_on, require_lot, require_product
from charcot.conduct.trial import (
    Situation,
    Trial,
    act_on_trial,
    require_date,
    require_moment,
    require_one_of,
    require_reason,
    require_text,
    signing,
)
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.product import Lot, ProductDeviation
from charcot.refusal import NotAllowed, OutOfOrder
from charcot.team import NotSigned, Signature

SEVERITIES = ("minor", "major", "critical")
"""How grave a deviation is; a lot with an open one that is not minor is not certified."""
CLOSING = "I have reviewed this deviation, its impact and what is done about it, and close it"


def report_product_deviation(
    trial: Trial,
    actor: Actor,
    *,
    lot: str,
    at: str,
    severity: str,
    description: str,
    skips: str | None = None,
) -> tuple[Entry, ...]:
    """Reports a deviation of a lot; `skips` names a step of the batch record that was left out."""

    def judge(situation: Situation) -> list[Draft]:
        plan = require_product(situation)
        known = require_lot(situation, lot)
        moment = require_moment(at, situation)
        require_one_of(severity, SEVERITIES, "severity")
        require_text(description, "description")
        more = {}
        if skips:
            more["skips"] = require_one_of(skips, [s.id for s in plan.steps], "step")
        return [
            draft_deviation(
                situation, actor, "report_product_deviation", known, 1, severity, description, moment, **more
            )
        ]

    return act_on_trial(trial, actor, "report_product_deviation", judge)


def assess_product_deviation(
    trial: Trial,
    actor: Actor,
    *,
    lot: str,
    deviation: str,
    severity: str,
    impact: str,
    investigation: str,
    root_cause: str,
    action: str,
    owner: str | None = None,
    due: str | None = None,
    reason: str | None = None,
) -> tuple[Entry, ...]:
    """Classes a deviation, and states its impact on cells and patients, its root cause, and what is done about it and against its return.

    It may be assessed again until it is closed; each assessment stays. Another severity than so far needs a reason. `owner` and
    `due`: who does what was decided, until when [date].
    """

    def judge(situation: Situation) -> list[Draft]:
        found = _require_open(require_lot(situation, lot), actor, deviation)
        require_one_of(severity, SEVERITIES, "severity")
        why = reason
        if severity != found.severity:
            why = require_reason(
                reason, f"Deviations: {found.severity} becomes {severity} for a stated reason"
            )
        data = {
            "id": deviation,
            "severity": severity,
            "impact": require_text(impact, "impact"),
            "investigation": require_text(investigation, "investigation"),
            "root_cause": require_text(root_cause, "root cause"),
            "action": require_text(action, "action"),
        }
        if owner:
            data["owner"] = owner
        if due:
            data["due"] = require_date(due, "due")
        subject, kind = subject_of("product", lot), Kind.PRODUCT_DEVIATION_ASSESSED
        return [draft_on(situation, actor, "assess_product_deviation", kind, subject, data, None, why)]

    return act_on_trial(trial, actor, "assess_product_deviation", judge)


def close_product_deviation(
    trial: Trial, actor: Actor, *, lot: str, deviation: str, outcome: str, signature: Signature
) -> tuple[Entry, ...]:
    """Closes an assessed deviation with its outcome, by the signature of the qualified person. Not by who reported it."""

    def judge(situation: Situation) -> list[Draft]:
        found = _require_open(require_lot(situation, lot), actor, deviation)
        if found.assessed is None:
            raise OutOfOrder(
                f"Deviation {deviation} was not assessed.",
                rule="Deviations: closed only after their impact, root cause and action were stated",
                next_step="Assess it first.",
                facts={"deviation": deviation},
            )
        if signature is None:
            raise NotSigned(
                "Closing a deviation has to be signed.",
                rule="Deviations: closed by the signature of the qualified person",
                next_step="Sign it with your password.",
            )
        data = {"id": deviation, "severity": found.severity, "outcome": require_text(outcome, "outcome")}
        signed = signing(situation, actor, signature, CLOSING)
        subject, kind = subject_of("product", lot), Kind.PRODUCT_DEVIATION_CLOSED
        return [draft_on(situation, actor, "close_product_deviation", kind, subject, data | signed)]

    return act_on_trial(trial, actor, "close_product_deviation", judge)


def _require_open(lot: Lot, actor: Actor, deviation: str) -> ProductDeviation:
    found = next((d for d in lot.deviations if d.id == deviation), None)
    if found is None or not found.is_open:
        raise OutOfOrder(
            f"Lot {lot.id} has no open deviation {deviation!r}.",
            rule="Deviations: each is closed once",
            next_step="Check its number.",
            facts={"deviation": deviation},
        )
    if found.reported.actor.person == actor.person:
        raise NotAllowed(
            f"{actor.person} reported this deviation.",
            rule="Deviations: who reports one neither assesses nor closes it",
            next_step="Ask somebody else.",
            facts={"deviation": deviation},
        )
    return found
