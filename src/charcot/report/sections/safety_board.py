"""What a safety board decides by: who is in the trial, what is new since it last met, boundaries, clocks, open questions."""

from collections.abc import Mapping, Sequence

from charcot.datasets import Snapshot
from charcot.ledger import Entry
from charcot.report.document import Block, Paragraph, Particulars, Section
from charcot.report.sections.safety_cases import serious_events
from charcot.report.table import Table, TableCell, TableColumn, TableRow
from charcot.safety import SafetyWatch, find_boundary_holds, find_clocks
from charcot.safety.grading import GradeProposal
from charcot.safety.reconciliation import find_query, reconcile

MOST = 150


def fold_watch(snapshot: Snapshot) -> SafetyWatch:
    """The watch over safety as of the snapshot, by the protocol in force."""
    study = snapshot.charter.ruling_on(snapshot.now.date()).study
    entries: list[Entry] = [*snapshot.trial_entries, *snapshot.product_entries]
    entries += (entry for dossier in snapshot.dossiers for entry in dossier.entries)
    return SafetyWatch(study, snapshot.charter.zone).add_all(sorted(entries, key=lambda e: e.sequence))


def count_people(snapshot: Snapshot) -> dict[str, int]:
    """How many were screened, consented, enrolled, infused, are dead or left; events and serious ones."""
    form = snapshot.form_playing("adverse_event")
    standings = [d.standing for d in snapshot.dossiers]
    return {
        "Screened": len(standings),
        "Consented": sum(s.consent is not None for s in standings),
        "Enrolled": sum(s.enrolled is not None for s in standings),
        "Infused": sum(bool(s.infusions) for s in standings),
        "Died": sum(s.death is not None for s in standings),
        "Withdrawn": sum(bool(s.withdrawals) for s in standings),
        "Events reported": sum(len(d.casebook.instances(form.form)) for d in snapshot.dossiers)
        if form
        else 0,
        "Serious events reported": len(serious_events(snapshot)),
    }


def make_people(snapshot: Snapshot) -> Section:
    """Enrolment in one list."""
    facts = tuple((name, (str(n),)) for name, n in count_people(snapshot).items())
    return Section("enrolment", "Enrolment", (Particulars(facts),))


def make_new(snapshot: Snapshot, since: Snapshot | None) -> Section:
    """Then and now, and the serious events that are new."""
    if since is None:
        text = "No earlier report was named, so everything here is new. Name one with --since RECEIPT."
        return Section("new", "Since the last report", (Paragraph((text,)),))
    then, now = count_people(since), count_people(snapshot)
    rows = tuple(
        TableRow(name, tuple(TableCell((str(n),)) for n in (then[name], now[name], now[name] - then[name])))
        for name in now
    )
    columns = (TableColumn("Then"), TableColumn("Now"), TableColumn("New"))
    table = Table(
        "safety-new", "Then and now", "", columns, rows,
        (f"Then: entry {since.head.sequence}. Now: entry {snapshot.head.sequence}.",),
    )  # fmt: skip
    fresh = [
        f"{d.participant}, event {v.key.instance}: {v.text('term') or '?'}"
        for d, v in serious_events(snapshot)
        if v.entry.sequence > since.head.sequence
    ]
    words = "Serious events new or changed since: " + ("; ".join(fresh[:MOST]) if fresh else "none") + "."
    return Section("new", "Since the last report", (table, Paragraph((words,))))


def make_boundaries(watch: SafetyWatch) -> Section:
    """Each boundary with its count, limit, and what holds."""
    blocks: list[Block] = []
    for hold in find_boundary_holds(watch):
        blocks.append(Paragraph((hold.words,), "notice"))
    rows = []
    for course in watch.boundaries.values():
        for name, group in sorted(course.groups.items()):
            last = group.points[-1] if group.points else None
            limit = last.limit if last else course.plan.stop[0].events
            review = (
                "–"
                if group.review is None
                else f"{group.review.data['decision']}, entry {group.review.sequence}"
            )
            label = f"{course.plan.label}, {name}" if name else course.plan.label
            cells = (str(group.events), str(group.patients), str(limit), review)
            rows.append(TableRow(label, tuple(TableCell((text,)) for text in cells)))
    if not rows:
        return Section(
            "boundary", "Stopping boundaries", (Paragraph(("The protocol has no stopping boundary.",)),)
        )
    columns = (
        TableColumn("With event"),
        TableColumn("Infused"),
        TableColumn("Stops at"),
        TableColumn("Last review", kind="text"),
    )
    sources = tuple(f"{course.plan.label}: {course.plan.source}" for course in watch.boundaries.values())
    blocks.append(
        Table("boundaries", "Boundaries as they stand", "Boundary", columns, tuple(rows), notes=sources)
    )
    return Section("boundary", "Stopping boundaries", tuple(blocks))


def make_clocks(snapshot: Snapshot, watch: SafetyWatch) -> Section:
    """Every expedited report with when it was due and when it went out."""
    rows = []
    clocks = find_clocks(watch)
    for clock in clocks[:MOST]:
        sent = clock.sent_at
        state = clock.state_at(snapshot.now)
        cells = (
            clock.plan.label,
            f"{clock.due:%Y-%m-%d %H:%M}",
            sent.text if sent is not None else "–",
            state,
        )
        name = f"{clock.report.participant}, event {clock.report.key.instance}"
        rows.append(TableRow(name, tuple(TableCell((text,)) for text in cells)))
    if not rows:
        return Section(
            "clocks", "Expedited reports", (Paragraph(("No event has started a reporting clock.",)),)
        )
    columns = tuple(TableColumn(head, kind="text") for head in ("Clock", "Due", "Submitted", "State"))
    caption = (f"{len(clocks)} clocks.",)
    table = Table("clocks", "Expedited reports", "Event", columns, tuple(rows), caption)
    return Section("clocks", "Expedited reports", (table,))


def make_reconciliation(snapshot: Snapshot, measured: Mapping[str, Sequence[GradeProposal]]) -> Section:
    """What does not agree between treatments, measurements (their proposed grades by participant), deaths and events."""
    found = [
        (each, find_query(d, each))
        for d in snapshot.dossiers
        for each in reconcile(d, measured[d.participant])
    ]
    if not found:
        text = "Treatments, measurements, deaths and events agree."
        return Section("reconciliation", "What does not agree", (Paragraph((text,)),))
    found.sort(key=lambda pair: pair[1] is not None and not pair[1].is_pending)
    rows = tuple(
        TableRow(
            each.participant,
            (
                TableCell((each.question,)),
                TableCell(("–" if query is None else f"{query.id}, {query.status}",)),
            ),
        )
        for each, query in found[:MOST]
    )
    columns = (TableColumn("Question", kind="text"), TableColumn("Query", kind="text"))
    left = sum(query is None or query.is_pending for _each, query in found)
    notes = (
        f"{len(found)} questions, {left} of them not settled. Each is a query, asked when the record came to disagree; "
        "– where it was not asked yet.",
    )
    table = Table("reconciliation", "What does not agree", "Participant", columns, rows, notes)
    return Section("reconciliation", "What does not agree", (table,))
