"""Drawing what the paper does not print: one stream of random numbers for each thing drawn, from a fixed seed."""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

SEED = 20131201
"""The seed of the shipped course: the day on which its protocol takes effect."""


def stream(*what: object) -> Generator:
    """The random numbers for one thing, so that drawing something else more or less often never moves it."""
    return np.random.default_rng([SEED, zlib.crc32("/".join(str(part) for part in what).encode())])


def pick(rng: Generator, choices: Sequence[str], weights: Sequence[float] | None = None) -> str:
    """One of `choices`, with the given weights."""
    chances = None if weights is None else np.asarray(weights, dtype=float) / float(sum(weights))
    return choices[int(rng.choice(len(choices), p=chances))]


def whole(rng: Generator, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both possible."""
    return int(rng.integers(low, high + 1))


def around(rng: Generator, centre: float, spread: float, low: float, high: float) -> float:
    """A normal number about `centre`, held within `low` and `high`."""
    return float(min(high, max(low, rng.normal(centre, spread))))


def fixed(number: float, places: int) -> str:
    """A number as it would be typed, with `places` decimals."""
    return f"{number:.{places}f}"
