"""Approvals of documents by ethics committees and authorities, with the days on which they hold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from charcot.ledger import Entry, Kind
from charcot.refusal import Refusal


class NotApproved(Refusal):
    """A document was to be used on a day on which no committee approved it."""


@dataclass(frozen=True)
class DocumentApproval:
    """One version of one document, approved from a day on, and until a day where the approval ends."""

    document: str
    version: str
    committee: str
    reference: str
    approved_on: date
    expires_on: date | None
    entry: int

    def holds_on(self, day: date) -> bool:
        """Whether the document may be used on `day`."""
        return self.approved_on <= day and (self.expires_on is None or day <= self.expires_on)


def fold_approvals(entries: Iterable[Entry]) -> tuple[DocumentApproval, ...]:
    """All approvals in the trial's own entries."""
    return tuple(
        DocumentApproval(
            document=entry.data["document"],
            version=entry.data["version"],
            committee=entry.data["committee"],
            reference=entry.data["reference"],
            approved_on=date.fromisoformat(entry.data["approved_on"]),
            expires_on=None
            if entry.data["expires_on"] is None
            else date.fromisoformat(entry.data["expires_on"]),
            entry=entry.sequence,
        )
        for entry in entries
        if entry.kind is Kind.APPROVAL_RECORDED
    )


def require_approved(
    approvals: Sequence[DocumentApproval], document: str, version: str, day: date
) -> DocumentApproval:
    """The approval under which a version may be used on `day`; raises NotApproved."""
    of_document = [approval for approval in approvals if approval.document == document]
    for approval in of_document:
        if approval.version == version and approval.holds_on(day):
            return approval
    known = "; ".join(
        f"version {a.version} from {a.approved_on}" + (f" to {a.expires_on}" if a.expires_on else "")
        for a in of_document
    )
    name = document.replace("_", " ")
    raise NotApproved(
        f"Version {version} of the {name} was not approved on {day}.",
        rule=f"Approvals: a {name} is used only while a committee's approval of that version holds",
        next_step=f"Approved: {known}. Use one of these, or record the missing approval first."
        if known
        else "Record the committee's approval first.",
        facts={"document": document, "version": version, "day": str(day)},
    )
