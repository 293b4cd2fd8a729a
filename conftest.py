"""For the whole run: Django is configured, which doctests in `src/` need, and Hypothesis does not mind a slow machine."""

from hypothesis import settings

from charcot.wiring.settings import configure_django

configure_django()
settings.register_profile("charcot", deadline=None)
settings.load_profile("charcot")
