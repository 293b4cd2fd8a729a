"""Record a participant's death."""

from charcot.conduct.form_entry import Given
from charcot.conduct.own_form import record_own_form
from charcot.conduct.trial import Trial
from charcot.ledger import Actor, Entry, Origin


def record_death(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    at: str,
    cause: str,
    values: Given | None = None,
    source: str = "paper",
    origin: Origin = Origin.ENTERED,
) -> tuple[Entry, ...]:
    """Enters the day of death (partial where unknown) and its cause. Earlier facts may still be recorded afterwards."""
    own = {"cause": cause}
    return record_own_form(
        trial, actor, "record_death", "death", participant, at, values or {}, own, source, origin
    )
