"""Receive a lot of material into quarantine, release or reject it, recall it."""

from charcot.conduct.on_product import (
    draft_on,
    require_material,
    require_name,
    require_new,
    require_number,
    require_product,
)
from charcot.conduct.trial import (
    Situation,
    Trial,
    act_on_trial,
    require_date,
    require_day,
    require_one_of,
    require_reason,
    require_text,
)
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.product import fold_material
from charcot.refusal import OutOfOrder


def receive_material(
    trial: Trial,
    actor: Actor,
    *,
    code: str,
    material: str,
    lot_number: str,
    supplier: str,
    expires: str,
    amount: str,
    at: str,
) -> tuple[Entry, ...]:
    """Receives `amount`, in the unit of the protocol, of a material into quarantine; it keeps up to and including `expires`."""

    def judge(situation: Situation) -> list[Draft]:
        plan = require_product(situation)
        subject = subject_of("material", require_name(code, "material lot"))
        require_new(fold_material(situation.about(subject)), code, "material lot")
        require_one_of(material, [m.id for m in plan.materials], "material")
        kind = plan.material(material)
        require_number(amount, "amount")
        moment = require_day(at, situation)
        data = {
            "id": code,
            "material": material,
            "lot_number": require_text(lot_number, "lot number"),
            "supplier": require_text(supplier, "supplier"),
            "expires": require_date(expires, "expires"),
            "amount": amount,
            "unit": "" if kind is None else kind.unit,
        }
        return [draft_on(situation, actor, "receive_material", Kind.MATERIAL_RECEIVED, subject, data, moment)]

    return act_on_trial(trial, actor, "receive_material", judge)


def release_material(
    trial: Trial,
    actor: Actor,
    *,
    code: str,
    verdict: str = "released",
    certificate: str = "",
    reason: str | None = None,
) -> tuple[Entry, ...]:
    """Takes a material lot out of quarantine: `released` on its certificate, or `rejected` with a reason."""

    def judge(situation: Situation) -> list[Draft]:
        lot = require_material(situation, code)
        require_one_of(verdict, ("released", "rejected"), "verdict")
        if lot.recalled is not None or (lot.judged is not None and verdict == lot.judged.data["verdict"]):
            raise OutOfOrder(
                f"Material lot {code} is already {lot.status_on(situation.now.date())}.",
                rule="Materials: a lot is judged once, and a recalled one no more",
                next_step="Receive another lot.",
                facts={"code": code},
            )
        if lot.received.actor.person == actor.person:
            raise OutOfOrder(
                f"{actor.person} received this lot.",
                rule="Materials: who receives a lot does not release it",
                next_step="Ask somebody else to look at its certificate.",
                facts={"code": code},
            )
        why = None
        if verdict == "rejected" or lot.judged is not None:
            why = require_reason(reason, "Materials: a lot is rejected, or judged anew, for a stated reason")
        else:
            require_text(certificate, "certificate")
        data = {"id": code, "verdict": verdict, "certificate": certificate}
        subject = subject_of("material", code)
        return [
            draft_on(situation, actor, "release_material", Kind.MATERIAL_JUDGED, subject, data, None, why)
        ]

    return act_on_trial(trial, actor, "release_material", judge)


def recall_material(trial: Trial, actor: Actor, *, code: str, reason: str) -> tuple[Entry, ...]:
    """Bars a material lot from use; what was made with it is found by trace, and recalled by `open_recall`."""

    def judge(situation: Situation) -> list[Draft]:
        lot = require_material(situation, code)
        require_new(lot.recalled, code, "recall of material lot")
        why = require_reason(reason, "Materials: a lot is recalled for a stated reason")
        data = {"id": code, "used_in": list(lot.used_in)}
        subject = subject_of("material", code)
        return [
            draft_on(situation, actor, "recall_material", Kind.MATERIAL_RECALLED, subject, data, None, why)
        ]

    return act_on_trial(trial, actor, "recall_material", judge)
