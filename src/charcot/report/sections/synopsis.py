"""The synopsis: the whole trial on a page, from the protocol and the results."""

from math import isnan

from charcot.analysis.disposition import Disposition
from charcot.analysis.findings import Findings
from charcot.analysis.visit_scores import ScoreCourse, VisitScores
from charcot.protocol import Protocol
from charcot.protocol.design import Intervention
from charcot.report.document import Block, Paragraph, Particulars, Points, Section
from charcot.report.format import PERCENT, Format, format_number, raise_powers
from charcot.report.sections.exposure import exposure_words
from charcot.report.sections.limits import CAN, CANNOT
from charcot.report.sections.material import Material
from charcot.report.table import Number, Pieces
from charcot.statistics import Interval

ONE = Format(1)
LEVELS = {"primary": "Primary", "secondary": "Secondary", "exploratory": "Exploratory"}


def make_synopsis(material: Material, flow: Disposition, findings: Findings | None) -> Section:
    """What was done, to whom, and what came out; results in sentences whose numbers can be opened."""
    protocol = material.protocol
    trial = protocol.trial
    facts: list[tuple[str, Pieces]] = [
        ("Title", (trial.title,)),
        ("Registrations", ("; ".join(f"{found.scheme} {found.id}" for found in trial.identifiers),)),
        ("Sponsor", (trial.sponsor,)),
        ("Phase", (trial.design.phase,)),
        ("Design", (trial.design.summary or trial.design.intervention_model.replace("_", " "),)),
        *(
            (f"{LEVELS[level]} objective{'s' if len(texts) > 1 else ''}", (" ".join(texts),))
            for level in LEVELS
            if (texts := [o.text for o in protocol.objectives if o.level == level])
        ),
        *_endpoints(protocol),
        ("Population", (_population(protocol),)),
        *(("Product and dose", (_product(given),)) for given in protocol.interventions),
        ("Participants", _participants(flow)),
    ]
    blocks: list[Block] = [Particulars(tuple(facts))]
    if findings is None:
        blocks.append(Paragraph(("Nobody has been treated yet; there are no results.",)))
    else:
        blocks.append(Points(tuple(_results(findings))))
    model = trial.design.intervention_model
    if model in CAN:
        blocks.append(Points((("Can show", (CAN[model],)), ("Cannot show", (CANNOT[model],)))))
    return Section("synopsis", "Synopsis", tuple(blocks))


def _endpoints(protocol: Protocol) -> list[tuple[str, Pieces]]:
    levels = {objective.id: objective.level for objective in protocol.objectives}
    found: list[tuple[str, Pieces]] = []
    for level, word in LEVELS.items():
        texts = [endpoint.text for endpoint in protocol.endpoints if levels.get(endpoint.objective) == level]
        if texts:
            found.append((f"{word} endpoint{'s' if len(texts) > 1 else ''}", (" ".join(texts),)))
    return found


def _population(protocol: Protocol) -> str:
    texts = [criterion.text.rstrip(".") for criterion in protocol.criteria if criterion.kind == "inclusion"]
    out = sum(criterion.kind == "exclusion" for criterion in protocol.criteria)
    rest = f" {out} criteria exclude." if out else ""
    return f"{protocol.trial.condition}. Included: {'; '.join(texts)}.{rest}"


def _product(given: Intervention) -> str:
    dose = given.dose
    if dose is None:
        return given.label
    times = "once" if given.maximum == 1 else f"up to {given.maximum} times"
    each, power = float(dose.per_kg), 0
    while each >= 1e4 and each >= 10 ** (power + 3):
        power += 3
    shown = (
        f"{format_number(each / 10**power, 3, trim=True)} × {raise_powers(f'10^{power}')}"
        if power
        else f"{each:g}"
    )
    return (
        f"{given.label}: {shown} {dose.unit} per kg of body weight in {float(dose.volume_ml):g} ml over "
        f"{float(dose.duration_minutes):g} minutes, {times}."
    )


def _participants(flow: Disposition) -> Pieces:
    return (
        Number(flow.screened), " screened, ", Number(flow.consented), " consented, ", Number(flow.enrolled),
        " enrolled, ", Number(flow.infused), " infused.",
    )  # fmt: skip


def _results(findings: Findings) -> list[tuple[str, Pieces]]:
    found: list[tuple[str, Pieces]] = [
        ("Exposure", exposure_words(findings.exposure)),
        ("Safety", _safety(findings)),
    ]
    for title, id in (("Function", "total"), ("Lung function", "fvc_percent")):
        course = next((course for course in findings.scores if course.score.id == id), None)
        words = () if course is None else _change(course)
        if words:
            found.append((title, words))
    found.append(("Survival", _survival(findings)))
    return found


def _safety(findings: Findings) -> Pieces:
    table = findings.events
    words: list[str | Number] = ["In the first year "]
    for line in table.overall:
        if line.id == "any":
            words += [Number(line.people), " of ", Number(table.treated), " had an adverse event ("]
            words += [Number(line.events), " events)"]
        else:
            words += [
                ", ",
                Number(line.people),
                " a serious one (",
                Number(line.share, PERCENT),
                " %, exact 95 % interval ",
            ]
            words += [Number(line.share, Format(1, scale=100.0, part="lower")), " to "]
            words += [Number(line.share, Format(1, scale=100.0, part="upper")), ")"]
    for line in table.deaths:
        words += ["; ", Number(line.people), " died"]
    words.append(".")
    return tuple(words)


def _change(course: ScoreCourse) -> Pieces:
    changed = [visit for visit in course.visits if visit.change is not None and visit.pairs is not None]
    if not changed:
        return ()
    last: VisitScores = changed[-1]
    if last.change is None or last.pairs is None:
        return ()
    form, name = Format(course.score.places), course.score.label
    return (
        f"{name}: mean change from {course.visits[0].label.lower()} to {last.label.lower()} ",
        Number(last.change, form),
        f" {course.score.unit.split(' of 48')[0]} (95 % interval ",
        Number(last.change, Format(form.places, part="lower")),
        " to ",
        Number(last.change, Format(form.places, part="upper")),
        ") in the ",
        Number(last.pairs),
        " measured at both; the dead are not among them.",
    )


def _survival(findings: Findings) -> Pieces:
    results = findings.survival
    words: list[str | Number] = [Number(results.deaths), " of ", Number(results.people), " died"]
    for time in results.times:
        value = time.survival.value
        if (
            time.month
            and isinstance(value, Interval)
            and not isnan(value.lower)
            and time.month in (12, results.times[-1].month)
        ):
            words += [f"; alive at {time.month} months ", Number(time.survival, PERCENT), " % ("]
            words += [Number(time.survival, Format(1, scale=100.0, part="lower")), " to "]
            words += [Number(time.survival, Format(1, scale=100.0, part="upper")), ")"]
    median = results.median.value
    if isinstance(median, Interval) and not isnan(median.estimate):
        words += ["; median ", Number(results.median, ONE), " months"]
    words.append(".")
    return tuple(words)
