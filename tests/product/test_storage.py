"""Frozen vials: one in a place, moved and warmed on the record, and counted as stock until they are thawed, used or destroyed."""

import pytest

from charcot.conduct.move_vial import PlaceTaken, stock_of
from charcot.ledger import Entry, Kind
from charcot.product import Taken
from charcot.product.storage import StoredVial, count_states, is_within
from charcot.refusal import BadValue, OutOfOrder
from product.bench import QP, SIGNED_CLOSING, TECHNICIAN, Bench, freeze


@pytest.fixture
def bench() -> Bench:
    made = Bench()
    made.enrol()
    made.accept()
    for lot in ("L1", "L2"):
        made.procure(lot)
        made.grow(lot)
    freeze(made, "L1", {"V1": "T1/R1/B1/A1", "V2": "T1/R1/B1/A2"})
    return made


def stock(bench: Bench) -> dict[str, StoredVial]:
    return {one.vial.id: one for one in stock_of(bench.trial)}


def move(bench: Bench, node: str, to: str, at: str = "2014-01-19T09:00") -> Entry:
    (entry,) = bench.act("move_vial", TECHNICIAN, node=node, at=at, place=to)
    return entry


def thaw(bench: Bench, node: str, made: str, at: str = "2014-01-19T12:00") -> Entry:
    (entry,) = bench.step("thawing", at, [Taken(node)], made, lot=node.partition(".")[0])
    return entry


def strike(bench: Bench, entry: Entry) -> None:
    bench.act(
        "annul_product_entry", TECHNICIAN, about=entry.subject, entry=entry.sequence, reason="Another vial"
    )


@pytest.mark.parametrize("place", ["", "T1", "T1/R1/B1", "T1/R1/B1/A1/x", "T1//B1/A1", "T 1/R1/B1/A1"])
def test_a_vial_is_frozen_at_a_whole_place_only(bench: Bench, place: str) -> None:
    with pytest.raises(BadValue, match="is no place for a vial"):
        freeze(bench, "L2", {"V1": place})
    with pytest.raises(BadValue, match="is no place for a vial"):
        move(bench, "L1.V1", place)


def test_no_two_vials_lie_in_one_place_whatever_lot_they_are_of_and_however_it_is_written(
    bench: Bench,
) -> None:
    with pytest.raises(PlaceTaken, match=r"L1\.V1 lies at t1/r1/b1/a1"):
        freeze(bench, "L2", {"V1": "t1/r1/b1/a1"})
    with pytest.raises(PlaceTaken, match=r"L2\.V1 and L2\.V2 would both lie"):
        freeze(bench, "L2", {"V1": "T1/R1/B1/A3", "V2": "T1/R1/B1/a3"})
    with pytest.raises(PlaceTaken, match=r"L1\.V2 lies at"):
        move(bench, "L1.V1", "T1/R1/B1/A2")
    with pytest.raises(BadValue, match="lies there already"):
        move(bench, "L1.V1", "T1/R1/B1/A1")
    move(bench, "L1.V1", "T2/R1/B1/A1")
    freeze(bench, "L2", {"V1": "T1/R1/B1/A1"})
    assert {node: one.place for node, one in stock(bench).items()} == {
        "L1.V1": "T2/R1/B1/A1", "L1.V2": "T1/R1/B1/A2", "L2.V1": "T1/R1/B1/A1",
    }  # fmt: skip


def test_stock_says_what_is_frozen_thawed_used_and_destroyed(bench: Bench) -> None:
    freeze(bench, "L2", {"V1": "T1/R1/B1/A3", "V2": "T1/R1/B1/A4"})
    assert count_states(stock(bench).values()) == {"frozen": 4, "thawed": 0, "used": 0, "destroyed": 0}
    thaw(bench, "L1.V1", "T1")
    thaw(bench, "L1.V2", "T2")
    bench.count("L1.T2", "2014-01-19T12:30")
    bench.step("seeding", "2014-01-19T13:00", [Taken("L1.T2", "1000000")], "P1", materials={"MED1": "1"})
    bench.step("discarding", "2014-01-19T12:00", [Taken("L2.V1")], lot="L2")
    assert {node: (one.state, one.place) for node, one in stock(bench).items()} == {
        "L1.V1": ("thawed", None), "L1.V2": ("used", None), "L2.V1": ("destroyed", None), "L2.V2": ("frozen", "T1/R1/B1/A4"),
    }  # fmt: skip
    with pytest.raises(OutOfOrder, match=r"L1\.V1 is thawed"):
        move(bench, "L1.V1", "T2/R1/B1/A1")
    with pytest.raises(OutOfOrder, match=r"no vial 'L1\.V9'"):
        move(bench, "L1.V9", "T2/R1/B1/A1")
    bench.step("discarding", "2014-01-19T14:00", [Taken("L1.T1")])
    assert stock(bench)["L1.V1"].state == "destroyed"


def test_a_vial_does_not_come_back_to_a_place_that_was_given_to_another(bench: Bench) -> None:
    moved = move(bench, "L1.V2", "T2/R1/B1/A1")
    thawed = thaw(bench, "L1.V1", "T1")
    freeze(bench, "L2", {"V1": "T1/R1/B1/A1", "V2": "T1/R1/B1/A2"})
    for entry in (thawed, moved):
        with pytest.raises(PlaceTaken, match=r"L2\.V[12] lies at"):
            strike(bench, entry)
    again = move(bench, "L1.V2", "T3/R1/B1/A1", "2014-01-20T09:00")
    with pytest.raises(OutOfOrder, match="moved again"):
        strike(bench, moved)
    strike(bench, again)
    assert stock(bench)["L1.V2"].place == "T2/R1/B1/A1"
    move(bench, "L2.V1", "T4/R1/B1/A1", "2014-01-20T09:00")
    strike(bench, thawed)
    assert stock(bench)["L1.V1"].place == "T1/R1/B1/A1"
    with pytest.raises(OutOfOrder, match="before the vial came"):
        move(bench, "L1.V2", "T5/R1/B1/A1", "2014-01-18T13:00")


def excursion(bench: Bench, place: str, at: str, until: str) -> set[tuple[str, str]]:
    """The vials that the deviations it opened name, by lot."""
    entries = bench.act("report_storage_excursion", TECHNICIAN, place=place, at=at, until=until, temperature="-90",
                        severity="major", description="The lid stood open")  # fmt: skip
    assert {e.kind for e in entries} == {Kind.PRODUCT_DEVIATION_REPORTED}
    return {(e.subject, e.data["vials"]) for e in entries}


def test_an_excursion_is_a_deviation_of_each_lot_that_had_vials_there_then(bench: Bench) -> None:
    freeze(bench, "L2", {"V1": "T1/R2/B1/A1"}, at="2014-01-18T15:00")
    move(bench, "L1.V1", "T2/R1/B1/A1", "2014-01-19T09:00")
    thaw(bench, "L1.V2", "T2", "2014-01-19T12:00")
    both = {("product/L1", "L1.V1, L1.V2"), ("product/L2", "L2.V1")}
    assert excursion(bench, "T1", "2014-01-18T14:00", "2014-01-18T16:00") == both
    assert excursion(bench, "t1/r1/b1", "2014-01-19T10:00", "2014-01-19T11:00") == {("product/L1", "L1.V2")}
    assert excursion(bench, "T2/", "2014-01-20", "2014-01-20") == {("product/L1", "L1.V1")}
    for place, at, until in (
        ("T1/R1", "2014-01-20T10:00", "2014-01-20T11:00"),  # moved and thawed before
        ("T1/R2", "2014-01-18T10:00", "2014-01-18T12:30"),  # frozen later
        ("T", "2014-01-18T14:00", "2014-01-18T16:00"),  # no tank is called so
        ("", "2014-01-18T14:00", "2014-01-18T16:00"),
    ):
        with pytest.raises(OutOfOrder, match="No vial lay in"):
            excursion(bench, place, at, until)
    with pytest.raises(BadValue, match="before it began"):
        excursion(bench, "T1", "2014-01-18T16:00", "2014-01-18T14:00")
    assert [len(one.excursions) for one in stock(bench).values()] == [2, 2, 1]
    assert [d.severity for d in bench.lot("L1").deviations] == ["major"] * 3
    about = {"lot": "L2", "deviation": "d1"}
    said = {
        "severity": "minor",
        "impact": "I",
        "investigation": "N",
        "root_cause": "C",
        "action": "A",
        "reason": "R",
    }
    bench.act("assess_product_deviation", QP, **about, **said)
    bench.act("close_product_deviation", QP, **about, outcome="Kept", signature=SIGNED_CLOSING)
    assert not bench.lot("L2").deviations[0].is_open


def test_a_part_of_a_name_is_no_part_of_a_place() -> None:
    assert is_within("T1/R1/B1/A1", "T1") and is_within("T1/R1/B1/A1", "t1/r1")
    assert not is_within("T10/R1/B1/A1", "T1") and not is_within("T1/R1/B1/A1", "R1")
