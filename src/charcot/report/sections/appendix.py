"""Appendix: which protocol, which software and which entries this report rests on, and what is still open."""

from collections import Counter
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

import polars as pl

from charcot.datasets import ENTRIES
from charcot.report.document import Paragraph, Particulars, Section
from charcot.report.format import format_day
from charcot.report.sections.material import Material
from charcot.report.table import Pieces, Table, TableCell, TableColumn, TableRow, Verbatim

LIBRARIES = (
    "numpy",
    "scipy",
    "polars",
    "pyspiro",
    "altair",
    "vl-convert-python",
    "jinja2",
    "pydantic",
    "sqlglot",
)
"""The libraries that numbers, tables and figures rest on."""


def make_appendix(material: Material) -> Section:
    """Protocol versions, fingerprint, software, entries by kind."""
    snapshot = material.snapshot
    today = snapshot.charter.protocol_on(snapshot.now.date())
    software = dict.fromkeys(entry.software for entry in material.entries.values())
    kinds = Counter(str(entry.kind) for entry in material.entries.values())
    facts: tuple[tuple[str, Pieces], ...] = (
        ("Protocol", (f"version {today.version}, effective {format_day(today.effective)}",)),
        ("Fingerprint", (Verbatim(str(today.entry.data["fingerprint"])),)),
        ("Activated in entry", (str(today.entry.sequence),)),
        ("Software", (", ".join(software),)),
        ("Libraries", (_libraries(),)),
        ("Purpose", (snapshot.charter.purpose,)),
        ("Clock", ("simulated" if snapshot.charter.simulated_clock else "real",)),
        ("Site time zone", (str(snapshot.charter.zone),)),
        ("Entries", (f"1 to {snapshot.head.sequence}",)),
        ("Hash of the last entry", (Verbatim(snapshot.head.hash),)),
    )
    table = Table(
        "entries",
        "Entries of the ledger by kind",
        "Kind",
        (TableColumn("Entries"),),
        tuple(
            TableRow(kind.replace("_", " ").capitalize(), (TableCell((str(count),)),))
            for kind, count in sorted(kinds.items())
        ),
    )
    words = Paragraph(
        (
            "The receipt proves how far the record had come. Run ",
            Verbatim(f"charcot verify --against {snapshot.receipt}"),
            " in the trial's folder: it finds entries that were removed or rewritten since.",
        )
    )
    blocks = (Particulars(facts), words, *_open(material), table)
    return Section("appendix", "Appendix: the record behind this report", blocks)


def _libraries() -> str:
    """Each library with its version, as far as it is installed under that name."""
    found = []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)


def _open(material: Material) -> tuple[Paragraph | Table, ...]:
    """Edit checks that do not hold, one row a message, with who they are of."""
    checks = material.datasets["checks"].frame
    if checks.is_empty():
        return (Paragraph(("No edit check is open: every check of every form holds or was answered.",)),)
    grouped = checks.group_by("severity", "form", "message", maintain_order=True).agg(
        "participant", pl.col(ENTRIES).explode().alias("behind")
    )
    most = material.plan.most_listed
    table = Table(
        "open-checks",
        "Edit checks that do not hold",
        "Form",
        (
            TableColumn("Severity", kind="text"),
            TableColumn("What is to be done", kind="text"),
            TableColumn("Participants", kind="text"),
            TableColumn("Entries", kind="text"),
        ),
        tuple(
            TableRow(
                row["form"].replace("_", " ").capitalize(),
                tuple(
                    TableCell((text,))
                    for text in (
                        row["severity"],
                        row["message"],
                        _listed(row["participant"], most),
                        _listed(row["behind"], most),
                    )
                ),
            )
            for row in grouped.sort("severity", descending=True, maintain_order=True)
            .head(most)
            .iter_rows(named=True)
        ),
    )
    return (table,)


def _listed(names: Iterable[object], most: int) -> str:
    every = [str(name) for name in dict.fromkeys(names)]
    rest = len(every) - most
    return ", ".join(every[:most]) + (f" and {rest} more" if rest > 0 else "")
