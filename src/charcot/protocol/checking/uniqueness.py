"""Names that stand twice, and names that rules could not use."""

from collections.abc import Iterable, Iterator

from charcot.protocol.finding import Finding
from charcot.protocol.positions import Positions
from charcot.protocol.rules.syntax import is_plain_name
from charcot.protocol.study import Protocol
from charcot.protocol.yaml_text import Path

_LISTS = (
    "approvals",
    "populations",
    "objectives",
    "endpoints",
    "estimands",
    "criteria",
    "arms",
    "interventions",
    "encounters",
    "activities",
    "code_lists",
    "release_specification",
    "boundaries",
    "staggering",
    "reporting",
    "analysis",
    "background_rates",
    "earlier_trials",
    "roles",
)
_KINDS = {
    "criteria": "criterion",
    "activities": "activity",
    "analysis": "planned result",
    "boundaries": "boundary",
    "staggering": "staggering",
    "reporting": "reporting clock",
    "release_specification": "release test",
}
_TAKEN_FORMS = ("this", "participant")
_TAKEN_ITEMS = ("earliest", "latest")


def check_uniqueness(protocol: Protocol, positions: Positions) -> Iterator[Finding]:
    """Ids that are not unique among their own, and ids that a rule reads as something else."""
    for part in _LISTS:
        kind = _KINDS.get(part, part.removesuffix("s").replace("_", " "))
        yield from _twice(kind, (part,), [entry.id for entry in getattr(protocol, part)], positions)
    yield from _twice("form", ("forms",), [form.form for form in protocol.forms], positions, key="form")
    for i, form in enumerate(protocol.forms):
        here: Path = ("forms", i)
        if form.form in _TAKEN_FORMS:
            what = f"the form is called {form.form}, a word that has a meaning of its own in rules"
            yield positions.finding("taken-name", (*here, "form"), what, f"call it {form.form}_form")
        yield from _twice("item", (*here, "items"), [item.id for item in form.items], positions)
        yield from _twice("check", (*here, "checks"), [check.id for check in form.checks], positions)
        for j, item in enumerate(form.items):
            if item.id in _TAKEN_ITEMS or not is_plain_name(item.id):
                what = f"the item is called {item.id}, a word that has a meaning of its own in rules"
                yield positions.finding(
                    "taken-name", (*here, "items", j, "id"), what, f"call it {item.id}_value"
                )
    for i, intervention in enumerate(protocol.interventions):
        for list_ in ("premedication", "preconditions"):
            ids = [entry.id for entry in getattr(intervention, list_)]
            yield from _twice(list_.removesuffix("s"), ("interventions", i, list_), ids, positions)


def _twice(
    kind: str, path: Path, ids: Iterable[str], positions: Positions, key: str = "id"
) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, name in enumerate(ids):
        if name in first:
            mark = positions.mark((*path, first[name], key))
            what = f"there is a second {kind} called {name} (the first is in {mark.file}, line {mark.line})"
            yield positions.finding(
                "duplicate-id", (*path, index, key), what, "give this one a name of its own, or remove it"
            )
        first.setdefault(name, index)
