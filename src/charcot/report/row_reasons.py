"""Which rows of a dataset a number counts, and why it does not count the others; and who has no row at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from charcot.analysis import METHODS, Result
from charcot.analysis.selection import Datasets, Selection, columns_used, select_members, select_rows
from charcot.datasets import Dataset, Snapshot
from charcot.ledger import Entry
from charcot.participants import Dossier
from charcot.protocol.design import Population
from charcot.report.condition_words import asked_value, describe_condition, split_condition

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


def judge_rows(result: Result, datasets: Datasets, snapshot: Snapshot) -> Iterator[RowVerdict]:
    """Every row of the dataset in its order, with whether the number counts it."""
    dataset = datasets[result.dataset]
    frame, names = dataset.frame, code_names(snapshot)
    parts = split_condition(result.where)
    asked = [
        (part, describe_condition(part, dataset, names), columns_used(Selection(dataset.name, part)))
        for part in parts
    ]
    holds = [frame.select(pl.sql_expr(part).fill_null(False)).to_series().to_list() for part in parts]
    whole = _holds(frame, result.where)
    population = result.rows.population
    members = None if population is None else set(_members(population, datasets))
    complete = _complete(result, datasets)
    needed = ((result.column,) if result.column else ()) + _NEEDED.get(result.method, ())
    for index, row in enumerate(frame.iter_rows(named=True)):
        if members is not None and row["participant"] not in members:
            assert population is not None
            who = f"outside the population “{population.label}”"
            yield RowVerdict(row, "outside_population", who)
        elif not whole[index]:
            failed = [asked[n] for n, part in enumerate(holds) if not part[index]]
            yield _outside(row, failed, dataset)
        elif lacking := tuple(column for column in needed if row[column] is None):
            yield RowVerdict(row, "missing", f"{_labels(dataset, lacking)}: no value", lacking)
        elif complete is not None and row["participant"] not in complete:
            other = "not measured at what it is compared with"
            yield RowVerdict(
                row, "incomplete", other if result.method in PAIRED else "not measured at every visit"
            )
        else:
            yield RowVerdict(row, "counts")


def find_absent(
    result: Result, datasets: Datasets, snapshot: Snapshot, counted: set[str]
) -> Iterator[AbsentPerson]:
    """The people of the population without a row that counts, where a planned visit or nothing explains it."""
    population = result.rows.population
    if population is None:
        return
    encounter, asked = (asked_value(result.where, column) for column in ("encounter", "participant"))
    dataset = datasets[result.dataset]
    dossiers = {dossier.participant: dossier for dossier in snapshot.dossiers}
    for person in _members(population, datasets):
        if person in counted or asked not in (None, person):
            continue
        rows = dataset.frame.filter(participant=person)
        if encounter is not None and encounter in _scheduled(snapshot):
            here = rows.filter(encounter=encounter)
            if here.is_empty():
                yield _not_at(dossiers[person], encounter, snapshot)
        elif rows.is_empty():
            yield AbsentPerson(person, f"no {dataset.one_row_per} on record", None, ())


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
    row: Mapping[str, Any], failed: list[tuple[str, str, tuple[str, ...]]], dataset: Dataset
) -> RowVerdict:
    """Outside the condition; where only a value is lacking that the condition asks for, it is missing."""
    lacking = tuple(
        dict.fromkeys(column for _, _, columns in failed for column in columns if row[column] is None)
    )
    only_asked_for = all(
        part.upper().startswith("NOT ") and part.upper().endswith(" IS NULL") for part, _, _ in failed
    )
    if failed and only_asked_for and lacking:
        return RowVerdict(row, "missing", f"{_labels(dataset, lacking)}: no value", lacking)
    return RowVerdict(
        row,
        "outside_condition",
        "outside the condition: not so that " + "; nor that ".join(w for _, w, _ in failed),
    )


def _labels(dataset: Dataset, columns: tuple[str, ...]) -> str:
    return ", ".join(f"“{dataset.column(column).label}”" for column in columns)


def _holds(frame: pl.DataFrame, where: str) -> list[bool]:
    if not where:
        return [True] * frame.height
    return list(frame.select(pl.sql_expr(where).fill_null(False)).to_series().to_list())
