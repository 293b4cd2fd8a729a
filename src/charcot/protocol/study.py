"""The whole protocol: one frozen object made from all files of a protocol folder."""

from functools import cached_property

from charcot.protocol.comparison import BackgroundRate, EarlierTrial
from charcot.protocol.design import (
    Approval,
    Arm,
    Criterion,
    Endpoint,
    Estimand,
    Intervention,
    Objective,
    Population,
    Randomisation,
    TrialIdentity,
    Version,
)
from charcot.protocol.forms import Code, CodeList, Form, Item
from charcot.protocol.manufacture import CountBasis, Gate, ProductPlan
from charcot.protocol.oversight import MEANINGS, VerificationPlan
from charcot.protocol.plan import PlannedResult, ReleaseTest, Role
from charcot.protocol.schedule import Activity, Encounter
from charcot.protocol.strict import Part, Text
from charcot.protocol.watching import Boundary, ReportingClock, Staggering


class Protocol(Part):
    """A protocol as its files say it. Top-level keys may stand in any file; `forms` gathers `forms/*.yaml`."""

    trial: TrialIdentity
    version: Version
    approvals: tuple[Approval, ...]
    populations: tuple[Population, ...]
    objectives: tuple[Objective, ...]
    endpoints: tuple[Endpoint, ...]
    estimands: tuple[Estimand, ...] = ()
    criteria: tuple[Criterion, ...]
    arms: tuple[Arm, ...]
    randomisation: Randomisation | None = None
    interventions: tuple[Intervention, ...]
    encounters: tuple[Encounter, ...]
    activities: tuple[Activity, ...]
    forms: tuple[Form, ...]
    code_lists: tuple[CodeList, ...] = ()
    release_specification: tuple[ReleaseTest, ...] = ()
    product: ProductPlan | None = None
    """How the cell product is made and let go; None where the trial gives none."""
    gates: tuple[Gate, ...] = ()
    """What an infusion needs besides what always holds."""
    dose_basis: CountBasis | None = None
    """Which cells a dose counts, viable or all; None where the protocol does not say."""
    boundaries: tuple[Boundary, ...] = ()
    staggering: tuple[Staggering, ...] = ()
    reporting: tuple[ReportingClock, ...] = ()
    analysis: tuple[PlannedResult, ...] = ()
    background_rates: tuple[BackgroundRate, ...] = ()
    earlier_trials: tuple[EarlierTrial, ...] = ()
    roles: tuple[Role, ...]
    meanings: tuple[Text, ...] = MEANINGS
    """What a signature may say."""
    verification: VerificationPlan = VerificationPlan()
    sex_item: str | None = None
    """The item that holds a participant's sex, as `form.item`; normal ranges may depend on it."""
    birth_item: str | None = None
    """The item that holds a participant's date of birth, as `form.item`; no other date lies before it."""

    @cached_property
    def forms_by_id(self) -> dict[str, Form]:
        """Each form under its id."""
        return {form.form: form for form in self.forms}

    @cached_property
    def encounters_by_id(self) -> dict[str, Encounter]:
        """Each encounter under its id."""
        return {encounter.id: encounter for encounter in self.encounters}

    def form_playing(self, part: str) -> Form | None:
        """The form that plays a part in the conduct, such as `consent` or `death`."""
        return next((form for form in self.forms if form.plays == part), None)

    def forms_at(self, encounter: str) -> tuple[str, ...]:
        """The forms that are due at an encounter, in the order of the activities."""
        return tuple(
            form for activity in self.activities if encounter in activity.at for form in activity.forms
        )

    def encounters_of(self, form: str) -> tuple[str, ...]:
        """The encounters at which a form is due or may be filled; none for a form that stands by itself."""
        return tuple(
            encounter.id
            for encounter in self.encounters
            if any(encounter.id in a.at and form in (*a.forms, *a.optional) for a in self.activities)
        )

    def codes_of(self, item: Item) -> tuple[Code, ...]:
        """The answers that an item allows; empty where it is not a choice."""
        if item.type == "yes_no":
            return (Code(code="yes", label="Yes"), Code(code="no", label="No"))
        if isinstance(item.codes, str):
            return next((c.codes for c in self.code_lists if c.id == item.codes), ())
        return item.codes or ()

    def role(self, role_id: str) -> Role | None:
        """The role with this id."""
        return next((role for role in self.roles if role.id == role_id), None)
