"""Serious events one by one with their narratives, and deaths."""

from typing import Literal

from charcot.datasets import Snapshot
from charcot.participants import Dossier, FormVersion
from charcot.report.document import Block, Paragraph, Section
from charcot.report.table import Table, TableCell, TableColumn, TableRow
from charcot.safety import compute_onset_day
from charcot.safety.narrative import draft_narrative, signed_narrative

MOST = 200
"""Narratives that are printed; of more, the newest."""
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
                    (head, draft_narrative(dossier, version), " [Drafted from the record; not signed.]")
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


def make_deaths(snapshot: Snapshot) -> Section:
    """Every death with day and cause."""
    dead = [d for d in snapshot.dossiers if d.standing.death is not None]
    rows = []
    for dossier in dead[:MOST]:
        death = dossier.standing.death
        assert death is not None
        day = compute_onset_day(death.clinical_time, dossier.standing.infused_at)
        cells = (death.clinical_time.text, "–" if day is None else str(day), death.text("cause") or "–")
        rows.append(TableRow(dossier.participant, tuple(TableCell((text,)) for text in cells)))
    if not rows:
        return Section("deaths", "Deaths", (Paragraph(("Nobody has died.",)),))
    columns = (
        TableColumn("Died", kind=TEXT),
        TableColumn("Day after infusion"),
        TableColumn("Cause", kind=TEXT),
    )
    table = Table(
        "safety-deaths", "Deaths", "Participant", columns, tuple(rows), (f"{len(dead)} participants.",)
    )
    return Section("deaths", "Deaths", (table,))
