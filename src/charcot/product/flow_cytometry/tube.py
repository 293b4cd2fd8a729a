"""One tube as the cytometer measured it: an FCS file, read strictly or refused in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charcot.product.flow_cytometry.fcs_text import (
    EXPORT_AGAIN,
    RULE,
    FcsText,
    UnreadableTube,
    parse_fcs_text,
    refuse_tube,
)

__all__ = ["EXPORT_AGAIN", "RULE", "Channel", "Tube", "UnreadableTube", "parse_tube"]
ORDERS = {
    "1,2,3,4": "<",
    "4,3,2,1": ">",
    "1,2": "<",
    "2,1": ">",
    "1": "<",
    "1,2,3,4,5,6,7,8": "<",
    "8,7,6,5,4,3,2,1": ">",
}
"""Byte orders ($BYTEORD) that are read: from the least significant byte on, or from the most significant."""
BITS = {"I": (8, 16, 32), "F": (32,), "D": (64,)}
"""Types of numbers ($DATATYPE) and the bits ($PnB) that each may have."""
MOST_BYTES = 1 << 30
"""The largest file that is read [bytes]."""
SCALE = "linear: $PnE decades, $PnG gain and $TIMESTEP applied"
"""How events are scaled; kept with each result."""
ONE_BYTE_MORE = "The file counts the end of its data one byte too far, as many cytometers do; the number of events confirms it."
NOT_COUNTED = (
    "The file does not say how many events it holds, which FCS 2.0 allows; they were counted from its data."
)
UNNAMED_MATRIX = "The file holds a compensation matrix as $COMP, which does not say in which direction it is meant; it was not read."


@dataclass(frozen=True)
class Channel:
    """One measured parameter: its short name ($PnN), what it is stained with ($PnS), and its scale.

    `decades` and `offset` are $PnE (0 decades: stored linearly), `range` is $PnR, `gain` is $PnG.
    """

    name: str
    stain: str
    range: float
    decades: float
    offset: float
    gain: float


@dataclass(frozen=True)
class Tube:
    """What was measured: `events` (events x channels) on the scale `SCALE`, and the SHA-256 of the file's bytes.

    `keywords` are all that the file's text says, people's names too: they are not shown and not exported.
    `data_place` are the first and last byte of the data.
    """

    version: str
    channels: tuple[Channel, ...]
    events: NDArray[np.float64] = field(repr=False)
    sha256: str
    spillover_text: str | None = None
    notes: tuple[str, ...] = ()
    data_place: tuple[int, int] = (0, 0)
    keywords: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.events)

    @property
    def names(self) -> tuple[str, ...]:
        """The short names of the channels, in the file's order."""
        return tuple(channel.name for channel in self.channels)

    def column(self, name: str) -> NDArray[np.float64]:
        """The events of one channel. Raises UnreadableTube where the tube has no such channel."""
        return self.events[:, self.place(name)]

    def place(self, name: str) -> int:
        """Where a channel stands. Raises UnreadableTube where the tube has no such channel."""
        if name not in self.names:
            raise refuse_tube(
                f"There is no channel {name!r} in this file; it has {', '.join(self.names)}",
                "Choose one of the file's channels, or upload the file that belongs to this panel.",
            )
        return self.names.index(name)


def parse_tube(content: bytes, *, most_bytes: int = MOST_BYTES) -> Tube:
    """The tube in the bytes of an FCS file 2.0, 3.0, 3.1 or 3.2.

    Raises UnreadableTube for what is no FCS file, is cut off, contradicts itself, or is stored in a way
    that cannot be read: several data sets, histograms, ASCII data, integers of 24 or other odd bits,
    unknown byte orders, values that are no numbers. A check sum (CRC) is not looked at: many cytometers
    write none. Source: ISAC FCS 3.1 (Spidlen 2010) and 3.2 (Spidlen 2021).
    """
    if len(content) > most_bytes:
        raise refuse_tube(
            f"The file has {len(content):,} bytes; at most {most_bytes:,} are read",
            "Export fewer events, or only the channels of the panel.",
        )
    head = parse_fcs_text(content)
    stored = _require_readable(head)
    count, notes = _require_fitting(head, stored, len(content))
    channels = _channels(head, len(stored.names or ()))
    raw = np.frombuffer(content, dtype=stored, count=count, offset=head.data_place[0])
    events = np.empty((count, len(channels)))
    kinds = _kinds(head, len(channels))
    for place, channel in enumerate(channels):
        events[:, place] = _scaled(raw[f"{place}"], kinds[place], channel, head)
    broken = int(np.count_nonzero(~np.isfinite(events)))
    if broken:
        raise refuse_tube(f"{broken:,} values of the file are no numbers")
    spillover = next(
        (text for key in ("spillover", "spill") if (text := head.keywords.get(key, "").strip())), None
    )
    if spillover is None and head.keywords.get("comp", "").strip():
        notes += (UNNAMED_MATRIX,)
    return Tube(
        version=head.version,
        channels=channels,
        events=events,
        sha256=sha256(content).hexdigest(),
        spillover_text=spillover,
        notes=notes,
        data_place=head.data_place,
        keywords=head.keywords,
    )


def _scaled(raw: NDArray[Any], kind: str, channel: Channel, head: FcsText) -> NDArray[np.float64]:
    """Raw values on a linear scale: bits above the range are no data, then decades, gain, and the time step of time."""
    if kind == "I":
        mask = (1 << max(int(channel.range) - 1, 0).bit_length()) - 1
        raw = np.bitwise_and(raw, raw.dtype.type(mask))
    values = raw.astype(np.float64)
    if channel.name.lower() == "time":
        return values * head.number("timestep", 1.0)
    with np.errstate(over="ignore"):
        if channel.decades > 0:
            values = 10 ** (channel.decades * values / channel.range) * channel.offset
        return values if channel.gain in (0.0, 1.0) else values / channel.gain


def _require_readable(head: FcsText) -> np.dtype[np.void]:
    """How one event is stored. Raises UnreadableTube where the text declares what cannot be read."""
    if head.keywords.get("nextdata", "0").strip() not in ("", "0") and head.whole("nextdata"):
        raise refuse_tube(
            "The file holds several data sets; one tube is one file",
            "Export each tube into a file of its own.",
        )
    if (head.keywords.get("mode", "").strip().upper() or "L") != "L":
        raise refuse_tube("The file holds histograms, not events", "Export the events as a list ($MODE L).")
    width = head.whole("par")
    if not 1 <= width <= 10_000:
        raise refuse_tube(f"The file is broken: it says that it has {width:,} channels")
    names = [head.keywords.get(f"p{n}n", "").strip() for n in range(1, width + 1)]
    if len(set(names)) != len(names) or not all(names):
        raise refuse_tube("Its channels are not each named, and named differently")
    order = head.required("byteord").replace(" ", "")
    if order not in ORDERS:
        raise refuse_tube(f"Its byte order is {order[:20]!r}, which is not known")
    stored = []
    for n, kind in enumerate(_kinds(head, width), start=1):
        if kind not in BITS:
            raise refuse_tube(f"Its data are stored as {kind[:20]!r}; integers and floating point are read")
        said = head.required(f"p{n}b")
        bits = int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 0
        if bits not in BITS[kind]:
            raise refuse_tube(
                f"Its values are stored in {said[:20]} bits, which cannot be read "
                f"(for this type: {', '.join(map(str, BITS[kind]))})"
            )
        stored.append((f"{n - 1}", f"{ORDERS[order]}{'u' if kind == 'I' else 'f'}{bits // 8}"))
        limit = head.number(f"p{n}r", 0.0)
        if kind == "I" and not 2 <= limit <= 2**bits:
            more = "more than" if limit > 2**bits else "not what"
            raise refuse_tube(f"A channel's range ($P{n}R) is {more} {bits} bits hold")
        if head.pair(f"p{n}e")[0] > 0 >= limit:
            raise refuse_tube("A logarithmic channel has no range ($PnR)")
    return np.dtype(stored)


def _kinds(head: FcsText, width: int) -> Sequence[str]:
    """The type of number of each channel: the file's, or from FCS 3.2 on its own."""
    of_all = head.required("datatype").upper()
    if head.version != "FCS3.2":
        return [of_all] * width
    return [head.keywords.get(f"p{n}datatype", "").strip().upper() or of_all for n in range(1, width + 1)]


def _require_fitting(head: FcsText, stored: np.dtype[np.void], size: int) -> tuple[int, tuple[str, ...]]:
    """The number of events, and what is to be noted. Raises UnreadableTube where it does not fit data and file."""
    start, stop = head.data_place
    declared = stop - start + 1
    notes = head.notes
    if head.version == "FCS2.0" and not head.keywords.get("tot", "").strip():
        count, notes = declared // stored.itemsize, (*notes, NOT_COUNTED)
    else:
        count = head.whole("tot")
    if count < 1:
        raise refuse_tube("The file holds no events", "Upload the file of a tube that was measured.")
    needed = count * stored.itemsize
    if needed > size - start:
        raise refuse_tube(
            f"The file is cut off: {count:,} events need {needed:,} bytes, the file has {size:,}",
            "Copy the file from the cytometer again.",
        )
    if declared - needed not in (0, 1) or (declared - needed == 1 and NOT_COUNTED in notes):
        raise refuse_tube(
            f"The file contradicts itself: {count:,} events need {needed:,} bytes, but {declared:,} are declared"
        )
    return count, (*notes, ONE_BYTE_MORE) if declared - needed == 1 else notes


def _channels(head: FcsText, width: int) -> tuple[Channel, ...]:
    found = []
    for n in range(1, width + 1):
        decades, offset = head.pair(f"p{n}e")
        if decades < 0 or offset < 0:
            raise refuse_tube(f"A channel's scale ($P{n}E) is below zero")
        name = head.required(f"p{n}n")
        found.append(
            Channel(
                name=name,
                stain=head.keywords.get(f"p{n}s", "").strip(),
                range=head.number(f"p{n}r", 0.0),
                decades=decades,
                offset=1.0 if decades > 0 and offset == 0 else offset,
                gain=1.0 if name.lower() == "time" else head.number(f"p{n}g", 1.0),
            )
        )
    return tuple(found)
