"""Hy's law: liver values that together say that a medicine may have done serious harm to the liver."""

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from charcot.laboratory import LabResult, ResultBook
from charcot.participants import Dossier, FormVersion

LIVER = ("alt", "ast", "bilirubin_total", "alkaline_phosphatase")
_NONE = Decimal(0)


def judge_liver_panels(dossier: Dossier, results: ResultBook) -> Iterator[tuple[FormVersion, bool]]:
    """Every liver panel, and whether it fulfils Hy's law. Source: FDA guidance on drug-induced liver injury, 2009."""
    for form in dossier.study.protocol.forms:
        if form.plays != "laboratory" or form.item("bilirubin_total") is None:
            continue
        for version in dossier.casebook.instances(form.form):
            found = results.results(form, version)
            alt, ast, bilirubin, phosphatase = (_times_upper(found.get(name)) for name in LIVER)
            yield version, max(alt, ast) >= 3 and bilirubin >= 2 and phosphatase < 2


def _times_upper(result: LabResult | None) -> Decimal:
    """A value in multiples of its upper normal limit; 0 where one of the two is missing."""
    return _NONE if result is None else _ratio(result.text, result.range.high)


@lru_cache(maxsize=16_384)
def _ratio(value: str, high: str | None) -> Decimal:
    return Decimal(value) / Decimal(high) if high is not None and Decimal(high) else _NONE
