"""Change over time by repeated-measures ANOVA, what it leaves out, and the methods that one arm cannot have."""

from collections.abc import Sequence

from charcot.analysis.time_effect import TimeEffect
from charcot.report.document import Block, Paragraph, Points
from charcot.report.format import Format
from charcot.report.sections.material import Material
from charcot.report.sections.written import PValue
from charcot.report.table import EMPTY, Number, Pieces, Table, TableCell, TableColumn, TableRow, number

IMPOSSIBLE: tuple[tuple[str, str], ...] = (
    (
        "Treatment-by-time interaction",
        "It asks whether the course differs between treatments. There is one group, so there is no interaction to test.",
    ),
    (
        "Difference of slopes or of change between groups, mixed models with a treatment contrast",
        "There is no second group whose slope or change could be subtracted.",
    ),
    (
        "CAFS, win ratio and other rankings of everybody against everybody",
        "They compare each treated participant with each untreated one. None was untreated.",
    ),
    (
        "Log-rank test, hazard ratio",
        "They compare survival between groups. The curve of one group stands by itself.",
    ),
    (
        "Responder rates",
        "Without a control group nobody can say how many would have “responded” untreated; slow stretches are common in ALS.",
    ),
)
"""Methods that need a second group, and why they cannot be used here."""


def make_time_effects(
    material: Material, effects: Sequence[TimeEffect], mixed: Sequence[Block] = ()
) -> tuple[Block, ...]:
    """A table of means and one of variance for each measure, what was dropped said before any p value; then mixed models."""
    blocks: list[Block] = []
    if material.plan.anovas and not effects:
        blocks.append(
            Paragraph(
                (
                    "Repeated-measures ANOVA: not yet. Fewer than two participants have a value at every visit.",
                )
            )
        )
    if effects:
        blocks.append(Paragraph(_warning(effects), "notice"))
    for effect in effects:
        blocks += [_means(effect), _variance(material, effect)]
        blocks.append(Paragraph(_sphericity(effect), "small"))
    blocks += mixed
    if material.protocol.trial.design.intervention_model == "single_arm":
        blocks.append(
            Paragraph(
                (
                    "Some methods that papers on ALS use need a second group. They cannot be used in one arm, and no number or "
                    "p-value is printed for them:",
                )
            )
        )
        blocks.append(Points(tuple((name, (why,)) for name, why in IMPOSSIBLE)))
    return tuple(blocks)


def _warning(effects: Sequence[TimeEffect]) -> Pieces:
    """Whom the analysis keeps and whom it drops, and what that does."""
    words: list[str | Number] = [
        "An analysis of those who came every time. It needs a value at every visit. "
    ]
    for effect in effects:
        found = effect.numbers
        words += [
            f"{effect.measure.short}, {effect.visits[0].lower()} to {effect.visits[-1].lower()}: it keeps "
        ]
        words += [Number(found["n"]), " participants"]
        if found["n_dropped"].value:
            words += [" and drops ", Number(found["n_dropped"]), " (", Number(found["dropped"]), ")"]
            if effect.dropped_dead.value:
                words += [", of whom ", Number(effect.dropped_dead), " had died within the time"]
        else:
            words.append(" and drops nobody")
        words.append(". ")
    if any(effect.dropped_dead.value for effect in effects):
        words.append(
            "In ALS those who die are those who decline fastest: without them the course looks better than it was. Compare "
            "the two columns of means. "
        )
    words.append(
        "A small p value says that the mean of those kept changed over time, as it does in ALS without treatment. It says nothing "
        "about the treatment."
    )
    return tuple(words)


def _means(effect: TimeEffect) -> Table:
    places = effect.measure.places
    return Table(
        f"anova-{effect.measure.id}-means",
        f"{effect.measure.short}: those kept by the analysis, and all who were measured",
        "Visit",
        (
            TableColumn("Mean", under="kept"),
            TableColumn("n", under="kept"),
            TableColumn("Mean", under="all measured"),
            TableColumn("n", under="all measured"),
        ),
        tuple(
            TableRow(
                point.label,
                (
                    number(point.complete, places),
                    number(point.complete_n),
                    number(point.measured, places),
                    number(point.measured_n),
                ),
            )
            for point in effect.points
        ),
        caption=(f"{effect.measure.unit}.",),
    )


def _variance(material: Material, effect: TimeEffect) -> Table:
    found = effect.numbers

    def whole(name: str) -> TableCell:
        return number(found[name])

    def square(name: str) -> TableCell:
        return number(found[name], 1)

    def p(name: str) -> TableCell:
        return TableCell((PValue(found[name]),))

    time = (square("time_ss"), whole("time_df"), square("time_ms"), number(found["f"], 2))
    return Table(
        f"anova-{effect.measure.id}",
        f"{effect.measure.short} over time: analysis of variance",
        "",
        (
            TableColumn("Sum of squares"),
            TableColumn("df"),
            TableColumn("Mean square"),
            TableColumn("F"),
            TableColumn("p", under="uncorrected"),
            TableColumn("p", under="Greenhouse–Geisser"),
            TableColumn("p", under="Huynh–Feldt"),
        ),
        (
            TableRow("Time", (*time, p("p"), p("p_gg"), p("p_hf"))),
            TableRow("Error", (square("error_ss"), whole("error_df"), square("error_ms"), *(EMPTY,) * 4)),
            TableRow("Participants", (square("people_ss"), whole("people_df"), *(EMPTY,) * 5)),
            TableRow("Total", (square("total_ss"), whole("total_df"), *(EMPTY,) * 5)),
        ),
        caption=(
            "One factor within participants, n = ",
            Number(found["n"]),
            ". " + material.planned(effect.measure.planned),
        ),
    )


def _sphericity(effect: TimeEffect) -> Pieces:
    found, three = effect.numbers, Format(3)
    words: list[str | Number] = []
    if found["mauchly_w"].value is not None:
        words += ["Mauchly's test of sphericity: W ", PValue(found["mauchly_w"]), ", χ² "]
        words += [Number(found["mauchly_chi2"], Format(2)), " with ", Number(found["mauchly_df"])]
        words += [" degrees of freedom, p ", PValue(found["mauchly_p"]), ". "]
    else:
        words.append("Mauchly's test of sphericity is not defined for these data. ")
    words += ["Epsilon: Greenhouse–Geisser ", Number(found["epsilon_gg"], three), ", Huynh–Feldt "]
    words += [Number(found["epsilon_hf"], three), " (at most 1 is used)."]
    return tuple(words)
