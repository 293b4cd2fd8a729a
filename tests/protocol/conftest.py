from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from charcot.protocol import Outcome, Reference, Study, evaluate_rule, require_study

HERE = Path(__file__).parent

MEASURES = """\
form: measures
title: Measures
subject: lot
items:
  - {id: a, label: A, type: integer}
  - {id: b, label: B, type: integer}
  - {id: x, label: X, type: decimal, unit: mg}
  - {id: y, label: Y, type: decimal, unit: mg}
  - {id: s, label: S, type: choice, codes: {red: Red, green: Green, blue: Blue}}
  - {id: t, label: T, type: choice, codes: {red: Red, green: Green, blue: Blue}}
  - {id: grade, label: Grade, type: choice, codes: {1: One, 2: Two, 3: Three}}
  - {id: free, label: Free, type: text}
  - {id: d, label: D, type: date}
  - {id: e, label: E, type: date}
  - {id: p, label: P, type: date, partial: true}
  - {id: m, label: M, type: datetime}
  - {id: clock, label: Clock, type: time}
  - {id: smokes, label: Smokes, type: yes_no}
  - {id: drinks, label: Drinks, type: yes_no}
  - {id: signs, label: Signs, type: choices, codes: {cramps: Cramps, weakness: Weakness}}
  - {id: positive, label: Positive, type: decimal, unit: mg, range: [0.5, 10]}
"""


@dataclass
class Known:
    """Facts for tests: `form.item` or `form.item@encounter` to text, and rows of forms."""

    values: Mapping[str, str | None] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Mapping[str, str | None]]] = field(default_factory=dict)
    asked: list[Reference] = field(default_factory=list)

    def value(self, reference: Reference) -> str | None:
        self.asked.append(reference)
        at = f"@{reference.encounter}" if reference.encounter else ""
        return self.values.get(f"{reference.form}.{reference.item}{at}")

    def rows(self, form: str) -> Sequence[Mapping[str, str | None]]:
        return self.tables.get(form, ())


def small_files() -> dict[str, str]:
    root = HERE / "small"
    return {path.relative_to(root).as_posix(): path.read_text() for path in sorted(root.rglob("*.yaml"))}


@pytest.fixture
def files() -> dict[str, str]:
    return small_files()


@pytest.fixture(scope="session")
def known() -> type[Known]:
    return Known


@pytest.fixture(scope="session")
def study() -> Study:
    return require_study({**small_files(), "forms/measures.yaml": MEASURES})


@pytest.fixture(scope="session")
def judge(study: Study) -> Any:
    """Evaluates a rule of the form `measures` on values given by item id."""

    def judged(text: str, values: Mapping[str, str | None] | None = None, **more: Any) -> Outcome:
        known = {f"measures.{item}": value for item, value in (values or {}).items()}
        known.update(more.get("elsewhere", {}))
        rule = study.rules.rule(text, "measures", more.get("expects", "truth"))
        return evaluate_rule(rule, Known(known, more.get("rows", {})))

    return judged
