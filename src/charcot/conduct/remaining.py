"""What remains to be done before a trial is locked: queries, signatures, forms, verification."""

from dataclasses import dataclass

from charcot.conduct.worklists import list_missing, list_unsigned, list_unverified
from charcot.datasets import Snapshot


@dataclass(frozen=True)
class Remaining:
    """What is not finished, each named as a person would look it up, such as `S-014 q3` or `S-014 vital_signs at month_2`."""

    queries: tuple[str, ...]
    unsigned: tuple[str, ...]
    missing: tuple[str, ...]
    unverified: tuple[str, ...]

    def __bool__(self) -> bool:
        return any((self.queries, self.unsigned, self.missing, self.unverified))

    def as_data(self) -> dict[str, list[str]]:
        """The lists as they stand in an entry."""
        return {
            "queries": list(self.queries),
            "unsigned": list(self.unsigned),
            "missing": list(self.missing),
            "unverified": list(self.unverified),
        }

    def in_words(self) -> str:
        """How many of each remain."""
        counts = (
            (len(self.queries), "query is open", "queries are open"),
            (len(self.unsigned), "form is not signed", "forms are not signed"),
            (len(self.missing), "form is missing or incomplete", "forms are missing or incomplete"),
            (len(self.unverified), "form is not verified", "forms are not verified"),
        )
        return ", ".join(f"{n} {one if n == 1 else many}" for n, one, many in counts if n)


def list_remaining(snapshot: Snapshot) -> Remaining:
    """What remains as of a snapshot."""
    pending = [q for dossier in snapshot.dossiers for q in dossier.queries if q.is_pending]
    return Remaining(
        tuple(f"{query.participant} {query.id}" for query in pending),
        tuple(f"{d.participant} {v.key}" for d in snapshot.dossiers for v in list_unsigned(d)),
        tuple(
            f"{m.participant} {m.form} at {m.encounter}" if m.encounter else f"{m.participant} {m.form}"
            for d in snapshot.dossiers
            for m in list_missing(d, snapshot.visits[d.participant])
        ),
        tuple(
            f"{due.participant} {due.version.key}" for d in snapshot.dossiers for due in list_unverified(d)
        ),
    )
