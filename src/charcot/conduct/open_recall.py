"""Recall what came from a lot of the product: everybody affected is listed and told before it is closed."""

from charcot.conduct.on_product import (
    draft_on,
    find_dose,
    require_lot,
    require_name,
    require_new,
    require_recall,
)
from charcot.conduct.trial import Situation, Trial, act_on_trial, require_moment, require_reason, require_text
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.product import fold_recall
from charcot.refusal import BadValue, OutOfOrder


class RecallOpen(OutOfOrder):
    """Somebody was not told yet."""


def open_recall(
    trial: Trial, actor: Actor, *, recall: str, lots: tuple[str, ...] | list[str], at: str, reason: str
) -> tuple[Entry, ...]:
    """Opens a recall of whole lots: none of their doses can be issued or given any more.

    All their doses, and the participants they are bound to, are listed; each has to be told of.
    """

    def judge(situation: Situation) -> list[Draft]:
        moment = require_moment(at, situation)
        subject = subject_of("recall", require_name(recall, "recall"))
        require_new(fold_recall(situation.about(subject)), recall, "recall")
        why = require_reason(reason, "Recall: opened for a stated reason")
        if not lots:
            raise BadValue(
                "Which lots are recalled?",
                rule="Recall: names the lots that are affected",
                next_step="Trace the material or donor, and name the lots.",
            )
        found = [require_lot(situation, lot) for lot in dict.fromkeys(lots)]
        wanted = {lot.id for lot in found}
        names = [
            node.partition(".")[2]
            for lot in found
            for node, p in lot.genealogy.populations.items()
            if p.kind == "dose"
        ]
        courses = [course for name in names if (course := find_dose(situation, name)) is not None]
        told = [f"participant {c.participant}" for c in courses] + [f"dose {c.id}" for c in courses]
        to_notify = list(dict.fromkeys([*(f"lot {lot.id}" for lot in found), *told]))
        data = {"recall": recall, "lots": sorted(wanted), "to_notify": to_notify}
        return [
            draft_on(situation, actor, "open_recall", Kind.RECALL_OPENED, subject, data, moment, why),
            *(
                draft_on(
                    situation,
                    actor,
                    "open_recall",
                    Kind.LOT_RECALLED,
                    subject_of("product", lot.id),
                    {"recall": recall},
                    moment,
                    why,
                )
                for lot in found
            ),
        ]

    return act_on_trial(trial, actor, "open_recall", judge)


def notify_recall(
    trial: Trial, actor: Actor, *, recall: str, whom: str, at: str, how: str, answer: str
) -> tuple[Entry, ...]:
    """Records that somebody was told of a recall: one of those that it lists, how, and what they said or did."""

    def judge(situation: Situation) -> list[Draft]:
        known = require_recall(situation, recall)
        moment = require_moment(at, situation)
        if whom not in known.open_notifications or known.closed is not None:
            raise BadValue(
                f"{whom} is not waiting to be told of recall {recall}.",
                rule="Recall: each one on its list is told once",
                next_step="Still to be told: " + (", ".join(known.open_notifications) or "nobody") + ".",
                facts={"whom": whom},
            )
        data = {
            "recall": recall,
            "whom": whom,
            "how": require_text(how, "way of telling"),
            "answer": require_text(answer, "answer"),
        }
        subject = subject_of("recall", recall)
        return [draft_on(situation, actor, "notify_recall", Kind.RECALL_NOTIFIED, subject, data, moment)]

    return act_on_trial(trial, actor, "notify_recall", judge)


def close_recall(trial: Trial, actor: Actor, *, recall: str, conclusion: str) -> tuple[Entry, ...]:
    """Closes a recall; raises RecallOpen while anybody on its list was not told."""

    def judge(situation: Situation) -> list[Draft]:
        known = require_recall(situation, recall)
        if known.closed is not None:
            raise OutOfOrder(
                f"Recall {recall} is already closed.",
                rule="Recall: closed once",
                next_step="Open another recall if more was found.",
            )
        if known.open_notifications:
            raise RecallOpen(
                f"Not told yet: {', '.join(known.open_notifications)}.",
                rule="Recall: closed only when everybody on its list was told",
                next_step="Tell them, and record it.",
                facts={"recall": recall, "open": list(known.open_notifications)},
            )
        data = {"recall": recall, "conclusion": require_text(conclusion, "conclusion")}
        subject = subject_of("recall", recall)
        return [draft_on(situation, actor, "close_recall", Kind.RECALL_CLOSED, subject, data)]

    return act_on_trial(trial, actor, "close_recall", judge)
