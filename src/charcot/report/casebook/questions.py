"""The questions of a form as they stand on paper: answers to tick or to write, grids of scores, and annotations."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from charcot.protocol import Code, Form, Item, Protocol
from charcot.report.casebook.rule_words import describe_rule
from charcot.report.format import raise_powers

Data = dict[str, Any]

MOST_BOXES = 8
"""Digits that get a box each; longer numbers are written on a line."""

GRID_CODES = (2, 6)
"""How few and how many answers the questions of a grid share."""

LEAST_ROWS = 3
"""Questions with the same answers that make a grid."""

COMPUTED = ("(computed)",)
"""What computed questions share: nobody answers them."""

SHORT, MIDDLING = 60, 26
"""Characters of all answers that stand in one line; of the longest answer of two columns."""


def lay_out_questions(protocol: Protocol, form: Form) -> list[Data]:
    """The blocks of a form in order: single questions, and grids of questions that have the same answers."""
    blocks: list[Data] = []
    for shared, found in groupby(form.items, key=lambda item: _shared_answers(protocol, item)):
        items = list(found)
        questions = [_question(protocol, form, item) for item in items]
        if shared == COMPUTED and len(items) >= LEAST_ROWS:
            blocks.append({"block": "sums", "rows": questions})
        elif shared and shared != COMPUTED and len(items) >= LEAST_ROWS:
            blocks.append(_grid(protocol, items, questions))
        else:
            blocks += [{"block": "question", **question} for question in questions]
    return blocks


def _shared_answers(protocol: Protocol, item: Item) -> tuple[str, ...]:
    """The codes of a question that could stand in a grid; none for any other that is asked."""
    if item.computed is not None:
        return COMPUTED
    codes = protocol.codes_of(item) if item.type in ("choice", "yes_no") else ()
    least, most = GRID_CODES
    return tuple(code.code for code in codes) if least <= len(codes) <= most else ()


def _grid(protocol: Protocol, items: Sequence[Item], questions: Sequence[Data]) -> Data:
    answers = [protocol.codes_of(item) for item in items]
    same = all(_labels(codes) == _labels(answers[0]) for codes in answers)
    heads = answers[0] if same else [Code(code=code.code, label=code.code) for code in answers[0]]
    rows = [
        {**question, "anchors": [] if same else list(_labels(codes))}
        for question, codes in zip(questions, answers, strict=True)
    ]
    return {
        "block": "grid",
        "heads": [{"code": code.code, "label": code.label} for code in heads],
        "same": same,
        "rows": rows,
    }


def _labels(codes: Sequence[Code]) -> tuple[str, ...]:
    return tuple(code.label for code in codes)


def _question(protocol: Protocol, form: Form, item: Item) -> Data:
    shown = describe_rule(item.shown_if, form, protocol) if item.shown_if else ""
    needed = item.required_if if item.required_if and item.required_if != item.shown_if else None
    return {
        "id": f"{form.form}.{item.id}",
        "label": item.label,
        "help": item.help or "",
        "required": item.required or (item.required_if is not None and item.required_if == item.shown_if),
        "only_if": shown,
        "required_if": describe_rule(needed, form, protocol) if needed else "",
        "personal": item.personal or "personal" in (item.visibility, form.visibility),
        "unit": raise_powers(item.unit or ""),
        "answer": _answer(protocol, item),
        "notes": _annotations(form, item),
    }


def _answer(protocol: Protocol, item: Item) -> Data:
    """How the answer is given on paper."""
    if item.computed is not None:
        return {"way": "computed"}
    match item.type:
        case "choice" | "choices" | "yes_no":
            codes = protocol.codes_of(item)
            return {
                "way": "ticks",
                "several": item.type == "choices",
                "codes": [{"code": code.code, "label": code.label} for code in codes],
                "columns": _columns_of(_labels(codes)),
            }
        case "date" | "datetime":
            return {"way": "date", "time": item.type == "datetime", "partial": item.partial}
        case "time":
            return {"way": "time"}
        case "integer" | "decimal":
            return _digits(item)
        case _:
            return {"way": "line"}


def _columns_of(labels: Sequence[str]) -> int:
    """Columns of tick boxes; 0 where all stand in one line."""
    if sum(len(label) + 6 for label in labels) <= SHORT:
        return 0
    return 2 if len(labels) > 3 and max(map(len, labels)) <= MIDDLING else 1


def _digits(item: Item) -> Data:
    places = 0 if item.type == "integer" else item.precision
    if item.range is None or places is None:
        return {"way": "number"}
    low, high = (int(float(end)) for end in item.range)
    whole = max(len(str(high)), len(str(low)))
    if whole + places > MOST_BOXES:
        return {"way": "number"}
    return {"way": "digits", "whole": whole, "places": places}


def _annotations(form: Form, item: Item) -> list[Data]:
    """What the protocol says of an item besides its question: type, limits and rules."""
    kind = {"yes_no": "yes/no", "choices": "several of"}.get(item.type, item.type)
    parts = [kind + (f" in {item.unit}" if item.unit else "")]
    if item.partial:
        parts.append("may be partial")
    if item.precision is not None:
        parts.append(f"{item.precision} decimal place" + ("" if item.precision == 1 else "s"))
    if item.required:
        parts.append("required")
    if item.personal or "personal" in (item.visibility, form.visibility):
        parts.append("personal, sealed")
    elif item.visibility != "open":
        parts.append(f"visibility {item.visibility.replace('_', ' ')}")
    if item.not_reported:
        parts.append("not in the publication")
    notes: list[Data] = [_note("is", ", ".join(parts))]
    if item.range is not None:
        notes.append(_note("range", f"{item.range[0]} to {item.range[1]}, else refused"))
    if item.expected is not None:
        notes.append(_note("expected", f"{item.expected[0]} to {item.expected[1]}, else a query"))
    notes += [
        _note(
            "normal",
            f"{span.low or '…'} to {span.high or '…'}" + (f" where sex is {span.sex}" if span.sex else ""),
        )
        for span in item.normal
    ]
    if isinstance(item.codes, str):
        notes.append(_note("codes", f"list {item.codes}"))
    for name, rule in (
        ("computed", item.computed),
        ("shown if", item.shown_if),
        ("required if", item.required_if),
    ):
        if rule:
            notes.append(_note(name, " ".join(rule.split()), code=True))
    return notes


def _note(name: str, text: str, *, code: bool = False) -> Data:
    return {"name": name, "text": text, "code": code}
