"""Compensation: how much of each dye is seen in the other channels, and its removal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from charcot.product.flow_cytometry.tube import Tube
from charcot.refusal import Refusal

RULE = "Flow cytometry, compensation: control and sample are compensated with the same, complete matrix"


class NoCompensation(Refusal):
    """A spillover matrix cannot be had or cannot be used."""


@dataclass(frozen=True)
class Spillover:
    """What share of each dye (row) is seen in each detector (column); the dye's own detector is 1."""

    dyes: tuple[str, ...]
    detectors: tuple[str, ...]
    matrix: NDArray[np.float64] = field(repr=False)


def _refuse(what: str, next_step: str) -> NoCompensation:
    return NoCompensation(what, rule=RULE, next_step=next_step)


def keep_apart(channels: Sequence[str]) -> Spillover:
    """The matrix of channels that are taken as they were measured."""
    return Spillover(tuple(channels), tuple(channels), np.eye(len(channels)))


def estimate_spillover(unstained: Tube, stained: Mapping[str, Tube], detectors: Sequence[str]) -> Spillover:
    """The spillover matrix from single stains: medians above the unstained tube's, over the brightest.

    `stained` gives the tube stained for each detector, in the order of `detectors`. Raises NoCompensation
    where a tube is missing or brightest elsewhere. Source: Bagwell & Adams 1993, with medians.
    """
    missing = [name for name in detectors if name not in stained]
    if missing:
        raise _refuse(
            f"There is no single stain for {', '.join(missing)}",
            "Measure a single stain for each colour of the panel, or take the matrix that the file holds.",
        )
    dark = _medians(unstained, detectors)
    rows = []
    for place, name in enumerate(detectors):
        above = _medians(stained[name], detectors) - dark
        if above[place] <= 0 or int(np.argmax(above)) != place:
            raise _refuse(
                f"The single stain for {name} is brightest in {detectors[int(np.argmax(above))]}",
                "Check which tube holds which stain.",
            )
        rows.append(above / above[place])
    return Spillover(tuple(detectors), tuple(detectors), np.array(rows))


def _medians(tube: Tube, detectors: Sequence[str]) -> NDArray[np.float64]:
    return np.array([np.median(tube.column(name)) for name in detectors])


def parse_spillover(text: str) -> Spillover:
    """The matrix that a file holds as $SPILLOVER: the number of channels, their names, and the values row by row.

    Raises NoCompensation where the text is not such a matrix.

    >>> parse_spillover("2,FL1-H,FL2-H,1,0.25,0.01,1").matrix.tolist()
    [[1.0, 0.25], [0.01, 1.0]]
    """
    parts = [part.strip() for part in text.split(",")]
    try:
        size = int(parts[0])
        names = tuple(parts[1 : 1 + size])
        matrix = np.array([float(part) for part in parts[1 + size :]]).reshape(size, size)
    except ValueError as error:
        raise _refuse(
            "The spillover matrix in the file is not complete",
            "Take the matrix from single stains, or export the file again.",
        ) from error
    if size < 1 or len(set(names)) != size or not np.isfinite(matrix).all():
        raise _refuse(
            "The spillover matrix in the file names a channel twice or holds what is no number",
            "Take the matrix from single stains, or export the file again.",
        )
    return Spillover(names, names, matrix)


def compensate(
    events: NDArray[np.float64], names: Sequence[str], spillover: Spillover
) -> NDArray[np.float64]:
    """What each dye gave (events x dyes). `events` are all channels, `names` their names.

    As many dyes as detectors are solved for; fewer are fitted by least squares. Raises NoCompensation
    where a detector is missing or two dyes cannot be told apart.
    """
    missing = [name for name in spillover.detectors if name not in names]
    if missing:
        raise _refuse(
            f"The file has no channel {', '.join(missing)}, which the spillover matrix names",
            "Choose the matrix that was made for this panel.",
        )
    dyes, seen = spillover.matrix.shape
    if dyes > seen or np.linalg.matrix_rank(spillover.matrix) < dyes:
        raise _refuse(
            "The spillover matrix cannot be solved: two of its dyes look the same",
            "Measure the single stains again.",
        )
    measured = events[:, [list(names).index(name) for name in spillover.detectors]]
    if dyes == seen:
        return np.asarray(measured @ np.linalg.inv(spillover.matrix))
    return np.asarray(measured @ np.linalg.pinv(spillover.matrix))
