"""All datasets of a trial, derived from one snapshot."""

from charcot.datasets.dataset import Dataset
from charcot.datasets.events import derive_events
from charcot.datasets.exposure import derive_exposure
from charcot.datasets.forms import derive_form_datasets
from charcot.datasets.function import derive_function, derive_lung_function
from charcot.datasets.laboratory import derive_laboratory
from charcot.datasets.participants import derive_participants
from charcot.datasets.product import derive_product, derive_product_tests
from charcot.datasets.product_watch import (
    derive_doses,
    derive_infusion_course,
    derive_lot_tests,
    derive_lots,
    derive_product_deviations,
    derive_recalls,
)
from charcot.datasets.snapshot import Snapshot
from charcot.datasets.stopping import (
    derive_boundary_counts,
    derive_boundary_designs,
    derive_boundary_states,
    derive_boundary_steps,
)
from charcot.datasets.survival import derive_survival
from charcot.datasets.visits import derive_deviations, derive_visits
from charcot.datasets.vital_signs import derive_vital_signs
from charcot.datasets.watched import (
    derive_clocks,
    derive_compared,
    derive_deaths,
    derive_disagreements,
    derive_hys_law,
    derive_outliers,
)

DERIVED = (
    derive_participants,
    derive_function,
    derive_lung_function,
    derive_laboratory,
    derive_events,
    derive_exposure,
    derive_survival,
    derive_visits,
    derive_deviations,
    derive_product,
    derive_product_tests,
)


def derive_datasets(snapshot: Snapshot) -> dict[str, Dataset]:
    """Every dataset under its name: the eleven made for analysis first, then one for each form (`form_…`)."""
    datasets = {dataset.name: dataset for dataset in (derive(snapshot) for derive in DERIVED)}
    return datasets | {f"form_{name}": dataset for name, dataset in derive_form_datasets(snapshot).items()}


SAFETY = (
    derive_participants,
    derive_laboratory,
    derive_events,
    derive_exposure,
    derive_survival,
    derive_deaths,
    derive_vital_signs,
    derive_outliers,
    derive_hys_law,
    derive_boundary_counts,
    derive_boundary_states,
    derive_boundary_steps,
    derive_boundary_designs,
    derive_clocks,
    derive_disagreements,
    derive_compared,
    derive_product,
    derive_lots,
    derive_lot_tests,
    derive_product_deviations,
    derive_doses,
    derive_recalls,
    derive_infusion_course,
)


def derive_safety_datasets(snapshot: Snapshot) -> dict[str, Dataset]:
    """Only what a report on safety reads."""
    return {dataset.name: dataset for dataset in (derive(snapshot) for derive in SAFETY)}
