"""Source verification: what the sampling plan asks to be compared with its source, how far that is, and verifying it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from charcot.conduct import verify_source, withdraw_verification
from charcot.datasets.overview import Asked
from charcot.participants import Dossier, FormKey, FormVersion, VerificationDue, items_on, list_verification
from charcot.refusal import BadValue, Refusal
from charcot.web.casebook import show_form
from charcot.web.filling import desktop_of, situation_at
from charcot.web.frame import (
    ALONE,
    address,
    leaf_at,
    may_of,
    page_of,
    rows_of,
    show,
    sites_of,
    tell,
    view_of,
)
from charcot.web.query_acts import ActOutcome, require_typed, sent_once, typed_in
from charcot.web.query_lines import TypedWords
from charcot.web.signed_in import actor_of, for_who_may, open_trial_of, signed_in_of
from charcot.web.verification_marks import FormAgainstSource, VerificationMark, marks_of, say_verification
from charcot.web.visibility import Discretion, discretion_of
from charcot.wiring.drafts import SentAlready
from charcot.wiring.looking import TrialView

ROWS = 20
"""Participants on one page."""
MOST_ROWS = 500
"""Participants on the page with all of them, which is for paper."""


@dataclass(frozen=True)
class DueLine:
    """One form that is to be verified, as whoever looks may see it."""

    due: VerificationDue
    title: str
    visit: str
    stands: FormAgainstSource
    items: tuple[str, ...]
    """The items that the plan asks for and they may see, not verified yet."""
    unseen: int
    """How many of the items that the plan asks for they may not see."""
    verified: int
    can: bool

    @property
    def version(self) -> FormVersion:
        """The newest version of the form."""
        return self.due.version

    @property
    def encounter(self) -> str:
        """Its encounter as it stands in addresses."""
        return self.version.key.encounter or ALONE

    @property
    def pick(self) -> str:
        """The version of the form, by a name."""
        key = self.version.key
        return f"{self.due.participant}/{key.form}/{self.encounter}/{key.instance}/{self.version.version}"


@require_http_methods(["GET", "HEAD", "POST"])
def verification(request: HttpRequest) -> HttpResponse:
    """What is to be verified, participant by participant; what is sent is verified as far as the plan asks."""
    view, typed = view_of(request), typed_in(request)
    if request.method != "POST":
        return _list(request, view)
    if not typed.picked:
        nothing = BadValue(
            _("No form is ticked."),
            rule=_("Verification: each form that was compared is named"),
            next_step=_("Tick the forms that you compared with their source."),
        )
        return _list(request, view, typed, ActOutcome(refused=(("", nothing),)))
    done, refused = 0, []
    for pick in sorted(typed.picked):
        try:
            done += _verify_picked(request, view, pick)
        except Refusal as refusal:
            refused.append((pick.split("/", maxsplit=1)[0], refusal))
    if refused:
        return _list(request, view_of(request), typed, ActOutcome(done, tuple(refused)))
    _say_verified(request, done)
    return HttpResponseRedirect(request.get_full_path())


def _verify_picked(request: HttpRequest, view: TrialView, pick: str) -> int:
    """Verifies the items of one form that the plan asks for; the version is the one that was looked at."""
    participant, form, encounter, instance, version = _parts(pick)
    dossier = situation_at(request, participant).dossier
    key = FormKey(form, "" if encounter == ALONE else encounter, instance)
    newest = dossier.casebook.latest(key)
    discretion = discretion_of(request, view)
    line = next(
        (found for found in _lines(request, view, discretion, dossier) if found.version.key == key), None
    )
    wanted = line.items if line is not None else ()
    if newest is not None and not wanted and line is not None and not line.unseen:
        return 0  # somebody did it meanwhile
    if newest is not None and not wanted:
        raise BadValue(
            _("Nothing of this form is left for you to verify."),
            rule=_("Verification: of what the plan asks for, by who can see it"),
            next_step=_("Look at the list as it is now."),
        )
    whole = newest is not None and set(wanted) == set(items_on(newest))
    try:
        with desktop_of(request).sending(sent_once(request, "verify", pick)):
            verify_source(
                open_trial_of(request), actor_of(request), participant=participant, form=form, version=version,
                encounter=key.encounter, instance=instance, items=() if whole else wanted,
            )  # fmt: skip
    except SentAlready:
        return 0
    return 1


def _parts(pick: str) -> tuple[str, str, str, int, int]:
    parts = pick.split("/")
    numbers = [part for part in parts[-2:] if part.isascii() and part.isdigit() and len(part) < 9]
    if len(parts) != 5 or len(numbers) != 2:
        raise BadValue(
            _("It is not clear which form is meant."),
            rule=_("Verification: each form that was compared is named"),
            next_step=_("Tick the forms in the list again."),
        )
    return parts[0], parts[1], parts[2], int(parts[3]), int(parts[4])


@for_who_may("verify")
@require_POST
def form_verification(
    request: HttpRequest, participant: str, form: str, encounter: str, instance: int
) -> HttpResponse:
    """Verifies items of one form, or takes a verification back; the form is shown again."""
    typed = typed_in(request)
    key = FormKey(form, "" if encounter == ALONE else encounter, instance)
    dossier = situation_at(request, participant).dossier
    newest = dossier.casebook.latest(key)
    discretion = discretion_of(request, view_of(request))
    try:
        items = _chosen(discretion, newest, form, typed)
        given = request.POST.get("version", "")
        version = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0
        reason = require_typed(typed.text)
        with desktop_of(request).sending(sent_once(request, typed.do, participant, str(key), given, *items)):
            if typed.do == "withdraw":
                withdraw_verification(
                    open_trial_of(request), actor_of(request), participant=participant, form=form, reason=reason,
                    encounter=key.encounter, instance=instance, items=items,
                )  # fmt: skip
            else:
                verify_source(
                    open_trial_of(request), actor_of(request), participant=participant, form=form,
                    version=version, encounter=key.encounter, instance=instance, items=items,
                )  # fmt: skip
    except SentAlready:
        pass
    except Refusal as refusal:
        return show_form(request, participant, form, encounter, instance, typed, refusal)
    tell(
        request,
        _("The verification is taken back.") if typed.do == "withdraw" else _("Verified against its source."),
    )
    return HttpResponseRedirect(address("form", participant, form, encounter, instance))


def _chosen(
    discretion: Discretion, newest: FormVersion | None, form: str, typed: TypedWords
) -> tuple[str, ...]:
    """The items that are meant; none where it is the whole form, and every item of it may be seen."""
    if typed.do == "verify_form" and newest is not None:
        seen = [item for item in items_on(newest) if discretion.sight(form, item) == "shown"]
        return () if len(seen) == len(items_on(newest)) else tuple(seen)
    unseen = [item for item in typed.picked if discretion.sight(form, item) != "shown"]
    if typed.do == "verify" and (unseen or not typed.picked):
        raise BadValue(
            _("This field is not shown to you.") if unseen else _("No field is ticked."),
            rule=_("Verification: each value that was compared is named, by who can see it"),
            next_step=_("Tick the fields that you compared with their source, or verify the whole form."),
        )
    return tuple(sorted(typed.picked))


def _list(
    request: HttpRequest, view: TrialView, typed: TypedWords | None = None, outcome: ActOutcome | None = None
) -> HttpResponse:
    everything = request.GET.get("show") == "all"
    number, encounter = request.GET.get("participant", "").strip(), request.GET.get("visit", "")
    asked = Asked(text=number, need="" if everything else "unverified", sites=sites_of(request))
    rows = rows_of(request, ROWS, MOST_ROWS)
    found, fitting = view.overview.find(asked, (page_of(request) - 1) * rows, rows)
    if not found and fitting:
        found, fitting = view.overview.find(asked, (fitting - 1) // rows * rows, rows)
    discretion = discretion_of(request, view)
    groups = []
    for summary in found:
        dossier = view.dossier(summary.participant)
        lines = [] if dossier is None else _lines(request, view, discretion, dossier)
        lines = [
            line for line in lines
            if (everything or line.due.status != "verified") and encounter in ("", line.encounter)
        ]  # fmt: skip
        if lines:
            groups.append((summary.participant, lines))
    protocol = view.nobody.protocol
    context = {
        "groups": groups,
        "leaf": leaf_at(request, found, fitting, rows, most=MOST_ROWS),
        "asked": {"participant": number, "visit": encounter, "all": everything},
        "filtered": bool(number or encounter or everything),
        "visits": [*((e.id, e.label) for e in protocol.encounters), (ALONE, _("at no visit"))],
        "count": view.overview.count(sites_of(request)).unverified,
        "can": any(line.can for _participant, lines in groups for line in lines),
        "sample": protocol.verification.sample,
        "full": [_say_full(discretion, full.form, full.items) for full in protocol.verification.full],
        "typed": typed or TypedWords(),
        "outcome": outcome or ActOutcome(),
        "token": secrets.token_hex(16),
    }
    status = 422 if outcome is not None and outcome.refused else 200
    return show(request, view, "web/verification.html", context, here="verification", status=status)


def _lines(request: HttpRequest, view: TrialView, discretion: Discretion, dossier: Dossier) -> list[DueLine]:
    """The forms of a participant that are to be verified; those first that were verified and then changed."""
    may = may_of(request)
    labels = {encounter.id: encounter.label for encounter in view.nobody.protocol.encounters}
    found = []
    for due in list_verification(dossier):
        if due.version.key in dossier.casebook.in_error:
            continue
        marks = marks_of(discretion, dossier, due.version)
        stands = say_verification(dossier, due.version, marks, may, signed_in_of(request))
        items = _left(due.items, marks)
        found.append(
            DueLine(
                due,
                discretion.title(due.version.key.form),
                labels.get(due.version.key.encounter, due.version.key.encounter),
                stands,
                items,
                sum(not marks[item].seen for item in due.items),
                sum(marks[item].state == "verified" for item in due.items),
                stands.can and bool(items),
            )
        )
    return sorted(found, key=lambda line: line.due.status != "changed")


def _left(items: Sequence[str], marks: Mapping[str, VerificationMark]) -> tuple[str, ...]:
    return tuple(item for item in items if marks[item].seen and marks[item].state != "verified")


def _say_full(discretion: Discretion, form: str, items: Sequence[str]) -> str:
    title = discretion.title(form)
    labels = ", ".join(discretion.label(form, item) for item in items)
    return f"{title} ({labels})" if labels else title


def _say_verified(request: HttpRequest, count: int) -> None:
    words = ngettext("%(n)d form is verified.", "%(n)d forms are verified.", count)
    tell(request, words % {"n": count})
