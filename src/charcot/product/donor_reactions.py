"""Reactions of donors to giving tissue: what happened, how it was followed, and whether it has an outcome."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from charcot.ledger import Entry, Kind, name_in
from charcot.product.standing import Annulled, list_annulled, standing_entries

SEVERITIES = ("mild", "moderate", "severe")
OUTCOMES = ("ongoing", "unknown", "recovered", "lasting", "fatal")
OUTCOMES_LATER = (*OUTCOMES, "lost")
"""What a follow-up may find; `lost`: the donor cannot be reached any more, and it is said how that was tried."""
RESOLVED = frozenset({"recovered", "lasting", "fatal", "lost"})
"""The outcomes with which following ends."""
REACTION_KINDS = (Kind.DONOR_REACTION, Kind.DONOR_REACTION_FOLLOWED, Kind.PRODUCT_ENTRY_ANNULLED)


@dataclass(frozen=True)
class DonorReaction:
    """A reaction as its report and its follow-ups say."""

    id: str
    donor: str
    reported: Entry
    followed: tuple[Entry, ...]

    @property
    def last(self) -> Entry:
        """What was said last."""
        return self.followed[-1] if self.followed else self.reported

    @property
    def severity(self) -> str:
        """mild, moderate or severe, as it was said last."""
        return str(self.last.data["severity"])

    @property
    def outcome(self) -> str:
        """One of OUTCOMES_LATER, as it was said last."""
        return str(self.last.data["outcome"])

    @property
    def resolved(self) -> Entry | None:
        """The entry that states the outcome, by whom and as of which day; None while the reaction is open."""
        return self.last if self.outcome in RESOLVED else None


def reaction_id(entry: Entry) -> str:
    """The id of a reaction that was reported; those of earlier releases carry the number of their entry."""
    return str(entry.data.get("id") or f"r{entry.sequence}")


def fold_reactions(entries: Sequence[Entry]) -> tuple[DonorReaction, ...]:
    """The reactions in these entries, which may be those of one donor or of all, as they were reported."""
    standing = standing_entries(entries)
    followed = [e for e in standing if e.kind is Kind.DONOR_REACTION_FOLLOWED]
    return tuple(
        DonorReaction(
            reaction_id(entry),
            name_in(entry.subject, "donor") or "",
            entry,
            tuple(e for e in followed if (e.subject, e.data["id"]) == (entry.subject, reaction_id(entry))),
        )
        for entry in standing
        if entry.kind is Kind.DONOR_REACTION
    )


def list_open_reactions(entries: Iterable[Entry]) -> tuple[DonorReaction, ...]:
    """Reactions without outcome, the severe ones first, then the oldest."""
    open_ones = [one for one in fold_reactions(tuple(entries)) if one.resolved is None]
    return tuple(sorted(open_ones, key=lambda one: (-SEVERITIES.index(one.severity), one.reported.sequence)))


def list_annulled_reactions(entries: Sequence[Entry]) -> tuple[Annulled, ...]:
    """Reports and follow-ups that were entered in error."""
    return tuple(one for one in list_annulled(entries) if one.entry.kind in REACTION_KINDS)
