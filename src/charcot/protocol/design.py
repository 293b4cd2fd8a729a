"""What the trial is: identifiers, approvals, design, populations, objectives, endpoints, estimands, arms."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from charcot.protocol.strict import Identifier, Length, Number, Part, Text


class TrialIdentifier(Part):
    """A registration or other name of the trial."""

    scheme: Text
    id: Text
    registered_on: date | None = None
    note: str | None = None


def _site(value: Any) -> Any:
    return {"id": value, "name": value} if isinstance(value, str) else value


class Site(Part):
    """A place where participants are seen; written as a text alone, that is both its id and its name."""

    id: Text
    name: Text


class Design(Part):
    """How the trial is built, in the terms of CDISC USDM."""

    phase: Text
    intervention_model: Literal["single_arm", "parallel", "crossover", "sequential"]
    masking: Literal["open_label", "single_blind", "double_blind"]
    allocation: Literal["none", "randomised"]
    planned_enrolment: int
    sites: Annotated[tuple[Annotated[Site, BeforeValidator(_site)], ...], Field(min_length=1)]
    summary: str = ""


class TrialIdentity(Part):
    """Who the trial is: its names, its sponsor, its clock."""

    id: Text
    title: Text
    short_title: Text
    sponsor: Text
    zone: Text
    identifiers: tuple[TrialIdentifier, ...]
    design: Design
    condition: Text
    language: Text = "en"
    """The language that the protocol's own words are written in, as a code such as `en` or `fa`."""
    note: str | None = None


class Version(Part):
    """Which version of the protocol this is, and from when it may be used."""

    number: Text
    effective: date
    summary: Text


class ApprovedDocument(Part):
    """A document that a committee approved, and which version of it."""

    document: Literal["protocol", "consent_form", "investigator_brochure"]
    version: Text


class Approval(Part):
    """An approval by an ethics committee or authority that the trial expects to hold."""

    id: Identifier
    committee: Text
    reference: Text
    documents: tuple[ApprovedDocument, ...]
    note: str | None = None


class Population(Part):
    """A set of participants that results refer to; `where` is an SQL condition on the participants dataset."""

    id: Identifier
    label: Text
    where: Text


class Objective(Part):
    """What the trial wants to learn."""

    id: Identifier
    level: Literal["primary", "secondary", "exploratory"]
    text: Text
    source: str | None = None


class Endpoint(Part):
    """What is measured for an objective."""

    id: Identifier
    objective: Identifier
    text: Text
    source: str | None = None


class Estimand(Part):
    """The quantity estimated for an endpoint, with its strategy for intercurrent events (ICH E9 R1)."""

    id: Identifier
    endpoint: Identifier
    population: Identifier
    treatment: Text
    variable: Text
    summary: Text
    intercurrent_events: dict[str, str]


class Criterion(Part):
    """An eligibility criterion. `rule` states what must be TRUE for the person to be eligible, exclusions too."""

    id: Text
    kind: Literal["inclusion", "exclusion"]
    text: Text
    rule: Text
    waivable: bool = False
    section: str | None = None
    note: str | None = None


class Arm(Part):
    """A group of participants with the same planned interventions."""

    id: Identifier
    label: Text
    interventions: tuple[Identifier, ...]
    ratio: int = 1


class Randomisation(Part):
    """How arms are allotted; the allotment itself is concealed from `concealed_from`."""

    method: Literal["simple", "permuted_blocks", "minimisation"]
    block_sizes: tuple[int, ...] = ()
    strata: tuple[str, ...] = ()
    concealed_from: tuple[Identifier, ...] = ()


class Dose(Part):
    """A dose in proportion to body weight."""

    per_kg: Number
    unit: Text
    weight: Text
    """The item the weight is read from, as `form.item`."""
    weight_not_older_than: Length
    tolerance: Number
    """How far the given dose may lie from the planned, as a fraction of it."""
    volume_ml: Number
    duration_minutes: Number


class Premedication(Part):
    """A drug given before an intervention."""

    id: Identifier
    label: Text
    drug: Text
    dose: Text
    before: Length
    required: bool


class Precondition(Part):
    """What must be known to be TRUE before an intervention is given."""

    id: Identifier
    text: Text
    rule: Text
    section: str | None = None


class Intervention(Part):
    """Something given to a participant, recorded on `form` at the encounter `encounter`."""

    id: Identifier
    label: Text
    kind: Literal["cell_product", "drug", "procedure"]
    form: Identifier
    encounter: Identifier
    maximum: int = 1
    interval: Length | None = None
    """The least time between two, where `maximum` allows several."""
    dose: Dose | None = None
    premedication: tuple[Premedication, ...] = ()
    preconditions: tuple[Precondition, ...] = ()
    note: str | None = None
