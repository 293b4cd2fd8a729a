"""The normal ranges of a site's own laboratory, each from a day on, as they were entered."""

from collections.abc import Iterable
from dataclasses import dataclass

from charcot.ledger import Entry, Kind
from charcot.protocol import NormalRange

LIMITS = ("low", "high", "sex", "age_from", "age_to", "since")


@dataclass(frozen=True)
class SiteRange:
    """One range of one test at a site, in the unit of its item, with the entry that set it."""

    site: str
    form: str
    item: str
    normal: NormalRange
    entry: Entry

    @property
    def since(self) -> str:
        """The first day of samples that it holds for."""
        return self.normal.since or ""


def fold_site_ranges(entries: Iterable[Entry]) -> tuple[SiteRange, ...]:
    """Every range that a site entered, in the order of entry; a later one for the same people and day stands for an earlier."""
    return tuple(
        SiteRange(
            entry.data["site"],
            entry.data["form"],
            entry.data["item"],
            NormalRange(**{name: entry.data[name] for name in LIMITS if name in entry.data}),
            entry,
        )
        for entry in entries
        if entry.kind is Kind.NORMAL_RANGE_SET
    )
