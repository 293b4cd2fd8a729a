"""Enter the normal range of a site's own laboratory, from a day on; what was sampled before keeps its range."""

from decimal import Decimal, InvalidOperation
from typing import Any

from charcot.conduct.trial import (
    Situation,
    Trial,
    act_on_trial,
    require_date,
    require_every_site,
    require_one_of,
    require_text,
)
from charcot.laboratory import convert_typed, find_conversions
from charcot.ledger import TRIAL, Actor, Draft, Entry, Kind
from charcot.participants import require_unlocked
from charcot.protocol import Item, Protocol
from charcot.refusal import BadValue
from charcot.team import sites_of
from charcot.visits import normalise_typed

RULE = "Laboratory: a site's range has a lower or an upper end, in this order, from a day on"
OLDEST = 130
"""The highest age that a range can begin or end at [years]."""


def set_range(
    trial: Trial,
    actor: Actor,
    *,
    site: str,
    form: str,
    item: str,
    since: str,
    source: str,
    low: str | None = None,
    high: str | None = None,
    unit: str | None = None,
    sex: str | None = None,
    age_from: int | str | None = None,
    age_to: int | str | None = None,
) -> tuple[Entry, ...]:
    """The range [`unit`, by default that of the item] that holds at `site` for samples from the day `since` on.

    For one `sex` or ages in completed years (both count) where the laboratory says so. `source`: where it was read. It stands before
    the protocol's range; of two for the same people and day the one entered last holds. Ends and ages are read as numbers on forms are,
    with a decimal comma or digits of any script, and kept as typed beside. Raises BadValue, and LockedAway where the trial is locked: a
    range changes what its data say.
    """

    def judge(situation: Situation) -> list[Draft]:
        require_unlocked(situation.charter.locked, "The normal ranges")
        protocol = situation.charter.ruling_on(situation.now.date()).study.protocol
        require_one_of(site, [each.id for each in protocol.trial.design.sites], "site")
        if site not in (sites_of(situation.charter.delegations, actor, situation.now.date()) or {site}):
            require_every_site(situation, actor)
        found = _require_test(protocol, form, item)
        typed = {name: text for name, text in (("low", low), ("high", high)) if text}
        ends = {name: _in_the_items_unit(found, name, text, unit) for name, text in typed.items()}
        if not ends:
            raise _wrong("low", None, "Neither end of the range was given.")
        if len(ends) == 2 and Decimal(ends["low"]) > Decimal(ends["high"]):
            raise _wrong("high", high, f"The upper end {high} is less than the lower {low}.")
        said = {
            name: str(age) for name, age in (("age_from", age_from), ("age_to", age_to)) if age is not None
        }
        ages = {name: _in_years(found, name, text) for name, text in said.items()}
        if len(ages) == 2 and ages["age_from"] > ages["age_to"]:
            raise _wrong("age_to", age_to, f"The ages are the wrong way round: {age_from} to {age_to}.")
        data: dict[str, Any] = {
            "site": site,
            "form": form,
            "item": item,
            "since": require_date(since, "since"),
            **ends,
            "unit": found.unit or "",
            "source": require_text(source, "source").strip(),
            **({} if sex is None else {"sex": _require_sex(protocol, sex)}),
            **ages,
        }
        if as_typed := {
            **({"unit": unit or found.unit or "", **typed} if typed != ends else {}),
            **{name: text for name, text in said.items() if text != str(ages[name])},
        }:
            data["typed"] = as_typed
        return [Draft(Kind.NORMAL_RANGE_SET, TRIAL, "set_range", actor, data=data)]

    return act_on_trial(trial, actor, "set_range", judge, of_site=True)


def _require_test(protocol: Protocol, form: str, item: str) -> Item:
    tests = {
        f"{each.form}.{one.id}": one
        for each in protocol.forms
        if each.plays == "laboratory"
        for one in each.items
        if one.type in ("integer", "decimal")
    }
    require_one_of(f"{form}.{item}", list(tests), "item")
    return tests[f"{form}.{item}"]


def _in_the_items_unit(item: Item, name: str, typed: str, unit: str | None) -> str:
    text = normalise_typed(item.model_copy(update={"type": "decimal"}), (), typed)
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise _wrong(name, typed, f"{typed} is no number.")
    if not unit or unit == item.unit:
        return text
    converted = convert_typed(item.model_copy(update={"type": "decimal", "precision": None}), text, unit)
    if converted is None:
        known = ", ".join([item.unit or "", *(c.unit for c in find_conversions(item))])
        raise BadValue(
            f"{unit} is no unit that {item.label} can be converted from.",
            rule="Laboratory: units are converted by a closed table, each factor with its source",
            next_step=f"Write the range in one of: {known}.",
            facts={"field": "unit", "given": unit},
        )
    return format(Decimal(converted).normalize(), "f")


def _in_years(item: Item, name: str, typed: str) -> int:
    """An age in completed years."""
    text = normalise_typed(item.model_copy(update={"type": "integer"}), (), typed)
    if not (text.isascii() and text.isdecimal() and int(text) <= OLDEST):
        raise BadValue(
            f"{typed} is no age in years.",
            rule="Laboratory: ages are completed years",
            next_step=f"Write a whole number from 0 to {OLDEST}, such as 60.",
            facts={"field": name, "given": typed},
        )
    return int(text)


def _require_sex(protocol: Protocol, sex: str) -> str:
    form, _, name = (protocol.sex_item or "").partition(".")
    item = protocol.forms_by_id[form].item(name) if form in protocol.forms_by_id else None
    require_one_of(sex, [code.code for code in protocol.codes_of(item)] if item is not None else [], "sex")
    return sex


def _wrong(
    field: str, given: object, what: str, next_step: str = "Read the laboratory's list again."
) -> BadValue:
    return BadValue(what, rule=RULE, next_step=next_step, facts={"field": field, "given": given})
