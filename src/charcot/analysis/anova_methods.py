"""Methods of the repeated-measures analysis of variance: one method for each number of its table."""

from collections.abc import Callable

import numpy as np
import polars as pl

from charcot.analysis.method import Method, Request, Value
from charcot.statistics import RepeatedMeasuresAnova, repeated_measures_anova

SENTENCE = (
    "Repeated measurements are compared by analysis of variance with one within-participant factor, time, in those who have "
    "a value at every visit named; p values are given uncorrected and with the degrees of freedom corrected after "
    "Greenhouse and Geisser and after Huynh and Feldt (Lecoutre's correction), beside Mauchly's test of sphericity."
)


def fold_matrix(request: Request) -> tuple[list[str], pl.DataFrame]:
    """Everybody of the denominator, and a column of values for each encounter among the rows; null where not measured."""
    people = request.among.select(pl.col("participant").drop_nulls().unique(maintain_order=True))
    known = request.rows.drop_nulls([request.column])
    if known.is_empty():
        return people["participant"].to_list(), pl.DataFrame()
    wide = known.pivot("encounter", index="participant", values=request.column, aggregate_function="last")
    return people["participant"].to_list(), people.join(wide, on="participant", how="left").drop(
        "participant"
    )


def _analyse(request: Request) -> tuple[list[str], RepeatedMeasuresAnova | None]:
    people, wide = fold_matrix(request)
    try:
        return people, repeated_measures_anova(wide.to_numpy().astype(np.float64))
    except ValueError:  # fewer than two visits or two complete participants, or no variation
        return people, None


def _number(pick: Callable[[RepeatedMeasuresAnova], float | None]) -> Callable[[Request], tuple[Value, int]]:
    def compute(request: Request) -> tuple[Value, int]:
        _, found = _analyse(request)
        return (None, 0) if found is None else (pick(found), found.n)

    return compute


def _dropped_people(request: Request) -> tuple[Value, int]:
    people, found = _analyse(request)
    return (None, 0) if found is None else (", ".join(people[row] for row in found.dropped), found.n)


_PICKS: dict[str, tuple[str, Callable[[RepeatedMeasuresAnova], float | None]]] = {
    "time_ss": ("sum of squares, time", lambda a: a.within.sum_of_squares),
    "time_df": ("degrees of freedom, time", lambda a: a.within.df),
    "time_ms": ("mean square, time", lambda a: a.within.mean_square),
    "error_ss": ("sum of squares, error", lambda a: a.within.error_sum_of_squares),
    "error_df": ("degrees of freedom, error", lambda a: a.within.error_df),
    "error_ms": ("mean square, error", lambda a: a.within.error_mean_square),
    "people_ss": ("sum of squares, participants", lambda a: a.subjects_sum_of_squares),
    "people_df": ("degrees of freedom, participants", lambda a: a.subjects_df),
    "total_ss": ("sum of squares, total", lambda a: a.total_sum_of_squares),
    "total_df": ("degrees of freedom, total", lambda a: a.total_df),
    "f": ("F", lambda a: a.within.f),
    "p": ("p, uncorrected", lambda a: a.within.p),
    "p_gg": ("p, Greenhouse–Geisser", lambda a: a.within.p_greenhouse_geisser),
    "p_hf": ("p, Huynh–Feldt", lambda a: a.within.p_huynh_feldt),
    "mauchly_w": ("Mauchly's W", lambda a: a.sphericity.w),
    "mauchly_chi2": ("Mauchly's test, chi-squared", lambda a: a.sphericity.chi_squared),
    "mauchly_df": ("Mauchly's test, degrees of freedom", lambda a: a.sphericity.df),
    "mauchly_p": ("Mauchly's test, p", lambda a: a.sphericity.p),
    "epsilon_gg": ("epsilon, Greenhouse–Geisser", lambda a: a.sphericity.greenhouse_geisser),
    "epsilon_hf": ("epsilon, Huynh–Feldt", lambda a: a.sphericity.huynh_feldt),
    "n": ("participants complete", lambda a: a.n),
    "n_dropped": ("participants dropped as incomplete", lambda a: a.n_dropped),
}

ANOVA_NUMBERS = {name: label for name, (label, _) in _PICKS.items()} | {
    "dropped": "who was dropped as incomplete"
}
"""The numbers of an analysis of variance, and what each is; the method of one is called `anova_` and its name."""

ANOVA_METHODS = (
    *(
        Method(f"anova_{name}", f"Repeated-measures ANOVA: {label}", SENTENCE, "1", _number(pick))
        for name, (label, pick) in _PICKS.items()
    ),
    Method(
        "anova_dropped",
        f"Repeated-measures ANOVA: {ANOVA_NUMBERS['dropped']}",
        SENTENCE,
        "1",
        _dropped_people,
    ),
)
