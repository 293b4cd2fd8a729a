"""What must be true of every infused dose, read from the raw entries alone: an independent witness of the ten impossibilities."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from charcot.ledger import Entry, Kind
from product.bench import IDENTITY


@dataclass(frozen=True)
class Asked:
    """What a protocol asks of a release, told here once more: required tests, those that may be pending, the donor's tests."""

    tests: tuple[str, ...] = ("cd90", "sterility")
    pending: tuple[str, ...] = ("sterility",)
    donor: tuple[str, ...] = ("hiv", "hcv")


SMALL = Asked()


def check_infusions(entries: Sequence[Entry], asked: Asked = SMALL) -> None:
    """Raises AssertionError where an infusion breaks one of the rules."""
    infusions = [e for e in entries if e.kind is Kind.DOSE_INFUSED]
    given = [e.data["dose"] for e in infusions]
    assert len(given) == len(set(given)), "a dose is given once"
    for infused in infusions:
        check_infusion(infused, [e for e in entries if e.sequence < infused.sequence], asked)
    for e in entries:
        assert IDENTITY not in e.text, "no name in any entry"
    check_balance(entries)
    check_materials(entries)
    check_tests(entries)
    check_recalls(entries)


def check_infusion(infused: Entry, before: Sequence[Entry], asked: Asked) -> None:
    """One infusion against everything that was entered before it, and stood."""
    gone = {e.data["entry"] for e in before if e.kind is Kind.PRODUCT_ENTRY_ANNULLED}
    before = [e for e in before if e.sequence not in gone]
    dose = [e for e in before if e.subject == infused.subject]
    prescribed, prepared = one(dose, Kind.DOSE_PRESCRIBED), one(dose, Kind.DOSE_PREPARED)
    assert prescribed.data["participant"] == infused.data["participant"]
    person = [e for e in before if e.subject == f"participant/{infused.data['participant']}"]
    consent = next(e for e in person if e.kind is Kind.FORM_RECORDED and e.data["form"] == "consent")
    enrolled = one(person, Kind.PARTICIPANT_ENROLLED)
    assert consent.sequence < enrolled.sequence < prescribed.sequence
    assert prescribed.data["basis"] in ("viable", "total") and prescribed.data["weighed_at"]
    cells, volume = Decimal(prepared.data["cells"]), Decimal(prepared.data["volume_ml"])
    assert abs(Decimal(prepared.data["concentration"]) * volume / cells - 1) <= Decimal("0.1")
    assert Decimal(infused.data["given"]) <= cells
    assert Decimal(infused.data["volume_ml"] or 0) <= volume
    assert moment(infused) <= datetime.fromisoformat(prepared.data["expires_at"])
    printed, reconciled = last(dose, Kind.LABELS_PRINTED), last(dose, Kind.LABELS_RECONCILED)
    assert printed and reconciled

    custody = [e for e in dose if e.kind in (Kind.DOSE_ISSUED, Kind.DOSE_HANDED_OVER, Kind.DOSE_RECEIVED)]
    assert [e.kind for e in custody[:1]] == [Kind.DOSE_ISSUED]
    for this, following in pairwise(custody):
        if this.kind is Kind.DOSE_HANDED_OVER:
            assert following.kind is Kind.DOSE_RECEIVED
            assert following.actor.person == this.data["to"]["person"]
        else:
            assert following.kind is Kind.DOSE_HANDED_OVER
            assert following.actor.person == this.actor.person
    assert custody[-1].kind is Kind.DOSE_RECEIVED

    check = last(dose, Kind.BEDSIDE_CHECKED)
    assert check and check.sequence > custody[-1].sequence
    assert (check.data["wristband"], check.data["bag"]) == (infused.data["participant"], infused.data["dose"])
    assert check.data["second"]["person"] != check.actor.person
    refused = last(dose, Kind.BEDSIDE_REFUSED)
    assert refused is None or refused.sequence < check.sequence, "a mismatch is never overridden"
    times = [
        moment(e)
        for e in dose
        if e.clinical_time and "T" in e.clinical_time and e.kind is not Kind.DOSE_PRESCRIBED
    ] + [moment(infused)]
    assert times == sorted(times)

    check_lot(
        [e for e in before if e.subject == f"product/{prepared.data['lot']}"],
        prepared,
        printed,
        before,
        asked,
    )


def check_lot(
    lot: Sequence[Entry], prepared: Entry, printed: Entry, before: Sequence[Entry], asked: Asked
) -> None:
    """The lot, its donor and its release."""
    tissue = one(lot, Kind.TISSUE_PROCURED)
    steps = [e for e in lot if e.kind is Kind.STEP_PERFORMED]
    made = {c["id"]: (s, c) for s in steps for c in s.data["children"]}
    line, roots = [prepared.data["node"]], set()
    while line:
        node = line.pop()
        if node == tissue.data["node"]:
            roots.add(node)
            continue
        step, child = made[node]
        for parent in step.data["parents"]:
            line.append(parent["id"])
            began = tissue if parent["id"] == tissue.data["node"] else made[parent["id"]][0]
            assert began.sequence < step.sequence and moment(began) <= moment(step)
            before_it = None if began is tissue else made[parent["id"]][1]["passage"]
            next_one = 0 if before_it is None else before_it + 1
            passage = next_one if step.data["does"] == "seed" else before_it
            assert child["passage"] == passage
        assert step.actor.person != step.data["verifier"]["person"]
    assert roots == {tissue.data["node"]}
    left_out = {e.data.get("skips") for e in lot if e.kind is Kind.PRODUCT_DEVIATION_REPORTED}
    for harvest in (s for s in steps if s.data["does"] == "harvest"):
        parents = {parent["id"] for parent in harvest.data["parents"]}
        fed = [s for s in steps if s.data["does"] == "feed" and s.sequence < harvest.sequence]
        assert "feeding" in left_out or any(parents & {p["id"] for p in s.data["parents"]} for s in fed)
    for done in steps:
        if "speed" in done.data["parameters"]:
            assert done.data["parameters"]["speed_rcf"]

    certified = last(lot, Kind.LOT_CERTIFIED)
    assert certified and certified.data["outcome"] in ("certified", "conditional")
    assert not [e for e in lot if e.kind is Kind.LOT_RECALLED]
    annulled = [e for e in lot if e.kind is Kind.PRODUCT_ENTRY_ANNULLED]
    assert not [e for e in annulled if e.data["entry"] < certified.sequence < e.sequence]
    assert certified.data["specification"] == prepared.protocol and certified.data["signature"]
    hands = {
        e.actor.person
        for e in lot
        if e.kind in (Kind.TEST_REVIEWED, Kind.TEST_RESULTED, Kind.STEP_PERFORMED)
        and e.sequence < certified.sequence
    }
    assert certified.actor.person not in hands
    verdicts = {name: verdict_of(lot, name, certified.sequence) for name in asked.tests}
    if certified.data["outcome"] == "conditional":
        assert (
            certified.data["owner"] and certified.data["acknowledged_by"]["person"] != certified.actor.person
        )
        waiting = [name for name, verdict in verdicts.items() if verdict == "PENDING"]
        assert waiting and set(waiting) <= set(asked.pending) and certified.data["pending"] == waiting
        assert {verdicts[name] for name in asked.tests if name not in waiting} == {"PASS"}
    else:
        assert set(verdicts.values()) == {"PASS"}
    closed = {
        e.data["id"]
        for e in lot
        if e.kind is Kind.PRODUCT_DEVIATION_CLOSED and e.sequence < certified.sequence
    }
    major = {
        e.data["id"]
        for e in lot
        if e.kind is Kind.PRODUCT_DEVIATION_REPORTED
        and e.data["severity"] != "minor"
        and e.sequence < certified.sequence
    }
    assert major <= closed
    check_donor_of(tissue, certified, prepared, printed, before, asked)


def check_donor_of(
    tissue: Entry, certified: Entry, prepared: Entry, printed: Entry, before: Sequence[Entry], asked: Asked
) -> None:
    """Consent before procurement, a final decision before release, tests in their window, exceptions signed and labelled."""
    donor = [e for e in before if e.subject == f"donor/{tissue.data['donor']}"]
    consent = one(donor, Kind.DONOR_CONSENTED)
    assert consent.clinical_time and moment(consent) <= moment(tissue)
    decision = last([e for e in donor if e.sequence < certified.sequence], Kind.DONOR_DECIDED)
    assert decision
    if decision.data["decision"] == "exception":
        related = one(donor, Kind.DONOR_RELATED)
        assert related.data["degree"] <= 2 and decision.data["signature"]
        assert decision.data["warning"] == printed.data["text"]["warning"]
        return
    assert decision.data["decision"] == "eligible"
    for test in asked.donor:
        results = [e for e in donor if e.kind is Kind.DONOR_TESTED and e.data["test"] == test]
        assert not [e for e in results if e.data["result"] == "positive"]
        days = [
            abs(datetime.fromisoformat(e.data["sampled_at"]) - moment(tissue).replace(hour=0))
            for e in results
            if e.data["result"] == "negative"
        ]
        assert days and min(days) <= timedelta(days=7)


def check_balance(entries: Sequence[Entry]) -> None:
    """What was taken from a population is at most what was counted, and a tenth of it."""
    counted = {e.data["node"]: Decimal(e.data["viable"]) for e in entries if e.kind is Kind.CELLS_COUNTED}
    taken: dict[str, Decimal] = {}
    for e in entries:
        for parent in e.data["parents"] if e.kind is Kind.STEP_PERFORMED else ():
            if "cells" in parent:
                taken[parent["id"]] = taken.get(parent["id"], Decimal(0)) + Decimal(parent["cells"])
    for node, cells in taken.items():
        assert cells <= counted[node] * Decimal("1.1")


def check_materials(entries: Sequence[Entry]) -> None:
    """Each use: released before, not recalled before, in date, and never more than was received."""
    for used in (e for e in entries if e.kind is Kind.MATERIAL_USED):
        own = [e for e in entries if e.subject == used.subject and e.sequence <= used.sequence]
        assert own[0].data["expires"] >= (used.clinical_time or "")[:10]
        judged = last(own, Kind.MATERIAL_JUDGED)
        assert judged and judged.data["verdict"] == "released" and not last(own, Kind.MATERIAL_RECALLED)
        assert sum(Decimal(e.data["amount"]) for e in own if e.kind is Kind.MATERIAL_USED) <= Decimal(
            own[0].data["amount"]
        )
    due = {e.data["id"]: e.data["due"] for e in entries if e.kind is Kind.EQUIPMENT_CALIBRATED}
    for step in (e for e in entries if e.kind is Kind.STEP_PERFORMED):
        for code in step.data["equipment"]:
            assert (step.clinical_time or "")[:10] <= due[code]


def check_tests(entries: Sequence[Entry]) -> None:
    """One result for each request; a review never makes a pass of a failure, and is not by who tested."""
    results: dict[tuple[str, str], Entry] = {}
    for e in entries:
        key = (e.subject, str(e.data.get("id")))
        if e.kind is Kind.TEST_RESULTED:
            assert key not in results
            results[key] = e
        if e.kind is Kind.TEST_REVIEWED:
            assert e.data["verdict"] in (results[key].data["verdict"], "INVALID")
            assert e.actor.person != results[key].actor.person


def check_recalls(entries: Sequence[Entry]) -> None:
    """None is closed while somebody was not told."""
    for closed in (e for e in entries if e.kind is Kind.RECALL_CLOSED):
        own = [e for e in entries if e.subject == closed.subject and e.sequence < closed.sequence]
        told = {e.data["whom"] for e in own if e.kind is Kind.RECALL_NOTIFIED}
        assert set(own[0].data["to_notify"]) <= told


def verdict_of(lot: Sequence[Entry], test: str, until: int) -> str:
    """The verdict of a test by its raw results: any valid failure decides."""
    own = [e for e in lot if e.sequence < until]
    ids = [e.data["id"] for e in own if e.kind is Kind.TEST_REQUESTED and e.data["test"] == test]
    results = {e.data["id"]: e.data["value"] for e in own if e.kind is Kind.TEST_RESULTED}
    reviews = {e.data["id"]: e.data["verdict"] for e in own if e.kind is Kind.TEST_REVIEWED}
    found = []
    for name in ids:
        if reviews.get(name) == "INVALID":
            found.append("INVALID")
        elif name not in results:
            found.append("PENDING")
        else:
            good = meets(test, results[name])
            found.append("FAIL" if not good else "PASS" if name in reviews else "PENDING")
    if "FAIL" in found:
        return "FAIL"
    return "PENDING" if "PENDING" in found else "PASS" if "PASS" in found else "NOT TESTED"


def meets(test: str, value: str) -> bool:
    """Whether a value is within what the protocols of the tests ask, told here once more."""
    if test in ("cd45", "cd34"):
        return Decimal(value) <= 2
    if test.startswith("cd"):
        return Decimal(value) >= 95
    return value == ("negative" if test == "sterility" else "positive")


def one(entries: Sequence[Entry], kind: Kind) -> Entry:
    """The only entry of a kind."""
    (found,) = [e for e in entries if e.kind is kind]
    return found


def last(entries: Sequence[Entry], kind: Kind) -> Entry | None:
    """The last entry of a kind."""
    found = [e for e in entries if e.kind is kind]
    return found[-1] if found else None


def moment(entry: Entry) -> datetime:
    """When it happened."""
    return datetime.fromisoformat(entry.clinical_time or "")
