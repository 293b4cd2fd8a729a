"""What an FCS file says about itself: its header, and the keywords of its text and supplemental text, as ISAC's standards have them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from charcot.refusal import Refusal

RULE = "Flow cytometry, raw files: an FCS file that is broken or contradicts itself is refused, not repaired"
EXPORT_AGAIN = "Export the file from the cytometer again, as FCS 3.1 with 32-bit floating-point data."
VERSIONS = ("FCS2.0", "FCS3.0", "FCS3.1", "FCS3.2")
FARTHEST = 99_999_999
"""The farthest byte that a header can name; beyond it the text alone says where the data lie."""
DECISIVE = re.compile(
    r"(begin|end)(data|stext)|byteord|datatype|mode|nextdata|par|tot|timestep|spill(over)?|p\d+([begnr]|datatype)"
)
"""Keywords by which values are read: a file that says one of them twice must say the same."""
EMPTY_VALUES = "The file leaves values of keywords empty, which FCS does not allow; every keyword was found all the same."


class UnreadableTube(Refusal):
    """An FCS file cannot be trusted or cannot be read."""


def refuse_tube(what: str, next_step: str = EXPORT_AGAIN) -> UnreadableTube:
    """The refusal of a file."""
    return UnreadableTube(what, rule=RULE, next_step=next_step)


@dataclass(frozen=True)
class FcsText:
    """The version, the keywords without their `$` in small letters, and where text and data lie (first and last byte)."""

    version: str
    keywords: Mapping[str, str]
    text_place: tuple[int, int]
    data_place: tuple[int, int]
    notes: tuple[str, ...] = ()

    def required(self, keyword: str) -> str:
        """The value of a keyword. Raises UnreadableTube where there is none."""
        value = self.keywords.get(keyword.lower(), "").strip()
        if not value:
            raise refuse_tube(f"The file is broken or cut off: it does not say ${keyword.upper()}")
        return value

    def whole(self, keyword: str) -> int:
        """A keyword that is a whole number, also where it is written as 1024.0. Raises UnreadableTube."""
        return _whole(self.required(keyword), f"${keyword.upper()}")

    def number(self, keyword: str, default: float) -> float:
        """A keyword that is a number; `default` where it is not there or empty. Raises UnreadableTube."""
        return _number(self.keywords.get(keyword.lower(), "").strip() or str(default), f"${keyword.upper()}")

    def pair(self, keyword: str) -> tuple[float, float]:
        """A keyword of two numbers, such as $P1E; (0, 0) where it is not there. Raises UnreadableTube."""
        parts = (self.keywords.get(keyword.lower(), "").strip() or "0,0").split(",")
        if len(parts) != 2:
            raise refuse_tube(
                f"The file is broken: ${keyword.upper()} is {','.join(parts)[:40]!r}, not two numbers"
            )
        first, second = (_number(part.strip(), f"${keyword.upper()}") for part in parts)
        return first, second


def parse_fcs_text(content: bytes) -> FcsText:
    """The header and the keywords of an FCS file 2.0, 3.0, 3.1 or 3.2.

    A doubled delimiter stands for itself. Where that leaves a delimiter within a keyword, values were left
    empty, and are read so. Raises UnreadableTube for what is no FCS file, is cut off, or contradicts itself.
    """
    version = content[:6].decode("latin-1")
    if version not in VERSIONS:
        raise refuse_tube(
            "This is no FCS file that can be read: it does not begin with FCS2.0, FCS3.0, FCS3.1 or FCS3.2",
            "Upload the .fcs file as the cytometer wrote it.",
        )
    if len(content) < 58:
        raise refuse_tube("The file is broken or cut off: its header is not complete")
    places = [_header_number(content[at : at + 8]) for at in range(10, 42, 8)]
    text_place, said_data = (places[0], places[1]), (places[2], places[3])
    keywords, notes = _segment(content, text_place, "text")
    extra = _said_place(keywords, "beginstext"), _said_place(keywords, "endstext")
    if 0 < extra[0] < extra[1] and extra != text_place and version != "FCS2.0":
        more, more_notes = _segment(content, extra, "supplemental text")
        for keyword, value in more.items():
            if keywords.setdefault(keyword, value) != value and DECISIVE.fullmatch(keyword):
                raise refuse_tube(
                    f"The file contradicts itself: its two texts say different ${keyword.upper()}"
                )
        notes = tuple(dict.fromkeys((*notes, *more_notes)))
    return FcsText(
        version, keywords, text_place, _data_place(version, keywords, said_data, text_place), notes
    )


def _segment(content: bytes, place: tuple[int, int], name: str) -> tuple[dict[str, str], tuple[str, ...]]:
    start, stop = place
    if not 0 < start < stop or stop >= len(content):
        raise refuse_tube(f"The file is broken or cut off: its {name} is not complete")
    raw = content[start : stop + 1]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    mark, body = text[0], text[1:]
    if not 0 < ord(mark) < 127 or mark.isalnum():
        raise refuse_tube(f"The file is broken: its {name} begins with no delimiter")
    if not mark.isspace():
        body = body.rstrip(" \t\r\n\0")
    pairs = _pairs(_strict(body, mark))
    if pairs is not None and not any(mark in keyword for keyword, _value in pairs):
        return _gather(pairs), ()
    pairs = _pairs(body.removesuffix(mark).split(mark))
    if pairs is None:
        raise refuse_tube(f"The file is broken: the keywords and values of its {name} do not pair up")
    return _gather(pairs), (EMPTY_VALUES,)


def _strict(body: str, mark: str) -> list[str]:
    """Keywords and values, where a doubled delimiter is a delimiter within one of them."""
    kept = "\0" if "\0" not in body and mark != "\0" else "\ue000"
    parts = body.replace(mark * 2, kept).removesuffix(mark).split(mark)
    return [part.replace(kept, mark) for part in parts]


def _pairs(parts: list[str]) -> list[tuple[str, str]] | None:
    if len(parts) % 2 == 1 and not parts[-1].strip():
        parts = parts[:-1]
    if len(parts) % 2:
        return None
    return list(zip(parts[::2], parts[1::2], strict=True))


def _gather(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Keywords without `$` in small letters; the standard's own go before others of the same name."""
    said: dict[str, str] = {}
    others: dict[str, str] = {}
    for keyword, value in pairs:
        name = keyword.strip().lower()
        if not name.startswith("$"):
            others[name] = value
            continue
        if said.setdefault(name[1:], value).strip() != value.strip() and DECISIVE.fullmatch(name[1:]):
            raise refuse_tube(
                f"The file contradicts itself: it says {keyword.strip().upper()[:20]} twice, differently"
            )
    return others | said


def _data_place(
    version: str, keywords: Mapping[str, str], said: tuple[int, int], text_place: tuple[int, int]
) -> tuple[int, int]:
    """Where the data lie, as header and text agree. Raises UnreadableTube where they do not, or data lie within the text."""
    told = (_said_place(keywords, "begindata"), _said_place(keywords, "enddata"))
    if told == (0, 0):
        if version != "FCS2.0":
            raise refuse_tube("The file is broken or cut off: it does not say $BEGINDATA and $ENDDATA")
        told = said
    if said not in ((0, 0), told) and not (
        told[1] > FARTHEST and all(a in (0, b) for a, b in zip(said, told, strict=True))
    ):
        raise refuse_tube(
            "The file contradicts itself: its header and its text say that the data lie at different places"
        )
    if told[0] < 1 or (told[0] <= text_place[1] and told[1] >= text_place[0]):
        raise refuse_tube("The file is broken: its data are said to lie where its text does, or nowhere")
    return told


def _header_number(raw: bytes) -> int:
    said = raw.decode("latin-1").strip(" \0")
    if said and not (said.isascii() and said.isdigit()):
        raise refuse_tube("The file is broken or cut off: a number is missing in its header or text")
    return int(said or 0)


def _said_place(keywords: Mapping[str, str], keyword: str) -> int:
    return _whole(keywords.get(keyword, "").strip() or "0", f"${keyword.upper()}")


def _whole(said: str, keyword: str) -> int:
    number = _number(said, keyword)
    if number != int(number) or abs(number) > 1 << 53:
        raise refuse_tube(f"The file is broken: {keyword} is {said[:40]!r}, not a whole number")
    return int(number)


def _number(said: str, keyword: str) -> float:
    try:
        number = float(said)
    except ValueError:
        number = float("nan")
    if not abs(number) < float("inf"):
        raise refuse_tube(f"The file is broken: {keyword} is {said[:40]!r}, not a number")
    return number
