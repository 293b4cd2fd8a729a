"""What a rule about one adverse event may ask: the items of that event, and the days of the participant's course."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from charcot.protocol import Reference, Rule, evaluate_rule


@dataclass(frozen=True)
class EventFacts:
    """Facts about one event: its texts by item; nothing else is known."""

    form: str
    values: Mapping[str, str | None]

    def value(self, reference: Reference) -> str | None:
        """The text of an item of the event."""
        return self.values.get(reference.item) if reference.form == self.form else None

    def rows(self, form: str) -> Sequence[Mapping[str, str | None]]:
        """No rows: a rule about one event asks about that event."""
        return ()


@dataclass
class EventRule:
    """A rule about one event, which remembers what it came to for the values that it reads."""

    rule: Rule
    form: str
    _known: dict[tuple[str | None, ...], bool] = field(default_factory=dict)

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The items of the event that it asks for."""
        return tuple(r.item for r in self.rule.references.values() if r.form == self.form)

    def holds(self, values: Mapping[str, Mapping[str, str | None]]) -> bool:
        """Whether it is known to hold for an event with these values, as they stand in its entry."""
        key = tuple(values[item].get("value") if item in values else None for item in self.reads)
        found = self._known.get(key)
        if found is None:
            facts = EventFacts(self.form, dict(zip(self.reads, key, strict=True)))
            found = self._known[key] = evaluate_rule(self.rule, facts).value is True
        return found
