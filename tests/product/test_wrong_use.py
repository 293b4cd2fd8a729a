"""Each wrong use of the product is refused for its own reason, and what follows, done properly, reaches no vein wrongly.

One use a guard, in a course that is otherwise as it should be: whoever takes a guard away is told which.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from charcot.ledger import Actor, Kind
from charcot.product import Taken
from charcot.refusal import Refusal
from product import test_no_sequence as course
from product.bench import INVESTIGATOR, NURSE, QP, SECOND, TECHNICIAN, TESTER, Bench, copied
from product.oracle import check_infusions
from product.test_no_sequence import (
    STAGES,
    annul,
    attempt,
    carry,
    certify,
    check,
    decide,
    deviate,
    donor_test,
    infuse,
    reached,
)

Act = Callable[[Bench], Any]
TISSUE = {"lot": "L1", "donor": "D1", "at": "2014-01-10T09:00", "received_at": "2014-01-10T08:00", "volume_ml": "100", "operator": "O", "anaesthetic": "A", "container": "C"}  # fmt: skip
HARVEST, LATER = "L1.P0-harvest", "2014-01-18T11:00"


@dataclass(frozen=True)
class Wrong:
    """What must be refused just before a stage, with these words; `before` is done first, and may be done."""

    stage: str
    says: str
    act: Act
    before: Act = lambda _: None


def sample(b: Bench, node: str, *names: str, **more: Any) -> Any:
    return b.step("sampling", LATER, [Taken(node, "1000000")], *names, **more)


def pool(b: Bench, *nodes: str) -> Any:
    return b.step("pooling", "2014-01-18T18:00", [Taken(node) for node in nodes], "pool")


def seed(b: Bench, *parents: Taken, name: str | None = "P0") -> Any:
    made = [] if name is None else [name]
    return b.step("seeding", "2014-01-10T13:00", list(parents), *made, materials={"MED1": "1"})


def isolated(b: Bench) -> None:
    b.isolate()
    b.count("L1.svf", "2014-01-10T12:00")


def subcultured(b: Bench) -> None:
    """Some of the harvest grown once more, to P1."""
    b.step("seeding", LATER, [Taken(HARVEST, "1000000")], "P1", materials={"MED1": "1"})
    b.step("feeding", "2014-01-18T12:00", [Taken("L1.P1")])
    b.step("harvest", "2014-01-18T13:00", [Taken("L1.P1")], "P1-harvest")


def ask(b: Bench, test: str = "cd90", **more: Any) -> Any:
    return b.act(
        "request_test", TESTER, **{"node": HARVEST, "test": test, "sampled_at": "2014-01-18T10:30", **more}
    )


def result(b: Bench, value: str, test: str = "t1", who: Actor = TESTER, **more: Any) -> Any:
    return b.act(
        "result_test", who, **{"lot": "L1", "test": test, "value": value, "at": "2014-01-19", **more}
    )


def review(b: Bench, verdict: str, test: str = "t1", who: Actor = SECOND, **more: Any) -> Any:
    return b.act("review_test", who, lot="L1", test=test, verdict=verdict, **more)


def failed(b: Bench) -> None:
    ask(b)
    result(b, "80")


def opened(b: Bench) -> None:
    b.act("open_recall", QP, recall="R1", lots=["L1"], at="2014-01-20", reason="A doubt")


def taken_by_exception(b: Bench) -> None:
    """Everything for S-1 from a donor who was taken by exception, and a dose prescribed for S-2."""
    donor_test(b, "hiv", "positive", "2014-01-11")
    decide(b, "exception", INVESTIGATOR)
    b.procure("L1", "D1")
    course.grow(b)
    b.release("L1")
    b.prescribe("X2", "S-2")


def negative_too_late(b: Bench) -> None:
    """The only negative result is of a sample taken long after the tissue; in the window lies one that says nothing."""
    donor_test(b, "hcv", "indeterminate")
    donor_test(b, "hcv", sampled_at="2014-03-01")
    decide(b)
    b.procure("L1", "D1")
    course.grow(b)
    b.assay("cd90", "97.5")
    b.assay("sterility", "negative")


def also(b: Bench, person: Actor, role: str) -> None:
    """The person holds another role as well."""
    b.act("delegate", person=person.person, role=role, since=date(2014, 1, 1))


def hand_over(b: Bench) -> None:
    b.act("hand_over_dose", TECHNICIAN, dose="X1", at="2014-01-20T08:40", to=NURSE, temperature="8")


def cousin(b: Bench) -> None:
    b.register("D9", "S-1", "cousin")
    b.act("consent_donor", NURSE, donor="D9", at="2014-01-08T09:00", form_version="1")
    b.act("screen_donor", NURSE, donor="D9", at="2014-01-08T10:00", suitable="yes")


def asked(b: Bench, **answers: str) -> Any:
    return b.act("screen_donor", NURSE, donor="D1", at="2014-01-08T10:00", suitable="yes", answers=answers)


def assess(b: Bench, who: Actor = QP) -> Any:
    said = {"severity": "major", "impact": "I", "investigation": "N", "root_cause": "C", "action": "A"}
    return b.act("assess_product_deviation", who, lot="L1", deviation="d1", **said)


def close(b: Bench, **more: Any) -> Any:
    said = {"lot": "L1", "deviation": "d1", "outcome": "O", "signature": course.SIGNED_CLOSING, **more}
    return b.act("close_product_deviation", QP, **said)


def take(b: Bench, donor: str) -> Any:
    said = {
        "at": "2014-01-11",
        "decision": "exception",
        "reason": "R",
        "signature": course.Signature("password+totp", course.EXCEPTION),
    }
    return b.act("decide_donor", INVESTIGATOR, donor=donor, **said)


def release_material(b: Bench, code: str, who: Actor = QP, **more: Any) -> Any:
    return b.act("release_material", who, code=code, **{"certificate": "C", **more})


def end(b: Bench, what: str = "destroyed", **more: Any) -> Any:
    said = {"dose": "X1", "at": "2014-01-20T08:20", "what": what, "reason": "R", "witness": SECOND, **more}
    return b.act("end_dose", TECHNICIAN, **said)


def withdraw_from_treatment(b: Bench) -> None:
    b.act(
        "withdraw", INVESTIGATOR, participant="S-1", at="2014-01-19", scope="treatment", reason="Afraid of it"
    )


def prepare_anew(b: Bench, **more: Any) -> Any:
    return b.prepare(viable="14100000", total="15000000", concentration="1410000", reason="Less", **more)


DONORS = [
    Wrong("register", "no participant 'S-9'", lambda b: b.register("D8", "S-9")),
    Wrong("register", "cannot be the code", lambda b: b.register("D 8", "S-1")),
    Wrong("consent", "already a donor D1", lambda b: b.register("D1", "S-1")),
    Wrong("consent", "has not consented", course.screen),
    Wrong("screen", "already a consent", course.consent),
    Wrong("screen", "lies before the donor's consent", lambda b: course.screen(b, at="2014-01-07T10:00")),
    Wrong("consent", "before the donor's consent", lambda b: donor_test(b, "hiv")),
    Wrong("screen", "before the donor's consent", lambda b: donor_test(b, "hiv", sampled_at="2014-01-07")),
    Wrong("hcv", "not eligible: HCV was not tested", decide),
    Wrong("hcv", "not eligible: HCV is indeterminate", decide, lambda b: donor_test(b, "hcv", "indeterminate")),
    Wrong("decide", "not eligible: HIV is positive", decide, lambda b: donor_test(b, "hiv", "positive")),
    Wrong("screen", "the donor was not screened", decide),
    Wrong("screen", "has not consented or was not screened", lambda b: take(b, "D1")),
    Wrong("consent", "has not consented or was not screened", lambda b: take(b, "D1")),
    Wrong("decide", "Only a physician", lambda b: decide(b, "exception", QP)),
    Wrong("decide", "has to be signed", lambda b: decide(b, "exception", INVESTIGATOR, signed=False)),
    Wrong("decide", "not a blood relative", lambda b: take(b, "D9"), cousin),
    Wrong("consent", "had not consented", lambda b: b.procure("L1", "D1")),
    Wrong("screen", "had not consented", lambda b: b.procure("L1", "D1", "2014-01-07T09:00")),
    Wrong("procure", "was found ineligible", lambda b: b.procure("L1", "D1"), lambda b: decide(b, "ineligible")),
    Wrong("procure", "does not say the time of day", lambda b: b.procure("L1", "D1", "2014-01-10")),
    Wrong("grow", "already a lot L1", lambda b: b.procure("L1", "D1")),
    Wrong("consent", "the donor has not consented", decide),
    Wrong("hiv", "screening speaks against the donor", decide, lambda b: course.screen(b, suitable="no")),
    Wrong("screen", "Healthy", lambda b: asked(b, healthy="perhaps")),
    Wrong("screen", "mood", lambda b: asked(b, mood="good")),
    Wrong("procure", "received before it is taken", lambda b: b.act("procure", TECHNICIAN, **TISSUE)),
]  # fmt: skip
MEANS = [
    Wrong("grow", "is quarantine", lambda b: b.isolate(materials={"COL2": "1"})),
    Wrong("grow", "is expired", lambda b: b.isolate(materials={"COL3": "1"})),
    Wrong("grow", "only 1", lambda b: b.isolate(materials={"COL4": "2"})),
    Wrong("grow", "only 0.5", lambda b: b.isolate(materials={"COL4": "1"}), lambda b: b.step("sampling", "2014-01-10T10:30", [Taken("L1.tissue")], "T", materials={"COL4": "0.5"})),
    Wrong("grow", "is recalled", lambda b: b.isolate(materials={"COL5": "1"})),
    Wrong("grow", "is rejected", lambda b: b.isolate(materials={"COL4": "1"}), lambda b: release_material(b, "COL4", verdict="rejected", reason="R")),
    Wrong("grow", "which lot of Collagenase", lambda b: b.isolate(materials={})),
    Wrong("grow", "which Centrifuge", lambda b: b.isolate(equipment=[])),
    Wrong("grow", "not in calibration", lambda b: b.isolate(equipment=["CEN3"])),
    Wrong("grow", "without the radius", lambda b: b.isolate(equipment=["CEN2"])),
    Wrong("grow", "does not note mood", lambda b: b.isolate(parameters={"minutes": "20", "speed": "2000", "mood": "1"})),
    Wrong("grow", "Digestion is missing", lambda b: b.isolate(parameters={"speed": "2000"})),
    Wrong("grow", "cannot be 'long'", lambda b: b.isolate(parameters={"minutes": "long", "speed": "2000"})),
    Wrong("grow", "already recalled", lambda b: release_material(b, "COL5")),
    Wrong("grow", "already released", lambda b: release_material(b, "COL4")),
    Wrong("grow", "received this lot", lambda b: release_material(b, "COL2", Actor(TECHNICIAN.person, QP.role)), lambda b: also(b, TECHNICIAN, QP.role)),
    Wrong("grow", "before this one", lambda b: b.act("calibrate", TECHNICIAN, code="CEN9", equipment="centrifuge", label="C", on="2014-01-09", due="2014-01-08")),
]  # fmt: skip
CULTURE = [
    Wrong("grow", "no step 'polishing'", lambda b: b.step("polishing", LATER, [Taken("L1.tissue")], "x")),
    Wrong("grow", "both do this and verify it", lambda b: b.isolate(verifier=TECHNICIAN)),
    Wrong("grow", "makes at least one vessel", lambda b: seed(b, Taken("L1.svf", "1000000"), name=None), isolated),
    Wrong("grow", "How many cells were taken", lambda b: seed(b, Taken("L1.svf")), isolated),
    Wrong("grow", "was not counted", lambda b: seed(b, Taken("L1.svf", "1000000")), Bench.isolate),
    Wrong("grow", "possible lost superscript", lambda b: seed(b, Taken("L1.svf", "106")), isolated),
    Wrong("grow", "cannot be '-1000000'", lambda b: seed(b, Taken("L1.svf", "-1000000")), isolated),
    Wrong("grow", "would have been used", lambda b: seed(b, Taken("L1.svf", "230000000")), isolated),
    Wrong("cd90", "is done with one population", lambda b: b.step("seeding", "2014-01-18T18:00", [Taken(HARVEST, "1000000"), Taken("L1.P1-harvest", "1")], "P2", materials={"MED1": "1"}), subcultured),
    Wrong("grow", "before L1.svf was made", lambda b: b.step("seeding", "2014-01-10T10:59", [Taken("L1.svf", "1000000")], "P0", materials={"MED1": "1"}), isolated),
    Wrong("grow", "Not done yet with L1.P0: Feeding", lambda b: b.step("harvest", LATER, [Taken("L1.P0")], "H"), lambda b: (isolated(b), seed(b, Taken("L1.svf", "1000000")))),
    Wrong("grow", "There is no population 'L1.lost'", lambda b: seed(b, Taken("L1.lost", "1000000"))),
    Wrong("grow", "already taken from L1.svf", lambda b: b.count("L1.svf", "2014-01-10T14:00"), lambda b: (isolated(b), sample(b, "L1.svf", "S1"))),
    Wrong("cd90", "which is a sample", lambda b: sample(b, "L1.S1", "S2"), lambda b: sample(b, HARVEST, "S1")),
    Wrong("cd90", "L1.P0 is used up", lambda b: b.step("harvest", LATER, [Taken("L1.P0")], "again")),
    Wrong("cd90", "2 donors would come together", lambda b: pool(b, HARVEST, "L2.P0-harvest")),
    Wrong("cd90", "passages P0, P1 would come together", lambda b: pool(b, HARVEST, "L1.P1-harvest"), subcultured),
    Wrong("cd90", "named twice", lambda b: pool(b, HARVEST, HARVEST)),
    Wrong("cd90", "have the same name", lambda b: sample(b, HARVEST, "S1", "S1")),
    Wrong("cd90", "makes no new population", lambda b: b.step("discarding", LATER, [Taken(HARVEST)], "x")),
    Wrong("cd90", "cannot be the name", lambda b: sample(b, HARVEST, "P0-harvest")),
    Wrong("cd90", "cannot be the name", lambda b: sample(b, HARVEST, "S 1")),
    Wrong("prescribe", "Lot L1 is recalled", lambda b: sample(b, HARVEST, "S1"), opened),
    Wrong("certify", "Lot L1 is rejected", lambda b: sample(b, HARVEST, "S1"), course.reject),
    Wrong("cd90", "no population 'L1.lost'", lambda b: b.count("L1.lost", "2014-01-18T14:00")),
    Wrong("grow", "no population 'L1.svf' at", lambda b: b.count("L1.svf", "2014-01-10T10:00"), Bench.isolate),
    Wrong("grow", "has no cells in it", lambda b: b.count("L1.svf", "2014-01-10T12:00", viable=0, dead=0), Bench.isolate),
]  # fmt: skip
RELEASE = [
    Wrong("cd90", "no population 'L1.lost'", lambda b: ask(b, node="L1.lost")),
    Wrong("cd90", "no population", lambda b: ask(b, sampled_at="2014-01-17T10:30")),
    Wrong("cd90", "does not average it away", lambda b: ask(b, reason="Again"), failed),
    Wrong("cd90", "already has the result 80", lambda b: result(b, "97"), failed),
    Wrong("cd90", "lies before the sample", lambda b: result(b, "97", at="2014-01-17"), ask),
    Wrong("cd90", "no test 't9'", lambda b: result(b, "97", "t9"), ask),
    Wrong("cd90", "CD90: 'high'", lambda b: result(b, "high"), ask),
    Wrong("cd90", "has no result yet", lambda b: review(b, "PASS"), ask),
    Wrong("cd90", "entered this result", lambda b: review(b, "FAIL", who=TESTER), failed),
    Wrong("cd90", "verdict cannot be 'PASS'", lambda b: review(b, "PASS"), failed),
    Wrong("cd90", "reason is needed", lambda b: review(b, "INVALID"), failed),
    Wrong("cd90", "was already reviewed", lambda b: review(b, "FAIL"), lambda b: (failed(b), review(b, "FAIL"))),
    Wrong("sterility", "is not tested", certify),
    Wrong("sterility", "is pending", certify, lambda b: ask(b, "sterility")),
    Wrong("sterility", "is pending", certify, lambda b: (ask(b, "sterility"), result(b, "negative", "t2"))),
    Wrong("sterility", "failed", certify, lambda b: b.assay("sterility", "positive")),
    Wrong("sterility", "is invalid", certify, lambda b: (ask(b, "sterility"), result(b, "negative", "t2"), review(b, "INVALID", "t2", reason="R"))),
    Wrong("sterility", "owner of the pending tests is empty", lambda b: certify(b, "conditional", acknowledged_by=INVESTIGATOR), lambda b: ask(b, "sterility")),
    Wrong("sterility", "has not acknowledged", lambda b: certify(b, "conditional", owner="O"), lambda b: ask(b, "sterility")),
    Wrong("sterility", "may not do this", lambda b: certify(b, "conditional", owner="O", acknowledged_by=NURSE), lambda b: ask(b, "sterility")),
    Wrong("cd90", "CD90 is pending", lambda b: certify(b, "conditional", owner="O", acknowledged_by=INVESTIGATOR), lambda b: (ask(b), ask(b, "sterility"))),
    Wrong("certify", "No required test is pending", lambda b: certify(b, "conditional", owner="O", acknowledged_by=INVESTIGATOR)),
    Wrong("certify", "has to be signed", lambda b: b.act("certify", QP, lot="L1", outcome="certified", signature=None)),
    Wrong("certify", "0.9 is not in force", lambda b: certify(b, specification="0.9")),
    Wrong("certify", "may not do this", lambda b: certify(b, who=TESTER)),
    Wrong("certify", "already rejected", certify, course.reject),
    Wrong("prescribe", "already certified", certify),
    Wrong("certify", "already recalled", certify, opened),
    Wrong("certify", "major deviation d1 is open", certify, deviate),
    Wrong("certify", "HCV is positive", certify, lambda b: donor_test(b, "hcv", "positive", "2014-01-12")),
    Wrong("certify", "the donor is ineligible", certify, lambda b: decide(b, "ineligible")),
    Wrong("certify", "was not assessed", lambda b: b.act("close_product_deviation", QP, lot="L1", deviation="d1", outcome="O", signature=course.SIGNED_CLOSING), deviate),
    Wrong("certify", "made, tested or reviewed", certify, lambda b: (ask(b, "cd14"), result(b, "1", "t3", who=QP), review(b, "PASS", "t3"))),
    Wrong("certify", "made, tested or reviewed", certify, lambda b: (ask(b, "cd14"), result(b, "1", "t3"), review(b, "PASS", "t3", who=QP))),
    Wrong("certify", "made, tested or reviewed", certify, lambda b: (also(b, QP, TECHNICIAN.role), sample(b, HARVEST, "S1", actor=Actor(QP.person, TECHNICIAN.role)))),
    Wrong("hcv", "HCV lies more than 7 days", certify, negative_too_late),
    Wrong("prescribe", "is already certified", lambda b: certify(b, "conditional", owner="O", acknowledged_by=INVESTIGATOR)),
    Wrong("certify", "no open deviation 'd9'", lambda b: close(b, deviation="d9"), deviate),
    Wrong("certify", "no open deviation 'd1'", close, lambda b: (deviate(b), course.close(b))),
    Wrong("certify", "has to be signed", lambda b: close(b, signature=None), lambda b: (deviate(b), assess(b))),
    Wrong("certify", "reported this deviation", lambda b: assess(b, Actor(TECHNICIAN.person, QP.role)), lambda b: (deviate(b), also(b, TECHNICIAN, QP.role))),
]  # fmt: skip
DOSES = [
    Wrong("prescribe", "not enrolled", lambda b: b.prescribe("X1", "S-3")),
    Wrong("prescribe", "withdrawn consent to treatment", lambda b: b.prescribe(), withdraw_from_treatment),
    Wrong("prepare", "already a dose X1", lambda b: b.prescribe()),
    Wrong("prepare", "not 1.410e+8", lambda b: b.prepare(concentration="1410000")),
    Wrong("prepare", "are prescribed", lambda b: b.prepare(viable="14100000", total="15000000", concentration="1410000")),
    Wrong("prepare", "More cells are viable than there are", lambda b: b.prepare(total="100000000")),
    Wrong("prepare", "both do this and verify it", lambda b: b.prepare(verifier=TECHNICIAN)),
    Wrong("prepare", "would have been used", lambda b: b.prepare(viable="230000000", total="240000000", concentration="23000000", reason="More")),
    Wrong("label", "already prepared", prepare_anew),
    Wrong("decide", "taken by exception, for another participant", lambda b: b.prepare("X2"), taken_by_exception),
    Wrong("prepare", "Dose X1 is prescribed", lambda b: b.act("print_labels", TECHNICIAN, dose="X1")),
    Wrong("label", "does not say what the record says", lambda b: b.act("print_labels", TECHNICIAN, dose="X1", text={"dose": "X9"})),
    Wrong("label", "No label would be printed", lambda b: b.act("print_labels", TECHNICIAN, dose="X1", copies=0)),
    Wrong("carry", "reason is needed", lambda b: b.act("print_labels", TECHNICIAN, dose="X1")),
    Wrong("label", "No label of dose X1", lambda b: b.act("reconcile_labels", TECHNICIAN, dose="X1", used=1, destroyed=0)),
    Wrong("label", "2 labels were printed", lambda b: b.act("reconcile_labels", TECHNICIAN, dose="X1", used=1, destroyed=0), lambda b: b.act("print_labels", TECHNICIAN, dose="X1", copies=2)),
    Wrong("label", "labels of dose X1 are not reconciled", carry),
    Wrong("prepare", "was not prepared", carry),
    Wrong("check", "already issued", lambda b: b.act("issue_dose", TECHNICIAN, dose="X1", at="2014-01-20T09:40", temperature="8")),
    Wrong("carry", "open critical deviation", carry, lambda b: deviate(b, "critical")),
    Wrong("carry", "is recalled, not certified", carry, opened),
    Wrong("carry", "tech-u does not hold dose X1; tech-t does", lambda b: carry(b, giver=SECOND)),
    Wrong("carry", "cannot both do this and receive it", lambda b: carry(b, to=TECHNICIAN)),
    Wrong("carry", "was not handed over to tech-u", lambda b: carry(b, by=SECOND)),
    Wrong("carry", "already destroyed", carry, end),
    Wrong("carry", "already destroyed", end, end),
    Wrong("carry", "both do this and witness it", lambda b: end(b, witness=TECHNICIAN)),
    Wrong("carry", "expired at", lambda b: b.act("issue_dose", TECHNICIAN, dose="X1", at="2014-01-21T08:30", temperature="8")),
    Wrong("carry", "lies before what happened", lambda b: b.act("issue_dose", TECHNICIAN, dose="X1", at="2014-01-20T07:59", temperature="8")),
    Wrong("prepare", "was not counted", lambda b: b.prepare(), lambda b: annul(b, "product/L1", Kind.CELLS_COUNTED)),
    Wrong("carry", "nobody does", hand_over, lambda b: (b.act("issue_dose", TECHNICIAN, dose="X1", at="2014-01-20T08:30", temperature="8"), hand_over(b))),
    Wrong("carry", "lies before what happened", lambda b: b.act("receive_dose", NURSE, dose="X1", at="2014-01-20T08:39", temperature="8"), lambda b: (b.act("issue_dose", TECHNICIAN, dose="X1", at="2014-01-20T08:30", temperature="8"), hand_over(b))),
]  # fmt: skip
BEDSIDE = [
    Wrong("carry", "was not received at the bedside", check),
    Wrong("check", "wristband does not match", lambda b: check(b, wristband="S-2")),
    Wrong("check", "bag does not match", lambda b: check(b, bag="X2")),
    Wrong("check", "be the second to check", lambda b: check(b, second=NURSE)),
    Wrong("check", "lies before what happened", lambda b: check(b, at="2014-01-20T08:50")),
    Wrong("check", "expired at", lambda b: check(b, at="2014-01-21T09:50")),
    Wrong("check", "is recalled, not certified", check, opened),
    Wrong("check", "were not checked by two people", infuse),
    Wrong("carry", "was not issued, handed over and received", infuse),
    Wrong("label", "labels are not reconciled", infuse),
    Wrong("infuse", "not checked by two people", infuse, lambda b: annul(b, "dose/X1", Kind.BEDSIDE_CHECKED)),
    Wrong("infuse", "not checked by two people", lambda b: infuse(b, at="2014-01-20T10:10"), lambda b: (b.act("hand_over_dose", NURSE, dose="X1", at="2014-01-20T09:55", to=SECOND, temperature="8"), b.act("receive_dose", SECOND, dose="X1", at="2014-01-20T09:56", temperature="8"))),
    Wrong("infuse", "received without a gap", lambda b: infuse(b, at="2014-01-20T10:10"), lambda b: b.act("hand_over_dose", NURSE, dose="X1", at="2014-01-20T09:55", to=SECOND, temperature="8")),
    Wrong("infuse", "did not match when they were scanned last", infuse, lambda b: attempt(b, lambda c: check(c, wristband="S-2"))),
    Wrong("infuse", "Which dose is given", lambda b: b.act("infuse", participant="S-1", at="2014-01-20T10:00", given_dose="141000000", values={"volume": "10"})),
    Wrong("infuse", "is not for S-2", lambda b: infuse(b, participant="S-2")),
    Wrong("infuse", "expired at", lambda b: infuse(b, at="2014-01-25T10:00")),
    Wrong("infuse", "lies before what happened", lambda b: infuse(b, at="2014-01-20T09:30")),
    Wrong("infuse", "1410000000 cells given", lambda b: infuse(b, given="1410000000")),
    Wrong("infuse", "100 ml given", lambda b: infuse(b, volume="100")),
    Wrong("infuse", "is recalled, not certified", infuse, opened),
    Wrong("infuse", "open critical deviation", infuse, lambda b: deviate(b, "critical")),
    Wrong("infuse", "open critical deviation", infuse, lambda b: (ask(b, "cd14", sampled_at=LATER), result(b, "3", "t3"))),
    Wrong("infuse", "HIV is positive", infuse, lambda b: donor_test(b, "hiv", "positive", "2014-01-12")),
    Wrong("infuse", "not certified", infuse, lambda b: annul(b, "product/L1", Kind.CELLS_COUNTED)),
    Wrong("infuse", "rests on it", lambda b: annul(b, "product/L1", Kind.STEP_PERFORMED)),
    Wrong("infuse", "More happened to dose", lambda b: annul(b, "dose/X1", Kind.DOSE_RECEIVED)),
    Wrong("infuse", "cannot be taken out", lambda b: annul(b, "product/L1", Kind.TEST_RESULTED)),
    Wrong("infuse", "1500000000 cells given", lambda b: course.correct(b, "1500000000"), infuse),
    Wrong("infuse", "already", lambda b: infuse(b, at="2014-01-20T10:30"), lambda b: (infuse(b), b.act("enter_in_error", participant="S-1", form="infusion", encounter="infusion_day", version=1, reason="E"))),
]  # fmt: skip
RECALLS = [
    Wrong("infuse", "Not told yet", lambda b: b.act("close_recall", QP, recall="R1", conclusion="Done"), opened),
    Wrong("infuse", "Not told yet", lambda b: course.recall(b, 2)),
    Wrong("infuse", "closed", lambda b: b.act("close_recall", QP, recall="R1", conclusion="Done"), course.recall),
    Wrong("infuse", "already a recall R1", opened, opened),
    Wrong("infuse", "Which lots are recalled", lambda b: b.act("open_recall", QP, recall="R1", lots=[], at="2014-01-20", reason="R")),
    Wrong("infuse", "dose X9", lambda b: b.act("notify_recall", QP, recall="R1", whom="dose X9", at="2014-01-21", how="T", answer="A"), opened),
]  # fmt: skip
WRONG = [*DONORS, *MEANS, *CULTURE, *RELEASE, *DOSES, *BEDSIDE, *RECALLS]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong.stage}: {wrong.says}")
def test_a_wrong_use_is_refused_for_its_own_reason_and_harms_nobody(wrong: Wrong) -> None:
    bench = copied(reached(wrong.stage))
    wrong.before(bench)
    with pytest.raises(Refusal) as refused:
        wrong.act(bench)
    assert wrong.says in str(refused.value) and refused.value.rule and refused.value.next_step
    for name in list(STAGES)[list(STAGES).index(wrong.stage) :]:
        attempt(bench, STAGES[name])
    check_infusions(list(bench.trial.ledger.entries()))
