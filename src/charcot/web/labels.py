"""The labels of a dose as a page to print, after what they say was entered."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from charcot.ledger import subject_of
from charcot.product import fold_dose
from charcot.product.labels import label_of_dose
from charcot.report.label_pictures import ON_A_PAGE, render_label_page
from charcot.web.frame import view_of
from charcot.web.product_sight import require_sees_product, seen_node_test
from charcot.wiring.label_schemes import choose_label_scheme


@require_safe
def label_page(request: HttpRequest, dose: str) -> HttpResponse:
    """As many labels as the last printing entered, each drawn from that entry and read back before it is given out."""
    require_sees_product(request)
    view = view_of(request)
    course = fold_dose(tuple(view.ledger.entries(subjects=[subject_of("dose", dose)])))
    if (
        course is None
        or course.labels is None
        or not seen_node_test(request, view)(f"participant/{course.participant}")
    ):
        raise Http404
    data = course.labels.data
    copies = min(int(data["copies"]), ON_A_PAGE)
    label = label_of_dose(view.charter.trial, data["text"])
    response = HttpResponse(
        render_label_page(label, copies, choose_label_scheme(course.label_scheme)),
        content_type="application/pdf",
    )
    response["Content-Disposition"] = f'inline; filename="labels-{course.id}.pdf"'
    return response
