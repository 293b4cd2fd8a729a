"""Gates that were drawn or typed: the events they hold by R, Gating-ML there and back, and mistakes in words."""

import re

import numpy as np
import pytest

from charcot.product.flow_cytometry import GatedTube, NoGate, parse_gating_ml, parse_tube, render_gating_ml
from charcot.product.flow_cytometry.drawn_gates import DrawnGate, parse_drawn_gates
from product.fcs_files import make_fcs

N = np.arange(3000)
POINTS = np.column_stack([(N * 7919) % 1009, (N * 104729) % 997])
LINES = {
    "star": ("polygon", "100.5 100.5; 900.5 150.5; 500.5 900.5; 300.5 420.5; 620.5 500.5"),
    "concave": ("polygon", "50.5,60.5, 950.5,60.5, 950.5,900.5, 500.5,300.5, 50.5,900.5"),
    "ellipse": ("ellipse", "480 510 300 120 30"),
    "box": ("rectangle", "200 700 150 800"),
    "open": ("rectangle", "200 * * 800"),
    "q": ("quadrants", "400 600"),
    "a": ("and", "ellipse !box"),
    "o": ("or", "ellipse, box"),
    "n": ("not", "ellipse"),
}
# R 4.2.2 with sp 1.6.0 (point.in.polygon) and stats (mahalanobis with covariance R diag(300, 120)^2 R', R a turn by 30 degrees):
# i <- 0:2999; x <- (i*7919) %% 1009; y <- (i*104729) %% 997; how many points lie within, and the sum of their i
BY_R = {
    "star": (749, 1124609), "concave": (1453, 2162863), "ellipse": (335, 498522), "box": (970, 1453162), "open": (1933, 2892021),
    "q_nn": (715, 1068559), "q_pn": (1094, 1639436), "q_np": (474, 713044), "q_pp": (717, 1077461),
    "a": (12, 14129), "o": (982, 1467291), "n": (2665, 3999978),
}  # fmt: skip


def lines(scale: str = "linear") -> list[DrawnGate]:
    return [
        DrawnGate(
            name,
            kind,
            *(("X", "Y", scale, scale) if kind not in ("and", "or", "not") else ()),
            numbers=numbers,
        )
        for name, (kind, numbers) in LINES.items()
    ]


@pytest.mark.parametrize("round_trip", [False, True])
def test_gates_hold_the_events_that_r_finds_in_them_also_after_gating_ml(round_trip: bool) -> None:
    gating = parse_drawn_gates(lines())
    if round_trip:
        gating = parse_gating_ml(render_gating_ml(gating))
    gated = GatedTube(parse_tube(make_fcs(POINTS.tolist(), ["X", "Y"])), gating)
    found = {name: gated.events_in(name) for name in gating.ids}
    assert {name: (int(held.sum()), int(N[held].sum())) for name, held in found.items()} == BY_R


def test_a_gate_within_another_holds_what_lies_in_both_and_a_logicle_axis_is_named() -> None:
    # Moore & Parks 2012: zero lies at (A + W) / (M + A) of the scale, here 0.5 / 4.5
    outer = DrawnGate("outer", "rectangle", "X", "Y", numbers="* 700 * 800")
    inner = DrawnGate("inner", "rectangle", "X", "Y", "logicle", "logicle", "0.1111112 * * 1", "outer")
    gating = parse_gating_ml(render_gating_ml(parse_drawn_gates([outer, inner])))
    gated = GatedTube(parse_tube(make_fcs(POINTS.tolist(), ["X", "Y"])), gating)
    x, y = POINTS.T
    assert (x == 0).any() and gated.events_in("inner").tolist() == ((x > 0) & (x < 700) & (y < 800)).tolist()


@pytest.mark.parametrize(
    "line, words",
    [
        (DrawnGate("1st", "rectangle", "X", "Y", numbers="1 2 3 4"), "no name that can be used"),
        (DrawnGate("box", "rectangle", "X", "Y", numbers="1 2 3 4"), "the name of another"),
        (DrawnGate("g", "rectangle", "X", "Y", numbers="1 2 3"), "has 3 numbers"),
        (DrawnGate("g", "rectangle", "X", "Y", numbers="2 1 3 4"), "ends before it begins"),
        (DrawnGate("g", "rectangle", "X", "Y", numbers="1 2 x 4"), "'x', which is no number"),
        (DrawnGate("g", "rectangle", "X", "X", numbers="1 2 3 4"), "two different channels"),
        (DrawnGate("g", "polygon", "X", "Y", numbers="1 2 3 4"), "has 4 numbers"),
        (DrawnGate("g", "polygon", "X", "Y", numbers="1 2 1 2 1 2"), "three different corners"),
        (DrawnGate("g", "ellipse", "X", "Y", numbers="1 2 0 4 5"), "no radius"),
        (DrawnGate("g", "quadrants", "X", "Y", numbers="inf 2"), "no number"),
        (DrawnGate("g", "circle", "X", "Y", numbers="1"), "of no kind"),
        (DrawnGate("g", "and", numbers="box"), "combines 1 gates"),
        (DrawnGate("g", "not", numbers="box star"), "combines 2 gates"),
        (DrawnGate("g", "or", numbers="box later"), "'later', which does not stand above"),
        (DrawnGate("g", "rectangle", "X", "Y", numbers="1 2 3 4", within="later"), "lies within 'later'"),
    ],
)
def test_a_gate_that_cannot_be_is_refused_with_its_name_and_what_it_needs(
    line: DrawnGate, words: str
) -> None:
    with pytest.raises(NoGate, match=re.escape(words)) as caught:
        parse_drawn_gates([*lines()[:4], line])
    assert repr(line.name) in caught.value.what and caught.value.next_step
