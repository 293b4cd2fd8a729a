"""The text of a claims file read into claims; what does not fit is said with file, line and what to write instead."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from charcot.ledger import Origin
from charcot.protocol.finding import Finding, one_of
from charcot.protocol.yaml_text import Path, YamlText, parse_yaml
from charcot.refusal import Refusal
from charcot.report.claims.checking import check_names
from charcot.report.claims.claim import (
    KINDS,
    Claim,
    ClaimsFile,
    ClaimTheme,
    ColumnKind,
    FactValue,
    PrintedTable,
    ReferenceFact,
    as_number,
)
from charcot.report.claims.query import ClaimQuery, QueryMistake, parse_query

PARTS = ("publication", "evidence", "themes", "facts", "tables", "claims")
KEYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "themes": (("id", "title", "means"), ()),
    "facts": (("id", "text", "value", "source"), ()),
    "tables": (("id", "title", "section", "columns", "rows"), ()),
    "claims": (
        ("id", "theme", "section", "quote", "text", "kind", "published", "query"),
        ("unit", "labelled", "missing", "rests_on", "show"),
    ),
}
"""The keys of an entry of each part: those it must have, and those it can have."""

EVIDENCE = (Origin.PUBLISHED, Origin.ENTERED, Origin.IMPORTED)
_VERDICTS = ("verdict", "recomputed", "because")
_ID = re.compile(r"[a-z][a-z0-9_]*")


class UnreadableClaims(Refusal):
    """A claims file contains mistakes; `facts["findings"]` lists them."""

    def __init__(self, file: str, findings: list[Finding]) -> None:
        number = len(findings)
        super().__init__(
            f"{file} has {number} mistake{'' if number == 1 else 's'}: {findings[0]}",
            rule="Claims: a claim is judged only where all of its file can be understood",
            next_step="Correct each line that is named.",
            facts={"findings": tuple(findings)},
        )


def parse_claims(file: str, text: str) -> ClaimsFile:
    """The claims of a file. Raises UnreadableClaims."""
    reader = _ClaimsReader(parse_yaml(file, text))
    claims = reader.claims_file() if not reader.findings else None
    if reader.findings or claims is None:
        raise UnreadableClaims(file, reader.findings)
    return claims


class _ClaimsReader:
    """Walks through the data of one file and notes what does not fit."""

    def __init__(self, read: YamlText) -> None:
        self._read = read
        self.findings = read.findings

    def claims_file(self) -> ClaimsFile | None:
        data = self._read.data
        if not isinstance(data, dict):
            self._add((), "the file is not made of keys", "begin with `publication:` and `claims:`")
            return None
        for key in data:
            if key not in PARTS:
                self._add((key,), f"a claims file has no part {key}", one_of(key, PARTS))
        publication = data.get("publication")
        if not isinstance(publication, str):
            self._add(
                ("publication",), "the file does not say what was published", "write `publication: ` and the citation"
            )  # fmt: skip
        themes = tuple(
            ClaimTheme(entry["id"], entry["title"], entry["means"]) for entry, _ in self._entries("themes")
        )
        facts = {entry["id"]: self._fact(entry, path) for entry, path in self._entries("facts")}
        tables = {entry["id"]: self._table(entry, path) for entry, path in self._entries("tables")}
        claims = tuple(
            claim
            for entry, path in self._entries("claims")
            if (claim := self._claim(entry, path, {theme.id for theme in themes})) is not None
        )
        if not claims and not self.findings:
            self._add(("claims",), "there is no claim", "write one below `claims:`, beginning with `- id: …`")
        found = ClaimsFile(self._read.file, str(publication), self._evidence(), themes, facts, tables, claims)
        for number, claim in enumerate(claims):
            for key, what, instead in check_names(claim, found):
                self._add(("claims", self._index(claim, number), key), what, instead)
        return found

    def _entries(self, part: str) -> list[tuple[dict[str, Any], Path]]:
        """The well-formed entries of a part, each with its path."""
        listed = self._read.data.get(part)
        if listed is None:
            return []
        if not isinstance(listed, list):
            self._add((part,), f"{part} is not a list", "begin each entry on its own line with `- id: …`")
            return []
        seen: set[str] = set()
        good = []
        for index, entry in enumerate(listed):
            path: Path = (part, index)
            if not isinstance(entry, dict):
                self._add(path, f"an entry of {part} is not made of keys", "begin it with `- id: …`")
            elif self._has_keys(entry, path, *KEYS[part]):
                if entry["id"] in seen:
                    self._add(
                        (*path, "id"), f"{entry['id']} stands twice in {part}", "give each an id of its own"
                    )
                seen.add(entry["id"])
                good.append((entry, path))
        return good

    def _has_keys(
        self, entry: dict[str, Any], path: Path, must: tuple[str, ...], can: tuple[str, ...]
    ) -> bool:
        before = len(self.findings)
        owner = entry.get("id") or f"entry {int(path[1]) + 1} of {path[0]}"
        for key in must:
            if entry.get(key) is None:
                self._add(path, f"{owner} has no {key}", f"add a line `{key}: …`")
        for key, value in entry.items():
            if key in _VERDICTS:
                self._add(
                    (*path, key),
                    f"{owner} says its own {key}",
                    "remove the line: a verdict is computed, never written",
                )
            elif key not in (*must, *can):
                self._add((*path, key), f"{owner} has no key {key}", one_of(key, (*must, *can), 30))
            elif key not in ("value", "columns", "rows", "rests_on") and not isinstance(value, str | None):
                self._add((*path, key), f"{key} of {owner} is not a text", "write it on the line of its key")
        name = entry.get("id")
        if isinstance(name, str) and not _ID.fullmatch(name):
            self._add(
                (*path, "id"),
                f"the id {name} could not be used in a query",
                "use lower-case letters, digits and underscores, beginning with a letter",
            )
        return len(self.findings) == before

    def _fact(self, entry: dict[str, Any], path: Path) -> ReferenceFact:
        given = entry["value"]
        value: FactValue
        if isinstance(given, list) and all(isinstance(one, str) for one in given):
            value = tuple(given)
        elif isinstance(given, str):
            value = as_number(given) if as_number(given) is not None else given  # type: ignore[assignment]  # not None
        else:
            self._add(
                (*path, "value"),
                f"the value of {entry['id']} is neither a value nor a list of texts",
                "write a number, a text, or [one, another]",
            )
            value = ""
        return ReferenceFact(entry["id"], entry["text"], value, entry["source"])

    def _table(self, entry: dict[str, Any], path: Path) -> PrintedTable:
        columns: dict[str, ColumnKind] = {}
        given = entry["columns"] if isinstance(entry["columns"], dict) else {}
        if not given:
            self._add(
                (*path, "columns"), f"{entry['id']} has no columns", "write {event: text, patients: number}"
            )
        for name, kind in given.items():
            if kind not in ("number", "text"):
                self._add(
                    (*path, "columns", name), f"the column {name} is {kind}", "write number or text after its name"
                )  # fmt: skip
            columns[name] = "number" if kind == "number" else "text"
        rows = [
            self._row(row, columns, (*path, "rows", index))
            for index, row in enumerate(entry["rows"] if isinstance(entry["rows"], list) else ())
        ]
        line = self._read.marks[path].line
        return PrintedTable(entry["id"], entry["title"], entry["section"], columns, tuple(rows), line)

    def _row(
        self, row: Any, columns: Mapping[str, ColumnKind], path: Path
    ) -> tuple[Decimal | str | None, ...]:
        if not isinstance(row, list) or len(row) != len(columns):
            self._add(
                path, f"a row does not have {len(columns)} values", f"write one each for {', '.join(columns)}"
            )
            return ()
        values: list[Decimal | str | None] = []
        for text, (name, kind) in zip(row, columns.items(), strict=True):
            number = as_number(text) if kind == "number" and isinstance(text, str) else None
            if kind == "number" and text is not None and number is None:
                self._add(
                    path,
                    f"`{text}` in the column {name} is not a number",
                    "write digits, or leave it empty: ~",
                )
            values.append(number if kind == "number" else text)
        return tuple(values)

    def _claim(self, entry: dict[str, Any], path: Path, themes: set[str]) -> Claim | None:
        before = len(self.findings)
        for key, known in (("theme", themes), ("kind", set(KINDS)), ("labelled", {"SD", "SE"})):
            if entry.get(key) is not None and entry[key] not in known:
                self._add(
                    (*path, key), f"{key} cannot be {entry[key]}", one_of(entry[key], sorted(known), 20)
                )
        published, kind = entry["published"], entry["kind"]
        if kind == "statement" and published not in ("yes", "no"):
            self._add(
                (*path, "published"),
                f"a statement cannot be {published}",
                "write yes if the claim needs the query to hold, no if it needs it not to hold",
            )
        if kind not in ("statement", "name", "date") and as_number(published) is None:
            self._add(
                (*path, "published"),
                f"`{published}` is not a number",
                "write the number alone, with the decimals that are printed, or choose kind: name",
            )
        rests = entry.get("rests_on") or []
        if not (isinstance(rests, list) and all(isinstance(one, str) for one in rests)):
            self._add((*path, "rests_on"), "rests_on is not a list", "write [fact_id, another_fact]")
            rests = []
        query = self._query(entry["query"], (*path, "query"))
        if query is None or len(self.findings) > before:
            return None
        return Claim(
            id=entry["id"],
            theme=entry["theme"],
            section=entry["section"],
            quote=entry["quote"],
            text=entry["text"],
            kind=kind,
            published=published,
            query=query,
            unit=entry.get("unit"),
            labelled=entry.get("labelled"),
            missing=entry.get("missing"),
            rests_on=tuple(rests),
            show=entry.get("show"),
            line=self._read.marks[path].line,
        )

    def _query(self, text: str, path: Path) -> ClaimQuery | None:
        try:
            return parse_query(text)
        except QueryMistake as mistake:
            self._add(path, mistake.what, mistake.instead, mistake.offset)
            return None

    def _evidence(self) -> tuple[Origin, ...]:
        given = self._read.data.get("evidence", ["published"])
        allowed = [str(origin) for origin in EVIDENCE]
        for origin in given if isinstance(given, list) else [given]:
            if origin not in allowed:
                self._add(
                    ("evidence",), f"values that are {origin} are no evidence", f"write a list of: {', '.join(allowed)}"
                )  # fmt: skip
        return tuple(origin for origin in EVIDENCE if str(origin) in given)

    def _index(self, claim: Claim, number: int) -> int:
        listed = self._read.data["claims"]
        return next((i for i, entry in enumerate(listed) if entry.get("id") == claim.id), number)

    def _add(self, path: Path, what: str, instead: str, offset: int = 0) -> None:
        shown = path
        while shown and shown not in self._read.marks:
            shown = shown[:-1]
        mark = self._read.marks.get(shown)
        line, column = (mark.line, mark.column) if mark is not None else (1, 1)
        if offset and mark is not None and mark.text_line:
            line, column = mark.text_line, mark.text_column + offset
        self._read.add("claims", line, column, what, instead, path)
