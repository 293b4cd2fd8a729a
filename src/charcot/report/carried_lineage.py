"""What the HTML file carries of the lineage: rows, values and entries once each, and for every number which of them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from charcot.analysis import Result
from charcot.analysis.selection import columns_used, entries_at, find_places
from charcot.datasets import ENTRIES, Dataset, Snapshot
from charcot.report.claims import adopted_claims
from charcot.report.claims.results import claim_of
from charcot.report.document import Report
from charcot.report.explain import explain_claim_result, formula_of, shown_text
from charcot.report.explanation import ExplainedRow
from charcot.report.row_reasons import PAIRED, columns_read, find_absent, group_rows
from charcot.report.value_sources import WHEN, EntryBehind, SourceFinder, ValueSource

MOST_ROWS = 150
"""Rows of one kind that are carried for a number."""
FEW_ROWS = 20
"""The same where more people are in the trial than `MOST_ROWS`: the file stays small, and says how to get the rest."""
MOST_ELSEWHERE = 20
"""Rows that are carried for one reason for which the condition leaves rows out, such as those of every other participant."""


def carry_lineage(report: Report) -> str:
    """The lineage of every number as JSON text, safe inside a page; the same report gives the same text."""
    carrying = _Carrying(report, report.snapshot)
    numbers = {id: carrying.number(result) for id, result in report.results.items()}
    data = {"numbers": numbers, **carrying.shared()}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


class _Pool:
    """Things that are written once and meant by their number."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def place(self, text: str | None) -> int:
        """The number of a text; -1 for none."""
        return -1 if text is None else self._places.setdefault(text, len(self._places))

    def listed(self) -> list[str]:
        """Every text in the order of its number."""
        return list(self._places)


class _Carrying:
    """What was met so far of one report."""

    def __init__(self, report: Report, snapshot: Snapshot) -> None:
        self._report, self._snapshot = report, snapshot
        self._finder = SourceFinder(snapshot, report.datasets)
        self._claims = adopted_claims(snapshot.charter)
        self._words = _Pool()
        self._entries: dict[int, list[int | str]] = {}
        self._rows: dict[tuple[str, tuple[str, ...], bool], dict[int, int]] = defaultdict(dict)
        self._written: list[list[Any]] = []
        self._alike: dict[str, int] = {}
        self._whose: dict[str, list[str | None]] = {}
        self._most = MOST_ROWS if len(snapshot.dossiers) <= MOST_ROWS else FEW_ROWS

    def shared(self) -> dict[str, Any]:
        """The texts, rows and entries that numbers refer to."""
        return {
            "words": self._words.listed(),
            "rows": self._written,
            "entries": {str(number): self._entries[number] for number in sorted(self._entries)},
        }

    def number(self, result: Result) -> dict[str, Any]:
        """What one number refers to. Lists come with how long they are as a whole."""
        claim = None if self._claims is None else claim_of(result, self._claims)
        if self._claims is not None and claim is not None:
            told = explain_claim_result(self._report, self._snapshot, result, self._claims, claim)
            counts, out = told.rows, told.left_out
            return {
                "formula": self._words.place(told.formula),
                "counts": [len(counts), [self._explained(row) for row in counts[: self._most]]],
                "out": self._grouped(out),
                "others": self._behind(self._report.parents(result.id), (*counts, *out)),
            }
        return self._selected(result)

    def _selected(self, result: Result) -> dict[str, Any]:
        report, dataset = self._report, self._report.datasets[result.dataset]
        columns = columns_read(result)
        counts = np.empty(0, dtype=np.int64)
        people: set[str] = set()
        out: list[list[Any]] = []
        used: set[int] = set()
        for group in group_rows(result, report.datasets, self._snapshot):
            if group.verdict == "counts":
                counts = group.places
                people = self._people(result.dataset, counts.tolist())
                continue
            behind = group.verdict in ("missing", "incomplete")
            most = MOST_ELSEWHERE if group.verdict == "outside_condition" else self._most
            rows = self._of_rows(dataset, columns, group.places[:most].tolist(), valued=behind)
            out.append([self._words.place(group.why), len(group.places), rows])
        first = counts[: self._most]
        listed = self._of_rows(dataset, columns, first.tolist(), valued=True)
        out += self._absent(result, people)
        found: dict[str, Any] = {
            "formula": self._words.place(formula_of(report, self._snapshot, result)),
            "counts": [len(counts), listed],
            "out": out,
        }
        used.update(entries_at(result.dataset, first, report.datasets).tolist())
        if result.among is not None:
            found["among"] = self._among(result, used)
        parents = [n for n in report.parents(result.id) if n not in used]
        found["others"] = [len(parents), [self._entry(n) for n in parents[: self._most]]]
        return found

    def _among(self, result: Result, used: set[int]) -> list[Any]:
        assert result.among is not None
        dataset = self._report.datasets[result.among.dataset]
        compared = (result.column,) if result.column and result.method in PAIRED else ()
        columns = tuple(dict.fromkeys((*compared, *columns_used(result.among))))
        kept = find_places(result.among, self._report.datasets)
        first = kept[: self._most]
        listed = self._of_rows(dataset, columns, first.tolist(), valued=True)
        used.update(entries_at(result.among.dataset, first, self._report.datasets).tolist())
        return [len(kept), listed]

    def _absent(self, result: Result, people: set[str]) -> list[list[Any]]:
        found = find_absent(result, self._report.datasets, self._snapshot, people)
        groups: dict[str, list[int]] = {}
        for person in islice(found, self._most):
            why = person.why + (f": {person.reason}" if person.reason else "")
            row = [self._words.place(person.participant), -1, [], self._cited(person.entries), []]
            groups.setdefault(why, []).append(self._write(row))
        return [[self._words.place(why), len(rows), rows] for why, rows in groups.items()]

    def _people(self, dataset: str, places: list[int]) -> set[str]:
        """Whose rows they are."""
        if dataset not in self._whose:
            frame = self._report.datasets[dataset].frame
            known = "participant" in frame.columns
            self._whose[dataset] = frame["participant"].to_list() if known else [None] * frame.height
        whose = self._whose[dataset]
        return {person for place in places if (person := whose[place]) is not None}

    def _of_rows(
        self, dataset: Dataset, columns: tuple[str, ...], places: list[int], *, valued: bool
    ) -> list[int]:
        """The numbers of the rows at some places of a dataset."""
        known = self._rows[dataset.name, columns, valued]
        for place in places:
            if place not in known:
                row = dataset.frame.row(place, named=True)
                known[place] = self._written_row(dataset, columns, row, valued=valued)
        return [known[place] for place in places]

    def _written_row(
        self, dataset: Dataset, columns: tuple[str, ...], row: Mapping[str, Any], *, valued: bool
    ) -> int:
        read = [
            [
                self._words.place(dataset.column(name).label),
                self._words.place(shown_text(dataset, name, row[name])),
            ]
            for name in columns
            if name not in ("participant", "encounter")
        ]
        sources = self._sources(self._finder.behind(dataset, columns, row)) if valued else []
        return self._write(
            [
                self._words.place(row.get("participant")),
                self._words.place(row.get("encounter") or None),
                read,
                self._cited(row[ENTRIES] or ()),
                sources,
            ]
        )

    def _explained(self, row: ExplainedRow) -> int:
        read = [[self._words.place(name), self._words.place(text)] for name, text in row.values.items()]
        who, where = self._words.place(row.participant), self._words.place(row.encounter)
        return self._write([who, where, read, self._cited(row.entries), self._sources(row.sources)])

    def _grouped(self, rows: Sequence[ExplainedRow]) -> list[list[Any]]:
        groups: dict[str, list[ExplainedRow]] = {}
        for row in rows:
            groups.setdefault(row.why, []).append(row)
        return [
            [self._words.place(why), len(alike), [self._explained(row) for row in alike[: self._most]]]
            for why, alike in groups.items()
        ]

    def _behind(self, parents: Iterable[int], rows: Iterable[ExplainedRow]) -> list[Any]:
        told = {source.entry.sequence for row in rows for source in row.sources}
        others = [number for number in parents if number not in told]
        return [len(others), [self._entry(number) for number in others[: self._most]]]

    def _sources(self, sources: Iterable[ValueSource]) -> list[list[int]]:
        """Each value: its entry, label, what was typed, its origin, and the entry in which it was typed so."""
        found = []
        for source in sources:
            if source.item == WHEN:
                continue
            typed = source.typed if source.typed is not None else source.absent or "no value"
            unit = f" {source.unit}" if source.unit and source.typed is not None else ""
            why = f" ({source.why})" if source.why else ""
            entry = self._entry(source.entry.sequence)
            words = [self._words.place(text) for text in (source.label, f"{typed}{unit}{why}", source.origin)]
            found.append([entry, *words, source.typed_in])
        return found

    def _cited(self, entries: Iterable[int]) -> list[int]:
        return [self._entry(number) for number in entries]

    def _entry(self, number: int) -> int:
        if number not in self._entries:
            self._entries[number] = _as_list(self._finder.entry(number), self._words)
        return number

    def _write(self, row: list[Any]) -> int:
        """The number of a row; rows that say the same are one."""
        text = json.dumps(row)
        if text not in self._alike:
            self._alike[text] = len(self._written)
            self._written.append(row)
        return self._alike[text]


def _as_list(entry: EntryBehind, words: _Pool) -> list[int | str]:
    """What happened, who, in which role, when, for when, why, by which protocol; the hash is no word to be shared."""
    texts = (entry.what, entry.person, entry.role, entry.recorded_at[:16].replace("T", " "))
    further = (entry.clinical_time, entry.reason, entry.protocol)
    return [*(words.place(text) for text in (*texts, *further)), entry.hash]
