"""Queries by edit checks: asked when a check does not hold, closed with a trace when it holds again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from charcot.clinical_time import ClinicalTime
from charcot.ledger import Actor, Draft, Kind, Value, participant_subject
from charcot.participants import Dossier, FormKey, FormVersion, Query
from charcot.protocol import EditCheck, Reference, Study
from charcot.safety.reconciliation import is_reconciliation
from charcot.visits import FailedCheck, judge_checks, judge_values, list_own_checks

PERSON = "participant"
"""The pseudo form whose items are the dates of the course."""
_CHANGES_FORM = (Kind.FORM_RECORDED, Kind.ENTERED_IN_ERROR, Kind.REINSTATED)


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
    for key, checks in _touched(before, after, drafts).items():
        version = after.casebook.latest(key)
        if version is not None and key not in judged:
            judged[key] = _judge(after, version, checks)
    asked = {(q.key, q.check): q for q in before.queries if q.check is not None and not is_reconciliation(q)}
    number = len(before.queries)
    questions = []
    for key, found in judged.items():
        for failed in found.failed.values():
            if failed.severity == "query" and _is_new(asked.get((key, failed.check)), failed):
                number += 1
                version = after.casebook.latest(key)
                said = _question(number, key, version.version if version else 0, failed)
                questions.append(draft_query(after, actor, verb, Kind.QUERY_OPENED, said))
    for (key, check), query in asked.items():
        if not query.is_pending:
            continue
        why = None
        if key in gone:
            why = "the form was entered in error"
        elif key in judged and check in judged[key].holding:
            why = f"the check holds since {_since(key, drafts)}"
        if why is not None:
            said = {"query": query.id, **key.as_data(), "item": query.item, "by": "check", "check": check}
            questions.append(draft_query(after, actor, verb, Kind.QUERY_CLOSED, said, why))
    return questions


def _since(key: FormKey, drafts: Sequence[Draft]) -> str:
    """What made a check on a form hold again."""
    saved = {FormKey.of(d.data): d.data["version"] for d in drafts if d.kind in _CHANGES_FORM}
    if key in saved:
        return f"version {saved[key]}"
    return (
        ", ".join(f"version {version} of {other}" for other, version in saved.items()) or "the course changed"
    )


@dataclass(frozen=True)
class _Looking:
    """An edit check, and what it looks at on another form, or on another filling of its own."""

    form: str
    check: EditCheck
    references: tuple[Reference, ...]
    rows: bool


@lru_cache(maxsize=16)
def _looking_at(rules: "_ById") -> Mapping[str, tuple[_Looking, ...]]:
    """Of each form, the checks that look at it from elsewhere."""
    study = rules.study
    found: dict[str, list[_Looking]] = {}
    for form in study.protocol.forms:
        for check in form.checks:
            if check.severity != "query":
                continue
            rule = study.rules.rule(check.rule, form.form)
            seen = [r for r in rule.references.values() if r.form != form.form or r.encounter is not None]
            rows = {call.form for call in rule.steps.row_calls}
            for name in sorted({r.form for r in seen} | rows):
                named = tuple(r for r in seen if r.form == name)
                found.setdefault(name, []).append(_Looking(form.form, check, named, name in rows))
    return {name: tuple(looking) for name, looking in found.items()}


@dataclass(frozen=True)
class _ById:
    """A study as a key: by its fingerprint alone."""

    fingerprint: str
    study: Study

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and other.fingerprint == self.fingerprint


def _touched(
    before: Dossier, after: Dossier, drafts: Sequence[Draft]
) -> Mapping[FormKey, tuple[EditCheck, ...]]:
    """The other forms whose checks have to be judged again, with these checks."""
    looking_at = _looking_at(_ById(after.study.fingerprint, after.study))
    found: dict[FormKey, dict[str, EditCheck]] = {}
    saved = {FormKey.of(draft.data) for draft in drafts if draft.kind in _CHANGES_FORM}
    for key in sorted(saved):
        changed = _changed_items(before.casebook.latest(key), after.casebook.latest(key))
        for looking in looking_at.get(key.form, ()):
            items = [r for r in looking.references if changed is None or r.item in changed]
            for other in after.casebook.keys_of(looking.form):
                if looking.rows or any(_may_see(other, r, key) for r in items):
                    found.setdefault(other, {})[looking.check.id] = looking.check
    if _dates(before) != _dates(after):
        for looking in looking_at.get(PERSON, ()):
            for other in after.casebook.keys_of(looking.form):
                found.setdefault(other, {})[looking.check.id] = looking.check
    return {key: tuple(checks.values()) for key, checks in sorted(found.items())}


def _changed_items(before: FormVersion | None, after: FormVersion | None) -> set[str] | None:
    """The items of a form whose text changed; None where all may have: the form came, went or moved."""
    if before is None or after is None or before.clinical_time != after.clinical_time:
        return None
    items = {*before.values, *after.values}
    return {item for item in items if before.text(item) != after.text(item)}


def _may_see(other: FormKey, reference: Reference, saved: FormKey) -> bool:
    """Whether a rule on `other` may mean the form `saved` by a reference; itself it is not."""
    if other == saved:
        return False
    return reference.encounter in (None, saved.encounter)


def _dates(dossier: Dossier) -> tuple[ClinicalTime | None, ...]:
    standing = dossier.standing
    return standing.consented_at, standing.enrolled_at, standing.infused_at, standing.died_at


def _as_saved(study: Study, draft: Draft) -> _Judged:
    """What the checks came to while the form was saved, when the personal values were open."""
    form = study.protocol.forms_by_id.get(draft.data["form"])
    if form is None:
        return _Judged({}, frozenset())
    checks = draft.data["checks"]
    failed = {
        c["check"]: FailedCheck(c["check"], c["severity"], c["message"], tuple(c["items"]), c["used"])
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
    failed = {check.check: check for check in found}
    return _Judged(failed, frozenset(asked - set(failed) - set(unknown)))


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


def draft_query(
    dossier: Dossier, actor: Actor, verb: str, kind: Kind, data: Mapping[str, Any], reason: str | None = None
) -> Draft:
    """A draft about a query of a participant."""
    subject = participant_subject(dossier.participant)
    return Draft(kind, subject, verb, actor, data, reason=reason, protocol=dossier.protocol_version)
