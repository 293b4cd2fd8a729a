"""Two reports of one trial compared: which numbers changed, appeared or vanished, and because of which entries."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charcot.analysis import Result
from charcot.analysis.method import Value
from charcot.datasets import Snapshot
from charcot.ledger import Kind, Receipt
from charcot.refusal import BadValue
from charcot.report.audit_trail import AuditLine, list_history
from charcot.report.document import Report
from charcot.report.explain import exact_value, shown_value
from charcot.report.table import Number
from charcot.statistics import Interval, SurvivalCurve


@dataclass(frozen=True)
class ComparedNumber:
    """A number in two reports, as shown and unrounded; None where a report does not have it.

    `because` are the entries that are behind one of the two and not behind the other, and newer versions of forms
    that were behind the earlier; of a number that is new, those made since, if any. `gone` are those of them that are
    no longer behind it. None at all: then it changed with time itself, or with the protocol.
    """

    id: str
    label: str
    before: str | None
    after: str | None
    exact_before: str | None
    exact_after: str | None
    n_before: int | None
    n_after: int | None
    because: tuple[int, ...]
    gone: tuple[int, ...] = ()


@dataclass(frozen=True)
class ReportComparison:
    """What changed between two reports. `steady` rest on other entries than before and are the same all the same.

    `entries` holds the line of the audit trail of every entry named; `entered` counts all entries between the
    two, and `protocols` lists the versions of the protocol activated between them.
    """

    earlier: Receipt
    later: Receipt
    days: tuple[str, str]
    changed: tuple[ComparedNumber, ...]
    appeared: tuple[ComparedNumber, ...]
    vanished: tuple[ComparedNumber, ...]
    steady: tuple[ComparedNumber, ...]
    unchanged: int
    entered: int
    protocols: tuple[str, ...]
    entries: Mapping[int, AuditLine]

    @property
    def found(self) -> tuple[ComparedNumber, ...]:
        """Every number that is not what it was."""
        return (*self.changed, *self.appeared, *self.vanished)


def compare_reports(
    earlier: Report,
    later: Report,
    earlier_snapshot: Snapshot,
    later_snapshot: Snapshot,
    *,
    newest: int | None = None,
) -> ReportComparison:
    """What changed from one report to a later one of the same ledger. Raises BadValue where they are not.

    `newest`: how many of the entries behind numbers that are others now get their line, the newest; without it all get theirs.
    """
    _require_same_trial(earlier_snapshot, later_snapshot)
    shown_before, shown_after = earlier.places, later.places
    newer = _newer_versions(later_snapshot, earlier_snapshot.head.sequence)
    changed, appeared, vanished, steady = [], [], [], []
    for id in dict.fromkeys((*later.results, *earlier.results)):
        old, new = earlier.results.get(id), later.results.get(id)
        because, gone = _because(earlier, later, id, newer)
        one = new if new is not None else old
        assert one is not None
        found = ComparedNumber(
            id=id,
            label=one.label,
            before=_shown(old, shown_before.get(id)),
            after=_shown(new, shown_after.get(id)),
            exact_before=None if old is None else exact_value(old),
            exact_after=None if new is None else exact_value(new),
            n_before=None if old is None else old.n,
            n_after=None if new is None else new.n,
            because=because,
            gone=gone,
        )
        if old is None:
            appeared.append(found)
        elif new is None:
            vanished.append(found)
        elif not _same(old.value, new.value) or old.n != new.n or found.before != found.after:
            changed.append(found)
        elif found.because:
            steady.append(found)
    between = (earlier_snapshot.head.sequence, later_snapshot.head.sequence)
    others = (*changed, *appeared, *vanished)
    told = {number for found in (*others, *(steady if newest is None else ())) for number in found.because}
    if newest is not None:
        told = set(sorted(told)[-newest:])
    return ReportComparison(
        earlier=earlier.receipt,
        later=later.receipt,
        days=(earlier.cut.isoformat(), later.cut.isoformat()),
        changed=tuple(changed),
        appeared=tuple(appeared),
        vanished=tuple(vanished),
        steady=tuple(steady),
        unchanged=sum(id in earlier.results for id in later.results) - len(changed) - len(steady),
        entered=between[1] - between[0],
        protocols=tuple(
            str(entry.data["version"])
            for entry in later_snapshot.trial_entries
            if entry.kind is Kind.PROTOCOL_ACTIVATED and entry.sequence > between[0]
        ),
        entries=_lines(later_snapshot, told),
    )


def _because(
    earlier: Report, later: Report, id: str, newer: Mapping[int, tuple[int, ...]]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The entries that a number changed because of, and those of them that are no longer behind it."""
    head = earlier.receipt.sequence
    before = set(earlier.parents(id)) if id in earlier.results else set()
    after = set(later.parents(id)) if id in later.results else set()
    since = {number for number in after if number > head}
    if not before:
        return tuple(sorted(since or after)), ()
    gone = before - after
    replacing = {number for old in gone for number in newer.get(old, ())}
    return tuple(sorted((before ^ after) | since | replacing)), tuple(sorted(gone))


def _newer_versions(snapshot: Snapshot, head: int) -> dict[int, tuple[int, ...]]:
    """For the entry of each version of a form up to `head`: the entries of those made after it."""
    return {
        version.entry.sequence: newer
        for dossier in snapshot.dossiers
        for versions in dossier.casebook.forms.values()
        if (newer := tuple(v.entry.sequence for v in versions if v.entry.sequence > head))
        for version in versions
        if version.entry.sequence <= head
    }


def _shown(result: Result | None, numbers: list[Number] | None) -> str | None:
    return None if result is None else shown_value(numbers or [Number(result)])


def _same(before: Value, after: Value) -> bool:
    """Whether two values are equal, number by number; what does not exist equals what does not exist."""
    one, other = _numbers(before), _numbers(after)
    if one is None or other is None:
        return before == after
    return len(one) == len(other) and bool(np.array_equal(one, other, equal_nan=True))


def _numbers(value: Value) -> NDArray[np.float64] | None:
    match value:
        case SurvivalCurve():
            return np.concatenate([value.time, value.at_risk, value.events, value.censored, value.survival])
        case Interval():
            return np.array([value.estimate, value.lower, value.upper])
        case float():
            return np.array([value])
        case _:
            return None


def _lines(snapshot: Snapshot, wanted: set[int]) -> dict[int, AuditLine]:
    """The audit trail's lines of some entries."""
    subjects = (snapshot.trial_entries, snapshot.product_entries, *(d.entries for d in snapshot.dossiers))
    lines = [
        line
        for entries in subjects
        if any(entry.sequence in wanted for entry in entries)
        for line in list_history(entries)
        if line.sequence in wanted
    ]
    return {line.sequence: line for line in sorted(lines, key=lambda line: line.sequence)}


def _require_same_trial(earlier: Snapshot, later: Snapshot) -> None:
    """The earlier snapshot must be a beginning of the later one."""
    head = earlier.head
    subjects = (later.trial_entries, later.product_entries, *(dossier.entries for dossier in later.dossiers))
    then = next((e for entries in subjects for e in entries if e.sequence == head.sequence), None)
    opened_alike = earlier.charter.opened.hash == later.charter.opened.hash
    rewritten = then is not None and then.hash != head.hash
    if not opened_alike or rewritten or later.head.sequence < head.sequence:
        raise BadValue(
            "The two reports are not of one trial, or the first is the later of the two.",
            rule="Comparison: the earlier report ends with an entry that the later one contains",
            next_step="Compare a report with a later one of the same trial.",
            facts={"earlier": str(earlier.receipt), "later": str(later.receipt)},
        )
