"""The heap of work on the home that is about donors: reactions to giving tissue that have no outcome yet."""

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from charcot.clinical_time import ClinicalTime
from charcot.product.donor_reactions import REACTION_KINDS, DonorReaction, list_open_reactions
from charcot.protocol import verbs_allowing
from charcot.web.frame import address
from charcot.web.product_sight import seen_product
from charcot.web.reaction_fields import say_outcome, say_severity
from charcot.web.signed_in import SignedIn
from charcot.web.today import MOST, Amount, Desk, Line
from charcot.wiring.looking import TrialView

FOLLOWING = (*verbs_allowing("follow_donor_reaction"), "release")
"""The rights with which one has to know of them: to follow them, or to judge the tissue."""


def donor_desks(request: HttpRequest, view: TrialView, signed_in: SignedIn) -> list[Desk]:
    """Reactions without outcome, for who follows them or judges the tissue; nothing where no reaction was ever reported."""
    if not signed_in.may & set(FOLLOWING):
        return []
    entries = tuple(view.ledger.entries(kinds=REACTION_KINDS))
    if not any(entry.subject.startswith("donor/") for entry in entries):
        return []
    open_ones = list_open_reactions(entries)
    if signed_in.sites is not None:
        here = seen_product(request, view).donors
        open_ones = tuple(one for one in open_ones if one.donor in here)
    return [_desk(open_ones)]


def _desk(open_ones: Sequence[DonorReaction]) -> Desk:
    severe = sum(one.severity == "severe" for one in open_ones)
    rest = len(open_ones) - MOST
    where = address("product")
    return Desk(
        "donor-reactions",
        _("Reactions of donors"),
        [
            Amount(len(open_ones), _("without outcome"), where, "soon"),
            Amount(severe, _("of them severe"), where, "alarm"),
        ],
        [_line(one) for one in open_ones[:MOST]],
        Line(_("and %(n)s more") % {"n": rest}, where, "") if rest > 0 else None,
        empty=_("Every reaction that was reported has its outcome."),
    )


def _line(one: DonorReaction) -> Line:
    heard = date_format(ClinicalTime(one.last.clinical_time or "").day, "j M Y")
    said = {"severity": say_severity(one.severity), "outcome": say_outcome(one.outcome), "day": heard}
    return Line(
        _("Donor %(donor)s, %(reaction)s") % {"donor": one.donor, "reaction": one.id},
        address("donor", one.donor),
        _("%(severity)s, %(outcome)s; last heard of on %(day)s") % said,
        "alarm" if one.severity == "severe" else "soon",
    )
