"""What is made of one adverse event: its narrative, edited and signed; the sponsor's assessment; the CIOMS form."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from charcot.conduct import Trial, assess_relation, sign_narrative
from charcot.conduct.sign_narrative import NARRATING
from charcot.participants import Dossier, FormKey, FormVersion
from charcot.refusal import BadValue, Refusal
from charcot.report.cioms import render_cioms
from charcot.safety.narrative import draft_narrative, signed_narrative
from charcot.web.act_pages import ActField, ActPage
from charcot.web.acting import run_act
from charcot.web.frame import ALONE, address, show, tell, view_of
from charcot.web.plain_words import require_words
from charcot.web.signed_in import actor_of, for_who_may, open_trial_of
from charcot.web.visibility import discretion_of
from charcot.wiring.signing_in import check_signature

LONGEST_NARRATIVE = 20_000


def event_at(request: HttpRequest, participant: str, instance: int) -> tuple[Dossier, FormVersion]:
    """An event that counts, and whole is shown to the role; Http404 else."""
    view = view_of(request)
    dossier = view.dossier(participant)
    form = None if dossier is None else dossier.study.protocol.form_playing("adverse_event")
    if dossier is None or form is None or not discretion_of(request, view).shows(form):
        raise Http404
    version = dossier.casebook.latest(FormKey(form.form, "", instance))
    if version is None:
        raise Http404
    return dossier, version


def _crumbs(version: FormVersion, participant: str) -> list[tuple[str, str]]:
    place = address("form", participant, version.key.form, ALONE, version.key.instance)
    return [
        (_("Participants"), address("participants")),
        (participant, address("participant", participant)),
        (_("Event"), place),
    ]


@for_who_may("assess_safety")
@sensitive_post_parameters("password", "token")
@require_http_methods(["GET", "HEAD", "POST"])
def narrative(request: HttpRequest, participant: str, instance: int) -> HttpResponse:
    """The narrative: drafted from the record, edited here, signed."""
    dossier, version = event_at(request, participant, instance)
    signed = signed_narrative(dossier, version.key)
    given, refusal = "", None
    if request.method == "POST":
        given = request.POST.get("text", "").strip()
        seen = request.POST.get("version", "")
        try:
            if not given:
                raise BadValue(
                    _("The narrative is empty."),
                    rule=_("Narratives: they tell the course of an event"),
                    next_step=_("Write it, or take the draft."),
                )
            require_words(given, "text", _("The narrative"), LONGEST_NARRATIVE)
            signature = check_signature(
                request, request.POST.get("password", ""), request.POST.get("token", ""), NARRATING
            )
            sign_narrative(
                open_trial_of(request), actor_of(request), participant=participant, **version.key.as_data(),
                version=int(seen) if seen.isascii() and seen.isdigit() else version.version, text=given, signature=signature,
            )  # fmt: skip
        except Refusal as found:
            refusal = found
        else:
            tell(request, _("The narrative is signed."))
            return HttpResponseRedirect(
                address("form", participant, version.key.form, ALONE, version.key.instance)
            )
    context = {
        "participant": participant,
        "version": version,
        "signed": signed,
        "outdated": signed is not None and signed["version"] != version.version,
        "text": given or (str(signed["text"]) if signed else draft_narrative(dossier, version)),
        "draft": draft_narrative(dossier, version),
        "refusal": refusal,
        "meaning": NARRATING,
    }
    status = 200 if refusal is None else 400
    return show(
        request, view_of(request), "web/narrative.html", context, here="safety",
        crumbs=_crumbs(version, participant), status=status,
    )  # fmt: skip


@for_who_may("assess_safety")
@require_http_methods(["GET", "HEAD", "POST"])
def assess(request: HttpRequest, participant: str, instance: int) -> HttpResponse:
    """The sponsor's assessment of the relation, beside the investigator's."""
    dossier, version = event_at(request, participant, instance)
    protocol = dossier.study.protocol
    item = protocol.forms_by_id[version.key.form].item("relation_product")
    if item is None:
        raise Http404
    options = [(code.code, code.label) for code in protocol.codes_of(item)]
    page = ActPage(
        "assess_relation", _("Assess the relation for the sponsor"),
        _("The investigator's own assessment stays as it is; both are shown side by side."),
        [ActField("relation", item.label, "choice", options=options), ActField("why", _("Why"), "long")],
        _("Enter the assessment"),
    )  # fmt: skip

    def do(trial: Trial, values: dict[str, Any]) -> str:
        assess_relation(
            trial, actor_of(request), participant=participant, **version.key.as_data(),
            version=version.version, **values,
        )  # fmt: skip
        return address("form", participant, version.key.form, ALONE, version.key.instance)

    return run_act(request, page, _crumbs(version, participant), do)


@for_who_may("assess_safety", "submit")
@require_safe
def cioms(request: HttpRequest, participant: str, instance: int) -> HttpResponse:
    """The CIOMS form of an event as PDF."""
    dossier, version = event_at(request, participant, instance)
    view = view_of(request)
    made = render_cioms(dossier, version, view.charter.trial, view.now, view.charter.purpose)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="cioms-{participant}-{instance}.pdf"'
    return response
