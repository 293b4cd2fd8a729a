"""One product from donor to vein, the same on every ledger, and as a genealogy."""

import re

import pytest

from charcot.conduct.check_bedside import WrongPatient
from charcot.conduct.prepare_dose import DoseNotPossible
from charcot.ledger import Ledger
from charcot.product import Taken
from charcot.protocol import parse_protocol
from charcot.refusal import BadValue, OutOfOrder, ReasonMissing
from charcot.team import NotSigned
from charcot.web.product_strip import strips_of
from charcot.wiring.products import fold_products
from product.bench import (
    INVESTIGATOR,
    NURSE,
    QP,
    SIGNED_CLOSING,
    SIGNED_RELEASE,
    TECHNICIAN,
    TESTER,
    Bench,
    product_files,
)

GIVEN = {
    "participant": "S-1",
    "at": "2014-01-20T10:00",
    "given_dose": "141000000",
    "values": {"volume": "10"},
}


@pytest.fixture(scope="module")
def bench() -> Bench:
    """A product that was given."""
    bench = Bench()
    bench.make_ready()
    bench.act("infuse", **GIVEN, dose="X1")
    return bench


def test_a_product_goes_from_donor_to_vein(bench: Bench) -> None:
    assert bench.dose().status == "infused"
    assert bench.lot().status == "certified"
    assert bench.dossier().standing.infused_at is not None


def test_the_genealogy_leads_back_to_the_donor_and_forward_to_the_dose(bench: Bench) -> None:
    line = bench.lot().genealogy
    assert line.ancestors("L1.X1") == ("L1.P0-harvest", "L1.P0", "L1.svf", "L1.tissue")
    assert line.descendants("L1.tissue")[-1] == "L1.X1"
    assert line.donors_of("L1.X1") == ("D1",)
    assert {node: p.passage for node, p in line.populations.items()} == {
        "L1.tissue": None,
        "L1.svf": None,
        "L1.P0": 0,
        "L1.P0-harvest": 0,
        "L1.X1": 0,
    }


def test_an_identity_whose_tests_were_not_all_made_cannot_be_assessed(bench: Bench) -> None:
    certified = bench.lot().certification
    assert certified is not None
    assert certified.data["identities"] == {"isct": "NOT ASSESSABLE"}
    assert certified.data["verdicts"]["cd14"] == "NOT TESTED"


def test_with_gates_an_infusion_names_its_dose() -> None:
    bench = Bench()
    bench.enrol()
    with pytest.raises(DoseNotPossible, match="Which dose"):
        bench.act("infuse", **GIVEN)


def test_without_gates_an_infusion_needs_no_dose_and_stays_valid_when_a_version_switches_them_on() -> None:
    off = ("gates: [certified_dose, custody, bedside_check]", "gates: []")
    bench = Bench(files=product_files(off))
    bench.enrol()
    bench.act("infuse", **GIVEN)
    later = ('{number: "1.0", effective: 2014-01-01', '{number: "2.0", effective: 2014-03-01')
    bench.approve("protocol", "2.0", "2014-02-20")
    bench.act("activate_protocol", protocol_files=product_files(later), reason="The product is followed.")
    assert bench.dossier().standing.infused_at is not None
    bench.act(
        "correct",
        participant="S-1",
        form="infusion",
        encounter="infusion_day",
        changes={"volume": "9.8"},
        based_on=1,
        reason="Misread",
    )
    bench.about("screen", "2014-04-05", "S-2")
    bench.about("consent", "2014-04-06T10:00", "S-2", form_version="1.0")
    assert bench.dossier("S-2").study.protocol.gates == ("certified_dose", "custody", "bedside_check")
    assert bench.dossier("S-1").study.protocol.gates == ()


def only(gate: str) -> Bench:
    """A bench with one gate on, and everything done up to the labelled dose."""
    bench = Bench(
        files=product_files(("gates: [certified_dose, custody, bedside_check]", f"gates: [{gate}]"))
    )
    bench.enrol()
    bench.accept()
    bench.procure()
    bench.grow()
    bench.prescribe()
    bench.prepare()
    bench.label()
    return bench


def test_the_gate_certified_dose_alone_asks_for_the_certification() -> None:
    bench = only("certified_dose")
    with pytest.raises(DoseNotPossible, match="not certified"):
        bench.act("infuse", **GIVEN, dose="X1")
    bench.release()
    bench.act("infuse", **GIVEN, dose="X1")


def test_the_gate_custody_alone_asks_for_an_unbroken_custody() -> None:
    bench = only("custody")
    with pytest.raises(DoseNotPossible, match="without a gap"):
        bench.act("infuse", **GIVEN, dose="X1")
    bench.release()
    bench.act("issue_dose", TECHNICIAN, dose="X1", at="2014-01-20T08:30", temperature="8")
    bench.act("hand_over_dose", TECHNICIAN, dose="X1", at="2014-01-20T08:40", to=NURSE, temperature="8")
    with pytest.raises(DoseNotPossible, match="without a gap"):
        bench.act("infuse", **GIVEN, dose="X1")
    bench.act("receive_dose", NURSE, dose="X1", at="2014-01-20T09:00", temperature="9")
    bench.act("infuse", **GIVEN, dose="X1")


def test_the_gate_bedside_check_alone_asks_for_two_people() -> None:
    bench = only("bedside_check")
    with pytest.raises(DoseNotPossible, match="two people"):
        bench.act("infuse", **GIVEN, dose="X1")


def told(bench: Bench) -> tuple[str, ...]:
    """What the participant's page tells the physician about the dose at once."""
    (strip,) = strips_of(fold_products(list(bench.trial.ledger.entries())), "S-1", lambda _node: True)
    return strip.alarms


def test_a_test_that_fails_after_conditional_release_raises_the_alarm_and_bars_the_dose() -> None:
    bench = only("certified_dose")
    bench.assay("cd90", "97.5")
    bench.act("request_test", TESTER, node="L1.P0-harvest", test="sterility", sampled_at="2014-01-18T10:30")
    bench.act(
        "certify", QP, lot="L1", outcome="conditional", signature=SIGNED_RELEASE, owner="person-q",
        acknowledged_by=INVESTIGATOR,
    )  # fmt: skip
    assert bench.lot().status == "conditionally certified"
    assert told(bench) == ("Let go while a test was running: sterility, now PENDING",)
    bench.act("result_test", TESTER, lot="L1", test="t2", value="positive", at="2014-01-19")
    (alarm,) = bench.lot().deviations
    assert (alarm.severity, alarm.reported.data["alarm"]) == ("critical", "late_positive")
    assert told(bench)[0].startswith("d1: ") and told(bench)[1].endswith("sterility, now FAIL")
    with pytest.raises(DoseNotPossible, match="critical"):
        bench.act("infuse", **GIVEN, dose="X1")


def test_a_bare_count_below_ten_thousand_is_questioned() -> None:
    bench = Bench()
    bench.enrol()
    bench.accept()
    bench.procure()
    bench.isolate()
    with pytest.raises(BadValue, match="possible lost superscript"):
        bench.count("L1.svf", "2014-01-10T12:00", viable=106, dead=0, factor="1e-2")


def test_a_value_outside_its_limits_is_entered_and_raises_a_deviation() -> None:
    bench = Bench()
    bench.enrol()
    bench.accept()
    bench.procure()
    bench.isolate(parameters={"minutes": "45", "speed": "2000"})
    (deviation,) = bench.lot().deviations
    assert deviation.severity == "major" and "45 min lies outside 15 to 30 min" in deviation.description
    assert bench.lot().genealogy.transformations[0].parameters["speed_rcf"] == "358"


def test_a_step_is_left_out_only_with_a_deviation_that_names_it() -> None:
    bench = Bench()
    bench.enrol()
    bench.accept()
    bench.procure()
    bench.isolate()
    bench.count("L1.svf", "2014-01-10T12:00")
    bench.step("seeding", "2014-01-10T13:00", [Taken("L1.svf", "100000000")], "P0", materials={"MED1": "1"})
    with pytest.raises(OutOfOrder, match=r"Not done yet with L1\.P0: Feeding"):
        bench.step("harvest", "2014-01-18T09:00", [Taken("L1.P0")], "H0")
    bench.act(
        "report_product_deviation", TECHNICIAN, lot="L1", at="2014-01-17", severity="minor",
        description="Not fed", skips="feeding",
    )  # fmt: skip
    bench.step("harvest", "2014-01-18T09:00", [Taken("L1.P0")], "H0")


def test_names_in_the_product_must_be_known() -> None:
    files = product_files(
        ("after: [isolation], materials: [medium]", "after: [isolating], materials: [media]"),
        ("tests: [cd90, cd14]", "tests: [cd90, cd15]"),
        ("dose_basis: viable\n", ""),
    )
    found = {(f.code, f.what) for f in parse_protocol(files).findings}
    assert found == {
        ("unknown-name", "there is no step isolating"),
        ("unknown-name", "there is no material media"),
        ("unknown-name", "there is no release test cd15"),
        (
            "gates-without-basis",
            "gates are switched on, but nothing says whether viable or all cells make up the dose",
        ),
    }


def test_the_same_acts_make_the_same_entries_on_every_ledger(ledger: Ledger, bench: Bench) -> None:
    other = Bench(ledger)
    other.make_ready()
    other.act("infuse", **GIVEN, dose="X1")
    assert plain(other) == plain(bench)


def plain(bench: Bench) -> list[str]:
    """The texts of all entries, without the ciphertext of names, which differs each time."""
    return [re.sub(r'"family_name":"[^"]*"', "", row.text) for row in bench.trial.ledger.rows()]


def test_a_mismatch_at_the_bedside_is_entered_opens_a_deviation_and_ends_the_earlier_check() -> None:
    bench = Bench()
    bench.make_ready()
    with pytest.raises(WrongPatient, match="wristband does not match"):
        bench.check(participant="S-2", at="2014-01-20T09:55")
    refused, *_ = bench.dose().mismatches
    assert (refused.data["wristband"], refused.data["second"]["person"]) == ("S-2", INVESTIGATOR.person)
    (deviation,) = bench.lot().deviations
    assert (deviation.severity, deviation.is_open) == ("major", True) and "wristband" in deviation.description
    with pytest.raises(DoseNotPossible, match="did not match when they were scanned last"):
        bench.act("infuse", **GIVEN, dose="X1")
    bench.check(at="2014-01-20T09:58")
    bench.act("infuse", **GIVEN, dose="X1")


FOUND = {"impact": "None on cells", "investigation": "The log was read", "root_cause": "A holiday", "action": "A second person on call"}  # fmt: skip


def test_a_deviation_is_assessed_and_closed_by_the_signature_of_somebody_else() -> None:
    bench = Bench()
    bench.make_ready()
    about = {"lot": "L1", "deviation": "d1"}
    reported = {"lot": "L1", "at": "2014-01-18", "severity": "minor", "description": "Fed late"}
    bench.act("report_product_deviation", TECHNICIAN, **reported)
    closing = {**about, "outcome": "Accepted", "signature": SIGNED_CLOSING}
    with pytest.raises(OutOfOrder, match="was not assessed"):
        bench.act("close_product_deviation", QP, **closing)
    with pytest.raises(ReasonMissing):
        bench.act("assess_product_deviation", QP, **about, **FOUND, severity="critical")
    bench.act("assess_product_deviation", QP, **about, **FOUND, severity="critical", reason="Two days")
    with pytest.raises(DoseNotPossible, match="open critical deviation"):
        bench.check()
    bench.act(
        "assess_product_deviation", QP, **about, **FOUND, severity="major", reason="One day, by the log"
    )
    with pytest.raises(NotSigned):
        bench.act("close_product_deviation", QP, **{**closing, "signature": None})
    bench.act("close_product_deviation", QP, **closing)
    (deviation,) = bench.lot().deviations
    assert [e.data["severity"] for e in deviation.assessments] == ["critical", "major"]
    assert (deviation.state, deviation.severity, deviation.finding["root_cause"]) == (
        "closed",
        "major",
        "A holiday",
    )
    assert deviation.closed and deviation.closed.data["signature"]["person"] == QP.person
