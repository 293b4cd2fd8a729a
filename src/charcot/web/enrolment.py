"""Eligibility of one participant: each criterion as it stands now, what it read, and what can be done about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.clinical_time import ClinicalTime
from charcot.conduct.trial import ParticipantSituation
from charcot.participants import CriterionVerdict, Waiver, assess_eligibility, study_name
from charcot.protocol import Study
from charcot.protocol.design import Criterion
from charcot.web.filling import situation_at
from charcot.web.frame import address, may_of, show, view_of
from charcot.web.signed_in import for_who_may, sees_of
from charcot.wiring.entering import may_see


@dataclass(frozen=True)
class ReadValue:
    """One value that a verdict rests on."""

    label: str
    text: str


@dataclass(frozen=True)
class CriterionLine:
    """One criterion with its verdict now, the one entered last, and its waiver."""

    criterion: Criterion
    verdict: str
    words: str
    read: tuple[ReadValue, ...]
    entered: str
    waiver: Waiver | None
    can_waive: bool


@for_who_may("assess", "waive", "enrol", "read")
@require_safe
def eligibility(request: HttpRequest, participant: str) -> HttpResponse:
    """Every criterion, and the acts that follow."""
    situation = situation_at(request, participant)
    standing = situation.dossier.standing
    may = may_of(request, situation.dossier.locks.whole)
    lines = lines_of(situation, sees_of(request), may)
    open_ = [line for line in lines if line.verdict != "met" and line.waiver is None]
    context = {
        "dossier": situation.dossier,
        "standing": standing,
        "lines": lines,
        "last": standing.assessments[-1] if standing.assessments else None,
        "counts": {
            word: sum(line.verdict == word for line in lines) for word in ("met", "not_met", "unknown")
        },
        "ready": not open_ and standing.consent is not None,
        "may": may,
    }
    crumbs = [
        (_("Participants"), address("participants")),
        (participant, address("participant", participant)),
    ]
    return show(
        request, view_of(request), "web/eligibility.html", context, here="participants", crumbs=crumbs
    )


def lines_of(
    situation: ParticipantSituation, sees: frozenset[str], may: frozenset[str]
) -> list[CriterionLine]:
    """The criteria as they stand at this moment; nothing is entered."""
    dossier = situation.dossier
    standing, protocol = dossier.standing, dossier.study.protocol
    now = ClinicalTime(f"{situation.now:%Y-%m-%dT%H:%M}")
    verdicts = assess_eligibility(dossier.study, dossier.facts(now))
    entered: Mapping[str, str] = (
        {v["criterion"]: v["verdict"] for v in standing.assessments[-1].data["criteria"]}
        if standing.assessments
        else {}
    )
    criteria = {criterion.id: criterion for criterion in protocol.criteria}
    return [
        CriterionLine(
            criteria[v.criterion],
            v.verdict,
            say_verdict(v.verdict),
            _read(dossier.study, v, sees),
            say_verdict(entered[v.criterion]) if v.criterion in entered else "",
            standing.waivers.get(v.criterion),
            "waive" in may
            and standing.enrolled is None
            and criteria[v.criterion].waivable
            and entered.get(v.criterion) == "not_met"
            and v.criterion not in standing.waivers,
        )
        for v in verdicts
    ]


def say_verdict(verdict: str) -> str:
    """A verdict in words."""
    return {"met": _("met"), "not_met": _("not met"), "unknown": _("not known yet")}[verdict]


def _read(study: Study, verdict: CriterionVerdict, sees: frozenset[str]) -> tuple[ReadValue, ...]:
    """What a verdict read, each value under its question; what may not be seen says so."""
    found, protocol = [], study.protocol
    for name, text in verdict.used.items():
        form_id, _dot, item_id = name.removesuffix(")").rpartition(" ")[2].partition(".")
        form = protocol.forms_by_id.get(form_id)
        item = form.item(item_id) if form is not None else None
        if form is None or item is None:
            found.append(ReadValue(study_name(study, name), text if text is not None else "–"))
            continue
        labels = {code.code: code.label for code in protocol.codes_of(item)}
        shown = labels.get(text, text) if text is not None else "–"
        found.append(ReadValue(item.label, shown if may_see(form, item, sees) else _("(not shown)")))
    return tuple(found)
