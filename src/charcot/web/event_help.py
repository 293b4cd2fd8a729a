"""Beside the form of an adverse event: terms, grades that measurements suggest, and events of which it may be a further episode."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from charcot.participants import Dossier, FormKey
from charcot.protocol import Form
from charcot.safety.episodes import latest_episodes
from charcot.safety.event_course import follow_event
from charcot.safety.grading import GradeProposal, propose_grades
from charcot.web.frame import ALONE, address, view_of
from charcot.web.next_steps import fill_address, next_instance
from charcot.web.signed_in import views_of
from charcot.web.visibility import Discretion, discretion_of
from charcot.wiring.dictionary import terms_of
from charcot.wiring.entering import FormPlace, Sheet

REPEATED = ("term", "category")
"""What stays the same when an event comes back; its grade, relation and outcome are judged anew."""
MOST = 8
"""Proposals that are shown, the most severe first."""


@dataclass(frozen=True)
class SeenProposal:
    """A proposed grade with the way to its measurement."""

    term: str
    grade: int
    measured: str
    version: object
    href: str


@dataclass(frozen=True)
class OfferedEpisode:
    """An event that can have come back. `ended` is empty where it has no end yet; `href` then leads to where it gets one."""

    term: str
    instance: int
    number: int
    ended: str
    href: str


def say_grades(request: HttpRequest, place: FormPlace, sheet: Sheet) -> list[str]:
    """What the grades of the term that is typed mean, in words; nothing for a term that the dictionary does not have."""
    asked = place.form.plays == "adverse_event" and "term" in sheet.fields
    typed = sheet.fields["term"].text if asked else ""
    wanted = " ".join(typed.casefold().split())
    terms = terms_of(views_of(request).folder.path) if wanted else ()
    found = next((term for term in terms if term.term.casefold() == wanted), None)
    grades = {} if found is None else found.grades
    return [_("Grade %(n)s: %(words)s") % {"n": n, "words": grades[n]} for n in sorted(grades)]


def beside_event(request: HttpRequest, place: FormPlace, sheet: Sheet) -> dict[str, Any]:
    """The terms of the site, and the proposals that may be seen. Nothing of it fills a field."""
    view = view_of(request)
    discretion = discretion_of(request, view)
    forms = place.dossier.study.protocol.forms_by_id
    infused = place.dossier.standing.infused_at
    found = [
        each
        for each in propose_grades(place.dossier)
        if discretion.shows(forms[each.version.key.form])
        and (infused is None or not each.version.clinical_time.surely_before(infused))
        and each.grade >= 2
    ]
    found.sort(key=lambda each: -each.grade)
    return {
        "terms": terms_of(views_of(request).folder.path),
        "proposals": [_seen(each) for each in found[:MOST]],
        "episodes": _offered(place) if place.current is None else (),
        "grade_meanings": say_grades(request, place, sheet),
    }


def _offered(place: FormPlace) -> list[OfferedEpisode]:
    """The participant's events, the newest first."""
    if not all(item.id not in REPEATED or place.may_see(item) for item in place.form.items):
        return []
    who, found = place.dossier.participant, []
    for each in reversed(latest_episodes(place.dossier.casebook.instances(place.form.form))):
        ended, key = each.version.text("ended") or "", each.version.key
        href = further_address(place.dossier, place.form, key.instance) if ended else fill_address(who, key)
        term = each.version.text("term")
        if term:
            found.append(OfferedEpisode(term, key.instance, each.number + 1, ended, href))
    return found


def further_address(dossier: Dossier, form: Form, instance: int) -> str:
    """Where a further episode of an event is reported: an empty form with what stays the same."""
    number = next_instance(dossier, form)
    return address("fill", dossier.participant, form.form, ALONE, number, episode_of=instance)


def begin_episode(request: HttpRequest, place: FormPlace, sheet: Sheet) -> Sheet:
    """An empty sheet with the words of the event that the address names as the one that came back."""
    asked = request.GET.get("episode_of", "")
    if place.form.plays != "adverse_event" or place.current is not None or not asked.isdecimal():
        return sheet
    earlier = place.dossier.casebook.latest(FormKey(place.form.form, "", int(asked)))
    if earlier is None:
        return sheet
    same = {n: t for n, t in place.sheet(earlier).fields.items() if n in REPEATED and n in sheet.fields}
    return replace(sheet, fields={**sheet.fields, **same})


def course_beneath(dossier: Dossier, form: Form, key: FormKey, discretion: Discretion) -> dict[str, Any]:
    """What stands beneath the form of an event that may be seen whole: its course, the sponsor's assessments in words, episodes."""
    if form.plays != "adverse_event" or not discretion.shows(form) or key not in dossier.casebook.forms:
        return {}
    course = follow_event(dossier, key)
    item = form.item("relation_product")
    codes = {c.code: c.label for c in dossier.study.protocol.codes_of(item)} if item is not None else {}
    relations = [(e, codes.get(str(e.data["relation"]), str(e.data["relation"]))) for e in course.assessments]
    last = course.episode.event[-1] if course.episode is not None else None
    further = last is not None and last.text("ended") and last.text("term")
    return {
        "course": course,
        "course_relations": relations,
        "episodes": [(each, each.text("ended")) for each in course.episode.event] if course.episode else (),
        "further": further_address(dossier, form, last.key.instance) if last is not None and further else "",
    }


def _seen(each: GradeProposal) -> SeenProposal:
    key, participant = each.version.key, each.version.entry.participant or ""
    href = address("form", participant, key.form, key.encounter or ALONE, key.instance)
    return SeenProposal(each.term, each.grade, each.measured, each.version, href)
