"""The one way an entry is written as text: canonical JSON, numbers as decimal strings, no NUL."""

import json
from typing import Any

from charcot.refusal import BadValue


def canonical_json(value: Any) -> str:
    """`value` as JSON with sorted keys and no spaces.

    Floats are refused (a number is kept as the text that was typed), and so are NUL and lone surrogates,
    which not every database can hold.
    """
    _require_storable(value, "entry")
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _require_storable(value: Any, where: str) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError(f"the name {key!r} in {where} is not a text")
            _require_storable(key, where)
            _require_storable(inner, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for inner in value:
            _require_storable(inner, where)
    elif isinstance(value, str):
        if "\0" in value:
            raise BadValue(
                "The text contains a NUL character.",
                rule="Ledger: NUL is refused, because not every database can hold it",
                next_step="Remove the invisible character, for example by typing the text again.",
                facts={"where": where},
            )
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise BadValue(
                "The text contains half of a character.",
                rule="Ledger: text must be valid Unicode",
                next_step="Type the text again.",
                facts={"where": where},
            )
    elif not (value is None or isinstance(value, bool | int)):
        raise BadValue(
            f"A value of type {type(value).__name__} cannot be written to the ledger.",
            rule="Ledger: numbers are kept as the text that was typed",
            next_step="Pass the number as text.",
            facts={"where": where},
        )
