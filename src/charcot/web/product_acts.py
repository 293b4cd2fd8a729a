"""Doing an act on the product on its page: what was written becomes the arguments of the verb, through the one door."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from charcot import conduct
from charcot.conduct import Trial
from charcot.conduct.at_site import AT_SITE
from charcot.conduct.certify import CERTIFYING, REJECTING
from charcot.conduct.decide_donor import EXCEPTION
from charcot.conduct.process import Made
from charcot.conduct.report_product_deviation import CLOSING
from charcot.ledger import Actor, Entry
from charcot.product import Taken, lot_of
from charcot.protocol import verbs_allowing
from charcot.refusal import BadValue
from charcot.web.act_pages import ActPage
from charcot.web.acting import run_act
from charcot.web.deviation_fields import ask_deviation_act
from charcot.web.dose_fields import ask_dose_act, ask_step
from charcot.web.frame import address, may_of, seen_participants, sites_of, view_of
from charcot.web.product_fields import Around, ask_act
from charcot.web.product_sight import seen_product
from charcot.web.reaction_fields import ask_reaction_act
from charcot.web.signed_in import actor_of, for_who_may, open_trial_of, present_of, signed_in_of
from charcot.web.storage_fields import ask_storage_act
from charcot.wiring.label_schemes import choose_label_scheme, read_scan
from charcot.wiring.looking import TrialView
from charcot.wiring.products import read_back_label
from charcot.wiring.signing_in import check_signature, prove_second

ACTS = (
    "register_donor", "consent_donor", "screen_donor", "record_donor_test", "decide_donor", "report_donor_reaction", "follow_donor_reaction", "receive_material",
    "release_material", "recall_material", "calibrate", "procure", "process", "count_cells", "move_vial", "report_storage_excursion", "request_test", "result_test", "review_test",
    "report_product_deviation", "assess_product_deviation", "close_product_deviation", "annul_product_entry", "certify", "prescribe_dose", "prepare_dose", "print_labels", "reconcile_labels",
    "issue_dose", "hand_over_dose", "receive_dose", "check_bedside", "end_dose", "open_recall", "notify_recall", "close_recall",
)  # fmt: skip
"""Every act on the product that has a page."""
ABOUT = (
    "donor",
    "reaction",
    "lot",
    "node",
    "dose",
    "test",
    "step",
    "code",
    "recall",
    "participant",
    "deviation",
    "outcome",
    "about",
    "entry",
)
PEOPLE = ("verifier", "second", "to", "witness", "acknowledged_by")
MAY = tuple(sorted({verb for act in ACTS for verb in verbs_allowing(act)}))


def may_do_act(request: HttpRequest, act: str) -> bool:
    """Whether who is signed in may do an act."""
    signed_in = signed_in_of(request)
    return signed_in is not None and any(verb in signed_in.may for verb in verbs_allowing(act))


def may_offer(request: HttpRequest, act: str) -> bool:
    """Whether an act can be offered: they may do it, here, no moment of the past is shown, and the trial is not locked."""
    if act not in AT_SITE and _is_bound(request):
        return False
    return any(verb in may_of(request) for verb in verbs_allowing(act))


def _is_bound(request: HttpRequest) -> bool:
    """Whether the role holds at some of the trial's sites only."""
    held, (charter, today) = sites_of(request), present_of(request)
    sites = charter.ruling_on(today).study.protocol.trial.design.sites
    return held is not None and not {site.id for site in sites} <= held


@for_who_may(*MAY)
@sensitive_post_parameters("password", "token_code", "second_password", "second_token")
@require_http_methods(["GET", "HEAD", "POST"])
def product_act(request: HttpRequest, verb: str) -> HttpResponse:
    """One act on the product."""
    if verb not in ACTS or not may_do_act(request, verb):
        raise Http404
    view = view_of(request)
    around = around_of(request, view)
    if around.protocol.product is None:
        raise Http404
    page = _page(verb, around)
    if page is None:
        raise Http404

    def do(trial: Trial, values: dict[str, Any]) -> str:
        return do_act(request, trial, verb, page, around, values)

    crumbs = [(_("Product"), address("product"))]
    lot = around.given("lot") or lot_of(around.given("node"))
    if lot:
        crumbs.append((lot, address("lot", lot)))
    elif around.given("dose"):
        crumbs.append((around.given("dose"), address("dose", around.given("dose"))))
    return run_act(request, page, crumbs, do, here="product")


def _page(verb: str, around: Around) -> ActPage | None:
    if verb != "process":
        askers = (ask_act, ask_reaction_act, ask_dose_act, ask_deviation_act, ask_storage_act)
        return next((page for ask in askers if (page := ask(verb, around)) is not None), None)
    lot = around.record.lots.get(around.given("lot"))
    step = around.protocol.product.step(around.given("step")) if around.protocol.product else None
    return None if lot is None or step is None or step.does == "formulate" else ask_step(around, lot, step)


def around_of(request: HttpRequest, view: TrialView) -> Around:
    """What the pages of acts know."""
    now = view.charter.site_time(open_trial_of(request).clock())
    protocol = view.charter.ruling_on(now.date()).study.protocol
    me, sites = signed_in_of(request), sites_of(request)
    people = [
        (f"{d.person}|{d.role}", f"{d.person} · {role.label}")
        for d in view.charter.delegations
        if d.holds_on(now.date()) and (sites is None or d.site is None or d.site in sites) and (role := protocol.role(d.role)) and (me is None or d.person != me.person)
        and {"procure", "process", "test", "release", "infuse"} & set(role.may)
    ]  # fmt: skip
    about = {name: request.GET[name].strip()[:60] for name in ABOUT if request.GET.get(name)}
    return Around(
        protocol,
        seen_product(request, view),
        f"{now:%Y-%m-%dT%H:%M}",
        about,
        people,
        seen_participants(request, view),
    )


def do_act(
    request: HttpRequest, trial: Trial, verb: str, page: ActPage, around: Around, values: dict[str, Any]
) -> str:
    """Calls the verb with what was written; says where to go on."""
    given = dict(values)
    if given.get("dose"):
        given["dose"] = read_scan(given["dose"], "dose")
    _prove_people(request, given)
    if "password" in given or "token_code" in given:
        _sign(request, verb, given)
    where = _where(verb, given, around)
    if verb == "print_labels":
        given |= _read_back(request, around, given["dose"])
    arguments = SHAPED[verb](given, around) if verb in SHAPED else given
    act: Callable[..., tuple[Entry, ...]] = getattr(conduct, verb)
    typed = {_argument(name, values): text for name, text in trial.typed.items()}
    act(replace(trial, typed=typed), actor_of(request), **arguments)
    return where


def _read_back(request: HttpRequest, around: Around, dose: str) -> dict[str, Any]:
    """What the label says, and what was read back from its picture before it is printed."""
    course = around.record.doses.get(dose)
    if course is None or course.prepared is None:
        return {}
    text, payload, scheme = read_back_label(view_of(request), course)
    return {"text": text, "payload_sha256": payload, "scheme": scheme}


def _prove_people(request: HttpRequest, given: dict[str, Any]) -> None:
    """Whom the page names as another person; who stands beside proves it with their password."""
    password, token = given.pop("second_password", ""), given.pop("second_token", "")
    for name in PEOPLE:
        if given.get(name):
            person, _bar, role = str(given[name]).partition("|")
            if name != "to":
                me = signed_in_of(request)
                if me is not None and me.person == person:
                    raise BadValue(
                        _("The second person is somebody else."), rule=_("Product: two people"), next_step=_("Choose another person."), facts={"field": name},
                    )  # fmt: skip
                prove_second(request, person, password, token)
            given[name] = Actor(person, role)


def _sign(request: HttpRequest, verb: str, given: dict[str, Any]) -> None:
    password, token = given.pop("password", ""), given.pop("token_code", "")
    if verb == "decide_donor" and given.get("decision") != "exception":
        return
    meaning = {"decide_donor": EXCEPTION, "close_product_deviation": CLOSING}.get(
        verb, REJECTING if given.get("outcome") == "rejected" else CERTIFYING
    )
    given["signature"] = check_signature(request, password, token, meaning)


def _where(verb: str, given: Mapping[str, Any], around: Around) -> str:
    """The page that shows what was entered."""
    lot = (
        given.get("lot")
        or lot_of(str(given.get("node") or given.get("parents") or ""))
        or around.given("lot")
    )
    if verb in ("move_vial", "report_storage_excursion"):
        return address("stock")
    about, _slash, name = str(given.get("about", "")).partition("/")
    if about in ("product", "dose", "donor"):
        return address("lot" if about == "product" else about, name)
    if given.get("dose"):
        return address("dose", given["dose"])
    if verb == "process" or (lot and verb not in ("open_recall",)):
        return address("lot", lot)
    if given.get("donor"):
        return address("donor", given["donor"])
    return address("recalls") if "recall" in verb and verb != "recall_material" else address("materials")


def _named(given: Mapping[str, Any], prefix: str) -> dict[str, str]:
    return {name[len(prefix) :]: text for name, text in given.items() if name.startswith(prefix) and text}


def _argument(name: str, given: Mapping[str, Any]) -> str:
    """What a field of a page is called as an argument of its act."""
    inside = {"p_": "parameters", "q_": "answers"}
    if name[:2] in inside:
        return f"{inside[name[:2]]}.{name[2:]}"
    if name.startswith("a_"):
        return f"materials.{given.get(f'm_{name[2:]}', '')}"
    what, _bar, number = name.rpartition("_")
    return f"replicates.{int(number) - 1}.{what}" if what in ("viable", "dead") else name


def _with_means(given: dict[str, Any]) -> dict[str, Any]:
    """Materials and equipment, out of the fields of each kind."""
    lots, amounts = _named(given, "m_"), _named(given, "a_")
    plain = {n: v for n, v in given.items() if not n.startswith(("m_", "a_", "e_", "p_", "q_"))}
    return {
        **plain,
        "parameters": _named(given, "p_"),
        "materials": {code: amounts.get(kind, "") for kind, code in lots.items()},
        "equipment": list(_named(given, "e_").values()),
    }


def _step(given: dict[str, Any], around: Around) -> dict[str, Any]:
    said = _with_means(given)
    cells = said.pop("cells", None)
    details: dict[str, str] = {name: said.pop(name) for name in ("vessels", "area_cm2") if name in said}
    places = _codes(said.pop("places", ""))
    parents, made = _codes(said.pop("parents")), _codes(said.pop("children", ""))
    if places and len(places) != len(made):
        raise BadValue(
            _("%(places)d places for %(vials)d vials.") % {"places": len(places), "vials": len(made)},
            rule=_("Storage: each vial has a place of its own"), next_step=_("Write one place for each vial, in the same order."), facts={"field": "places"},
        )  # fmt: skip
    return {
        **said,
        "lot": around.given("lot"),
        "step": around.given("step"),
        "parents": [Taken(code, cells) for code in parents],
        "children": [
            Made(name, {**details, **({"place": places[n]} if places else {})}) for n, name in enumerate(made)
        ],
    }


def _codes(text: Any) -> list[str]:
    return [code.strip() for code in str(text).split(",") if code.strip()]


def _prepare(given: dict[str, Any], _around: Around) -> dict[str, Any]:
    return _with_means(given)


def _register(given: dict[str, Any], _around: Around) -> dict[str, Any]:
    said = dict(given)
    identity = {name: said.pop(name) for name in ("given_name", "family_name") if name in said}
    return {**said, "identity": identity}


def _screen(given: dict[str, Any], _around: Around) -> dict[str, Any]:
    plain = {n: v for n, v in given.items() if not n.startswith("q_")}
    return {**plain, "answers": _named(given, "q_")}


def _count(given: dict[str, Any], _around: Around) -> dict[str, Any]:
    said = {n: v for n, v in given.items() if not n.startswith(("viable_", "dead_"))}
    replicates = [
        (int(given[f"viable_{n}"]), int(given.get(f"dead_{n}", "0")))
        for n in ("1", "2", "3")
        if f"viable_{n}" in given
    ]
    return {**said, "replicates": replicates}


def _print(given: dict[str, Any], _around: Around) -> dict[str, Any]:
    return {**given, "copies": int(given["copies"])}


def _reconcile(given: dict[str, Any], _around: Around) -> dict[str, Any]:
    return {**given, "used": int(given["used"]), "destroyed": int(given["destroyed"])}


def _recall(given: dict[str, Any], _around: Around) -> dict[str, Any]:
    return {**given, "lots": [code.strip() for code in given["lots"].split(",") if code.strip()]}


def _check(given: dict[str, Any], around: Around) -> dict[str, Any]:
    """The scans are read by the scheme that the labels of the dose were printed by."""
    course = around.record.doses.get(given["dose"])
    return given if course is None else {**given, "scheme": choose_label_scheme(course.label_scheme)}


def _annul(given: dict[str, Any], _around: Around) -> dict[str, Any]:
    return {**given, "entry": int(given["entry"])}


SHAPED: Mapping[str, Callable[[dict[str, Any], Around], dict[str, Any]]] = {
    "process": _step, "prepare_dose": _prepare, "register_donor": _register, "screen_donor": _screen, "count_cells": _count,
    "print_labels": _print, "reconcile_labels": _reconcile, "open_recall": _recall,
    "annul_product_entry": _annul, "check_bedside": _check,
}  # fmt: skip
"""How the arguments of a verb are made from the fields of its page, where they are not the same."""
