"""What holds the next infusion: a boundary that was crossed, or the time between staggered participants."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from charcot.protocol import Boundary, Staggering
from charcot.safety.boundary_course import BoundaryPoint
from charcot.safety.watch import SafetyWatch, WatchedInfusion


@dataclass(frozen=True)
class BoundaryHold:
    """A boundary that was crossed and not reviewed, or at which the safety board stopped the trial."""

    plan: Boundary
    group: str
    point: BoundaryPoint
    stopped: bool

    @property
    def words(self) -> str:
        """What is held, and why."""
        where = f" in {self.group}" if self.group else ""
        how = (
            "The safety board has stopped it."
            if self.stopped
            else f"The boundary stops at {self.point.limit}."
        )
        return f"Infusions are held{where}: {self.plan.label} in {self.point.events} of {self.point.patients} infused. {how}"


@dataclass(frozen=True)
class StaggeringHold:
    """The time after the infusion before that has not passed yet; `until` is when it has."""

    plan: Staggering
    group: str
    before: WatchedInfusion
    until: datetime

    @property
    def words(self) -> str:
        """What is held, and why."""
        where = f" in {self.group}" if self.group else ""
        return (
            f"The next infusion{where} is held until {self.until:%Y-%m-%d %H:%M}: {self.plan.wait} after that of "
            f"{self.before.participant} ({self.plan.label})."
        )


def find_boundary_holds(watch: SafetyWatch) -> Iterator[BoundaryHold]:
    """Every boundary that holds infusions now, by group."""
    for course in watch.boundaries.values():
        for name, group in sorted(course.groups.items()):
            if group.held is not None:
                stopped = group.review is not None and group.review.data["decision"] == "stop"
                yield BoundaryHold(course.plan, name, group.held, stopped)


def find_holds(
    watch: SafetyWatch, infusion: WatchedInfusion, arm: str, site: str
) -> Iterator[BoundaryHold | StaggeringHold]:
    """What holds this infusion, about to be recorded. One that was given before a boundary was crossed is not held by it."""
    for hold in find_boundary_holds(watch):
        of_group = hold.group in watch.groups_of(hold.plan.per, infusion, arm, site)
        if of_group and not infusion.at.latest < hold.point.at:
            yield hold
    for plan in watch.study.protocol.staggering:
        for group in watch.groups_of(plan.per, infusion, arm, site):
            others = [i for i in watch.infusions_in(plan.per, group) if i.participant != infusion.participant]
            if not 0 < len(others) < plan.first or watch.staggered.get((plan.id, group), 0) >= len(others):
                continue
            near = [i for i in others if infusion.at.earliest < plan.wait.after(i.at.earliest)]
            if near:
                last = near[-1]
                yield StaggeringHold(plan, group, last, plan.wait.after(last.at.earliest))
