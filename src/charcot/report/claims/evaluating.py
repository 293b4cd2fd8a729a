"""Queries evaluated: the value, the rows that were looked at, and what was looked for and not found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from charcot.datasets import ENTRIES
from charcot.report.claims.claim import Claim, ClaimsFile, ReferenceFact
from charcot.report.claims.evidence import Evidence
from charcot.report.claims.functions import FUNCTIONS
from charcot.report.claims.query import (
    Arithmetic,
    Comparison,
    Constant,
    DataRead,
    NamedValue,
    NumberFunction,
    QueryNode,
    names_in,
)

QueryValue = float | str | None


@dataclass
class QueryAnswer:
    """What a query gave. `holds` and `left`, `right` are those of a comparison; None where something is not known."""

    value: QueryValue = None
    holds: bool | None = None
    left: QueryValue = None
    right: QueryValue = None
    entries: set[int] = field(default_factory=set)
    read: int = 0
    absent: list[tuple[str, str]] = field(default_factory=list)
    """Titles of tables with the columns of which no value was published ("" where there is no row at all)."""
    listed: list[str] = field(default_factory=list)
    """What `lacking` did not find, or the values of `show` in the rows counted."""


def answer_query(claim: Claim, file: ClaimsFile, evidence: Evidence) -> QueryAnswer:
    """Evaluates the query of a claim on evidence and the other claims. The query was checked when it was read."""
    reader = _Evaluation(claim, file.by_id, file.facts, evidence)
    answer, root = reader.answer, claim.query.root
    if not isinstance(root, Comparison):
        answer.value = reader.value(root)
        return answer
    answer.left, answer.right = reader.value(root.left), reader.value(root.right)
    answer.holds = compare(root.sign, answer.left, answer.right)
    asks_right = ("published", "") in names_in(root.left) and claim.asks_published
    answer.value = answer.right if asks_right else answer.left
    return answer


def compare(sign: str, left: QueryValue, right: QueryValue) -> bool | None:
    """Whether a comparison holds; None where a side is not known. Dates compare as texts: year, month, day.

    >>> compare("<=", 71.0, 65.0), compare("<", "2013-12", "2015-07"), compare("=", None, 1.0)
    (False, True, None)
    """
    if left is None or right is None:
        return None
    if isinstance(left, str) or isinstance(right, str):
        one, other = as_words(left), as_words(right)
        same, less = one == other, one < other
    else:
        same = abs(left - right) <= 1e-9 * max(1.0, abs(left), abs(right))
        less = left < right and not same
    return {
        "=": same, "<>": not same, "<": less, "<=": less or same, ">": not less and not same, ">=": not less,
    }[sign]  # fmt: skip


def as_words(value: float | str) -> str:
    """A text as it is compared: capital letters and runs of spaces do not count."""
    return " ".join(str(value).casefold().split())


class _Evaluation:
    """One query on its way."""

    def __init__(
        self,
        claim: Claim,
        claims: Mapping[str, Claim],
        facts: Mapping[str, ReferenceFact],
        evidence: Evidence,
    ) -> None:
        self.answer = QueryAnswer()
        self._claim = claim
        self._claims = claims
        self._facts = facts
        self._evidence = evidence

    def value(self, node: QueryNode) -> QueryValue:
        match node:
            case Constant(value=value):
                return float(value) if isinstance(value, Decimal) else value
            case NamedValue():
                return self._named(node)
            case Arithmetic(sign=sign, left=left, right=right):
                return _compute(sign, self.value(left), self.value(right))
            case NumberFunction(function=function, arguments=arguments):
                values = [self.value(argument) for argument in arguments]
                compute = FUNCTIONS[function].compute
                numbers = [value for value in values if isinstance(value, float)]
                if compute is None or len(numbers) < len(values):
                    return None
                found = compute(*numbers)
                return None if found is None else float(found)
            case DataRead():
                return self._read(node)

    def _named(self, node: NamedValue) -> QueryValue:
        if node.space == "fact":
            value = self._facts[node.name].value
            return (
                float(value)
                if isinstance(value, Decimal)
                else ", ".join(value)
                if isinstance(value, tuple)
                else value
            )
        claim = self._claim if node.space == "published" else self._claims[node.name]
        return claim.published if claim.number is None else float(claim.number)

    def _read(self, node: DataRead) -> QueryValue:
        table = self._evidence[node.table]
        used = [*((node.column,) if node.column else ()), *(node.condition.columns if node.condition else ())]
        known = table.frame.drop_nulls(used) if used else table.frame
        for sequences in table.frame[ENTRIES].to_list():
            self.answer.entries.update(sequences)
        if known.is_empty():
            self.answer.absent += [(table.title, table.label(name)) for name in used or [""]]
            return None
        rows = known.filter(pl.sql_expr(node.condition.sql)) if node.condition else known
        self.answer.read += rows.height
        shown = self._claim.show
        if shown is not None and shown in rows.columns:
            self.answer.listed = [_plain(value) for value in rows[shown].drop_nulls().to_list()]
        return self._from_rows(node, known, rows)

    def _from_rows(self, node: DataRead, known: pl.DataFrame, rows: pl.DataFrame) -> QueryValue:
        match node.function:
            case "count" | "n":
                return float(rows.height)
            case "share":
                return rows.height / known.height
            case "different":
                return float(rows[node.column].n_unique())
            case "only":
                values = rows[node.column].unique().to_list()
                return values[0] if len(values) == 1 else None
            case "lacking":
                wanted = self._wanted(node.wanted)
                if wanted is None:
                    return None
                found = {as_words(value) for value in rows[node.column].to_list()}
                self.answer.listed = [one for one in wanted if as_words(one) not in found]
                return float(len(self.answer.listed))
        statistic = FUNCTIONS[node.function].statistic
        return None if statistic is None or rows.is_empty() else statistic(rows[node.column].to_list())

    def _wanted(self, node: DataRead | NamedValue | None) -> list[str] | None:
        if isinstance(node, NamedValue):
            value = self._facts[node.name].value
            return list(value) if isinstance(value, tuple) else [str(value)]
        if node is None:
            return None
        table = self._evidence[node.table]
        rows = table.frame.drop_nulls([node.column])
        for sequences in table.frame[ENTRIES].to_list():
            self.answer.entries.update(sequences)
        self.answer.read += rows.height
        if rows.is_empty():
            self.answer.absent.append((table.title, table.label(node.column)))
            return None
        return list(dict.fromkeys(str(value) for value in rows[node.column].to_list()))


def _compute(sign: str, left: QueryValue, right: QueryValue) -> float | None:
    if not isinstance(left, float) or not isinstance(right, float) or (sign == "/" and right == 0):
        return None
    return {"+": left + right, "-": left - right, "*": left * right}[sign] if sign != "/" else left / right


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
