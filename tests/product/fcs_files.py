"""Where real FCS files are looked for, and FCS files made byte by byte."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "fcs"


def real_file(name: str) -> bytes:
    """The bytes of a real file; the test is skipped where it is not there."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(
            f"{name} is not here: it comes from others, under their licences, and is not part of Charcot"
        )
    return path.read_bytes()


def make_fcs(
    table: Sequence[Sequence[float]],
    names: Sequence[str],
    *,
    version: str = "FCS3.1",
    kind: str = "F",
    bits: int = 32,
    order: str = "1,2,3,4",
    total: int | None = None,
    stop_more: int = 0,
    more: str = "",
    data: bytes | None = None,
    mark: str = "/",
) -> bytes:
    """An FCS file written from the standard's text (Spidlen 2010, ISAC FCS 3.1), with room for mistakes."""
    sign = "<" if order.startswith("1") else ">"
    numpy_type = {"F": "f4", "D": "f8", "I": f"u{bits // 8}"}[kind] if bits in (8, 16, 32, 64) else "u4"
    body = np.asarray(table).astype(sign + numpy_type).tobytes() if data is None else data
    start, count = 2000, len(table) if total is None else total
    stop = start + len(body) - 1 + stop_more
    channels = "".join(
        f"$P{n}B/{bits}/$P{n}N/{name}/$P{n}R/262144/" + (f"$P{n}E/0,0/" if f"$P{n}E" not in more else "")
        for n, name in enumerate(names, 1)
    )
    places = f"$BEGINDATA/{start}/$ENDDATA/{stop}/" if version != "FCS2.0" else ""
    text = f"/{places}$BYTEORD/{order}/$DATATYPE/{kind}/$MODE/L/$NEXTDATA/0/$PAR/{len(names)}/$TOT/{count}/{channels}{more}"
    text = text.replace("/", mark)
    header = f"{version}    {256:8d}{256 + len(text) - 1:8d}{start:8d}{stop:8d}{0:8d}{0:8d}"
    return (header.ljust(256) + text).ljust(start).encode("latin-1") + body
