"""One claim explained: its query in words, the rows that it read and those that it passed over, and their entries."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from charcot.analysis import METHODS, Result
from charcot.datasets import ENTRIES, Snapshot
from charcot.report.claims.audit import audit_claim
from charcot.report.claims.claim import Claim, ClaimsFile
from charcot.report.claims.evidence import Evidence, EvidenceTable
from charcot.report.claims.query import DataRead, names_in, reads_in
from charcot.report.claims.words import say_published, say_query
from charcot.report.explanation import ExplainedRow, Explanation
from charcot.report.format import NONE, format_number
from charcot.report.value_sources import SourceFinder, ValueSource

POPULATION = "values whose origin is {}, of every form that anybody may read"


def explain_claim(
    claim: Claim,
    claims: ClaimsFile,
    result: Result,
    snapshot: Snapshot,
    finder: SourceFinder,
    evidence: Evidence,
    *,
    value: str,
    sections: tuple[str, ...],
    parents: tuple[int, ...],
) -> Explanation:
    """The explanation of a claim's number or verdict. Rows come from the query that the claim was judged by.

    `evidence` holds the tables that the claims may read: the trial's published values and the file's own.
    """
    adopted = snapshot.charter.claims[-1].entry.sequence
    judged_as = audit_claim(claim, claims, evidence)
    explaining = _ExplainingClaim(claim, claims, evidence, finder, adopted)
    judged = [row for read in reads_in(claim.query.root) for row in explaining.rows(read)]
    rows = (*(row for row in judged if row.verdict == "counts"), *explaining.names())
    left_out = tuple(row for row in judged if row.verdict != "counts")
    told = {source.entry.sequence for row in (*rows, *left_out) for source in row.sources}
    method = METHODS[result.method]
    query = say_query(claim, claims, evidence)
    return Explanation(
        id=result.id,
        label=result.label,
        value=value,
        exact=NONE if result.value is None else str(result.value),
        n=result.n,
        unit=result.unit,
        formula=f"{query[:1].upper()}{query[1:]}; held against “{say_published(claim)}” in {claim.place}. {judged_as.because}",
        method=method.name,
        method_version=method.version,
        sentence=method.sentence,
        dataset=f"{', '.join(dict.fromkeys(evidence[r.table].title for r in reads_in(claim.query.root))) or 'the other claims'}",
        condition=claim.query.text,
        condition_words=query,
        population=POPULATION.format(" or ".join(map(str, claims.evidence))),
        status="post hoc",
        planned=None,
        note="; ".join(f"{fact.text} ({fact.source})" for fact in explaining.facts()) or None,
        sections=sections,
        columns={
            name: evidence[read.table].label(name)
            for read in reads_in(claim.query.root)
            for name in _columns(read)
        },
        rows=tuple(rows),
        left_out=left_out,
        denominator=(),
        others=tuple(finder.entry(n) for n in parents if n not in told),
        parents=parents,
        receipt=snapshot.receipt,
    )


class _ExplainingClaim:
    """What explaining one claim needs at hand."""

    def __init__(
        self, claim: Claim, claims: ClaimsFile, evidence: Evidence, finder: SourceFinder, adopted: int
    ) -> None:
        self._claim, self._claims, self._evidence = claim, claims, evidence
        self._finder, self._adopted = finder, adopted

    def rows(self, read: DataRead) -> Iterator[ExplainedRow]:
        """Every row of the table that a reading looks at, with whether it counts."""
        table, columns = self._evidence[read.table], _columns(read)
        condition = read.condition
        holds = (
            [True] * table.frame.height
            if condition is None
            else table.frame.select(pl.sql_expr(condition.sql).fill_null(False)).to_series().to_list()
        )
        for index, row in enumerate(table.frame.iter_rows(named=True)):
            lacking = [table.label(name) for name in columns if row[name] is None]
            why = ""
            if lacking:
                why = f"not published: {', '.join(lacking)}"
            elif condition is not None and not holds[index]:
                why = f"not so that {condition.sql}"
            yield self._row(table, columns, row, why, missing=bool(lacking))

    def _row(
        self,
        table: EvidenceTable,
        columns: tuple[str, ...],
        row: Mapping[str, Any],
        why: str,
        *,
        missing: bool,
    ) -> ExplainedRow:
        entries = tuple(row[ENTRIES] or ())
        sources: tuple[ValueSource, ...] = tuple(
            self._finder.value(name, number, name)
            for number in entries
            for name in columns or tuple(table.columns)[2:3]
            if name not in ("participant", "encounter")
        )
        return ExplainedRow(
            participant=row.get("participant"),
            encounter=row.get("encounter") or None,
            instance=None,
            values={"in": table.title, **{name: _shown(row[name]) for name in columns}},
            verdict="missing" if missing else "outside_condition" if why else "counts",
            why=why,
            reason=None,
            sources=sources,
            entries=entries or (self._adopted,),
        )

    def names(self) -> Iterator[ExplainedRow]:
        """The other claims that the query uses, as they stand in the file that was adopted."""
        for space, name in sorted(names_in(self._claim.query.root)):
            if space in ("claim", "published"):
                other = self._claims.by_id[name] if space == "claim" else self._claim
                said = {"claim": other.text, "in": other.section, "published": say_published(other)}
                yield ExplainedRow(None, None, None, said, "counts", "", None, (), (self._adopted,))

    def facts(self) -> list[Any]:
        """What the verdict rests on from elsewhere, with its source."""
        used = [name for space, name in sorted(names_in(self._claim.query.root)) if space == "fact"]
        return [self._claims.facts[name] for name in dict.fromkeys((*used, *self._claim.rests_on))]


def _columns(read: DataRead) -> tuple[str, ...]:
    asked = read.condition.columns if read.condition is not None else ()
    return tuple(dict.fromkeys((*((read.column,) if read.column else ()), *asked)))


def _shown(value: object) -> str:
    if value is None:
        return NONE
    return format_number(value, 4, trim=True) if isinstance(value, float) else str(value)
