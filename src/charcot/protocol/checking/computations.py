"""Rules as parts of the whole: computed items that go in a circle or do not fit, conditions on datasets."""

from collections.abc import Iterator

from charcot.protocol.finding import Finding
from charcot.protocol.forms import Form, Item
from charcot.protocol.positions import Positions
from charcot.protocol.rules.book import RuleBook
from charcot.protocol.rules.kinds import NAMES, Kind
from charcot.protocol.rules.steps import Rule
from charcot.protocol.rules.syntax import check_condition
from charcot.protocol.study import Protocol
from charcot.protocol.yaml_text import Path

_FITS: dict[str, tuple[Kind, ...]] = {
    "integer": ("whole",),
    "decimal": ("whole", "number"),
    "text": ("text", "whole", "time"),
    "date": ("date",),
    "datetime": ("datetime",),
    "time": ("time", "text"),
    "choice": ("text", "whole"),
    "choices": ("choices",),
    "yes_no": ("truth", "text"),
}

Name = tuple[str, str]


def check_computations(protocol: Protocol, positions: Positions, rules: RuleBook) -> Iterator[Finding]:
    """Computed items and conditions that cannot work."""
    computed = dict(_computed(protocol, rules))
    yield from _check_circles(computed, positions)
    for path, form, item, rule in computed.values():
        yield from _check_result(path, form, item, rule, protocol, positions)
    for i, population in enumerate(protocol.populations):
        place: Path = ("populations", i, "where")
        for finding in check_condition(population.where):
            yield positions.in_rule(place, finding)


Computed = tuple[Path, Form, Item, Rule]


def _computed(protocol: Protocol, rules: RuleBook) -> Iterator[tuple[Name, Computed]]:
    for i, form in enumerate(protocol.forms):
        for j, item in enumerate(form.items):
            rule = rules.rules.get((item.computed or "", form.form, "value"))
            if rule is not None:
                yield (form.form, item.id), (("forms", i, "items", j, "computed"), form, item, rule)


def _needs(rule: Rule) -> set[Name]:
    """The items a rule reads from the same filling of their form; other encounters make no circle."""
    return {(ref.form, ref.item) for ref in rule.references.values() if ref.encounter is None}


def _check_circles(computed: dict[Name, Computed], positions: Positions) -> Iterator[Finding]:
    told: set[Name] = set()
    for name, (path, _, _, _) in computed.items():
        circle = _circle(name, computed)
        if circle and not told & set(circle):
            told |= set(circle)
            way = " → ".join(item for _, item in (*circle, circle[0]))
            what = (
                f"{name[1]} is computed from itself: {way}"
                if len(circle) > 1
                else f"{name[1]} is computed from itself"
            )
            yield positions.finding(
                "computed-circle", path, what, "compute it from items that are filled by hand"
            )


def _circle(start: Name, computed: dict[Name, Computed]) -> tuple[Name, ...]:
    """The way from an item through what it needs back to itself."""
    ways: list[tuple[Name, ...]] = [(start,)]
    seen: set[Name] = set()
    while ways:
        way = ways.pop()
        for name in sorted(_needs(computed[way[-1]][3]) & computed.keys()):
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append((*way, name))
    return ()


def _check_result(
    path: Path, form: Form, item: Item, rule: Rule, protocol: Protocol, positions: Positions
) -> Iterator[Finding]:
    if rule.kind not in _FITS[item.type]:
        what = f"{item.id} is of type {item.type}, but what is computed is {NAMES[rule.kind]}"
        instead = "make the type fit the rule"
        if item.type == "integer" and rule.kind == "number":
            what = f"{item.id} is of type integer, but what is computed can have decimals"
            instead = "write `type: decimal`, or ROUND(…)"
        yield positions.finding("computed-type", path, what, instead)
        return
    allowed = {code.code for code in protocol.codes_of(item)}
    wrong = [code for code in rule.codes if code not in allowed] if allowed and rule.kind != "truth" else []
    if wrong:
        what = f"{item.id} is computed as '{wrong[0]}', which is not one of its answers"
        yield positions.finding(
            "computed-code", path, what, f"use {', '.join(sorted(allowed))}, or add the answer to its codes"
        )
