"""Expected against observed: survival and function, each participant held against what their baseline let expect."""

from charcot.analysis.expected_frames import PRO_ACT
from charcot.analysis.expected_function import ExpectedFunction, ExpectedVisit
from charcot.analysis.expected_survival import ExpectedSurvival, ScenarioResults
from charcot.analysis.survival import SurvivalResults
from charcot.report.document import Block, Figure, Paragraph, Points
from charcot.report.figures.expected import describe, draw_expected
from charcot.report.format import Format, format_number
from charcot.report.sections.material import Material
from charcot.report.sections.written import PValue
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
from charcot.scales import encals, natural_history

ONE, TWO = Format(1), Format(2)
ENDPOINTS = (
    f"ENCALS predicts the time free of {encals.ENDPOINT}; here death alone was counted. Somebody alive on a ventilator counts as alive "
    "here and as an event there, so this trial looks better beside ENCALS than it was. PRO-ACT counts death."
)
LIVED = (
    "Each is expected to live on from the months of disease that they had already lived at baseline (delayed entry). Without this, "
    "having lived long enough to be treated would look like an effect of the treatment."
)
BEYOND = "PRO-ACT followed people for one to two years: what its model says after 24 months is its own extrapolation."
RATIO = (
    "Deaths observed over events expected in the same time; below 1, fewer died than expected. The time of each is their own, until "
    "death or the last day known alive."
)
LOG_RANK = (
    "One-sample log-rank test: a comparison with a prediction taken as certain, not with other patients."
)
CHANCE = "How probable as many alive or more would be if each had exactly the chance predicted; a prediction is not that certain."
SLOPE = (
    f"Baseline plus the mean slope of PRO-ACT ({format_number(natural_history.ALSFRS_R_SLOPE, 2)} points, "
    f"{format_number(natural_history.VITAL_CAPACITY_SLOPE, 2)} % of predicted a month; Atassi 2014), as if everybody declined alike."
)
REGRESSED = (
    "As the joint model of PRO-ACT expects it from each first score: a score that is high or low by chance is followed by one nearer "
    "the mean, whatever the treatment."
)
LIVING = (
    "The same, of those alive at the visit: those who decline fast die and are not measured, so survivors have better scores than the "
    "group they came from."
)
GAP = (
    "Mean over those measured, with 95 % t interval; for ALSFRS-R observed minus expected of those alive. The uncertainty of the "
    "expectation is not in it."
)
NO_SPREAD = (
    "For FVC no source gives how much people differ in level and slope, so regression to the mean and the advantage of survivors cannot "
    "be computed; the difference holds both."
)


def make_expected_survival(
    material: Material, results: ExpectedSurvival | None, survival: SurvivalResults
) -> tuple[Block, ...]:
    """The figure with its numbers, the test, the scenarios, and what differs in the endpoints."""
    if results is None:
        return ()
    synthetic = bool(material.synthetic((survival.curve,)))
    drawing = draw_expected(results, survival, synthetic=synthetic)
    data = Table(
        "expected-survival-data",
        "Alive, and expected alive and free of the endpoint",
        "Months",
        (
            TableColumn("Observed", under="alive", note=ENDPOINTS),
            *(
                TableColumn(s.label, under="expected", note=BEYOND if s.id == PRO_ACT else "")
                for s in results.scenarios
            ),
        ),
        tuple(
            TableRow(
                str(month),
                (
                    number(results.observed[month]),
                    *(number(scenario.alive[month], 1) for scenario in results.scenarios),
                ),
            )
            for month in results.months
        ),
    )
    figure = Figure(
        "expected-survival",
        "Survival observed and expected",
        () if drawing is None else (drawing,),
        (
            f"Observed: Kaplan–Meier, death from any cause. Expected: mean over participants by ENCALS ({encals.SOURCE}) under stated "
            f"scenarios, and by the joint model of PRO-ACT ({natural_history.SOURCE}). All predictors are known of ",
            Number(results.predicted),
            " of ",
            Number(results.people),
            f" participants. {material.planned(results.planned)}",
        ),
        describe(results),
        data,
    )
    return (
        figure,
        _tests(material, results),
        Points(_scenarios(results)),
        Paragraph(_survival_words(results)),
    )


def _tests(material: Material, results: ExpectedSurvival) -> Table:
    last = results.months[-1]

    def cells(scenario: ScenarioResults) -> tuple[TableCell, ...]:
        return (
            number(scenario.events, 1),
            TableCell((Number(scenario.ratio, TWO),)),
            interval(scenario.ratio, TWO),
            TableCell((PValue(scenario.test),)),
            number(scenario.alive[last], 1),
            TableCell((PValue(scenario.chance),)),
        )

    return Table(
        "expected-tests",
        "Deaths and survivors against each expectation",
        "Expected by",
        (
            TableColumn("Events", under="expected", note=LIVED),
            TableColumn("Ratio", under="observed/expected", note=RATIO),
            TableColumn("95 % interval"),
            TableColumn("Log-rank", under="p", note=LOG_RANK),
            TableColumn("Alive", under=f"expected, {last} months"),
            TableColumn("As many", under="P", note=CHANCE),
        ),
        tuple(TableRow(scenario.label, cells(scenario)) for scenario in results.scenarios),
        caption=(
            Number(results.deaths), " of ", Number(results.people), " died; alive at ", f"{last} months: ",
            Number(results.observed[last]), f". {material.planned(results.planned)}",
        ),
    )  # fmt: skip


def _scenarios(results: ExpectedSurvival) -> tuple[tuple[str, Pieces], ...]:
    return tuple((scenario.label, (f"{_capital(scenario.reason)}.",)) for scenario in results.scenarios)


def _survival_words(results: ExpectedSurvival) -> Pieces:
    low, high = results.range
    last = results.months[-1]
    return (
        f"At {last} months ", Number(results.observed[last]), " were alive; ENCALS expects ", Number(low, ONE), " to ",
        Number(high, ONE), " alive and free of its endpoint, depending on what is taken for what the baseline does not tell.",
    )  # fmt: skip


def make_expected_function(material: Material, courses: tuple[ExpectedFunction, ...]) -> tuple[Block, ...]:
    """One table for each measure."""
    return tuple(_course(material, course) for course in courses if course.visits)


def _course(material: Material, course: ExpectedFunction) -> Table:
    measure = course.measure
    scored = course.visits[0].living is not None
    expected = (
        TableColumn("Expected", under="slope alone", note=SLOPE),
        *(
            (
                TableColumn("Expected", under="regressed", note=REGRESSED),
                TableColumn("Expected", under="if alive", note=LIVING),
            )
            if scored
            else ()
        ),
    )
    return Table(
        f"expected-{measure.id.replace('_', '-')}",
        f"{measure.short}: observed and expected from each baseline",
        "Visit",
        (
            TableColumn("Measured", under="n"),
            TableColumn("Died", under="before"),
            TableColumn("Observed", under="mean"),
            *expected,
            TableColumn("Difference", note=GAP),
            TableColumn("95 % interval"),
        ),
        tuple(TableRow(visit.label, _visit(visit, measure.places)) for visit in course.visits),
        caption=(
            f"{_capital(measure.label)}; means over those measured at the visit. {material.planned(measure.planned)}",
        ),
        notes=() if scored else (NO_SPREAD,),
    )


def _visit(visit: ExpectedVisit, places: int) -> tuple[TableCell, ...]:
    form = Format(places)
    more = [result for result in (visit.regressed, visit.living) if result is not None]
    return (
        number(visit.seen),
        number(visit.died),
        number(visit.observed, places),
        number(visit.line, places),
        *(number(result, places) for result in more),
        TableCell((Number(visit.gap, form),)) if visit.gap.value is not None else EMPTY,
        interval(visit.gap, form),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
