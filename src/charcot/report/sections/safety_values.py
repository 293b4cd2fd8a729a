"""Single values that a safety board looks at: laboratory outliers, Hy's law, and vital signs around the infusion."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from charcot.datasets import Snapshot
from charcot.laboratory import RangeBook, number_in
from charcot.participants import Dossier, FormVersion
from charcot.protocol import Item
from charcot.report.document import Block, Paragraph, Section
from charcot.report.table import Table, TableCell, TableColumn, TableRow
from charcot.safety.grading import GradeProposal

MOST = 100
SIGNS = ("pulse", "systolic", "diastolic", "temperature", "respiratory_rate", "oxygen_saturation")
TRANSAMINASES = ("alt", "ast")
LIVER = (*TRANSAMINASES, "bilirubin_total", "alkaline_phosphatase")


def make_outliers(snapshot: Snapshot, measured: Mapping[str, Sequence[GradeProposal]]) -> tuple[Block, ...]:
    """Values of grade 3 or 4 after the infusion, and whether anybody fulfils Hy's law."""
    rows, hy = [], []
    for dossier in snapshot.dossiers:
        infused = dossier.standing.infused_at
        if infused is None:
            continue
        for found in measured[dossier.participant]:
            if (
                found.grade >= 3
                and found.category == "other"
                and not found.version.clinical_time.surely_before(infused)
            ):
                cells = (found.measured, found.version.clinical_time.text, found.term, str(found.grade))
                rows.append(TableRow(dossier.participant, tuple(TableCell((text,)) for text in cells)))
        hy += [f"{dossier.participant} on {v.clinical_time.text}" for v in find_hys_law(dossier)]
    said = (
        Paragraph(("Hy's law (ALT or AST at least 3 times, bilirubin at least 2 times its upper limit, alkaline phosphatase below 2 times): "
                   + ("; ".join(hy[:MOST]) if hy else "nobody") + ".",)),
    )  # fmt: skip
    if not rows:
        return (*said, Paragraph(("No laboratory value after the infusion reaches grade 3.",)))
    columns = (
        TableColumn("Value", kind="text"),
        TableColumn("Taken", kind="text"),
        TableColumn("Term", kind="text"),
        TableColumn("Grade proposed"),
    )
    note = (
        "Grades follow from the value and its range (CTCAE v5); they are proposals, not the investigator's.",
    )
    table = Table(
        "outliers",
        "Laboratory values of grade 3 or more",
        "Participant",
        columns,
        tuple(rows[:MOST]),
        (f"{len(rows)} values.",),
        note,
    )
    return (*said, table)


def find_hys_law(dossier: Dossier) -> Iterator[FormVersion]:
    """The liver panels that fulfil Hy's law. Source: FDA guidance on drug-induced liver injury, 2009."""
    ranges = RangeBook(dossier)
    for form in dossier.study.protocol.forms:
        if form.plays != "laboratory" or form.item("bilirubin_total") is None:
            continue
        items = [item for name in LIVER if (item := form.item(name)) is not None]
        for version in dossier.casebook.instances(form.form):
            times = {item.id: _times_upper(ranges, item, version) for item in items}
            liver = max((times.get(name, Decimal(0)) for name in TRANSAMINASES), default=Decimal(0))
            if (
                liver >= 3
                and times.get("bilirubin_total", Decimal(0)) >= 2
                and times.get("alkaline_phosphatase", Decimal(0)) < 2
            ):
                yield version


def _times_upper(ranges: RangeBook, item: Item, version: FormVersion) -> Decimal:
    """A value in multiples of its upper normal limit; 0 where one of the two is missing."""
    value = number_in(version, item.id)
    if not value:
        return Decimal(0)
    high = ranges.find(item, version).high
    return value / Decimal(high) if high is not None and Decimal(high) else Decimal(0)


def make_vital_signs(snapshot: Snapshot) -> Section:
    """Lowest, middle and highest of each sign on the day of the infusion, before, and in the hours after."""
    before: dict[str, list[Decimal]] = {}
    after: dict[str, list[Decimal]] = {}
    for dossier in snapshot.dossiers:
        infused = dossier.standing.infused_at
        if infused is None:
            continue
        for form in dossier.study.protocol.forms:
            if form.item("systolic") is None:
                continue
            for version in dossier.casebook.instances(form.form):
                if version.clinical_time.day != infused.day:
                    continue
                into = (
                    after if form.repeating or version.clinical_time.earliest >= infused.earliest else before
                )
                for sign in SIGNS:
                    if (value := number_in(version, sign)) is not None:
                        into.setdefault(sign, []).append(value)
    rows = []
    for sign in SIGNS:
        cells = [text for values in (before.get(sign, []), after.get(sign, [])) for text in _spread(values)]
        rows.append(
            TableRow(sign.replace("_", " ").capitalize(), tuple(TableCell((text,)) for text in cells))
        )
    columns = tuple(
        TableColumn(head, under) for under in ("before", "after") for head in ("n", "Median", "Range")
    )
    table = Table(
        "vital-signs", "Vital signs on the day of the infusion", "Sign", columns, tuple(rows),
        notes=("Every measurement counts, several of one participant too.",),
    )  # fmt: skip
    return Section("vital-signs", "Vital signs around the infusion", (table,))


def _spread(values: list[Decimal]) -> tuple[str, str, str]:
    if not values:
        return "0", "–", "–"
    ordered = sorted(values)
    half = len(ordered) // 2
    median = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
    return str(len(ordered)), f"{median:f}", f"{ordered[0]} to {ordered[-1]}"
