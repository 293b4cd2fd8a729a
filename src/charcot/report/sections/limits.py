"""What this design can and cannot show."""

from charcot.report.document import Points, Section
from charcot.report.sections.material import Material
from charcot.report.table import Pieces

_CAN = {
    "single_arm": "The design can show which harms occurred, how often, and when, and whether the treatment could be given as "
    "planned. With few participants even no event at all leaves room for a real risk; the exact intervals say how much.",
}
_CANNOT = {
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


def make_limits(material: Material) -> Section:
    """Points made from the protocol's design."""
    design = material.protocol.trial.design
    points: list[tuple[str, Pieces]] = []
    if design.intervention_model in _CAN:
        points.append(("Can", (_CAN[design.intervention_model],)))
        points.append(("Cannot", (_CANNOT[design.intervention_model],)))
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
    return Section("limits", "What this design can and cannot show", (Points(tuple(points)),))
