"""Labels drawn: as the bitmap of a label printer and as a page of labels, each read back before anybody prints it."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import zxingcpp
from PIL import Image

from charcot.product.labels import OWN_SCHEME, Label, LabelScheme, require_same_code
from charcot.report.typst_setting import render_typst

DPI = 203
"""The usual resolution of label printers [dots per inch]; one dot is an eighth of a millimetre."""
DOTS_A_MODULE = 4
DATA_MATRIX = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.DataMatrix])
ON_A_PAGE = 10
"""Labels of 99 by 50 mm on an A4 page."""


@dataclass(frozen=True)
class DrawnLabel:
    """A label as a PNG of 203 dots an inch, and the SHA-256 of what its code was read to say."""

    picture: bytes
    code: str
    sha256: str


def draw_label(label: Label, scheme: LabelScheme = OWN_SCHEME) -> DrawnLabel:
    """The bitmap of one label, read back and compared. Raises UnreadableLabel where it does not say what the record says."""
    code = scheme.compose(label)
    inputs = {"labels": json.dumps([_data(label, code)], ensure_ascii=False), "page": "label"}
    picture = render_typst("labels.typ", inputs, "png", ppi=DPI)
    found = decode_picture(picture)
    return DrawnLabel(picture, code, require_same_code(label, found[0] if len(found) == 1 else None, scheme))


def render_label_page(
    label: Label, copies: int, scheme: LabelScheme = OWN_SCHEME, *, made: str = "pdf"
) -> bytes:
    """An A4 page of copies of one label, which was read back first; as PDF, or as a PNG of 203 dots an inch.

    Raises UnreadableLabel as `draw_label`; ValueError for fewer than one or more copies than a page holds.
    """
    if not 1 <= copies <= ON_A_PAGE:
        raise ValueError(f"a page holds 1 to {ON_A_PAGE} labels, not {copies}")
    drawn = draw_label(label, scheme)
    inputs = {"labels": json.dumps([_data(label, drawn.code)] * copies, ensure_ascii=False), "page": "a4"}
    if made == "pdf":
        return render_typst("labels.typ", inputs, "pdf")
    return render_typst("labels.typ", inputs, "png", ppi=DPI)


def decode_picture(picture: bytes) -> Sequence[str]:
    """What all Data Matrix codes in a picture say, from its dots alone."""
    with Image.open(io.BytesIO(picture)) as image:
        dots = np.asarray(image.convert("L"))
    found = zxingcpp.read_barcodes(dots, formats=DATA_MATRIX)
    return [one.text for one in found if one.valid]


def _data(label: Label, code: str) -> dict[str, Any]:
    return {
        "title": label.title,
        "lines": [{"name": name, "text": text} for name, text in label.lines],
        "warnings": list(label.warnings),
        "codes": [f"{name} {code}" for name, code in label.codes.items()],
        "modules": _modules(code),
        "module_mm": DOTS_A_MODULE * 25.4 / DPI,
    }


def _modules(code: str) -> list[str]:
    """The dark and light squares of a Data Matrix, row by row, as ones and zeros."""
    symbol = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.DataMatrix)
    dots = np.asarray(zxingcpp.write_barcode_to_image(symbol, scale=1, add_quiet_zones=False))
    return ["".join("1" if dot < 128 else "0" for dot in row) for row in dots]
