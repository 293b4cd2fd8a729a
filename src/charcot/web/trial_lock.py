"""The lock of the whole trial: what remains before it, the signed act, its receipt and statement, and its opening."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from charcot.conduct import Trial
from charcot.conduct import lock as enter_lock
from charcot.conduct import unlock as enter_unlock
from charcot.conduct.lock import LOCKING
from charcot.conduct.worklists import list_missing, list_pending, list_unsigned, list_unverified
from charcot.datasets.overview import Asked
from charcot.datasets.summary import ParticipantSummary
from charcot.ledger import Entry, Kind, Receipt
from charcot.participants import FormKey
from charcot.protocol import Protocol
from charcot.refusal import BadValue, NotAllowed, ReasonMissing, Refusal
from charcot.report.lock_statement import LockStatement, list_remaining_words, render_lock_statement
from charcot.web.act_pages import ActField, ActPage
from charcot.web.acting import run_act
from charcot.web.frame import ALONE, address, leaf_of, show, sites_of, tell, view_of, views_of
from charcot.web.plain_words import require_words
from charcot.web.signatures import say_method
from charcot.web.signed_in import actor_of, for_who_may, open_trial_of, present_of
from charcot.wiring.looking import TrialView
from charcot.wiring.signing_in import check_signature

ROWS = 30
LONGEST_STATEMENT = 4000
"""Participants on one page of what remains."""


@dataclass(frozen=True)
class Remains:
    """One thing that is not finished, and where it is."""

    kind: str
    words: str
    href: str


@for_who_may("lock")
@sensitive_post_parameters("password", "token")
@require_http_methods(["GET", "HEAD", "POST"])
def lock_trial(request: HttpRequest) -> HttpResponse:
    """What remains, and the signed lock of the whole record."""
    _require_every_site(request)
    if request.method != "POST":
        return _page(request)
    given = {name: request.POST.get(name, "").strip() for name in ("statement", "reason")}
    labels = {"statement": _("The statement"), "reason": _("The reason")}
    try:
        for name, label in labels.items():
            require_words(given[name], name, label, LONGEST_STATEMENT)
        if not given["statement"]:
            raise BadValue(
                _("The statement is missing."),
                rule=_("Locks: the lock of a trial says what is locked, and for what"),
                next_step=_("Write it in a sentence or two."),
            )
        if not given["reason"] and _remaining(view_of(request)):
            raise ReasonMissing(
                _("Something remains, and no reason is given for locking all the same."),
                rule=_(
                    "Locks: a trial is locked when its record is complete, questioned, verified and signed"
                ),
                next_step=_("Finish what is listed, or say why the trial is locked all the same."),
            )
        signature = check_signature(
            request, request.POST.get("password", ""), request.POST.get("token", ""), LOCKING
        )
        (entry,) = enter_lock(
            open_trial_of(request), actor_of(request), scope="trial", signature=signature,
            statement=given["statement"], reason=given["reason"] or None,
        )  # fmt: skip
    except Refusal as refusal:
        return _page(request, given, refusal)
    tell(request, _("The trial is locked. Keep the receipt outside this computer."))
    return HttpResponseRedirect(address("lock_receipt", entry.sequence))


def _page(
    request: HttpRequest, given: dict[str, str] | None = None, refusal: Refusal | None = None
) -> HttpResponse:
    view = view_of(request)
    left = _remaining(view)
    leaf = leaf_of(request, left, ROWS)
    counts = view.overview.count()
    context = {
        "counts": counts,
        "missing": counts.overdue_forms + counts.incomplete,
        "remains": bool(left),
        "leaf": leaf,
        "lines": [(s.participant, list(_of_participant(view, s.participant))) for s in leaf.rows],
        "given": given or {},
        "refusal": refusal,
        "meaning": LOCKING,
        "held": view.charter.locked,
    }
    crumbs = [(_("Record"), address("record")), (_("Locks"), address("locks"))]
    status = 200 if refusal is None else 400
    return show(request, view, "web/lock_trial.html", context, here="locks", crumbs=crumbs, status=status)


def _remaining(view: TrialView) -> list[ParticipantSummary]:
    """Those of whom something is not finished, out of the summaries."""
    everybody = view.overview.find(Asked())[0]
    return [
        s
        for s in everybody
        if s.queries or s.unsigned or s.unverified or s.incomplete
        or any(visit.missing and visit.status_at(view.now) == "overdue" for visit in s.visits)
    ]  # fmt: skip


def _of_participant(view: TrialView, participant: str) -> Iterator[Remains]:
    dossier = view.dossier(participant)
    if dossier is None:
        return
    protocol = dossier.study.protocol

    def form_line(kind: str, key: FormKey) -> Remains:
        where = address("form", participant, key.form, key.encounter or ALONE, key.instance)
        return Remains(kind, _say_form(protocol, key), where)

    for query in list_pending(dossier):
        line = form_line(_("query %(id)s, not closed") % {"id": query.id}, query.key)
        yield line
    for version in list_unsigned(dossier):
        yield form_line(_("not signed"), version.key)
    for missing in list_missing(dossier, view.visits(participant)):
        href = (
            address("visit", participant, missing.encounter)
            if missing.encounter
            else address("participant", participant)
        )
        kind = _("incomplete") if missing.fields else _("missing")
        yield Remains(kind, _say_form(protocol, FormKey(missing.form, missing.encounter, 1)), href)
    for due in list_unverified(dossier):
        yield form_line(_("not verified"), due.version.key)


def _say_form(protocol: Protocol, key: FormKey) -> str:
    form, where = protocol.forms_by_id.get(key.form), protocol.encounters_by_id.get(key.encounter)
    title = form.title if form else key.form
    number = f" {key.instance}" if key.instance > 1 else ""
    return f"{title}{number}, {where.label}" if where else f"{title}{number}"


@require_safe
def lock_receipt(request: HttpRequest, sequence: int) -> HttpResponse:
    """What was locked when, with the receipt to be kept elsewhere; made to be printed."""
    _require_every_site(request)
    view = view_of(request)
    statement = _statement(request, sequence)
    entry = statement.entry
    role = statement.protocol.role(entry.actor.role)
    held = view.charter.locked
    context = {
        "statement": statement,
        "entry": entry,
        "role": role.label if role else entry.actor.role,
        "how": say_method(entry.data["signature"]["method"]),
        "remaining": list_remaining_words(statement),
        "holds": held is not None and held.sequence == sequence,
    }
    crumbs = [(_("Record"), address("record")), (_("Locks"), address("locks"))]
    return show(request, view, "web/lock_receipt.html", context, here="locks", crumbs=crumbs)


@require_safe
def lock_statement(request: HttpRequest, sequence: int) -> HttpResponse:
    """The signed statement of a lock as PDF."""
    _require_every_site(request)
    response = HttpResponse(
        render_lock_statement(_statement(request, sequence)), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'inline; filename="lock-{sequence}.pdf"'
    return response


def _statement(request: HttpRequest, sequence: int) -> LockStatement:
    """What the lock that an entry made says, from the record as it was then."""
    now = view_of(request)
    if not 0 < sequence <= now.head.sequence:
        raise Http404
    view = views_of(request).at(str(sequence))
    entry = next(iter(view.ledger.entries(after=sequence - 1, until=sequence)), None)
    if entry is None or entry.kind is not Kind.LOCKED or entry.data["scope"] != "trial":
        raise Http404
    at = view.charter.site_time(datetime.fromisoformat(entry.recorded_at))
    active = view.charter.ruling_on(at.date())
    return LockStatement(
        protocol=active.study.protocol,
        version=active.version,
        entry=entry,
        at=at,
        zone=view.charter.zone.key,
        purpose=view.charter.purpose,
        after=Receipt(view.charter.trial, entry.sequence, entry.hash),
        counts=view.overview.count(),
    )


@for_who_may("unlock")
@require_http_methods(["GET", "HEAD", "POST"])
def unlock_trial(request: HttpRequest) -> HttpResponse:
    """Opens the record again, with the reason."""
    _require_every_site(request)
    held: Entry | None = view_of(request).charter.locked
    if held is None and request.method != "POST":
        raise Http404
    charter, today = present_of(request)
    openers = [r.label for r in charter.ruling_on(today).study.protocol.roles if "unlock" in r.may]
    page = ActPage(
        "unlock", _("Unlock the trial"),
        _("The lock and its signed statement stay in the record, and so does this reason. No signature of a form is cancelled. Unlocked by: %(who)s.") % {"who": ", ".join(openers)},
        [ActField("reason", _("Reason"), "long")], _("Unlock the trial"), _("From then on, the record can be changed again."),
    )  # fmt: skip

    def do(trial: Trial, values: dict[str, Any]) -> str:
        enter_unlock(trial, actor_of(request), scope="trial", **values)
        return address("locks")

    crumbs = [(_("Record"), address("record")), (_("Locks"), address("locks"))]
    return run_act(request, page, crumbs, do)


def _require_every_site(request: HttpRequest) -> None:
    if sites_of(request) is not None:
        raise NotAllowed(
            _("Your role is bound to a site; this is about every site."),
            rule=_("Sites: what concerns the whole trial is done in a role that holds at every site"),
            next_step=_("Ask somebody whose role is not bound to a site."),
        )
