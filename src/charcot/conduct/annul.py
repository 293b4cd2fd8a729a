"""Say that an entry about the product was entered in error: it stays readable and no longer counts."""

from charcot.clinical_time import ClinicalTime
from charcot.conduct.at_site import require_at, site_of_donor, site_of_dose
from charcot.conduct.move_vial import require_free, stock_of
from charcot.conduct.on_product import draft_deviation, draft_on, require_donor, require_dose, require_lot
from charcot.conduct.trial import Situation, Trial, act_on_trial, require_every_site, require_reason
from charcot.ledger import Actor, Draft, Entry, Kind, name_in, subject_of
from charcot.product import Donor, DoseCourse, Lot
from charcot.refusal import OutOfOrder

OF_A_LOT = (Kind.STEP_PERFORMED, Kind.CELLS_COUNTED, Kind.VIAL_MOVED)
OF_A_DOSE = (
    Kind.LABELS_PRINTED,
    Kind.LABELS_RECONCILED,
    Kind.DOSE_ISSUED,
    Kind.DOSE_HANDED_OVER,
    Kind.DOSE_RECEIVED,
    Kind.BEDSIDE_CHECKED,
    Kind.DOSE_ENDED,
)
WHERE_IT_IS_MADE = (Kind.LABELS_PRINTED, Kind.LABELS_RECONCILED, Kind.DOSE_ISSUED)
OF_A_DONOR = (Kind.DONOR_REACTION, Kind.DONOR_REACTION_FOLLOWED)
"""What can be entered in error. A result of a test never is: it is found invalid in its review, and both are kept."""
RULE = "Product: what was entered in error is kept with the reason, and what rests on it comes first"


def annul_product_entry(
    trial: Trial, actor: Actor, *, about: str, entry: int, reason: str
) -> tuple[Entry, ...]:
    """Takes entry number `entry` about `product/LOT`, `dose/DOSE` or `donor/DONOR` out of everything that is folded, with a reason.

    A step only while nothing rests on what it made; of a dose only the last thing that happened, before it is given; of a
    donor's reaction what was said last. A
    certification that rested on the entry no longer stands, and a deviation says so. What is right is then entered anew.
    """

    def judge(situation: Situation) -> list[Draft]:
        why = require_reason(reason, RULE)
        lot, dose, donor = (name_in(about, kind) for kind in ("product", "dose", "donor"))
        if lot is not None:
            require_every_site(situation, actor)
            return _of_lot(trial, situation, actor, require_lot(situation, lot), entry, why)
        if donor is not None:
            require_at(situation, actor, "annul_product_entry", site_of_donor(situation, donor))
            return _of_donor(situation, actor, require_donor(situation, donor), entry, why)
        require_at(situation, actor, "annul_product_entry", site_of_dose(situation, dose or about))
        return _of_dose(situation, actor, require_dose(situation, dose or about), entry, why)

    return act_on_trial(trial, actor, "annul_product_entry", judge, of_site=True, alone=True)


def _of_lot(trial: Trial, situation: Situation, actor: Actor, lot: Lot, entry: int, why: str) -> list[Draft]:
    found = _require_standing(lot.standing, entry, OF_A_LOT, lot.id)
    _require_places(trial, lot, found)
    drafts = [_draft(situation, actor, found, found.subject, why)]
    if found.kind is Kind.STEP_PERFORMED:
        _require_nothing_on(lot, found)
        for used in found.data["materials"]:
            subject = subject_of("material", used["id"])
            drafts += [
                _draft(situation, actor, one, subject, why)
                for one in situation.about(subject)
                if one.kind is Kind.MATERIAL_USED and one.act == found.act
            ]
    certified = lot.certification
    if (
        certified is not None
        and certified.data["outcome"] != "rejected"
        and found.sequence < certified.sequence
    ):
        words = (
            f"The certification of {certified.recorded_at[:10]} (entry {certified.sequence}) rested on entry {entry}, "
            "which was entered in error"
        )
        today = ClinicalTime(f"{situation.now:%Y-%m-%dT%H:%M}")
        drafts.append(draft_deviation(situation, actor, "annul_product_entry", lot, 1, "major", words, today))
    return drafts


def _require_nothing_on(lot: Lot, step: Entry) -> None:
    children = {str(child["id"]) for child in step.data["children"]}
    resting = [t.step for t in lot.genealogy.transformations if children & {p.node for p in t.parents}]
    resting += [f"the count of {node}" for node in lot.counts if node in children]
    resting += [f"test {test.id}" for test in lot.tests if test.node in children]
    if step.data["does"] == "formulate":
        resting.append("its dose")
    if resting:
        raise OutOfOrder(
            f"Entry {step.sequence} cannot be taken out: {', '.join(resting)} rests on it.",
            rule=RULE,
            next_step="Take out first what rests on it. Where that cannot be, report a deviation.",
            facts={"entry": step.sequence, "resting": resting},
        )


def _of_dose(situation: Situation, actor: Actor, course: DoseCourse, entry: int, why: str) -> list[Draft]:
    found = _require_standing(course.entries, entry, OF_A_DOSE, course.id)
    if found.kind in WHERE_IT_IS_MADE:
        require_every_site(situation, actor)
    if found is not course.entries[-1]:
        raise OutOfOrder(
            f"More happened to dose {course.id} after entry {entry}.",
            rule=RULE,
            next_step="Of a dose only the last entry is taken out. Where the dose was given, report a deviation.",
            facts={"entry": entry},
        )
    return [_draft(situation, actor, found, found.subject, why)]


def _require_places(trial: Trial, lot: Lot, found: Entry) -> None:
    """Vials that would be frozen again, or lie where they lay before, need a place that is free."""
    stock = stock_of(trial)
    if found.kind is Kind.VIAL_MOVED:
        moves = [
            e for e in lot.standing if e.kind is Kind.VIAL_MOVED and e.data["node"] == found.data["node"]
        ]
        if found is not moves[-1]:
            raise OutOfOrder(
                f"{found.data['node']} was moved again after entry {found.sequence}.",
                rule=RULE,
                next_step="Take out the later move first, or move the vial to where it lies.",
                facts={"entry": found.sequence},
            )
        require_free(stock, {found.data["node"]: found.data["from"]} if found.data["from"] else {})
    elif found.kind is Kind.STEP_PERFORMED:
        taken = {str(parent["id"]) for parent in found.data["parents"]}
        lay = {one.vial.id: one.stays[-1].place for one in stock if one.vial.id in taken and one.stays}
        require_free(stock, lay)


def _of_donor(situation: Situation, actor: Actor, donor: Donor, entry: int, why: str) -> list[Draft]:
    said = tuple(e for one in donor.reactions for e in (one.reported, *one.followed))
    found = _require_standing(said, entry, OF_A_DONOR, donor.id)
    if not any(found is one.last for one in donor.reactions):
        raise OutOfOrder(
            f"More was said of this reaction after entry {entry}.",
            rule=RULE,
            next_step="Take out first what was said of it later.",
            facts={"entry": entry},
        )
    return [_draft(situation, actor, found, found.subject, why)]


def _require_standing(entries: tuple[Entry, ...], entry: int, kinds: tuple[Kind, ...], name: str) -> Entry:
    found = next((e for e in entries if e.sequence == entry and e.kind in kinds), None)
    if found is None:
        raise OutOfOrder(
            f"Entry {entry} of {name} cannot be taken out as entered in error.",
            rule="Product: steps, counts, moves, reactions of a donor, and what happens to a dose before it is given can be entered in error",
            next_step="Check the number. A result is found invalid in its review, a certification is ended by a recall.",
            facts={"entry": entry},
        )
    return found


def _draft(situation: Situation, actor: Actor, entry: Entry, subject: str, why: str) -> Draft:
    data = {"entry": entry.sequence, "was": entry.kind.value}
    return draft_on(
        situation, actor, "annul_product_entry", Kind.PRODUCT_ENTRY_ANNULLED, subject, data, None, why
    )
