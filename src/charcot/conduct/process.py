"""Perform a step of the batch record: cells are made from cells, with what it was done, by whom, and who checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from charcot.clinical_time import ClinicalTime
from charcot.conduct.gather_means import Means, gather_means
from charcot.conduct.move_vial import require_free, require_place, stock_of
from charcot.conduct.on_product import (
    as_person,
    draft_deviation,
    draft_on,
    find_lot,
    require_lot,
    require_minute,
    require_number,
    require_plausible,
    require_product,
    require_second,
)
from charcot.conduct.trial import Situation, Trial, act_on_trial
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.product import DEEDS, NODE, CellPopulation, Genealogy, Lot, Taken, lot_of
from charcot.product.genealogy import DeedRule
from charcot.protocol.manufacture import BatchStep, ProductPlan
from charcot.refusal import BadValue, OutOfOrder


@dataclass(frozen=True)
class Made:
    """A population that a step makes: its name within the lot, and what is noted about it, such as `vessels`, `volume_ml`; of a vial its `place`."""

    name: str
    details: Mapping[str, str] | None = None


class Unbalanced(OutOfOrder):
    """More cells would be used than were counted."""


class NoLineage(OutOfOrder):
    """Cells would come from no donor, or from donors or passages that may not come together."""


def process(
    trial: Trial,
    actor: Actor,
    *,
    lot: str,
    step: str,
    at: str,
    parents: Sequence[Taken],
    verifier: Actor,
    children: Sequence[Made] = (),
    parameters: Mapping[str, str] | None = None,
    materials: Mapping[str, str] | None = None,
    equipment: Sequence[str] = (),
    reason: str | None = None,
) -> tuple[Entry, ...]:
    """Performs `step` of the protocol's batch record on `parents`, which makes `children`.

    `materials`: code of a material lot to the amount used. A parameter outside its limits raises a deviation. Raises
    OutOfOrder where a step before it was left out without a deviation, or a material or equipment may not be used.
    """

    def judge(situation: Situation) -> list[Draft]:
        plan = require_product(situation)
        known = require_lot(situation, lot)
        wanted = plan.step(step)
        if wanted is None or wanted.does == "formulate":
            names = [s.id for s in plan.steps if s.does != "formulate"]
            raise BadValue(
                f"The batch record has no step {step!r}.",
                rule="Batch record: steps of the protocol; a dose is made by prepare_dose",
                next_step=f"Choose one of: {', '.join(names)}.",
                facts={"step": step},
            )
        require_second(situation, actor, verifier, "process", "verify it")
        moment = require_minute(at, situation)
        if wanted.does == "freeze":
            places = {f"{lot}.{c.name}": require_place((c.details or {}).get("place", "")) for c in children}
            require_free(stock_of(trial), places)
        means = gather_means(situation, wanted, moment, parameters or {}, materials or {}, equipment)
        return draft_step(
            situation,
            actor,
            "process",
            plan,
            known,
            wanted,
            moment,
            parents,
            children,
            means,
            verifier,
            reason,
        )

    stored = any("place" in (child.details or {}) for child in children)
    return act_on_trial(trial, actor, "process", judge, alone=stored)


def draft_step(
    situation: Situation,
    actor: Actor,
    verb: str,
    plan: ProductPlan,
    lot: Lot,
    step: BatchStep,
    at: ClinicalTime,
    parents: Sequence[Taken],
    children: Sequence[Made],
    means: Means,
    verifier: Actor,
    reason: str | None = None,
) -> list[Draft]:
    """The entries of a step, once everything about it was found in order; raises what is not."""
    deed = DEEDS[step.does]
    if lot.recalls or lot.status == "rejected":
        raise OutOfOrder(
            f"Lot {lot.id} is {lot.status}.",
            rule="Batch record: nothing more is made from a rejected or recalled lot",
            next_step="Use another lot.",
            facts={"lot": lot.id},
        )
    family = _family(situation, plan, lot, parents)
    found = [require_parent(family, deed, step, taken, at) for taken in parents]
    _require_number_of(deed, step, parents, children)
    _require_counted(situation, deed, parents, reason)
    _require_balance(situation, plan, parents)
    _require_before(lot, family, plan, step, parents)
    passage = _passage(deed, found)
    made = []
    for child in children:
        node = f"{lot.id}.{child.name}"
        if not NODE.fullmatch(node) or node in lot.genealogy.populations:
            raise BadValue(
                f"{child.name!r} cannot be the name of what was made.",
                rule="Genealogy: each population has a name of its own, of letters, digits, - and _",
                next_step="Choose another name.",
                facts={"node": node},
            )
        details = dict(child.details or {})
        for name, text in details.items():
            if name != "place":
                require_number(text, name.replace("_", " "))
        made.append({**details, "id": node, "kind": deed.makes, "passage": passage})
    subject = subject_of("product", lot.id)
    data = {
        "step": step.id,
        "does": step.does,
        "parents": [{"id": p.node, **({} if p.cells is None else {"cells": p.cells})} for p in parents],
        "children": made,
        "verifier": as_person(verifier),
        **means.as_data(),
    }
    drafts = [draft_on(situation, actor, verb, Kind.STEP_PERFORMED, subject, data, at, reason)]
    for number, (severity, words) in enumerate(means.deviations, start=1):
        drafts.append(draft_deviation(situation, actor, verb, lot, number, severity, words, at, step=step.id))
    for code, amount in means.materials.items():
        used = {"id": code, "lot": lot.id, "step": step.id, "amount": amount}
        about = subject_of("material", code)
        drafts.append(draft_on(situation, actor, verb, Kind.MATERIAL_USED, about, used, at))
    return drafts


def require_parent(
    family: Genealogy, deed: DeedRule, step: BatchStep, taken: Taken, at: ClinicalTime
) -> CellPopulation:
    """The population that is taken from; raises OutOfOrder where it is not there, used up, later, or of the wrong kind."""
    found = family.populations.get(taken.node)
    if found is None or not family.donors_of(taken.node):
        raise NoLineage(
            f"{taken.node} has no donor in its line." if found else f"There is no population {taken.node!r}.",
            rule="Genealogy: every population comes from a donor's tissue",
            next_step="Check the code, or record first what it came from.",
            facts={"node": taken.node},
        )
    if found.kind not in deed.takes:
        raise OutOfOrder(
            f"{step.label} cannot be done with {taken.node}, which is a {found.kind}.",
            rule=f"Genealogy: {step.does} takes {' or '.join(sorted(deed.takes))}",
            next_step="Check the code, or the step.",
            facts={"node": taken.node, "kind": found.kind},
        )
    if family.is_used_up(taken.node):
        raise OutOfOrder(
            f"{taken.node} is used up.",
            rule="Genealogy: what was harvested, transferred, pooled, thawed or discarded is no longer there",
            next_step="Check the code.",
            facts={"node": taken.node},
        )
    if at.surely_before(ClinicalTime(found.began)):
        raise OutOfOrder(
            f"{at.text} lies before {taken.node} was made ({found.began}).",
            rule="Genealogy: nothing comes before what it was made from",
            next_step="Check the time.",
            facts={"node": taken.node, "at": at.text},
        )
    return found


def _family(situation: Situation, plan: ProductPlan, lot: Lot, parents: Sequence[Taken]) -> Genealogy:
    """The genealogy of the lot and of the lots that parents come from; raises NoLineage where they may not come together."""
    others = [lot_of(p.node) for p in parents if lot_of(p.node) != lot.id]
    lots = [lot, *(found for name in dict.fromkeys(others) if (found := find_lot(situation, name)))]
    family = Genealogy(
        {tissue: donor for one in lots for tissue, donor in one.genealogy.donors.items()},
        {node: p for one in lots for node, p in one.genealogy.populations.items()},
        tuple(t for one in lots for t in one.genealogy.transformations),
    )
    donors = {donor for p in parents for donor in family.donors_of(p.node)} | {lot.donor}
    if len(donors) > 1 and not plan.pooling:
        raise NoLineage(
            f"Cells of {len(donors)} donors would come together: {', '.join(sorted(donors))}.",
            rule="Genealogy: one donor for each product, unless the protocol allows pooling",
            next_step="Check the code that was scanned.",
            facts={"donors": sorted(donors)},
        )
    return family


def _require_number_of(
    deed: DeedRule, step: BatchStep, parents: Sequence[Taken], children: Sequence[Made]
) -> None:
    wrong = None
    if not parents or (len(parents) > 1 and not deed.several):
        wrong = (
            f"{step.label} is done with {'one or more populations' if deed.several else 'one population'}."
        )
    elif len({p.node for p in parents}) < len(parents):
        wrong = "The same population is named twice."
    elif bool(children) != (deed.makes is not None):
        wrong = f"{step.label} makes {'no new population' if deed.makes is None else 'at least one ' + deed.makes}."
    elif len({c.name for c in children}) < len(children):
        wrong = "Two of the populations made have the same name."
    if wrong is not None:
        raise BadValue(
            wrong,
            rule=f"Genealogy: what {step.does} takes and makes",
            next_step="Correct what was taken and what was made.",
            facts={"step": step.id},
        )


def _require_counted(
    situation: Situation, deed: DeedRule, parents: Sequence[Taken], reason: str | None
) -> None:
    for taken in parents:
        lot = find_lot(situation, lot_of(taken.node))
        was_counted = (
            lot is not None and taken.node in lot.counts and not deed.whole and deed.makes is not None
        )
        if not deed.counted and not was_counted and taken.cells is None:
            continue
        if taken.cells is None:
            raise BadValue(
                f"How many cells were taken from {taken.node}?",
                rule="Mass balance: what is seeded, frozen, sampled or made into a dose is counted",
                next_step="Write the number of viable cells.",
                facts={"node": taken.node},
            )
        require_plausible(require_number(taken.cells, "number of cells"), "cells", reason)


def _require_balance(situation: Situation, plan: ProductPlan, parents: Sequence[Taken]) -> None:
    for taken in parents:
        if taken.cells is None:
            continue
        lot = find_lot(situation, lot_of(taken.node))
        count = None if lot is None else lot.counts.get(taken.node)
        if lot is None or count is None:
            raise OutOfOrder(
                f"{taken.node} was not counted.",
                rule="Mass balance: cells are counted before some of them are used",
                next_step="Count it first.",
                facts={"node": taken.node},
            )
        used = lot.taken_from(taken.node) + Decimal(taken.cells)
        most = count.viable * (1 + Decimal(plan.balance_tolerance))
        if used > most:
            raise Unbalanced(
                f"{used:.3g} cells would have been used of {taken.node}, where {count.viable:.3g} were counted.",
                rule=f"Mass balance: at most the count and {Decimal(plan.balance_tolerance):.0%} of it",
                next_step="Check the numbers and their powers of ten, or count again.",
                facts={"node": taken.node, "used": str(used), "counted": str(count.viable)},
            )


def _require_before(
    lot: Lot, family: Genealogy, plan: ProductPlan, step: BatchStep, parents: Sequence[Taken]
) -> None:
    for taken in parents:
        behind = family.steps_behind(taken.node)
        missing = [name for name in step.after if name not in behind and name not in lot.skipped]
        if missing:
            labels = [found.label if (found := plan.step(name)) else name for name in missing]
            raise OutOfOrder(
                f"Not done yet with {taken.node}: {', '.join(labels)}.",
                rule="Batch record: no step is skipped without a deviation",
                next_step="Do it first, or report a deviation that says which step was left out.",
                facts={"node": taken.node, "missing": missing},
            )


def _passage(deed: DeedRule, parents: Sequence[CellPopulation]) -> int | None:
    """None before the first culture; one more at each subculture; unchanged by everything else."""
    passages = {p.passage for p in parents}
    if len(passages) > 1:
        raise NoLineage(
            f"Cells of passages {', '.join(f'P{p}' for p in sorted(p or 0 for p in passages))} would come together.",
            rule="Genealogy: cells that come together are of the same passage",
            next_step="Check the codes.",
            facts={"nodes": [p.id for p in parents]},
        )
    before = next(iter(passages))
    if deed.passage == "next":
        return 0 if before is None else before + 1
    return before
