"""How long a four-colour lot of ten tubes with 100,000 events each takes: read, compensated, gated, judged."""

import argparse
import json
import platform
import statistics
import time

import numpy as np

from charcot.product.flow_cytometry import (
    Gating,
    MarkerLimit,
    PanelLine,
    PositivityMethod,
    estimate_spillover,
    measure_panel,
    parse_tube,
)
from charcot.product.flow_cytometry.gates import Dimension, PolygonGate
from charcot.simulation.tubes import COLOURS, draw_tube

CELLS = PolygonGate(
    "cells",
    (Dimension("FSC-A"), Dimension("SSC-A")),
    ((50_000, 20_000), (140_000, 20_000), (140_000, 110_000), (50_000, 110_000)),
)


def make_lot(events: int) -> dict[str, bytes]:
    """Ten files: unstained, four single stains, an isotype control, and four passages of the sample."""
    files = {"unstained": {}} | {colour: {colour: 1.0} for colour in COLOURS} | {"isotype": {}}
    shares = dict(zip(COLOURS, (0.97, 0.96, 0.01, 0.015), strict=True))
    files |= {f"P{passage}": shares for passage in range(4)}
    return {
        name: draw_tube(name, files[name], seed=[2014, n], events=events).content
        for n, name in enumerate(files)
    }


def judge(lot: dict[str, bytes]) -> dict[str, float]:
    """Seconds for each part."""
    took = {}
    start = time.perf_counter()
    tubes = {name: parse_tube(content) for name, content in lot.items()}
    took["read"] = time.perf_counter() - start
    spillover = estimate_spillover(tubes["unstained"], tubes, COLOURS)
    lines = [
        PanelLine(f"{colour} {passage}", colour, passage, "isotype", MarkerLimit(at_least=0.95))
        for passage in ("P0", "P1", "P2", "P3")
        for colour in COLOURS
    ]
    measured = measure_panel(
        tubes,
        lines,
        PositivityMethod(),
        seed=1,
        compensation=spillover,
        gating=Gating({"cells": CELLS}),
        population="cells",
    )
    took["whole"] = time.perf_counter() - start
    assert len(measured) == 16 and all(np.isfinite(one.found.subtracted.lower) for one in measured)
    return took


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    lot = make_lot(given.events)
    runs = [judge(lot) for _ in range(given.runs)]
    print(
        json.dumps(
            {
                "events": given.events,
                "python": platform.python_version(),
                **{part: round(statistics.median(run[part] for run in runs), 3) for part in runs[0]},
            }
        )
    )
