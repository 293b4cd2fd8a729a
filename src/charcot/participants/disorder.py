"""Whether the dates of a participant's course can stand together, whichever of them was entered last."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from charcot.clinical_time import ClinicalTime
from charcot.participants.casebook import Casebook, FormVersion
from charcot.participants.standing import Standing
from charcot.protocol import Form, Protocol
from charcot.refusal import OutOfOrder


@dataclass(frozen=True)
class Disorder:
    """Two dates that contradict each other. `key` says which, and stays the same when only texts change."""

    key: tuple[str, ...]
    what: str
    rule: str
    next_step: str


@dataclass(frozen=True)
class _Dated:
    """Something that happened to the participant; `ends_with` says after which ends it cannot have happened."""

    name: str
    at: ClinicalTime
    ends_with: tuple[str, ...]
    infusion: bool = False


ENDS = ("death", "the end of follow-up")
_CHECK = "Check the two dates, and correct the one that is wrong."


def find_disorder(protocol: Protocol, standing: Standing, casebook: Casebook) -> tuple[Disorder, ...]:
    """Every contradiction between the clinical times of one participant, in a fixed order."""
    dated = list(_dated(protocol, standing, casebook))
    return (
        *_before_screening(standing),
        *_before_consent(standing, dated),
        *_around_treatment(standing, dated),
        *_after_the_end(standing, dated),
        *_before_anchor(protocol, standing, casebook),
    )


def require_order(before: Sequence[Disorder], after: Sequence[Disorder]) -> None:
    """Raises OutOfOrder where `after` holds a contradiction that `before` did not."""
    known = {disorder.key for disorder in before}
    new = [disorder for disorder in after if disorder.key not in known]
    if new:
        raise OutOfOrder(
            " ".join(disorder.what for disorder in new[:5]),
            rule=new[0].rule,
            next_step=new[0].next_step,
            facts={"contradictions": [list(disorder.key) for disorder in new]},
        )


def _dated(protocol: Protocol, standing: Standing, casebook: Casebook) -> Iterator[_Dated]:
    for key, versions in sorted(casebook.forms.items()):
        form = protocol.forms_by_id.get(key.form)
        part = form.plays if form else None
        if part == "consent":
            continue
        yield _Dated(
            _name(form, versions[-1]),
            versions[-1].clinical_time,
            _ends_with(part, versions[-1]),
            part == "infusion",
        )
    for version in standing.consents[1:]:
        name = f"Consent no. {version.key.instance}"
        yield _Dated(name, version.clinical_time, ENDS[:1])
    for number, entry in enumerate(standing.assessments, start=1):
        yield _Dated(f"Assessment no. {number}", ClinicalTime(entry.clinical_time or ""), ENDS)
    for criterion, waiver in standing.waivers.items():
        yield _Dated(f"The waiver of {criterion}", ClinicalTime(waiver.entry.clinical_time or ""), ENDS)
    if standing.enrolled_at is not None:
        yield _Dated("Enrolment", standing.enrolled_at, ENDS)
    for withdrawal in standing.withdrawals:
        yield _Dated(
            f"Withdrawal ({withdrawal.scope.replace('_', ' ')})",
            withdrawal.at,
            () if withdrawal.scope == "data" else ENDS[:1],
        )
    if standing.lost is not None:
        yield _Dated("Loss to follow-up", ClinicalTime(standing.lost.clinical_time or ""), ENDS[:1])


def _name(form: Form | None, version: FormVersion) -> str:
    key = version.key
    title = form.title if form else key.form
    return (
        title
        + (f" at {key.encounter}" if key.encounter else "")
        + (f" no. {key.instance}" if key.instance > 1 else "")
    )


def _ends_with(part: str | None, version: FormVersion) -> tuple[str, ...]:
    if part == "death":
        return ()
    if part == "contact":
        return ENDS[:1] if version.text("alive") == "yes" else ()
    return ENDS


def _before_screening(standing: Standing) -> Iterator[Disorder]:
    screened = standing.screened.clinical_time if standing.screened else None
    consented = standing.consented_at
    if screened and consented is not None and consented.surely_before(ClinicalTime(screened)):
        yield Disorder(
            ("screening", "consent"),
            f"Consent on {consented.text} lies before screening on {screened}.",
            "Screening: the screening log comes first",
            _CHECK,
        )


def _before_consent(standing: Standing, dated: Sequence[_Dated]) -> Iterator[Disorder]:
    consented = standing.consented_at
    for each in dated:
        if consented is None or each.at.surely_before(consented):
            yield Disorder(
                ("consent", each.name),
                f"{each.name} ({each.at.text}) lies before consent"
                + (f" ({consented.text})." if consented else ", which is not recorded."),
                "Consent: nothing is done in the trial before the participant has consented",
                "Check the two dates. What was found before consent is medical history and belongs on that form.",
            )


def _around_treatment(standing: Standing, dated: Sequence[_Dated]) -> Iterator[Disorder]:
    enrolled = standing.enrolled_at
    for each in dated:
        if not each.infusion:
            continue
        if enrolled is None or each.at.surely_before(enrolled):
            yield Disorder(
                ("enrolment", each.name),
                f"{each.name} ({each.at.text}) lies before enrolment"
                + (f" ({enrolled.text})." if enrolled else ", which is not recorded."),
                "Enrolment: no intervention before enrolment",
                _CHECK,
            )
        for withdrawal in standing.withdrawals:
            if withdrawal.scope == "treatment" and withdrawal.at.surely_before(each.at):
                yield Disorder(
                    ("withdrawal of treatment", each.name),
                    f"{each.name} ({each.at.text}) lies after the withdrawal of consent to treatment ({withdrawal.at.text}).",
                    "Consent: no treatment after consent to it was withdrawn",
                    _CHECK,
                )


def _after_the_end(standing: Standing, dated: Sequence[_Dated]) -> Iterator[Disorder]:
    for ended, how in ((standing.died_at, ENDS[0]), (standing.follow_up_ended_at, ENDS[1])):
        for each in dated:
            if ended is not None and how in each.ends_with and ended.surely_before(each.at):
                yield Disorder(
                    (how, each.name),
                    f"{each.name} ({each.at.text}) lies after {how} ({ended.text}).",
                    "Course: nothing is recorded for a time after death or after follow-up has ended",
                    "Check the two dates. Facts from before may still be recorded, with the date on which they happened.",
                )


def _before_anchor(protocol: Protocol, standing: Standing, casebook: Casebook) -> Iterator[Disorder]:
    for key, versions in sorted(casebook.forms.items()):
        encounter = protocol.encounters_by_id.get(key.encounter)
        if encounter is None or encounter.target is None or encounter.target.amount <= 0:
            continue
        anchor = standing.anchor(encounter.anchor)
        at = versions[-1].clinical_time
        if anchor is None or at.surely_before(anchor):
            how = "and none is recorded" if anchor is None else f"which was on {anchor.text}"
            yield Disorder(
                (encounter.anchor or "", str(key)),
                f"{encounter.label} ({key.form}) comes after the {encounter.anchor}, {how}; this is {at.text}.",
                f"Schedule: {encounter.id} is {encounter.target} from {encounter.anchor}",
                f"Record the {encounter.anchor} first." if anchor is None else _CHECK,
            )
