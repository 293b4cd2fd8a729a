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
        f"$P{n}N/{name}/"
        + "".join(
            f"{keyword}/{value}/"
            for keyword, value in ((f"$P{n}B", bits), (f"$P{n}R", 262144), (f"$P{n}E", "0,0"))
            if f"{keyword}/" not in more
        )
        for n, name in enumerate(names, 1)
    )
    places = f"$BEGINDATA/{start}/$ENDDATA/{stop}/" if version != "FCS2.0" else ""
    text = f"/{places}$BYTEORD/{order}/$DATATYPE/{kind}/$MODE/L/$NEXTDATA/0/$PAR/{len(names)}/$TOT/{count}/{channels}{more}"
    text = text.replace("/", mark)
    header = f"{version}    {256:8d}{256 + len(text) - 1:8d}{start:8d}{stop:8d}{0:8d}{0:8d}"
    return (header.ljust(256) + text).ljust(start).encode("latin-1") + body


def assemble(
    keywords: dict[str, str],
    table: Sequence[Sequence[float]] = ((1.5, 200.0), (3.25, 100000.0), (7.0, 5.0)),
    *,
    mark: str = "/",
    version: str = "FCS3.1",
    supplement: dict[str, str] | None = None,
    begin: int = 3000,
    coding: str = "utf-8",
    raw: str = "",
    after: bytes = b"",
    header_says: bool = True,
) -> bytes:
    """A file of two channels of floating point whose values are written as the standard says: a delimiter in one is doubled."""
    body = np.asarray(table).astype("<f4").tobytes()
    stop = begin + len(body) - 1

    def segment(said: dict[str, str]) -> str:
        return mark + "".join(one.replace(mark, mark * 2) + mark for pair in said.items() for one in pair)

    more = b"" if supplement is None else segment(supplement).encode(coding)
    places = {
        "$BEGINSTEXT": str(stop + 1) if more else "0",
        "$ENDSTEXT": str(stop + len(more)) if more else "0",
    }
    said = {
        "$BEGINDATA": str(begin), "$ENDDATA": str(stop), **places, "$BYTEORD": "1,2,3,4", "$DATATYPE": "F",
        "$MODE": "L", "$NEXTDATA": "0", "$PAR": "2", "$TOT": str(len(table)),
        **{f"$P{n}{key}": value for n, name in ((1, "FITC-A"), (2, "PE-A"))
           for key, value in (("B", "32"), ("E", "0,0"), ("N", name), ("R", "262144"))},
        **keywords,
    }  # fmt: skip
    text = (segment(said) + raw).encode(coding)
    data = (begin, stop) if header_says else (0, 0)
    header = f"{version}    {256:8d}{256 + len(text) - 1:8d}{data[0]:8d}{data[1]:8d}{0:8d}{0:8d}"
    return (header.encode().ljust(256) + text).ljust(begin) + body + more + after
