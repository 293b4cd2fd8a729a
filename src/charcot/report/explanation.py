"""What is said about a number: its formula, its rows, the values behind them, and the entries those stand in."""

from collections.abc import Mapping
from dataclasses import dataclass

from charcot.ledger import Receipt
from charcot.report.row_reasons import Verdict
from charcot.report.value_sources import EntryBehind, ValueSource


@dataclass(frozen=True)
class ExplainedRow:
    """A row of the dataset. `values` are the columns used, as read; `why` says why it does not count.

    `reason` is the reason that was recorded for that, if any. `sources` are the values behind it, for rows that
    count and rows whose value is missing; `entries` are all entries that the row came from.
    """

    participant: str | None
    encounter: str | None
    instance: int | None
    values: Mapping[str, str]
    verdict: Verdict
    why: str
    reason: str | None
    sources: tuple[ValueSource, ...]
    entries: tuple[int, ...]


@dataclass(frozen=True)
class Explanation:
    """Where one number is from.

    `value` is as shown, `exact` unrounded. `columns` holds the labels of the columns used. `rows` count,
    `left_out` do not; `denominator` are the rows that it is counted among, and the parents of a zero. `others`
    are the entries behind it that hold none of these values, such as those that make people of the population.
    """

    id: str
    label: str
    value: str
    exact: str
    n: int
    unit: str | None
    formula: str
    method: str
    method_version: str
    sentence: str
    dataset: str
    condition: str
    condition_words: str
    population: str
    status: str
    planned: str | None
    note: str | None
    sections: tuple[str, ...]
    columns: Mapping[str, str]
    rows: tuple[ExplainedRow, ...]
    left_out: tuple[ExplainedRow, ...]
    denominator: tuple[ExplainedRow, ...]
    others: tuple[EntryBehind, ...]
    parents: tuple[int, ...]
    receipt: Receipt

    @property
    def examined(self) -> frozenset[int]:
        """Every entry that was looked at: the parents, and those of the rows that do not count."""
        return frozenset(self.parents).union(*(row.entries for row in self.left_out))
