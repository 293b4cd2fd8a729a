"""Predictions of a mixed model for repeated measures, for rows of the fit or others."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from charcot.statistics.mixed.cannot_fit import CannotFit
from charcot.statistics.mixed.columns import Covariate, as_categories, take_column
from charcot.statistics.mixed.contrasts import Inference
from charcot.statistics.mixed.design import match_levels
from charcot.statistics.mixed.structures import SpatialExponential
from charcot.statistics.mixed.structures.structure import Array

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Source:
    """What a model was asked to fit: the data, and the names of columns with a role (None if given as arrays)."""

    data: Any
    subject: str | None
    visit: str | tuple[str, ...] | None
    group: str | None
    effects: str
    grouped: bool
    weighted: bool
    fell_back: bool


def _design_of(inference: Inference, data: Any) -> tuple[Array, int]:
    """The design of rows, NaN where a covariate is missing."""
    frame = inference.fitted.frame
    if frame.design is None:
        x = np.asarray(data, dtype=np.float64)
        if x.ndim != 2 or x.shape[1] != len(frame.names):
            raise CannotFit(f"the design must have {len(frame.names)} columns, not the shape {x.shape}")
        return x, x.shape[0]
    columns = {name: take_column(data, name) for name in frame.columns}
    n = len(next(iter(data.values()))) if isinstance(data, dict) else len(data)
    x, _ = frame.design.encode(columns.__getitem__, n)
    gaps = np.zeros(n, dtype=bool)
    for column in columns.values():
        gaps |= column.missing
    x[gaps] = np.nan
    return x, n


def predict_rows(
    inference: Inference, source: Source, data: Any, conditional: bool, level: float
) -> "pl.DataFrame":
    """Predictions of each row of the data; see `MMRMResult.predict`."""
    import polars as pl

    rows = source.data if data is None else data
    x, n = _design_of(inference, rows)
    known = ~np.isnan(x).any(axis=1)
    found = np.full((4, n), np.nan)
    if known.any():
        if conditional:
            weights, offsets = _condition(inference, source, rows, x, known)
        else:
            weights, offsets = x[known], np.zeros(int(known.sum()))
        moving = weights.any(axis=1)
        part = np.zeros((4, weights.shape[0]))
        if moving.any():
            lines = inference.test_each(weights[moving], level)
            part[:, moving] = [lines.estimate, lines.standard_error, lines.lower, lines.upper]
        part[[0, 2, 3]] += offsets
        found[:, known] = part
    names = ("estimate", "standard_error", "lower", "upper")
    return pl.DataFrame(
        {name: pl.Series(values).fill_nan(None) for name, values in zip(names, found, strict=True)}
    )


def _condition(inference: Inference, source: Source, data: Any, x: Array, known: Any) -> tuple[Array, Array]:
    """For each known row, weights and offset: the prediction given the subject's outcomes is weights beta + offset."""
    fitted = inference.fitted
    frame = fitted.frame
    if source.subject is None or source.visit is None or frame.design is None:
        raise CannotFit(
            "conditional predictions need a formula, and subject and visit named as columns of the data"
        )
    rows = np.flatnonzero(known)
    y = take_column(data, frame.outcome).values[rows]
    subject = as_categories(take_column(data, source.subject)).values[rows]
    names = (source.visit,) if isinstance(source.visit, str) else source.visit
    coordinates = [take_column(data, name) for name in names]
    assert frame.visit.levels is not None and frame.group.levels is not None
    structure, likelihood = fitted.likelihood.structure, fitted.likelihood
    if isinstance(structure, SpatialExponential):
        at = np.column_stack([column.values[rows] for column in coordinates])
    else:
        at = match_levels(as_categories(coordinates[0]), frame.visit.levels, names[0]).values[rows]
    group = np.zeros(rows.size, dtype=np.intp)
    if source.grouped:
        if source.group is None:
            raise CannotFit("conditional predictions need the group named as a column of the data")
        column = as_categories(take_column(data, source.group))
        group = match_levels(
            Covariate(column.values[rows], column.levels), frame.group.levels, source.group
        ).values
    parts = likelihood.split(fitted.optimum.point.theta)
    taken = x[rows]
    weights, offsets = taken.copy(), np.zeros(rows.size)
    for code in np.unique(subject):
        mine = np.flatnonzero(subject == code)
        if isinstance(structure, SpatialExponential):
            gaps = np.sqrt(((at[mine][:, None] - at[mine][None]) ** 2).sum(axis=-1))
            sigma = structure.build(parts[group[mine[0]]], gaps)
        else:
            sigma = structure.build(parts[group[mine[0]]], likelihood.patterns.m)[np.ix_(at[mine], at[mine])]
        seen = ~np.isnan(y[mine])
        if not seen.any():
            continue
        share = np.linalg.solve(sigma[np.ix_(seen, seen)], sigma[seen]).T
        share[seen] = np.eye(int(seen.sum()))
        weights[mine] = taken[mine] - share @ taken[mine][seen]
        weights[mine[seen]] = 0.0
        offsets[mine] = share @ y[mine][seen]
    return weights, offsets
