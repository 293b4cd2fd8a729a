"""How fast ALS progressed before the visit: the rate deltaFS and its classes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from charcot.scales.alsfrs_r import HIGHEST_TOTAL, FloatArray, as_total

DAYS_PER_MONTH = 30.4375
"""Days in a month when a rate is computed: 365.25 / 12."""


@dataclass(frozen=True)
class ProgressionClasses:
    """Classes of deltaFS [points/month]: class 1 below `cuts[0]`, 2 below `cuts[1]`, 3 from there on."""

    id: str
    cuts: tuple[float, float]
    source: str


PROGRESSION_CLASSES = (
    ProgressionClasses("kimura", (0.5, 1.0), "Kimura 2006"),
    ProgressionClasses("labra", (0.47, 1.11), "Labra 2016"),
)


def compute_delta_fs(total: ArrayLike, months_since_onset: ArrayLike) -> FloatArray:
    """Compute deltaFS = (48 - total) / months since symptom onset [points/month].

    Arrays of one shape: ALSFRS-R totals [points, 0-48] and months (of 30.4375 days). NaN where one is
    missing or the duration is not positive. ValueError for a total outside 0-48. Source: Kimura 2006.
    """
    lost = HIGHEST_TOTAL - as_total(total)
    months = np.asarray(months_since_onset, dtype=np.float64)
    return lost / np.where(months > 0, months, np.nan)


def compute_progression_class(delta_fs: ArrayLike, scheme: str = "kimura") -> FloatArray:
    """Compute the class of deltaFS: 1 slow, 2 intermediate, 3 fast, NaN missing.

    `delta_fs` [points/month] of any shape; `scheme` is "kimura" (< 0.5, 0.5 to < 1, >= 1) or "labra"
    (< 0.47, 0.47 to < 1.11, >= 1.11). ValueError for another scheme. Source: Kimura 2006, Labra 2016.
    """
    known = {classes.id: classes.cuts for classes in PROGRESSION_CLASSES}
    if scheme not in known:
        raise ValueError(f"progression classes are {', '.join(known)}, not {scheme!r}")
    rate = np.asarray(delta_fs, dtype=np.float64)
    return np.where(np.isnan(rate), np.nan, 1.0 + np.digitize(rate, known[scheme]))
