"""How safety is watched over: staggered infusions, stopping boundaries, and the clocks of expedited reports."""

from typing import Literal

from charcot.protocol.strict import Identifier, Length, Number, Part, Text

BOUNDARY_GROUPS = ("trial", "arm", "site", "product_lot", "material_lot")
"""What events may be counted per, besides an item of the infusion's form written as `form.item`."""


class BoundaryStep(Part):
    """Stop when at least `events` have happened among at most `up_to` participants."""

    events: int
    up_to: int


class Boundary(Part):
    """A stopping boundary for safety."""

    id: Identifier
    label: Text
    event: Text
    """An SQL condition on one adverse event."""
    method: Literal["pocock", "beta_binomial", "tite"]
    p0: Number
    alpha: Number
    planned: int
    stop: tuple[BoundaryStep, ...]
    per: Text = "trial"
    """Events and participants are counted for the whole trial, or apart for each arm, site, lot, or answer of an item."""
    window: Length | None = None
    """With `tite`: how long a participant is followed before they count whole."""
    source: Text


class Staggering(Part):
    """The first `first` participants are infused one at a time, each at least `wait` after the one before."""

    id: Identifier
    label: Text
    first: int
    wait: Length
    per: Text = "trial"
    source: Text


class ReportingClock(Part):
    """Somebody who has to be told of some events within a time, counted from when the site first knew."""

    id: Identifier
    label: Text
    to: Text
    when: Text
    """An SQL condition on one adverse event."""
    within: Length
    concerns: tuple[Identifier, ...]
    """The roles that see the clock run."""
    escalates_to: tuple[Identifier, ...] = ()
    """The roles that are told besides, once it has run out."""
    source: Text
