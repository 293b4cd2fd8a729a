"""The ALSFRS-R (Cedarbaum 1999, J Neurol Sci 169:13-21): its items, total, subscores, percentage, and what can be wrong with a set of scores."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
Scores = Mapping[str, ArrayLike]

HIGHEST_ITEM_SCORE = 4
HIGHEST_TOTAL = 48


@dataclass(frozen=True)
class ScaleItem:
    """One item: `anchors[score]` is the short anchor of a score.

    `unchecked_scores` lists the scores whose anchor was not compared with the published form.
    """

    id: str
    number: str
    domain: str
    wording: str
    anchors: tuple[str, ...]
    unchecked_scores: tuple[int, ...] = ()

    @property
    def unchecked(self) -> bool:
        """Whether any anchor still has to be compared with the published form."""
        return bool(self.unchecked_scores)


@dataclass(frozen=True)
class ScoreFinding:
    """Something wrong in a set of scores: which items, which rows (counted from 0), and what."""

    problem: str
    items: tuple[str, ...]
    rows: tuple[int, ...]
    message: str


@dataclass(frozen=True, eq=False)
class Subscores:
    """The four subscores, each an array of 0 to 12 points; NaN where one of its three items is missing."""

    bulbar: FloatArray
    fine_motor: FloatArray
    gross_motor: FloatArray
    respiratory: FloatArray


def _item(
    id: str, number: str, domain: str, wording: str, anchors: str, unchecked: tuple[int, ...] = ()
) -> ScaleItem:
    """Make an item from anchors written as on the form, from 4 down to 0."""
    return ScaleItem(id, number, domain, wording, tuple(reversed(anchors.split(" | "))), unchecked)


ITEMS: tuple[ScaleItem, ...] = (
    _item(
        "speech",
        "1",
        "bulbar",
        "Speech",
        "normal | detectable disturbance | intelligible with repeating | speech plus non-vocal | no useful speech",
    ),
    _item(
        "salivation",
        "2",
        "bulbar",
        "Salivation",
        "normal | slight excess, night drooling | moderate excess | marked excess, some drooling"
        " | marked drooling, constant tissue",
    ),
    _item(
        "swallowing",
        "3",
        "bulbar",
        "Swallowing",
        "normal | occasional choking | diet consistency changed | supplemental tube feeding | all feeding by tube",
    ),
    _item(
        "handwriting",
        "4",
        "fine_motor",
        "Handwriting",
        "normal | slow or sloppy, legible | not all words legible | grips pen, cannot write | cannot grip pen",
    ),
    _item(
        "cutting_food",
        "5a",
        "fine_motor",
        "Cutting food and handling utensils: participants without gastrostomy",
        "normal | slow, no help | cuts most, some help | food cut by others, feeds self | needs feeding",
    ),
    _item(
        "handling_utensils",
        "5b",
        "fine_motor",
        "Cutting food and handling utensils: participants with gastrostomy",
        "normal | clumsy, independent | some help with fasteners | minimal help to carer | unable",
    ),
    _item(
        "dressing_hygiene",
        "6",
        "fine_motor",
        "Dressing and hygiene",
        "normal | independent with effort | intermittent help | attendant needed | total dependence",
    ),
    _item(
        "turning_in_bed",
        "7",
        "gross_motor",
        "Turning in bed and adjusting bed clothes",
        "normal | slow, no help | alone with great difficulty | can start, not finish | helpless",
    ),
    _item(
        "walking",
        "8",
        "gross_motor",
        "Walking",
        "normal | early difficulty | with assistance | non-ambulatory movement | no purposeful leg movement",
    ),
    _item(
        "climbing_stairs",
        "9",
        "gross_motor",
        "Climbing stairs",
        "normal | slow | mild unsteadiness or fatigue | needs assistance | cannot",
    ),
    _item(
        "dyspnoea",
        "10",
        "respiratory",
        "Dyspnoea",
        "none | when walking | eating, bathing or dressing | at rest"
        " | significant, mechanical support considered",
    ),
    _item(
        "orthopnoea",
        "11",
        "respiratory",
        "Orthopnoea",
        "none | some difficulty, no more than 2 pillows | more than 2 pillows | sleeps only sitting"
        " | unable to sleep",
        unchecked=(0, 1, 2, 3),
    ),
    _item(
        "respiratory_insufficiency",
        "12",
        "respiratory",
        "Respiratory insufficiency",
        "none | intermittent NIV | NIV through the night | NIV night and day | invasive ventilation",
    ),
)

WITHOUT_GASTROSTOMY = "cutting_food"
WITH_GASTROSTOMY = "handling_utensils"
_ITEM_5 = (WITHOUT_GASTROSTOMY, WITH_GASTROSTOMY)
_ELEVEN = tuple(item.id for item in ITEMS if item.id not in _ITEM_5)
_NUMBERS = {item.id: item.number for item in ITEMS}


def _rows(mask: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(row) for row in np.flatnonzero(mask))


def _not_allowed(values: FloatArray) -> NDArray[np.bool_]:
    """Scores that are neither missing nor a whole number from 0 to 4."""
    return ~np.isnan(values) & ~np.isin(values, np.arange(HIGHEST_ITEM_SCORE + 1))


def _as_arrays(items: Scores, needed: tuple[str, ...]) -> dict[str, FloatArray]:
    """Turn scores into float arrays of one length; an absent version of item 5 becomes all missing."""
    unknown = sorted(set(items) - set(_NUMBERS))
    if unknown:
        raise ValueError(f"not items of the ALSFRS-R: {', '.join(unknown)}")
    absent = [id for id in needed if id not in items]
    if set(absent) >= set(_ITEM_5) or any(id not in _ITEM_5 for id in absent):
        raise ValueError(f"ALSFRS-R items not given: {', '.join(absent)}")
    arrays: dict[str, FloatArray] = {}
    for id in needed:
        if id in items:
            try:
                arrays[id] = np.atleast_1d(np.asarray(items[id], dtype=np.float64))
            except (TypeError, ValueError):
                raise ValueError(f"ALSFRS-R item {id} ({_NUMBERS[id]}): the scores are not numbers") from None
    shapes = {array.shape for array in arrays.values()}
    if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
        raise ValueError("the ALSFRS-R items must be one-dimensional arrays of one length")
    for id in absent:
        arrays[id] = np.full(next(iter(shapes)), np.nan)
    return arrays


def as_flag(flag: ArrayLike, like: FloatArray, name: str) -> FloatArray:
    """Turn a true/false array into 1, 0 and NaN, with the shape of `like`."""
    array = np.atleast_1d(np.asarray(flag, dtype=np.float64))
    if array.shape != like.shape:
        raise ValueError(f"{name} has shape {array.shape}, the scores have {like.shape}")
    if not np.isin(array[~np.isnan(array)], (0.0, 1.0)).all():
        raise ValueError(f"{name} must be true or false in each row")
    return array


def as_scores(items: Scores, needed: tuple[str, ...]) -> dict[str, FloatArray]:
    """Turn the needed items into float arrays, or say which item holds a score that is not allowed."""
    arrays = _as_arrays(items, needed)
    for id, values in arrays.items():
        wrong = _rows(_not_allowed(values))
        if wrong:
            raise ValueError(
                f"ALSFRS-R item {id} ({_NUMBERS[id]}), rows {', '.join(map(str, wrong))}: "
                f"allowed are the whole numbers 0 to {HIGHEST_ITEM_SCORE}, or missing"
            )
    return arrays


def _item_5(arrays: dict[str, FloatArray], gastrostomy: ArrayLike | None) -> FloatArray:
    """The one version of item 5 that was answered; missing if both, neither, or the wrong one."""
    a, b = arrays[WITHOUT_GASTROSTOMY], arrays[WITH_GASTROSTOMY]
    one = np.isnan(a) ^ np.isnan(b)
    if gastrostomy is not None:
        has = as_flag(gastrostomy, a, "gastrostomy")
        one &= ~np.where(np.isnan(b), has == 1, has == 0)
    return np.where(one, np.where(np.isnan(b), a, b), np.nan)


def compute_subscores(items: Scores, gastrostomy: ArrayLike | None = None) -> Subscores:
    """Compute the bulbar, fine motor, gross motor and respiratory subscores.

    `items` maps item ids to arrays of n scores [points, 0-4, NaN missing], with `cutting_food` (5a),
    `handling_utensils` (5b) or both among them; each row must answer exactly one of the two. With
    `gastrostomy` (n true/false, NaN unknown), 5b without one or 5a with one counts as missing.
    Raises ValueError for an unknown or absent item, another length, or a score not allowed.
    Source: Cedarbaum 1999: items 1-3, 4-6, 7-9, 10-12.
    """
    scores = as_scores(items, tuple(_NUMBERS))
    five = _item_5(scores, gastrostomy)
    return Subscores(
        bulbar=scores["speech"] + scores["salivation"] + scores["swallowing"],
        fine_motor=scores["handwriting"] + five + scores["dressing_hygiene"],
        gross_motor=scores["turning_in_bed"] + scores["walking"] + scores["climbing_stairs"],
        respiratory=scores["dyspnoea"] + scores["orthopnoea"] + scores["respiratory_insufficiency"],
    )


def compute_total(items: Scores, gastrostomy: ArrayLike | None = None) -> FloatArray:
    """Compute the total, n values of 0-48 points; higher is better.

    Arguments and errors as in `compute_subscores`. A missing item, both or neither of 5a and 5b, or the
    wrong one of them gives no total (NaN); `check_scores` says which. Source: Cedarbaum 1999.
    """
    subscores = compute_subscores(items, gastrostomy)
    return subscores.bulbar + subscores.fine_motor + subscores.gross_motor + subscores.respiratory


def as_total(total: ArrayLike) -> FloatArray:
    """Turn totals into a float array, or raise ValueError for one outside 0-48."""
    array = np.asarray(total, dtype=np.float64)
    if ((array < 0) | (array > HIGHEST_TOTAL)).any():
        raise ValueError(f"an ALSFRS-R total lies outside 0 to {HIGHEST_TOTAL}")
    return array


def compute_percent(total: ArrayLike) -> FloatArray:
    """Compute 100 x total / 48 [%], the "percent" of Figure 2 of Nabavi 2021; ValueError outside 0-48."""
    return 100.0 * as_total(total) / HIGHEST_TOTAL


def check_scores(items: Scores, gastrostomy: ArrayLike | None = None) -> tuple[ScoreFinding, ...]:
    """Check scores and return what is wrong, item by item; an entirely empty row is no finding.

    Arguments as in `compute_total`. Problems: `not_allowed`, `missing`, `both_versions`, `no_version`,
    `wrong_version` (only with `gastrostomy`). Raises ValueError only where no row can be read at all.
    """
    arrays = _as_arrays(items, tuple(_NUMBERS))
    answered = ~np.all([np.isnan(values) for values in arrays.values()], axis=0)
    found: list[ScoreFinding] = []

    def find(problem: str, ids: tuple[str, ...], mask: NDArray[np.bool_], message: str) -> None:
        if mask.any():
            found.append(ScoreFinding(problem, ids, _rows(mask), message))

    for id, values in arrays.items():
        label = f"item {_NUMBERS[id]} ({id})"
        find("not_allowed", (id,), _not_allowed(values), f"{label} is not a whole number from 0 to 4")
        if id in _ELEVEN:
            find("missing", (id,), np.isnan(values) & answered, f"{label} is missing: no total")
    a, b = (~np.isnan(arrays[id]) for id in _ITEM_5)
    find(
        "both_versions", _ITEM_5, a & b, "items 5a and 5b are both answered: keep one, 5b with a gastrostomy"
    )
    find("no_version", _ITEM_5, ~a & ~b & answered, "neither item 5a nor item 5b is answered: no total")
    if gastrostomy is not None:
        has = as_flag(gastrostomy, arrays[WITHOUT_GASTROSTOMY], "gastrostomy")
        find("wrong_version", (_ITEM_5[0],), a & ~b & (has == 1), "5a is answered with a gastrostomy: use 5b")
        find(
            "wrong_version", (_ITEM_5[1],), b & ~a & (has == 0), "5b is answered without gastrostomy: use 5a"
        )
    return tuple(found)
