"""The normal ranges of the laboratory: the protocol's, and those that sites enter with the day from which they hold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from charcot.conduct import Trial, set_range
from charcot.laboratory import find_conversions, list_ranges
from charcot.protocol import Form, Item, NormalRange
from charcot.team import SiteRange
from charcot.web.act_pages import ActField, ActPage
from charcot.web.acting import run_act
from charcot.web.frame import address, may_of, show, sites_of, view_of
from charcot.web.laboratory import say_range
from charcot.web.signed_in import actor_of, for_who_may, signed_in_of
from charcot.web.visibility import discretion_of


@dataclass(frozen=True)
class RangeLine:
    """One range of one test, in words."""

    people: str
    range: str
    since: str
    site: str
    source: str
    entry: int | None
    typed: str
    """As it was typed, where that is otherwise than it is kept."""


@dataclass(frozen=True)
class TestRanges:
    """A test and every range that it has."""

    form: Form
    item: Item
    lines: Sequence[RangeLine]
    href: str


def _ranges(
    request: HttpRequest, own: Sequence[SiteRange], forms: Sequence[Form], may_set: bool
) -> Iterator[TestRanges]:
    for form in forms:
        for item in form.items:
            if item.type not in ("integer", "decimal"):
                continue
            here = [each for each in own if (each.form, each.item) == (form.form, item.id)]
            lines = [_line(normal, site) for normal, site in list_ranges(item, here)]
            href = address("set_range", form.form, item.id) if may_set else ""
            yield TestRanges(form, item, lines, href)


def _line(normal: NormalRange, own: SiteRange | None) -> RangeLine:
    ages = ""
    if normal.age_from is not None or normal.age_to is not None:
        ages = _("ages %(first)s to %(last)s") % {
            "first": normal.age_from or 0,
            "last": normal.age_to if normal.age_to is not None else "…",
        }
    people = ", ".join(filter(None, (normal.sex or "", ages)))
    return RangeLine(
        people or _("everybody"),
        say_range(normal.low, normal.high),
        normal.since or "",
        "" if own is None else own.site,
        "" if own is None else str(own.entry.data["source"]),
        None if own is None else own.entry.sequence,
        "" if own is None else _say_typed(own.entry.data.get("typed", {})),
    )


def _say_typed(typed: Mapping[str, str]) -> str:
    ends = ""
    if "low" in typed or "high" in typed:
        ends = f"{say_range(typed.get('low'), typed.get('high'))} {typed.get('unit', '')}".strip()
    years = [typed[name] for name in ("age_from", "age_to") if name in typed]
    return "; ".join(
        filter(None, (ends, *([_("ages %(ages)s") % {"ages": ", ".join(years)}] if years else [])))
    )


@require_safe
def ranges(request: HttpRequest) -> HttpResponse:
    """Every normal range: the protocol's, and those that sites entered."""
    view = view_of(request)
    protocol = view.nobody.protocol
    seen_sites = sites_of(request)
    own = [each for each in view.charter.site_ranges if seen_sites is None or each.site in seen_sites]
    discretion = discretion_of(request, view)
    may_set = bool({"enrol", "lock"} & may_of(request))
    forms = [form for form in protocol.forms if form.plays == "laboratory" and discretion.shows(form)]
    panels = [(form, list(_ranges(request, own, [form], may_set))) for form in forms]
    crumbs = [(_("Safety"), address("safety"))]
    return show(request, view, "web/ranges.html", {"panels": panels}, here="safety", crumbs=crumbs)


@for_who_may("enrol", "lock")
@require_http_methods(["GET", "HEAD", "POST"])
def new_range(request: HttpRequest, form: str, item: str) -> HttpResponse:
    """A site's own range of one test, from a day on."""
    view = view_of(request)
    protocol = view.nobody.protocol
    panel = protocol.forms_by_id.get(form)
    asked = None if panel is None else panel.item(item)
    if (
        panel is None
        or asked is None
        or panel.plays != "laboratory"
        or asked.type not in ("integer", "decimal")
    ):
        raise Http404
    signed_in = signed_in_of(request)
    held = signed_in.sites if signed_in is not None else None
    sites = [(site.id, site.name) for site in protocol.trial.design.sites if held is None or site.id in held]
    units = [asked.unit or "", *(conversion.unit for conversion in find_conversions(asked))]
    sex_form, _dot, sex_item = (protocol.sex_item or "").partition(".")
    sex = protocol.forms_by_id[sex_form].item(sex_item) if sex_form in protocol.forms_by_id else None
    sexes = [] if sex is None else [(code.code, code.label) for code in protocol.codes_of(sex)]
    page = ActPage(
        "set_range",
        _("Normal range of %(test)s") % {"test": asked.label},
        _("From a day on: samples taken before keep the range that held then. It stands before the protocol's own range."),
        [
            ActField("site", _("Site"), "list", options=sites, value=sites[0][0] if len(sites) == 1 else ""),
            ActField("since", _("For samples taken from this day on"), "day"),
            ActField("low", _("Lower end"), needed=False),
            ActField("high", _("Upper end"), needed=False, hint=_("A value at an end is normal.")),
            *([ActField("unit", _("Unit"), "list", options=[(unit, unit) for unit in units], value=units[0])] if len(units) > 1 else []),
            *([ActField("sex", _("For"), "list", options=[("", _("everybody")), *sexes], needed=False)] if sexes else []),
            ActField("age_from", _("From the age of"), needed=False, hint=_("Completed years; leave empty for all ages.")),
            ActField("age_to", _("To the age of"), needed=False),
            ActField("source", _("Where it was read"), hint=_("Such as: list of the laboratory, version 3, 1 March 2014.")),
        ],
        _("Enter the range"),
    )  # fmt: skip
    crumbs = [(_("Safety"), address("safety")), (_("Normal ranges"), address("ranges"))]

    def do(trial: Trial, values: dict[str, Any]) -> str:
        set_range(trial, actor_of(request), form=form, item=item, **values)
        return address("ranges")

    return run_act(request, page, crumbs, do, here="safety")
