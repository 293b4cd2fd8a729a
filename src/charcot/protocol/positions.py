"""Where each part of a protocol stands in its files, and what people call it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from charcot.protocol.finding import Finding, Severity
from charcot.protocol.yaml_text import Mark, Path

_NAMES = ("id", "form", "code", "document")


@dataclass(frozen=True)
class Positions:
    """The marks of all files of a protocol under the paths of the merged data."""

    marks: Mapping[Path, Mark]
    data: Mapping[str, Any]

    def mark(self, path: Path) -> Mark:
        """Where `path` stands, or the nearest part around it."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, Mark("trial.yaml", 1, 1))

    def human(self, path: Path) -> str:
        """The path in names: `criteria › I2 › rule`."""
        names: list[str] = []
        here: Any = self.data
        for step in path:
            here = _step(here, step)
            if isinstance(step, str):
                names.append(step)
            else:
                own = next(
                    (
                        here[name]
                        for name in _NAMES
                        if isinstance(here, dict) and isinstance(here.get(name), str)
                    ),
                    None,
                )
                names.append(own or str(step + 1))
        return " › ".join(names)

    def finding(
        self, code: str, path: Path, what: str, instead: str, severity: Severity = "error"
    ) -> Finding:
        """A finding at `path`."""
        mark = self.mark(path)
        return Finding(code, mark.file, mark.line, mark.column, self.human(path), what, instead, severity)

    def in_rule(self, path: Path, finding: Finding) -> Finding:
        """A finding of a rule, moved from its place in the rule to its place in the file."""
        mark = self.mark(path)
        line, column = mark.line, mark.column
        if mark.source:
            line, column = _place(mark, finding)
        return replace(finding, file=mark.file, line=line, column=column, path=self.human(path))


def _step(here: Any, step: str | int) -> Any:
    if isinstance(here, dict):
        return here.get(str(step))
    if isinstance(here, list) and isinstance(step, int) and step < len(here):
        return here[step]
    return None


def _place(mark: Mark, finding: Finding) -> tuple[int, int]:
    if mark.style == "|":
        return mark.text_line + finding.line, mark.text_column
    if "\n" not in mark.source:
        return mark.text_line, mark.text_column + finding.column - 1 + (mark.style is not None)
    words = re.sub(r"[ \n]+", " ", mark.source.partition("\n")[2] if mark.style == ">" else mark.source)
    lines = mark.source.splitlines()[1:] if mark.style == ">" else mark.source.splitlines()
    count, line = 0, mark.text_line + (mark.style == ">")
    for number, text in enumerate(lines):
        count += len(text.strip()) + 1
        if count >= min(finding.column, len(words)):
            return line + number, len(text) - len(text.lstrip()) + 1
    return line, mark.text_column
