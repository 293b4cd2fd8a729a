"""The text of a rule read by sqlglot: exactly one expression, and what is never allowed in it."""

from dataclasses import dataclass, field, replace

from sqlglot import Dialect, exp
from sqlglot.errors import ParseError, SqlglotError, TokenError

from charcot.protocol.finding import Finding, one_of
from charcot.protocol.rules.functions import EVERY_NAME

LONGEST = 4000
"""Characters a rule may have."""

_CLOCK = (
    "now",
    "today",
    "getdate",
    "sysdate",
    "localtime",
    "localtimestamp",
    "curdate",
    "date",
    "time",
    "utc_timestamp",
)
_CLOCK_NODES = ("Current", "Localtime", "Utc", "Systimestamp", "UnixSeconds")
_RANDOM = ("random", "rand", "randn", "uuid", "newid")
_FILES = ("read_", "scan_", "load_", "glob", "copy")
_ROWS = exp.Query | exp.Subquery | exp.Window | exp.Star
_PLAIN = exp.And | exp.Or | exp.Abs | exp.Coalesce | exp.Nullif | exp.Round | exp.Case | exp.If


@dataclass
class Notes:
    """Collects the findings of one rule; `shift` moves those of a quoted inner condition to their place."""

    text: str
    findings: list[Finding] = field(default_factory=list)
    shift: int = 0

    def add(self, code: str, node: exp.Expr | int, what: str, instead: str) -> None:
        """Notes a finding at a node, or at an offset in the text."""
        offset = (node if isinstance(node, int) else start_of(node)) + self.shift
        before = self.text[: min(offset, len(self.text))]
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        finding = Finding(code, "", line, column, "", what, instead)
        if finding not in self.findings:
            self.findings.append(finding)


def start_of(node: exp.Expr) -> int:
    """The offset at which a node begins, as far as sqlglot tells."""
    starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
    return min(starts, default=0)


def parse_sql(text: str, notes: Notes) -> exp.Expr | None:
    """The one expression of a rule, or None with findings."""
    if not text.strip():
        notes.add(
            "rule-empty", 0, "the rule is empty", "write a condition, such as age >= 18, or leave the key out"
        )
        return None
    if len(text) > LONGEST:
        notes.add("rule-too-long", 0, "the rule is too long", "split it, for instance into computed items")
        return None
    try:
        sql = Dialect.get_or_raise(None)
        statements = sql.parser().parse_into(exp.Condition, sql.tokenize(text), text)
    except TokenError:
        notes.add(
            "rule-syntax", 0, "the rule has a quote or bracket that is opened and never closed", "close it"
        )
        return None
    except ParseError as error:
        _add_syntax(error, text, notes)
        return None
    except RecursionError:
        notes.add("rule-too-long", 0, "the rule nests too deep", "split it, for instance into computed items")
        return None
    except (SqlglotError, ValueError):
        notes.add(
            "rule-syntax", 0, "the rule cannot be read", "write one condition, such as age BETWEEN 18 AND 65"
        )
        return None
    found = [
        statement
        for statement in statements
        if statement is not None and not isinstance(statement, exp.Semicolon)
    ]
    if len(found) != 1 or len(statements) != 1:
        what, instead = "the rule contains a semicolon", "write one condition; join two with AND"
        notes.add("rule-two", max(text.find(";"), 0), what, instead)
        return None
    return found[0]


def _add_syntax(error: ParseError, text: str, notes: Notes) -> None:
    first = error.errors[0] if error.errors else {}
    description, highlight = str(first.get("description", "")), str(first.get("highlight", ""))
    lines = text.split("\n")
    line, column = int(first.get("line") or 1), int(first.get("col") or 1)
    offset = sum(len(part) + 1 for part in lines[: line - 1]) + max(column - len(highlight), 0)
    if "Required keyword" in description:
        what = f"the rule breaks off after {highlight}"
        instead = f"write what {highlight} is to be compared or joined with"
    elif "Expecting )" in description:
        what, instead = "a bracket is opened and never closed", "add the closing bracket"
    else:
        what = f"the rule cannot be read at {highlight!r}"
        instead = "write one condition, such as age BETWEEN 18 AND 65; join two with AND or OR"
    notes.add("rule-syntax", offset, what, instead)


def refuse(node: exp.Expr, notes: Notes) -> None:
    """Notes why this kind of expression is not allowed."""
    name = _name(node)
    if isinstance(node, exp.Window):
        what, instead = "a rule cannot look along a window of rows (OVER)", "use any_of or count_of"
        notes.add("rule-window", node, what, instead)
    elif isinstance(node, exp.AggFunc):
        what = f"{name.upper()} works on many rows, but a rule judges one person"
        instead = "ask about the rows of a repeating form with any_of(form, 'condition') or count_of(form, 'condition')"
        notes.add("rule-aggregate", node, what, instead)
    elif isinstance(node, exp.Query | exp.Subquery | exp.Exists):
        what, instead = "a rule cannot contain a query (SELECT)", "name the item itself, as form.item"
        notes.add("rule-subquery", node, what, instead)
    elif name in _CLOCK or type(node).__name__.startswith(_CLOCK_NODES):
        what = f"{name.upper()} asks the clock, so the answer would change from day to day"
        notes.add("rule-clock", node, what, "use this.date, the date of what is being judged")
    elif name in _RANDOM or isinstance(node, exp.Rand | exp.Randn):
        notes.add("rule-random", node, "a rule cannot be left to chance (RANDOM)", "name an item")
    elif name.startswith(_FILES) or isinstance(node, exp.UDTF):
        notes.add("rule-table-function", node, f"{name} reads a file or table", "name an item, as form.item")
    elif isinstance(node, exp.Star):
        notes.add("rule-star", node, "* stands for all columns, but a rule judges one value", "name the item")
    elif isinstance(node, exp.Mod):
        notes.add("rule-unsupported", node, "% (remainder) is not among the signs of rules", "use + - * /")
    elif isinstance(node, exp.Like | exp.ILike | exp.SimilarTo | exp.RegexpLike):
        what, instead = (
            "a rule cannot search within a text",
            "make the item a choice and compare with its codes",
        )
        notes.add("rule-unsupported", node, what, instead)
    elif isinstance(node, exp.Func) and not isinstance(node, exp.Cast):
        what = f"there is no function {name}"
        notes.add("rule-unknown-function", node, what, one_of(name, EVERY_NAME, most=20))
    else:
        what = f"{node.sql()[:60]} is not something a rule can contain"
        instead = "use comparisons, + - * /, AND, OR, NOT, IN, BETWEEN, IS NULL, CASE and the functions of the handbook"
        notes.add("rule-unsupported", node, what, instead)


def _name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return str(node.name).lower()
    return node.sql_name().lower() if isinstance(node, exp.Func) else ""


def check_condition(text: str) -> list[Finding]:
    """What no condition may contain, for conditions on datasets whose columns the protocol does not know."""
    notes = Notes(text)
    node = parse_sql(text, notes)
    for part in node.walk() if node is not None else ():
        date = isinstance(part, exp.Cast) and isinstance(part.this, exp.Literal)
        if isinstance(part, exp.Func | _ROWS) and not date and not isinstance(part, _PLAIN):
            refuse(part, notes)
    if node is not None and not isinstance(node, exp.Condition):
        refuse(node, notes)
    instead = "write a condition on the columns of one participant, such as infused_on IS NOT NULL"
    return [
        replace(finding, instead=instead) if finding.code == "rule-aggregate" else finding
        for finding in notes.findings
    ]


def is_plain_name(name: str) -> bool:
    """Whether a rule reads this word as the name of an item, not as a word of SQL."""
    notes = Notes(f"{name} = 1 AND {name} IS NULL")
    node = parse_sql(notes.text, notes)
    return node is not None and [column.name for column in node.find_all(exp.Column)] == [name, name]
