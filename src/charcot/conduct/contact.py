"""Record that a participant, or somebody who knows, was contacted: alive or not."""

from charcot.conduct.form_entry import Given
from charcot.conduct.own_form import record_own_form
from charcot.conduct.trial import Trial
from charcot.ledger import Actor, Entry, Origin


def contact(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    at: str,
    alive: bool,
    values: Given | None = None,
    encounter: str = "",
    source: str = "telephone",
    origin: Origin = Origin.ENTERED,
) -> tuple[Entry, ...]:
    """Enters a contact. A death learnt of this way is then recorded with `record_death`."""
    own = {"alive": "yes" if alive else "no"}
    return record_own_form(
        trial, actor, "contact", "contact", participant, at, values or {}, own, source, origin, encounter
    )
