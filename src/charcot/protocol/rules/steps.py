"""A compiled rule: the columns it needs, the calls made from the inside out, and the expression at the end."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from charcot.protocol.rules.functions import Function
from charcot.protocol.rules.kinds import ColumnPart, Kind
from charcot.protocol.rules.reference import Expects, Reference

OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class RuleColumn:
    """A value of the record as a column of the frame; `row` where it is an item of the repeating form."""

    name: str
    reference: Reference
    kind: Kind
    part: ColumnPart
    row: bool = False


@dataclass(frozen=True)
class Call:
    """A function of ours, made into the column `name` at its level; level 1 needs no other call."""

    name: str
    function: Function
    arguments: tuple[str, ...]
    gives: Kind
    level: int

    @cached_property
    def expressions(self) -> list[pl.Expr]:
        """The arguments, as polars sees them."""
        return [pl.sql_expr(sql) for sql in self.arguments]


@dataclass(frozen=True)
class RowCall:
    """`any_of`, `all_of` or `count_of` over the rows of a repeating form, made into one value.

    Where a count is compared with a number, the comparison is made here: two rows that are surely TRUE
    make `count_of(…) >= 2` TRUE, whatever an unknown third row may be.
    """

    name: str
    quantifier: str
    form: str
    steps: "Steps"
    compared: tuple[str, int] | None = None

    @property
    def gives(self) -> Kind:
        """The kind of the value."""
        return "whole" if self.quantifier == "count_of" and self.compared is None else "truth"

    def fold(self, verdicts: list[bool | None]) -> bool | int | None:
        """Kleene logic over the rows; a plain count is unknown as soon as one row is."""
        unknown = verdicts.count(None)
        low = verdicts.count(True)
        if self.quantifier == "count_of":
            if self.compared is None:
                return None if unknown else low
            sign, number = self.compared
            answers = {bool(OPERATORS[sign](count, number)) for count in range(low, low + unknown + 1)}
            return answers.pop() if len(answers) == 1 else None
        decisive = self.quantifier == "any_of"
        if decisive in verdicts:
            return decisive
        return None if unknown else not decisive


@dataclass(frozen=True)
class Steps:
    """An expression with all that has to be there before it."""

    sql: str
    kind: Kind
    columns: tuple[RuleColumn, ...] = ()
    row_calls: tuple[RowCall, ...] = ()
    calls: tuple[Call, ...] = ()

    @cached_property
    def expression(self) -> pl.Expr:
        """The expression, as polars sees it."""
        return pl.sql_expr(self.sql)


@dataclass(frozen=True)
class Rule:
    """A rule that was read, typed and compiled. `references` maps each name as written to what it means."""

    text: str
    form: str | None
    expects: Expects
    steps: Steps = field(repr=False)
    references: Mapping[str, Reference]
    codes: tuple[str, ...] = ()
    """The texts it can yield, where they are known."""

    @property
    def kind(self) -> Kind:
        """The kind of what it yields."""
        return self.steps.kind
