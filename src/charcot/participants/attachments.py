"""Attachments: files that belong to forms, known by their SHA-256; a fold of entries."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from charcot.ledger import Entry, Kind
from charcot.participants.casebook import FormKey


@dataclass(frozen=True)
class Attachment:
    """One file. `size` [bytes] and `sha256` are those of the bytes as they are kept: of a personal file, of its ciphertext.

    `name` is the file's name, or None where it is `sealed` under the person's key.
    """

    id: str
    key: FormKey
    item: str
    name: str | None
    sealed: str | None
    media_type: str
    size: int
    sha256: str
    entry: Entry
    withdrawn: Entry | None = None

    @property
    def is_personal(self) -> bool:
        """Whether the file and its name are sealed under the person's key."""
        return self.sealed is not None


def fold_attachments(entries: Iterable[Entry]) -> tuple[Attachment, ...]:
    """Every file that was attached, withdrawn ones too."""
    found: dict[str, Attachment] = {}
    for entry in entries:
        data = entry.data
        if entry.kind is Kind.FILE_ATTACHED:
            found[data["attachment"]] = Attachment(
                data["attachment"],
                FormKey.of(data),
                data["item"],
                data.get("name"),
                data.get("sealed_name"),
                data["media_type"],
                int(data["size"]),
                data["sha256"],
                entry,
            )
        elif entry.kind is Kind.FILE_WITHDRAWN:
            found[data["attachment"]] = replace(found[data["attachment"]], withdrawn=entry)
    return tuple(found.values())
