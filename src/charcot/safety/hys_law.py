"""Hy's law: liver values that together say that a medicine may have done serious harm to the liver."""

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from charcot.laboratory import LabResult, ResultBook
from charcot.participants import Dossier, FormVersion

TRANSAMINASES = ("alt", "ast")
LIVER = (*TRANSAMINASES, "bilirubin_total", "alkaline_phosphatase")


def judge_liver_panels(dossier: Dossier, results: ResultBook) -> Iterator[tuple[FormVersion, bool]]:
    """Every liver panel, and whether it fulfils Hy's law. Source: FDA guidance on drug-induced liver injury, 2009."""
    for form in dossier.study.protocol.forms:
        if form.plays != "laboratory" or form.item("bilirubin_total") is None:
            continue
        items = [item for name in LIVER if (item := form.item(name)) is not None]
        for version in dossier.casebook.instances(form.form):
            times = {item.id: _times_upper(results.result(form, item, version)) for item in items}
            liver = max((times.get(name, Decimal(0)) for name in TRANSAMINASES), default=Decimal(0))
            yield (
                version,
                liver >= 3
                and times.get("bilirubin_total", Decimal(0)) >= 2
                and times.get("alkaline_phosphatase", Decimal(0)) < 2,
            )


def _times_upper(result: LabResult | None) -> Decimal:
    """A value in multiples of its upper normal limit; 0 where one of the two is missing."""
    return Decimal(0) if result is None else _ratio(result.text, result.range.high)


@lru_cache(maxsize=16_384)
def _ratio(value: str, high: str | None) -> Decimal:
    return Decimal(value) / Decimal(high) if high is not None and Decimal(high) else Decimal(0)
