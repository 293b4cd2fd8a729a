"""Plays planned acts through the verbs of the conduct, with the clock set to each act's moment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from charcot import conduct
from charcot.conduct import Trial
from charcot.ledger import Entry, participant_subject
from charcot.participants import fold_queries
from charcot.simulation.acts import AskedBy, PlannedAct

Verb = Callable[..., tuple[Entry, ...]]

_VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        name: getattr(conduct, name)
        for name in conduct.__all__
        if name.islower() and not name.startswith("read_")
    }
)
"""Every verb of the conduct by its name."""


class SettableClock(Protocol):
    """A clock that stands still until it is told to go on."""

    def __call__(self) -> datetime:
        """The moment it shows."""
        ...

    def advance_to(self, moment: datetime) -> datetime:
        """Goes on to `moment`."""
        ...


class UnknownVerb(LookupError):
    """A plan names an act that the conduct does not have: a mistake in the plan, not in the trial."""


def play(
    trial: Trial,
    clock: SettableClock,
    acts: Sequence[PlannedAct],
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Entry, ...]:
    """Plays `acts` in the order of their moments; `progress(done, all)` is told after each.

    `clock` must be the clock of `trial`. Raises what the verbs raise: a plan that breaks a rule stops there.
    """
    if trial.clock is not clock:
        raise ValueError("the clock to set must be the clock of the trial")
    unknown = sorted({act.verb for act in acts} - set(_VERBS))
    if unknown:
        raise UnknownVerb(f"the conduct has no {', '.join(unknown)}; it has {', '.join(_VERBS)}")
    entered: list[Entry] = []
    ordered = sorted(acts, key=lambda act: act.recorded_at)
    for done, act in enumerate(ordered, start=1):
        clock.advance_to(act.recorded_at)
        acting = replace(trial, typed=act.typed)
        entered += _VERBS[act.verb](acting, act.actor, **_named(trial, act.arguments))
        if progress is not None:
            progress(done, len(ordered))
    return tuple(entered)


def _named(trial: Trial, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments of an act, a query that was meant by its check by its number. Raises LookupError where it was not asked."""
    meant = arguments.get("query")
    if not isinstance(meant, AskedBy):
        return arguments
    participant = arguments["participant"]
    asked = fold_queries(participant, trial.ledger.entries(subjects=[participant_subject(participant)]))
    found = [q.id for q in asked if (q.check, q.key.form) == (meant.check, meant.form) and q.is_pending]
    if not found:
        raise LookupError(f"{meant.check} has asked nothing about {meant.form} of {participant}")
    return {**arguments, "query": found[0]}
