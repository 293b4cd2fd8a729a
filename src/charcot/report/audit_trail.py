"""The audit trail, readable: each entry in words, with what a new version of a form changed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from charcot.ledger import Entry, Kind
from charcot.report.as_typed import AsTyped, list_typed
from charcot.report.oversight_words import OVERSEEN, describe_method, describe_oversight
from charcot.report.product_words import describe_product

SEALED = "(sealed)"


@dataclass(frozen=True)
class Change:
    """One value that a version of a form changed; None where there was, or is, no value."""

    item: str
    before: str | None
    after: str | None
    origin: str | None


@dataclass(frozen=True)
class AuditLine:
    """One entry as an inspector reads it."""

    sequence: int
    recorded_at: str
    clinical_time: str | None
    person: str
    role: str
    participant: str | None
    form: str | None
    what: str
    changes: tuple[Change, ...]
    reason: str | None
    protocol: str | None
    hash: str
    typed: tuple[AsTyped, ...] = ()
    """Values that were typed otherwise than they are kept."""


def list_history(
    entries: Iterable[Entry], *, participant: str | None = None, form: str | None = None
) -> Iterator[AuditLine]:
    """The audit trail in order, of everything, one participant, or one form."""
    newest: dict[tuple[str, str, str, int], Mapping[str, Any]] = {}
    for entry in entries:
        data = entry.data
        changes: tuple[Change, ...] = ()
        if entry.kind is Kind.FORM_RECORDED:
            key = (entry.subject, *_form_key(entry))
            changes = tuple(_changes(newest.get(key, {}), data["values"]))
            newest[key] = data["values"]
        if participant is not None and entry.participant != participant:
            continue
        if form is not None and data.get("form") != form:
            continue
        yield _line(entry, changes)


def describe_alone(entry: Entry, earlier: Iterable[Entry]) -> AuditLine:
    """The line of one entry; of the entries about the same subject, `earlier` holds those that came before it."""
    if entry.kind is not Kind.FORM_RECORDED:
        return _line(entry, ())
    before: Mapping[str, Any] = {}
    if int(entry.data["version"]) > 1:
        key = _form_key(entry)
        versions = (e for e in earlier if e.kind is Kind.FORM_RECORDED and e.sequence < entry.sequence)
        before = next((e.data["values"] for e in reversed(list(versions)) if _form_key(e) == key), {})
    return _line(entry, tuple(_changes(before, entry.data["values"])))


def _form_key(entry: Entry) -> tuple[str, str, int]:
    return entry.data["form"], entry.data["encounter"], int(entry.data["instance"])


def _line(entry: Entry, changes: tuple[Change, ...]) -> AuditLine:
    return AuditLine(
        sequence=entry.sequence,
        recorded_at=entry.recorded_at,
        clinical_time=entry.clinical_time,
        person=entry.actor.person,
        role=entry.actor.role,
        participant=entry.participant,
        form=entry.data.get("form") or None,
        what=describe_entry(entry),
        changes=changes,
        reason=entry.reason,
        protocol=entry.protocol,
        hash=entry.hash,
        typed=list_typed(entry),
    )


def describe_entry(entry: Entry) -> str:
    """One line of words for what happened."""
    data = entry.data
    match entry.kind:
        case Kind.TRIAL_OPENED:
            return f"opened the trial {data['trial']} ({data['purpose']}, {data['clock']} clock)"
        case Kind.PROTOCOL_ACTIVATED:
            return f"activated protocol {data['version']}, in force from {data['effective']}"
        case Kind.APPROVAL_RECORDED:
            document = data["document"].replace("_", " ")
            return f"recorded approval of {document} {data['version']} by {data['committee']} ({data['reference']})"
        case Kind.ROLE_DELEGATED:
            until = f" to {data['until']}" if data["until"] else ""
            where = f", at the site {data['site']} only" if data.get("site") else ""
            return f"delegated the role {data['role']} to {data['person']} from {data['since']}{until}{where}{_signed(data)}"
        case Kind.DELEGATION_ENDED:
            return f"ended the role {data['role']} of {data['person']} on {data['until']}{_signed(data)}"
        case Kind.PARTICIPANT_SCREENED:
            return "entered the participant into the screening log"
        case Kind.FORM_RECORDED:
            return _describe_form(entry)
        case Kind.FORM_MISSED:
            return f"said that {data['form'] or 'the visit'} was missed at {data['encounter']}"
        case Kind.ELIGIBILITY_ASSESSED:
            unmet = [v["criterion"] for v in data["criteria"] if v["verdict"] == "not_met"]
            unknown = [v["criterion"] for v in data["criteria"] if v["verdict"] == "unknown"]
            parts = [f"not met: {', '.join(unmet)}"] * bool(unmet) + [
                f"unknown: {', '.join(unknown)}"
            ] * bool(unknown)
            return "assessed eligibility: " + ("; ".join(parts) or "all criteria met")
        case Kind.WAIVER_GRANTED:
            return f"waived criterion {data['criterion']}"
        case Kind.PARTICIPANT_ENROLLED:
            waived = f", with waivers for {', '.join(data['waived'])}" if data["waived"] else ""
            return f"enrolled the participant in arm {data['arm']}{waived}"
        case Kind.PARTICIPANT_DECLINED:
            return f"recorded that the participant declined (was {data['stage']})"
        case Kind.PARTICIPANT_WITHDREW:
            return f"recorded a withdrawal of consent to {data['scope'].replace('_', ' ')}"
        case Kind.PARTICIPANT_LOST:
            return "recorded that the participant is lost to follow-up"
        case Kind.DEVIATION_REPORTED:
            return f"reported a deviation ({data['category']}, {data['section']}): {data['description']}"
        case Kind.DATA_CUT_MADE:
            signed = data["signature"]
            return (
                f"made the data cut {data['name']} at entry {data['sequence']}: {data['statement']} "
                f"(“{signed['meaning']}”, {signed['person']} as {signed['role']}, {describe_method(signed['method'])})"
            )
        case Kind.CLAIMS_ADOPTED:
            return f"adopted {data['claims']} claims of {data['publication']} (SHA-256 {data['fingerprint'][:16]}…)"
        case kind if kind in OVERSEEN:
            return describe_oversight(entry)
        case _:
            return describe_product(entry)


def _signed(data: Mapping[str, Any]) -> str:
    signed = data.get("signature")
    return f" ({describe_method(signed['method'])})" if signed else ""


def _describe_form(entry: Entry) -> str:
    data = entry.data
    where = f" at {data['encounter']}" if data["encounter"] else ""
    which = f" no. {data['instance']}" if int(data["instance"]) > 1 else ""
    verb = {"record": "recorded", "correct": "corrected"}.get(entry.verb, f"{entry.verb.replace('_', ' ')}:")
    failed = data["checks"]["failed"]
    checks = f"; {len(failed)} check{'s' if len(failed) > 1 else ''} failed" if failed else ""
    return f"{verb} {data['form']}{which}{where}, version {data['version']}{checks}"


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for item in (*after, *(i for i in before if i not in after)):
        old, new = _shown(before.get(item)), _shown(after.get(item))
        sealed_anew = before.get(item, {}).get("sealed") != after.get(item, {}).get("sealed")
        if old != new or (item in before and item in after and sealed_anew):
            yield Change(item, old, new, after[item]["origin"] if item in after else None)


def _shown(value: Mapping[str, Any] | None) -> str | None:
    if value is None:
        return None
    if "sealed" in value:
        return SEALED
    if "absent" in value:
        return f"({value['absent'].replace('_', ' ')}: {value.get('why')})"
    return str(value["value"])
