"""What is asked of a donor's reaction to giving tissue: its report, and each look at it until it has an outcome."""

from django.utils.translation import gettext as _

from charcot.product.donor_reactions import OUTCOMES, OUTCOMES_LATER, SEVERITIES
from charcot.web.act_pages import ActField, ActPage
from charcot.web.product_fields import Around, at, code, donors, plain_page, words


def ask_reaction_act(verb: str, around: Around) -> ActPage | None:
    """The page of an act on a donor's reaction; None for another act."""
    make = _PAGES.get(verb)
    return None if make is None else make(around, verb)


def say_outcome(outcome: str) -> str:
    """The outcome of a reaction in words."""
    return {
        "ongoing": _("ongoing"),
        "unknown": _("not known yet"),
        "recovered": _("recovered"),
        "lasting": _("recovered with something lasting"),
        "fatal": _("fatal"),
        "lost": _("lost to follow-up"),
    }.get(outcome, outcome)


def say_severity(severity: str) -> str:
    """The severity of a reaction in words."""
    return {"mild": _("mild"), "moderate": _("moderate"), "severe": _("severe")}.get(severity, severity)


def _severity(value: str = "") -> ActField:
    options = [(one, say_severity(one)) for one in SEVERITIES]
    return ActField("severity", _("Severity"), "list", options=options, value=value)


def _report(a: Around, verb: str) -> ActPage:
    asks = [
        code(a, "donor", _("Donor"), donors(a)),
        at(a, label=_("It began")),
        words("description", _("What happened"), kind="long"),
        _severity(),
        ActField("outcome", _("Outcome"), "list", options=[(one, say_outcome(one)) for one in OUTCOMES]),
    ]
    return plain_page(verb, _("Reaction of the donor"), _("Followed until it has an outcome."), asks)


def _follow(a: Around, verb: str) -> ActPage:
    donor = a.record.donors.get(a.given("donor"))
    open_ones = donor.open_reactions if donor else ()
    known = next((one for one in open_ones if one.id == a.given("reaction")), None)
    asks = [
        code(a, "donor", _("Donor"), donors(a)),
        ActField(
            "reaction",
            _("Reaction"),
            "list",
            options=[(one.id, f"{one.id} · {one.reported.data['description']}") for one in open_ones],
            value=a.given("reaction"),
        ),
        at(a, label=_("Seen, or heard of")),
        words("found", _("What was found"), kind="long"),
        _severity(known.severity if known else ""),
        ActField(
            "outcome",
            _("Outcome"),
            "list",
            _("Ongoing and not known yet keep it on the list"),
            [(one, say_outcome(one)) for one in OUTCOMES_LATER],
        ),
    ]
    intro = _("With an outcome it is no longer followed. Each look at it stays readable.")
    return plain_page(verb, _("Follow the donor’s reaction"), intro, asks)


_PAGES = {"report_donor_reaction": _report, "follow_donor_reaction": _follow}
