"""Episodes: an adverse event that comes back after it had ended is the same event once more, numbered and joined to the first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from charcot.clinical_time import ClinicalTime
from charcot.participants import FormKey, FormVersion


@dataclass(frozen=True)
class Episode:
    """One report as the episode `number` of its event; `event` holds every episode in order, the report itself included."""

    version: FormVersion
    number: int
    event: Sequence[FormVersion]

    @property
    def first(self) -> FormVersion:
        """The report with which the event began."""
        return self.event[0]

    @property
    def of(self) -> int:
        """How many episodes the event has had."""
        return len(self.event)


def find_episodes(events: Sequence[FormVersion]) -> dict[FormKey, Episode]:
    """Each report of one participant, in order of onset, as an episode of its event.

    A report continues the newest one of the same term that had ended by its onset, as far as the dates are known; with none it
    is an event of its own. Words are the same whatever their capitals and spaces.
    """
    found: list[list[FormVersion]] = []
    for term, alike in group_by_term(events).items():
        chains: list[list[FormVersion]] = []
        for version in alike:
            ended = [chain for chain in chains if term and has_ended_by(chain[-1], version)]
            if ended:
                ended[-1].append(version)
            else:
                chains.append([version])
        found += chains
    return {
        version.key: Episode(version, number, tuple(chain))
        for chain in found
        for number, version in enumerate(chain, start=1)
    }


def group_by_term(events: Iterable[FormVersion]) -> dict[str, list[FormVersion]]:
    """The reports of each term, in the order in which they come."""
    found: dict[str, list[FormVersion]] = {}
    for version in events:
        found.setdefault(term_of(version), []).append(version)
    return found


def latest_episodes(events: Sequence[FormVersion]) -> list[Episode]:
    """The newest episode of each event, in order of onset: what a further one would follow."""
    newest = (each for each in find_episodes(events).values() if each.number == each.of)
    return sorted(newest, key=lambda each: each.version.clinical_time.earliest)


def term_of(version: FormVersion) -> str:
    """The term of an event as it is compared: without capitals, with single spaces; empty where it has none."""
    return _fold_words(version.text("term") or "")


@lru_cache(maxsize=16_384)
def _fold_words(text: str) -> str:
    return " ".join(text.casefold().split())


def has_ended_by(earlier: FormVersion, later: FormVersion) -> bool:
    """Whether an event had ended, or can have ended, when another began; not where it has no end."""
    ended = earlier.text("ended")
    return bool(ended) and not later.clinical_time.surely_before(ClinicalTime(ended or ""))
