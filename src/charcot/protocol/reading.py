"""The files of a protocol folder made into a study, or into findings that say what to write instead."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from charcot.protocol.checking import check_protocol
from charcot.protocol.compiled import Study
from charcot.protocol.finding import Finding, one_of
from charcot.protocol.positions import Positions
from charcot.protocol.rules.book import compile_rules
from charcot.protocol.shapes import check_shape
from charcot.protocol.study import Protocol
from charcot.protocol.yaml_text import Mark, Path, YamlText, parse_yaml
from charcot.refusal import UnreadableProtocol


@dataclass(frozen=True)
class Reading:
    """What came of reading a protocol: the study where there is no error, and all findings."""

    study: Study | None
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that keep the protocol from being used."""
        return tuple(finding for finding in self.findings if finding.severity == "error")


def fingerprint(files: Mapping[str, str]) -> str:
    """SHA-256 over the canonical JSON of the files [64 hex digits]."""
    text = json.dumps(dict(files), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def parse_protocol(files: Mapping[str, str]) -> Reading:
    """Reads the files (relative path to text) of a protocol folder; never raises."""
    findings: list[Finding] = []
    data, positions = _merged(files, findings)
    if findings:
        return _reading(None, findings, files)
    protocol, refused = check_shape(data, positions)
    findings.extend(refused)
    if protocol is None:
        return _reading(None, findings, files)
    rules, wrong = compile_rules(protocol, positions)
    if len(protocol.forms_by_id) == len(protocol.forms):
        findings.extend(wrong)
    findings.extend(check_protocol(protocol, positions, rules))
    study = Study(protocol, dict(files), fingerprint(files), rules)
    return _reading(study, findings, files)


def require_study(files: Mapping[str, str]) -> Study:
    """The study in these files; raises UnreadableProtocol with all findings in `facts["findings"]`."""
    return _study(tuple(sorted(files.items())))


@lru_cache(maxsize=16)
def _study(files: tuple[tuple[str, str], ...]) -> Study:
    reading = parse_protocol(dict(files))
    if reading.study is not None:
        return reading.study
    number = len(reading.errors)
    raise UnreadableProtocol(
        f"the protocol has {number} mistake{'' if number == 1 else 's'}: {reading.errors[0]}",
        rule="a protocol is used only where every part of it can be understood",
        next_step="run `charcot check` on the folder and correct each line it names",
        facts={"findings": [finding.as_data() for finding in reading.findings]},
    )


def _reading(study: Study | None, findings: Iterable[Finding], files: Mapping[str, str]) -> Reading:
    order = {file: number for number, file in enumerate(sorted(files))}
    placed = sorted(
        dict.fromkeys(findings),
        key=lambda finding: (order.get(finding.file, -1), finding.line, finding.column),
    )
    broken = any(finding.severity == "error" for finding in placed)
    return Reading(None if broken else study, tuple(placed))


def _merged(files: Mapping[str, str], findings: list[Finding]) -> tuple[dict[str, Any], Positions]:
    """The data of all files as one, with the mark of each path."""
    data: dict[str, Any] = {}
    marks: dict[Path, Mark] = {}
    forms: list[Any] = []
    for file in sorted(files):
        if not _is_protocol(file, findings):
            continue
        read = parse_yaml(file, files[file])
        findings.extend(read.findings)
        if read.findings or read.data is None:
            continue
        if not isinstance(read.data, dict):
            read.add("not-keys", 1, 1, "the file is not made of keys", "begin with a key, such as `trial:`")
            findings.extend(read.findings)
        elif file.startswith("forms/"):
            _place(read, (), ("forms", len(forms)), marks)
            forms.append(read.data)
        else:
            _merge(read, data, marks, findings)
    data["forms"] = forms
    marks.setdefault((), Mark(next(iter(sorted(files)), "trial.yaml"), 1, 1))
    return data, Positions(marks, data)


def _is_protocol(file: str, findings: list[Finding]) -> bool:
    folder, _, name = file.rpartition("/")
    if file.endswith(".yml"):
        what = "files that end in .yml are not read"
        findings.append(
            Finding("file-name", file, 1, 1, file, what, f"rename it to {file.removesuffix('.yml')}.yaml")
        )
    elif name.endswith(".yaml") and folder not in ("", "forms"):
        what = f"files in the folder {folder} are not read"
        findings.append(
            Finding("file-place", file, 1, 1, file, what, "move it to the protocol folder or to forms/")
        )
    return name.endswith(".yaml") and folder in ("", "forms")


def _place(read: YamlText, old: Path, new: Path, marks: dict[Path, Mark]) -> None:
    for path, mark in read.marks.items():
        if path[: len(old)] == old:
            marks[(*new, *path[len(old) :])] = mark


def _merge(read: YamlText, data: dict[str, Any], marks: dict[Path, Mark], findings: list[Finding]) -> None:
    for key, value in read.data.items():
        mark = read.marks[(key,)]
        if key == "forms":
            what, instead = (
                "forms are not written in this file",
                "write each form in a file of its own in forms/",
            )
            findings.append(Finding("forms-place", read.file, mark.line, mark.column, key, what, instead))
        elif key in data:
            first = marks[(key,)]
            what = f"{key} stands in two files (first in {first.file}, line {first.line})"
            findings.append(
                Finding(
                    "key-in-two-files", read.file, mark.line, mark.column, key, what, "keep one of the two"
                )
            )
        elif key not in Protocol.model_fields:
            what = f"a protocol has no part {key}"
            names = list(Protocol.model_fields)
            findings.append(
                Finding("unknown-key", read.file, mark.line, mark.column, key, what, one_of(key, names, 30))
            )
        else:
            data[key] = value
            _place(read, (key,), (key,), marks)
