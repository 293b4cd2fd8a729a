"""An explanation as text to be read, and as plain data for other programs."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from charcot.report.explanation import ExplainedRow, Explanation
from charcot.report.value_sources import WHEN, EntryBehind, ValueSource

MOST_ROWS = 40
"""Rows that text lists at full length."""
MOST_LEFT_OUT = 12
"""Rows that do not count, listed one by one for each reason."""

TOLD_FIRST = ("missing", "incomplete", "no_row")
"""Why rows do not count that could have counted."""


def render_explanation(explanation: Explanation, *, every_row: bool = False) -> str:
    """The explanation as lines of text; long lists are cut, and say so, unless `every_row`."""
    most = None if every_row else MOST_ROWS
    return "\n".join(
        (
            *_head(explanation),
            *_rows(f"Rows that count: {len(explanation.rows)}", explanation.rows, most),
            *_left_out(explanation.left_out, None if every_row else MOST_LEFT_OUT),
            *_rows(f"Counted among: {len(explanation.denominator)} rows", explanation.denominator, most),
            *_others(explanation, most),
            "",
            f"Entries behind it: {len(explanation.parents)}. {explanation.receipt}",
        )
    )


def explanation_data(explanation: Explanation) -> dict[str, Any]:
    """The explanation as plain data; each entry stands once under `entries`, values refer to it by its number."""
    entries: dict[int, EntryBehind] = {entry.sequence: entry for entry in explanation.others}

    def row(found: ExplainedRow) -> dict[str, Any]:
        entries.update((source.entry.sequence, source.entry) for source in found.sources)
        data = {**vars(found), "values": dict(found.values), "entries": list(found.entries)}
        data["sources"] = [{**vars(s), "entry": s.entry.sequence} for s in found.sources]
        return data

    lists = {
        "rows": [row(found) for found in explanation.rows],
        "left_out": [row(found) for found in explanation.left_out],
        "denominator": [row(found) for found in explanation.denominator],
    }
    return {
        **vars(explanation),
        **lists,
        "columns": dict(explanation.columns),
        "sections": list(explanation.sections),
        "others": [entry.sequence for entry in explanation.others],
        "parents": list(explanation.parents),
        "receipt": str(explanation.receipt),
        "entries": {str(number): asdict(entries[number]) for number in sorted(entries)},
    }


def _head(explanation: Explanation) -> Iterator[str]:
    unit = f" {explanation.unit}" if explanation.unit and not explanation.value.endswith("%") else ""
    yield f"{explanation.label}: {explanation.value}{unit}"
    facts = {
        "Id": explanation.id,
        "Unrounded": explanation.exact,
        "Formula": explanation.formula,
        "Dataset": explanation.dataset,
        "Condition": explanation.condition or "all rows",
        "Population": explanation.population,
        "Method": f"{explanation.method}, version {explanation.method_version}; n = {explanation.n}",
        "Plan": explanation.status
        + (f" (planned result {explanation.planned})" if explanation.planned else ""),
        "Shown in": ", ".join(explanation.sections),
        "Note": explanation.note or "",
    }
    for name, text in facts.items():
        if text:
            yield f"  {name + ':':<12}{text}"


def _rows(title: str, rows: tuple[ExplainedRow, ...], most: int | None) -> Iterator[str]:
    if not rows:
        if title.startswith("Rows"):
            yield from ("", f"{title}. The parents of a zero are what it is counted among.")
        return
    yield from ("", title)
    for row in rows[:most]:
        yield f"  {_place(row)}" + _values(row)
        yield from _sources(row.sources)
    if most is not None and len(rows) > most:
        yield f"  and {len(rows) - most} more; --all lists them"


def _left_out(rows: tuple[ExplainedRow, ...], most: int | None) -> Iterator[str]:
    if not rows:
        return
    yield from ("", f"Rows and people that do not count: {len(rows)}")
    rows = tuple(sorted(rows, key=lambda row: row.verdict not in TOLD_FIRST))
    for why, number in Counter(row.why for row in rows).items():
        yield f"  {why}: {number}"
        alike = [row for row in rows if row.why == why]
        told = alike if alike[0].verdict in TOLD_FIRST else alike[:most]
        for row in told:
            reason = f" — {row.reason}" if row.reason else ""
            entries = ", ".join(map(str, row.entries))
            yield f"      {_place(row)}{_values(row)}{reason}" + (f" (entries {entries})" if entries else "")
            yield from _sources(row.sources, "    ")
        if len(told) < len(alike):
            yield f"      and {len(alike) - len(told)} more; --all lists them"


def _others(explanation: Explanation, most: int | None) -> Iterator[str]:
    if not explanation.others:
        return
    yield from (
        "",
        f"Other entries behind it, such as those that make the population: {len(explanation.others)}",
    )
    for entry in explanation.others[:most]:
        yield f"  {_entry(entry)}"
    if most is not None and len(explanation.others) > most:
        yield f"  and {len(explanation.others) - most} more; --all lists them"


def _place(row: ExplainedRow) -> str:
    which = f" no. {row.instance}" if row.instance is not None and row.instance > 1 else ""
    return f"{row.participant or 'the trial'}{f' at {row.encounter}' if row.encounter else ''}{which}"


def _values(row: ExplainedRow) -> str:
    values = ", ".join(f"{name} {text}" for name, text in row.values.items() if name != "participant")
    return f": {values}" if values else ""


def _sources(sources: tuple[ValueSource, ...], indent: str = "") -> Iterator[str]:
    """The values, entry by entry."""
    numbers = dict.fromkeys(source.entry.sequence for source in sources)
    for number in numbers:
        here = [source for source in sources if source.entry.sequence == number]
        origin = next((f" [{source.origin}]" for source in here if source.item == WHEN and source.origin), "")
        yield f"      {indent}{_entry(here[0].entry)}{origin}"
        for source in here:
            if source.item != WHEN:
                yield f"          {indent}{_value(source)}"


def _value(source: ValueSource) -> str:
    unit = f" {source.unit}" if source.unit and source.typed is not None else ""
    text = f"“{source.typed}”{unit}" if source.typed is not None else "no value"
    if source.absent is not None:
        text += f" ({source.absent.replace('_', ' ')}{f': {source.why}' if source.why else ''})"
    origin = f" [{source.origin}]" if source.origin else ""
    since = f", so since entry {source.typed_in}" if source.typed_in != source.entry.sequence else ""
    return f"{source.label} ({source.item}): {text}{origin}{since}"


def _entry(entry: EntryBehind) -> str:
    about = f"{entry.participant}: " if entry.participant else ""
    when = f" for {entry.clinical_time}" if entry.clinical_time else ""
    reason = f"; reason: {entry.reason}" if entry.reason else ""
    return (
        f"entry {entry.sequence} {about}{entry.what}{when}, by {entry.person} as {entry.role}, recorded "
        f"{entry.recorded_at[:16].replace('T', ' ')} UTC, protocol {entry.protocol or '–'}{reason}, "
        f"hash {entry.hash}"
    )
