"""One tube as the cytometer measured it: an FCS file, read strictly or refused in words."""

import io
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from struct import error as StructError

import flowio
import numpy as np
from flowio.exceptions import DataOffsetDiscrepancyError, FlowIOException, MultipleDataSetsError
from numpy.typing import NDArray

from charcot.refusal import Refusal

RULE = "Flow cytometry, raw files: an FCS file that is broken or contradicts itself is refused, not repaired"
VERSIONS = ("FCS2.0", "FCS3.0", "FCS3.1", "FCS3.2")
ORDERS = ("1,2,3,4", "4,3,2,1", "1,2", "2,1")
MOST_BYTES = 1 << 30
"""The largest file that is read [bytes]."""
SCALE = "linear: $PnE decades, $PnG gain and $TIMESTEP applied"
"""How events are scaled; kept with each result."""
ONE_BYTE_MORE = "The file counts the end of its data one byte too far, as many cytometers do; the number of events confirms it."

warnings.filterwarnings("ignore", "FCS file .* reported incorrect data offset", module="flowio")


class UnreadableTube(Refusal):
    """An FCS file cannot be trusted or cannot be read."""


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
            raise _refuse(
                f"There is no channel {name!r} in this file; it has {', '.join(self.names)}",
                "Choose one of the file's channels, or upload the file that belongs to this panel.",
            )
        return self.names.index(name)


def _refuse(what: str, next_step: str) -> UnreadableTube:
    return UnreadableTube(what, rule=RULE, next_step=next_step)


EXPORT_AGAIN = "Export the file from the cytometer again, as FCS 3.1 with 32-bit floating-point data."


def parse_tube(content: bytes, *, most_bytes: int = MOST_BYTES) -> Tube:
    """The tube in the bytes of an FCS file 2.0, 3.0, 3.1 or 3.2.

    Raises UnreadableTube for what is no FCS file, is cut off, contradicts itself, or is stored in a way
    that cannot be read: several data sets, histograms, ASCII data, integers of 24 or other odd bits,
    unknown byte orders, values that are no numbers. Source: ISAC FCS 3.1 (Spidlen 2010).
    """
    if len(content) > most_bytes:
        raise _refuse(
            f"The file has {len(content):,} bytes; at most {most_bytes:,} are read",
            "Export fewer events, or only the channels of the panel.",
        )
    if content[:6] not in {version.encode() for version in VERSIONS}:
        raise _refuse(
            "This is no FCS file that can be read: it does not begin with FCS2.0, FCS3.0, FCS3.1 or FCS3.2",
            "Upload the .fcs file as the cytometer wrote it.",
        )
    head = _read_strictly(content, only_text=True)
    surplus = _require_readable(head, len(content))
    data = _read_strictly(content, only_text=False, one_byte_more=surplus == 1)
    values = np.asarray(data.events)
    count, width = data.event_count, data.channel_count
    if values.size != count * width:
        raise _refuse(
            f"The file says it holds {count:,} events of {width} channels, but its data are {values.size:,} values",
            EXPORT_AGAIN,
        )
    scaled = data.as_array(preprocess=True)  # type: ignore[no-untyped-call]  # flowio states no types
    events = np.asarray(scaled, dtype=np.float64)
    broken = int(np.count_nonzero(~np.isfinite(events)))
    if broken:
        raise _refuse(f"{broken:,} values of the file are no numbers", EXPORT_AGAIN)
    text: dict[str, str] = head.text
    return Tube(
        version=content[:6].decode(),
        channels=_channels(head),
        events=events,
        sha256=sha256(content).hexdigest(),
        spillover_text=text.get("spillover") or text.get("spill") or None,
        notes=(ONE_BYTE_MORE,) if surplus == 1 else (),
        data_place=_place_of_data(head),
        keywords=text,
    )


def _read_strictly(content: bytes, *, only_text: bool, one_byte_more: bool = False) -> flowio.FlowData:
    try:
        return flowio.FlowData(  # type: ignore[no-untyped-call]  # flowio states no types
            io.BytesIO(content), only_text=only_text, ignore_offset_error=one_byte_more
        )
    except MultipleDataSetsError as error:
        raise _refuse(
            "The file holds several data sets; one tube is one file",
            "Export each tube into a file of its own.",
        ) from error
    except DataOffsetDiscrepancyError as error:
        raise _refuse(
            "The file contradicts itself: its header and its text say that the data lie at different places",
            EXPORT_AGAIN,
        ) from error
    except (FlowIOException, NotImplementedError, EOFError, LookupError, ValueError) as error:
        raise _refuse(f"The file is broken or cut off: {_reason(error)}", EXPORT_AGAIN) from error
    except (TypeError, OverflowError, MemoryError, StructError, re.error) as error:
        raise _refuse("The file is broken: it cannot be taken apart", EXPORT_AGAIN) from error


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"it does not say ${str(error.args[0]).upper()}"
    if isinstance(error, EOFError):
        return "it ends before its data do"
    if isinstance(error, ValueError) and "int()" in str(error):
        return "a number is missing in its header or text"
    return "its parts do not fit together"


def _require_readable(head: flowio.FlowData, size: int) -> int:
    """How many bytes the data are declared longer than the events need: 0, or 1 where the end is counted exclusively.

    Raises UnreadableTube where the text declares what cannot be read or does not fit the file.
    """
    text: dict[str, str] = head.text
    kind = str(head.data_type).strip().upper()
    names = head.pnn_labels
    if len(names) != head.channel_count or len(set(names)) != len(names) or not all(map(str.strip, names)):
        raise _refuse("Its channels are not each named, and named differently", EXPORT_AGAIN)
    if text.get("mode", "L").strip().upper() != "L":
        raise _refuse("The file holds histograms, not events", "Export the events as a list ($MODE L).")
    if kind not in ("I", "F", "D"):
        raise _refuse(f"Its data are stored as {kind!r}; integers and floating point are read", EXPORT_AGAIN)
    if any(text.get(f"p{n}datatype", kind).strip().upper() != kind for n in range(1, head.channel_count + 1)):
        raise _refuse("Its channels are stored in different types of numbers", EXPORT_AGAIN)
    if text.get("byteord", "").replace(" ", "") not in ORDERS:
        raise _refuse(f"Its byte order is {text.get('byteord')!r}, which is not known", EXPORT_AGAIN)
    said = [text.get(f"p{n}b", "").strip() for n in range(1, head.channel_count + 1)]
    bits = [int(one) if one.isascii() and one.isdigit() else 0 for one in said]
    allowed = {"I": (8, 16, 32), "F": (32,), "D": (64,)}[kind]
    odd = sorted({one for one, size in zip(said, bits, strict=True) if size not in allowed})
    if odd:
        raise _refuse(
            f"Its values are stored in {', '.join(odd)[:40] or 'an unknown number of'} bits, which cannot be read "
            f"(for this type: {', '.join(map(str, allowed))})",
            EXPORT_AGAIN,
        )
    if head.channel_count < 1 or head.event_count < 1:
        raise _refuse("The file holds no events", "Upload the file of a tube that was measured.")
    needed = head.event_count * sum(bits) // 8
    start, stop = _place_of_data(head)
    if needed > size - start:
        raise _refuse(
            f"The file is cut off: {head.event_count:,} events need {needed:,} bytes, the file has {size:,}",
            "Copy the file from the cytometer again.",
        )
    if kind == "I" and any(
        one["pnr"] > 2**size for one, size in zip(head.channels.values(), bits, strict=True)
    ):
        raise _refuse(f"A channel's range ($PnR) is more than {min(bits)} bits hold", EXPORT_AGAIN)
    if any(channel["pnr"] <= 0 and channel["pne"][0] > 0 for channel in head.channels.values()):
        raise _refuse("A logarithmic channel has no range ($PnR)", EXPORT_AGAIN)
    surplus = stop - start + 1 - needed
    if surplus not in (0, 1):
        raise _refuse(
            f"The file contradicts itself: {head.event_count:,} events need {needed:,} bytes, "
            f"but {stop - start + 1:,} are declared",
            EXPORT_AGAIN,
        )
    return surplus


def _place_of_data(head: flowio.FlowData) -> tuple[int, int]:
    """Where the data begin and end [bytes], as header and text agree; beyond 99,999,999 only the text can say it."""
    if head.version == "2.0" or "begindata" not in head.text:
        return int(head.header["data_start"]), int(head.header["data_stop"])
    return int(head.text["begindata"]), int(head.text["enddata"])


def _channels(head: flowio.FlowData) -> tuple[Channel, ...]:
    return tuple(
        Channel(
            name=one["pnn"],
            stain=one["pns"],
            range=one["pnr"],
            decades=one["pne"][0],
            offset=one["pne"][1],
            gain=one["png"],
        )
        for _, one in sorted(head.channels.items())
    )
