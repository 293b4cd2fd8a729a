"""Laboratory results judged: each value with its range, its flag, the grade it suggests, and what an investigator said of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from charcot.laboratory.grades import can_grade, counts_change, grade_result
from charcot.laboratory.ranges import AppliedRange, Flag, RangeBook, flag_result
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


@dataclass(frozen=True, slots=True)
class LabResult:
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
        self._start: dict[str, FormVersion | None] = {}
        self._known: dict[tuple[int, str], LabResult] = {}

    def results(self, form: Form, version: FormVersion) -> Iterator[LabResult]:
        """Every number on a filled form that plays `laboratory`."""
        for item in form.items:
            if (found := self.result(form, item, version)) is not None:
                yield found

    def result(self, form: Form, item: Item, version: FormVersion) -> LabResult | None:
        """One value of a form; None where it is no number."""
        place = (version.entry.sequence, item.id)
        known = self._known.get(place)
        if known is not None and known.item is item:
            return known
        found = self._judge(form, item, version)
        if found is not None:
            self._known[place] = found
        return found

    def range(self, item: Item, version: FormVersion) -> AppliedRange:
        """The range that an item of a form is held against."""
        return self._ranges.find(item, version)

    def _judge(self, form: Form, item: Item, version: FormVersion) -> LabResult | None:
        text = version.text(item.id)
        if not text or item.type not in ("integer", "decimal"):
            return None
        applied = self._ranges.find(item, version)
        flag = flag_result(item, text, applied.low, applied.high)
        grade, term = self._grade(item, version, text, applied, flag)
        return LabResult(
            form, item, version, text, applied, flag, grade, term, self._judged.get((version.key, item.id))
        )

    def before(self, item: str, version: FormVersion) -> FormVersion | None:
        """The form with the last value before the first infusion, for a version that came after it."""
        infused = self._dossier.standing.infused_at
        if infused is None or version.clinical_time.surely_before(infused):
            return None
        name = f"{version.key.form}.{item}"
        if name not in self._start:
            earlier = [
                v
                for v in self._dossier.casebook.instances(version.key.form)
                if v.clinical_time.earliest <= infused.earliest and number_in(v, item) is not None
            ]
            self._start[name] = earlier[-1] if earlier else None
        return self._start[name]

    def _grade(
        self, item: Item, version: FormVersion, text: str, applied: AppliedRange, flag: Flag | None
    ) -> tuple[int | None, str]:
        """A value within its range has none, unless its term counts the change since before treatment."""
        if not can_grade(item.id, item.unit, applied.low, applied.high):
            return None, ""
        if flag == "normal" and not counts_change(item.id):
            return 0, ""
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
                yield from book.results(form, version)


def number_in(version: FormVersion, item: str) -> Decimal | None:
    """The number that stands under an item; None where there is none."""
    try:
        return Decimal(version.text(item) or "")
    except InvalidOperation:
        return None


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
