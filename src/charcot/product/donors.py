"""Donors: who gives tissue, what was asked and tested, what was decided; and what speaks against a donor."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from charcot.clinical_time import ClinicalTime
from charcot.ledger import Entry, Kind
from charcot.product.donor_reactions import DonorReaction, fold_reactions, list_annulled_reactions
from charcot.product.standing import Annulled
from charcot.protocol.manufacture import DonorPlan

DECISIONS = ("eligible", "ineligible", "exception")
DONOR_RESULTS = ("negative", "positive", "indeterminate", "not_done")
DEGREES = {
    "child": 1,
    "sibling": 1,
    "parent": 1,
    "nephew_niece": 2,
    "grandchild": 2,
    "cousin": 3,
    "other": 9,
    "none": 9,
}
"""Degree of blood relation as 21 CFR 1271.3(l) counts: first parents, children, siblings; second grandchildren, nephews."""


@dataclass(frozen=True)
class DonorResult:
    """The result of one infection test."""

    test: str
    result: str
    sampled_at: str
    entry: Entry


@dataclass(frozen=True)
class DonorDecision:
    """What was decided about a donor."""

    decision: str
    warning: str | None
    entry: Entry


@dataclass(frozen=True)
class Donor:
    """A donor as the entries about them say. `related` is for those who may see kinship."""

    id: str
    registered: Entry
    consented_at: ClinicalTime | None
    screened: Entry | None
    results: tuple[DonorResult, ...]
    decisions: tuple[DonorDecision, ...]
    related: Entry | None
    reactions: tuple[DonorReaction, ...]
    reactions_ever: int = 0
    """How many were reported, those in error too."""
    annulled: tuple[Annulled, ...] = ()
    """What was said of reactions in error."""

    @property
    def recipient(self) -> str | None:
        """The participant whom the tissue is meant for."""
        return None if self.related is None else str(self.related.data["participant"])

    @property
    def open_reactions(self) -> tuple[DonorReaction, ...]:
        """Those that have no outcome yet."""
        return tuple(one for one in self.reactions if one.resolved is None)

    @property
    def decision(self) -> DonorDecision | None:
        """The last decision."""
        return self.decisions[-1] if self.decisions else None

    @property
    def status(self) -> str:
        """registered, consented, screened, tested, eligible, ineligible or eligible by exception."""
        if self.decision is not None:
            word = self.decision.decision
            return "eligible by exception" if word == "exception" else word
        if self.results:
            return "tested"
        if self.screened is not None:
            return "screened"
        return "registered" if self.consented_at is None else "consented"


def fold_donor(entries: Sequence[Entry]) -> Donor | None:
    """The donor that the entries of one donor's subject make; None where there are none."""
    if not entries:
        return None
    consents = [e.clinical_time for e in entries if e.kind is Kind.DONOR_CONSENTED and e.clinical_time]
    return Donor(
        id=str(entries[0].data["donor"]),
        registered=entries[0],
        consented_at=ClinicalTime(consents[0]) if consents else None,
        screened=_last(entries, Kind.DONOR_SCREENED),
        results=tuple(
            DonorResult(e.data["test"], e.data["result"], e.data["sampled_at"], e)
            for e in entries
            if e.kind is Kind.DONOR_TESTED
        ),
        decisions=tuple(
            DonorDecision(e.data["decision"], e.data.get("warning"), e)
            for e in entries
            if e.kind is Kind.DONOR_DECIDED
        ),
        related=_last(entries, Kind.DONOR_RELATED),
        reactions=fold_reactions(entries),
        reactions_ever=sum(e.kind is Kind.DONOR_REACTION for e in entries),
        annulled=list_annulled_reactions(entries),
    )


def check_donor(plan: DonorPlan, donor: Donor, procured_at: ClinicalTime | None) -> list[str]:
    """What speaks against a donor, in words; nothing where they are eligible by the protocol.

    A test that is missing, indeterminate or whose sample lies outside its window never counts as negative.
    """
    found = []
    if donor.consented_at is None:
        found.append("the donor has not consented")
    elif procured_at is not None and procured_at.surely_before(donor.consented_at):
        found.append("the tissue was taken before the donor's consent")
    if donor.screened is None:
        found.append("the donor was not screened")
    elif donor.screened.data["suitable"] != "yes":
        found.append("screening speaks against the donor")
    for test in plan.tests:
        results = [r for r in donor.results if r.test == test.id]
        bad = [r.result for r in results if r.result == "positive"]
        if bad:
            found.append(f"{test.label} is positive")
            continue
        if not test.required:
            continue
        usable = [
            r for r in results if r.result == "negative" and _in_window(r, test.within_days, procured_at)
        ]
        if not results:
            found.append(f"{test.label} was not tested")
        elif not any(r.result == "negative" for r in results):
            found.append(f"{test.label} is {results[-1].result.replace('_', ' ')}")
        elif not usable:
            found.append(
                f"the sample for {test.label} lies more than {test.within_days} days from the taking of the tissue"
            )
    return found


def _in_window(result: DonorResult, days: int, procured_at: ClinicalTime | None) -> bool:
    if procured_at is None:
        return True
    return abs((ClinicalTime(result.sampled_at).day - procured_at.day).days) <= days


def _last(entries: Iterable[Entry], kind: Kind) -> Entry | None:
    found = [entry for entry in entries if entry.kind is kind]
    return found[-1] if found else None
