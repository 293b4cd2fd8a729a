"""Names of variables as SPSS and Stata take them: shortened the same way every time, and never twice the same."""

import hashlib
import re
from collections.abc import Iterable

SPSS_LIMIT, STATA_LIMIT = 64, 32
"""Longest name: bytes in SPSS (Command Syntax Reference, Variable names), characters in Stata ([U] 11.3)."""

_SPSS_RESERVED = frozenset(
    {"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"}
)
_STATA_RESERVED = frozenset(
    {"_all", "_b", "_coef", "_cons", "_n", "_pi", "_pred", "_rc", "_se", "_skip"}
    | {"byte", "double", "float", "if", "in", "int", "long", "strl", "using", "with"}
)
_DIGEST = 6


def name_for_spss(names: Iterable[str]) -> dict[str, str]:
    """The name of each variable in an SPSS file."""
    return _name(list(names), SPSS_LIMIT, _SPSS_RESERVED)


def name_for_stata(names: Iterable[str]) -> dict[str, str]:
    """The name of each variable in a Stata file."""
    return _name(list(names), STATA_LIMIT, _STATA_RESERVED)


def _name(names: list[str], limit: int, reserved: frozenset[str]) -> dict[str, str]:
    """Names that fit are kept; the others come after them, so that they give way."""
    wanted = {name: _allowed(name, limit, reserved) for name in names}
    given: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(names, key=lambda name: wanted[name] != name):
        candidate, attempt = wanted[name], 0
        while candidate.lower() in taken:
            candidate = _marked(wanted[name], f"{name}/{attempt}", limit)
            attempt += 1
        given[name] = candidate
        taken.add(candidate.lower())
    return {name: given[name] for name in names}


def _allowed(name: str, limit: int, reserved: frozenset[str]) -> str:
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    if not plain[:1].isalpha() or plain.lower() in reserved or re.fullmatch(r"str\d+", plain.lower()):
        plain = f"v_{plain}"
    return plain if len(plain) <= limit else _marked(plain, name, limit)


def _marked(plain: str, name: str, limit: int) -> str:
    """The beginning, with a few digits of the hash of the whole name."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST]
    return f"{plain[: limit - _DIGEST - 1]}_{digest}"
