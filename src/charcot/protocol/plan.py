"""What is done with the record: release specification, boundaries, analysis plan, roles."""

from typing import Literal

from charcot.protocol.comparison import BaselinePredictors, ExpectedScenario, WatchedEvent
from charcot.protocol.forms import Visibility
from charcot.protocol.strict import Identifier, Part, Text


class ReleaseTest(Part):
    """One line of a release specification."""

    id: Identifier
    stage: Text
    test: Text
    method: Text
    limit: Text
    item: str | None = None
    """The product item that holds the result, as `form.item`."""
    rule: str | None = None
    required: bool
    may_be_pending: bool = False
    """Whether a lot may be certified conditionally while its result is still to come."""
    source: Text


FollowedMeasure = Literal["alsfrs_r_total", "alsfrs_r_percent", "fvc_litres", "fvc_percent"]
"""Measures that can be followed over the visits."""


VisitCovariance = Literal["us", "toeph", "ar1h", "cs"]
"""Unstructured, heterogeneous Toeplitz, heterogeneous first-order autoregressive, compound symmetry."""


class PlannedReading(Part):
    """What a planned result reads, where the plan has to say it; which fields mean something depends on the method."""

    form: Identifier | None = None
    """The baseline form."""
    skip: tuple[Identifier, ...] = ()
    """Items of the baseline form that are not shown."""
    total: Identifier | None = None
    """The item of the baseline form with the ALSFRS-R total; with `duration` it gives the progression rate."""
    duration: Identifier | None = None
    """The item of the baseline form with the months since the first symptom."""
    measure: FollowedMeasure | None = None
    covariance: VisitCovariance | None = None
    """The covariance of the visits that a mixed model for repeated measures tries first; simpler ones follow."""
    category: Identifier | None = None
    """The item of the adverse event form with the kind of event."""
    outcome: Identifier | None = None
    """The item of the adverse event form with the outcome."""
    procedure: str | None = None
    """The item with the kind of procedure, as `form.item`."""
    months: tuple[int, ...] = ()
    """Months at which survival is read."""
    predictors: BaselinePredictors | None = None
    """What of the baseline predicts survival."""
    scenarios: tuple[ExpectedScenario, ...] = ()
    """What is taken for predictors that it does not hold."""
    watched: WatchedEvent | None = None
    """Events that are held against the background rates of the protocol."""


class PlannedResult(Part):
    """One table, figure or estimate of the analysis plan."""

    id: Identifier
    label: Text
    kind: Literal["table", "figure", "estimate", "listing"]
    population: Identifier
    method: Text
    status: Literal["prespecified", "post_hoc"]
    estimand: Identifier | None = None
    source: str | None = None
    reads: PlannedReading | None = None


class Role(Part):
    """What the holders of a role may do and see."""

    id: Identifier
    label: Text
    may: tuple[Text, ...]
    sees: tuple[Visibility, ...] = ("open",)
    second_factor: bool = False
    """Whether a signature in this role needs a second factor besides the password."""
