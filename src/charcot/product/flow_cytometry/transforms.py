"""The scales on which gates are drawn: GatingML 2.0's linear, logarithmic, inverse hyperbolic sine, logicle, hyperlog, ratio."""

from dataclasses import dataclass
from math import exp, log, sinh

import numpy as np
from numpy.typing import NDArray

from charcot.refusal import Refusal

LN10 = log(10)
Values = NDArray[np.float64]


class NoTransform(Refusal):
    """The numbers of a scale cannot stand together."""


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise NoTransform(
            f"A scale cannot be made of these numbers: {what}",
            rule="Gating-ML 2.0, transformations",
            next_step="Correct the numbers in the program that wrote the gates, and export them again.",
        )


@dataclass(frozen=True)
class Linear:
    """(x + A) / (T + A)."""

    t: float
    a: float

    def __post_init__(self) -> None:
        _require(self.t > 0 and 0 <= self.a <= self.t, "linear needs T > 0 and 0 <= A <= T")

    def scale(self, x: Values) -> Values:
        """Values on the scale of the gate."""
        return (x + self.a) / (self.t + self.a)


@dataclass(frozen=True)
class Logarithmic:
    """log10(x / T) / M + 1; values of 0 and less lie below every gate."""

    t: float
    m: float

    def __post_init__(self) -> None:
        _require(self.t > 0 and self.m > 0, "logarithmic needs T > 0 and M > 0")

    def scale(self, x: Values) -> Values:
        """Values on the scale of the gate; minus infinity for what has no logarithm."""
        shares = np.where(x > 0, x, 1.0) / self.t
        return np.where(x > 0, np.log10(shares) / self.m + 1, -np.inf)


@dataclass(frozen=True)
class InverseSine:
    """(asinh(x sinh(M ln 10) / T) + A ln 10) / ((M + A) ln 10)."""

    t: float
    m: float
    a: float

    def __post_init__(self) -> None:
        _require(self.t > 0 and self.m > 0 and 0 <= self.a <= self.m, "asinh needs T, M > 0 and 0 <= A <= M")

    def scale(self, x: Values) -> Values:
        """Values on the scale of the gate."""
        steep = sinh(self.m * LN10) / self.t
        return np.asarray((np.arcsinh(x * steep) + self.a * LN10) / ((self.m + self.a) * LN10))


@dataclass(frozen=True)
class _Width:
    """T, W, M, A of logicle and hyperlog, and the places on the scale that follow from them."""

    t: float
    w: float
    m: float
    a: float

    def __post_init__(self) -> None:
        _require(self.t > 0 and self.m > 0 and self.w >= 0, "T > 0, M > 0 and W >= 0 are needed")
        _require(2 * self.w <= self.m, "W is at most M / 2")
        _require(-self.w <= self.a <= self.m - 2 * self.w, "A lies between -W and M - 2 W")

    @property
    def b(self) -> float:
        """The steepness of the logarithmic part."""
        return (self.m + self.a) * LN10

    @property
    def half(self) -> float:
        """W as a share of the scale."""
        return self.w / (self.m + self.a)

    @property
    def middle(self) -> float:
        """Where zero lies on the scale."""
        return self.a / (self.m + self.a) + self.half


def _solve(
    y: Values, wanted: Values, steep: tuple[float, float], other: tuple[float, float], f: float
) -> Values:
    """Newton's method from above for a exp(b y) + other(y) + f = wanted, which is convex there.

    `other` is (c, d): c exp(-d y) where d is above 0, else c y.
    """
    a, b = steep
    c, d = other
    for _ in range(60):
        rising = a * np.exp(b * y)
        if d > 0:
            falling = c * np.exp(-d * y)
            value, slope = rising + falling + f, b * rising - d * falling
        else:
            value, slope = rising + c * y + f, b * rising + c
        step = (value - wanted) / slope
        y = y - step
        if np.all(np.abs(step) < 1e-15 * np.maximum(1.0, np.abs(y))):
            break
    return y


@dataclass(frozen=True)
class Logicle(_Width):
    """The biexponential scale of Parks, Roederer & Moore 2006, in the form of Moore & Parks 2012."""

    def scale(self, x: Values) -> Values:
        """Values on the scale of the gate."""
        b, x1 = self.b, self.middle
        d = _falling_rate(b, self.half)
        c_over_a = exp((x1 + self.half) * (b + d))
        f_over_a = exp(b * x1) - c_over_a * exp(-d * x1)
        a = self.t / (exp(b) - f_over_a - c_over_a * exp(-d))
        c, f = c_over_a * a, -f_over_a * a
        wanted = np.abs(x)
        above = np.log((wanted + c * exp(-d * x1) - f) / a) / b
        y = _solve(above, wanted, (a, b), (-c, d), f)
        return np.where(x < 0, 2 * x1 - y, y)


def _falling_rate(b: float, w: float) -> float:
    """The rate d of the falling exponential: 2 (ln d - ln b) + w (b + d) = 0, by bisection."""
    if w == 0:
        return b
    low, high = 0.0, b
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if 2 * (log(middle) - log(b)) + w * (b + middle) > 0:
            high = middle
        else:
            low = middle
    return (low + high) / 2


@dataclass(frozen=True)
class Hyperlog(_Width):
    """The hyperlog scale of Bagwell 2005, in the form of Gating-ML 2.0."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _require(self.w > 0, "hyperlog needs W > 0")

    def scale(self, x: Values) -> Values:
        """Values on the scale of the gate."""
        b, x1 = self.b, self.middle
        c_over_a = exp(b * (x1 + self.half)) / self.half
        f_over_a = exp(b * x1) + c_over_a * x1
        a = self.t / (exp(b) + c_over_a - f_over_a)
        c, f = c_over_a * a, f_over_a * a
        wanted = np.abs(x)
        above = np.log((wanted + f - c * x1) / a) / b
        y = _solve(above, wanted, (a, b), (c, 0.0), -f)
        return np.where(x < 0, 2 * x1 - y, y)


@dataclass(frozen=True)
class Ratio:
    """A (x - B) / (y - C) of two channels: a new dimension. Undefined where y is C."""

    numerator: str
    denominator: str
    a: float
    b: float
    c: float

    def divide(self, x: Values, y: Values) -> Values:
        """The ratio of each event; NaN where it does not exist, which lies in no gate."""
        below = y - self.c
        return np.where(below == 0, np.nan, self.a * (x - self.b) / np.where(below == 0, 1.0, below))


Transform = Linear | Logarithmic | InverseSine | Logicle | Hyperlog
