"""Page, styles, running header and footer of a Word document."""

from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml.ns import qn
from docx.section import Section as WordSection
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from charcot.report.document import Report
from charcot.report.docx_words import (
    AMBER,
    GOLD,
    INK,
    MONO,
    QUIET,
    RULE,
    SANS,
    SERIF,
    TEAL,
    WASH,
    add_borders,
    add_field,
    add_property,
    add_text,
)
from charcot.report.format import direction_of, format_day
from charcot.report.typst_data import BANDS

PORTRAIT, LANDSCAPE = 174.0, 261.0
"""Width of the text on an upright page and on one turned on its side [mm]."""

_PLACES = {
    SANS: ("Calibri", "swiss", "variable"),
    SERIF: ("Cambria", "roman", "variable"),
    MONO: ("Consolas", "modern", "fixed"),
}

FONT_TABLE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<w:fonts xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    + "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:family w:val="{family}"/><w:pitch w:val="{pitch}"/></w:font>'
        for name, (other, family, pitch) in _PLACES.items()
    )
    + "</w:fonts>"
)
"""The fonts of the document, each with the one that Word takes where it is not installed."""


def set_page(section: WordSection, *, turned: bool = False) -> None:
    """A4 with the margins of the PDF; `turned` on its side for a wide table."""
    wide, high = (297, 210) if turned else (210, 297)
    section.orientation = WD_ORIENT.LANDSCAPE if turned else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(wide), Mm(high)
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin, section.bottom_margin = Mm(25), Mm(21)
    section.header_distance, section.footer_distance = Mm(12), Mm(10)


def set_running(section: WordSection, report: Report, *, turned: bool = False) -> None:
    """Trial, cut and receipt above; page n of N below."""
    section.header.is_linked_to_previous = False
    header = section.header.paragraphs[0]
    stops = header.paragraph_format.tab_stops
    stops.add_tab_stop(Mm(LANDSCAPE if turned else PORTRAIT), WD_TAB_ALIGNMENT.RIGHT)
    add_text(header, f"{report.short_title} · data cut {format_day(report.cut)}")
    if band := BANDS.get(report.purpose):
        add_text(header, " · ")
        add_text(header, band, bold=True, colour=AMBER)
    add_text(header, f"\treceipt {report.receipt.sequence}:{report.receipt.hash[:16]}…")
    section.footer.is_linked_to_previous = False
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    add_field(footer, "PAGE")
    add_text(footer, " of ")
    add_field(footer, "NUMPAGES")


def set_styles(document: WordDocument, language: str) -> None:
    """Type and space of every style that is used."""
    sizes = {
        "Normal": (SERIF, 10.0, INK, False, 0, 6),
        "Title": (SERIF, 17.0, INK, True, 0, 10),
        "Heading 1": (SERIF, 13.0, INK, True, 22, 8),
        "Heading 2": (SANS, 9.5, INK, True, 12, 3),
        "Header": (SANS, 8.0, QUIET, False, 0, 0),
        "Footer": (SANS, 8.0, QUIET, False, 0, 0),
        "List Bullet": (SERIF, 10.0, INK, False, 0, 5),
        "Kicker": (SANS, 9.0, TEAL, True, 12, 3),
        "Notice": (SANS, 10.0, INK, False, 4, 10),
        "Small": (SANS, 8.5, QUIET, False, 0, 6),
        "Table Caption": (SANS, 8.5, INK, False, 0, 4),
        "Figure Caption": (SANS, 8.5, QUIET, False, 4, 10),
        "Table Text": (SANS, 8.5, INK, False, 0, 0),
        "Note": (SANS, 8.0, QUIET, False, 0, 1),
        "Band": (SANS, 9.5, AMBER, True, 0, 10),
    }
    known = {style.name for style in document.styles}
    for name, (font, size, colour, bold, before, after) in sizes.items():
        made = (
            document.styles[name]
            if name in known
            else document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        )
        if not isinstance(made, ParagraphStyle):
            raise TypeError(f"{name} is no style of paragraphs")
        if name not in known:
            made.base_style = document.styles["Normal"]
        _set_type(made, font, size, colour, bold)
        made.paragraph_format.space_before, made.paragraph_format.space_after = Pt(before), Pt(after)
        made.paragraph_format.line_spacing = 1.15 if font == SERIF and name == "Normal" else 1.05
        made.paragraph_format.keep_with_next = name in {"Heading 1", "Heading 2", "Table Caption", "Kicker"}
    _set_lines(document)
    _set_language(document, language)


def _set_type(style: ParagraphStyle, font: str, size: float, colour: RGBColor, bold: bool) -> None:
    style.font.name, style.font.size, style.font.color.rgb, style.font.bold = font, Pt(size), colour, bold
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in list(fonts.attrib):
        del fonts.attrib[kind]
    for script in ("ascii", "hAnsi", "eastAsia"):
        fonts.set(qn(f"w:{script}"), font)
    fonts.set(qn("w:cs"), "Vazirmatn")


def _set_lines(document: WordDocument) -> None:
    """Rules above sections, a frame around notices, lines around the band."""
    for name, sides, colour, space in (
        ("Title", {}, RULE, 0),
        ("Heading 1", {"top": 10}, RULE, 6),
        ("Notice", {"top": 4, "left": 18, "bottom": 4, "right": 4}, GOLD, 6),
        ("Band", {"top": 6, "bottom": 6}, GOLD, 3),
    ):
        properties = document.styles[name].element.get_or_add_pPr()
        for old in properties.findall(qn("w:pBdr")):
            properties.remove(old)
        if sides:
            add_borders(properties, "w:pBdr", sides, colour, space)
        if colour == GOLD:
            add_property(properties, "w:shd", val="clear", color="auto", fill=WASH)
    band = document.styles["Band"]
    if isinstance(band, ParagraphStyle):
        band.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _set_language(document: WordDocument, language: str) -> None:
    properties = document.styles["Normal"].element.get_or_add_rPr()
    right_to_left = direction_of(language) == "rtl"
    add_property(properties, "w:lang", **({"bidi": language} if right_to_left else {"val": language}))
    if right_to_left:
        add_property(document.styles["Normal"].element.get_or_add_pPr(), "w:bidi")
