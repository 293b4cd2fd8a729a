"""The stock of frozen vials: what lies where, and what became of the others."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.product.storage import STATES, StoredVial, count_states, list_stock
from charcot.web.frame import address, show, view_of
from charcot.web.product_acts import may_offer
from charcot.web.product_pages import offers
from charcot.web.product_sight import require_sees_product, seen_product
from charcot.web.storage_fields import say_state


@require_safe
def stock(request: HttpRequest) -> HttpResponse:
    """Vials on hand by place, those that were thawed, used or destroyed beneath, and how many of each."""
    require_sees_product(request)
    view = view_of(request)
    vials = list_stock(seen_product(request, view).lots.values())
    counts = count_states(vials)
    on_hand = sorted((one for one in vials if one.state == "frozen"), key=lambda one: one.place or "")
    context = {
        "counts": [(counts[state], say_state(state), state) for state in STATES],
        "on_hand": [_line(request, one) for one in on_hand],
        "gone": [_line(request, one) for one in vials if one.state != "frozen"],
        "offers": offers(request, ("move_vial", "report_storage_excursion"), "move_vial"),
    }
    crumbs = [(_("Product"), address("product"))]
    return show(request, view, "web/stock.html", context, here="product", crumbs=crumbs)


def _line(request: HttpRequest, one: StoredVial) -> dict[str, Any]:
    taken = next(iter(one.lot.genealogy.uses.get(one.vial.id, ())), None)
    moves = one.stays[1:] if one.vial.details.get("place") else one.stays
    strikable = one.state == "frozen" and moves and may_offer(request, "annul_product_entry")
    return {
        "stored": one,
        "state": say_state(one.state),
        "taken": taken,
        "moves": moves,
        "strike": moves[-1].entry if strikable else 0,
        "may_move": one.state == "frozen" and may_offer(request, "move_vial"),
    }
