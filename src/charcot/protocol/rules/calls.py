"""Functions in a rule: SQL's few, ours, `at` another encounter, and those over rows of a repeating form."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlglot import exp

from charcot.protocol.finding import one_of
from charcot.protocol.rules.cases import unify
from charcot.protocol.rules.comparing import not_a_code, partial
from charcot.protocol.rules.conditions import truth
from charcot.protocol.rules.draft import RuleDraft, Typed, day
from charcot.protocol.rules.functions import FUNCTIONS, ROW_FUNCTIONS, Function, Want, spirometry_equations
from charcot.protocol.rules.kinds import Kind
from charcot.protocol.rules.names import type_name
from charcot.protocol.rules.steps import RowCall, Steps
from charcot.protocol.rules.syntax import Notes, parse_sql, refuse, start_of

_WANTED: dict[Want, str] = {
    "date": "a date",
    "number": "a number",
    "text": "a text",
    "choices": "an item of type choices",
}


def type_anonymous(node: exp.Anonymous, draft: RuleDraft) -> Typed:
    """A function that SQL does not know."""
    name = str(node.name).lower()
    if name in ROW_FUNCTIONS:
        return _over_rows(name, node, draft)
    if name == "at":
        return _at(node, draft)
    if name in FUNCTIONS:
        return _ours(FUNCTIONS[name], list(node.expressions), node, draft)
    refuse(node, draft.notes)
    return draft.wrong(node)


def type_builtin(node: Any, draft: RuleDraft) -> Typed:
    """A function that SQL knows and rules allow."""
    return _BUILTINS[type(node)](node, draft)


def _abs(node: exp.Abs, draft: RuleDraft) -> Typed:
    part = _argument(draft.typed(node.this), "number", "abs", "ABS(change)", draft)
    return (
        part
        if part.kind == "wrong"
        else Typed(f"ABS({part.sql})", part.kind, node, never_zero=part.never_zero, level=part.level)
    )


def _coalesce(node: exp.Coalesce, draft: RuleDraft) -> Typed:
    parts = [draft.typed(part) for part in (node.this, *node.expressions)]
    if any(part.kind == "wrong" for part in parts):
        return draft.wrong(node)
    parts, kind = unify(parts, node, draft)
    if kind == "wrong":
        return draft.wrong(node)
    known = tuple(
        dict.fromkeys(
            code for part in parts for code in ((part.literal,) if part.literal is not None else part.codes)
        )
    )
    codes = known if any(part.codes for part in parts) else ()
    sql = f"COALESCE({', '.join(part.sql for part in parts)})"
    return Typed(sql, kind, node, codes=codes, level=max(part.level for part in parts))


def _nullif(node: exp.Nullif, draft: RuleDraft) -> Typed:
    parts = [draft.typed(node.this), draft.typed(node.expression)]
    if any(part.kind == "wrong" for part in parts):
        return draft.wrong(node)
    (left, right), kind = unify(parts, node, draft)
    if kind == "wrong":
        return draft.wrong(node)
    never_zero = right.literal is not None and kind in ("whole", "number") and float(right.literal) == 0
    sql = f"(CASE WHEN {left.sql} = {right.sql} THEN NULL ELSE {left.sql} END)"
    return Typed(sql, kind, node, codes=left.codes, never_zero=never_zero, level=max(left.level, right.level))


def _round(node: exp.Round, draft: RuleDraft) -> Typed:
    places = node.args.get("decimals")
    if places is not None and not (
        isinstance(places, exp.Literal) and places.this.isdigit() and int(places.this) <= 12
    ):
        what = f"ROUND needs the number of decimal places, and {places.sql()} is none"
        return draft.mistake("rule-arguments", node, what, "write for example ROUND(weight, 1)")
    arguments = [node.this] if places is None else [node.this, places]
    return _ours(
        FUNCTIONS["round"],
        arguments,
        node,
        draft,
        gives="number" if places and places.this != "0" else "whole",
    )


def _extreme(node: exp.Greatest | exp.Least, draft: RuleDraft) -> Typed:
    name = "greatest" if isinstance(node, exp.Greatest) else "least"
    parts = [draft.typed(part) for part in (node.this, *node.expressions)]
    if any(part.kind == "wrong" for part in parts):
        return draft.wrong(node)
    parts, kind = unify(parts, node, draft)
    if kind not in ("whole", "number", "date", "datetime", "wrong"):
        what, instead = f"{name.upper()} compares numbers or dates only", f"write {FUNCTIONS[name].example}"
        return draft.mistake("rule-type", node, what, instead)
    return draft.wrong(node) if kind == "wrong" else draft.call(FUNCTIONS[name], kind, parts, node)


def _months(node: exp.MonthsBetween, draft: RuleDraft) -> Typed:
    arguments = [part for part in (node.this, node.expression) if part is not None]
    return _ours(FUNCTIONS["months_between"], arguments, node, draft)


_BUILTINS: dict[type[exp.Expr], Callable[[Any, RuleDraft], Typed]] = {
    exp.Abs: _abs,
    exp.Coalesce: _coalesce,
    exp.Nullif: _nullif,
    exp.Round: _round,
    exp.Greatest: _extreme,
    exp.Least: _extreme,
    exp.MonthsBetween: _months,
}
BUILTINS = tuple(_BUILTINS)


def _ours(
    function: Function, nodes: list[Any], node: exp.Expr, draft: RuleDraft, gives: Kind | None = None
) -> Typed:
    least = function.least or len(function.wants)
    if not least <= len(nodes) <= len(function.wants):
        number = str(least) if least == len(function.wants) else f"{least} or {len(function.wants)}"
        what = f"{function.name} takes {number} values, but has {len(nodes)}"
        return draft.mistake("rule-arguments", node, what, f"write {function.example}")
    wants = function.wants[: len(nodes)]
    parts = [
        _argument(draft.typed(part), want, function.name, function.example, draft)
        for part, want in zip(nodes, wants, strict=True)
    ]
    if (
        function.name == "chosen"
        and parts[0].codes
        and parts[1].literal is not None
        and parts[1].literal not in parts[0].codes
    ):
        return not_a_code(parts[1], parts[1].literal, replace(parts[0], kind="text"), draft)
    if function.name == "fvc_percent_predicted":
        _check_spirometry(parts, draft)
    if any(part.kind == "wrong" for part in parts) or draft.notes.findings:
        return draft.wrong(node)
    return draft.call(function, gives or function.gives, parts, node)


def _check_spirometry(parts: list[Typed], draft: RuleDraft) -> None:
    equation, sex = parts[:2]
    known = spirometry_equations()
    if equation.literal is not None and equation.literal not in known:
        what = f"there is no equation {equation.literal}"
        draft.notes.add("rule-arguments", equation.node, what, one_of(equation.literal, known))
    elif equation.literal is not None and known[equation.literal] and len(parts) < 6:
        what = f"{equation.literal} needs the group of the participant as a sixth value"
        instead = f"add an item or one of: {', '.join(repr(group) for group in known[equation.literal])}"
        draft.notes.add("rule-arguments", equation.node, what, instead)
    if sex.codes and not any(code[:1].upper() in ("F", "M") for code in sex.codes):
        what = f"the answers of {sex.node.sql()} do not tell female from male"
        draft.notes.add("rule-arguments", sex.node, what, "use the codes female and male, or F and M")


def _argument(part: Typed, want: Want, name: str, example: str, draft: RuleDraft) -> Typed:
    if part.kind in ("wrong", "nothing"):
        return (
            part
            if part.kind == "wrong"
            else draft.mistake("rule-arguments", part.node, f"{name} is given NULL", f"write {example}")
        )
    if part.kind == "partial":
        return partial(part, draft)
    if want == "date":
        part = day(part, draft)
    fits = {"number": ("whole", "number"), "date": ("date",), "text": ("text",), "choices": ("choices",)}[
        want
    ]
    if part.kind in fits:
        return part
    if want == "text" and part.kind == "whole" and part.codes:
        return replace(part, sql=f"CAST({part.sql} AS VARCHAR)", kind="text")
    what = f"{name} needs {_WANTED[want]} here, and {part.described} is none"
    return draft.mistake("rule-arguments", part.node, what, f"write for example {example}")


def _at(node: exp.Anonymous, draft: RuleDraft) -> Typed:
    given = list(node.expressions)
    if (
        len(given) != 2
        or not (isinstance(given[0], exp.Literal) and given[0].is_string)
        or not isinstance(given[1], exp.Column)
    ):
        what = "at needs an encounter in quotes and an item"
        return draft.mistake(
            "rule-arguments", node, what, "write for example at('month_2', vital_signs.weight)"
        )
    encounter = str(given[0].this)
    protocol = draft.scope.protocol
    if encounter not in protocol.encounters_by_id:
        instead = one_of(encounter, protocol.encounters_by_id)
        return draft.mistake(
            "rule-unknown-encounter", given[0], f"there is no encounter {encounter}", instead
        )
    if given[1].table in ("this", "participant"):
        what = f"{given[1].sql()} does not belong to an encounter"
        return draft.mistake("rule-arguments", given[1], what, f"write {given[1].sql()} alone")
    part = type_name(given[1], draft, encounter)
    form = part.column.reference.form if part.column is not None else None
    if form in protocol.forms_by_id and encounter not in protocol.encounters_of(str(form)):
        times = protocol.encounters_of(str(form))
        what = f"the form {form} is not filled at {encounter}"
        instead = (
            f"write one of: {', '.join(times)}" if times else f"add {form} to an activity at {encounter}"
        )
        return draft.mistake("rule-not-at-encounter", given[0], what, instead)
    return replace(part, node=node)


def _over_rows(name: str, node: exp.Anonymous, draft: RuleDraft) -> Typed:
    given = list(node.expressions)
    example = f"{name}(adverse_event, 'grade >= 3')"
    if draft.row_form is not None:
        return draft.mistake(
            "rule-rows",
            node,
            f"{name} stands within another condition on rows",
            "write the two side by side, joined with AND",
        )
    if len(given) != 2 or not (isinstance(given[0], exp.Column) and len(given[0].parts) == 1):
        return draft.mistake(
            "rule-arguments", node, f"{name} needs a form and a condition", f"write for example {example}"
        )
    form_id = str(given[0].name)
    protocol = draft.scope.protocol
    form = protocol.forms_by_id.get(form_id)
    repeating = [form.form for form in protocol.forms if form.repeating]
    if form is None:
        return draft.mistake(
            "rule-unknown-form", given[0], f"there is no form {form_id}", one_of(form_id, repeating)
        )
    if not form.repeating:
        what = f"{form_id} is not a repeating form, so {name} has no rows to look at"
        return draft.mistake(
            "rule-rows",
            given[0],
            what,
            f"name the item itself, as {form_id}.{form.items[0].id if form.items else 'item'}",
        )
    inner = RuleDraft(draft.scope, draft.notes, draft.type_of, row_form=form_id, references=draft.references)
    condition = _condition(given[1], inner)
    if condition.kind == "wrong":
        return draft.wrong(node)
    draft.columns.update({name: column for name, column in inner.columns.items() if not column.row})
    steps = Steps(condition.sql, "truth", tuple(inner.columns.values()), (), tuple(inner.calls.values()))
    return draft.row_call(RowCall("", name, form_id, steps), node)


def _condition(node: exp.Expr, inner: RuleDraft) -> Typed:
    if not (isinstance(node, exp.Literal) and node.is_string):
        return truth(node, inner)
    own = Notes(inner.notes.text, inner.notes.findings, inner.notes.shift + start_of(node) + 1)
    inner.notes = own
    parsed = parse_sql(str(node.this), own)
    return inner.wrong(node) if parsed is None else truth(parsed, inner)
