"""Flow cytometry: tubes, compensation, gates, and what share of the cells carries a marker."""

from charcot.product.flow_cytometry.cleaning import clean_tube
from charcot.product.flow_cytometry.compensation import (
    NoCompensation,
    Spillover,
    compensate,
    estimate_spillover,
    keep_apart,
    parse_spillover,
)
from charcot.product.flow_cytometry.gates import GatedTube, Gating, NoGate
from charcot.product.flow_cytometry.gating_ml import parse_gating_ml
from charcot.product.flow_cytometry.gating_ml_text import render_gating_ml
from charcot.product.flow_cytometry.panel import MarkerMeasured, PanelLine, measure_panel
from charcot.product.flow_cytometry.positivity import (
    MarkerLimit,
    MarkerVerdict,
    Positivity,
    PositivityMethod,
    estimate_positivity,
)
from charcot.product.flow_cytometry.tube import SCALE, Channel, Tube, UnreadableTube, parse_tube

__all__ = [
    "SCALE",
    "Channel",
    "GatedTube",
    "Gating",
    "MarkerLimit",
    "MarkerMeasured",
    "MarkerVerdict",
    "NoCompensation",
    "NoGate",
    "PanelLine",
    "Positivity",
    "PositivityMethod",
    "Spillover",
    "Tube",
    "UnreadableTube",
    "clean_tube",
    "compensate",
    "estimate_positivity",
    "estimate_spillover",
    "keep_apart",
    "measure_panel",
    "parse_gating_ml",
    "parse_spillover",
    "parse_tube",
    "render_gating_ml",
]
