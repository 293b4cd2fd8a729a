"""Forms that play a part in the conduct of the trial, and forms that nobody uses."""

from collections.abc import Iterator

from charcot.protocol.finding import Finding
from charcot.protocol.forms import PARTS, Form
from charcot.protocol.positions import Positions
from charcot.protocol.rules.book import RuleBook
from charcot.protocol.study import Protocol
from charcot.protocol.yaml_text import Path

_ONCE = ("consent", "confirmation", "infusion", "adverse_event", "death", "contact")


def check_playing(protocol: Protocol, positions: Positions, rules: RuleBook) -> Iterator[Finding]:
    """Parts that are played twice, incompletely or not at all; forms without use."""
    players: dict[str, Form] = {}
    for i, form in enumerate(protocol.forms):
        if form.plays is None:
            continue
        path: Path = ("forms", i)
        first = players.setdefault(form.plays, form)
        if first is not form and form.plays in _ONCE:
            what = f"two forms play {form.plays}: {first.form} and {form.form}"
            yield positions.finding(
                "part-played-twice", (*path, "plays"), what, "remove `plays` from one of them"
            )
        yield from _check_part(path, form, positions)
    if "consent" not in players:
        what = "no form plays consent, so nobody can be taken into the trial"
        instead = "write `plays: consent` in the form that records consent"
        yield positions.finding("part-not-played", ("forms",), what, instead, "warning")
    if protocol.boundaries and "adverse_event" not in players:
        what = (
            "there is a stopping boundary, but no form plays adverse_event, so there are no events to count"
        )
        instead = "write `plays: adverse_event` in the form that records events"
        yield positions.finding("part-not-played", ("boundaries",), what, instead)
    yield from _check_unused(protocol, positions, rules)


def _check_part(path: Path, form: Form, positions: Positions) -> Iterator[Finding]:
    for item_id, wanted in PARTS[str(form.plays)].items():
        item = form.item(item_id)
        if item is None:
            what = f"the form {form.form} plays {form.plays} and lacks the item {item_id}"
            instead = f"add an item `id: {item_id}` with `type: {wanted}`"
            yield positions.finding("part-lacks-item", (*path, "plays"), what, instead)
        elif item.type != wanted:
            index = form.items.index(item)
            what = f"{item_id} is of type {item.type}, but a form that plays {form.plays} needs {wanted}"
            yield positions.finding(
                "part-wrong-type", (*path, "items", index, "type"), what, f"write `type: {wanted}`"
            )
    if form.plays == "adverse_event" and not form.repeating:
        what = f"the form {form.form} plays adverse_event, and there can be more than one event"
        yield positions.finding("part-not-repeating", (*path, "plays"), what, "add `repeating: true`")


def _check_unused(protocol: Protocol, positions: Positions, rules: RuleBook) -> Iterator[Finding]:
    used = {form for activity in protocol.activities for form in (*activity.forms, *activity.optional)}
    used |= {intervention.form for intervention in protocol.interventions}
    used |= {test.item.partition(".")[0] for test in protocol.release_specification if test.item}
    for rule in rules.rules.values():
        used |= {reference.form for reference in rule.references.values() if reference.form != rule.form}
        used |= {call.form for call in rule.steps.row_calls}
    for i, form in enumerate(protocol.forms):
        if (
            form.form not in used
            and form.plays is None
            and not form.repeating
            and form.subject == "participant"
        ):
            what = f"nothing uses the form {form.form}: no activity, intervention or rule names it"
            instead = f"add {form.form} to the `forms` or `optional` of an activity, or remove the file"
            yield positions.finding("unused-form", ("forms", i, "form"), what, instead)
