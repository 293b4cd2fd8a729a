"""Keep what was typed: an entry says of each number and date that was written otherwise how it was written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from charcot.ledger import Draft
from charcot.refusal import BadValue
from charcot.visits import reads_as


@dataclass(frozen=True)
class _Place:
    """Where a value stands: in which draft, under which name; `words` that name it or stand beside it."""

    draft: int
    name: str
    value: str
    words: frozenset[str]


def keep_typed(drafts: Sequence[Draft], typed: Mapping[str, str]) -> Sequence[Draft]:
    """The drafts of an act, each with what was typed for the values it holds.

    `typed`: arguments of the act, with dots before what stands within one (`at`, `volume_ml`, `materials.COL-1401`), and what was
    written for them. Each text is kept once, at the value that it is another way of writing, by its place in the entry. Raises
    BadValue where the act enters no such value: what was typed never says anything else than the record.
    """
    if not drafts or not typed:
        return drafts
    kept: list[dict[str, str]] = [{} for _ in drafts]
    places = [place for number, draft in enumerate(drafts) for place in _places(number, draft)]
    for name, text in typed.items():
        free = [
            place for place in places if place.name not in kept[place.draft] and reads_as(text, place.value)
        ]
        if not free:
            raise BadValue(
                f"{text!r} was typed for {name}, but no such value is entered.",
                rule="Record: what was typed is another way of writing what is kept",
                next_step="Write the number or the date again.",
                facts={"field": name, "given": text},
            )
        best = max(free, key=lambda place: _fit(name, place))
        kept[best.draft][best.name] = text
    return [
        replace(draft, typed=found) if found else draft for draft, found in zip(drafts, kept, strict=True)
    ]


def _fit(name: str, place: _Place) -> tuple[int, int]:
    """How well an argument's name fits a place: the words in common, then how far outside it stands. The first of several counts."""
    return sum(word in place.words for word in name.split(".")), -place.name.count(".")


def _places(draft_number: int, draft: Draft) -> Iterator[_Place]:
    if draft.clinical_time is not None:
        yield _Place(draft_number, "clinical_time", draft.clinical_time, frozenset({"at"}))
    yield from _within(draft_number, draft.data, (), frozenset())


def _within(draft: int, value: Any, path: tuple[str, ...], beside: frozenset[str]) -> Iterator[_Place]:
    if isinstance(value, Mapping):
        named = frozenset(text for text in value.values() if isinstance(text, str))
        for key, part in value.items():
            yield from _within(draft, part, (*path, str(key)), named)
    elif isinstance(value, (list, tuple)):
        for number, part in enumerate(value):
            yield from _within(draft, part, (*path, str(number)), beside)
    elif isinstance(value, (str, int)) and not isinstance(value, bool):
        yield _Place(draft, ".".join(path), str(value), beside | set(path))
