"""What the acts on the product ask on their pages, act by act, with what is already known filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from charcot.conduct.certify import OUTCOMES
from charcot.product import DECISIONS, DEGREES, DONOR_RESULTS, VERDICTS
from charcot.protocol import Item, Protocol
from charcot.web.act_pages import ActField, ActPage
from charcot.wiring.products import ProductRecord


@dataclass(frozen=True)
class Around:
    """What a page of an act knows: the protocol, the product so far, the moment, what it is about, and who could be the second person."""

    protocol: Protocol
    record: ProductRecord
    now: str
    about: Mapping[str, str]
    people: Sequence[tuple[str, str]]
    participants: Sequence[str]

    def given(self, name: str) -> str:
        """What the address says a field is about."""
        return self.about.get(name, "")


def ask_act(verb: str, around: Around) -> ActPage | None:
    """The page of an act; None where it has none."""
    make = _PAGES.get(verb)
    return None if make is None else make(around, verb)


def plain_page(verb: str, title: str, intro: str, asks: Sequence[ActField], button: str = "") -> ActPage:
    """A page whose button says what its title says, unless another is given."""
    return ActPage(verb, title, intro, asks, button or title)


def at(around: Around, name: str = "at", label: str = "") -> ActField:
    """A moment to the minute, now unless another is written."""
    return ActField(name, label or _("At"), "minute", _("year-month-day, T, hour:minute"), value=around.now)


def code(around: Around, name: str, label: str, known: Sequence[tuple[str, str]]) -> ActField:
    """A code that is scanned or chosen."""
    return ActField(name, label, "scan", _("Scan it, or choose it"), known, value=around.given(name))


def chosen(name: str, label: str, words: Sequence[str], value: str = "") -> ActField:
    """One of a closed list."""
    return ActField(
        name, label, "list", options=[(word, _(word.replace("_", " "))) for word in words], value=value
    )


def words(
    name: str, label: str, hint: str = "", *, needed: bool = True, kind: str = "short", value: str = ""
) -> ActField:
    """Something that is written."""
    return ActField(name, label, kind, hint, needed=needed, value=value)


def number(name: str, label: str, hint: str = "", *, needed: bool = True, value: str = "") -> ActField:
    """A number, with a decimal point or comma, in any digits."""
    return words(name, label, hint, needed=needed, kind="number", value=value)


def whole(name: str, label: str, hint: str = "", *, needed: bool = True, value: str = "") -> ActField:
    """A whole number, in any digits."""
    return words(name, label, hint, needed=needed, kind="whole", value=value)


def item_kind(item: Item | None) -> str:
    """How what a form's item holds is asked."""
    return {"integer": "whole", "decimal": "number", "date": "day", "datetime": "minute"}.get(
        item.type if item else "", "short"
    )


def second(around: Around, label: str, verbs: str = "second") -> list[ActField]:
    """Another person, who proves with their own password that they stand here."""
    return [
        ActField(verbs, label, "list", options=list(around.people), value=""),
        ActField("second_password", _("Their password"), "secret", _("Typed by the second person.")),
        ActField(
            "second_token",
            _("Their six digits"),
            "secret",
            _("Where they have a second factor."),
            needed=False,
        ),
    ]


def signature() -> list[ActField]:
    """The signature of who is signed in."""
    return [
        ActField("password", _("Your password"), "secret", _("It signs what is entered here.")),
        ActField(
            "token_code", _("Your six digits"), "secret", _("Where you have a second factor."), needed=False
        ),
    ]


def donors(around: Around) -> list[tuple[str, str]]:
    """Donors by code."""
    return [(d.id, d.status) for d in around.record.donors.values()]


def lots(around: Around) -> list[tuple[str, str]]:
    """Lots by code."""
    return [(lot.id, lot.status) for lot in around.record.lots.values()]


def doses(around: Around) -> list[tuple[str, str]]:
    """Doses by code."""
    return [(d.id, d.status) for d in around.record.doses.values()]


def nodes(around: Around) -> list[tuple[str, str]]:
    """Populations of the lot that the page is about, or of all."""
    wanted = around.given("lot") or around.given("node").partition(".")[0]
    chosen_lots = [lot for lot in around.record.lots.values() if wanted in ("", lot.id)]
    return [
        (p.id, p.kind) for lot in chosen_lots for p in lot.genealogy.populations.values() if p.kind != "dose"
    ]


def _donor_code(a: Around) -> ActField:
    return code(a, "donor", _("Donor"), donors(a))


def _register(a: Around, verb: str) -> ActPage:
    return plain_page(
        verb, _("Register a donor"), _("The laboratory sees the code only. Kinship and name are kept apart from it."),
        [
            words("donor", _("Code of the donor"), _("Such as D01; never a name")),
            ActField("participant", _("For the participant"), "list", options=[(p, p) for p in a.participants], value=a.given("participant")),
            chosen("relation", _("The donor is the participant’s"), list(DEGREES)),
            ActField("given_name", _("Given name"), hint=_("Sealed under a key of the donor’s own"), needed=False, personal=True),
            ActField("family_name", _("Family name"), needed=False, personal=True),
        ],
    )  # fmt: skip


def _consent(a: Around, verb: str) -> ActPage:
    asks = [
        _donor_code(a),
        at(a, label=_("Consented")),
        words("form_version", _("Version of the consent form")),
    ]
    return plain_page(verb, _("Donor’s consent"), _("Nothing is asked, tested or taken before it."), asks)


def _screen(a: Around, verb: str) -> ActPage:
    plan = a.protocol.product
    form = a.protocol.forms_by_id.get((plan.donor.screening if plan else None) or "")
    asks = [_donor_code(a), at(a, label=_("Asked"))]
    for item in form.items if form is not None else ():
        if item.visibility == "donor_identity":
            continue
        options = [(c.code, c.label) for c in a.protocol.codes_of(item)]
        kind = "list" if options else item_kind(item)
        asks.append(ActField(f"q_{item.id}", item.label, kind, item.help or "", options, needed=False))
    asks.append(chosen("suitable", _("These answers let the donor give tissue"), ("yes", "no")))
    return plain_page(verb, _("Screen the donor"), _("By the questions of the protocol."), asks)


def _donor_test(a: Around, verb: str) -> ActPage:
    tests = [(t.id, t.label) for t in a.protocol.product.donor.tests] if a.protocol.product else []
    asks = [
        _donor_code(a),
        ActField("test", _("Test"), "list", options=tests, value=a.given("test")),
        at(a, "sampled_at", _("Blood taken")),
        chosen("result", _("Result"), DONOR_RESULTS),
        words("method", _("Method")),
    ]
    return plain_page(
        verb,
        _("Donor’s test"),
        _("A further result stands beside the earlier one; nothing is overwritten."),
        asks,
    )


def _decide(a: Around, verb: str) -> ActPage:
    asks = [
        _donor_code(a), at(a), chosen("decision", _("Decision"), DECISIONS),
        words("reason", _("Reason"), _("Where the donor is declined, or taken by exception"), needed=False, kind="long"),
        *(replace_needed(field) for field in signature()),
    ]  # fmt: skip
    return plain_page(
        verb, _("Decide about the donor"),
        _("Eligible only where every test is negative and in its window. An exception is signed by a physician, and the label warns."), asks,
    )  # fmt: skip


def replace_needed(asked: ActField) -> ActField:
    """The same field, which may stay empty."""
    return ActField(asked.name, asked.label, asked.kind, asked.hint, asked.options, needed=False)


def _receive(a: Around, verb: str) -> ActPage:
    kinds = (
        [(m.id, f"{m.label} [{m.unit}]") for m in a.protocol.product.materials] if a.protocol.product else []
    )
    asks = [
        words("code", _("Code of this delivery"), _("Such as COL-1401"), kind="scan"), ActField("material", _("Material"), "list", options=kinds),
        words("lot_number", _("Maker’s lot number"), kind="scan"), words("supplier", _("Maker")), words("expires", _("Expires"), _("year-month-day"), kind="day"),
        number("amount", _("Amount")), at(a, label=_("Received")),
    ]  # fmt: skip
    return plain_page(
        verb, _("Receive material"), _("It stays in quarantine until somebody else releases it."), asks
    )


def _materials(a: Around) -> list[tuple[str, str]]:
    return [(m.id, m.material) for m in a.record.materials.values()]


def _release(a: Around, verb: str) -> ActPage:
    asks = [
        code(a, "code", _("Delivery"), _materials(a)), chosen("verdict", _("Verdict"), ("released", "rejected"), "released"),
        words("certificate", _("Certificate"), _("What was looked at"), needed=False), words("reason", _("Reason"), _("Where it is rejected"), needed=False, kind="long"),
    ]  # fmt: skip
    return plain_page(verb, _("Release material"), _("Not by who received it."), asks)


def _recall_material(a: Around, verb: str) -> ActPage:
    asks = [code(a, "code", _("Delivery"), _materials(a)), words("reason", _("Reason"), kind="long")]
    return plain_page(
        verb,
        _("Recall material"),
        _("It cannot be used any more. What was made with it is found by its trace."),
        asks,
    )


def _calibrate(a: Around, verb: str) -> ActPage:
    kinds = [(e.id, e.label) for e in a.protocol.product.equipment] if a.protocol.product else []
    asks = [
        words("code", _("Code"), kind="scan", value=a.given("code")), ActField("equipment", _("Equipment"), "list", options=kinds), words("label", _("Name of this one")),
        words("on", _("Calibrated on"), kind="day", value=a.now[:10]), words("due", _("Next due"), _("year-month-day"), kind="day"),
        number("rotor_radius_cm", _("Radius of the rotor [cm]"), _("Of a centrifuge: without it a speed says nothing about the force"), needed=False),
    ]  # fmt: skip
    return plain_page(verb, _("Calibration"), _("Nothing is used past its calibration."), asks)


def _procure(a: Around, verb: str) -> ActPage:
    asks = [
        words("lot", _("Code of the new lot"), _("Such as L01")), _donor_code(a), at(a, label=_("Tissue taken")), number("volume_ml", _("Volume [ml]")),
        words("operator", _("Operator")), words("anaesthetic", _("Anaesthetic")), words("container", _("Container"), kind="scan"),
        at(a, "received_at", _("Received in the laboratory")), number("transport_temperature", _("Temperature on the way [°C]"), needed=False),
    ]  # fmt: skip
    return plain_page(verb, _("Take tissue"), _("A lot of the product begins with it."), asks)


def _count(a: Around, verb: str) -> ActPage:
    asks = [
        code(a, "node", _("Population"), nodes(a)), at(a, label=_("Counted")),
        *(whole(f"{what}_{n}", label % {"n": n}, needed=n == 1) for n in (1, 2, 3) for what, label in (("viable", _("Viable cells counted, replicate %(n)s")), ("dead", _("Dead cells counted, replicate %(n)s")))),
        number("factor", _("Cells/ml for each cell counted"), value="10000"), number("volume_ml", _("Volume of the whole [ml]")),
        words("method", _("Method")), words("reason", _("Reason"), _("Where the number is small"), needed=False),
    ]  # fmt: skip
    return plain_page(verb, _("Count cells"), _("Before anything is taken from them."), asks)


def _request(a: Around, verb: str) -> ActPage:
    tests = [(t.id, f"{t.test} ({t.limit})") for t in a.protocol.release_specification if t.item]
    asks = [
        code(a, "node", _("Sample of"), nodes(a)), ActField("test", _("Test"), "list", options=tests, value=a.given("test")), at(a, "sampled_at", _("Sample taken")),
        words("reason", _("Reason"), _("Where it is repeated"), needed=False),
    ]  # fmt: skip
    return plain_page(verb, _("Request a test"), _("By the specification in force."), asks)


def _tests(a: Around, state: str) -> list[tuple[str, str]]:
    lot = a.record.lots.get(a.given("lot"))
    names = {t.id: t.test for t in a.protocol.release_specification}
    return (
        [(t.id, f"{t.id} · {names.get(t.test, t.test)}") for t in lot.tests if t.state == state]
        if lot
        else []
    )


def _result(a: Around, verb: str) -> ActPage:
    lot = a.record.lots.get(a.given("lot"))
    test = lot.test(a.given("test")) if lot else None
    line = next((t for t in a.protocol.release_specification if test and t.id == test.test), None)
    form, _dot, name = ((line.item if line else None) or "").partition(".")
    item = a.protocol.forms_by_id[form].item(name) if form in a.protocol.forms_by_id else None
    options = [(c.code, c.label) for c in a.protocol.codes_of(item)] if item is not None else []
    hint = f"{line.limit}; {line.method}" if line else ""
    value = ActField("value", _("Result"), "list" if options else item_kind(item), hint, options)
    asks = [
        code(a, "lot", _("Lot"), lots(a)), ActField("test", _("Test"), "scan", "", _tests(a, "running"), value=a.given("test")), value, at(a, label=_("Read")),
        words("invalid_because", _("Invalid because"), _("Where the test itself failed"), needed=False),
    ]  # fmt: skip
    return plain_page(verb, _("Enter a result"), _("A result is never overwritten."), asks)


def _review(a: Around, verb: str) -> ActPage:
    lot = a.record.lots.get(a.given("lot"))
    test = lot.test(a.given("test")) if lot else None
    asks = [
        code(a, "lot", _("Lot"), lots(a)), ActField("test", _("Test"), "scan", "", _tests(a, "resulted"), value=a.given("test")),
        chosen("verdict", _("Verdict"), VERDICTS, (test.verdict or "") if test else ""), words("reason", _("Reason"), _("Where the laboratory erred, how"), needed=False, kind="long"),
    ]  # fmt: skip
    return plain_page(
        verb, _("Review a result"), _("Not by who entered it. A failure never becomes a pass."), asks
    )


def _certify(a: Around, verb: str) -> ActPage:
    people = [
        replace_needed(field) for field in second(a, _("Acknowledged by the physician"), "acknowledged_by")
    ]
    asks = [
        code(a, "lot", _("Lot"), lots(a)), chosen("outcome", _("Outcome"), OUTCOMES, a.given("outcome")), words("owner", _("Who follows the pending tests"), _("Conditional only"), needed=False),
        *people, words("reason", _("Reason"), _("Where it is rejected"), needed=False, kind="long"), *signature(),
    ]  # fmt: skip
    return plain_page(
        verb, _("Certify the lot"),
        _("“I certify that this lot was made and tested as the protocol and its specification ask, and let it go.” Charcot says what meets the specification; letting go is your signature."),
        asks,
    )  # fmt: skip


def _open_recall(a: Around, verb: str) -> ActPage:
    asks = [words("recall", _("Code of the recall"), _("Such as R01")), ActField("lots", _("Lots"), "scan", _("Codes, separated by commas"), lots(a), value=a.given("lot")), at(a), words("reason", _("Reason"), kind="long")]  # fmt: skip
    return plain_page(
        verb,
        _("Open a recall"),
        _("No dose of these lots is issued or given any more. Everybody affected is listed, and told."),
        asks,
    )


def _notify(a: Around, verb: str) -> ActPage:
    recall = a.record.recalls.get(a.given("recall"))
    waiting = [(name, name) for name in (recall.open_notifications if recall else ())]
    asks = [
        words("recall", _("Recall"), value=a.given("recall")), ActField("whom", _("Told about"), "list", options=waiting), at(a), words("how", _("How")), words("answer", _("Answer"), kind="long"),
    ]  # fmt: skip
    return plain_page(verb, _("Record that somebody was told"), _("Each on the list, once."), asks)


def _close_recall(a: Around, verb: str) -> ActPage:
    asks = [
        words("recall", _("Recall"), value=a.given("recall")),
        words("conclusion", _("Conclusion"), kind="long"),
    ]
    return plain_page(verb, _("Close the recall"), _("Only when everybody on its list was told."), asks)


_PAGES = {
    "register_donor": _register, "consent_donor": _consent, "screen_donor": _screen, "record_donor_test": _donor_test, "decide_donor": _decide,
    "receive_material": _receive, "release_material": _release, "recall_material": _recall_material,
    "calibrate": _calibrate, "procure": _procure, "count_cells": _count, "request_test": _request, "result_test": _result, "review_test": _review,
    "certify": _certify, "open_recall": _open_recall,
    "notify_recall": _notify, "close_recall": _close_recall,
}  # fmt: skip
