"""Tracing on the site: from any node back and forward, as a drawing and as a list, with what an inspector asks first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.ledger import Entry, Kind, subject_of
from charcot.product import Lot, fold_lot
from charcot.product.tracing import KINDS, NodeTrace, require_node
from charcot.refusal import Refusal
from charcot.web.frame import address, moment_of, show, view_of, views_of
from charcot.web.product_sight import require_sees_product, seen_node_test
from charcot.web.trace_drawing import draw_trace
from charcot.wiring.looking import TrialView


@dataclass(frozen=True)
class ListedNode:
    """One node in the list: what it is, how it was reached, and by which entry."""

    node: str
    name: str
    how: str
    entry: int
    steps: int
    href: str


@dataclass(frozen=True)
class StepDone:
    """One step of manufacture behind a node: when, what, who did it and who checked."""

    entry: int
    at: str
    step: str
    performer: str
    verifier: str
    outside: tuple[str, ...]


@dataclass(frozen=True)
class LotStanding:
    """A lot behind a node, with its release: outcome, specification, who signed."""

    lot: str
    donor: str
    status: str
    outcome: str
    specification: str
    signed_by: str
    entry: int | None


@require_safe
def trace(request: HttpRequest) -> HttpResponse:
    """A node's past and future; without a node, how to ask for one."""
    require_sees_product(request)
    view = view_of(request)
    asked = request.GET.get("node", "").strip()
    if not asked:
        return show(request, view, "web/trace.html", {"asked": ""}, here="product")
    keeper = views_of(request).traces
    try:
        start = keeper.find(asked, view.head, view.charter)
        seen = seen_node_test(request, view)
        if not seen(start):
            start = require_node(asked, ())
    except Refusal as refusal:
        context = {"asked": asked, "refusal": refusal}
        return show(request, view, "web/trace.html", context, here="product", status=404)
    back = keeper.trace(start, "back", view.head, view.charter)
    forward = keeper.trace(start, "forward", view.head, view.charter)
    as_of = view.head.sequence if moment_of(request) else None
    lots = _lots(view, back, forward)
    recalled = _recalled(keeper.affected, lots, view)

    def where(node: str) -> str:
        return address("trace", as_of=as_of, node=node)

    context = {
        "asked": asked,
        "start": start,
        "kind": say_kind(start.partition("/")[0]),
        "name": start.partition("/")[2],
        "groups": [
            (_("It came from, or was made with"), _listed(back, seen, where)),
            (_("Came of it"), _listed(forward, seen, where)),
        ],
        "hidden": sum(not seen(one.node) for one in (*back.nodes, *forward.nodes)),
        "drawing": draw_trace(back, forward, where, seen, recalled),
        "reached": len(back.nodes) + len(forward.nodes) - 1,
        "lots": [_standing(lot) for lot in lots] if len(lots) <= 5 else [],
        "steps": _steps(lots, back) if len(lots) <= 5 else [],
        "others": _others(keeper.affected, back, start, seen, view),
    }
    return show(request, view, "web/trace.html", context, here="product")


def say_kind(kind: str) -> str:
    """A kind of node in words."""
    return {
        "donor": _("donor"),
        "material": _("material"),
        "equipment": _("equipment"),
        "lot": _("lot"),
        "cells": _("cells"),
        "dose": _("dose"),
        "participant": _("participant"),
        "event": _("adverse event"),
    }.get(kind, kind)


def _listed(
    found: NodeTrace, seen: Callable[[str], bool], where: Callable[[str], str]
) -> list[tuple[str, list[ListedNode]]]:
    """The nodes by kind, each with the edge that it was first reached by."""
    near: dict[str, tuple[str, int]] = {}
    for edge in found.edges:
        reached = edge.child if found.direction == "forward" else edge.parent
        near.setdefault(reached, (edge.how, edge.entry))
    groups = []
    for kind in KINDS:
        nodes = [
            ListedNode(one.node, one.name, *near.get(one.node, ("", 0)), one.steps, where(one.node))
            for one in found.of_kind(kind)
            if seen(one.node)
        ]
        if nodes:
            groups.append((say_kind(kind), nodes))
    return groups


def _lots(view: TrialView, back: NodeTrace, forward: NodeTrace) -> list[Lot]:
    start = {back.start.partition("/")[2]} if back.start.startswith("lot/") else set()
    names = sorted(start | {one.name for one in back.of_kind("lot")}) or sorted(
        one.name for one in forward.of_kind("lot")
    )
    found = []
    for name in names[:50]:
        lot = fold_lot(tuple(view.ledger.entries(subjects=[subject_of("product", name)])))
        if lot is not None:
            found.append(lot)
    return found


def _standing(lot: Lot) -> LotStanding:
    certified = lot.certification
    data = {} if certified is None else certified.data
    signed = data.get("signature") or {}
    return LotStanding(
        lot.id, lot.donor, lot.status, str(data.get("outcome", "")), str(data.get("specification", "")),
        str(signed.get("person", "")), None if certified is None else certified.sequence,
    )  # fmt: skip


def _steps(lots: Sequence[Lot], back: NodeTrace) -> list[StepDone]:
    """The steps that the node's cells went through, by time; all of a lot where the lot itself is asked for."""
    behind = {one.name for one in back.nodes if one.kind == "cells"}
    found = [
        StepDone(
            t.entry, t.at, t.step.replace("_", " "), t.performer.person,
            "" if t.verifier is None else t.verifier.person, t.outside,
        )
        for lot in lots
        for t in lot.genealogy.transformations
        if not behind or behind & {*t.children} or (not t.children and behind & {p.node for p in t.parents})
    ]  # fmt: skip
    return sorted(found, key=lambda step: (step.at, step.entry))


def _others(
    affected: Callable[..., tuple[str, ...]],
    back: NodeTrace,
    start: str,
    seen: Callable[[str], bool],
    view: TrialView,
) -> list[tuple[str, list[str]]]:
    """Who else got anything of the same donors, lots and materials: each of these with the participants."""
    if start.partition("/")[0] not in ("participant", "dose", "event"):
        return []
    own = {one.node for one in back.nodes if one.kind == "participant"} | {start}
    found = []
    for kind in ("donor", "lot", "material"):
        for one in back.of_kind(kind):
            reached = affected(one.node, view.head, view.charter, ("participant",))
            others = [node.partition("/")[2] for node in reached if node not in own and seen(node)]
            found.append((f"{say_kind(kind)} {one.name}", others))
    return found


def _recalled(
    affected: Callable[..., tuple[str, ...]], lots: Sequence[Lot], view: TrialView
) -> frozenset[str]:
    """Everything that came of lots that were recalled."""
    kinds = ("lot", "cells", "dose", "participant")
    return frozenset(
        node
        for lot in lots
        if any(_is_recall(entry) for entry in lot.recalls)
        for node in (f"lot/{lot.id}", *affected(f"lot/{lot.id}", view.head, view.charter, kinds))
    )


def _is_recall(entry: Entry) -> bool:
    return entry.kind is Kind.LOT_RECALLED
