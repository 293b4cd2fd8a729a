"""Product: donor, tissue, genealogy of the culture, release, dose and recall, each folded from its entries."""

from charcot.product.donors import DECISIONS, DEGREES, DONOR_RESULTS, Donor, check_donor, fold_donor
from charcot.product.dose import compute_dose_ratio, is_within_tolerance, plan_dose
from charcot.product.doses import DoseCourse, fold_dose
from charcot.product.genealogy import (
    DEEDS,
    NODE,
    CellPopulation,
    Genealogy,
    MaterialUse,
    Taken,
    Transformation,
    fold_genealogy,
    lot_of,
)
from charcot.product.lots import CellCount, Lot, ProductDeviation, QualityTest, fold_lot
from charcot.product.materials import Equipment, MaterialLot, compute_rcf, fold_equipment, fold_material
from charcot.product.recalls import Recall, fold_recall
from charcot.product.specification import (
    VERDICTS,
    check_release,
    is_running,
    judge_identity,
    judge_result,
    latest_test,
    list_verdicts,
    standing_verdict,
)

__all__ = [
    "DECISIONS",
    "DEEDS",
    "DEGREES",
    "DONOR_RESULTS",
    "NODE",
    "VERDICTS",
    "CellCount",
    "CellPopulation",
    "Donor",
    "DoseCourse",
    "Equipment",
    "Genealogy",
    "Lot",
    "MaterialLot",
    "MaterialUse",
    "ProductDeviation",
    "QualityTest",
    "Recall",
    "Taken",
    "Transformation",
    "check_donor",
    "check_release",
    "compute_dose_ratio",
    "compute_rcf",
    "fold_donor",
    "fold_dose",
    "fold_equipment",
    "fold_genealogy",
    "fold_lot",
    "fold_material",
    "fold_recall",
    "is_running",
    "is_within_tolerance",
    "judge_identity",
    "judge_result",
    "latest_test",
    "list_verdicts",
    "lot_of",
    "plan_dose",
    "standing_verdict",
]
