"""Words and numbers in a Word document: runs of a paragraph, fields, borders; nothing that XML cannot hold."""

import re
from collections.abc import Collection
from typing import Any

from docx.enum.text import WD_UNDERLINE
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import RGBColor
from docx.text.paragraph import Paragraph as WordParagraph
from docx.text.run import Run

from charcot.report.table import Number, Pieces, Verbatim

SANS, SERIF, MONO = "Source Sans 3", "Source Serif 4", "Source Code Pro"
INK, QUIET, TEAL, AMBER = (RGBColor.from_string(c) for c in ("1B2A30", "55656C", "0B6460", "8A5A00"))
WASH, RULE, GOLD = "FFF5DF", "1B2A30", "8A5A00"

_UNSPEAKABLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean_text(text: str) -> str:
    """The text with each character that XML cannot hold written by its number.

    >>> clean_text("a" + chr(7) + "b")
    'a[U+0007]b'
    """
    return _UNSPEAKABLE.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def add_pieces(paragraph: WordParagraph, pieces: Pieces, synthetic: Collection[str]) -> None:
    """Adds words, numbers and code; a number that rests on synthetic values has a dotted underline."""
    for piece in pieces:
        if isinstance(piece, Number):
            add_number(paragraph, piece, synthetic)
        elif isinstance(piece, Verbatim):
            code = add_text(paragraph, piece.text)
            code.font.name = MONO
            code.font.no_proof = True
        else:
            add_text(paragraph, piece)


def add_number(paragraph: WordParagraph, number: Number, synthetic: Collection[str]) -> None:
    """Adds a number as a run of its own."""
    run = add_text(paragraph, number.text)
    if number.result.id in synthetic:
        run.font.underline = WD_UNDERLINE.DOTTED


def add_text(
    paragraph: WordParagraph, text: str, *, bold: bool = False, colour: RGBColor | None = None
) -> Run:
    """Adds a run of plain text."""
    run = paragraph.add_run(clean_text(text))
    if bold:
        run.bold = True
    if colour is not None:
        run.font.color.rgb = colour
    return run


def add_raised(paragraph: WordParagraph, text: str) -> None:
    """Adds the letter of a footnote."""
    if text:
        add_text(paragraph, text).font.superscript = True


def add_field(paragraph: WordParagraph, code: str, shown: str = "1") -> None:
    """Adds a field, such as PAGE, that Word fills in."""
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("shown", shown), ("end", "")):
        run = paragraph.add_run(text if kind == "shown" else "")
        if kind == "":
            instruction = _element("w:instrText", {"xml:space": "preserve"})
            instruction.text = f" {code} "
            run._r.append(instruction)
        elif kind != "shown":
            run._r.append(_element("w:fldChar", {"w:fldCharType": kind}))


def add_borders(parent: Any, tag: str, sides: dict[str, int], colour: str = RULE, space: int = 0) -> None:
    """Adds lines at `sides` [eighths of a point] to the properties of a paragraph, table or cell."""
    borders = add_property(parent, tag)
    for side in ("top", "left", "bottom", "right", "insideH"):
        if side in sides:
            value = {"w:val": "single", "w:sz": str(sides[side]), "w:space": str(space), "w:color": colour}
            borders.append(_element(f"w:{side}", value))


def add_property(parent: Any, tag: str, **attributes: str) -> Any:
    """Adds a property, such as w:tblHeader of a row, at the place that the format's order gives it."""
    element = _element(tag, {f"w:{name}": value for name, value in attributes.items()})
    order = next((names for names in _ORDER if tag in names), ())
    followers = order[order.index(tag) + 1 :] if order else ()
    place = next(
        (index for index, child in enumerate(parent) if child.tag in map(qn, followers)), len(parent)
    )
    parent.insert(place, element)
    return element


def _element(tag: str, attributes: dict[str, str] | None = None) -> Any:
    element = OxmlElement(tag)
    for name, value in (attributes or {}).items():
        element.set(qn(name), value)
    return element


def _names(text: str) -> tuple[str, ...]:
    return tuple(f"w:{name}" for name in text.split())


_ORDER = (
    _names(
        "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs "
        "suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd "
        "snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment "
        "textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange"
    ),
    _names("tblBorders tblLayout tblCellMar tblLook tblCaption tblDescription"),
    _names("tcBorders noWrap tcMar tcFitText vAlign hideMark"),
    _names("lang eastAsianLayout specVanish oMath"),
)
"""The order that the format prescribes for the properties of paragraphs, tables, cells and runs."""
