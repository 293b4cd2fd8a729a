"""Which way the words of a Word document run, where the report's language is written from right to left."""

import unicodedata
from collections.abc import Iterator

from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_DIRECTION
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph as WordParagraph

from charcot.report.docx_words import add_property


def set_directions(document: WordDocument) -> None:
    """Tables begin at the right; a paragraph runs as its first letter does, so that English stays readable beside Persian."""
    for table in document.tables:
        table.table_direction = WD_TABLE_DIRECTION.RTL
    for element in document.element.body.iter(qn("w:p")):
        paragraph = WordParagraph(element, document._body)
        if not runs_from_right(paragraph.text):
            add_property(element.get_or_add_pPr(), "w:bidi", val="0")
        for run in paragraph.runs:
            if runs_from_right(run.text):
                run.font.rtl = True


def runs_from_right(text: str) -> bool:
    """Whether the first letter that has a direction is one of a script written from right to left.

    >>> runs_from_right("1. سلام"), runs_from_right("ALS: سلام"), runs_from_right("12.5")
    (True, False, False)
    """
    return next(_strong(text), "L") != "L"


def _strong(text: str) -> Iterator[str]:
    return (kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL"))
