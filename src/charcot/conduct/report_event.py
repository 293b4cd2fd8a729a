"""Report an adverse event."""

from charcot.conduct.form_entry import Given
from charcot.conduct.own_form import record_own_form
from charcot.conduct.trial import Trial
from charcot.ledger import Actor, Entry, Origin


def report_event(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    at: str,
    values: Given,
    source: str = "paper",
    origin: Origin = Origin.ENTERED,
) -> tuple[Entry, ...]:
    """Enters a new adverse event under the next number; `at` is its onset, partial where unknown."""
    return record_own_form(
        trial, actor, "report_event", "adverse_event", participant, at, values, {}, source, origin
    )
