"""Adverse events: one row a reported episode, with its day counted from the infusion, and the event that it belongs to."""

import polars as pl

from charcot.datasets.dataset import ENTRIES, Column, Dataset, list_entries, make_dataset
from charcot.datasets.forms import derive_form_dataset
from charcot.datasets.snapshot import Snapshot
from charcot.safety import compute_onset_day, is_treatment_emergent
from charcot.safety.episodes import find_episodes, group_by_term, term_of

ONSET_DAY = Column(
    "onset_day", "Onset in days since infusion (infusion is day 0)", pl.Int64, "days", source="derived"
)
EMERGENT = Column("treatment_emergent", "Began at or after the first infusion", pl.Boolean, source="derived")
EPISODE = Column(
    "episode", "Episode of the event: 1, and more where it came back", pl.Int64, source="derived"
)
FIRST = Column("first_episode", "Number of the report with which the event began", pl.Int64, source="derived")
OWN = (ONSET_DAY, EMERGENT, EPISODE, FIRST)


def derive_events(snapshot: Snapshot) -> Dataset:
    """The form that plays `adverse_event`, with the day of onset and the episode.

    A row rests on the other reports of its term too: their dates say which episode it is.
    """
    form = snapshot.form_playing("adverse_event")
    if form is None:
        return make_dataset("events", "Adverse events", "adverse event", OWN, [])
    base = derive_form_dataset(snapshot, form)
    found: dict[str, list[object]] = {column.name: [] for column in OWN}
    entries: list[list[int]] = base.frame[ENTRIES].to_list()
    row = 0
    for dossier in snapshot.dossiers:
        infused = dossier.standing.infused_at
        versions = dossier.casebook.instances(form.form)
        episodes = find_episodes(versions)
        of_term = group_by_term(versions)
        for version in versions:
            episode = episodes[version.key]
            found["onset_day"].append(compute_onset_day(version.clinical_time, infused))
            found["treatment_emergent"].append(is_treatment_emergent(version.clinical_time, infused))
            found["episode"].append(episode.number)
            found["first_episode"].append(episode.first.key.instance)
            alike = [each.entry.sequence for each in of_term[term_of(version)]]
            entries[row] = list(dict.fromkeys([*entries[row], *alike]))
            row += 1
    frame = base.frame.with_columns(
        *(pl.Series(column.name, found[column.name], column.type) for column in OWN),
        list_entries(entries),
    )
    columns = (*base.columns[:-2], *OWN, *base.columns[-2:])
    return Dataset(
        "events", "Adverse events", "adverse event", columns, frame.select(column.name for column in columns)
    )
