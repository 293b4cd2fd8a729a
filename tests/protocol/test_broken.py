"""The small protocol broken in many ways: each mistake is named with file, line and what to write instead.

After a change of wording: `PYTHONPATH=src python tests/protocol/test_broken.py` writes the messages anew; read them.
"""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from charcot.protocol import parse_protocol

HERE = Path(__file__).parent
MESSAGES = HERE / "broken_messages.txt"
BROKEN: list[dict[str, Any]] = YAML(typ="safe", pure=True).load((HERE / "broken.yaml").read_text())


def broken_files(files: dict[str, str], change: dict[str, Any]) -> dict[str, str]:
    text = files[change["file"]]
    if change["replace"]:
        assert change["replace"] in text, change["replace"]
        text = text.replace(change["replace"], change["with"], 1)
    else:
        text += change["with"]
    changed = {**files, change["file"]: text}
    return broken_files(changed, change["also"]) if "also" in change else changed


def messages(files: dict[str, str]) -> str:
    parts = []
    for change in BROKEN:
        found = parse_protocol(broken_files(files, change)).findings
        parts.append("\n".join([f"# {change['name']}", *map(str, found)]))
    return "\n\n".join(parts) + "\n"


def test_small_protocol_has_no_finding(files: dict[str, str]) -> None:
    reading = parse_protocol(files)
    assert reading.findings == ()
    assert reading.study is not None


@pytest.mark.parametrize("change", BROKEN, ids=lambda change: str(change["name"]))
def test_each_mistake_is_found_where_it_stands(files: dict[str, str], change: dict[str, Any]) -> None:
    reading = parse_protocol(broken_files(files, change))
    found = [finding for finding in reading.findings if finding.code == change["code"]]
    assert found, [finding.code for finding in reading.findings]
    assert all(finding.line > 0 and finding.file and finding.instead for finding in reading.findings)
    assert (reading.study is None) == any(finding.severity == "error" for finding in reading.findings)


def test_messages_as_coordinators_read_them(files: dict[str, str]) -> None:
    assert messages(files) == MESSAGES.read_text()


if __name__ == "__main__":
    root = HERE / "small"
    MESSAGES.write_text(
        messages({p.relative_to(root).as_posix(): p.read_text() for p in sorted(root.rglob("*.yaml"))})
    )
