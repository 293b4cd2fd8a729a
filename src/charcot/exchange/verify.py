"""Verifies a trial's archive without Charcot: `python verify.py`, or `python verify.py --against RECEIPT`.

Needs Python 3.8 or later and nothing else. Reads only; exit status 0 if everything holds, 1 if something does not.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import sys
from pathlib import Path

GENESIS = "0" * 64
COPIED = ("sequence", "kind", "subject", "recorded_at")
LEFT_BY_SYSTEMS = {".DS_Store", "Thumbs.db", "desktop.ini"}
RECEIPT = re.compile(r"charcot-receipt:([A-Za-z0-9_.~%-]+):(\d+):([0-9a-f]{64})")


def say(text: str) -> None:
    """Prints a line, in letters that every terminal can show."""
    sys.stdout.write(text.encode("ascii", "backslashreplace").decode() + "\n")


def read_receipt(text: str) -> tuple[str, int, str] | None:
    """Trial, number of entries and last hash of the receipt in a text, if it holds one."""
    found = RECEIPT.search("".join(text.split()))
    return (found.group(1), int(found.group(2)), found.group(3)) if found else None


def check_files(folder: Path) -> tuple[int, list[str]]:
    """How many files the manifest lists, and what is wrong with them."""
    faults = []
    listed = {}
    try:
        with open(folder / "manifest.csv", encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file, strict=True):
                listed[line["path"]] = (line["sha256"], int(line["bytes"]))
    except (OSError, ValueError, KeyError, TypeError, csv.Error):
        return 0, ["manifest.csv is missing or not readable"]
    for path, (due, size) in sorted(listed.items()):
        digest, found = hashlib.sha256(), 0
        try:
            with open(folder / path, "rb") as content:
                for chunk in iter(lambda: content.read(1 << 20), b""):  # used up in this turn
                    digest.update(chunk)
                    found += len(chunk)
        except (OSError, ValueError):
            faults.append(f"the file {path} is missing or not readable")
            continue
        if (digest.hexdigest(), found) != (due, size):
            faults.append(f"the file {path} is not the one that the manifest lists")
    present = {found.relative_to(folder).as_posix() for found in folder.rglob("*") if not found.is_dir()}
    for path in sorted(present - set(listed) - {"manifest.csv"}):
        if Path(path).name not in LEFT_BY_SYSTEMS:
            faults.append(f"the file {path} is not in the manifest")
    return len(listed), faults


def fault_of(
    text: bytes, row: dict[str, str], last: tuple[int, str, str], receipts: list[tuple[str, int, str]]
) -> str | None:
    """Why an entry does not fit after the one before, of which `last` holds sequence, hash and moment."""
    sequence, previous, moment = last
    if row.get("sequence") != str(sequence + 1):
        return f"entry {sequence + 1} is missing: the next one found is {row.get('sequence')}"
    if row["previous_hash"] != previous:
        return "its link to the entry before does not hold"
    if hashlib.sha256(previous.encode() + text).hexdigest() != row["hash"]:
        return "its text or its hash was altered"
    try:
        content = json.loads(text.decode())
    except ValueError:
        return "its text is not readable"
    if not isinstance(content, dict):
        return "its text is not an entry"
    for column in COPIED:
        if str(content.get(column)) != row[column]:
            return f"its column {column} says {row[column]!r}, its text says {content.get(column)!r}"
    if row["recorded_at"] < moment:
        return "it claims to be older than the entry before"
    for receipt in receipts:
        if sequence + 1 == receipt[1] and row["hash"] != receipt[2]:
            return "it is not the entry that the receipt was given for: the ledger was rewritten"
    return None


def check_entries(folder: Path, receipts: list[tuple[str, int, str]]) -> tuple[int, str | None]:
    """How many entries hold, and the first fault: entries, columns, chain and receipts in one pass."""
    last = (0, GENESIS, "")
    csv.field_size_limit(2**31 - 1)
    try:
        texts, table = folder / "ledger" / "entries.jsonl", folder / "ledger" / "columns.csv"
        with open(texts, "rb") as entries, open(table, encoding="utf-8", newline="") as columns:
            rows = csv.DictReader(columns, strict=True)
            for row in rows:
                # the size, not the line end, says where a text ends: someone may have put a line end into one
                size = int(row["bytes"]) if row["bytes"].isdigit() else 0
                text, line_end = entries.read(size), entries.read(1)
                fault = fault_of(text, row, last, receipts)
                if fault is None and line_end != b"\n":
                    fault = "its line does not end where its text does"
                if fault is not None:
                    return last[0], f"entry {last[0] + 1}: {fault}"
                last = (last[0] + 1, row["hash"], row["recorded_at"])
            if entries.read(1):
                return last[0], f"entry {last[0] + 1}: it has a text, but no columns in columns.csv"
    except OSError as error:
        return last[0], f"the ledger cannot be read: {error}"
    except (ValueError, KeyError, TypeError, AttributeError, csv.Error):
        return last[0], f"entry {last[0] + 1}: its columns are not readable"
    for receipt in receipts:
        if last[0] < receipt[1]:
            missing = receipt[1] - last[0]
            return last[
                0
            ], f"entry {last[0] + 1}: {missing} missing at the end: the receipt counts {receipt[1]}"
    return last[0], None


def main() -> int:
    """Verifies the archive that this file lies in."""
    parser = argparse.ArgumentParser(description="Verifies this archive of a clinical trial.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--against", metavar="RECEIPT", help="a receipt kept elsewhere: its text, or a file")
    asked = parser.parse_args()
    faults = []
    receipts: list[tuple[str, int, str]] = []
    given = [("receipt.txt", asked.folder / "receipt.txt", "")]
    if asked.against is not None:
        given.append(("the receipt given", Path(asked.against), asked.against))
    for name, path, text in given:
        try:
            text = text if RECEIPT.search(text) else path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            text = ""
        receipt = read_receipt(text)
        if receipt is None:
            faults.append(f"{name} holds no receipt")
        elif receipts and receipts[0][0] != receipt[0]:
            faults.append(f"{name} is of another trial, {receipt[0]}")
        else:
            receipts.append(receipt)

    listed, of_files = check_files(asked.folder)
    faults.extend(of_files)
    if not of_files:
        say(f"Files: all {listed} are as the manifest says.")
    entries, fault = check_entries(asked.folder, receipts)
    if fault is not None:
        faults.append(fault)
        say(f"Entries: the first {entries} hold.")
    else:
        if receipts and entries > receipts[0][1]:
            faults.append(f"entry {receipts[0][1] + 1}: the receipt of the archive does not count it")
        say(f"Entries: all {entries} are linked, unaltered, and in the order of time.")
    for trial, sequence, own_hash in receipts:
        say(f"Receipt: charcot-receipt:{trial}:{sequence}:{own_hash}")
    if (asked.folder / "manifest.csv").is_file():
        seal = hashlib.sha256((asked.folder / "manifest.csv").read_bytes()).hexdigest()
        say(f"Manifest: SHA-256 {seal}")

    say("")
    if not faults:
        say("EVERYTHING HOLDS.")
        say("The chain proves the entries. The tables were derived from them: compare the manifest's SHA-256")
        say(
            "with the one that was noted when the archive was made, to know that the tables are the same too."
        )
        return 0
    say("SOMETHING DOES NOT HOLD:")
    for line in faults:
        say(f"  - {line}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
