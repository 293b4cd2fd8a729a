"""What a page asks: the fields of its forms, read from its HTML as a browser would read them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class AskedField:
    """One field: `kind` is text, number, secret, list, choice, ticks, file or hidden; `value` what stands in it."""

    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, AskedField]] = []
        self._inside = self._in_area = False
        self._last: AskedField | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("method") == "post"
            if self._inside:
                self.forms.append({})
        if not self._inside or tag not in ("input", "select", "textarea", "option"):
            return
        if tag == "option":
            if self._last is not None and given.get("value"):
                self._last.options.append(given["value"])
                if "selected" in given:
                    self._last.value = given["value"]
            return
        kind = {"select": "list", "textarea": "text"}.get(tag) or _KINDS.get(
            given.get("type", "text"), "text"
        )
        if given.get("inputmode") in ("decimal", "numeric"):
            kind = "number"
        name, value = given.get("name", ""), given.get("value", "")
        if not name:
            return
        known = self.forms[-1].setdefault(name, AskedField(name, kind, "" if kind == "choice" else value))
        if kind == "choice":
            known.options.append(value)
            known.value = value if "checked" in given else known.value
        self._last, self._in_area = known, tag == "textarea"

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        self._in_area = self._in_area and tag != "textarea"

    def handle_data(self, data: str) -> None:
        if self._in_area and self._last is not None:
            self._last.value += data


_KINDS = {
    "password": "secret",
    "hidden": "hidden",
    "radio": "choice",
    "checkbox": "ticks",
    "file": "file",
    "submit": "hidden",
}


def fields_of(page: str, name: str) -> dict[str, AskedField]:
    """The fields of the form in the middle of a page that has a field of this name."""
    reader = _Reader()
    reader.feed(page.partition("<main")[2].partition("</main>")[0])
    found = [form for form in reader.forms if name in form]
    assert len(found) == 1, (name, [list(form) for form in reader.forms])
    return found[0]
