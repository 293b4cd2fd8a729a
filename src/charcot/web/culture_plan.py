"""Planning a culture: from a weight and a day of infusion back to flasks and the day to begin, by the doubling times seen."""

from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charcot.conduct.on_product import require_number
from charcot.conduct.trial import require_date
from charcot.product import Growth, list_growth, plan_culture
from charcot.refusal import Refusal
from charcot.web.frame import address, show, view_of
from charcot.web.product_sight import require_sees_product
from charcot.wiring.products import product_of


@require_safe
def culture_plan(request: HttpRequest) -> HttpResponse:
    """What a dose for a weight takes, and when to begin."""
    require_sees_product(request)
    view = view_of(request)
    doses = [i.dose for i in view.nobody.protocol.interventions if i.dose is not None]
    if view.nobody.protocol.product is None or not doses:
        raise Http404
    growth = [one for lot in product_of(view).lots.values() for one in list_growth(lot)]
    given = {
        "weight": request.GET.get("weight", "").strip()[:20],
        "on": request.GET.get("on", "").strip()[:10],
        "seeded": request.GET.get("seeded", "1000000").strip()[:20],
        "adhering": request.GET.get("adhering", "1").strip()[:20],
        "flask": request.GET.get("flask", _seen_per_flask(growth)).strip()[:20],
        "days": request.GET.get("days", "2").strip()[:4],
    }
    context: dict[str, Any] = {"given": given, "seen": len(growth), "per_kg": doses[0].per_kg}
    if given["weight"] and given["on"]:
        try:
            for name in ("weight", "seeded", "adhering", "flask", "days"):
                require_number(given[name], name)
            context["plan"] = plan_culture(
                per_kg=doses[0].per_kg,
                weight_kg=given["weight"],
                infusion=date.fromisoformat(require_date(given["on"], "on")),
                growth=growth,
                seeded=given["seeded"],
                adhering=given["adhering"],
                cells_per_flask=given["flask"],
                test_days=int(Decimal(given["days"])),
            )
            context["asked"] = True
        except Refusal as refusal:
            context["refusal"] = refusal
    crumbs = [(_("Product"), address("product"))]
    return show(request, view, "web/culture_plan.html", context, here="product", crumbs=crumbs)


def _seen_per_flask(growth: list[Growth]) -> str:
    """The median of what a flask gave after P0; a guess where nothing was seen."""
    seen = [one.harvested / (one.area_cm2 / 150) for one in growth if one.passage > 0 and one.area_cm2]
    return str(round(median(seen))) if seen else "4000000"
