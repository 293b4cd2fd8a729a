"""Flow cytometry of some synthetic lots: raw files drawn with a fixed seed, and how they are analysed."""

from collections.abc import Mapping

from charcot.conduct.analyse_cytometry import CytometryPlan, MarkerAsked
from charcot.product.flow_cytometry import Gating, render_gating_ml
from charcot.product.flow_cytometry.gates import Dimension, RectangleGate
from charcot.simulation.tubes import COLOURS, draw_tube

WITH_FILES = ("L01", "L02", "L03")
"""The lots that have raw files; of the others only results are on record, to keep the demonstration small."""
SEED = 20131203
STAINED, CONTROL = 12_500, 7_000
"""Events of a stained tube and of the control."""
TUBES = {"A": ("cd105", "cd90", "cd73", "cd44"), "B": ("cd45", "cd34")}
GATES = render_gating_ml(
    Gating(
        {
            "cells": RectangleGate(
                "cells",
                (Dimension("FSC-A"), Dimension("SSC-A")),
                ((50_000.0, 140_000.0), (20_000.0, 110_000.0)),
            )
        }
    )
)


def plan_analysis(lot: str, passage: int, shares: Mapping[str, float]) -> CytometryPlan:
    """Two stained tubes and an isotype control, in which `shares` of the cells carry each marker [per cent]."""
    number = int(lot[1:])
    control = draw_tube(
        f"{lot}_P{passage}_isotype", {}, seed=[SEED, number, 0], events=CONTROL, tells_spillover=True
    )
    tubes = {control.name: control.content}
    panel = []
    for place, (tube, markers) in enumerate(TUBES.items(), start=1):
        colours = dict(zip(COLOURS, markers, strict=False))
        drawn = draw_tube(
            f"{lot}_P{passage}_{tube}",
            {colour: shares[marker] / 100 for colour, marker in colours.items()},
            seed=[SEED, number, place],
            events=STAINED,
            stains={colour: marker.upper() for colour, marker in colours.items()},
            debris=0.06,
            tells_spillover=True,
        )
        tubes[drawn.name] = drawn.content
        panel += [MarkerAsked(m.upper(), c, drawn.name, control.name, m) for c, m in colours.items()]
    return CytometryPlan(tubes, tuple(panel), gates=GATES, population="cells")
