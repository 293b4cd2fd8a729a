"""What a role may be shown: the items whose labels it sees; sealed and concealed ones only say that they exist."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _

from charcot.datasets import Snapshot
from charcot.ledger import Entry, Kind, Value, Vault, participant_subject, unseal
from charcot.protocol import Form, Item
from charcot.report.as_typed import AsTyped
from charcot.report.audit_trail import AuditLine, Change
from charcot.visits import is_personal
from charcot.web.signed_in import sees_of, signed_in_of, views_of
from charcot.wiring.looking import TrialView
from charcot.wiring.products import told_about

WRITTEN = ("text", "name", "used", "comment", "significant")
"""What an entry about a form or an item says in somebody's words, or shows of values."""
Sight = Literal["shown", "sealed", "hidden"]
_NAMED = re.compile(r"([A-Za-z_]\w*)\.([A-Za-z_]\w*)")


@dataclass(frozen=True)
class ShownValue:
    """A value as a page shows it: `state` is value, absent, sealed, hidden or empty."""

    text: str
    state: str
    code: str = ""
    origin: str = ""


def sight_of(form: Form | None, item: Item | None, sees: Collection[str]) -> Sight:
    """Whether the values of an item are shown to who sees these labels; an item that no protocol knows is not."""
    if form is None or item is None:
        return "hidden"
    personal = is_personal(form, item)
    if {form.visibility, item.visibility} - {"personal"} <= set(sees):
        return "shown" if not personal or "personal" in sees else "sealed"
    return "sealed" if personal else "hidden"


def concealed(sight: Sight) -> str:
    """What stands in the place of a value that is not shown."""
    return _("(sealed)") if sight == "sealed" else _("(not shown here)")


def labels_of(entry: Entry) -> frozenset[str]:
    """The labels of which one opens an entry about the product; none where it is about something else."""
    kind = entry.subject.partition("/")[0]
    if entry.kind is Kind.DONOR_RELATED:
        return frozenset({"donor_identity"})
    if kind in ("donor", "dose"):
        return frozenset({"product", "donor_identity"})
    return frozenset({"product"}) if kind in ("material", "equipment", "product", "recall") else frozenset()


class Discretion:
    """What somebody may be shown, by their labels and by the forms of every protocol that was activated.

    Only a form's own page opens what was sealed, with the `vault`; lists and the audit trail never do.
    """

    def __init__(
        self,
        view: TrialView,
        sees: Collection[str],
        vault: Vault | None = None,
        sites: frozenset[str] | None = None,
    ) -> None:
        self.sees = frozenset(sees)
        self._view, self._sites = view, sites
        self._vault = vault if "personal" in self.sees else None
        prepared = view.is_prepared
        self._forms = {form.form: form for form in view.nobody.forms} if prepared else {}
        encounters = view.nobody.protocol.encounters if prepared else ()
        self._encounters = {encounter.id: encounter.label for encounter in encounters}

    def show(
        self, snapshot: Snapshot, form: Form, item: Item, value: Value | None, participant: str = ""
    ) -> ShownValue:
        """A value in words: the label of a code, the reason of an absence; opened where it was sealed and may be."""
        if value is None:
            return ShownValue("", "empty")
        sight = sight_of(form, item, self.sees)
        if sight == "shown" and value.sealed is not None:
            opened = self._open(participant, form, item, value.sealed)
            if opened is not None:
                return ShownValue(opened, "value", origin=str(value.origin))
            sight = "sealed"
        if value.sealed is not None or sight != "shown":
            sight = "sealed" if value.sealed is not None else sight
            return ShownValue(concealed(sight), sight, origin=str(value.origin))
        if value.absent is not None:
            words = value.absent.replace("_", " ")
            return ShownValue(
                f"({words}: {value.why})" if value.why else f"({words})", "absent", origin=str(value.origin)
            )
        text = value.text or ""
        labels = {code.code: code.label for code in snapshot.codes_of(item)}
        named = (
            ", ".join(labels.get(code.strip(), code.strip()) for code in text.split(",")) if labels else text
        )
        return ShownValue(
            named, "value", text if named.casefold() != text.casefold() else "", str(value.origin)
        )

    def _open(self, participant: str, form: Form, item: Item, sealed: str) -> str | None:
        if self._vault is None or not participant:
            return None
        subject = participant_subject(participant)
        key = self._vault.key_of(subject, create=False)
        return (
            None if key is None else unseal(sealed, key=key, subject=subject, item=f"{form.form}.{item.id}")
        )

    def shows(self, form: Form | None) -> bool:
        """Whether every item of a form is shown."""
        return form is not None and all(sight_of(form, item, self.sees) == "shown" for item in form.items)

    def sight(self, form: str | None, item: str) -> Sight:
        """Whether the values of an item of a form are shown."""
        found = self._forms.get(form or "")
        return sight_of(found, found.item(item) if found else None, self.sees)

    def label(self, form: str | None, item: str) -> str:
        """The question of an item, or its id where no protocol knows it."""
        found = self._forms.get(form or "")
        known = found.item(item) if found else None
        return known.label if known else item

    def title(self, form: str) -> str:
        """The title of a form, or its id where no protocol knows it."""
        found = self._forms.get(form)
        return found.title if found else form

    def say_with_reason(self, entry: Entry, line: AuditLine) -> str:
        """What may be read of an entry, its reason too and what was typed otherwise: what a search looks through."""
        typed = "\n".join(one.typed for one in self.typed(entry, line))
        return f"{self.reason(entry) or ''}\n{self.say(entry, line)}\n{typed}"

    def say(self, entry: Entry, line: AuditLine) -> str:
        """What happened, with forms and encounters under their names; nothing of what was said about concealed items."""
        if not self.sees_kind(entry):
            return concealed("hidden")
        what = line.what
        for name in WRITTEN if self.hides(entry.data) else ():
            if entry.data.get(name):
                what = what.replace(str(entry.data[name]), concealed("hidden"))
        if line.form:
            title = self.title(line.form)
            what = re.sub(rf"(?<= ){re.escape(line.form)}(?=[ ,])", lambda _found: title, what, count=1)
        encounter = entry.data.get("encounter")
        if encounter:
            what = what.replace(f"at {encounter}", f"at {self._encounters.get(encounter, encounter)}", 1)
        return what

    def conceals(self, form: str | None, expression: str) -> bool:
        """Whether an expression names an item that is not shown."""
        named = [(f, i) for f, i in _NAMED.findall(expression) if f in self._forms]
        if not named and form in self._forms and self._forms[form].item(expression) is not None:
            named = [(form, expression)]
        return any(self.sight(f, i) != "shown" for f, i in named)

    def hides(self, data: Mapping[str, Any]) -> bool:
        """Whether what somebody wrote about a form or an item, such as a query, rests on what is not shown."""
        form = self._forms.get(data.get("form") or "")
        if form is None:
            return bool(data.get("form"))
        if not data.get("item") and not {form.visibility} - {"personal"} <= self.sees:
            return True
        named = [name for name in (data.get("item"), *data.get("used", {})) if name]
        return any(self.conceals(form.form, name) for name in named)

    def reason(self, entry: Entry) -> str | None:
        """Why it was done, unless that is said about a form that may not be seen."""
        data = entry.data
        hidden = not self.sees_kind(entry) or ("form" in data and self._hides_form(data))
        return concealed("hidden") if entry.reason and hidden else entry.reason

    def sees_kind(self, entry: Entry) -> bool:
        """Whether entries about such a thing are shown: kinship and the laboratory's record have labels of their own."""
        wanted = labels_of(entry)
        return not wanted or bool(wanted & self.sees)

    def _hides_form(self, data: Mapping[str, Any]) -> bool:
        found = self._forms.get(data["form"])
        labels = {"open"} if found is None else {found.visibility, *(i.visibility for i in found.items)}
        return not labels - {"personal"} <= self.sees

    def redact(self, entry: Entry) -> tuple[dict[str, Any], int]:
        """What an entry says, without what may not be seen, and how many values were taken out."""
        data: dict[str, Any] = json.loads(json.dumps(dict(entry.data)))
        if not self.sees_kind(entry):
            return dict.fromkeys(data, concealed("hidden")), len(data)
        taken = 0
        form = data.get("form") if entry.kind is Kind.FORM_RECORDED else None
        for item, value in data.get("values", {}).items() if form else ():
            sight = "sealed" if "sealed" in value else self.sight(form, item)
            if sight != "shown":
                data["values"][item] = {"origin": value.get("origin"), "value": concealed(sight)}
                taken += 1
        for name in WRITTEN if self.hides(entry.data) else ():
            if data.get(name):
                data[name] = concealed("hidden")
                taken += 1
        if entry.kind is Kind.RECALL_OPENED and self._sites is not None:
            listed = data["to_notify"]
            data["to_notify"] = [
                whom for whom in listed if self._is_of_own_site(told_about(self._view, whom))
            ]
            taken += len(listed) - len(data["to_notify"])
        if entry.kind is Kind.LOCKED and "remaining" in data:
            taken += self._redact_remaining(data["remaining"])
        found = data["checks"]["failed"] if form else data.get("criteria", [])
        for judged in found:
            taken += self._redact_used(form, judged)
        return data, taken

    def _redact_remaining(self, remaining: dict[str, list[str]]) -> int:
        """Takes out what remained of participants at other sites when the trial was locked."""
        taken = 0
        for name, listed in remaining.items():
            remaining[name] = [line for line in listed if self._is_of_own_site([line.partition(" ")[0]])]
            taken += len(listed) - len(remaining[name])
        return taken

    def _is_of_own_site(self, participants: Collection[str]) -> bool:
        if self._sites is None or not participants:
            return True
        dossiers = (self._view.dossier(participant) for participant in participants)
        return any(dossier is not None and dossier.site in self._sites for dossier in dossiers)

    def _redact_used(self, form: str | None, judged: dict[str, Any]) -> int:
        names = [name for name in judged.get("used", {}) if self.conceals(form, name)]
        names += [item for item in judged.get("items", []) if self.sight(form, item) != "shown"]
        for name in names:
            if name in judged.get("used", {}):
                judged["used"][name] = concealed("hidden")
        if names and "message" in judged:
            judged["message"] = concealed("hidden")
        return len(names)

    def changes(self, line: AuditLine) -> tuple[Change, ...]:
        """What a version of a form changed, without the values that may not be seen."""
        return tuple(self._change(line.form, change) for change in line.changes)

    def typed(self, entry: Entry, line: AuditLine) -> tuple[AsTyped, ...]:
        """What was typed otherwise than it is kept, of what may be seen; items under their questions."""
        if self._hides_typed(entry):
            return ()
        return tuple(
            one if one.item is None else replace(one, place=self.label(line.form, one.item))
            for one in line.typed
            if one.item is None or self.sight(line.form, one.item) == "shown"
        )

    def redact_typed(self, entry: Entry) -> tuple[dict[str, str], int]:
        """The same as it stands in the entry's text, beside what `redact` leaves, and how many were taken out."""
        hidden = self._hides_typed(entry)
        shown = dict.fromkeys(entry.typed, concealed("hidden")) if hidden else dict(entry.typed)
        return shown, len(shown) if hidden else 0

    def _hides_typed(self, entry: Entry) -> bool:
        return not self.sees_kind(entry) or self.hides(entry.data)

    def _change(self, form: str | None, change: Change) -> Change:
        sight, label = self.sight(form, change.item), self.label(form, change.item)
        if sight == "shown":
            return Change(label, change.before, change.after, change.origin)
        words = concealed(sight)
        before, after = (None if text is None else words for text in (change.before, change.after))
        return Change(label, before, after, change.origin)


def failed_checks(
    discretion: Discretion, form: str, checks: tuple[Mapping[str, Any], ...]
) -> list[dict[str, Any]]:
    """The edit checks that did not hold, in words that may be seen."""
    found = []
    for check in checks:
        items, used = list(check.get("items", [])), check.get("used", {})
        hidden = any(discretion.sight(form, item) != "shown" for item in items)
        hidden = hidden or any(discretion.conceals(form, name) for name in used)
        message = concealed("hidden") if hidden else check["message"]
        found.append({"items": items, "severity": check["severity"], "message": message})
    return found


def discretion_of(request: HttpRequest, view: TrialView) -> Discretion:
    """What may be shown on this request."""
    signed_in = signed_in_of(request)
    sites = signed_in.sites if signed_in is not None else None
    return Discretion(view, sees_of(request), views_of(request).folder.vault, sites)
