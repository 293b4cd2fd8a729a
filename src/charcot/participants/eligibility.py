"""Eligibility: each criterion met, not met or unknown, with the values used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from charcot.participants.standing import Waiver
from charcot.protocol import Facts, Study, evaluate_rules
from charcot.refusal import NotEligible

VerdictWord = Literal["met", "not_met", "unknown"]


@dataclass(frozen=True)
class CriterionVerdict:
    """The verdict on one criterion, with the values it rests on as they were typed."""

    criterion: str
    verdict: VerdictWord
    used: Mapping[str, str | None]

    def as_data(self) -> dict[str, Any]:
        """The verdict as it stands in an entry."""
        return {"criterion": self.criterion, "verdict": self.verdict, "used": dict(self.used)}


def assess_eligibility(study: Study, facts: Facts) -> tuple[CriterionVerdict, ...]:
    """The verdict on every criterion of the protocol."""
    criteria = study.protocol.criteria
    outcomes = evaluate_rules([study.rules.rule(c.rule, None, "truth") for c in criteria], facts)
    words: dict[object, VerdictWord] = {True: "met", False: "not_met", None: "unknown"}
    return tuple(
        CriterionVerdict(criterion.id, words[outcome.value], outcome.used)
        for criterion, outcome in zip(criteria, outcomes, strict=True)
    )


def require_eligible(
    study: Study, verdicts: Sequence[CriterionVerdict], waivers: Mapping[str, Waiver]
) -> None:
    """Raises NotEligible unless every criterion is met, or not met and waived. Unknown is not met and not waivable."""
    by_id = {criterion.id: criterion for criterion in study.protocol.criteria}
    unknown = [v for v in verdicts if v.verdict == "unknown"]
    unmet = [v for v in verdicts if v.verdict == "not_met" and v.criterion not in waivers]
    if not unknown and not unmet:
        return
    lines = [f"{v.criterion} ({by_id[v.criterion].text}) is not met" for v in unmet]
    lines += [f"{v.criterion} ({by_id[v.criterion].text}) cannot be judged yet" for v in unknown]
    missing = sorted(
        {study_name(study, name) for v in unknown for name, text in v.used.items() if text is None}
    )
    steps = []
    if missing:
        steps.append(f"Record first: {', '.join(missing)}.")
    waivable = [v.criterion for v in unmet if by_id[v.criterion].waivable]
    fixed = [v.criterion for v in unmet if not by_id[v.criterion].waivable]
    if waivable:
        steps.append(
            f"A documented waiver is possible for {', '.join(waivable)}; it will be listed as a deviation."
        )
    if fixed:
        steps.append(f"{', '.join(fixed)} cannot be waived: do not enrol this person.")
    raise NotEligible(
        "The participant cannot be enrolled: " + "; ".join(lines) + ".",
        rule="Eligibility: " + ", ".join(f"criterion {v.criterion}" for v in (*unmet, *unknown)),
        next_step=" ".join(steps),
        facts={
            "unmet": [v.criterion for v in unmet],
            "unknown": [v.criterion for v in unknown],
            "missing": missing,
        },
    )


def study_name(study: Study, reference: str) -> str:
    """A reference as the protocol's forms call it: `alsfrs_r.total` is `ALSFRS-R › Total`."""
    words = {
        "participant.consented_on": "the day of consent",
        "participant.enrolled_on": "the day of enrolment",
        "participant.infused_on": "the day of the first infusion",
        "participant.died_on": "the day of death",
        "this.date": "the day itself",
    }
    if reference in words:
        return words[reference]
    place = reference.removesuffix(")").rpartition(" ")[2]
    form_id, _, item_id = place.partition(".")
    form = study.protocol.forms_by_id.get(form_id)
    item = form.item(item_id.partition(".")[0]) if form else None
    return f"{form.title} › {item.label}" if form and item else reference
