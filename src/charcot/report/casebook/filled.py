"""The casebook of one participant: every form with its values as recorded, how they came to be, and the audit trail."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from charcot.datasets import Snapshot
from charcot.participants import Dossier, FormKey, open_dossier
from charcot.refusal import BadValue
from charcot.report.casebook.filled_form import form_data, unfilled_data
from charcot.report.casebook.marks import attachment_data
from charcot.report.casebook.pages import CasebookSource, describe_source, render_pages
from charcot.report.casebook.sight import Eyes, Unseal
from charcot.report.casebook.trail import trail_data
from charcot.report.casebook.words import who_words
from charcot.report.format import format_clinical

__all__ = ["OPEN", "Unseal", "render_casebook"]

OPEN = ("open", "product")
"""Visibility labels of what anybody may see who may see the trial."""

Data = dict[str, Any]


def render_casebook(
    snapshot: Snapshot,
    participant: str,
    *,
    sees: Collection[str] = OPEN,
    unseal: Unseal | None = None,
    language: str = "en",
) -> bytes:
    """The casebook as PDF; the same entries give the same bytes, on any day. Raises BadValue where there is no such participant.

    `sees` are the visibility labels of the reader. Personal values are sealed, unless `sees` has `personal` and
    `unseal` can open them.
    """
    found = next((each for each in snapshot.dossiers if each.participant == participant), None)
    if found is None:
        raise BadValue(
            f"There is no participant {participant!r} in this trial.",
            rule="Casebook: one for each participant of the screening log",
            next_step="Give the number as the screening log has it. charcot casebook DIR writes them all.",
            facts={"participant": participant},
        )
    now = snapshot.charter.site_time(datetime.fromisoformat(snapshot.head.recorded_at))
    dossier = open_dossier(snapshot.charter, participant, found.entries, now.date())
    snapshot = replace(snapshot, dossiers=(dossier,), now=now)
    source = CasebookSource(snapshot.now.date(), snapshot.receipt, snapshot.charter.purpose, language)
    eyes = Eyes(snapshot, sees, unseal)
    data: Data = {
        "kind": "filled",
        "title": f"Casebook of {participant}",
        "running": f"Casebook of {participant}",
        **describe_source(snapshot.protocol, source),
        "facts": [{"name": name, "text": text} for name, text in _facts(snapshot, dossier)],
        "legend": _legend(snapshot, dossier, eyes),
        "visits": list(_visits(snapshot, dossier, eyes)),
        "attachments": attachment_data(dossier, eyes),
        "trail": trail_data(dossier.entries, eyes),
    }
    return render_pages(data, source)


def _facts(snapshot: Snapshot, dossier: Dossier) -> Iterator[tuple[str, str]]:
    standing = dossier.standing
    yield "Participant", dossier.participant
    moments = (
        ("Screened", standing.screened.clinical_time if standing.screened else None),
        ("Consented", standing.consented_at.text if standing.consented_at else None),
        ("Enrolled", standing.enrolled_at.text if standing.enrolled_at else None),
        ("Infused", standing.infused_at.text if standing.infused_at else None),
        ("Declined", standing.declined.clinical_time if standing.declined else None),
        ("Lost to follow-up", standing.lost.clinical_time if standing.lost else None),
        ("Died", standing.died_at.text if standing.died_at else None),
    )
    for name, text in moments:
        if text:
            yield name, format_clinical(text)
    for withdrawal in standing.withdrawals:
        yield f"Withdrew from {withdrawal.scope.replace('_', ' ')}", format_clinical(withdrawal.at.text)
    yield "Waivers", ", ".join(standing.waivers) or "none"
    yield "Protocol", f"version {dossier.protocol_version}"
    forms = len(dossier.casebook.forms)
    yield "Record", f"{forms} forms, {len(dossier.entries)} entries"
    pending = sum(query.is_pending for query in dossier.queries)
    if dossier.queries:
        yield "Queries", f"{len(dossier.queries)}, of which {pending} not closed"
    if dossier.locks.whole is not None:
        yield "Locked", who_words(snapshot.protocol, dossier.locks.whole)


def _legend(snapshot: Snapshot, dossier: Dossier, eyes: Eyes) -> Data:
    origins = {
        origin for versions in dossier.casebook.forms.values() for v in versions for origin in v.origins
    }
    return {
        "synthetic": "synthetic" in origins,
        "published": "published" in origins,
        "sees": ", ".join(label.replace("_", " ") for label in sorted(eyes.sees)),
        "opened": eyes.unseal is not None and "personal" in eyes.sees,
    }


def _visits(snapshot: Snapshot, dossier: Dossier, eyes: Eyes) -> Iterator[Data]:
    protocol = dossier.study.protocol
    planned = {visit.encounter.id: visit for visit in snapshot.visits[dossier.participant]}
    for encounter in protocol.encounters:
        visit = planned.get(encounter.id)
        keys = _keys_at(dossier, encounter.id)
        due = visit is not None and visit.status in ("missed", "due", "overdue", "partial")
        open_forms = (
            [(name, name in visit.missed) for name in (*visit.missing, *visit.missed)]
            if visit and (due or keys)
            else []
        )
        if not keys and not open_forms:
            continue
        at = visit.actual.text if visit is not None and visit.actual else ""
        yield {
            "title": encounter.label,
            "when": format_clinical(at) if at else "",
            "window": _window(visit.opens, visit.closes) if visit is not None else "",
            "forms": [form_data(snapshot, dossier, key, eyes) for key in keys]
            + [unfilled_data(dossier, name, encounter.id, missed, eyes) for name, missed in open_forms],
        }
    alone = _keys_at(dossier, "")
    if alone:
        forms = [form_data(snapshot, dossier, key, eyes) for key in alone]
        yield {"title": "At no visit", "when": "", "window": "", "forms": forms}


def _window(opens: Any, closes: Any) -> str:
    if opens is None or closes is None:
        return ""
    return (
        f"planned {format_clinical(opens.date().isoformat())} to {format_clinical(closes.date().isoformat())}"
    )


def _keys_at(dossier: Dossier, encounter: str) -> Sequence[FormKey]:
    """The filled forms at an encounter, in the order of the protocol."""
    protocol = dossier.study.protocol
    listed = [
        name
        for activity in protocol.activities
        if encounter in activity.at
        for name in (*activity.forms, *activity.optional)
    ] or [form.form for form in protocol.forms]
    place = {name: index for index, name in reversed(list(enumerate(listed)))}
    return sorted(
        (key for key in (*dossier.casebook.forms, *dossier.casebook.in_error) if key.encounter == encounter),
        key=lambda key: (place.get(key.form, len(listed)), key.form, key.instance),
    )
