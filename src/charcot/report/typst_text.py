"""Which characters the fonts of the PDF can show, and what stands for those that they cannot."""

from bisect import bisect_right
from functools import cache
from importlib.resources import files


def show_covered(text: str) -> str:
    """The text with each character that no font of the package holds written by its number.

    >>> show_covered("Müller ≤ 5 µg, 中")
    'Müller ≤ 5 µg, [U+4E2D]'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if _is_covered(character) else f"[U+{ord(character):04X}]" for character in text)


def _is_covered(character: str) -> bool:
    if character in "\t\n":
        return True
    starts, ends = _ranges()
    place = bisect_right(starts, ord(character)) - 1
    return place >= 0 and ord(character) <= ends[place]


@cache
def _ranges() -> tuple[list[int], list[int]]:
    """First and last code points of the ranges, in rising order."""
    text = (files("charcot.report") / "fonts" / "covered.csv").read_text(encoding="ascii")
    pairs = [line.split(",") for line in text.splitlines()[1:]]
    return [int(first, 16) for first, _ in pairs], [int(last, 16) for _, last in pairs]
