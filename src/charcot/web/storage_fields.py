"""What is asked where vials are frozen, moved, or were too warm, and the words of their states."""

from django.utils.translation import gettext as _

from charcot.conduct.report_product_deviation import SEVERITIES
from charcot.product.storage import list_stock
from charcot.web.act_pages import ActField, ActPage
from charcot.web.product_fields import Around, at, chosen, number, plain_page, words


def ask_storage_act(verb: str, around: Around) -> ActPage | None:
    """The page of an act on stored vials; None for another act."""
    make = _PAGES.get(verb)
    return None if make is None else make(around, verb)


def say_state(state: str) -> str:
    """What became of a vial, in words."""
    return {
        "frozen": _("frozen"),
        "thawed": _("thawed"),
        "used": _("used"),
        "destroyed": _("destroyed"),
    }.get(state, state)


def ask_places() -> ActField:
    """The places of the vials that a step freezes."""
    return ActField(
        "places",
        _("Places"),
        "scan",
        _("Tank, rack, box and position, such as T1/R2/B03/A7; one for each vial, separated by commas"),
    )


def _move(a: Around, verb: str) -> ActPage:
    frozen = [one for one in list_stock(a.record.lots.values()) if one.state == "frozen"]
    known = [(one.vial.id, one.place or "") for one in frozen]
    asks = [
        ActField("node", _("Vial"), "scan", _("Scan it, or choose it"), known, value=a.given("node")),
        at(a),
        words("place", _("To"), _("Tank, rack, box and position, such as T1/R2/B03/A7"), kind="scan"),
        words("reason", _("Reason"), needed=False),
    ]
    return plain_page(verb, _("Move a vial"), _("No two vials lie in one place."), asks)


def _excursion(a: Around, verb: str) -> ActPage:
    asks = [
        words("place", _("Where"), _("A tank, such as T1; or a rack, box or position of it"), kind="scan"),
        at(a, label=_("From")),
        at(a, "until", _("Until")),
        number("temperature", _("Warmest [°C]"), _("Such as -90")),
        chosen("severity", _("Severity"), SEVERITIES, "major"),
        words("description", _("What happened"), kind="long"),
    ]
    return plain_page(
        verb,
        _("Too warm in storage"),
        _(
            "A deviation is opened for each lot that had vials there then, also for those that were thawed since."
        ),
        asks,
    )


_PAGES = {"move_vial": _move, "report_storage_excursion": _excursion}
