"""The product as a view of the trial shows it: donors, materials, equipment, lots, doses and recalls, each folded once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from charcot.conduct.label_dose import label_text
from charcot.conduct.trial import Situation
from charcot.ledger import Entry, Kind, Ledger, subject_of
from charcot.product import (
    Donor,
    DoseCourse,
    Equipment,
    Lot,
    MaterialLot,
    Recall,
    fold_donor,
    fold_dose,
    fold_equipment,
    fold_lot,
    fold_material,
    fold_recall,
)
from charcot.product.labels import label_of_dose
from charcot.product.origins import SUBJECTS
from charcot.report.label_pictures import draw_label
from charcot.wiring.label_schemes import choose_label_scheme
from charcot.wiring.looking import TrialView

_NOT_OF_THE_TRIAL = [
    kind
    for kind in Kind
    if kind.startswith(
        ("donor_", "material_", "equipment_", "tissue_", "step_", "cells_", "vial_", "test_", "product_", "lot_", "dose_",
         "labels_", "bedside_", "recall_")
    )
]  # fmt: skip


@dataclass(frozen=True)
class ProductRecord:
    """Everything about the product, by code, in the order in which it began."""

    donors: Mapping[str, Donor]
    materials: Mapping[str, MaterialLot]
    equipment: Mapping[str, Equipment]
    lots: Mapping[str, Lot]
    doses: Mapping[str, DoseCourse]
    recalls: Mapping[str, Recall]

    def doses_of_lot(self, lot: str) -> list[DoseCourse]:
        """The doses that were prepared from a lot."""
        return [dose for dose in self.doses.values() if dose.lot == lot]

    def doses_of(self, participant: str) -> list[DoseCourse]:
        """The doses that are bound to a participant."""
        return [dose for dose in self.doses.values() if dose.participant == participant]

    def lots_of_donor(self, donor: str) -> list[Lot]:
        """The lots that began with a donor's tissue."""
        return [lot for lot in self.lots.values() if lot.donor == donor]


def product_of(view: TrialView) -> ProductRecord:
    """The product as of a view."""
    return view.once(
        "product record", lambda: fold_products(list(view.ledger.entries(kinds=_NOT_OF_THE_TRIAL)))
    )


def owners_of(view: TrialView) -> Mapping[str, frozenset[str]]:
    """Whose each dose and donor is, by subject: the participant of a dose; whom a donor gives for, and whose dose came of them.

    Materials, equipment and lots are nobody's: manufacture is for every site.
    """
    return view.once("owners of doses and donors", lambda: _owners(view.ledger))


def _owners(ledger: Ledger) -> dict[str, frozenset[str]]:
    kinds = [Kind.DOSE_PRESCRIBED, Kind.DOSE_PREPARED, Kind.TISSUE_PROCURED, Kind.DONOR_RELATED]
    found: dict[str, set[str]] = {}
    donors: dict[str, str] = {}
    for entry in ledger.entries(kinds=kinds):
        if entry.kind is Kind.TISSUE_PROCURED:
            donors[entry.subject] = str(entry.data["donor"])
        elif entry.kind is Kind.DOSE_PREPARED:
            donor = donors.get(subject_of("product", str(entry.data["lot"])))
            if donor is not None:
                found.setdefault(subject_of("donor", donor), set()).update(found.get(entry.subject, ()))
        else:
            found.setdefault(entry.subject, set()).add(str(entry.data["participant"]))
    return {subject: frozenset(names) for subject, names in found.items()}


def whose(view: TrialView, entry: Entry) -> frozenset[str]:
    """The participants that an entry is about, or about whose dose or donor; none where it concerns every site."""
    if entry.participant is not None:
        return frozenset([entry.participant])
    if entry.kind is Kind.DONOR_RELATED:
        return frozenset([str(entry.data["participant"])])
    if entry.kind is Kind.RECALL_NOTIFIED:
        return told_about(view, str(entry.data["whom"]))
    if entry.subject.startswith(("dose/", "donor/")):
        return owners_of(view).get(entry.subject, frozenset())
    return frozenset()


def told_about(view: TrialView, whom: str) -> frozenset[str]:
    """The participants behind a line of a recall's list, such as `participant S-01` or `dose X01`; none behind a lot."""
    kind, _space, name = whom.partition(" ")
    if kind == "participant":
        return frozenset([name])
    return owners_of(view).get(subject_of("dose", name), frozenset()) if kind == "dose" else frozenset()


def product_around(view: TrialView, participant: str) -> ProductRecord:
    """Of the product only what a participant's doses came from, and the doses that share a donor with them."""
    ledger = view.ledger
    own = {
        e.subject
        for e in ledger.entries(kinds=[Kind.DOSE_PRESCRIBED])
        if e.data["participant"] == participant
    }
    if not own:
        return fold_products([])
    prepared = {e.subject: str(e.data["lot"]) for e in ledger.entries(kinds=[Kind.DOSE_PREPARED])}
    donors = {e.subject: str(e.data["donor"]) for e in ledger.entries(kinds=[Kind.TISSUE_PROCURED])}
    lots = {subject_of("product", prepared[dose]) for dose in own if dose in prepared}
    near = {donors[lot] for lot in lots if lot in donors}
    lots |= {lot for lot, donor in donors.items() if donor in near}
    doses = own | {dose for dose, lot in prepared.items() if subject_of("product", lot) in lots}
    return fold_products(list(ledger.entries(subjects=sorted(lots | doses))))


def fold_products(entries: Sequence[Entry]) -> ProductRecord:
    """The product that these entries make."""
    by_subject: dict[str, dict[str, list[Entry]]] = {kind: {} for kind in SUBJECTS}
    for entry in entries:
        kind, _slash, name = entry.subject.partition("/")
        if kind in by_subject:
            by_subject[kind].setdefault(name, []).append(entry)
    return ProductRecord(
        donors={n: d for n, e in by_subject["donor"].items() if (d := fold_donor(e))},
        materials={n: m for n, e in by_subject["material"].items() if (m := fold_material(e))},
        equipment={n: t for n, e in by_subject["equipment"].items() if (t := fold_equipment(e))},
        lots={n: lot for n, e in by_subject["product"].items() if (lot := fold_lot(e))},
        doses={n: dose for n, e in by_subject["dose"].items() if (dose := fold_dose(e))},
        recalls={n: r for n, e in by_subject["recall"].items() if (r := fold_recall(e))},
    )


def dose_at_bedside(ledger: Ledger, participant: str) -> str | None:
    """The dose whose bag was scanned with a participant's wristband last, and that was not given or ended since."""
    checks = ledger.entries(kinds=[Kind.BEDSIDE_CHECKED], newest_first=True)
    for check in checks:
        if check.data["wristband"] == participant:
            course = fold_dose(tuple(ledger.entries(subjects=[check.subject])))
            return course.id if course is not None and course.status == "identity verified" else None
    return None


def read_back_label(view: TrialView, course: DoseCourse) -> tuple[dict[str, str], str, str]:
    """What the label of a prepared dose says, the SHA-256 of what was read back from its rendered picture, and by which scheme.

    Raises a Refusal where the picture does not read as the record says.
    """
    situation = Situation(
        view.charter, view.now, about=lambda subject: tuple(view.ledger.entries(subjects=[subject]))
    )
    text = label_text(situation, course)
    scheme = choose_label_scheme()
    drawn = draw_label(label_of_dose(view.charter.trial, text), scheme)
    return text, drawn.sha256, scheme.name
