"""One product from donor to vein, the same on every ledger, and as a genealogy."""

import re

import pytest

from charcot.conduct.prepare_dose import DoseNotPossible
from charcot.ledger import Ledger
from product.bench import Bench, product_files

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


def test_the_same_acts_make_the_same_entries_on_every_ledger(ledger: Ledger, bench: Bench) -> None:
    other = Bench(ledger)
    other.make_ready()
    other.act("infuse", **GIVEN, dose="X1")
    assert plain(other) == plain(bench)


def plain(bench: Bench) -> list[str]:
    """The texts of all entries, without the ciphertext of names, which differs each time."""
    return [re.sub(r'"family_name":"[^"]*"', "", row.text) for row in bench.trial.ledger.rows()]
