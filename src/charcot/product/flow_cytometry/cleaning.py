"""FCS files for others: the same data, with everything taken out that could name an operator or a patient."""

import re

from charcot.product.flow_cytometry.tube import EXPORT_AGAIN, RULE, Tube, UnreadableTube, parse_tube

NEEDED = re.compile(
    r"BEGINDATA|ENDDATA|BEGINSTEXT|ENDSTEXT|BEGINANALYSIS|ENDANALYSIS|BYTEORD|DATATYPE|MODE|NEXTDATA|PAR|TOT"
    r"|TIMESTEP|SPILLOVER|SPILL|CYT|P\d+(B|E|G|N|R|S|V|T|F|L|O|D|DISPLAY|DATATYPE)"
)
"""Keywords without which the data cannot be read or understood. Nothing else is kept: makers invent keywords."""
NOWHERE = ("BEGINSTEXT", "ENDSTEXT", "BEGINANALYSIS", "ENDANALYSIS")
FILLING = "CLEANED"


def clean_tube(content: bytes) -> bytes:
    """A copy of an FCS file, of the same length and with the same events, without names, numbers and remarks of people.

    Only keywords that reading needs are kept; the analysis segment, the supplemental text and all bytes
    outside header, text and data are blanked. Raises UnreadableTube as `parse_tube`, and where the copy
    would not be read as the original is.
    """
    tube = parse_tube(content)
    start, stop = int(content[10:18]), int(content[18:26])
    data_start, data_stop = tube.data_place
    cleaned = bytearray(b" " * len(content))
    cleaned[:42] = content[:42]
    cleaned[42:58] = b"       0       0"
    cleaned[start : stop + 1] = _text(tube, chr(content[start]), stop - start + 1)
    cleaned[data_start : data_stop + 1] = content[data_start : data_stop + 1]
    copy = parse_tube(bytes(cleaned))
    if copy.channels != tube.channels or copy.events.tobytes() != tube.events.tobytes():
        raise _refuse()
    return bytes(cleaned)


def _text(tube: Tube, mark: str, size: int) -> bytes:
    """The text segment with needed keywords only, filled up to its size."""
    said = mark
    for keyword, value in tube.keywords.items():
        name = keyword.upper()
        if NEEDED.fullmatch(name):
            kept = "0" if name in NOWHERE else value.replace(mark, mark * 2)
            said += f"{'' if name.endswith('DISPLAY') else '$'}{name}{mark}{kept}{mark}"
    begun = (said + FILLING + mark).encode()
    if len(begun) + 2 > size:
        begun = said.encode()
        if len(begun) > size:
            raise _refuse()
        return begun.ljust(size)
    return begun + b"-" * (size - len(begun) - 1) + mark.encode()


def _refuse() -> UnreadableTube:
    return UnreadableTube(
        "The file cannot be cleaned: without its remarks it would be read differently",
        rule=RULE,
        next_step=EXPORT_AGAIN,
    )
