"""Methods, written from the plan and the results: what was used, for what, prespecified or post hoc, what is not made yet."""

from collections.abc import Iterable

from charcot.analysis import METHODS, Result
from charcot.protocol.plan import PlannedResult
from charcot.report.document import Block, Paragraph, Points, Section
from charcot.report.sections.material import Material
from charcot.report.table import Table, TableCell, TableColumn, TableRow, Verbatim

STATUS = {"prespecified": "prespecified", "post_hoc": "post hoc"}


def make_methods(material: Material, results: Iterable[Result]) -> Section:
    """A paragraph from the plan, one of the methods used, populations; planned results with their status; those not made."""
    shown = list(results)
    used = {result.method for result in shown}
    sentences = dict.fromkeys(m.sentence for id, m in METHODS.items() if id in used and m.sentence)
    planned = {result.planned for result in shown}
    missing = [result for result in material.protocol.analysis if result.id not in planned]
    rows = tuple(
        TableRow(
            result.label,
            (
                TableCell((STATUS[result.status],)),
                TableCell(("not yet" if result in missing else "yes",)),
                TableCell((result.source or "",)),
            ),
        )
        for result in material.protocol.analysis
    )
    populations = tuple(
        (population.label, ("Condition on the participants: ", Verbatim(population.where)))
        for population in material.protocol.populations
    )
    table = Table(
        "plan",
        "The analysis plan and this report",
        "Planned result",
        (
            TableColumn("Status", kind="text"),
            TableColumn("In this report", kind="text"),
            TableColumn("Source", kind="text"),
        ),
        rows,
    )
    blocks: list[Block] = [
        Paragraph((_plan_words(material),)),
        Paragraph((" ".join(sentences),)),
        Points(populations),
        table,
    ]
    if missing:
        blocks.append(Paragraph((_missing_words(missing),)))
    return Section("methods", "Methods", tuple(blocks))


def _plan_words(material: Material) -> str:
    """The plan in sentences: what was named before the data were seen, and what was added."""
    protocol = material.protocol
    first = [result for result in protocol.analysis if result.status == "prespecified"]
    later = len(protocol.analysis) - len(first)
    words = [
        f"The analysis follows protocol version {protocol.version.number}. Its plan names {len(protocol.analysis)} results: "
        f"{len(first)} are prespecified, {later} post hoc."
    ]
    if first:
        words.append("Prespecified: " + "; ".join(result.label.rstrip(".") for result in first) + ".")
    words.append(
        "Everything else was added after the design and is marked post hoc wherever it stands. Nothing is adjusted for the number "
        "of results. Intervals are two-sided 95 % intervals; nothing missing is filled in."
    )
    summaries = dict.fromkeys(
        f"{estimand.variable}: {estimand.summary.lower()}" for estimand in protocol.estimands
    )
    if summaries:
        words.append("Estimands: " + "; ".join(summaries) + ".")
    return " ".join(words)


def _missing_words(missing: list[PlannedResult]) -> str:
    named = "; ".join(f"{result.label.rstrip('.')} ({STATUS[result.status]})" for result in missing)
    return f"Planned, and not in this report: {named}."
