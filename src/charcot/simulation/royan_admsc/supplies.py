"""What the laboratory works with: deliveries of material and calibrations, all synthetic but for the makers named in the paper."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from charcot.simulation.royan_admsc.desk import QUALIFIED, TECHNICIAN, Note, note
from charcot.simulation.royan_admsc.drawing import stream, whole
from charcot.simulation.royan_admsc.site_time import day_text

MATERIALS: Mapping[str, tuple[str, str, str]] = {
    "PBS": ("pbs", "Gibco", "20000"),
    "COL": ("collagenase", "Gibco", "5000"),
    "FBS": ("fbs", "HyClone", "50000"),
    "MED": ("medium", "Gibco", "500000"),
    "FLA": ("flasks", "TPP", "5000"),
    "TRY": ("trypsin", "Gibco", "20000"),
    "SAL": ("saline", "Synthetic supplier", "2000"),
}
"""Code of each material: what it is, its maker as the paper names it, and how much comes in a delivery."""
EQUIPMENT = (
    ("CEN1", "centrifuge", "Centrifuge 1", "12"),
    ("INC1", "incubator", "Incubator 1", None),
    ("CNT1", "counter", "NucleoCounter NC-200", None),
)


def supply(start: datetime, last: datetime) -> list[Note]:
    """Deliveries of every material each half year, and a calibration of the equipment each year."""
    notes: list[Note] = []
    at = start.replace(hour=10, minute=0)
    while at < last:
        for code, (material, maker, amount) in MATERIALS.items():
            name = f"{code}-{at:%y%m}"
            said = {
                "code": name,
                "material": material,
                "lot_number": f"SYN{whole(stream(name), 10000, 99999)}",
                "supplier": maker,
                "expires": day_text(at + timedelta(days=300)),
                "amount": amount,
                "at": day_text(at),
            }
            notes.append(note(at, "receive_material", TECHNICIAN, **said))
            certificate = "Certificate of the maker, looked at"
            notes.append(
                note(
                    at + timedelta(minutes=90),
                    "release_material",
                    QUALIFIED,
                    code=name,
                    certificate=certificate,
                )
            )
        for code, kind, label, radius in EQUIPMENT:
            about: dict[str, Any] = {
                "code": code,
                "equipment": kind,
                "label": label,
                "on": day_text(at),
                "rotor_radius_cm": radius,
            }
            notes.append(note(at, "calibrate", TECHNICIAN, **about, due=day_text(at + timedelta(days=365))))
        at += timedelta(days=182)
    return notes


def material(code: str, at: datetime, start: datetime) -> str:
    """The delivery of a material that is used on a day."""
    steps = (at - start).days // 182
    return f"{code}-{start + timedelta(days=182 * steps):%y%m}"
