"""Hy's law: liver values that together say that a medicine may have done serious harm to the liver."""

from collections.abc import Iterator
from decimal import Decimal

from charcot.laboratory import ResultBook, number_in
from charcot.participants import Dossier, FormVersion
from charcot.protocol import Item

TRANSAMINASES = ("alt", "ast")
LIVER = (*TRANSAMINASES, "bilirubin_total", "alkaline_phosphatase")


def judge_liver_panels(dossier: Dossier, results: ResultBook) -> Iterator[tuple[FormVersion, bool]]:
    """Every liver panel, and whether it fulfils Hy's law. Source: FDA guidance on drug-induced liver injury, 2009."""
    for form in dossier.study.protocol.forms:
        if form.plays != "laboratory" or form.item("bilirubin_total") is None:
            continue
        items = [item for name in LIVER if (item := form.item(name)) is not None]
        for version in dossier.casebook.instances(form.form):
            times = {item.id: _times_upper(results, item, version) for item in items}
            liver = max((times.get(name, Decimal(0)) for name in TRANSAMINASES), default=Decimal(0))
            yield (
                version,
                liver >= 3
                and times.get("bilirubin_total", Decimal(0)) >= 2
                and times.get("alkaline_phosphatase", Decimal(0)) < 2,
            )


def _times_upper(results: ResultBook, item: Item, version: FormVersion) -> Decimal:
    """A value in multiples of its upper normal limit; 0 where one of the two is missing."""
    value = number_in(version, item.id)
    if not value:
        return Decimal(0)
    high = results.range(item, version).high
    return value / Decimal(high) if high is not None and Decimal(high) else Decimal(0)
