"""What this design can and cannot show, in words and in numbers."""

from charcot.analysis.design_limits import DesignLimits
from charcot.report.document import Points, Section
from charcot.report.format import PERCENT
from charcot.report.sections.material import Material
from charcot.report.table import Number, Pieces

CAN = {
    "single_arm": "The design can show which harms occurred, how often, and when, and whether the treatment could be given as "
    "planned. With few participants even no event at all leaves room for a real risk; the exact intervals say how much.",
}
CANNOT = {
    "single_arm": "There is no group without the treatment, so nothing here can show that it worked. A slope, a mean or a "
    "survival curve of one group describes what happened, not what the treatment did; ALS varies so much between people that "
    "slow courses are expected without any treatment. No p-value for an effect of treatment is printed, because the design "
    "does not contain the contrast.",
}
_OPEN = (
    "Participants, clinicians and raters knew the treatment. Scores that are asked for, such as ALSFRS-R, can move by "
    "expectation alone."
)
_DEATHS = (
    "Deaths are part of the result, not missing data. Means at later visits are over those still alive and measured, and so "
    "look better than the course of the group."
)


def make_limits(material: Material, numbers: DesignLimits | None) -> Section:
    """Points made from the protocol's design, and from how many were treated."""
    design = material.protocol.trial.design
    points: list[tuple[str, Pieces]] = []
    if design.intervention_model in CAN:
        points.append(("Can", (CAN[design.intervention_model],)))
        points.append(("Cannot", (CANNOT[design.intervention_model],)))
    else:
        points.append(
            (
                "Design",
                (
                    f"{design.intervention_model.replace('_', ' ')}; comparisons are between the planned arms only.",
                ),
            )
        )
    if design.masking == "open_label":
        points.append(("Open label", (_OPEN,)))
    points.append(("Deaths", (_DEATHS,)))
    if numbers is not None:
        points.append(("What is not seen", _unseen(numbers)))
        if numbers.half_widths:
            points.append(("How exact", _widths(numbers)))
    return Section("limits", "What this design can and cannot show", (Points(tuple(points)),))


def _unseen(numbers: DesignLimits) -> Pieces:
    return (
        "A harm that none of the ", Number(numbers.treated), " treated had may still happen to up to ",
        Number(numbers.largest_risk, PERCENT), " % of people treated like them (upper end of the exact 95 % interval of zero).",
    )  # fmt: skip


def _widths(numbers: DesignLimits) -> Pieces:
    words: list[str | Number] = ["The 95 % interval of survival reaches on average "]
    for place, (month, width) in enumerate(numbers.half_widths):
        last = place == len(numbers.half_widths) - 1
        words += [
            (" and " if last else ", ") if place else "",
            Number(width, PERCENT),
            f" percentage points at {month} months",
        ]
    words.append(
        " to each side: differences smaller than that cannot be told from chance, whichever curve one compares with."
    )
    return tuple(words)
