"""The shape of a protocol checked by its models; what they refuse is said in words a coordinator uses."""

import re
import types
from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from charcot.protocol.finding import Finding, nearest, one_of
from charcot.protocol.positions import Positions
from charcot.protocol.strict import Part
from charcot.protocol.study import Protocol
from charcot.protocol.yaml_text import Path

_ABSENT = object()


def check_shape(data: Mapping[str, Any], positions: Positions) -> tuple[Protocol | None, list[Finding]]:
    """The protocol made from the data, or what its models refuse."""
    try:
        return Protocol.model_validate(data), []
    except ValidationError as error:
        findings: dict[Path, Finding] = {}
        for details in sorted(error.errors(include_url=False), key=_rank):
            path = _path(details, data)
            if not any(known[: len(path)] == path for known in findings):
                findings.setdefault(path, _finding(details, path, positions))
        return None, list(findings.values())


def _rank(details: ErrorDetails) -> int:
    """Where a value may be one thing or another, errors deeper in are told before errors about the whole."""
    return -len([step for step in details["loc"] if isinstance(step, int)])


def _path(details: ErrorDetails, data: Any) -> Path:
    """The part of pydantic's location that exists in the data, with the missing or unknown key at its end."""
    path: list[str | int] = []
    here = data
    for step in details["loc"]:
        below = _below(here, step)
        if below is not _ABSENT:
            path.append(step)
            here = below
    last = details["loc"][-1]
    if details["type"] == "missing" and isinstance(last, str) and isinstance(here, Mapping):
        path.append(last)
    return tuple(path)


def _below(here: Any, step: str | int) -> Any:
    if isinstance(here, Mapping):
        return here.get(step, _ABSENT) if isinstance(step, str) else _ABSENT
    if isinstance(here, list) and isinstance(step, int) and step < len(here):
        return here[step]
    return _ABSENT


def _finding(details: ErrorDetails, path: Path, positions: Positions) -> Finding:
    kind = details["type"]
    key = str(path[-1]) if path else "the protocol"
    name = _name(path, positions)
    given = details["input"]
    if kind == "missing" and not isinstance(details["loc"][-1], int):
        what = f"{_owner(path[:-1], positions) or 'the protocol'} has no {key}"
        found = positions.finding("missing-key", path, what, f"add a line `{key}: …`")
    elif kind == "extra_forbidden":
        found = _unknown_key(key, path, positions)
    elif given is None:
        found = positions.finding(
            "empty-value", path, f"{name} is empty", "write a value after the colon, or remove the line"
        )
    elif kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", str(details.get("ctx", {}).get("expected", "")))
        what = f"{name} cannot be {_shown(given)}"
        close = nearest(str(given), allowed)
        instead = (
            f"did you mean {close}? " if close else ""
        ) + f"the words allowed are: {', '.join(allowed)}"
        found = positions.finding("not-allowed", path, what, instead)
    elif kind == "value_error":
        what, instead = _own_words(details)
        found = positions.finding("wrong-value", path, f"{name}: {what}", instead)
    else:
        found = positions.finding("wrong-value", path, *_wrong(kind, name, given, details))
    return found


def _owner(path: Path, positions: Positions) -> str:
    """What people call the part at `path`: its id, its number in a list, or its key."""
    names = positions.human(path).split(" › ")
    if path and isinstance(path[-1], int) and names[-1].isdigit() and len(names) > 1:
        return f"{names[-2]} (entry {names[-1]})"
    return names[-1]


def _name(path: Path, positions: Positions) -> str:
    """The key at `path` and whose it is: `text of I2`."""
    owner = _owner(path[:-1], positions)
    own = _owner(path, positions) or "the protocol"
    if path and path[-1] in ("id", "form"):
        return f"the {path[-1]}"
    return f"{own} of {owner}" if owner and isinstance(path[-1], str) else own


def _own_words(details: ErrorDetails) -> tuple[str, str]:
    message = details["msg"].removeprefix("Value error, ")
    what, separator, instead = message.partition(": write ")
    return what, f"write {instead}" if separator else "correct the value"


def _wrong(kind: str, name: str, given: Any, details: ErrorDetails) -> tuple[str, str]:
    shown = _shown(given)
    pattern = str(details.get("ctx", {}).get("pattern", ""))
    if pattern.startswith("^[a-z]"):
        simple = re.sub(r"[^a-z0-9]+", "_", str(given).lower()).strip("_")
        simple = simple if simple[:1].isalpha() else f"x_{simple}"
        instead = f"use lower-case letters, digits and underscores, beginning with a letter: {simple}"
        return f"{name} is {shown}, which rules could not use as a name", instead
    if pattern.startswith("^("):
        allowed = pattern.strip("^$()").split("|")
        return f"{name} cannot be {shown}", one_of(str(given), allowed)
    if pattern:
        return f"{name} is {shown}, which is not a number", "write digits with a decimal point, such as 12.5"
    if kind in ("string_type", "string_too_short"):
        return (
            f"{name} should be a text, and it is {shown}",
            "write it after the colon, in quotes where it is made of signs",
        )
    if kind == "string_too_long":
        return f"{name} is too long", "write at most 60 letters"
    if kind.startswith("int"):
        return f"{name} is {shown}, which is not a whole number", "write a whole number, such as 20"
    if kind.startswith("bool"):
        return f"{name} is {shown}, which is neither true nor false", "write true or false"
    if kind.startswith("date"):
        return f"{name} is {shown}, which is not a date", "write year-month-day, such as 2013-12-01"
    if kind == "tuple_type":
        return (
            f"{name} should be a list, and it is {shown}",
            f"write each entry on its own line, beginning with `- `, or [{shown.strip('`')}]",
        )
    if kind in ("too_long", "too_short") or (kind == "missing" and isinstance(given, list)):
        return (
            f"{name} should have two values, and it has {len(given)}",
            "write the lowest and the highest: [0, 48]",
        )
    if kind.startswith("model") and "codes" in name:
        return (
            f"{name} is {shown}, without the label that is shown for it",
            "write each answer as `code: label`",
        )
    if kind.startswith(("model", "dict", "is_instance")):
        return (
            f"{name} should have keys of its own, and it is {shown}",
            "write the keys below it, indented, each as `key: value`",
        )
    return f"{name} is {shown}, which does not fit ({details['msg']})", "compare it with a shipped protocol"


def _shown(given: Any) -> str:
    if isinstance(given, Mapping):
        return "a set of keys"
    if isinstance(given, list | tuple):
        return "a list"
    text = str(given)
    return f"`{text if len(text) <= 60 else text[:57] + '…'}`"


def _unknown_key(name: str, path: Path, positions: Positions) -> Finding:
    known = _fields(path[:-1])
    where = _owner(path[:-1], positions) or "a protocol"
    return positions.finding("unknown-key", path, f"{where} has no key {name}", one_of(name, known, most=30))


def _fields(path: Path) -> list[str]:
    """The keys that the model at `path` has."""
    here: Any = Protocol
    for step in path:
        if isinstance(step, int):
            here = next(iter(get_args(here)), None)
        elif isinstance(here, type) and issubclass(here, Part) and step in here.model_fields:
            here = here.model_fields[step].annotation
        here = _plain(here)
    return list(here.model_fields) if isinstance(here, type) and issubclass(here, Part) else []


def _plain(annotation: Any) -> Any:
    """The model or tuple within an optional or annotated type."""
    while get_origin(annotation) in (Annotated, Union, types.UnionType):
        options = get_args(annotation)
        if get_origin(annotation) is Annotated:
            annotation = options[0]
        else:
            annotation = next(
                (option for option in options if "Part" in str(option) or _is_part(option)), options[0]
            )
    return annotation


def _is_part(annotation: Any) -> bool:
    inner = get_args(annotation)[0] if get_args(annotation) else annotation
    inner = get_args(inner)[0] if get_args(inner) and not isinstance(inner, type) else inner
    return isinstance(inner, type) and issubclass(inner, Part)
