"""Attach a file to a form, or withdraw one; the record holds its SHA-256, the file itself is kept by wiring."""

import re

from charcot.conduct.form_entry import require_form
from charcot.conduct.trial import (
    ParticipantSituation,
    Trial,
    act_on_participant,
    draft_about,
    require_reason,
    require_text,
)
from charcot.ledger import Actor, Draft, Entry, Kind, participant_subject, seal
from charcot.participants import FormKey
from charcot.refusal import BadValue, OutOfOrder

SEALED_NAME = "attachment"
"""The item under which the name of a personal file is sealed."""
LONGEST_NAME = 255


def attach(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    form: str,
    name: str,
    media_type: str,
    size: int,
    sha256: str,
    encounter: str = "",
    instance: int = 1,
    item: str = "",
    personal: bool = False,
) -> tuple[Entry, ...]:
    """Enters that a file belongs to a form. `size` [bytes] and `sha256` are those of the bytes as they are kept.

    A `personal` file is kept as ciphertext under the person's key, and its name is sealed in the entry.
    """
    key = FormKey(form, encounter, instance)

    def judge(situation: ParticipantSituation) -> list[Draft]:
        definition = require_form(situation, key)
        if item and definition.item(item) is None:
            raise BadValue(
                f"{definition.title} has no field {item!r}.",
                rule=f"Form {form!r}",
                next_step="Choose a field of the form, or attach the file to the whole form.",
                facts={"form": form, "item": item},
            )
        _require_file(name, media_type, size, sha256)
        data = {
            "attachment": f"a{len(situation.dossier.attachments) + 1}",
            **key.as_data(),
            "item": item,
            "media_type": media_type,
            "size": size,
            "sha256": sha256,
            **_named(trial, participant, name, personal),
        }
        return [draft_about(situation, actor, "attach", Kind.FILE_ATTACHED, data=data)]

    return act_on_participant(trial, actor, "attach", participant, judge)


def withdraw_attachment(
    trial: Trial, actor: Actor, *, participant: str, attachment: str, reason: str
) -> tuple[Entry, ...]:
    """Says that a file does not belong there; it is kept, and the reason with it."""

    def judge(situation: ParticipantSituation) -> list[Draft]:
        why = require_reason(reason, "Attachments: a file is withdrawn for a stated reason")
        found = next((a for a in situation.dossier.attachments if a.id == attachment), None)
        if found is None or found.withdrawn is not None:
            raise OutOfOrder(
                f"The file {attachment} was withdrawn already."
                if found
                else f"There is no file {attachment}.",
                rule="Attachments: what was attached can be withdrawn",
                next_step="Look at the files of the form.",
                facts={"attachment": attachment},
            )
        data = {"attachment": attachment, **found.key.as_data(), "item": found.item}
        return [
            draft_about(situation, actor, "withdraw_attachment", Kind.FILE_WITHDRAWN, data=data, reason=why)
        ]

    return act_on_participant(trial, actor, "withdraw_attachment", participant, judge)


def _require_file(name: str, media_type: str, size: int, sha256: str) -> None:
    require_text(name, "name of the file")
    if len(name) > LONGEST_NAME or any(ord(c) < 32 or c in "/\\" for c in name):
        raise BadValue(
            "The file has a name that cannot be kept.",
            rule=f"Attachments: at most {LONGEST_NAME} characters, no slash and no control character",
            next_step="Give the file a plain name.",
        )
    if (
        not re.fullmatch(r"[0-9a-f]{64}", sha256)
        or size < 0
        or not re.fullmatch(r"[\w.+-]+/[\w.+-]+", media_type)
    ):
        raise BadValue(
            "The file is not described as it should be.",
            rule="Attachments: media type, size in bytes, SHA-256 in 64 hexadecimal digits",
            next_step="Upload the file again.",
            facts={"media_type": media_type, "size": size},
        )


def _named(trial: Trial, participant: str, name: str, personal: bool) -> dict[str, str]:
    if not personal:
        return {"name": name}
    subject = participant_subject(participant)
    key = trial.vault.key_of(subject, create=True)
    if key is None:
        raise OutOfOrder(
            "The identity of this participant was erased.",
            rule="Privacy: an erased identity is never entered again",
            next_step="Do not attach personal files.",
            facts={"participant": participant},
        )
    return {"sealed_name": seal(name, key=key, subject=subject, item=SEALED_NAME)}
