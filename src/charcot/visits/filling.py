"""Filling a form: typed values, skipped and required items, computed values and edit checks."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from charcot.ledger import Absence, Origin, Value
from charcot.protocol import Facts, Form, Item, Study, evaluate_rules, format_computed
from charcot.refusal import BadValue
from charcot.visits.entry_fields import check_text

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


def fill_form(study: Study, form: Form, given: Mapping[str, Value], facts_of: FactsOf) -> Filled:
    """Judges `given` against the form. Raises BadValue, with all fields that are wrong, and what would be right."""
    _require_known(form, given)
    _require_fitting(study, form, given)
    values = dict(given)
    values.update(_computed(study, form, values, facts_of))
    missing = _require_shown(study, form, values, facts_of)
    failed, unknown = _checks(study, form, values, facts_of)
    blocking = [check for check in failed if check.severity == "error"]
    if blocking:
        raise _bad(form, {(check.items or (check.check,))[0]: check.message for check in blocking})
    return Filled(values, failed, unknown, missing)


def is_personal(form: Form, item: Item) -> bool:
    """Whether the values of an item identify a person, and are sealed."""
    return item.personal or "personal" in (item.visibility, form.visibility)


def _bad(form: Form, problems: Mapping[str, str]) -> BadValue:
    labels = {item.id: item.label for item in form.items}
    return BadValue(
        f"{form.title}: "
        + " ".join(f"{labels.get(item, item)} {problem}" for item, problem in problems.items()),
        rule=f"Form {form.form!r}" + (f", {form.section}" if form.section else ""),
        next_step="Correct the fields named and save again. Nothing was saved.",
        facts={"form": form.form, "fields": dict(problems)},
    )


def _require_known(form: Form, given: Mapping[str, Value]) -> None:
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
    if problems:
        raise _bad(form, problems)


def _require_fitting(study: Study, form: Form, given: Mapping[str, Value]) -> None:
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
    if problems:
        raise _bad(form, problems)


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


def _require_shown(
    study: Study, form: Form, values: Mapping[str, Value], facts_of: FactsOf
) -> tuple[str, ...]:
    conditional = [(item, rule) for item in form.items for rule in (item.shown_if, item.required_if) if rule]
    rules = [study.rules.rule(rule, form.form, "truth") for _, rule in conditional]
    outcomes = evaluate_rules(rules, facts_of(values)) if rules else []
    truth = {
        (item.id, rule): outcome.value for (item, rule), outcome in zip(conditional, outcomes, strict=True)
    }
    hidden = {item.id for item in form.items if item.shown_if and truth[item.id, item.shown_if] is not True}
    wrong = {
        item: "does not apply here, because of another answer on this form. Leave it empty, or change that answer."
        for item in sorted(hidden)
        if item in values
        and values[item].absent is not Absence.NOT_APPLICABLE
        and values[item].origin is not Origin.DERIVED
    }
    if wrong:
        raise _bad(form, wrong)
    return tuple(
        item.id
        for item in form.items
        if item.id not in values
        and item.id not in hidden
        and (item.required or (item.required_if and truth[item.id, item.required_if] is True))
    )


def _checks(
    study: Study, form: Form, values: Mapping[str, Value], facts_of: FactsOf
) -> tuple[tuple[FailedCheck, ...], tuple[str, ...]]:
    failed = list(_unexpected(form, values))
    if not form.checks:
        return tuple(failed), ()
    rules = [study.rules.rule(check.rule, form.form, "truth") for check in form.checks]
    outcomes = evaluate_rules(rules, facts_of(values))
    failed += [
        FailedCheck(check.id, check.severity, check.message, check.items, outcome.used)
        for check, outcome in zip(form.checks, outcomes, strict=True)
        if outcome.value is False
    ]
    unknown = [c.id for c, outcome in zip(form.checks, outcomes, strict=True) if outcome.value is None]
    return tuple(failed), tuple(unknown)


def _unexpected(form: Form, values: Mapping[str, Value]) -> Sequence[FailedCheck]:
    found = []
    for item in form.items:
        value = values.get(item.id)
        if item.expected is None or value is None or value.text is None:
            continue
        low, high = item.expected
        if not Decimal(low) <= Decimal(value.text) <= Decimal(high):
            unit = f" {item.unit}" if item.unit else ""
            message = f"{item.label} is usually between {low} and {high}{unit}; this is {value.text}. Check it against the source."
            found.append(
                FailedCheck(f"{item.id}_expected", "query", message, (item.id,), {item.id: value.text})
            )
    return found
