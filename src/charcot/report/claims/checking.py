"""What a query refers to, checked: other claims and facts when the file is read, tables and columns before the audit."""

from collections.abc import Iterator

from charcot.protocol.finding import Finding, one_of
from charcot.report.claims.claim import Claim, ClaimsFile
from charcot.report.claims.evidence import Evidence, EvidenceTable
from charcot.report.claims.query import Comparison, DataRead, NamedValue, names_in, reads_in

_OF_NUMBERS = frozenset({"mean", "sd", "se", "median", "min", "max", "total"})


def check_names(claim: Claim, file: ClaimsFile) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a claim beside the others: the key, what, and what to write instead.

    Every published value must have a part in its verdict: a query gives it, or compares with it.
    """
    root = claim.query.root
    for space, name in sorted(names_in(root)):
        if space == "claim" and name not in file.by_id:
            yield "query", f"there is no claim {name}", one_of(name, file.by_id)
        elif space == "claim" and name == claim.id:
            yield "query", "the query asks for the claim itself", "write `published`, or another claim"
        elif space == "claim" and file.by_id[name].kind == "statement":
            yield (
                "query",
                f"the query asks for {name}, a statement without a value",
                "refer to a claim with a value",
            )
        elif space == "fact" and name not in file.facts:
            yield "query", f"there is no fact {name}", one_of(name, file.facts)
    for name in claim.rests_on:
        if name not in file.facts:
            yield "rests_on", f"there is no fact {name}", one_of(name, file.facts)
    compares = isinstance(root, Comparison)
    if claim.kind == "statement" and (claim.asks_published or not compares):
        yield (
            "query",
            "a statement needs a comparison that can hold or not",
            "write one such as count(death) = 3",
        )
    elif claim.kind != "statement" and compares and not claim.asks_published:
        yield (
            "query",
            "the query compares, but not with the published value",
            "write `published` on one side, or leave only the side that gives the value",
        )
    if isinstance(root, NamedValue) and root.space == "published":
        yield (
            "query",
            "the query gives the published value itself",
            "ask for evidence, such as max(table.column)",
        )
    if claim.show is not None and len(list(reads_in(root))) != 1:
        yield "show", "show needs a query that reads one table", "remove the line"


def check_reads(claim: Claim, file: ClaimsFile, evidence: Evidence) -> list[Finding]:
    """Tables and columns that a query reads and that there are not, and columns compared with the wrong thing."""
    found = [
        problem
        for read in reads_in(claim.query.root)
        for problem in _check_read(read, claim.show, evidence.get(read.table), evidence)
    ]
    return [
        Finding("claims", file.file, claim.line, 1, f"claims › {claim.id} › query", what, instead)
        for what, instead in dict.fromkeys(found)
    ]


def check_tables(file: ClaimsFile, evidence: Evidence) -> list[Finding]:
    """Tables of the file that have the name of a form of the trial."""
    return [
        Finding(
            "claims",
            file.file,
            table.line,
            1,
            f"tables › {name}",
            f"the table {name} has the name of a form of this trial",
            f"call it printed_{name}",
        )
        for name, table in file.tables.items()
        if name in evidence
    ]


def _check_read(
    read: DataRead, show: str | None, table: EvidenceTable | None, evidence: Evidence
) -> Iterator[tuple[str, str]]:
    if table is None:
        yield f"there is no form or table {read.table}", one_of(read.table, evidence)
        return
    for column in (read.column, *(read.condition.columns if read.condition else ()), show):
        if column and column not in table.columns:
            yield f"{read.table} has no column {column}", one_of(column, table.columns, 40)
    for column, is_text in read.condition.compared if read.condition else ():
        if table.columns.get(column) == ("number" if is_text else "text"):
            kind = "a text" if is_text else "a number"
            meant = "write the number without quotes" if is_text else "put the text in single quotes"
            yield f"{read.table}.{column} is compared with {kind}", meant
    if table.columns.get(read.column) == "text" and read.function in _OF_NUMBERS:
        yield f"{read.table}.{read.column} is text, and {read.function} needs numbers", "use n, only or count"
