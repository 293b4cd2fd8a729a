"""Gates: the compliance set of Gating-ML 2.0 event for event, and what is refused."""

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charcot.product.flow_cytometry import (
    GatedTube,
    Gating,
    NoGate,
    parse_gating_ml,
    parse_tube,
    render_gating_ml,
)
from charcot.product.flow_cytometry.gates import Dimension, PolygonGate, RectangleGate
from charcot.product.flow_cytometry.transforms import (
    Hyperlog,
    InverseSine,
    Linear,
    Logarithmic,
    Logicle,
    NoTransform,
)
from product.fcs_files import make_fcs, real_file

# Events in each gate of ISAC's Gating-ML 2.0 compliance set: FlowKit 1.3.2 (BSD-3), which is tested against the
# set's own results; 13,367 events as bits packed with numpy.packbits, hashed with SHA-256.
COUNTS = list(csv.DictReader((Path(__file__).parent / "gate_counts.csv").open()))


@pytest.mark.parametrize("round_trip", [False, True])
def test_the_compliance_set_gives_the_published_events_one_for_one(round_trip: bool) -> None:
    tube = parse_tube(real_file("FlowKit_gate_ref_data1.fcs"))
    gating = parse_gating_ml(real_file("FlowKit_gml_all_gates.xml"))
    if round_trip:
        gating = parse_gating_ml(render_gating_ml(gating))
    gated = GatedTube(tube, gating)
    assert len(COUNTS) == 49 and {row["gate"] for row in COUNTS} == set(gating.ids)
    for row in COUNTS:
        events = gated.events_in(row["gate"])
        found = hashlib.sha256(np.packbits(events).tobytes()).hexdigest()
        assert (int(events.sum()), found) == (int(row["events"]), row["sha256_of_packed_events"]), row["gate"]


# flowutils 1.2.2 (BSD-3; its logicle is the C code of Moore & Parks 2012); x = -10, -1, 0, 0.3, 1, 3, 10, 100, 1000
@pytest.mark.parametrize(
    "transform, expected",
    [
        (InverseSine(1000, 4, 1), [-0.2000086837, -0.0008558414195, 0.2, 0.3037758138, 0.4008558414, 0.4955205995, 0.6000086837, 0.800000086, 1.0]),
        (InverseSine(1000, 5, 0), [-0.6000000869, -0.4000086846, 0.0, 0.2955206004, 0.4000086846, 0.495425216, 0.6000000869, 0.8000000009, 1.0]),
        (Logicle(1000, 1, 4, 0), [0.06757419868, 0.2287516158, 0.25, 0.2563837638, 0.2712483842, 0.3128968968, 0.4324258013, 0.7395476509, 1.0]),
        (Logicle(1000, 0, 4, 1), [-0.2000086837, -0.0008558414195, 0.2, 0.3037758138, 0.4008558414, 0.4955205995, 0.6000086837, 0.800000086, 1.0]),
        (Hyperlog(1000, 1, 4, 0), [0.0835540578, 0.229476799, 0.25, 0.2562388711, 0.270523201, 0.3090918529, 0.4164459422, 0.7318746865, 1.0]),
        (Hyperlog(1000, 0.01, 4, 1), [0.01744699471, 0.182593413, 0.202, 0.207833009, 0.221406587, 0.2598383313, 0.3865530053, 0.7742108804, 1.0]),
    ],
)  # fmt: skip
def test_scales_agree_with_the_code_of_their_inventors(transform: Logicle, expected: list[float]) -> None:
    x = np.array([-10, -1, 0, 0.3, 1, 3, 10, 100, 1000])
    assert transform.scale(x) == pytest.approx(expected, abs=2e-9)


def test_the_linear_scale_ends_at_one() -> None:
    # Gating-ML 2.0: flin(x) = (x + A) / (T + A)
    assert Linear(1000, 100).scale(np.array([-100.0, 0.0, 450.0, 1000.0])) == pytest.approx(
        [0, 1 / 11, 0.5, 1]
    )


@given(
    st.sampled_from([Logicle(262144, 0.5, 4.5, 0), Hyperlog(10000, 1, 4.5, 0), InverseSine(1000, 4, 1)]),
    st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20),
)
def test_scales_rise_with_the_value(transform: Logicle, values: list[float]) -> None:
    scaled = transform.scale(np.sort(np.array(values)))
    assert np.isfinite(scaled).all() and (np.diff(scaled) >= -1e-12).all()


def test_a_logarithm_of_nothing_lies_below_every_gate() -> None:
    assert Logarithmic(1000, 3).scale(np.array([0.0, -5.0, 1000.0])).tolist() == [-np.inf, -np.inf, 1.0]


@pytest.mark.parametrize(
    "make", [lambda: Logicle(1000, 3, 4, 0), lambda: Linear(0, 0), lambda: Hyperlog(10, 0, 4, 0)]
)
def test_scales_of_impossible_numbers_are_refused(make: object) -> None:
    with pytest.raises(NoTransform):
        make()  # type: ignore[operator]


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=1, max_size=30))
def test_a_polygon_that_is_a_rectangle_holds_the_same_events_and_its_border(
    points: list[tuple[int, int]],
) -> None:
    tube = parse_tube(make_fcs(points, ["X", "Y"]))
    x, y = Dimension("X"), Dimension("Y")
    square = PolygonGate("square", (x, y), ((-2, -2), (3, -2), (3, 3), (-2, 3)))
    box = RectangleGate("box", (x, y), ((-2, 4), (-2, 4)))
    gated = GatedTube(tube, Gating({"square": square, "box": box}))
    assert gated.events_in("square").tolist() == gated.events_in("box").tolist()


HEAD = (
    '<g:Gating-ML xmlns:g="http://www.isac-net.org/std/Gating-ML/v2.0/gating" '
    'xmlns:d="http://www.isac-net.org/std/Gating-ML/v2.0/datatypes" '
    'xmlns:t="http://www.isac-net.org/std/Gating-ML/v2.0/transformations">'
)
AXIS = '<g:dimension g:min="1"><d:fcs-dimension d:name="X"/></g:dimension>'


@pytest.mark.parametrize(
    "xml, words",
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type"),
        ("<a/>", "no Gating-ML 2.0"),
        ("<a", "no XML"),
        ("", "no XML"),
        ("<a>" * 60 + "</a>" * 60, "nested"),
        (f"{HEAD}</g:Gating-ML>", "holds no gate"),
        (f'{HEAD}<g:TreeGate g:id="a"/></g:Gating-ML>', "TreeGate are not known"),
        (
            f'{HEAD}<g:RectangleGate g:id="a" g:parent_id="b">{AXIS}</g:RectangleGate></g:Gating-ML>',
            "names 'b'",
        ),
        (f'{HEAD}<g:RectangleGate g:id="a"/></g:Gating-ML>', "has 0 axes"),
        (f"{HEAD}<g:RectangleGate>{AXIS}</g:RectangleGate></g:Gating-ML>", "has no id"),
        (
            f'{HEAD}<g:RectangleGate g:id="a">{AXIS.replace("1", "nan")}</g:RectangleGate></g:Gating-ML>',
            "no number",
        ),
        (
            f'{HEAD}<g:RectangleGate g:id="a">{AXIS}</g:RectangleGate><g:RectangleGate g:id="a">{AXIS}'
            "</g:RectangleGate></g:Gating-ML>",
            "Two gates",
        ),
    ],
)
def test_what_is_no_set_of_gates_is_refused_in_words(xml: str, words: str) -> None:
    with pytest.raises(NoGate, match=words):
        parse_gating_ml(xml.encode())


def test_gates_in_a_circle_are_refused() -> None:
    one = RectangleGate("one", (Dimension("X"),), ((0, 1),), parent="two")
    two = RectangleGate("two", (Dimension("X"),), ((0, 1),), parent="one")
    with pytest.raises(NoGate, match="circle"):
        GatedTube(parse_tube(make_fcs([[1, 2]], ["X", "Y"])), Gating({"one": one, "two": two})).events_in(
            "one"
        )
