"""The audit trail of one participant as an appendix of their casebook: who did what, when, and why."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from charcot.ledger import Entry, Kind
from charcot.report.audit_trail import AuditLine, Change, list_history
from charcot.report.casebook.sight import CONCEALED, Eyes, veil_of
from charcot.report.casebook.words import moment_words, recorded_words, role_words

Data = dict[str, Any]


def trail_data(entries: Sequence[Entry], eyes: Eyes) -> list[Data]:
    """A line for each entry; what a correction changed, without the values that are not shown."""
    hidden = {
        entry.data["query"]
        for entry in entries
        if entry.kind is Kind.QUERY_OPENED and eyes.conceals(entry.data)
    }
    return [
        {
            "entry": line.sequence,
            "recorded": recorded_words(line.recorded_at),
            "person": line.person,
            "role": role_words(eyes.snapshot.protocol, line.role),
            "what": _what(entry, line, eyes, hidden),
            "happened": _happened(entry),
            "changes": [_change(line.form or "", change, eyes) for change in line.changes]
            if line.changes and int(entry.data.get("version", 1)) > 1
            else [],
            "reason": line.reason or "",
            "hash": line.hash[:16],
        }
        for entry, line in zip(entries, list_history(entries), strict=True)
    ]


def _happened(entry: Entry) -> str:
    """When it happened, and how that was typed where it is kept otherwise."""
    if entry.clinical_time is None:
        return ""
    typed = entry.typed.get("clinical_time")
    return moment_words(entry.clinical_time) + (f" (typed as {typed})" if typed else "")


def _what(entry: Entry, line: AuditLine, eyes: Eyes, hidden: Collection[str]) -> str:
    """What happened, with form and encounter under their names."""
    words = line.what
    for said in ("text", "name"):
        if said in entry.data and (
            entry.data.get("query") in hidden or ("form" in entry.data and eyes.conceals(entry.data))
        ):
            words = words.replace(str(entry.data[said]), CONCEALED)
    form = eyes.form(line.form or "")
    if form is not None:
        words = re.sub(rf"(?<= ){re.escape(form.form)}(?=[ ,])", lambda _: form.title, words, count=1)
    name = entry.data.get("encounter")
    encounter = eyes.snapshot.protocol.encounters_by_id.get(name or "")
    return words.replace(f"at {name}", f"at {encounter.label}", 1) if encounter else words


def _change(form: str, change: Change, eyes: Eyes) -> Data:
    found = eyes.form(form)
    veil = veil_of(found, found.item(change.item) if found else None, eyes.sees)
    before, after = (None if text is None else veil or text for text in (change.before, change.after))
    return {"label": eyes.label(form, change.item), "before": before or "–", "after": after or "–"}
