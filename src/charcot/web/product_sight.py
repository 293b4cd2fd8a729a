"""Who may see what was done to the product: roles that see its label, and of participants, doses and donors only those of their sites."""

from collections.abc import Callable
from dataclasses import replace

from django.http import HttpRequest
from django.utils.translation import gettext as _

from charcot.ledger import subject_of
from charcot.refusal import NotAllowed
from charcot.web.frame import sees_any, sites_of
from charcot.web.signed_in import sees_of
from charcot.wiring.looking import TrialView
from charcot.wiring.products import ProductRecord, owners_of, product_of

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


def seen_node_test(request: HttpRequest, view: TrialView) -> Callable[[str], bool]:
    """Whether a node of a trace may be shown: participants of other sites, their events, doses and donors are not."""
    if sites_of(request) is None:
        return lambda _node: True
    seen, owners = sees_any(request, view), owners_of(view)

    def seen_node(node: str) -> bool:
        kind, _slash, name = node.partition("/")
        if kind == "reaction":
            kind, name = "donor", name.partition("/")[0]
        if kind in ("participant", "event"):
            return seen([name.partition("/")[0]])
        return seen(owners.get(subject_of(kind, name), ())) if kind in ("dose", "donor") else True

    return seen_node


def seen_product(request: HttpRequest, view: TrialView) -> ProductRecord:
    """The product as the role may see it: everything made, and of doses and donors those of the participants of its sites."""
    record = product_of(view)
    if sites_of(request) is None:
        return record
    seen, owners = sees_any(request, view), owners_of(view)
    return replace(
        record,
        donors={n: d for n, d in record.donors.items() if seen(owners.get(subject_of("donor", n), ()))},
        doses={n: d for n, d in record.doses.items() if seen([d.participant])},
    )
