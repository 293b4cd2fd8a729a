"""Pages of the product: what is next by lot, a donor, materials and equipment, a lot with its batch record, a dose, recalls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.conduct.annul import OF_A_DOSE
from charcot.product import (
    DoseCourse,
    Lot,
    compute_cumulative_doublings,
    compute_hours,
    list_balances,
    list_growth,
    standing_verdict,
)
from charcot.product.donor_reactions import DonorReaction
from charcot.refusal import NotAllowed
from charcot.web.batch_record import count_lines, done_steps, offer_steps, uncounted
from charcot.web.frame import address, may_of, seen_by, sees_any, show, view_of
from charcot.web.genealogy_drawing import draw_genealogy
from charcot.web.growth_drawing import draw_growth
from charcot.web.product_acts import ACTS, MAY, may_offer
from charcot.web.product_sight import require_sees_product, seen_product, sees_product
from charcot.web.reaction_fields import say_outcome, say_severity
from charcot.web.signed_in import sees_of, signed_in_of
from charcot.wiring.looking import TrialView
from charcot.wiring.products import ProductRecord, told_about

_NEXT_OF_DOSE = {
    "prescribed": ("prepare_dose",),
    "prepared": ("print_labels", "reconcile_labels"),
    "labelled": ("issue_dose",),
    "issued": ("hand_over_dose",),
    "on the way": ("receive_dose",),
    "received": ("check_bedside", "hand_over_dose"),
}
"""What is next with a dose, by where it stands."""


@dataclass(frozen=True)
class Offer:
    """An act that can be done from a page."""

    label: str
    href: str
    main: bool = False


def words_of() -> Mapping[str, str]:
    """The name of each act, as a button says it."""
    return {
        "register_donor": _("Register a donor"), "consent_donor": _("Donor’s consent"), "screen_donor": _("Screen the donor"),
        "record_donor_test": _("Enter a donor’s test"), "decide_donor": _("Decide about the donor"), "report_donor_reaction": _("Reaction of the donor"), "follow_donor_reaction": _("Follow the donor’s reaction"),
        "receive_material": _("Receive material"), "release_material": _("Release material"), "recall_material": _("Recall material"),
        "calibrate": _("Calibration"), "move_vial": _("Move a vial"), "report_storage_excursion": _("Too warm in storage"), "procure": _("Take tissue"), "count_cells": _("Count cells"), "request_test": _("Request a test"),
        "result_test": _("Enter a result"), "review_test": _("Review a result"), "report_product_deviation": _("Deviation in manufacture"),
        "assess_product_deviation": _("Assess the deviation"), "close_product_deviation": _("Close the deviation"), "annul_product_entry": _("Entered in error"), "certify": _("Certify or reject"), "prescribe_dose": _("Prescribe a dose"),
        "prepare_dose": _("Prepare the dose"), "print_labels": _("Print labels"), "reconcile_labels": _("Reconcile labels"), "issue_dose": _("Issue the dose"),
        "hand_over_dose": _("Hand the dose over"), "receive_dose": _("Receive the dose"), "check_bedside": _("Check at the bedside"),
        "end_dose": _("End the dose"), "open_recall": _("Open a recall"), "notify_recall": _("Record who was told"), "close_recall": _("Close the recall"),
    }  # fmt: skip


def offers(request: HttpRequest, acts: Sequence[str], main: str = "", **about: str) -> list[Offer]:
    """Those of the acts that who is signed in may do, as links; none when looking back."""
    said = words_of()
    return [
        Offer(said[act], address("product_act", act, as_of=None, **about), act == main)
        for act in acts
        if act in ACTS and may_offer(request, act)
    ]


def require_near(request: HttpRequest) -> None:
    """Raises NotAllowed unless the role sees the product, or has a hand in it."""
    signed_in = signed_in_of(request)
    if not sees_product(request) and (signed_in is None or not signed_in.may & set(MAY)):
        raise NotAllowed(
            _("Your role does not see the laboratory's record of the product."),
            rule=_("Visibility: product"),
            next_step=_("Ask somebody whose role sees it."),
        )


def plan_shown(view: TrialView) -> bool:
    """Whether the trial follows a product."""
    return view.is_prepared and view.nobody.protocol.product is not None


def next_of_lot(record: ProductRecord, view: TrialView, lot: Lot) -> str:
    """What is next with a lot, in a few words."""
    plan = view.nobody.protocol.product
    if lot.status in ("recalled", "rejected"):
        return _("Nothing more is made from it.")
    grave = [d for d in lot.deviations if d.is_open and d.severity != "minor"]
    if grave:
        waiting = [d.id for d in grave if d.assessed is None]
        said = _("Assess the deviation %(ids)s.") if waiting else _("Close the deviation %(ids)s.")
        return said % {"ids": ", ".join(waiting or [d.id for d in grave])}
    if lot.is_certified:
        open_doses = [d for d in record.doses_of_lot(lot.id) if d.infused is None and d.ended is None]
        return (
            _("Dose %(dose)s: %(status)s.") % {"dose": open_doses[0].id, "status": open_doses[0].status}
            if open_doses
            else _("Nothing is due.")
        )
    waiting = uncounted(lot)
    if waiting:
        return _("Count %(node)s.") % {"node": waiting[0].partition(".")[2]}
    results = [t for t in lot.tests if t.state != "reviewed"]
    if results and not [t for t in results if t.state == "running"]:
        return _("Review %(n)d results.") % {"n": len(results)}
    steps = offer_steps(plan, lot) if plan else []
    if steps:
        return _("%(step)s of %(node)s.") % {
            "step": steps[0].step.label,
            "node": steps[0].node.partition(".")[2],
        }
    return _("Test and certify.")


@require_safe
def product(request: HttpRequest) -> HttpResponse:
    """The product at a glance: lots with what is next, donors, doses."""
    require_near(request)
    view = view_of(request)
    record = seen_product(request, view)
    laboratory = sees_product(request)
    context = {
        "follows": plan_shown(view),
        "laboratory": laboratory,
        "lots": [(lot, next_of_lot(record, view, lot)) for lot in reversed(list(record.lots.values()))] if laboratory else [],
        "donors": list(reversed(list(record.donors.values()))),
        "known": record.donors.keys(),
        "doses": list(reversed(list(record.doses.values()))),
        "recalls": [r for r in record.recalls.values() if r.closed is None],
        "alarms": [(lot, d) for lot in record.lots.values() for d in lot.deviations if d.is_open and d.severity == "critical"],
        "offers": offers(request, ("register_donor", "procure", "receive_material", "prescribe_dose", "open_recall")),
    }  # fmt: skip
    return show(request, view, "web/product.html", context, here="product")


@require_safe
def donor(request: HttpRequest, donor: str) -> HttpResponse:
    """One donor by code: consent, screening, tests with their windows, decision, reactions, lots."""
    require_near(request)
    view = view_of(request)
    record = seen_product(request, view)
    found = record.donors.get(donor)
    plan = view.nobody.protocol.product
    if found is None or plan is None:
        raise Http404
    related = found.related if "donor_identity" in sees_of(request) else None
    if related is not None and not seen_by(request, view)(related):
        related = None
    next_acts = {
        "registered": "consent_donor", "consented": "screen_donor", "screened": "record_donor_test", "tested": "decide_donor", "eligible": "procure",
        "eligible by exception": "procure",
    }  # fmt: skip
    tested = {result.test for result in found.results}
    missing = [t for t in plan.donor.tests if t.required and t.id not in tested]
    main = (
        "record_donor_test"
        if found.status in ("screened", "tested") and missing
        else next_acts.get(found.status, "")
    )
    acts = (
        "consent_donor",
        "screen_donor",
        "record_donor_test",
        "decide_donor",
        "procure",
        "report_donor_reaction",
    )
    context = {
        "donor": found,
        "related": related,
        "tests": [(t, [r for r in found.results if r.test == t.id]) for t in plan.donor.tests],
        "lots": record.lots_of_donor(donor),
        "offers": offers(request, acts, main, donor=donor),
        "reactions": [reaction_line(request, one) for one in found.reactions],
        "open_reactions": found.open_reactions,
        "may_annul": may_offer(request, "annul_product_entry"),
    }
    return show(
        request, view, "web/donor.html", context, here="product", crumbs=[(_("Product"), address("product"))]
    )


def reaction_line(request: HttpRequest, one: DonorReaction) -> dict[str, Any]:
    """A reaction as the donor's page shows it: every look at it, the outcome in words, and how to go on."""
    looks = [(e, say_severity(e.data["severity"]), say_outcome(e.data["outcome"]), e.data.get("found") or e.data["description"])
             for e in (one.reported, *one.followed)]  # fmt: skip
    go_on = (
        offers(request, ("follow_donor_reaction",), donor=one.donor, reaction=one.id)
        if one.resolved is None
        else []
    )
    return {"reaction": one, "looks": looks, "last": one.last.sequence, "offers": go_on, "outcome": say_outcome(one.outcome)}  # fmt: skip


@require_safe
def materials(request: HttpRequest) -> HttpResponse:
    """Deliveries of material with what is left, and equipment with its calibration."""
    require_sees_product(request)
    view = view_of(request)
    record = seen_product(request, view)
    today = view.now.date()
    plan = view.nobody.protocol.product
    names = {m.id: m.label for m in plan.materials} if plan else {}
    context = {
        "materials": [(m, names.get(m.material, m.material), m.status_on(today)) for m in reversed(list(record.materials.values()))],
        "equipment": [(e, e.is_calibrated_on(today)) for e in record.equipment.values()],
        "offers": offers(request, ("receive_material", "release_material", "calibrate", "recall_material"), "receive_material"),
    }  # fmt: skip
    crumbs = [(_("Product"), address("product"))]
    return show(request, view, "web/materials.html", context, here="product", crumbs=crumbs)


@require_safe
def lot(request: HttpRequest, lot: str) -> HttpResponse:
    """One lot: what is next, its culture, batch record, counts and growth, tests and release, deviations, doses."""
    require_sees_product(request)
    view = view_of(request)
    record = seen_product(request, view)
    found = record.lots.get(lot)
    if found is None:
        raise Http404
    protocol = view.nobody.protocol
    context = {
        "lot": found,
        "next": next_of_lot(record, view, found),
        "steps": _offered(request, view, found),
        "drawing": draw_genealogy(found),
        "done": done_steps(protocol.product, found),
        "counts": count_lines(found),
        "growth": compute_cumulative_doublings(list_growth(found)),
        "curve": draw_growth(record.lots.values(), lot),
        "balances": list_balances(found),
        "tests": [(line, standing_verdict(found, line.id), [t for t in found.tests if t.test == line.id]) for line in protocol.release_specification if line.item and line.stage != "Donor"],
        "may_result": may_offer(request, "result_test"),
        "may_annul": may_offer(request, "annul_product_entry"),
        "may_close": may_offer(request, "close_product_deviation"),
        "doses": record.doses_of_lot(lot),
        "knows_donor": found.donor in record.donors,
        "identities": _identities(view, found),
        "offers": offers(request, ("count_cells", "request_test", "report_product_deviation", "open_recall"), lot=lot),
        "certify": offers(request, ("certify",), lot=lot) if found.status not in ("certified", "rejected", "recalled") else [],
    }  # fmt: skip
    crumbs = [(_("Product"), address("product"))]
    return show(request, view, "web/lot.html", context, here="product", crumbs=crumbs)


def _offered(request: HttpRequest, view: TrialView, lot: Lot) -> list[Offer]:
    plan = view.nobody.protocol.product
    if plan is None or not may_offer(request, "process"):
        return []
    waiting = [
        Offer(_("Count %(node)s") % {"node": node.partition(".")[2]}, address("product_act", "count_cells", lot=lot.id, node=node), True)
        for node in uncounted(lot)
    ]  # fmt: skip
    return waiting + [
        Offer(
            f"{o.step.label}: {o.node.partition('.')[2]}",
            address("product_act", "process", lot=lot.id, step=o.step.id, node=o.node),
            o.step.does != "sample",
        )
        for o in offer_steps(plan, lot)
    ]


def _identities(view: TrialView, lot: Lot) -> list[tuple[str, str]]:
    plan, certified = view.nobody.protocol.product, lot.certification
    if plan is None or certified is None:
        return []
    found: Mapping[str, str] = certified.data.get("identities", {})
    return [(definition.label, found.get(definition.id, "NOT ASSESSABLE")) for definition in plan.identities]


@require_safe
def dose(request: HttpRequest, dose: str) -> HttpResponse:
    """One dose: prescription, preparation, label, custody, bedside, infusion, and what is next."""
    require_near(request)
    view = view_of(request)
    record = seen_product(request, view)
    found = record.doses.get(dose)
    if found is None:
        raise Http404
    next_acts = _NEXT_OF_DOSE.get(found.status, ())
    if found.status == "prepared" and found.labels is not None:
        next_acts = ("reconcile_labels", "print_labels")
    rest = ("end_dose",) if found.prepared is not None and found.ended is None else ()
    context = {
        "dose": found,
        "facts": _dose_facts(found),
        "last": found.entries[-1].sequence
        if found.entries[-1].kind in OF_A_DOSE and may_offer(request, "annul_product_entry")
        else 0,
        "label": _label(view, found),
        "offers": offers(
            request, (*next_acts, *rest), next_acts[0] if next_acts else "", dose=dose, lot=found.lot or ""
        ),
        "infuse": _infusion_address(request, view, found),
        "ratio": _ratio(found),
        "hours": _hours(record, found),
    }
    crumbs = [(_("Product"), address("product"))]
    return show(request, view, "web/dose.html", context, here="product", crumbs=crumbs)


def _dose_facts(course: DoseCourse) -> list[tuple[str, Any, str | None]]:
    """Everything that happened to a dose, by entry; with what was entered in error, and why."""
    reasons = {one.entry.sequence: one.by.reason for one in course.annulled}
    entries = sorted([*course.entries, *(one.entry for one in course.annulled)], key=lambda e: e.sequence)
    return [(e.kind.replace("_", " "), e, reasons.get(e.sequence)) for e in entries]


def _label(view: TrialView, course: DoseCourse) -> dict[str, str]:
    if course.labels is not None:
        return dict(course.labels.data["text"])
    return {}


def _infusion_address(request: HttpRequest, view: TrialView, course: DoseCourse) -> str:
    """Where the infusion is recorded, once wristband and bag were checked."""
    if course.status != "identity verified" or "infuse" not in may_of(request):
        return ""
    for plan in view.nobody.protocol.interventions:
        if plan.id == course.prescribed.data["intervention"]:
            return address("fill", course.participant, plan.form, plan.encounter, 1)
    return ""


def _ratio(course: DoseCourse) -> str:
    if course.infused is None or not course.planned:
        return ""
    return f"{float(course.infused.data['given']) / float(course.planned):.3f}"


def _hours(record: ProductRecord, course: DoseCourse) -> str:
    """Hours from the harvest that a dose was made from to its infusion."""
    lot = record.lots.get(course.lot or "")
    if lot is None or course.infused is None or course.prepared is None:
        return ""
    harvest = lot.genealogy.populations.get(course.prepared.data["from"])
    return (
        "" if harvest is None else f"{compute_hours(harvest.began, course.infused.clinical_time or ''):.1f}"
    )


@require_safe
def recalls(request: HttpRequest) -> HttpResponse:
    """Every recall, who was told and who was not."""
    require_near(request)
    view = view_of(request)
    record = seen_product(request, view)
    seen = sees_any(request, view)
    lines = []
    for one in reversed(list(record.recalls.values())):
        told = [(whom, entry) for whom, entry in one.told if seen(told_about(view, whom))]
        acts = offers(request, ("notify_recall", "close_recall"), recall=one.id) if one.closed is None else []
        lines.append((one, told, len(one.told) - len(told), acts))
    context = {"recalls": lines, "offers": offers(request, ("open_recall",), "open_recall")}
    crumbs = [(_("Product"), address("product"))]
    return show(request, view, "web/recalls.html", context, here="product", crumbs=crumbs)


__all__ = ["donor", "dose", "lot", "materials", "product", "recalls"]
