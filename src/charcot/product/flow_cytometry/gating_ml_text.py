"""Gating-ML 2.0 written: gates, scales and matrices as the XML that other programs read."""

import xml.etree.ElementTree as ET

from charcot.product.flow_cytometry.gates import (
    BooleanGate,
    Dimension,
    EllipsoidGate,
    Gate,
    Gating,
    PolygonGate,
    QuadrantGate,
    RectangleGate,
)
from charcot.product.flow_cytometry.gating_ml import NAMESPACE, D, G, T
from charcot.product.flow_cytometry.transforms import (
    Hyperlog,
    InverseSine,
    Linear,
    Logarithmic,
    Logicle,
    Transform,
)

KINDS = {Linear: "flin", Logarithmic: "flog", InverseSine: "fasinh", Logicle: "logicle", Hyperlog: "hyperlog"}


def render_gating_ml(gating: Gating) -> bytes:
    """The bytes of a Gating-ML 2.0 file; `parse_gating_ml` makes the same gates of them."""
    for prefix, name in (("gating", "gating"), ("transforms", "transformations"), ("data-type", "datatypes")):
        ET.register_namespace(prefix, NAMESPACE + name)
    root = ET.Element(f"{G}Gating-ML")
    for name, transform in gating.transforms.items():
        one = ET.SubElement(root, f"{T}transformation", {f"{T}id": name})
        ET.SubElement(one, f"{T}{KINDS[type(transform)]}", _letters(transform))
    for name, ratio in gating.ratios.items():
        one = ET.SubElement(root, f"{T}transformation", {f"{T}id": name})
        letters = {f"{T}A": repr(ratio.a), f"{T}B": repr(ratio.b), f"{T}C": repr(ratio.c)}
        fratio = ET.SubElement(one, f"{T}fratio", letters)
        for channel in (ratio.numerator, ratio.denominator):
            ET.SubElement(fratio, f"{D}fcs-dimension", {f"{D}name": channel})
    for name, matrix in gating.matrices.items():
        one = ET.SubElement(root, f"{T}spectrumMatrix", {f"{T}id": name})
        for part_kind, names in (("fluorochromes", matrix.dyes), ("detectors", matrix.detectors)):
            group = ET.SubElement(one, f"{T}{part_kind}")
            for label in names:
                ET.SubElement(group, f"{D}fcs-dimension", {f"{D}name": label})
        for row in matrix.matrix.tolist():
            spectrum = ET.SubElement(one, f"{T}spectrum")
            for value in row:
                ET.SubElement(spectrum, f"{T}coefficient", {f"{T}value": repr(value)})
    for gate in gating.gates.values():
        _add_gate(root, gate)
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _letters(transform: Transform) -> dict[str, str]:
    return {f"{T}{letter.upper()}": repr(value) for letter, value in vars(transform).items()}


def _add_dimension(parent: ET.Element, tag: str, dimension: Dimension, more: dict[str, str]) -> ET.Element:
    said = {f"{G}compensation-ref": dimension.compensation} | more
    if dimension.transform is not None:
        said[f"{G}transformation-ref"] = dimension.transform
    one = ET.SubElement(parent, f"{G}{tag}", said)
    if dimension.ratio:
        ET.SubElement(one, f"{D}new-dimension", {f"{D}transformation-ref": dimension.name})
    else:
        ET.SubElement(one, f"{D}fcs-dimension", {f"{D}name": dimension.name})
    return one


def _add_coordinates(
    parent: ET.Element, tag: str, values: tuple[float, ...], part: str = "coordinate"
) -> None:
    one = ET.SubElement(parent, f"{G}{tag}")
    for value in values:
        ET.SubElement(one, f"{G}{part}", {f"{D}value": repr(value)})


def _add_gate(root: ET.Element, gate: Gate) -> None:
    said = {f"{G}id": gate.id} | ({f"{G}parent_id": gate.parent} if gate.parent else {})
    one = ET.SubElement(root, f"{G}{type(gate).__name__}", said)
    match gate:
        case RectangleGate():
            for dimension, (low, high) in zip(gate.dimensions, gate.limits, strict=True):
                ends = {f"{G}{end}": repr(v) for end, v in (("min", low), ("max", high)) if v is not None}
                _add_dimension(one, "dimension", dimension, ends)
        case PolygonGate():
            for dimension in gate.dimensions:
                _add_dimension(one, "dimension", dimension, {})
            for corner in gate.vertices:
                _add_coordinates(one, "vertex", corner)
        case EllipsoidGate():
            for dimension in gate.dimensions:
                _add_dimension(one, "dimension", dimension, {})
            _add_coordinates(one, "mean", gate.mean)
            matrix = ET.SubElement(one, f"{G}covarianceMatrix")
            for row in gate.covariance:
                _add_coordinates(matrix, "row", row, "entry")
            ET.SubElement(one, f"{G}distanceSquare", {f"{D}value": repr(gate.distance_square)})
        case QuadrantGate():
            for divider in gate.dividers:
                part = _add_dimension(one, "divider", divider.dimension, {f"{G}id": divider.id})
                for value in divider.values:
                    ET.SubElement(part, f"{G}value").text = repr(value)
            for name, where in gate.quadrants.items():
                part = ET.SubElement(one, f"{G}Quadrant", {f"{G}id": name})
                for divider_id, place in where.items():
                    place_said = {f"{G}divider_ref": divider_id, f"{G}location": repr(place)}
                    ET.SubElement(part, f"{G}position", place_said)
        case BooleanGate():
            part = ET.SubElement(one, f"{G}{gate.operator}")
            for name, complement in gate.operands:
                ref = {f"{G}ref": name} | ({f"{G}use-as-complement": "true"} if complement else {})
                ET.SubElement(part, f"{G}gateReference", ref)
