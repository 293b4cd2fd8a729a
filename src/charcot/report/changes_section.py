"""What changed between two reports, made to be read: a section of a report, lines of text, and plain data."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from charcot.report.audit_trail import AuditLine
from charcot.report.compare import ComparedNumber, ReportComparison
from charcot.report.document import Block, Paragraph, Particulars, Report, Section, numbers_shown
from charcot.report.explain import shown_pieces
from charcot.report.format import NONE, format_clinical, format_number
from charcot.report.table import Number, Pieces, Table, TableCell, TableColumn, TableRow, Verbatim

SECTION = "changes"
MOST_NAMED = 8
"""Entries named beside one number; the list below it has them all."""
MOST_LISTED = 400
"""Entries that the list has."""
MOST_BRIEFLY = 60
"""The same where it is told briefly."""
NO_ENTRY = "no entry behind it: it changed with time or with the protocol"


def make_changes(comparison: ReportComparison, later: Report, *, briefly: bool = False) -> Section:
    """The section: how much changed, each number before and after, and the entries that did it.

    `briefly` leaves the list of entries to those behind a number that is another now, and to the newest of them.
    """
    blocks: list[Block] = [
        Particulars(
            (
                ("From", (Verbatim(str(comparison.earlier)),)),
                ("To", (Verbatim(str(comparison.later)),)),
            )
        ),
        Paragraph((_summary(comparison),)),
    ]
    shown = later.places
    for id, title, numbers in _groups(comparison):
        rows = tuple(
            TableRow(
                number.label,
                (
                    TableCell((_before(number),)),
                    TableCell(_now(number, shown.get(number.id, []))),
                    TableCell((_because(number, comparison.earlier.sequence),)),
                ),
            )
            for number in numbers
        )
        columns = (TableColumn("Before"), TableColumn("Now"), TableColumn("Because of entries", kind="text"))
        blocks.append(Table(f"changes-{id}", title, "Number", columns, rows))
    lines = list(comparison.entries.values())
    if briefly:
        behind = {entry for number in comparison.found for entry in number.because}
        newest = [line for line in lines if line.sequence in behind][::-1][:MOST_BRIEFLY]
        if newest:
            blocks.append(_entry_table(newest, len(behind) - len(newest), newest_first=True))
    elif lines:
        blocks.append(_entry_table(lines[:MOST_LISTED], len(lines) - MOST_LISTED, newest_first=False))
    return Section(SECTION, f"What changed since entry {comparison.earlier.sequence}", tuple(blocks))


def make_changes_report(comparison: ReportComparison, later: Report) -> Report:
    """A report of the changes alone."""
    section = make_changes(comparison, later)
    shown = {number.result.id for number in numbers_shown((section,))}
    return replace(
        later,
        sections=(section,),
        results={id: result for id, result in later.results.items() if id in shown},
        lineage={id: lineage for id, lineage in later.lineage.items() if id in shown},
    )


def render_changes_text(comparison: ReportComparison) -> str:
    """The same as lines of text."""
    lines = [f"From  {comparison.earlier}", f"To    {comparison.later}", _summary(comparison)]
    for _, title, numbers in _groups(comparison):
        lines += ["", title]
        for number in numbers:
            people = f"  (n {number.n_before} → {number.n_after})" if _n_differs(number) else ""
            lines.append(f"  {number.label} [{number.id}]: {_before(number)} → {_after(number)}{people}")
            lines.append(f"      because of {_because(number, comparison.earlier.sequence)}")
    if comparison.entries:
        lines += ["", f"Entries: {len(comparison.entries)}"]
        for line in list(comparison.entries.values())[:MOST_LISTED]:
            about = f" {line.participant}:" if line.participant else ""
            lines.append(f"  {line.sequence:>6} {_who(line)}{about} {line.what}")
            lines += [f"           {text}" for text in _details(line)]
        if len(comparison.entries) > MOST_LISTED:
            lines.append(f"  and {len(comparison.entries) - MOST_LISTED} more; --json lists them all")
    return "\n".join(lines)


def changes_data(comparison: ReportComparison) -> dict[str, Any]:
    """The comparison as plain data."""
    return {
        **vars(comparison),
        "earlier": str(comparison.earlier),
        "later": str(comparison.later),
        "days": list(comparison.days),
        "protocols": list(comparison.protocols),
        **{
            name: [asdict(number) for number in getattr(comparison, name)]
            for name in ("changed", "appeared", "vanished", "steady")
        },
        "entries": {str(number): asdict(line) for number, line in comparison.entries.items()},
    }


def _groups(comparison: ReportComparison) -> Iterator[tuple[str, str, Sequence[ComparedNumber]]]:
    for id, title, numbers in (
        ("changed", "Numbers that changed", comparison.changed),
        ("appeared", "Numbers that are new", comparison.appeared),
        ("vanished", "Numbers that are gone", comparison.vanished),
    ):
        if numbers:
            yield id, title, numbers


def _summary(comparison: ReportComparison) -> str:
    counts = (
        f"{len(comparison.changed)} numbers changed, {len(comparison.appeared)} are new, {len(comparison.vanished)} "
        f"are gone; {len(comparison.steady)} rest on other entries and stayed as they were, "
        f"{comparison.unchanged} are untouched."
    )
    between = f"{format_number(comparison.entered, 0)} entries were made between the two"
    first, last = (format_clinical(day) for day in comparison.days)
    days = f"the data cut moved from {first} to {last}" if first != last else f"both were cut on {last}"
    protocol = (
        f", and protocol {', '.join(comparison.protocols)} was activated" if comparison.protocols else ""
    )
    return f"{counts} {between}; {days}{protocol}."


def _before(number: ComparedNumber) -> str:
    return (number.before or NONE) + _unrounded(number, number.exact_before)


def _after(number: ComparedNumber) -> str:
    return (number.after or NONE) + _unrounded(number, number.exact_after)


def _now(number: ComparedNumber, shown: list[Number]) -> Pieces:
    """What the later report shows, as numbers that open."""
    if number.after is None or not shown:
        return (NONE,)
    return (*shown_pieces(shown), _unrounded(number, number.exact_after))


def _unrounded(number: ComparedNumber, exact: str | None) -> str:
    """The unrounded value where only that differs."""
    alike = number.before == number.after and number.exact_before != number.exact_after
    return f" [{exact}]" if alike else ""


def _because(number: ComparedNumber, head: int) -> str:
    """Entries made since, those that came to count, and those that no longer do."""
    made = [entry for entry in number.because if entry > head]
    joined = [entry for entry in number.because if entry <= head and entry not in number.gone]
    parts = [
        _named(words, entries)
        for words, entries in (("", made), ("now also ", joined), ("no longer ", list(number.gone)))
        if entries
    ]
    return "; ".join(parts) or NO_ENTRY


def _named(words: str, entries: list[int]) -> str:
    rest = len(entries) - MOST_NAMED
    more = f" and {rest} more" if rest > 0 else ""
    return words + ", ".join(map(str, entries[:MOST_NAMED])) + more


def _entry_table(lines: Sequence[AuditLine], rest: int, *, newest_first: bool) -> Table:
    others = (
        "older entries: charcot history DIR"
        if newest_first
        else "more entries: charcot changes DIR --since RECEIPT --json"
    )
    return Table(
        "changes-entries",
        "The entries, the newest first" if newest_first else "The entries",
        "Entry",
        tuple(
            TableColumn(head, kind="text")
            for head in ("Participant", "Who and when", "What", "In particular")
        ),
        tuple(
            TableRow(
                str(line.sequence),
                tuple(
                    TableCell((text,))
                    for text in (
                        line.participant or NONE,
                        _who(line),
                        line.what,
                        "; ".join(_details(line)) or NONE,
                    )
                ),
            )
            for line in lines
        ),
        notes=(f"{rest} {others}",) if rest > 0 else (),
    )


def _who(line: AuditLine) -> str:
    return f"{line.recorded_at[:16].replace('T', ' ')} UTC, {line.person} as {line.role}"


def _details(line: AuditLine) -> Iterator[str]:
    """What a correction changed, and why; of a first version it would be the whole form."""
    if line.reason:
        yield f"reason: {line.reason}"
    if any(change.before is not None for change in line.changes):
        for change in line.changes:
            yield f"{change.item}: {change.before or NONE} → {change.after or NONE}"


def _n_differs(number: ComparedNumber) -> bool:
    return None not in (number.n_before, number.n_after) and number.n_before != number.n_after
