"""A claims file as data: what a publication prints, what it is held against, and the queries; no verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Literal

from charcot.ledger import Origin
from charcot.report.claims.query import ClaimQuery, Comparison, names_in

KINDS: Mapping[str, str] = {
    "count": "a whole number of people, events or things",
    "share": "a percentage or a rate",
    "mean": "a mean",
    "spread": "the number after a ±",
    "limit": "a bound that values are said to keep",
    "measurement": "a value measured or given",
    "time": "a length of time",
    "date": "a date",
    "name": "a word or name",
    "statement": "something said to hold (`yes`) or not to hold (`no`)",
}
"""What a published value can be."""

Spread = Literal["SD", "SE"]
ColumnKind = Literal["number", "text"]
FactValue = Decimal | str | tuple[str, ...]


@dataclass(frozen=True)
class ClaimTheme:
    """What some claims are about; `means` says what is at stake for a reader where they do not hold."""

    id: str
    title: str
    means: str


@dataclass(frozen=True)
class ReferenceFact:
    """Something known from elsewhere, with its source."""

    id: str
    text: str
    value: FactValue
    source: str


@dataclass(frozen=True)
class PrintedTable:
    """What a publication prints as a list. Without rows it says what was looked for and is not printed."""

    id: str
    title: str
    section: str
    columns: Mapping[str, ColumnKind]
    rows: tuple[tuple[Decimal | str | None, ...], ...]
    line: int = 1


@dataclass(frozen=True)
class Claim:
    """One number or statement of a publication, and the query that should give it.

    `published` is as written in the file, so that its decimals are those printed. `labelled` is what the publication
    calls the number after a ±. `rests_on` names facts that the query does not compute with, `show` a column whose
    values name the rows that a count found, `missing` what a reader would need where nothing was published.
    """

    id: str
    theme: str
    section: str
    quote: str
    text: str
    kind: str
    published: str
    query: ClaimQuery
    unit: str | None = None
    labelled: Spread | None = None
    missing: str | None = None
    rests_on: tuple[str, ...] = ()
    show: str | None = None
    line: int = 1

    @cached_property
    def number(self) -> Decimal | None:
        """The published value as a number; None for words."""
        return None if self.kind in ("name", "date", "statement") else as_number(self.published)

    @property
    def place(self) -> str:
        """The section, and the words that stand there."""
        return f"{self.section}: “{self.quote}”"

    @property
    def asks_published(self) -> bool:
        """Whether the published value is one side of the query, rather than what the query should give."""
        return isinstance(self.query.root, Comparison) and ("published", "") in names_in(self.query.root)


@dataclass(frozen=True)
class ClaimsFile:
    """All claims of a publication. `evidence` are the origins of values that count as evidence."""

    file: str
    publication: str
    evidence: tuple[Origin, ...]
    themes: tuple[ClaimTheme, ...]
    facts: Mapping[str, ReferenceFact]
    tables: Mapping[str, PrintedTable]
    claims: tuple[Claim, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Claim]:
        """Each claim under its id."""
        return {claim.id: claim for claim in self.claims}


def as_number(text: str) -> Decimal | None:
    """The finite number that a text is, or None."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
