"""Mixed models beside the analysis of variance: means by visit, slopes, and what each method makes of the dead."""

from charcot.analysis.mixed_models import MixedModels, SlopeModel, VisitModel
from charcot.report.document import Block, Paragraph, Points
from charcot.report.format import Format
from charcot.report.sections.material import Material
from charcot.report.table import (
    EMPTY,
    Number,
    Pieces,
    Table,
    TableCell,
    TableColumn,
    TableRow,
    interval,
    number,
)

_DEAD = {
    "complete": "left out, with all that was measured before",
    "visits": "values count until death; later ones are taken to be missing at random",
    "slope": "values count until death; the line goes on as if they had been measured",
}
METHODS: tuple[tuple[str, str], ...] = (
    (
        "Those measured at every visit",
        "The analysis of variance keeps only them. It answers for people who lived to the last visit and came each time, and "
        "looks better than the course of all.",
    ),
    (
        "Mixed model, means by visit",
        "Everybody counts for as long as measured. The mean at a late visit is what it would be if those who died or left had "
        "gone on like others with the same values until then. That is a group in which nobody dies, which does not exist.",
    ),
    (
        "Mixed model, slope",
        "The same, with the course taken to be a straight line of each participant. Those who died early weigh less, because "
        "fewer values tell their slope.",
    ),
    (
        "Death itself",
        "None of these counts death as an outcome. What does (a joint rank of survival and function, such as CAFS) compares groups, and there "
        "is one. So survival is to be read beside each of these numbers.",
    ),
)
"""One sentence a method: what it makes of those who died."""


def make_mixed_models(material: Material, found: MixedModels) -> tuple[Block, ...]:
    """Tables of means by visit, of slopes, and of the change by method; a word where nothing can be fitted yet."""
    blocks: list[Block] = []
    if (material.plan.mixed_slopes or material.plan.mmrms) and not (found.slopes or found.visits):
        return (Paragraph(("Mixed models: not yet. No measure has values at two visits.",)),)
    if found.visits or found.slopes:
        blocks.append(
            Paragraph(
                (
                    "The analysis of variance drops everybody who died or missed a visit. Mixed models keep all that was "
                    "measured. The three answers below differ by what each makes of the dead; none of them says anything about "
                    "the treatment.",
                )
            )
        )
    for visits in found.visits:
        blocks += [_means(material, visits), _note(visits.note.value, (Number(visits.note),))]
    if found.slopes:
        blocks.append(_slopes(material, found.slopes))
        blocks += [
            _note(one.note.value, (f"{one.measure.short}. ", Number(one.note))) for one in found.slopes
        ]
        if not any(one.before.value for one in found.slopes):
            blocks.append(
                Paragraph(
                    (
                        "Slopes before and after the infusion in one model need two values before it in two participants at "
                        "least. The record has fewer, so the line does not bend.",
                    ),
                    "small",
                )
            )
    if found.visits:
        blocks.append(_comparison(found))
        blocks.append(Points(tuple((name, (why,)) for name, why in METHODS)))
    return tuple(block for block in blocks if block != _NOTHING)


_NOTHING = Paragraph(("",))


def _note(value: object, pieces: Pieces) -> Paragraph:
    return Paragraph(pieces, "small") if value is not None else _NOTHING


def _means(material: Material, model: VisitModel) -> Table:
    form = Format(model.measure.places)
    return Table(
        f"mmrm-{model.measure.id}",
        f"{model.measure.short} by visit: mixed model for repeated measures",
        "Visit",
        (
            TableColumn("n", under="measured"),
            TableColumn("Mean"),
            TableColumn("95 % interval"),
            TableColumn("Change"),
            TableColumn("95 % interval"),
        ),
        tuple(
            TableRow(
                visit.label,
                (
                    number(visit.measured),
                    TableCell((Number(visit.mean, form),)),
                    interval(visit.mean, form),
                    *(
                        (TableCell((Number(visit.change, form),)), interval(visit.change, form))
                        if place
                        else (EMPTY, EMPTY)
                    ),
                ),
            )
            for place, visit in enumerate(model.visits)
        ),
        caption=(
            f"{model.measure.unit}; changes are from the first visit. ",
            Number(model.values),
            " values. " + material.planned(model.measure.planned),
        ),
    )


def _slopes(material: Material, models: tuple[SlopeModel, ...]) -> Table:
    two = Format(2)
    bent = any(model.before.value for model in models)
    rows = []
    for model in models:
        cells = [
            TableCell((Number(model.slope, two),)),
            interval(model.slope, two),
            number(model.slope_sd, 2),
            number(model.residual_sd, 2),
            number(model.values),
        ]
        if bent:
            for part in (model.before, model.after):
                cells += [TableCell((Number(part, two),)), interval(part, two)]
        rows.append(TableRow(model.measure.short, tuple(cells), unit=f"{model.measure.unit}, per month"))
    columns = [
        TableColumn("Mean slope"),
        TableColumn("95 % interval"),
        TableColumn("SD", under="between participants"),
        TableColumn("SD", under="about a line"),
        TableColumn("n", under="values"),
    ]
    if bent:
        for when in ("before", "after"):
            columns += [TableColumn(f"Slope {when}"), TableColumn("95 % interval")]
    planned = " ".join(dict.fromkeys(material.planned(model.measure.planned) for model in models))
    return Table(
        "mixed-slopes",
        "Mean slope over the first year: linear mixed model",
        "Measure",
        tuple(columns),
        tuple(rows),
        caption=("Random intercept and slope of each participant, months since the infusion. " + planned,),
        notes=("Negative is decline.",),
    )


def _comparison(found: MixedModels) -> Table:
    """The change over the first year by method; the slope's stands beside where it is of the same measure."""
    slopes = {model.measure.id: model for model in found.slopes}
    rows = []
    for model in found.visits:
        form = Format(model.measure.places)
        lines = [
            (
                "Those measured at every visit (as the analysis of variance)",
                "complete",
                model.complete_n,
                model.complete,
            ),
            ("Mixed model, means by visit", "visits", model.people, model.visits[-1].change),
        ]
        if model.measure.id in slopes:
            slope = slopes[model.measure.id]
            lines.append(("Mixed model, twelve months of the slope", "slope", slope.people, slope.over_year))
        rows.append(
            TableRow(
                model.measure.short,
                (EMPTY,) * 4,
                tuple(
                    TableRow(
                        name,
                        (
                            TableCell((_DEAD[dead],)),
                            number(n),
                            TableCell((Number(result, form),)),
                            interval(result, form),
                        ),
                    )
                    for name, dead, n, result in lines
                ),
                unit=model.measure.unit,
            )
        )
    first, last = found.visits[0].visits[0].label.lower(), found.visits[0].visits[-1].label.lower()
    return Table(
        "change-by-method",
        f"What becomes of the dead: change from {first} to {last}, by method",
        "Method",
        (
            TableColumn("The dead", kind="text"),
            TableColumn("n", under="used"),
            TableColumn("Change"),
            TableColumn("95 % interval"),
        ),
        tuple(rows),
        caption=("Description of one group. Not an effect of the treatment.",),
    )
