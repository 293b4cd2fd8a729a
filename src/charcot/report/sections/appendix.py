"""Appendix: which protocol, which software and which entries this report rests on."""

from collections import Counter

from charcot.report.document import Paragraph, Particulars, Section
from charcot.report.format import format_day
from charcot.report.sections.material import Material
from charcot.report.table import Pieces, Table, TableCell, TableColumn, TableRow, Verbatim


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
    return Section("appendix", "Appendix: the record behind this report", (Particulars(facts), words, table))
