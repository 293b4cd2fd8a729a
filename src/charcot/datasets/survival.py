"""Survival from infusion: one row a person infused, with the day of death or of last being known alive."""

from datetime import date, timedelta

import polars as pl

from charcot.clinical_time import DAYS_PER_MONTH, ClinicalTime
from charcot.datasets.dataset import Column, Dataset, make_dataset
from charcot.datasets.snapshot import Snapshot, origin_of_form
from charcot.participants import Dossier, FormVersion

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
        alive_on, seen = _last_known_alive(dossier, infused)
        end = _day_of_death(death.clinical_time, alive_on) if death else alive_on
        days = (end - infused.clinical_time.day).days
        last = death or seen
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
                "origin": "+".join(
                    sorted({*origin_of_form(infused).split("+"), *origin_of_form(last).split("+")})
                ),
                "entries": sorted({infused.entry.sequence, last.entry.sequence}),
            }
        )
    return make_dataset("survival", "Survival from infusion", "person infused", COLUMNS, rows)


def _last_known_alive(dossier: Dossier, infused: FormVersion) -> tuple[date, FormVersion]:
    """The latest day on which something was done with the living participant, and the form that shows it."""
    latest = infused
    for versions in dossier.casebook.forms.values():
        version = versions[-1]
        form = dossier.study.protocol.forms_by_id.get(version.key.form)
        if (
            form is None
            or form.plays == "death"
            or (form.plays == "contact" and version.text("alive") != "yes")
        ):
            continue
        died = dossier.standing.died_at
        if died is not None and died.surely_before(version.clinical_time):
            continue
        if version.clinical_time.is_complete and version.clinical_time.day > latest.clinical_time.day:
            latest = version
    return latest.clinical_time.day, latest


def _day_of_death(died: ClinicalTime, alive_on: date) -> date:
    if died.is_complete:
        return died.day
    first = max(died.earliest.date(), alive_on)
    return first + timedelta(days=(died.latest.date() - first).days // 2)
