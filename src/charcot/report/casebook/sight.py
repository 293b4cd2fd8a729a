"""What a casebook shows of a value: itself, or what stands in its place where the reader may not see it."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from charcot.datasets import Snapshot
from charcot.ledger import Value
from charcot.protocol import Form, Item
from charcot.visits import is_personal

SEALED, CONCEALED = "(sealed)", "(concealed)"

Unseal = Callable[[str, str, str], str | None]
"""Opens a sealed value, given the ids of form and item and the ciphertext; None where its key was destroyed."""

_NAMED = re.compile(r"([A-Za-z_]\w*)\.([A-Za-z_]\w*)")


def veil_of(form: Form | None, item: Item | None, sees: Collection[str]) -> str | None:
    """What stands in place of the values of an item; None where they may be seen. An unknown item is concealed."""
    if form is None or item is None:
        return CONCEALED
    if is_personal(form, item):
        return SEALED
    return None if {form.visibility, item.visibility} <= set(sees) else CONCEALED


@dataclass(frozen=True)
class Eyes:
    """A reader: the visibility labels they see, the forms they read by, and a way to open what is sealed, if they may."""

    snapshot: Snapshot
    sees: Collection[str]
    unseal: Unseal | None = None

    def form(self, id: str) -> Form | None:
        """A form with every item that it ever had."""
        return next((form for form in self.snapshot.forms if form.form == id), None)

    def label(self, form: str, item: str) -> str:
        """The question of an item."""
        found = self.form(form)
        known = found.item(item) if found else None
        return known.label if known else item

    def read(self, form: Form, item: Item, value: Value) -> Value | str:
        """The value, opened where it was sealed and may be; or the words that stand in its place."""
        veil = veil_of(form, item, self.sees)
        if veil is None and value.sealed is None:
            return value
        if self.unseal is None or "personal" not in self.sees or (veil or SEALED) != SEALED:
            return SEALED if value.sealed is not None else veil or SEALED
        if value.sealed is None:
            return value
        text = self.unseal(form.form, item.id, value.sealed)
        return SEALED if text is None else Value(text=text, origin=value.origin)

    def hides(self, form: str, name: str) -> bool:
        """Whether an expression names an item whose values are not shown: `item` of this form, or `form.item`."""
        named = _NAMED.findall(name) or [(form, name)]
        for owner, item in named:
            found = self.form(owner)
            known = found.item(item) if found else None
            if known is not None and veil_of(found, known, self.sees) is not None:
                return True
        return False

    def conceals(self, data: Mapping[str, Any]) -> bool:
        """Whether the words of an entry about a form or an item, such as a query, may not be seen."""
        form = self.form(data["form"])
        if form is None or (not data.get("item") and not {form.visibility} <= set(self.sees)):
            return True
        names = [data["item"]] if data.get("item") else []
        return any(self.hides(form.form, name) for name in (*names, *data.get("used", {})))

    def message(self, form: str, check: Mapping[str, Any]) -> str:
        """What an edit check says, unless it rests on a value that is not shown."""
        names = [*check.get("items", []), *check.get("used", {})]
        return CONCEALED if any(self.hides(form, name) for name in names) else str(check["message"])
