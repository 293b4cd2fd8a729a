"""Queries by edit checks: asked when a check does not hold, closed with a trace when it holds again."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from charcot.ledger import Actor, Draft, Kind, Value, participant_subject
from charcot.participants import Dossier, FormKey, FormVersion, Query
from charcot.protocol import EditCheck, Form, Rule, Study
from charcot.visits import FailedCheck, is_personal, judge_checks, judge_values, list_own_checks

PERSON = "participant"
"""The pseudo form whose items are the dates of the course."""
_DATED_BY = ("consent", "infusion", "death")
_ROW = re.compile(r"(\w+)\[\d+\]\.(\w+)")


@dataclass(frozen=True)
class _Judged:
    """What the checks of one form came to: those that failed, and those that are known to hold."""

    failed: Mapping[str, FailedCheck]
    holding: frozenset[str]


def draft_questions(
    before: Dossier, after: Dossier, drafts: Sequence[Draft], actor: Actor, verb: str
) -> list[Draft]:
    """The queries that an act opens and closes, on the forms that it changes and on those whose checks refer to them."""
    gone = {FormKey.of(draft.data) for draft in drafts if draft.kind is Kind.ENTERED_IN_ERROR}
    judged = {}
    for draft in drafts:
        if draft.kind is Kind.FORM_RECORDED:
            judged[FormKey.of(draft.data)] = _as_saved(after.study, draft)
        elif draft.kind is Kind.REINSTATED:
            version = after.casebook.latest(FormKey.of(draft.data))
            if version is not None:
                judged[version.key] = _judge(after, version, None)
    for key, checks in _touched(after, drafts):
        version = after.casebook.latest(key)
        if version is not None and key not in judged:
            judged[key] = _judge(after, version, checks)
    asked = {(q.key, q.check): q for q in before.queries if q.check is not None}
    number = len(before.queries)
    questions = []
    for key, found in judged.items():
        for failed in found.failed.values():
            if failed.severity == "query" and _is_new(asked.get((key, failed.check)), failed):
                number += 1
                version = after.casebook.latest(key)
                said = _question(number, key, version.version if version else 0, failed)
                questions.append(_draft(after, actor, verb, Kind.QUERY_OPENED, said))
    for (key, check), query in asked.items():
        if not query.is_pending:
            continue
        why = None
        if key in gone:
            why = "the form was entered in error"
        elif key in judged and check in judged[key].holding:
            version = after.casebook.latest(key)
            why = f"the check holds since version {version.version if version else 0}"
        if why is not None:
            said = {"query": query.id, **key.as_data(), "item": query.item, "by": "check", "check": check}
            questions.append(_draft(after, actor, verb, Kind.QUERY_CLOSED, said, why))
    return questions


@lru_cache(maxsize=16)
def _referring(rules: "_ById") -> Mapping[str, Mapping[str, tuple[EditCheck, ...]]]:
    """Of each form, the checks of forms (itself too) that look at another filling of it."""
    study = rules.study
    found: dict[str, dict[str, list[EditCheck]]] = {}
    for form in study.protocol.forms:
        for check in form.checks:
            if check.severity == "query":
                for looked_at in _looks_at(study.rules.rule(check.rule, form.form), form):
                    found.setdefault(looked_at, {}).setdefault(form.form, []).append(check)
    return {one: {form: tuple(checks) for form, checks in forms.items()} for one, forms in found.items()}


@dataclass(frozen=True)
class _ById:
    """A study as a key: by its fingerprint alone."""

    fingerprint: str
    study: Study

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and other.fingerprint == self.fingerprint


def _looks_at(rule: Rule, form: Form) -> set[str]:
    referred = {r.form for r in rule.references.values() if r.form != form.form or r.encounter is not None}
    return referred | {call.form for call in rule.steps.row_calls}


def _touched(after: Dossier, drafts: Sequence[Draft]) -> Iterator[tuple[FormKey, tuple[EditCheck, ...]]]:
    """The other forms whose checks have to be judged again, with these checks."""
    forms = after.study.protocol.forms_by_id
    changed = {d.data["form"] for d in drafts if d.kind is not Kind.PARTICIPANT_ENROLLED and "form" in d.data}
    if any(d.kind is Kind.PARTICIPANT_ENROLLED for d in drafts) or any(
        name in forms and forms[name].plays in _DATED_BY for name in changed
    ):
        changed.add(PERSON)
    referring = _referring(_ById(after.study.fingerprint, after.study))
    wanted: dict[str, dict[str, EditCheck]] = {}
    for name in changed:
        for form, checks in referring.get(name, {}).items():
            wanted.setdefault(form, {}).update({check.id: check for check in checks})
    for key in sorted(after.casebook.forms):
        if key.form in wanted:
            yield key, tuple(wanted[key.form].values())


def _as_saved(study: Study, draft: Draft) -> _Judged:
    """What the checks came to while the form was saved, when the personal values were open."""
    form = study.protocol.forms_by_id.get(draft.data["form"])
    if form is None:
        return _Judged({}, frozenset())
    checks = draft.data["checks"]
    failed = {
        c["check"]: FailedCheck(
            c["check"], c["severity"], c["message"], tuple(c["items"]), _open(study, form, c)
        )
        for c in checks["failed"]
    }
    values = {item: Value.from_data(data) for item, data in draft.data["values"].items()}
    asked = {check.id for check in form.checks} | list_own_checks(form, values)
    return _Judged(failed, frozenset(asked - set(failed) - set(checks["unknown"])))


def _judge(after: Dossier, version: FormVersion, checks: tuple[EditCheck, ...] | None) -> _Judged:
    """What `checks` of a form come to now; without them, all of its checks."""
    form = after.study.protocol.forms_by_id.get(version.key.form)
    if form is None:
        return _Judged({}, frozenset())
    facts = after.facts(version.clinical_time, version.key, version.values)
    if checks is None:
        found, unknown = judge_values(after.study, form, version.values, facts)
        asked = {check.id for check in form.checks} | list_own_checks(form, version.values)
    else:
        found, unknown = judge_checks(after.study, form, checks, facts)
        asked = {check.id for check in checks}
    failed = {
        c.check: FailedCheck(c.check, c.severity, c.message, c.items, _open(after.study, form, c.as_data()))
        for c in found
    }
    return _Judged(failed, frozenset(asked - set(failed) - set(unknown)))


def _open(study: Study, form: Form, check: Mapping[str, Any]) -> dict[str, str | None]:
    """The values that a check saw, without those that identify a person."""
    definition = next((c for c in form.checks if c.id == check["check"]), None)
    references = study.rules.rule(definition.rule, form.form).references if definition else {}

    def personal(name: str) -> bool:
        row = _ROW.fullmatch(name)
        reference = references.get(name)
        place = (
            (row[1], row[2]) if row else (reference.form, reference.item) if reference else (form.form, name)
        )
        of = study.protocol.forms_by_id.get(place[0])
        item = of.item(place[1]) if of else None
        return of is not None and item is not None and is_personal(of, item)

    return {name: text for name, text in check["used"].items() if not personal(name)}


def _is_new(last: Query | None, failed: FailedCheck) -> bool:
    """Whether a failed check asks anew: not while its query is pending, nor where a person closed it on the same values."""
    if last is None:
        return True
    if last.is_pending:
        return False
    return last.last.data["by"] == "check" or dict(last.used) != dict(failed.used)


def _question(number: int, key: FormKey, version: int, failed: FailedCheck) -> dict[str, Any]:
    return {
        "query": f"q{number}",
        **key.as_data(),
        "item": failed.items[0] if failed.items else "",
        "version": version,
        "by": "check",
        "check": failed.check,
        "text": failed.message,
        "used": dict(failed.used),
    }


def _draft(
    dossier: Dossier, actor: Actor, verb: str, kind: Kind, data: Mapping[str, Any], reason: str | None = None
) -> Draft:
    subject = participant_subject(dossier.participant)
    return Draft(kind, subject, verb, actor, data, reason=reason, protocol=dossier.protocol_version)
