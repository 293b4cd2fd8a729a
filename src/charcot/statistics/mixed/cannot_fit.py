"""The one exception of the mixed models: what cannot be fitted or computed, why, and what to do instead."""


class CannotFit(ValueError):
    """A model or a number that these data do not allow; the text says why, and what to do next.

    >>> from charcot.statistics import mmrm
    >>> mmrm("y ~ dose", {"y": [1, 2], "person": [1, 2]}, subject="person", visit="visit")
    Traceback (most recent call last):
    charcot.statistics.mixed.cannot_fit.CannotFit: the data have no column 'visit'; they have 'y', 'person'
    """
