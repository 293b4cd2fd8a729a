"""The report as data: sections made of paragraphs, lists, facts, tables and figures; no rendering here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from charcot.analysis import Lineage, Result, parents_of
from charcot.analysis.selection import Datasets
from charcot.datasets import Snapshot
from charcot.ledger import Receipt
from charcot.report.figures.ink import Drawing
from charcot.report.format import direction_of
from charcot.report.table import Number, Pieces, Table, numbers_in, numbers_of


@dataclass(frozen=True)
class Paragraph:
    """Running text. A `notice` stands in a frame of its own and cannot be missed."""

    pieces: Pieces
    kind: Literal["plain", "notice", "small"] = "plain"


@dataclass(frozen=True)
class Points:
    """A list of points, each with a term in front where it has one."""

    points: tuple[tuple[str, Pieces], ...]


@dataclass(frozen=True)
class Particulars:
    """Names and what they are, one below the other."""

    facts: tuple[tuple[str, Pieces], ...]


@dataclass(frozen=True)
class Figure:
    """A figure drawn once, described in words, with its numbers as a table."""

    id: str
    title: str
    drawings: tuple[Drawing, ...]
    caption: Pieces
    alt: str
    data: Table | None = None
    drawn: tuple[Number, ...] = ()
    """The numbers that stand in the drawing itself."""
    whole: Number | None = None
    """The result that the drawing shows as a whole, such as a curve."""
    narrow: bool = False
    beside: bool = False
    """Whether the numbers stand open beside the drawing; otherwise they are opened below it."""

    @property
    def svgs(self) -> tuple[str, ...]:
        """Its drawings for documents."""
        return tuple(drawing.svg for drawing in self.drawings)


Block = Paragraph | Points | Particulars | Table | Figure


@dataclass(frozen=True)
class Section:
    """A part of the report under one heading."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    """One report. `results` and `lineage` hold every result that is shown, by id; parents are found on demand."""

    title: str
    short_title: str
    facts: tuple[tuple[str, str], ...]
    purpose: str
    cut: date
    receipt: Receipt
    protocol_version: str
    sections: tuple[Section, ...]
    results: Mapping[str, Result]
    lineage: Mapping[str, Lineage]
    datasets: Datasets
    snapshot: Snapshot = field(repr=False, compare=False)
    """What it was made from, to find the entries behind a number when they are asked for."""
    language: str = "en"

    @property
    def direction(self) -> str:
        """`rtl` where the words of the protocol are written from right to left."""
        return direction_of(self.language)

    @property
    def synthetic(self) -> frozenset[str]:
        """The ids of the results that rest on synthetic values."""
        return frozenset(id for id, lineage in self.lineage.items() if "synthetic" in lineage.origins)

    @cached_property
    def places(self) -> Mapping[str, list[Number]]:
        """Every place where a number is shown, under its id, in reading order."""
        found: dict[str, list[Number]] = {}
        for number in numbers_shown(self.sections):
            found.setdefault(number.result.id, []).append(number)
        return found

    @cached_property
    def titles(self) -> Mapping[str, tuple[str, ...]]:
        """The titles of the sections that show a number, under its id."""
        found: dict[str, dict[str, None]] = {}
        for section in self.sections:
            for number in numbers_shown((section,)):
                found.setdefault(number.result.id, {})[section.title] = None
        return {id: tuple(titles) for id, titles in found.items()}

    def parents(self, id: str) -> tuple[int, ...]:
        """The sequence numbers of the entries behind a result."""
        return parents_of(self.results[id], self.datasets)


def numbers_shown(sections: tuple[Section, ...]) -> Iterator[Number]:
    """Every number of a report, in reading order."""
    for section in sections:
        for block in section.blocks:
            yield from _numbers_in(block)


def _numbers_in(block: Block) -> Iterator[Number]:
    match block:
        case Table():
            yield from numbers_of(block)
        case Paragraph():
            yield from numbers_in(block.pieces)
        case Points(points=parts) | Particulars(facts=parts):
            for _, pieces in parts:
                yield from numbers_in(pieces)
        case Figure():
            yield from numbers_in(block.caption)
            yield from block.drawn
            if block.whole is not None:
                yield block.whole
            if block.data is not None:
                yield from numbers_of(block.data)
