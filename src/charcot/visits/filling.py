"""Filling a form: typed values, skipped and required items, computed values and edit checks."""

import difflib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from charcot.ledger import Absence, Origin, Value
from charcot.protocol import EditCheck, Facts, Form, Item, Study, evaluate_rules, format_computed
from charcot.refusal import BadValue
from charcot.visits.date_limits import DateLimits, check_dates
from charcot.visits.entry_fields import check_text

COUNTED_IN = ("cells", "cells/ml")
FEWEST_CELLS = 10_000
"""Fewer cells than this were hardly counted in a product: 10^6 loses its superscript and becomes 106."""

FactsOf = Callable[[Mapping[str, Value]], Facts]
"""Gives the facts as they are while these values stand on the form."""


@dataclass(frozen=True)
class FailedCheck:
    """An edit check that did not hold, with the values it saw."""

    check: str
    severity: str
    message: str
    items: tuple[str, ...]
    used: Mapping[str, str | None]

    def as_data(self) -> dict[str, Any]:
        """The finding as it stands in an entry."""
        return {
            "check": self.check,
            "severity": self.severity,
            "message": self.message,
            "items": list(self.items),
            "used": dict(self.used),
        }


@dataclass(frozen=True)
class Filled:
    """A form as it will be entered: all values with the computed ones, and what is to be said about it."""

    values: Mapping[str, Value]
    failed: tuple[FailedCheck, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class JudgedForm:
    """A form while it is being filled: what stands on it so far, and what is to be said about it; nothing is refused."""

    values: Mapping[str, Value]
    """What fits, with what was computed from it."""
    unfit: Mapping[str, str]
    """What is wrong with a field, by item."""
    misplaced: Mapping[str, str]
    """What stands in a field that does not apply."""
    hidden: frozenset[str]
    required: frozenset[str]
    failed: tuple[FailedCheck, ...]
    unknown: tuple[str, ...]

    @property
    def blocking(self) -> Mapping[str, str]:
        """What the edit checks that refuse say, by the first item each is about."""
        found = [check for check in self.failed if check.severity == "error"]
        return {(check.items or (check.check,))[0]: check.message for check in found}

    @property
    def missing(self) -> tuple[str, ...]:
        """Required items that are empty."""
        return tuple(sorted(self.required - set(self.values)))


def judge_form(
    study: Study,
    form: Form,
    given: Mapping[str, Value],
    facts_of: FactsOf,
    limits: DateLimits | None = None,
) -> JudgedForm:
    """Judges `given` as far as it goes: fields that do not fit are named, and left out of everything else."""
    unfit = {**_find_unknown(form, given), **_find_unfit(study, form, given)}
    if limits is not None:
        fitting = {name: value for name, value in given.items() if name not in unfit}
        unfit |= check_dates(study.protocol, form, fitting, limits)
    values = {name: value for name, value in given.items() if name not in unfit}
    values.update(_computed(study, form, values, facts_of))
    misplaced, hidden, required = _shown(study, form, values, facts_of)
    failed, unknown = judge_values(study, form, values, facts_of(values))
    return JudgedForm(values, unfit, misplaced, hidden, required, failed, unknown)


def fill_form(
    study: Study,
    form: Form,
    given: Mapping[str, Value],
    facts_of: FactsOf,
    limits: DateLimits | None = None,
) -> Filled:
    """Judges `given` against the form. Raises BadValue, with all fields that are wrong, and what would be right."""
    judged = judge_form(study, form, given, facts_of, limits)
    problems = {**judged.blocking, **judged.misplaced, **judged.unfit}
    if problems:
        order = {item.id: place for place, item in enumerate(form.items)}
        named = sorted(problems, key=lambda name: order.get(name, len(order)))
        raise _bad(form, {name: problems[name] for name in named})
    missing = tuple(item.id for item in form.items if item.id in judged.missing)
    return Filled(judged.values, judged.failed, judged.unknown, missing)


def is_personal(form: Form, item: Item) -> bool:
    """Whether the values of an item identify a person, and are sealed."""
    return "personal" in form.labels_of(item)


def _bad(form: Form, problems: Mapping[str, str]) -> BadValue:
    labels = {item.id: item.label for item in form.items}
    return BadValue(
        f"{form.title}: "
        + " ".join(f"{labels.get(item, item)} {problem}" for item, problem in problems.items()),
        rule=f"Form {form.form!r}" + (f", {form.section}" if form.section else ""),
        next_step="Correct the fields named and save again. Nothing was saved.",
        facts={"form": form.form, "fields": dict(problems)},
    )


def _find_unknown(form: Form, given: Mapping[str, Value]) -> dict[str, str]:
    ids = [item.id for item in form.items]
    problems = {}
    for name in given:
        if name not in ids:
            close = difflib.get_close_matches(name, ids, 1)
            problems[name] = "is not a field of this form." + (
                f" Did you mean {close[0]!r}?" if close else ""
            )
        elif (item := form.item(name)) is not None and item.computed is not None:
            problems[name] = "is computed from other fields and cannot be entered."
    return problems


def _find_unfit(study: Study, form: Form, given: Mapping[str, Value]) -> dict[str, str]:
    problems = {}
    for item in form.items:
        value = given.get(item.id)
        if value is None:
            continue
        if [value.text, value.absent, value.sealed].count(None) != 2:
            problems[item.id] = "needs either a value or a reason for having none, and not both."
        elif value.sealed is not None:
            if not is_personal(form, item):
                problems[item.id] = "is sealed, but it is no personal field. Type the value itself."
        elif value.absent is not None:
            if not (value.why or "").strip():
                problems[item.id] = f"is given as {value.absent.replace('_', ' ')}: say why."
        elif (problem := check_text(item, study.protocol.codes_of(item), value.text or "")) is not None:
            problems[item.id] = problem
    return problems


def _computed(study: Study, form: Form, values: Mapping[str, Value], facts_of: FactsOf) -> dict[str, Value]:
    waiting = [item for item in form.items if item.computed is not None]
    derived: dict[str, Value] = {}
    while waiting:
        pending = {item.id for item in waiting}
        ready = [item for item in waiting if not (_own_references(study, form, item) & pending)]
        rules = [study.rules.rule(item.computed or "", form.form, "value") for item in ready]
        outcomes = evaluate_rules(rules, facts_of({**values, **derived}))
        for item, outcome in zip(ready, outcomes, strict=True):
            text = format_computed(outcome.value, item)
            if text is not None:
                derived[item.id] = Value(text=text, origin=Origin.DERIVED)
        waiting = [item for item in waiting if item not in ready]
    return derived


def _own_references(study: Study, form: Form, item: Item) -> set[str]:
    rule = study.rules.rule(item.computed or "", form.form, "value")
    return {reference.item for reference in rule.references.values() if reference.form == form.form}


def _shown(
    study: Study, form: Form, values: Mapping[str, Value], facts_of: FactsOf
) -> tuple[dict[str, str], frozenset[str], frozenset[str]]:
    """What stands where it does not apply, the items that do not apply, and those that are required."""
    conditional = [(item, rule) for item in form.items for rule in (item.shown_if, item.required_if) if rule]
    rules = [study.rules.rule(rule, form.form, "truth") for _, rule in conditional]
    outcomes = evaluate_rules(rules, facts_of(values)) if rules else []
    truth = {
        (item.id, rule): outcome.value for (item, rule), outcome in zip(conditional, outcomes, strict=True)
    }
    hidden = {item.id for item in form.items if item.shown_if and truth[item.id, item.shown_if] is not True}
    misplaced = {
        item: "does not apply here, because of another answer on this form. Leave it empty, or change that answer."
        for item in sorted(hidden)
        if item in values
        and values[item].absent is not Absence.NOT_APPLICABLE
        and values[item].origin is not Origin.DERIVED
    }
    required = {
        item.id
        for item in form.items
        if item.id not in hidden
        and (item.required or (item.required_if and truth[item.id, item.required_if] is True))
    }
    return misplaced, frozenset(hidden), frozenset(required)


def judge_values(
    study: Study, form: Form, values: Mapping[str, Value], facts: Facts
) -> tuple[tuple[FailedCheck, ...], tuple[str, ...]]:
    """Every check on a filled form that fails, those that items have of themselves first, and which cannot be judged."""
    stated, unknown = judge_checks(study, form, form.checks, facts)
    asked = [item for check in stated for item in check.items]
    return (*_unexpected(form, values), *_bare_counts(form, values, asked), *stated), unknown


def judge_checks(
    study: Study, form: Form, checks: Sequence[EditCheck], facts: Facts
) -> tuple[tuple[FailedCheck, ...], tuple[str, ...]]:
    """Which of some edit checks of a form fail on these facts, and which cannot be judged."""
    rules = [study.rules.rule(check.rule, form.form, "truth") for check in checks]
    judged = tuple(zip(checks, evaluate_rules(rules, facts), strict=True))
    failed = tuple(
        FailedCheck(check.id, check.severity, check.message, check.items, outcome.used)
        for check, outcome in judged
        if outcome.value is False
    )
    return failed, tuple(check.id for check, outcome in judged if outcome.value is None)


def list_own_checks(form: Form, values: Mapping[str, Value]) -> frozenset[str]:
    """The checks that items have of themselves (expected range, counts of cells) and that saw a value to judge."""
    seen = [
        item for item in form.items if (value := values.get(item.id)) is not None and value.text is not None
    ]
    ranges = {f"{item.id}_expected" for item in seen if item.expected is not None}
    return frozenset(ranges | {f"{item.id}_count" for item in seen if item.unit in COUNTED_IN})


def _unexpected(form: Form, values: Mapping[str, Value]) -> Sequence[FailedCheck]:
    found = []
    for item in form.items:
        value = values.get(item.id)
        if item.expected is None or value is None or value.text is None:
            continue
        low, high = item.expected
        if not Decimal(low) <= Decimal(value.text) <= Decimal(high):
            unit = f" {item.unit}" if item.unit else ""
            personal = is_personal(form, item)  # what identifies somebody is never said in a question
            this = "this is not" if personal else f"this is {value.text}"
            message = f"{item.label} is usually between {low} and {high}{unit}; {this}. Check it against the source."
            used = {} if personal else {item.id: value.text}
            found.append(FailedCheck(f"{item.id}_expected", "query", message, (item.id,), used))
    return found


def _bare_counts(form: Form, values: Mapping[str, Value], asked: Collection[str]) -> Sequence[FailedCheck]:
    """Counts of cells so small that a superscript was probably lost; not where a check of the form asks already."""
    found = []
    for item in form.items:
        value = values.get(item.id)
        if item.unit not in COUNTED_IN or value is None or value.text is None or item.id in asked:
            continue
        if 0 < Decimal(value.text) < FEWEST_CELLS:
            message = (
                f"{item.label}: {value.text} {item.unit} is very few. Was a superscript lost, such as 106 for 10^6? "
                "Check it against the source."
            )
            found.append(FailedCheck(f"{item.id}_count", "query", message, (item.id,), {item.id: value.text}))
    return found
