"""Doctests in `src/` import Django models, so Django is configured for the whole run."""

from charcot.wiring.settings import configure_django

configure_django()
