"""Count a population: replicates of viable and dead cells, from which its number follows."""

from collections.abc import Sequence
from decimal import Decimal

from charcot.clinical_time import ClinicalTime
from charcot.conduct.on_product import (
    draft_deviation,
    draft_on,
    require_lot,
    require_minute,
    require_number,
    require_plausible,
    require_product,
)
from charcot.conduct.trial import Situation, Trial, act_on_trial, require_text
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.product import lot_of
from charcot.refusal import BadValue, OutOfOrder


def count_cells(
    trial: Trial,
    actor: Actor,
    *,
    node: str,
    at: str,
    replicates: Sequence[tuple[int, int]],
    factor: str,
    volume_ml: str,
    method: str,
    reason: str | None = None,
) -> tuple[Entry, ...]:
    """Counts a population: `replicates` are viable and dead cells counted; each counted cell stands for `factor` cells/ml.

    Viable cells = mean of the viable counts x factor x volume [ml]. Nothing may have been taken from it before, unless this takes
    the place of a count that was entered in error; where more was taken than it now allows, a deviation says so.
    """

    def judge(situation: Situation) -> list[Draft]:
        lot = require_lot(situation, lot_of(node))
        moment = require_minute(at, situation)
        population = lot.genealogy.populations.get(node)
        if population is None or moment.surely_before(ClinicalTime(population.began)):
            raise OutOfOrder(
                f"There is no population {node!r} at {at}.",
                rule="Genealogy: what is counted was made before",
                next_step="Check the code and the time.",
                facts={"node": node},
            )
        again = node not in lot.counts and any(a.entry.data.get("node") == node for a in lot.annulled)
        if lot.genealogy.uses.get(node) and not again:
            raise OutOfOrder(
                f"Something was already taken from {node}.",
                rule="Mass balance: a population is counted before anything is taken from it",
                next_step="Count what was made from it.",
                facts={"node": node},
            )
        if (
            not replicates
            or any(v < 0 or d < 0 for v, d in replicates)
            or not sum(v + d for v, d in replicates)
        ):
            raise BadValue(
                "The count has no cells in it.",
                rule="Counts: each replicate is a number of viable and of dead cells",
                next_step="Write what was counted in each replicate.",
                facts={"node": node},
            )
        per_cell = require_number(factor, "factor") * require_number(volume_ml, "volume")
        viable = (Decimal(sum(v for v, _ in replicates)) / len(replicates) * per_cell).quantize(Decimal(1))
        total = (Decimal(sum(v + d for v, d in replicates)) / len(replicates) * per_cell).quantize(Decimal(1))
        require_plausible(total, "cells", reason)
        data = {
            "node": node,
            "method": require_text(method, "method"),
            "replicates": [{"viable": str(v), "dead": str(d)} for v, d in replicates],
            "factor": factor,
            "volume_ml": volume_ml,
            "viable": str(viable),
            "total": str(total),
        }
        subject = subject_of("product", lot.id)
        drafts = [
            draft_on(situation, actor, "count_cells", Kind.CELLS_COUNTED, subject, data, moment, reason)
        ]
        taken = lot.taken_from(node)
        if taken > viable * (1 + Decimal(require_product(situation).balance_tolerance)):
            words = f"By its corrected count {node} had {viable:.3g} viable cells, and {taken:.3g} were taken from it"
            drafts.append(draft_deviation(situation, actor, "count_cells", lot, 1, "major", words, moment))
        return drafts

    return act_on_trial(trial, actor, "count_cells", judge)
