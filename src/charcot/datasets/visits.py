"""Visits as they took place against their windows, and the deviations from the protocol."""

import polars as pl

from charcot.datasets.dataset import Column, Dataset, make_dataset
from charcot.datasets.snapshot import Snapshot
from charcot.participants import Dossier
from charcot.visits import PlannedVisit

VISIT_COLUMNS = (
    Column("participant", "Participant", pl.String),
    Column("encounter", "Encounter", pl.String),
    Column("label", "Name of the encounter", pl.String),
    Column("status", "How the visit stands", pl.String),
    Column("target", "Target day", pl.Date),
    Column("opens", "First day of the window", pl.Date),
    Column("closes", "Last day of the window", pl.Date),
    Column("actual", "Took place", pl.String),
    Column("days_from_target", "Days from target", pl.Int64, "days", source="derived"),
    Column("out_of_window", "Outside its window", pl.Boolean, source="derived"),
    Column("forms_filled", "Forms filled", pl.Int64),
    Column("forms_missing", "Forms missing", pl.String),
    Column("forms_missed", "Forms said to be missed", pl.String),
)

DEVIATION_COLUMNS = (
    Column("participant", "Participant", pl.String),
    Column("category", "Category", pl.String),
    Column("section", "Section of the protocol", pl.String),
    Column("description", "What happened", pl.String),
    Column("at", "When", pl.String),
)


def derive_visits(snapshot: Snapshot) -> Dataset:
    """Every scheduled encounter of everybody who consented."""
    rows: list[dict[str, object]] = []
    for dossier in snapshot.dossiers:
        if dossier.standing.consent is None:
            continue
        for visit in snapshot.visits[dossier.participant]:
            rows.append(
                {
                    "participant": dossier.participant,
                    "encounter": visit.encounter.id,
                    "label": visit.encounter.label,
                    "status": visit.status,
                    "target": visit.target.date() if visit.target else None,
                    "opens": visit.opens.date() if visit.opens else None,
                    "closes": visit.closes.date() if visit.closes else None,
                    "actual": visit.actual.text if visit.actual else None,
                    "days_from_target": visit.days_from_target,
                    "out_of_window": visit.out_of_window,
                    "forms_filled": len(visit.filled),
                    "forms_missing": " ".join(visit.missing) or None,
                    "forms_missed": " ".join(visit.missed) or None,
                    "origin": "derived",
                    "entries": _sources(dossier, visit),
                }
            )
    return make_dataset("visits", "Visits against their windows", "planned visit", VISIT_COLUMNS, rows)


def _sources(dossier: Dossier, visit: PlannedVisit) -> list[int]:
    """The forms of the visit, what was said to be missed of it, its anchor, and what ended the course."""
    standing, encounter = dossier.standing, visit.encounter.id
    forms = [v[-1].entry for key, v in dossier.casebook.forms.items() if key.encounter == encounter]
    missed = [missed.entry for missed in dossier.casebook.missed if missed.encounter == encounter]
    anchors = {
        "consent": standing.consent.entry if standing.consent else None,
        "enrolment": standing.enrolled,
        "infusion": standing.infusions[0].entry if standing.infusions else None,
    }
    ends = [standing.death.entry if standing.death else None, standing.declined, standing.lost]
    ends += [withdrawal.entry for withdrawal in standing.withdrawals]
    basis = [anchors["consent"], anchors.get(visit.encounter.anchor or ""), *ends]
    return sorted({entry.sequence for entry in (*forms, *missed, *basis) if entry is not None})


def derive_deviations(snapshot: Snapshot) -> Dataset:
    """Every deviation found or reported."""
    rows: list[dict[str, object]] = [
        {
            "participant": deviation.participant or None,
            "category": deviation.category,
            "section": deviation.section,
            "description": deviation.description,
            "at": deviation.at,
            "origin": "derived",
            "entries": list(deviation.entries),
        }
        for deviation in snapshot.deviations
    ]
    return make_dataset("deviations", "Protocol deviations", "deviation", DEVIATION_COLUMNS, rows)
