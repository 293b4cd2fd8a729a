"""Move a frozen vial, report that it was too warm where vials lie, and see that no two lie in one place."""

from collections.abc import Mapping, Sequence

from charcot.clinical_time import ClinicalTime
from charcot.conduct.on_product import draft_deviation, draft_on, require_minute, require_number
from charcot.conduct.report_product_deviation import SEVERITIES
from charcot.conduct.trial import Situation, Trial, act_on_trial, require_moment, require_one_of, require_text
from charcot.ledger import Actor, Draft, Entry, Kind, name_in, subject_of
from charcot.product import fold_lot
from charcot.product.storage import PLACE, StoredVial, find_at, is_within, list_stock, same_place
from charcot.refusal import BadValue, OutOfOrder

RULE = "Storage: each vial has a place of its own: tank, rack, box and position"
_OF_STOCK = (
    Kind.TISSUE_PROCURED,
    Kind.STEP_PERFORMED,
    Kind.VIAL_MOVED,
    Kind.PRODUCT_ENTRY_ANNULLED,
    Kind.PRODUCT_DEVIATION_REPORTED,
)


class PlaceTaken(OutOfOrder):
    """Another vial lies there."""


def move_vial(
    trial: Trial, actor: Actor, *, node: str, at: str, place: str, reason: str | None = None
) -> tuple[Entry, ...]:
    """Moves the vial `node` to `place`, as in `T1/R2/B03/A7`. Raises PlaceTaken where another vial lies there."""

    def judge(situation: Situation) -> list[Draft]:
        stock = stock_of(trial)
        moment = require_minute(at, situation)
        vial = next((one for one in stock if one.vial.id == node), None)
        if vial is None or vial.state != "frozen":
            raise OutOfOrder(
                f"There is no vial {node!r}." if vial is None else f"{node} is {vial.state}.",
                rule="Storage: what is moved is a frozen vial",
                next_step="Check the code that was scanned. Thawed cells are discarded, or used.",
                facts={"node": node},
            )
        wanted = require_place(place)
        if vial.place is not None and same_place(vial.place, wanted):
            raise BadValue(
                f"{node} lies there already.",
                rule=RULE,
                next_step="Check the place that was scanned.",
                facts={"node": node, "to": wanted},
            )
        require_free(stock, {node: wanted})
        since = vial.stays[-1].since if vial.stays else vial.vial.began
        if moment.surely_before(ClinicalTime(since)):
            raise OutOfOrder(
                f"{at} lies before the vial came to where it lies ({since}).",
                rule="Genealogy: nothing comes before what it was made from",
                next_step="Check the time.",
                facts={"node": node, "at": at},
            )
        data = {"node": node, "from": vial.place, "to": wanted}
        subject = subject_of("product", vial.lot.id)
        return [draft_on(situation, actor, "move_vial", Kind.VIAL_MOVED, subject, data, moment, reason)]

    return act_on_trial(trial, actor, "move_vial", judge, alone=True)


def report_storage_excursion(
    trial: Trial,
    actor: Actor,
    *,
    place: str,
    at: str,
    until: str,
    temperature: str,
    severity: str,
    description: str,
) -> tuple[Entry, ...]:
    """Reports that a tank, or a rack, box or position of one, was as warm as `temperature` [degrees Celsius] from `at` to `until`.

    A deviation is opened for each lot that had vials there then, and names them; also for vials that were thawed since.
    """

    def judge(situation: Situation) -> list[Draft]:
        began, ended = require_moment(at, situation), require_moment(until, situation)
        if ended.surely_before(began):
            raise BadValue(
                f"It ended ({until}) before it began ({at}).",
                rule="Storage: an excursion has a beginning and an end",
                next_step="Check the two times.",
                facts={"at": at, "until": until},
            )
        require_number(temperature, "temperature", above=None)
        require_one_of(severity, SEVERITIES, "severity")
        said = require_text(description, "description")
        part = place.strip().strip("/")
        found: dict[str, list[StoredVial]] = {}
        for one in stock_of(trial):
            if any(is_within(stay.place, part) and stay.overlaps(began, ended) for stay in one.stays):
                found.setdefault(one.lot.id, []).append(one)
        if not found:
            raise OutOfOrder(
                f"No vial lay in {part!r} between {at} and {until}.",
                rule="Storage: an excursion is reported for the vials that lay there",
                next_step="Check place and times. What was stored later is not affected.",
                facts={"place": part},
            )
        drafts = []
        for vials in found.values():
            names = ", ".join(one.vial.id for one in vials)
            words = f"{part} was at up to {temperature} °C from {at} to {until} with {names} in it: {said}"
            more = {"vials": names, "place": part, "temperature": temperature, "until": until}
            drafts.append(
                draft_deviation(
                    situation, actor, "report_storage_excursion", vials[0].lot, 1, severity, words, began, **more
                )
            )  # fmt: skip
        return drafts

    return act_on_trial(trial, actor, "report_storage_excursion", judge, alone=True)


def stock_of(trial: Trial) -> tuple[StoredVial, ...]:
    """Every vial of the trial; for acts that are judged again after any entry."""
    of_lots: dict[str, list[Entry]] = {}
    for entry in trial.ledger.entries(kinds=_OF_STOCK):
        lot = name_in(entry.subject, "product")
        if lot is not None:
            of_lots.setdefault(lot, []).append(entry)
    return list_stock(found for entries in of_lots.values() if (found := fold_lot(entries)) is not None)


def require_place(text: str) -> str:
    """A place for one vial; raises BadValue."""
    place = text.strip()
    if not PLACE.fullmatch(place):
        raise BadValue(
            f"{text!r} is no place for a vial.",
            rule=RULE,
            next_step="Write tank, rack, box and position with strokes between, such as T1/R2/B03/A7.",
            facts={"given": text},
        )
    return place


def require_free(stock: Sequence[StoredVial], wanted: Mapping[str, str]) -> None:
    """Raises PlaceTaken where another vial lies at one of the wanted places (vial to place), or two would."""
    claimed: dict[str, str] = {}
    for node, place in wanted.items():
        lying = find_at([one for one in stock if one.vial.id != node], place)
        other = claimed.get(place.casefold()) or (None if lying is None else lying.vial.id)
        if other is not None:
            raise PlaceTaken(
                f"{other} lies at {place}." if lying else f"{other} and {node} would both lie at {place}.",
                rule=RULE,
                next_step="Choose a free place, or move the other vial first.",
                facts={"place": place, "node": node, "other": other},
            )
        claimed[place.casefold()] = node
