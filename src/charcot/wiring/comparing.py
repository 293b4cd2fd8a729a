"""Two moments of a served trial compared: participants, forms and values, and the numbers of the report."""

from dataclasses import dataclass

from charcot.ledger import TRIAL, Entry, parse_receipt, participant_of
from charcot.refusal import BadValue
from charcot.report.compare import ReportComparison, compare_reports
from charcot.report.moment_changes import ChangedParticipant, compare_dossiers
from charcot.wiring.looking import TrialView, require_receipt
from charcot.wiring.serving import TrialViews

MOST_ENTRIES = 20_000
"""Entries between two moments that one page compares."""


@dataclass(frozen=True)
class MomentComparison:
    """What was entered between two moments, participant by participant, and of the trial as a whole."""

    earlier: TrialView
    later: TrialView
    participants: tuple[ChangedParticipant, ...]
    trial: tuple[Entry, ...]
    entered: int


def find_moment(views: TrialViews, text: str) -> TrialView:
    """The trial at an entry, a time, a cut, or a receipt; now where nothing is given. Raises a Refusal in words."""
    asked = text.strip()
    if "charcot-receipt" in asked:
        receipt = parse_receipt(asked)
        require_receipt(views.folder.ledger, receipt)
        asked = str(receipt.sequence)
    return views.at(asked or None)


def compare_moments(views: TrialViews, one: str, other: str) -> MomentComparison:
    """What changed between two moments, whichever is the earlier. Raises BadValue where too much did for a page."""
    earlier, later = sorted(
        (find_moment(views, one), find_moment(views, other)), key=lambda view: view.head.sequence
    )
    since, until = earlier.head.sequence, later.head.sequence
    if until - since > MOST_ENTRIES:
        raise BadValue(
            f"{until - since} entries lie between these two moments.",
            rule=f"Comparison: a page compares at most {MOST_ENTRIES} entries",
            next_step="Choose two moments that lie closer together, or read the audit trail as CSV.",
        )
    between = tuple(later.ledger.entries(after=since, until=until))
    names = sorted({name for e in between if (name := participant_of(e.subject)) is not None})
    changed = []
    for name in names:
        after = later.dossier(name)
        if after is not None:
            changed.append(compare_dossiers(earlier.dossier(name) if earlier.is_prepared else None, after))
    of_trial = tuple(entry for entry in between if entry.subject == TRIAL)
    return MomentComparison(earlier, later, tuple(changed), of_trial, until - since)


def compare_numbers(comparison: MomentComparison) -> ReportComparison:
    """Which numbers of the report differ between the two moments, and because of which entries."""
    earlier, later = comparison.earlier, comparison.later
    return later.once(
        f"numbers since {earlier.head.hash}",
        lambda: compare_reports(earlier.report, later.report, earlier.cut, later.cut),
    )
