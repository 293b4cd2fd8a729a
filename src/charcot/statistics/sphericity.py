"""Sphericity of repeated measures: Mauchly's test, Greenhouse-Geisser and Huynh-Feldt epsilon."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charcot.statistics.distributions import compute_chi_squared_tail

_ZERO = 1e-12
"""A variance (or a distance from a pole) this small beside the largest is rounding."""


@dataclass(frozen=True)
class Sphericity:
    """Mauchly's test and the two epsilons; None where one is not defined, and `note` says why ("" if none).

    `df` belongs to `chi_squared`. `huynh_feldt` is as computed and may exceed 1; corrections use at most 1.
    """

    w: float | None
    chi_squared: float | None
    df: int
    p: float | None
    greenhouse_geisser: float
    huynh_feldt: float | None
    note: str


def compute_sphericity(products: NDArray[np.float64], error_df: int) -> Sphericity:
    """Compute Mauchly's test and the epsilons from the products of residuals of orthonormal contrasts.

    `products` is their (k - 1) x (k - 1) matrix of sums of squares and products for k levels, not zero;
    `error_df` its degrees of freedom (subjects less groups). Source: Mauchly 1940, with the chi-squared
    approximation of Box 1949 to its second term, and at most 1; Greenhouse & Geisser 1959; Huynh & Feldt
    1976 as corrected by Lecoutre 1991 (error_df + 1 in place of n; the same number in one group). In the
    second term R's mauchly.test and car have 3 k where Box has 3 (k - 1), which moves p by about 1e-4 from
    four levels on; here it is R's, so that the two agree.

    >>> result = compute_sphericity(np.diag([2.0, 1.0]), 9)
    >>> print(f"{result.w:.4f} {result.p:.4f} {result.greenhouse_geisser:.1f} {result.huynh_feldt:.4f}")
    0.8889 0.6243 0.9 1.1111
    """
    p = products.shape[0]
    df = p * (p + 1) // 2 - 1
    if p == 1:
        return Sphericity(None, None, df, None, 1.0, 1.0, "With two levels sphericity holds by definition.")
    variances = np.maximum(np.linalg.eigvalsh(products), 0.0)
    total = float(variances.sum())
    share = min(1.0, max(1 / p, total**2 / (p * float((variances**2).sum()))))  # bounds against rounding
    notes = []

    room = error_df - p * share
    huynh_feldt = None
    if room > _ZERO * error_df:
        huynh_feldt = ((error_df + 1) * p * share - 2) / (p * room)
    else:
        notes.append("Huynh–Feldt's epsilon is not defined: too few participants for this many levels.")

    w = chi_squared = chance = None
    if error_df < p:
        notes.append(
            f"Mauchly's test is not defined: {p + 1} levels need {p} degrees of freedom of error, "
            f"and there are {error_df}."
        )
    elif variances.min() <= _ZERO * variances.max():
        notes.append("Mauchly's test is not defined: a difference between levels is the same in everyone.")
    else:
        log_w = float(np.log(variances).sum() - p * np.log(total / p))
        rho = 1 - (2 * p**2 + p + 2) / (6 * p * error_df)
        second = (p + 2) * (p - 1) * (p - 2) * (2 * p**3 + 6 * p**2 + 3 * (p + 1) + 2)
        second /= 288 * (error_df * p * rho) ** 2
        w, chi_squared = float(np.exp(log_w)), max(0.0, -error_df * rho * log_w)
        tail, further = (compute_chi_squared_tail(chi_squared, df + more) for more in (0, 4))
        chance = min(1.0, tail + second * (further - tail))
    return Sphericity(w, chi_squared, df, chance, share, huynh_feldt, " ".join(notes))
