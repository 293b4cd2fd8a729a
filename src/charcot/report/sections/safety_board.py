"""What a safety board decides by: who is in the trial, what is new since it last met, boundaries, clocks, open questions."""

from collections.abc import Mapping, Sequence

from charcot.analysis import Result
from charcot.analysis.board_results import (
    CLOCK_STATES,
    BoardResults,
    BoundaryDesign,
    ListedResults,
    StandingBoundary,
)
from charcot.datasets import Snapshot
from charcot.report.document import Block, Figure, Paragraph, Particulars, Report, Section
from charcot.report.figures.boundary import describe_boundary, draw_boundary
from charcot.report.format import Format, rewrite_dates
from charcot.report.sections.safety_cases import serious_events
from charcot.report.sections.written import Moment
from charcot.report.table import Number, Pieces, Table, TableCell, TableColumn, TableRow, number
from charcot.safety import SafetyWatch, find_boundary_holds

MOST = 150
STATES = (("open", "open"), ("held", "crossed, held"), ("stopped", "stopped by the board"))
DECISIONS = (("continue", "go on"), ("stop", "stop"))
CLOCKS = tuple(CLOCK_STATES.items())
MOST_DRAWN = 6
"""Groups of one boundary that are drawn: those with most events."""
MOST_TOLD = 25
"""Steps of a boundary that stand in the table of its figure."""


def make_people(board: BoardResults) -> Section:
    """Enrolment in one list."""
    facts = tuple((name, (Number(result),)) for name, result in board.people.items())
    return Section("enrolment", "Enrolment", (Particulars(facts),))


def make_new(board: BoardResults, snapshot: Snapshot, then: Report | None) -> Section:
    """Then and now, and the serious events that are new."""
    if then is None:
        text = "No earlier report was named, so everything here is new. Name one with --since, by its receipt or by its data cut."
        return Section("new", "Since the last report", (Paragraph((text,)),))
    rows = []
    for name, now in board.people.items():
        before = then.results[now.id]
        assert isinstance(now.value, int)
        assert isinstance(before.value, int)
        more = f"{now.value - before.value:+d}".replace("-", "−") if now.value != before.value else "0"
        rows.append(TableRow(name, (TableCell((Number(before).text,)), number(now), TableCell((more,)))))
    columns = (TableColumn("Then"), TableColumn("Now"), TableColumn("New"))
    head = then.receipt.sequence
    table = Table(
        "safety-new", "Then and now", "", columns, tuple(rows),
        (f"Then: entry {head}. Now: entry {snapshot.head.sequence}.",),
        notes=("Then: as the report of that entry showed it. Every other number that changed stands at the end, with the entries that changed it.",),
    )  # fmt: skip
    fresh = [
        f"{d.participant}, event {v.key.instance}: {v.text('term') or '?'}"
        for d, v in serious_events(snapshot)
        if v.entry.sequence > head
    ]
    words = "Serious events new or changed since: " + ("; ".join(fresh[:MOST]) if fresh else "none") + "."
    if len(fresh) > MOST:
        words += f" And {len(fresh) - MOST} more."
    return Section("new", "Since the last report", (table, Paragraph((words,))))


def make_boundaries(board: BoardResults, watch: SafetyWatch) -> Section:
    """Each boundary with its count, limit, and what holds; its course as a figure; what it does by design."""
    if not board.boundaries and not board.designs:
        text = "The protocol has no stopping boundary."
        return Section("boundary", "Stopping boundaries", (Paragraph((text,)),))
    blocks: list[Block] = [Paragraph((hold.words,), "notice") for hold in find_boundary_holds(watch)]
    if board.boundaries:
        rows = tuple(
            TableRow(
                each.label,
                (
                    number(each.events),
                    number(each.patients),
                    number(each.stops_at),
                    TableCell((Number(each.state, Format(codes=STATES)),)),
                    TableCell((Number(each.review, Format(codes=DECISIONS)),)),
                ),
            )
            for each in board.boundaries
        )
        columns = (
            TableColumn("With event"),
            TableColumn("Infused"),
            TableColumn("Stops at"),
            TableColumn("State", kind="text"),
            TableColumn("Last review", kind="text"),
        )
        sources = tuple(f"{design.plan.label}: {design.plan.source}" for design in board.designs)
        blocks.append(
            Table("boundaries", "Boundaries as they stand", "Boundary", columns, rows, notes=sources)
        )
    for design in board.designs:
        groups = [each for each in board.boundaries if each.plan.id == design.plan.id]
        groups.sort(key=lambda each: -int(str(each.events.value)))
        blocks += [_figure(each, place) for place, each in enumerate(groups[:MOST_DRAWN], 1)]
        if len(groups) > MOST_DRAWN:
            left = f"{len(groups) - MOST_DRAWN} more groups have no more events than these and are not drawn."
            blocks.append(Paragraph((left,), "small"))
        blocks.append(_by_design(design))
    return Section("boundary", "Stopping boundaries", tuple(blocks))


def _figure(standing: StandingBoundary, place: int) -> Figure:
    """The course of one boundary, its numbers beside it."""
    plan = standing.plan
    name = f"boundary-{plan.id}" + (f"-{place}" if plan.per != "trial" else "")
    rows = tuple(
        TableRow(str(n), tuple(number(step[column]) for column in ("patients", "events", "stops_at")))
        for n, step in enumerate(_told(standing), 1)
    )
    columns = (TableColumn("Infused"), TableColumn("With event"), TableColumn("Stops at"))
    data = Table(f"{name}-data", "Numbers of the figure", "Step", columns, rows, notes=_left(standing))
    late = (
        f" Whoever was not followed for {plan.window} yet counts in part, so the limit may lag behind the stairs."
        if plan.method == "tite" and plan.window is not None
        else ""
    )
    return Figure(
        name,
        f"{standing.label}: events against participants",
        (draw_boundary(standing, name),),
        (
            "Up: participants with such an event since their infusion. Across: participants infused, n ",
            Number(standing.patients),
            ", in the order in which it was entered. Shaded: at the dashed line or above it, infusions are held." + late,
        ),
        describe_boundary(standing),
        data,
        narrow=True,
    )  # fmt: skip


def _told(standing: StandingBoundary) -> Sequence[Mapping[str, Result]]:
    """The steps that the table of the figure has: the last."""
    return standing.steps[-MOST_TOLD:]


def _left(standing: StandingBoundary) -> tuple[str, ...]:
    rest = len(standing.steps) - MOST_TOLD
    return (f"{rest} earlier steps are drawn and not listed.",) if rest > 0 else ()


def _by_design(design: BoundaryDesign) -> Table:
    """What the boundary does at each true share."""
    plan = design.plan
    rows = tuple(
        TableRow(
            f"{100 * rate:g} %" + (", held acceptable (p0)" if rate == float(plan.p0) else ""),
            (TableCell((Number(chance, Format(1, scale=100.0)),)), number(expected, 1)),
        )
        for rate, chance, expected in design.rates
    )
    columns = (TableColumn("Chance to stop", "%"), TableColumn("Participants expected"))
    caption = (
        f"{plan.planned} participants planned; {plan.method.replace('_', '-')} boundary for a share of "
        f"{100 * float(plan.p0):g} % with a chance of at most {100 * float(plan.alpha):g} % to stop there. Exact; "
        "looked at after each participant, each counting whole."
    )
    return Table(
        f"boundary-design-{plan.id}", f"{plan.label}: what the boundary does", "True share with an event",
        columns, rows, (caption,),
    )  # fmt: skip


def make_clocks(board: BoardResults) -> Section:
    """Every expedited report with when it was due and when it went out."""
    clocks = board.clocks
    if not clocks.lines:
        text = "No event has started a reporting clock."
        return Section("clocks", "Expedited reports", (Paragraph((text,)),))
    rows = tuple(
        TableRow(
            f"{line.participant}, event {line.instance}",
            (
                TableCell((str(line.values["clock"].value),)),
                *(TableCell((Moment(line.values[name], timed=True),)) for name in ("due", "submitted")),
                TableCell((Number(line.values["state"], Format(codes=CLOCKS)),)),
            ),
        )
        for line in clocks.lines
    )
    columns = tuple(TableColumn(head, kind="text") for head in ("Clock", "Due", "Submitted", "State"))
    counted = [(Number(result), f" {CLOCK_STATES[state]}") for state, result in board.clock_states.items()]
    caption: Pieces = (Number(clocks.total), " clocks: ")
    for place, pieces in enumerate(counted):
        caption = (*caption, *pieces, "." if place == len(counted) - 1 else ", ")
    table = Table("clocks", "Expedited reports", "Event", columns, rows, caption, _rest(clocks))
    return Section("clocks", "Expedited reports", (table,))


def _rest(listed: ListedResults) -> tuple[str, ...]:
    rest = int(str(listed.total.value)) - len(listed.lines)
    return (f"{rest} more are not listed.",) if rest > 0 else ()


def make_reconciliation(board: BoardResults) -> Section:
    """What does not agree between treatments, measurements, deaths and events."""
    found = board.disagreements
    if not found.lines:
        text = "Treatments, measurements, deaths and events agree."
        return Section("reconciliation", "What does not agree", (Paragraph((text,)),))
    rows = tuple(
        TableRow(
            line.participant,
            (
                TableCell((rewrite_dates(str(line.values["question"].value)),)),
                TableCell((Number(line.values["query"]),)),
            ),
        )
        for line in found.lines
    )
    columns = (TableColumn("Question", kind="text"), TableColumn("Query", kind="text"))
    caption: Pieces = (Number(found.total), " questions, ", Number(board.unsettled), " of them not settled.")
    note = "Each is a query, asked when the record came to disagree; – where it was not asked yet."
    table = Table(
        "reconciliation", "What does not agree", "Participant", columns, rows, caption, (note, *_rest(found))
    )
    return Section("reconciliation", "What does not agree", (table,))
