"""What course/published.yaml says, read into one story for each participant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from charcot.ledger import Origin, Value

Record = Mapping[str, Any]
"""One record of published.yaml: an event, a procedure, a medicine, an image, an observation or a death."""

PRINTED: Mapping[str, tuple[str, ...]] = {
    "procedures": ("kind",),
    "imaging": ("kind", "finding", "embolism", "report"),
    "observations": ("pulse", "systolic", "diastolic"),
}
"""The items of a record that the paper prints, where the record does not name them under `published`."""


@dataclass(frozen=True)
class Story:
    """What is to happen to one participant: from the paper, or assigned in published.yaml."""

    row: Record
    """The row of Table 1, its values as printed; empty for those who declined."""
    events: tuple[Record, ...] = ()
    procedures: tuple[Record, ...] = ()
    medications: tuple[Record, ...] = ()
    imaging: tuple[Record, ...] = ()
    observations: tuple[Record, ...] = ()
    death: Record | None = None
    five_year_total: int | None = None
    improves: bool = False

    @property
    def treated(self) -> bool:
        """Whether this is one of the seventeen of Table 1."""
        return bool(self.row)

    def day_of(self, kind: str) -> int | None:
        """The day after infusion of the first procedure of a kind; None where there is none."""
        return min((int(p["day"]) for p in self.procedures if p["kind"] == kind), default=None)

    @property
    def stay(self) -> tuple[int, int] | None:
        """First and last day in hospital, as the serious events imply; None where none does."""
        admitted = [
            int(e["day"])
            for e in self.events
            if "hospitalisation" in e["values"].get("serious_criteria", ()) and "day" in e
        ]
        if not admitted:
            return None
        return min(admitted), max(int(e["ended_day"]) for e in self.events if "ended_day" in e)


def tell_stories(published: Mapping[str, Any]) -> tuple[Story, ...]:
    """The stories of the treated, in the order of Table 1."""
    return tuple(_tell(published, row) for row in published["table1"])


def _tell(published: Mapping[str, Any], row: Record) -> Story:
    who = str(row["table1_id"])
    survivors = _of(published["five_years"]["survivors"], who)
    deaths = _of(published["deaths"], who)
    return Story(
        row=row,
        events=_of(published["adverse_events"], who),
        procedures=_of(published["procedures"], who),
        medications=_of(published["medications"], who),
        imaging=_of(published["imaging"], who),
        observations=_of(published["observations"], who),
        death=deaths[0] if deaths else None,
        five_year_total=int(survivors[0]["alsfrs_r_total"]) if survivors else None,
        improves=any(who in map(str, trend.get("participants", ())) for trend in published["trend"]),
    )


def _of(records: Sequence[Record], who: str) -> tuple[Record, ...]:
    return tuple(record for record in records if str(record["participant"]) == who)


def as_printed(text: object) -> Value:
    """A value that the paper prints."""
    return Value(text=str(text), origin=Origin.PUBLISHED)


def as_drawn(text: object) -> Value:
    """A value that the paper does not print."""
    return Value(text=str(text), origin=Origin.SYNTHETIC)


def as_told(record: Record, values: Mapping[str, object], kind: str = "") -> dict[str, Value]:
    """`values` of a record, each published or synthetic as the record says; lists are joined as choices are."""
    printed = record.get("published", PRINTED.get(kind, ()))
    return {
        item: (as_printed if item in printed else as_drawn)(
            ",".join(map(str, given)) if isinstance(given, list | tuple) else given
        )
        for item, given in values.items()
    }
