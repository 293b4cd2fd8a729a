"""One number explained: its formula in words, the rows that count and those that do not, and every value's entry."""

from collections.abc import Iterable
from datetime import date, datetime
from difflib import get_close_matches

from charcot.analysis import METHODS, Result
from charcot.analysis.selection import PEOPLE, columns_used, find_once, select_rows
from charcot.datasets import ENTRIES, Dataset, Snapshot
from charcot.refusal import Refusal
from charcot.report.claims import ClaimsFile, adopted_claims, printed_evidence, published_evidence
from charcot.report.claims.claim import Claim
from charcot.report.claims.explaining import explain_claim
from charcot.report.claims.results import claim_of
from charcot.report.condition_words import describe_condition
from charcot.report.document import Report
from charcot.report.explanation import ExplainedRow, Explanation
from charcot.report.format import NONE, format_number
from charcot.report.row_reasons import (
    PAIRED,
    RowVerdict,
    code_names,
    columns_read,
    find_absent,
    judge_rows,
)
from charcot.report.table import Number, Pieces, text_of
from charcot.report.value_sources import SourceFinder, ValueSource
from charcot.statistics import Interval, SurvivalCurve

__all__ = [
    "ExplainedRow",
    "Explanation",
    "NoSuchResult",
    "exact_value",
    "explain_result",
    "list_results",
    "shown_pieces",
    "shown_value",
]

_SCALES = {100.0: " %", 1e-3: " thousand", 1e-6: " million"}


class NoSuchResult(Refusal):
    """The report shows no number with this id."""


def explain_result(report: Report, snapshot: Snapshot, result_id: str) -> Explanation:
    """Explains a number of a report of this snapshot; parents are resolved now. Raises NoSuchResult."""
    result = _find(report, result_id)
    claims = adopted_claims(snapshot.charter)
    claim = None if claims is None else claim_of(result, claims)
    if claims is not None and claim is not None:
        return explain_claim_result(report, snapshot, result, claims, claim)
    return _Explaining(report, snapshot, result).explanation()


def list_results(report: Report) -> tuple[tuple[str, str, str], ...]:
    """Id, label and value as shown of every number, in reading order."""
    shown = report.places
    return tuple((id, report.results[id].label, shown_value(numbers)) for id, numbers in shown.items())


def shown_value(numbers: Iterable[Number]) -> str:
    """A result as it is shown, as text."""
    return text_of(shown_pieces(numbers))


def shown_pieces(numbers: Iterable[Number]) -> Pieces:
    """A result as it is shown, however many parts of it are: `0.12 (0.01 to 0.36)` for an interval."""
    by_part: dict[str, Number] = {}
    for number in numbers:
        if isinstance(number.result.value, SurvivalCurve):
            return ("a curve",)
        by_part.setdefault(number.format.part, number)
    estimate = _with_unit(by_part["estimate"]) if "estimate" in by_part else ()
    low, high = (_with_unit(by_part[part]) if part in by_part else () for part in ("lower", "upper"))
    bounds = (*low, " to ", *high) if low and high else low or high
    return (*estimate, " (", *bounds, ")") if estimate and bounds else estimate or bounds


def _with_unit(number: Number) -> Pieces:
    unit = _SCALES.get(number.format.scale, "")
    return (number, unit) if unit and number.text != NONE else (number,)


def _find(report: Report, id: str) -> Result:
    if id in report.results:
        return report.results[id]
    near = get_close_matches(id, report.results, n=5, cutoff=0.5)
    raise NoSuchResult(
        f"The report shows no number called {id!r}.",
        rule="Report: every number has an id, such as table1.age.mean",
        next_step=f"Did you mean {', '.join(near)}?" if near else "List the ids: charcot explain DIR",
        facts={"id": id, "near": near},
    )


def explain_claim_result(
    report: Report, snapshot: Snapshot, result: Result, claims: ClaimsFile, claim: Claim
) -> Explanation:
    """Explains what was recomputed for one claim, or its verdict."""
    return explain_claim(
        claim,
        claims,
        result,
        snapshot,
        find_once(report.datasets, "source finder", lambda: SourceFinder(snapshot, report.datasets)),
        find_once(
            report.datasets,
            ("evidence", *claims.evidence),
            lambda: published_evidence(snapshot, claims.evidence) | printed_evidence(claims.tables),
        ),
        value=shown_value(report.places.get(result.id) or [Number(result)]),
        sections=report.titles.get(result.id, ()),
        parents=report.parents(result.id),
    )


def formula_of(report: Report, snapshot: Snapshot, result: Result) -> str:
    """Method, dataset, condition and denominator of a result as sentences."""
    dataset, names = report.datasets[result.dataset], code_names(snapshot)
    words = describe_condition(result.where, dataset, names)
    population, among = result.rows.population, result.among
    text = METHODS[result.method].name
    if result.column:
        text += f" of “{dataset.column(result.column).label}”"
    if result.at is not None:
        text += f", at {result.at:g} months"
    text += f"; from {dataset.label}, where one row is one {dataset.one_row_per}"
    text += f"; rows where {words}" if words else "; all rows"
    if population is not None:
        text += f"; participants of “{population.label}” ({_members(report, population.where)})"
    text += "."
    if among is not None:
        of = report.datasets[among.dataset]
        which = describe_condition(among.where, of, names) or "all rows"
        text += f" Out of: {of.label}, {which}; n = {format_number(result.n, 0)}."
    source = dataset.column(result.column).source if result.column else ""
    if source.startswith("derived:"):
        text += f" The column is {source}."
    return " ".join(part for part in (text, METHODS[result.method].sentence) if part)


def _members(report: Report, where: str) -> str:
    """The condition on people that makes a population, in words."""
    return describe_condition(where, report.datasets[PEOPLE]) or "everybody"


class _Explaining:
    """What explaining one result needs at hand."""

    def __init__(self, report: Report, snapshot: Snapshot, result: Result) -> None:
        self.report, self.snapshot, self.result = report, snapshot, result
        self.dataset = report.datasets[result.dataset]
        self.finder = SourceFinder(snapshot, report.datasets)
        self.columns = columns_read(result)

    def explanation(self) -> Explanation:
        report, result = self.report, self.result
        method, population = METHODS[result.method], result.rows.population
        parents = report.parents(result.id)
        verdicts = list(judge_rows(result, report.datasets, self.snapshot))
        rows = tuple(self.row(found) for found in verdicts if found.verdict == "counts")
        left_out = tuple(self.row(found) for found in verdicts if found.verdict != "counts")
        denominator = self.denominator()
        told = {source.entry.sequence for row in (*rows, *left_out, *denominator) for source in row.sources}
        words = describe_condition(result.where, self.dataset, code_names(self.snapshot))
        return Explanation(
            id=result.id,
            label=result.label,
            value=shown_value(report.places.get(result.id) or [Number(result)]),
            exact=exact_value(result),
            n=result.n,
            unit=result.unit,
            formula=formula_of(report, self.snapshot, result),
            method=method.name,
            method_version=method.version,
            sentence=method.sentence,
            dataset=f"{self.dataset.label} ({result.dataset})",
            condition=result.where,
            condition_words=words or "all rows",
            population="everybody in the dataset"
            if population is None
            else f"{population.label}: {_members(report, population.where)}",
            status={"prespecified": "prespecified", "post_hoc": "post hoc"}[result.status],
            planned=result.planned,
            note=result.note,
            sections=report.titles.get(result.id, ()),
            columns={name: self.dataset.column(name).label for name in self.columns},
            rows=rows,
            left_out=(*left_out, *self.absent(rows)),
            denominator=denominator,
            others=tuple(self.finder.entry(n) for n in parents if n not in told),
            parents=parents,
            receipt=report.receipt,
        )

    def row(self, found: RowVerdict) -> ExplainedRow:
        """A row with the values behind it, where it is behind the number at all."""
        behind = found.verdict in ("counts", "missing", "incomplete")
        sources = self.finder.behind(self.dataset, self.columns, found.row) if behind else ()
        why = {s.item: _why_absent(s) for s in sources if s.typed is None and s.column in found.lacking}
        reason = "; ".join(text for text in dict.fromkeys(why.values()) if text) or None
        return _explained(self.dataset, self.columns, found, reason, sources)

    def denominator(self) -> tuple[ExplainedRow, ...]:
        """The rows that the number is counted among."""
        among = self.result.among
        if among is None:
            return ()
        dataset = self.report.datasets[among.dataset]
        compared = (self.result.column,) if self.result.method in PAIRED else ()
        columns = tuple(dict.fromkeys((*compared, *columns_used(among))))
        return tuple(
            _explained(
                dataset, columns, RowVerdict(row, "counts"), None, self.finder.behind(dataset, columns, row)
            )
            for row in select_rows(among, self.report.datasets).iter_rows(named=True)
        )

    def absent(self, rows: tuple[ExplainedRow, ...]) -> tuple[ExplainedRow, ...]:
        """Those of the population who have no row."""
        counted = {row.participant for row in rows if row.participant is not None}
        found = find_absent(self.result, self.report.datasets, self.snapshot, counted)
        return tuple(
            ExplainedRow(p.participant, None, None, {}, "no_row", p.why, p.reason, (), p.entries)
            for p in found
        )


def _explained(
    dataset: Dataset,
    columns: tuple[str, ...],
    found: RowVerdict,
    reason: str | None,
    sources: tuple[ValueSource, ...],
) -> ExplainedRow:
    row = found.row
    return ExplainedRow(
        participant=row.get("participant"),
        encounter=row.get("encounter") or None,
        instance=row.get("instance"),
        values={name: shown_text(dataset, name, row[name]) for name in columns},
        verdict=found.verdict,
        why=found.why,
        reason=reason,
        sources=sources,
        entries=tuple(row[ENTRIES] or ()),
    )


def _why_absent(source: ValueSource) -> str:
    if source.absent is None:
        return f"{source.label}: left empty"
    return f"{source.label}: {source.absent.replace('_', ' ')}" + (f" ({source.why})" if source.why else "")


def shown_text(dataset: Dataset, column: str, value: object) -> str:
    """A value of a row: codes by their labels, numbers to four decimals."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return format_number(value, 4, trim=True)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return dataset.column(column).codes.get(str(value), str(value))


def exact_value(result: Result) -> str:
    """A result without rounding."""
    value = result.value
    if isinstance(value, Interval):
        return f"{value.estimate!r} ({value.lower!r} to {value.upper!r})"
    if isinstance(value, SurvivalCurve):
        return f"a curve of {value.n} people"
    return NONE if value is None else str(value)
