"""The language of queries: one expression of data, claims and facts, from a closed list of functions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlglot import Dialect, exp, parser
from sqlglot.errors import ParseError, SqlglotError, TokenError

from charcot.protocol.finding import one_of
from charcot.report.claims.functions import FUNCTIONS

LONGEST = 1000
SIGNS: Mapping[type[exp.Expr], str] = {
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.EQ: "=",
    exp.NEQ: "<>",
}
_ARITHMETIC: Mapping[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
_CONDITION = (exp.And, exp.Or, exp.Not, exp.Paren, exp.In, exp.Between, exp.Literal, exp.Neg, exp.Identifier)
_SYNTAX = "write one expression, such as mean(published_baseline.age) or count(death) = claim.deaths"


class QueryMistake(Exception):
    """A query that cannot be read: where in its text, what is wrong, what to write instead."""

    def __init__(self, offset: int, what: str, instead: str) -> None:
        super().__init__(what)
        self.offset = offset
        self.what = what
        self.instead = instead


@dataclass(frozen=True)
class Constant:
    """A number or a text written in the query."""

    value: Decimal | str


@dataclass(frozen=True)
class NamedValue:
    """The published value of a claim, the value of a fact, or (`published`) the value of the claim itself."""

    space: str
    name: str


@dataclass(frozen=True)
class Condition:
    """The rows that a function looks at: SQL on the columns of its table. `compared` are columns with what they meet."""

    sql: str
    columns: tuple[str, ...]
    compared: tuple[tuple[str, bool], ...]
    """Columns, and whether each is compared with a text (or else with a number)."""


@dataclass(frozen=True)
class DataRead:
    """A function of the rows of a table. `column` is "" where rows are counted; `wanted` is what `lacking` looks for."""

    function: str
    table: str
    column: str = ""
    condition: Condition | None = None
    wanted: "DataRead | NamedValue | None" = None


@dataclass(frozen=True)
class NumberFunction:
    """A function of numbers."""

    function: str
    arguments: tuple["QueryNode", ...]


@dataclass(frozen=True)
class Arithmetic:
    """Two numbers and a sign between them."""

    sign: str
    left: "QueryNode"
    right: "QueryNode"


@dataclass(frozen=True)
class Comparison:
    """Two values and a sign between them; only the whole of a query can be one."""

    sign: str
    left: "QueryNode"
    right: "QueryNode"


QueryNode = Constant | NamedValue | DataRead | NumberFunction | Arithmetic


@dataclass(frozen=True)
class ClaimQuery:
    """A query as written, and what it means."""

    text: str
    root: QueryNode | Comparison


class _OwnFunctions(Dialect):
    """SQL in which no function has a meaning of its own."""

    class Parser(parser.Parser):
        FUNCTIONS = {}  # noqa: RUF012  # as sqlglot declares it
        FUNCTION_PARSERS = {}  # noqa: RUF012  # as sqlglot declares it
        NO_PAREN_FUNCTIONS = {}  # noqa: RUF012  # as sqlglot declares it


_SQL = _OwnFunctions()


def parse_query(text: str) -> ClaimQuery:
    """The query that a text says. Raises QueryMistake."""
    if len(text) > LONGEST:
        raise QueryMistake(0, "the query is too long", "split it into claims that refer to each other")
    try:
        found = _SQL.parser().parse_into(exp.Condition, _SQL.tokenize(text), text)
    except TokenError:
        raise QueryMistake(
            0, "the query has a quote that is opened and never closed", "add the closing quote"
        ) from None
    except ParseError as error:
        first = (error.errors or [{}])[0]
        offset = max(int(first.get("col") or 1) - 1, 0)
        if text.count("(") > text.count(")"):
            raise QueryMistake(
                offset, "a bracket is opened and never closed", "add the closing bracket"
            ) from None
        raise QueryMistake(offset, f"the query cannot be read: {text}", _SYNTAX) from None
    except (SqlglotError, ValueError, RecursionError):
        raise QueryMistake(0, f"the query cannot be read: {text}", _SYNTAX) from None
    if len(found) != 1 or found[0] is None:
        raise QueryMistake(0, "the query is more than one expression", "write one claim for each")
    root = found[0]
    while isinstance(root, exp.Paren):
        root = root.this
    if type(root) in SIGNS:
        return ClaimQuery(text, Comparison(SIGNS[type(root)], _node(root.this), _node(root.expression)))
    return ClaimQuery(text, _node(root))


def reads_in(node: QueryNode | Comparison) -> Iterator[DataRead]:
    """Every reading of data in a query."""
    match node:
        case DataRead(wanted=wanted):
            yield node
            if isinstance(wanted, DataRead):
                yield wanted
        case NumberFunction(arguments=arguments):
            for argument in arguments:
                yield from reads_in(argument)
        case Arithmetic() | Comparison():
            yield from reads_in(node.left)
            yield from reads_in(node.right)


def names_in(node: QueryNode | Comparison) -> frozenset[tuple[str, str]]:
    """The claims and facts that a query refers to, as (space, name); `("published", "")` is the claim's own value."""
    match node:
        case NamedValue(space=space, name=name):
            return frozenset({(space, name)})
        case DataRead(wanted=NamedValue(space=space, name=name)):
            return frozenset({(space, name)})
        case NumberFunction(arguments=arguments):
            return frozenset().union(*(names_in(argument) for argument in arguments))
        case Arithmetic() | Comparison():
            return names_in(node.left) | names_in(node.right)
        case _:
            return frozenset()


def _node(node: exp.Expr) -> QueryNode:
    match node:
        case exp.Paren():
            return _node(node.this)
        case exp.Literal():
            return Constant(str(node.this) if node.is_string else Decimal(str(node.this)))
        case exp.Neg():
            return Arithmetic("-", Constant(Decimal(0)), _node(node.this))
        case exp.Column():
            return _named(node)
        case exp.Anonymous():
            return _function(node)
    if type(node) in _ARITHMETIC:
        return Arithmetic(_ARITHMETIC[type(node)], _node(node.this), _node(node.expression))
    if type(node) in SIGNS or isinstance(node, exp.And | exp.Or | exp.Not | exp.Between | exp.In):
        raise QueryMistake(
            _start(node),
            "a query compares only once, as a whole",
            "write a claim for each comparison, or put conditions on rows inside count(…)",
        )
    raise QueryMistake(_start(node), f"`{node.sql()}` is not part of the language of queries", _SYNTAX)


def _named(node: exp.Column) -> NamedValue:
    space, name = node.table, node.name
    if not space and name == "published":
        return NamedValue("published", "")
    if space in ("claim", "fact"):
        return NamedValue(space, name)
    what = f"`{node.sql()}` stands alone"
    if space:
        raise QueryMistake(_start(node), what, f"say what of it: mean({space}.{name}), only({space}.{name})")
    raise QueryMistake(
        _start(node), what, "write claim.name, fact.name, published, or a function of a column: max(table.column)"
    )  # fmt: skip


def _function(node: exp.Anonymous) -> QueryNode:
    name, arguments, start = node.name.lower(), list(node.expressions), _start(node)
    function = FUNCTIONS.get(name)
    if function is None:
        raise QueryMistake(start, f"there is no function {name}", one_of(name, FUNCTIONS, most=40))
    if function.reads == "numbers":
        if len(arguments) != function.arguments:
            raise QueryMistake(start, f"{name} takes {function.arguments} values", f"write {function.form}")
        return NumberFunction(name, tuple(_node(argument) for argument in arguments))
    expected = function.arguments
    if not expected <= len(arguments) <= expected + 1:
        raise QueryMistake(
            start, f"{name} does not take {len(arguments)} arguments", f"write {function.form}"
        )
    wanted = _wanted(arguments.pop(0), function.form) if function.reads == "lists" else None
    table, column = _column(arguments[0], function.reads, function.form)
    condition = _condition(arguments[1]) if len(arguments) > 1 else None
    return DataRead(name, table, column, condition, wanted)


def _wanted(node: exp.Expr, form: str) -> DataRead | NamedValue:
    if isinstance(node, exp.Column) and node.table == "fact":
        return NamedValue("fact", node.name)
    return DataRead("each", *_column(node, "column", form))


def _column(node: exp.Expr, reads: str, form: str) -> tuple[str, str]:
    if not isinstance(node, exp.Column):
        raise QueryMistake(_start(node), f"`{node.sql()}` is not a column", f"write {form}")
    if reads == "rows":
        if node.table:
            raise QueryMistake(_start(node), f"`{node.sql()}` is a column, not a table", f"write {form}")
        return node.name, ""
    if not node.table:
        raise QueryMistake(_start(node), f"`{node.sql()}` is not a column of a table", f"write {form}")
    return node.table, node.name


def _condition(node: exp.Expr) -> Condition:
    for part in node.walk():
        if isinstance(part, exp.Column):
            if part.table:
                raise QueryMistake(
                    _start(part),
                    f"`{part.sql()}` names a table inside a condition",
                    f"write the column alone: {part.name}",
                )
        elif not (isinstance(part, _CONDITION) or type(part) in SIGNS):
            raise QueryMistake(
                _start(part),
                f"`{part.sql()}` is not allowed in a condition on rows",
                "compare columns with numbers or texts, joined by AND, OR, NOT, IN, BETWEEN",
            )
    if type(node) not in SIGNS and not isinstance(node, exp.And | exp.Or | exp.Not | exp.In | exp.Between):
        raise QueryMistake(_start(node), f"`{node.sql()}` is not a condition", "write one such as age > 65")
    columns = tuple(sorted({column.name for column in node.find_all(exp.Column)}))
    return Condition(node.sql(), columns, tuple(_compared(node)))


def _compared(node: exp.Expr) -> Iterator[tuple[str, bool]]:
    for part in node.walk():
        if type(part) in SIGNS or isinstance(part, exp.In | exp.Between):
            literals = [bool(found.is_string) for found in part.find_all(exp.Literal)]
            for column in part.find_all(exp.Column):
                yield from ((column.name, is_text) for is_text in literals)


def _start(node: exp.Expr) -> int:
    return min((part.meta["start"] for part in node.walk() if "start" in part.meta), default=0)
