"""Tracing on the site: from any node back and forward, as a drawing and in layers, with what an inspector asks first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.ledger import Kind, subject_of
from charcot.product import Lot, fold_lot
from charcot.product.tracing import KINDS, Direction, NodeTrace, Reach, require_node
from charcot.refusal import Refusal
from charcot.web.frame import address, moment_of, show, view_of, views_of
from charcot.web.product_sight import require_sees_product, seen_node_test
from charcot.web.trace_drawing import draw_trace
from charcot.web.trace_path import MEANS, find_path
from charcot.wiring.looking import TrialView
from charcot.wiring.traces import WAYS, TraceKeeper

MOST_WHOLE = 500
"""Where more is reached it is counted, and listed a page at a time."""
PAGE = 100
MOST_LOTS, MOST_FOLDED = 5, 50
"""Lots whose release and steps are shown, and lots that are looked at for recalls."""


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


@dataclass(frozen=True)
class CountedKind:
    """A kind of which there is much: how many, a page of names with addresses, and where the next page is."""

    kind: str
    many: int
    names: tuple[tuple[str, str], ...]
    following: str


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
    reaches = {way: keeper.reach(start, way, view.head, view.charter) for way in WAYS}
    asking = Asking(request, view, keeper, start, seen, reaches)
    reached = sum(sum(reach.counts().values()) for reach in reaches.values())
    lots = asking.lots()
    context = {
        "asked": asked,
        "start": start,
        "kind": say_kind(start.partition("/")[0]),
        "name": start.partition("/")[2],
        "reached": reached,
        "lots": [_standing(lot) for lot in lots] if len(lots) <= MOST_LOTS else [],
        "concerned": asking.concerned(),
        "others": asking.others(),
        **(asking.whole(lots) if reached <= MOST_WHOLE else asking.counted()),
    }
    return show(request, view, "web/trace.html", context, here="product")


@dataclass(frozen=True)
class Asking:
    """Who asks for which node, and what answers."""

    request: HttpRequest
    view: TrialView
    keeper: TraceKeeper
    start: str
    seen: Callable[[str], bool]
    reaches: Mapping[Direction, Reach]

    def where(self, node: str, **query: str) -> str:
        """The address of a node's trace, as far back as this page looks."""
        as_of = self.view.head.sequence if moment_of(self.request) else None
        return address("trace", as_of=as_of, node=node, **query)

    def names(self, way: Direction, kind: str, after: str = "", most: int | None = None) -> tuple[str, ...]:
        """The names of a kind before or after the node."""
        return self.reaches[way].page(kind, after, most)

    def forward_of(self, node: str) -> Reach:
        """Everything that came of another node."""
        return self.keeper.reach(node, "forward", self.view.head, self.view.charter)

    def whole(self, lots: Sequence[Lot]) -> dict[str, object]:
        """Every node in its layer, and the drawing."""
        back, forward = (
            self.keeper.trace(self.start, way, self.view.head, self.view.charter)[0] for way in WAYS
        )
        populations = {node: kept for lot in lots for node, kept in lot.genealogy.populations.items()}

        def say(node: str) -> str:
            kind, _slash, name = node.partition("/")
            kept = populations.get(name) if kind == "cells" else None
            if kept is None:
                return say_kind(kind)
            return say_cells(kept.kind) if kept.passage is None else f"{say_cells(kept.kind)} P{kept.passage}"

        path = find_path(
            back, forward, address=self.where, seen=self.seen, say=say, recalled=self._recalled(lots)
        )
        return {
            "path": path,
            "hidden": sum(not self.seen(one.node) for one in (*back.nodes, *forward.nodes)),
            "drawing": draw_trace(path),
            "steps": _steps(lots, back) if len(lots) <= MOST_LOTS else [],
        }

    def counted(self) -> dict[str, object]:
        """How many of each kind, and a page of each; the next page of one kind begins after a name."""
        way, _colon, kind = self.request.GET.get("kind", "").partition(":")
        after = self.request.GET.get("after", "") if kind in KINDS else ""
        heads: dict[Direction, str] = {
            "back": _("It came from, or was made with"),
            "forward": _("Came of it"),
        }
        groups = []
        for each, reach in self.reaches.items():
            kinds = []
            for one, many in reach.counts().items():
                begins = after if (each, one) == (way, kind) else ""
                names = self.names(each, one, begins, PAGE + 1)
                following = (
                    self.where(self.start, kind=f"{each}:{one}", after=names[PAGE - 1])
                    if names[PAGE:]
                    else ""
                )
                shown = tuple(
                    (name, self.where(f"{one}/{name}")) for name in names[:PAGE] if self.seen(f"{one}/{name}")
                )
                kinds.append(CountedKind(say_kind(one), many, shown, following))
            groups.append((heads[each], kinds))
        return {"groups": groups}

    def lots(self) -> list[Lot]:
        """The lots that the node came of, or is, or that came of it."""
        kind, _slash, name = self.start.partition("/")
        names = [name] if kind == "lot" else list(self.names("back", "lot", most=MOST_FOLDED))
        names = names or list(self.names("forward", "lot", most=MOST_FOLDED))
        if not names:  # a material or an instrument leads to cells of lots
            names = list(self.reaches["forward"].concerned()["lot"][:MOST_FOLDED])
        folded = (
            fold_lot(tuple(self.view.ledger.entries(subjects=[subject_of("product", one)]))) for one in names
        )
        return [lot for lot in folded if lot is not None]

    def concerned(self) -> list[tuple[str, str]]:
        """All lots of which cells came of the node, with their addresses, where there are too many for their release."""
        lots = self.reaches["forward"].concerned()["lot"]
        seen = [(lot, self.where(f"lot/{lot}")) for lot in lots if self.seen(f"lot/{lot}")]
        return seen if len(lots) > MOST_LOTS else []

    def others(self) -> list[tuple[str, str, list[str], int]]:
        """Who else got anything of the same donors, lots and materials: each of these, its address, who, how many more."""
        if self.start.partition("/")[0] not in ("participant", "dose", "event"):
            return []
        own = {name for way in WAYS for name in self.names(way, "participant")} | {
            self.start.partition("/")[2]
        }
        found = []
        for kind in ("donor", "lot", "material"):
            for one in self.names("back", kind):
                node = f"{kind}/{one}"
                others = [
                    name
                    for name in self.forward_of(node).page("participant")
                    if name not in own and self.seen(f"participant/{name}")
                ]
                more = max(0, len(others) - PAGE)
                found.append((f"{say_kind(kind)} {one}", self.where(node), others[:PAGE], more))
        return found

    def _recalled(self, lots: Sequence[Lot]) -> frozenset[str]:
        """Everything that came of lots that were recalled."""
        return frozenset(
            f"{kind}/{name}"
            for lot in lots
            if any(entry.kind is Kind.LOT_RECALLED for entry in lot.recalls)
            for kind, names in {"lot": [lot.id], **self.forward_of(f"lot/{lot.id}").names}.items()
            if kind in ("lot", "cells", "dose", "participant")
            for name in names
        )


def say_kind(kind: str) -> str:
    """A kind of node in words."""
    return {
        "donor": _("donor"),
        "reaction": _("reaction of the donor"),
        "material": _("material"),
        "equipment": _("equipment"),
        "lot": _("lot"),
        "cells": _("cells"),
        "dose": _("dose"),
        "participant": _("participant"),
        "event": _("adverse event"),
    }.get(kind, kind)


def say_cells(kind: str) -> str:
    """A kind of cell population in words."""
    return {
        "tissue": _("tissue"),
        "fraction": _("fraction"),
        "vessel": _("vessels"),
        "harvest": _("harvest"),
        "pool": _("pool"),
        "vial": _("vials"),
        "thawed": _("thawed cells"),
        "sample": _("sample"),
        "dose": _("cells of the dose"),
    }.get(kind, kind)


def _standing(lot: Lot) -> LotStanding:
    certified = lot.certification
    data = {} if certified is None else certified.data
    signed = data.get("signature") or {}
    return LotStanding(
        lot.id, lot.donor, lot.status, str(data.get("outcome", "")), str(data.get("specification", "")),
        str(signed.get("person", "")), None if certified is None else certified.sequence,
    )  # fmt: skip


def _steps(lots: Sequence[Lot], back: NodeTrace) -> list[StepDone]:
    """The steps that the node's cells went through, by time; all where a lot is asked for, those that used a material."""
    kind, _slash, name = back.start.partition("/")
    behind = {one.name for one in back.nodes if one.kind == "cells"}
    found = [
        StepDone(
            t.entry, t.at, t.step.replace("_", " "), t.performer.person,
            "" if t.verifier is None else t.verifier.person, t.outside,
        )
        for lot in lots
        for t in lot.genealogy.transformations
        if kind not in MEANS or name in (*t.equipment, *(used.material for used in t.materials))
        if not behind or behind & {*t.children} or (not t.children and behind & {p.node for p in t.parents})
    ]  # fmt: skip
    return sorted(found, key=lambda step: (step.at, step.entry))
