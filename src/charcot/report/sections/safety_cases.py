"""Serious events one by one with their narratives, and deaths."""

from functools import partial
from typing import Literal

from charcot.analysis.board_results import BoardResults
from charcot.datasets import Snapshot
from charcot.participants import Dossier, FormVersion
from charcot.report.document import Block, Paragraph, Section
from charcot.report.format import format_moment
from charcot.report.sections.written import Moment
from charcot.report.table import Number, Pieces, Table, TableCell, TableColumn, TableRow
from charcot.safety.narrative import draft_narrative, signed_narrative

MOST = 200
"""Narratives that are printed; of more, the newest."""
_AT = partial(format_moment, between=" at ")
TEXT: Literal["text"] = "text"


def serious_events(snapshot: Snapshot) -> list[tuple[Dossier, FormVersion]]:
    """Every event that is said to be serious, by participant and time."""
    form = snapshot.form_playing("adverse_event")
    if form is None:
        return []
    return [
        (d, v)
        for d in snapshot.dossiers
        for v in d.casebook.instances(form.form)
        if v.text("serious") == "yes"
    ]


def make_serious(snapshot: Snapshot) -> Section:
    """A paragraph for each: the signed narrative, or a draft that says it is one."""
    found = serious_events(snapshot)
    if not found:
        return Section("serious", "Serious events", (Paragraph(("No serious event has been reported.",)),))
    newest = sorted(found, key=lambda each: each[1].entry.sequence)[-MOST:]
    blocks: list[Block] = []
    if len(found) > len(newest):
        blocks.append(
            Paragraph((f"{len(found)} serious events were reported; the newest {len(newest)} follow.",))
        )
    for dossier, version in newest:
        signed = signed_narrative(dossier, version.key)
        head = f"{dossier.participant}, event {version.key.instance}. "
        if signed is None:
            blocks.append(
                Paragraph(
                    (head, draft_narrative(dossier, version, _AT), " [Drafted from the record; not signed.]")
                )
            )
        else:
            old = (
                ""
                if signed["version"] == version.version
                else " [The event has been changed since this was signed.]"
            )
            blocks.append(Paragraph((head, str(signed["text"]), " [Signed.]", old)))
    return Section("serious", "Serious events", tuple(blocks))


def make_deaths(board: BoardResults) -> Section:
    """Every death with day and cause."""
    deaths = board.deaths
    if not deaths.lines:
        return Section("deaths", "Deaths", (Paragraph(("Nobody has died.",)),))
    rows = tuple(
        TableRow(
            line.participant,
            (
                TableCell((Moment(line.values["died"]),)),
                *(TableCell((Number(line.values[column]),)) for column in ("day", "cause")),
            ),
        )
        for line in deaths.lines
    )
    columns = (
        TableColumn("Died", kind=TEXT),
        TableColumn("Day after infusion"),
        TableColumn("Cause", kind=TEXT),
    )
    rest = int(str(deaths.total.value)) - len(rows)
    notes = (f"{rest} more deaths are not listed.",) if rest else ()
    caption: Pieces = (Number(deaths.total), " participants.")
    table = Table("safety-deaths", "Deaths", "Participant", columns, rows, caption, notes)
    return Section("deaths", "Deaths", (table,))
