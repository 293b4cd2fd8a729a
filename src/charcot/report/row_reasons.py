"""Which rows of a dataset a number counts, and why it does not count the others; and who has no row at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from charcot.analysis import METHODS, Result
from charcot.analysis.selection import (
    Datasets,
    Mask,
    Selection,
    columns_used,
    find_once,
    mark_members,
    mark_missing,
    mark_rows,
    select_members,
    select_rows,
    split_condition,
)
from charcot.datasets import Dataset, Snapshot
from charcot.ledger import Entry
from charcot.participants import Dossier
from charcot.protocol.design import Population
from charcot.report.condition_words import asked_value, asks_for_a_value, describe_condition

Verdict = Literal["counts", "outside_population", "outside_condition", "missing", "incomplete", "no_row"]
_NEEDED: Mapping[str, tuple[str, ...]] = dict.fromkeys(
    ("kaplan_meier", "survival_at", "survival_half_width", "survival_median", "at_risk"), ("died",)
) | dict.fromkeys((id for id in METHODS if id.startswith("mixed_")), ("month",))
"""What a method reads beside its column."""
PAIRED = ("mean_change", "count_pairs")
"""Methods that compare each row with one of the denominator, by the same column."""


@dataclass(frozen=True)
class RowVerdict:
    """A row with whether it counts; `why` says why not, `lacking` names the columns that have no value."""

    row: Mapping[str, Any]
    verdict: Verdict
    why: str = ""
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True)
class AbsentPerson:
    """Somebody of the population who has no row that counts, the reason recorded, and the entries that show it."""

    participant: str
    why: str
    reason: str | None
    entries: tuple[int, ...]


def columns_read(result: Result) -> tuple[str, ...]:
    """The columns that the method and the condition read, the method's first."""
    own = (result.column,) if result.column else ()
    return tuple(dict.fromkeys((*own, *_NEEDED.get(result.method, ()), *columns_used(result.rows))))


def code_names(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    """What the codes of columns are called whose datasets do not list them."""
    encounters = {encounter.id: encounter.label for encounter in snapshot.protocol.encounters}
    return {"encounter": encounters}


@dataclass(frozen=True)
class RowGroup:
    """Rows of one dataset that share a verdict and its reason. `places` are where they stand in the dataset."""

    verdict: Verdict
    why: str
    lacking: tuple[str, ...]
    places: NDArray[np.int64]


def judge_rows(result: Result, datasets: Datasets, snapshot: Snapshot) -> Iterator[RowVerdict]:
    """Every row of the dataset in its order, with whether the number counts it."""
    groups = group_rows(result, datasets, snapshot)
    frame = datasets[result.dataset].frame
    group_of = np.empty(frame.height, dtype=np.int64)
    for number, group in enumerate(groups):
        group_of[group.places] = number
    for place, row in enumerate(frame.iter_rows(named=True)):
        group = groups[group_of[place]]
        yield RowVerdict(row, group.verdict, group.why, group.lacking)


def group_rows(result: Result, datasets: Datasets, snapshot: Snapshot) -> list[RowGroup]:
    """All rows of the dataset by verdict and reason: those that count first, if any do."""
    kind = result.method if result.method in (*PAIRED, *_NEEDED) or result.method.startswith("anova_") else ""
    key = ("groups", result.rows, result.column, kind, result.among if kind else None)
    return find_once(datasets, key, lambda: _group(result, datasets, snapshot))


def _group(result: Result, datasets: Datasets, snapshot: Snapshot) -> list[RowGroup]:
    dataset, population = datasets[result.dataset], result.rows.population
    frame = dataset.frame
    found: list[RowGroup] = []
    left = np.ones(frame.height, dtype=np.bool_)

    def take(verdict: Verdict, why: str, mask: Mask, lacking: tuple[str, ...] = ()) -> None:
        places = np.flatnonzero(left & mask)
        if len(places):
            found.append(RowGroup(verdict, why, lacking, places))
            left[places] = False

    if population is not None:
        members = mark_members(result.dataset, population, datasets)
        take("outside_population", f"outside the population “{population.label}”", ~members)
    whole = mark_rows(result.dataset, result.where, datasets)
    for verdict, why, lacking, mask in _outside(result, datasets, snapshot, left & ~whole):
        take(verdict, why, mask, lacking)
    needed = ((result.column,) if result.column else ()) + _NEEDED.get(result.method, ())
    for lacking, mask in _patterns(
        {column: mark_missing(result.dataset, column, datasets) for column in needed}, left
    ):
        if lacking:
            take("missing", f"{_labels(dataset, lacking)}: no value", mask, lacking)
    complete = _complete(result, datasets)
    if complete is not None:
        other = "not measured at what it is compared with"
        why = other if result.method in PAIRED else "not measured at every visit"
        take("incomplete", why, ~_belongs(frame, list(complete)))
    take("counts", "", left.copy())
    return sorted(found, key=lambda group: group.verdict != "counts")


def find_absent(
    result: Result, datasets: Datasets, snapshot: Snapshot, counted: set[str]
) -> Iterator[AbsentPerson]:
    """The people of the population without a row that counts, where a planned visit or nothing explains it."""
    population = result.rows.population
    if population is None:
        return
    encounter, asked = (asked_value(result.where, column) for column in ("encounter", "participant"))
    dataset = datasets[result.dataset]
    planned = encounter if encounter in _scheduled(snapshot) else None
    if encounter is not None and planned is None:
        present: set[str] | None = None  # rows of such a place are not to be expected of everybody
    else:
        present = find_once(datasets, ("present", dataset.name, planned), lambda: _present(dataset, planned))
    dossiers = find_once(
        datasets, "dossiers", lambda: {found.participant: found for found in snapshot.dossiers}
    )
    for person in _members(population, datasets):
        if person in counted or asked not in (None, person):
            continue
        if present is None or person in present:
            continue
        if planned is not None:
            yield _not_at(dossiers[person], planned, snapshot)
        else:
            yield AbsentPerson(person, f"no {dataset.one_row_per} on record", None, ())


def _present(dataset: Dataset, encounter: str | None) -> set[str]:
    """Who has a row, or one at an encounter."""
    rows = dataset.frame if encounter is None else dataset.frame.filter(encounter=encounter)
    return set(rows["participant"].drop_nulls().to_list())


def _complete(result: Result, datasets: Datasets) -> set[str] | None:
    """Who has every value that the method compares; None where each row counts by itself."""
    if result.method in PAIRED and result.among is not None:
        return set(select_rows(result.among, datasets).drop_nulls(result.column)["participant"].to_list())
    if not result.method.startswith("anova_"):
        return None
    known = select_rows(result.rows, datasets).drop_nulls(result.column).unique(["participant", "encounter"])
    visits = known["encounter"].n_unique()
    counts = known.group_by("participant").len().filter(pl.col("len") == visits)
    return set(counts["participant"].to_list())


def _members(population: Population, datasets: Datasets) -> list[str]:
    return [str(person) for person in select_members(population, datasets)["participant"].to_list()]


def _scheduled(snapshot: Snapshot) -> set[str]:
    return {encounter.id for encounter in snapshot.protocol.encounters if encounter.kind == "scheduled"}


def _not_at(dossier: Dossier, encounter: str, snapshot: Snapshot) -> AbsentPerson:
    """Why nothing of the kind was recorded at a visit: death or leaving, a visit said to be missed, or not yet."""
    standing = dossier.standing
    visit = next((v for v in snapshot.visits[dossier.participant] if v.encounter.id == encounter), None)
    label = code_names(snapshot)["encounter"].get(encounter, encounter)
    missed = [missed.entry for missed in dossier.casebook.missed if missed.encounter == encounter]
    if missed:
        return _absent(dossier, f"not recorded at {label}: said to be missed", missed, missed[-1].reason)
    if visit is not None and visit.status == "not_expected":
        ends: list[tuple[str, Entry]] = []
        if standing.died_at is not None and standing.death is not None:
            ends.append((f"died {standing.died_at.text}", standing.death.entry))
        for what, entry in (("declined", standing.declined), ("lost to follow-up", standing.lost)):
            if entry is not None:
                ends.append((f"{what} {entry.clinical_time}", entry))
        ends += [(f"withdrew {w.at.text}", w.entry) for w in standing.withdrawals]
        why = "; ".join(words for words, _ in ends)
        reasons = [entry.reason for _, entry in ends if entry.reason]
        return _absent(
            dossier, f"no visit at {label}: {why}", [entry for _, entry in ends], "; ".join(reasons)
        )
    state = {"open": "still to come", "due": "due now", "overdue": "overdue"}.get(
        visit.status if visit is not None else "", "not recorded"
    )
    return AbsentPerson(dossier.participant, f"nothing at {label}: {state}", None, ())


def _absent(dossier: Dossier, why: str, entries: list[Entry], reason: str | None) -> AbsentPerson:
    return AbsentPerson(dossier.participant, why, reason or None, tuple(e.sequence for e in entries))


def _outside(
    result: Result, datasets: Datasets, snapshot: Snapshot, outside: Mask
) -> Iterator[tuple[Verdict, str, tuple[str, ...], Mask]]:
    """Rows outside the condition by what of it fails; where only a value is lacking that it asks for, it is missing."""
    if not outside.any():
        return
    dataset, names = datasets[result.dataset], code_names(snapshot)
    fails = {part: ~mark_rows(result.dataset, part, datasets) for part in split_condition(result.where)}
    for failed, rows in _patterns(fails, outside):
        used = tuple(dict.fromkeys(c for part in failed for c in columns_used(Selection(dataset.name, part))))
        only_asked_for = bool(failed) and all(asks_for_a_value(part) for part in failed)
        said = "; nor that ".join(describe_condition(part, dataset, names) for part in failed)
        nulls = {column: mark_missing(result.dataset, column, datasets) for column in used}
        for lacking, mask in _patterns(nulls, rows):
            if only_asked_for and lacking:
                yield "missing", f"{_labels(dataset, lacking)}: no value", lacking, mask
            else:
                yield "outside_condition", f"outside the condition: not so that {said}", (), mask


def _patterns(marks: Mapping[str, Mask], among: Mask) -> Iterator[tuple[tuple[str, ...], Mask]]:
    """The rows of `among` by which of the marks they bear, in the order of their first rows."""
    code = np.zeros(len(among), dtype=np.int64)
    for bit, mark in enumerate(marks.values()):
        code |= mark.astype(np.int64) << bit
    found, first = np.unique(code[among], return_index=True)
    for value in found[np.argsort(first)].tolist():
        names = tuple(name for bit, name in enumerate(marks) if value >> bit & 1)
        yield names, among & (code == value)


def _labels(dataset: Dataset, columns: tuple[str, ...]) -> str:
    return ", ".join(f"“{dataset.column(column).label}”" for column in columns)


def _belongs(frame: pl.DataFrame, people: list[str]) -> Mask:
    found = frame["participant"].is_in(people).fill_null(False).to_numpy()
    return np.asarray(found, dtype=np.bool_)
