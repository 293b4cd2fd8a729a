"""Signing forms: what waits for a signature by participant and visit, what changed since the last one, and the act."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from charcot.conduct import sign as enter_signature
from charcot.conduct.worklists import list_unsigned
from charcot.datasets.overview import Asked
from charcot.participants import Dossier, FormKey, FormVersion
from charcot.refusal import BadValue, NotAllowed, OutdatedVersion, Refusal
from charcot.web.filling import desktop_of, situation_at
from charcot.web.frame import address, leaf_at, page_of, rows_of, show, sites_of, tell, view_of
from charcot.web.lock_notes import note_of
from charcot.web.signatures import SignatureLine, signature_lines
from charcot.web.signed_in import actor_of, for_who_may, open_trial_of
from charcot.web.visibility import Discretion, discretion_of
from charcot.wiring.drafts import SentAlready
from charcot.wiring.looking import TrialView
from charcot.wiring.signing_in import check_signature

ROWS = 25
"""Participants on one page of those who wait for a signature."""
MOST_ROWS = 500
"""Participants on the page with all of them, which is for paper."""


@dataclass(frozen=True)
class FormToSign:
    """One form that can be signed in the version shown. `lines`: its earlier signatures."""

    version: FormVersion
    title: str
    lines: tuple[SignatureLine, ...]
    queries: int
    ticked: bool
    changed: bool
    """Whether it was saved anew while the page was open."""

    @property
    def name(self) -> str:
        """The form as the page sends it: which, and in which version it was seen."""
        key = self.version.key
        return f"{key.form}|{key.encounter}|{key.instance}|{self.version.version}"


@dataclass(frozen=True)
class VisitToSign:
    """The forms of one visit that can be signed."""

    encounter: str
    instance: int
    label: str
    forms: tuple[FormToSign, ...]
    ticked: bool

    @property
    def name(self) -> str:
        """The visit as the page sends it."""
        return f"{self.encounter}|{self.instance}"


@dataclass(frozen=True)
class WaitingLine:
    """One participant who waits for a signature."""

    participant: str
    visits: tuple[tuple[str, int], ...]
    """Each visit with the number of its forms."""
    forms: int
    broken: int
    unseen: int
    """Forms that the role does not see as a whole, and so does not sign."""


@dataclass(frozen=True)
class Chosen:
    """What was sent: the forms as they were seen, and what was ticked."""

    seen: Mapping[FormKey, int]
    ticked: frozenset[FormKey]
    visits: frozenset[str]
    everything: bool

    def takes(self, key: FormKey) -> bool:
        """Whether a form is to be signed."""
        visit = f"{key.encounter}|{key.instance if key.encounter else 1}"
        return self.everything or key in self.ticked or visit in self.visits


@for_who_may("sign")
@require_safe
def signing(request: HttpRequest) -> HttpResponse:
    """Participants with forms that nobody signed as they stand."""
    view = view_of(request)
    asked = Asked(need="unsigned", sites=sites_of(request))
    rows = rows_of(request, ROWS, MOST_ROWS)
    found, fitting = view.overview.find(asked, (page_of(request) - 1) * rows, rows)
    if not found and fitting:
        found, fitting = view.overview.find(asked, (fitting - 1) // rows * rows, rows)
    discretion = discretion_of(request, view)
    dossiers = [view.dossier(summary.participant) for summary in found]
    context = {
        "lines": [_waiting(dossier, discretion) for dossier in dossiers if dossier is not None],
        "leaf": leaf_at(request, found, fitting, rows, most=MOST_ROWS),
        "locked": note_of(request, view.charter.locked),
    }
    return show(request, view, "web/signing.html", context, here="signing")


def _waiting(dossier: Dossier, discretion: Discretion) -> WaitingLine:
    forms = dossier.study.protocol.forms_by_id
    unsigned = list_unsigned(dossier)
    seen = [v for v in unsigned if discretion.shows(forms.get(v.key.form))]
    visits: dict[str, int] = {}
    for version in seen:
        label = _visit_label(dossier, version.key)
        visits[label] = visits.get(label, 0) + 1
    broken = sum(dossier.signatures.is_broken(v.key) for v in seen)
    return WaitingLine(
        dossier.participant, tuple(visits.items()), len(seen), broken, len(unsigned) - len(seen)
    )


def _visit_label(dossier: Dossier, key: FormKey) -> str:
    where = dossier.study.protocol.encounters_by_id.get(key.encounter)
    label = where.label if where else key.encounter or _("At no visit")
    return f"{label} {key.instance}" if key.encounter and key.instance > 1 else label


@for_who_may("sign")
@sensitive_post_parameters("password", "token")
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, participant: str) -> HttpResponse:
    """The forms of one participant, to be signed one by one, by visit, or as the whole casebook."""
    if request.method != "POST":
        return _page(request, participant, None)
    chosen = _chosen(request)
    try:
        _act(request, participant, chosen)
    except SentAlready:
        return HttpResponseRedirect(address("signing"))
    except Refusal as refusal:
        return _page(request, participant, chosen, refusal)
    return HttpResponseRedirect(address("signing"))


def _act(request: HttpRequest, participant: str, chosen: Chosen) -> None:
    dossier = situation_at(request, participant).dossier
    versions = {key: version for key, version in chosen.seen.items() if chosen.takes(key)}
    if not versions:
        raise BadValue(
            _("No form is ticked."),
            rule=_("Signatures: a signature is on forms, each in the version that was seen"),
            next_step=_("Tick the forms, a visit, or the whole casebook."),
        )
    discretion = discretion_of(request, view_of(request))
    forms = dossier.study.protocol.forms_by_id
    if not all(discretion.shows(forms.get(key.form)) for key in versions):
        raise NotAllowed(
            _("A form holds answers that your role does not see."),
            rule=_("Signatures: nobody signs what they cannot see"),
            next_step=_("Leave it to somebody whose role sees it."),
        )
    meaning = request.POST.get("meaning", "")
    if meaning not in dossier.study.protocol.meanings:
        raise BadValue(
            _("What the signature says is missing."),
            rule=_("Signatures: meanings of the protocol"),
            next_step=_("Choose one of the list."),
            facts={"field": "meaning"},
        )
    with desktop_of(request).sending(request.POST.get("once", "") or secrets.token_hex(16)):
        signature = check_signature(
            request, request.POST.get("password", ""), request.POST.get("token", ""), meaning
        )
        enter_signature(
            open_trial_of(request), actor_of(request), participant=participant, signature=signature, versions=versions
        )  # fmt: skip
    text = ngettext("%(n)s form of %(who)s is signed.", "%(n)s forms of %(who)s are signed.", len(versions))
    tell(request, text % {"n": len(versions), "who": participant})


def _chosen(request: HttpRequest) -> Chosen:
    sent = request.POST
    seen = dict(filter(None, map(_parse_form, sent.getlist("seen")[:5000])))
    ticked = dict(filter(None, map(_parse_form, sent.getlist("form")[:5000])))
    return Chosen(seen | ticked, frozenset(ticked), frozenset(sent.getlist("visit")), "all" in sent)


def _parse_form(text: str) -> tuple[FormKey, int] | None:
    parts = text.split("|")
    if len(parts) != 4 or not all(p.isascii() and p.isdigit() and len(p) < 9 for p in parts[2:]):
        return None
    return FormKey(parts[0], parts[1], int(parts[2])), int(parts[3])


def _page(
    request: HttpRequest, participant: str, chosen: Chosen | None, refusal: Refusal | None = None
) -> HttpResponse:
    situation = situation_at(request, participant)
    dossier, view = situation.dossier, view_of(request)
    discretion = discretion_of(request, view)
    forms = dossier.study.protocol.forms_by_id
    again = request.GET.get("signed") == "1"
    unsigned = list_unsigned(dossier)
    candidates = (
        sorted((v[-1] for v in dossier.casebook.forms.values()), key=lambda v: v.entry.sequence)
        if again
        else unsigned
    )
    able = [version for version in candidates if discretion.shows(forms.get(version.key.form))]
    visits = _by_visit(view, discretion, dossier, able, chosen)
    context: dict[str, Any] = {
        "dossier": dossier,
        "visits": visits,
        "number": len(able),
        "unseen": len(candidates) - len(able),
        "again": again,
        "signed": len(dossier.casebook.forms) - len(unsigned),
        "meanings": dossier.study.protocol.meanings,
        "meaning_chosen": request.POST.get("meaning", ""),
        "everything": chosen is not None and chosen.everything and not isinstance(refusal, OutdatedVersion),
        "locked": note_of(request, dossier.locks.trial),
        "refusal": refusal,
        "once": secrets.token_hex(16),
    }
    crumbs = [
        (_("Participants"), address("participants")),
        (_("To sign"), address("signing")),
        (participant, address("participant", participant)),
    ]
    status = 200 if refusal is None else 400
    return show(request, view, "web/sign.html", context, here="signing", crumbs=crumbs, status=status)


def _by_visit(
    view: TrialView,
    discretion: Discretion,
    dossier: Dossier,
    versions: Sequence[FormVersion],
    chosen: Chosen | None,
) -> list[VisitToSign]:
    order = {encounter.id: place for place, encounter in enumerate(dossier.study.protocol.encounters)}
    grouped: dict[tuple[str, int], list[FormToSign]] = {}
    for version in versions:
        key = version.key
        place = (key.encounter, key.instance if key.encounter else 1)
        grouped.setdefault(place, []).append(_form(view, discretion, dossier, version, chosen))
    found = []
    for (encounter, instance), forms in sorted(
        grouped.items(), key=lambda pair: (order.get(pair[0][0], len(order)), pair[0][1])
    ):
        label = _visit_label(dossier, FormKey("", encounter, instance))
        changed = any(form.changed for form in forms)
        ticked = chosen is not None and f"{encounter}|{instance}" in chosen.visits and not changed
        found.append(VisitToSign(encounter, instance, label, tuple(forms), ticked))
    return found


def _form(
    view: TrialView, discretion: Discretion, dossier: Dossier, version: FormVersion, chosen: Chosen | None
) -> FormToSign:
    key = version.key
    form = dossier.study.protocol.forms_by_id[key.form]
    seen = None if chosen is None else chosen.seen.get(key)
    changed = seen is not None and seen != version.version
    return FormToSign(
        version,
        f"{form.title} {key.instance}" if key.instance > 1 and not key.encounter else form.title,
        tuple(signature_lines(view.nobody, discretion, dossier, key)),
        sum(query.is_pending and query.key == key for query in dossier.queries),
        chosen is not None and chosen.takes(key) and not changed,
        changed,
    )
