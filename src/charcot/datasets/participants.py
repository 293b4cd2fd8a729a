"""The participants dataset: one row for everybody in the screening log, with where they stand."""

import polars as pl

from charcot.datasets.dataset import Column, Dataset, make_dataset
from charcot.datasets.snapshot import Snapshot, origin_of_form

COLUMNS = (
    Column("participant", "Participant", pl.String),
    Column("status", "Where the participant stands", pl.String),
    Column("screened", "Screened", pl.Boolean),
    Column("consented", "Consented", pl.Boolean),
    Column("enrolled", "Enrolled", pl.Boolean),
    Column("declined", "Declined before treatment", pl.Boolean),
    Column("infused", "Infused", pl.Boolean),
    Column("died", "Died", pl.Boolean),
    Column("withdrew", "Withdrew consent to follow-up or data", pl.Boolean),
    Column("lost", "Lost to follow-up", pl.Boolean),
    Column("arm", "Arm", pl.String),
    Column("screened_at", "Screened at", pl.String),
    Column("consented_at", "Consented at", pl.String),
    Column("enrolled_at", "Enrolled at", pl.String),
    Column("declined_at", "Declined at", pl.String),
    Column("infused_at", "First infusion at", pl.String),
    Column("died_at", "Died at", pl.String),
    Column("cause_of_death", "Cause of death", pl.String),
    Column("waived", "Criteria waived", pl.String),
    Column("protocol", "Protocol version that binds", pl.String),
    Column("site", "Site", pl.String),
    Column("withdrew_from", "What consent was withdrawn from", pl.String),
)


def derive_participants(snapshot: Snapshot) -> Dataset:
    """Everybody who was screened, in the order of their numbers."""
    rows: list[dict[str, object]] = []
    for dossier in snapshot.dossiers:
        s = dossier.standing
        entries = [s.screened, s.enrolled, s.declined, s.lost, *(w.entry for w in s.withdrawals)]
        forms = [form for form in (s.consent, *s.infusions, s.death) if form is not None]
        waived = s.enrolled.data["waived"] if s.enrolled else []
        rows.append(
            {
                "participant": dossier.participant,
                "status": s.status,
                "screened": s.screened is not None,
                "consented": s.consent is not None,
                "enrolled": s.enrolled is not None,
                "declined": s.declined is not None,
                "infused": bool(s.infusions),
                "died": s.death is not None,
                "withdrew": any(w.scope in ("follow_up", "data") for w in s.withdrawals),
                "lost": s.lost is not None,
                "arm": s.enrolled.data["arm"] if s.enrolled else None,
                "screened_at": s.screened.clinical_time if s.screened else None,
                "consented_at": s.consented_at.text if s.consented_at else None,
                "enrolled_at": s.enrolled.clinical_time if s.enrolled else None,
                "declined_at": s.declined.clinical_time if s.declined else None,
                "infused_at": s.infused_at.text if s.infused_at else None,
                "died_at": s.died_at.text if s.died_at else None,
                "cause_of_death": s.death.text("cause") if s.death else None,
                "waived": " ".join(waived) or None,
                "protocol": dossier.protocol_version,
                "site": dossier.site,
                "withdrew_from": " ".join(sorted(w.scope for w in s.withdrawals)) or None,
                "origin": "+".join(sorted({o for f in forms for o in origin_of_form(f).split("+")}))
                or "entered",
                "entries": sorted(
                    {e.sequence for e in entries if e is not None} | {form.entry.sequence for form in forms}
                ),
            }
        )
    return make_dataset("participants", "Participants", "person screened", COLUMNS, rows)
