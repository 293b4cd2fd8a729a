"""What was entered about the product in error is taken out or corrected, kept, and what rested on it is judged anew."""

import pytest

from charcot.conduct.certify import NotReleased
from charcot.conduct.prepare_dose import DoseNotPossible
from charcot.ledger import Entry, Kind
from charcot.product import Taken, fold_material
from charcot.refusal import OutOfOrder, ReasonMissing
from product.bench import NURSE, QP, SIGNED_CLOSING, SIGNED_RELEASE, TECHNICIAN, Bench
from product.test_chain import FOUND, GIVEN


def annul(bench: Bench, about: str, entry: Entry | None, reason: str = "Of another lot") -> None:
    assert entry is not None
    bench.act("annul_product_entry", TECHNICIAN, about=about, entry=entry.sequence, reason=reason)


def used_of(bench: Bench, code: str) -> str:
    found = fold_material(tuple(bench.trial.ledger.entries(subjects=[f"material/{code}"])))
    assert found is not None
    return str(found.used)


def test_a_step_in_error_is_out_of_the_genealogy_and_its_material_is_there_again() -> None:
    bench = Bench()
    bench.enrol()
    bench.accept()
    bench.procure()
    isolated, *_ = bench.isolate()
    assert used_of(bench, "COL1") == "1"
    with pytest.raises(ReasonMissing):
        annul(bench, "product/L1", isolated, " ")
    annul(bench, "product/L1", isolated)
    assert (used_of(bench, "COL1"), list(bench.lot().genealogy.populations)) == ("0", ["L1.tissue"])
    (gone,) = bench.lot().annulled
    assert (gone.entry, gone.by.reason) == (isolated, "Of another lot")
    again, *_ = bench.isolate()
    bench.count("L1.svf", "2014-01-10T12:00")
    with pytest.raises(OutOfOrder, match=r"the count of L1\.svf rests on it"):
        annul(bench, "product/L1", again)
    with pytest.raises(OutOfOrder, match="cannot be taken out"):
        annul(bench, "product/L1", isolated)


def test_a_count_in_error_breaks_the_certification_and_more_taken_than_counted_is_a_deviation() -> None:
    bench = Bench()
    bench.make_ready()
    counted = bench.lot().counts["L1.P0-harvest"].entry
    annul(bench, "product/L1", counted, "The factor was wrong")
    assert (bench.lot().status, bench.lot().is_certified) == ("reviewed", False)
    assert bench.lot().broken_certification is not None
    with pytest.raises(DoseNotPossible, match="not certified"):
        bench.act("infuse", **GIVEN, dose="X1")
    bench.count("L1.P0-harvest", "2014-01-18T10:00", viable=100)
    resting, balance = bench.lot().deviations
    assert "rested on entry" in resting.description
    assert "1.00e+8 viable cells, and 1.41e+8 were taken" in balance.description
    with pytest.raises(NotReleased, match="d1"):
        bench.act("certify", QP, lot="L1", outcome="certified", signature=SIGNED_RELEASE)
    for deviation in ("d1", "d2"):
        about = {"lot": "L1", "deviation": deviation}
        bench.act("assess_product_deviation", QP, **about, **FOUND, severity="major")
        bench.act("close_product_deviation", QP, **about, outcome="O", signature=SIGNED_CLOSING)
    bench.act("certify", QP, lot="L1", outcome="certified", signature=SIGNED_RELEASE)
    assert bench.lot().is_certified and bench.lot().broken_certification is None
    bench.act("infuse", **GIVEN, dose="X1")


def test_of_a_dose_only_the_last_thing_before_it_is_given_is_taken_out() -> None:
    bench = Bench()
    bench.make_ready()
    checked, received = bench.dose().checked, bench.dose().received
    with pytest.raises(OutOfOrder, match="More happened"):
        annul(bench, "dose/X1", received)
    annul(bench, "dose/X1", checked)
    annul(bench, "dose/X1", received)
    assert bench.dose().status == "on the way"
    bench.act("receive_dose", NURSE, dose="X1", at="2014-01-20T09:10", temperature="9")
    bench.check()
    bench.act("infuse", **GIVEN, dose="X1")
    with pytest.raises(OutOfOrder, match="More happened"):
        annul(bench, "dose/X1", bench.dose().checked)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2014-01-19T10:00", "before it was received"),
        ("2014-01-22T10:00", "after its expiry"),
        ("2014-01-20T10:05", None),
    ],
)
def test_a_corrected_time_of_the_infusion_is_that_of_the_dose_which_is_judged_anew(
    at: str, said: str | None
) -> None:
    bench = Bench()
    bench.make_ready()
    bench.act("infuse", **GIVEN, dose="X1")
    infusion = {
        "participant": "S-1",
        "form": "infusion",
        "encounter": "infusion_day",
        "based_on": 1,
        "reason": "Misread",
    }
    bench.act("correct", **infusion, changes={"volume": "9.5"}, at=at)
    given = bench.dose().infused
    assert given is not None
    assert (given.kind, given.clinical_time, given.data["volume_ml"]) == (
        Kind.DOSE_INFUSION_CORRECTED,
        at,
        "9.5",
    )
    words = [d.description for d in bench.lot().deviations if d.severity == "critical"]
    assert bool(words) == (said is not None) and all(said and said in one for one in words)


def test_what_rests_on_a_culture_is_taken_out_first() -> None:
    bench = Bench()
    bench.enrol()
    bench.accept()
    bench.procure()
    bench.isolate()
    bench.count("L1.svf", "2014-01-10T12:00")
    seeded, *_ = bench.step(
        "seeding", "2014-01-10T13:00", [Taken("L1.svf", "100000000")], "P0", materials={"MED1": "1"}
    )
    fed, *_ = bench.step("feeding", "2014-01-14T09:00", [Taken("L1.P0")])
    with pytest.raises(OutOfOrder, match="feeding rests on it"):
        annul(bench, "product/L1", seeded)
    annul(bench, "product/L1", fed)
    annul(bench, "product/L1", seeded)
    assert bench.lot().taken_from("L1.svf") == 0
