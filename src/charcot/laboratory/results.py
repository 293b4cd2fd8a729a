"""Laboratory results judged: each value with its range, its flag, the grade it suggests, and what an investigator said of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple

from charcot.laboratory.grades import can_grade, counts_change, grade_result
from charcot.laboratory.ranges import AppliedRange, Flag, RangeBook, flag_number
from charcot.ledger import Entry, Kind
from charcot.participants import Dossier, FormKey, FormVersion
from charcot.protocol import Form, Item


@dataclass(frozen=True)
class Judgement:
    """What an investigator said of a value: whether it matters, and why."""

    entry: Entry

    @property
    def significant(self) -> bool:
        """Whether the value is clinically significant."""
        return bool(self.entry.data["significant"] == "yes")

    @property
    def comment(self) -> str:
        """What was said of it."""
        return str(self.entry.data["comment"])


class LabResult(NamedTuple):
    """One value: where it lies against its range, the grade that it suggests (None where CTCAE has none), and its judgement."""

    form: Form
    item: Item
    version: FormVersion
    text: str
    range: AppliedRange
    flag: Flag | None
    grade: int | None
    term: str
    judgement: Judgement | None = None

    @property
    def is_abnormal(self) -> bool:
        """Whether it lies outside its range, or has a grade."""
        return self.flag in ("low", "high") or bool(self.grade)


class ResultBook:
    """The results of one participant, judged one by one."""

    def __init__(self, dossier: Dossier) -> None:
        self._dossier = dossier
        self._ranges = RangeBook(dossier)
        self._judged = _fold_judgements(dossier)
        self._infused = dossier.standing.infused_at
        self._start: dict[tuple[str, str], FormVersion | None] = {}
        self._of_before: dict[str, list[FormVersion]] = {}
        self._known: dict[int, tuple[tuple[Item, ...], dict[str, LabResult]]] = {}

    def results(self, form: Form, version: FormVersion) -> Mapping[str, LabResult]:
        """Every number on a filled form that plays `laboratory`, by its item."""
        known = self._known.get(version.entry.sequence)
        if known is None or known[0] is not form.items:
            known = self._known[version.entry.sequence] = (form.items, self._judge(form, version))
        return known[1]

    def result(self, form: Form, item: Item, version: FormVersion) -> LabResult | None:
        """One value of a form; None where it is no number."""
        return self.results(form, version).get(item.id)

    def range(self, item: Item, version: FormVersion) -> AppliedRange:
        """The range that an item of a form is held against."""
        return self._ranges.find(item, version)

    def _judge(self, form: Form, version: FormVersion) -> dict[str, LabResult]:
        found: dict[str, LabResult] = {}
        recorded, judged = version.recorded, self._judged
        for item in form.items:
            value = recorded.get(item.id)
            text = None if value is None else value.get("value")
            if not text or item.type not in ("integer", "decimal"):
                continue
            applied = self._ranges.find(item, version)
            flag, grade, term, open_still = _look(item.id, item.unit, text, applied.low, applied.high)
            if open_still:
                grade, term = self._grade(item, version, text, applied)
            said = judged.get((version.key, item.id)) if judged else None
            found[item.id] = LabResult(form, item, version, text, applied, flag, grade, term, said)
        return found

    def before(self, item: str, version: FormVersion) -> FormVersion | None:
        """The form with the last value before the first infusion, for a version that came after it."""
        infused = self._infused
        if infused is None or version.clinical_time.surely_before(infused):
            return None
        place = (version.key.form, item)
        if place not in self._start:
            earlier = [v for v in self._earlier(version.key.form) if number_in(v, item) is not None]
            self._start[place] = earlier[-1] if earlier else None
        return self._start[place]

    def _earlier(self, form: str) -> Sequence[FormVersion]:
        """The filled instances of a form that lie before the first infusion."""
        assert self._infused is not None
        if form not in self._of_before:
            until = self._infused.earliest
            every = self._dossier.casebook.instances(form)
            self._of_before[form] = [v for v in every if v.clinical_time.earliest <= until]
        return self._of_before[form]

    def _grade(self, item: Item, version: FormVersion, text: str, applied: AppliedRange) -> tuple[int, str]:
        """The grade of a value, with that before treatment known."""
        start = self.before(item.id, version)
        before = None if start is None else start.text(item.id)
        high_before = None if start is None else self._ranges.find(item, start).high
        graded = grade_result(item.id, text, item.unit, applied.low, applied.high, before, high_before)
        return graded if graded is not None else (0, "")


def list_results(dossier: Dossier) -> Iterator[LabResult]:
    """Every number of every laboratory form of a participant, form by form."""
    book = ResultBook(dossier)
    for form in dossier.study.protocol.forms:
        if form.plays == "laboratory":
            for version in dossier.casebook.instances(form.form):
                yield from book.results(form, version).values()


def number_in(version: FormVersion, item: str) -> Decimal | None:
    """The number that stands under an item; None where there is none."""
    return parse_number(version.text(item))


@lru_cache(maxsize=16_384)
def parse_number(text: str | None) -> Decimal | None:
    """The number that a text is; None where it is none."""
    try:
        return Decimal(text or "")
    except InvalidOperation:
        return None


@lru_cache(maxsize=16_384)
def _look(
    test: str, unit: str | None, text: str, low: str | None, high: str | None
) -> tuple[Flag | None, int | None, str, bool]:
    """Flag, grade and term of a number as far as its range says them, and whether the value before treatment may count too.

    A value within its range has no grade, unless its term counts the change since before treatment.
    """
    flag = flag_number(text, low, high)
    if not can_grade(test, unit, low, high):
        return flag, None, "", False
    return flag, 0, "", flag != "normal" or counts_change(test)


def _fold_judgements(dossier: Dossier) -> Mapping[tuple[FormKey, str], Judgement]:
    """The last judgement of each value that still stands: a value corrected since asks for a new one."""
    found: dict[tuple[FormKey, str], Judgement] = {}
    for entry in dossier.entries:
        if entry.kind is not Kind.RESULT_JUDGED:
            continue
        data: Mapping[str, Any] = entry.data
        key, item = FormKey.of(data), str(data["item"])
        judged = next((v for v in dossier.casebook.forms.get(key, ()) if v.version == data["version"]), None)
        latest = dossier.casebook.latest(key)
        if judged is not None and latest is not None and judged.text(item) == latest.text(item):
            found[key, item] = Judgement(entry)
    return found
