"""How the cell product is made and let go: donors, materials, steps of the batch record, doses, and the gates of infusion."""

from typing import Annotated, Literal

from pydantic import Field

from charcot.protocol.strict import Identifier, Number, Part, Text

Gate = Literal["certified_dose", "custody", "bedside_check"]
"""What an infusion needs where the protocol switches it on."""

PopulationKind = Literal[
    "tissue", "fraction", "vessel", "harvest", "pool", "vial", "thawed", "sample", "dose"
]
"""What a population of cells can be."""

Deed = Literal[
    "digest", "seed", "feed", "transfer", "split", "harvest", "pool", "freeze", "thaw", "formulate", "sample", "discard"
]  # fmt: skip
"""What a step of manufacture does to the cells."""

CountBasis = Literal["viable", "total"]
"""Which cells a dose counts."""


class DonorTest(Part):
    """An infection test of the donor; `within_days` is how far its sample may lie from the taking of the tissue."""

    id: Identifier
    label: Text
    required: bool = True
    within_days: Annotated[int, Field(ge=0)] = 7
    source: str | None = None


class DonorPlan(Part):
    """Who may give tissue. `exception_degree`: the farthest blood relation for which a physician may make an exception."""

    tests: tuple[DonorTest, ...] = ()
    screening: Identifier | None = None
    """The form with the questions of donor screening."""
    identity: Identifier | None = None
    """The form with the donor's name, kept sealed."""
    exception_degree: Annotated[int, Field(ge=0, le=2)] = 2
    warning: Text = "WARNING: donor not found eligible; see the physician's decision"
    """What the label says where an exception was made."""
    source: str | None = None


class MaterialKind(Part):
    """Something that is used up in manufacture, received by lot."""

    id: Identifier
    label: Text
    unit: Text = "ml"
    source: str | None = None


class EquipmentKind(Part):
    """Something that is used again, and calibrated; `spins` where it is a centrifuge."""

    id: Identifier
    label: Text
    spins: bool = False


class StepParameter(Part):
    """One thing noted at a step, with the limits outside of which a deviation is raised."""

    id: Identifier
    label: Text
    unit: str = ""
    planned: str | None = None
    low: Number | None = None
    high: Number | None = None
    codes: tuple[Text, ...] = ()
    """The answers it allows, where it is no number."""
    required: bool = True
    critical: bool = False
    """Whether a value outside its limits is a major deviation."""
    not_reported: bool = False
    """Whether the publication leaves it out."""


class BatchStep(Part):
    """One step of the batch record: what it does to which cells, and what is noted, used and checked."""

    id: Identifier
    label: Text
    does: Deed
    after: tuple[Identifier, ...] = ()
    """Steps that the cells must have been through."""
    parameters: tuple[StepParameter, ...] = ()
    materials: tuple[Identifier, ...] = ()
    equipment: tuple[Identifier, ...] = ()
    section: str | None = None
    note: str | None = None


class IdentityDefinition(Part):
    """A published definition of the cells: it is met where all its tests are passed, and cannot be assessed where one was not made."""

    id: Identifier
    label: Text
    tests: tuple[Identifier, ...]
    source: str | None = None


class ProductPlan(Part):
    """The product from donor to dose."""

    name: Text
    donor: DonorPlan = DonorPlan()
    materials: tuple[MaterialKind, ...] = ()
    equipment: tuple[EquipmentKind, ...] = ()
    steps: tuple[BatchStep, ...] = ()
    identities: tuple[IdentityDefinition, ...] = ()
    pooling: bool = False
    """Whether cells of several donors may come together."""
    balance_tolerance: Number = "0.1"
    """How much more may be used than was counted, as a fraction of the count."""
    concentration_tolerance: Number = "0.1"
    """How far concentration times volume may lie from the dose, as a fraction of it."""
    expires_after_hours: Number = "24"
    """How long a prepared dose may wait for infusion."""
    transport_low: Number = "2"
    transport_high: Number = "25"
    """Temperatures between which a dose travels [degrees Celsius]."""
    copies: Annotated[int, Field(ge=1)] = 2
    """How many labels are printed for a dose."""
    source: str | None = None

    def step(self, step_id: str) -> BatchStep | None:
        """The step with this id."""
        return next((step for step in self.steps if step.id == step_id), None)

    def material(self, material_id: str) -> MaterialKind | None:
        """The material with this id."""
        return next((material for material in self.materials if material.id == material_id), None)

    def equipment_kind(self, kind_id: str) -> EquipmentKind | None:
        """The kind of equipment with this id."""
        return next((kind for kind in self.equipment if kind.id == kind_id), None)
