"""Why a claim has its verdict, in one or two plain sentences with the numbers."""

import re

from charcot.report.claims.claim import Claim, ClaimsFile
from charcot.report.claims.evaluating import QueryAnswer, QueryValue
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
    reads_in,
)

_SIGNS = {"=": "equal to", "<>": "other than", "<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}  # fmt: skip


def say_because(
    claim: Claim,
    claims: ClaimsFile,
    evidence: Evidence,
    answer: QueryAnswer,
    good: bool | None,
    other_label: float | None,
) -> str:
    """The reason for a verdict. `good` is whether the claim agrees with its query; None where nothing was found."""
    said = _Sayings(claim, claims, evidence)
    if good is None:
        return _missing(claim, answer)
    root = claim.query.root
    if isinstance(root, Comparison):
        sentence = said.comparison(root, answer, good)
    else:
        sentence = said.value(root, answer.value, good)
    if answer.listed and not good:
        named = f"By {_shown_label(claim, evidence)}" if claim.show else "Not found"
        sentence += f" {named}: {', '.join(answer.listed)}."
    if other_label is not None:
        is_really = "standard deviation" if claim.labelled == "SE" else "standard error"
        sentence += (
            f" The publication calls it {claim.labelled}; it is the {is_really}, {say_value(other_label)}."
        )
    facts = [
        claims.facts[name]
        for name in dict.fromkeys((*(n for s, n in sorted(names_in(root)) if s == "fact"), *claim.rests_on))
    ]
    return " ".join([sentence, *(f"{fact.text} ({fact.source})." for fact in facts)])


def say_published(claim: Claim) -> str:
    """The published value with its unit."""
    return claim.published + (f" {claim.unit}" if claim.unit else "")


def say_query(claim: Claim, claims: ClaimsFile, evidence: Evidence) -> str:
    """The query of a claim in words."""
    said, root = _Sayings(claim, claims, evidence), claim.query.root
    if isinstance(root, Comparison):
        return f"whether {said.node(root.left)} is {_SIGNS[root.sign]} {said.node(root.right)}"
    return said.node(root)


def say_value(value: QueryValue, places: int = 6) -> str:
    """A value as it is said: at most so many places after the point, words in quotation marks.

    >>> say_value(49.11764705882353), say_value(17.0), say_value("adherent"), say_value(None)
    ('49.117647', '17', '“adherent”', 'not known')
    """
    if value is None:
        return "not known"
    if isinstance(value, str):
        return f"“{value}”"
    text = f"{value:.{places}f}"
    if float(text) == 0 and value:
        return f"{value:.3g}"
    return text.rstrip("0").rstrip(".")


def _missing(claim: Claim, answer: QueryAnswer) -> str:
    absent: dict[str, list[str]] = {}
    for table, column in answer.absent:
        absent.setdefault(table, []).append(column)
    looked = "; ".join(
        f"{', '.join(dict.fromkeys(column for column in columns if column)) or 'anything'} in “{table}”"
        for table, columns in absent.items()
    )
    parts = [
        f"No published value was found of {looked}." if looked else "",
        f"Missing: {claim.missing}." if claim.missing else "",
    ]
    return " ".join(part for part in parts if part) or "The rows that were published give no single value."


class _Sayings:
    """Parts of a query in words."""

    def __init__(self, claim: Claim, claims: ClaimsFile, evidence: Evidence) -> None:
        self._claim = claim
        self._claims = claims
        self._evidence = evidence

    def value(self, root: QueryNode, value: QueryValue, good: bool) -> str:
        claim = self._claim
        match root:
            case NamedValue(space="claim", name=name):
                subject = f"{self._claims.by_id[name].section} has {say_published(self._claims.by_id[name])}"
            case NamedValue():
                subject = f"Elsewhere it is {say_value(value)}"
            case _:
                subject = f"{_first(self.node(root))} is {say_value(value)}"
        exact = claim.number is None or value == float(claim.number)
        agrees = "as printed" if exact else f"which rounds to the printed {say_published(claim)}"
        return f"{subject}, {agrees if good else f'not {say_published(claim)}'}."

    def comparison(self, root: Comparison, answer: QueryAnswer, good: bool) -> str:
        claim, sign = self._claim, _SIGNS[root.sign]
        named = isinstance(root.left, NamedValue)
        left = _first(self.node(root.left)) + ("" if named else f" is {say_value(answer.left)}")
        known = isinstance(root.right, Constant | NamedValue)
        right = self.node(root.right) + ("" if known else f" ({say_value(answer.right)})")
        if claim.kind == "statement" and not good and not named:
            needs = "it to be" if claim.published == "yes" else "it not to be"
            return f"{left}; the claim needs {needs} {sign} {right}."
        relation = f"{'' if answer.holds else 'not '}{sign} {right}"
        return f"{left} is {relation}." if named else f"{left}, which is {relation}."

    def node(self, node: QueryNode) -> str:
        match node:
            case Constant(value=value):
                return str(value)
            case NamedValue(space="published"):
                return f"the printed {say_published(self._claim)}"
            case NamedValue(space="claim", name=name):
                other = self._claims.by_id[name]
                return f"{say_published(other)} ({other.section})"
            case NamedValue(name=name):
                return f"{self._fact(name)} ({name.replace('_', ' ')})"
            case Arithmetic(sign="-", left=Constant(value=zero), right=right) if zero == 0:
                return f"minus {self.node(right)}"
            case Arithmetic(sign=sign, left=left, right=right):
                shown = {"*": "×", "/": "÷", "-": "−"}.get(sign, sign)
                return f"{self._bracketed(left)} {shown} {self._bracketed(right)}"
            case NumberFunction(function=function, arguments=arguments):
                inside = ", ".join(self.node(argument) for argument in arguments)
                return f"{FUNCTIONS[function].words} ({inside})"
            case DataRead():
                return self._read(node)

    def _fact(self, name: str) -> str:
        value = self._claims.facts[name].value
        return ", ".join(value) if isinstance(value, tuple) else str(value)

    def _bracketed(self, node: QueryNode) -> str:
        return f"({self.node(node)})" if isinstance(node, Arithmetic) else self.node(node)

    def _read(self, node: DataRead) -> str:
        table = self._evidence[node.table]
        column = f"{table.label(node.column)} in " if node.column else ""
        where = f" (where {_plain_sql(node.condition.sql)})" if node.condition else ""
        if node.function == "lacking":
            wanted = node.wanted
            list_ = (
                f"the cited {wanted.name.replace('_', ' ')}"
                if isinstance(wanted, NamedValue)
                else f"entries of “{self._evidence[wanted.table].title}”"
                if wanted is not None
                else ""
            )
            return f"the number of {list_} that are not found in {column.removesuffix(' in ')} of “{table.title}”{where}"
        of = "of " if column else "in "
        return f"the {FUNCTIONS[node.function].words} {of}{column}“{table.title}”{where}"


def _shown_label(claim: Claim, evidence: Evidence) -> str:
    (read,) = reads_in(claim.query.root)
    return evidence[read.table].label(claim.show or "")


def _plain_sql(sql: str) -> str:
    """A condition in words: quotes around texts, no underscores, small letters."""
    said = re.sub(r"'([^']*)'", lambda found: f"“{found[1]}”", sql.replace("_", " "))
    for sign, word in (
        (" AND ", " and "),
        (" OR ", " or "),
        ("NOT ", "not "),
        (" IN ", " is one of "),
        (" BETWEEN ", " between "),
    ):
        said = said.replace(sign, word)
    return said.replace("<>", "is not").replace(" = ", " is ").replace("<=", "≤").replace(">=", "≥")


def _first(text: str) -> str:
    return text[:1].upper() + text[1:]
