"""Hands on a keyboard: going along links and filling forms in a browser without ever touching a mouse."""

from collections.abc import Mapping
from typing import Any

FAR = 400
"""How often Tab is pressed at most before something counts as out of reach."""
FOCUSED = """() => {
  const at = document.activeElement, row = at.closest('[data-row-of]');
  const label = (at.labels && at.labels[0] ? at.labels[0].textContent : '') || at.getAttribute('aria-label') || '';
  return {tag: at.tagName, type: at.type || '', name: at.name || '', value: at.value || '', label: label.trim().replace(/\\s+/g, ' '),
          text: at.textContent.trim().replace(/\\s+/g, ' '), unit: at.classList.contains('unit'), row: row ? row.dataset.rowOf : ''};
}"""


class Keys:
    """A keyboard at a page of playwright; everything it does is a key that a person could press."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def at(self) -> dict[str, Any]:
        """What has the focus."""
        found: dict[str, Any] = self.page.evaluate(FOCUSED)
        return found

    def press(self, *keys: str) -> None:
        """Presses keys, one after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Writes over what the field holds."""
        self.press("Control+A")
        self.page.keyboard.type(text)

    def reach(self, name: str, *, whole: bool = False) -> None:
        """Goes by Tab to a link or button whose text begins with `name`, or is it where `whole`."""
        seen = []
        for _ in range(FAR):
            self.press("Tab")
            at = self.at()
            seen.append(at["text"])
            fits = at["text"] == name if whole else at["text"].startswith(name)
            if at["tag"] in ("A", "BUTTON", "SUMMARY") and fits:
                return
        raise AssertionError(
            f"{name!r} was not reached by Tab on {self.page.url}; DEBUG {self.page.locator('main').inner_text()[:2500]}"
        )

    def follow(self, name: str, *, whole: bool = False) -> None:
        """Goes to a link or button, presses Enter, and waits for the page that comes."""
        self.reach(name, whole=whole)
        with self.page.expect_navigation():
            self.press("Enter")

    def words(self, part: str) -> str:
        """What stands in the first link that holds these words, such as a number before them."""
        return " ".join(str(self.page.locator("main a", has_text=part).first.text_content()).split())

    def tick(self, label: str) -> None:
        """Goes by Tab to a box with this label, and ticks it."""
        for _ in range(FAR):
            self.press("Tab")
            at = self.at()
            if at["type"] == "checkbox" and at["label"].startswith(label):
                self.press("Space")
                return
        raise AssertionError(f"no box {label!r} was reached by Tab on {self.page.url}")

    def open(self, name: str) -> None:
        """Goes to something that opens in its place, and opens it."""
        self.reach(name)
        self.press("Enter")

    def answer(self, given: Mapping[str, str]) -> None:
        """Fills fields by their names (`at`, `reason`, or an item), going on by Tab until all are filled."""
        left = dict(given)
        for _ in range(FAR):
            if not left:
                return
            self.press("Tab")
            at = self.at()
            name = at["name"].removeprefix("v.")
            if name in left and at["name"] in (name, f"v.{name}") and not at["unit"]:
                self._enter(at, left.pop(name))
        raise AssertionError(f"these fields were not reached by Tab on {self.page.url}: {left}")

    def _enter(self, at: dict[str, Any], wanted: str) -> None:
        if at["type"] == "radio":
            self.press("Space")
            self._step_to("ArrowRight", wanted)
        elif at["type"] == "checkbox":
            codes = wanted.split(",")
            while (now := self.at())["name"] == at["name"]:
                if now["value"] in codes:
                    self.press("Space")
                self.press("Tab")
            self.press("Shift+Tab")
        elif at["tag"] == "SELECT":
            self._step_to("ArrowDown", wanted)
        else:
            self.write(wanted)

    def _step_to(self, key: str, wanted: str) -> None:
        for _ in range(60):
            if self.at()["value"] == wanted:
                return
            self.press(key)
        raise AssertionError(f"{wanted!r} is no answer of {self.at()['name']} on {self.page.url}")

    def fill(self, given: Mapping[str, str], save: str = "Control+s") -> None:
        """Fills a form and saves it; waits for the page that comes."""
        self.page.locator("form#sheet, form.act-form").wait_for()
        self.answer(given)
        before = self.page.url
        self.press(save)
        self._wait(before)
        if (
            self.page.url == before
            and self.page.locator("#piece .notice[role=alert]", has_text="question").count()
        ):
            self.press(save)  # the question was read; the value is right
            self.page.wait_for_url(lambda url: url != before)
        if self.page.url == before:
            raise AssertionError(f"{before} was not saved: {self.page.locator('#piece').inner_text()[:3000]}")
        self.page.wait_for_load_state()

    def _wait(self, before: str) -> None:
        """Waits until another page is there, or this one says something."""
        self.page.wait_for_function(
            "before => location.href !== before || document.querySelector('#piece [role=alert], #piece .wrong:not(:empty)')",
            arg=before,
        )
