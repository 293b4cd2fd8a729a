"""Exposure: what was given, to how many, and how near to what was planned."""

from charcot.analysis.exposure_summary import PLANNED, ExposureResults
from charcot.report.document import Paragraph, Section
from charcot.report.format import Format
from charcot.report.sections.material import Material
from charcot.report.sections.measured import make_measured_table
from charcot.report.table import Number, Pieces


def make_exposure(material: Material, results: ExposureResults) -> Section:
    """A sentence and a table."""
    table = make_measured_table(
        "exposure", "Exposure", results.lines, f"All infusions. {material.planned(PLANNED)}"
    )
    return Section("exposure", "Exposure", (Paragraph(exposure_words(results)), table))


def exposure_words(results: ExposureResults) -> Pieces:
    """How many received how many infusions, and how many the dose that was planned."""
    words: Pieces = (
        Number(results.people), " participants received ", Number(results.infusions), " infusions. ",
    )  # fmt: skip
    if results.within is None or results.tolerance is None:
        return words
    return (
        *words,
        f"The dose given was within {100 * results.tolerance:g} % of the planned dose in ",
        Number(results.within, Format(1, trim=True, scale=100.0)),
        " % of them (95 % interval ",
        Number(results.within, Format(1, trim=True, scale=100.0, part="lower")),
        " to ",
        Number(results.within, Format(1, trim=True, scale=100.0, part="upper")),
        " %).",
    )
