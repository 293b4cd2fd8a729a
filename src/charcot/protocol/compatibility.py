"""Two versions of a protocol compared: what was recorded under the old must keep its meaning under the new."""

from collections.abc import Iterator

from charcot.protocol.finding import Finding
from charcot.protocol.forms import Form, Item
from charcot.protocol.positions import Positions
from charcot.protocol.study import Protocol
from charcot.protocol.yaml_text import Mark, Path

_KEPT = {"type": "type", "unit": "unit", "personal": "personal"}


def check_compatibility(old: Protocol, new: Protocol, positions: Positions | None = None) -> list[Finding]:
    """What a new version may not change: type, unit and codes of items. `positions` are those of `new`."""
    places = positions if positions is not None else _nameless(new)
    findings: list[Finding] = []
    for form in old.forms:
        index, newer = next(((i, f) for i, f in enumerate(new.forms) if f.form == form.form), (0, None))
        if newer is None:
            what = f"the form {form.form} of version {old.version.number} is gone"
            instead = "keep it, without activities, if anything was recorded on it"
            findings.append(places.finding("form-gone", ("forms",), what, instead, "warning"))
            continue
        findings.extend(_check_form(("forms", index), form, newer, old, new, places))
    return findings


def _check_form(
    path: Path, form: Form, newer: Form, old: Protocol, new: Protocol, places: Positions
) -> Iterator[Finding]:
    if form.repeating != newer.repeating or form.subject != newer.subject:
        key = "repeating" if form.repeating != newer.repeating else "subject"
        before = str(getattr(form, key)).lower()
        what = f"{key} of the form {form.form} was {before} in version {old.version.number}"
        yield places.finding(
            "form-changed", (*path, key), what, f"write `{key}: {before}`, or give the new form another name"
        )
    for item in form.items:
        current = newer.item(item.id)
        if current is None:
            what = f"the item {form.form}.{item.id} of version {old.version.number} is gone"
            instead = "keep it if anything was recorded in it; a renamed item is a new item"
            yield places.finding("item-gone", (*path, "items"), what, instead, "warning")
            continue
        here: Path = (*path, "items", newer.items.index(current))
        yield from _check_item(here, item, current, old, new, places)


def _check_item(
    path: Path, item: Item, current: Item, old: Protocol, new: Protocol, places: Positions
) -> Iterator[Finding]:
    for key, word in _KEPT.items():
        before, after = getattr(item, key), getattr(current, key)
        if before != after:
            what = f"the {word} of {item.id} was {_written(before)} in version {old.version.number} and is now {_written(after)}"
            instead = f"write `{key}: {_written(before)}`, or add a new item with another name"
            yield places.finding("item-changed", (*path, key), what, instead)
    if item.type != current.type:
        return
    labels = {code.code: code.label for code in new.codes_of(current)}
    for code in old.codes_of(item):
        if code.code not in labels:
            what = f"{item.id} had the answer {code.code} ({code.label}) in version {old.version.number}"
            yield places.finding("code-gone", (*path, "codes"), what, f"put back `{code.code}: {code.label}`")
        elif labels[code.code] != code.label:
            what = f"the answer {code.code} of {item.id} meant {code.label!r} and now means {labels[code.code]!r}"
            instead = f"write `{code.code}: {code.label}`, or add a new code for the new meaning"
            yield places.finding("code-changed", (*path, "codes"), what, instead)


def _written(value: object) -> str:
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _nameless(protocol: Protocol) -> Positions:
    """Positions for a protocol that did not come from files."""
    return Positions({(): Mark("protocol", 1, 1)}, protocol.model_dump(mode="python"))
