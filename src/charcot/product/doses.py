"""A dose from its prescription to the vein, or to its end, folded from its entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from charcot.clinical_time import ClinicalTime
from charcot.ledger import Entry, Kind, name_in
from charcot.product.labels import OWN_SCHEME
from charcot.product.standing import Annulled, list_annulled, standing_entries


@dataclass(frozen=True)
class DoseCourse:
    """A dose as its entries say; it is bound to one participant from its prescription on."""

    id: str
    entries: tuple[Entry, ...]
    """What stands."""
    annulled: tuple[Annulled, ...] = ()
    """What was entered in error."""

    def last(self, kind: Kind) -> Entry | None:
        """The last entry of a kind."""
        return next((entry for entry in reversed(self.entries) if entry.kind is kind), None)

    @property
    def participant(self) -> str:
        """Whom it is for."""
        return str(self.entries[0].data["participant"])

    @property
    def prescribed(self) -> Entry:
        """The prescription."""
        return self.entries[0]

    @property
    def planned(self) -> Decimal:
        """The planned dose [cells of the basis]."""
        return Decimal(self.prescribed.data["planned"])

    @property
    def basis(self) -> str:
        """Which cells it counts: viable or total."""
        return str(self.prescribed.data["basis"])

    @property
    def prepared(self) -> Entry | None:
        """The preparation."""
        return self.last(Kind.DOSE_PREPARED)

    @property
    def lot(self) -> str | None:
        """The lot that it was prepared from."""
        return None if self.prepared is None else str(self.prepared.data["lot"])

    @property
    def node(self) -> str | None:
        """The population of cells that it is."""
        return None if self.prepared is None else str(self.prepared.data["node"])

    @property
    def cells(self) -> Decimal | None:
        """Cells in it [of the basis]."""
        return None if self.prepared is None else Decimal(self.prepared.data["cells"])

    @property
    def volume_ml(self) -> Decimal | None:
        """Its volume [ml]."""
        return None if self.prepared is None else Decimal(self.prepared.data["volume_ml"])

    @property
    def expires_at(self) -> ClinicalTime | None:
        """When it expires."""
        return None if self.prepared is None else ClinicalTime(self.prepared.data["expires_at"])

    @property
    def labels(self) -> Entry | None:
        """The printing of its labels."""
        return self.last(Kind.LABELS_PRINTED)

    @property
    def label_scheme(self) -> str:
        """The name of the scheme by which its labels were printed last; those of earlier releases were Charcot's own."""
        labels = self.labels
        return OWN_SCHEME.name if labels is None else str(labels.data.get("scheme", OWN_SCHEME.name))

    @property
    def reconciled(self) -> Entry | None:
        """The reconciliation of its labels."""
        return self.last(Kind.LABELS_RECONCILED)

    @property
    def issued(self) -> Entry | None:
        """Its issue."""
        return self.last(Kind.DOSE_ISSUED)

    @property
    def custody(self) -> tuple[Entry, ...]:
        """Issue, handing over and receipt, in order."""
        kinds = (Kind.DOSE_ISSUED, Kind.DOSE_HANDED_OVER, Kind.DOSE_RECEIVED)
        return tuple(entry for entry in self.entries if entry.kind in kinds)

    @property
    def holder(self) -> str | None:
        """Who holds it; None before its issue and while it is on its way to nobody."""
        last = self.custody[-1] if self.custody else None
        if last is None:
            return None
        return None if last.kind is Kind.DOSE_HANDED_OVER else last.actor.person

    @property
    def received(self) -> Entry | None:
        """The receipt, where it is the last thing that happened to custody."""
        last = self.custody[-1] if self.custody else None
        return last if last is not None and last.kind is Kind.DOSE_RECEIVED else None

    @property
    def checked(self) -> Entry | None:
        """The bedside check, where no later one was refused."""
        check, refused = self.last(Kind.BEDSIDE_CHECKED), self.last(Kind.BEDSIDE_REFUSED)
        overtaken = check is not None and refused is not None and refused.sequence > check.sequence
        return None if overtaken else check

    @property
    def mismatches(self) -> tuple[Entry, ...]:
        """Checks that were refused, because wristband and bag did not match."""
        return tuple(entry for entry in self.entries if entry.kind is Kind.BEDSIDE_REFUSED)

    @property
    def infused(self) -> Entry | None:
        """The infusion, as it was corrected last."""
        return self.last(Kind.DOSE_INFUSION_CORRECTED) or self.last(Kind.DOSE_INFUSED)

    @property
    def ended(self) -> Entry | None:
        """The return or destruction of what was left."""
        return self.last(Kind.DOSE_ENDED)

    @property
    def status(self) -> str:
        """prescribed, prepared, labelled, issued, on the way, received, identity verified, infused, returned or destroyed."""
        if self.infused is not None:
            return "infused"
        if self.ended is not None:
            return str(self.ended.data["what"])
        stages = (
            (self.checked, "identity verified"),
            (self.received, "received"),
            (self.issued, "issued" if self.holder else "on the way"),
            (self.reconciled, "labelled"),
            (self.prepared, "prepared"),
        )
        return next((word for entry, word in stages if entry is not None), "prescribed")


def fold_dose(entries: Sequence[Entry]) -> DoseCourse | None:
    """The dose that the entries of its subject make; None where there are none."""
    if not entries:
        return None
    name = name_in(entries[0].subject, "dose") or ""
    return DoseCourse(name, standing_entries(entries), list_annulled(entries))
