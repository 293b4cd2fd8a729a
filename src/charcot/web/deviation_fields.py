"""What is asked where something went wrong: reporting, assessing and closing a deviation in manufacture, an entry in error."""

from django.utils.translation import gettext as _

from charcot.conduct.report_product_deviation import CLOSING, SEVERITIES
from charcot.web.act_pages import ActField, ActPage
from charcot.web.product_fields import Around, at, chosen, code, lots, plain_page, signature, whole, words


def ask_deviation_act(verb: str, around: Around) -> ActPage | None:
    """The page of an act on a deviation; None where it has none."""
    make = _PAGES.get(verb)
    return None if make is None else make(around, verb)


def _deviation(a: Around, verb: str) -> ActPage:
    steps = [(s.id, s.label) for s in a.protocol.product.steps] if a.protocol.product else []
    asks = [
        code(a, "lot", _("Lot"), lots(a)), at(a), chosen("severity", _("Severity"), SEVERITIES), words("description", _("What happened"), kind="long"),
        ActField("skips", _("Step left out"), "list", options=steps, needed=False),
    ]  # fmt: skip
    return plain_page(
        verb,
        _("Deviation in manufacture"),
        _("A major one keeps the lot from certification until it is closed."),
        asks,
    )


def _assess_deviation(a: Around, verb: str) -> ActPage:
    lot = a.record.lots.get(a.given("lot"))
    found = next((d for d in lot.deviations if d.id == a.given("deviation")), None) if lot else None
    known = found.finding if found else {}
    asks = [
        code(a, "lot", _("Lot"), lots(a)), words("deviation", _("Deviation"), value=a.given("deviation")),
        chosen("severity", _("Severity"), SEVERITIES, found.severity if found else ""),
        words("impact", _("Impact"), _("On the cells, on other lots, on patients who were given some"), kind="long", value=known.get("impact", "")),
        words("investigation", _("Investigation"), _("What was looked at, and what was found"), kind="long", value=known.get("investigation", "")),
        words("root_cause", _("Root cause"), kind="long", value=known.get("root_cause", "")),
        words("action", _("Corrective and preventive action"), _("What is done about it, and against its return"), kind="long", value=known.get("action", "")),
        words("owner", _("Who does it"), needed=False, value=known.get("owner", "")), words("due", _("Until"), _("year-month-day"), needed=False, kind="day", value=known.get("due", "")),
        words("reason", _("Reason"), _("Where the severity changes"), needed=False, kind="long"),
    ]  # fmt: skip
    intro = found.description if found else ""
    return plain_page(verb, _("Assess the deviation"), intro, asks)


def _close_deviation(a: Around, verb: str) -> ActPage:
    asks = [
        code(a, "lot", _("Lot"), lots(a)), words("deviation", _("Deviation"), value=a.given("deviation")),
        words("outcome", _("Outcome"), _("May the lot go on, and on what condition"), kind="long"), *signature(),
    ]  # fmt: skip
    return plain_page(
        verb,
        _("Close the deviation"),
        _("“%(meaning)s.” Not by who reported it.") % {"meaning": CLOSING},
        asks,
    )


def _annul(a: Around, verb: str) -> ActPage:
    asks = [
        words("about", _("Of"), _("product/ and the code of a lot, or dose/ or donor/ and that of a dose or donor"), value=a.given("about")),
        whole("entry", _("Number of the entry"), value=a.given("entry")), words("reason", _("Reason"), kind="long"),
    ]  # fmt: skip
    return plain_page(
        verb,
        _("Entered in error"),
        _(
            "It stays readable, with your reason, and no longer counts. A certification that rested on it no longer stands. Then enter what is right."
        ),
        asks,
        _("It was entered in error"),
    )


_PAGES = {
    "report_product_deviation": _deviation,
    "assess_product_deviation": _assess_deviation,
    "close_product_deviation": _close_deviation,
    "annul_product_entry": _annul,
}
