"""Who may see what was done to the product: roles that see its label, and of participants only those of their sites."""

from collections.abc import Callable
from dataclasses import replace

from django.http import HttpRequest
from django.utils.translation import gettext as _

from charcot.refusal import NotAllowed
from charcot.web.frame import seen_participants, sites_of
from charcot.web.signed_in import sees_of
from charcot.wiring.looking import TrialView
from charcot.wiring.products import ProductRecord, product_of

PRODUCT = "product"


def sees_product(request: HttpRequest) -> bool:
    """Whether the role sees what is labelled as the product's."""
    return PRODUCT in sees_of(request)


def require_sees_product(request: HttpRequest) -> None:
    """Raises NotAllowed where the role does not see the product."""
    if not sees_product(request):
        raise NotAllowed(
            _("Your role does not see the laboratory's record of the product."),
            rule=_("Visibility: product"),
            next_step=_("Ask somebody whose role sees it, or have such a role delegated to you."),
        )


def product_seen(request: HttpRequest, view: TrialView) -> ProductRecord:
    """The product as of a view; for a role bound to a site without the donors and doses of participants of other sites."""
    record = product_of(view)
    if sites_of(request) is None:
        return record
    seen = set(seen_participants(request, view))
    donors = {n: d for n, d in record.donors.items() if d.recipient is None or d.recipient in seen}
    doses = {n: d for n, d in record.doses.items() if d.participant in seen}
    return replace(record, donors=donors, doses=doses)


def seen_node_test(request: HttpRequest, view: TrialView) -> Callable[[str], bool]:
    """Whether a node of a trace may be shown: participants of other sites and their events are not."""
    sites = sites_of(request)
    known: dict[str, bool] = {}

    def seen(node: str) -> bool:
        kind, _slash, name = node.partition("/")
        if sites is None or kind not in ("participant", "event"):
            return True
        participant = name.partition("/")[0]
        if participant not in known:
            dossier = view.dossier(participant)
            known[participant] = dossier is not None and dossier.site in sites
        return known[participant]

    return seen
