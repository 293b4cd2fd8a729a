"""Comparisons in a rule: which kinds go together, and which answers an item has."""

from dataclasses import replace
from datetime import date, datetime

from sqlglot import exp

from charcot.protocol.finding import nearest
from charcot.protocol.rules.draft import RuleDraft, Typed, day, number, quoted
from charcot.protocol.rules.kinds import parse_value

SIGNS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NUMBERS = ("whole", "number")
_DAYS = ("date", "datetime")


def compare(left: Typed, sign: str, right: Typed, node: exp.Expr, draft: RuleDraft) -> Typed:
    """`left sign right` as a condition."""
    if "wrong" in (left.kind, right.kind):
        return draft.wrong(node)
    for side in (left, right):
        finding = _never_compared(side, sign, node, draft)
        if finding is not None:
            return finding
    if right.counted is not None and left.literal is not None:
        left, right, sign = right, left, _TURNED.get(sign, sign)
    if left.counted is not None and right.literal is not None and right.kind == "whole":
        call = replace(left.counted, compared=(sign, int(right.literal)))
        return draft.row_call(call, node)
    left, right = matched(left, right, draft), matched(right, left, draft)
    if "wrong" in (left.kind, right.kind):
        return draft.wrong(node)
    if not _go_together(left, right):
        return draft.mistake("rule-type", node, *_mismatch(left, right))
    if sign not in ("=", "<>") and left.kind in ("text", "truth"):
        instead = "use = , <> or IN" if left.kind == "text" else "use AND, OR and NOT"
        what = f"{left.described} and {right.described} have no order, so {sign} says nothing"
        return draft.mistake("rule-type", node, what, instead)
    if left.kind == "text" and left.codes and right.codes and not set(left.codes) & set(right.codes):
        what = f"{left.node.sql()} and {right.node.sql()} have no answer in common"
        return draft.mistake("rule-code", node, what, "compare each with an answer of its own")
    return Typed(f"({left.sql} {sign} {right.sql})", "truth", node, level=max(left.level, right.level))


def _never_compared(side: Typed, sign: str, node: exp.Expr, draft: RuleDraft) -> Typed | None:
    name = side.node.sql()
    if side.kind == "nothing":
        what, instead = f"{node.sql()} is never TRUE: nothing equals NULL", "write IS NULL or IS NOT NULL"
        return draft.mistake("rule-null", node, what, instead)
    if side.kind == "partial":
        return partial(side, draft)
    if side.kind == "choices":
        what = f"{name} holds several answers at once, so {sign} cannot compare it"
        return draft.mistake(
            "rule-type", node, what, f"write chosen({name}, '{(side.codes or ('code',))[0]}')"
        )
    return None


def partial(side: Typed, draft: RuleDraft) -> Typed:
    """The finding for a date that may be partial and is used as if it were whole."""
    name = side.node.sql()
    what = f"{name} may lack its day or month, so it is not one date"
    instead = f"write {name}.earliest or {name}.latest, whichever is on the safe side"
    return draft.mistake("rule-partial-date", side.node, what, instead)


def matched(side: Typed, other: Typed, draft: RuleDraft) -> Typed:
    """`side` made to fit `other`: texts that are dates, times or codes, and moments beside days."""
    if side.kind == "text" and side.literal is not None:
        return _literal(side, side.literal, other, draft)
    if side.kind == "datetime" and (
        other.kind == "date" or (other.literal is not None and len(other.literal) == 10)
    ):
        return day(side, draft)
    if side.literal is not None and other.codes and other.kind == "whole" and side.literal not in other.codes:
        return not_a_code(side, side.literal, other, draft)
    return side


def _literal(side: Typed, text: str, other: Typed, draft: RuleDraft) -> Typed:
    if other.kind in _DAYS:
        return _date_literal(side, text, other, draft)
    if other.kind == "time":
        value = parse_value("time", "value", text)
        if value is None:
            return draft.mistake(
                "rule-type", side.node, f"'{text}' is not a time of day", "write for example '09:30'"
            )
        return replace(side, sql=quoted(value), kind="time")
    if other.codes and text not in other.codes:
        return not_a_code(side, text, other, draft)
    return number(side) if other.codes and other.kind == "whole" else side


def _date_literal(side: Typed, text: str, other: Typed, draft: RuleDraft) -> Typed:
    try:
        moment = datetime.fromisoformat(text)
        if len(text) == 10:
            return replace(side, sql=f"CAST('{date.fromisoformat(text)}' AS DATE)", kind="date")
        if other.kind == "datetime" and moment.tzinfo is None:
            return replace(side, sql=f"CAST('{moment:%Y-%m-%d %H:%M:%S}' AS TIMESTAMP)", kind="datetime")
    except ValueError:
        pass
    what = f"{other.described} is compared with '{text}', which is not a date"
    return draft.mistake("rule-type", side.node, what, "write year-month-day, such as '2014-03-14'")


def not_a_code(side: Typed, text: str, other: Typed, draft: RuleDraft) -> Typed:
    """The finding for an answer that an item does not have."""
    close = nearest(text, other.codes)
    listed = ", ".join(f"'{code}'" if other.kind == "text" else code for code in other.codes)
    instead = (
        f"did you mean '{close}'? " if close else ""
    ) + f"the answers of {other.node.sql()} are {listed}"
    return draft.mistake("rule-code", side.node, f"{other.node.sql()} has no answer '{text}'", instead)


def _go_together(left: Typed, right: Typed) -> bool:
    if left.kind in _NUMBERS and right.kind in _NUMBERS:
        return True
    return left.kind == right.kind


def _mismatch(left: Typed, right: Typed) -> tuple[str, str]:
    what = f"{left.described} cannot be compared with {right.described}"
    for side, other in ((left, right), (right, left)):
        if side.kind == "truth" and other.codes:
            return what, f"write {other.node.sql()} = '{other.codes[0]}'"
        if side.codes:
            listed = ", ".join(f"'{code}'" if side.kind == "text" else code for code in side.codes[:12])
            return what, f"compare {side.node.sql()} with one of its answers: {listed}"
        if side.kind in _DAYS:
            return (
                what,
                "compare it with a date such as '2014-03-14', or use months_between, days_between or age_at",
            )
        if side.kind == "text" and side.literal is not None:
            return what, "write a number without quotes"
    return what, "compare two values of the same kind"
