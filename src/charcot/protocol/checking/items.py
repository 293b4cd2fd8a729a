"""Items of forms: ranges, units, codes and what goes together."""

from collections.abc import Iterator

from charcot.protocol.finding import Finding
from charcot.protocol.forms import Form, Item
from charcot.protocol.positions import Positions
from charcot.protocol.study import Protocol
from charcot.protocol.yaml_text import Path

_NUMBERS = ("integer", "decimal")
_CHOICES = ("choice", "choices")


def check_items(protocol: Protocol, positions: Positions) -> Iterator[Finding]:
    """Items that cannot be filled, or whose parts contradict each other."""
    for i, code_list in enumerate(protocol.code_lists):
        codes = [code.code for code in code_list.codes]
        yield from _check_codes(("code_lists", i, "codes"), f"the code list {code_list.id}", codes, positions)
    for i, form in enumerate(protocol.forms):
        if not form.items:
            what = f"the form {form.form} has no items"
            yield positions.finding("empty-form", ("forms", i, "items"), what, "add at least one item")
        for j, item in enumerate(form.items):
            path: Path = ("forms", i, "items", j)
            yield from _check_ranges(path, item, positions)
            yield from _check_answers(path, item, protocol, positions)
            yield from _check_together(path, item, form, positions)


def _check_ranges(path: Path, item: Item, positions: Positions) -> Iterator[Finding]:
    for key in ("range", "expected"):
        ends = getattr(item, key)
        if ends is None:
            continue
        low, high = ends
        if item.type not in _NUMBERS:
            what = f"{item.id} has a {key}, but it is of type {item.type}, not a number"
            yield positions.finding(
                "range-of-no-number",
                (*path, key),
                what,
                f"remove the {key}, or make the type integer or decimal",
            )
        elif float(low) > float(high):
            what = f"the {key} of {item.id} is the wrong way round: {low} is more than {high}"
            yield positions.finding("reversed-range", (*path, key), what, f"write [{high}, {low}]")
    if item.range is not None and item.expected is not None:
        outside = float(item.expected[0]) < float(item.range[0]) or float(item.expected[1]) > float(
            item.range[1]
        )
        if outside and item.type in _NUMBERS:
            what = f"{item.id} expects values ({_ends(item.expected)}) that its range ({_ends(item.range)}) refuses"
            yield positions.finding(
                "expected-outside-range",
                (*path, "expected"),
                what,
                "keep `expected` within `range`, or widen the range",
            )
    for k, normal in enumerate(item.normal):
        if normal.low is not None and normal.high is not None and float(normal.low) > float(normal.high):
            what = f"the normal range of {item.id} is the wrong way round: {normal.low} is more than {normal.high}"
            yield positions.finding(
                "reversed-range", (*path, "normal", k), what, f"write low: {normal.high}, high: {normal.low}"
            )


def _ends(ends: tuple[str, str]) -> str:
    return f"{ends[0]} to {ends[1]}"


def _check_answers(path: Path, item: Item, protocol: Protocol, positions: Positions) -> Iterator[Finding]:
    if item.type not in _CHOICES:
        if item.codes is not None:
            why = "yes and no are its answers" if item.type == "yes_no" else f"it is of type {item.type}"
            what = f"{item.id} has codes, but {why}"
            yield positions.finding(
                "codes-without-choice", (*path, "codes"), what, "remove the codes, or write `type: choice`"
            )
        return
    if item.codes is None:
        what, instead = (
            f"{item.id} is a choice and has no codes",
            "add `codes:` with each answer as `code: label`, or the name of a code list",
        )
        yield positions.finding("choice-without-codes", path, what, instead)
        return
    codes = [code.code for code in protocol.codes_of(item)]
    if not isinstance(item.codes, str):
        yield from _check_codes((*path, "codes"), item.id, codes, positions)
    if item.type == "choices" and any("," in code for code in codes):
        what = f"{item.id} allows several answers, and one of its codes contains a comma"
        yield positions.finding("comma-in-code", (*path, "codes"), what, "write codes without commas")


def _check_codes(path: Path, name: str, codes: list[str], positions: Positions) -> Iterator[Finding]:
    if not codes:
        yield positions.finding(
            "no-codes", path, f"{name} has no answers", "write each answer as `code: label`"
        )
    for code in dict.fromkeys(code for code in codes if codes.count(code) > 1):
        yield positions.finding(
            "duplicate-id", path, f"{name} has the code {code} twice", "give each answer a code of its own"
        )


def _check_together(path: Path, item: Item, form: Form, positions: Positions) -> Iterator[Finding]:
    if item.computed is not None and (item.required or item.required_if is not None):
        key = "required" if item.required else "required_if"
        what = f"{item.id} is computed, so nobody can be required to fill it"
        yield positions.finding("computed-and-required", (*path, key), what, f"remove `{key}`")
    if item.required and item.required_if is not None:
        what = f"{item.id} is always required, so `required_if` says nothing"
        yield positions.finding(
            "required-twice", (*path, "required_if"), what, "keep one of `required` and `required_if`"
        )
    if item.partial and item.type not in ("date", "datetime"):
        what = f"{item.id} is `partial`, but only dates can be"
        yield positions.finding(
            "partial-without-date", (*path, "partial"), what, "remove `partial`, or write `type: date`"
        )
    if item.precision is not None and item.type != "decimal":
        what = f"{item.id} has a precision, but it is of type {item.type}"
        yield positions.finding(
            "precision-without-decimal",
            (*path, "precision"),
            what,
            "remove the precision, or write `type: decimal`",
        )
    elif item.precision is not None and not 0 <= item.precision <= 12:
        what = f"{item.id} cannot have {item.precision} decimal places"
        yield positions.finding(
            "precision-without-decimal", (*path, "precision"), what, "write a number from 0 to 12"
        )
    if item.type == "decimal" and item.unit is None:
        what = f"{item.id} is a decimal without a unit"
        yield positions.finding(
            "no-unit",
            path,
            what,
            'add `unit:`, such as kg; where there is none, write `unit: "1"`',
            "warning",
        )
