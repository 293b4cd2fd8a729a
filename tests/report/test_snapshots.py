"""Every table and figure of the shipped trial's report as text, to notice changes.

These say nothing about correctness: that is tested where numbers have parents of their own. To renew them after a change
that is wanted, run `CHARCOT_RENEW=1 pytest tests/report/test_snapshots.py`, and read the difference in git.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from charcot.report import Report, render_table_text
from charcot.report.document import Figure, Section
from charcot.report.figures import ink
from charcot.report.table import Table, text_of
from report.shipped_trial import shipped_report

PLACE = Path(__file__).parent / "snapshots"
MOST_ROWS, FIRST_ROWS = 1000, 150
"""Of a figure with more rows than that, a snapshot holds the first: those of one participant."""
RENEW = os.environ.get("CHARCOT_RENEW") == "1"


@pytest.fixture(scope="module")
def drawn() -> tuple[Report, dict[str, dict[str, Any]]]:
    """The report, and the specification of each figure that was drawn for it."""
    specs: dict[str, dict[str, Any]] = {}
    whole = ink.draw_spec

    def record(spec: dict[str, Any], name: str) -> str:
        assert name not in specs, f"{name} was drawn twice"
        specs[name] = spec
        return whole(spec, name)

    shipped_report.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ink, "draw_spec", record)
        return shipped_report(), specs


def same_as_before(name: str, text: str) -> None:
    path = PLACE / f"{name}.txt"
    if RENEW:
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"there is no snapshot {name}: make it with CHARCOT_RENEW=1"
    assert text == path.read_text(encoding="utf-8"), f"{name} changed; if that is wanted, renew it"


def tables_of(section: Section) -> Iterator[str]:
    for block in section.blocks:
        if isinstance(block, Table):
            yield render_table_text(block)
        elif isinstance(block, Figure):
            yield f"{block.title}\n{text_of(block.caption)}\nIn words: {block.alt}\n"
            if block.data is not None:
                yield render_table_text(block.data)


def lines_of(spec: Mapping[str, Any], depth: int = 0, sets: Mapping[str, Any] | None = None) -> Iterator[str]:
    """Marks, encodings and rows of a specification; not what belongs to the version of the library."""
    inside, sets = "  " * depth, sets if sets is not None else spec.get("datasets", {})
    if "mark" in spec:
        mark = spec["mark"] if isinstance(spec["mark"], dict) else {"type": spec["mark"]}
        yield inside + " ".join(f"{key}={mark[key]}" for key in sorted(mark))
        for channel, field in sorted(spec.get("encoding", {}).items()):
            parts = field if isinstance(field, list) else [field]
            yield f"{inside}  {channel}: {', '.join(str(part.get('field', part.get('value'))) for part in parts)}"
        for rule in spec.get("transform", ()):
            yield f"{inside}  only: {rule.get('filter')}"
    data = spec.get("data", {})
    rows = data.get("values") or sets.get(data.get("name"), ())
    if len(rows) > MOST_ROWS:
        yield f"{inside}  | {len(rows)} rows, of which the first {FIRST_ROWS}:"
    for row in rows if len(rows) <= MOST_ROWS else rows[:FIRST_ROWS]:
        if row:
            yield inside + "  | " + ", ".join(f"{key} {shown(value)}" for key, value in row.items())
    for part in spec.get("layer", ()):
        yield from lines_of(part, depth + 1, sets)
    if isinstance(spec.get("spec"), dict):
        yield from lines_of(spec["spec"], depth + 1, sets)


def shown(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def test_tables_and_the_words_of_figures(drawn: tuple[Report, dict[str, dict[str, Any]]]) -> None:
    report, _ = drawn
    for section in report.sections:
        texts = list(tables_of(section))
        if texts:
            same_as_before(f"tables-{section.id}", "\n".join(texts))


def test_what_figures_draw(drawn: tuple[Report, dict[str, dict[str, Any]]]) -> None:
    _, specs = drawn
    assert set(specs) == {
        "course-alsfrs_r", "course-fvc", "slopes", "survival", "expected-survival", "swimmer-first", "swimmer-all",
        "profiles-total", "profiles-fvc_percent", "laboratory-values",
    }  # fmt: skip
    for name, spec in specs.items():
        same_as_before(f"figure-{name}", "\n".join(lines_of(spec)) + "\n")


def test_no_snapshot_is_left_over(drawn: tuple[Report, dict[str, dict[str, Any]]]) -> None:
    report, specs = drawn
    wanted = {f"tables-{section.id}" for section in report.sections if any(tables_of(section))}
    wanted |= {f"figure-{name}" for name in specs}
    assert {path.stem for path in PLACE.glob("*.txt")} == wanted
