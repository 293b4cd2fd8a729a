"""Laboratory shifts: from the flag, and the grade, before the infusion to the worst after it, for each test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import polars as pl

from charcot.analysis.plan import ReportPlan, population, status_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import Datasets, Selection, both, equals, select_rows
from charcot.protocol import Protocol
from charcot.protocol.design import Population

PLANNED = "laboratory_shifts"
FLAGS = ("low", "normal", "high")
GRADES = (0, 1, 2, 3, 4)


@dataclass(frozen=True)
class TestShift:
    """One test: participants with both flags, and how many went from which flag to which."""

    panel: str
    test: str
    label: str
    n: Result
    shifts: Mapping[tuple[str, str], Result]

    @property
    def is_quiet(self) -> bool:
        """Whether everybody was normal before and after."""
        return self.shifts["normal", "normal"].value == self.n.value


@dataclass(frozen=True)
class GradeShift:
    """One test that CTCAE grades: participants with a grade before and after, and how many went from which to which."""

    label: str
    n: Result
    shifts: Mapping[tuple[int, int], Result]


@dataclass(frozen=True)
class LaboratoryResults:
    """Pairs of flags over all tests: how many, how many normal twice, how many that left the normal range; each test."""

    pairs: Result
    people: Result
    normal: Result
    left: Result
    tests: tuple[TestShift, ...]
    grades: tuple[GradeShift, ...] = ()
    """Of those tests in which anybody had a grade."""
    outside: Result | None = None
    judged: Result | None = None
    significant: Result | None = None
    """Values outside their range, or with a grade, after the infusion; those of them that were judged; those judged significant."""


def derive_laboratory_results(
    datasets: Datasets, protocol: Protocol, plan: ReportPlan
) -> LaboratoryResults | None:
    """The shifts of the treated population; None where no test has a flag before and after."""
    treated = population(protocol, plan.treated)
    every = Selection("laboratory_shifts", "", treated)
    derive = partial(derive_result, datasets, status=status_of(protocol, PLANNED), planned=PLANNED)
    rows = select_rows(every, datasets)
    if rows.is_empty():
        return None
    tests, grades = [], []
    for panel, test, label in rows.select("panel", "test", "label").unique(maintain_order=True).iter_rows():
        which = both(equals("panel", panel), equals("test", test))
        own, stem = Selection(every.dataset, which, treated), f"shifts.{_slug(panel)}.{test}"
        shifts = {
            (before, after): derive(
                f"{stem}.{before}_{after}",
                f"{label}: {before} before, {after} after",
                Selection(
                    every.dataset, both(which, equals("baseline", before), equals("worst", after)), treated
                ),
                "count_participants",
                among=own,
            )
            for before in FLAGS
            for after in FLAGS
        }
        n = derive(f"{stem}.n", f"{label}: with both flags", own, "count_participants")
        tests.append(TestShift(panel, test, label, n, shifts))
        mine = rows.filter((pl.col("panel") == panel) & (pl.col("test") == test))
        if (mine["baseline_grade"].fill_null(0) + mine["worst_grade"].fill_null(0)).sum() > 0:
            grades.append(_derive_grades(derive, stem, label, which, treated))

    def count(name: str, label: str, where: str) -> Result:
        return derive(
            f"shifts.{name}", label, Selection(every.dataset, where, treated), "count_rows", among=every
        )

    return LaboratoryResults(
        count("pairs", "Tests of participants with a flag before and after", ""),
        derive("shifts.people", "Participants with laboratory results before and after", every, "count_participants"),
        count("normal", "Normal before and at every visit after", "baseline = 'normal' AND worst = 'normal'"),
        count("left", "Normal before, low or high after", "baseline = 'normal' AND worst <> 'normal'"),
        tuple(tests),
        tuple(grades),
        *_derive_judged(derive, treated),
    )  # fmt: skip


def _derive_judged(derive: Callable[..., Result], treated: Population) -> tuple[Result, Result, Result]:
    """How many values after the infusion ask for a judgement, and what was said of them."""
    after = Selection("laboratory", "day > 0", treated)
    beyond = "day > 0 AND (flag <> 'normal' OR grade > 0)"

    def count(name: str, label: str, where: str) -> Result:
        return derive(
            f"shifts.{name}", label, Selection("laboratory", where, treated), "count_rows", among=after
        )

    return (
        count("outside", "Values outside their range after the infusion", beyond),
        count("judged", "Of these, judged by an investigator", f"{beyond} AND significant IS NOT NULL"),
        count("significant", "Of these, judged clinically significant", f"{beyond} AND significant"),
    )


def _derive_grades(
    derive: Callable[..., Result], stem: str, label: str, which: str, treated: Population
) -> GradeShift:
    """The shifts by grade of one test, of those who have a grade before and after."""
    known = both(which, "baseline_grade IS NOT NULL", "worst_grade IS NOT NULL")
    own = Selection("laboratory_shifts", known, treated)
    shifts = {
        (before, after): derive(
            f"{stem}.grade_{before}_{after}",
            f"{label}: grade {before} before, {after} at worst after",
            Selection(
                own.dataset, both(known, f"baseline_grade = {before}", f"worst_grade = {after}"), treated
            ),
            "count_participants",
            among=own,
        )
        for before in GRADES
        for after in GRADES
    }
    return GradeShift(
        label,
        derive(f"{stem}.graded", f"{label}: graded before and after", own, "count_participants"),
        shifts,
    )


def _slug(text: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in text.lower()).split())
