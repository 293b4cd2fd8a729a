"""Stages of ALS derived from ALSFRS-R items: MiToS, King's and FT9."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from charcot.scales.alsfrs_r import FloatArray, Scores, as_flag, as_scores, compute_subscores

DEATH_STAGE = 5


@dataclass(frozen=True)
class StagingSystem:
    """A staging system; `unchecked` means that its rule was not compared with a source."""

    id: str
    name: str
    source: str
    unchecked: bool = False


STAGING_SYSTEMS = (
    StagingSystem("mitos", "Milano-Torino (MiToS)", "Chiò 2013, 2015"),
    StagingSystem("kings", "King's", "Balendra 2014"),
    StagingSystem("ft9", "Fine till 9 (FT9)", "from memory, not compared with a source", unchecked=True),
)


@dataclass(frozen=True, eq=False)
class KingsStages:
    """King's stages of n rows.

    `stage` is 1-5 (NaN missing), `label` tells "4A" from "4B" (None missing), `recoded` is true where a
    computed stage 0 was turned into 1.
    """

    stage: FloatArray
    label: NDArray[np.object_]
    recoded: NDArray[np.bool_]


def _at_most(score: FloatArray, limit: int) -> FloatArray:
    """1 where the score is at most `limit`, 0 where it is above, NaN where it is missing."""
    return np.where(np.isnan(score), np.nan, score <= limit)


def _either(*parts: FloatArray) -> FloatArray:
    """Kleene OR of 1, 0 and NaN (unknown): one certain truth decides."""
    table = np.stack(parts)
    unknown = np.where(np.isnan(table).any(axis=0), np.nan, 0.0)
    return np.where((table == 1).any(axis=0), 1.0, unknown)


def _both(*parts: FloatArray) -> FloatArray:
    """Kleene AND of 1, 0 and NaN (unknown): one certain untruth decides."""
    return 1.0 - _either(*(1.0 - part for part in parts))


def _deaths(died: ArrayLike | None, like: FloatArray) -> NDArray[np.bool_]:
    if died is None:
        return np.zeros(like.shape, dtype=np.bool_)
    flag = as_flag(died, like, "died")
    if np.isnan(flag).any():
        raise ValueError("died must be true or false in each row, not missing")
    return np.asarray(flag == 1, dtype=np.bool_)


def compute_mitos(items: Scores, died: ArrayLike | None = None) -> FloatArray:
    """Compute MiToS stages: the number of lost domains, 0-4; 5 is death.

    `items` maps item ids to n scores [points, 0-4, NaN missing]; items 1, 3, 4, 6, 8, 10, 12 are used.
    `died` (n true/false) overrides the items. A domain with a missing item counts only if the other item
    already decides it; otherwise the stage is NaN. ValueError as in `compute_total`.
    Source: Chiò 2013, 2015. Communication is lost when items 1 AND 4 are at most 1.
    """
    needed = ("speech", "swallowing", "handwriting", "dressing_hygiene", "walking", "dyspnoea")
    score = as_scores(items, (*needed, "respiratory_insufficiency"))
    movement = _either(_at_most(score["walking"], 1), _at_most(score["dressing_hygiene"], 1))
    swallowing = _at_most(score["swallowing"], 1)
    communication = _both(_at_most(score["speech"], 1), _at_most(score["handwriting"], 1))
    breathing = _either(_at_most(score["dyspnoea"], 1), _at_most(score["respiratory_insufficiency"], 2))
    stage = movement + swallowing + communication + breathing
    return np.where(_deaths(died, stage), float(DEATH_STAGE), stage)


def compute_kings(items: Scores, died: ArrayLike | None = None, *, zero_as_one: bool = True) -> KingsStages:
    """Compute King's stages: 1-3 involved regions, 4A nutritional, 4B respiratory failure, 5 death.

    `items` as in `compute_mitos`; items 1-3, 4, 5, 8, 10, 12 are used, and 5b answered means gastrostomy.
    A region is involved when its items fall short of full marks, so one low item decides it; what stays
    undecided, or both or neither of 5a and 5b, gives a missing stage unless 4B is certain. Nobody with
    ALS is in stage 0: a computed 0 becomes 1 (`recoded`) unless `zero_as_one` is false.
    Source: Balendra 2014.
    """
    bulbar = ("speech", "salivation", "swallowing")
    rest = ("handwriting", "cutting_food", "handling_utensils", "walking", "dyspnoea")
    score = as_scores(items, (*bulbar, *rest, "respiratory_insufficiency"))
    a, b = score["cutting_food"], score["handling_utensils"]
    gastrostomy = np.where(np.isnan(a) ^ np.isnan(b), np.isnan(a), np.nan)
    failing = _either(_at_most(score["dyspnoea"], 0), _at_most(score["respiratory_insufficiency"], 3))
    regions = (
        _either(*(_at_most(score[id], 3) for id in bulbar))
        + _either(_at_most(score["handwriting"], 3), _at_most(a, 3))
        + _at_most(score["walking"], 3)
    )
    stage = np.where(gastrostomy == 0, regions, np.where(gastrostomy == 1, 4.0, np.nan))
    stage = np.where(failing == 0, stage, np.where(failing == 1, 4.0, np.nan))
    dead = _deaths(died, stage)
    stage = np.where(dead, float(DEATH_STAGE), stage)
    recoded = (stage == 0) & zero_as_one
    stage = np.where(recoded, 1.0, stage)
    label = np.array([None if np.isnan(value) else str(int(value)) for value in stage], dtype=np.object_)
    label[stage == 4] = np.where(failing[stage == 4] == 1, "4B", "4A")
    return KingsStages(stage, label, recoded)


def compute_ft9(items: Scores, died: ArrayLike | None = None) -> FloatArray:
    """Compute FT9 stages: the number of subscores of at most 9, 0-4; 5 is death. Unchecked rule.

    `items` as in `compute_total`; a missing subscore gives a missing stage (NaN). `died` as in
    `compute_mitos`. The rule is from memory (see `STAGING_SYSTEMS`): say so wherever it is shown.
    """
    subscores = compute_subscores(items)
    stage = (
        _at_most(subscores.bulbar, 9)
        + _at_most(subscores.fine_motor, 9)
        + _at_most(subscores.gross_motor, 9)
        + _at_most(subscores.respiratory, 9)
    )
    return np.where(_deaths(died, stage), float(DEATH_STAGE), stage)
