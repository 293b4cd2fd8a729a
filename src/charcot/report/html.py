"""The report as one HTML page that needs nothing else: fonts, styles and figures are inside it."""

import base64
import re
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from charcot.analysis import METHODS, Result
from charcot.report.carried_lineage import carry_lineage
from charcot.report.document import Block, Figure, Paragraph, Particulars, Points, Report
from charcot.report.format import format_day, format_number
from charcot.report.html_table import TableRenderer, render_pieces
from charcot.report.table import Pieces, Table

FONTS = (
    ("Source Sans 3", "normal", "source-sans-3-latin-wght-normal.woff2", "U+0000-00FF,U+2000-206F,U+2190-2193,U+2212,U+2215"),
    ("Source Sans 3", "normal", "source-sans-3-greek-wght-normal.woff2", "U+0370-03FF"),
    ("Source Serif 4", "normal", "source-serif-4-latin-wght-normal.woff2", "U+0000-00FF,U+2000-206F,U+2212"),
    ("Source Serif 4", "italic", "source-serif-4-latin-wght-italic.woff2", "U+0000-00FF,U+2000-206F,U+2212"),
)  # fmt: skip
"""Family, style, file and range of characters of each font that the page carries."""

ARABIC = "U+0600-06FF,U+0750-077F,U+200C-200F,U+FB50-FDFF,U+FE70-FEFF"
PERSIAN = (
    ("Vazirmatn", "400", "vazirmatn-regular.ttf", ARABIC),
    ("Vazirmatn", "600", "vazirmatn-semibold.ttf", ARABIC),
)
"""Family, weight, file and characters of the fonts that a page written from right to left carries besides."""


def render_html(report: Report, *, carries_lineage: bool = True) -> str:
    """The whole page as text; the same report gives the same bytes.

    It carries the rows and entries behind its numbers, and a script that shows them; the site has pages for these.
    """
    page = _Page(report)
    sections = [(section, Markup("\n").join(map(page.block, section.blocks))) for section in report.sections]
    environment = Environment(
        loader=PackageLoader("charcot.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("report.html").render(
        report=report,
        cut=format_day(report.cut),
        sections=sections,
        cards=[_card(report, result) for result in report.results.values()],
        styles=Markup(
            _fonts(report.direction)
            + _text("report.css")
            + _text("print.css")
            + _sizes(report)
            + _running(report)
        ),
        synthetic=bool(report.synthetic),
        lineage=Markup(carry_lineage(report)) if carries_lineage else "",  # JSON without a single <
        script=Markup(_text("lineage.js")) if carries_lineage else "",
    )


class _Page:
    """Turns blocks into HTML and remembers which numbers were shown already."""

    def __init__(self, report: Report) -> None:
        self._synthetic = report.synthetic

    def block(self, block: Block) -> Markup:
        match block:
            case Table():
                return TableRenderer(block, self._synthetic).render()
            case Paragraph(pieces=pieces, kind=kind):
                role = Markup(' role="note"') if kind == "notice" else ""
                return Markup('<p class="{}"{}>{}</p>').format(kind, role, self.pieces(pieces))
            case Points(points=points):
                return Markup('<ul class="points">{}</ul>').format(
                    Markup("").join(
                        Markup("<li><b>{}.</b> {}</li>").format(term, self.pieces(pieces))
                        for term, pieces in points
                    )
                )
            case Particulars(facts=facts):
                return Markup('<dl class="facts">{}</dl>').format(
                    Markup("").join(
                        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, self.pieces(pieces))
                        for name, pieces in facts
                    )
                )
            case Figure():
                return self._figure(block)

    def pieces(self, pieces: Pieces) -> Markup:
        """Words and numbers."""
        return render_pieces(pieces, self._synthetic)

    def _figure(self, figure: Figure) -> Markup:
        # The drawings come from our own templates, with every text in them escaped.
        drawings = Markup("").join(Markup(svg) for svg in figure.svgs)
        data = Markup("")
        if figure.data is not None and figure.beside:
            data = TableRenderer(figure.data, self._synthetic).render()
        elif figure.data is not None:
            data = Markup('<details class="data"><summary>{}</summary>{}</details>').format(
                figure.data.title, TableRenderer(figure.data, self._synthetic, headed=False).render()
            )
        return Markup(
            '<div class="{}"><figure id="{}"{}><h3>{}</h3><div class="panels {}">{}</div>'
            "<figcaption>{}</figcaption></figure>{}</div>"
        ).format(
            "figured beside" if figure.beside else "figured",
            figure.id,
            Markup("")
            if figure.whole is None
            else Markup(' data-result="{}"').format(figure.whole.result.id),
            figure.title,
            "narrow" if figure.narrow else "",
            drawings,
            self.pieces(figure.caption),
            data,
        )


def _card(report: Report, result: Result) -> dict[str, object]:
    """What a number says about itself when it is opened. Its entries are counted, not listed."""
    method, lineage = METHODS[result.method], report.lineage[result.id]
    dataset = report.datasets[result.dataset]
    population = result.rows.population
    column = (
        dataset.column(result.column).label
        if result.column and result.column in dataset.frame.columns
        else ""
    )
    among = result.among
    return {
        "id": result.id,
        "label": result.label,
        "method": f"{method.name}{f' of “{column}”' if column else ''}",
        "version": method.version,
        "sentence": method.sentence,
        "dataset": f"{dataset.label} ({result.dataset})",
        "where": result.where or "all rows",
        "population": population.label if population is not None else "everybody in the dataset",
        "among": ""
        if among is None
        else f"{report.datasets[among.dataset].label}, {among.where or 'all rows'}",
        "at": "" if result.at is None else f"{result.at:g} months",
        "n": format_number(result.n, 0),
        "rows": format_number(lineage.rows, 0),
        "entries": format_number(lineage.entries, 0),
        "origin": ", ".join(sorted(lineage.origins)) or "no value",
        "status": {"prespecified": "prespecified", "post_hoc": "post hoc"}[result.status],
        "note": result.note or "",
    }


def _running(report: Report) -> str:
    """The running header and footer of printed pages."""
    left = f"{report.short_title} · data cut {format_day(report.cut)}"
    demo = " · demo: synthetic follow-up" if report.purpose == "demo" else ""
    short = f"receipt {report.receipt.sequence}:{report.receipt.hash[:16]}…"
    pages = 'counter(page) " of " counter(pages)'
    places = {"top-left": _css_text(left + demo), "top-right": _css_text(short), "bottom-right": pages}
    return "@page {" + " ".join(f"@{place} {{ content: {what}; }}" for place, what in places.items()) + "}"


def _sizes(report: Report) -> str:
    """How wide each drawing was made, as rules: the page has no style outside its one sheet."""
    drawings = "".join(
        svg for section in report.sections for b in section.blocks if isinstance(b, Figure) for svg in b.svgs
    )
    widths = sorted(set(re.findall(r'data-wide="([\d.]+)"', drawings)), key=float)
    return "".join(f'[data-wide="{width}"]{{--wide:{width}px}}' for width in widths) + "\n"


def _css_text(text: str) -> str:
    """A CSS string that can hold anything: all but plain letters are written by their number."""
    plain = (c if (c.isalnum() and c.isascii()) or c == " " else f"\\{ord(c):06x}" for c in text)
    return '"' + "".join(plain) + '"'


@cache
def _fonts(direction: str) -> str:
    folder = files("charcot.report") / "fonts"
    rules = []
    for family, style, file, characters in FONTS:
        data = base64.b64encode((folder / file).read_bytes()).decode("ascii")
        rules.append(
            f'@font-face{{font-family:"{family}";font-style:{style};font-weight:200 900;font-display:block;'
            f"unicode-range:{characters};src:url(data:font/woff2;base64,{data}) format('woff2')}}"
        )
    for family, weight, file, characters in PERSIAN if direction == "rtl" else ():
        data = base64.b64encode((folder / file).read_bytes()).decode("ascii")
        rules.append(
            f'@font-face{{font-family:"{family}";font-weight:{weight};font-display:block;'
            f"unicode-range:{characters};src:url(data:font/ttf;base64,{data}) format('truetype')}}"
        )
    return "\n".join(rules) + "\n"


@cache
def _text(name: str) -> str:
    return (files("charcot.report") / "templates" / name).read_text(encoding="utf-8")
