"""Laboratory values of one participant as small pictures with their ranges; judging a value outside its range."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from charcot.clinical_time import DAYS_PER_MONTH
from charcot.conduct import Trial, judge_result
from charcot.laboratory import LabResult, ResultBook, list_results, taken_on
from charcot.laboratory.grades import SOURCE
from charcot.participants import Dossier, FormKey
from charcot.web.act_pages import ActField, ActPage
from charcot.web.acting import run_act
from charcot.web.frame import ALONE, address, view_of
from charcot.web.signed_in import actor_of, for_who_may
from charcot.web.timescale import AxisTick, MonthScale, place_text
from charcot.web.visibility import Discretion, discretion_of

WIDTH, HEIGHT = 220, 104
LEFT, RIGHT, TOP, BOTTOM = 6.0, 176.0, 12.0, 80.0
MARKS = {"low": "▼", "high": "▲"}


@dataclass(frozen=True)
class DrawnResult:
    """One value: its place, how it lies against its range, what it says, and the form it is from."""

    x: str
    y: str
    flag: str
    words: str
    href: str


@dataclass(frozen=True)
class TestPicture:
    """One test over time: the range as a band, the values on it, the last one in figures."""

    title: str
    unit: str
    bands: Sequence[tuple[str, str, str, str]]
    line: str
    points: Sequence[DrawnResult]
    last: str
    range: str
    ticks: Sequence[AxisTick]
    zero: str
    words: str
    is_loud: bool
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True)
class OutsideLine:
    """One value outside its range, with its grade and what an investigator said of it; `judge`: where that is done."""

    result: LabResult
    range: str
    mark: str
    href: str
    judge: str
    entry: int | None


@dataclass(frozen=True)
class SeenLaboratory:
    """The laboratory of one participant: tests that were ever outside their range, the others by panel, each value outside."""

    loud: Sequence[TestPicture]
    quiet: Sequence[tuple[str, Sequence[TestPicture]]]
    outside: Sequence[OutsideLine]
    to_judge: int
    source: str = SOURCE


def seen_results(discretion: Discretion, dossier: Dossier) -> list[LabResult]:
    """The values that may be shown."""
    return [
        found
        for found in list_results(dossier)
        if discretion.sight(found.form.form, found.item.id) == "shown"
    ]


def draw_laboratory(
    discretion: Discretion, dossier: Dossier, as_of: int | None, may: frozenset[str]
) -> SeenLaboratory | None:
    """The section of a participant's page; None without a value."""
    results = seen_results(discretion, dossier)
    if not results:
        return None
    panels: list[tuple[str, list[TestPicture]]] = []
    for form, of_form in groupby(results, key=lambda found: found.form.form):
        listed = list(of_form)
        pictures = [
            _draw(dossier, [r for r in listed if r.item.id == item.id], as_of)
            for item in listed[0].form.items
            if any(r.item.id == item.id for r in listed)
        ]
        panels.append((discretion.title(form), pictures))
    outside = [_outside(dossier, found, as_of, may) for found in results if found.is_abnormal]
    outside.sort(
        key=lambda line: (line.result.version.clinical_time.earliest, line.result.item.label), reverse=True
    )
    return SeenLaboratory(
        [picture for _panel, pictures in panels for picture in pictures if picture.is_loud],
        [(panel, quiet) for panel, pictures in panels if (quiet := [p for p in pictures if not p.is_loud])],
        outside,
        sum(line.result.judgement is None for line in outside),
    )


def _href(dossier: Dossier, key: FormKey, as_of: int | None) -> str:
    return address("form", dossier.participant, key.form, key.encounter or ALONE, key.instance, as_of=as_of)


def _outside(dossier: Dossier, found: LabResult, as_of: int | None, may: frozenset[str]) -> OutsideLine:
    key = found.version.key
    judge = (
        address(
            "judge_result", dossier.participant, key.form, key.encounter or ALONE, key.instance, found.item.id
        )
        if "enrol" in may
        else ""
    )
    entry = None if found.judgement is None else found.judgement.entry.sequence
    return OutsideLine(
        found,
        say_range(found.range.low, found.range.high),
        MARKS.get(found.flag or "", ""),
        _href(dossier, key, as_of),
        judge,
        entry,
    )


def say_range(low: str | None, high: str | None) -> str:
    """A range in figures."""
    if low is not None and high is not None:
        return _("%(low)s to %(high)s") % {"low": low, "high": high}
    if high is not None:
        return _("at most %(high)s") % {"high": high}
    return _("at least %(low)s") % {"low": low} if low is not None else _("no range")


def _draw(dossier: Dossier, results: Sequence[LabResult], as_of: int | None) -> TestPicture:
    infused = dossier.standing.infused_at
    start = infused.day if infused is not None else taken_on(results[0].version)
    days = [(taken_on(found.version) - start).days for found in results]
    scale = MonthScale(
        LEFT, RIGHT, min(-1.0, min(days) / DAYS_PER_MONTH), max(12.0, max(days) / DAYS_PER_MONTH)
    )
    numbers = [float(found.text) for found in results]
    ends = [float(end) for found in results for end in (found.range.low, found.range.high) if end is not None]
    least, most = min(numbers + ends), max(numbers + ends)
    room = 0.12 * (most - least or abs(most) or 1)
    bottom, top = least - room, most + room

    def y(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (value - bottom) / (top - bottom)

    points = [
        DrawnResult(
            place_text(scale.place(day)),
            place_text(y(number)),
            found.flag or "",
            _say(found, day),
            _href(dossier, found.version.key, as_of),
        )
        for found, day, number in zip(results, days, numbers, strict=True)
    ]
    item, last = results[0].item, results[-1]
    return TestPicture(
        item.label,
        item.unit or "",
        _bands(results, [scale.place(day) for day in days], y),
        " ".join(f"{point.x},{point.y}" for point in points),
        points,
        last.text,
        say_range(last.range.low, last.range.high),
        [AxisTick(place_text(scale.place(m * DAYS_PER_MONTH)), str(m)) for m in (0, 6, 12)],
        place_text(scale.place(0)) if infused is not None else "",
        "; ".join(point.words for point in points),
        any(found.is_abnormal for found in results),
    )


def _bands(results: Sequence[LabResult], places: Sequence[float], y: Any) -> list[tuple[str, str, str, str]]:
    """The range behind the values, as x, y, width, height; where it changed between two samples, it changes midway."""
    bands, begin = [], LEFT
    for place, found in enumerate(results):
        is_last = place == len(results) - 1
        following = None if is_last else results[place + 1].range
        if following is not None and (following.low, following.high) == (found.range.low, found.range.high):
            continue
        end = RIGHT if is_last else (places[place] + places[place + 1]) / 2
        if found.range:
            upper = TOP if found.range.high is None else y(float(found.range.high))
            lower = BOTTOM if found.range.low is None else y(float(found.range.low))
            bands.append(
                (place_text(begin), place_text(upper), place_text(end - begin), place_text(lower - upper))
            )
        begin = end
    return bands


def _say(found: LabResult, day: int) -> str:
    flag = {"low": _("low"), "high": _("high"), "normal": _("within its range")}.get(
        found.flag or "", _("no range")
    )
    return _("%(test)s %(value)s %(unit)s, %(flag)s, month %(months)s") % {
        "test": found.item.label, "value": found.text, "unit": found.item.unit or "", "flag": flag,
        "months": f"{day / DAYS_PER_MONTH:.1f}",
    }  # fmt: skip


@for_who_may("enrol")
@require_http_methods(["GET", "HEAD", "POST"])
def judge(
    request: HttpRequest, participant: str, form: str, encounter: str, instance: int, item: str
) -> HttpResponse:
    """Whether a value outside its range is clinically significant."""
    view = view_of(request)
    dossier = view.dossier(participant)
    panel = None if dossier is None else dossier.study.protocol.forms_by_id.get(form)
    asked = None if panel is None else panel.item(item)
    key = FormKey(form, "" if encounter == ALONE else encounter, instance)
    version = None if dossier is None else dossier.casebook.latest(key)
    if dossier is None or panel is None or asked is None or version is None or panel.plays != "laboratory":
        raise Http404
    found = ResultBook(dossier).result(panel, asked, version)
    if found is None or not found.is_abnormal or discretion_of(request, view).sight(form, item) != "shown":
        raise Http404
    said = found.judgement
    page = ActPage(
        "judge_result",
        _("Judge %(test)s %(value)s %(unit)s") % {"test": asked.label, "value": found.text, "unit": asked.unit or ""},
        _("Normal: %(range)s.") % {"range": say_range(found.range.low, found.range.high)}
        + (_(" It suggests grade %(grade)s, %(term)s.") % {"grade": found.grade, "term": found.term} if found.grade else ""),
        [
            ActField("significant", _("Is it clinically significant?"), "choice", options=[("no", _("Not significant")), ("yes", _("Significant"))],
                     value="" if said is None else ("yes" if said.significant else "no")),
            ActField("comment", _("Comment"), "long", hint=_("Needed where it is significant. An event may have to be reported besides."),
                     needed=False, value="" if said is None else said.comment),
        ],
        _("Enter the judgement"),
    )  # fmt: skip
    crumbs = [
        (_("Participants"), address("participants")),
        (participant, address("participant", participant)),
    ]

    def do(trial: Trial, values: dict[str, Any]) -> str:
        judge_result(
            trial, actor_of(request), participant=participant, **key.as_data(), item=item,
            version=version.version, **values,
        )  # fmt: skip
        return address("participant", participant) + "#laboratory"

    return run_act(request, page, crumbs, do, participant)
