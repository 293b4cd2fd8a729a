"""A rule while it is being compiled: what has been found so far, and what each part of it is."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sqlglot import exp

from charcot.protocol.rules.functions import Function
from charcot.protocol.rules.kinds import NAMES, ColumnPart, Kind
from charcot.protocol.rules.reference import Reference, Scope
from charcot.protocol.rules.steps import Call, RowCall, RuleColumn
from charcot.protocol.rules.syntax import Notes


@dataclass(frozen=True)
class Typed:
    """A part of a rule: SQL for polars, the kind of its value, and what else is known of it."""

    sql: str
    kind: Kind
    node: exp.Expr
    codes: tuple[str, ...] = ()
    column: RuleColumn | None = None
    literal: str | None = None
    never_zero: bool = False
    counted: RowCall | None = None
    level: int = 0

    @property
    def described(self) -> str:
        """The part as a person would call it: `the text 'x'`, `weight (a number)`."""
        name = NAMES[self.kind]
        if self.literal is not None and self.kind == "text":
            return f"the text '{self.literal}'"
        if self.literal is not None:
            return f"the number {self.literal}"
        if self.codes:
            name = "a choice"
        return f"{self.node.sql()} ({name})" if self.kind != "nothing" else "NULL"


@dataclass
class RuleDraft:
    """What a rule needs, gathered while its parts are typed. `row_form` is set within `any_of` and its like."""

    scope: Scope
    notes: Notes
    type_of: "Callable[[exp.Expr, RuleDraft], Typed]"
    row_form: str | None = None
    references: dict[str, Reference] = field(default_factory=dict)
    columns: dict[str, RuleColumn] = field(default_factory=dict)
    row_calls: dict[str, RowCall] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)

    def typed(self, node: exp.Expr) -> Typed:
        """The kind and the SQL of a part."""
        return self.type_of(node, self)

    def wrong(self, node: exp.Expr) -> Typed:
        """What stands for a part that has a finding, so that one mistake makes one finding."""
        return Typed("NULL", "wrong", node)

    def mistake(self, code: str, node: exp.Expr, what: str, instead: str) -> Typed:
        """Notes a finding and returns what stands for the part."""
        self.notes.add(code, node, what, instead)
        return self.wrong(node)

    def column(self, reference: Reference, kind: Kind, part: ColumnPart, *, row: bool = False) -> RuleColumn:
        """The column of a reference, made when first asked for."""
        at = f"@{reference.encounter}" if reference.encounter else ""
        ending = "" if part == "value" else f"~{part}"
        name = f"{'row ' if row else ''}{reference.form}.{reference.item}{at}{ending}"
        column = RuleColumn(name, reference, kind, part, row)
        self.columns[name] = column
        return column

    def call(self, function: Function, gives: Kind, arguments: list[Typed], node: exp.Expr) -> Typed:
        """A call of a function of ours; the same call in two places is made once."""
        parts = tuple(argument.sql for argument in arguments)
        name = "call " + hashlib.sha256("\n".join((function.name, gives, *parts)).encode()).hexdigest()[:16]
        level = 1 + max((argument.level for argument in arguments), default=0)
        self.calls[name] = Call(name, function, parts, gives, level)
        return Typed(f'"{name}"', gives, node, codes=function.codes, level=level)

    def row_call(self, call: RowCall, node: exp.Expr) -> Typed:
        """A call over the rows of a repeating form."""
        written = (call.quantifier, call.form, call.steps.sql, str(call.compared))
        name = "rows " + hashlib.sha256("\n".join(written).encode()).hexdigest()[:16]
        named = replace(call, name=name)
        self.row_calls[name] = named
        counted = named if call.quantifier == "count_of" and call.compared is None else None
        return Typed(f'"{name}"', named.gives, node, counted=counted)


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def day(part: Typed, draft: RuleDraft) -> Typed:
    """A date with time reduced to its day, so that it compares with dates."""
    if part.kind != "datetime":
        return part
    if part.column is not None and part.column.part == "value":
        column = draft.column(part.column.reference, "date", "day", row=part.column.row)
        return replace(part, sql=f'"{column.name}"', kind="date", column=column)
    return replace(part, sql=f"CAST({part.sql} AS DATE)", kind="date", column=None)


def number(part: Typed) -> Typed:
    """A choice given as a quoted number, taken as the number it is."""
    return replace(part, sql=str(part.literal), kind="whole")
