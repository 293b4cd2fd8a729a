"""What was typed otherwise than it is kept: each such value of an entry, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from charcot.ledger import Entry, Kind

SHELLS = ("details", "parameters", "answers", "method")
"""What only holds other values, and says nothing of its own."""
RANGE_ENDS = ("low", "high", "age_from", "age_to")


@dataclass(frozen=True)
class AsTyped:
    """One value as it is kept and as it was typed: of a form by its `item`, else by the words of its `place` in the entry."""

    place: str
    kept: str
    typed: str
    item: str | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.typed}"


def list_typed(entry: Entry) -> tuple[AsTyped, ...]:
    """Every value of an entry that was typed otherwise than it is kept, in the order in which it is kept."""
    return (*_own(entry), *_of_form(entry), *_of_range(entry))


def say_place(place: str) -> str:
    """A place in an entry as words: `materials.0.amount` as `material 1, amount`, `details.volume_ml` as `volume ml`."""
    said: list[str] = []
    for part in place.split("."):
        if part.isdecimal() and said:
            said[-1] = f"{said[-1].removesuffix('s')} {int(part) + 1}"
        elif part not in SHELLS:
            said.append(part.replace("_", " "))
    return ", ".join(said)


def _own(entry: Entry) -> Iterator[AsTyped]:
    for place, typed in entry.typed.items():
        kept = entry.clinical_time if place == "clinical_time" else _value_at(entry.data, place.split("."))
        yield AsTyped(say_place(place), str(kept), typed)


def _value_at(data: Any, path: list[str]) -> Any:
    for part in path:
        data = data[int(part)] if isinstance(data, list) else data[part]
    return data


def _of_form(entry: Entry) -> Iterator[AsTyped]:
    if entry.kind is not Kind.FORM_RECORDED:
        return
    for item, value in entry.data["values"].items():
        if "typed" in value and "value" in value:
            typed = f"{value['typed']} {value.get('typed_unit', '')}".strip()
            yield AsTyped(item, str(value["value"]), typed, item)


def _of_range(entry: Entry) -> Iterator[AsTyped]:
    if entry.kind is not Kind.NORMAL_RANGE_SET:
        return
    typed: Mapping[str, str] = entry.data.get("typed", {})
    for name in RANGE_ENDS:
        if name in typed:
            unit = f" {typed.get('unit', '')}" if name in ("low", "high") else ""
            yield AsTyped(say_place(name), str(entry.data[name]), f"{typed[name]}{unit}".strip())
