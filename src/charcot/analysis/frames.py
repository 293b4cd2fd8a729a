"""Datasets that only the report needs: every value with its origin, every open check, and a few derived columns."""

import polars as pl

from charcot.analysis.background_frames import derive_background_frames, months_of_visits
from charcot.analysis.expected_frames import derive_expected_function, derive_expected_survival
from charcot.analysis.joined_frames import LAST_COLUMNS, derive_shifts, derive_slopes
from charcot.analysis.plan import ReportPlan
from charcot.analysis.selection import PEOPLE, Datasets, RememberedDatasets
from charcot.datasets import Column, Dataset, Snapshot
from charcot.datasets.dataset import make_dataset
from charcot.scales import compute_delta_fs

DATES = {
    "consented_on": "consented_at",
    "enrolled_on": "enrolled_at",
    "infused_on": "infused_at",
    "died_on": "died_at",
}
"""The dates that the protocol's conditions may name, and the columns of the participants dataset that hold them."""

_PLACE = (
    Column("participant", "Participant", pl.String),
    Column("form", "Form", pl.String),
    Column("encounter", "Encounter", pl.String),
)
VALUE_COLUMNS = (*_PLACE, Column("item", "Item", pl.String), Column("filled", "Has a value", pl.Boolean))
CHECK_COLUMNS = (
    *_PLACE,
    Column("check", "Edit check", pl.String),
    Column("severity", "Severity", pl.String),
    Column("message", "What is to be done", pl.String),
)


def derive_report_datasets(snapshot: Snapshot, datasets: Datasets, plan: ReportPlan) -> dict[str, Dataset]:
    """The datasets of the trial with what the report adds to them."""
    found = dict(datasets) | {"values": _derive_values(snapshot), "checks": _derive_checks(snapshot)}
    found[PEOPLE] = add_dates(found[PEOPLE])
    name = f"form_{plan.baseline_form}"
    if name in found and plan.baseline_onset is not None:
        found[name] = _add_delta_fs(found[name], *plan.baseline_onset)
    found |= {"slopes": derive_slopes(found, plan), "laboratory_shifts": derive_shifts(found)}
    found |= derive_expected_survival(found, plan)
    found |= derive_expected_function(found, plan, months_of_visits(snapshot.protocol, plan))
    found |= derive_background_frames(snapshot, found, plan)
    return RememberedDatasets(found)


def _derive_values(snapshot: Snapshot) -> Dataset:
    columns = (*VALUE_COLUMNS, *LAST_COLUMNS)
    names = [column.name for column in columns]
    rows = (
        (
            dossier.participant, key.form, key.encounter, item, value.absent is None, str(value.origin),
            versions[-1].entry.sequence,
        )
        for dossier in snapshot.dossiers
        for key, versions in dossier.casebook.forms.items()
        for item, value in versions[-1].values.items()
    )  # fmt: skip
    schema = {column.name: column.type for column in columns[:-1]} | {names[-1]: pl.Int64}
    frame = pl.DataFrame(list(rows), schema=schema, orient="row").with_columns(pl.concat_list(names[-1]))
    return Dataset("values", "Every value with its origin", "value", columns, frame)


def _derive_checks(snapshot: Snapshot) -> Dataset:
    rows: list[dict[str, object]] = [
        {
            "participant": dossier.participant,
            "form": key.form,
            "encounter": key.encounter,
            "check": failed["check"],
            "severity": failed["severity"],
            "message": failed["message"],
            "origin": "derived",
            "entries": [versions[-1].entry.sequence],
        }
        for dossier in snapshot.dossiers
        for key, versions in dossier.casebook.forms.items()
        for failed in versions[-1].failed_checks
    ]
    return make_dataset("checks", "Edit checks that do not hold", "failed check", CHECK_COLUMNS, rows)


def add_dates(people: Dataset) -> Dataset:
    """Adds the names that conditions of the protocol use, as days; a partial date is not known."""
    missing = [name for name in DATES if name not in people.frame.columns]
    columns = [
        pl.when(pl.col(DATES[name]).str.len_chars() >= 10)
        .then(pl.col(DATES[name]).str.slice(0, 10))
        .str.to_date("%Y-%m-%d")
        .alias(name)
        for name in missing
    ]
    described = tuple(Column(name, f"{people.column(DATES[name]).label}, day", pl.Date) for name in missing)
    return _widen(people, people.frame.with_columns(columns), described)


def _add_delta_fs(baseline: Dataset, total: str, months: str) -> Dataset:
    column = Column(
        "delta_fs",
        "Progression rate (ΔFS)",
        pl.Float64,
        "points/month",
        source=f"derived: (48 − {total}) / {months}, Kimura 2006",
    )
    rate = compute_delta_fs(
        baseline.frame[total].cast(pl.Float64).to_numpy(), baseline.frame[months].cast(pl.Float64).to_numpy()
    )
    frame = baseline.frame.with_columns(pl.Series("delta_fs", rate, pl.Float64).fill_nan(None))
    before = Column(
        "slope_before",
        "ALSFRS-R slope before (minus ΔFS)",
        pl.Float64,
        "points/month",
        source=f"derived: −(48 − {total}) / {months}",
    )
    return _widen(baseline, frame.with_columns(slope_before=-pl.col("delta_fs")), (column, before))


def _widen(dataset: Dataset, frame: pl.DataFrame, added: tuple[Column, ...]) -> Dataset:
    columns = (*dataset.columns[:-2], *added, *dataset.columns[-2:])
    return Dataset(
        dataset.name,
        dataset.label,
        dataset.one_row_per,
        columns,
        frame.select(column.name for column in columns),
    )
