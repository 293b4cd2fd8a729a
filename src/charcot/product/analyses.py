"""Analyses of flow cytometry on the record: every version of each, markers against limits, folded from a lot's entries."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from charcot.ledger import Entry, Kind, name_in
from charcot.product.flow_cytometry.panel import MarkerMeasured
from charcot.product.flow_cytometry.positivity import MarkerLimit, Positivity
from charcot.protocol.plan import ReleaseTest

_LIMIT = re.compile(r"\s*[\w.]+\s*(>=|<=)\s*(\d+(?:\.\d+)?)\s*")
DIGITS = Decimal("0.01")
"""How precisely a share is entered as a test's result [%]."""


@dataclass(frozen=True)
class CytometryAnalysis:
    """One version of an analysis. `markers` are as entered: percentages as text, with intervals and sensitivity."""

    id: str
    version: int
    lot: str
    node: str
    passage: int | None
    entry: Entry

    @property
    def markers(self) -> Sequence[Mapping[str, Any]]:
        """Each marker with its numbers and verdict."""
        found: Sequence[Mapping[str, Any]] = self.entry.data["markers"]
        return found

    @property
    def files(self) -> Sequence[Mapping[str, Any]]:
        """The raw files: tube, name, SHA-256, events."""
        found: Sequence[Mapping[str, Any]] = self.entry.data["files"]
        return found


def fold_analyses(entries: Iterable[Entry]) -> tuple[CytometryAnalysis, ...]:
    """Every version of every analysis, in the order in which they were entered."""
    return tuple(
        CytometryAnalysis(
            id=entry.data["id"],
            version=int(entry.data["version"]),
            lot=name_in(entry.subject, "product") or "",
            node=entry.data["node"],
            passage=None if entry.data["passage"] is None else int(entry.data["passage"]),
            entry=entry,
        )
        for entry in entries
        if entry.kind is Kind.CYTOMETRY_ANALYSED
    )


def newest_analyses(analyses: Iterable[CytometryAnalysis]) -> tuple[CytometryAnalysis, ...]:
    """The last version of each analysis; the earlier ones stay on the record."""
    newest = {(one.lot, one.id): one for one in analyses}
    return tuple(newest.values())


def limit_of(test: ReleaseTest) -> MarkerLimit:
    """What the specification asks of a marker, from its rule; open where the rule is no plain limit in per cent.

    >>> _LIMIT.fullmatch("flow_cytometry.cd34 <= 2").groups()
    ('<=', '2')
    """
    found = _LIMIT.fullmatch(test.rule or "")
    if found is None:
        return MarkerLimit()
    share = float(Decimal(found[2]) / 100)
    return MarkerLimit(at_least=share) if found[1] == ">=" else MarkerLimit(at_most=share)


def result_text(measured: MarkerMeasured, judged: str) -> str:
    """The share in per cent as the result of a test: never negative, and rounded against the limit, not across it."""
    found = measured.found
    share = found.raw.estimate if judged == "raw" else found.subtracted.estimate
    rounding = ROUND_CEILING if measured.line.limit.at_most is not None else ROUND_FLOOR
    percent = (Decimal(repr(share)) * 100).quantize(Decimal("1e-9"))
    return str(max(percent, Decimal(0)).quantize(DIGITS, rounding=rounding))


def marker_data(measured: MarkerMeasured, test: str | None) -> dict[str, Any]:
    """One marker as it is entered: shares in per cent as text."""
    line, found = measured.line, measured.found
    return {
        "marker": line.marker,
        "test": test,
        "channel": line.channel,
        "sample": line.sample,
        "control": line.control,
        "sample_events": str(found.sample_events),
        "control_events": str(found.control_events),
        "threshold": _text(found.threshold),
        "control_percent": _percent(found.control_positive),
        "raw": _percent(found.raw.estimate),
        "raw_interval": [_percent(found.raw.lower), _percent(found.raw.upper)],
        "subtracted": _percent(found.subtracted.estimate),
        "subtracted_interval": [_percent(found.subtracted.lower), _percent(found.subtracted.upper)],
        "tail": _text(found.tail),
        "at_least": None if line.limit.at_least is None else _percent(line.limit.at_least),
        "at_most": None if line.limit.at_most is None else _percent(line.limit.at_most),
        "verdict": found.verdict.value,
        "why": found.why,
        "needs_review": found.needs_review,
        "sensitivity": _sensitivity(found),
    }


def _sensitivity(found: Positivity) -> list[dict[str, str]]:
    return [
        {
            "by": one.threshold_by,
            "threshold": _text(one.threshold),
            "raw": _percent(one.raw),
            "subtracted": _percent(one.subtracted),
            "verdict": one.verdict.value,
        }
        for one in found.sensitivity
    ]


def _text(value: float) -> str:
    return "" if value != value else f"{value:.6g}"


def _percent(share: float) -> str:
    return "" if share != share else f"{100 * share:.4f}"
