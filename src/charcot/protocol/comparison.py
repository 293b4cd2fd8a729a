"""What a trial's outcomes are held against: prediction, background rates, earlier trials; each with its source."""

from charcot.protocol.strict import Identifier, Number, Part, Text


class ExpectedScenario(Part):
    """What is taken for predictors of survival that the baseline does not hold, and why."""

    id: Identifier
    label: Text
    delay_months: Number | None = None
    """Months from the first symptom to the diagnosis, the same for everybody; or"""
    delay_share: Number | None = None
    """that part, 0 to 1, of each person's months since the first symptom."""
    definite: bool = False
    ftd: bool = False
    c9orf72: bool = False
    sensitivity: bool = False
    """Whether it is an aside to the others, and not one of the range that is told."""
    reason: Text


class BaselinePredictors(Part):
    """The items of the baseline form that predict survival, besides its total and duration; `bulbar` is the code for it."""

    age: Identifier
    onset_site: Identifier
    bulbar: Identifier
    fvc: Identifier


class WatchedEvent(Part):
    """Events held against background rates: an SQL condition on one adverse event, and days since the infusion to look at."""

    label: Text
    event: Text
    windows: tuple[int, ...]
    reason: Text


class BackgroundRate(Part):
    """How often something happens in such people anyhow, per 100 person-years; `counts` says what was counted, and in whom."""

    id: Identifier
    label: Text
    per_100_years: Number
    counts: Text
    source: Text


class EarlierTrial(Part):
    """An earlier trial; with `followed`, `alive` and `months` where survival is compared, and what misleads in that."""

    id: Identifier
    label: Text
    year: int
    design: Text
    participants: int
    product: Text
    result: Text
    followed: int | None = None
    alive: int | None = None
    months: int | None = None
    misleads: tuple[Text, ...] = ()
    note: str | None = None
    source: Text
