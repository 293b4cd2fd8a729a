"""What share of cells carries a marker: a threshold from the control, with intervals, sensitivity and a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from charcot.statistics.intervals import Interval, estimate_proportion

Values = NDArray[np.float64]
MAD_TO_SD = 1.4826
"""What makes a median absolute deviation the standard deviation of a normal distribution."""
MEDIAN_3_MAD = "median + 3 MAD"


class MarkerVerdict(StrEnum):
    """What a measured share says against its limits."""

    PASS = "PASS"
    FAIL = "FAIL"
    INVALID = "INVALID TEST"
    NOT_TESTED = "NOT TESTED"


@dataclass(frozen=True)
class MarkerLimit:
    """What a specification asks of a marker [share, 0 to 1]; an end that is None is open."""

    at_least: float | None = None
    at_most: float | None = None

    def is_met_by(self, share: float) -> bool:
        """Whether a share lies within the limits, ends included."""
        return (self.at_least is None or share >= self.at_least) and (
            self.at_most is None or share <= self.at_most
        )


@dataclass(frozen=True)
class PositivityMethod:
    """How positive cells are told from the control; locked before the sample is looked at.

    `percentile` of the control is the threshold, a value strictly above it is positive. `judged` is the
    share that the limits are held against: "subtracted" or "raw". `sensitivity` are further thresholds.
    """

    percentile: float = 99.0
    judged: str = "subtracted"
    least_control: int = 5_000
    least_sample: int = 10_000
    draws: int = 2_000
    level: float = 0.95
    sensitivity: tuple[float, ...] = (95.0, 99.0, 99.5)


@dataclass(frozen=True)
class Sensitivity:
    """What would be judged with another threshold."""

    threshold_by: str
    threshold: float
    subtracted: float
    raw: float
    verdict: MarkerVerdict


@dataclass(frozen=True)
class Positivity:
    """One marker of one sample against its control. Shares lie between 0 and 1; `subtracted` may fall below 0.

    `raw` carries a Wilson interval, `subtracted` a bootstrap interval that draws control and sample anew.
    `tail` is the control's (p99 - median) / (3 x 1.4826 MAD): near 0.78 where it is normal, larger where its
    tail is heavy and a percentile of it therefore misleads.
    """

    sample_events: int
    control_events: int
    threshold: float
    control_positive: float
    raw: Interval
    subtracted: Interval
    tail: float
    verdict: MarkerVerdict
    why: str
    sensitivity: tuple[Sensitivity, ...] = field(repr=False)

    @property
    def needs_review(self) -> bool:
        """Whether another customary threshold would give another verdict: a person has to look."""
        return any(one.verdict is not self.verdict for one in self.sensitivity) and self.verdict in (
            MarkerVerdict.PASS,
            MarkerVerdict.FAIL,
        )


def compute_threshold(control: Values, percentile: float) -> float:
    """The control's percentile, the higher of two events where it falls between them.

    >>> compute_threshold(np.arange(1.0, 101.0), 99)
    100.0
    """
    return float(np.percentile(control, percentile, method="higher"))


def compute_share_above(ordered: Values, threshold: float) -> float:
    """The share of values strictly above a threshold; `ordered` rises."""
    return 1 - float(np.searchsorted(ordered, threshold, side="right")) / len(ordered)


def compute_subtracted(sample: float, control: float) -> float:
    """The share with what the control shows taken away: (p_s - p_c) / (1 - p_c).

    >>> round(compute_subtracted(0.0197, 0.01), 4)
    0.0098
    """
    return (sample - control) / (1 - control) if control < 1 else float("nan")


def compute_tail_index(ordered: Values) -> float:
    """(p99 - median) / (3 x 1.4826 MAD) of rising values; NaN where the MAD is 0."""
    median = float(np.median(ordered))
    spread = MAD_TO_SD * float(np.median(np.abs(ordered - median)))
    return (float(np.percentile(ordered, 99)) - median) / (3 * spread) if spread > 0 else float("nan")


def draw_subtracted(
    control: Values, sample: Values, percentile: float, draws: int, generator: np.random.Generator
) -> Values:
    """Bootstrap values of the subtracted share; `control` and `sample` rise.

    What drawing all events anew would give, without drawing them: the percentile of n uniform draws is the
    k-th of them, Beta(k, n - k + 1); draws above it are binomial, and so are draws of the sample.
    """
    n = len(control)
    k = int(np.ceil(np.round(percentile / 100 * (n - 1), 9))) + 1
    rank = generator.beta(k, n - k + 1, draws)
    thresholds = control[np.minimum((rank * n).astype(int), n - 1)]
    beyond = 1 - np.searchsorted(control, thresholds, side="right") / n
    chance = np.clip(np.divide(beyond, 1 - rank, out=np.zeros(draws), where=rank < 1), 0, 1)
    control_share = generator.binomial(n - k, chance) / n
    above = 1 - np.searchsorted(sample, thresholds, side="right") / len(sample)
    sample_share = generator.binomial(len(sample), above) / len(sample)
    return np.asarray((sample_share - control_share) / (1 - control_share))


def estimate_positivity(
    control: Values,
    sample: Values,
    limit: MarkerLimit,
    method: PositivityMethod,
    generator: np.random.Generator,
) -> Positivity:
    """The share of `sample` above the threshold that `control` sets, judged against `limit`.

    Both are values of the events within the same gates and compensation. Too few events, or a control that
    does not vary, make an invalid test. Sources: Wilson 1927; Efron 1979 (percentile interval).
    """
    control, sample = np.sort(control), np.sort(sample)
    if len(control) < 2 or len(sample) < 1:
        return _without_events(len(control), len(sample), method)
    threshold = compute_threshold(control, method.percentile)
    control_share = compute_share_above(control, threshold)
    above = len(sample) - int(np.searchsorted(sample, threshold, side="right"))
    raw = estimate_proportion(above, len(sample), level=method.level, method="wilson")
    drawn = draw_subtracted(control, sample, method.percentile, method.draws, generator)
    tail = (1 - method.level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    subtracted = Interval(
        compute_subtracted(raw.estimate, control_share), float(low), float(high), method.level, "bootstrap"
    )
    why = _why_invalid(control, len(sample), method)
    judged = raw.estimate if method.judged == "raw" else subtracted.estimate
    verdict = MarkerVerdict.INVALID if why else _judge(judged, limit)
    others = (
        []
        if why
        else [_at(name, t, control, sample, limit, method) for name, t in _thresholds(control, method)]
    )
    return Positivity(
        len(sample), len(control), threshold, control_share, raw, subtracted, compute_tail_index(control),
        verdict, why, tuple(others),
    )  # fmt: skip


def _without_events(control: int, sample: int, method: PositivityMethod) -> Positivity:
    nothing = Interval(float("nan"), float("nan"), float("nan"), method.level, "none")
    nan = float("nan")
    why = f"no events to judge: {control} of the control, {sample} of the sample lie within the gates"
    return Positivity(sample, control, nan, nan, nothing, nothing, nan, MarkerVerdict.INVALID, why, ())


def _why_invalid(control: Values, sample_events: int, method: PositivityMethod) -> str:
    if len(control) < method.least_control:
        return (
            f"the control has {len(control):,} events within the gates, fewer than {method.least_control:,}"
        )
    if sample_events < method.least_sample:
        return f"the sample has {sample_events:,} events within the gates, fewer than {method.least_sample:,}"
    if control[0] == control[-1]:
        return "all events of the control have the same value"
    return ""


def _judge(share: float, limit: MarkerLimit) -> MarkerVerdict:
    if limit.at_least is None and limit.at_most is None:
        return MarkerVerdict.NOT_TESTED
    return MarkerVerdict.PASS if limit.is_met_by(share) else MarkerVerdict.FAIL


def _thresholds(control: Values, method: PositivityMethod) -> Sequence[tuple[str, float]]:
    found = [
        (f"p{percentile:g}", compute_threshold(control, percentile)) for percentile in method.sensitivity
    ]
    median = float(np.median(control))
    spread = MAD_TO_SD * float(np.median(np.abs(control - median)))
    return [*found, (MEDIAN_3_MAD, median + 3 * spread)]


def _at(
    name: str, threshold: float, control: Values, sample: Values, limit: MarkerLimit, method: PositivityMethod
) -> Sensitivity:
    raw = compute_share_above(sample, threshold)
    subtracted = compute_subtracted(raw, compute_share_above(control, threshold))
    judged = raw if method.judged == "raw" else subtracted
    return Sensitivity(name, threshold, subtracted, raw, _judge(judged, limit))
