"""Methods, written from the plan and the results: what was used, for what, prespecified or post hoc, what is not made yet."""

from collections.abc import Iterable, Iterator

from charcot.analysis import TOPICS, Result
from charcot.protocol.plan import PlannedResult
from charcot.report.document import Block, Paragraph, Points, Section
from charcot.report.sections.material import Material
from charcot.report.table import Table, TableCell, TableColumn, TableRow, Verbatim

STATUS = {"prespecified": "prespecified", "post_hoc": "post hoc"}


def make_methods(material: Material, results: Iterable[Result]) -> Section:
    """The plan in words, the methods used by topic, populations; planned results with their status; those not made."""
    shown = list(results)
    used = {result.method for result in shown}
    described = [
        (topic, " ".join(dict.fromkeys(m.sentence for m in methods if m.id in used and m.sentence)))
        for topic, methods in TOPICS
    ]
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
        Points(tuple((name, (words,)) for name, words in _plan_points(material))),
        Points(tuple((topic, (words,)) for topic, words in described if words)),
        Points(populations),
        table,
    ]
    if missing:
        blocks.append(Paragraph((_missing_words(missing),)))
    return Section("methods", "Methods", tuple(blocks))


def _plan_words(material: Material) -> str:
    """What was named before the data were seen, and what was added."""
    protocol = material.protocol
    first = sum(result.status == "prespecified" for result in protocol.analysis)
    return (
        f"The analysis follows protocol version {protocol.version.number}. Its plan names {len(protocol.analysis)} results: "
        f"{first} are prespecified, {len(protocol.analysis) - first} post hoc. Everything else was added after the design and is "
        "marked post hoc wherever it stands. Nothing is adjusted for the number of results. Intervals are two-sided 95 % "
        "intervals; nothing missing is filled in."
    )


def _plan_points(material: Material) -> Iterator[tuple[str, str]]:
    """What the plan names, each kind with its head."""
    protocol = material.protocol
    first = [r.label.rstrip(".") for r in protocol.analysis if r.status == "prespecified"]
    if first:
        yield "Prespecified", "; ".join(first) + "."
    summaries = dict.fromkeys(f"{e.variable}: {e.summary.lower()}" for e in protocol.estimands)
    if summaries:
        yield "Estimands", "; ".join(summaries) + "."


def _missing_words(missing: list[PlannedResult]) -> str:
    named = "; ".join(f"{result.label.rstrip('.')} ({STATUS[result.status]})" for result in missing)
    return f"Planned, and not in this report: {named}."
