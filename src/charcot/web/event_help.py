"""Beside the form of an adverse event: terms to choose from, and grades that the participant's measurements suggest."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from charcot.participants import Dossier, FormKey
from charcot.protocol import Form
from charcot.safety.event_course import follow_event
from charcot.safety.grading import GradeProposal, propose_grades
from charcot.web.frame import ALONE, address, view_of
from charcot.web.signed_in import views_of
from charcot.web.visibility import Discretion, discretion_of
from charcot.wiring.dictionary import terms_of
from charcot.wiring.entering import FormPlace

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


def beside_event(request: HttpRequest, place: FormPlace) -> dict[str, Any]:
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
    }


def course_beneath(dossier: Dossier, form: Form, key: FormKey, discretion: Discretion) -> dict[str, Any]:
    """What stands beneath the form of an event that may be seen whole: its course, and the sponsor's assessments in words."""
    if form.plays != "adverse_event" or not discretion.shows(form) or key not in dossier.casebook.forms:
        return {}
    course = follow_event(dossier, key)
    item = form.item("relation_product")
    codes = {c.code: c.label for c in dossier.study.protocol.codes_of(item)} if item is not None else {}
    relations = [(e, codes.get(str(e.data["relation"]), str(e.data["relation"]))) for e in course.assessments]
    return {"course": course, "course_relations": relations}


def _seen(each: GradeProposal) -> SeenProposal:
    key, participant = each.version.key, each.version.entry.participant or ""
    href = address("form", participant, key.form, key.encounter or ALONE, key.instance)
    return SeenProposal(each.term, each.grade, each.measured, each.version, href)
