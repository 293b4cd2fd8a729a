"""Expected against observed: events against background rates, survivors beside earlier trials, and what all of it supports."""

from charcot.analysis.expected_function import ExpectedFunction
from charcot.analysis.expected_survival import ExpectedSurvival
from charcot.analysis.outside_comparisons import (
    EarlierComparison,
    EarlierTrials,
    RateComparison,
    WatchedResults,
    WindowResults,
)
from charcot.report.document import Block, Paragraph, Points
from charcot.report.format import Format
from charcot.report.sections.expected import ONE, TWO
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
    number,
)
from charcot.statistics import Interval

OUTSIDE = (
    "Everything in this section compares with numbers from outside: predictions, rates, other trials. They were made from other people, in "
    "other places and times, with other care. A difference may be theirs."
)
AT_RISK = "Background rate times person-years at risk; a participant is at risk until the first such event."
WHOLE = "The same with all days followed in the window, also those after an event; as much as a reader without the days can compute."
TAIL = "Exact Poisson probability of as many events or more at this background rate; one-sided."
WIDER = (
    "The background rates count all venous thromboembolism, in part found by screening; here emboli alone were counted. So fewer than these "
    "were to be expected, and an excess is, if anything, understated."
)
FISHER = (
    "Fisher's exact test, two-sided. It answers whether one urn could have given both counts, not whether the treatment helped: nobody was "
    "allotted by chance between the trials, and the comparison was chosen after the results."
)
BENEFIT = 0.05
"""Below this probability the words say that chance alone hardly explains it."""


def make_watched(material: Material, watched: tuple[WatchedResults, ...]) -> tuple[Block, ...]:
    """A table for each kind of event, and why its window is what it is."""
    blocks: list[Block] = []
    for found in watched:
        blocks.append(
            Table(
                f"expected-{found.planned.replace('_', '-')}",
                f"{found.watched.label} against background rates",
                "Window and background rate",
                (
                    TableColumn("Rate", under="per 100 person-years"),
                    TableColumn("Expected", under="at risk", note=AT_RISK),
                    TableColumn("As many", under="P", note=TAIL),
                    TableColumn("Expected", under="all days", note=WHOLE),
                    TableColumn("As many", under="P, all days"),
                ),
                tuple(_window(window) for window in found.windows),
                caption=(f"First event of each participant. {material.planned(found.planned)}",),
                notes=(found.watched.reason, WIDER),
            )
        )
        blocks += [Paragraph(_rate_words(found, window)) for window in found.windows]
    return tuple(blocks)


def _window(window: WindowResults) -> TableRow:
    return TableRow(
        f"Up to day {window.days}",
        (EMPTY,) * 5,
        tuple(
            TableRow(c.rate.label, _rate(c), note=f"{c.rate.counts}. {c.rate.source}.")
            for c in window.comparisons
        ),
    )


def _rate(found: RateComparison) -> tuple[TableCell, ...]:
    return (
        number(found.per_100_years, 1),
        number(found.expected, 2),
        TableCell((Number(found.chance, Format(4)),)),
        number(found.expected_whole, 2),
        TableCell((Number(found.chance_whole, Format(4)),)),
    )


def _rate_words(found: WatchedResults, window: WindowResults) -> Pieces:
    return (
        f"{found.watched.label} up to day {window.days}: ", Number(window.events), " in ", Number(window.years, Format(4)),
        f" person-years at risk, each person counted until the first such event or day {window.days}, a rate of ", Number(window.rate, ONE),
        " per 100 person-years (exact 95 % interval ", Number(window.rate, Format(1, part="lower")), " to ",
        Number(window.rate, Format(1, part="upper")), f"). The columns “all days” count everybody to day {window.days}, also after an event: ",
        Number(window.whole_years, Format(4)), " person-years of the same window, which is more than could still bring a first event.",
    )  # fmt: skip


def make_earlier(material: Material, results: EarlierTrials | None) -> tuple[Block, ...]:
    """One table of the registry with the comparisons that can be computed, and why each misleads."""
    if results is None:
        return ()
    table = Table(
        "earlier-trials",
        "Earlier trials of cells in ALS",
        "Trial",
        (
            TableColumn("Design", kind="text"),
            TableColumn("n"),
            TableColumn("Alive there"),
            TableColumn("Alive here"),
            TableColumn("Fisher", under="p", note=FISHER),
            TableColumn("Result", kind="text"),
        ),
        tuple(_trial(trial, results) for trial in results.trials),
        caption=(f"From the registry of the protocol. {material.planned(results.planned)}",),
    )
    reasons = tuple(
        (trial.trial.label, (" ".join(trial.trial.misleads),))
        for trial in results.trials
        if trial.trial.misleads
    )
    head = Paragraph(("Why these comparisons mislead:",))
    return (table, *((head, Points(reasons)) if reasons else ()))


def _trial(found: EarlierComparison, results: EarlierTrials) -> TableRow:
    trial = found.trial
    there, here, p = EMPTY, EMPTY, EMPTY
    if (
        found.followed is not None
        and found.alive is not None
        and found.alive_here is not None
        and found.p_value is not None
    ):
        there = TableCell((Number(found.alive), "/", Number(found.followed)))
        here = TableCell((Number(found.alive_here), "/", Number(results.people)))
        p = TableCell((PValue(found.p_value),))
    design = TableCell((f"{trial.design}; {trial.product}",))
    return TableRow(
        trial.label,
        (design, number(found.participants), there, here, p, TableCell((trial.result,))),
        note=f"{trial.source}.",
    )


def make_closing(
    survival: ExpectedSurvival | None,
    function: tuple[ExpectedFunction, ...],
    watched: tuple[WatchedResults, ...],
    earlier: EarlierTrials | None,
) -> tuple[Block, ...]:
    """What the results support and what they cannot, in words that follow from the numbers."""
    points: list[tuple[str, Pieces]] = []
    if survival is not None:
        points.append(("Survival", _survival(survival)))
    scored = [course for course in function if course.visits and course.visits[0].living is not None]
    if scored:
        points.append(("Function", _function(scored[0])))
    points += [(found.watched.label, _events(found)) for found in watched if found.windows]
    if earlier is not None and any(trial.p_value is not None for trial in earlier.trials):
        points.append(("Earlier trials", _earlier(earlier)))
    if not points:
        return ()
    cannot = (
        "None of this can show that the treatment prolonged life, slowed the decline or caused an event: that needs people treated and not "
        "treated, allotted by chance. What it can do is to say how surprising the observed would be without any effect, if the outside "
        "numbers held for these people.",
    )
    points.append(("Cannot", cannot))
    return (Paragraph(("What these comparisons support, and what they cannot:",)), Points(tuple(points)))


def _survival(results: ExpectedSurvival) -> Pieces:
    last = results.months[-1]
    low, high = results.range
    told = [s for s in results.scenarios if not s.sensitivity]
    ratios = [s.ratio.value for s in told if isinstance(s.ratio.value, Interval)]
    if not ratios:
        verdict = "No expectation can be computed."
    elif all(ratio.upper < 1 for ratio in ratios):
        verdict = "Fewer died than any expectation allows by chance alone; what differs in people and endpoints could explain it."
    elif all(ratio.lower > 1 for ratio in ratios):
        verdict = "More died than any expectation allows by chance alone."
    elif any(ratio.upper < 1 or ratio.lower > 1 for ratio in ratios):
        verdict = (
            "Whether that differs from what was expected depends on the scenario: no evidence that holds."
        )
    else:
        verdict = "The deaths are compatible with every expectation: no evidence of a survival benefit, nor of harm."
    return (
        Number(results.observed[last]), f" alive at {last} months, ", Number(low, ONE), " to ", Number(high, ONE),
        f" expected. {verdict}",
    )  # fmt: skip


def _function(course: ExpectedFunction) -> Pieces:
    visit = course.visits[-1]
    gap = visit.gap.value
    if not isinstance(gap, Interval):
        return (f"{course.measure.short} was not measured at the last visit.",)
    verdict = (
        "no evidence of a slower or faster decline than expected"
        if gap.lower <= 0 <= gap.upper
        else "more than the spread of participants gives by chance, in an open trial whose raters knew the treatment"
    )
    return (
        f"At {visit.label.lower()} {course.measure.short} differed from what was expected of those alive by ",
        Number(visit.gap, ONE), " points (95 % interval ", Number(visit.gap, Format(1, part="lower")), " to ",
        Number(visit.gap, Format(1, part="upper")), f"): {verdict}.",
    )  # fmt: skip


def _events(found: WatchedResults) -> Pieces:
    pieces: list[str | Number] = []
    for window in found.windows:
        pieces += ["Up to day ", f"{window.days} ", Number(window.events), " against "]
        for place, compared in enumerate(window.comparisons):
            pieces += [", " if place else "", Number(compared.expected, TWO)]
            pieces += [" (P ", PValue(compared.chance), ")"]
        pieces.append(f" expected by the {len(window.comparisons)} rates. ")
    first = found.windows[0].comparisons
    surprising = [c for c in first if isinstance(c.chance.value, float) and c.chance.value < BENEFIT]
    if not surprising:
        pieces.append("No rate makes the number surprising, which does not show that there is no risk.")
    elif len(surprising) < len(first):
        pieces.append(
            "That is a signal to be watched: more than the lower rates let expect in the first window, not more than the highest, and the "
            "window was chosen with the events in view."
        )
    else:
        pieces.append(
            "That is a signal to be acted on: more than every rate lets expect in the first window."
        )
    return tuple(pieces)


def _earlier(results: EarlierTrials) -> Pieces:
    pieces: list[str | Number] = []
    for trial in results.trials:
        if trial.p_value is None or trial.followed is None or trial.alive is None or trial.alive_here is None:
            continue
        pieces += [
            Number(trial.alive_here),
            "/",
            Number(results.people),
            " against ",
            Number(trial.alive),
            "/",
        ]
        pieces += [Number(trial.followed), f" ({trial.trial.label}), p ", PValue(trial.p_value), ". "]
    pieces.append(
        "Even a small p would not carry a claim: other people, another time, another route, and a comparison chosen afterwards."
    )
    return tuple(pieces)
