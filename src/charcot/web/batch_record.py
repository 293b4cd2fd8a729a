"""The batch record of a lot: every step with its numbers, and which can be done next with what."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from charcot.product import DEEDS, Lot, Transformation, compute_count_cv, estimate_viability
from charcot.protocol.manufacture import BatchStep, ProductPlan


@dataclass(frozen=True)
class OfferedStep:
    """A step that can be done now with a population."""

    step: BatchStep
    node: str


@dataclass(frozen=True)
class DoneStep:
    """A step that was done, in words."""

    done: Transformation
    label: str
    took: tuple[tuple[str, str], ...]
    """Each population that was taken from, with its cells, and what was typed for these."""
    made: str
    noted: tuple[tuple[str, str, bool, str], ...]
    """What was noted: label, text with unit, whether it lies outside its limits, what was typed."""
    materials: tuple[tuple[str, str], ...]
    """Each material with its amount, and what was typed for it. Nothing is said of what was typed as it is kept."""
    typed_at: str


@dataclass(frozen=True)
class CountLine:
    """A count: viable and total, viability with its interval, spread of the replicates."""

    node: str
    at: str
    viable: str
    total: str
    viability: str
    cv: str
    method: str
    entry: int
    typed_at: str


def offer_steps(plan: ProductPlan, lot: Lot) -> list[OfferedStep]:
    """Steps that can be done now, in the order of the protocol: the first of them for each population is what is next."""
    if lot.recalls or lot.status in ("rejected", "certified"):
        return []
    line, found = lot.genealogy, []
    for step in plan.steps:
        for node, population in line.populations.items():
            deed = DEEDS[step.does]
            if (
                population.kind not in deed.takes
                or line.is_used_up(node)
                or step.does in ("discard", "formulate")
            ):
                continue
            done = line.steps_behind(node)
            ready = all(name in done or name in lot.skipped for name in step.after)
            fresh = not line.uses.get(node) or not deed.counted
            if ready and fresh and (not deed.counted or node in lot.counts):
                found.append(OfferedStep(step, node))
    return found


def uncounted(lot: Lot) -> list[str]:
    """Populations that nothing can be taken from before they are counted."""
    in_error = {one.entry.data.get("node") for one in lot.annulled}
    return [
        node
        for node, p in lot.genealogy.populations.items()
        if p.kind in ("fraction", "harvest", "pool", "thawed")
        and node not in lot.counts
        and (node in in_error or not lot.genealogy.uses.get(node))
    ]


def done_steps(plan: ProductPlan | None, lot: Lot) -> list[DoneStep]:
    """Every step that was done, in order."""
    return [_done(plan.step(t.step) if plan else None, t) for t in lot.genealogy.transformations]


def _done(step: BatchStep | None, done: Transformation) -> DoneStep:
    known = {p.id: p for p in step.parameters} if step is not None else {}
    noted, typed = [], done.typed
    order = [*known, *(f"{name}_rcf" for name in known)]
    for name in sorted(done.parameters, key=lambda each: order.index(each) if each in order else len(order)):
        text, parameter = done.parameters[name], known.get(name)
        label = parameter.label if parameter else _("Force, by the rotor’s radius")
        unit = parameter.unit if parameter else "g" if name.endswith("_rcf") else ""
        noted.append(
            (label, f"{text} {unit}".strip(), name in done.outside, typed.get(f"parameters.{name}", ""))
        )
    return DoneStep(
        done=done,
        label=step.label if step is not None else done.step,
        took=tuple(
            (
                t.node.partition(".")[2] + (f" ({float(t.cells):.3g})" if t.cells else ""),
                typed.get(f"parents.{n}.cells", ""),
            )
            for n, t in enumerate(done.parents)
        ),
        made=", ".join(child.partition(".")[2] for child in done.children),
        noted=tuple(noted),
        materials=tuple(
            (f"{used.material} {used.amount} {used.unit}", typed.get(f"materials.{n}.amount", ""))
            for n, used in enumerate(done.materials)
        ),
        typed_at=typed.get("clinical_time", ""),
    )


def count_lines(lot: Lot) -> Sequence[CountLine]:
    """Every population's count."""
    lines = []
    for count in lot.counts.values():
        share, cv = estimate_viability(count), compute_count_cv(count)
        lines.append(
            CountLine(
                count.node.partition(".")[2],
                count.at,
                f"{float(count.viable):.3g}",
                f"{float(count.total):.3g}",
                f"{share.estimate:.1%} ({share.lower:.1%} – {share.upper:.1%})",
                "–" if cv is None else f"{cv:.1%}",
                count.method,
                count.entry.sequence,
                count.entry.typed.get("clinical_time", ""),
            )
        )
    return lines
