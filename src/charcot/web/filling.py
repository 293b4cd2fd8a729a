"""The page on which a form is filled or corrected, with its draft, its questions and what others do to it meanwhile."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from charcot.conduct.trial import ParticipantSituation
from charcot.participants import FormKey
from charcot.refusal import OutdatedVersion, ReasonMissing, Refusal
from charcot.web.event_help import begin_episode, beside_event, say_grades
from charcot.web.frame import ALONE, address, show, sites_of, tell, view_of, views_of
from charcot.web.lock_notes import LockNote, note_of
from charcot.web.merging import lay_out_merge, merged_sheet
from charcot.web.next_steps import add_address, after_saving, next_on_visit, rows_address
from charcot.web.sheet_page import (
    digest_of,
    earlier_versions,
    lay_out_sheet,
    say_improvement,
    say_stages,
    say_value,
    sentence,
    shown_changes,
)
from charcot.web.sheet_words import words_of_script
from charcot.web.signed_in import actor_of, for_who_may, open_trial_of, sees_of, signed_in_of
from charcot.wiring.drafts import Desktop, SentAlready
from charcot.wiring.entering import (
    FormPlace,
    JudgedSheet,
    Sheet,
    TypedField,
    judge_sheet,
    open_place,
    situation_of,
)
from charcot.wiring.saving_forms import needs_reason, save_sheet, verb_of, was_entered

FILLS = ("record", "correct", "consent", "infuse", "report_event", "record_death", "contact")
"""The verbs of which one opens a form to be filled."""
MOST_COLUMNS = 6
BY_SCRIPT = "X-Charcot-Sheet"
"""The header by which the page's own script says that it sent the sheet."""


@for_who_may(*FILLS)
@require_http_methods(["GET", "HEAD", "POST"])
def fill(request: HttpRequest, participant: str, form: str, encounter: str, instance: int) -> HttpResponse:
    """The form to be filled, with the draft where there is one; saves what is sent."""
    place = place_of(request, participant, form, encounter, instance)
    desktop = desktop_of(request)
    if request.method == "POST":
        return _save(request, place, desktop)
    if place.dossier.locks.of(place.key) is not None:
        context = {"place": place, "encounter": encounter, "lock": _lock_of(request, place)}
        return show(
            request,
            view_of(request),
            "web/locked.html",
            context,
            here="participants",
            crumbs=crumbs_of(place),
        )
    desktop.note_presence(participant, place.key)
    return _shown(request, place, draft_context(request, place))


@for_who_may(*FILLS)
@require_POST
def judge(request: HttpRequest, participant: str, form: str, encounter: str, instance: int) -> JsonResponse:
    """What a sheet comes to while it is typed: saved as a draft, not entered."""
    place = place_of(request, participant, form, encounter, instance)
    desktop = desktop_of(request)
    sheet = sheet_of(request.POST, place)
    judged = judge_sheet(place, sheet)
    saved_at = ""
    if "beat" not in request.POST:
        if _is_untouched(place, sheet):
            desktop.discard(participant, place.key)
        else:
            saved_at = _clock(place, desktop.keep(participant, place.key, sheet))
    others = desktop.note_presence(participant, place.key)
    told = {"saved_at": saved_at, "others": list(others), "grades": say_grades(request, place, sheet)}
    return JsonResponse({**_judgement(place, sheet, judged), **told})


@for_who_may(*FILLS)
@require_POST
def discard(request: HttpRequest, participant: str, form: str, encounter: str, instance: int) -> HttpResponse:
    """Throws the draft away."""
    key = FormKey(form, "" if encounter == ALONE else encounter, instance)
    desktop_of(request).discard(participant, key)
    tell(request, _("The draft was thrown away. Nothing in the record was touched."))
    inline = "inline" in request.POST
    back = add_address(participant, form, instance) if inline else ""
    return HttpResponseRedirect(back or address("fill", participant, form, encounter, instance))


def desktop_of(request: HttpRequest) -> Desktop:
    """The drafts of whoever is signed in."""
    return Desktop(views_of(request).folder, actor_of(request).person)


def situation_at(request: HttpRequest, participant: str) -> ParticipantSituation:
    """The participant as they are now; the page does not exist where there is none, or at another site."""
    found = situation_of(open_trial_of(request), view_of(request).charter, participant)
    sites = sites_of(request)
    if found is None or (sites is not None and found.dossier.site not in sites):
        raise Http404
    return found


def place_of(request: HttpRequest, participant: str, form: str, encounter: str, instance: int) -> FormPlace:
    """The form that the address names, as whoever is signed in may fill it."""
    key = FormKey(form, "" if encounter == ALONE else encounter, instance)
    return open_place(open_trial_of(request), situation_at(request, participant), key, sees_of(request))


def sheet_of(sent: QueryDict, place: FormPlace) -> Sheet:
    """What was typed, as it was sent. Fields that are not shown to the person are not read, whatever was sent."""
    fields = {}
    for item in place.form.items:
        name = item.id
        if not place.is_typed(item) or f"v.{name}" not in sent:
            continue
        text = ",".join(part for part in sent.getlist(f"v.{name}") if part)
        fields[name] = TypedField(
            text, sent.get(f"u.{name}", ""), sent.get(f"a.{name}", ""), sent.get(f"w.{name}", "")
        )
    based_on = sent.get("based_on", "0")
    return Sheet(
        fields,
        at=sent.get("at", ""),
        source=sent.get("source", ""),
        reason=sent.get("reason", ""),
        based_on=int(based_on) if based_on.isascii() and based_on.isdigit() and len(based_on) < 9 else 0,
    )


def _save(request: HttpRequest, place: FormPlace, desktop: Desktop) -> HttpResponse:
    sheet = sheet_of(request.POST, place)
    participant = place.dossier.participant
    if "merging" in request.POST:
        sheet, undecided = merged_sheet(place, sheet, request.POST)
        if undecided:
            return _merge(request, place, sheet, undecided=undecided)
    judged = judge_sheet(place, sheet)
    if sheet.based_on == place.newest and (step := _step_before(request, place, sheet, judged)) is not None:
        return step

    def now_at() -> FormPlace:
        at = place.key
        return place_of(request, participant, at.form, at.encounter or ALONE, at.instance)

    try:
        token = request.POST.get("token", "") or secrets.token_hex(16)
        with desktop.sending(token, lambda since: was_entered(now_at(), actor_of(request), judged, since)):
            key = save_sheet(place, actor_of(request), sheet, judged)
    except SentAlready:
        return _gone(
            request,
            address("form", participant, place.key.form, place.key.encounter or ALONE, place.key.instance),
        )
    except OutdatedVersion:
        return _merge(request, now_at(), sheet)
    except Refusal as refusal:
        return _refused(request, place, sheet, refusal)
    desktop.discard(participant, place.key)
    tell(request, _("%(form)s saved.") % {"form": place.form.title})
    return _gone(
        request, after_saving(place, key, request.POST.get("then", ""), inline="inline" in request.POST)
    )


def _step_before(
    request: HttpRequest, place: FormPlace, sheet: Sheet, judged: JudgedSheet
) -> HttpResponse | None:
    """What is shown once more before it is saved: problems, changes that were not seen, questions that were not seen."""
    if judged.problems:
        return _page(request, place, sheet, problems=judged.problems, status=422)
    if place.current is not None and not shown_changes(place, judged):
        desktop_of(request).discard(place.dossier.participant, place.key)
        tell(request, _("Nothing was changed, so nothing was saved."))
        return _gone(request, after_saving(place, place.key))
    if needs_reason(place, judged):
        if not sheet.reason.strip():
            return _page(
                request,
                place,
                sheet,
                problems={"reason": _("Say in a few words why it is changed.")},
                status=422,
            )
        if request.POST.get("shown") != digest_of(judged):
            return _page(
                request, place, sheet, notice=_("Look at what changes, then save once more."), status=422
            )
    seen = set(request.POST.get("seen", "").split(","))
    unseen = [c for c in judged.checks if c.severity == "query" and c.check not in seen]
    if unseen:
        text = ngettext(
            "There is a question about what you typed. Correct it, or save once more to keep it with the question.",
            "There are questions about what you typed. Correct it, or save once more to keep it with the questions.",
            len(unseen),
        )
        return _page(request, place, sheet, notice=text, status=422)
    return None


def _refused(request: HttpRequest, place: FormPlace, sheet: Sheet, refusal: Refusal) -> HttpResponse:
    """The page with what was refused, beside the fields that it is about."""
    fields = refusal.facts.get("fields", {})
    problems: Mapping[str, str] = fields if isinstance(fields, dict) else dict.fromkeys(fields, refusal.what)
    if isinstance(refusal, ReasonMissing):
        problems = {"reason": refusal.what}
    return _page(request, place, sheet, problems=problems, refusal=None if problems else refusal, status=422)


def _merge(
    request: HttpRequest, place: FormPlace, sheet: Sheet, undecided: frozenset[str] = frozenset()
) -> HttpResponse:
    """Theirs and yours side by side."""
    context = {
        "place": place,
        "sheet": sheet,
        "merge": lay_out_merge(place, sheet, undecided),
        "token": secrets.token_hex(16),
        "encounter": place.key.encounter or ALONE,
    }
    return show(
        request,
        view_of(request),
        "web/merge.html",
        context,
        here="participants",
        crumbs=crumbs_of(place),
        status=409,
    )


def draft_context(request: HttpRequest, place: FormPlace) -> dict[str, Any]:
    """What the sheet of a form shows that is just opened: the draft where there is one, else what is on record."""
    draft = desktop_of(request).find(place.dossier.participant, place.key)
    if draft is None:
        return sheet_context(request, place, begin_episode(request, place, place.sheet(place.current)))
    return sheet_context(request, place, draft.sheet, draft_at=_clock(place, draft.saved_at))


def _page(
    request: HttpRequest, place: FormPlace, sheet: Sheet, *, status: int = 200, **said: Any
) -> HttpResponse:
    return _shown(request, place, sheet_context(request, place, sheet, **said), status)


def sheet_context(
    request: HttpRequest,
    place: FormPlace,
    sheet: Sheet,
    *,
    problems: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
    notice: str = "",
    draft_at: str = "",
) -> dict[str, Any]:
    """What a sheet shows, with what was said about it."""
    judged = judge_sheet(place, sheet)
    labels = {item.id: item.label for item in place.form.items}
    said = {name: sentence(labels.get(name, _("Date")), text) for name, text in (problems or {}).items()}
    page = lay_out_sheet(place, sheet, judged, said)
    signed_in = signed_in_of(request)
    return {
        "place": place,
        "sheet": sheet,
        "page": page,
        "refusal": refusal,
        "notice": notice,
        "draft_at": draft_at,
        "stale": sheet.based_on != place.newest,
        "asks_reason": needs_reason(place, judged) or place.current is not None,
        "reason_needed": needs_reason(place, judged),
        "dose": place.form.plays == "infusion" and place.current is None,
        "seen": ",".join(c.check for c in judged.checks),
        "token": secrets.token_hex(16),
        "encounter": place.key.encounter or ALONE,
        "following": next_on_visit(place),
        "may": signed_in is not None and verb_of(place) in signed_in.may,
        "lock": _lock_of(request, place),
        "verb": verb_of(place).replace("_", " "),
        "heads": table_of(place)[0],
        "table": table_of(place)[1],
        "words": words_of_script(),
        "total": next((row for row in page.rows if row.item.id == "total"), None)
        if place.form.plays == "function"
        else None,
        "stages": say_stages(place, judged),
        "inline": "inline" in request.POST,
        "inline_back": rows_address(place.dossier.participant, place.form.form),
        **(beside_event(request, place, sheet) if place.form.plays == "adverse_event" else {}),
    }


def _shown(
    request: HttpRequest, place: FormPlace, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    view, crumbs = view_of(request), crumbs_of(place)
    return show(request, view, "web/fill.html", context, here="participants", crumbs=crumbs, status=status)


def table_of(place: FormPlace) -> tuple[list[str], list[tuple[FormKey, list[str]]]]:
    """The records of a repeating form that are there already: heads, and each with its needed values."""
    if not place.form.repeating:
        return [], []
    seen = [item for item in place.form.items if place.may_see(item)]
    items = sorted(seen, key=lambda item: not item.required)[:MOST_COLUMNS]
    return [item.label for item in items], [
        (v.key, [say_value(place, item, place.readable(v).get(item.id)) for item in items])
        for v in place.dossier.casebook.instances(place.key.form)
        if v.key.encounter == place.key.encounter
    ]


def _lock_of(request: HttpRequest, place: FormPlace) -> LockNote | None:
    return note_of(request, place.dossier.locks.of(place.key), place.dossier.participant)


def crumbs_of(place: FormPlace) -> list[tuple[str, str]]:
    """The pages above a form."""
    participant = place.dossier.participant
    where = place.dossier.study.protocol.encounters_by_id.get(place.key.encounter)
    crumbs = [
        (_("Participants"), address("participants")),
        (participant, address("participant", participant)),
    ]
    if where is not None:
        crumbs.append((where.label, address("visit", participant, where.id)))
    return crumbs


def _judgement(place: FormPlace, sheet: Sheet, judged: JudgedSheet) -> dict[str, Any]:
    """What the page's script is told."""
    labels = {item.id: item.label for item in place.form.items}
    last = earlier_versions(place)[:1] if place.form.plays == "function" else []
    improved = {
        name: say_improvement(last[0][1].text(name), typed.text)
        for name, typed in sheet.fields.items()
        if last and typed.text
    }
    return {
        "problems": {n: sentence(labels.get(n, _("Date")), text) for n, text in judged.problems.items()},
        "hidden": sorted(judged.form.hidden),
        "required": sorted(judged.form.required),
        "computed": {
            item.id: say_value(place, item, judged.form.values.get(item.id))
            for item in place.form.items
            if (item.computed is not None or item.id in place.known) and place.may_see(item)
        },
        "questions": [
            {"check": c.check, "item": (c.items or ("",))[0], "severity": c.severity, "message": c.message}
            for c in judged.checks
            if c.severity != "error"
        ],
        "stages": say_stages(place, judged),
        "improved": {name: text for name, text in improved.items() if text},
        "changes": [vars(change) for change in shown_changes(place, judged)],
        "shown": digest_of(judged),
        "reason_needed": needs_reason(place, judged),
        "newest": place.newest,
        "saved_by": place.current.entry.actor.person if place.current is not None else "",
    }


def _is_untouched(place: FormPlace, sheet: Sheet) -> bool:
    """Whether nothing was typed that is not on record."""
    saved = place.sheet(place.current)
    return sheet.based_on == saved.based_on and all(
        typed.is_empty if name not in saved.fields else _same(typed, saved.fields[name])
        for name, typed in sheet.fields.items()
    )


def _same(one: TypedField, other: TypedField) -> bool:
    return (one.text.strip(), one.absent, one.why) == (other.text, other.absent, other.why)


def _clock(place: FormPlace, moment: Any) -> str:
    """The time of day at the site, with the day where it is not today's."""
    local = moment.astimezone(place.situation.charter.zone)
    today = local.date() == place.now.date()
    return f"{local:%H:%M}" if today else f"{date_format(local, 'j M')}, {local:%H:%M}"


def _gone(request: HttpRequest, where: str) -> HttpResponse:
    """On to another page, also where a script sent the sheet."""
    return JsonResponse({"go": where}) if BY_SCRIPT in request.headers else HttpResponseRedirect(where)
