"""Table 1: the participants at baseline, one line an item of the baseline form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from charcot.analysis.plan import ReportPlan, population, status_of
from charcot.analysis.result import Result, derive_result
from charcot.analysis.selection import Datasets, Selection, both, equals
from charcot.protocol import Protocol

PLANNED = "baseline_summary"
STATISTICS = ("mean", "sd", "se", "median", "q1", "q3", "minimum", "maximum")


@dataclass(frozen=True)
class BaselineLine:
    """A line of Table 1: the column it reads, whether it is described or counted, and how finely it was measured."""

    column: str
    kind: Literal["continuous", "counts"]
    label: str
    unit: str | None = None
    precision: int = 0
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Level:
    """One answer of a counted line: how many gave it, and their proportion with its interval."""

    code: str
    label: str
    count: Result
    share: Result


@dataclass(frozen=True)
class BaselineResults:
    """The results of one line: statistics by name where it is continuous, levels where it is counted."""

    line: BaselineLine
    n: Result
    statistics: Mapping[str, Result] = field(default_factory=dict)
    levels: tuple[Level, ...] = ()


def baseline_lines(protocol: Protocol, plan: ReportPlan) -> tuple[BaselineLine, ...]:
    """The lines that the baseline form asks for, in its order; the progression rate follows where it can be derived."""
    form = protocol.forms_by_id.get(plan.baseline_form)
    lines: list[BaselineLine] = []
    for item in form.items if form is not None else ():
        if item.id in plan.baseline_skip:
            continue
        if item.type in ("integer", "decimal"):
            precision = item.precision or 0
            lines.append(BaselineLine(item.id, "continuous", item.label, item.unit, precision))
        elif item.type in ("choice", "yes_no"):
            codes = {code.code: code.label for code in protocol.codes_of(item)}
            lines.append(BaselineLine(item.id, "counts", item.label, codes=codes))
    if form is not None and plan.baseline_onset is not None:
        lines.append(BaselineLine("delta_fs", "continuous", "Progression rate (ΔFS)", "points/month", 1))
    return tuple(lines)


def derive_table1(datasets: Datasets, protocol: Protocol, plan: ReportPlan) -> tuple[BaselineResults, ...]:
    """Every line, for the treated population."""
    treated = population(protocol, plan.treated)
    everybody = Selection(f"form_{plan.baseline_form}", "", treated)
    derive = partial(derive_result, datasets, status=status_of(protocol, PLANNED), planned=PLANNED)
    found: list[BaselineResults] = []
    if everybody.dataset not in datasets:
        return ()
    for line in baseline_lines(protocol, plan):
        known = Selection(everybody.dataset, f"{line.column} IS NOT NULL", treated)
        stem = f"table1.{line.column}"

        n = derive(f"{stem}.n", f"{line.label}, values known", known, "count_participants", among=everybody)
        if line.kind == "continuous":
            statistics = {
                name: derive(
                    f"{stem}.{name}",
                    f"{line.label}, {name}",
                    everybody,
                    name,
                    column=line.column,
                    unit=line.unit,
                )
                for name in STATISTICS
            }
            found.append(BaselineResults(line, n, statistics))
            continue
        levels = []
        for code, label in line.codes.items():
            having = Selection(everybody.dataset, both(equals(line.column, code)), treated)
            title = f"{line.label}: {label.lower()}"
            count = derive(f"{stem}.{code}.n", title, having, "count_participants", among=known)
            share = derive(
                f"{stem}.{code}.share", f"{title}, share", having, "share_of_participants", among=known
            )
            levels.append(Level(code, label, count, share))
        found.append(BaselineResults(line, n, levels=tuple(levels)))
    return tuple(found)
