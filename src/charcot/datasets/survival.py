"""Survival from infusion: one row a person infused, with the day of death or of last being known alive."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from charcot.clinical_time import DAYS_PER_MONTH, ClinicalTime
from charcot.datasets.dataset import Column, Dataset, make_dataset
from charcot.datasets.snapshot import Snapshot, origin_of_form
from charcot.participants import Dossier, FormVersion, Standing

COLUMNS = (
    Column("participant", "Participant", pl.String),
    Column("start", "Infusion", pl.Date),
    Column("end", "Death, or last day known alive", pl.Date),
    Column("end_is_imputed", "Whether the day of death is the middle of what is known", pl.Boolean),
    Column("days", "Days from infusion", pl.Int64, "days", source="derived"),
    Column("months", "Months from infusion (30.4375 days each)", pl.Float64, "months", source="derived"),
    Column("died", "Died", pl.Boolean),
    Column("cause", "Cause of death", pl.String),
)


def derive_survival(snapshot: Snapshot) -> Dataset:
    """Everybody infused. A death known by month or year alone counts from the middle of that span, after last contact."""
    rows: list[dict[str, object]] = []
    for dossier in snapshot.dossiers:
        infused = dossier.standing.infusions[0] if dossier.standing.infusions else None
        if infused is None:
            continue
        death = dossier.standing.death
        seen = _last_known_alive(dossier, infused)
        end = _day_of_death(death, seen.day, snapshot) if death else seen.day
        days = (end - infused.clinical_time.day).days
        ends_by = (origin_of_form(death), death.entry.sequence) if death else (seen.origin, seen.entry)
        sources = {infused.entry.sequence, ends_by[1]}
        if death is not None and not death.clinical_time.is_complete:
            sources.add(seen.entry)
        rows.append(
            {
                "participant": dossier.participant,
                "start": infused.clinical_time.day,
                "end": end,
                "end_is_imputed": death is not None and not death.clinical_time.is_complete,
                "days": days,
                "months": days / DAYS_PER_MONTH,
                "died": death is not None,
                "cause": death.text("cause") if death else None,
                "origin": "+".join(sorted({*origin_of_form(infused).split("+"), *ends_by[0].split("+")})),
                "entries": sorted(sources),
            }
        )
    return make_dataset("survival", "Survival from infusion", "person infused", COLUMNS, rows)


@dataclass(frozen=True)
class _Seen:
    """A day on which the participant was alive, the entry that shows it, and its origin."""

    day: date
    entry: int
    origin: str


def _last_known_alive(dossier: Dossier, infused: FormVersion) -> _Seen:
    """The latest day on which something was done with the living participant, or they were said to be alive."""
    latest = _Seen(infused.clinical_time.day, infused.entry.sequence, origin_of_form(infused))
    standing = dossier.standing
    for versions in dossier.casebook.forms.values():
        version = versions[-1]
        if version.clinical_time.day <= latest.day:
            continue
        form = dossier.study.protocol.forms_by_id.get(version.key.form)
        plays = form.plays if form else None
        if plays == "death" or (plays == "contact" and version.text("alive") != "yes"):
            continue
        if _is_later(latest, standing, version.clinical_time):
            latest = _Seen(version.clinical_time.day, version.entry.sequence, origin_of_form(version))
    told = [withdrawal.entry for withdrawal in standing.withdrawals]
    told += [standing.lost] if standing.lost is not None else []
    for entry in told:
        at = ClinicalTime(entry.clinical_time or "")
        if _is_later(latest, standing, at):
            latest = _Seen(at.day, entry.sequence, latest.origin)
    return latest


def _is_later(latest: _Seen, standing: Standing, at: ClinicalTime) -> bool:
    if at.day <= latest.day or not at.is_complete:
        return False
    died = standing.died_at
    return died is None or not died.surely_before(at)


def _day_of_death(death: FormVersion, alive_on: date, snapshot: Snapshot) -> date:
    """The day, or the middle of the days it can have been: after last contact, and not after it was recorded."""
    died = death.clinical_time
    if died.is_complete:
        return died.day
    known = snapshot.charter.site_time(datetime.fromisoformat(death.entry.recorded_at)).date()
    first = max(died.earliest.date(), alive_on)
    return first + timedelta(days=max(0, (min(died.latest.date(), known) - first).days) // 2)
