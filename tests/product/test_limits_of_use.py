"""What lies exactly at a limit is allowed, and the smallest step beyond it is not; and answers that an act does not know are refused."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from charcot.conduct.process import Made
from charcot.product import Taken
from charcot.refusal import Refusal
from product import test_no_sequence as course
from product.bench import INVESTIGATOR, NURSE, QP, SECOND, TECHNICIAN, TESTER, Bench, copied, product_files
from product.oracle import check_infusions
from product.test_no_sequence import carry, certify, check, decide, deviate, donor_test, infuse, reached
from product.test_wrong_use import HARVEST, TISSUE, Act, ask, end, isolated, opened, result, seed, take

Answer = Callable[[Bench, str], Any]


@dataclass(frozen=True)
class Limit:
    """An act just before a stage with something that is still allowed, and with something that is not, and these words."""

    stage: str
    says: str
    at: tuple[str, ...]
    beyond: tuple[str, ...]
    act: Answer
    before: Act = lambda _: None


def judged_by_sample_of(b: Bench, day: str) -> None:
    """Everything for a lot of 10 January, the donor tested for HCV on another day."""
    donor_test(b, "hcv", sampled_at=day)
    decide(b)
    b.procure("L1", "D1")
    course.grow(b)
    b.assay("cd90", "97.5")
    b.assay("sterility", "negative")
    certify(b)


def relative(b: Bench, relation: str) -> None:
    b.register("D9", "S-1", relation)
    b.act("consent_donor", NURSE, donor="D9", at="2014-01-08T09:00", form_version="1")
    b.act("screen_donor", NURSE, donor="D9", at="2014-01-08T10:00", suitable="yes")
    take(b, "D9")


def digested_with_what_expires(b: Bench, day: str) -> None:
    b.receive("COL9", "collagenase", expires=day)
    b.act("release_material", QP, code="COL9", certificate="C")
    b.isolate(materials={"COL9": "1"})


def calibrate(b: Bench, on: str, due: str, **more: str) -> None:
    said = {"code": "CEN8", "equipment": "centrifuge", "label": "C", "rotor_radius_cm": "8", **more}
    b.act("calibrate", TECHNICIAN, on=on, due=due, **said)


def spun_in(b: Bench, days: str) -> None:
    on, due = days.split()
    calibrate(b, on, due)
    b.isolate(equipment=["CEN8"])


def prepared(b: Bench, viable: str, total: str, concentration: str) -> None:
    b.prepare(viable=viable, total=total, concentration=concentration)


def issued_at(b: Bench, at: str) -> None:
    b.act("issue_dose", TECHNICIAN, dose="X1", at=at, temperature="8")


def infused_without_reason(b: Bench, given: str) -> None:
    said = {"participant": "S-1", "at": "2014-01-20T10:00", "dose": "X1", "values": {"volume": "10"}}
    b.act("infuse", given_dose=given, **said)


def reconciled(b: Bench, labels: str) -> None:
    used, destroyed = labels.split()
    b.act("print_labels", TECHNICIAN, dose="X1", copies=1)
    b.act("reconcile_labels", TECHNICIAN, dose="X1", used=int(used), destroyed=int(destroyed))


def counted(b: Bench, viable: str) -> None:
    """So many cells in two replicates, each counted cell for 100 [1/ml x ml]."""
    b.count("L1.svf", "2014-01-10T12:00", viable=int(viable), dead=0, factor="1")


LIMITS = [
    Limit("hcv", "HCV lies more than 7 days", ("2014-01-17",), ("2014-01-18",), judged_by_sample_of),
    Limit("decide", "not a blood relative", ("nephew_niece", "sibling"), ("cousin", "other"), relative),
    Limit("grow", "is expired", ("2014-01-10",), ("2014-01-09",), digested_with_what_expires),
    Limit("grow", "only 1", ("1",), ("1.01",), lambda b, amount: b.isolate(materials={"COL4": amount})),
    Limit("grow", "cannot be '0'", ("0.01",), ("0",), lambda b, amount: b.isolate(materials={"COL1": amount})),
    Limit("grow", "not in calibration", ("2014-01-10 2014-01-10",), ("2014-01-11 2014-01-11", "2014-01-09 2014-01-09"), spun_in),
    Limit("grow", "would have been used", ("220000000",), ("220000001",), lambda b, n: seed(b, Taken("L1.svf", n)), isolated),
    Limit("grow", "possible lost superscript", ("10000",), ("9999",), lambda b, n: seed(b, Taken("L1.svf", n)), isolated),
    Limit("grow", "possible lost superscript", ("100",), ("99",), counted, Bench.isolate),
    Limit("prepare", "make", ("15510000", "12690000"), ("15510001", "12689999"), lambda b, c: prepared(b, "141000000", "148000000", c)),
    Limit("prepare", "are prescribed", ("155100000", "126900000"), ("155100001", "126899999"), lambda b, n: prepared(b, n, "160000000", str(Decimal(n) / 10))),
    Limit("prepare", "More cells are viable", ("141000000",), ("140999999",), lambda b, n: prepared(b, "141000000", n, "14100000")),
    Limit("carry", "expired at", ("2014-01-21T08:00",), ("2014-01-21T08:01",), issued_at),
    Limit("check", "expired at", ("2014-01-21T08:00",), ("2014-01-21T08:01",), lambda b, at: check(b, at=at)),
    Limit("check", "lies before what happened", ("2014-01-20T09:00",), ("2014-01-20T08:59",), lambda b, at: check(b, at=at)),
    Limit("label", "labels? of dose X1|label.* printed", ("1 0",), ("0 1", "1 1"), reconciled),
    Limit("certify", "not in force", ("1.0",), ("0.9", "2.0"), lambda b, version: certify(b, specification=version)),
    Limit("infuse", "given, 141000000 planned", ("126900000",), ("126899999",), infused_without_reason),
    Limit("infuse", "cells given", ("141000000",), ("141000001",), lambda b, n: infuse(b, given=n)),
    Limit("infuse", "ml given", ("10",), ("10.1",), lambda b, ml: infuse(b, volume=ml)),
    Limit("infuse", "expired at", ("2014-01-21T08:00",), ("2014-01-21T08:01",), lambda b, at: infuse(b, at=at)),
]  # fmt: skip


@pytest.mark.parametrize("limit", LIMITS, ids=lambda one: f"{one.stage}: {one.says} at {one.at[0]}")
def test_what_lies_at_a_limit_is_allowed_and_what_lies_beyond_is_not(limit: Limit) -> None:
    for value in (*limit.at, *limit.beyond):
        bench = copied(reached(limit.stage))
        limit.before(bench)
        if value in limit.at:
            assert limit.act(bench, value) is not False
            continue
        with pytest.raises(Refusal, match=limit.says):
            limit.act(bench, value)


@pytest.mark.parametrize(
    ("temperature", "deviates"), [("2", False), ("25", False), ("1.9", True), ("25.1", True)]
)
def test_a_dose_carried_outside_2_to_25_degrees_is_not_given(temperature: str, deviates: bool) -> None:
    bench = copied(reached("carry"))
    carry(bench, temperature=temperature)
    assert [d.severity for d in bench.lot().deviations] == ["critical"] * deviates
    if deviates:
        with pytest.raises(Refusal, match="open critical deviation"):
            check(bench)
        return
    check(bench)
    infuse(bench)
    check_infusions(list(bench.trial.ledger.entries()))


@pytest.mark.parametrize(
    ("minutes", "deviates"), [("15", False), ("30", False), ("14.9", True), ("30.1", True)]
)
def test_a_parameter_at_its_limit_is_no_deviation_and_one_beyond_is(minutes: str, deviates: bool) -> None:
    bench = copied(reached("grow"))
    bench.isolate(parameters={"minutes": minutes, "speed": "2000"})
    assert [d.severity for d in bench.lot().deviations] == ["major"] * deviates


def test_of_what_is_used_up_nothing_is_left_and_it_is_called_depleted() -> None:
    bench = copied(reached("grow"))
    sampled = [Taken("L1.tissue")]
    bench.step("sampling", "2014-01-10T10:30", sampled, "T", materials={"COL4": "1"})
    with pytest.raises(Refusal, match="COL4 is depleted"):
        bench.isolate(materials={"COL4": "0.1"})


def test_a_dose_of_cells_that_were_since_taken_by_exception_is_given_to_nobody_else() -> None:
    bench = copied(reached("prepare"))
    bench.prescribe("X2", "S-2")
    bench.prepare("X2")
    bench.label("X2")
    bench.carry("X2")
    bench.check("X2", "S-2")
    decide(bench, "exception", INVESTIGATOR)
    given = {"given_dose": "141000000", "values": {"volume": "10"}}
    with pytest.raises(Refusal, match="for another participant"):
        bench.act("infuse", participant="S-2", at="2014-01-20T10:00", dose="X2", **given)


def test_no_dose_is_prescribed_for_somebody_who_left_the_trial() -> None:
    bench = copied(reached("prescribe"))
    bench.act("withdraw", participant="S-1", scope="follow_up", at="2014-01-19", reason="Moved away")
    with pytest.raises(Refusal, match="lies after the end of follow-up"):
        bench.prescribe()


def test_after_a_mismatch_the_right_bag_is_given_once_it_was_checked_anew() -> None:
    bench = copied(reached("check"))
    with pytest.raises(Refusal, match="bag does not match"):
        check(bench, bag="X2")
    check(bench)
    infuse(bench)
    check_infusions(list(bench.trial.ledger.entries()))


def test_a_result_that_nobody_reviewed_is_not_among_the_tests_that_still_run() -> None:
    bench = copied(reached("sterility"))
    ask(bench, "sterility")
    result(bench, "negative", "t2")
    ask(bench, "cd14")
    with pytest.raises(Refusal, match="Sterility is pending"):
        certify(bench, "conditional", owner="O", acknowledged_by=INVESTIGATOR)


def test_a_donors_test_that_was_made_on_the_lot_stands_as_its_result_does() -> None:
    bench = copied(reached("certify"))
    ask(bench, "viruses")
    with pytest.raises(Refusal, match="Viruses is pending"):
        certify(bench)


def test_no_label_is_printed_for_a_dose_that_was_destroyed_or_given() -> None:
    for stage, gone in (("carry", course.end), ("infuse", infuse)):
        bench = copied(reached(stage))
        gone(bench)
        with pytest.raises(Refusal, match=f"X1 is {bench.dose().status}"):
            bench.act("print_labels", TECHNICIAN, dose="X1", reason="One more")


def test_a_dose_is_never_made_as_a_step_without_its_prescription() -> None:
    step = "    - {id: formulation, label: Formulation, does: formulate}\n"
    bench = Bench(files=product_files(("  identities:\n", f"{step}  identities:\n")))
    bench.enrol()
    bench.accept()
    bench.procure()
    bench.grow()
    with pytest.raises(Refusal, match="no step 'formulation'"):
        bench.step("formulation", "2014-01-20T08:00", [Taken(HARVEST, "141000000")], "X1")


def test_few_cells_are_seeded_where_somebody_says_why() -> None:
    bench = copied(reached("grow"))
    isolated(bench)
    sown = [Taken("L1.svf", "9999")]
    bench.step("seeding", "2014-01-10T13:00", sown, "P0", materials={"MED1": "1"}, reason="A colony assay")


def test_cells_that_are_all_dead_are_counted() -> None:
    bench = copied(reached("grow"))
    bench.isolate()
    bench.count("L1.svf", "2014-01-10T12:00", viable=0, dead=200)
    assert bench.lot().counts["L1.svf"].viable == 0


def material(b: Bench, **other: str) -> None:
    said = {
        "code": "COL8",
        "material": "collagenase",
        "lot_number": "X",
        "supplier": "S",
        "expires": "2014-12-31",
    }
    b.act("receive_material", TECHNICIAN, **{**said, "amount": "1", "at": "2014-01-03", **other})


def tissue(b: Bench, **other: str) -> None:
    b.act("procure", TECHNICIAN, **{**TISSUE, "received_at": "2014-01-10T10:00", **other})


def serology(b: Bench, **other: str) -> None:
    said = {"donor": "D1", "test": "hiv", "sampled_at": "2014-01-10", "result": "negative", "method": "E"}
    b.act("record_donor_test", TESTER, **{**said, **other})


def sampled(b: Bench, **details: str) -> None:
    made = [Made("S1", details)]
    said = {"lot": "L1", "step": "sampling", "at": "2014-01-18T11:00", "verifier": SECOND}
    b.act("process", TECHNICIAN, **said, parents=[Taken(HARVEST, "1000000")], children=made)


UNKNOWN: list[tuple[str, str, Act]] = [
    ("register", "relation", lambda b: b.register("D8", "S-1", "friend")),
    ("register", "nickname", lambda b: b.act("register_donor", NURSE, donor="D8", participant="S-1", relation="child", identity={"nickname": "S"})),
    ("screen", "suitable", lambda b: course.screen(b, "perhaps")),
    ("hiv", "test", lambda b: serology(b, test="malaria")),
    ("hiv", "result", lambda b: serology(b, result="fine")),
    ("decide", "decision", lambda b: decide(b, "probably")),
    ("procure", "volume", lambda b: tissue(b, volume_ml="much")),
    ("procure", "temperature", lambda b: tissue(b, transport_temperature="cold")),
    ("grow", "COL1", lambda b: material(b, code="COL1")),
    ("grow", "material", lambda b: material(b, material="trypsin")),
    ("grow", "amount", lambda b: material(b, amount="0")),
    ("grow", "certificate", lambda b: (material(b), b.act("release_material", QP, code="COL8", certificate=" "))),
    ("grow", "recall of material lot", lambda b: b.act("recall_material", QP, code="COL5", reason="R")),
    ("grow", "equipment", lambda b: calibrate(b, "2014-01-02", "2014-12-31", equipment="oven")),
    ("grow", "radius", lambda b: calibrate(b, "2014-01-02", "2014-12-31", rotor_radius_cm="long")),
    ("cd90", "test", lambda b: ask(b, "cd200")),
    ("cd90", "vessels", lambda b: sampled(b, vessels="some")),
    ("certify", "outcome", lambda b: certify(b, "approved")),
    ("certify", "severity", lambda b: deviate(b, "terrible")),
    ("certify", "severity", lambda b: (deviate(b), b.act("assess_product_deviation", QP, lot="L1", deviation="d1", severity="terrible", impact="I", investigation="N", root_cause="C", action="A"))),
    ("certify", "description", lambda b: b.act("report_product_deviation", TECHNICIAN, lot="L1", at="2014-01-18", severity="minor", description=" ")),
    ("grow", "verdict", lambda b: (material(b), b.act("release_material", QP, code="COL8", certificate="C", verdict="perhaps"))),
    ("grow", "reason is needed", lambda b: (material(b), b.act("release_material", QP, code="COL8", certificate="C", verdict="rejected"))),
    ("cd90", "is done with one population", lambda b: b.step("sampling", "2014-01-18T11:00", [], "S1")),
    ("grow", "has no cells in it", lambda b: (b.isolate(), b.act("count_cells", TECHNICIAN, node="L1.svf", at="2014-01-10T12:00", replicates=[], factor="10000", volume_ml="100", method="M"))),
    ("prepare", "are prescribed", lambda b: b.prepare(viable="14100000", total="15000000", concentration="1410000", reason=" ")),
    ("carry", "was not handed over to", lambda b: b.act("receive_dose", NURSE, dose="X1", at="2014-01-20T09:00", temperature="8")),
    ("carry", "end cannot be 'lost'", lambda b: end(b, "lost")),
    ("infuse", "recalled", lambda b: (opened(b), b.act("certify", QP, lot="L1", outcome="certified", signature=course.SIGNED_RELEASE))),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "says", "act"), UNKNOWN, ids=[f"{one[0]}: {one[1]}" for one in UNKNOWN])
def test_an_answer_that_an_act_does_not_know_is_refused_by_name(stage: str, says: str, act: Act) -> None:
    bench = copied(reached(stage))
    with pytest.raises(Refusal, match=says):
        act(bench)
