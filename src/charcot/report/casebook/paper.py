"""The casebook of a protocol version on paper: blank to be filled by hand, or annotated with the names of items."""

from collections.abc import Sequence
from typing import Any, Literal

from charcot.protocol import Form, Protocol
from charcot.report.casebook.pages import CasebookSource, describe_source, render_pages
from charcot.report.casebook.questions import lay_out_questions

PaperKind = Literal["blank", "annotated"]
Data = dict[str, Any]

GUIDANCE = (
    " needed. Without a value, write ND (not done), UK (unknown) or NA (not applicable), and why. "
    "Correct with one line through it, date and initials."
)
"""What stands at the foot of each page that is filled by hand."""

SUBJECTS = {"donor": "Donor", "lot": "Lot"}


def render_paper_casebook(protocol: Protocol, kind: PaperKind, source: CasebookSource) -> bytes:
    """Every form of a protocol version in the order of the schedule, each on a page of its own, as PDF."""
    title = {"blank": "Casebook, blank", "annotated": "Casebook, annotated"}[kind]
    data: Data = {
        "kind": kind,
        "title": title,
        "running": f"{title} · protocol {protocol.version.number}",
        **describe_source(protocol, source),
        **({"band": "demo: not a trial"} if source.purpose == "demo" else {}),
        "facts": [
            {"name": "Sponsor", "text": protocol.trial.sponsor},
            *({"name": found.scheme, "text": found.id} for found in protocol.trial.identifiers),
            {"name": "Protocol", "text": f"version {protocol.version.number}: {protocol.version.summary}"},
            {"name": "Forms", "text": _count(protocol)},
        ],
        "guidance": GUIDANCE,
        "schedule": _schedule(protocol),
        "groups": [
            {"title": title, "forms": [_form(protocol, form) for form in forms]}
            for title, forms in group_forms(protocol)
        ],
    }
    return render_pages(data, source)


def group_forms(protocol: Protocol) -> list[tuple[str, list[Form]]]:
    """Every form once, under the first encounter at which it is filled, then those that need none, then of donor and lot."""
    groups: list[tuple[str, list[Form]]] = []
    about = [form for form in protocol.forms if form.subject == "participant"]
    placed: set[str] = set()
    first = [form for form in about if form.plays == "consent" and not protocol.encounters_of(form.form)]
    groups.append(("Before the first visit", first))
    placed |= {form.form for form in first}
    for encounter in protocol.encounters:
        names = [
            name
            for activity in protocol.activities
            if encounter.id in activity.at
            for name in (*activity.forms, *activity.optional)
            if name not in placed
        ]
        found = [protocol.forms_by_id[name] for name in dict.fromkeys(names)]
        groups.append((encounter.label, found))
        placed |= {form.form for form in found}
    groups.append(("At any time", [form for form in about if form.form not in placed]))
    for subject, title in SUBJECTS.items():
        groups.append((title, [form for form in protocol.forms if form.subject == subject]))
    return [(title, forms) for title, forms in groups if forms]


def _count(protocol: Protocol) -> str:
    questions = sum(len(form.items) for form in protocol.forms)
    return f"{len(protocol.forms)} forms with {questions} questions"


def _schedule(protocol: Protocol) -> Data:
    """Which form is filled when: `due` at each such visit, `may` where it applies."""
    groups = group_forms(protocol)
    rows = []
    for form in (form for _title, forms in groups for form in forms if form.subject == "participant"):
        marks = [_mark(protocol, form.form, encounter.id) for encounter in protocol.encounters]
        if not any(marks):
            marks = []
        rows.append({"form": form.title, "marks": marks, "repeating": form.repeating})
    return {"visits": [encounter.label for encounter in protocol.encounters], "rows": rows}


def _mark(protocol: Protocol, form: str, encounter: str) -> str:
    if form in protocol.forms_at(encounter):
        return "due"
    return "may" if encounter in protocol.encounters_of(form) else ""


def _form(protocol: Protocol, form: Form) -> Data:
    visits = [protocol.encounters_by_id[name].label for name in protocol.encounters_of(form.form)]
    return {
        "id": form.form,
        "title": form.title,
        "about": "Participant" if form.subject == "participant" else SUBJECTS[form.subject],
        "domain": form.domain or "",
        "section": form.section or "",
        "instructions": form.instructions or "",
        "visits": visits,
        "repeating": form.repeating,
        "dated": form.plays is None or form.plays in ("function", "lung_function", "laboratory"),
        "traits": _traits(form),
        "blocks": lay_out_questions(protocol, form),
        "checks": [
            {
                "id": check.id,
                "severity": check.severity,
                "rule": " ".join(check.rule.split()),
                "message": check.message,
            }
            for check in form.checks
        ],
    }


def _traits(form: Form) -> Sequence[str]:
    traits = [f"form {form.form}"]
    if form.plays:
        traits.append(f"plays {form.plays.replace('_', ' ')}")
    if form.repeating:
        traits.append("repeating")
    if form.visibility != "open":
        traits.append(f"visibility {form.visibility.replace('_', ' ')}")
    return traits
