"""What the protocol's sampling plan asks to be compared with its source."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from charcot.participants.casebook import FormKey, FormVersion
from charcot.participants.dossier import Dossier
from charcot.participants.verification import VerificationStatus, items_on
from charcot.protocol import Study, evaluate_rule


@dataclass(frozen=True)
class VerificationDue:
    """A form that the plan chose: the items to compare, why it was chosen, and how its verification stands."""

    participant: str
    version: FormVersion
    items: tuple[str, ...]
    why: str
    status: VerificationStatus


def list_verification(dossier: Dossier) -> tuple[VerificationDue, ...]:
    """Every form of a participant that is to be verified, done or not, in the order of entry."""
    versions = sorted((v[-1] for v in dossier.casebook.forms.values()), key=lambda v: v.entry.sequence)
    return tuple(due for version in versions if (due := due_of(dossier, version)) is not None)


def due_of(dossier: Dossier, version: FormVersion) -> VerificationDue | None:
    """What is to be verified of one form; None where the plan did not choose it, or nobody who verifies sees any of it."""
    items = tuple(item for item in items_on(version) if _is_seen(dossier.study, version.key.form, item))
    if not items:
        return None
    why = "sampled"
    if not is_sampled(dossier.study, dossier.participant, version.key):
        wanted = list(_in_full(dossier, version))
        if not wanted:
            return None
        named = {item for items_of in wanted for item in (items_of or items)}
        items = tuple(item for item in items if item in named)
        if not items:
            return None
        why = "always"
    elif any(not items_of for items_of in _in_full(dossier, version)):
        why = "always"
    status = dossier.verification.of(version.key).status(items)
    return VerificationDue(dossier.participant, version, items, why, status)


def _is_seen(study: Study, form_id: str, item_id: str) -> bool:
    """Whether a role that verifies sees an item: what is sealed or concealed from all of them cannot be compared."""
    form = study.protocol.forms_by_id.get(form_id)
    item = form.item(item_id) if form is not None else None
    if form is None or item is None:
        return True
    labels = form.labels_of(item)
    return any("verify" in role.may and labels <= set(role.sees) for role in study.protocol.roles)


def is_sampled(study: Study, participant: str, key: FormKey) -> bool:
    """Whether a form falls into the sample; the same for ever, by a hash of participant and form."""
    text = f"{participant}/{key.form}/{key.encounter}/{key.instance}"
    return (
        int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
        < study.protocol.verification.sample * 2**64 // 100
    )


def _in_full(dossier: Dossier, version: FormVersion) -> Iterator[tuple[str, ...]]:
    """The items that are verified for everybody, each time the plan names the form; none means all."""
    for full in dossier.study.protocol.verification.full:
        if full.form != version.key.form:
            continue
        if full.where is not None:
            rule = dossier.study.rules.rule(full.where, full.form, "truth")
            facts = dossier.facts(version.clinical_time, version.key, version.values)
            if evaluate_rule(rule, facts).value is not True:
                continue
        yield full.items
