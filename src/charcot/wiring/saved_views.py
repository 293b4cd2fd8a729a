"""The views of a list that somebody gave a name: kept in the site's database, shown to nobody else."""

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from charcot.refusal import BadValue
from charcot.visits.typed_text import check_typed

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from charcot.store.local.models import SavedView

LONGEST = 60
"""Characters of a name."""
MOST = 20
"""Views of one list."""
_RULE = "Saved views: each has a name of its own, for the person who saved it"


@dataclass(frozen=True)
class ListView:
    """Filters under a name; `opens`: the list opens with them."""

    name: str
    query: str
    opens: bool


@dataclass(frozen=True)
class Shelf:
    """One person's views of one list, at the site of a trial. The site has been chosen for the request."""

    person: str
    list: str

    def views(self) -> tuple[ListView, ...]:
        """All of them, by name."""
        rows = sorted(self._rows(), key=lambda row: row.name.casefold())
        return tuple(ListView(row.name, row.query, row.opens) for row in rows)

    def keep(self, name: str, query: str, *, opens: bool = False) -> None:
        """Saves filters under a name, in the place of what it stood for before. Raises BadValue."""
        name = _require_name(name)
        with transaction.atomic(using=_alias()):
            if not self._rows().filter(name=name).exists() and self._rows().count() >= MOST:
                raise BadValue(
                    f"There are {MOST} saved views already.",
                    rule=f"Saved views: {MOST} of a list",
                    next_step="Delete one that is not used any more, then save this one.",
                )
            if opens:
                self._rows().update(opens=False)
            kept = {"query": query} | ({"opens": True} if opens else {})
            self._rows().update_or_create(person=self.person, list=self.list, name=name, defaults=kept)

    def rename(self, name: str, new: str) -> None:
        """Gives a view another name. Raises BadValue where that is taken, or there is no such view."""
        new = _require_name(new)
        self._require(name)
        if new != name and self._rows().filter(name=new).exists():
            raise BadValue(
                f"Another of your views is called {new!r}.", rule=_RULE, next_step="Choose another name."
            )
        self._rows().filter(name=name).update(name=new)

    def open_with(self, name: str | None) -> None:
        """Lets the list open with a view, or with none. Raises BadValue where there is no such view."""
        with transaction.atomic(using=_alias()):
            if name is not None:
                self._require(name)
            self._rows().update(opens=False)
            self._rows().filter(name=name or "").update(opens=True)

    def delete(self, name: str) -> None:
        """Takes a view away; nothing but the name of some filters is lost."""
        self._rows().filter(name=name).delete()

    def _require(self, name: str) -> None:
        if not self._rows().filter(name=name).exists():
            raise BadValue(
                "There is no such view any more.",
                rule=_RULE,
                next_step="Set the filters, and save them under a name.",
            )

    def _rows(self) -> "QuerySet[SavedView]":
        from charcot.store.local.models import SavedView  # models come after Django's settings

        return SavedView.objects.filter(person=self.person, list=self.list)


def _require_name(text: str) -> str:
    """A name as it is kept: normalised, on one line, not empty and not too long."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise BadValue(
            "The view has no name.", rule=_RULE, next_step="Write a name, such as: Overdue, by slope."
        )
    if len(name) > LONGEST:
        raise BadValue(
            f"The name has {len(name)} characters.",
            rule=f"Saved views: a name has {LONGEST} characters at most",
            next_step="Shorten it.",
        )
    if wrong := check_typed(name):
        raise BadValue(
            f"The name {wrong}",
            rule="Saved views: a name can be read as it stands",
            next_step="Write a few plain words.",
        )
    return name


def _alias() -> str:
    from charcot.store.site_database import site_alias  # Django's settings come first

    return site_alias()
