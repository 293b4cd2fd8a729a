"""A stopping boundary: how many events among the first n participants stop a trial."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise


@dataclass(frozen=True)
class Look:
    """What a boundary says to `events` among `people`: the number that stops there (None: none can), and whether it did."""

    events: int
    people: int
    stop_at: int | None
    crossed: bool

    @property
    def left(self) -> int | None:
        """How many further events would stop at this number of people; 0 where it is crossed, None where none can."""
        return None if self.stop_at is None else max(0, self.stop_at - self.events)


@dataclass(frozen=True)
class StoppingBoundary:
    """`stop[n - 1]` is the fewest events among n participants that stop the trial; n + 1 where no number does.

    `method` says how it was made, `level` the nominal level of each look (NaN where there is none).
    """

    method: str
    stop: tuple[int, ...]
    level: float = float("nan")

    def __post_init__(self) -> None:
        if not self.stop or any(not 1 <= k <= n + 1 for n, k in enumerate(self.stop, start=1)):
            raise ValueError("a boundary needs, for each n from 1, a number of events from 1 to n + 1")

    @property
    def planned(self) -> int:
        """The number of participants that it is made for."""
        return len(self.stop)

    def stop_at(self, people: int) -> int | None:
        """The fewest events that stop with so many participants; beyond the planned number, those of the last.

        None where even an event in each does not stop.
        """
        if people < 1:
            return None
        events = self.stop[min(people, self.planned) - 1]
        return events if events <= people else None

    def look(self, events: int, people: int) -> Look:
        """Hold events against the boundary. It takes no search: one call for each entry costs nothing that is felt.

        ValueError for counts below 0, or more events than people. Each person counts with at most one event.

        >>> StoppingBoundary("stated", (1, 1, 2)).look(1, 3)
        Look(events=1, people=3, stop_at=2, crossed=False)
        """
        if not 0 <= events <= people:
            raise ValueError(
                f"{events} people with an event of {people}: give counts with 0 <= events <= people"
            )
        stop_at = self.stop_at(people)
        return Look(events, people, stop_at, stop_at is not None and events >= stop_at)

    @property
    def steps(self) -> tuple[tuple[int, int], ...]:
        """The boundary as (events, up to so many participants), without those where nothing stops.

        >>> StoppingBoundary("stated", (2, 2, 2, 3)).steps
        ((2, 3), (3, 4))
        """
        runs = groupby(enumerate(self.stop, start=1), key=lambda pair: pair[1])
        ends = [(events, max(n for n, _ in run)) for events, run in runs]
        return tuple((events, end) for events, end in ends if events <= end)


def boundary_of_steps(
    steps: Sequence[tuple[int, int]], planned: int, method: str = "stated"
) -> StoppingBoundary:
    """The boundary that a protocol states as (events, up to so many participants); after the last step it stays level.

    ValueError where steps do not rise, a number is below 1, or `planned` lies before the last step.

    >>> boundary_of_steps([(1, 2), (2, 13), (3, 17)], planned=17).look(3, 17).crossed
    True
    """
    if not steps or planned < steps[-1][1]:
        raise ValueError(f"give at least one step, none beyond the {planned} planned")
    if any(events < 1 or up_to < 1 for events, up_to in steps):
        raise ValueError("events and participants of a step are at least 1")
    if any(a[0] >= b[0] or a[1] >= b[1] for a, b in pairwise(steps)):
        raise ValueError("the steps must rise, in events and in participants")
    found: list[int] = []
    for events, up_to in (*steps[:-1], (steps[-1][0], planned)):
        found.extend(min(events, n + 1) for n in range(len(found) + 1, up_to + 1))
    return StoppingBoundary(method, tuple(found))
