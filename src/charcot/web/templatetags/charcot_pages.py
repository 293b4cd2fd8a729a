"""Tags of the templates: `to` makes an address that keeps the moment looked at; dates as they are read."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django import template
from django.template.context import Context
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from charcot.clinical_time import ClinicalTime
from charcot.ledger import Entry
from charcot.report.format import raise_powers
from charcot.web.frame import AS_OF, address
from charcot.web.numbers import LinkedPiece

register = template.Library()


@register.simple_tag(takes_context=True)
def to(context: Context, name: str, *arguments: object, **query: object) -> str:
    """The address of a page, looking back as far as the page it stands on."""
    return address(name, *arguments, as_of=context.get(AS_OF), **query)


@register.simple_tag(takes_context=True)
def leaf(context: Context, number: int, key: str = "page") -> str:
    """The address of another page of the same list."""
    query = context["request"].GET.copy()
    moment = query.pop(AS_OF, [])
    query[key] = str(number)
    query.setlist(AS_OF, moment)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def beside(context: Context, **place: int | None) -> str:
    """The address of the part of the same list that lies before or after an entry; of its beginning, where neither is told."""
    query = context["request"].GET.copy()
    moment = query.pop(AS_OF, [])
    for name in ("before", "after"):
        query.pop(name, None)
    for name, number in place.items():
        if number is not None:
            query[name] = str(number)
    query.setlist(AS_OF, moment)
    return f"?{query.urlencode()}"


@register.filter
def clinical(text: str | ClinicalTime | None) -> str:
    """A clinical time in the site's zone, as precise as it is known: 14 Mar 2014, 09:30."""
    if not text:
        return ""
    time = text if isinstance(text, ClinicalTime) else ClinicalTime(str(text))
    shown = date_format(time.day, "j M Y")
    if not time.is_complete:
        shown = date_format(time.day, "M Y") if "-" in time.text else time.text
    if time.has_time:
        shown += f", {time.earliest:%H:%M}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', time.text, time.text.replace("T", " "), shown
    )


@register.filter
def raised(unit: str) -> str:
    """A unit with its powers raised: 10⁹/l."""
    return raise_powers(str(unit))


@register.filter
def day(moment: datetime | None) -> str:
    """A day: 14 Mar 2014."""
    return (
        ""
        if moment is None
        else format_html(
            '<time datetime="{}" title="{}">{}</time>',
            f"{moment:%Y-%m-%d}",
            f"{moment:%Y-%m-%d}",
            date_format(moment, "j M Y"),
        )
    )


@register.simple_tag(takes_context=True)
def recorded(context: Context, moment: str) -> SafeString:
    """When an entry was made, in the site's zone; UTC on hover."""
    return _moment(context, datetime.fromisoformat(moment))


@register.simple_tag(takes_context=True)
def moment(context: Context, at: datetime) -> SafeString:
    """A moment of the computer's clock, in the site's zone; UTC on hover."""
    return _moment(context, at)


def _moment(context: Context, moment: datetime) -> SafeString:
    at, utc = moment.astimezone(context["charter"].zone), moment.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        f"{utc:%Y-%m-%d %H:%M:%S} UTC",
        f"{date_format(at, 'j M Y')}, {at:%H:%M}",
    )


@register.filter
def words(text: str) -> str:
    """An id as words: `year_5` as `year 5`."""
    return str(text).replace("_", " ")


@register.filter
def typed_as(text: str) -> str:
    """What was typed for the value before it; nothing where that is what is kept."""
    said = format_html("<bdi>{}</bdi>", text)
    return (
        format_html(' <span class="quiet">{}</span>', mark_safe(_("typed as %(typed)s") % {"typed": said}))
        if text
        else ""
    )


@register.filter
def typed_at(entry: Entry, place: str) -> str:
    """What was typed for the value at a place of an entry; nothing where that is what is kept."""
    return typed_as(entry.typed.get(place, ""))


@register.filter
def short(text: str) -> str:
    """The beginning of a hash."""
    return f"{text[:12]}…"


@register.simple_tag(takes_context=True)
def pieces(context: Context, parts: Iterable[LinkedPiece]) -> SafeString:
    """Words and numbers of a report; each number leads to its result."""
    as_of = context.get(AS_OF)
    return mark_safe("".join(_piece(part, as_of) for part in parts))


def _piece(part: LinkedPiece, as_of: int | None) -> str:
    if part.id:
        kind = "n synthetic" if part.synthetic else "n"
        return format_html(
            '<a class="{}" data-panel data-row data-result="{}" href="{}" title="{}">{}</a>',
            kind, part.id, address("result", part.id, as_of=as_of), part.hover, part.text,
        )  # fmt: skip
    return format_html("<code>{}</code>", part.text) if part.code else escape(part.text)
