"""Report a deviation in manufacture, or a step that was left out; close it with what was found."""

from charcot.conduct.on_product import draft_deviation, draft_on, require_lot, require_product
from charcot.conduct.trial import Situation, Trial, act_on_trial, require_moment, require_one_of, require_text
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.refusal import NotAllowed, OutOfOrder

SEVERITIES = ("minor", "major", "critical")
"""How grave a deviation is; a lot with an open one that is not minor is not certified."""


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


def close_product_deviation(
    trial: Trial, actor: Actor, *, lot: str, deviation: str, assessment: str, investigation: str, outcome: str
) -> tuple[Entry, ...]:
    """Closes a deviation: how it was assessed, what was investigated, and what became of it. Not by who reported it."""

    def judge(situation: Situation) -> list[Draft]:
        known = require_lot(situation, lot)
        found = next((d for d in known.deviations if d.id == deviation), None)
        if found is None or not found.is_open:
            raise OutOfOrder(
                f"Lot {lot} has no open deviation {deviation!r}.",
                rule="Deviations: each is closed once",
                next_step="Check its number.",
                facts={"deviation": deviation},
            )
        if found.reported.actor.person == actor.person:
            raise NotAllowed(
                f"{actor.person} reported this deviation.",
                rule="Deviations: who reports one does not close it",
                next_step="Ask somebody else.",
                facts={"deviation": deviation},
            )
        data = {
            "id": deviation,
            "assessment": require_text(assessment, "assessment"),
            "investigation": require_text(investigation, "investigation"),
            "outcome": require_text(outcome, "outcome"),
        }
        subject = subject_of("product", lot)
        kind = Kind.PRODUCT_DEVIATION_CLOSED
        return [draft_on(situation, actor, "close_product_deviation", kind, subject, data)]

    return act_on_trial(trial, actor, "close_product_deviation", judge)
