"""Synthetic FCS files: tubes of an imagined cytometer, drawn with a seed and marked synthetic in name and header."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from flowio.create_fcs import create_fcs

SCATTER = ("FSC-A", "SSC-A")
COLOURS = ("FITC-A", "PE-A", "PerCP-A", "APC-A")
SPILL = np.array([[1, 0.20, 0.03, 0.0], [0.01, 1, 0.14, 0.0], [0.01, 0.15, 1, 0.20], [0.0, 0.0, 0.03, 1]])
"""What share of each colour the imagined detectors see in each other."""
DIM, BRIGHT, SPREAD = 100.0, 8000.0, 0.35
"""Medians of unstained and stained cells, and the spread of their logarithms."""


@dataclass(frozen=True)
class SyntheticTube:
    """A file: its name, which says that it is synthetic, and its bytes."""

    name: str
    content: bytes


def draw_tube(
    label: str,
    shares: Mapping[str, float],
    *,
    seed: Sequence[int],
    events: int = 20_000,
    stains: Mapping[str, str] | None = None,
    debris: float = 0.08,
    tells_spillover: bool = False,
) -> SyntheticTube:
    """A tube of four colours in which `shares` of the cells are bright in the channels named [0 to 1].

    `stains` names the marker of a channel ($PnS). The same seed gives the same bytes. Fluorescence spills
    over by `SPILL`; unless the file `tells_spillover`, single stains have to tell it.
    """
    generator = np.random.default_rng(list(seed))
    cells = generator.random(events) >= debris
    forward = np.where(
        cells, generator.normal(90_000, 12_000, events), generator.normal(15_000, 5_000, events)
    )
    side = np.where(cells, generator.normal(60_000, 12_000, events), generator.normal(12_000, 5_000, events))
    light = np.empty((events, len(COLOURS)))
    for place, colour in enumerate(COLOURS):
        bright = cells & (generator.random(events) < shares.get(colour, 0.0))
        median = np.where(bright, BRIGHT, DIM)
        light[:, place] = median * np.exp(generator.normal(0, SPREAD, events))
    measured = light @ SPILL + generator.normal(0, 15, light.shape)
    table = np.column_stack([np.clip(forward, 1, None), np.clip(side, 1, None), measured]).astype("<f4")
    stains = stains or {}
    told = {"spillover": ",".join(["4", *COLOURS, *(f"{share:g}" for share in SPILL.ravel())])}
    name = f"synthetic_{label}.fcs"
    holder = io.BytesIO()
    create_fcs(  # type: ignore[no-untyped-call]  # flowio states no types
        holder,
        table.flatten().tolist(),
        [*SCATTER, *COLOURS],
        opt_channel_names=["", "", *(stains.get(colour, "") for colour in COLOURS)],
        metadata_dict={
            "cyt": "Charcot simulation (no cytometer)",
            "com": f"SYNTHETIC DATA, drawn with seed {'-'.join(map(str, seed))}; no person was measured",
            "fil": name,
            **(told if tells_spillover else {}),
        },
    )
    return SyntheticTube(name, holder.getvalue())
