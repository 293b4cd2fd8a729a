"""The one exception of the mixed models: what cannot be fitted or computed, why, and what to do instead."""


class CannotFit(ValueError):
    """A model or a number that these data do not allow; the text says why, and what to do next."""
