"""Normal ranges: which one applies to a sample of a participant, and whether a result lies inside."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Literal

from charcot.clinical_time import ClinicalTime
from charcot.participants import Dossier, FormVersion
from charcot.protocol import Item, NormalRange
from charcot.team import SiteRange

Flag = Literal["low", "normal", "high"]
TAKEN = "collected_at"
"""The item that says when a sample was taken; without it, the clinical time of the form counts."""


@dataclass(frozen=True)
class AppliedRange:
    """The range that a result is held against [the item's unit], who set it, and the entries that it rests on."""

    low: str | None = None
    high: str | None = None
    own: SiteRange | None = None
    """The site's own range, where it is one; else it is the protocol's."""
    entries: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is an end to hold a result against."""
        return self.low is not None or self.high is not None


_NO_RANGE = AppliedRange()


@lru_cache(maxsize=4096)
def _apply(low: str | None, high: str | None) -> AppliedRange:
    return AppliedRange(low, high)


class RangeBook:
    """The normal ranges of one participant: the site's own before the protocol's, by sex, age and day of the sample.

    A range that holds from a day on leaves samples of earlier days with the range that held then.
    """

    def __init__(self, dossier: Dossier) -> None:
        self._dossier = dossier
        self._own: dict[tuple[str, str], list[SiteRange]] = {}
        self._lasting: dict[tuple[str, str], AppliedRange] = {}
        if dossier.site_ranges:
            site = dossier.site
            for each in dossier.site_ranges:
                if each.site == site:
                    self._own.setdefault((each.form, each.item), []).append(each)

    def find(self, item: Item, version: FormVersion) -> AppliedRange:
        """The range for an item of a filled form; without ends where there is none."""
        place = (version.key.form, item.id)
        own = self._own.get(place, [])
        if not own and not item.normal:
            return _NO_RANGE
        if not own and (lasting := item.lasting_range) is not None:
            return _apply(lasting.low, lasting.high)
        if (known := self._lasting.get(place)) is not None:
            return known
        every = list(list_ranges(item, own))
        found = self._choose(every, own, taken_on(version))
        if not any(normal.since or _is_by_age(normal) for normal, _source in every):
            self._lasting[place] = found
        return found

    def _choose(
        self, every: list[tuple[NormalRange, SiteRange | None]], own: list[SiteRange], day: date
    ) -> AppliedRange:
        entries = [each.entry.sequence for each in own]
        sex: str | None = None
        if any(normal.sex is not None for normal, _source in every):
            sex, behind = self._sex
            entries += behind
        ages: tuple[int, ...] = ()
        if any(_is_by_age(normal) for normal, _source in every):
            born, behind = self._birth
            entries += behind
            ages = () if born is None else _possible_ages(born, day)
        fits = [
            (
                (source is not None, normal.since or "", normal.sex is not None, _is_by_age(normal)),
                normal,
                source,
            )
            for normal, source in every
            if normal.sex in (None, sex)
            and _fits_age(normal, ages)
            and (normal.since is None or normal.since <= day.isoformat())
        ]
        if not fits:
            return AppliedRange(entries=tuple(entries))
        _order, normal, source = max(
            reversed(fits), key=lambda fit: fit[0]
        )  # of equals, what was entered last
        return AppliedRange(normal.low, normal.high, source, tuple(entries))

    @cached_property
    def _sex(self) -> tuple[str | None, list[int]]:
        return _known(self._dossier, self._dossier.study.protocol.sex_item)

    @cached_property
    def _birth(self) -> tuple[ClinicalTime | None, list[int]]:
        text, entries = _known(self._dossier, self._dossier.study.protocol.birth_item)
        return (None if text is None else ClinicalTime(text)), entries


def taken_on(version: FormVersion) -> date:
    """The day on which the sample of a form was taken."""
    text = version.text(TAKEN)
    return (ClinicalTime(text) if text else version.clinical_time).day


def _known(dossier: Dossier, named: str | None) -> tuple[str | None, list[int]]:
    """What the participant's newest form says for `form.item`, and its entry."""
    form, _, item = (named or "").partition(".")
    known = [(text, v) for v in dossier.casebook.instances(form) if (text := v.text(item)) is not None]
    return (known[-1][0], [known[-1][1].entry.sequence]) if known else (None, [])


def _is_by_age(normal: NormalRange) -> bool:
    return normal.age_from is not None or normal.age_to is not None


def _fits_age(normal: NormalRange, ages: tuple[int, ...]) -> bool:
    """Whether a range is for somebody of these ages, one of which is theirs; one by age is not for those whose age is not known."""
    if not _is_by_age(normal):
        return True
    first, last = normal.age_from or 0, normal.age_to
    return bool(ages) and all(first <= age and (last is None or age <= last) for age in ages)


def _possible_ages(born: ClinicalTime, day: date) -> tuple[int, ...]:
    """The least and the highest age on a day; two where the birth is known by its month or year."""
    return _completed_years(born.latest.date(), day), _completed_years(born.earliest.date(), day)


def _completed_years(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def flag_result(item: Item, text: str, low: str | None, high: str | None) -> Flag | None:
    """Where a result lies against its range, both ends of which are normal; None without a range or a number."""
    return flag_number(text, low, high) if item.type in ("integer", "decimal") else None


def flag_number(text: str, low: str | None, high: str | None) -> Flag | None:
    """The same of what is known to be a number."""
    if low is None and high is None:
        return None
    number = Decimal(text)
    if low is not None and number < Decimal(low):
        return "low"
    if high is not None and number > Decimal(high):
        return "high"
    return "normal"


def list_ranges(item: Item, own: list[SiteRange]) -> Iterator[tuple[NormalRange, SiteRange | None]]:
    """Every range of an item, the protocol's first, each kind from the earliest on."""
    for normal in sorted(item.normal, key=lambda normal: normal.since or ""):
        yield normal, None
    for each in sorted(own, key=lambda each: each.since):
        yield each.normal, each
