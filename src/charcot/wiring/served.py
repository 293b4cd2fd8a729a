"""The site at hand: its database of accounts, sessions and drafts, opened once and chosen for each request."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model

from charcot.conduct import read_charter
from charcot.refusal import BadValue
from charcot.store.site_database import at_site, choose_site, open_site_database
from charcot.wiring.folder import TrialFolder
from charcot.wiring.settings import configure_django, keep_cookies_of

VIEWS = "charcot.views"
"""The key under which a request's environment carries the views of the trial that is served."""
SITE = "charcot.site"
"""The key under which it carries the site."""
IDLE_MINUTES = "CHARCOT_IDLE_MINUTES"
"""The environment variable with how long somebody stays signed in without doing anything [min]."""
DATABASE = "site.sqlite3"


@dataclass(frozen=True)
class ServedSite:
    """A site that is served: its folder, the alias of its database, and when those who do nothing are signed out."""

    folder: TrialFolder
    alias: str
    purpose: str
    idle: timedelta


def open_site(folder: TrialFolder, idle: timedelta | None = None) -> ServedSite:
    """The site of an opened trial, with its database brought to the present shape. Raises OutOfOrder, NewerDatabase."""
    configure_django()
    purpose = read_charter(folder.ledger).purpose
    alias = open_site_database(folder.path / "local" / DATABASE)
    keep_cookies_of(folder.secret_key(), alias.removeprefix("site-"))
    return ServedSite(folder, alias, purpose, idle or _idle())


def choose(site: ServedSite) -> None:
    """From here on, in this thread, accounts and drafts are those of this site."""
    choose_site(site.alias)


def has_accounts(site: ServedSite) -> bool:
    """Whether anybody has an account there."""
    with at_site(site.alias):
        return get_user_model().objects.exists()


def _idle() -> timedelta:
    given = os.environ.get(IDLE_MINUTES, "").strip() or "30"
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= 720:
        raise BadValue(
            f"{IDLE_MINUTES} is {given!r}.",
            rule="Site: people are signed out after 1 to 720 minutes in which they do nothing",
            next_step=f"Set it to a number of minutes, such as {IDLE_MINUTES}=30, or leave it out.",
        )
    return timedelta(minutes=int(given))


class ChooseSite:
    """Middleware that chooses the site whose environment the request carries."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self._get_response = get_response

    def __call__(self, request: Any) -> Any:
        """Chooses the site, then goes on."""
        choose(site_of(request))
        return self._get_response(request)


def site_of(request: Any) -> ServedSite:
    """The site that a request was made to."""
    site: ServedSite = request.environ[SITE]
    return site
