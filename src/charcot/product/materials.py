"""Lots of material, and equipment: quarantine, release, use until nothing is left, calibration."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from charcot.ledger import Entry, Kind
from charcot.product.standing import standing_entries

RCF_FACTOR = Decimal("0.00001118")
"""RCF = 1.118e-5 x radius [cm] x rpm^2."""


@dataclass(frozen=True)
class MaterialLot:
    """A lot of material: what it is, how long it keeps, how much is left."""

    id: str
    material: str
    lot_number: str
    supplier: str
    expires: date
    amount: Decimal
    unit: str
    used: Decimal
    judged: Entry | None
    recalled: Entry | None
    received: Entry
    used_in: tuple[str, ...]
    """Lots of the product that it was used in."""

    @property
    def left(self) -> Decimal:
        """How much is left."""
        return self.amount - self.used

    def status_on(self, day: date) -> str:
        """quarantine, released, rejected, depleted, expired or recalled."""
        if self.recalled is not None:
            return "recalled"
        if self.judged is None:
            return "quarantine"
        if self.judged.data["verdict"] != "released":
            return "rejected"
        if day > self.expires:
            return "expired"
        return "released" if self.left > 0 else "depleted"


@dataclass(frozen=True)
class Equipment:
    """Something that is calibrated, with its calibrations: each holds from its day up to and including the day it is due."""

    id: str
    equipment: str
    label: str
    calibrations: tuple[tuple[date, date], ...]
    rotor_radius_cm: str | None
    entry: Entry

    @property
    def due(self) -> date:
        """When the next calibration is due."""
        return self.calibrations[-1][1]

    def is_calibrated_on(self, day: date) -> bool:
        """Whether a calibration holds on `day`."""
        return any(since <= day <= due for since, due in self.calibrations)


def fold_material(entries: Sequence[Entry]) -> MaterialLot | None:
    """The material lot that the entries of its subject make; None where there are none."""
    if not entries:
        return None
    received = entries[0]
    data = received.data
    uses = [e for e in standing_entries(entries) if e.kind is Kind.MATERIAL_USED]
    judged = [e for e in entries if e.kind is Kind.MATERIAL_JUDGED]
    recalled = [e for e in entries if e.kind is Kind.MATERIAL_RECALLED]
    return MaterialLot(
        id=data["id"],
        material=data["material"],
        lot_number=data["lot_number"],
        supplier=data["supplier"],
        expires=date.fromisoformat(data["expires"]),
        amount=Decimal(data["amount"]),
        unit=data["unit"],
        used=sum((Decimal(e.data["amount"]) for e in uses), Decimal(0)),
        judged=judged[-1] if judged else None,
        recalled=recalled[-1] if recalled else None,
        received=received,
        used_in=tuple(dict.fromkeys(e.data["lot"] for e in uses)),
    )


def fold_equipment(entries: Sequence[Entry]) -> Equipment | None:
    """The equipment that the entries of its subject make; None where there are none."""
    if not entries:
        return None
    data = entries[-1].data
    return Equipment(
        id=data["id"],
        equipment=data["equipment"],
        label=data["label"],
        calibrations=tuple(
            (date.fromisoformat(e.data["on"]), date.fromisoformat(e.data["due"])) for e in entries
        ),
        rotor_radius_cm=data.get("rotor_radius_cm"),
        entry=entries[-1],
    )


def compute_rcf(rotor_radius_cm: str, rpm: str) -> str:
    """Relative centrifugal force [g], to a whole number: 1.118e-5 x radius [cm] x rpm^2."""
    return str((RCF_FACTOR * Decimal(rotor_radius_cm) * Decimal(rpm) ** 2).quantize(Decimal(1)))
