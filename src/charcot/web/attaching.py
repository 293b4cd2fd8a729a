"""Files of a form: attached, given out to those who may see them, withdrawn with a reason."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from charcot.conduct import Trial, enter_in_error, withdraw_attachment
from charcot.conduct import attach as enter_attachment
from charcot.conduct import reinstate as let_count_again
from charcot.participants import Attachment, FormKey
from charcot.refusal import Refusal
from charcot.web.act_pages import ActField, ActPage
from charcot.web.acting import run_act
from charcot.web.filling import crumbs_of, place_of, situation_at
from charcot.web.frame import ALONE, address, show, tell, view_of, views_of
from charcot.web.signed_in import actor_of, for_who_may, open_trial_of, sees_of
from charcot.wiring.attachments import KINDS, MOST_BYTES, TYPES, read_attachment, take_in
from charcot.wiring.entering import FormPlace, may_see


@for_who_may("record", "correct")
@require_http_methods(["GET", "HEAD", "POST"])
def attach(request: HttpRequest, participant: str, form: str, encounter: str, instance: int) -> HttpResponse:
    """Attaches one file to a form."""
    place = place_of(request, participant, form, encounter, instance)
    if request.method != "POST":
        return _ask(request, place)
    given = request.FILES.get("file")
    item = request.POST.get("item", "")
    if given is None or isinstance(given, list):
        return _ask(request, place, problem=_("Choose a file."))
    personal = "personal" in request.POST or place.form.visibility == "personal"
    try:
        kept = take_in(
            views_of(request).folder, participant, given.name or "", given.chunks(), personal=personal
        )
        enter_attachment(
            open_trial_of(request), actor_of(request), participant=participant, form=form,
            encounter=place.key.encounter, instance=instance, item=item, personal=personal,
            name=kept.name, media_type=kept.media_type, size=kept.size, sha256=kept.sha256,
        )  # fmt: skip
    except Refusal as refusal:
        return _ask(request, place, problem=f"{refusal.what} {refusal.next_step}")
    tell(request, _("The file is attached."))
    return HttpResponseRedirect(address("form", participant, form, encounter, instance))


@require_safe
def file(request: HttpRequest, participant: str, attachment: str) -> HttpResponse:
    """One attached file, to be saved; the browser neither shows nor runs it."""
    found = _attachment(request, participant, attachment)
    name, content = read_attachment(views_of(request).folder, found)
    response = HttpResponse(content, content_type=found.media_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    response._csp_exempt = True  # type: ignore[attr-defined]  # the header above is the stricter one
    return response


@for_who_may("correct")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_file(request: HttpRequest, participant: str, attachment: str) -> HttpResponse:
    """Says that a file does not belong there."""
    found = _attachment(request, participant, attachment)
    key = found.key
    page = ActPage(
        "withdraw_attachment", _("Withdraw a file"),
        _("The file is kept with its reason, and no longer offered. It cannot be attached again under this number."),
        [ActField("reason", _("Reason"), "long")], _("Withdraw it"), _("A file is withdrawn once."),
    )  # fmt: skip

    def do(trial: Trial, values: dict[str, str]) -> str:
        withdraw_attachment(trial, actor_of(request), participant=participant, attachment=found.id, **values)
        return address("form", participant, key.form, key.encounter or ALONE, key.instance)

    return run_act(request, page, _crumbs(participant), do, participant)


@for_who_may("correct")
@require_http_methods(["GET", "HEAD", "POST"])
def in_error(
    request: HttpRequest, participant: str, form: str, encounter: str, instance: int
) -> HttpResponse:
    """Takes a form out of everything that is computed; it stays readable, with the reason."""
    place = place_of(request, participant, form, encounter, instance)
    if place.current is None:
        raise Http404
    version, key = place.current.version, place.key
    page = ActPage(
        "enter_in_error", _("%(form)s: entered in error") % {"form": place.form.title},
        _("Nothing is deleted: the form stays readable with the reason, and no longer counts. It can be let count again."),
        [ActField("reason", _("Reason"), "long", _("Such as: belongs to another participant"))], _("It was entered in error"),
    )  # fmt: skip

    def do(trial: Trial, values: dict[str, str]) -> str:
        enter_in_error(
            trial, actor_of(request), participant=participant, form=key.form,
            encounter=key.encounter, instance=key.instance, version=version, **values,
        )  # fmt: skip
        return address("form", participant, form, encounter, instance)

    return run_act(request, page, crumbs_of(place), do, participant)


@for_who_may("correct")
@require_http_methods(["GET", "HEAD", "POST"])
def reinstate(
    request: HttpRequest, participant: str, form: str, encounter: str, instance: int
) -> HttpResponse:
    """Lets a form count again that was entered in error."""
    key = FormKey(form, "" if encounter == ALONE else encounter, instance)
    if key not in situation_at(request, participant).dossier.casebook.in_error:
        raise Http404
    page = ActPage(
        "reinstate", _("Let the form count again"), _("It counts again in the version it had."),
        [ActField("reason", _("Reason"), "long")], _("Let it count again"),
    )  # fmt: skip

    def do(trial: Trial, values: dict[str, str]) -> str:
        let_count_again(
            trial, actor_of(request), participant=participant, form=key.form,
            encounter=key.encounter, instance=key.instance, **values,
        )  # fmt: skip
        return address("form", participant, form, encounter, instance)

    return run_act(request, page, _crumbs(participant), do, participant)


def _attachment(request: HttpRequest, participant: str, attachment: str) -> Attachment:
    """The file, if it is there and the labels of its form, its field and the person allow it to be seen."""
    dossier = situation_at(request, participant).dossier
    found = next((a for a in dossier.attachments if a.id == attachment), None)
    if found is None or found.withdrawn is not None:
        raise Http404
    form = dossier.study.protocol.forms_by_id.get(found.key.form)
    item = form.item(found.item) if form is not None and found.item else None
    sees = sees_of(request)
    seen = form is not None and (may_see(form, item, sees) if item is not None else form.visibility in sees)
    if not seen or (found.is_personal and "personal" not in sees):
        raise Http404
    return found


def _ask(request: HttpRequest, place: FormPlace, problem: str = "") -> HttpResponse:
    context = {
        "place": place,
        "encounter": place.key.encounter or ALONE,
        "items": [item for item in place.form.items if place.may_see(item)],
        "most": MOST_BYTES,
        "kinds": KINDS,
        "accept": ",".join(ending for endings in TYPES.values() for ending in endings),
        "problem": problem,
    }
    return show(
        request, view_of(request), "web/attach.html", context, here="participants", crumbs=crumbs_of(place),
        status=422 if problem else 200,
    )  # fmt: skip


def _crumbs(participant: str) -> list[tuple[str, str]]:
    return [(_("Participants"), address("participants")), (participant, address("participant", participant))]
