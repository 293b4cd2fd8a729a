"""Flow cytometry of the laboratory: plans made of kept files, analyses done again for a drawing, cleaned copies."""

from collections.abc import Mapping

import numpy as np

from charcot.product.analyses import CytometryAnalysis
from charcot.product.flow_cytometry import (
    Gating,
    MarkerLimit,
    MarkerMeasured,
    PanelLine,
    PositivityMethod,
    Spillover,
    clean_tube,
    measure_panel,
    parse_gating_ml,
    parse_tube,
)
from charcot.report.figures.ink import Drawing
from charcot.report.figures.overlays import draw_overlays
from charcot.wiring.folder import TrialFolder
from charcot.wiring.raw_files import read_raw_file


def measure_again(folder: TrialFolder, analysis: CytometryAnalysis) -> tuple[MarkerMeasured, ...]:
    """The markers of an analysis on the record, from its raw files, matrix and gates as entered."""
    data = analysis.entry.data
    hashes = {file["name"]: file["sha256"] for file in analysis.files}
    used = {name for one in analysis.markers for name in (one["sample"], one["control"])}
    tubes = {name: parse_tube(read_raw_file(folder, hashes[name])) for name in sorted(used)}
    lines = [
        PanelLine(one["marker"], one["channel"], one["sample"], one["control"], _limit(one))
        for one in analysis.markers
    ]
    gates = data["gates"]
    asked = data["method"]
    method = PositivityMethod(
        percentile=float(asked["percentile"]),
        judged=asked["judged"],
        least_control=int(asked["least_control"]),
        least_sample=int(asked["least_sample"]),
        draws=20,
    )
    return measure_panel(
        tubes,
        lines,
        method,
        seed=1,
        compensation=_spillover(data["compensation"]),
        gating=Gating({}) if gates is None else parse_gating_ml(gates.encode()),
        population=data["population"],
    )


def overlays_of(folder: TrialFolder, analysis: CytometryAnalysis, *, synthetic: bool) -> Drawing:
    """The overlay of each marker of an analysis."""
    name = f"cytometry-{analysis.id}-{analysis.version}"
    return draw_overlays(measure_again(folder, analysis), name, synthetic=synthetic)


def cleaned_file(folder: TrialFolder, analysis: CytometryAnalysis, number: int) -> tuple[str, bytes]:
    """Name and content of one raw file for others, without names of people. Raises LookupError for a number that is not."""
    file = analysis.files[number]
    return f"{analysis.lot}_{analysis.id}_{number + 1}_cleaned.fcs", clean_tube(
        read_raw_file(folder, file["sha256"])
    )


def _limit(one: Mapping[str, str | None]) -> MarkerLimit:
    low, high = one["at_least"], one["at_most"]
    return MarkerLimit(None if low is None else float(low) / 100, None if high is None else float(high) / 100)


def _spillover(said: Mapping[str, list[str]]) -> Spillover | None:
    if not said["channels"]:
        return None
    channels = tuple(said["channels"])
    return Spillover(channels, channels, np.array([[float(v) for v in row] for row in said["matrix"]]))
