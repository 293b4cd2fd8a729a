"""Survival from the infusion, with numbers at risk."""

from math import isnan

from charcot.analysis.survival import PLANNED, SurvivalResults
from charcot.report.document import Block, Figure, Paragraph, Section
from charcot.report.figures import draw_survival
from charcot.report.figures.survival import describe
from charcot.report.format import PERCENT, Format
from charcot.report.sections.material import Material
from charcot.report.table import Number, Pieces, Table, TableCell, TableColumn, TableRow, interval, number
from charcot.statistics import Interval


def make_survival(material: Material, results: SurvivalResults) -> Section:
    """The curve, its numbers, and what they say in words."""
    synthetic = bool(material.synthetic((results.curve,)))
    data = Table(
        "survival-data",
        "Numbers of the figure",
        "Months",
        (
            TableColumn("At risk"),
            TableColumn("Died so far"),
            TableColumn("Alive", under="%"),
            TableColumn("95 % interval"),
        ),
        tuple(
            TableRow(
                str(time.month),
                (
                    number(time.at_risk),
                    number(time.deaths),
                    TableCell((Number(time.survival, PERCENT),)),
                    interval(time.survival, PERCENT),
                ),
            )
            for time in results.times
        ),
    )
    drawing = draw_survival(results, synthetic=synthetic)
    figure = Figure(
        "survival",
        "Figure 3. Survival from the infusion",
        () if drawing is None else (drawing,),
        (
            "Kaplan–Meier estimate of those who received the infusion. Death from any cause; others are counted up to "
            "the last day on which they were known to be alive. " + material.planned(PLANNED),
        ),
        describe(results),
        data,
        whole=Number(results.curve),
        narrow=True,
        beside=True,
    )
    blocks: list[Block] = [figure, Paragraph(_words(results))]
    if results.imputed.value:
        blocks.append(
            Paragraph(
                (
                    "For ",
                    Number(results.imputed),
                    " deaths only the month or year is recorded; they count from the middle of what is known.",
                )
            )
        )
    if results.survivors and results.survivors["n"].value:
        blocks.append(Paragraph(_survivors(results)))
    return Section("survival", "Survival", tuple(blocks))


def _words(results: SurvivalResults) -> Pieces:
    words: list[str | Number] = [
        Number(results.deaths), " of ", Number(results.people), " died; ", Number(results.alive),
        " were alive when last known. ",
    ]  # fmt: skip
    median = results.median.value
    if isinstance(median, Interval) and not isnan(median.estimate):
        words += ["Median survival was ", Number(results.median, Format(1)), " months (95 % interval "]
        words += [Number(results.median, Format(1, part="lower")), " to "]
        words += (
            ["beyond follow-up)."]
            if isnan(median.upper)
            else [Number(results.median, Format(1, part="upper")), ")."]
        )
    else:
        words.append("Median survival was not reached.")
    return tuple(words)


def _survivors(results: SurvivalResults) -> Pieces:
    found = results.survivors
    return (
        "The ", Number(found["n"]), " measured at the last visit had a mean ALSFRS-R of ", Number(found["mean"], Format(1)),
        " points (SD ", Number(found["sd"], Format(1)), ", SE ", Number(found["se"], Format(1)), ").",
    )  # fmt: skip
