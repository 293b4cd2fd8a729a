"""Methods of change and of what a zero leaves open: mean change with its interval, the largest risk not seen."""

import polars as pl

from charcot.analysis.method import Method, Request, Value
from charcot.statistics import estimate_mean_change, estimate_proportion


def pair_values(request: Request) -> pl.DataFrame:
    """One row a participant who has both: `before` from the denominator's rows, `after` from the rows themselves."""

    def last(frame: pl.DataFrame, name: str) -> pl.DataFrame:
        known = frame.drop_nulls(["participant", request.column])
        return known.group_by("participant", maintain_order=True).agg(
            pl.col(request.column).last().cast(pl.Float64).alias(name)
        )

    return last(request.among, "before").join(last(request.rows, "after"), on="participant", how="inner")


def _mean_change(request: Request) -> tuple[Value, int]:
    pairs = pair_values(request)
    if pairs.is_empty():
        return None, 0
    found = estimate_mean_change(pairs["before"].to_numpy(), pairs["after"].to_numpy())
    return found.change, found.n


def _count_pairs(request: Request) -> tuple[Value, int]:
    pairs = pair_values(request).height
    return pairs, request.among["participant"].n_unique()


def _largest_risk_unseen(request: Request) -> tuple[Value, int]:
    total = request.rows["participant"].drop_nulls().n_unique()
    return (estimate_proportion(0, total).upper if total else None), total


CHANGE_METHODS = (
    Method(
        "mean_change",
        "Mean change with its t interval",
        "Changes are within participants, from the first visit to the visit named, over those measured at both; their "
        "95 % intervals are paired t intervals.",
        "1",
        _mean_change,
    ),
    Method("count_pairs", "Participants measured at both visits", "", "1", _count_pairs),
    Method(
        "largest_risk_unseen",
        "Largest risk that no event at all leaves open",
        "The largest risk compatible with no event is the upper end of the exact 95 % interval of zero among n.",
        "1",
        _largest_risk_unseen,
    ),
)
