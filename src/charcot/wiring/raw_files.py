"""Raw files of the laboratory: kept under their SHA-256 beside the record, and given back only unchanged."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from charcot.product.flow_cytometry import Tube, parse_tube
from charcot.refusal import BadValue, BrokenRecord
from charcot.wiring.attachments import KeptFile, take_in
from charcot.wiring.folder import TrialFolder

RULE = "Flow cytometry, raw files: known by their SHA-256, kept as they came from the cytometer"


def keep_raw_file(folder: TrialFolder, name: str, pieces: Iterable[bytes]) -> tuple[KeptFile, Tube]:
    """Reads an FCS file and keeps it. Raises BadValue for other kinds of file, UnreadableTube for a broken one; these are not kept."""
    read: list[Tube] = []

    def judge(kind: str, file: Path) -> None:
        if kind != "application/vnd.isac.fcs":
            raise BadValue(
                f"{name} is no FCS file.", rule=RULE, next_step="Upload the .fcs files of the cytometer."
            )
        read.append(parse_tube(file.read_bytes()))

    return take_in(folder, "", name, pieces, judge=judge), read[0]


def read_raw_file(folder: TrialFolder, sha256: str) -> bytes:
    """The bytes of a kept file. Raises BadValue where there is none, BrokenRecord where it is not what was kept."""
    place = folder.path / "attachments" / sha256[:2] / sha256
    if not re.fullmatch(r"[0-9a-f]{64}", sha256) or not place.is_file():
        raise BadValue(
            "This raw file is not kept here.",
            rule=RULE,
            next_step="Upload it again, or restore it from a backup.",
        )
    content = place.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BrokenRecord(
            "A raw file is not the one that was kept: its SHA-256 differs.",
            rule=RULE,
            next_step="Restore the folder's attachments from the last backup.",
        )
    return content
